"""Work for a workshop that does what its tests need, and nothing of mixassist's."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from typing import ClassVar

import numpy as np

from assistant.mix import MixFormatError
from assistant.tasks import Cancelled
from protocols.errors import ProtocolError

ERRORS = {
    "mix": MixFormatError("a mix file of another world"),
    "protocol": ProtocolError("no DAW answers"),
    "system": FileNotFoundError(2, "No such file or directory", "kick.wav"),
    "memory": MemoryError(),
    "defect": ZeroDivisionError("division by zero"),
    "exit": SystemExit(3),
}


class Toy:
    """Requests in two lanes; it remembers what was opened."""

    LANES: ClassVar = {
        **dict.fromkeys(("add", "fail", "count", "hold", "sleep", "whereabouts", "array", "lock"), "bench"),
        **dict.fromkeys(("open", "opened", "release", "unsendable", "write", "heavy"), "desk"),
    }

    def __init__(self) -> None:
        self._opened: str | None = None
        self._released = threading.Event()

    def warm_up(self) -> None:
        sys.stderr.write("warm\n")

    def open(self, path, progress, is_cancelled):
        if not os.path.exists(path):
            raise FileNotFoundError(2, "No such file or directory", path)
        self._opened = path
        return f"opened {path}"

    def opened(self, progress, is_cancelled):
        return self._opened

    def add(self, one, other, progress, is_cancelled):
        return one + other

    def fail(self, which, progress, is_cancelled):
        raise ERRORS[which]

    def count(self, times, progress, is_cancelled):
        for number in range(times):
            progress(number / times, f"{number}")
            time.sleep(0.001)

    def hold(self, progress, is_cancelled):
        """Holds its lane until it is cancelled or released."""
        progress(0.0, "holding")
        while not self._released.wait(0.01):
            if is_cancelled():
                raise Cancelled
        self._released.clear()
        return "released"

    def release(self, progress, is_cancelled):
        self._released.set()

    def sleep(self, seconds, progress, is_cancelled):
        """Deaf to cancelling, as native code is."""
        progress(0.0, "sleeping")
        time.sleep(seconds)
        sys.stderr.write("slept\n")

    def lock(self, seconds, progress, is_cancelled):
        """Native code that keeps the interpreter's lock."""
        progress(0.0, "about to keep it")
        time.sleep(0.2)
        ctypes.PyDLL(None).sleep(seconds)

    def whereabouts(self, progress, is_cancelled):
        return os.getpid(), os.environ["OPENBLAS_NUM_THREADS"]

    def heavy(self, progress, is_cancelled):
        return sorted(sys.modules.keys() & {"torch", "scipy", "numba", "dawdreamer", "PyQt6"})

    def array(self, megabytes, progress, is_cancelled):
        return np.arange(megabytes * 250_000, dtype=np.float32)

    def unsendable(self, progress, is_cancelled):
        return threading.Lock()

    def write(self, progress, is_cancelled):
        sys.stdout.write("printed\n")
        sys.stdout.flush()
        os.write(1, b"native")
