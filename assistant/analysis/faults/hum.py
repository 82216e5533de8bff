"""Mains hum: narrow lines at 50 or 60 Hz and their multiples that never stop.

Looked for in the softest fifth of the frames, bin by bin, so that music which rests now and then drops out while a
steady line stays. A line counts where it stands out of everything within six Hz, and lies within 0.3 Hz of a multiple
of the mains' frequency: closer than any tempered note but those of instruments tuned a third of a semitone off.
At least two of the first five multiples must be found. Method: practice, our choice; minimum statistics
for what is steady after Martin, "Noise power spectral density estimation based on optimal smoothing and minimum
statistics", IEEE Trans. Speech and Audio Processing 9(5), 2001.

Contents: :class:`Hum`, :func:`find_hum`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import fft

from assistant.analysis.faults.trace import TRACE_HZ, Trace
from assistant.analysis.levels import power_to_db
from assistant.arrays import FloatArray

MAINS_HZ = (50.0, 60.0)
MOST_HARMONICS = 10
#: Least height of a line over the strongest neighbour within ``_AROUND_HZ``.
LEAST_CONTRAST_DB = 8.0
#: Farthest that a line may lie from its multiple, per multiple: the mains keep to 0.2 Hz.
MOST_OFF_HZ = 0.3
#: Lines so far under the strongest do not count: distortion makes them too.
MOST_UNDER_DB = 40.0
#: Softer hum (dBFS) is below any microphone's noise.
LEAST_LEVEL_DB = -80.0
#: And so far under the loud parts nobody hears it.
LEAST_OVER_LOUD_DB = -60.0
_SIZE = 4_096
_QUIET_PERCENTILE, _LOUD_PERCENTILE = 20.0, 90.0
_LEAST_FRAMES = 6
_LEAST_LINES, _FIRST_LINES = 2, 5
#: Bins below 1 kHz, where the trace is clean.
_BINS = 1_365
_LINE_BINS = 3
_AROUND_HZ = 6.0
#: A Hann window spreads a line over three bins, with 1.5 times the power of the tallest (noise bandwidth).
_HANN_BANDWIDTH = 1.5
_SILENCE = 1e-12


@dataclass(frozen=True)
class Hum:
    """Hum at ``frequency_hz`` (near 50 or 60) and the multiples ``harmonics`` that were found; ``level_db`` of all
    of them together in dBFS (RMS), ``over_loud_db`` the same over the loud parts of the track below 1 kHz;
    ``strongest`` the multiple that has most."""

    frequency_hz: float
    harmonics: tuple[int, ...]
    strongest: int
    level_db: float
    over_loud_db: float


def find_hum(trace: Trace) -> Hum | None:
    """The hum in ``trace``; None where there is none to speak of, or too little (six frames of 0.7 s) to tell."""
    powers = _frames(trace)
    if len(powers) < _LEAST_FRAMES:
        return None
    quiet = np.percentile(powers, _QUIET_PERCENTILE, axis=0)
    loud = float(np.percentile(powers.sum(axis=1), _LOUD_PERCENTILE)) / _HANN_BANDWIDTH
    found = [_lines(quiet, mains_hz) for mains_hz in MAINS_HZ]
    lines = max(found, key=lambda rows: sum(row[2] for row in rows))
    if sum(row[0] <= _FIRST_LINES for row in lines) < _LEAST_LINES:
        return None
    power = sum(row[2] for row in lines)
    level_db, over_loud_db = power_to_db(power), power_to_db(power / loud)
    if level_db < LEAST_LEVEL_DB or over_loud_db < LEAST_OVER_LOUD_DB:
        return None
    frequency_hz = sum(row[1] / row[0] * row[2] for row in lines) / power
    strongest = max(lines, key=lambda row: row[2])[0]
    return Hum(frequency_hz, tuple(row[0] for row in lines), strongest, level_db, over_loud_db)


def _frames(trace: Trace) -> FloatArray:
    """Power of each bin (mean square of a sine in its tallest bin) of every frame that is not digital silence."""
    samples = trace.samples.astype(np.float32) * np.float32(trace.rms)
    if len(samples) < _SIZE:
        return np.zeros((0, _BINS))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _SIZE)[:: _SIZE // 2]
    sounds = np.square(frames).reshape(len(frames), 8, -1).mean(axis=2).min(axis=1) > _SILENCE
    window = np.hanning(_SIZE + 1)[:-1].astype(np.float32)
    spectra = fft.rfft(frames[sounds] * window, axis=1)[:, :_BINS]
    return 2.0 * (np.square(spectra.real) + np.square(spectra.imag)) / float(window.sum()) ** 2


def _lines(quiet: FloatArray, mains_hz: float) -> list[tuple[int, float, float]]:
    """(multiple, frequency in Hz, power) of the lines of one mains in the ``quiet`` spectrum."""
    rows: list[tuple[int, float, float]] = []
    bin_hz = TRACE_HZ / _SIZE
    around = math.ceil(_AROUND_HZ / bin_hz)
    for multiple in range(1, MOST_HARMONICS + 1):
        middle = round(multiple * mains_hz / bin_hz)
        peak = middle - 2 + int(np.argmax(quiet[middle - 2 : middle + 3]))
        sides = np.concatenate([quiet[peak - around : peak - _LINE_BINS + 1], quiet[peak + _LINE_BINS : peak + around]])
        frequency_hz = bin_hz * (peak + _fraction(quiet[peak - 1 : peak + 2]))
        is_near = abs(frequency_hz / multiple - mains_hz) <= MOST_OFF_HZ
        if is_near and power_to_db(float(quiet[peak] / max(sides.max(), 1e-30))) >= LEAST_CONTRAST_DB:
            rows.append((multiple, frequency_hz, float(quiet[peak - 1 : peak + 2].sum()) / _HANN_BANDWIDTH))
    least = max((row[2] for row in rows), default=0.0) * 10.0 ** (-MOST_UNDER_DB / 10.0)
    return [row for row in rows if row[2] >= least]


def _fraction(three: FloatArray) -> float:
    """Where between bins the top lies, -0.5..0.5, from a parabola through the levels in dB."""
    low, middle, high = np.log(np.maximum(three, 1e-30))
    curve = low - 2.0 * middle + high
    return float(0.5 * (low - high) / curve) if curve < 0.0 else 0.0
