"""The master: gain and true-peak limiter, and the gain that meets a target loudness.

The limiter's latency is taken out again: the output starts where the input does.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.peaks import true_peak_dbtp
from assistant.arrays import FloatArray
from assistant.mix import MasterSettings, Mix
from assistant.params import BY_NAME
from render.engine import FaustProgram
from render.workers import Crew

# The limiter's own constants, repeated from master.dsp; a test holds them together.
_LOOK_AHEAD_S = 0.005
_HALF_TAPS = 12
_LONGEST = 1024

_STRETCH_S = 60
_RELEASES_REMEMBERED = 20.0  # e^-20 of a reduction is 2e-9

_MOST_CORRECTIONS = 3
_CORRECTION_MARGIN_DB = 0.02

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
    """The master's program at one sample rate, on ``num_threads`` threads; one render at a time."""

    def __init__(self, sample_rate: int, num_threads: int = os.cpu_count() or 1) -> None:
        programs = [FaustProgram("master.dsp", "process", 2, sample_rate) for _ in range(num_threads)]
        self._crew = Crew(programs)
        self._latency = limiter_latency(sample_rate)
        self._sample_rate = sample_rate

    def render(self, premaster: FloatArray, settings: MasterSettings) -> FloatArray:
        """``premaster`` ``(2, T)`` float32 through gain and limiter, aligned with it.

        What the limiter's interpolation missed close to the Nyquist frequency, our meter finds; the limiter then aims
        as much lower.
        """
        ceiling_dbtp = settings["limiter_ceiling_dbtp"]
        output = self._limited(premaster, settings, ceiling_dbtp)
        for _ in range(_MOST_CORRECTIONS):
            over_db = true_peak_dbtp(output, self._sample_rate) - settings["limiter_ceiling_dbtp"]
            if over_db <= 0.0:
                break
            ceiling_dbtp -= over_db + _CORRECTION_MARGIN_DB
            output = self._limited(premaster, settings, ceiling_dbtp)
        return output

    def _limited(self, premaster: FloatArray, settings: MasterSettings, ceiling_dbtp: float) -> FloatArray:
        """One run of the limiter, aiming at ``ceiling_dbtp``.

        Stretches of a minute are rendered apart, each from so long before its start that what the limiter remembers
        of the time before has fallen below a float's precision.
        """
        stretch = _STRETCH_S * self._sample_rate
        memory = _RELEASES_REMEMBERED * settings["limiter_release_ms"] / 1000.0 * self._sample_rate
        lead = math.ceil(memory) + 2 * self._latency
        output = np.empty_like(premaster)

        def render(program: FaustProgram, start: int) -> None:
            program.set_controls({**settings, "limiter_ceiling_dbtp": ceiling_dbtp})
            first, stop = max(0, start - lead), min(start + stretch, premaster.shape[1])
            audio = np.ascontiguousarray(premaster[:, first : stop + self._latency])
            late = program.render(audio, stop - first + self._latency)
            output[:, start:stop] = late[:, start - first + self._latency :]

        for _ in self._crew.run(render, range(0, premaster.shape[1], stretch)):
            pass
        return output

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
        best = self._pass(premaster, settings, target - before_lufs)
        passes = [(best.settings["master_gain_db"], best.loudness_lufs)]
        while abs(target - best.loudness_lufs) > _TOLERANCE_LU and len(passes) < _MOST_PASSES:
            tell(f"master, pass {len(passes) + 1}")
            gain_db, loudness_lufs = passes[-1]
            now = self._pass(premaster, settings, gain_db + (target - loudness_lufs) / _slope(passes))
            passes.append((now.settings["master_gain_db"], now.loudness_lufs))
            best = min(best, now, key=lambda m: abs(target - m.loudness_lufs))
        return best

    def _pass(self, premaster: FloatArray, settings: MasterSettings, gain_db: float) -> Mastered:
        settings = settings.with_values(master_gain_db=BY_NAME["master_gain_db"].clamp(gain_db))
        audio = self.render(premaster, settings)
        return Mastered(audio, settings, integrated_loudness(audio, self._sample_rate))


def _slope(passes: list[tuple[float, float]]) -> float:
    """Loudness won per decibel of gain between the last two passes, kept where a step along it makes sense."""
    if len(passes) < 2:
        return 1.0
    (gain_before, loudness_before), (gain_now, loudness_now) = passes[-2:]
    if abs(gain_now - gain_before) < 1e-9:
        return 1.0
    return min(max((loudness_now - loudness_before) / (gain_now - gain_before), 0.2), 1.0)
