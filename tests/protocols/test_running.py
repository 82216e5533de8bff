"""The running session's files: found, said of when they are, and what is not listened to."""

from pathlib import Path

import pytest
from toy_daw import ToySurface

from protocols.daw import DawTrack
from protocols.daws import DawKind
from protocols.errors import ProtocolError
from protocols.running import find_session, saved_notes, session_file, unheard_notes


def kind(*files: Path) -> DawKind:
    return DawKind(ToySurface, lambda daw, timeout_s: (), lambda session: files)


def test_a_session_is_found_by_its_name() -> None:
    assert find_session(kind(Path("a.ardour")), "Toy", "a") == Path("a.ardour")


@pytest.mark.parametrize("how", ["", "with --session"])
def test_one_that_is_not_known_is_to_be_named(how: str) -> None:
    text = r"where the session 'a' of Toy lies is not known here; name its file, .* exported from the DAW"
    with pytest.raises(ProtocolError, match=f"{text}{', ' if how else ''}{how}$"):
        find_session(kind(), "Toy", "a", how)
    with pytest.raises(ProtocolError, match="where the session of Toy lies"):
        find_session(kind(Path("a.ardour")), "Toy", "", how)


def test_several_are_listed() -> None:
    with pytest.raises(ProtocolError, match=r"several sessions called 'a'; name one with --session:\n  x/a\n  y/a$"):
        find_session(kind(Path("x/a"), Path("y/a")), "Toy", "a", "with --session")


def test_of_a_folder_the_open_session_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "a.ardour"
    file.touch()
    assert session_file(tmp_path, "a") == file
    assert session_file(tmp_path, "b") == tmp_path
    assert session_file(tmp_path, "../a") == tmp_path
    assert session_file(file, "b") == file


def test_of_when_it_is_and_what_is_not_saved(tmp_path: Path) -> None:
    file = tmp_path / "a.ardour"
    assert saved_notes("ardour", file) == ()
    file.touch()
    (note,) = saved_notes("ardour", file)
    assert note.startswith("heard as saved at ")
    file.with_suffix(".pending").touch()
    assert "Ardour has changes that are not saved" in saved_notes("ardour", file)[1]
    assert saved_notes("ardour", tmp_path) == ()


def test_what_is_not_listened_to() -> None:
    tracks = [
        DawTrack("kick", "audio", 1, frozenset(), ("Amp",)),
        DawTrack("keys", "midi", 2, frozenset()),
        DawTrack("Drums", "bus", 2, frozenset(), ("Tape",)),
    ]
    silent, effects = unheard_notes(["kick"], tracks, has_said_why=False)
    assert silent == "not listened to, left alone: keys"
    assert effects.endswith("if they matter: kick (Amp)")
    assert unheard_notes(["kick"], tracks, has_said_why=True) == (effects,)
