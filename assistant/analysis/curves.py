"""The curves of a channel strip: what its equaliser does at each frequency, and its compressor at each level.

Pure numpy on the parameter table, without meters, so that a window can draw while a control is dragged. The equaliser
is the console's own at a sample rate, not the analogue filter it is modelled on: towards half the sample rate the two
part by some dB.

Contents: :func:`eq_response_db`, :func:`band_response_db`, ``BANDS``; :func:`static_curve_db`; :func:`relative_db`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.arrays import FloatArray
from assistant.params import BUTTERWORTH_Q, EQ_BANDS

#: The equaliser's filters in signal order, by their section's name.
BANDS: tuple[str, ...] = ("highpass", *(band for band, _ in EQ_BANDS))

#: Cutoffs are held below this share of the sample rate, as the console holds them.
_HIGHEST_CUTOFF = 0.49
_LEAST_KNEE_DB = 1e-3
_SHAPES: dict[str, str] = {"highpass": "highpass", **dict(EQ_BANDS)}


def eq_response_db(settings: Mapping[str, float], hz: FloatArray, sample_rate: int) -> NDArray[np.float64]:
    """Gain in dB of high-pass and equaliser together at frequencies ``hz`` (F,), at ``sample_rate`` Hz.

    NaN from half the sample rate on. ``settings`` holds every parameter of these sections.
    """
    total = np.zeros(len(hz))
    for band in BANDS:
        total += band_response_db(band, settings, hz, sample_rate)
    return total


def band_response_db(band: str, settings: Mapping[str, float], hz: FloatArray, sample_rate: int) -> NDArray[np.float64]:
    """:func:`eq_response_db` of one filter alone, a name of ``BANDS``; raises ``KeyError`` for another.

    A trapezoidal state-variable filter (Zavalishin, "The art of VA filter design", rev. 2.1.2, 2018, chapter 4) is
    its analogue prototype at the frequency tan(pi f / sample_rate) over the cutoff's.
    """
    shape = _SHAPES[band]
    is_flat = not settings["highpass_on"] if shape == "highpass" else settings[f"{band}_gain_db"] == 0.0
    gains_db, is_inside = np.full(len(hz), np.nan), np.asarray(hz) < sample_rate / 2.0
    if is_flat:
        gains_db[is_inside] = 0.0
        return gains_db
    gain_db, q = (0.0, BUTTERWORTH_Q) if shape == "highpass" else (settings[f"{band}_gain_db"], settings[f"{band}_q"])
    cutoff_hz = min(settings[f"{band}_hz"], _HIGHEST_CUTOFF * sample_rate)
    warped = np.tan(np.pi * np.asarray(hz, np.float64)[is_inside] / sample_rate)
    s = 1j * warped / np.tan(np.pi * cutoff_hz / sample_rate)
    with np.errstate(divide="ignore"):
        gains_db[is_inside] = 20.0 * np.log10(np.abs(_prototype(shape, s, 10.0 ** (gain_db / 40.0), q)))
    return gains_db


def _prototype(shape: str, s: NDArray[np.complex128], a: float, q: float) -> NDArray[np.complex128]:
    """Transfer function at ``s``, its cutoff at 1; ``a`` is 10^(gain / 40 dB). See ``svf`` in ``render/strip.dsp``."""
    if shape == "highpass":
        return s * s / (s * s + s / q + 1.0)
    if shape == "peak":
        return (s * s + s * (a / q) + 1.0) / (s * s + s / (a * q) + 1.0)
    root = a**0.5
    if shape == "low_shelf":
        s = s * root
        return (s * s + s * (a / q) + a * a) / (s * s + s / q + 1.0)
    s = s / root
    return (a * a * s * s + s * (a / q) + 1.0) / (s * s + s / q + 1.0)


def static_curve_db(settings: Mapping[str, float], levels_db: FloatArray) -> FloatArray:
    """What comes out of the compressor for steady ``levels_db``: soft knee (Giannoulis, Massberg, Reiss 2012, equation
    4), then make-up gain."""
    over = levels_db - settings["comp_threshold_db"]
    knee = max(settings["comp_knee_db"], _LEAST_KNEE_DB)
    inside = np.clip(over + knee / 2.0, 0.0, knee)
    excess = inside**2 / (2.0 * knee) + np.maximum(over - knee / 2.0, 0.0)
    return levels_db - (1.0 - 1.0 / settings["comp_ratio"]) * excess + settings["comp_makeup_db"]


def relative_db(levels_db: Sequence[float] | FloatArray) -> NDArray[np.float64]:
    """Levels of bands in dB relative to the sum of their powers; NaN where nothing sounds."""
    levels = np.asarray(levels_db, np.float64)
    power = float(np.sum(10.0 ** (levels / 10.0)))
    return levels - 10.0 * np.log10(power) if power > 0.0 else np.full(len(levels), np.nan)
