"""How long the window's thread is held up while a session is worked on: run as a program of its own.

    python tests/stalls.py FOLDER SESSION

Every event that Qt delivers is timed, and everything that the script does itself. From the time on the clock is taken
what the thread waited for a processor (Linux tells that): other programs are not the window's doing. A timer that
should come every 4 ms tells how long the loop stood still. Prints one JSON object: for each stage ``events`` and
``stalls``, ms, the slowest with what they were.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from windows import Window, window_on  # noqa: E402 - it is found beside this file

HEART_MS = 4
_WORST = 6
#: The receivers of these may be half made, or half gone: better not looked at.
_OF_LIFE = {
    QEvent.Type.ChildAdded,
    QEvent.Type.ChildPolished,
    QEvent.Type.ChildRemoved,
    QEvent.Type.DeferredDelete,
}


class Clock:
    """The time of this thread, s, without what it waited for a processor."""

    def __init__(self) -> None:
        try:
            self._file = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        except OSError:
            self._file = -1

    def now(self) -> float:
        """Seconds from some time on."""
        waited_ns = 0 if self._file < 0 else int(os.pread(self._file, 80, 0).split()[1])
        return time.perf_counter() - waited_ns / 1e9


class Stages:
    """What was measured: by stage, the events and stalls as (ms, what)."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.found: dict[str, dict[str, list[tuple[float, str]]]] = {}
        self.begin("window")

    def begin(self, name: str) -> None:
        """What comes now belongs to the stage ``name``."""
        self._stage = self.found.setdefault(name, {"events": [], "stalls": []})
        self._beat_s = self.clock.now()

    def add(self, kind: str, took_s: float, what: str) -> None:
        """Something took so long."""
        self._stage[kind].append((1e3 * took_s, what))

    def do(self, what: str, work: Callable[[], Any]) -> Any:
        """Do it, and note how long it took."""
        start_s = self.clock.now()
        result = work()
        self.add("events", self.clock.now() - start_s, what)
        return result

    def beat(self) -> None:
        """The heart's timer came."""
        now_s = self.clock.now()
        self.add("stalls", max(now_s - self._beat_s - HEART_MS / 1e3, 0.0), "")
        self._beat_s = now_s

    def summary(self) -> dict[str, Any]:
        """Median, 99th of a hundred and worst of each, and what the slowest events were."""
        return {name: {kind: _summary(rows) for kind, rows in stage.items()} for name, stage in self.found.items()}


def _summary(rows: list[tuple[float, str]]) -> dict[str, Any]:
    ordered = sorted(rows)
    if not ordered:
        return {"count": 0}
    return {
        "count": len(ordered),
        "median": ordered[len(ordered) // 2][0],
        "p99": ordered[min(int(0.99 * len(ordered)), len(ordered) - 1)][0],
        "worst": ordered[-1][0],
        "slowest": [[round(ms, 2), what] for ms, what in ordered[: -_WORST - 1 : -1]],
    }


class TimedApplication(QApplication):
    """Times every event, with those that it sends in turn."""

    stages: Stages | None = None
    _is_inside = False

    def notify(self, receiver: QObject | None, event: QEvent | None) -> bool:
        """Qt: deliver."""
        if self._is_inside or self.stages is None or receiver is None or event is None:
            return super().notify(receiver, event)
        if event.type() in _OF_LIFE:
            return super().notify(receiver, event)
        what, self._is_inside = _what(receiver, event), True
        start_s = self.stages.clock.now()
        try:
            return super().notify(receiver, event)
        finally:
            self._is_inside = False
            self.stages.add("events", self.stages.clock.now() - start_s, what)


def _what(receiver: QObject, event: QEvent) -> str:
    parent = receiver.parent()
    above = "" if parent is None else f" of {type(parent).__name__}"
    return f"{event.type().name} to {type(receiver).__name__}{above}"


def work_on(window: Window, session: str, stages: Stages) -> None:
    """Open, listen, decide, look into it and play, as a user in a hurry."""
    document, companion = window.document, window.companion
    stages.begin("open")
    stages.do("open", lambda: companion.opening.open(session))
    window.wait(lambda: document.info is not None, "the session")
    settle()
    stages.begin("listen")
    scrolling(window, stages, lambda: document.proposal is not None and not companion.proposing.is_busy)
    stages.begin("suggestions shown")
    QTest.qWait(1500)
    stages.begin("decide")
    decide(window, stages)
    stages.begin("first insight")
    stages.do("insight", lambda: companion.workspace.open_insight(1))
    window.wait(lambda: companion.workspace.track_view._insight is not None, "the insight")
    settle()
    stages.begin("insight")
    look(window, stages)
    stages.begin("first insight of the mix")
    stages.do("the mix", companion.workspace.insight.show_mix)
    window.wait(lambda: companion.workspace.mix_view._insight is not None, "the insight of the mix")
    settle()
    stages.begin("insight of the mix")
    stages.do("reject", lambda: document.decide([3], "rejected"))
    QTest.qWait(1000)
    stages.begin("back to the mixer")
    window.trigger("suggest")
    settle()
    stages.begin("play")
    play(window, stages)


def settle() -> None:
    """Let what was begun be finished."""
    QTest.qWait(300)


def scrolling(window: Window, stages: Stages, is_over: Callable[[], bool]) -> None:
    """Scroll through the mixer until it ``is_over``."""
    bar = window.companion.workspace.mixer.area.horizontalScrollBar()
    step, deadline_s = 40, time.monotonic() + 200.0
    while not is_over():
        assert time.monotonic() < deadline_s, window.told()
        there = bar.value() + step
        if not 0 <= there <= bar.maximum():
            step = -step
        stages.do("scroll", lambda there=there: bar.setValue(there))
        QTest.qWait(16)


def decide(window: Window, stages: Stages) -> None:
    """Decide on many, and on all; drag a fader; undo."""
    document, names = window.document, window.document.names
    for name in names[:6]:
        stages.do("decide on a strip", lambda name=name: window.press_on_strip(name, Qt.Key.Key_A))
        QTest.qWait(30)
    strip = window.strip_of(names[0])
    place = QPointF(strip.fader.width() / 2, strip.fader.cap_y)
    window.drag(strip.fader, place, QPoint(0, 60), steps=40)
    QTest.qWait(300)
    for name in ("accept_all", "reject_all", "reset_all"):
        stages.do(name, lambda name=name: window.trigger(name))
        QTest.qWait(300)
    for number in range(4):
        stages.do("undo", document.undo_stack.undo)
        QTest.qWait(60 + number)


def look(window: Window, stages: Stages) -> None:
    """From track to track, and drag a band."""
    workspace = window.companion.workspace
    for row in range(2, 8):
        stages.do("another track", lambda row=row: workspace.choose(row))
        QTest.qWait(250)
    plot = workspace.track_view.page.eq
    handle = next(h for h in plot.handles() if h.name == "peak2" and not h.is_ghost)
    window.drag(plot.viewport(), plot.to_pixel(handle.x, handle.y), QPoint(30, -60), steps=40)
    QTest.qWait(1000)


def play(window: Window, stages: Stages) -> None:
    """Play, with every version and one track alone."""
    player = window.companion.workspace.player
    player.set_muted(True)
    stages.do("play", lambda: window.trigger("play"))
    window.wait(lambda: player.position_s > 0.2, "the song")
    for name in ("before", "accepted", "proposed"):
        stages.do(name, lambda name=name: window.trigger(f"hear_{name}"))
        QTest.qWait(400)
    stages.do("solo", lambda: window.document.set_soloed(2, True))
    QTest.qWait(500)
    stages.do("stop", lambda: window.trigger("play"))


def main(folder: str, session: str) -> None:
    """Measure, and print."""
    app = TimedApplication([])
    stages = Stages()
    app.stages = stages
    with window_on(Path(folder)) as window:
        heart = QTimer(interval=HEART_MS)
        heart.setTimerType(Qt.TimerType.PreciseTimer)
        heart.timeout.connect(stages.beat)
        settle()
        heart.start()
        work_on(window, session, stages)
        stages.begin("close")
        heart.stop()
    app.stages = None
    sys.stdout.write(json.dumps(stages.summary()) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
