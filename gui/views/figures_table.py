"""A table of figures before and now, as a report shows them.

Contents: :class:`FiguresTable`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.views.shown import px
from gui.views.theme import GAP, TIGHT, mark

Rows = Sequence[tuple[str, str]]


class FiguresTable(QWidget):
    """Rows of a label, the figure before, and the figure now; what changed is strong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Figures"))
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(px(GAP))
        self._grid.setVerticalSpacing(px(TIGHT))
        self._grid.setColumnStretch(0, 1)
        self._cells: list[tuple[QLabel, QLabel, QLabel]] = []
        self._add_row()
        for label, text in zip(self._cells.pop(), ("", self.tr("before"), self.tr("now")), strict=True):
            label.setText(text)
            mark(label, "small")

    def show_rows(self, before: Rows, after: Rows) -> None:
        """Show rows of (label, text with unit); labels of either are matched."""
        old = dict(before)
        while len(self._cells) < len(after):
            self._add_row()
        for number, cells in enumerate(self._cells):
            for cell in cells:
                cell.setVisible(number < len(after))
        for (name, was, now), (label, text) in zip(self._cells, after, strict=False):
            name.setText(label)
            was.setText(old.get(label, ""))
            now.setText(text)
        self.setAccessibleDescription("; ".join(f"{label} {old.get(label, '')} → {text}" for label, text in after))

    def _add_row(self) -> None:
        cells, row = (QLabel(self), QLabel(self), QLabel(self)), self._grid.rowCount()
        for column, (cell, look) in enumerate(zip(cells, ("quiet", "quiet", "strong"), strict=True)):
            mark(cell, look)
            cell.setWordWrap(column == 0)
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag(0)
            self._grid.addWidget(cell, row, column, side | Qt.AlignmentFlag.AlignVCenter if column else side)
        self._cells.append(cells)
