"""What the channel's high-pass and EQ do to a spectrum of third-octave levels.

Analogue prototypes of the console's filters (second-order sections after Bristow-Johnson, "Cookbook formulae for
audio EQ biquad filter coefficients"), good enough to foresee a level to a tenth of a decibel. Settings are mappings
of parameter names; what is missing stands at its default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from scipy import signal

from assistant.analysis.listening import BAND_CENTRES_HZ, TrackFeatures
from assistant.analysis.loudness import k_weighting
from assistant.arrays import FloatArray
from assistant.params import BUTTERWORTH_Q, BY_NAME, EQ_BANDS

#: The shares of ``TrackFeatures`` that filters move, and where they lie.
SHARE_REGIONS_HZ: dict[str, tuple[float, float]] = {
    "low_share": (15.0, 120.0),
    "mud_share": (200.0, 400.0),
    "harsh_share": (2_000.0, 5_000.0),
    "sibilance_share": (5_000.0, 10_000.0),
    "air_share": (10_000.0, 20_000.0),
}


def response_db(settings: Mapping[str, float], frequencies_hz: FloatArray) -> FloatArray:
    """Gain in dB of high-pass and EQ at ``frequencies_hz``."""
    total = np.zeros(len(frequencies_hz))
    if settings.get("highpass_on"):
        s = 1j * frequencies_hz / settings["highpass_hz"]
        total += 20.0 * np.log10(np.abs(s * s / (s * s + s / BUTTERWORTH_Q + 1.0)))
    for prefix, shape in EQ_BANDS:
        names = (f"{prefix}_gain_db", f"{prefix}_q", f"{prefix}_hz")
        gain_db, q, hz = (settings.get(name, BY_NAME[name].default) for name in names)
        if gain_db:
            total += 20.0 * np.log10(np.abs(_section(shape, 1j * frequencies_hz / hz, 10.0 ** (gain_db / 40.0), q)))
    return total


def loudness_change_db(settings: Mapping[str, float], spectrum_db: Sequence[float]) -> float:
    """How much louder (LU) a track with ``spectrum_db`` gets by the filters in ``settings``."""
    return _change_db(settings, np.asarray(spectrum_db) + k_weighting_db())


def power_change_db(settings: Mapping[str, float], spectrum_db: Sequence[float]) -> float:
    """How much a track with ``spectrum_db`` gains in unweighted level by the filters in ``settings``."""
    return _change_db(settings, np.asarray(spectrum_db))


def filtered_features(features: TrackFeatures, settings: Mapping[str, float]) -> TrackFeatures:
    """``features`` as they stand behind the filters in ``settings``: loudness, trace, spectrum and shares of the power.

    Each share moves with the power of its bands and the trace with the whole; the rest is left as it was.
    """
    if not settings:
        return features
    centres, before_db = np.asarray(BAND_CENTRES_HZ), np.asarray(features.spectrum_db)
    before, after_db = 10.0 ** (before_db / 10.0), before_db + response_db(settings, np.asarray(BAND_CENTRES_HZ))
    total_db = power_change_db(settings, features.spectrum_db)
    after = 10.0 ** ((after_db - total_db) / 10.0)
    shares = {
        name: min(1.0, getattr(features, name) * float(after[inside].sum() / before[inside].sum()))
        for name, (low_hz, high_hz) in SHARE_REGIONS_HZ.items()
        for inside in [(centres > low_hz) & (centres < high_hz)]
    }
    loudness_lufs = features.loudness_lufs + loudness_change_db(settings, features.spectrum_db)
    spectrum_db = tuple(float(v) for v in after_db - total_db)
    trace_db = (features.trace_db.astype(np.float32) + np.float16(total_db)).astype(np.float16)  # half by half is slow
    return replace(features, loudness_lufs=loudness_lufs, spectrum_db=spectrum_db, trace_db=trace_db, **shares)


def _change_db(settings: Mapping[str, float], spectrum_db: FloatArray) -> float:
    before = 10.0 ** (spectrum_db / 10.0)
    after = before * 10.0 ** (response_db(settings, np.asarray(BAND_CENTRES_HZ)) / 10.0)
    return float(10.0 * np.log10(after.sum() / before.sum()))


def _section(shape: str, s: np.ndarray, a: float, q: float) -> np.ndarray:
    """Transfer function of one band at ``s`` (complex, 1j at its frequency); ``a`` is 10^(gain_db / 40)."""
    root = a**0.5
    if shape == "peak":
        return (s * s + s * (a / q) + 1.0) / (s * s + s / (a * q) + 1.0)
    if shape == "low_shelf":
        return a * (s * s + s * (root / q) + a) / (a * s * s + s * (root / q) + 1.0)
    return a * (a * s * s + s * (root / q) + 1.0) / (s * s + s * (root / q) + a)


@cache
def k_weighting_db(frequencies_hz: tuple[float, ...] = BAND_CENTRES_HZ) -> FloatArray:
    """Gain in dB of ITU-R BS.1770-5's K-weighting at ``frequencies_hz``, below 48 kHz."""
    rate = 96_000
    _, response = signal.sosfreqz(k_weighting(rate), worN=np.asarray(frequencies_hz), fs=rate)
    return 20.0 * np.log10(np.abs(response))
