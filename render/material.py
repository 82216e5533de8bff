"""The passages of a session that are looked at: where they lie, and every track's audio in them.

Contents: :class:`Plan`, :func:`plan_passages`, :func:`plan_throughout`, :func:`material_bytes`; :class:`Material` and
:func:`read_material`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import Span
from assistant.analysis.listening import ACTIVITY_CELL_S
from assistant.arrays import FloatArray
from assistant.mix import Session, Track
from assistant.params import PAN_LAWS
from assistant.passages import choose_covering_passages
from assistant.tasks import Cancelled, IsCancelled, Progress
from render.workers import Crew

#: Brings pieces of a track: (track, sample rate, (first sample, count) of each).
Excerpts = Callable[[Track, int, Sequence[tuple[int, int]]], Sequence[FloatArray]]

#: Length of a passage, how many there usually are, and how many more at most where tracks would else go unheard.
PASSAGE_S, USUAL, MORE = 3.0, 6, 4
#: What is rendered before each passage, so that compressors and reverb have settled where measuring begins.
LEAD_IN_S = 1.0
#: Seconds of tracks that sound in the passages, at most, unless a single passage has more: 0.4 MB each, kept thrice.
MOST_TRACK_S = 900.0
#: Length of a passage where all of the session is looked at.
_TILE_S = 10.0
#: What is held of each track: its audio, and that behind its strip before and after.
_COPIES = 3.0
_READERS = 2


@dataclass(frozen=True)
class Plan:
    """Where the passages lie on the session's time line, and how many seconds are rendered before each."""

    spans: tuple[Span, ...]
    lead_in_s: float = LEAD_IN_S


def plan_passages(cells: NDArray[np.bool_]) -> Plan:
    """The passages that matter for tracks active in ``cells`` (N, cells): where much plays, and every track once.

    Fewer where many tracks play at once, to bound the memory.
    """
    for usual in range(USUAL, 0, -1):
        spans = _covering(cells, usual, usual + MORE)
        if sum(_track_seconds(cells, span) for span in spans) <= MOST_TRACK_S:
            return Plan(spans)
    return Plan(_covering(cells, 1, 1))


def _covering(cells: NDArray[np.bool_], usual: int, most: int) -> tuple[Span, ...]:
    starts = choose_covering_passages(cells, PASSAGE_S, usual, most)
    return tuple(Span(start, start + PASSAGE_S) for start in starts)


def plan_throughout(session: Session) -> Plan:
    """All of the session, in passages one after the other; ``material_bytes`` says what that takes."""
    count = max(1, round(session.duration_s / _TILE_S)) if session.duration_s else 0
    edges = np.linspace(0.0, session.duration_s, count + 1).tolist()
    return Plan(tuple(Span(start, end) for start, end in pairwise(edges)))


def material_bytes(cells: NDArray[np.bool_], plan: Plan, sample_rate: int) -> float:
    """About how much memory it takes to verify on ``plan`` what is active in ``cells`` (N, cells), as stereo."""
    seconds = sum(_track_seconds(cells, span) for span in plan.spans)
    return _COPIES * 8.0 * seconds * sample_rate


def _track_seconds(cells: NDArray[np.bool_], span: Span) -> float:
    """How much sounds in a passage and its lead-in, all tracks together."""
    first, last = ((second / ACTIVITY_CELL_S) for second in (span.start_s - LEAD_IN_S, span.end_s))
    sounding = cells[:, max(0, math.floor(first)) : math.ceil(last)].any(axis=1)
    return float(sounding.sum()) * (LEAD_IN_S + span.end_s - span.start_s)


@dataclass(frozen=True)
class Material:
    """Every track's audio in the passages of ``plan`` at ``sample_rate`` Hz; ``pan_law`` is the session's.

    ``pieces`` holds per track and passage float32 ``(C, T)``, T the lead-in and the passage; None where all is silence.
    """

    plan: Plan
    sample_rate: int
    pieces: Mapping[str, tuple[FloatArray | None, ...]]
    pan_law: str = PAN_LAWS[0]

    def is_stereo(self, name: str) -> bool:
        """Whether the track ``name`` has two channels; a silent one counts as mono."""
        return any(piece is not None and len(piece) == 2 for piece in self.pieces[name])

    @property
    def lengths(self) -> tuple[int, ...]:
        """Samples of each passage, without its lead-in."""
        return tuple(round((span.end_s - span.start_s) * self.sample_rate) for span in self.plan.spans)

    @property
    def lead_in(self) -> int:
        """Samples before each passage."""
        return round(self.plan.lead_in_s * self.sample_rate)


def read_material(
    session: Session,
    plan: Plan,
    excerpts: Excerpts,
    progress: Progress = lambda share, what: None,
    is_cancelled: IsCancelled = lambda: False,
) -> Material:
    """The passages of all tracks of ``session``, two tracks read at a time.

    ``excerpts(track, sample_rate, spans)`` brings float32 ``(C, count)`` for every (first, count) in samples of the
    track. Raises what it raises, and :class:`assistant.tasks.Cancelled`.
    """
    rate = session.sample_rate

    def read(_: int, track: Track) -> tuple[FloatArray | None, ...]:
        if is_cancelled():
            raise Cancelled(f"cancelled before {track.name} was read")
        lead_in = round(plan.lead_in_s * rate)
        spans = [
            (round((s.start_s - track.start_s) * rate) - lead_in, lead_in + round((s.end_s - s.start_s) * rate))
            for s in plan.spans
        ]
        return tuple(piece if piece.any() else None for piece in excerpts(track, rate, spans))

    pieces = {}
    for count, found in enumerate(Crew(range(_READERS)).run(read, session.tracks)):
        pieces[session.tracks[count].name] = found
        progress((count + 1) / len(session.tracks), session.tracks[count].name)
    return Material(plan, rate, pieces, session.pan_law)
