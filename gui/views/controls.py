"""The strip's small value controls: a bar for send, trim and amount, and the arc of the pan.

Contents: :class:`Bar`, :class:`PanArc`.
"""

from __future__ import annotations

from collections.abc import Hashable
from math import cos, pi, sin

from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from gui.views.painting import paint_font
from gui.views.theme import colours, px
from gui.views.travel import Travel
from gui.views.value_control import ScrollClock, ValueControl

_Flag = Qt.AlignmentFlag
_ARC = pi * 0.75  # from the middle to either end of the pan's arc


class Bar(ValueControl):
    """A label, a value, and a thin bar under them; ``is_centred`` bars grow from where the value does nothing."""

    def __init__(
        self, travel: Travel, label: str, clock: ScrollClock, parent: QWidget | None = None, *, is_centred: bool = False
    ) -> None:
        super().__init__(travel, clock, parent)
        self._label, self._is_centred = label, is_centred
        self._track, self._track_at = QRectF(), (0, 0, 0)

    def drag_px(self) -> tuple[float, float]:
        """Along the bar, or up and down."""
        return max(self.width(), px(60)), px(150)

    def track(self) -> QRectF:
        """Where the bar lies."""
        at = (self.width(), self.height(), px(1000))
        if at != self._track_at:
            high = px(4)
            self._track_at = at
            self._track = QRectF(px(2), self.height() - high - px(3), self.width() - 2 * px(2), high)
        return self._track

    def place_x(self, value: float) -> float:
        """Where on the bar ``value`` stands, px."""
        track = self.track()
        return track.left() + self.travel.place(value) * track.width()

    def look(self) -> Hashable:
        """Label, place and values."""
        return self._label, self._is_centred, super().look()

    def paint(self, painter: QPainter) -> None:
        """Draw label, value and bar."""
        now = colours()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_text(painter)
        painter.setPen(Qt.PenStyle.NoPen)
        track = self.track()
        painter.fillRect(track, now.line)
        start = self.place_x(0.0) if self._is_centred else track.left()
        self._paint_run(painter, start, self.place_x(self._value), self._run_colour())
        if self.ghost is not None:
            self._paint_run(painter, self.place_x(self._value), self.place_x(self.ghost), now.proposed)
            x = self.place_x(self.ghost)
            painter.fillRect(QRectF(x - px(1), track.top() - px(2), px(2), track.height() + px(4)), now.proposed)

    def _run_colour(self) -> QColor:
        is_usual = self._value == self.travel.param.default
        return colours().outline if is_usual or not self.isEnabled() else colours().before

    def _paint_run(self, painter: QPainter, start: float, end: float, colour: QColor) -> None:
        track = self.track()
        painter.fillRect(QRectF(min(start, end), track.top(), abs(end - start), track.height()), colour)

    def _paint_text(self, painter: QPainter) -> None:
        now = colours()
        rect = QRectF(px(2), 0, self.width() - 2 * px(2), self.track().top())
        painter.setFont(paint_font())
        label, text = self._fitting(painter.fontMetrics(), rect.width())
        painter.setPen(now.quiet)
        painter.drawText(rect, int(_Flag.AlignLeft | _Flag.AlignVCenter), label)
        painter.setFont(value_font(self))
        painter.setPen(value_colour(self))
        painter.drawText(rect, int(_Flag.AlignRight | _Flag.AlignVCenter), text)

    def _fitting(self, metrics: QFontMetrics, room: float) -> tuple[str, str]:
        """Label and values, as much of them as there is room for."""
        both, last = self.value_text(), self.last_text()
        for label, text, gap in ((self._label, both, 8), (self._label, last, 6), (self._label[:1], last, 3)):
            if metrics.horizontalAdvance(label + text) + px(gap) <= room:
                return label, text
        return "", last


def value_font(control: ValueControl) -> QFont:
    """Of a value as text: underlined where it was set by hand."""
    if not control.is_own:
        return paint_font()
    font = QFont(paint_font())
    font.setUnderline(True)
    return font


def value_colour(control: ValueControl) -> QColor:
    """Of a value as text: it stands out where a decision is asked or the DAW has another one."""
    now = colours()
    if control.is_off_course:
        return now.warning
    if not control.isEnabled():
        return now.outline
    return now.text if control.ghost is None else now.proposed


class PanArc(ValueControl):
    """Current pan as a dot and proposed pan as a ring on one arc, left to right."""

    def drag_px(self) -> tuple[float, float]:
        """To the sides, as the sound moves; or up and down."""
        return px(120), px(150)

    def spot(self, pan: float) -> QPointF:
        """Where ``pan`` lies on the arc, px."""
        radius, centre = self._circle()
        angle = pan * _ARC
        return centre + QPointF(sin(angle), -cos(angle)) * radius

    def _circle(self) -> tuple[float, QPointF]:
        text = px(17)
        radius = min((self.height() - text) / 1.75, self.width() / 2.0) - px(4)
        return radius, QPointF(self.width() / 2.0, px(5) + radius)

    def paint(self, painter: QPainter) -> None:
        """Draw arc, spots and value."""
        now = colours()
        radius, centre = self._circle()
        box = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(now.line, px(3), cap=Qt.PenCapStyle.FlatCap))
        painter.drawArc(box, -45 * 16, 270 * 16)
        top = self.spot(0.0)
        painter.setPen(QPen(now.outline, px(1)))
        painter.drawLine(top - QPointF(0, px(3)), top + QPointF(0, px(3)))
        self._paint_spots(painter, box)
        self._paint_text(painter)

    def _paint_spots(self, painter: QPainter, box: QRectF) -> None:
        now, size = colours(), px(4)
        if self.ghost is not None:
            start, span = 90 - self._value * 135, (self._value - self.ghost) * 135
            painter.setPen(QPen(now.proposed, px(2), cap=Qt.PenCapStyle.FlatCap))
            painter.drawArc(box, round(start * 16), round(span * 16))
            painter.setPen(QPen(now.proposed, px(2)))
            painter.setBrush(now.panel)
            painter.drawEllipse(self.spot(self.ghost), size - px(1) / 2, size - px(1) / 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.text if self.isEnabled() else now.outline)
        painter.drawEllipse(self.spot(self._value), size, size)

    def _paint_text(self, painter: QPainter) -> None:
        painter.setFont(value_font(self))
        painter.setPen(value_colour(self))
        high = px(17)
        rect = QRectF(0, self.height() - high, self.width(), high)
        both = self.value_text()
        fits = painter.fontMetrics().horizontalAdvance(both) <= rect.width()
        painter.drawText(rect, int(_Flag.AlignHCenter | _Flag.AlignVCenter), both if fits else self.last_text())
