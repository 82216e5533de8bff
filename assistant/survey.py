"""A survey of a session, made in passing: when every track plays, and what is wrong with its recording.

Whoever listens to a session loads each of its tracks; a :class:`Survey` between him and the loader notes what the
verification and the observations need, so that nothing is loaded for them again.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.faults import Examination, examine
from assistant.arrays import FloatArray
from assistant.mix import Session, Track
from assistant.passages import Reader, active_cells, join_activity
from assistant.tasks import IsCancelled, Load, Progress


class Survey:
    """A loader that looks at each track it hands on, once; to be used in several threads."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._cells: dict[str, NDArray[np.intp]] = {}
        self._examinations: dict[str, Examination] = {}

    def __call__(self, track: Track, sample_rate: int) -> FloatArray:
        """The track's audio; raises what the loader behind it raises."""
        audio = self._load(track, sample_rate)
        if track.name not in self._cells:
            self._examinations[track.name] = examine(audio, sample_rate, track.start_s)
            self._cells[track.name] = active_cells(track, audio, sample_rate)
        return audio

    def complete(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> None:
        """Load the tracks of ``session`` that nobody has loaded yet; raises :class:`assistant.tasks.Cancelled`."""
        missing = [track for track in session.tracks if track.name not in self._cells]
        reader = Reader(self, session.sample_rate, is_cancelled)
        reader.each(
            missing,
            lambda track, audio: None,
            lambda count, track: progress(count / len(missing), f"looked at {track.name}"),
        )

    def cells(self, session: Session) -> NDArray[np.bool_]:
        """Whether each track of ``session`` plays in each half second, (N, cells); ``KeyError`` if not complete."""
        return join_activity([self._cells[track.name] for track in session.tracks])

    def examinations(self, session: Session) -> Mapping[str, Examination]:
        """What was found on each track, in the session's order; ``KeyError`` if not complete."""
        return {track.name: self._examinations[track.name] for track in session.tracks}
