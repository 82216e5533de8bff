"""The link to a running DAW: its strips and values, and pushes that are confirmed, journalled and can be undone.

The same for every DAW: what differs is in its :class:`protocols.daw.Surface`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

from assistant.mix import Change
from assistant.params import BY_NAME
from assistant.tasks import IsCancelled, Progress
from assistant.wording import count_text
from protocols.conversation import Conversation
from protocols.daw import Control, DawTrack, Event, LinkState, Outcome, PushReport, Snapshot, Surface
from protocols.errors import ProtocolError
from protocols.journal import Entry, Journal
from protocols.pushing import Push, Wish
from protocols.timing import Timing
from protocols.transport import Transport

_logger = logging.getLogger(__name__)
#: Outcomes with which a value was not brought back, and will not be by trying again.
_KEPT = frozenset({Outcome.MOVED, Outcome.UNSUPPORTED})
#: Outcomes with which a value is as undone as it will be.
_FINAL = _KEPT | {Outcome.CONFIRMED, Outcome.UNCHANGED}


def _ignore(*_: object) -> None:
    pass


def _never() -> bool:
    return False


class Daw:
    """The link to one DAW. Usable from any thread, one operation at a time; a context manager that disconnects.

    ``open_transport`` makes the socket, such as ``lambda: Transport(3819)``; ``journal`` is the user's own by default.
    ``listener`` hears events on a thread of the link; it must return at once, and not call the link. Operations on the
    DAW raise :class:`ProtocolError`, with what to do, where it is not connected.
    """

    def __init__(
        self,
        surface: Surface,
        open_transport: Callable[[], Transport],
        journal: Journal | None = None,
        timing: Timing | None = None,
        listener: Callable[[Event], None] = _ignore,
    ) -> None:
        self.dialect = surface.dialect
        self.journal = journal or Journal()
        self._talk = Conversation(surface, open_transport, timing or Timing(), listener)
        self._operation = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    @property
    def state(self) -> LinkState:
        """How the link stands."""
        return self._talk.state

    @property
    def session(self) -> str:
        """The name of the session that is open, "" where the DAW does not tell."""
        return self._talk.session

    @property
    def dropped(self) -> Mapping[str, int]:
        """Datagrams dropped since the link was opened, by reason."""
        return self._talk.dropped

    @property
    def trouble(self) -> str:
        """Why the DAW cannot be used now, and what to do; "" where it can."""
        if self.state is LinkState.CONNECTED:
            return ""
        if self.state is LinkState.CLOSED:
            return f"{self.dialect.label} was not connected to"
        reason = self._talk.trouble or "no answer"
        return f"{self.dialect.label} does not answer ({reason}): is it running, with OSC on and the same port?"

    def connect(self, timeout_s: float = 5.0) -> LinkState:
        """Open the link, and wait until the DAW has told its strips; how the link stands then.

        A DAW that is not there is a state, :attr:`LinkState.WAITING`: the link goes on greeting, and connects when it
        comes; :attr:`trouble` says what to do. Raises :class:`ProtocolError` for a host that is not known or not
        allowed and for a reply port that is taken.
        """
        self._talk.open()
        self._talk.wait_until_ready(timeout_s)
        return self.state

    def disconnect(self) -> None:
        """Close the link and end its threads; again is nothing."""
        self._talk.close()

    def tracks(self) -> tuple[DawTrack, ...]:
        """The DAW's strips."""
        with self._operation:
            self._require_answers()
            return self._talk.tracks

    def read(self, controls: Iterable[Control] | None = None) -> Mapping[Control, float]:
        """What the DAW holds of ``controls``, of everything by default: asked anew, without what it did not tell."""
        with self._operation:
            self._require_answers()
            wanted = self._talk.controls if controls is None else frozenset(controls)
            return self._talk.ask(wanted & self._talk.controls)

    def snapshot(self) -> Snapshot:
        """Everything that the DAW holds and tells now."""
        with self._operation:
            return Snapshot(self.dialect.name, self.session, self.read())

    def push(
        self, changes: Sequence[Change], *, is_cancelled: IsCancelled = _never, progress: Progress = _ignore
    ) -> PushReport:
        """Make ``changes`` in the DAW and read each back; what became of them, in their order.

        What the DAW holds already is left, and what stands neither at ``Change.old`` nor where a push of ours has left
        it, too: it was moved by somebody, and with it the track's level where it is a part of that. The journal has it
        on disk before anything is sent. Raises ``ValueError``, before anything is sent, for an unknown parameter, a
        value out of its range and a control that is named twice; :class:`ProtocolError` where the journal cannot be
        written.
        """
        _check(changes)
        with self._operation:
            told = self.journal.told(self.dialect.name, self.session)
            wishes = [Wish(change, left_at=told.get((change.track, change.param))) for change in changes]
            return self._carried_out(wishes, "", is_cancelled, progress)

    def restore(
        self, snapshot: Snapshot, *, is_cancelled: IsCancelled = _never, progress: Progress = _ignore
    ) -> PushReport:
        """Bring everything back to ``snapshot``, whoever moved it; can be undone as any push.

        Raises :class:`ProtocolError` for a snapshot of another DAW or session.
        """
        with self._operation:
            self._require_answers(is_cancelled)
            self._require_session(snapshot.daw, snapshot.session, "the snapshot")
            held = self._talk.heard(snapshot.values)
            changes = [Change(c.track, c.param, held.get(c, value), value) for c, value in snapshot.values.items()]
            wishes = [Wish(change, is_regardless=True) for change in changes]
            return self._carried_out(wishes, "", is_cancelled, progress)

    def undo(
        self,
        push_id: str | None = None,
        *,
        regardless: bool = False,
        is_cancelled: IsCancelled = _never,
        progress: Progress = _ignore,
    ) -> PushReport:
        """Bring back what the DAW held before a push, the last one by default; also one that a crash interrupted.

        What somebody has moved since stays (``MOVED``), unless ``regardless``; the last push is then the last of which
        anything was not brought back. Raises :class:`ProtocolError` where there is no such push.
        """
        with self._operation:
            self._require_answers(is_cancelled)
            entry = self._entry(push_id, regardless)
            changes = [Change(row.track, row.param, row.new, row.old) for row in entry.rows]
            wishes = [Wish(change, regardless) for change in changes]
            session = self.session
            report = self._carried_out(wishes, entry.id, is_cancelled, progress)
            if all(c.outcome in _FINAL for c in report.confirmations):
                kept = sum(c.outcome in _KEPT for c in report.confirmations)
                self._record(self.journal.mark_undone, session, entry.id, kept)
            return report

    def _carried_out(
        self, wishes: Sequence[Wish], undoes: str, is_cancelled: IsCancelled, progress: Progress
    ) -> PushReport:
        with self._operation:
            self._require_answers(is_cancelled)
            begun_s, session = time.monotonic(), self.session
            push = Push(self._talk, wishes, is_cancelled, progress)
            rows, push_id = push.look(), None
            if rows and not is_cancelled():
                push_id = self.journal.begin(self.dialect.name, session, rows, undoes)
                push.carry_out()
            found = push.close()
            if push_id is not None:
                self._record(self.journal.finish, session, push_id, Counter(c.outcome.value for c in found))
            return PushReport(found, time.monotonic() - begun_s, push_id)

    def _record(self, write: Callable[..., None], session: str, *what: object) -> None:
        """Write how a push ended; where that fails, the push is reported, and can be undone, all the same."""
        try:
            write(self.dialect.name, session, *what)
        except ProtocolError as error:
            _logger.warning("%s", error)

    def _require_answers(self, is_cancelled: IsCancelled = _never) -> None:
        timeout_s = self._talk.timing.return_s if self.state is LinkState.CONNECTED else 0.0
        if not self._talk.wait_until_ready(timeout_s, is_cancelled) and not is_cancelled():
            raise ProtocolError(self.trouble or f"{self.dialect.label} does not tell its strips; try again")

    def _require_session(self, daw: str, session: str, what: str) -> None:
        if daw != self.dialect.name or session != self.session:
            here = f"{self.dialect.name}, session {self.session!r}"
            raise ProtocolError(f"{what} is of {daw}, session {session!r}, and this is {here}; open that one")

    def _entry(self, push_id: str | None, or_kept: bool) -> Entry:
        place = self.dialect.name, self.session
        if push_id is None:
            entry = self.journal.last(*place, or_kept=or_kept)
        else:
            entry = next((e for e in self.journal.entries(*place) if e.id == push_id), None)
        if entry is None:
            raise ProtocolError(f"nothing to undo in the session {self.session!r}: {self._nothing_text(push_id)}")
        return entry

    def _nothing_text(self, push_id: str | None) -> str:
        """Why there is nothing to undo."""
        if push_id is not None:
            return f"there is no push {push_id!r}"
        entry = self.journal.last(self.dialect.name, self.session, or_kept=True)
        if entry is None:
            return "nothing was pushed, or all of it is undone"
        kept = f"the push {entry.id} is undone but for {count_text(entry.kept, 'value')}"
        return f"{kept}, moved by somebody or not there then; undo it regardless of that"


def _check(changes: Sequence[Change]) -> None:
    seen: set[tuple[str, str]] = set()
    for change in changes:
        param = BY_NAME.get(change.param)
        if param is None:
            raise ValueError(f"{change.track!r}: there is no parameter {change.param!r}")
        try:
            param.check(change.new)
        except ValueError as error:
            raise ValueError(f"{change.track!r}: {error}") from error
        if change.old != change.old:
            raise ValueError(f"{change.track!r}: {change.param} was proposed against {change.old!r}, which is no value")
        if (change.track, change.param) in seen:
            raise ValueError(f"{change.track!r}: {change.param} is changed twice")
        seen.add((change.track, change.param))
