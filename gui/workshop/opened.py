"""One session in the workshop, and all that is kept of it: who has heard it, its passages on the bench, its proposal.

Contents: :class:`Proven`, :class:`Opened`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.sources import Source, TrackLoader, naming_all_broken, note_silence
from assistant.mix import Mix
from assistant.tasks import Cancelled
from gui.workshop.envelopes import Envelopes
from gui.workshop.telling import Telling
from gui.workshop.values import Desk, Overview, Wish

if TYPE_CHECKING:  # they bring the meters, torch and DawDreamer along
    from assistant.analysis.facts import MixFacts
    from assistant.analysis.reference import Reference
    from assistant.cli.proving import Prover
    from assistant.insight.mending import MayChange
    from assistant.survey import Survey
    from render.audition import Audition
    from render.bench import Bench
    from render.proof import Proof

#: So many measured mixes are kept: the window asks for one again in other words.
_KEPT = 4
_PATIENCE_S = 0.05


@dataclass(frozen=True)
class Proven:
    """``draft`` proven against ``before``, and what came of it, ``mix``.

    ``wish`` is what it answers, None for a mix of the user's; ``may_change`` what the proof could still change of it,
    None for nothing; ``sentences`` say what was delegated.
    """

    engineer: str | None
    before: Mix
    draft: Mix
    proof: Proof
    mix: Mix
    wish: Wish | None = None
    may_change: MayChange | None = None
    reference: Reference | None = None
    sentences: tuple[str, ...] = ()
    is_in_depth: bool = False


class Opened:
    """A session that was opened. Listening is done once for each engineer, by one thread at a time."""

    def __init__(self, source: Source, desk: Desk | None) -> None:
        self.source, self.desk = source, desk
        self.proven: Proven | None = None
        self._loader = TrackLoader()
        self._envelopes = Envelopes(self._loader)
        self._listening, self._auditioning = threading.Lock(), threading.Lock()
        self._survey: Survey | None = None
        self._provers: dict[str | None, Prover] = {}
        self._bench: Bench | None = None
        self._measured: list[tuple[Mix, MixFacts]] = []
        self._audition: Audition | None = None
        self._references: dict[tuple[Path, int], Reference] = {}

    def prover(self, engineer: str | None, telling: Telling) -> Prover:
        """What proves mixes of the session, which ``engineer`` has listened to (None: nobody), with its bench.

        Raises :class:`SessionError` for broken files and for nothing but silence, :class:`Cancelled`.
        """
        with self._alone(telling):
            if engineer not in self._provers:
                self._provers[engineer] = self._listened(engineer, telling)
            prover = replace(self._provers[engineer], audience=telling, bench=self._bench)
            if self._bench is None:
                prover = prover.with_bench()
                self._bench = prover.bench
        note_silence(self.source, self._loader, telling)
        return prover

    def overview(self, telling: Telling) -> Overview:
        """Every track's envelope; raises what :meth:`prover` raises for broken files."""
        with self._alone(telling):
            with naming_all_broken(self.source, telling), telling.stage("Listening") as progress:
                self._surveyed().complete(self.source.session, progress, telling.is_cancelled)
            return self._envelopes.overview(self.source.session)

    def measured(self, mix: Mix, telling: Telling) -> tuple[Bench, MixFacts]:
        """The bench, and what is measured of ``mix`` there."""
        bench = self._bench or self.prover(None, telling).bench
        assert bench is not None
        ordered = replace(mix, channels=tuple(mix.channel(track.name) for track in self.source.session.tracks))
        for known, facts in self._measured:
            if known == ordered:
                return bench, facts
        facts = bench.measure(ordered)
        self._measured = [(ordered, facts), *self._measured[: _KEPT - 1]]
        return bench, facts

    def reference(self, file: Path, telling: Telling) -> Reference:
        """The tone of the song in ``file``, read again where it has changed; raises :class:`AudioError`."""
        from assistant.cli.proposing import read_reference

        key = file, file.stat().st_mtime_ns if file.is_file() else 0
        if key not in self._references:
            self._references = {key: read_reference(file, telling)}
        return self._references[key]

    def audition(self) -> Audition:
        """What renders stretches to listen to."""
        from render.audition import Audition

        with self._auditioning:
            if self._audition is None:
                self._audition = Audition(self.source.session)
            return self._audition

    def _listened(self, engineer: str | None, telling: Telling) -> Prover:
        from assistant.cli.proving import listen_with
        from assistant.engineers.interface import make_engineer

        survey = self._surveyed()
        make = None if engineer is None else partial(make_engineer, engineer, survey)
        return listen_with(make, self.source, survey, telling)

    def _surveyed(self) -> Survey:
        from assistant.survey import Survey

        if self._survey is None:
            self._survey = Survey(self._envelopes)
        return self._survey

    @contextmanager
    def _alone(self, telling: Telling) -> Iterator[None]:
        """Only one thread listens; the others wait, and may be cancelled meanwhile."""
        while not self._listening.acquire(timeout=_PATIENCE_S):
            if telling.is_cancelled():
                raise Cancelled("cancelled while another listened")
        try:
            yield
        finally:
            self._listening.release()
