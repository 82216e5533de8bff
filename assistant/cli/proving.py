"""Listening to a session, and the proof of what comes of it, with its stages shown."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assistant.audio.formats import printable
from assistant.cli.sources import Source, TrackLoader, memory_bytes, naming_all_broken, note_silence
from assistant.cli.terminal import Terminal
from assistant.engineers.engineer import HeardSession
from assistant.engineers.interface import make_engineer
from assistant.insight.mending import MayChange
from assistant.mix import Mix
from assistant.survey import Survey
from protocols.stems import SessionError

if TYPE_CHECKING:  # it brings torch and DawDreamer along
    from render.proof import Proof


#: The share of the memory that a session may take when all of it is verified.
_MEMORY_SHARE = 0.6


@dataclass(frozen=True)
class Prover:
    """Proves mixes of one session, ``throughout`` or on the passages that matter.

    ``heard`` is what the engineer remembers of it, None where nobody listened.
    """

    source: Source
    survey: Survey
    heard: HeardSession | None
    terminal: Terminal
    throughout: bool = False

    def prove(self, before: Mix, mix: Mix, *, may_change: MayChange | None = None, in_depth: bool = True) -> Proof:
        """``mix`` verified against ``before``; with ``may_change`` it may still be changed, where that allows it.

        ``in_depth``: with all that a report or an explanation says.
        """
        from render.proof import Conduct, Knowledge, prove

        knowledge = Knowledge(self.source.session, self.survey, self.heard)
        with naming_all_broken(self.source, self.terminal), self.terminal.stage("Verifying") as progress:
            self.survey.complete(self.source.session)  # for engineers that do not listen
            if self.throughout:
                self._check_memory()
            conduct = Conduct(in_depth=in_depth, throughout=self.throughout, progress=progress)
            if may_change is not None:
                conduct = replace(conduct, decides=True, may_change=may_change)
            return prove(knowledge, before, mix, conduct)

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


def listen(source: Source, engineer: str | None, args: Namespace, terminal: Terminal) -> Prover:
    """The prover of a session that ``engineer`` has listened to; None surveys it alone."""
    loader = TrackLoader()
    survey = Survey(loader)
    heard = None
    with naming_all_broken(source, terminal), terminal.stage("Listening") as progress:
        if engineer is None:
            survey.complete(source.session, progress)
        else:
            weights, seed = getattr(args, "weights", None), getattr(args, "seed", 0)
            heard = make_engineer(engineer, survey, seed, weights).listen(source.session, progress)
    note_silence(source, loader, terminal)
    return Prover(source, survey, heard, terminal, getattr(args, "whole", False))
