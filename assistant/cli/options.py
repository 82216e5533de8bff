"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

from assistant.engineers.catalogue import DEFAULT_ENGINEER, ENGINEER_SUMMARIES, LEARNING_ENGINEER
from assistant.refinement.catalogue import DEFAULT_GOALS, GOAL_SUMMARIES, check_goals

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_engineer(command: argparse.ArgumentParser) -> None:
    """Add the options of who proposes."""
    table = "; ".join(f"{name}: {what}" for name, what in ENGINEER_SUMMARIES.items())
    command.add_argument(
        "--engineer",
        choices=tuple(ENGINEER_SUMMARIES),
        metavar="NAME",
        help=f"who proposes (default: {DEFAULT_ENGINEER}). {table}",
    )
    add_weights(command)
    command.add_argument("--seed", type=int, default=0, metavar="N", help="draw another random mix (default: 0)")
    goals = "; ".join(f"{name}: {what}" for name, what in GOAL_SUMMARIES.items())
    command.add_argument(
        "--refine",
        nargs="?",
        type=_goals,
        const=DEFAULT_GOALS,
        metavar="GOAL,GOAL",
        help="move the proposal a few dB at most towards goals, and say which and why "
        f"(without names: {','.join(DEFAULT_GOALS)}). {goals}",
    )
    command.add_argument(
        "--reference", type=path, metavar="FILE", help="refine towards the tone of this finished song, an audio file"
    )


def add_whole(command: argparse.ArgumentParser) -> None:
    """Add ``--whole``."""
    command.add_argument(
        "--whole",
        action="store_true",
        help="verify all of the session; by default, half a minute of the passages that matter",
    )


def add_weights(command: argparse.ArgumentParser) -> None:
    """Add ``--weights``."""
    command.add_argument(
        "--weights", type=path, metavar="FILE", help=f"let {LEARNING_ENGINEER} propose with other weights than its own"
    )


def add_output_amount(command: argparse.ArgumentParser) -> None:
    """Add ``-q`` and ``-v``."""
    amount = command.add_mutually_exclusive_group()
    amount.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    amount.add_argument("-v", "--verbose", action="store_true", help="also say why, per track, and what took how long")


def path(text: str) -> Path:
    """A path; an empty one, such as an unset variable of the shell, would silently mean the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty name; is a shell variable unset?")
    return Path(text)


def _goals(text: str) -> tuple[str, ...]:
    try:
        return check_goals([name.strip() for name in text.split(",") if name.strip()])
    except ValueError as error:
        hint = "; a folder goes before --refine" if Path(text).exists() else ""
        raise argparse.ArgumentTypeError(f"{error}{hint}") from error
