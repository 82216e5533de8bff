"""Single strokes on synthesised drums and cymbals.

Conventions: a stroke is float32 ``(T,)`` with its peak at 1, starting at its attack. Every function draws the timbre
of one instrument from ``rng``: called with a generator in the same state it gives the same drum.

Membranes are swept or fixed sine modes in the ratios of a circular membrane (Fletcher and Rossing, *The Physics of
Musical Instruments*, 1998, table 3.1) with a noise attack; cymbals are dense inharmonic partials under filtered noise.
The figures: our choice, by ear and spectrum.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import butter, sosfilt

from assistant.arrays import FloatArray

#: The first modes of an ideal circular membrane over its lowest.
MEMBRANE_MODES = (1.0, 1.59, 2.14, 2.30, 2.65)


def kick(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A bass drum: a sine that falls to 42-68 Hz, and the beater's click."""
    time_s = _time(0.6, sample_rate)
    low_hz, drop = rng.uniform(42.0, 68.0), rng.uniform(1.0, 3.5)
    body = _swept_sine(time_s, low_hz, drop, rng.uniform(0.012, 0.035)) * np.exp(-time_s / rng.uniform(0.09, 0.22))
    click = _noise(rng, time_s, rng.uniform(500.0, 2_500.0), 9_000.0, sample_rate)
    click *= np.exp(-time_s / rng.uniform(0.005, 0.014))
    return _at_full_scale(body + rng.uniform(0.2, 0.7) * click, sample_rate)


def snare(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A snare drum from above: two modes at 160-260 Hz and some of the wires."""
    time_s = _time(0.5, sample_rate)
    low_hz, decay_s = rng.uniform(160.0, 260.0), rng.uniform(0.04, 0.11)
    modes = [_swept_sine(time_s, low_hz * ratio, 0.15, 0.01) * np.exp(-time_s / decay_s * ratio) for ratio in (1, 1.6)]
    crack = _noise(rng, time_s, rng.uniform(350.0, 900.0), rng.uniform(6_000.0, 11_000.0), sample_rate)
    crack *= np.exp(-time_s / rng.uniform(0.05, 0.13))
    return _at_full_scale(0.6 * modes[0] + 0.5 * modes[1] + rng.uniform(1.5, 3.0) * crack, sample_rate)


def wires(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """The snare wires alone, as heard from below."""
    time_s = _time(0.5, sample_rate)
    buzz = _noise(rng, time_s, rng.uniform(1_800.0, 3_000.0), 13_000.0, sample_rate)
    return _at_full_scale(buzz * np.exp(-time_s / rng.uniform(0.06, 0.15)), sample_rate)


def tom(rng: np.random.Generator, sample_rate: int, pitch_hz: float) -> FloatArray:
    """A tom whose lowest mode settles at ``pitch_hz``."""
    time_s = _time(1.0, sample_rate)
    decay_s = rng.uniform(0.14, 0.32)
    gains = (1.0, *rng.uniform(0.08, 0.3, len(MEMBRANE_MODES) - 1))
    drop = rng.uniform(0.04, 0.2)
    body = np.zeros_like(time_s)
    for ratio, gain in zip(MEMBRANE_MODES, gains, strict=True):
        body += gain * _swept_sine(time_s, pitch_hz * ratio, drop, 0.03) * np.exp(-time_s / decay_s * ratio)
    stick = _noise(rng, time_s, rng.uniform(300.0, 900.0), 6_000.0, sample_rate)
    stick *= np.exp(-time_s / rng.uniform(0.01, 0.03))
    return _at_full_scale(body + rng.uniform(0.4, 1.2) * stick, sample_rate)


def closed_hat(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A closed hi-hat."""
    return _metal(rng, sample_rate, (rng.uniform(0.025, 0.08), 5_500.0, 0.35))


def open_hat(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """An open hi-hat."""
    return _metal(rng, sample_rate, (rng.uniform(0.18, 0.4), 5_000.0, 1.0))


def ride(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A ride cymbal: a clear ping over a long, softer wash."""
    wash = _metal(rng, sample_rate, (rng.uniform(0.5, 1.0), 2_800.0, 2.0))
    time_s = _time(2.0, sample_rate)
    bell_hz = rng.uniform(2_400.0, 4_200.0)
    ping = sum(np.sin(2.0 * np.pi * bell_hz * ratio * time_s) for ratio in (1.0, 1.47, 2.09))
    return _at_full_scale(rng.uniform(0.2, 0.5) * wash + ping * np.exp(-time_s / 0.09) / 3.0, sample_rate)


def crash(rng: np.random.Generator, sample_rate: int) -> FloatArray:
    """A crash cymbal: bright, slow to speak, long."""
    sound = _metal(rng, sample_rate, (rng.uniform(0.5, 0.9), 2_200.0, 2.4))
    return _at_full_scale(sound * (1.0 - 0.7 * np.exp(-_time(2.4, sample_rate) / 0.01)), sample_rate)


#: The instruments that need no tuning, by name.
MAKERS: dict[str, Callable[[np.random.Generator, int], FloatArray]] = {
    "kick": kick,
    "snare": snare,
    "wires": wires,
    "hihat": closed_hat,
    "open hihat": open_hat,
    "ride": ride,
    "crash": crash,
}


def _time(length_s: float, sample_rate: int) -> FloatArray:
    return np.arange(round(length_s * sample_rate)) / sample_rate


def _swept_sine(time_s: FloatArray, low_hz: float, drop: float, sweep_s: float) -> FloatArray:
    """A sine that falls from ``(1 + drop) low_hz`` to ``low_hz`` with time constant ``sweep_s``."""
    return np.sin(2.0 * np.pi * low_hz * (time_s + drop * sweep_s * (1.0 - np.exp(-time_s / sweep_s))))


def _noise(rng: np.random.Generator, time_s: FloatArray, low_hz: float, high_hz: float, sample_rate: int) -> FloatArray:
    band = (low_hz, min(high_hz, 0.45 * sample_rate))
    noise = rng.standard_normal(len(time_s))
    filtered = np.asarray(sosfilt(butter(1, band, "bandpass", fs=sample_rate, output="sos"), noise))
    return filtered / np.abs(filtered).max()


def _metal(rng: np.random.Generator, sample_rate: int, shape: tuple[float, float, float]) -> FloatArray:
    """Struck metal of ``shape`` (decay in s, lowest partial in Hz, length in s); high partials die sooner."""
    decay_s, low_hz, length_s = shape
    time_s = _time(length_s, sample_rate)
    high_hz = min(15_000.0, 0.42 * sample_rate)
    partials_hz = low_hz * (high_hz / low_hz) ** np.sort(rng.random(24))
    sound = np.zeros(len(time_s), np.float32)
    for partial_hz, phase, gain in zip(partials_hz, rng.random(24), rng.uniform(0.3, 1.0, 24), strict=True):
        cycles = partial_hz * time_s + phase
        sound += gain * np.sin(((cycles - np.floor(cycles)) * 2.0 * np.pi).astype(np.float32))
    hiss = _noise(rng, time_s, low_hz, 14_000.0, sample_rate)
    sound = sound / np.abs(sound).max() + rng.uniform(0.8, 2.0) * hiss
    return _at_full_scale(sound * np.exp(-time_s / decay_s), sample_rate)


def _at_full_scale(sound: FloatArray, sample_rate: int) -> FloatArray:
    """``sound`` as float32 with its peak at 1 and its last 10 ms faded out."""
    fade = min(len(sound), sample_rate // 100)
    faded = sound.astype(np.float32)
    faded[len(faded) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return faded / np.abs(faded).max()
