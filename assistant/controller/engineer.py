"""The engineer ``dmc``: it listens to every track once, and leaves the rest to ``deciding``.

Tracks are visited in the session's order, two at a time. Of each only its evidence and its measurements are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from assistant.analysis.listening import listen
from assistant.controller.deciding import EncodedSession, Known
from assistant.controller.evidence import gather_evidence
from assistant.controller.weights import load_weights
from assistant.engineers.engineer import Engineer
from assistant.engineers.hearing import HeardTrack
from assistant.engineers.roles import guess_role
from assistant.mix import Session, Track
from assistant.tasks import Cancelled, IsCancelled, Load, Progress

_THREADS = 2


@dataclass(frozen=True)
class DmcEngineer(Engineer):
    """Proposes by a trained network; ``load`` brings the tracks' audio, ``weights`` are a file (None: the installed).

    ``use_names``: whether a track's name may say what it is. A role that the user gave always counts.
    """

    load: Load
    weights: Path | None = None
    use_names: bool = True
    name: str = "dmc"

    def listen(
        self,
        session: Session,
        progress: Progress = lambda share, what: None,
        is_cancelled: IsCancelled = lambda: False,
    ) -> EncodedSession:
        """See :class:`assistant.engineers.engineer.Engineer`.

        Raises :class:`assistant.controller.errors.WeightsError`, before it listens.
        """
        network, _ = load_weights(self.weights)
        tracks: dict[str, Known] = {}
        for count, known in enumerate(self._visit(session, is_cancelled), 1):
            tracks[known.heard.name] = known
            progress(count / len(session.tracks), f"listened to {known.heard.name}")
        if is_cancelled():
            raise Cancelled(f"cancelled after listening to {len(session.tracks)} tracks")
        return EncodedSession(session, tracks, network, self.use_names, self.name)

    def _visit(self, session: Session, is_cancelled: IsCancelled) -> Iterator[Known]:
        """Every track, in the session's order; a few tracks' audio is in memory at a time."""

        def visit(track: Track) -> Known:
            if is_cancelled():
                raise Cancelled(f"cancelled while listening to {len(session.tracks)} tracks")
            return self._hear(track, session.sample_rate)

        with ThreadPoolExecutor(_THREADS) as pool:
            yield from pool.map(visit, session.tracks)

    def _hear(self, track: Track, sample_rate: int) -> Known:
        """Load ``track``, measure it, and gather what the network hears of it; nothing of a silent one."""
        audio = self.load(track, sample_rate)
        try:
            features = listen(audio, sample_rate)
        except ValueError as error:
            raise ValueError(f"track {track.name!r}: {error}") from error
        heard = HeardTrack(track, features, guess_role(track, features))
        if features.is_silent:
            return Known(heard, None)
        evidence = gather_evidence(audio, sample_rate, features, start_s=track.start_s)
        return Known(heard, evidence)
