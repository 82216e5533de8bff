"""How soon does the companion stand, how soon are tracks and suggestions there, and does the window ever stand still?

(a) From starting the process to the first paint of the welcome page; at most 2 s. (b) The song sodium (28 tracks): from
asking for it to its strips on the screen, with a workshop that is up and with one that was started just before; at most
1 s. (c) From asking for sodium to its suggestions in the window, beside `mixassist suggest` on it, in turns; at most
10 % more. In both the program's own start counts. (d) While sodium is worked on: how long each event held up the
window's thread, less what other programs took of the processor, and how long its loop stood still.

(b) to (d) are left out where ../shared/data is missing. All is drawn into memory (the platform "offscreen").

Usage: ``python benchmarks/speed_window.py [a] [b] [c] [d]``; three to six minutes for all. Results are appended to
``benchmarks/results/speed_window.jsonl``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from recording import ROOT, SONGS, record, spread
from speed_session import run_program

PARTS = "abcd"
REPEATS, FEW_REPEATS = 5, 3
FIRST_S, STRIPS_S, MOST_MORE, FRAME_MS = 2.0, 1.0, 0.10, 16.0
_CHILD = "--child"
_TIMEOUT_S = 400.0

sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


# --- in a process of its own, which prints the times at which things happened, by the clock of all processes


def come_up(*steps: str) -> None:
    """Start as the program does; tell when the welcome page is painted, and what comes of each of ``steps``."""
    from PyQt6.QtCore import QEvent, QObject, QTimer
    from PyQt6.QtWidgets import QApplication

    from gui import app as gui_app

    class Painted(QObject):
        """Hears of the first paint of the window that it watches."""

        is_done = False

        def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
            if event is not None and event.type() == QEvent.Type.UpdateRequest and not self.is_done:
                self.is_done = True
                QTimer.singleShot(0, lambda: tell("painted"))
            return False

    class Watched(gui_app.Companion):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            self.painted = Painted(self)
            self.window.installEventFilter(self.painted)

        def begin(self, path: str | None = None) -> None:
            super().begin(None)
            run = Run(self, list(steps))
            QTimer.singleShot(0, run.go_on)

    class Run(QObject):
        """Goes through the steps, one when the one before it is done."""

        def __init__(self, companion: Any, steps: list[str]) -> None:
            super().__init__(companion)
            self.companion, self.steps, self.wanted = companion, steps, ""
            self.timer = QTimer(self, interval=2)
            self.timer.timeout.connect(self.look)

        def go_on(self) -> None:
            if not self.steps:
                QTimer.singleShot(200, QApplication.closeAllWindows)
                return
            step = self.steps.pop(0)
            if step.startswith("wait "):
                QTimer.singleShot(int(step.split()[1]), self.go_on)
                return
            self.wanted, _, path = step.partition(" ")
            if path:
                tell("asked")
                self.companion.opening.open(path)
            self.timer.start()

        def look(self) -> None:
            document, workspace = self.companion.document, self.companion.workspace
            views = workspace.mixer.area.views()
            has_strips = document.info is not None and any(v.isVisible() and v.strip is not None for v in views)
            is_there = has_strips if self.wanted == "strips" else document.proposal is not None
            if is_there:
                self.timer.stop()
                self.companion.window.repaint()
                tell(self.wanted)
                self.go_on()

    gui_app.Companion = Watched  # type: ignore[misc]
    sys.exit(gui_app.run(None))


def tell(what: str) -> None:
    """Print when it happened."""
    sys.stdout.write(json.dumps({what: time.monotonic()}) + "\n")
    sys.stdout.flush()


# --- here


def run_child(*steps: str) -> dict[str, float]:
    """When what happened in a window of its own, seconds since it was started."""
    with tempfile.TemporaryDirectory() as folder:
        places = {"MIXASSIST_DATA": f"{folder}/data", "MIXASSIST_CONFIG": f"{folder}/config"}
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **places}
        command = [sys.executable, __file__, _CHILD, *steps]
        start_s = time.monotonic()
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True, cwd=folder
        )
    times: dict[str, float] = {}
    for line in done.stdout.splitlines():
        times |= {what: at_s - start_s for what, at_s in json.loads(line).items()}
    return times


def first_window(_song: Path) -> dict[str, Any]:
    """(a)"""
    seconds = spread([run_child()["painted"] for _ in range(REPEATS)])
    say("first window", seconds, f"at most {FIRST_S:g} s", seconds["median"] <= FIRST_S)
    return {"seconds": seconds}


def strips(song: Path) -> dict[str, Any]:
    """(b)"""
    found = {}
    for name, pause_ms in (("cold", 0), ("warm", 6000)):
        runs = [run_child(f"wait {pause_ms}", f"strips {song}") for _ in range(FEW_REPEATS)]
        seconds = spread([run["strips"] - run["asked"] for run in runs])
        say(f"strips, workshop {name}", seconds, f"at most {STRIPS_S:g} s", seconds["median"] <= STRIPS_S)
        found[name] = seconds
    return found


def suggestions(song: Path) -> dict[str, Any]:
    """(c)"""
    runs: dict[str, list[float]] = {"command line": [], "window": []}
    for _ in range(FEW_REPEATS):
        runs["command line"].append(run_program("suggest", str(song))["seconds"])
        runs["window"].append(run_child(f"proposal {song}")["proposal"])
    line, window = (spread(seconds) for seconds in runs.values())
    more = window["median"] / line["median"] - 1.0
    say("suggestions, command line", line, "", True)
    text = f"{more:+.0%}, at most {MOST_MORE:+.0%}"
    say("suggestions, window", window, text, more <= MOST_MORE)
    return {"command_line": line, "window": window, "more": more}


def stalls(song: Path) -> dict[str, Any]:
    """(d)"""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "tests" / "stalls.py"), folder, str(song)]
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=True, cwd=folder
        )
    stages: dict[str, Any] = json.loads(done.stdout)
    for name, stage in stages.items():
        for kind, row in stage.items():
            if row["count"]:
                slowest = f" {row['slowest'][0][1]}" if row["worst"] > FRAME_MS else ""
                print(
                    f"{name:24} {kind:6} {row['count']:6} median {row['median']:6.2f} ms, p99 {row['p99']:6.1f}, "
                    f"worst {row['worst']:6.1f}{slowest}"
                )
    return stages


def say(what: str, seconds: dict[str, float], limit: str, is_kept: bool) -> None:
    """A line of the table."""
    verdict = "" if not limit else f"; {limit}: {'PASS' if is_kept else 'FAIL'}"
    print(
        f"{what:26} {seconds['median']:6.2f} s ({seconds['min']:.2f}-{seconds['max']:.2f}){verdict}",
        flush=True,
    )


_PARTS: dict[str, tuple[str, Callable[[Path], dict[str, Any]]]] = {
    "a": ("first window", first_window),
    "b": ("strips", strips),
    "c": ("suggestions", suggestions),
    "d": ("stalls", stalls),
}


def main() -> None:
    """Measure what is asked for, print and record."""
    if sys.argv[1:2] == [_CHILD]:
        come_up(*sys.argv[2:])
    song = SONGS / "sodium"
    for part in sys.argv[1:] or PARTS:
        name, measure = _PARTS[part]
        if part != "a" and not song.is_dir():
            print(f"{name}: skipped, ../shared/data is missing")
            continue
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
        figures = measure(song)
        record("speed_window", {"part": name, "load": load, **figures})


if __name__ == "__main__":
    main()
