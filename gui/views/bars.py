"""Rows with a name, a bar and a figure: tracks that cover another or move its settings; a click goes to the track.

Contents: :class:`Bar`, :class:`Bars`, :class:`ShareBar`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.views.shown import colours, px, theme_signals
from gui.views.theme import TIGHT, mark, text_font


@dataclass(frozen=True)
class Bar:
    """One row: shares 0..1 of the longest bar (``before`` None where there was nothing before), and texts."""

    name: str
    after: float
    figure: str
    detail: str = ""
    before: float | None = None


class Bars(QWidget):
    """Rows of :class:`Bar`, and a text where there are none."""

    track_asked = pyqtSignal(str)

    def __init__(self, name: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._hint = hint
        self._none = QLabel(self)
        self._none.setWordWrap(True)
        mark(self._none, "quiet")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(2))
        self._layout.addWidget(self._none)
        self._buttons: list[_BarButton] = []

    def show_bars(self, bars: Sequence[Bar], none_text: str) -> None:
        """Show ``bars``; ``none_text`` where there are none."""
        self._none.setText(none_text)
        self._none.setVisible(not bars)
        while len(self._buttons) < len(bars):
            button = _BarButton(self._hint, self)
            button.clicked.connect(lambda _=False, b=button: self.track_asked.emit(b.bar.name))
            self._layout.addWidget(button)
            self._buttons.append(button)
        for number, button in enumerate(self._buttons):
            button.setVisible(number < len(bars))
            if number < len(bars):
                button.show_bar(bars[number])


class _BarButton(QAbstractButton):
    def __init__(self, hint: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.bar = Bar("", 0.0, "")
        self.setToolTip(hint)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme_signals().theme_changed.connect(self._fit)

    def _fit(self) -> None:
        self.updateGeometry()

    def show_bar(self, bar: Bar) -> None:
        if bar != self.bar:
            self.bar = bar
            self.setAccessibleName(bar.name)
            self.setAccessibleDescription(", ".join(text for text in (bar.figure, bar.detail) if text))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        lines = QFontMetricsF(text_font()).height() + QFontMetricsF(text_font("small")).height() * bool(self.bar.detail)
        return QSize(px(160), math.ceil(lines) + px(14))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent | None) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)  # type: ignore[arg-type]
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(px(4), px(2), -px(4), -px(2))
        if self.underMouse() or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours().raised)
            painter.drawRoundedRect(QRectF(self.rect()), px(4), px(4))
        self._paint_texts(painter, box)
        self._paint_bar(painter, QRectF(box.left(), box.bottom() - px(5), box.width(), px(4)))
        if self.hasFocus():
            painter.setPen(QPen(colours().focus, px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(4), px(4))

    def _paint_texts(self, painter: QPainter, box: QRectF) -> None:
        painter.setFont(text_font())
        metrics = QFontMetricsF(painter.font())
        line = QRectF(box.left(), box.top(), box.width(), metrics.height())
        room = box.width() - metrics.horizontalAdvance(self.bar.figure) - px(10)
        painter.setPen(colours().text)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft, metrics.elidedText(self.bar.name, _ELIDE, room))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, self.bar.figure)
        if self.bar.detail:
            painter.setFont(text_font("small"))
            painter.setPen(colours().quiet)
            small = QFontMetricsF(painter.font())
            below = QRectF(box.left(), line.bottom(), box.width(), small.height())
            painter.drawText(
                below, Qt.AlignmentFlag.AlignLeft, small.elidedText(self.bar.detail, _ELIDE, below.width())
            )

    def _paint_bar(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours().line)
        painter.drawRoundedRect(box, px(2), px(2))
        painter.setBrush(colours().after)
        painter.drawRoundedRect(QRectF(box.left(), box.top(), box.width() * _share(self.bar.after), box.height()), 2, 2)
        if self.bar.before is not None:
            x = box.left() + box.width() * _share(self.bar.before)
            painter.setBrush(colours().before)
            painter.drawRect(QRectF(x - px(2), box.top() - px(2), px(3), box.height() + px(3)))


_ELIDE = Qt.TextElideMode.ElideRight


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


class ShareBar(QWidget):
    """A small bar that is full to a share of its length."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme_signals().theme_changed.connect(self._fit)

    def _fit(self) -> None:
        self.updateGeometry()

    def show_share(self, share: float) -> None:
        """Fill ``share`` 0..1 of it."""
        if share != self._share:
            self._share = share
            self.update()

    def sizeHint(self) -> QSize:
        """Qt: small."""
        return QSize(px(64), px(2 * TIGHT))

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: five parts, so that it can be told without the colour."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        gap, parts = px(2), 5
        width = (self.width() - gap * (parts - 1)) / parts
        for k in range(parts):
            full = min(max(self._share * parts - k, 0.0), 1.0)
            box = QRectF(k * (width + gap), 0.0, width, float(self.height()))
            painter.fillRect(box, colours().line)
            painter.fillRect(QRectF(box.left(), box.top(), width * full, box.height()), colours().after)
