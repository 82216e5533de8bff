"""Plots over time: the passages that were looked at side by side, the silence between them taken out.

A click asks for the time that lies there; so does Enter at the cursor, which the arrows move.

Contents: :class:`TimeLine`, :class:`TimePlot`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PyQt6.QtWidgets import QWidget

from assistant.arrays import FloatArray
from assistant.wording import time_text
from gui.views.plots import Marks, Plot, paint_chip
from gui.views.shown import colours, px

_STEPS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
#: A pause of more than so many usual steps parts passages.
_PAUSE_STEPS = 3.5
#: What parts two passages, in shares of the whole.
_GAP_SHARE = 0.012


@dataclass(frozen=True)
class TimeLine:
    """Passages (start, end) in seconds, ascending, laid side by side; a *place* counts their seconds on."""

    spans: tuple[tuple[float, float], ...]

    @staticmethod
    def of(times_s: FloatArray) -> TimeLine:
        """The passages in ascending ``times_s`` (R,), parted where a step is much longer than usual."""
        times = np.unique(np.asarray(times_s, np.float64))
        if len(times) < 2:
            return TimeLine(((0.0, 1.0),))
        steps = np.diff(times)
        usual = float(np.median(steps))
        ends = np.flatnonzero(steps > _PAUSE_STEPS * usual)
        firsts, lasts = [0, *(ends + 1)], [*ends, len(times) - 1]
        return TimeLine(tuple((float(times[a]), float(times[b]) + usual) for a, b in zip(firsts, lasts, strict=True)))

    @property
    def gap_s(self) -> float:
        """How wide a pause between passages is drawn."""
        return _GAP_SHARE * sum(end - start for start, end in self.spans)

    @property
    def length(self) -> float:
        """The last place."""
        return sum(end - start for start, end in self.spans) + self.gap_s * (len(self.spans) - 1)

    def _knots(self) -> tuple[list[float], list[float]]:
        seconds: list[float] = []
        places: list[float] = []
        place = 0.0
        for start, end in self.spans:
            seconds += [start, end]
            places += [place, place + end - start]
            place += end - start + self.gap_s
        return seconds, places

    def places(self, times_s: FloatArray) -> NDArray[np.float64]:
        """Where times are drawn."""
        return np.interp(times_s, *self._knots())

    def seconds(self, places: FloatArray) -> NDArray[np.float64]:
        """What time is drawn at ``places``; NaN between passages."""
        seconds, knots = self._knots()
        found = np.interp(places, knots, seconds)
        for (_, end), (start, _) in zip(self.spans, self.spans[1:], strict=False):
            found[(found > end) & (found < start)] = np.nan
        return found

    def marks(self, low: float, high: float, length_px: float) -> list[tuple[float, str]]:
        """Whole times with room between them, and where each passage begins."""
        fewest = self.length * px(64) / max(length_px, 1.0)
        step = next((s for s in _STEPS_S if s >= fewest), _STEPS_S[-1])
        marks: list[tuple[float, str]] = []
        for start, end in self.spans:
            inside = [k * step for k in range(math.ceil(start / step), math.floor(end / step) + 1)]
            times = inside if start == self.spans[0][0] and inside else [start, *inside]
            for time_s, place in zip(times, self.places(np.array(times)), strict=True):
                if not marks or place - marks[-1][0] >= fewest * 0.7:
                    marks.append((float(place), time_text(time_s)))
        return marks


class TimePlot(Plot):
    """A plot over a :class:`TimeLine`. Subclasses put curves on it and say what is under the cursor."""

    time_asked = pyqtSignal(float)

    def __init__(self, left: Marks, parent: QWidget | None = None) -> None:
        self.line = TimeLine(((0.0, 1.0),))
        super().__init__(lambda low, high, length_px: self.line.marks(low, high, length_px), left, None, parent)
        self._levels = (0.0, 1.0)
        self._cursor: float | None = None
        self._pointed: float | None = None
        self._height: float | None = None

    def set_line(self, line: TimeLine, levels: tuple[float, float]) -> None:
        """Show the passages of ``line``, between two levels."""
        if line != self.line:
            self.line, self._cursor = line, None
            self.axis("bottom").redo()
        self._levels = levels
        self.set_ranges((0.0, line.length), levels)

    def reading(self, time_s: float, level: float | None) -> str:
        """What is drawn at ``time_s``, in words; ``level`` is where the pointer is, None for the keyboard's cursor."""
        return ""

    # --- the pointer and the keyboard

    def _time_at(self, place: float) -> float | None:
        time_s = float(self.line.seconds(np.array([place]))[0])
        return None if math.isnan(time_s) else time_s

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Qt: show the time under the pointer."""
        inside = self.box().contains(ev.position())
        self._pointed, self._height = self.from_pixel(ev.position()) if inside else (None, None)
        self.setCursor(Qt.CursorShape.PointingHandCursor if inside else Qt.CursorShape.ArrowCursor)
        self.refresh()

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: no time is pointed at."""
        self._pointed = None
        self.refresh()

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Qt: ask for the time that was clicked."""
        if ev.button() == Qt.MouseButton.LeftButton and self.box().contains(ev.position()):
            self._cursor = self.from_pixel(ev.position())[0]
            self._ask(self._cursor)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Qt: arrows move the cursor, Enter asks for its time."""
        steps = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(ev.key()))
        if steps is not None:
            here = self._cursor if self._cursor is not None else 0.0
            self._cursor = min(max(here + steps * self.line.length / 100.0, 0.0), self.line.length)
            self.refresh()
        elif ev.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._cursor is not None:
            self._ask(self._cursor)
        else:
            ev.ignore()

    def _ask(self, place: float) -> None:
        time_s = self._time_at(place)
        if time_s is not None:
            self.time_asked.emit(time_s)

    # --- painting

    def paint_over(self, painter: QPainter) -> None:
        """Where passages are parted, and the time that is pointed at."""
        box = self.box()
        painter.setPen(QPen(colours().outline, 1.0, Qt.PenStyle.DotLine))
        for _, end in self.line.spans[:-1]:
            x = self.to_pixel(float(self.line.places(np.array([end]))[0]) + self.line.gap_s / 2, 0.0).x()
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        place = self._pointed if self._pointed is not None else self._cursor if self.hasFocus() else None
        time_s = None if place is None else self._time_at(place)
        if place is not None and time_s is not None:
            x = self.to_pixel(place, 0.0).x()
            painter.setPen(QPen(colours().quiet, 1.0))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            text = self.reading(time_s, None if self._pointed is None else self._height)
            paint_chip(painter, box.topLeft() + QPointF(px(8), px(6)), f"{time_text(time_s)}   {text}".rstrip())
