"""Every meter at once.

:class:`Measurement` is the one table of metrics: each field carries its label, unit and function. :data:`METRICS`,
:func:`measure`, the rows of a report and the JSON form are derived from it; a new metric is one more field.
What several metrics need (K-weighted powers, moments, peaks) is computed once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from assistant.analysis.levels import (
    Moments,
    amplitude_to_db,
    channel_moments,
    check_audio,
    check_sample_rate,
    dc_offset,
    join_moments,
    powers_to_db,
)
from assistant.analysis.loudness import (
    MOMENTARY_STEPS,
    SHORT_TERM_STEPS,
    gated_loudness,
    gated_range,
    highest_loudness,
    weighted_powers,
)
from assistant.analysis.peaks import crest_from, true_peak
from assistant.analysis.spectrum import band_powers
from assistant.analysis.stereo import balance_from, correlation_from, width_from
from assistant.wording import duration_text


@dataclass(frozen=True)
class Evidence:
    """What the metrics are computed from.

    ``powers`` K-weighted per 10 ms; ``true_peak`` and ``sample_peak`` are amplitudes; ``band_powers`` mean squares per
    third octave of ``band_hz``.
    """

    duration_s: float
    powers: np.ndarray
    moments: Moments
    sample_peak: float
    true_peak: float
    band_hz: np.ndarray
    band_powers: np.ndarray

    def scaled(self, gain: float) -> Evidence:
        """The evidence of the same signal times ``gain``, an amplitude factor."""
        power, moments = gain * gain, self.moments
        return replace(
            self,
            powers=self.powers * power,
            moments=Moments(
                moments.count,
                tuple(gain * mean for mean in moments.means),
                tuple(power * square for square in moments.powers),
                power * moments.cross,
            ),
            sample_peak=self.sample_peak * gain,
            true_peak=self.true_peak * gain,
            band_powers=self.band_powers * power,
        )


@dataclass(frozen=True)
class Metric:
    """One scalar of a measurement: its name and unit, how a report shows it, and how it comes from the evidence."""

    name: str
    label: str
    unit: str
    function: Callable[[Evidence], float]
    decimals: int

    def text(self, value: float) -> str:
        """``value`` as a report shows it: ``-14.0 LUFS``, ``5:29``."""
        if self.unit == "s":
            return duration_text(value)
        rounded = round(value, self.decimals) + 0.0  # never -0.0
        return f"{rounded:.{self.decimals}f} {self.unit}".rstrip()


def _row(label: str, unit: str, function: Callable[[Evidence], float], decimals: int = 1) -> dict[str, Any]:
    return {"label": label, "unit": unit, "function": function, "decimals": decimals}


@dataclass(frozen=True)
class Measurement:
    """What one signal measures. Levels of silence are ``-inf``; nothing is NaN.

    ``third_octave_hz`` and ``third_octave_db`` are the mid-band frequencies and their levels in dBFS.
    """

    integrated_lufs: float = field(metadata=_row("Integrated loudness", "LUFS", lambda e: gated_loudness(e.powers)))
    max_momentary_lufs: float = field(
        metadata=_row("Momentary loudness, max", "LUFS", lambda e: highest_loudness(e.powers, MOMENTARY_STEPS))
    )
    max_short_term_lufs: float = field(
        metadata=_row("Short-term loudness, max", "LUFS", lambda e: highest_loudness(e.powers, SHORT_TERM_STEPS))
    )
    loudness_range_lu: float = field(metadata=_row("Loudness range", "LU", lambda e: gated_range(e.powers)))
    true_peak_dbtp: float = field(metadata=_row("True peak", "dBTP", lambda e: amplitude_to_db(e.true_peak)))
    sample_peak_db: float = field(metadata=_row("Sample peak", "dBFS", lambda e: amplitude_to_db(e.sample_peak)))
    crest_factor_db: float = field(metadata=_row("Crest factor", "dB", lambda e: crest_from(e.sample_peak, e.moments)))
    width: float = field(metadata=_row("Stereo width", "", lambda e: width_from(e.moments), 2))
    correlation: float = field(metadata=_row("Correlation", "", lambda e: correlation_from(e.moments), 2))
    balance_db: float = field(metadata=_row("Balance, right over left", "dB", lambda e: balance_from(e.moments)))
    dc_offset: float = field(metadata=_row("DC offset", "FS", lambda e: dc_offset(e.moments), 5))
    duration_s: float = field(metadata=_row("Duration", "s", lambda e: e.duration_s, 2))
    third_octave_hz: tuple[float, ...]
    third_octave_db: tuple[float, ...]

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of every metric, in the order of the table."""
        return [(m.label, m.text(getattr(self, m.name))) for m in METRICS]

    def to_dict(self) -> dict[str, Any]:
        """The measurement as JSON values: every field by name, ``None`` for what is not finite."""
        return {f.name: _json_value(getattr(self, f.name)) for f in fields(self)}


METRICS: tuple[Metric, ...] = tuple(Metric(name=f.name, **f.metadata) for f in fields(Measurement) if f.metadata)


def measure(audio: np.ndarray, sample_rate: int, is_excerpt: bool = False) -> Measurement:
    """Measure ``audio`` ``(C, T)``, float with full scale at 1.0, at ``sample_rate`` Hz.

    ``is_excerpt``: cut out of something longer, so that what its edges would add to the spectrum is left out.
    Raises ``ValueError`` for another layout, for NaN or infinity, and for an impossible sample rate.
    """
    return measurement_of(gather(audio, sample_rate, is_excerpt))


def measurement_of(evidence: Evidence) -> Measurement:
    """Every metric of ``evidence``."""
    values = {m.name: m.function(evidence) for m in METRICS}
    levels = powers_to_db(evidence.band_powers)
    return Measurement(
        **values, third_octave_hz=tuple(evidence.band_hz.tolist()), third_octave_db=tuple(levels.tolist())
    )


def join_evidence(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of signals one after the other; at least one, all at one rate and of as many channels."""
    duration_s = sum(part.duration_s for part in parts)
    shares = [part.duration_s / duration_s if duration_s else 0.0 for part in parts]
    return Evidence(
        duration_s=duration_s,
        powers=np.concatenate([part.powers for part in parts]),
        moments=join_moments([part.moments for part in parts]),
        sample_peak=max(part.sample_peak for part in parts),
        true_peak=max(part.true_peak for part in parts),
        band_hz=parts[0].band_hz,
        band_powers=sum((s * part.band_powers for s, part in zip(shares, parts, strict=True)), np.zeros(())),
    )


def gather(audio: np.ndarray, sample_rate: int, is_excerpt: bool = False) -> Evidence:
    """The :class:`Evidence` for all metrics of ``audio`` ``(C, T)``; raises as :func:`measure` does."""
    check_sample_rate(sample_rate)
    peak = check_audio(audio)
    frequencies, powers = band_powers(audio, sample_rate, is_excerpt)
    return Evidence(
        duration_s=audio.shape[1] / sample_rate,
        powers=weighted_powers(audio, sample_rate),
        moments=channel_moments(audio),
        sample_peak=peak,
        true_peak=true_peak(audio, sample_rate, peak),
        band_hz=frequencies,
        band_powers=powers,
    )


def _json_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_json_value(v) for v in value]
    return value if math.isfinite(value) else None
