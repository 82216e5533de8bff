"""Tracks against tracks: how much the one in the column covers, or moves, the one in the row.

Painted without pyqtgraph: cells are few, and names turn about on top.

Contents: :class:`MatrixPlot`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QFont, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from gui.views.plots import heat_picture, heat_table, paint_chip
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import text_font
from gui.workshop.values import Floats

_LONGEST_PX = 130
#: How wide a cell is at most, in its heights.
_WIDEST = 1.8
#: How high a cell is at least, in lines of its names.
_LEAST_LINES = 1.0
_TURN = -60.0
#: Less than this share of the most is drawn as nothing.
_LEAST_SHARE = 0.02


class MatrixPlot(QWidget):
    """See the module. ``reading`` says what a cell means: row's name, column's name, value. A click asks for the row's
    track; arrows move the marked cell, Enter asks."""

    track_asked = pyqtSignal(str)
    #: The middle of the cell that the keyboard marked, in pixels.
    cell_marked = pyqtSignal(QPointF)

    def __init__(self, reading: Callable[[str, str, float], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading = reading
        self._names: tuple[str, ...] = ()
        self._values: Floats = np.zeros((0, 0), np.float32)
        self._selected = ""
        self._most = 1.0
        self._marked = (0, 0)
        self._pointed: tuple[int, int] | None = None
        self._field = QRectF(0.0, 0.0, 1.0, 1.0)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme_signals().theme_changed.connect(self._fit)

    def sizeHint(self) -> QSize:
        """Qt: a square with names."""
        return QSize(px(640), px(560))

    def minimumSizeHint(self) -> QSize:
        """Qt: cells so large that their names can be read."""
        left, top, lean = self._margins()
        cells = math.ceil(_LEAST_LINES * QFontMetricsF(text_font("small")).height() * len(self._names))
        return QSize(math.ceil(left + lean) + cells, math.ceil(top) + cells + px(4))

    # --- what is shown

    def show_values(self, names: Sequence[str], values: Floats, most: float) -> None:
        """Show ``values`` (N, N) of ``names``, ``most`` at the ramp's end."""
        if tuple(names) != self._names:
            self._names, self._marked, self._pointed = tuple(names), (0, 0), None
            self.updateGeometry()
            self._fit()
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

    def _margins(self) -> tuple[float, float, float]:
        """What names take at the left, over the cells, and leaning over their right end."""
        metrics = QFontMetricsF(text_font("small"))
        longest = max((metrics.horizontalAdvance(name) for name in self._names), default=0.0)
        left = min(longest, px(_LONGEST_PX)) + px(10)
        top = left * math.sin(math.radians(-_TURN)) + px(8)
        return left, top, min(left * math.cos(math.radians(_TURN)), px(70))

    def _fit(self) -> None:
        """Find where the field of cells lies beside its names."""
        left, top, lean = self._margins()
        height = max(self.height() - top - px(4), 1.0)
        width = max(min(self.width() - left - lean, _WIDEST * height), 1.0)
        self._field = QRectF(left, top, width, min(height, width))
        self.update()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: cells grow."""
        self._fit()

    def _cell_box(self, row: int, column: int) -> QRectF:
        count, field = max(len(self._names), 1), self._field
        width, height = field.width() / count, field.height() / count
        return QRectF(field.left() + column * width, field.top() + row * height, width, height)

    def cell_middle(self, row: int, column: int) -> QPointF:
        """The middle of a cell, in pixels."""
        return self._cell_box(row, column).center()

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        field, count = self._field, len(self._names)
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
            self.cell_marked.emit(self.cell_middle(*self._marked))
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
        painter.fillRect(self._field, colours().sunken)
        self._paint_cells(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        cell = self._pointed or (self._marked if self.hasFocus() else None)
        if cell is not None:
            self._paint_reading(painter, cell)

    def _paint_cells(self, painter: QPainter) -> None:
        count, field = len(self._names), self._field
        picture = np.ascontiguousarray(self._picture())
        image = QImage(picture.tobytes(), count, count, 4 * count, QImage.Format.Format_RGBA8888)
        painter.drawImage(field, image)
        if field.width() / count >= px(5):
            painter.setPen(QPen(colours().sunken, 1.0))
            for k in range(count + 1):
                x, y = field.left() + k * field.width() / count, field.top() + k * field.height() / count
                painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
                painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))

    def _picture(self) -> NDArray[np.uint8]:
        """The cells in RGBA; next to nothing is left empty, the diagonal is grey."""
        values = np.where(self._values > _LEAST_SHARE * self._most, self._values, np.nan)
        picture = heat_picture(values, self._most, heat_table())
        np.einsum("iic->ic", picture)[:] = colours().line.getRgb()
        return picture

    def _paint_names(self, painter: QPainter) -> None:
        field = self._field
        cell = self._pointed or (self._marked if self.hasFocus() else (-1, -1))
        fonts = self._name_font(False), self._name_font(True)
        for number, name in enumerate(self._names):
            middle = self.cell_middle(number, number)
            for is_row in (True, False):
                is_strong = name == self._selected or number == cell[0 if is_row else 1]
                painter.setFont(fonts[is_strong])
                painter.setPen(colours().text if is_strong else colours().quiet)
                metrics = painter.fontMetrics()
                text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, px(_LONGEST_PX))
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
        side = self._field.height() / len(self._names)
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
