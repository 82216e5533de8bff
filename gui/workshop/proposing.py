"""A wish becomes a proposal: proposed by an engineer who remembers the session, fitted to the desk, and proven.

Contents: ``LISTENING``, :func:`stages_of`, :func:`proposed`, :func:`deepened`, :func:`proven_as_is`,
:func:`proposal_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assistant.cli.delegation import Delegation
from assistant.cli.explaining import held_back_text
from assistant.cli.proposing import Request, drafted
from assistant.mandate import Mandate
from assistant.mix import Mix
from gui.workshop.opened import Opened, Proven
from gui.workshop.opening import mixer_of
from gui.workshop.presenting import present_figures, present_findings
from gui.workshop.telling import Telling
from gui.workshop.values import Proposal, Wish
from protocols.stems import SessionError

#: What comes before anything is proven, in seconds for 28 tracks.
LISTENING = {"Listening": 18.0, "Reading the passages": 2.0}
_REFERENCE, _REFINING, _VERIFYING, _IN_DEPTH = 3.0, 40.0, 7.0, 18.0


def stages_of(wish: Wish, *, in_depth: bool = False) -> dict[str, float]:
    """The stages of a proposal, and how long each takes in proportion."""
    refines = bool(wish.goals or wish.reference or wish.mandate.focus)
    return {
        **({"Listening to the reference": _REFERENCE} if wish.reference else {}),
        **LISTENING,
        **({"Refining": _REFINING} if refines else {}),
        "Verifying": _IN_DEPTH if in_depth else _VERIFYING,
    }


def proposed(opened: Opened, wish: Wish, telling: Telling, *, in_depth: bool = False) -> Proven:
    """What ``wish`` comes to. Raises :class:`SessionError`, :class:`AudioError`, :class:`Cancelled`."""
    delegation = _delegation(opened, wish.mandate)
    reference = opened.reference(Path(wish.reference), telling) if wish.reference else None
    request = Request(wish.roles, wish.target_lufs, wish.goals, reference)
    prover = opened.prover(wish.engineer, telling)
    draft = drafted(prover, delegation, request, _fitting(opened, telling))
    before, may_change = delegation.before_of(draft), wish.mandate.allows
    proof = prover.prove(before, draft, may_change=may_change, in_depth=in_depth)
    mix = proof.mix if opened.desk is None else mixer_of(opened.desk).with_room(proof, before, wish.mandate)
    return Proven(
        engineer=wish.engineer,
        before=before,
        draft=draft,
        proof=proof,
        mix=mix,
        wish=wish,
        may_change=may_change,
        reference=reference,
        sentences=delegation.sentences,
        is_in_depth=in_depth,
    )


def proven_as_is(opened: Opened, mix: Mix, telling: Telling, *, in_depth: bool = False) -> Proven:
    """A mix of the user's, proven against the mix before without being changed."""
    from assistant.cli.proving import engineer_of

    before = Delegation(Mandate(), opened.source.before).before_of(mix)
    engineer = engineer_of(mix) if in_depth else None
    proof = opened.prover(engineer, telling).prove(before, mix, in_depth=in_depth)
    return Proven(engineer, before, mix, proof, mix, is_in_depth=in_depth)


def deepened(opened: Opened, proven: Proven, telling: Telling) -> Proven:
    """The same with all that an explanation says."""
    prover = opened.prover(proven.engineer, telling)
    proof = prover.prove(proven.before, proven.draft, may_change=proven.may_change)
    return replace(proven, proof=proof, is_in_depth=True)


def proposal_of(proven: Proven, telling: Telling) -> Proposal:
    """The proposal as the window is told of it."""
    insight = proven.proof.insight
    verification = insight.verification
    withheld = [reason for card in insight.cards for reason in card.reasons if reason.standing == "withheld"]
    return Proposal(
        before=proven.before,
        mix=proven.mix,
        before_figures=present_figures(verification.before),
        figures=present_figures(verification.after),
        findings=present_findings(insight.observations),
        passages=tuple((span.start_s, span.end_s) for span in verification.spans),
        held_back=tuple(held_back_text(reason) for reason in withheld),
        notes=tuple(telling.notes),
    )


def _delegation(opened: Opened, mandate: Mandate) -> Delegation:
    try:
        mandate.check_tracks(track.name for track in opened.source.session.tracks)
    except ValueError as error:
        raise SessionError(str(error)) from error
    return Delegation(mandate, opened.source.before)


def _fitting(opened: Opened, telling: Telling) -> Callable[[Mix], Mix]:
    """What makes of a proposal what the session's desk can hold, where it has one."""
    before = opened.source.before
    if opened.desk is None or before is None:
        return lambda mix: mix
    return mixer_of(opened.desk).fitting(before, telling)
