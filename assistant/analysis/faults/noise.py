"""Noise: a steady, broadband floor where the track rests.

A floor is looked for among the softest frames of 100 ms that are not digital silence: half a second and more in which
the level stands still (a tail falls, if slowly), whose spectrum is flat inside most third octaves (a note is not), and
which lies far under the loud parts (a steady pad or a noise that is the music has no such part).

Contents: :class:`Noise`, :func:`find_noise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from assistant.analysis.faults.steps import Steps, grouped
from assistant.analysis.levels import power_to_db, powers_to_db
from assistant.analysis.loudness import OFFSET_DB, STEPS_PER_S

#: A floor nearer than this to the loud parts is part of the sound; one farther than the other is not heard.
LEAST_SNR_DB, MOST_SNR_DB = 12.0, 48.0
#: Frames softer than this (dB, K-weighted) are digital silence, or dither.
SILENCE_DB = -96.0
#: Most that the level of a standing floor moves over ``_STILL_FRAMES``, in dB.
MOST_MOVE_DB = 1.2
#: A tail falls faster than this; a floor's level wanders to either side.
MOST_SLOPE_DB_PER_S = 1.0
#: Share of the soft frames that must stand still: where a floor is, nothing softer is left, nor anything that moves.
LEAST_STILL = 0.6
#: Flatness (geometric over arithmetic mean) inside a band: 1 for noise averaged long enough, near 0 for notes.
LEAST_FLATNESS = 0.6
#: Share of the third octaves from 400 Hz to 10 kHz that must be flat.
LEAST_FLAT_BANDS = 0.6
#: Share of the power from 30 Hz to 10 kHz that must lie in them: pink noise has half of it above 400 Hz.
LEAST_SHARE = 0.35
_FRAME_STEPS, _STILL_FRAMES = 10, 5
_LEAST_FRAMES, _MOST_FRAMES = 10, 64
_QUIET_PERCENTILE, _LOUD_PERCENTILE = 10.0, 95.0
_QUIET_RANGE_DB = 3.0
_LOWEST_HZ = 30.0
_BAND_EDGES_HZ = 400.0 * 10.0 ** (np.arange(15) / 10.0)


@dataclass(frozen=True)
class Noise:
    """The floor's ``level_db`` (dBFS, RMS, 400 Hz to 10 kHz), how far the loud parts stand over it (``snr_db``), and
    a time in seconds at which it is heard alone."""

    level_db: float
    snr_db: float
    time_s: float


def find_noise(audio: NDArray[np.float32], sample_rate: int, steps: Steps) -> Noise | None:
    """The noise floor of ``audio`` ``(C, T)``, its time from the first sample; None where none is heard alone."""
    levels_db = powers_to_db(grouped(steps.weighted, _FRAME_STEPS).sum(axis=0)) + OFFSET_DB
    audible = levels_db > SILENCE_DB
    if not audible.any():
        return None
    quiet_db, loud_db = np.percentile(levels_db[audible], [_QUIET_PERCENTILE, _LOUD_PERCENTILE])
    quiet = audible & (levels_db <= quiet_db + _QUIET_RANGE_DB)
    floor = np.flatnonzero(quiet & _stands_still(levels_db))
    rests = loud_db - quiet_db >= LEAST_SNR_DB
    if not rests or len(floor) < max(_LEAST_FRAMES, LEAST_STILL * np.count_nonzero(quiet)):
        return None
    level_db = _broadband_db(audio, sample_rate, steps.edges[floor * _FRAME_STEPS])
    snr_db = float(loud_db) - level_db
    if not LEAST_SNR_DB <= snr_db <= MOST_SNR_DB or _falls(levels_db, floor):
        return None
    return Noise(level_db, snr_db, float(floor[0]) * _FRAME_STEPS / STEPS_PER_S)


def _stands_still(levels_db: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which frames belong to ``_STILL_FRAMES`` successive ones of almost one level."""
    still = np.zeros(len(levels_db), np.bool_)
    if len(levels_db) < _STILL_FRAMES:
        return still
    windows = np.lib.stride_tricks.sliding_window_view(np.maximum(levels_db, SILENCE_DB), _STILL_FRAMES)
    for start in np.flatnonzero(np.ptp(windows, axis=1) <= MOST_MOVE_DB):
        still[start : start + _STILL_FRAMES] = True
    return still


def _falls(levels_db: NDArray[np.float64], frames: NDArray[np.int64]) -> bool:
    """Whether the level mostly moves one way: what follows on a frame of the floor against that frame."""
    inside = frames[:-1][np.diff(frames) == 1]
    moves_db = levels_db[inside + 1] - levels_db[inside]
    return abs(float(np.median(moves_db))) * STEPS_PER_S / _FRAME_STEPS > MOST_SLOPE_DB_PER_S


def _broadband_db(audio: NDArray[np.float32], sample_rate: int, firsts: NDArray[np.int64]) -> float:
    """Level in dBFS of what is flat in the spectrum of the frames that begin at the samples ``firsts``, channels added.

    ``-inf`` where too few bands are flat, or too little lies in them, to speak of noise.
    """
    chosen = firsts[np.unique(np.linspace(0, len(firsts) - 1, _MOST_FRAMES).astype(int))]
    size = 1 << int(np.log2(sample_rate * _FRAME_STEPS / STEPS_PER_S))
    window = np.hanning(size)
    pieces = np.stack([audio[:, first : first + size] for first in chosen if first + size <= audio.shape[1]])
    powers = np.square(np.abs(fft.rfft(pieces * window, axis=2))).mean(axis=0).sum(axis=0)
    powers *= 2.0 / (size * float(np.square(window).sum()))
    edges = np.rint(_BAND_EDGES_HZ * size / sample_rate).astype(int)
    bands = [powers[low:high] for low, high in pairwise(edges) if high <= len(powers)]
    flat = [np.exp(np.log(band + 1e-30).mean()) / (band.mean() + 1e-30) >= LEAST_FLATNESS for band in bands]
    noise = float(sum(band.sum() for band, is_flat in zip(bands, flat, strict=True) if is_flat))
    total = float(powers[round(_LOWEST_HZ * size / sample_rate) : edges[-1]].sum())
    is_noise = np.mean(flat) >= LEAST_FLAT_BANDS and noise >= LEAST_SHARE * total
    return power_to_db(noise) if is_noise else -math.inf
