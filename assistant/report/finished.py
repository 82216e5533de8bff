"""The whole mix as it leaves the master: what the report shows beside the verification of its passages."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assistant.analysis.loudness import short_term_loudness
from assistant.analysis.measure import Measurement, measure
from assistant.arrays import FloatArray
from assistant.mix import Mix

#: Short-term loudness comes ten times a second; a chart needs one value of these.
_STEPS_PER_VALUE = 10


@dataclass(frozen=True)
class Finished:
    """A rendered mix: its settings with the master's as found, what the finished audio measures, and the mix before.

    ``short_term_lufs`` holds the loudness of the 3 s that end at second 3, 4, 5 and so on, ``-inf`` where there is
    silence; empty for a mix shorter than 3 s. ``before`` is the mix as it was, finished too; None where there was none.
    ``delegated`` says in sentences what was, empty where it was everything.
    """

    mix: Mix
    measurement: Measurement
    short_term_lufs: tuple[float, ...]
    before: Finished | None = None
    delegated: tuple[str, ...] = ()

    @property
    def before_gain_db(self) -> float:
        """What brings the mix before to the loudness of this one; 0 without one, and where either is silent."""
        if self.before is None:
            return 0.0
        gain_db = self.measurement.integrated_lufs - self.before.measurement.integrated_lufs
        return gain_db if math.isfinite(gain_db) else 0.0


def finished_mix(
    mix: Mix,
    audio: FloatArray,
    sample_rate: int,
    measurement: Measurement | None = None,
    before: Finished | None = None,
) -> Finished:
    """:class:`Finished` of ``audio`` ``(2, T)``; ``measurement`` is that of ``audio`` where it is known already."""
    loudness = short_term_loudness(audio, sample_rate)[::_STEPS_PER_VALUE]
    return Finished(mix, measurement or measure(audio, sample_rate), tuple(loudness.tolist()), before)
