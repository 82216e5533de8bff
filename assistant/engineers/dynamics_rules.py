"""Compression: the threshold that brings the intended gain reduction on this track, make-up that restores its loudness.

Each role has an intended reduction, scaled by how peaky the track is: one that was compressed before is left alone. It
is reached or exceeded during a tenth of the track's active time, but less where a few hits carry the sound: the track
never loses more of its power than that. The threshold is found by running the console's
compressor over the track's level trace, so it holds for any input level.

Sources: Giannoulis, Massberg and Reiss, "Digital dynamic range compressor design", JAES 60, 2012 (the compressor), and
"Parameter automation in a dynamic range compressor", JAES 61, 2013 (parameters from the crest factor); Ma, De Man,
Pestana, Black and Reiss, "Intelligent multitrack dynamic range compression", JAES 63, 2015 (amount from dynamics
and low-frequency content). Ratios and times by instrument: Izhaki, *Mixing Audio*, 2008; Owsinski, *The Mixing
Engineer's Handbook*, 1999; Senior, *Mixing Secrets for the Small Studio*, 2011; the figures: practice, our choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numba
import numpy as np

from assistant.analysis.listening import TRACE_RATE_HZ
from assistant.arrays import FloatArray
from assistant.engineers.hearing import Advice, HeardTrack
from assistant.params import BY_NAME


@dataclass(frozen=True)
class Compression:
    """Reduction intended for a lively track (exceeded for a tenth of its time) and the compressor's character."""

    reduction_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    knee_db: float

    def settings(self, threshold_db: float, makeup_db: float) -> dict[str, float]:
        """The console's settings for it."""
        return {
            "comp_threshold_db": threshold_db,
            "comp_ratio": self.ratio,
            "comp_attack_ms": self.attack_ms,
            "comp_release_ms": self.release_ms,
            "comp_knee_db": self.knee_db,
            "comp_makeup_db": makeup_db,
        }


#: Roles left out are not compressed: sustained, already dense, or effects.
COMPRESSION: dict[str, Compression] = {
    "kick": Compression(3.0, 3.0, 20.0, 90.0, 4.0),
    "snare": Compression(3.0, 3.5, 12.0, 110.0, 4.0),
    "clap": Compression(2.0, 2.5, 10.0, 100.0, 6.0),
    "toms": Compression(3.0, 3.0, 15.0, 150.0, 4.0),
    "percussion": Compression(2.0, 2.0, 15.0, 100.0, 6.0),
    "drum loop": Compression(2.0, 2.0, 25.0, 120.0, 6.0),
    "overheads": Compression(2.0, 2.0, 20.0, 180.0, 6.0),
    "drum room": Compression(5.0, 4.0, 8.0, 150.0, 6.0),
    "bass": Compression(4.0, 4.0, 25.0, 160.0, 6.0),
    "sub bass": Compression(2.0, 3.0, 30.0, 200.0, 6.0),
    "lead vocal": Compression(4.5, 3.0, 8.0, 110.0, 6.0),
    "backing vocal": Compression(4.5, 4.0, 8.0, 130.0, 6.0),
    "acoustic guitar": Compression(3.0, 3.0, 15.0, 130.0, 6.0),
    "electric guitar": Compression(2.0, 2.0, 20.0, 150.0, 6.0),
    "lead guitar": Compression(2.5, 2.5, 20.0, 180.0, 6.0),
    "piano": Compression(2.5, 2.0, 25.0, 200.0, 8.0),
    "keys": Compression(2.5, 2.0, 20.0, 180.0, 8.0),
    "mallets": Compression(2.0, 2.0, 15.0, 150.0, 8.0),
    "brass": Compression(2.5, 2.5, 20.0, 180.0, 6.0),
    "woodwind": Compression(3.0, 2.5, 15.0, 150.0, 6.0),
    "lead synth": Compression(2.0, 2.0, 15.0, 150.0, 6.0),
    "pluck": Compression(2.0, 2.0, 12.0, 110.0, 6.0),
}
#: Crest factors between which a track counts as dense (no compression) and as lively (all of it).
_DENSE_DB, _LIVELY_DB = 9.0, 17.0
_LEAST_REDUCTION_DB = 0.8


def advise_compressor(heard: HeardTrack, input_gain_db: float) -> Advice:
    """Compressor settings for ``heard``; ``input_gain_db`` is what trim and EQ do to its level before."""
    plan, crest_db = COMPRESSION.get(heard.role), heard.features.crest_db
    if plan is None:
        return Advice()
    liveliness = min(1.0, max(0.0, (crest_db - _DENSE_DB) / (_LIVELY_DB - _DENSE_DB)))
    wanted_db = plan.reduction_db * liveliness * min(1.0, 0.4 + heard.guess.confidence)
    if wanted_db < _LEAST_REDUCTION_DB:
        return Advice()
    trace_db = heard.features.trace_db.astype(np.float64) + input_gain_db
    threshold_db, reached_db, lost_db = find_threshold(trace_db, plan, wanted_db)
    makeup_db = round(BY_NAME["comp_makeup_db"].clamp(lost_db), 2)
    settings = plan.settings(threshold_db, makeup_db)
    reason = (
        f"compressor {plan.ratio:g}:1 from {threshold_db:.1f} dB: {reached_db:.1f} dB of reduction or more for a tenth "
        f"of the time (peaks stand {crest_db:.0f} dB over the body), make-up {makeup_db:.1f} dB restores the loudness"
    )
    return Advice(settings, (reason,))


def find_threshold(trace_db: FloatArray, plan: Compression, wanted_db: float) -> tuple[float, float, float]:
    """(threshold, reduction exceeded for a tenth of the time, power lost) in dB.

    The lowest threshold at which neither that reduction nor the power lost of ``trace_db`` is above ``wanted_db``.
    """
    low, high = BY_NAME["comp_threshold_db"].low, BY_NAME["comp_threshold_db"].high
    for _ in range(14):
        middle = (low + high) / 2.0
        is_too_low = max(taken_db(trace_db, plan, middle)) > wanted_db
        low, high = (middle, high) if is_too_low else (low, middle)
    threshold_db = round(high, 1)
    return threshold_db, *taken_db(trace_db, plan, threshold_db)


def taken_db(trace_db: FloatArray, plan: Compression, threshold_db: float) -> tuple[float, float]:
    """(reduction that is exceeded for a tenth of ``trace_db``, what the track loses of its mean power) in dB."""
    reductions = _reductions(trace_db, plan, threshold_db)
    lost_db = 10.0 * math.log10(_mean_power(trace_db) / _mean_power(trace_db - reductions))
    return float(np.percentile(reductions, 90, overwrite_input=True)), lost_db


def _mean_power(levels_db: FloatArray) -> float:
    """By the exponential function, which is several times as fast as a power of ten."""
    return float(np.mean(np.exp(levels_db * (math.log(10.0) / 10.0))))


def _reductions(trace_db: FloatArray, plan: Compression, threshold_db: float) -> FloatArray:
    attack, release = (1.0 - math.exp(-1000.0 / (ms * TRACE_RATE_HZ)) for ms in (plan.attack_ms, plan.release_ms))
    return _smoothed(trace_db, threshold_db, 1.0 - 1.0 / plan.ratio, plan.knee_db, attack, release)


@numba.njit(nogil=True, cache=True)
def _smoothed(
    levels: FloatArray, threshold: float, slope: float, knee: float, attack: float, release: float
) -> FloatArray:
    """Gain reduction in dB over time: soft knee, then one-pole smoothing that branches into attack and release."""
    out = np.empty(len(levels))
    state = 0.0
    for n in range(len(levels)):
        over = levels[n] - threshold
        inside = min(max(over + knee / 2.0, 0.0), knee)
        step = slope * (inside * inside / (2.0 * max(knee, 1e-6)) + max(over - knee / 2.0, 0.0)) - state
        state += (attack if step > 0.0 else release) * step
        out[n] = state
    return out
