"""Jobs shared out among a few workers, each with a program of its own, and the memory they leave to one another."""

from __future__ import annotations

import ctypes
import queue
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

Worker = TypeVar("Worker")
Item = TypeVar("Item")
Result = TypeVar("Result")

# Parameters of glibc's mallopt.
_M_TRIM_THRESHOLD, _M_MMAP_MAX, _M_ARENA_MAX = -1, -4, -8


class Crew(Generic[Worker]):
    """As many threads as ``workers``; each job has one of the workers to itself."""

    def __init__(self, workers: Sequence[Worker]) -> None:
        self._size = len(workers)
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in workers:
            self._idle.put(worker)

    def run(self, job: Callable[[Worker, Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results of ``job(worker, item)`` in the order of ``items``.

        No more results are made ahead than there are workers, which bounds the memory.
        An exception in a job is raised here, after the jobs under way have ended; those not begun are dropped.
        """

        def with_worker(item: Item) -> Result:
            worker = self._idle.get()
            try:
                return job(worker, item)
            finally:
                self._idle.put(worker)

        remaining = iter(items)
        with ThreadPoolExecutor(self._size) as pool:
            ahead = deque(pool.submit(with_worker, item) for item in islice(remaining, self._size))
            try:
                while ahead:
                    result = ahead.popleft().result()
                    ahead.extend(pool.submit(with_worker, item) for item in islice(remaining, 1))
                    yield result
            finally:
                pool.shutdown(cancel_futures=True)


def keep_freed_memory() -> None:
    """Have this process keep the memory it frees, for programs that render and end.

    A render takes and frees buffers by the hundred megabytes. By default each goes back to the system and is fetched
    again page by page, which costs a fifth of the time. Only glibc knows the settings; elsewhere nothing happens.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "mallopt"):
            for setting, value in ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, 2**31 - 1), (_M_ARENA_MAX, 1)):
                library.mallopt(setting, value)


def release_freed_memory() -> None:
    """Give back what this process has freed and kept, between two jobs that need much memory at different places."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):
            library.malloc_trim(0)
