"""A strip with its meters: the audio behind it, and what its compressor heard and did.

Contents: :class:`MeteredStrip`, :class:`StripMeter`, :func:`meter_through`; :func:`read_reduction`,
:func:`trace_reduction`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.analysis.facts import Reduction
from assistant.arrays import FloatArray
from assistant.mix import ChannelSettings
from render.strips import STRIP_LINKS, StripPrograms
from render.traces import Trace, thin_peaks

#: Meters are read at every so many samples: 6 kHz at 48 kHz, far faster than any release.
_STEP = 8
#: A compressor counts as working from this reduction on.
_WORKING_DB = 1.0
#: The histogram's cells, and how far under its highest level a track still counts as playing.
_CELL_DB, _PLAYING_DB = 2.0, 60.0
_LOWEST_DB, _HIGHEST_DB = -80.0, 20.0
#: ``level_floor`` in ``strip.dsp``.
_FLOOR = 1e-6


@dataclass(frozen=True)
class StripMeter:
    """Readings of one render: level in front of the compressor (louder channel, dBFS) and its reduction (dB >= 0)."""

    level_db: FloatArray
    reduction_db: FloatArray


class MeteredStrip:
    """The metered strip at one sample rate and pan law; one thread at a time."""

    def __init__(self, sample_rate: int, pan_law: str = "constant_power") -> None:
        self._programs = StripPrograms("metered", sample_rate, pan_law)

    def render(self, audio: FloatArray, settings: ChannelSettings, lead_in: int = 0) -> tuple[FloatArray, StripMeter]:
        """The strip's output ``(2, T)`` to ``audio`` (float32 ``(C, T)``, C 1 or 2), and its meters' readings.

        Readings begin ``lead_in`` samples in. Raises :class:`render.engine.RenderError` for a result that is not
        finite.
        """
        program = self._programs.set_up(len(audio), settings)
        output = program.render(audio, STRIP_LINKS + audio.shape[1])[:, STRIP_LINKS:]
        meters = output[2:, lead_in::_STEP].copy()
        return np.ascontiguousarray(output[:2]), StripMeter(*meters)


def meter_through(audio: FloatArray, lead_in: int = 0) -> StripMeter:
    """What a strip that passes ``audio`` ``(2, T)`` through would read."""
    peaks = np.abs(audio[:, lead_in::_STEP]).max(axis=0)
    level_db = (20.0 * np.log10(np.maximum(peaks, _FLOOR))).astype(np.float32)
    return StripMeter(level_db, np.zeros_like(level_db))


def trace_reduction(meter: StripMeter, sample_rate: int) -> Trace:
    """The reduction over time, its peaks kept."""
    return thin_peaks(meter.reduction_db, _STEP / sample_rate)


def read_reduction(meters: Sequence[StripMeter]) -> Reduction | None:
    """What a compressor did over several renders; None where nothing sounded."""
    level_db = np.concatenate([m.level_db for m in meters]) if meters else np.zeros(0)
    plays = level_db > max(_LOWEST_DB, float(level_db.max(initial=-np.inf)) - _PLAYING_DB)
    if not plays.any():
        return None
    reduction_db = np.concatenate([m.reduction_db for m in meters])[plays].astype(np.float64)
    edges = np.arange(_LOWEST_DB, _HIGHEST_DB + _CELL_DB, _CELL_DB)
    counts, _ = np.histogram(np.clip(level_db[plays], _LOWEST_DB, _HIGHEST_DB), edges)
    return Reduction(
        mean_db=float(reduction_db.mean()),
        typical_db=float(np.quantile(reduction_db, 0.9)),
        most_db=float(reduction_db.max()),
        share=float((reduction_db >= _WORKING_DB).mean()),
        levels_db=tuple((edges[:-1] + _CELL_DB / 2.0).tolist()),
        shares=tuple((counts / counts.sum()).tolist()),
    )
