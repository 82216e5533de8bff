"""The arguments of ``mixassist daw`` and ``mixassist plugins``."""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.cli.automation import add_automation
from assistant.cli.options import Commands, add_engineer, add_output_amount, add_whole, path
from assistant.mandate import Automation
from protocols.dialects import DIALECTS

_DESCRIPTION = """\
Talk to a running DAW over OSC: see its mixer, propose for it, push what you
accept, and take it back. What is pushed is confirmed by reading it back from
the DAW; what somebody moved meanwhile is left alone; every push can be undone."""

_EXAMPLES = """\
examples:
  mixassist daw doctor --daw ardour              is everything set up?
  mixassist daw list --daw ardour                the DAW's mixer
  mixassist daw suggest --daw ardour -o mix.json propose, starting from the faders as they stand
  mixassist daw push mix.json --daw ardour       set it in the DAW, and confirm each value
  mixassist daw undo --daw ardour                put everything back
"""


def add_daw(commands: Commands) -> None:
    """Add ``mixassist daw`` and its actions."""
    command = commands.add_parser(
        "daw",
        help="see, propose for, set and put back the mixer of a running DAW",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    for add in (_add_list, _add_watch, _add_pull, _add_suggest, _add_push, _add_undo, _add_doctor):
        action = add(actions)
        _add_link(action)
        add_output_amount(action)


def add_plugins(commands: Commands) -> None:
    """Add ``mixassist plugins`` and its actions."""
    command = commands.add_parser(
        "plugins",
        help="build and install the strip and the reverb as plug-ins",
        description="Our channel strip and reverb as plug-ins: LV2 for Ardour and other hosts on Linux, JSFX for "
        "REAPER, from the source that renders the mixes; and Ardour's actions that insert them.",
    )
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = actions.add_parser("build", help="build them into a folder", description="Build LV2 bundles and JSFX.")
    build.add_argument(
        "-o", "--output", type=path, default=Path("plugins"), metavar="FOLDER", help="where to (plugins)"
    )
    install = actions.add_parser(
        "install",
        help="build and install them for this user",
        description="Build the LV2 plug-ins and install them for this user, with Ardour's actions where Ardour has "
        "been started before, and the JSFX where REAPER has.",
    )
    remove = actions.add_parser("uninstall", help="remove what was installed", description="Remove the LV2 plug-ins.")
    listed = actions.add_parser(
        "list", help="what is installed", description="What is installed, and whether it is of this version."
    )
    for action in (build, install, remove, listed):
        add_output_amount(action)


def _add_link(action: argparse.ArgumentParser) -> None:
    group = action.add_argument_group("the DAW")
    group.add_argument(
        "--daw", choices=tuple(DIALECTS), required=True, metavar="NAME", help=f"one of {', '.join(DIALECTS)}"
    )
    group.add_argument("--host", default="127.0.0.1", metavar="HOST", help="where it runs (default: this machine)")
    ports = ", ".join(f"{name} {dialect.port}" for name, dialect in DIALECTS.items())
    group.add_argument("--port", type=_port, metavar="N", help=f"where it listens for OSC (default: {ports})")
    group.add_argument("--reply-port", type=_port, metavar="N", help="where it sends its answers, if that is fixed")
    group.add_argument(
        "--timeout", type=_seconds, default=5.0, metavar="S", help="how long to wait for its answers (default: 5)"
    )


def _add_list(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser("list", help="its mixer", description="The DAW's tracks and what their strips hold.")
    action.add_argument("--json", dest="as_json", action="store_true", help="print JSON, every parameter included")
    return action


def _add_watch(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser(
        "watch", help="tell what moves", description="Tell what moves in the DAW's mixer, whoever moved it."
    )
    action.add_argument("--seconds", type=_seconds, metavar="S", help="for so long (default: until Ctrl-C)")
    return action


def _add_pull(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser(
        "pull",
        help="its tracks as stems",
        description="Write the running session's tracks as stems, before their plug-ins and faders, from the session "
        "file as it was last saved.",
    )
    action.add_argument("-o", "--output", type=path, required=True, metavar="FOLDER", help="where to")
    _add_session(action)
    return action


def _add_suggest(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser(
        "suggest",
        help="propose for the running session",
        description="Listen to the running session's tracks and propose settings for the DAW's mixer, starting from "
        "what it holds now. Nothing is set: save the proposal with -o, and push what you accept.",
    )
    action.add_argument("-o", "--output", type=path, metavar="MIX.JSON", help="save the proposal here")
    _add_session(action)
    add_engineer(action)
    add_whole(action)
    add_automation(action, Automation.SUGGESTIVE, is_of_daw=True)
    action.set_defaults(skip_broken=False, sample_rate=None)
    return action


def _add_push(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser(
        "push",
        help="set a saved mix in it, and confirm",
        description="Set a saved mix, or the part of it that is named below, in the DAW, and confirm every value by "
        "reading it back. What somebody has moved since the mix was proposed stays as it is. mixassist daw undo takes "
        "it back.",
    )
    action.add_argument("mix", type=path, metavar="MIX.JSON", help="a mix saved by daw suggest")
    action.add_argument("--regardless", action="store_true", help="also set what was moved since it was proposed")
    add_automation(action, Automation.AUTOMATIC, has_focus=False, is_of_daw=True)
    return action


def _add_undo(actions: Commands) -> argparse.ArgumentParser:
    action = actions.add_parser(
        "undo",
        help="take a push back",
        description="Put back what the last push that was not undone has changed, also after a crash. What somebody "
        "has moved since stays as it is.",
    )
    action.add_argument("push_id", nargs="?", metavar="ID", help="another push than the last")
    action.add_argument("--regardless", action="store_true", help="also put back what was moved since")
    action.add_argument("--list", dest="lists", action="store_true", help="only list the pushes")
    return action


def _add_doctor(actions: Commands) -> argparse.ArgumentParser:
    return actions.add_parser(
        "doctor",
        help="find what is wrong with the set-up",
        description="Find the usual mistakes in the set-up, and say how to mend each.",
    )


def _add_session(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--session",
        type=path,
        metavar="FILE|FOLDER",
        help="the session's file, or a folder of its stems exported from the DAW (default: found by its name where "
        "the DAW keeps a list)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 1 to 65535")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0.0 < value <= 86_400.0:
        raise argparse.ArgumentTypeError(f"{text!r}: expected seconds, more than 0")
    return value
