"""A track's bottom alone: folded to one channel, low-passed, at 3 kHz whatever its own rate.

Contents: :class:`Trace`, :func:`take_trace`, ``TRACE_HZ``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

#: Samples per second of every trace; it is clean up to 1 kHz.
TRACE_HZ = 3_000
_CUTOFF_HZ, _TRANSITION_HZ = 1_500.0, 1_000.0
#: Stop band of 60 dB (Kaiser, 1974: beta and length from attenuation and width).
_BETA, _ATTENUATION_DB = 5.65, 60.0
#: Channels that agree less than this would cancel when folded: then the left one stands for both.
_LEAST_AGREEMENT = -0.6


@dataclass(frozen=True)
class Trace:
    """``samples`` at :data:`TRACE_HZ`, scaled to an RMS of 1 (nothing where there is nothing); ``rms`` undoes that."""

    samples: NDArray[np.float16] = field(compare=False, repr=False)
    rms: float


def take_trace(audio: NDArray[np.float32], sample_rate: int) -> Trace:
    """The :class:`Trace` of ``audio`` ``(C, T)`` at ``sample_rate`` Hz (8 kHz or more)."""
    left, right = audio[0], audio[-1]
    folded = len(audio) == 2 and _agreement(left, right) >= _LEAST_AGREEMENT
    up, down, taps = _resampler(sample_rate)
    count = audio.shape[1] * up // down
    samples = _low(left, right if folded else left, taps, down, count)
    rms = math.sqrt(float(samples @ samples) / max(1, count))
    return Trace((samples / (rms or 1.0)).astype(np.float16), rms)


def _agreement(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """Correlation of the channels, from every 16th sample."""
    a, b = left[::16], right[::16]
    both = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / both if both > 0.0 else 1.0


@lru_cache(maxsize=8)
def _resampler(sample_rate: int) -> tuple[int, int, NDArray[np.float32]]:
    """(up, down, taps ``(up, N)`` per phase): 3 kHz is ``sample_rate`` times up over down."""
    divisor = math.gcd(sample_rate, TRACE_HZ)
    up, down = TRACE_HZ // divisor, sample_rate // divisor
    half = math.ceil((_ATTENUATION_DB - 8.0) / (2.285 * 2.0 * math.pi * _TRANSITION_HZ / sample_rate) / 2.0)
    places = np.arange(-half, half) - np.arange(up)[:, None] / up
    window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1.0 - (places / half) ** 2)))
    taps = np.sinc(2.0 * _CUTOFF_HZ / sample_rate * places) * window
    return up, down, (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath=True)
def _low(
    left: NDArray[np.float32], right: NDArray[np.float32], taps: NDArray[np.float32], down: int, count: int
) -> NDArray[np.float32]:
    """Mean of both channels behind the filter, ``count`` samples ``down / len(taps)`` apart; silence around."""
    up, length = taps.shape
    out = np.zeros(count, np.float32)
    for n in range(count):
        first = n * down // up - length // 2
        low, high = max(0, -first), min(length, len(left) - first)
        filtering = taps[n * down % up, low:high]
        piece_l, piece_r = left[first + low : first + high], right[first + low : first + high]
        total = np.float32(0.0)
        for k in range(len(filtering)):
            total += filtering[k] * (piece_l[k] + piece_r[k])
        out[n] = np.float32(0.5) * total
    return out
