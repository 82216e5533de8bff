"""Clipping: flat tops where the waveform ran into a ceiling and was cut off.

A flat top is a run of at least :data:`LEAST_RUN` equal samples at the channel's own greatest or least sample, or at
full scale. It counts as cut off where the waveform leaves it steeply: by more than :data:`STEEP_STEPS` quantisation
steps, which a smooth peak of a coarsely quantised (8 bit) sound does not. Where most of the neighbourhood consists of
equal samples, the sound itself is made of steps (square waves, held samples) and nothing is said.

Contents: :class:`Clipping`, :func:`find_clipping`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from assistant.analysis.levels import amplitude_to_db

LEAST_RUN = 3
#: A parabola whose top is flat over three samples falls by at most four steps to the next.
STEEP_STEPS = 4.0
#: Share of equal neighbours from which the sound itself is made of steps; a sine cut by 6 dB has two thirds.
MOST_FLAT = 0.75
#: Full scale of 16 bit, less one step: what converters and exports stop at.
FULL_SCALE = 1.0 - 2.0 / 32768.0
#: Fewer flat tops than this are not worth a word.
LEAST_COUNT = 3
_MOST_TIMES, _APART_S = 5, 1.0
_BLOCK = 512
#: Smaller than this against the ceiling is float32's own rounding.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Clipping:
    """Flat tops of one track.

    How many ``runs`` in all channels, how long the ``longest`` is in samples, the level ``ceiling_db`` (dBFS) of the
    highest ceiling, and when the first are (``times_s``, at least a second apart).
    """

    runs: int
    longest: int
    ceiling_db: float
    times_s: tuple[float, ...]


def find_clipping(audio: NDArray[np.float32], sample_rate: int) -> Clipping | None:
    """The clipping of ``audio`` ``(C, T)``, times from its first sample; None where there is none to speak of."""
    found = [_cut_off(channel) for channel in audio]
    runs = np.concatenate(found)
    if len(runs) < LEAST_COUNT:
        return None
    heights = np.abs(np.concatenate([audio[c, rows[:, 0]] for c, rows in enumerate(found)]))
    return Clipping(
        runs=len(runs),
        longest=int(runs[:, 1].max()),
        ceiling_db=amplitude_to_db(float(heights.max())),
        times_s=_spaced(np.sort(runs[:, 0]) / sample_rate),
    )


def _cut_off(channel: NDArray[np.float32]) -> NDArray[np.int64]:
    """Start and length ``(runs, 2)`` of the flat tops of one channel, none where the sound is made of steps."""
    starts = np.arange(0, len(channel), _BLOCK)
    most, least = np.maximum.reduceat(channel, starts), np.minimum.reduceat(channel, starts)
    ceiling, floor = _threshold(float(most.max(initial=0.0))), -_threshold(-float(least.min(initial=0.0)))
    near = np.flatnonzero((most >= ceiling) | (least <= floor))
    runs, drops, flat, step = _flat_tops(channel, starts[near], ceiling, floor)
    return runs[drops > STEEP_STEPS * step] if flat < MOST_FLAT else runs[:0]


def _threshold(extreme: float) -> float:
    """From where on a sample counts as at the ceiling; beyond reach where the channel has nothing on that side."""
    return min(extreme, FULL_SCALE) if extreme > 0.0 else np.inf


def _spaced(times_s: NDArray[np.float64]) -> tuple[float, ...]:
    chosen: list[float] = []
    for time_s in times_s.tolist():
        if not chosen or time_s >= chosen[-1] + _APART_S:
            chosen.append(time_s)
        if len(chosen) == _MOST_TIMES:
            break
    return tuple(chosen)


@numba.njit(nogil=True, cache=True)
def _flat_tops(
    x: NDArray[np.float32], firsts: NDArray[np.int64], ceiling: float, floor: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], float, float]:
    """Start and length of the flat tops in the blocks that begin at the samples ``firsts``, the steeper side's drop of
    each; the share of equal neighbours in these blocks, and the quantisation step: the least difference or bend."""
    found, drops = [], []
    equal, pairs, step = 0, 0, np.inf
    rounding = _ROUNDING * min(ceiling, -floor)
    for first in firsts:
        t = max(1, first)
        while t < min(len(x), first + _BLOCK):
            run = 1
            while t + run < len(x) and x[t + run] == x[t]:
                run += 1
            before = abs(float(x[t]) - float(x[t - 1]))
            after = abs(float(x[t + run]) - float(x[t])) if t + run < len(x) else 0.0
            at_ceiling = x[t] >= ceiling or x[t] <= floor
            if x[t] != 0.0:
                equal, pairs = equal + run - 1, pairs + run
            bend = abs(float(x[t]) - 2.0 * float(x[t - 1]) + float(x[t - 2])) if t > 1 else 0.0
            if bend > rounding:
                step = min(step, bend)
            if before > 0.0:
                step = min(step, before)
                if run >= LEAST_RUN and at_ceiling:
                    found.append((t, run))
                    drops.append(max(before, after))
            t += run
    runs = np.zeros((len(found), 2), np.int64)
    for i in range(len(found)):
        runs[i, 0], runs[i, 1] = found[i]
    return runs, np.array(drops), equal / max(1, pairs), step
