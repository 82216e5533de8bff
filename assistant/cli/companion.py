"""``mixassist gui``: the desktop companion, which is a program of its own from here on."""

from __future__ import annotations

import os
import sys
from argparse import Namespace

FAILED = 1
_NO_SCREEN = "there is no screen to open a window on; mixassist --help shows what can be done without one"


def run_gui(args: Namespace) -> int:
    """Open the window and stay until it is closed; the exit code.

    Where there is no screen, or Qt's libraries are missing, a sentence says so: Qt itself would abort.
    """
    has_screen = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    if sys.platform.startswith("linux") and not has_screen:
        return _refused(_NO_SCREEN)
    try:
        from gui.app import run
    except ImportError as error:
        return _refused(f"Qt cannot be loaded ({error}); on Debian, make gui installs the libraries that it needs")
    return run(None if args.session is None else str(args.session))


def _refused(why: str) -> int:
    sys.stderr.write(f"mixassist: {why}\n")
    return FAILED
