"""The proof of a mix: read, rendered, measured, explained, and without the changes that measurement contradicts.

Contents: :class:`Proof`, :class:`Knowledge`, :class:`Conduct`, :func:`make_bench`, :func:`prove`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from assistant.analysis.faults import compare
from assistant.audio.excerpts import load_excerpts
from assistant.engineers.engineer import HeardSession
from assistant.insight.alternatives import find_alternatives
from assistant.insight.explain import explain
from assistant.insight.influence import find_influence
from assistant.insight.mending import MayChange, mend
from assistant.insight.observations import observe
from assistant.insight.reasons import Background, find_reasons, hold_back, with_measurements
from assistant.insight.sensitivity import sensitivity_sentence
from assistant.insight.values import Insight
from assistant.mix import Mix, Session
from assistant.survey import Survey
from assistant.tasks import IsCancelled, Progress
from render.bench import Bench
from render.material import Excerpts, Material, plan_passages, plan_throughout, read_material
from render.verify import verify

#: What is done of the work when the passages are read, the mix is verified, and it is verified again.
_READ, _VERIFIED, _EXPLAINED = 0.1, 0.8, 0.95


@dataclass(frozen=True)
class Proof:
    """``mix`` as it is to be made, and all that is known of it."""

    mix: Mix
    insight: Insight


@dataclass(frozen=True)
class Knowledge:
    """What is known of a session beforehand: its survey, complete; what the engineer remembers of it, if one listened;
    and how pieces of its tracks are read. ``bench`` is given where several mixes are proven on the same passages."""

    session: Session
    survey: Survey
    heard: HeardSession | None = None
    excerpts: Excerpts = load_excerpts
    bench: Bench | None = None


@dataclass(frozen=True)
class Conduct:
    """How to prove.

    Whether the mix may still be changed (plain faults mended, contradicted changes held back), of that which
    ``may_change(track, parameter)`` allows; whether who drove what, what small moves do and each change alone are
    wanted too (``in_depth``); whether all of the session is looked at rather than the passages that matter
    (``throughout``); whom to tell and to ask.
    """

    decides: bool = False
    in_depth: bool = True
    throughout: bool = False
    may_change: MayChange = lambda track, param: True
    progress: Progress = lambda share, what: None
    is_cancelled: IsCancelled = lambda: False


def prove(knowledge: Knowledge, before: Mix, mix: Mix, conduct: Conduct | None = None) -> Proof:
    """``mix`` verified against ``before`` and explained.

    Where the conduct decides, plain faults are mended and contradicted changes are not made, so that the proof's mix
    differs from ``mix``, and its channels' reasons say what was measured. Raises what reading, rendering and
    cancelling raise.
    """
    conduct = conduct or Conduct()
    session, examinations = knowledge.session, knowledge.survey.examinations(knowledge.session)
    pairs = compare(examinations)
    bench = knowledge.bench or make_bench(knowledge, conduct)
    background = _background(knowledge, bench.material, mix, conduct) if conduct.in_depth else Background()
    check = partial(verify, bench, before, is_cancelled=conduct.is_cancelled, in_depth=conduct.in_depth)
    verification = check(mix, _told(conduct, _READ, _VERIFIED))
    if conduct.decides:
        mended, found = mend(mix, observe(verification, examinations, pairs), conduct.may_change)
        if found:
            verification = check(mended, _told(conduct, _VERIFIED, _EXPLAINED))
            background = replace(background, mended=found)
    reasons = {track.name: find_reasons(verification, track.name, background) for track in session.tracks}
    if conduct.decides:
        kept = hold_back(before, verification.after.mix, list(chain.from_iterable(reasons.values())))
        if kept != verification.after.mix:
            verification = replace(verification, after=bench.measure(kept))
    observations = observe(verification, examinations, pairs)
    conduct.progress(1.0, "proven")
    insight = explain(verification, reasons, background, observations)
    mix = verification.after.mix
    return Proof(with_measurements(mix, reasons) if conduct.decides else mix, insight)


def make_bench(knowledge: Knowledge, conduct: Conduct) -> Bench:
    """The passages of the session, read and put on a bench; raises what reading and cancelling raise."""
    session = knowledge.session
    plan = plan_throughout(session) if conduct.throughout else plan_passages(knowledge.survey.cells(session))
    return Bench(read_material(session, plan, knowledge.excerpts, _told(conduct, 0.0, _READ), conduct.is_cancelled))


def _told(conduct: Conduct, start: float, end: float) -> Progress:
    """What hears of a part of the work, from ``start`` to ``end`` of it all."""

    def tell(share: float, what: str) -> None:
        conduct.progress(start + (end - start) * share, what)

    return tell


def _background(knowledge: Knowledge, material: Material, mix: Mix, conduct: Conduct) -> Background:
    """What the engineer's memory and the console's gradients add to what is measured."""
    from assistant.refinement.sensitivity import find_sensitivities_throughout  # brings torch along

    conduct.progress(_READ, "asked what small moves do")
    rate, is_cancelled = material.sample_rate, conduct.is_cancelled
    sensitivities = find_sensitivities_throughout(material.pieces, mix, rate, is_cancelled, material.pan_law)
    sentence = partial(sensitivity_sentence, sensitivities)
    if knowledge.heard is None:
        return Background(sensitivity=sentence)
    conduct.progress(_READ, "asked who drove what")
    influence = find_influence(knowledge.heard, mix, is_cancelled=is_cancelled)
    return Background(influence, find_alternatives(knowledge.heard, mix), sentence)
