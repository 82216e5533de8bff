"""The insight into one track, made when it is first shown: its plots take pyqtgraph, which takes its time to import.

Contents: :class:`TrackInsightView`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import QVBoxLayout, QWidget

from gui.models.strips import Strip
from gui.workshop.values import TrackInsight

if TYPE_CHECKING:
    from gui.views.track_page import TrackPage


class TrackInsightView(QWidget):
    """Why a track is set as it is, its curves as controls, and who covers and moves it.

    It asks and tells; what becomes of that comes back by ``show_track`` and ``show_insight``.
    """

    #: Row, values by parameter, and the gesture that they are part of.
    values_changed = pyqtSignal(int, dict, object)
    #: Row, and the parameters whose values by hand are given up.
    values_reset = pyqtSignal(int, list)
    #: Rows, "accepted", "rejected" or "pending", and parts.
    decided = pyqtSignal(list, str, list)
    track_asked = pyqtSignal(str)
    time_asked = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page: TrackPage | None = None
        self._strip: Strip | None = None
        self._sample_rate = 48_000
        self._insight: TrackInsight | None = None
        self.setAccessibleName(self.tr("Insight into a track"))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt: make what is shown, the first time."""
        super().showEvent(event)
        self.prepare()

    def prepare(self) -> None:
        """Make what is shown, unless it is there: a quarter of a second, better spent before anybody waits for it."""
        if self.page is None:
            self._build()

    def show_track(self, strip: Strip, sample_rate: int) -> None:
        """Show a strip's settings and decisions, ``sample_rate`` in Hz; what is measured of it follows."""
        if self._strip is not None and strip.name != self._strip.name:
            self.show_insight(None)
        self._strip, self._sample_rate = strip, sample_rate
        if self.page is not None:
            self.page.show_track(strip, sample_rate)

    def show_insight(self, insight: TrackInsight | None) -> None:
        """Show what was measured of the track; None: it is being measured."""
        self._insight = insight
        if self.page is not None:
            self.page.show_insight(insight)

    def _build(self) -> None:
        from gui.views.track_page import TrackPage  # pyqtgraph comes with it

        self.page = TrackPage(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.page)
        for name in ("values_changed", "values_reset", "decided", "track_asked", "time_asked"):
            getattr(self.page, name).connect(getattr(self, name))
        if self._strip is not None:
            self.page.show_track(self._strip, self._sample_rate)
        self.page.show_insight(self._insight)
