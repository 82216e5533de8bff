"""Which tracks stay as they are: a list to tick, with a search.

Contents: :class:`TrackLocks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from gui.views.icons import icon
from gui.views.theme import TIGHT, colours, mark, px, theme_signals


class TrackLocks(QWidget):
    """Tick the tracks that nothing is to be changed of."""

    edited = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._search, self._list = QLabel(self), QLineEdit(self), QListWidget(self)
        self._search.setPlaceholderText(self.tr("Find a track"))
        self._search.setAccessibleName(self.tr("Find a track"))
        self._search.setToolTip(self.tr("Only the tracks whose name contains this are listed"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._filter)
        self._list.setAccessibleName(self.tr("Tracks to keep as they are"))
        self._list.setToolTip(self.tr("Ticked tracks are heard by the engineer, but not changed"))
        self._list.itemChanged.connect(self._hear_tick)
        mark(self._count, "small")
        self._sign = self._search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self._search, self._list, self._count):
            self._layout.addWidget(widget)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self._tell()

    def set_tracks(self, names: Sequence[str]) -> None:
        """Another session's tracks; those of the same name stay ticked."""
        locked = self.locked()
        self._list.blockSignals(True)
        self._list.clear()
        for name in names:
            item = QListWidgetItem(name, self._list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if name in locked else Qt.CheckState.Unchecked)
        self._list.blockSignals(False)
        self._filter(self._search.text())
        self._tell()

    def set_locked(self, names: frozenset[str]) -> None:
        """Tick exactly these."""
        for item in self._items():
            item.setCheckState(Qt.CheckState.Checked if item.text() in names else Qt.CheckState.Unchecked)

    def locked(self) -> frozenset[str]:
        """The names that are ticked."""
        return frozenset(item.text() for item in self._items() if item.checkState() == Qt.CheckState.Checked)

    @property
    def names(self) -> tuple[str, ...]:
        """Every track."""
        return tuple(item.text() for item in self._items())

    def _items(self) -> list[QListWidgetItem]:
        return [item for row in range(self._list.count()) if (item := self._list.item(row)) is not None]

    def _filter(self, text: str) -> None:
        wanted = text.strip().casefold()
        for item in self._items():
            item.setHidden(wanted not in item.text().casefold())

    def _hear_tick(self) -> None:
        self._tell()
        self.edited.emit()

    def _tell(self) -> None:
        text = self.tr("{locked} of {all} tracks stay as they are")
        self._count.setText(text.format(locked=len(self.locked()), all=self._list.count()))

    def _dress(self) -> None:
        self._layout.setSpacing(px(TIGHT))
        self._list.setFixedHeight(px(150))
        if self._sign is not None:
            self._sign.setIcon(icon("search", colours().quiet))
