"""Whatever goes wrong around the window: what was decided is not lost, it is said clearly, and the window goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PyQt6.QtTest import QTest
from windows import Window, children, window_on, write_song

from assistant.decisions import Decisions, TrackDecision, decisions_from_dict
from assistant.mix import parse_json
from gui.models.autosave import Autosave, Saved

TOY = "song_work:SongWork"
ACCEPTED = TrackDecision().with_parts("accepted")
REJECTED = TrackDecision().with_parts("rejected")
DECIDED = Decisions({"bass": ACCEPTED, "drum loop": REJECTED})
#: What closing may take, whatever is going on, s.
CLOSED_S = 3.0
TESTS = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _findable(monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    """The workshop finds the toy work."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS), str(TESTS.parent)]))


@pytest.fixture(scope="module")
def stems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("stems") / "song", seconds=0.5)


@pytest.fixture
def song(stems: Path, tmp_path: Path) -> Path:
    return copied(stems, tmp_path / "My Song")


def copied(song: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in song.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    with window_on(tmp_path, work=TOY) as window:
        yield window


def open_and_decide(window: Window, song: Path) -> None:
    window.open(song)
    window.wait_proposal()
    window.press_on_strip("bass", "a")
    window.press_on_strip("drum loop", "r")
    assert window.document.decisions == DECIDED


def kept(folder: Path) -> list[Decisions]:
    """What is on disk."""
    texts = [file.read_text() for file in (folder / "data" / "sessions").glob("*.json")]
    return [decisions_from_dict(parse_json(text)["decisions"]) for text in texts]


# --- files


def test_a_session_that_vanished(window: Window, song: Path, tmp_path: Path) -> None:
    window.companion.opening.open(str(tmp_path / "gone"))
    window.wait(lambda: window.says("gone"), "a message")
    assert window.is_welcome
    assert not window.notices.busy.is_busy
    window.open(song)
    assert not window.is_welcome
    assert not window.says("gone")


def test_broken_stems_can_be_left_out(window: Window, song: Path) -> None:
    (song / "noise.wav").write_bytes(b"RIFF and nothing more")
    window.companion.opening.open(str(song))
    window.wait(lambda: window.says("noise.wav"), "a message")
    assert window.is_welcome
    assert not window.says("--skip-broken")
    window.answer_notice()
    window.wait_proposal()
    assert window.document.names == ("bass", "drum loop", "lead vocal")


def test_a_folder_of_nothing_but_broken_files(window: Window, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "bass.wav").write_bytes(b"noise")
    window.companion.opening.open(str(tmp_path / "broken"))
    window.wait(lambda: window.says("bass.wav"), "a message")
    assert window.is_welcome


def test_the_workshop_dies_while_it_opens(window: Window, song: Path) -> None:
    window.companion.opening.open(str(song))
    (workshop,) = children()
    os.kill(workshop, signal.SIGKILL)
    window.wait(lambda: window.told(), "a message")
    QTest.qWait(200)
    assert len(window.told()) == 1, window.told()
    assert window.is_welcome
    window.open(song)
    assert window.told() == []


def test_a_file_that_changes_is_read_again_with_what_is_decided(window: Window, song: Path) -> None:
    open_and_decide(window, song)
    write_song(song.parent / "new", seconds=1.0)
    (song.parent / "new" / "bass.wav").replace(song / "bass.wav")
    window.companion.opening._look()
    window.wait(lambda: window.says("Changed or gone since it was read: bass.wav"), "a message")
    window.answer_notice()
    window.wait(lambda: window.document.info is not None and window.document.info.session.duration_s == 1.0, "it")
    window.wait_proposal()
    assert window.document.decisions == DECIDED
    window.companion.opening._look()
    QTest.qWait(100)
    assert window.told() == []


def test_a_file_that_is_gone_takes_no_decision_with_it(window: Window, song: Path, tmp_path: Path) -> None:
    open_and_decide(window, song)
    (song / "bass.wav").rename(tmp_path / "elsewhere.wav")
    (song / "drum loop.wav").rename(tmp_path / "elsewhere too.wav")
    window.companion.opening._look()
    window.wait(lambda: window.says("bass.wav, drum loop.wav"), "a message")
    window.answer_notice()
    window.wait(lambda: window.document.names == ("lead vocal",), "what is left")
    window.trigger("close_session")
    (tmp_path / "elsewhere.wav").rename(song / "bass.wav")
    (tmp_path / "elsewhere too.wav").rename(song / "drum loop.wav")
    window.open(song)
    assert window.document.decisions == DECIDED


def test_a_song_that_is_gone_as_a_whole(window: Window, song: Path, tmp_path: Path) -> None:
    open_and_decide(window, song)
    song.rename(tmp_path / "elsewhere")
    window.companion.opening._look()
    window.wait(lambda: window.says("Changed or gone"), "a message")
    window.answer_notice()
    window.wait(lambda: window.says("My Song"), "another message")
    assert window.is_welcome
    (tmp_path / "elsewhere").rename(song)
    window.open(song)
    assert window.document.decisions == DECIDED


def test_a_broken_preferences_file(tmp_path: Path, song: Path) -> None:
    file = tmp_path / "config" / "preferences.json"
    file.parent.mkdir()
    file.write_text("{not JSON")
    with window_on(tmp_path, work=TOY) as window:
        window.wait(lambda: window.says("The preferences could not be read"), "a message")
        window.companion.preferences.change(amount=0.5)
        window.open(song)
        window.wait_proposal()
    assert file.with_suffix(".broken.json").read_text() == "{not JSON"
    assert parse_json(file.read_text())["amount"] == 0.5


def test_decisions_that_cannot_be_kept(tmp_path: Path, song: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "sessions").write_text("a file where the folder should be")
    with window_on(tmp_path, work=TOY) as window:
        window.open(song)
        assert window.says("decisions are not kept")
        window.wait_proposal()
        window.press_on_strip("bass", "a")
        window.press_on_strip("drum loop", "r")
        window.trigger("reload")
        window.wait_proposal()
        assert window.document.decisions == DECIDED


# --- processes


def test_the_workshop_dies_while_it_listens(window: Window, song: Path) -> None:
    open_and_decide(window, song)
    (song.parent / "hold").touch()
    window.trigger("propose")
    window.wait(lambda: window.notices.busy.isVisible(), "the work")
    (workshop,) = children()
    os.kill(workshop, signal.SIGKILL)
    window.wait(lambda: window.told(), "a message")
    QTest.qWait(200)
    assert len(window.told()) == 1, window.told()
    assert not window.notices.busy.is_busy
    assert window.document.decisions == DECIDED
    (song.parent / "hold").unlink()
    was = window.document.proposal
    window.answer_notice()
    window.wait(lambda: window.document.proposal is not was, "suggestions")
    assert window.document.decisions == DECIDED
    assert children() != {workshop}
    assert window.told() == []


def test_the_workshop_dies_while_nothing_is_asked(window: Window, song: Path) -> None:
    open_and_decide(window, song)
    QTest.qWait(100)
    (workshop,) = children()
    os.kill(workshop, signal.SIGKILL)
    window.wait(lambda: window.told(), "a message")
    figures = window.document.figures
    window.press_on_strip("lead vocal", "r")
    window.wait(lambda: window.document.figures is not figures, "new figures, by a new workshop")


_CRASHING = """
import os, sys, time
from pathlib import Path
from windows import window_on
folder, song, work = sys.argv[1:]
with window_on(Path(folder), work=work) as window:
    window.open(song)
    window.wait_proposal()
    window.press_on_strip("bass", "a")
    window.press_on_strip("drum loop", "r")
    files = Path(folder, "data", "sessions")
    window.wait(lambda: any('"rejected"' in file.read_text() for file in files.glob("*.json")), "the file")
    os._exit(9)
"""


def test_after_a_crash_the_session_comes_back(tmp_path: Path, song: Path) -> None:
    command = [sys.executable, "-c", _CRASHING, str(tmp_path), str(song), TOY]
    assert subprocess.run(command, timeout=60, check=False).returncode == 9
    with window_on(tmp_path, work=TOY) as window:
        window.wait(lambda: window.document.info is not None, "the session")
        assert window.says("did not end well")
        assert window.document.decisions == DECIDED
        assert window.document.has_proposal  # as it was shown, before anybody has listened again
        window.wait_proposal()
        assert window.document.decisions == DECIDED
        assert window.strip_of("bass").strip.decision == "accepted"
    with window_on(tmp_path, work=TOY) as window:
        QTest.qWait(100)
        assert window.is_welcome
        assert window.told() == []


def test_two_windows_on_one_session(tmp_path: Path, song: Path) -> None:
    with window_on(tmp_path, work=TOY) as first:
        open_and_decide(first, song)
        with window_on(tmp_path, work=TOY, is_clean=False) as second:
            second.open(song)
            assert second.says("open in another window")
            second.wait_proposal()
            second.press_on_strip("lead vocal", "a")
            second.trigger("reload")
            second.wait_proposal()
            assert second.document.decision("lead vocal") == ACCEPTED
        first.wait(lambda: kept(tmp_path) == [DECIDED], "the decisions on disk")
        first.press_on_strip("lead vocal", "r")
    assert kept(tmp_path) == [Decisions({**DECIDED.tracks, "lead vocal": REJECTED})]


# --- called off


def test_listening_is_cancelled(window: Window, song: Path) -> None:
    (song.parent / "hold").touch()
    window.open(song)
    busy = window.notices.busy
    window.wait(lambda: busy.isVisible(), "the work")
    window.click(busy._cancel)
    assert not busy.is_busy
    assert window.document.proposal is None
    assert window.told() == []
    (song.parent / "hold").unlink()
    window.trigger("propose")
    window.wait_proposal()


def test_another_session_is_opened_while_one_is_listened_to(window: Window, song: Path, stems: Path) -> None:
    (song.parent / "hold").touch()
    window.open(song)
    window.wait(lambda: window.notices.busy.isVisible(), "the work")
    (song / "bass.wav").unlink()
    window.companion.opening.open(str(stems))
    window.wait_proposal()
    assert window.window.windowTitle() == "song - mixassist"
    assert window.document.names == ("bass", "drum loop", "lead vocal")
    assert window.told() == []


def test_the_session_is_closed_while_it_is_listened_to(window: Window, song: Path) -> None:
    (song.parent / "hold").touch()
    window.open(song)
    window.wait(lambda: window.notices.busy.isVisible(), "the work")
    window.trigger("close_session")
    assert window.is_welcome
    assert not window.notices.busy.is_busy
    window.wait(lambda: not window.companion.tasks._open, "the end of it")
    assert window.told() == []


@pytest.mark.parametrize("kind", ["hold", "deaf"])
def test_the_window_closes_while_it_listens(tmp_path: Path, song: Path, kind: str, show: Callable[[str], None]) -> None:
    (song.parent / kind).touch()
    with window_on(tmp_path, work=TOY) as window:
        window.open(song)
        window.wait(lambda: window.notices.busy.isVisible(), "the work")
        closed_s = seconds(window.window.close)
        assert children() == set()
    show(f"window: closed while {kind}ing in {closed_s:.2f} s")
    assert closed_s < CLOSED_S


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def test_the_window_closes_while_a_mix_is_made(tmp_path: Path, song: Path) -> None:
    with window_on(tmp_path, work=TOY) as window:
        window.open(song)
        window.wait_proposal()
        (song.parent / "deaf").touch()
        window.trigger("automatic")
        page = window.companion.workspace.automatic
        QTest.keyClicks(page.output.folder, str(tmp_path / "mix"))
        window.click(page.panel.make)
        window.wait(lambda: page.panel._stage.text() == "Listening", "the work")
        assert seconds(window.window.close) < CLOSED_S
        assert children() == set()


def test_a_mix_that_is_called_off(window: Window, song: Path, tmp_path: Path) -> None:
    window.open(song)
    window.wait_proposal()
    (song.parent / "hold").touch()
    window.trigger("automatic")
    page = window.companion.workspace.automatic
    QTest.keyClicks(page.output.folder, str(tmp_path / "mix"))
    window.click(page.panel.make)
    window.wait(lambda: page.panel._stage.text() == "Listening", "the work")
    window.click(page.panel._cancel)
    assert not page.panel.is_working
    (song.parent / "hold").unlink()
    window.click(page.panel.make)
    window.wait(lambda: page.panel.finished.isVisible(), "the mix")


def test_the_window_closes_in_the_middle_of_real_listening(tmp_path: Path) -> None:
    with window_on(tmp_path, "demo:") as window:
        window.wait(lambda: window.companion.proposing.is_busy, "listening")
        QTest.qWait(500)
        assert seconds(window.window.close) < CLOSED_S
        assert children() == set()


# --- kept on disk


def test_decisions_of_one_session_do_not_get_into_anothers_file(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("/songs/one")
    late = Saved("/songs/one", DECIDED)
    autosave.close(late)
    autosave.open("/songs/two")
    autosave.save(late)  # by a thread that was busy
    autosave.close(None)
    assert autosave.open("/songs/two") is None
    autosave.close(None)


def test_the_last_word_on_disk_is_the_last_that_was_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from gui.models import autosave as module

    write, writing, go_on = module.write_text_atomically, threading.Event(), threading.Event()

    def slow(file: Path, text: str) -> None:
        if threading.current_thread() is not threading.main_thread():
            writing.set()
            go_on.wait(5.0)
        write(file, text)

    monkeypatch.setattr(module, "write_text_atomically", slow)
    autosave = Autosave(tmp_path)
    autosave.open("/songs/one")
    thread = threading.Thread(target=autosave.save, args=(Saved("/songs/one"),))
    thread.start()
    assert writing.wait(5.0)
    threading.Timer(0.1, go_on.set).start()
    autosave.close(Saved("/songs/one", DECIDED, is_open=False))
    thread.join()
    assert autosave.open("/songs/one") == Saved("/songs/one", DECIDED, is_open=False)
    autosave.close(None)
