"""The link to a running DAW, as the window knows it: how it stands, what the DAW holds, and pushes into it.

Nothing waits here: whatever is said to the DAW is said on one thread beside the window's, one operation at a time, and
files are looked into on another. What the DAW tells comes in 30 times a second at most, while there is anything.

Contents: :class:`DawLink`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from assistant.mix import Change
from assistant.tasks import Progress
from gui.models.daw_events import Batch
from gui.models.daw_opening import (
    Look,
    OpenDaw,
    Opening,
    PushesSeen,
    Work,
    find_path,
    look_at,
    open_known,
    read_desk,
    read_pushes,
)
from gui.models.daw_pushes import DawPushes, OnReport
from gui.models.daw_rows import finding_row
from gui.models.daw_values import DawState, FindingRow
from gui.tasks import OnDone, OnError
from gui.workshop.values import Desk
from protocols.daw import Control, DawTrack, LinkState, PushReport, Snapshot, TracksChanged
from protocols.dialects import DIALECTS
from protocols.errors import ProtocolError
from protocols.journal import Journal

#: What the DAW tells is taken in so often, and at most so many values at a time.
TICK_MS = 33
MOST_PER_TICK = 500
#: How soon after opening it is looked why nobody answers; then how often, and for changes that are not saved.
FIRST_LOOK_MS = 400
LOOK_MS = 5_000
EXAMINE_S = 3.0


class DawLink(QObject):
    """The link to at most one DAW at a time; a DAW that is not there is a state, and when it comes it connects.

    ``open_daw`` makes the link, ``journal`` is the user's own by default. Used on the window's thread alone.
    """

    #: How the link stands has changed: :attr:`state`.
    state_changed = pyqtSignal()
    #: Strips came, went or can be told other things: a tuple of :class:`DawTrack`.
    tracks_changed = pyqtSignal(tuple)
    #: The DAW holds other values, whoever moved them: a dict from :class:`Control` to its new value.
    held_changed = pyqtSignal(dict)
    #: What became of a push, an undoing or a restoring: a :class:`PushReport`.
    pushed = pyqtSignal(object)
    #: Pushes (:class:`HistoryRow`) that a crash broke off, the latest first; :meth:`take_back` undoes them.
    pending_changed = pyqtSignal(tuple)
    #: The journal's pushes to this session (:class:`HistoryRow`), the latest first.
    history_changed = pyqtSignal(tuple)
    #: Something that was asked for did not come about: why, and what to do.
    failed = pyqtSignal(str)

    _arrived = pyqtSignal()

    def __init__(
        self, open_daw: OpenDaw = open_known, journal: Journal | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._open_daw, self._journal = open_daw, journal
        self._opening: Opening | None = None
        self._state = DawState()
        self._tracks: tuple[DawTrack, ...] = ()
        self._held: dict[Control, float] = {}
        self._controls: frozenset[Control] = frozenset()  # everything that the tracks can be told
        self._unknown: set[Control] = set()  # what the DAW is to be asked for
        self._heard: set[Control] = set()  # what the DAW told since the last push began
        self._seen = PushesSeen()
        self._journal_age = 0  # what was read of the journal before this changed is old
        #: Pushes: merging, trying again, leaving, cancelling.
        self.pushes = DawPushes(self._run, self._held.get, self._before_push, self._after_push, self)
        self.pushes.pushed.connect(self.pushed)
        self.pushes.failed.connect(self.failed)
        self._arrived.connect(self._wake)  # from a thread of the link: queued
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        self._looks = QTimer(self)
        self._looks.timeout.connect(self._look_again)

    @property
    def state(self) -> DawState:
        """How the link stands."""
        return self._state

    @property
    def tracks(self) -> tuple[DawTrack, ...]:
        """The DAW's strips, as last told."""
        return self._tracks

    @property
    def held(self) -> Mapping[Control, float]:
        """What the DAW holds, as far as it has told."""
        return MappingProxyType(self._held)

    def open(self, kind: str, host: str = "127.0.0.1", port: int | None = None, reply_port: int | None = None) -> None:
        """Link to the DAW called ``kind`` of ``protocols.dialects.DIALECTS``, in place of the one before."""
        self.close(0.0)
        make = partial(self._open_daw, kind, host, port, reply_port, journal=self._journal)
        label = DIALECTS[kind].label if kind in DIALECTS else kind
        self._opening = Opening(lambda listener: make(listener=listener), self._arrived.emit, self._hear_failed, self)
        self._set_state(DawState(kind, label, "waiting"))
        self._opening.connect(lambda label: self._change_state(label=label), self._hear_unopened)
        self._looks.start(FIRST_LOOK_MS)

    def close(self, timeout_s: float = 3.0) -> bool:
        """End the link; whatever runs is cancelled and heard of no more, and waited for no longer than ``timeout_s``.

        Returns whether all of it has ended: then nothing of it is left, no thread and no timer.
        """
        opening, self._opening = self._opening, None
        if opening is None:
            return True
        self._ticks.stop()
        self._looks.stop()
        has_ended = opening.close(timeout_s)
        self.pushes.forget()
        self._forget_session()
        self._set_state(DawState())
        return has_ended

    def desk(self, on_done: Callable[[Desk], object], on_error: OnError) -> None:
        """The DAW's mixer, read anew."""
        before = dict(self._held)

        def take_in(desk: Desk) -> None:
            self._tick()  # what was told until now: where that is news, it is newer than what was read
            self._hold({c: value for c, value in desk.held.items() if self._held.get(c) == before.get(c)})
            on_done(desk)

        self._run(read_desk, take_in, on_error)

    def snapshot(self, on_done: Callable[[Snapshot], object], on_error: OnError) -> None:
        """Everything that the DAW holds now, for :meth:`restore`."""
        self._run(lambda daw, progress, is_cancelled: daw.snapshot(), on_done, on_error)

    def session_path(self, on_done: Callable[[Path], object], on_error: OnError) -> None:
        """Where the audio of the session that is open there lies; the error says what to do where that is not known."""
        session = self._state.session
        self._aside(lambda daw, kind: find_path(daw, kind, session), on_done, on_error)

    def doctor(self, on_done: Callable[[tuple[FindingRow, ...]], object], on_error: OnError) -> None:
        """What is wrong with the DAW's set-up, nothing where all is well; takes some seconds where it is silent."""
        if self._opening is None:
            on_error(self._not_open())
            return
        self._opening.examine(EXAMINE_S, lambda found: on_done(tuple(map(finding_row, found))), on_error)

    def push(self, changes: Sequence[Change], on_done: OnReport | None = None) -> None:
        """See :meth:`DawPushes.push`."""
        self.pushes.push(changes, on_done)

    def undo_push(
        self, push_id: str | None = None, on_done: OnReport | None = None, *, regardless: bool = False
    ) -> None:
        """See :meth:`DawPushes.undo`."""
        self.pushes.undo(push_id, on_done, regardless=regardless)

    def restore(self, snapshot: Snapshot, on_done: OnReport | None = None) -> None:
        """See :meth:`DawPushes.restore`."""
        self.pushes.restore(snapshot, on_done)

    def take_back(self, on_done: OnReport | None = None) -> None:
        """Undo the pushes that a crash broke off, the latest first; ``on_done`` hears of each."""
        for row in self._seen.pending:
            self.pushes.undo(row.push_id, on_done)

    def leave_pending(self) -> None:
        """Leave what a broken-off push has set: it is offered no more, and can still be undone."""
        pending, session = self._seen.pending, self._state.session

        def write(daw: Any, kind: object) -> None:
            for row in pending:
                daw.journal.finish(daw.dialect.name, session, row.push_id, {})

        self._aside(write, lambda nothing: self._read_journal(), self._hear_failed)

    def _run(self, work: Work, on_done: OnDone, on_error: OnError, on_progress: Progress | None = None) -> None:
        if self._opening is None:
            on_error(self._not_open())
        else:
            self._opening.run(work, on_done, on_error, on_progress)

    def _aside(self, work: Callable[[Any, Any], Any], on_done: OnDone, on_error: OnError) -> None:
        if self._opening is None:
            on_error(self._not_open())
        else:
            self._opening.look_aside(work, on_done, on_error)

    def _not_open(self) -> ProtocolError:
        return ProtocolError(self.tr("no DAW is connected; connect to one first"))

    def _hear_failed(self, error: Exception) -> None:
        self.failed.emit(str(error))

    def _hear_unopened(self, error: Exception) -> None:
        self._looks.stop()
        self._change_state(link="closed", trouble=str(error))

    def _wake(self) -> None:
        if self._opening is not None and not self._ticks.isActive():
            self._ticks.start()

    def _tick(self) -> None:
        if self._opening is None:
            return
        self._take_in(self._opening.inbox.take(MOST_PER_TICK))
        if self._opening is not None and self._opening.inbox.is_empty:
            self._ticks.stop()
            self._ask_for_unknown()

    def _take_in(self, batch: Batch) -> None:
        if batch.tracks is not None:
            self._take_in_tracks(batch.tracks, batch.controls)
        if batch.dropped is not None:
            self._change_state(dropped=batch.dropped)
        for link in batch.states:
            self._take_in_link(link)
        self._heard.update(batch.held)
        self._hold(batch.held)
        self._hold({control: value for control, value in batch.read.items() if control not in self._held})
        if batch.tracks is not None or batch.states:
            self._look()
            self._read_journal()

    def _take_in_tracks(self, event: TracksChanged, controls: frozenset[Control]) -> None:
        if event.session != self._state.session:
            self._forget_session()
            self._change_state(session=event.session, has_unsaved=False)
        self._controls = controls
        for control in self._held.keys() - controls:
            del self._held[control]
        self._unknown = set(controls - self._held.keys())
        if event.tracks != self._tracks:
            self._tracks = event.tracks
            self.tracks_changed.emit(self._tracks)

    def _take_in_link(self, link: LinkState) -> None:
        if not self._looks.isActive():  # opened at last, by a doctor
            self._looks.start(LOOK_MS)
        if link is LinkState.CONNECTED:  # it may have been started anew
            self._unknown = set(self._controls)
            self._change_state(link=link.value, trouble="")
        elif link is LinkState.LOST:
            silent = self.tr("{daw} does not answer any more: is it still running?").format(daw=self._state.label)
            self._change_state(link=link.value, trouble=silent)
        else:
            self._change_state(link=link.value)

    def _hold(self, values: Mapping[Control, float]) -> None:
        self._unknown -= values.keys()
        new = {control: value for control, value in values.items() if self._held.get(control) != value}
        if new:
            self._held.update(new)
            self.held_changed.emit(new)

    def _ask_for_unknown(self) -> None:
        """Ask for what the DAW has not told by itself; once, for it may never."""
        if self._unknown and self._opening is not None and self._state.link == "connected":
            self._opening.read(frozenset(self._unknown))
            self._unknown.clear()

    def _before_push(self) -> None:
        self._tick()  # what was told until now
        self._heard.clear()
        self._journal_age += 1

    def _after_push(self, report: PushReport) -> None:
        """What was read back is what the DAW holds, but where it has told something since the push began: that is
        newer, or news of what was read back is on its way."""
        self._tick()
        read = {Control(c.change.track, c.change.param): c.held for c in report.confirmations}
        self._hold({c: held for c, held in read.items() if held is not None and c not in self._heard})
        self._read_journal()

    def _look_again(self) -> None:
        self._looks.setInterval(LOOK_MS)
        self._look()

    def _look(self) -> None:
        session = self._state.session
        if self._opening is not None and self._opening.is_made:
            self._aside(lambda daw, kind: look_at(daw, kind, session), self._take_in_look, self._hear_failed)

    def _take_in_look(self, look: Look) -> None:
        is_connected = self._state.link == "connected"
        is_silent = self._state.link in ("waiting", "lost")
        self._change_state(
            trouble=look.trouble if is_silent else self._state.trouble,
            dropped=look.dropped,
            has_unsaved=is_connected and look.has_unsaved,
        )

    def _read_journal(self) -> None:
        if self._state.link != "connected":
            return
        session, age = self._state.session, self._journal_age

        def take_in(seen: PushesSeen) -> None:
            if age == self._journal_age and not self.pushes.is_busy:
                self._take_in_pushes(seen)

        self._aside(lambda daw, kind: read_pushes(daw, session), take_in, self._hear_failed)

    def _take_in_pushes(self, seen: PushesSeen) -> None:
        before, self._seen = self._seen, seen
        self._change_state(pending_push=bool(seen.pending))
        if seen.pending != before.pending:
            self.pending_changed.emit(seen.pending)
        if seen.history != before.history:
            self.history_changed.emit(seen.history)

    def _forget_session(self) -> None:
        """What is known of the session that was open is of no use any more."""
        self._journal_age += 1
        self._controls = frozenset()
        self._held.clear()
        self._unknown.clear()
        self._heard.clear()
        self.pushes.leave()
        self._take_in_pushes(PushesSeen())
        if self._tracks:
            self._tracks = ()
            self.tracks_changed.emit(())

    def _change_state(self, **changed: Any) -> None:
        self._set_state(replace(self._state, **changed))

    def _set_state(self, state: DawState) -> None:
        if state != self._state:
            self._state = state
            self.state_changed.emit()
