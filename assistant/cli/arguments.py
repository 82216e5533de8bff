"""The arguments of every command, and the help that a musician reads."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from assistant import __version__
from assistant.cli.automation import add_automation, check_automation
from assistant.cli.daw_arguments import add_daw, add_plugins
from assistant.cli.options import Commands, add_engineer, add_output_amount, add_weights, add_whole, path
from assistant.engineers.catalogue import LEARNING_ENGINEER
from assistant.mandate import Automation
from assistant.params import BY_NAME

DEFAULT_TARGET_LUFS = -14.0
LOWEST_TARGET_LUFS = -60.0

_DESCRIPTION = """\
mixassist turns a folder of stems (one audio file per track), or the project
of a DAW, into a mix: it listens to every track, proposes level, pan, EQ,
compression and reverb for each, renders them, and measures the result."""

_EXAMPLES = """\
examples:
  mixassist                                     open the window
  mixassist mix "My Song" -o my-song.wav        mix the stems in the folder "My Song"
  mixassist suggest "My Song" -o mix.json       only propose; edit mix.json, then:
  mixassist explain mix.json --track vocals     why: heard, done, measured
  mixassist render mix.json -o my-song.wav      render what it says
  mixassist export mix.json -o song.dawproject  or open it in a DAW
  mixassist measure my-song.wav reference.flac  loudness, true peak, width of any files

"mixassist COMMAND --help" tells all about one command. Exit codes: 0 done,
1 not done (a message says why), 2 wrong arguments, 70 a defect of mixassist,
130 stopped by Ctrl-C.
"""


_EXPORT_DESCRIPTION = """\
Write a saved mix as a project for DAWs that are not set over OSC: .dawproject
for Bitwig, Studio One and Cubase, .rpp for REAPER. The mix of a project becomes
a copy of that project with only the mix changed, the mix of a folder of stems a
new .dawproject with its tracks inside. What the project cannot say is listed.
No file is ever overwritten."""

_EXPORT_EXAMPLES = """\
examples:
  mixassist suggest "My Song" -o mix.json
  mixassist export mix.json -o my-song.dawproject   a new project for Bitwig, Studio One, Cubase

  mixassist suggest song.rpp -o mix.json
  mixassist export mix.json -o song-mixed.rpp       a copy of song.rpp with this mix
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = argparse.ArgumentParser(
        "mixassist", description=_DESCRIPTION, epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"mixassist {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in (
        _add_gui,
        _add_mix,
        _add_suggest,
        _add_explain,
        _add_render,
        _add_export,
        _add_measure,
        _add_demo,
        _add_train,
    ):
        command = add(commands)
        add_output_amount(command)
    add_daw(commands)
    add_plugins(commands)
    return parser


def parse_arguments(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The parsed ``arguments``; options that go together are brought together, those that do not are refused.

    Exits the way argparse does.
    """
    args = parser.parse_args(arguments)
    if getattr(args, "weights", None) is not None and args.command != "explain":
        if args.engineer not in (None, LEARNING_ENGINEER):
            parser.error(f"argument --weights: only {LEARNING_ENGINEER} has weights, not {args.engineer}")
        args.engineer = LEARNING_ENGINEER
    check_automation(parser, args)
    if args.command == "train":
        _check_training(parser, args)
    return args


def _check_training(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    if args.start is None and args.sessions != 0:
        return
    option = "--sessions 0" if args.start is None else "--from"
    if not args.data:
        parser.error(f"argument {option}: leaves nothing to learn from; name your songs with --data")
    for name in ("sessions", "kits", "steps", "context"):
        if getattr(args, name):
            parser.error(f"argument --{name}: belongs to learning from synthetic sessions, which {option} leaves out")


def _add_gui(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "gui",
        help="open the window: suggestions, automatic mixes and insight, beside your DAW",
        description="Open mixassist's window, with a session in it if one is named. The same as mixassist alone.",
    )
    command.add_argument(
        "session", nargs="?", type=path, metavar="SESSION", help="a folder of stems, a project of a DAW, or a saved mix"
    )
    return command


def _add_mix(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "mix",
        help="mix a folder of stems to a finished file",
        description="Listen to a session, propose a mix, render it at the target loudness, and measure it.",
    )
    _add_session(command)
    add_engineer(command)
    _add_rendering(command)
    _add_reading(command)
    add_automation(command, Automation.AUTOMATIC)
    return command


def _add_suggest(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "suggest",
        help="propose a mix without rendering it",
        description="Listen to a session and propose a mix. Without -o the proposal is only shown.",
    )
    _add_session(command)
    command.add_argument("-o", "--output", type=path, metavar="MIX.JSON", help="save the proposal here")
    add_engineer(command)
    _add_levels(command)
    _add_reading(command)
    add_automation(command, Automation.SUGGESTIVE)
    return command


def _add_explain(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "explain",
        help="say why a saved mix is as it is",
        description="Verify a saved mix by rendering and measuring it, and say of every change what was heard, what "
        "was done, what that did, which other tracks it is because of, and how sure it is.",
    )
    command.add_argument("source", type=path, metavar="MIX.JSON", help="a mix saved by suggest, or by mix --json")
    command.add_argument("--track", metavar="NAME", help="of this track alone")
    _add_audio_folder(command)
    command.add_argument(
        "--before", type=path, metavar="MIX.JSON", help="the mix it is compared with (default: every strip neutral)"
    )
    add_weights(command)
    add_whole(command)
    _add_reading(command)
    return command


def _add_render(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "render",
        help="render a saved mix",
        description="Render a saved mix exactly as it stands. The same file gives the same audio, bit for bit.",
    )
    command.add_argument("source", type=path, metavar="MIX.JSON", help="a mix saved by suggest, or by mix --json")
    _add_audio_folder(command)
    _add_rendering(command)
    _add_reading(command)
    add_automation(command, Automation.AUTOMATIC, has_focus=False)
    return command


def _add_export(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "export",
        help="write a saved mix as a project for a DAW",
        description=_EXPORT_DESCRIPTION,
        epilog=_EXPORT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("source", type=path, metavar="MIX.JSON", help="a mix saved by suggest, or by mix --json")
    command.add_argument(
        "-o", "--output", type=path, required=True, metavar="OUT", help="the new project, .dawproject or .rpp"
    )
    command.add_argument(
        "--original",
        type=path,
        metavar="PROJECT",
        help="the project that is copied, of the same kind (default: the one that the mix's tracks were pulled from)",
    )
    _add_audio_folder(command)
    _add_skip_broken(command)
    return command


def _add_measure(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "measure",
        help="measure audio files",
        description="Loudness (EBU R 128), true peak, dynamics and stereo image of audio files.",
    )
    command.add_argument("files", nargs="+", type=path, metavar="FILE", help="audio files")
    command.add_argument("--json", dest="as_json", action="store_true", help="print JSON, third octaves included")
    return command


def _add_demo(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "demo",
        help="mix the bundled demo session",
        description="Mix the bundled demo session into a folder: mix, stems, settings and report.",
    )
    command.add_argument(
        "-o", "--output", type=path, default=Path("demo-mix"), metavar="FOLDER", help="where to (default: demo-mix)"
    )
    add_engineer(command)
    add_automation(command, Automation.AUTOMATIC)
    return command


def _add_train(commands: Commands) -> argparse.ArgumentParser:
    command = commands.add_parser(
        "train",
        help=f"train the {LEARNING_ENGINEER} engineer on your own multitracks",
        description=f"Train the {LEARNING_ENGINEER} engineer: on synthetic sessions first, then on finished songs of "
        "yours. The stems of a song, all played together as they are, must be its finished mix: with their levels, EQ "
        "and effects printed, and without the mix itself among them. Ctrl-C saves, the same command goes on.",
    )
    command.add_argument(
        "--data",
        nargs="+",
        type=path,
        default=[],
        metavar="FOLDER",
        help="a song, which is a folder of stems, or a folder of such folders (default: synthetic sessions alone)",
    )
    command.add_argument(
        "-o", "--output", type=path, required=True, metavar="WEIGHTS", help="the trained weights, a .safetensors file"
    )
    command.add_argument(
        "--from",
        dest="start",
        type=path,
        metavar="WEIGHTS",
        help="begin with these weights, and learn from your songs alone: quicker by far, without fluidsynth",
    )
    _add_synthetic(command)
    command.add_argument(
        "--stems-steps", type=_count(0), metavar="N", help="steps of learning from your songs (default: 60)"
    )
    command.add_argument(
        "--cache", type=path, metavar="FOLDER", help="keep examples here (default: ~/.cache/mixassist/training)"
    )
    command.add_argument(
        "--processes", type=_count(1), metavar="N", help="examples made at once (default: one per processor, at most 8)"
    )
    command.add_argument("--seed", type=_count(0), default=0, metavar="N", help="train another way (default: 0)")
    command.add_argument(
        "--devices", type=_devices, default="auto", metavar="N", help="GPUs to train on (default: auto, all there are)"
    )
    command.add_argument("--fresh", action="store_true", help="start over instead of going on from WEIGHTS.checkpoint")
    return command


def _add_synthetic(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--sessions",
        type=_count(0),
        metavar="N",
        help="synthetic sessions, played by fluidsynth (default: 240). 0 begins with the installed weights",
    )
    command.add_argument(
        "--kits", type=_count(0), metavar="N", help="synthetic drum kits (default: a quarter of the sessions)"
    )
    command.add_argument(
        "--steps", type=_count(1), metavar="N", help="steps of learning from these settings (default: 900)"
    )
    command.add_argument(
        "--context",
        choices=("attention", "mean", "none"),
        metavar="KIND",
        help="how a track hears the others: attention (default), mean, or none",
    )
    command.add_argument(
        "--samples",
        type=path,
        metavar="FOLDER",
        help="recorded one-shots to use, called like Sonic Pi's; another folder of them needs another --cache",
    )


def _add_levels(command: argparse.ArgumentParser) -> None:
    ceiling = BY_NAME["limiter_ceiling_dbtp"]
    command.add_argument(
        "--target-lufs",
        type=_number("LUFS", LOWEST_TARGET_LUFS, 0.0),
        metavar="LUFS",
        help=f"integrated loudness of the mix (default: {DEFAULT_TARGET_LUFS:g}, or what the saved mix says)",
    )
    command.add_argument(
        "--true-peak",
        type=_number("dBTP", ceiling.low, ceiling.high),
        metavar="DBTP",
        help=f"highest true peak (default: {ceiling.default:g}, or what the saved mix says)",
    )


def _add_rendering(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-o", "--output", type=path, required=True, metavar="OUT", help="the finished mix, a .wav or .flac file"
    )
    command.add_argument(
        "--bit-depth",
        choices=("16", "24", "float"),
        default="24",
        help="bits per sample of the finished mix (default: 24)",
    )
    _add_levels(command)
    command.add_argument(
        "--stems-out",
        type=path,
        metavar="DIR",
        help="also write each processed track and the reverb return here, as float WAV; their sum is the mix before "
        "the master",
    )
    command.add_argument(
        "--json",
        dest="json_path",
        type=path,
        metavar="MIX.JSON",
        help="also save the settings here, to edit and render again",
    )
    command.add_argument("--report", action="store_true", help="also write a report beside the mix: OUT.html")
    add_whole(command)


def _add_session(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "source",
        type=path,
        metavar="FOLDER|PROJECT|MIX.JSON",
        help="a folder of stems, a DAW's project (.ardour, .rpp or .dawproject), or a saved mix",
    )


def _add_audio_folder(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--source",
        dest="audio_folder",
        type=path,
        metavar="FOLDER|PROJECT",
        help="the stems, or the project they were pulled from, if they moved",
    )


def _add_skip_broken(command: argparse.ArgumentParser) -> None:
    command.add_argument("--skip-broken", action="store_true", help="go on without the tracks that cannot be read")


def _add_reading(command: argparse.ArgumentParser) -> None:
    _add_skip_broken(command)
    command.add_argument(
        "--sample-rate",
        type=_sample_rate,
        metavar="HZ",
        help="work at this rate (default: the commonest among the tracks, at least 44100)",
    )


def _number(unit: str, low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r}: expected {low:g} to {high:g} {unit}")
        return value

    return parse


def _count(low: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not text.isdecimal() or int(text) < low:
            raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number, {low} or more")
        return int(text)

    return parse


def _devices(text: str) -> int | str:
    return text if text == "auto" else _count(1)(text)


def _sample_rate(text: str) -> int:
    if not text.isdecimal() or not 44_100 <= int(text) <= 192_000:
        raise argparse.ArgumentTypeError(f"{text!r}: expected 44100 to 192000 Hz")
    return int(text)
