"""Log-mel frames of a track: the same numbers at any sample rate, for any gain but a constant.

Frames are 40 ms Hann windows every 20 ms; 64 triangular bands, evenly spaced in mel (O'Shaughnessy 1987) between 30 Hz
and 16 kHz, whose edges and windows are defined in seconds and hertz, never in samples or bins. Levels are the power of
left and right together in dB; the side share is the part of it that lies in (left - right) / sqrt(2), 0..1.

Contents: :func:`band_centres_hz`, :func:`mel_frames`.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy import fft

from assistant.arrays import FloatArray

BANDS = 64
FRAME_S, HOP_S = 0.04, 0.02
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
#: What stands for nothing, in dB relative to full scale.
FLOOR_DB = -140.0


def _edges_hz() -> FloatArray:
    low, high = (2595.0 * np.log10(1.0 + hz / 700.0) for hz in (LOWEST_HZ, HIGHEST_HZ))
    return np.asarray(700.0 * (10.0 ** (np.linspace(low, high, BANDS + 2) / 2595.0) - 1.0))


def band_centres_hz() -> FloatArray:
    """The bands' centre frequencies in Hz, (64,)."""
    return _edges_hz()[1:-1]


@cache
def _filters(sample_rate: int) -> FloatArray:
    """Weights (bins, bands) from a window's power spectrum to band powers whose sum is about the mean square."""
    size = round(FRAME_S * sample_rate)
    hz = np.arange(size // 2 + 1)[:, None] * sample_rate / size
    edges = _edges_hz()
    below, centre, above = edges[:-2], edges[1:-1], edges[2:]
    weights = np.clip(np.minimum((hz - below) / (centre - below), (above - hz) / (above - centre)), 0.0, None)
    window = np.hanning(size + 1)[:-1]
    return (weights * 2.0 / (size * np.sum(np.square(window)))).astype(np.float32)


def mel_frames(audio: FloatArray, sample_rate: int) -> tuple[FloatArray, FloatArray]:
    """Band levels in dB (F, 64) and side shares (F, 64) of ``audio`` (C, T), C 1 or 2, at least one frame long."""
    size, hop = round(FRAME_S * sample_rate), round(HOP_S * sample_rate)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(audio, size, axis=1)[:, ::hop] * window
    spectra = fft.rfft(frames.astype(np.float32, copy=False), axis=-1)
    filters = _filters(sample_rate)
    power = np.square(np.abs(spectra)).mean(axis=0) @ filters
    levels_db = 10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0)))
    if len(audio) == 1:
        return levels_db, np.zeros_like(levels_db)
    side = np.square(np.abs(spectra[0] - spectra[1])) @ filters / 4.0
    return levels_db, np.clip(side / np.maximum(power, 1e-20), 0.0, 1.0)
