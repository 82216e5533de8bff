"""A proposal for a session, from listening to the proof.

Contents: :class:`Request` and :func:`request_of`, :func:`propose`, :func:`drafted`, :func:`refined`.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.audio.formats import AudioError, printable
from assistant.audio.reading import read_audio
from assistant.cli.arguments import DEFAULT_TARGET_LUFS
from assistant.cli.delegation import Delegation
from assistant.cli.proving import Prover, listen
from assistant.cli.sources import Source, TrackLoader, check_audible, naming_all_broken
from assistant.cli.summary import show_refinement
from assistant.engineers.catalogue import DEFAULT_ENGINEER
from assistant.mix import Mix, Session
from assistant.params import PAN_LAWS
from assistant.refinement.catalogue import FOCUS_GOALS

if TYPE_CHECKING:  # they bring rich, the meters, and torch and DawDreamer along
    from assistant.analysis.reference import Reference
    from assistant.cli.terminal import Audience
    from render.proof import Proof

#: What a reference is for.
_TONE = "tone"


@dataclass(frozen=True)
class Request:
    """What is asked of an engineer beside the mandate.

    ``roles`` are the user's own, by track. A proposal is refined towards ``goals``, and to the tone of ``reference``.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    target_lufs: float = DEFAULT_TARGET_LUFS
    goals: tuple[str, ...] = ()
    reference: Reference | None = None

    def goals_for(self, focus: str | None) -> tuple[str, ...]:
        """The goals, those that a track to come forward and a reference imply included; none: do not refine."""
        implied = FOCUS_GOALS if focus is not None and not self.goals else ()
        return (*self.goals, *implied, *((_TONE,) if self.reference is not None else ()))


def request_of(args: Namespace, audience: Audience) -> Request:
    """What ``args`` ask; the reference is read, which raises :class:`AudioError`."""
    reference = None if args.reference is None else read_reference(args.reference, audience)
    return Request(goals=args.refine or (), reference=reference)


def read_reference(file: Path, audience: Audience) -> Reference:
    """The tone of the finished song in ``file``; raises :class:`AudioError`."""
    from assistant.analysis.reference import reference_of  # brings the meters along

    with audience.stage("Listening to the reference"):
        audio, rate = read_audio(file)
        try:
            return reference_of(printable(file.name), audio, rate)
        except ValueError as error:
            raise AudioError(str(error)) from error


def propose(
    source: Source,
    delegation: Delegation,
    args: Namespace,
    terminal: Audience,
    *,
    in_depth: bool,
    fit: Callable[[Mix], Mix] = lambda mix: mix,
) -> Proof:
    """What the engineer proposes, refined, as far as it is delegated, and proven.

    ``fit`` makes of a proposal what the desk can hold.
    """
    request = request_of(args, terminal)
    prover = listen(source, args.engineer or DEFAULT_ENGINEER, args, terminal)
    mix = drafted(prover, delegation, request, fit)
    return prover.prove(delegation.before_of(mix), mix, may_change=delegation.mandate.allows, in_depth=in_depth)


def drafted(
    prover: Prover, delegation: Delegation, request: Request, fit: Callable[[Mix], Mix] = lambda mix: mix
) -> Mix:
    """What the engineer who has listened proposes, refined, fitted and as far as it is delegated; not proven yet."""
    assert prover.heard is not None
    source, audience = prover.source, prover.audience
    mix = replace(prover.heard.propose(roles=request.roles), target_lufs=request.target_lufs)
    check_audible(source, mix)
    mix = refined(_carried_over(mix, source.session), source, delegation, request, audience)
    return delegation.proposed(fit(mix), audience)


def refined(mix: Mix, source: Source, delegation: Delegation, request: Request, audience: Audience) -> Mix:
    """``mix`` moved towards the goals asked for, if any, as far as is delegated; what became of them is shown."""
    focus = delegation.mandate.focus
    goals = request.goals_for(focus)
    if not goals:
        return mix
    from assistant.analysis.reference import USUAL
    from assistant.refinement.refine import refine

    with naming_all_broken(source, audience), audience.stage("Refining") as progress:
        refinement = refine(
            source.session,
            delegation.delegated(mix),
            TrackLoader(),
            goals,
            focus=focus,
            reference=request.reference or USUAL,
            may_move=delegation.mandate.allows,
            progress=progress,
            is_cancelled=audience.is_cancelled,
        )
    show_refinement(refinement, audience)
    return refinement.mix


def _carried_over(mix: Mix, session: Session) -> Mix:
    """``mix`` as loud on the session's desk as on our own console."""
    if session.pan_law == PAN_LAWS[0]:
        return mix
    from assistant.console.translation import translated  # brings torch along

    return translated(mix, {track.name for track in session.tracks if track.channels == 1}, session.pan_law)
