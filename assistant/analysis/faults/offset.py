"""DC: a waveform that does not rest at zero.

A sound's own asymmetry comes and goes with it; an offset is there in every tenth of a second. So it is the median over
these of the mean, and it counts where the mean over the whole time agrees with it.

Contents: :class:`Offset`, :func:`find_offset`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assistant.analysis.faults.steps import Steps, grouped
from assistant.analysis.levels import amplitude_to_db

#: Smaller offsets (-54 dBFS) cost no headroom and make no clicks worth a word.
LEAST_OFFSET = 2e-3
#: Nor do those so far under the sound.
LEAST_OVER_RMS_DB = -36.0
#: How far mean and median may be apart, as a share of the median.
MOST_APART = 0.3
_WINDOW_STEPS = 10
_SILENCE = 1e-10


@dataclass(frozen=True)
class Offset:
    """The offset ``level`` in full scale (-1..1) of the channel that has more, and in dB over the track's RMS."""

    level: float
    over_rms_db: float


def find_offset(steps: Steps) -> Offset | None:
    """The offset while something is on the track; None where there is none to speak of."""
    means, powers = grouped(steps.means, _WINDOW_STEPS), grouped(steps.powers, _WINDOW_STEPS)
    offsets = [_channel_offset(m[p > _SILENCE], p[p > _SILENCE]) for m, p in zip(means, powers, strict=True)]
    found = [offset for offset in offsets if offset is not None]
    return max(found, key=lambda offset: abs(offset.level), default=None)


def _channel_offset(means: np.ndarray, powers: np.ndarray) -> Offset | None:
    if not len(means):
        return None
    level, whole = float(np.median(means)), float(means.mean())
    rms = math.sqrt(float(powers.mean()))
    over_rms_db = amplitude_to_db(abs(level) / rms)
    agrees = abs(whole - level) <= MOST_APART * abs(level)
    if abs(level) < LEAST_OFFSET or over_rms_db < LEAST_OVER_RMS_DB or not agrees:
        return None
    return Offset(level, over_rms_db)
