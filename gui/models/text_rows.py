"""Rows of texts as Qt's table views take them: as many as there are, made of nothing but what is looked at.

Contents: :class:`TextColumn`, :class:`TextRows`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PyQt6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt

_Role = Qt.ItemDataRole


@dataclass(frozen=True)
class TextColumn:
    """A column: its heading, what a row shows in it, and whether that is a number, which stands at the right."""

    heading: str
    text: Callable[[Any], str]
    is_number: bool = False


class TextRows(QAbstractTableModel):
    """``rows`` in ``columns``; ``tip`` is what more there is to say of a row."""

    def __init__(self, columns: Sequence[TextColumn], tip: Callable[[Any], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns, self._tip = tuple(columns), tip
        self.rows: tuple[Any, ...] = ()

    def show(self, rows: Sequence[Any]) -> None:
        """Other rows; equal ones change nothing."""
        if tuple(rows) == self.rows:
            return
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Qt: how many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Qt: how many there are."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: QModelIndex, role: int = _Role.DisplayRole) -> object:
        """Qt: what is shown at ``index``."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], self._columns[index.column()]
        if role == _Role.DisplayRole:
            return column.text(row)
        if role == _Role.ToolTipRole:
            return self._tip(row)
        if role == _Role.TextAlignmentRole and column.is_number:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole) -> object:
        """Qt: a column's heading."""
        if orientation is Qt.Orientation.Horizontal and role == _Role.DisplayRole:
            return self._columns[section].heading
        return None
