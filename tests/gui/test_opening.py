"""What is watched and suggested for one session has nothing to do with the next, nor with what a DAW says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.audio.formats import file_name
from assistant.mix import Session, Track
from gui.connections.background import Background
from gui.connections.making import Making
from gui.connections.opening import Opening
from gui.models.autosave import Autosave
from gui.models.document import Document
from gui.models.preferences import Preferences
from gui.tasks import Tasks
from gui.views.automatic import AutomaticPage
from gui.views.notices import Notices
from gui.workshop.remote import Workshop
from gui.workshop.values import SessionInfo


class Place:
    """A document with what opens sessions into it, and a disk."""

    def __init__(self, folder: Path) -> None:
        self.document, self.notices = Document(), Notices()
        self.disk = Tasks(1)
        self.preferences = Preferences(folder)
        self.opening = Opening(
            self.document,
            Workshop(),
            self.disk,
            self.disk,
            Autosave(folder),
            self.preferences,
            self.notices,
            Background(self.notices.busy),
        )


@pytest.fixture
def place(qtbot: Any, tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path / "kept")
    qtbot.addWidget(place.notices)
    yield place
    place.opening.close()
    assert place.disk.close()


def info(path: Path, **changed: Any) -> SessionInfo:
    tracks = (Track("bass"), Track("vox"))
    return replace(SessionInfo(str(path), path.name, Session(tracks, 48_000)), **changed)


def test_a_change_to_the_session_before_is_not_told_of_the_next(place: Place, qtbot: Any, tmp_path: Path) -> None:
    place.opening._opened("one", info(tmp_path / "one", stamps={str(tmp_path / "gone.wav"): (1, 1)}), None)
    place.opening._look()
    place.opening.close()
    place.opening._opened("two", info(tmp_path / "two"), None)
    done: list[object] = []
    place.disk.run_task(lambda progress, is_cancelled: None, done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert place.notices.messages.shown is None


def test_what_was_told_of_the_files_goes_with_the_session(place: Place, qtbot: Any, tmp_path: Path) -> None:
    place.opening._opened("one", info(tmp_path / "one", stamps={str(tmp_path / "gone.wav"): (1, 1)}), None)
    place.opening._look()
    qtbot.waitUntil(lambda: place.notices.messages.shown is not None)
    place.opening.close()
    assert place.notices.messages.shown is None


@pytest.mark.parametrize("name", ["/etc/cron.d/song", "../../song", "a\nb", "..", "x" * 400, "\udcff"])
def test_no_session_of_a_daw_names_a_place(place: Place, qtbot: Any, tmp_path: Path, name: str) -> None:
    page = AutomaticPage(place.preferences)
    qtbot.addWidget(page)
    making = Making(place.document, Workshop(), place.disk, page)
    place.document.load(info(tmp_path / "song", name=name))
    folder = Path(making._folder())
    assert folder.parent == tmp_path
    assert folder.name.endswith("- mix") or len(name) > 200
    folder.mkdir()  # any system takes it
    assert file_name(name, "mix") not in ("", ".", "..")
