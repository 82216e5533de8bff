"""Insight: the tracks at the side, and of the one that is chosen, or of the whole mix, why it is as it is."""

from __future__ import annotations

from PyQt6.QtCore import QAbstractItemModel, QModelIndex, Qt, pyqtSignal
from PyQt6.QtWidgets import QAbstractItemView, QHBoxLayout, QListView, QSplitter, QTabWidget, QWidget

from gui.views.theme import px, theme_signals

_LIST_WIDTH = 168


class InsightPage(QWidget):
    """``track_view`` and ``mix_view`` in tabs beside the list of ``tracks``."""

    track_chosen = pyqtSignal(int)
    #: Whether the whole mix is shown rather than a track.
    mix_shown = pyqtSignal(bool)

    def __init__(
        self, tracks: QAbstractItemModel, track_view: QWidget, mix_view: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._list = QListView(self)
        self._list.setModel(tracks)
        self._list.setAccessibleName(self.tr("Tracks"))
        self._list.setToolTip(self.tr("Whose settings are explained; up and down go from track to track"))
        self._list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._list.setUniformItemSizes(True)
        selection = self._list.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._take_current)
        self._tabs = QTabWidget(self)
        self._tabs.addTab(track_view, self.tr("&Track"))
        self._tabs.addTab(mix_view, self.tr("The whole mi&x"))
        self._tabs.setDocumentMode(True)
        self._tabs.currentChanged.connect(lambda index: self.mix_shown.emit(index == 1))
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self._list)
        splitter.addWidget(self._tabs)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self._splitter = splitter
        self._space()
        theme_signals().theme_changed.connect(self._space)

    @property
    def is_mix_shown(self) -> bool:
        """Whether the whole mix is shown."""
        return self._tabs.currentIndex() == 1

    def show_track(self, row: int) -> None:
        """Choose a track and show it."""
        self._choose(row)
        self._tabs.setCurrentIndex(0)

    def follow(self, row: int) -> None:
        """Choose the track that was chosen elsewhere; what is shown stays."""
        self._choose(row)

    def show_mix(self) -> None:
        """Show the whole mix."""
        self._tabs.setCurrentIndex(1)

    def _choose(self, row: int) -> None:
        model = self._list.model()
        if model is not None and self._list.currentIndex().row() != row:
            self._list.setCurrentIndex(model.index(row, 0))

    def _take_current(self, current: QModelIndex) -> None:
        if current.isValid():
            self.track_chosen.emit(current.row())

    def _space(self) -> None:
        self._list.setSpacing(px(2))
        self._list.setMinimumWidth(px(_LIST_WIDTH // 2))
        self._splitter.setSizes([px(_LIST_WIDTH), 100 * px(_LIST_WIDTH)])
