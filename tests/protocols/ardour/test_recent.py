"""The sessions that Ardour has opened are found by their names."""

from pathlib import Path

import pytest

from protocols.ardour.recent import config_folders, find_sessions, is_unsaved


def make_session(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{name}.ardour"
    file.write_text("<Session/>")
    return file


def test_a_session_is_found_by_its_name_the_latest_first(tmp_path: Path) -> None:
    new, old = make_session(tmp_path / "new", "song"), make_session(tmp_path / "old", "song")
    make_session(tmp_path / "other", "another")
    lines = ["song", str(new.parent), "another", str(tmp_path / "other"), "song", str(old.parent)]
    (tmp_path / "recent").write_text("\n".join(lines) + "\n")
    assert find_sessions("song", (tmp_path,)) == (new, old)
    assert find_sessions("nothing", (tmp_path,)) == ()


def test_a_snapshot_is_found_in_the_folder_of_its_session(tmp_path: Path) -> None:
    snapshot = make_session(tmp_path / "song", "second mix")
    (tmp_path / "recent").write_text(f"song\n{snapshot.parent}\n")
    assert find_sessions("second mix", (tmp_path,)) == (snapshot,)


def test_a_name_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    outside = make_session(tmp_path / "outside", "other")
    make_session(tmp_path / "song", "song")
    (tmp_path / "recent").write_text(f"song\n{tmp_path / 'song'}\n")
    for name in ("../outside/other", str(outside.with_suffix("")), "", ".."):
        assert find_sessions(name, (tmp_path,)) == ()


def test_changes_that_ardour_has_put_away_are_seen(tmp_path: Path) -> None:
    session = make_session(tmp_path, "song v1.2")
    assert not is_unsaved(session)
    (tmp_path / "song v1.2.pending").write_text("<Session/>")
    assert is_unsaved(session)


def test_sessions_that_are_gone_and_torn_lists_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "recent").write_bytes(b"song\n/nowhere/at all\n\xff\xfe\nhalf")
    assert find_sessions("song", (tmp_path, tmp_path / "missing")) == ()


def test_the_latest_ardour_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in ("ardour7", "ardour10", "ardour8", "ardour-extra"):
        (tmp_path / name).mkdir()
    assert [folder.name for folder in config_folders()] == ["ardour10", "ardour8", "ardour7"]
