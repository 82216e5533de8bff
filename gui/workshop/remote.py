"""The workshop as the window sees it: calls that may take long, from any thread, and what may become of them.

Contents: :class:`Workshop`; the errors :class:`WorkshopError`, :class:`WorkshopDefect`, :class:`WorkshopLost`.
"""

from __future__ import annotations

import pickle
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from assistant.tasks import Cancelled, IsCancelled, Progress
from gui.workshop.channel import Kind
from gui.workshop.child import Answers, Child
from gui.workshop.errors import WorkshopDefect, WorkshopError, WorkshopLost

__all__ = ["OPEN", "Workshop", "WorkshopDefect", "WorkshopError", "WorkshopLost"]

#: The request that gives the workshop its session; repeated when a new process takes over.
OPEN = "open"

# How often a call that waits looks whether it was cancelled, s.
_LOOK_S = 0.05


class Workshop:
    """A process of its own that does ``work``, the class at ``module:name``; started again when it was lost.

    ``on_lost`` hears a sentence for the user when the process ends by itself; it is called on a thread of ours.
    """

    def __init__(
        self, work: str = "gui.workshop.work:Work", on_lost: Callable[[str], None] = lambda _how: None
    ) -> None:
        self._work, self._on_lost = work, on_lost
        self._child: Child | None = None
        self._is_closed = False
        self._starting = threading.Lock()
        self._readying = threading.Lock()
        self._opened: tuple[Any, ...] | None = None
        self._furnished: Child | None = None

    def start(self) -> None:
        """Start the process, without waiting for it. Raises :class:`WorkshopError` where the system refuses."""
        self._running()

    def call(
        self, name: str, *arguments: Any, progress: Progress | None = None, is_cancelled: IsCancelled | None = None
    ) -> Any:
        """What the work called ``name`` returns; any thread may call, and waits.

        ``progress`` is called on the calling thread, at most 20 times a second. After ``is_cancelled`` turned true the
        work still has to notice; what it then returns is returned. While a session is opened, other calls wait.

        Raises:
            Cancelled: ``is_cancelled`` turned true, or the workshop is closed.
            WorkshopError: it could not be done, and the message says why.
            WorkshopDefect: an error that nobody foresaw.
            WorkshopLost: the process ended in the middle of it.
        """
        told = _Told(progress, is_cancelled)
        with self._turn(told):
            child = self._running()
            if name == OPEN:
                return self._open(child, arguments, told)
            if self._opened is not None and self._furnished is not child:
                self._open(child, self._opened, told)
        return self._ask(child, name, arguments, told)

    def close(self, timeout_s: float = 1.5) -> None:
        """Cancel every call and end the process, by force where it takes longer than ``timeout_s``."""
        with self._starting:
            self._is_closed = True
        if self._child is not None:
            self._child.end(timeout_s)

    def _running(self) -> Child:
        with self._starting:
            if self._is_closed:
                raise Cancelled
            if self._child is None or not self._child.is_alive:
                try:
                    self._child = Child(self._work, self._hear_end)
                except OSError as error:
                    raise WorkshopError(f"the workshop cannot be started: {error.strerror or error}") from error
            return self._child

    def _hear_end(self, how: str) -> None:
        if self._on_lost is not None and not self._is_closed:
            self._on_lost(how)

    @contextmanager
    def _turn(self, told: _Told) -> Iterator[None]:
        """One call at a time sees to it that a process is there and has its session, or gives it another."""
        while not self._readying.acquire(timeout=_LOOK_S):
            if self._is_closed or told.is_cancelled():
                raise Cancelled
        try:
            if told.is_cancelled():  # by now: what was asked for since must not be undone
                raise Cancelled
            yield
        finally:
            self._readying.release()

    def _open(self, child: Child, arguments: tuple[Any, ...], told: _Told) -> Any:
        result = self._ask(child, OPEN, arguments, told)
        self._opened, self._furnished = arguments, child
        return result

    def _ask(self, child: Child, name: str, arguments: tuple[Any, ...], told: _Told) -> Any:
        number, answers = child.ask(name, arguments)
        try:
            kind, value = told.answer(answers, lambda: child.cancel(number))
        finally:
            child.forget(number)
        if kind is Kind.LOST and self._is_closed:
            raise Cancelled
        return _result(kind, value)


class _Told:
    """Whoever waits for a call: hears its progress and may cancel it."""

    def __init__(self, progress: Progress | None, is_cancelled: IsCancelled | None) -> None:
        self._progress, self._is_cancelled = progress, is_cancelled

    def is_cancelled(self) -> bool:
        return self._is_cancelled is not None and self._is_cancelled()

    def answer(self, answers: Answers, cancel: Callable[[], None]) -> tuple[Kind, bytes]:
        """Wait for the answer; ``cancel`` is called once, when this is cancelled."""
        look_s = None if self._is_cancelled is None else _LOOK_S
        while True:
            if look_s is not None and self.is_cancelled():
                cancel()
                look_s = None
            try:
                kind, value = answers.get(timeout=look_s)
            except queue.Empty:
                continue
            if kind is not Kind.PROGRESS:
                return kind, value
            if self._progress is not None:
                self._progress(*pickle.loads(value))


_ERRORS = {Kind.FAILED: WorkshopError, Kind.DEFECT: WorkshopDefect, Kind.LOST: WorkshopLost}


def _result(kind: Kind, value: bytes) -> Any:
    if kind is Kind.RESULT:
        return pickle.loads(value)
    if kind is Kind.CANCELLED:
        raise Cancelled
    raise _ERRORS[kind](*pickle.loads(value))
