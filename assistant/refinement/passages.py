"""What refinement listens to: a few short passages in which many tracks, and the lead, play.

Every track is loaded twice, once to see when it plays and once to cut the passages out; no more than two tracks are in
memory at a time beside the passages. Audio is worked on at 48 kHz at most, mono tracks as one signal.

Contents: :class:`Passage`, :class:`Reader`, :func:`hear_activity`, :func:`choose_passages`, :func:`cut_passages`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.analysis.listening import ACTIVITY_CELL_S, SILENCE_DBFS
from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.tasks import Cancelled, IsCancelled, Load

HIGHEST_RATE = 48_000
#: How many passages there are at most, and how long: shorter where more tracks than ``FULL_TRACKS`` share the memory.
NUM_PASSAGES, PASSAGE_S, SHORTEST_S, FULL_TRACKS = 4, 5.0, 2.0, 40
_LEAD_WEIGHT, _SEEN_AGAIN, _TOO_LITTLE = 4.0, 0.5, 0.25

T = TypeVar("T")
OnTrack = Callable[[int, Track], None]


@dataclass(frozen=True)
class Passage:
    """A piece of the session: ``signals`` (S, T), of which row r owns ``row_starts[r]`` to ``row_starts[r + 1]``.

    ``tracks`` (R,) are the rows' positions among the tracks that were asked for; a track that does not play in the
    passage has no row. A row of two signals is stereo.
    """

    start_s: float
    tracks: Tensor
    signals: Tensor
    row_starts: Tensor

    @property
    def is_stereo(self) -> Tensor:
        """Which rows are stereo, (R,) bool."""
        return self.row_starts.diff() == 2


def passage_seconds(num_tracks: int) -> float:
    """Length of a passage, whole activity cells."""
    wanted = min(PASSAGE_S, max(SHORTEST_S, PASSAGE_S * FULL_TRACKS / max(1, num_tracks)))
    return round(wanted / ACTIVITY_CELL_S) * ACTIVITY_CELL_S


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
    found = reader.each(tracks, lambda track, audio: _active_cells(track, audio, reader.sample_rate), on_track)
    cells = np.zeros((len(tracks), max((int(c[-1]) + 1 for c in found if len(c)), default=0)), np.bool_)
    for row, active in zip(cells, found, strict=True):
        row[active] = True
    return cells


def choose_passages(cells: NDArray[np.bool_], is_lead: NDArray[np.bool_], length_s: float) -> list[float]:
    """Starts in seconds of up to ``NUM_PASSAGES`` passages, none overlapping, for ``cells`` (N, cells) of activity.

    Greedy: each passage is the one with the most track time in it, where a track counts half as much for every passage
    that has it already, and the lead four times and always. Ends where the next would have a quarter of the first.
    """
    length = round(length_s / ACTIVITY_CELL_S)
    padded = np.pad(cells, ((0, 0), (0, length)))
    sums = np.cumsum(np.pad(padded, ((0, 0), (1, 0))), axis=1, dtype=np.int64)
    shares = (sums[:, length:] - sums[:, :-length]) / length
    weights, is_free = np.where(is_lead, _LEAD_WEIGHT, 1.0), np.ones(shares.shape[1], np.bool_)
    starts, most = [], 0.0
    for _ in range(NUM_PASSAGES):
        score = np.where(is_free, weights @ shares, 0.0)
        best = int(np.argmax(np.round(score, 9)))
        if score[best] <= _TOO_LITTLE * most:
            break
        most = max(most, float(score[best]))
        starts.append(best * ACTIVITY_CELL_S)
        is_free[max(0, best - length + 1) : best + length] = False
        weights = weights * np.where(is_lead, 1.0, _SEEN_AGAIN ** shares[:, best])
    return sorted(starts)


def cut_passages(
    tracks: Sequence[Track], reader: Reader, starts_s: Sequence[float], length_s: float, on_track: OnTrack
) -> list[Passage]:
    """The passages of ``length_s`` that begin at ``starts_s``; a track without a sample in one has no row there."""
    rate = reader.sample_rate
    count = round(length_s * rate)

    def cut(track: Track, audio: FloatArray) -> list[FloatArray | None]:
        return [_piece(audio, round((start - track.start_s) * rate), count) for start in starts_s]

    pieces = reader.each(tracks, cut, on_track)
    return [_passage(start, [of_track[i] for of_track in pieces]) for i, start in enumerate(starts_s)]


def _active_cells(track: Track, audio: FloatArray, sample_rate: int) -> NDArray[np.intp]:
    """The cells in which a track plays: power above 10 dB under the mean of what is within 50 dB of the loudest."""
    size = round(ACTIVITY_CELL_S * sample_rate)
    count = -(-audio.shape[1] // size)
    powers = np.array([np.mean(np.square(audio[:, i * size : (i + 1) * size]), dtype=np.float64) for i in range(count)])
    if not count or np.abs(audio).max() < 10.0 ** (SILENCE_DBFS / 20.0):
        return np.zeros(0, np.intp)
    heard = powers > powers.max() * 1e-5
    active = powers > powers[heard].mean() * 0.1
    return np.flatnonzero(active) + max(0, round(track.start_s / ACTIVITY_CELL_S))


def _piece(audio: FloatArray, first: int, count: int) -> FloatArray | None:
    """``count`` samples from ``first`` on, silence outside; None where all is silence."""
    inside = audio[:, max(0, first) : max(0, first + count)]
    if not inside.any():
        return None
    out = np.zeros((audio.shape[0], count), np.float32)
    begin = max(0, -first)
    out[:, begin : begin + inside.shape[1]] = inside
    return out


def _passage(start_s: float, pieces: Sequence[FloatArray | None]) -> Passage:
    present = [i for i, piece in enumerate(pieces) if piece is not None]
    rows = [piece for piece in pieces if piece is not None]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return Passage(start_s, torch.tensor(present), torch.from_numpy(np.concatenate(rows)), torch.from_numpy(starts))
