"""What is wrong between two tracks: one is a copy of the other, or turned against it.

All pairs are first compared coarsely (``coarse``), so that a hundred tracks take seconds. What stands out there is
looked at closely, window by window at one common lag. A copy correlates in one window after the other, over the whole
of the trace, and its loudness follows the original's at full bandwidth too, which two tracks that merely share a rumble
do not.

A clash of polarity is one sound, captured twice, that cancels in the low band: the two sides of a snare, a DI and its
amplifier. Two instruments on harmonically related notes correlate by chance, to either side, as notes come and go; so
the correlation must be negative in nearly all windows at one lag, in more than one octave, and spread over more lines
than a chord has.

Contents: :class:`PairFinding`, :func:`compare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.faults.coarse import (
    COPY_BAND_HZ,
    LOW_BAND_HZ,
    MOST_CLASH_LAG,
    Placed,
    band,
    cosines,
    find_candidates,
    spectra,
    windows_of,
)
from assistant.analysis.faults.examining import LEVEL_FRAME_S, Examination
from assistant.analysis.faults.trace import TRACE_HZ
from assistant.arrays import FloatArray

#: From this correlation on two tracks are the same, up to a gain and the sign.
COPY = 0.97
#: Median correlation in the low band from which two tracks work against each other.
CLASH = -0.5
#: Share of the windows that must be clearly on the same side, and what is clear.
LEAST_AGREEING, CLEARLY = 0.8, -0.3
#: Octaves of the low band: at least two that matter (share of the energy) must cancel, and none may add.
OCTAVES_HZ = (40.0, 80.0, 160.0, 320.0, 500.0)
LEAST_OCTAVES, OCTAVE_CLASH, OCTAVE_SHARE = 2, -0.35, 0.05
#: Effective number of bins (1.5 Hz) the common sound is spread over; a steady partial takes three.
LEAST_LINES = 12.0
#: A copy plays when the original does (windows with both over windows with either), or is the same for a long passage
#: (windows of 0.7 s).
LEAST_TOGETHER, LONG_WINDOWS = 0.8, 12
#: How far (dB) the loudness of a copy may stray from the original's in nine tenths of the time.
MOST_STRAY_DB = 3.0
_WINDOW = 2_048
_LEAST_COPY_WINDOWS, _LEAST_CLASH_WINDOWS = 2, 6
_FINE_LAGS = np.linspace(-1.5, 1.5, 61)
_SMOOTHING = 5
_HEARD_DB = -30.0


@dataclass(frozen=True)
class PairFinding:
    """Two ``tracks`` that are one sound (``duplicate``) or cancel (``polarity``).

    ``correlation`` -1..1: of a copy over all the time both play, of a clash the median in the low band;
    ``lag_ms`` how much later the second is; ``is_copy`` whether they are the same but for gain, lag and sign;
    ``start_s`` and ``end_s`` on the session's time line: from where to where a copy is one, where a clash is strongest.
    """

    kind: Literal["duplicate", "polarity"]
    tracks: tuple[str, str]
    correlation: float
    lag_ms: float
    is_copy: bool
    start_s: float
    end_s: float


@dataclass(frozen=True)
class _Close:
    """A pair window by window: when windows start (samples), both spectra ``(W, F)`` at one lag, what plays when."""

    starts: NDArray[np.int64]
    first: NDArray[np.complex64]
    second: NDArray[np.complex64]
    together: float


def compare(examinations: Mapping[str, Examination]) -> tuple[PairFinding, ...]:
    """The pairs among the examined tracks that are copies or clash, strongest correlation first."""
    names = sorted(n for n, e in examinations.items() if len(e.trace.samples) and e.trace.rms > 0.0)
    placed = [_placed(examinations[name]) for name in names]
    found = []
    for i, j, lag in find_candidates(placed):
        finding = _judge((names[i], names[j]), examinations, (placed[i], placed[j]), lag)
        if finding is not None:
            found.append(finding)
    return tuple(sorted(found, key=lambda finding: -abs(finding.correlation)))


def _placed(examination: Examination) -> Placed:
    return Placed.at(examination.trace.samples, round(examination.start_s * TRACE_HZ))


def _judge(
    names: tuple[str, str], examinations: Mapping[str, Examination], placed: tuple[Placed, Placed], lag: int
) -> PairFinding | None:
    close = _look_closely(*placed, lag)
    if len(close.starts) < _LEAST_COPY_WINDOWS:
        return None
    copy = _copy(close, lag)
    if copy is not None:
        correlation, exact, windows = copy
        kind: Literal["duplicate", "polarity"] = "duplicate" if correlation > 0.0 else "polarity"
        found = _finding(kind, names, (correlation, exact), True, windows)
        if _stray_db(examinations[names[0]], examinations[names[1]], found) <= MOST_STRAY_DB:
            return found
    clash = _clash(close, lag) if len(close.starts) >= _LEAST_CLASH_WINDOWS else None
    if clash is None:
        return None
    start = int(close.starts[clash[2]])
    return _finding("polarity", names, clash[:2], False, (start, start))


def _finding(
    kind: Literal["duplicate", "polarity"],
    names: tuple[str, str],
    found: tuple[float, float],
    is_copy: bool,
    windows: tuple[int, int],
) -> PairFinding:
    """The finding with correlation and lag in samples ``found``, from the first to the last of ``windows``."""
    start_s, end_s = windows[0] / TRACE_HZ, (windows[1] + _WINDOW) / TRACE_HZ
    return PairFinding(kind, names, found[0], 1000.0 * found[1] / TRACE_HZ, is_copy, start_s, end_s)


def _look_closely(first: Placed, second: Placed, lag: int) -> _Close:
    """Spectra of both, the second taken ``lag`` samples later, in the windows in which both play."""
    start, end = max(first.first, second.first - lag), min(first.last, second.last - lag)
    count = max(0, end - start) // _WINDOW
    a, plays_a = windows_of(first, start, count, _WINDOW)
    b, plays_b = windows_of(second, start + lag, count, _WINDOW)
    both = plays_a & plays_b
    bins = band(_WINDOW, COPY_BAND_HZ)
    together = float(both.sum() / max(1, (plays_a | plays_b).sum()))
    starts = start + _WINDOW * np.flatnonzero(both)
    return _Close(starts, spectra(a[both], bins), spectra(b[both], bins), together)


def _copy(close: _Close, lag: int) -> tuple[float, float, tuple[int, int]] | None:
    """(correlation, exact lag in samples, first and last window's start) of a copy; None where it is not one."""
    crossed = close.first * close.second.conj()
    table = cosines(band(_WINDOW, COPY_BAND_HZ), _WINDOW, _FINE_LAGS)
    each = np.concatenate([crossed.real, crossed.imag], axis=1) @ table
    norms = np.sqrt(np.square(np.abs(close.first)).sum(axis=1) * np.square(np.abs(close.second)).sum(axis=1))
    mean = (each / norms[:, None]).mean(axis=0)
    best = int(np.abs(mean).argmax())
    sign = np.sign(mean[best])
    run = _longest_run(sign * each[:, best] >= COPY * norms)
    is_whole = close.together >= LEAST_TOGETHER and len(run) >= LEAST_TOGETHER * len(norms)
    if not is_whole and len(run) < LONG_WINDOWS:
        return None
    correlation = float(np.clip(each[run, best].sum() / norms[run].sum(), -1.0, 1.0))
    return correlation, lag + float(_FINE_LAGS[best]), (int(close.starts[run[0]]), int(close.starts[run[-1]]))


def _longest_run(holds: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Where the longest run of True lies; nothing where there is none."""
    groups = np.split(np.arange(len(holds)), np.flatnonzero(np.diff(holds)) + 1)
    return max((g for g in groups if len(g) and holds[g[0]]), key=len, default=np.zeros(0, np.intp))


def _clash(close: _Close, lag: int) -> tuple[float, float, int] | None:
    """(median correlation, exact lag in samples, strongest window) of a clash; None where it is not one."""
    low = band(_WINDOW, LOW_BAND_HZ)
    width = low.stop - low.start
    a, b = close.first[:, :width], close.second[:, :width]
    crossed = a * b.conj()
    lags = np.arange(-MOST_CLASH_LAG - lag, MOST_CLASH_LAG - lag + 0.01, 0.1)
    each = np.concatenate([crossed.real, crossed.imag], axis=1) @ cosines(low, _WINDOW, lags)
    each /= np.sqrt(np.square(np.abs(a)).sum(axis=1) * np.square(np.abs(b)).sum(axis=1))[:, None] + 1e-20
    typical = np.median(each, axis=0)
    best = int(typical.argmin())
    windows = each[:, best]
    turned = crossed * np.exp(-2j * np.pi * np.arange(low.start, low.stop) * lags[best] / _WINDOW)
    if typical[best] > CLASH or typical.max() >= -typical[best] or np.mean(windows < CLEARLY) < LEAST_AGREEING:
        return None
    if not _cancels_in_octaves(a, b, turned.real) or _lines(turned.real) < LEAST_LINES:
        return None
    return float(typical[best]), lag + float(lags[best]), int(turned.real.sum(axis=1).argmin())


def _cancels_in_octaves(a: NDArray[np.complex64], b: NDArray[np.complex64], crossed: FloatArray) -> bool:
    """Whether at least two octaves that matter cancel and none adds."""
    energies = np.sqrt(np.square(np.abs(a)).sum(axis=0) * np.square(np.abs(b)).sum(axis=0))
    summed = crossed.sum(axis=0)
    edges = [round((hz - LOW_BAND_HZ[0]) * _WINDOW / TRACE_HZ) for hz in OCTAVES_HZ]
    cancelling = 0
    for low, high in pairwise(edges):
        if energies[low:high].sum() < OCTAVE_SHARE * energies.sum():
            continue
        norm = np.sqrt(np.square(np.abs(a[:, low:high])).sum() * np.square(np.abs(b[:, low:high])).sum())
        correlation = summed[low:high].sum() / norm
        cancelling += correlation <= OCTAVE_CLASH
        if correlation > 0.0:
            return False
    return cancelling >= LEAST_OCTAVES


def _lines(crossed: FloatArray) -> float:
    """Over how many bins the common sound is spread: participation ratio of the cancelling power."""
    power = np.maximum(-crossed.sum(axis=0), 0.0)
    return float(power.sum() ** 2 / max(float(np.square(power).sum()), 1e-30))


def _stray_db(first: Examination, second: Examination, found: PairFinding) -> float:
    """How far the difference of both loudnesses strays from its median in nine tenths of the time of ``found``."""
    rows = []
    for examination in (first, second):
        start, end = (round((s - examination.start_s) / LEVEL_FRAME_S) for s in (found.start_s, found.end_s))
        rows.append(_smoothed_db(examination.levels_db[max(0, start) : end].astype(np.float64)))
    count = min(len(row) for row in rows)
    a, b = (row[:count] for row in rows)
    heard = (a > a.max(initial=-np.inf) + _HEARD_DB) & (b > b.max(initial=-np.inf) + _HEARD_DB)
    difference = (a - b)[heard]
    return float(np.percentile(np.abs(difference - np.median(difference)), 90.0)) if heard.any() else np.inf


def _smoothed_db(levels_db: FloatArray) -> FloatArray:
    """Levels of half a second each, so that a lag of some milliseconds hardly shows."""
    if len(levels_db) < _SMOOTHING:
        return levels_db
    powers = np.convolve(10.0 ** (levels_db / 10.0), np.ones(_SMOOTHING) / _SMOOTHING, mode="valid")
    return np.asarray(10.0 * np.log10(np.maximum(powers, 1e-20)))
