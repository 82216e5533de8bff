"""Which of many tracks' pairs are worth a close look: correlation over lags, from cross-spectra of all pairs at once.

Traces (see ``trace``) lie on the session's time line in samples of 3 kHz; windows begin at multiples of their length.
A window counts for a pair where both tracks play.

Contents: :class:`Placed`, :func:`windows_of`, :func:`cosines`, :func:`find_candidates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from assistant.analysis.faults.trace import TRACE_HZ
from assistant.arrays import FloatArray

#: Where traces are compared for copies, and where for clashes of polarity, in Hz.
COPY_BAND_HZ, LOW_BAND_HZ = (40.0, 1_000.0), (40.0, 500.0)
#: How far a copy may be shifted, and how far a track that clashes, in samples of the trace (20 and 1 ms).
MOST_COPY_LAG, MOST_CLASH_LAG = 60, 3
#: Mean correlation from which a pair is looked at closely.
COARSE_COPY, COARSE_CLASH = 0.8, -0.35
#: A track plays in a window that is at most this far under its loud ones.
ACTIVE_DB = -30.0
_WINDOW, _SEGMENT = 1_024, 12
_LOUD_PERCENTILE = 95.0
#: Fewer windows together (1.7 s) say nothing.
_LEAST_WINDOWS = 5


@dataclass(frozen=True)
class Placed:
    """A trace on the time line: its ``samples``, the sample ``first`` at which it begins, its power when loud."""

    samples: NDArray[np.float16] = field(repr=False, compare=False)
    first: int
    loud: float

    @classmethod
    def at(cls, samples: NDArray[np.float16], first: int) -> Placed:
        """``samples`` from ``first`` on."""
        whole = samples[: len(samples) // _WINDOW * _WINDOW].astype(np.float32).reshape(-1, _WINDOW)
        powers = np.square(whole).mean(axis=1)
        return cls(samples, first, float(np.percentile(powers, _LOUD_PERCENTILE)) if len(powers) else 0.0)

    @property
    def last(self) -> int:
        """Past the last sample."""
        return self.first + len(self.samples)


def windows_of(placed: Placed, start: int, count: int, size: int) -> tuple[FloatArray, NDArray[np.bool_]]:
    """``count`` windows of ``size`` samples from ``start`` on ``(count, size)``, and in which the track plays."""
    line = np.zeros(count * size, np.float32)
    low, high = max(start, placed.first), min(start + count * size, placed.last)
    if low < high:
        line[low - start : high - start] = placed.samples[low - placed.first : high - placed.first]
    pieces = line.reshape(count, size)
    powers = np.square(pieces).mean(axis=1)
    return pieces, (powers > placed.loud * 10.0 ** (ACTIVE_DB / 10.0)) & (powers > 0.0)


def band(size: int, edges_hz: tuple[float, float]) -> slice:
    """The bins of a window of ``size`` samples between ``edges_hz``."""
    low, high = (round(edge * size / TRACE_HZ) for edge in edges_hz)
    return slice(low, high)


def spectra(pieces: FloatArray, bins: slice) -> NDArray[np.complex64]:
    """Spectra of Hann windows ``(..., size)`` in ``bins``: ``(..., bins)``."""
    return fft.rfft(pieces * _hann(pieces.shape[-1]), axis=-1)[..., bins]


def cosines(bins: slice, size: int, lags: FloatArray) -> FloatArray:
    """The matrix ``(2 * bins, lags)`` that turns cross-spectra ``[real, imaginary]`` into correlations at ``lags``."""
    angles = 2.0 * np.pi * np.arange(bins.start, bins.stop)[:, None] * lags / size
    return np.concatenate([np.cos(angles), np.sin(angles)]).astype(np.float32)


def find_candidates(tracks: Sequence[Placed]) -> list[tuple[int, int, int]]:
    """(first, second, lag) of the pairs that may be copies or clash, by index; the second is ``lag`` samples late."""
    count = len(tracks)
    pairs = np.stack(np.triu_indices(count, 1), axis=1)
    copies = np.zeros((len(pairs), 2 * MOST_COPY_LAG + 1))
    clashes, together = np.zeros((len(pairs), 2 * MOST_CLASH_LAG + 1)), np.zeros(len(pairs))
    begin, end = (min((t.first for t in tracks), default=0), max((t.last for t in tracks), default=0))
    for start in range(begin, end, _SEGMENT * _WINDOW):
        read = [windows_of(track, start, _SEGMENT, _WINDOW) for track in tracks]
        plays = np.stack([playing for _, playing in read])
        shared = (plays.astype(np.float32) @ plays.T.astype(np.float32))[pairs[:, 0], pairs[:, 1]]
        these = np.flatnonzero(shared)
        if not len(these):
            continue
        rows = np.unique(pairs[these])
        found = _correlations(np.stack([read[i][0] for i in rows]), plays[rows], np.searchsorted(rows, pairs[these]))
        copies[these] += found[0] * shared[these, None]
        clashes[these] += found[1] * shared[these, None]
        together[these] += shared[these]
    return _standing_out(pairs, copies, clashes, together)


def _correlations(
    pieces: FloatArray, plays: NDArray[np.bool_], pairs: NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    """Correlation of each of ``pairs`` ``(P, 2)`` over the lags of a copy and of a clash, ``(P, lags)`` each."""
    bins = band(_WINDOW, COPY_BAND_HZ)
    sounds = spectra(pieces, bins) * plays[..., None]
    by_bin = np.ascontiguousarray(sounds.transpose(2, 0, 1))
    crossed = (by_bin @ by_bin.conj().transpose(0, 2, 1))[:, pairs[:, 0], pairs[:, 1]].T
    both = np.concatenate([crossed.real, crossed.imag], axis=1)
    low = band(_WINDOW, LOW_BAND_HZ).stop - bins.start
    width = bins.stop - bins.start
    copy = both @ _copy_cosines() / _norms(np.square(np.abs(sounds)).sum(axis=2), plays, pairs)[:, None]
    norms = _norms(np.square(np.abs(sounds[..., :low])).sum(axis=2), plays, pairs)[:, None]
    low_rows = np.concatenate([both[:, :low], both[:, width : width + low]], axis=1)
    return copy, low_rows @ _clash_cosines() / norms


def _norms(energies: FloatArray, plays: NDArray[np.bool_], pairs: NDArray[np.int64]) -> FloatArray:
    """Geometric mean of both tracks' energies over the windows in which both play ``(P,)``."""
    shared = energies @ plays.T.astype(np.float32)
    return np.sqrt(shared[pairs[:, 0], pairs[:, 1]] * shared[pairs[:, 1], pairs[:, 0]]) + 1e-20


def _standing_out(
    pairs: NDArray[np.int64], copies: FloatArray, clashes: FloatArray, together: FloatArray
) -> list[tuple[int, int, int]]:
    candidates = []
    for p in np.flatnonzero(together >= _LEAST_WINDOWS):
        copy, clash = copies[p] / together[p], clashes[p] / together[p]
        first, second = pairs[p].tolist()
        if np.abs(copy).max() >= COARSE_COPY:
            candidates.append((first, second, int(np.abs(copy).argmax()) - MOST_COPY_LAG))
        elif clash.min() <= COARSE_CLASH:
            candidates.append((first, second, int(clash.argmin()) - MOST_CLASH_LAG))
    return candidates


@lru_cache(maxsize=4)
def _hann(size: int) -> NDArray[np.float32]:
    return np.hanning(size + 1)[:-1].astype(np.float32)


@lru_cache(maxsize=1)
def _copy_cosines() -> FloatArray:
    return cosines(band(_WINDOW, COPY_BAND_HZ), _WINDOW, np.arange(-MOST_COPY_LAG, MOST_COPY_LAG + 1.0))


@lru_cache(maxsize=1)
def _clash_cosines() -> FloatArray:
    return cosines(band(_WINDOW, LOW_BAND_HZ), _WINDOW, np.arange(-MOST_CLASH_LAG, MOST_CLASH_LAG + 1.0))
