"""The journal outlives crashes: what was written stands, what was torn is skipped and said; names become no paths."""

import json
import math
import os
from pathlib import Path

import pytest

from protocols.errors import ProtocolError
from protocols.journal import Journal, Row
from protocols.places import session_folder, state_folder

ROWS = (Row("Bass", "fader_db", -3.3000000000000003, 0.1 + 0.2), Row("", "reverb_decay_s", 1.8, 2.5))
PLACE = ("toy", "Song")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path)


def test_values_survive_to_the_last_bit(journal: Journal) -> None:
    closed = Row("Gtr\ud800 \n\0", "fader_db", -math.inf, 5e-324)
    push_id = journal.begin(*PLACE, (*ROWS, closed))
    (entry,) = Journal(journal.folder).entries(*PLACE)
    assert (entry.id, entry.rows) == (push_id, (*ROWS, closed))


def test_a_push_is_pending_until_it_ends(journal: Journal) -> None:
    first, second = journal.begin(*PLACE, ROWS), journal.begin(*PLACE, ROWS)
    journal.finish(*PLACE, first, {"confirmed": 2})
    assert [e.id for e in journal.pending(*PLACE)] == [second]
    assert journal.entries(*PLACE)[0].outcomes == {"confirmed": 2}
    journal.mark_undone(*PLACE, second, 0)
    assert journal.pending(*PLACE) == ()


def test_the_last_push_is_the_last_that_stands(journal: Journal) -> None:
    first, second = journal.begin(*PLACE, ROWS), journal.begin(*PLACE, ROWS)
    journal.begin(*PLACE, ROWS, undoes=second)
    assert journal.last(*PLACE).id == second  # type: ignore[union-attr]
    journal.mark_undone(*PLACE, second, 1)
    assert journal.last(*PLACE).id == first  # type: ignore[union-attr]
    assert journal.last(*PLACE, or_kept=True).id == second  # type: ignore[union-attr]
    journal.mark_undone(*PLACE, first, 0)
    assert journal.last(*PLACE) is None


@pytest.mark.parametrize("kept", range(0, 400, 7))
def test_a_torn_line_costs_only_itself(journal: Journal, kept: int) -> None:
    first = journal.begin(*PLACE, ROWS)
    path = journal.path(*PLACE)
    whole = path.read_bytes()
    journal.begin(*PLACE, ROWS)
    torn = path.read_bytes()[: len(whole) + kept]
    path.write_bytes(torn)
    third = Journal(journal.folder).begin(*PLACE, ROWS)
    found = [e.id for e in journal.entries(*PLACE)]
    assert found[0] == first
    assert found[-1] == third
    is_whole = len(found) == 3
    assert len(journal.unreadable(*PLACE)) == (0 if is_whole or kept == 0 else 1)


def pushed(row: str, form: str = "mixassist-journal/1", push_id: str = '"a"') -> bytes:
    return f'{{"push": {push_id}, "format": "{form}", "time": 0, "rows": [{row}]}}'.encode()


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x00",
        b"{}",
        b"[]",
        b"7",
        b"null",
        b'"push"',
        b"[" * 100_000,
        pushed("", push_id="[]"),
        pushed("", form="mixassist-journal/2"),
        pushed('["T", "fader_db", NaN, 0]'),
        pushed('["T", "fader_db", 1e999, 0]'),
        pushed('["T", "fader_db", true, 0]'),
        pushed(f'["T", "fader_db", 1{"0" * 400}, 0]'),
        pushed('["T", "rm_db", 0, 0]'),
        pushed('[7, "fader_db", 0, 0]'),
        b'{"done": "nobody", "outcomes": {}}',
        b'{"undone": {}, "kept": 1}',
    ],
)
def test_foreign_lines_are_skipped_and_said(journal: Journal, line: bytes) -> None:
    first = journal.begin(*PLACE, ROWS)
    with journal.path(*PLACE).open("ab") as file:
        file.write(line + b"\n")
    second = journal.begin(*PLACE, ROWS)
    assert [e.id for e in journal.entries(*PLACE)] == [first, second]
    assert journal.unreadable(*PLACE) == (f"journal.jsonl, line 2: {len(line):,} bytes that are no entry",)


def test_lines_are_whole_json(journal: Journal) -> None:
    push_id = journal.begin(*PLACE, ROWS)
    journal.finish(*PLACE, push_id, {})
    lines = journal.path(*PLACE).read_bytes().splitlines()
    assert [next(k for k in json.loads(line) if k in ("push", "done")) for line in lines] == ["push", "done"]


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    with pytest.raises(ProtocolError, match="without it nothing could be undone"):
        Journal(tmp_path / "state").begin(*PLACE, ROWS)
    with pytest.raises(ProtocolError, match="cannot be written"):
        Journal(tmp_path).begin(*PLACE, [Row("T", "fader_db", math.nan, 0.0)])


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="this system cannot refuse links")
def test_a_link_in_the_journals_place_is_not_written_through(journal: Journal, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine")
    journal.path(*PLACE).parent.mkdir(parents=True)
    journal.path(*PLACE).symlink_to(target)
    with pytest.raises(ProtocolError, match="cannot be written"):
        journal.begin(*PLACE, ROWS)
    assert target.read_text() == "mine"


HOSTILE = ("../../etc/passwd", "", ".", "..", "/", "a/b\\c", "x" * 5000, "\0", "CON", "Müsik 🎛", "{0.__class__}", "-rf")


@pytest.mark.parametrize("session", HOSTILE)
def test_what_a_daw_says_never_becomes_a_path(session: str, tmp_path: Path) -> None:
    folder = session_folder(session, session, tmp_path)
    assert folder.parent == tmp_path
    assert set(folder.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert folder.name[0] != "-"
    assert len(folder.name) < 100


def test_each_session_has_a_folder_of_its_own() -> None:
    names = [session_folder("toy", s, Path("x")).name for s in (*HOSTILE, "song", "Song", "so ng", "so-ng")]
    assert len(set(names)) == len(names)
    assert session_folder("a", "b c") != session_folder("a b", "c")


@pytest.mark.parametrize(("named", "found"), [("{tmp}", "{tmp}/mixassist"), ("relative", None), ("", None)])
def test_state_lies_where_the_standard_says(
    named: str, found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", named.format(tmp=tmp_path))
    expected = found.format(tmp=tmp_path) if found else str(Path.home() / ".local/state/mixassist")
    assert str(state_folder()) == expected


def test_a_long_journal_is_bounded_and_the_latest_pushes_stand(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("protocols.journal.LARGEST_BYTES", 2_000)
    ids = []
    for _ in range(100):
        ids.append(journal.begin(*PLACE, ROWS))
        journal.finish(*PLACE, ids[-1], {"confirmed": 2})
    found = journal.entries(*PLACE)
    assert 5 < len(found) < 30
    assert [e.id for e in found] == ids[-len(found) :]
    assert all(e.outcomes for e in found)
    assert journal.unreadable(*PLACE) == ()
    folder = journal.path(*PLACE).parent
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2 * 2_600


def test_a_push_that_began_before_its_journal_was_put_aside_ends_in_the_next(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = journal.begin(*PLACE, ROWS)
    monkeypatch.setattr("protocols.journal.LARGEST_BYTES", 10)
    second = journal.begin(*PLACE, ROWS)
    journal.mark_undone(*PLACE, first, 0)
    assert [(e.id, e.is_undone) for e in journal.entries(*PLACE)] == [(first, True), (second, False)]


@pytest.mark.skipif(os.name != "posix", reason="this system has no such permissions")
def test_nobody_else_can_look_into_it(tmp_path: Path) -> None:
    state = tmp_path / "made" / "state"
    journal = Journal(state)
    journal.begin(*PLACE, ROWS)
    path = journal.path(*PLACE)
    assert [oct(p.stat().st_mode & 0o777) for p in (path, path.parent, state, state.parent)] == [
        "0o600",
        "0o700",
        "0o700",
        "0o700",
    ]
