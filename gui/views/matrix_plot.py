"""Tracks against tracks: how much the one in the column covers, or moves, the one in the row.

Painted without pyqtgraph: cells are few, and names turn about on top.

Contents: :class:`MatrixPlot`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gui.views.plots import paint_chip
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import text_font
from gui.workshop.values import Floats

_LONGEST_PX = 130
_TURN = -60.0


class MatrixPlot(QWidget):
    """See the module. ``reading`` says what a cell means: row's name, column's name, value. A click asks for the row's
    track; arrows move the marked cell, Enter asks."""

    track_asked = pyqtSignal(str)

    def __init__(self, reading: Callable[[str, str, float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = reading
        self._names: tuple[str, ...] = ()
        self._values: Floats = np.zeros((0, 0), np.float32)
        self._selected = ""
        self._most = 1.0
        self._marked = (0, 0)
        self._pointed: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_signals().theme_changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Qt: a square with names."""
        return QSize(px(640), px(560))

    def minimumSizeHint(self) -> QSize:
        """Qt: cells that can still be told apart."""
        return QSize(px(320), px(280))

    # --- what is shown

    def show_values(self, names: Sequence[str], values: Floats, most: float) -> None:
        """Show ``values`` (N, N) of ``names``, ``most`` at the ramp's end."""
        if tuple(names) != self._names:
            self._names, self._marked, self._pointed = tuple(names), (0, 0), None
        self._values, self._most = values, max(most, 1e-6)
        self._describe()
        self.update()

    def show_selected(self, name: str) -> None:
        """Mark a track's row and column."""
        if name != self._selected:
            self._selected = name
            self.update()

    def _describe(self) -> None:
        if self._names:
            self.setAccessibleDescription(self._text(self._marked))

    def _text(self, cell: tuple[int, int]) -> str:
        row, column = cell
        if row == column:
            return self._names[row]
        return self._reading(self._names[row], self._names[column], float(self._values[cell]))

    # --- geometry

    def _field(self) -> QRectF:
        metrics = QFontMetricsF(text_font("small"))
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        left = min(longest, px(_LONGEST_PX)) + px(10)
        top = left * math.sin(math.radians(-_TURN)) + px(8)
        lean = min(left * math.cos(math.radians(_TURN)), px(70))
        side = min(self.width() - left - lean, self.height() - top - px(4))
        return QRectF(left, top, max(side, 1.0), max(side, 1.0))

    def _cell_box(self, row: int, column: int) -> QRectF:
        field, count = self._field(), max(len(self._names), 1)
        side = field.width() / count
        return QRectF(field.left() + column * side, field.top() + row * side, side, side)

    def cell_middle(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in pixels."""
        return self._cell_box(row, column).center()

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        field, count = self._field(), len(self._names)
        if not count or not QRectF(0.0, field.top(), field.right(), field.height()).contains(point):
            return None
        row = int((point.y() - field.top()) / field.height() * count)
        column = int((point.x() - field.left()) / field.width() * count) if point.x() >= field.left() else row
        return min(row, count - 1), min(column, count - 1)

    # --- the pointer and the keyboard

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt: read the cell under the pointer."""
        assert event is not None
        self._pointed = self._cell_at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if self._pointed else Qt.CursorShape.ArrowCursor)
        self.update()

    def leaveEvent(self, event: QEvent | None) -> None:
        """Qt: no cell is pointed at."""
        self._pointed = None
        self.update()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: ask for the row's track."""
        assert event is not None
        cell = self._cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._marked = cell
            self._describe()
            self.track_asked.emit(self._names[cell[0]])

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: arrows move, Enter asks."""
        assert event is not None
        step = _STEPS.get(Qt.Key(event.key()))
        last = len(self._names) - 1
        if step is not None and last >= 0:
            row, column = (min(max(a + b, 0), last) for a, b in zip(self._marked, step, strict=True))
            self._marked = (row, column)
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and last >= 0:
            self.track_asked.emit(self._names[self._marked[0]])
        else:
            event.ignore()

    # --- painting

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: cells, names, and the reading of one cell."""
        if not self._names:
            return
        painter = QPainter(self)
        painter.fillRect(self._field(), colours().sunken)
        self._paint_cells(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        cell = self._pointed or (self._marked if self.hasFocus() else None)
        if cell is not None:
            self._paint_reading(painter, cell)

    def _paint_cells(self, painter: QPainter) -> None:
        count = len(self._names)
        side = self._field().width() / count
        gap = 1.0 if side >= 6.0 else 0.0
        for row in range(count):
            for column in range(count):
                box = self._cell_box(row, column).adjusted(0.0, 0.0, -gap, -gap)
                value = float(self._values[row, column])
                if row == column:
                    painter.fillRect(box, colours().line)
                elif math.isfinite(value) and value > 0.02 * self._most:
                    painter.fillRect(box, colours().heat_at(value / self._most))

    def _paint_names(self, painter: QPainter) -> None:
        field = self._field()
        cell = self._pointed or (self._marked if self.hasFocus() else (-1, -1))
        for number, name in enumerate(self._names):
            for is_row in (True, False):
                is_strong = name == self._selected or number == cell[0 if is_row else 1]
                painter.setFont(self._name_font(is_strong))
                painter.setPen(colours().text if is_strong else colours().quiet)
                metrics = QFontMetricsF(painter.font())
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, px(_LONGEST_PX))
                middle = self.cell_middle(number, number)
                if is_row:
                    box = QRectF(0.0, middle.y() - metrics.height(), field.left() - px(6), 2.0 * metrics.height())
                    painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                    continue
                painter.save()
                painter.translate(middle.x(), field.top() - px(4))
                painter.rotate(_TURN)
                painter.drawText(QPointF(0.0, metrics.ascent() / 3.0), text)
                painter.restore()

    def _name_font(self, is_strong: bool) -> QFont:
        """As large as rows are high, but readable, and no larger than small text."""
        font = text_font("small", is_bold=is_strong)
        line = QFontMetricsF(font).height()
        side = self._field().height() / len(self._names)
        font.setPointSizeF(font.pointSizeF() * min(max(side / line * 1.15, 0.72), 1.0))
        return font

    def _paint_reading(self, painter: QPainter, cell: tuple[int, int]) -> None:
        box, text = self._cell_box(*cell), self._text(cell)
        painter.setPen(QPen(colours().focus, px(2)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        width = QFontMetricsF(text_font("small", is_bold=True)).horizontalAdvance(text) + px(14)
        left = min(max(box.right() + px(8), 0.0), self.width() - width - 1.0)
        top = box.bottom() + px(6)
        if top + px(26) > self.height():
            top = box.top() - px(32)
        paint_chip(painter, QPointF(max(left, 0.0), top), text)


_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
