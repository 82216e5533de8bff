"""Small pictures of what a strip does: the equaliser's curve and the compressor's, proposed over current.

Pictures are kept by the settings that they show: strips that scroll in and out are not drawn anew.

Contents: :class:`EqualiserThumbnail`, :class:`CompressorThumbnail`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PyQt6.QtCore import QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPen, QPolygonF
from PyQt6.QtWidgets import QWidget

from assistant.analysis.curves import eq_response_db, static_curve_db
from assistant.analysis.sections import SECTIONS, Section
from assistant.mix import ChannelSettings
from assistant.params import EQ_BANDS
from assistant.report.words import compressor_text, equaliser_text
from gui.views.buttons import PaintedButton
from gui.views.painting import paint_font
from gui.views.theme import colours, px

_BANDS = {"highpass", *(band for band, _ in EQ_BANDS)}
_EQ = tuple(name for section in SECTIONS if section.name in _BANDS for name in section.params)
_SAMPLE_RATE = 48_000  # a picture this small looks the same at any
_HZ = np.geomspace(20.0, 20_000.0, 56)
_MOST_DB = 12.0
_LEVELS_DB = np.linspace(-60.0, 0.0, 41)
Values = tuple[float, ...]
_texts: dict[tuple[object, ...], str] = {}
_MOST_TEXTS = 1000


def _compressor_section() -> Section:
    return next(section for section in SECTIONS if section.name == "compressor")


_COMP = _compressor_section().params


def _values(settings: Mapping[str, float], names: tuple[str, ...]) -> Values:
    return tuple(settings[name] for name in names)


def _told_apart(now: Values, proposed: Values) -> tuple[Values, Values]:
    """Both; the same twice where all that lies between them is what a DAW rounds."""
    is_same = all(math.isclose(a, b, rel_tol=1e-4, abs_tol=1e-3) for a, b in zip(now, proposed, strict=True))
    return now, now if is_same else proposed


class Thumbnail(PaintedButton):
    """A picture of some parameters, current and proposed; a click opens the insight into them."""

    NAMES: tuple[str, ...] = ()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now: Values = ()
        self._proposed: Values = ()

    def show_settings(self, now: Mapping[str, float], proposed: Mapping[str, float], owner: str) -> None:
        """Show what stands and what is proposed; equal settings paint nothing."""
        news = _told_apart(_values(now, self.NAMES), _values(proposed, self.NAMES))
        if news != (self._now, self._proposed):
            self._now, self._proposed = news
            self.update()
        elif self.accessibleName().startswith(f"{owner}: "):
            return
        text = self._words(*news)
        self.say(f"{owner}: {text}")
        self.setToolTip(text)

    def _words(self, now: Values, proposed: Values) -> str:
        """:meth:`words`, found once for the same settings."""
        key = (type(self), now, proposed)
        if key not in _texts:
            if len(_texts) >= _MOST_TEXTS:
                _texts.clear()
            _texts[key] = self.words(*(ChannelSettings(_settings(self.NAMES, values)) for values in (now, proposed)))
        return _texts[key]

    def words(self, now: ChannelSettings, proposed: ChannelSettings) -> str:
        """What the picture shows."""
        raise NotImplementedError

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the picture into ``rect``."""
        raise NotImplementedError

    @property
    def has_news(self) -> bool:
        """Whether something else is proposed than stands."""
        return self._now != self._proposed

    def look(self) -> tuple[object, ...]:
        """What the picture shows."""
        return type(self), self._now, self._proposed

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the picture."""
        self._draw_ground(painter, rect)
        if self._now:
            self.draw(painter, rect.adjusted(1, 1, -1, -1))

    def _draw_ground(self, painter: QPainter, rect: QRectF) -> None:
        painter.setPen(QPen(colours().line, 1))
        painter.setBrush(colours().sunken)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), px(3), px(3))


def _settings(names: tuple[str, ...], values: Values) -> dict[str, float]:
    return dict(zip(names, values, strict=True))


def _line(painter: QPainter, colour: QColor, width: float, points: list[QPointF]) -> None:
    painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(QPolygonF(points))


class EqualiserThumbnail(Thumbnail):
    """What the equaliser and the high-pass do from 20 Hz to 20 kHz, +-12 dB."""

    NAMES = _EQ

    def words(self, now: ChannelSettings, proposed: ChannelSettings) -> str:
        """``EQ: flat; proposed: HP 95 Hz``."""
        flat = self.tr("flat")
        old, new = (equaliser_text(of) or flat for of in (now, proposed))
        return self.tr("EQ: {}").format(old) if old == new else self.tr("EQ: {}; proposed: {}").format(old, new)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw both curves; nothing but the line at 0 dB where both are flat."""
        now, middle = colours(), rect.center().y()
        painter.setPen(QPen(now.line, 1))
        painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.right(), middle))
        painter.setClipRect(rect)
        old, new = (self._points(values, rect) for values in (self._now, self._proposed))
        if self.has_news:
            self._fill(painter, new, middle)
            _line(painter, now.before, px(1), old)
            _line(painter, now.proposed, px(2), new)
        elif any(abs(point.y() - middle) > 0.5 for point in old):
            _line(painter, now.text, px(1.5), old)

    def _points(self, values: Values, rect: QRectF) -> list[QPointF]:
        gains = np.clip(eq_response_db(_settings(_EQ, values), _HZ, _SAMPLE_RATE), -2 * _MOST_DB, 2 * _MOST_DB)
        xs = np.linspace(rect.left(), rect.right(), len(_HZ))
        ys = rect.center().y() - gains / _MOST_DB * rect.height() / 2.0
        return [QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

    def _fill(self, painter: QPainter, points: list[QPointF], middle: float) -> None:
        shade = QColor(colours().proposed)
        shade.setAlphaF(0.16)
        ends = [QPointF(points[-1].x(), middle), QPointF(points[0].x(), middle)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawPolygon(QPolygonF(points + ends))


class CompressorThumbnail(Thumbnail):
    """What comes out of the compressor from -60 to 0 dB, and its ratio."""

    NAMES = _COMP

    def words(self, now: ChannelSettings, proposed: ChannelSettings) -> str:
        """``Compressor: off; proposed: 3:1 over -24 dB, ...``."""
        off = self.tr("off")
        old, new = (compressor_text(of) or off for of in (now, proposed))
        whole = self.tr("Compressor: {}").format(old)
        return whole if old == new else self.tr("{}; proposed: {}").format(whole, new)

    def draw(self, painter: QPainter, rect: QRectF) -> None:
        """Draw both curves at the left and the ratio at the right."""
        now, side = colours(), rect.height()
        box = QRectF(rect.left(), rect.top(), min(side * 1.15, rect.width() * 0.5), side)
        painter.setPen(QPen(now.line, 1))
        painter.drawLine(box.bottomLeft(), box.topRight())
        painter.setClipRect(rect)
        is_off = self._ratio(self._now) <= 1.0 and self._ratio(self._proposed) <= 1.0
        if self.has_news and not is_off:
            _line(painter, now.before, px(1), self._points(self._now, box))
            _line(painter, now.proposed, px(2), self._points(self._proposed, box))
        elif not is_off:
            _line(painter, now.text, px(1.5), self._points(self._now, box))
        self._draw_ratio(painter, QRectF(box.right(), rect.top(), rect.right() - box.right() - px(4), side), is_off)

    def _ratio(self, values: Values) -> float:
        return values[_COMP.index("comp_ratio")]

    def _points(self, values: Values, box: QRectF) -> list[QPointF]:
        out = static_curve_db(_settings(_COMP, values), _LEVELS_DB)
        xs, ys = (
            box.left() + (_LEVELS_DB + 60.0) / 60.0 * box.width(),
            box.bottom() - (out + 60.0) / 60.0 * box.height(),
        )
        return [QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]

    def _draw_ratio(self, painter: QPainter, rect: QRectF, is_off: bool) -> None:
        now = colours()
        painter.setFont(paint_font())
        ratio = self._ratio(self._proposed)
        painter.setPen(now.outline if is_off else now.proposed if self.has_news else now.text)
        text = f"{ratio:.2g}:1" if ratio > 1.0 else self.tr("off")
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, int(flags), text)
