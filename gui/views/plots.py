"""Plots out of pyqtgraph as engineers read them: frequencies by the decade, times as m:ss, levels in dB.

A plot's ranges are set, never found, so that nothing jumps; it has no menu and takes no wheel, so that the page
scrolls. Frequencies lie at their decimal logarithm. Whatever is painted over the curves (handles, names, readings) is
painted in pixels by ``paint_over``. Whoever imports this module imports pyqtgraph, which takes 0.2 s.

Contents: :class:`Plot`, :class:`Axis`, the marks of its axes; :func:`curve`, :func:`pen`, :func:`faded`,
:func:`paint_chip`; :func:`heat_table`, :func:`heat_picture`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PyQt6.QtWidgets import QWidget

from assistant.arrays import FloatArray
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import text_font

#: Where an axis has marks between two values on so many pixels: (place, text); "" is a line without a text.
Marks = Callable[[float, float, float], list[tuple[float, str]]]

LOW_HZ, HIGH_HZ = 20.0, 20_000.0
_NAMED_HZ = (20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_FEW_HZ = (100, 1_000, 10_000)
_DB_STEPS = (1.0, 2.0, 3.0, 6.0, 10.0, 12.0, 20.0, 40.0)


def short_hz_text(hz: float) -> str:
    """``100``, ``2k``: a frequency on an axis."""
    return f"{hz / 1_000:g}k" if hz >= 1_000 else f"{hz:g}"


def frequency_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """Lines at 1, 2 ... 9 of each decade, texts where there is room; places are log10 Hz."""
    named = _NAMED_HZ if length_px >= px(360) else _FEW_HZ
    lines = [digit * 10.0**decade for decade in range(1, 5) for digit in range(1, 10)]
    inside = [hz for hz in lines if low - 1e-6 <= math.log10(hz) <= high + 1e-6]
    return [(math.log10(hz), short_hz_text(hz) if round(hz) in named else "") for hz in inside]


def level_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """Levels in dB in whole steps, as many as can be read."""
    return [(value, f"{value:g}") for value in _steps(low, high, length_px)]


def gain_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """Gains in dB with their sign."""
    return [(value, f"{value:+g}" if value else "0") for value in _steps(low, high, length_px)]


def _steps(low: float, high: float, length_px: float) -> list[float]:
    fewest = max((high - low) * px(30) / max(length_px, 1.0), 1e-9)
    step = next((s for s in _DB_STEPS if s >= fewest), _DB_STEPS[-1])
    first = math.ceil(low / step - 1e-6)
    return [k * step for k in range(first, math.floor(high / step + 1e-6) + 1)]


def pan_marks(low: float, high: float, length_px: float) -> list[tuple[float, str]]:
    """Places between the speakers: ``L100``, ``L50``, ``C`` ..."""
    places = ((-1.0, "L100"), (-0.5, "L50"), (0.0, "C"), (0.5, "R50"), (1.0, "R100"))
    return [(place, text) for place, text in places if low <= place <= high]


class Axis(pg.AxisItem):
    """An axis of a plot, with the marks that it is given and a grid under the curves."""

    def __init__(self, side: str, marks: Marks) -> None:
        super().__init__(side)
        self._marks = marks
        self._texts: dict[float, str] = {}
        self.enableAutoSIPrefix(False)
        self.setGrid(255)

    def redo(self) -> None:
        """Work out the marks again, where what they stand for has changed."""
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """pyqtgraph: places of marks."""
        self._texts = dict(self._marks(minVal, maxVal, size))
        return [(1.0, list(self._texts))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """pyqtgraph: their texts."""
        return [self._texts.get(value, "") for value in values]

    def recolour(self) -> None:
        """Colours and font of the theme."""
        font = text_font("small")
        self.setTickFont(font)
        self.setTextPen(colours().quiet)
        self.setPen(pg.mkPen(colours().line))
        self.setTickPen(pg.mkPen(colours().line))
        metrics = QFontMetricsF(font)
        is_flat = self.orientation in ("bottom", "top")
        self.setStyle(tickAlpha=255, tickLength=0, autoExpandTextSpace=False, tickTextOffset=px(4))
        if is_flat:
            self.setHeight(math.ceil(metrics.height()) + px(6))
        else:
            self.setWidth(math.ceil(metrics.horizontalAdvance("-100")) + px(10))


class Plot(pg.PlotWidget):
    """A plot with set ranges. ``note`` is written in its middle, such as "measuring"; ``unit`` where the axes meet."""

    unit = "dB"

    def __init__(self, bottom: Marks, left: Marks, right: Marks | None = None, parent: QWidget | None = None) -> None:
        sides = {"bottom": bottom, "left": left, **({"right": right} if right is not None else {})}
        axes = {side: Axis(side, marks) for side, marks in sides.items()}
        super().__init__(parent, axisItems=axes)
        if right is not None:
            axes["right"].setGrid(False)
            self.plotItem.showAxis("right")
        self._axes = axes
        self._note = ""
        self._x, self._y = (0.0, 1.0), (0.0, 1.0)
        self._prepare()
        theme_signals().theme_changed.connect(self.recolour)

    def _prepare(self) -> None:
        item = self.plotItem
        item.hideButtons()
        item.setMenuEnabled(False, None)
        item.setContentsMargins(0, px(6), px(6), 0)
        for axis in self._axes.values():
            axis.setZValue(-10.0)  # the grid lies under the curves; pyqtgraph lays it over them
        item.getViewBox().setMouseEnabled(False, False)
        item.getViewBox().disableAutoRange()
        self.setAntialiasing(True)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setMouseTracking(True)

    # --- what is shown

    def axis(self, side: str) -> Axis:
        """The axis "bottom", "left" or "right"."""
        return self._axes[side]

    def set_ranges(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """From where to where the axes go."""
        if (x, y) != (self._x, self._y):
            self._x, self._y = x, y
            self.plotItem.getViewBox().setRange(xRange=x, yRange=y, padding=0.0)

    def set_note(self, text: str) -> None:
        """Write ``text`` in the middle of the plot; "" takes it away."""
        if text != self._note:
            self._note = text
            self.refresh()

    def refresh(self) -> None:
        """Paint again."""
        port = self.viewport()
        if port is not None:
            port.update()

    def recolour(self) -> None:
        """Take colours and fonts from the theme; subclasses add their own items'."""
        self.setBackground(colours().sunken)
        for axis in self._axes.values():
            axis.recolour()
        self.refresh()

    # --- pixels and values

    def box(self) -> QRectF:
        """The inside of the axes, in pixels of the viewport."""
        return self.plotItem.getViewBox().sceneBoundingRect()

    def to_pixel(self, x: float, y: float) -> QPointF:
        """Where a place of the axes is painted."""
        box, (x0, x1), (y0, y1) = self.box(), self._x, self._y
        return QPointF(
            box.left() + (x - x0) / (x1 - x0) * box.width(), box.bottom() - (y - y0) / (y1 - y0) * box.height()
        )

    def from_pixel(self, point: QPointF) -> tuple[float, float]:
        """The place of the axes that is painted at ``point``."""
        box, (x0, x1), (y0, y1) = self.box(), self._x, self._y
        across = (point.x() - box.left()) / max(box.width(), 1.0)
        up = (box.bottom() - point.y()) / max(box.height(), 1.0)
        return x0 + across * (x1 - x0), y0 + up * (y1 - y0)

    # --- painting

    def paint_over(self, painter: QPainter) -> None:
        """Paint in pixels over the curves; for subclasses."""

    def paintEvent(self, ev: QPaintEvent) -> None:
        """Qt: curves, then what lies over them, the note and the frame of the focus."""
        super().paintEvent(ev)
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._note:
            self.paint_over(painter)
        else:
            painter.setFont(text_font())
            painter.setPen(colours().quiet)
            painter.drawText(self.box(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._note)
        painter.setFont(text_font("small"))
        painter.setPen(colours().quiet)
        corner = QRectF(
            0.0, self.box().bottom() + px(3), self.box().left() - px(4), self.height() - self.box().bottom()
        )
        painter.drawText(corner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self.unit)
        if self.hasFocus():
            painter.setPen(QPen(colours().focus, px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.0, 1.0, -1.0, -1.0), px(3), px(3))
        painter.end()

    def changeEvent(self, event: QEvent | None) -> None:
        """Qt: a disabled plot looks it."""
        super().changeEvent(event)
        self.refresh()

    # --- the pointer is the subclasses', not pyqtgraph's

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Qt: the page scrolls."""
        ev.ignore()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Qt: nothing to take hold of."""
        ev.ignore()

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Qt: nothing under the pointer."""
        ev.ignore()

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        """Qt: nothing let go."""
        ev.ignore()

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        """Qt: nothing to reset."""
        ev.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: no menu."""
        event.ignore()


def curve() -> pg.PlotCurveItem:
    """A curve with smooth edges, still without data."""
    return pg.PlotCurveItem(antialias=True)


def pen(colour: QColor, width: float = 1.5, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen for curves, ``width`` pixels at 100 %."""
    return pg.mkPen(colour, width=width * px(4) / 4.0, style=style)


def faded(colour: QColor, share: float) -> QColor:
    """``colour``, so much of it 0..1 opaque."""
    made = QColor(colour)
    made.setAlphaF(share)
    return made


def paint_chip(painter: QPainter, corner: QPointF, text: str) -> QRectF:
    """Paint ``text`` on a ground of its own from the upper left ``corner`` on; returns what it took."""
    painter.setFont(text_font("small", is_bold=True))
    metrics = QFontMetricsF(painter.font())
    size = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + px(14), metrics.height() + px(6))
    painter.setPen(QPen(colours().line, 1.0))
    painter.setBrush(faded(colours().raised, 0.92))
    painter.drawRoundedRect(size, px(4), px(4))
    painter.setPen(colours().text)
    painter.drawText(size, Qt.AlignmentFlag.AlignCenter, text)
    return size


def heat_table() -> NDArray[np.uint8]:
    """The theme's heat ramp (256, 4) in RGBA."""
    return np.array([colours().heat_at(k / 255.0).getRgb() for k in range(256)], np.uint8)


def heat_picture(levels: FloatArray, most: float, table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """``levels`` (B, F) as a picture (B, F, 4) of the heat ``table``, ``most`` at its end; NaN is transparent."""
    is_there = np.isfinite(levels)
    shares = np.clip(np.nan_to_num(levels) / most, 0.0, 1.0)
    picture = table[(shares * 255.0).astype(np.uint8)]
    picture[~is_there] = 0
    return picture
