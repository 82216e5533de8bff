"""The real window for tests: opened offscreen, driven with mouse and keys, and ended whatever becomes of the test.

Contents: :class:`Window`, :func:`window_on`, :func:`children`, :func:`write_song`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile
from PyQt6 import sip
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget

from gui.app import Companion, Surroundings
from gui.models.autosave import FOLDER_VARIABLE
from gui.models.preferences import Preferences
from gui.views import theme
from gui.views.strip import StripView

LEFT = Qt.MouseButton.LeftButton
RATE = 44_100


class Window:
    """A companion on the screen that is none, and what a user does with it."""

    def __init__(self, companion: Companion) -> None:
        self.companion, self.document = companion, companion.document
        self.notices, self.window = companion.notices, companion.window

    # --- waiting

    def wait(self, is_so: Callable[[], object], what: str, timeout_s: float = 30.0) -> None:
        """Let the window run until ``is_so``; fails with ``what`` was waited for and what the window said."""
        deadline = time.monotonic() + timeout_s
        while not is_so():
            assert time.monotonic() < deadline, f"waited {timeout_s:g} s for {what}; told: {self.told()}"
            QTest.qWait(5)

    def open(self, path: str | Path) -> None:
        """Open a session and wait until it is there."""
        self.companion.opening.open(str(path))
        self.wait(lambda: self.document.info is not None, "the session")

    def wait_proposal(self, timeout_s: float = 60.0) -> None:
        """Wait until there is a proven proposal and nothing more on its way."""
        proposing = self.companion.proposing
        self.wait(lambda: self.document.proposal is not None and not proposing.is_busy, "suggestions", timeout_s)

    # --- looking

    def told(self) -> list[str]:
        """The messages that are shown or wait, the one that is seen first."""
        return [notice.text for notice in self.notices.messages._waiting]

    def says(self, text: str) -> bool:
        """Whether a message holds ``text``."""
        return any(text in said for said in self.told())

    @property
    def is_welcome(self) -> bool:
        """Whether the first page is shown, and can be used."""
        return self.companion.welcome.isVisible() and self.companion.welcome.isEnabled()

    def strip_of(self, name: str) -> StripView:
        """The strip of a track, scrolled to."""
        row = self.document.row(name)
        area = self.companion.workspace.mixer.area
        area.reveal(row)
        self.wait(lambda: area.view_of(row) is not None, f"the strip of {name}")
        view: StripView = area.view_of(row)
        return view

    # --- doing

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click with the mouse, in the middle unless said otherwise."""
        QTest.mouseClick(widget, LEFT, pos=at or widget.rect().center())

    def press_on_strip(self, name: str, key: Qt.Key | str) -> None:
        """Go to the strip of a track and strike a key there."""
        view = self.strip_of(name)
        self.click(view, QPoint(view.width() // 2, 12))
        if isinstance(key, str):
            QTest.keyClicks(view, key)
        else:
            QTest.keyClick(view, key)

    def drag(self, widget: QWidget, start: QPointF, by: QPoint, steps: int = 4) -> None:
        """Press, move in ``steps``, let go."""
        place = start.toPoint()
        QTest.mousePress(widget, LEFT, pos=place)
        for step in range(1, steps + 1):
            self._move(widget, QPointF(place + by * step / steps))
        QTest.mouseRelease(widget, LEFT, pos=place + by)

    def _move(self, widget: QWidget, there: QPointF) -> None:
        """Qt's own moving of the mouse has no button held."""
        everywhere = widget.mapToGlobal(there)
        event = QMouseEvent(QEvent.Type.MouseMove, there, everywhere, LEFT, LEFT, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(widget, event)

    def trigger(self, name: str) -> None:
        """A menu's action."""
        action = self.companion.actions[name]
        assert action.isEnabled(), f"{name} cannot be chosen"
        action.trigger()

    def answer_notice(self) -> None:
        """Press the button of the message that is seen."""
        QApplication.processEvents()  # it has its place when it is drawn, not before
        button = self.notices.messages._action
        assert button.isVisible()
        self.click(button)


@contextmanager
def window_on(
    folder: Path, path: str | None = None, work: str = "gui.workshop.work:Work", *, is_clean: bool = True
) -> Iterator[Window]:
    """A companion that keeps everything in ``folder``, on the session at ``path``.

    At the end the window is closed, and no thread and no child process may be left that was not there before, unless
    ``is_clean`` is False: another window goes on beside it.
    """
    threads, processes = set(threading.enumerate()), children()
    app = QApplication.instance() or QApplication([])
    theme.apply(app)  # type: ignore[arg-type]
    companion = _companion(folder, work)
    try:
        companion.window.show()
        companion.window.activateWindow()
        companion.begin(path)
        yield Window(companion)
    finally:
        companion.window.close()
        for thing in (companion.window, companion):
            thing.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert sip.isdeleted(companion)
    assert not is_clean or set(threading.enumerate()) <= threads, "a thread survives"
    assert not is_clean or children() <= processes, "a process survives"


def _companion(folder: Path, work: str) -> Companion:
    """Its folders are read from the environment once, when it is made."""
    was = os.environ.get(FOLDER_VARIABLE)
    os.environ[FOLDER_VARIABLE] = str(folder / "data")
    try:
        return Companion(Surroundings(work=work, preferences=Preferences(folder / "config")))
    finally:
        if was is None:
            del os.environ[FOLDER_VARIABLE]
        else:
            os.environ[FOLDER_VARIABLE] = was


def children(process: int | None = None) -> set[int]:
    """The processes that ``process`` (this one) has started and that run; empty where there is no ``/proc``."""
    wanted, found = str(process or os.getpid()), set()
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it has just ended
            continue
        if parent == wanted and state != "Z":
            found.add(int(file.parent.name))
    return found


def write_song(folder: Path, tracks: int = 3, seconds: float = 4.0, rate: int = RATE) -> Path:
    """A folder of ``tracks`` short stems that an engineer finds something to do for, in turns: bass, drums, voice."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(tracks)
    time_s = np.arange(round(seconds * rate)) / rate
    bass = 0.3 * np.sin(2 * np.pi * 55.0 * time_s) * (0.3 + 0.7 * (time_s % 0.5 < 0.3))
    hits = rng.standard_normal(len(time_s)) * np.exp(-((time_s % 0.25) / 0.04)) * 0.4
    voice = 0.1 * sum(np.sin(2 * np.pi * 220.0 * k * time_s) / k for k in range(1, 9)) * (time_s % 2.0 < 1.5)
    sounds = {"bass": bass, "drum loop": hits, "lead vocal": voice}
    for number in range(tracks):
        name = list(sounds)[number % len(sounds)]
        noise = 0.003 * rng.standard_normal(len(time_s))
        title = name if number < len(sounds) else f"{name} {number // len(sounds) + 1}"
        soundfile.write(folder / f"{title}.wav", (sounds[name] + noise).astype(np.float32), rate, subtype="FLOAT")
    return folder
