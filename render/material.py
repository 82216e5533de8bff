"""The passages of a session that are looked at: where they lie, and every track's audio in them.

Passages are cut in passing, by a loader that hands the audio on: whoever loads all tracks anyway gets them for nothing.

Contents: :class:`Plan` and :func:`plan_passages`, :class:`Material`, :class:`Cutter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import Span
from assistant.arrays import FloatArray
from assistant.mix import Session, Track
from assistant.passages import choose_covering_passages, cut_piece
from assistant.tasks import Load

#: Length of a passage, how many there usually are, and how many at most where tracks would else go unheard.
PASSAGE_S, USUAL, MOST = 3.0, 6, 10
#: What is rendered before each passage, so that compressors and reverb have settled where measuring begins.
LEAD_IN_S = 1.0
#: Beyond this many tracks that play at once, passages are shorter, to bound the memory.
_FULL_TRACKS = 50


@dataclass(frozen=True)
class Plan:
    """Where the passages lie on the session's time line, and how many seconds are rendered before each."""

    spans: tuple[Span, ...]
    lead_in_s: float = LEAD_IN_S


def plan_passages(cells: NDArray[np.bool_]) -> Plan:
    """The passages that matter for tracks active in ``cells`` (N, cells): where much plays, and every track once."""
    length_s = PASSAGE_S if len(cells) <= _FULL_TRACKS else PASSAGE_S / 2.0
    starts = choose_covering_passages(cells, length_s, USUAL, MOST)
    return Plan(tuple(Span(start, start + length_s) for start in starts))


def plan_whole(session: Session) -> Plan:
    """One passage that is all of the session."""
    return Plan((Span(0.0, session.duration_s),) if session.duration_s else (), 0.0)


@dataclass(frozen=True)
class Material:
    """Every track's audio in the passages of ``plan`` at ``sample_rate`` Hz.

    ``pieces`` holds per track and passage float32 ``(C, T)``, T the lead-in and the passage; None where all is silence.
    """

    plan: Plan
    sample_rate: int
    pieces: Mapping[str, tuple[FloatArray | None, ...]]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Samples of each passage, without its lead-in."""
        return tuple(round((span.end_s - span.start_s) * self.sample_rate) for span in self.plan.spans)

    @property
    def lead_in(self) -> int:
        """Samples before each passage."""
        return round(self.plan.lead_in_s * self.sample_rate)


class Cutter:
    """A loader that cuts the passages of ``plan`` out of every track it hands on."""

    def __init__(self, load: Load, plan: Plan) -> None:
        self._load = load
        self._plan = plan
        self._pieces: dict[str, tuple[FloatArray | None, ...]] = {}

    def __call__(self, track: Track, sample_rate: int) -> FloatArray:
        """The track's audio; raises what the loader behind it raises."""
        audio = self._load(track, sample_rate)
        self._pieces[track.name] = tuple(
            cut_piece(
                audio,
                round((span.start_s - self._plan.lead_in_s - track.start_s) * sample_rate),
                round(self._plan.lead_in_s * sample_rate) + round((span.end_s - span.start_s) * sample_rate),
            )
            for span in self._plan.spans
        )
        return audio

    def material(self, session: Session) -> Material:
        """The passages of all tracks of ``session``; ``KeyError`` while one has not been loaded."""
        return Material(self._plan, session.sample_rate, {t.name: self._pieces[t.name] for t in session.tracks})
