"""The real window beside a DAW, driven as a user does, for tests; and what it must have made of it, worked out anew.

Contents: :class:`Toys`, :class:`DawWindow`, :func:`threads_sockets_processes`, :func:`write_stems`,
:func:`decided_values`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import soundfile
from PyQt6.QtCore import QEvent, Qt
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from toy_daw import ToySurface
from windows import children

from assistant.decisions import Decisions, decided_mix
from assistant.mix import Mix
from gui.app import Companion, Surroundings
from gui.models.strips import Strip
from gui.views.strip import StripView
from protocols.daw import Control, DawTrack, Event
from protocols.daws import DawKind
from protocols.desk import changes_to
from protocols.journal import Journal
from protocols.link import Daw
from protocols.timing import Timing
from protocols.transport import Transport

QUICK = Timing(
    quiet_s=0.04, wait_s=0.03, longest_wait_s=0.04, asks=6, tells=3, alive_s=0.1, silence_s=0.5, return_s=2.0
)
_Left, _NoKey = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Toys:
    """Opens links to toys, whose sessions lie in ``folder``; None for nobody knows where."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def __call__(
        self,
        name: str,
        host: str,
        port: int | None,
        reply_port: int | None,
        *,
        journal: Journal | None,
        listener: Callable[[Event], None],
    ) -> tuple[Daw, DawKind]:
        folders = (self.folder,) if self.folder is not None else ()
        kind = DawKind(ToySurface, lambda daw, timeout_s: (), lambda session: folders)
        return Daw(ToySurface(), lambda: Transport(port or 9, host, reply_port), journal, QUICK, listener), kind


class DawWindow:
    """A companion in its window; a context manager that closes it and sees that nothing of it is left."""

    def __init__(self, qtbot: QtBot, surroundings: Surroundings) -> None:
        self._qtbot = qtbot
        self._left = threads_sockets_processes()
        self.companion = Companion(surroundings)
        self.companion.window.resize(1_440, 900)
        self.companion.window.show()
        self.companion.begin()
        self.document, self.link = self.companion.document, self.companion.link
        self.workspace = self.companion.workspace

    def __enter__(self) -> DawWindow:
        return self

    def __exit__(self, *_: object) -> None:
        self.companion.close()
        self.companion.window.close()
        self.companion.window.deleteLater()
        self.companion.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        threads, sockets, processes = threads_sockets_processes()
        assert threads <= self._left[0]
        assert sockets <= self._left[1]
        assert processes <= self._left[2]

    def wait(self, is_so: Callable[[], bool], timeout_s: float = 10.0) -> float:
        """Let the window live until ``is_so()``; how long that took, s."""
        begun_s = time.monotonic()
        self._qtbot.waitUntil(is_so, timeout=round(1e3 * timeout_s))
        return time.monotonic() - begun_s

    def live(self, seconds: float) -> None:
        """Let the window live for a while."""
        self._qtbot.wait(round(1e3 * seconds))

    # --- the DAW

    def connect(self, kind: str, port: int) -> None:
        """By the card on the first page."""
        card = self.companion.welcome.daw
        card.form.kind.setCurrentIndex(card.form.kind.findData(kind))
        card.form.kind.activated.emit(card.form.kind.currentIndex())
        card.form._port.setValue(port)
        self._qtbot.mouseClick(card._connect, _Left)

    def wait_for_suggestions(self, timeout_s: float = 20.0) -> None:
        """Until the DAW's session is shown with what is proposed for it, and both are in step."""
        self.wait(lambda: self.document.desk is not None and self.document.proposal is not None, timeout_s)
        self.wait(lambda: self.workspace.daw._is_in_step)

    def wait_until_sent(self, timeout_s: float = 20.0) -> float:
        """Until nothing is on its way any more; how long that took, s."""
        return self.wait(
            lambda: not self.link.pushes.is_busy and not any(map(self.document.is_in_flight, self.document.names)),
            timeout_s,
        )

    @property
    def messages(self) -> str:
        """The message that is shown and those that wait behind it, "" for none."""
        return "\n".join(notice.text for notice in self.companion.notices.messages._waiting)

    def act(self, text: str) -> None:
        """Wait for the message with ``text``, close those before it, and press its button."""
        strip = self.companion.notices.messages
        self.wait(lambda: text in self.messages)
        QApplication.processEvents()  # it has its place when it is drawn, not before
        while strip.shown is not None and text not in strip.shown.text:
            self._qtbot.mouseClick(strip._close, _Left)
        self._qtbot.mouseClick(strip._action, _Left)

    # --- the mixer

    def strip(self, name: str) -> Strip:
        """What is shown of a track."""
        return self.workspace.strips.strip(self.document.row(name))

    def view(self, name: str) -> StripView:
        """The widget of a track."""
        row = self.document.row(name)
        self.workspace.mixer.area.reveal(row)
        self.wait(lambda: self.workspace.mixer.area.view_of(row) is not None)
        found = self.workspace.mixer.area.view_of(row)
        assert found is not None
        return found

    def accept(self, name: str) -> None:
        """Press the button of its strip."""
        self._qtbot.mouseClick(self.view(name).accept, _Left)

    def reject(self, name: str) -> None:
        """Press the button of its strip."""
        self._qtbot.mouseClick(self.view(name).reject, _Left)

    def trigger(self, action: str) -> None:
        """Choose from the menus."""
        self.companion.actions[action].trigger()


def threads_sockets_processes() -> tuple[set[threading.Thread], int, set[int]]:
    """What there is of this process: its threads, how many sockets it has open (0 where that is not told), children."""
    open_files = Path("/proc/self/fd")
    links = [os.readlink(file) for file in open_files.iterdir() if file.is_symlink()] if open_files.is_dir() else []
    return set(threading.enumerate()), sum(link.startswith("socket:") for link in links), children()


def write_stems(folder: Path, names: Iterable[str], seconds: float = 1.0) -> Path:
    """A folder of short mono stems."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    for name in names:
        soundfile.write(folder / f"{name}.wav", rng.normal(0.0, 0.1, round(44_100 * seconds)), 44_100, "PCM_16")
    return folder


def decided_values(
    held: Mapping[Control, float], tracks: Sequence[DawTrack], before: Mix, proposal: Mix, decisions: Decisions
) -> dict[Control, float]:
    """What a DAW that held ``held`` holds once it has been told ``decisions``, all of it worked out anew."""
    changes = changes_to(decided_mix(before, proposal, decisions), tracks, held)
    return {**held, **{Control(change.track, change.param): change.new for change in changes}}
