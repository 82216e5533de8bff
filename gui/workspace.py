"""What a session is worked on with: the mixer, automatic mode, insight, and the player below, made and connected.

Made once, when the window is on the screen already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, QTimer, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog

from assistant.report.words import reverb_text, value_text
from assistant.params import BY_NAME
from gui.connections.daw import DawConnection
from gui.connections.listening import Fetching, Listening
from gui.connections.making import Making
from gui.models.player import Player
from gui.models.strips import StripsModel
from gui.views.automatic import AutomaticPage
from gui.views.daw_panel import DawLamp, DawPanel
from gui.views.insight_page import InsightPage
from gui.views.keys_dialog import KeysDialog
from gui.views.mix_insight import MixInsightView
from gui.views.mixer import Mixer
from gui.views.notices import Notice
from gui.views.preferences_dialog import PreferencesDialog
from gui.views.shared_strip import SharedState
from gui.views.track_insight import TrackInsightView
from gui.views.transport import Transport
from gui.views.waveform import Waveform
from gui.workshop.values import Desk, MixInsight, TrackInsight
from protocols.dialects import DIALECTS

if TYPE_CHECKING:
    from gui.app import Companion


class Workspace(QObject):
    """The pages and what is below them, for one companion."""

    def __init__(self, companion: Companion) -> None:
        super().__init__(companion)
        self._companion = companion
        self.document, self.proposing = companion.document, companion.proposing
        self.strips = StripsModel(self.document, self)
        self.player = Player(companion.tasks, Fetching(companion.workshop), parent=self)
        self.listening = Listening(self.document, self.player)
        self.mixer = Mixer(self.strips)
        self.automatic = AutomaticPage(companion.preferences)
        self.track_view, self.mix_view = TrackInsightView(), MixInsightView()
        self.insight = InsightPage(self.strips, self.track_view, self.mix_view)
        self.waveform, self.transport = Waveform(), Transport()
        self.lamp, self.daw_panel = DawLamp(), DawPanel(companion.window)
        self.daw = DawConnection(self.document, companion.link, companion.notices)
        self.making = Making(self.document, companion.workshop, companion.tasks, self.automatic)
        self.row = -1
        self._place()
        self._connect_mixer()
        self._connect_insight()
        self._connect_listening()
        self._connect_daw()
        self._connect_window()
        self.player.speakers.look()

    def _place(self) -> None:
        window = self._companion.window
        window.add_modes({"suggest": self.mixer, "automatic": self.automatic, "insight": self.insight})
        window.add_below(self.waveform, self.transport)
        window.add_lamp(self.lamp)

    def close(self) -> None:
        """End what plays."""
        self.player.eject()

    # --- suggestions

    def _connect_mixer(self) -> None:
        document, mixer = self.document, self.mixer
        mixer.decided.connect(document.decide)
        mixer.all_decided.connect(document.decide_all)
        mixer.shared_decided.connect(document.decide_shared)
        mixer.amount_changed.connect(document.set_amount)
        mixer.lock_changed.connect(document.set_locked)
        mixer.values_changed.connect(document.set_values)
        mixer.values_reset.connect(document.reset_values)
        mixer.role_chosen.connect(document.set_role)
        mixer.solo_toggled.connect(document.set_soloed)
        mixer.mute_toggled.connect(document.set_muted)
        mixer.selected.connect(self._choose)
        mixer.opened.connect(self._open_insight)
        document.mix_changed.connect(self._show_shared)

    def _show_shared(self) -> None:
        document = self.document
        if document.info is None:
            return
        proposed = document.engineers_mix
        is_changed = proposed.reverb != document.before.reverb or proposed.master != document.before.master
        gain = value_text(BY_NAME["master_gain_db"], proposed.master["master_gain_db"])
        self.mixer.set_shared(SharedState(document.decisions.shared, is_changed, reverb_text(proposed.reverb), gain))

    # --- insight

    def _connect_insight(self) -> None:
        document = self.document
        for view in (self.track_view,):
            view.values_changed.connect(document.set_values)
            view.values_reset.connect(document.reset_values)
            view.decided.connect(document.decide)
        for view in (self.track_view, self.mix_view):
            view.track_asked.connect(lambda name: self._open_insight(document.row(name)))
            view.time_asked.connect(self.player.seek)
        self.insight.track_chosen.connect(self._choose)
        self.insight.mix_shown.connect(self._ask_insight)
        self.proposing.track_insight_found.connect(self._show_track_insight)
        self.proposing.mix_insight_found.connect(self._show_mix_insight)
        document.track_changed.connect(self._refresh_strip)
        document.proposal_changed.connect(self._refresh_insight)

    def _choose(self, row: int) -> None:
        """Another track is the one that is looked at."""
        if row == self.row or not 0 <= row < len(self.document.names):
            return
        self.row = row
        name = self.document.names[row]
        self.mixer.select(row)
        self.insight.follow(row)
        self.waveform.show_track(name)
        self.mix_view.show_selected(name)
        self._refresh_insight()

    def _open_insight(self, row: int) -> None:
        self._choose(row)
        self.insight.show_track(row)
        self._show_mode("insight")

    def _refresh_insight(self) -> None:
        """What is known of the chosen track belongs to another mix, or another track: ask anew."""
        if 0 <= self.row < len(self.document.names):
            self._refresh_strip(self.row)
            self.track_view.show_insight(None)
        self._ask_insight()

    def _refresh_strip(self, row: int) -> None:
        if row == self.row and self.document.info is not None:
            self.track_view.show_track(self.strips.strip(row), self.document.info.session.sample_rate)

    def _ask_insight(self, *_: object) -> None:
        is_shown = self._companion.window.mode == "insight"
        has_row = 0 <= self.row < len(self.document.names)
        self.proposing.show_track(self.document.names[self.row] if is_shown and has_row else "")
        self.proposing.show_mix(is_shown and self.insight.is_mix_shown)

    def _show_track_insight(self, insight: TrackInsight) -> None:
        if 0 <= self.row < len(self.document.names) and insight.name == self.document.names[self.row]:
            self.track_view.show_insight(insight)

    def _show_mix_insight(self, insight: MixInsight) -> None:
        self.mix_view.show_insight(insight, {self.strips.strip(row).name: self.strips.strip(row).family for row in range(self.strips.rowCount())})

    # --- listening

    def _connect_listening(self) -> None:
        player, waveform, transport = self.player, self.waveform, self.transport
        player.position_changed.connect(waveform.set_position)
        player.levels_changed.connect(self._show_levels)
        player.failed.connect(lambda error: self._companion.notices.tell(str(error), "error", "play"))
        self.proposing.overview_found.connect(waveform.show_overview)
        self.proposing.measured.connect(self.listening.match)
        waveform.seek_asked.connect(player.seek)

    def _show_levels(self, levels_db: Any, peaks: Any) -> None:
        names = self.document.names
        self.mixer.set_levels({} if levels_db is None else dict(zip(names, map(float, levels_db), strict=False)))

    # --- the DAW

    def _connect_daw(self) -> None:
        pass

    # --- the window

    def _connect_window(self) -> None:
        window, actions = self._companion.window, self._companion.actions
        window.mode_chosen.connect(self._show_mode)

    def _show_mode(self, name: str) -> None:
        self._companion.window.show_mode(name)
        self._ask_insight()
