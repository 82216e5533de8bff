"""The workshop's side of calls: each runs in its lane, one after another in a lane, the lanes side by side.

Contents: :class:`Lanes`.
"""

from __future__ import annotations

import pickle
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from assistant.tasks import Cancelled
from gui.workshop.channel import Channel, Kind
from gui.workshop.failing import failure

#: A call's progress is told no more often than this.
PROGRESS_S = 0.05


@dataclass(eq=False)
class _Job:
    """One call; ``arguments`` are pickled. It has begun when somebody has taken it on, to do it or to call it off."""

    number: int
    name: str
    arguments: bytes
    has_begun: bool = False
    is_cancelled: bool = False


class Lanes:
    """The threads that do ``work``, one for each lane named in its ``LANES``; answers go to ``channel``."""

    def __init__(self, work: object, channel: Channel, on_answered: Callable[[], None]) -> None:
        self._work, self._channel, self._on_answered = work, channel, on_answered
        self._lane_of = cast(Any, work).LANES
        self._lanes: dict[str, queue.SimpleQueue[_Job]] = {}
        self._jobs: dict[int, _Job] = {}
        self._changed = threading.Condition()
        self._heard: dict[int, tuple[float, str]] = {}
        self._has_heard = threading.Event()
        threading.Thread(target=self._tell_progress, name="progress", daemon=True).start()

    def add(self, number: int, name: str, arguments: bytes) -> None:
        """Have the work called ``name`` done with pickled ``arguments``; the answer comes on the channel."""
        if name not in self._lane_of:
            self._send(number, *failure(LookupError(f"the workshop knows no request {name!r}")))
            return
        job = _Job(number, name, arguments)
        with self._changed:
            self._jobs[number] = job
        self._lane(self._lane_of[name]).put(job)

    def cancel(self, number: int) -> None:
        """Tell the work to stop; what waits in its lane ends at once. Unknown numbers are those already answered."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None:
                return
            job.is_cancelled = True
            if job.has_begun:
                return
            job.has_begun = True  # so that its lane passes it over
        self._finish(job, Kind.CANCELLED)

    def cancel_all(self) -> None:
        """Cancel everything that was asked."""
        with self._changed:
            numbers = list(self._jobs)
        for number in numbers:
            self.cancel(number)

    def is_idle(self) -> bool:
        """Whether everything asked is answered."""
        return not self._jobs

    def wait(self, timeout_s: float) -> None:
        """Wait until everything asked is answered, but no longer than ``timeout_s``."""
        with self._changed:
            self._changed.wait_for(self.is_idle, timeout_s)

    def _lane(self, name: str) -> queue.SimpleQueue[_Job]:
        """Only the receiving thread adds jobs, so that no two make one lane."""
        if name not in self._lanes:
            self._lanes[name] = queue.SimpleQueue()
            threading.Thread(target=self._run, args=(self._lanes[name],), name=f"lane {name}", daemon=True).start()
        return self._lanes[name]

    def _run(self, lane: queue.SimpleQueue[_Job]) -> None:
        while True:
            self._do(lane.get())

    def _do(self, job: _Job) -> None:
        with self._changed:
            if job.has_begun:  # cancelled while it waited
                return
            job.has_begun = True
        try:
            value = pickle.dumps(self._result(job), protocol=pickle.HIGHEST_PROTOCOL)
        except Cancelled:
            self._finish(job, Kind.CANCELLED)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the window must hear of it
            kind, *texts = failure(error)
            self._finish(job, kind, pickle.dumps(tuple(texts)))
        else:
            self._finish(job, Kind.RESULT, value)

    def _result(self, job: _Job) -> object:
        def progress(share: float, what: str) -> None:
            self._heard[job.number] = share, what
            self._has_heard.set()

        method = getattr(self._work, job.name)
        return method(*pickle.loads(job.arguments), progress=progress, is_cancelled=lambda: job.is_cancelled)

    def _finish(self, job: _Job, kind: Kind, value: bytes = b"") -> None:
        self._heard.pop(job.number, None)
        with suppress(OSError):  # nobody is left to hear it: the receiving thread will see that too
            self._channel.send(job.number, kind, value)
        with self._changed:
            del self._jobs[job.number]
            self._changed.notify_all()
        self._on_answered()

    def _send(self, number: int, kind: Kind, *texts: str) -> None:
        with suppress(OSError):
            self._channel.send(number, kind, pickle.dumps(texts))

    def _tell_progress(self) -> None:
        """Tell the latest of every call, then rest: what came in between is never sent."""
        while self._has_heard.wait():
            self._has_heard.clear()
            for number in list(self._heard):
                with suppress(KeyError, OSError):
                    self._channel.send(number, Kind.PROGRESS, pickle.dumps(self._heard.pop(number)))
            time.sleep(PROGRESS_S)
