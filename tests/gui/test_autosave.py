"""Decisions on disk: kept, found again after a crash, and never written by two windows."""

import os
import subprocess
import sys
from pathlib import Path

from assistant.decisions import Decisions, TrackDecision
from assistant.mix import ChannelMix, ChannelSettings, Mix
from gui.models.autosave import Autosave, Saved

PROPOSED = Mix((ChannelMix("bass", ChannelSettings(fader_db=-3.0), "bass", 0.9),), engineer="dmc")
DECISIONS = Decisions({"bass": TrackDecision().with_parts("accepted")})


def saved(path: Path, *, is_open: bool = True) -> Saved:
    return Saved(str(path), DECISIONS, PROPOSED, "", is_open)


def test_a_session_is_opened_again_as_it_was(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path / "kept")
    assert autosave.open(str(tmp_path / "song")) is None
    autosave.save(saved(tmp_path / "song"))
    autosave.close(saved(tmp_path / "song", is_open=False))
    assert autosave.open(str(tmp_path / "song")) == saved(tmp_path / "song", is_open=False)
    assert autosave.open(str(tmp_path / "other")) is None
    autosave.close(None)


def test_the_same_session_in_a_daw_is_another(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("song")
    autosave.save(saved(Path("song")))
    assert autosave.open("song", "ardour") is None
    autosave.close(None)


def test_a_second_window_is_told_and_writes_nothing(tmp_path: Path) -> None:
    first, second = Autosave(tmp_path), Autosave(tmp_path)
    first.open("song")
    assert first.trouble == ""
    second.open("song")
    assert "another window" in second.trouble
    second.save(saved(Path("song")))
    assert not list(tmp_path.glob("*.json"))
    first.close(None)
    second.open("song")
    assert second.is_keeper
    second.close(None)


CRASHING = """
import os, sys
from pathlib import Path
from tests.gui.test_autosave import saved
from gui.models.autosave import Autosave
autosave = Autosave(Path(sys.argv[1]))
autosave.open("song")
autosave.save(saved(Path("song")))
os._exit(1)
"""


def test_a_window_that_did_not_end_well_is_known(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": root}
    subprocess.run([sys.executable, "-c", CRASHING, str(tmp_path)], env=env, cwd=root, timeout=60, check=False)
    autosave = Autosave(tmp_path)
    assert autosave.crashed() == (saved(Path("song")),)
    assert autosave.open("song") == saved(Path("song"))
    autosave.close(saved(Path("song"), is_open=False))
    assert autosave.crashed() == ()


def test_a_session_that_is_open_has_not_crashed(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("song")
    autosave.save(saved(Path("song")))
    assert Autosave(tmp_path).crashed() == ()
    autosave.close(None)


def test_a_broken_file_is_put_aside(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("song")
    autosave.save(saved(Path("song")))
    autosave.close(None)
    (file,) = tmp_path.glob("*.json")
    file.write_text('{"format": "mixassist-decisions/1", "path":', encoding="utf-8")
    assert autosave.open("song") is None
    assert file.with_suffix(".broken").exists()
    autosave.close(None)


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    autosave = Autosave(tmp_path / "file" / "kept")
    assert autosave.open("song") is None
    assert "cannot be made" in autosave.trouble
    autosave.save(saved(Path("song")))


def test_a_file_that_cannot_be_written_is_a_trouble_and_lets_the_session_go(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("song")
    autosave.save(saved(Path("song")))
    (file,) = tmp_path.glob("*.json")
    file.chmod(0o444)
    autosave.save(saved(Path("song")))
    assert "read-only" in autosave.trouble
    autosave.close(saved(Path("song"), is_open=False))
    assert not autosave.is_keeper
    assert Autosave(tmp_path).crashed()


def test_what_cannot_be_read_nor_put_aside_is_opened_without_it(tmp_path: Path) -> None:
    autosave = Autosave(tmp_path)
    autosave.open("song")
    autosave.save(saved(Path("song")))
    autosave.close(None)
    (file,) = tmp_path.glob("*.json")
    file.unlink()
    file.mkdir()  # neither a file to read
    (file.with_suffix(".broken") / "full").mkdir(parents=True)  # nor a place to go to
    assert autosave.open("song") is None
    autosave.close(None)


def test_a_session_that_crashed_is_offered_once_and_kept(tmp_path: Path) -> None:
    first, second = Autosave(tmp_path), Autosave(tmp_path)
    first.open("song")
    first.save(saved(Path("song")))
    first.close(None)  # as after a crash: nobody wrote that it was closed
    crashed = second.crashed()
    second.note_offered(crashed)
    assert [session.path for session in crashed] == ["song"]
    assert second.crashed() == ()
    assert second.kept("song") == saved(Path("song"), is_open=False)
