"""What a session is worked on with: the mixer, automatic mode, insight, and the player below, made and connected.

Made once, when the window is on the screen already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PyQt6.QtCore import QObject, Qt, QUrl
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from assistant.params import BY_NAME, db_to_amplitude
from assistant.report.words import reverb_text, value_text
from gui.connections.daw import DawConnection
from gui.connections.listening import Fetching, Listening
from gui.connections.making import Making
from gui.models.daw_values import FindingRow
from gui.models.player import Player
from gui.models.speakers import Speakers
from gui.models.strips import StripsModel
from gui.views.automatic import AutomaticPage
from gui.views.daw_lamp import DawLamp
from gui.views.daw_panel import DawPanel
from gui.views.daw_window import DawWindow
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
from gui.views.welcome import DawCard
from gui.views.why_bar import WhyBar
from gui.workshop.errors import WorkshopLost
from gui.workshop.values import Desk, MixInsight, TrackInsight
from protocols.dialects import DIALECTS

if TYPE_CHECKING:
    from gui.app import Companion

#: How far back or ahead a key goes.
_NUDGE_S = 5.0


class Workspace(QObject):
    """The pages and what is below them, for one companion."""

    def __init__(self, companion: Companion) -> None:
        super().__init__(companion)
        self._companion = companion
        self.document, self.proposing = companion.document, companion.proposing
        self.strips = StripsModel(self.document, self)
        speakers = Speakers(parent=self, chosen=companion.preferences.choices.audio_device)
        self.player = Player(companion.tasks, Fetching(companion.workshop), speakers, self)
        self.listening = Listening(self.document, self.player)
        self.mixer = Mixer(self.strips)
        self.why = WhyBar()
        self.automatic = AutomaticPage(companion.preferences)
        self.track_view, self.mix_view = TrackInsightView(), MixInsightView()
        self.insight = InsightPage(self.strips, self.track_view, self.mix_view)
        self.waveform, self.transport = Waveform(), Transport(self.player)
        self.lamp, self.daw_panel = DawLamp(), DawPanel()
        self.daw_card = DawCard(companion.preferences, daw_kinds())
        self.daw_window = DawWindow(self.daw_card, self.daw_panel, companion.window)
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
        suggestions = QWidget()
        column = QVBoxLayout(suggestions)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.mixer, 1)
        column.addWidget(self.why)
        window.add_modes({"suggest": suggestions, "automatic": self.automatic, "insight": self.insight})
        window.add_below(self.waveform, self.transport)
        window.add_lamp(self.lamp)
        for part in (self.waveform, self.why):
            part.set_low(window.is_low)
            window.low_changed.connect(part.set_low)

    def prepare(self) -> None:
        """Make the plots, which take a moment, before anybody looks at them."""
        self.track_view.prepare()
        self.mix_view.prepare()

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
        mixer.selected.connect(self.choose)
        mixer.opened.connect(self.open_insight)
        self.proposing.remarked.connect(self._show_remarks)
        self.why.insight_asked.connect(lambda: self.open_insight(self.row))
        document.mix_changed.connect(self._show_shared)
        document.session_changed.connect(self._show_shared)

    def _show_remarks(self, remarks: tuple[str, ...]) -> None:
        """All of them at once; of a DAW that lacks something, with the way to what mends it."""
        notices = self._companion.notices.messages
        notices.withdraw("remarks")
        action = self.tr("What is wrong?") if self.document.desk is not None else ""
        if remarks:
            notices.tell(Notice("\n".join(remarks), "information", action, self._examine, "remarks"))

    def _show_shared(self) -> None:
        document = self.document
        if not document.has_proposal:
            self.mixer.set_shared(SharedState())
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
            view.track_asked.connect(lambda name: self.open_insight(document.row(name)))
            view.time_asked.connect(self.player.seek)
        self.insight.track_chosen.connect(self.choose)
        self.insight.mix_shown.connect(self._ask_insight)
        self.proposing.track_insight_found.connect(self._show_track_insight)
        self.proposing.mix_insight_found.connect(self._show_mix_insight)
        document.track_changed.connect(self._refresh_strip)
        document.proposal_changed.connect(self._refresh_insight)

    def choose(self, row: int) -> None:
        """Another track is the one that is looked at."""
        if row == self.row or not 0 <= row < len(self.document.names):
            return
        self.row = row
        name = self.document.names[row]
        if self.mixer.current != row:
            self.mixer.select(row)
            self.mixer.area.reveal(row)
        self.insight.follow(row)
        self.waveform.show_track(name)
        self.mix_view.show_selected(name)
        self._refresh_insight()

    def open_insight(self, row: int) -> None:
        """Show why a track is as it is."""
        self.choose(row)
        self.insight.show_track(row)
        self.show_mode("insight")

    def _refresh_insight(self) -> None:
        """What is known of the chosen track belongs to another mix, or another track: ask anew."""
        if 0 <= self.row < len(self.document.names):
            self._refresh_strip(self.row)
            self.track_view.show_insight(None)
        self._ask_insight()

    def _refresh_strip(self, row: int) -> None:
        if row == self.row and self.document.info is not None:
            strip = self.strips.strip(row)
            self.why.show_track(strip.name, strip.reasons)
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
        strips = [self.strips.strip(row) for row in range(self.strips.rowCount())]
        self.mix_view.show_insight(insight, {strip.name: strip.family for strip in strips})

    # --- listening

    def _connect_listening(self) -> None:
        player, waveform, document = self.player, self.waveform, self.document
        player.position_changed.connect(waveform.show_position)
        player.levels_changed.connect(self._show_levels)
        player.state_changed.connect(self._show_player)
        player.failed.connect(self._tell_unplayed)
        self.proposing.overview_found.connect(waveform.show_overview)
        self.proposing.measured.connect(self.listening.match)
        waveform.seek_asked.connect(player.seek)
        waveform.loop_asked.connect(player.set_loop)
        document.session_changed.connect(self._show_song)
        document.proposal_changed.connect(self._show_passages)
        document.mix_changed.connect(self._show_gains)

    def _tell_unplayed(self, error: Exception) -> None:
        if not isinstance(error, WorkshopLost):  # of a loss the window hears by itself
            self._companion.notices.tell(str(error), "error", "play")

    def _show_song(self) -> None:
        info = self.document.info
        self.row = -1
        self.why.show_track("", ())
        self.waveform.show_song(info.session.duration_s if info is not None else 0.0)

    def _show_passages(self) -> None:
        proposal = self.document.proposal
        self.waveform.show_passages(proposal.passages if proposal is not None else ())

    def _show_gains(self) -> None:
        """How loud each track is in the mix that is heard, for the waveform."""
        names = self.document.names
        settings = [self.document.channel_proposed(name).settings for name in names]
        gains = {n: db_to_amplitude(s["trim_db"] + s["fader_db"]) for n, s in zip(names, settings, strict=True)}
        self.waveform.show_gains(gains)

    def _show_player(self) -> None:
        self.waveform.show_loop(self.player.loop)
        self._companion.actions["loop"].setChecked(self.player.loop is not None)

    def _show_levels(self, levels_db: Any, peaks: Any) -> None:
        names = self.document.names
        self.mixer.set_levels({} if levels_db is None else dict(zip(names, map(float, levels_db), strict=False)))

    # --- the DAW

    def _connect_daw(self) -> None:
        link, panel, welcome = self._companion.link, self.daw_panel, self._companion.welcome
        link.state_changed.connect(self._show_daw)
        link.history_changed.connect(panel.show_history)
        link.pending_changed.connect(panel.show_pending)
        link.pushes.unconfirmed_changed.connect(panel.show_report)
        link.pushes.progressed.connect(panel.show_progress)
        link.pushes.progressed.connect(lambda share, _text: self.lamp.show_progress(share))
        link.pushes.busy_changed.connect(self._show_pushing)
        panel.try_again_asked.connect(link.pushes.push_again)
        panel.leave_asked.connect(self.daw.leave)
        panel.undo_asked.connect(self.daw.undo)
        panel.take_back_asked.connect(link.take_back)
        panel.leave_pending_asked.connect(link.leave_pending)
        panel.cancel_asked.connect(link.pushes.cancel)
        panel.doctor_asked.connect(self._examine)
        for card in (welcome.daw, self.daw_card):
            card.asked.connect(self.daw.connect)
            card.left.connect(self.daw.disconnect)
            card.doctor_asked.connect(self._examine_at)
        self.daw.session_found.connect(self._companion.opening.open)
        self._companion.opening.reads_daw_anew = self.daw.read_anew
        self._companion.opening.opened.connect(self.daw.take_up)
        self.daw.path_wanted.connect(self._ask_for_path)
        self.lamp.clicked.connect(self.daw_window.present)

    def _show_daw(self) -> None:
        state = self._companion.link.state
        self.lamp.show_state(state)
        self.daw_panel.show_state(state)
        for card in (self._companion.welcome.daw, self.daw_card):
            card.set_state(state.link, state.trouble)

    def _show_pushing(self, is_busy: bool) -> None:
        self.lamp.show_progress(0.0 if is_busy else None)
        self.daw_panel.show_progress(0.0 if is_busy else None)

    def _examine_at(self, kind: str, options: Mapping[str, Any]) -> None:
        """What is wrong, where nothing may have been linked to yet."""
        if self._companion.link.state.link == "closed":
            self._companion.link.open(kind, **options)
        self._examine()

    def _examine(self) -> None:
        self.daw_window.present()
        self.daw_panel.show_checking()
        self._companion.link.doctor(self.daw_panel.show_findings, self._examined_in_vain)

    def _examined_in_vain(self, error: Exception) -> None:
        self.daw_panel.show_findings([FindingRow(str(error), "", is_fatal=True)])

    def _ask_for_path(self, desk: Desk, why: str) -> None:
        notices, text = self._companion.notices, self.tr("Choose its folder...")
        notices.messages.tell(Notice(why, "warning", text, lambda: self._choose_path(desk), "daw-path"))

    def _choose_path(self, desk: Desk) -> None:
        window = self._companion.window
        title = self.tr("Where the tracks of {} lie").format(desk.session or desk.label)
        path = QFileDialog.getExistingDirectory(window, title, self._companion.preferences.choices.last_folder)
        if path:
            self._companion.opening.open(path, desk)

    # --- the window

    def _connect_window(self) -> None:
        companion, player = self._companion, self.player
        companion.window.mode_chosen.connect(self.show_mode)
        doing = {
            "play": player.toggle,
            "return": player.stop,
            "back": lambda: player.nudge(-_NUDGE_S),
            "ahead": lambda: player.nudge(_NUDGE_S),
            "loop": lambda: player.set_looping(player.loop is None),
            "hear_before": lambda: player.set_version("before"),
            "hear_proposed": lambda: player.set_version("proposed"),
            "hear_accepted": lambda: player.set_version("accepted"),
            "daw_connect": self.daw_window.present,
            "daw_panel": self.daw_window.present,
            "daw_undo": self.daw.undo,
            "daw_disconnect": self.daw.disconnect,
            "preferences": self._show_preferences,
            "keys": self._show_keys,
        }
        for name, do in doing.items():
            companion.actions[name].triggered.connect(lambda _checked=False, do=do: do())
        self.automatic.play_asked.connect(lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        companion.preferences.changed.connect(self._take_preferences)

    def show_mode(self, name: str) -> None:
        """Show a mode of the window."""
        self._companion.window.show_mode(name)
        if name == "insight" and self.row < 0 and self.document.names:
            self.choose(0)
        self._ask_insight()

    def _show_preferences(self) -> None:
        devices = [(name, name) for name in self.player.speakers.names]
        dialog = PreferencesDialog(self._companion.preferences, daw_kinds(), devices, self._companion.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _show_keys(self) -> None:
        dialog = KeysDialog(self._companion.actions.keys_text(), self._companion.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _take_preferences(self, names: frozenset[str]) -> None:
        if "audio_device" in names:
            self.player.speakers.choose(self._companion.preferences.choices.audio_device)


def daw_kinds() -> list[tuple[str, str]]:
    """The DAWs that can be linked to: their names and labels."""
    return [(dialect.name, dialect.label) for dialect in DIALECTS.values()]
