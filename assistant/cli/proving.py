"""The proof of a mix: verified in DawDreamer, explained, and without the changes that measurement contradicts."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from assistant.audio.excerpts import load_excerpts
from assistant.cli.sources import Source, TrackLoader, naming_all_broken, note_silence
from assistant.cli.terminal import Terminal
from assistant.engineers.interface import HeardSession, make_engineer
from assistant.insight.alternatives import find_alternatives
from assistant.insight.explain import explain
from assistant.insight.influence import find_influence
from assistant.insight.observations import observe
from assistant.insight.reasons import Background, find_reasons, hold_back
from assistant.insight.sensitivity import sensitivity_sentence
from assistant.insight.values import Insight
from assistant.mix import Mix
from assistant.refinement.sensitivity import find_sensitivities
from assistant.survey import Survey
from assistant.tasks import Progress

if TYPE_CHECKING:
    from render.bench import Bench


@dataclass(frozen=True)
class Proof:
    """``mix`` without what was held back, and all that is known of it."""

    mix: Mix
    insight: Insight


@dataclass(frozen=True)
class Prover:
    """Proves mixes of one session. ``heard`` is what the engineer remembers of it, None where nobody listened."""

    source: Source
    survey: Survey
    heard: HeardSession | None
    terminal: Terminal

    def prove(self, before: Mix, mix: Mix, *, holds_back: bool) -> Proof:
        """``mix`` verified against ``before``; where it ``holds_back``, contradicted changes are not made."""
        from render.verify import verify

        bench = self._bench()
        with self.terminal.stage("Verifying") as progress:
            verification = verify(bench, before, mix, progress)
        with self.terminal.stage("Asking why") as progress:
            background = self._background(bench, mix, progress)
            reasons = {c.name: find_reasons(verification, c.name, background) for c in mix.channels}
            kept = hold_back(before, mix, list(chain.from_iterable(reasons.values())))
            if holds_back and kept != mix:
                verification = replace(verification, after=bench.measure(kept))
            observations = observe(verification, self.survey.examinations(self.source.session))
        return Proof(verification.after.mix, explain(verification, reasons, background.influence, observations))

    def _bench(self) -> Bench:
        from render.bench import Bench
        from render.material import plan_passages, read_material

        session = self.source.session
        with naming_all_broken(self.source, self.terminal):
            with self.terminal.stage("Looking for passages") as progress:  # for engineers that do not listen
                self.survey.complete(session, progress)
            plan = plan_passages(self.survey.cells(session))
            with self.terminal.stage("Reading passages") as progress:
                return Bench(read_material(session, plan, load_excerpts, progress))

    def _background(self, bench: Bench, mix: Mix, progress: Progress) -> Background:
        """What the engineer's memory and the console's gradients add to what is measured."""
        sensitivities = find_sensitivities(bench.busiest_pieces(), mix, self.source.session.sample_rate)
        sentence = partial(sensitivity_sentence, sensitivities)
        if self.heard is None:
            return Background(sensitivity=sentence)
        influence = find_influence(self.heard, mix, progress)
        return Background(influence, find_alternatives(self.heard, mix), sentence)


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
    return Prover(source, survey, heard, terminal)
