"""What long work and whoever started it say to each other: loading, progress, cancelling."""

from __future__ import annotations

from collections.abc import Callable

from assistant.arrays import FloatArray
from assistant.mix import Track

#: Brings a track's audio, float32 ``(C, T)``, at a sample rate in Hz.
Load = Callable[[Track, int], FloatArray]
#: Hears the share done (0..1) and what was done.
Progress = Callable[[float, str], None]
#: Asked now and then whether to stop.
IsCancelled = Callable[[], bool]


class Cancelled(Exception):
    """``is_cancelled`` turned true before the work was done."""
