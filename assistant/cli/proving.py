"""Listening to a session, and the proof of what comes of it, with its stages shown."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from assistant.audio.formats import printable
from assistant.cli.sources import Source, TrackLoader, memory_bytes, naming_all_broken, note_silence
from assistant.engineers.catalogue import ENGINEER_SUMMARIES
from assistant.engineers.engineer import Engineer, HeardSession
from assistant.engineers.interface import make_engineer
from assistant.insight.mending import MayChange
from assistant.mix import Mix
from assistant.survey import Survey
from protocols.stems import SessionError

if TYPE_CHECKING:  # they bring rich, and torch and DawDreamer along
    from assistant.cli.terminal import Audience
    from render.bench import Bench
    from render.proof import Conduct, Knowledge, Proof

#: The share of the memory that a session may take when all of it is verified.
_MEMORY_SHARE = 0.6


@dataclass(frozen=True)
class Prover:
    """Proves mixes of one session, ``throughout`` or on the passages that matter.

    ``heard`` is what the engineer remembers of it, None where nobody listened; ``bench`` holds its passages where they
    were read already (:meth:`with_bench`).
    """

    source: Source
    survey: Survey
    heard: HeardSession | None
    audience: Audience
    throughout: bool = False
    bench: Bench | None = None

    def with_bench(self) -> Prover:
        """The same with the passages read, once for all proofs that follow."""
        from render.proof import make_bench

        with naming_all_broken(self.source, self.audience), self.audience.stage("Reading the passages") as progress:
            self.survey.complete(self.source.session, progress, self.audience.is_cancelled)
            return replace(self, bench=make_bench(self._knowledge, replace(self._conduct, progress=progress)))

    def prove(self, before: Mix, mix: Mix, *, may_change: MayChange | None = None, in_depth: bool = True) -> Proof:
        """``mix`` verified against ``before``; with ``may_change`` it may still be changed, where that allows it.

        ``in_depth``: with all that a report or an explanation says.
        """
        from render.proof import prove

        with naming_all_broken(self.source, self.audience), self.audience.stage("Verifying") as progress:
            self.survey.complete(self.source.session)  # for engineers that do not listen
            if self.throughout:
                self._check_memory()
            conduct = replace(self._conduct, in_depth=in_depth, progress=progress)
            if may_change is not None:
                conduct = replace(conduct, decides=True, may_change=may_change)
            return prove(self._knowledge, before, mix, conduct)

    @property
    def _knowledge(self) -> Knowledge:
        from render.proof import Knowledge

        return Knowledge(self.source.session, self.survey, self.heard, bench=self.bench)

    @property
    def _conduct(self) -> Conduct:
        from render.proof import Conduct

        return Conduct(throughout=self.throughout, is_cancelled=self.audience.is_cancelled)

    def _check_memory(self) -> None:
        from render.material import material_bytes, plan_throughout

        session = self.source.session
        cells = self.survey.cells(session)
        needed, there = material_bytes(cells, plan_throughout(session), session.sample_rate), memory_bytes()
        if needed > _MEMORY_SHARE * there:
            raise SessionError(
                f"{printable(self.source.path)}: to verify all of it would need {needed / 1e9:.1f} GB of memory; "
                f"{there / 1e9:.0f} GB are there. Without --whole the passages that matter are verified"
            )


def listen(source: Source, engineer: str | None, args: Namespace, terminal: Audience) -> Prover:
    """The prover of a session that ``engineer`` has listened to; None surveys it alone."""
    loader = TrackLoader()
    survey = Survey(loader)
    make = None
    if engineer is not None:
        make = partial(make_engineer, engineer, survey, getattr(args, "seed", 0), getattr(args, "weights", None))
    prover = listen_with(make, source, survey, terminal)
    note_silence(source, loader, terminal)
    return replace(prover, throughout=getattr(args, "whole", False))


def listen_with(make: Callable[[], Engineer] | None, source: Source, survey: Survey, audience: Audience) -> Prover:
    """The prover of a session that the engineer made by ``make`` listens to by way of ``survey``; None surveys it."""
    heard = None
    with naming_all_broken(source, audience), audience.stage("Listening") as progress:
        if make is None:
            survey.complete(source.session, progress, audience.is_cancelled)
        else:
            heard = make().listen(source.session, progress, audience.is_cancelled)
    return Prover(source, survey, heard, audience)


def engineer_of(mix: Mix) -> str | None:
    """Who proposed a saved mix; None where that is nobody known."""
    name = mix.engineer.split(",")[0]
    return name if name in ENGINEER_SUMMARIES else None
