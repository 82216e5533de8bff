"""Every fault of one track's recording at once.

Contents: :class:`Examination`, :func:`examine`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.faults.clipping import Clipping, find_clipping
from assistant.analysis.faults.hum import Hum, find_hum
from assistant.analysis.faults.noise import Noise, find_noise
from assistant.analysis.faults.offset import Offset, find_offset
from assistant.analysis.faults.steps import grouped, take_steps
from assistant.analysis.faults.trace import Trace, take_trace
from assistant.analysis.levels import amplitude_to_db, check_audio, check_sample_rate, powers_to_db
from assistant.analysis.loudness import STEPS_PER_S, gated_loudness
from assistant.arrays import FloatArray

#: A track whose highest peak or loudness lies below holds next to nothing: nine bits are unused.
NEAR_SILENT_DBFS, NEAR_SILENT_LUFS = -54.0, -60.0
#: Length of one frame of ``Examination.levels_db``.
LEVEL_FRAME_S = 0.1
_FRAME_STEPS = round(LEVEL_FRAME_S * STEPS_PER_S)


@dataclass(frozen=True)
class Examination:
    """One raw track. Times are seconds on the session's time line; a fault that was not found is None.

    ``peak_db`` and ``loudness_lufs`` are ``-inf`` where there is nothing. For comparing tracks: ``trace``, the bottom
    alone, and ``levels_db``, the K-weighted level of every :data:`LEVEL_FRAME_S`, at least -200.
    """

    start_s: float
    duration_s: float
    peak_db: float
    loudness_lufs: float
    clipping: Clipping | None
    offset: Offset | None
    hum: Hum | None
    noise: Noise | None
    trace: Trace
    levels_db: NDArray[np.float16] = field(compare=False, repr=False)

    @property
    def is_near_silent(self) -> bool:
        """Whether there is next to nothing, or nothing, on the track."""
        return self.peak_db < NEAR_SILENT_DBFS or -math.inf < self.loudness_lufs < NEAR_SILENT_LUFS


def examine(audio: FloatArray, sample_rate: int, start_s: float = 0.0) -> Examination:
    """Examine ``audio`` ``(C, T)``, float with full scale at 1.0, as recorded, that begins ``start_s`` into the song.

    Raises ``ValueError`` for another layout, for NaN or infinity, and for an impossible sample rate.
    """
    check_sample_rate(sample_rate)
    peak = check_audio(audio)
    samples = np.ascontiguousarray(audio, np.float32)
    steps = take_steps(samples, sample_rate)
    trace = take_trace(samples, sample_rate)
    clipping, noise = find_clipping(samples, sample_rate), find_noise(samples, sample_rate, steps)
    return Examination(
        start_s=start_s,
        duration_s=audio.shape[1] / sample_rate,
        peak_db=amplitude_to_db(peak),
        loudness_lufs=gated_loudness(steps.weighted.sum(axis=0)),
        clipping=clipping and replace(clipping, times_s=tuple(time_s + start_s for time_s in clipping.times_s)),
        offset=find_offset(steps),
        hum=find_hum(trace),
        noise=noise and replace(noise, time_s=noise.time_s + start_s),
        trace=trace,
        levels_db=np.maximum(powers_to_db(grouped(steps.weighted, _FRAME_STEPS).sum(axis=0)), -200.0).astype(
            np.float16
        ),
    )
