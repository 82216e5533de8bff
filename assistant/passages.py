"""Passages of a session: when its tracks play, which stretches to listen to, and pieces cut out of a track.

Contents: :class:`Reader`, :func:`hear_activity`, :func:`active_cells`, :func:`choose_passages`,
:func:`choose_covering_passages`, :func:`cut_piece`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.listening import ACTIVITY_CELL_S, SILENCE_DBFS
from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.tasks import Cancelled, IsCancelled, Load

_LEAD_WEIGHT, _SEEN_AGAIN, _TOO_LITTLE = 4.0, 0.5, 0.25
#: A track counts as covered by a passage in which it plays for this share of it, or for all that it plays.
_COVERED = 0.25

T = TypeVar("T")
OnTrack = Callable[[int, Track], None]


@dataclass(frozen=True)
class Reader:
    """How tracks are loaded, at ``sample_rate`` Hz, two at a time."""

    load: Load
    sample_rate: int
    is_cancelled: IsCancelled = lambda: False

    def each(self, tracks: Sequence[Track], work: Callable[[Track, FloatArray], T], on_track: OnTrack) -> list[T]:
        """``work`` of each track and its audio, in order; ``on_track(count, track)`` hears of it in this thread.

        Raises :class:`Cancelled`, and whatever loading raises.
        """

        def one(track: Track) -> T:
            if self.is_cancelled():
                raise Cancelled(f"cancelled before {track.name} was loaded")
            return work(track, self.load(track, self.sample_rate))

        done = []
        with ThreadPoolExecutor(max_workers=2) as pool:
            for track, result in zip(tracks, pool.map(one, tracks), strict=True):
                done.append(result)
                on_track(len(done), track)
        return done


def hear_activity(tracks: Sequence[Track], reader: Reader, on_track: OnTrack) -> NDArray[np.bool_]:
    """Whether each track plays in each cell of the session's time line, (N, cells)."""
    return join_activity(
        reader.each(tracks, lambda track, audio: active_cells(track, audio, reader.sample_rate), on_track)
    )


def join_activity(found: Sequence[NDArray[np.intp]]) -> NDArray[np.bool_]:
    """(N, cells) out of each track's :func:`active_cells`."""
    cells = np.zeros((len(found), max((int(c[-1]) + 1 for c in found if len(c)), default=0)), np.bool_)
    for row, active in zip(cells, found, strict=True):
        row[active] = True
    return cells


def active_cells(track: Track, audio: FloatArray, sample_rate: int) -> NDArray[np.intp]:
    """The cells in which a track plays: power above 10 dB under the mean of what is within 50 dB of the loudest."""
    size = round(ACTIVITY_CELL_S * sample_rate)
    count = -(-audio.shape[1] // size)
    powers = np.array([np.mean(np.square(audio[:, i * size : (i + 1) * size]), dtype=np.float64) for i in range(count)])
    if not count or np.abs(audio).max() < 10.0 ** (SILENCE_DBFS / 20.0):
        return np.zeros(0, np.intp)
    heard = powers > powers.max() * 1e-5
    active = powers > powers[heard].mean() * 0.1
    return np.flatnonzero(active) + max(0, round(track.start_s / ACTIVITY_CELL_S))


def choose_passages(
    cells: NDArray[np.bool_],
    is_lead: NDArray[np.bool_],
    length_s: float,
    most_passages: int,
    taken: Sequence[float] = (),
) -> list[float]:
    """Starts in seconds of up to ``most_passages`` passages, for ``cells`` (N, cells) of activity.

    They overlap neither one another nor those ``taken``. Greedy: each passage is the one with the most track time in
    it, where a track counts half as much for every passage that has it already, and the lead four times and always.
    Ends where the next would have a quarter of the first.
    """
    length = round(length_s / ACTIVITY_CELL_S)
    padded = np.pad(cells, ((0, 0), (0, length)))
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1, dtype=np.int64)
    shares = (sums[:, length:] - sums[:, :-length]) / length
    weights, is_free = np.where(is_lead, _LEAD_WEIGHT, 1.0), np.ones(shares.shape[1], np.bool_)
    for start in taken:
        _occupy(is_free, start, length)
    starts, most = [], 0.0
    for _ in range(most_passages):
        score = np.where(is_free, weights @ shares, 0.0)
        best = int(np.argmax(np.round(score, 9)))
        if score[best] <= _TOO_LITTLE * most:
            break
        most = max(most, float(score[best]))
        starts.append(best * ACTIVITY_CELL_S)
        _occupy(is_free, starts[-1], length)
        weights = weights * np.where(is_lead, 1.0, _SEEN_AGAIN ** shares[:, best])
    return sorted(starts)


def _occupy(is_free: NDArray[np.bool_], start_s: float, length: int) -> None:
    first = round(start_s / ACTIVITY_CELL_S)
    is_free[max(0, first - length + 1) : first + length] = False


def choose_covering_passages(cells: NDArray[np.bool_], length_s: float, usual: int, most_passages: int) -> list[float]:
    """As :func:`choose_passages` without a lead, and more of them, up to ``most_passages``, while any track of
    ``cells`` (N, cells) that plays at all is not heard in one."""
    starts = choose_passages(cells, np.zeros(len(cells), np.bool_), length_s, usual)
    length = round(length_s / ACTIVITY_CELL_S)
    while len(starts) < most_passages:
        heard = np.zeros(len(cells))
        for start in starts:
            first = round(start / ACTIVITY_CELL_S)
            heard = np.maximum(heard, cells[:, first : first + length].sum(axis=1))
        missing = cells[heard < np.minimum(_COVERED * length, cells.sum(axis=1))]
        found = choose_passages(missing, np.zeros(len(missing), np.bool_), length_s, 1, starts)
        if not found:
            break
        starts = sorted([*starts, *found])
    return starts


def cut_piece(audio: FloatArray, first: int, count: int) -> FloatArray | None:
    """``count`` samples from ``first`` on, silence outside; None where all is silence."""
    inside = audio[:, max(0, first) : max(0, first + count)]
    if not inside.any():
        return None
    out = np.zeros((audio.shape[0], count), np.float32)
    begin = max(0, -first)
    out[:, begin : begin + inside.shape[1]] = inside
    return out
