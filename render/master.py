"""The master: gain and true-peak limiter, and the gain that meets a target loudness.

The limiter's latency is taken out again: the output starts where the input does.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from assistant.analysis.loudness import integrated_loudness
from assistant.arrays import FloatArray
from assistant.mix import MasterSettings, Mix
from assistant.params import BY_NAME
from render.engine import FaustProgram

# The limiter's own constants, repeated from master.dsp; a test holds them together.
_LOOK_AHEAD_S = 0.005
_HALF_TAPS = 12
_LONGEST = 1024

_TOLERANCE_LU = 0.05
_MOST_PASSES = 5


@dataclass(frozen=True)
class Mastered:
    """A finished mix: ``audio`` ``(2, T)`` float32, the settings that made it, and the loudness it came to."""

    audio: FloatArray
    settings: MasterSettings
    loudness_lufs: float


def limiter_latency(sample_rate: int) -> int:
    """Samples by which the limiter delays at ``sample_rate`` Hz."""
    look_ahead = min(_LONGEST - 2 * _HALF_TAPS, int(_LOOK_AHEAD_S * sample_rate))
    return look_ahead - 1 + 2 * _HALF_TAPS


class Master:
    """The master's program at one sample rate; one thread at a time."""

    def __init__(self, sample_rate: int) -> None:
        self._program = FaustProgram("master.dsp", "process", 2, sample_rate)
        self._latency = limiter_latency(sample_rate)
        self._sample_rate = sample_rate

    def render(self, premaster: FloatArray, settings: MasterSettings) -> FloatArray:
        """``premaster`` ``(2, T)`` float32 through gain and limiter, aligned with it."""
        self._program.set_controls(settings)
        return self._program.render(premaster, premaster.shape[1] + self._latency)[:, self._latency :]

    def master(self, premaster: FloatArray, mix: Mix, tell: Callable[[str], None] = lambda what: None) -> Mastered:
        """The finished mix of ``premaster``: at the mix's target loudness, or with its master gain as it stands.

        The limiter takes loudness away, so the gain is found in passes (secant steps in dB) until the result is
        within 0.05 LU of the target; after five passes the nearest of them is taken. A mix without a loudness
        (silence, or shorter than 0.4 s) keeps its gain.
        """
        settings = mix.master
        before_lufs = integrated_loudness(premaster, self._sample_rate)
        target = mix.target_lufs
        if target is None or not math.isfinite(before_lufs):
            audio = self.render(premaster, settings)
            return Mastered(audio, settings, integrated_loudness(audio, self._sample_rate))
        passes: list[Mastered] = []
        gain_db = target - before_lufs
        while len(passes) < _MOST_PASSES:
            tell(f"master, pass {len(passes) + 1}")
            settings = settings.with_values(master_gain_db=BY_NAME["master_gain_db"].clamp(gain_db))
            audio = self.render(premaster, settings)
            passes.append(Mastered(audio, settings, integrated_loudness(audio, self._sample_rate)))
            missing_lu = target - passes[-1].loudness_lufs
            if abs(missing_lu) <= _TOLERANCE_LU:
                return passes[-1]
            gain_db = settings["master_gain_db"] + missing_lu / _slope(passes)
        return min(passes, key=lambda p: abs(target - p.loudness_lufs))


def _slope(passes: list[Mastered]) -> float:
    """Loudness won per decibel of gain between the last two passes, kept where a step along it makes sense."""
    if len(passes) < 2:
        return 1.0
    before, now = passes[-2:]
    step_db = now.settings["master_gain_db"] - before.settings["master_gain_db"]
    if abs(step_db) < 1e-9:
        return 1.0
    return min(max((now.loudness_lufs - before.loudness_lufs) / step_db, 0.2), 1.0)
