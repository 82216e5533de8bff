"""The goals' names and what each wants, in words; nothing heavy, so that help and errors come at once."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.mix import unknown_name_text

GOAL_SUMMARIES: dict[str, str] = {
    "vocal": "the lead vocal as far over the rest as in finished music",
    "balance": "vocals, drums, bass and the rest at the distances of finished music",
    "masking": "the others not over the lead in the bands where it sounds",
    "tone": "the whole mix's spectrum like that of finished music",
    "headroom": "peaks low enough over the loudness to leave the limiter at rest",
    "focus": "a track that you name further in front of the others than proposed",
}

#: Asked for where no goal is named.
DEFAULT_GOALS: tuple[str, ...] = ("vocal", "balance", "masking", "tone", "headroom")
#: Asked for, too, where a track is to come forward.
FOCUS_GOALS: tuple[str, ...] = ("masking", "focus")


def check_goals(names: Sequence[str]) -> tuple[str, ...]:
    """``names`` without repetitions, in the table's order; ``ValueError`` for an unknown name, or for none."""
    if not names:
        raise ValueError(f"no goal named; known: {', '.join(GOAL_SUMMARIES)}")
    for name in names:
        if name not in GOAL_SUMMARIES:
            known = ", ".join(GOAL_SUMMARIES)
            raise ValueError(f"{unknown_name_text('goal', name, set(GOAL_SUMMARIES))}; known: {known}")
    return tuple(name for name in GOAL_SUMMARIES if name in names)
