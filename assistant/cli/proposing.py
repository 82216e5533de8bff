"""A proposal for a session, from listening to the proof."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.cli.arguments import DEFAULT_TARGET_LUFS
from assistant.cli.delegation import Delegation
from assistant.cli.proving import listen
from assistant.cli.sources import Source, TrackLoader, check_audible, naming_all_broken
from assistant.cli.summary import show_refinement
from assistant.cli.terminal import Terminal
from assistant.engineers.catalogue import DEFAULT_ENGINEER
from assistant.mix import Mix, Session
from assistant.params import PAN_LAWS
from assistant.refinement.catalogue import FOCUS_GOALS

if TYPE_CHECKING:  # it brings torch and DawDreamer along
    from render.proof import Proof


def propose(
    source: Source,
    delegation: Delegation,
    args: Namespace,
    terminal: Terminal,
    *,
    in_depth: bool,
    fit: Callable[[Mix], Mix] = lambda mix: mix,
) -> Proof:
    """What the engineer proposes, refined, as far as it is delegated, and proven.

    ``fit`` makes of a proposal what the desk can hold.
    """
    prover = listen(source, args.engineer or DEFAULT_ENGINEER, args, terminal)
    assert prover.heard is not None
    mix = replace(prover.heard.propose(), target_lufs=DEFAULT_TARGET_LUFS)
    check_audible(source, mix)
    mix = refined(_carried_over(mix, source.session), source, delegation, args, terminal)
    mix = delegation.proposed(fit(mix), terminal)
    return prover.prove(delegation.before_of(mix), mix, may_change=delegation.mandate.allows, in_depth=in_depth)


def refined(mix: Mix, source: Source, delegation: Delegation, args: Namespace, terminal: Terminal) -> Mix:
    """``mix`` moved towards the goals asked for, if any, as far as is delegated; what became of them is shown."""
    focus = delegation.mandate.focus
    if args.refine is None and focus is None:
        return mix
    from assistant.refinement.refine import refine

    mix, goals, may_move = delegation.delegated(mix), args.refine or FOCUS_GOALS, delegation.mandate.allows
    with naming_all_broken(source, terminal), terminal.stage("Refining") as progress:
        refinement = refine(
            source.session, mix, TrackLoader(), goals, focus=focus, may_move=may_move, progress=progress
        )
    show_refinement(refinement, terminal)
    return refinement.mix


def _carried_over(mix: Mix, session: Session) -> Mix:
    """``mix`` as loud on the session's desk as on our own console."""
    if session.pan_law == PAN_LAWS[0]:
        return mix
    from assistant.console.translation import translated  # brings torch along

    return translated(mix, {track.name for track in session.tracks if track.channels == 1}, session.pan_law)
