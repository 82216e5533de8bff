"""What refinement did, in sentences."""

from __future__ import annotations

from assistant.params import BY_NAME
from assistant.refinement.goals import Goal
from assistant.wording import gain_text

#: Why a setting moved that no goal asked for at the proposal.
MAKING_UP = "to make up for what moved beside it"


def goal_sentence(goal: Goal, before: float, after: float, is_worse: bool) -> str:
    """What the goal measured before and after, and what was wanted; says where it got worse."""
    verdict = "; worse, for the other goals' sake" if is_worse else ""
    figures = f"{before:.1f} {goal.unit} before, {after:.1f} after"
    return f"{goal.subject}: {figures} (wanted: {goal.wanted}){verdict}"


def left_out_sentence(why: str) -> str:
    """Why a goal was left out."""
    return f"left out: {why}"


def goal_found_sentence(goal: Goal, before: float) -> str:
    """Towards which goal, and what it measured ``before``."""
    return f"towards {goal.name}; {goal.subject}: {before:.1f} {goal.unit} (wanted: {goal.wanted})"


def change_sentence(name: str, change_db: float, towards: str) -> str:
    """By how much the setting called ``name`` moved, and what for."""
    return f"refined: {BY_NAME[name].label.lower()} {gain_text(change_db)} dB {towards}"
