"""A lock that serves whoever asks in the order of asking, so that long work lets short work in between."""

from __future__ import annotations

import threading
from types import TracebackType


class Turns:
    """Used as a context: one thread inside at a time, the others in the order in which they came.

    A plain lock is taken again at once by the thread that has just let go of it, and the others starve. Not for a
    thread that is inside already.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._drawn = self._serving = 0

    def __enter__(self) -> None:
        with self._changed:
            mine = self._drawn
            self._drawn += 1
            self._changed.wait_for(lambda: self._serving == mine)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._changed:
            self._serving += 1
            self._changed.notify_all()
