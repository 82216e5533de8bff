"""What the DAW was told, as tables: values that it was not seen to take over, and the pushes so far.

Contents: :class:`RowTable`, :class:`UnconfirmedPart`, :class:`HistoryPart`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PyQt6.QtCore import QItemSelectionModel, Qt, pyqtSignal
from PyQt6.QtGui import QKeySequence, QShortcut
from PyQt6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gui.models.daw_values import HistoryRow, UnconfirmedRow
from gui.models.text_rows import TextColumn, TextRows
from gui.views.theme import SNUG, TIGHT, mark, px, theme_signals

_ROW_HEIGHT = 28


class RowTable(QTableView):
    """A table of rows of texts; whole rows are chosen. ``chosen_changed`` says that others are."""

    chosen_changed = pyqtSignal()

    def __init__(
        self, columns: Sequence[TextColumn], tip: Callable[[Any], str], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = TextRows(columns, tip, self)
        self.setModel(self._rows)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self._dress_headers()
        selection = self.selectionModel()
        assert selection is not None
        selection.selectionChanged.connect(self.chosen_changed)
        self._rows.modelReset.connect(self.chosen_changed)
        theme_signals().theme_changed.connect(self._space)
        self._space()

    @property
    def rows(self) -> tuple[Any, ...]:
        """What is shown."""
        return self._rows.rows

    @property
    def chosen(self) -> tuple[Any, ...]:
        """The rows that are selected."""
        selection = self.selectionModel()
        assert selection is not None
        return tuple(self.rows[index.row()] for index in sorted(selection.selectedRows()))

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Other rows, in place of these; none is selected then."""
        self._rows.show(rows)

    def choose(self, *numbers: int) -> None:
        """Select the rows of these numbers, as clicks do."""
        selection = self.selectionModel()
        assert selection is not None
        flag = QItemSelectionModel.SelectionFlag
        selection.clearSelection()
        for number in numbers:
            selection.select(self._rows.index(number, 0), flag.Select | flag.Rows)

    def _space(self) -> None:
        down = self.verticalHeader()
        assert down is not None
        down.setDefaultSectionSize(px(_ROW_HEIGHT))
        self.setStyleSheet(f"QTableView::item {{ padding: 0 {px(TIGHT)}px; }}")

    def _dress_headers(self) -> None:
        across, down = self.horizontalHeader(), self.verticalHeader()
        assert across is not None
        assert down is not None
        down.hide()
        across.setHighlightSections(False)
        across.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setResizeContentsPrecision(50)  # rows that are measured: all of them would take too long
        across.setStretchLastSection(True)


class _Part(QWidget):
    """A table, what is said under it, and its buttons."""

    def __init__(self, table: RowTable, nothing: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.table = table
        self._nothing = QLabel(nothing, self)
        self._nothing.setWordWrap(True)
        mark(self._nothing, "quiet")
        self._says = QLabel(self)
        self._says.setWordWrap(True)
        self._buttons, self._layout = QHBoxLayout(), QVBoxLayout(self)
        self._layout.addWidget(self._nothing)
        self._layout.addWidget(table, 1)
        self._layout.addWidget(self._says)
        self._layout.addLayout(self._buttons)
        self._layout.addStretch(0)
        table.chosen_changed.connect(self._refresh)
        theme_signals().theme_changed.connect(self._space)
        self._space()

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Other rows, in place of these."""
        self.table.show_rows(rows)
        self._refresh()

    def add_button(self, tip: str, on_click: Callable[[], object]) -> QPushButton:
        """Another button, on the left of the free space."""
        button = QPushButton(self)
        button.setToolTip(tip)
        button.clicked.connect(on_click)
        self._buttons.addWidget(button)
        return button

    def add_key(self, key: Qt.Key, on_key: Callable[[], object]) -> None:
        """A key that does something while the table has the keyboard."""
        shortcut = QShortcut(QKeySequence(key), self.table, context=Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(on_key)

    def _refresh(self) -> None:
        has_rows = bool(self.table.rows)
        self._nothing.setVisible(not has_rows)
        self.table.setVisible(has_rows)
        self._says.setVisible(has_rows)

    def _space(self) -> None:
        self._layout.setContentsMargins(px(SNUG), px(SNUG), px(SNUG), px(SNUG))
        self._layout.setSpacing(px(SNUG))
        self._buttons.setSpacing(px(SNUG))


class UnconfirmedPart(_Part):
    """What the DAW was not seen to take over. Signals carry the keys of the rows chosen, of all where none is."""

    try_again_asked = pyqtSignal(tuple)
    leave_asked = pyqtSignal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(RowTable(self._columns(), _advice, self.tr("Not confirmed")), self._fine_text(), parent)
        self._again = self.add_button(
            self.tr("Set it once more from where it stands now, also what somebody moved meanwhile (Enter)"),
            lambda: self.try_again_asked.emit(self._keys()),
        )
        self._leave = self.add_button(
            self.tr("Take it off this list; the DAW stays as it is (Delete)"),
            lambda: self.leave_asked.emit(self._keys()),
        )
        self._buttons.addStretch(1)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.add_key(key, self._again.click)
        self.add_key(Qt.Key.Key_Delete, self._leave.click)
        self._refresh()

    def _columns(self) -> tuple[TextColumn, ...]:
        return (
            TextColumn(self.tr("Track"), lambda row: row.track),
            TextColumn(self.tr("Parameter"), lambda row: row.param),
            TextColumn(self.tr("Wanted"), lambda row: row.wanted, is_number=True),
            TextColumn(self.tr("In the DAW"), lambda row: row.held or "?", is_number=True),
            TextColumn(self.tr("What became of it"), lambda row: row.outcome),
        )

    def _fine_text(self) -> str:
        return self.tr("Nothing is open: all that was set in the DAW was read back and confirmed.")

    def _keys(self) -> tuple[tuple[str, str], ...]:
        return tuple(row.key for row in self.table.chosen or self.table.rows)

    def _refresh(self) -> None:
        super()._refresh()
        rows: tuple[UnconfirmedRow, ...] = self.table.chosen
        self._says.setText(rows[0].advice if len(rows) == 1 else self.tr("Choose a row to see what to do about it."))
        self._again.setText(self.tr("&Try again") if rows else self.tr("&Try all again"))
        self._leave.setText(self.tr("&Leave it") if rows else self.tr("&Leave all"))
        for button in (self._again, self._leave):
            button.setEnabled(bool(self.table.rows))


class HistoryPart(_Part):
    """The pushes so far, the latest first. ``undo_asked`` carries the push's id, "" for the last one."""

    undo_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(RowTable(self._columns(), lambda row: row.push_id, self.tr("Pushes")), self._none(), parent)
        self._undo = self.add_button(
            self.tr("Bring back what the DAW held before; what was moved since stays as it is"), self._ask
        )
        self._buttons.addStretch(1)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._refresh()

    def _columns(self) -> tuple[TextColumn, ...]:
        return (
            TextColumn(self.tr("When"), lambda row: row.when),
            TextColumn(self.tr("What"), lambda row: row.what),
            TextColumn(self.tr("What became of it"), lambda row: row.outcome),
        )

    def _none(self) -> str:
        return self.tr("Nothing was set in this session yet. Each push is listed here and can be undone.")

    def _ask(self) -> None:
        self.undo_asked.emit(self.table.chosen[0].push_id if self.table.chosen else "")

    def _refresh(self) -> None:
        super()._refresh()
        chosen: tuple[HistoryRow, ...] = self.table.chosen
        self._undo.setText(self.tr("&Undo this push") if chosen else self.tr("&Undo the last push"))
        self._undo.setEnabled(any(row.can_undo for row in chosen or self.table.rows))
        self._says.hide()


def _advice(row: UnconfirmedRow) -> str:
    return row.advice
