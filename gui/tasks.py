"""Long work beside the window: started and heard on the window's thread, done on others.

Work functions are called with ``progress`` and ``is_cancelled`` and know no Qt. Everything here is used on the window's
thread alone, and calls back on it.

Contents: :class:`Task`, :class:`Tasks`, :class:`Latest`.
"""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal

from assistant.tasks import Cancelled, IsCancelled, Progress
from gui.workshop.errors import WorkshopDefect, WorkshopError
from protocols.errors import ProtocolError

Work = Callable[[Progress, IsCancelled], Any]
OnDone = Callable[[Any], object]
OnError = Callable[[Exception], object]

#: Progress is shown no more often than this.
PROGRESS_MS = 33


class Task:
    """One piece of work; made by :meth:`Tasks.run_task`."""

    def __init__(self, work: Work, on_done: OnDone, on_error: OnError | None, on_progress: Progress | None) -> None:
        self._work, self._on_done, self._on_error, self._on_progress = work, on_done, on_error, on_progress
        self._is_cancelled = False
        self._heard: tuple[float, str] | None = None
        self._result: Any = None
        self._error: Exception | None = None

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._is_cancelled

    def cancel(self) -> None:
        """Tell it to stop; nothing of it is heard any more."""
        self._is_cancelled = True

    def _do(self) -> None:
        """On a thread of the pool."""
        try:
            self._result = self._work(self._hear, lambda: self._is_cancelled)
        except (WorkshopError, ProtocolError, Cancelled) as error:
            self._error = error
        except BaseException as error:  # noqa: BLE001 - whatever it is, the window must hear of it
            message = f"a defect of mixassist, not of your files: {type(error).__name__}: {error}"
            self._error = WorkshopDefect(message, "".join(traceback.format_exception(error)))

    def _hear(self, share: float, what: str) -> None:
        self._heard = share, what

    def _tell_progress(self) -> None:
        heard, self._heard = self._heard, None
        if heard is not None and self._on_progress is not None and not self._is_cancelled:
            self._on_progress(*heard)

    def _tell_end(self, on_unheard_error: OnError) -> None:
        if self._is_cancelled:
            return
        if self._error is None:
            self._on_done(self._result)
        else:
            (self._on_error or on_unheard_error)(self._error)


class Tasks(QObject):
    """At most ``size`` tasks at a time, further ones in the order in which they came; until :meth:`close`."""

    #: A task without ``on_error`` went wrong: the exception, whose message is meant for the user.
    failed = pyqtSignal(Exception)

    _ended = pyqtSignal(object)

    def __init__(self, size: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._size = size
        self._threads: list[threading.Thread] = []
        self._waiting: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._open: set[Task] = set()
        self._is_closed = False
        self._closing = threading.Lock()
        self._ended.connect(self._hear_end, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self)
        self._timer.setInterval(PROGRESS_MS)
        self._timer.timeout.connect(self._tell_progress)

    def run_task(
        self, work: Work, on_done: OnDone, on_error: OnError | None = None, on_progress: Progress | None = None
    ) -> Task:
        """Have ``work(progress, is_cancelled)`` done; exactly one of ``on_done`` and ``on_error`` follows.

        ``on_error`` gets a :class:`WorkshopError`, a :class:`ProtocolError`, a :class:`Cancelled` that the work raised
        by itself, or a :class:`WorkshopDefect` made of anything else. Of progress only the latest is told, 30 times a
        second. After :meth:`Task.cancel` or :meth:`close` nothing follows.
        """
        task = Task(work, on_done, on_error, on_progress)
        if self._is_closed:
            task.cancel()
            return task
        self._open.add(task)
        if len(self._threads) < min(self._size, len(self._open)):
            self._add_thread()
        self._waiting.put(task)
        if not self._timer.isActive():
            self._timer.start()
        return task

    def close(self, timeout_s: float = 3.0) -> bool:
        """Cancel everything and wait for it, no longer than ``timeout_s``; returns whether all of it has ended."""
        with self._closing:
            self._is_closed = True
        self._timer.stop()
        for task in self._open:
            task.cancel()
        self._open.clear()
        for _ in self._threads:
            self._waiting.put(None)
        deadline = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(deadline - time.monotonic(), 0.0))
        return not any(thread.is_alive() for thread in self._threads)

    def _add_thread(self) -> None:
        thread = threading.Thread(target=self._run, name=f"task {len(self._threads) + 1}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _run(self) -> None:
        while (task := self._waiting.get()) is not None:
            if not task.is_cancelled:
                task._do()
            with self._closing:
                if not self._is_closed:  # afterwards there may be no object to signal to
                    self._ended.emit(task)
            del task  # what it holds may be large

    def _hear_end(self, task: Task) -> None:
        if task not in self._open:  # closed in between
            return
        self._open.remove(task)
        if not self._open:
            self._timer.stop()
        task._tell_end(self.failed.emit)

    def _tell_progress(self) -> None:
        for task in list(self._open):
            task._tell_progress()


class Latest:
    """Questions of which only the newest matters, as while a curve is dragged.

    While one is being answered, the newest further one waits and those before it are dropped; answers come in the order
    of their questions.
    """

    def __init__(self, tasks: Tasks, on_done: OnDone, on_error: OnError | None = None) -> None:
        self._tasks, self._on_done, self._on_error = tasks, on_done, on_error or tasks.failed.emit
        self._task: Task | None = None
        self._next: Work | None = None

    def ask(self, work: Work) -> None:
        """Have ``work(progress, is_cancelled)`` done as soon as the one before it is."""
        if self._task is None:
            self._task = self._tasks.run_task(work, self._hear_done, self._hear_error)
        else:
            self._next = work

    def cancel(self) -> None:
        """Drop what waits and what is being answered: its answer no longer matters."""
        self._next = None
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _hear_done(self, result: Any) -> None:
        self._go_on()
        self._on_done(result)

    def _hear_error(self, error: Exception) -> None:
        self._go_on()
        self._on_error(error)

    def _go_on(self) -> None:
        self._task, work, self._next = None, self._next, None
        if work is not None:
            self.ask(work)
