"""Third-octave levels over a whole signal.

Bands are those of IEC 61260-1:2014, base 10: mid-band frequencies 1000 * 10^(k/10) Hz from 25 Hz to 20 kHz (exactly
25.12 to 19953 Hz), edges a factor 10^(1/20) to either side. A band is present when its mid-band frequency lies below
the Nyquist frequency; the part of the last band above it is empty, so at 44.1 kHz white noise reads 0.3 dB low at
20 kHz.

Frames of about 1.4 s overlap by half under a Kaiser-Bessel-derived window, whose squares sum to one (Princen, Bradley
1986): the bands' powers add up to the signal's power wherever in a frame the sound falls. A bin that an edge cuts is
shared in proportion.
"""

from __future__ import annotations

import numpy as np
from scipy.fft import rfft
from scipy.signal.windows import kaiser_bessel_derived

from assistant.analysis.levels import check_audio, check_sample_rate, powers_to_db

FRAME_S = 1.0
KAISER_BETA = 4.0 * np.pi
LOWEST_INDEX, HIGHEST_INDEX = -16, 13


def third_octave_levels(audio: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Mid-band frequencies in Hz and levels in dBFS ``(bands,)`` each, of ``audio`` ``(C, T)``.

    A level is the band's RMS over the whole signal, the powers of the channels averaged: a full-scale sine at 1 kHz
    reads -3.01 in its band. ``-inf`` where there is nothing.
    """
    check_audio(audio)
    check_sample_rate(sample_rate)
    return band_levels(audio, sample_rate)


def band_frequencies(sample_rate: int) -> np.ndarray:
    """Mid-band frequencies in Hz ``(bands,)`` below the Nyquist frequency, 30 of them from 40 kHz on."""
    frequencies = 1000.0 * 10.0 ** (np.arange(LOWEST_INDEX, HIGHEST_INDEX + 1) / 10.0)
    return frequencies[frequencies < sample_rate / 2]


def band_levels(audio: np.ndarray, sample_rate: int) -> tuple[np.ndarray, np.ndarray]:
    """:func:`third_octave_levels` without the checks."""
    frequencies, powers = band_powers(audio, sample_rate)
    return frequencies, powers_to_db(powers)


def band_powers(audio: np.ndarray, sample_rate: int, is_excerpt: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`band_levels`, as mean squares instead of levels; for ``is_excerpt`` see :func:`bin_powers`."""
    frequencies = band_frequencies(sample_rate)
    frame = 1 << int(np.ceil(np.log2(sample_rate * FRAME_S)))
    weights = _band_weights(frequencies, frame, sample_rate)
    return frequencies, weights @ bin_powers(audio, frame, is_excerpt)


def bin_powers(audio: np.ndarray, frame: int, is_excerpt: bool = False) -> np.ndarray:
    """One-sided power of ``audio`` ``(C, T)`` in each bin of ``frame`` samples, channels averaged: ``(frame/2+1,)``.

    Their sum is the mean square of ``audio``. Of an excerpt, whose cut edges would splash over all bins, only frames
    inside are taken, centred; its ends count less then. One shorter than a frame is taken as it is.
    """
    channels, count = audio.shape
    window = kaiser_bessel_derived(frame, KAISER_BETA).astype(audio.dtype)
    total = np.zeros(frame // 2 + 1)
    piece = np.empty((channels, frame), dtype=audio.dtype)
    starts, weight = range(-frame // 2, count, frame // 2), max(count, 1)
    if is_excerpt and count >= frame:
        first = (count - frame) % (frame // 2) // 2
        starts = range(first, count - frame + 1, frame // 2)
        weight = len(starts) * frame // 2
    for start in starts:
        inside = audio[:, max(start, 0) : start + frame]
        offset = max(-start, 0)
        piece[:] = 0.0
        piece[:, offset : offset + inside.shape[1]] = inside
        spectrum = rfft(piece * window, axis=1)
        total += (spectrum.real**2 + spectrum.imag**2).sum(axis=0)
    total[1:-1] *= 2.0
    return total / (frame * channels * weight)


def _band_weights(frequencies: np.ndarray, frame: int, sample_rate: int) -> np.ndarray:
    """The share of each bin in each band, ``(bands, frame / 2 + 1)``."""
    bins = np.arange(frame // 2 + 1) * sample_rate / frame
    half = 0.5 * sample_rate / frame
    lower, upper = frequencies * 10.0**-0.05, frequencies * 10.0**0.05
    overlap = np.minimum(upper[:, None], bins + half) - np.maximum(lower[:, None], bins - half)
    return np.clip(overlap / (2.0 * half), 0.0, 1.0)
