"""The entry of the command line: arguments in, exit code out.

Exit codes: 0 done; 1 the job could not be done, and a message says why; 2 wrong arguments; 70 a defect of the program;
128 plus the signal's number when stopped (130 by Ctrl-C, 143 by SIGTERM).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from assistant.cli.terminal import Terminal

FAILED, USAGE, DEFECT, STOPPED = 1, 2, 70, 128

#: Who does what, by module of this package: each brings along what it needs, and no command what another does.
_COMMANDS = {
    "mix": ("commands", "run_mix"),
    "suggest": ("commands", "run_suggest"),
    "explain": ("commands", "run_explain"),
    "render": ("commands", "run_render"),
    "export": ("exporting", "run_export"),
    "measure": ("commands", "run_measure"),
    "demo": ("commands", "run_demo"),
    "train": ("training", "run_train"),
    "daw": ("daw", "run_daw"),
    "plugins": ("plugins", "run_plugins"),
}


class Stopped(BaseException):
    """A signal asked the program to end; not an ``Exception``, so that nothing on the way holds it up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code. Without ``arguments`` it is the process, and answers signals."""
    is_process = arguments is None
    try:
        if is_process:
            _answer_signals()
            # Work is shared out among threads of our own; each with threads of numpy's beside it takes thrice as long.
            os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        return _start(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        number = int(signal.SIGINT)
    except Stopped as stopped:
        number = stopped.number
    if is_process:  # what is left to do is to wait for threads; a second Ctrl-C there would print a traceback
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is not None:
        with suppress(OSError):
            sys.stderr.write("mixassist: stopped; nothing half-written is left behind\n")
    return STOPPED + number


def _start(arguments: Sequence[str]) -> int:
    """Read the arguments and run; imports wait until here, where Ctrl-C is already answered."""
    from assistant.cli.arguments import build_parser, parse_arguments
    from assistant.cli.terminal import Terminal

    parser = build_parser()
    if not arguments:
        arguments = ["gui"]
    args = parse_arguments(parser, arguments)
    if args.command == "gui":
        from assistant.cli.companion import run_gui

        return run_gui(args)
    return _run(args, Terminal(args.quiet, args.verbose))


def _run(args: Namespace, terminal: Terminal) -> int:
    """The exit code of the command; every error ends here in a message."""
    try:
        return _run_command(args, terminal)
    except MemoryError:
        terminal.error("out of memory; close other programs, or mix fewer or shorter tracks")
    except OSError as error:
        _show_traceback(terminal)
        terminal.error(f"{error.filename or 'the system refused'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 - the one place where a defect becomes a sentence
        _show_traceback(terminal)
        how = "" if terminal.is_verbose else "; the same command with --verbose shows where"
        terminal.error(f"a defect of mixassist, not of your files: {type(error).__name__}: {error}{how}")
        return DEFECT
    return FAILED


def _run_command(args: Namespace, terminal: Terminal) -> int:
    from assistant.audio.formats import AudioError
    from assistant.cli.outputs import OutputError
    from assistant.cli.terminal import PrintError
    from assistant.controller.errors import WeightsError
    from assistant.mix import MixFormatError
    from assistant.training.errors import TrainingError
    from protocols.errors import ProtocolError
    from protocols.stems import SessionError
    from render.engine import RenderError
    from render.workers import keep_freed_memory

    known = (
        AudioError,
        MixFormatError,
        OutputError,
        PrintError,
        ProtocolError,
        RenderError,
        SessionError,
        TrainingError,
        WeightsError,
    )
    keep_freed_memory()
    module, function = _COMMANDS[args.command]
    run = getattr(import_module(f"assistant.cli.{module}"), function)
    try:
        run(args, terminal)
    except known as error:
        terminal.error(str(error))
        return FAILED
    return 0


def _show_traceback(terminal: Terminal) -> None:
    terminal.detail(traceback.format_exc().rstrip())


def _answer_signals() -> None:
    """Let every signal that ends the program end it as Ctrl-C does: what was begun is cleaned up."""

    def stop(number: int, _frame: FrameType | None) -> NoReturn:
        raise Stopped(number)

    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


if __name__ == "__main__":
    sys.exit(main())
