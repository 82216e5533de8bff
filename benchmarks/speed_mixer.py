"""Does the mixer with 100 tracks move at 60 frames a second?

A frame is everything from the step (a scroll, a drag, new levels) until its picture stands: events handled, strips
given another row, painted. Measured are: scrolling across all tracks and back, a wheel's notch a frame, and jumping
anywhere; dragging a fader, every move going through the document and back; and levels of all tracks 30 times a second.
Beside it, in the same run: a scroll area that holds all 100 strips as widgets, the way it is done first. Once drawn
into memory (the platform "offscreen"), and, where Xvfb is there, into a window of an X server.

    python benchmarks/speed_mixer.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from random import Random

from recording import ROOT, record

sys.path += [str(ROOT), str(ROOT / "tests")]

FRAME_MS = 1000.0 / 60.0
TRACKS, FEW = 100, 28
SIZE = (1280, 760)
DRAGS, LEVELS, JUMPS = 120, 120, 40
_CHILD = "--child"
#: Milliseconds that passed, and that the process worked: the machine may be busy with other things.
Frame = tuple[float, float]


def measure_here() -> dict[str, object]:
    """Measure in this process, on the platform that it was started with."""
    from PyQt6.QtWidgets import QApplication

    from gui.views import theme

    app = QApplication([])
    theme.apply(app)
    mixers = {"mixer": make_mixer, "all strips as widgets": make_naive}
    figures: dict[str, object] = {"platform": app.platformName()}
    for name, make in mixers.items():
        figures[name] = {f"{tracks} tracks": measure(app, make, tracks) for tracks in (FEW, TRACKS)}
    return figures


def measure(app, make: Callable, tracks: int) -> dict[str, dict[str, float]]:  # type: ignore[no-untyped-def]
    """Frame times of one mixer, ms."""
    from mixer_song import make_document

    document = make_document(tracks)
    made = []

    def open_mixer() -> None:
        made.append(make(document))
        made[0].resize(*SIZE)
        made[0].show()
        settle(app)

    found = {"open": [timed(app, open_mixer)]}
    mixer = made[0]
    found["scroll"] = [timed(app, step) for step in mixer.scroll_steps()]
    rng = Random(0)
    places = [rng.random() for _ in range(JUMPS)]
    found["jump anywhere"] = [timed(app, lambda share=share: mixer.jump(share)) for share in places]
    mixer.jump(0.0)
    settle(app)
    found["drag a fader"] = drag(app, mixer)
    found["levels"] = [timed(app, lambda: mixer.set_levels(levels(document.names, rng))) for _ in range(LEVELS)]
    mixer.close()
    mixer.deleteLater()
    settle(app)
    return {name: summary(times) for name, times in found.items()}


def settle(app) -> None:  # type: ignore[no-untyped-def]
    """Handle all that waits."""
    for _ in range(50):
        app.processEvents()


def timed(app, step: Callable[[], object]) -> Frame:  # type: ignore[no-untyped-def]
    """Milliseconds from ``step`` until its picture stands: passed, and worked by this process."""
    passed, worked = time.perf_counter(), time.process_time()
    step()
    app.processEvents()
    app.processEvents()
    return 1000.0 * (time.perf_counter() - passed), 1000.0 * (time.process_time() - worked)


def drag(app, mixer) -> list[Frame]:  # type: ignore[no-untyped-def]
    """Move the first fader up and down with the left button held."""
    from PyQt6.QtCore import QPoint, Qt
    from PyQt6.QtTest import QTest

    fader = mixer.first_fader()
    place = QPoint(fader.width() // 2, round(fader.cap_y))
    QTest.mousePress(fader, Qt.MouseButton.LeftButton, pos=place)
    times = []
    for k in range(DRAGS):
        there = place + QPoint(0, (k + 1) % 40 - 20)
        times.append(timed(app, lambda there=there: move(fader, there)))
    QTest.mouseRelease(fader, Qt.MouseButton.LeftButton, pos=place)
    return times


def move(widget, place) -> None:  # type: ignore[no-untyped-def]
    """The mouse moves over ``widget`` with the left button held."""
    from PyQt6.QtCore import QEvent, QPointF, Qt
    from PyQt6.QtGui import QMouseEvent
    from PyQt6.QtWidgets import QApplication

    there = QPointF(place)
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, there, QPointF(widget.mapToGlobal(place)), left, left, none)
    QApplication.sendEvent(widget, event)


def levels(names: tuple[str, ...], rng: Random) -> dict[str, float]:
    """Peaks as of music."""
    return {name: rng.gauss(-18.0, 6.0) for name in names}


def summary(frames: list[Frame]) -> dict[str, float]:
    """Median and worst of both times, and how many frames were too long."""
    passed, worked = (sorted(times) for times in zip(*frames, strict=True))
    return {
        "median": passed[len(passed) // 2],
        "worst": passed[-1],
        "late": sum(t > FRAME_MS for t in passed),
        "worked_median": worked[len(worked) // 2],
        "worked_worst": worked[-1],
        "worked_late": sum(t > FRAME_MS for t in worked),
        "frames": len(frames),
    }


def make_mixer(document):  # type: ignore[no-untyped-def]
    """The companion's mixer."""
    from mixer_song import connect

    from gui.models.strips import StripsModel
    from gui.views.mixer import Mixer

    class Measured(Mixer):
        def scroll_steps(self):  # type: ignore[no-untyped-def]
            return scroll_steps(self.area.across, self.area.strip_width())

        def jump(self, share: float) -> None:
            self.area.across.setValue(round(share * self.area.across.maximum()))

        def first_fader(self):  # type: ignore[no-untyped-def]
            return self.area.view_of(0).fader

    model = StripsModel(document, document)
    mixer = Measured(model)
    connect(mixer, document)
    return mixer


def scroll_steps(bar, wide: int):  # type: ignore[no-untyped-def]
    """To the end and back, three quarters of a strip each."""
    step = round(0.75 * wide)
    there = range(0, bar.maximum(), step)
    return [lambda at=at: bar.setValue(at) for at in (*there, *reversed(there))]


def make_naive(document):  # type: ignore[no-untyped-def]
    """Every strip a widget in a scroll area; the same strips, the same model."""
    from PyQt6.QtWidgets import QHBoxLayout, QScrollArea, QWidget

    from gui.models.strips import StripsModel
    from gui.views.strip import StripView
    from gui.views.strip_area import USUAL
    from gui.views.value_control import ScrollClock

    class Naive(QScrollArea):
        def __init__(self) -> None:
            super().__init__()
            self.model = StripsModel(document, document)
            inside = QWidget()
            layout = QHBoxLayout(inside)
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
            self.views = []
            for row in range(self.model.rowCount()):
                view = StripView(ScrollClock(), inside)
                view.setFixedWidth(USUAL)
                view.show_strip(self.model.strip(row))
                view.values_changed.connect(document.set_values)
                layout.addWidget(view)
                self.views.append(view)
            self.setWidgetResizable(True)
            self.setWidget(inside)
            self.model.dataChanged.connect(self.refresh)

        def refresh(self, first, last) -> None:  # type: ignore[no-untyped-def]
            for row in range(first.row(), last.row() + 1):
                self.views[row].show_strip(self.model.strip(row))

        def set_levels(self, levels_db) -> None:  # type: ignore[no-untyped-def]
            now_s = time.monotonic()
            for view in self.views:
                view.meter.set_level(levels_db[view.strip.name], now_s)

        def scroll_steps(self):  # type: ignore[no-untyped-def]
            return scroll_steps(self.horizontalScrollBar(), USUAL)

        def jump(self, share: float) -> None:
            bar = self.horizontalScrollBar()
            bar.setValue(round(share * bar.maximum()))

        def first_fader(self):  # type: ignore[no-untyped-def]
            return self.views[0].fader

    return Naive()


def run(prefix: list[str], platform: str) -> dict[str, object]:
    """Measure in a process of its own."""
    env = {**os.environ, "QT_QPA_PLATFORM": platform}
    command = [*prefix, sys.executable, __file__, _CHILD]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=True)
    figures: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return figures


def show(figures: dict[str, object]) -> None:
    """Print one platform's figures."""
    print(f"\n{figures['platform']}; a frame may take {FRAME_MS:.1f} ms")
    for name, by_tracks in figures.items():
        if isinstance(by_tracks, dict):
            for tracks, found in by_tracks.items():
                for what, of in found.items():
                    late = "" if what == "open" else f", {of['late']} of {of['frames']} late"
                    worked = f"(worked {of['worked_median']:.1f}, {of['worked_worst']:.1f})"
                    passed = f"{of['median']:6.1f} ms, worst {of['worst']:6.1f} {worked}"
                    print(f"  {name:21} {tracks:10} {what:13} {passed}{late}")


def main() -> None:
    """Measure on both platforms, print and record."""
    if _CHILD in sys.argv:
        print(json.dumps(measure_here()))
        return
    runs = [run([], "offscreen")]
    if shutil.which("xvfb-run"):
        runs.append(run(["xvfb-run", "-a", "-s", "-screen 0 1400x900x24"], "xcb"))
    for figures in runs:
        show(figures)
    record("speed_mixer", {"frame_ms": FRAME_MS, "runs": runs})


if __name__ == "__main__":
    main()
