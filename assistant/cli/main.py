"""The entry of the command line: arguments in, exit code out.

Exit codes: 0 done; 1 the job could not be done, and a message says why; 2 wrong arguments; 130 stopped by the user.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from assistant.cli.arguments import build_parser
from assistant.cli.terminal import Terminal

FAILED, USAGE, STOPPED = 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    args = build_parser().parse_args(arguments)
    terminal = Terminal(args.quiet, args.verbose)
    try:
        return _run(args, terminal)
    except KeyboardInterrupt:
        terminal.error("stopped; nothing half-written is left behind")
        return STOPPED
    except BrokenPipeError:  # the reader of our output, head or less, has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(args: Namespace, terminal: Terminal) -> int:
    from assistant.audio.reading import AudioError
    from assistant.cli import commands
    from assistant.cli.outputs import OutputError
    from assistant.mix import MixFormatError
    from protocols.stems import SessionError
    from render.engine import RenderError
    from render.workers import keep_freed_memory

    run = {
        "mix": commands.run_mix,
        "suggest": commands.run_suggest,
        "render": commands.run_render,
        "measure": commands.run_measure,
        "demo": commands.run_demo,
    }[args.command]
    keep_freed_memory()
    try:
        run(args, terminal)
    except (AudioError, MixFormatError, OutputError, RenderError, SessionError) as error:
        terminal.error(str(error))
        return FAILED
    except MemoryError:
        terminal.error("out of memory; close other programs, or mix fewer or shorter tracks")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
