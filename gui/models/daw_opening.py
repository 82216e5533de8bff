"""One link to a DAW from being opened to being closed, and the two threads beside the window's that it is used on.

Contents: :class:`Opening`, :class:`OpenDaw`, :func:`open_known`; :class:`Look` and :func:`look_at`,
:class:`PushesSeen` and :func:`read_pushes`, :func:`find_path`, :func:`read_desk`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from PyQt6.QtCore import QObject

from assistant.tasks import IsCancelled, Progress
from gui.models.daw_events import Inbox
from gui.models.daw_rows import history_row
from gui.models.daw_values import HistoryRow
from gui.tasks import OnDone, OnError, Tasks
from gui.workshop.values import Desk
from protocols.daw import Control, Event, LinkState
from protocols.errors import ProtocolError
from protocols.journal import Journal
from protocols.link import Daw

if TYPE_CHECKING:
    from protocols.daws import DawKind

#: Nobody looks for a push that lies further back.
LONGEST_HISTORY = 100

Work = Callable[[Daw, Progress, IsCancelled], Any]


class OpenDaw(Protocol):
    """Makes the link to a DAW, not connected yet, and tells of what kind it is; called beside the window's thread."""

    def __call__(
        self,
        name: str,
        host: str,
        port: int | None,
        reply_port: int | None,
        *,
        journal: Journal | None,
        listener: Callable[[Event], None],
    ) -> tuple[Daw, DawKind]: ...


def open_known(
    name: str,
    host: str,
    port: int | None,
    reply_port: int | None,
    *,
    journal: Journal | None,
    listener: Callable[[Event], None],
) -> tuple[Daw, DawKind]:
    """One of ``protocols.daws.DAWS``; see :class:`OpenDaw`."""
    from protocols.daws import DAWS, open_daw  # late: it brings the readers of session files and of audio along

    return open_daw(name, host, port, reply_port, journal=journal, listener=listener), DAWS[name]


class Opening:
    """One link; ``make`` makes it with what hears its events. ``parent`` keeps what is Qt's of it.

    Used on the window's thread, and calls back there. What is said to the DAW is said on one thread, one operation at a
    time; files are looked into on another. ``failed`` hears of what went wrong and has no ``on_error``.
    """

    def __init__(
        self,
        make: Callable[[Callable[[Event], None]], tuple[Daw, DawKind]],
        wake: Callable[[], None],
        failed: OnError,
        parent: QObject,
    ) -> None:
        self.inbox = Inbox(wake)
        self._make = make
        self._made: tuple[Daw, DawKind] | None = None
        self._talk, self._aside = Tasks(1, parent), Tasks(1, parent)
        for tasks in (self._talk, self._aside):
            tasks.failed.connect(failed)

    @property
    def is_made(self) -> bool:
        """Whether there is a link, open or not."""
        return self._made is not None

    def connect(self, on_done: Callable[[str], object], on_error: OnError) -> None:
        """Make the link and begin to greet; ``on_done`` hears what the DAW calls itself."""

        def work(progress: Progress, is_cancelled: IsCancelled) -> str:
            daw, _ = self._made = self._make(self.inbox.put)
            _unless_closed(daw, is_cancelled, lambda: daw.connect(0.0))
            return daw.dialect.label

        self._talk.run_task(work, on_done, on_error)

    def run(
        self, work: Work, on_done: OnDone, on_error: OnError | None = None, on_progress: Progress | None = None
    ) -> None:
        """Have ``work(daw, progress, is_cancelled)`` done after what was asked for before."""

        def carry_out(progress: Progress, is_cancelled: IsCancelled) -> Any:
            daw, _ = self._there()
            return _unless_closed(daw, is_cancelled, lambda: work(daw, progress, is_cancelled))

        self._talk.run_task(carry_out, on_done, on_error, on_progress)

    def read(self, controls: frozenset[Control]) -> None:
        """Have the DAW asked what it holds of ``controls``; it comes into the inbox."""

        def work(daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> None:
            with suppress(ProtocolError):  # one that goes away meanwhile is asked when it is back
                self.inbox.put_read(daw.read(controls))

        self.run(work, lambda nothing: None)

    def look_aside(self, work: Callable[[Daw, DawKind], Any], on_done: OnDone, on_error: OnError | None = None) -> None:
        """Have ``work`` look into files; it must ask nothing of the DAW."""
        self._aside.run_task(lambda progress, is_cancelled: work(*self._there()), on_done, on_error)

    def examine(self, timeout_s: float, on_done: OnDone, on_error: OnError) -> None:
        """Have found what is wrong with the DAW's set-up."""

        def work(daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> Any:
            _, kind = self._there()
            return kind.examine(daw, timeout_s)

        self.run(work, on_done, on_error)

    def close(self, timeout_s: float) -> bool:
        """End the link and cancel whatever runs, and wait for that no longer than ``timeout_s``; whether it ended."""
        pools = self._talk, self._aside
        for tasks in pools:
            tasks.close(0.0)
        if self._made is not None:
            self._made[0].disconnect()  # what waits for an answer waits no more
        has_ended = [tasks.close(timeout_s) for tasks in pools]
        for tasks in pools:
            tasks.deleteLater()
        return all(has_ended)

    def _there(self) -> tuple[Daw, DawKind]:
        if self._made is None:
            raise ProtocolError("the DAW was not connected to")
        return self._made


def _unless_closed(daw: Daw, is_cancelled: IsCancelled, work: Callable[[], Any]) -> Any:
    """What ``work`` gives; a link that was closed meanwhile is not left open by it."""
    try:
        return work()
    finally:
        if is_cancelled():
            daw.disconnect()


@dataclass(frozen=True)
class Look:
    """What is seen of a link and of the files that belong to it without asking the DAW: why it is silent, datagrams
    dropped, whether its session has unsaved changes."""

    trouble: str
    dropped: Mapping[str, int]
    has_unsaved: bool


def look_at(daw: Daw, kind: DawKind, session: str) -> Look:
    """A look at the link and at the session's file, where that is known."""
    trouble = "" if daw.state is LinkState.CLOSED else daw.trouble
    return Look(trouble, daw.dropped, _is_unsaved(daw, kind, session))


@dataclass(frozen=True)
class PushesSeen:
    """What the journal has of a session, the latest first: ``history``, at most ``LONGEST_HISTORY`` pushes, and those
    that were begun and never ended (``pending``: the companion was interrupted)."""

    history: tuple[HistoryRow, ...] = ()
    pending: tuple[HistoryRow, ...] = ()


def read_pushes(daw: Daw, session: str) -> PushesSeen:
    """The journal's pushes to ``session``. Raises :class:`ProtocolError` where it cannot be read."""
    entries = daw.journal.entries(daw.dialect.name, session)[::-1]
    pending = [entry for entry in entries if entry.outcomes is None and not entry.is_undone]
    return PushesSeen(tuple(map(history_row, entries[:LONGEST_HISTORY])), tuple(map(history_row, pending)))


def find_path(daw: Daw, kind: DawKind, session: str) -> Path:
    """Where the audio of ``session`` lies. Raises :class:`ProtocolError`, with what to do, where that is not known."""
    from protocols.running import find_session  # late: it brings the readers of session files along

    return find_session(kind, daw.dialect.label, session)


def read_desk(daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> Desk:
    """The DAW's mixer, read anew."""
    tracks, held = daw.tracks(), daw.read()
    return Desk(daw.dialect.name, daw.dialect.label, daw.session, daw.dialect.pan_law, tracks, held)


def _is_unsaved(daw: Daw, kind: DawKind, session: str) -> bool:
    if kind.is_unsaved is None or not session:
        return False
    with suppress(ProtocolError):  # a session that is not found, or twice
        return kind.is_unsaved(find_path(daw, kind, session))
    return False
