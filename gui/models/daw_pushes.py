"""Pushes into a DAW: one at a time, those that wait merged; what was not confirmed, and what can be undone.

Contents: :class:`DawPushes`.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from PyQt6.QtCore import QObject, pyqtSignal

from assistant.mix import Change
from assistant.tasks import IsCancelled, Progress
from gui.models.daw_rows import unconfirmed_row
from gui.models.daw_values import UnconfirmedRow
from protocols.daw import Confirmation, Control, Outcome, PushReport, Snapshot
from protocols.link import Daw

OnReport = Callable[[PushReport], object]
_Work = Callable[[Daw, Progress, IsCancelled], PushReport]
_FINE = (Outcome.CONFIRMED, Outcome.UNCHANGED)


class Run(Protocol):
    """Has ``work(daw, progress, is_cancelled)`` done beside the window, on the thread that talks to the DAW."""

    def __call__(
        self,
        work: _Work,
        on_done: OnReport,
        on_error: Callable[[Exception], object],
        on_progress: Progress | None = None,
    ) -> object: ...


@dataclass
class _Operation:
    """Something that waits to be done, or is; ``changes`` are those of a push, ``work`` does anything else."""

    changes: dict[Control, Change] = field(default_factory=dict)
    work: _Work | None = None
    heard_by: list[OnReport] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def carry_out(self, daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> PushReport:
        """On the thread that talks to the DAW."""

        def is_over() -> bool:
            return self.stop.is_set() or is_cancelled()

        if self.work is not None:
            return self.work(daw, progress, is_over)
        return daw.push(tuple(self.changes.values()), is_cancelled=is_over, progress=progress)

    def merge(self, changes: Iterable[Change]) -> None:
        """Take ``changes`` in: the newest value of a control wins, and leads from where the first one did."""
        for change in changes:
            control = Control(change.track, change.param)
            first = self.changes.get(control, change)
            self.changes[control] = Change(change.track, change.param, first.old, change.new)

    def all_with(self, outcome: Outcome, text: str) -> PushReport:
        """The report of a push that did not come about."""
        return PushReport(tuple(Confirmation(c, outcome, None, text) for c in self.changes.values()), 0.0)


class DawPushes(QObject):
    """The pushes of one link. ``run`` has something done on its thread; ``where`` is what the DAW holds now.

    ``before_each`` is called when an operation begins, ``after_each`` with its report before anybody else hears it.
    """

    #: What became of a push, an undoing or a restoring: a :class:`PushReport`.
    pushed = pyqtSignal(object)
    #: Rows (:class:`UnconfirmedRow`) of what the DAW was not seen to take over and nobody has left since.
    unconfirmed_changed = pyqtSignal(tuple)
    #: Share done (0..1), and what is being done.
    progressed = pyqtSignal(float, str)
    #: Whether anything is being pushed.
    busy_changed = pyqtSignal(bool)
    #: An undoing or restoring that did not come about: why, and what to do.
    failed = pyqtSignal(str)

    def __init__(
        self,
        run: Run,
        where: Callable[[Control], float | None],
        before_each: Callable[[], object],
        after_each: OnReport,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._run, self._where = run, where
        self._before_each, self._after_each = before_each, after_each
        self._waiting: deque[_Operation] = deque()
        self._running: _Operation | None = None
        self._told_busy = False
        self._unconfirmed: dict[Control, Confirmation] = {}

    @property
    def is_busy(self) -> bool:
        """Whether anything is being pushed."""
        return self._running is not None

    @property
    def unconfirmed(self) -> tuple[UnconfirmedRow, ...]:
        """What was not confirmed, the latest last."""
        return tuple(map(unconfirmed_row, self._unconfirmed.values()))

    def push(self, changes: Sequence[Change], on_done: OnReport | None = None) -> None:
        """Have ``changes`` made in the DAW, merged with others that wait; ``on_done`` hears what became of them all."""
        if not changes:
            return
        if not self._waiting or self._waiting[-1].work is not None:
            self._waiting.append(_Operation())
        self._waiting[-1].merge(changes)
        self._add_hearer(on_done)
        self._start_next()

    def undo(self, push_id: str | None = None, on_done: OnReport | None = None, *, regardless: bool = False) -> None:
        """Bring back what the DAW held before a push, the last one by default; what was moved since stays, unless
        ``regardless``."""

        def work(daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> PushReport:
            return daw.undo(push_id, regardless=regardless, is_cancelled=is_cancelled, progress=progress)

        self._add(work, on_done)

    def restore(self, snapshot: Snapshot, on_done: OnReport | None = None) -> None:
        """Bring everything back to ``snapshot``, whoever moved it."""

        def work(daw: Daw, progress: Progress, is_cancelled: IsCancelled) -> PushReport:
            return daw.restore(snapshot, is_cancelled=is_cancelled, progress=progress)

        self._add(work, on_done)

    def push_again(self, keys: Iterable[tuple[str, str]] | None = None, on_done: OnReport | None = None) -> None:
        """Try again what was not confirmed, all of it by default: from where it stands now, whoever moved it there."""
        changes = [self._unconfirmed[control].change for control in self._controls(keys)]
        self.push([self._from_now(change) for change in changes], on_done)

    def note(self, found: Sequence[Confirmation]) -> None:
        """The DAW was found not to hold what was decided: it can be tried again, or left."""
        self._note(PushReport(tuple(found), 0.0))

    def leave(self, keys: Iterable[tuple[str, str]] | None = None) -> None:
        """Leave what was not confirmed as it stands in the DAW, all of it by default."""
        gone = self._controls(keys)
        for control in gone:
            del self._unconfirmed[control]
        if gone:
            self.unconfirmed_changed.emit(self.unconfirmed)

    def cancel(self) -> None:
        """Stop what is being pushed, and send nothing of what waits."""
        waiting, self._waiting = list(self._waiting), deque()
        if self._running is not None:
            self._running.stop.set()
        for operation in waiting:
            self._tell(operation, operation.all_with(Outcome.CANCELLED, ""))

    def forget(self) -> None:
        """The link was closed: nothing of it is heard any more."""
        if self._running is not None:
            self._running.stop.set()
        self._waiting.clear()
        self._running = None
        self._tell_busy()
        self.leave()

    def _add(self, work: _Work, on_done: OnReport | None) -> None:
        self._waiting.append(_Operation(work=work))
        self._add_hearer(on_done)
        self._start_next()

    def _add_hearer(self, on_done: OnReport | None) -> None:
        if on_done is not None:
            self._waiting[-1].heard_by.append(on_done)

    def _start_next(self) -> None:
        if self._running is not None or not self._waiting:
            return
        operation = self._waiting.popleft()
        self._running = operation
        self._tell_busy()
        self._before_each()
        self._run(
            operation.carry_out,
            lambda report: self._end(operation, report),
            lambda error: self._fail(operation, error),
            self.progressed.emit,
        )

    def _end(self, operation: _Operation, report: PushReport) -> None:
        self._running = None
        self._tell(operation, report)
        self._go_on()

    def _fail(self, operation: _Operation, error: Exception) -> None:
        self._running = None
        if operation.work is None:
            self._tell(operation, operation.all_with(Outcome.UNANSWERED, str(error)))
        else:
            self.failed.emit(str(error))
        self._go_on()

    def _go_on(self) -> None:
        self._start_next()
        self._tell_busy()

    def _tell_busy(self) -> None:
        if self._told_busy != self.is_busy:
            self._told_busy = self.is_busy
            self.busy_changed.emit(self.is_busy)

    def _tell(self, operation: _Operation, report: PushReport) -> None:
        self._after_each(report)
        self._note(report)
        self.pushed.emit(report)
        for hear in operation.heard_by:
            hear(report)

    def _note(self, report: PushReport) -> None:
        """Keep what was not confirmed, and drop what is now."""
        before = dict(self._unconfirmed)
        for confirmation in report.confirmations:
            control = Control(confirmation.change.track, confirmation.change.param)
            self._unconfirmed.pop(control, None)
            if confirmation.outcome not in _FINE:
                self._unconfirmed[control] = confirmation
        if self._unconfirmed != before:
            self.unconfirmed_changed.emit(self.unconfirmed)

    def _controls(self, keys: Iterable[tuple[str, str]] | None) -> list[Control]:
        asked = list(self._unconfirmed) if keys is None else [Control(*key) for key in keys]
        return [control for control in asked if control in self._unconfirmed]

    def _from_now(self, change: Change) -> Change:
        held = self._where(Control(change.track, change.param))
        return Change(change.track, change.param, change.old if held is None else held, change.new)
