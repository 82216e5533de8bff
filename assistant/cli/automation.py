"""The options that delegate: what may be changed, by how much, and who decides. Names of tracks are checked later."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from pathlib import Path

from assistant.mandate import AUTOMATION_SUMMARIES, GROUPS, Automation, Mandate, check_limit, check_sections
from assistant.mix import unknown_name_text

#: The options that leave a part of the mix as it is.
RESTRICTIONS = ("only", "tracks", "lock", "limit", "amount")

_DESCRIPTION = (
    "What mixassist may change, by how much, and who decides. Everything else stays {otherwise}. PART is one of "
    + ", ".join(GROUPS)
    + ", or a single section or parameter as in a saved mix. Names of tracks are those of their files, without the "
    "ending."
)


def add_automation(
    command: ArgumentParser, default: Automation, *, has_focus: bool = True, is_of_daw: bool = False
) -> None:
    """Add the options of delegation to ``command``; suggestive is refused where ``default`` makes a mix at once.

    Where the mix before is what a DAW holds (``is_of_daw``), it cannot be named.
    """
    otherwise = "as the DAW holds it" if is_of_daw else "as it is: as in --before, or as recorded"
    group = command.add_argument_group("delegating", _DESCRIPTION.format(otherwise=otherwise))
    levels = "; ".join(
        f"{level}: {what}" for level, what in AUTOMATION_SUMMARIES.items() if _can_decide(default, level)
    )
    narrowed = "" if default is Automation.SUGGESTIVE else ", or independent with any of the options below"
    group.add_argument(
        "--automation",
        type=_level(default),
        metavar="LEVEL",
        help=f"who decides (default: {default}{narrowed}). {levels}",
    )
    group.add_argument("--only", type=_parts, action="extend", metavar="PART,PART", help="change only these")
    group.add_argument("--tracks", action="append", metavar="TRACK,TRACK", help="change only these tracks")
    group.add_argument(
        "--lock",
        action="append",
        metavar="TRACK|PART|TRACK:PART",
        help="leave this as it is: a whole track, a part of all tracks, a part of one track; may be repeated",
    )
    group.add_argument(
        "--limit",
        type=_limit,
        action="append",
        metavar="PART=NUMBER",
        help="change this by no more: levels=3 is 3 dB of each track's level; may be repeated",
    )
    group.add_argument(
        "--amount",
        type=_amount,
        action="append",
        metavar="[TRACK=]AMOUNT",
        help="how much of what is proposed is done, 0 to 1, for all tracks or for one: 0.5 is half of it; may be "
        "repeated",
    )
    if has_focus:
        group.add_argument(
            "--focus", metavar="TRACK", help="bring this track forward: 2 LU more over the others than proposed"
        )
    if not is_of_daw:
        group.add_argument(
            "--before",
            type=Path,
            metavar="MIX.JSON",
            help="the mix as it is now (default: as in the project, or every strip neutral)",
        )
    command.set_defaults(focus=None, before=None, default_automation=default)


def check_automation(parser: ArgumentParser, args: Namespace) -> None:
    """Refuse what contradicts itself, the way argparse does."""
    given = [f"--{name}" for name in RESTRICTIONS if getattr(args, name, None)]
    if getattr(args, "automation", None) is Automation.AUTOMATIC and given:
        parser.error(f"argument --automation: automatic makes the whole mix, {given[0]} a part: say independent")


def _can_decide(default: Automation, level: Automation) -> bool:
    return level is not Automation.SUGGESTIVE or default is Automation.SUGGESTIVE


def _level(default: Automation) -> Callable[[str], Automation]:
    def parse(text: str) -> Automation:
        try:
            level = Automation(text)
        except ValueError:
            known = unknown_name_text("level", text, {level.value for level in Automation})
            raise ArgumentTypeError(f"{known}; known: {', '.join(Automation)}") from None
        if not _can_decide(default, level):
            raise ArgumentTypeError(
                "suggestive leaves the decision to you: suggest -o mix.json, then render mix.json with --only, --lock "
                "or --amount"
            )
        return level

    return parse


def _parts(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise ArgumentTypeError(f"names no part; known: {', '.join(GROUPS)}")
    _checked(lambda: check_sections(names))
    return names


def _limit(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    number = _number(value.removesuffix("dB"), f"{text!r}: expected a part and a number, such as levels=3")
    _checked(lambda: check_limit(name.strip(), number))
    return name.strip(), number


def _amount(text: str) -> tuple[str, float]:
    """The track, empty for all, and its amount 0..1."""
    track, _, value = text.rpartition("=")
    scale = 100.0 if value.strip().endswith("%") else 1.0
    number = _number(value.strip().removesuffix("%"), f"{text!r}: expected 0 to 1, or a track and that: bass=0.5")
    _checked(lambda: Mandate(amount=number / scale))
    return track, number / scale


def _number(text: str, otherwise: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(otherwise) from None


def _checked(check: Callable[[], object]) -> None:
    try:
        check()
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
