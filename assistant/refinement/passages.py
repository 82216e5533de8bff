"""What refinement listens to: a few short passages in which many tracks, and the lead, play.

Every track is loaded twice, once to see when it plays and once to cut the passages out; no more than two tracks are in
memory at a time beside the passages. Audio is worked on at 48 kHz at most, mono tracks as one signal.

Contents: :class:`Passage`, :func:`passage_seconds`, :func:`cut_passages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assistant.analysis.listening import ACTIVITY_CELL_S
from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.params import PAN_LAWS
from assistant.passages import OnTrack, Reader, cut_piece

HIGHEST_RATE = 48_000
#: How many passages there are at most, and how long: shorter where more tracks than ``FULL_TRACKS`` share the memory.
NUM_PASSAGES, PASSAGE_S, SHORTEST_S, FULL_TRACKS = 4, 5.0, 2.0, 40


@dataclass(frozen=True)
class Passage:
    """A piece of the session: ``signals`` (S, T), of which row r owns ``row_starts[r]`` to ``row_starts[r + 1]``.

    ``tracks`` (R,) are the rows' positions among the tracks that were asked for; a track that does not play in the
    passage has no row. A row of two signals is stereo, the others go through ``pan_law``.
    """

    start_s: float
    tracks: Tensor
    signals: Tensor
    row_starts: Tensor
    pan_law: str = PAN_LAWS[0]

    @property
    def is_stereo(self) -> Tensor:
        """Which rows are stereo, (R,) bool."""
        return self.row_starts.diff() == 2


def passage_seconds(num_tracks: int) -> float:
    """Length of a passage, whole activity cells."""
    wanted = min(PASSAGE_S, max(SHORTEST_S, PASSAGE_S * FULL_TRACKS / max(1, num_tracks)))
    return round(wanted / ACTIVITY_CELL_S) * ACTIVITY_CELL_S


def cut_passages(
    tracks: Sequence[Track], reader: Reader, starts_s: Sequence[float], length_s: float, on_track: OnTrack
) -> list[Passage]:
    """The passages of ``length_s`` that begin at ``starts_s``; a track without a sample in one has no row there."""
    rate = reader.sample_rate
    count = round(length_s * rate)

    def cut(track: Track, audio: FloatArray) -> list[FloatArray | None]:
        return [cut_piece(audio, round((start - track.start_s) * rate), count) for start in starts_s]

    pieces = reader.each(tracks, cut, on_track)
    return [_passage(start, [of_track[i] for of_track in pieces]) for i, start in enumerate(starts_s)]


def _passage(start_s: float, pieces: Sequence[FloatArray | None]) -> Passage:
    present = [i for i, piece in enumerate(pieces) if piece is not None]
    rows = [piece for piece in pieces if piece is not None]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return Passage(start_s, torch.tensor(present), torch.from_numpy(np.concatenate(rows)), torch.from_numpy(starts))
