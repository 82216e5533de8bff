"""The insight into a mix, made when it is first shown: its plots take pyqtgraph, which takes its time to import.

Contents: :class:`MixInsightView`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gui.workshop.values import MixInsight

if TYPE_CHECKING:
    from gui.views.mix_page import MixPage


class MixInsightView(QWidget):
    """Loudness over time, tone, the stereo field, who covers and who moves whom, figures and problems found."""

    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page: MixPage | None = None
        self._insight: MixInsight | None = None
        self._families: Mapping[str, str] = {}
        self._selected = ""
        self._is_stale = True  # what is known is not drawn yet
        self.setAccessibleName(self.tr("Insight into the mix"))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt: make what is shown, the first time."""
        super().showEvent(event)
        self.prepare()
        self._bring_up_to_date()

    def prepare(self) -> None:
        """Make what is shown, unless it is there: a quarter of a second, better spent before anybody waits for it."""
        if self.page is None:
            self._build()

    def show_insight(self, insight: MixInsight | None, families: Mapping[str, str]) -> None:
        """Show what was measured, with the family of every track; None: it is being measured."""
        self._insight, self._families = insight, families
        self._is_stale = True
        self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        """Draw what is known, unless nobody looks or it is drawn."""
        if self.page is not None and self._is_stale and self.isVisible():
            self._is_stale = False
            self.page.show_insight(self._insight, self._families)

    def show_selected(self, name: str) -> None:
        """Mark a track wherever it is drawn."""
        self._selected = name
        if self.page is not None:
            self.page.show_selected(name)

    def _build(self) -> None:
        from gui.views.mix_page import MixPage  # pyqtgraph comes with it

        self.page = MixPage(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        self.page.track_asked.connect(self.track_asked)
        self.page.time_asked.connect(self.time_asked)
        self.page.show_selected(self._selected)
        self.page.show_insight(self._insight, self._families)
