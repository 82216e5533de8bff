"""The syntax of project files: words, blocks, and what other readers stumble over; nothing in a file crashes us."""

from __future__ import annotations

import io
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from protocols.arrangement import Arrangement
from protocols.playing import play
from protocols.reaper import project_text
from protocols.reaper.project import read_reaper_project
from protocols.reaper.project_text import Block, number, read_project_text, whole_number, words_of
from protocols.stems import SessionError

HEAD = "<REAPER_PROJECT 0.1 x 1\n"


def project_in(folder: Path, content: bytes | str) -> Block:
    """The project in a file of ``content``."""
    file = folder / "song.rpp"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_project_text(file).project


def names(project: Block) -> list[str]:
    """The names of its tracks."""
    return [track.line("NAME")[0] for track in project.blocks("TRACK")]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('NAME "a b" c', ("NAME", "a b", "c")),
        ("NAME 'say \"hi\"'", ("NAME", 'say "hi"')),
        ('NAME `it\'s "it"`', ("NAME", 'it\'s "it"')),
        ('FILE "" 1', ("FILE", "", "1")),
        ("NAME a\"b it's", ("NAME", 'a"b', "it's")),
        ('NAME "not closed', ("NAME", "not closed")),
        ("NAME |pipe", ("NAME", "|pipe")),
        ("NAME\ta   b", ("NAME", "a", "b")),
        ("NAME a\u2028b\x0bc", ("NAME", "a\u2028b\x0bc")),
        ("", ()),
    ],
)
def test_words(line: str, words: tuple[str, ...]) -> None:
    assert words_of(line) == words


def test_numbers() -> None:
    words = ("1.5", "nan", "-inf", "x", "1e400", "-9e99")
    assert [number(words, n, 7.0) for n in range(7)] == [1.5, 7.0, 7.0, 7.0, 7.0, -9e99, 7.0]
    assert [whole_number(words, n, 7) for n in range(7)] == [1, 7, 7, 7, 7, -(2**31), 7]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}<TRACK\nNAME a\n>\n>",
        f"\ufeff{HEAD}<TRACK\nNAME a\n>\n>\n\n",
        f"\n\n{HEAD}\n  <TRACK {{X}}\n\n    NAME a\n  >\n>\n",
        f"{HEAD}<TRACK\nNAME a\n>\n>\n".replace("\n", "\r\n"),
        f"{HEAD}<NOTES 0 2\n|it's > 5 < 6\n|<TRACK\n|>\n|\n>\n<TRACK\nNAME a\n>\n>\n",
        f"{HEAD}<EXTENSIONS\n'tis \"free text\n<DEEPER\nNAME b\n>\n<TRACK\nNAME b\n>\n>\n<TRACK\nNAME a\n>\n>\n",
        f'{HEAD}<TRACK\nNAME a\n<FXCHAIN\n<VST x\nYWJj+/==\n>\n<JS x ""\n0.5 - - -\n>\n>\n>\n>\n',
        f"{HEAD}<TRACK\nNAME a\n",
        f"{HEAD}<TRACK\nNAME b\n>\n>\n{HEAD}<TRACK\nNAME a\n>\n>\n",
        f"{HEAD}<TRACK\nNAME a\nNAME b\n{'x' * 300_000}\n>\n>\n",
        f"{HEAD}<TRACK\nNAME a\0\n>\n>\n>\n>\n",
    ],
)
def test_what_other_readers_stumble_over(tmp_path: Path, content: str) -> None:
    assert names(project_in(tmp_path, content)) == ["a"]


def test_names_in_old_windows_files(tmp_path: Path) -> None:
    assert names(project_in(tmp_path, HEAD.encode() + b"<TRACK\nNAME Fl\xf6te\n>\n>\n")) == ["Fl\u00f6te"]


def test_versions_and_files_cut_short_are_told(tmp_path: Path) -> None:
    file = tmp_path / "song.rpp"
    file.write_text(f"{HEAD}>\n{HEAD}>\n{HEAD}<TRACK\n")
    text = read_project_text(file)
    assert (text.versions, text.is_whole) == (3, False)
    notes = "\n".join(read_reaper_project(file).notes)
    assert "3 versions" in notes
    assert "ends before" in notes


@pytest.mark.parametrize("content", ["", "\n", "RIFF", "<TRACK\n>\n", ">>>\n", "\0" * 100, "<\n<\n", "<REAPER_PROJ"])
def test_what_is_no_project_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(SessionError, match="is no REAPER project"):
        project_in(tmp_path, content)


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.rpp", Path("a\0b"), Path("/dev/null")):
        with pytest.raises(SessionError):
            read_reaper_project(path)


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SessionError, match="damaged"):
        project_in(tmp_path, HEAD + "<A\n" * 200_000)
    monkeypatch.setattr(project_text, "MOST_WORDS", 1000)
    with pytest.raises(SessionError, match="damaged"):
        project_in(tmp_path, HEAD + "<TRACK\nNAME a\n>\n" * 1000)
    monkeypatch.setattr(project_text, "MOST_LINES", 10)
    with pytest.raises(SessionError, match="lines"):
        project_in(tmp_path, HEAD + "\n" * 20)
    monkeypatch.setattr(project_text, "LARGEST_FILE", 10)
    with pytest.raises(SessionError, match="MB"):
        project_in(tmp_path, HEAD)


def test_large_projects_are_read_quickly(tmp_path: Path) -> None:
    item = "<ITEM\nPOSITION 1\nLENGTH 1\nFADEIN 1 0 0\n<SOURCE WAVE\nFILE a.wav\n>\n>\n"
    plugin = "<FXCHAIN\n<VST x\n" + f"{'QUJD' * 30}\n" * 2000 + ">\n>\n"
    text = HEAD + f"<TRACK\n{item * 50}{plugin}>\n" * 40 + ">\n"
    start = time.monotonic()
    project_in(tmp_path, text)
    assert time.monotonic() - start < 5.0  # 10 MB; 0.2 s here


KEYS = sorted({key.decode() for keys in project_text.KEPT.values() for key in keys})
VALUES = st.one_of(
    st.sampled_from(
        ["0", "1", "-1", "2", "3", "1e9", "-1e308", "nan", "0.5", "1e-300", "SEL", "s.wav", "WAVE", "SECTION"]
    ),
    st.floats().map(repr),
    st.text(max_size=8),
)
TAGS = st.sampled_from([*project_text.KEPT, "NOTES", ""])
LINE = st.one_of(
    st.builds(lambda key, values: f"{key} {' '.join(values)}", st.sampled_from(KEYS), st.lists(VALUES, max_size=12)),
    st.builds(lambda tag, values: f"<{tag} {' '.join(values)}", TAGS, st.lists(VALUES, max_size=3)),
    st.sampled_from([">", "\0", "\v", "'", "|", "0.5 - x"]),
    st.just("<TRACK\n<ITEM\nPOSITION 0\nLENGTH 1\n<SOURCE WAVE\nFILE s.wav\n>"),
    st.text(max_size=20),
)


def check(arrangement: Arrangement) -> None:
    """What holds of every arrangement; the beginning of every track can be played."""
    assert len({track.name for track in arrangement.tracks}) == len(arrangement.tracks)
    for track in arrangement.tracks:
        for clip in track.clips:
            assert clip.position >= 0
            assert clip.length > 0
            assert np.isfinite(clip.gain)
        assert np.isfinite(play(track, arrangement.sample_rate, 0, 64)).all()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file that the random projects play."""
    path = tmp_path_factory.mktemp("fuzz")
    soundfile.write(path / "s.wav", np.full((4800, 2), 0.5), 48_000)
    return path


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lines=st.lists(LINE, max_size=40))
def test_random_projects_are_read_or_refused(folder: Path, lines: list[str]) -> None:
    (folder / "p.rpp").write_text(HEAD + "\n".join(lines), encoding="utf-8", errors="surrogatepass")
    with suppress(SessionError):
        check(read_reaper_project(folder / "p.rpp"))


@settings(max_examples=50, deadline=None)
@given(content=st.binary(max_size=400))
def test_random_bytes_are_read_or_refused(folder: Path, content: bytes) -> None:
    (folder / "b.rpp").write_bytes(HEAD.encode() + b"<TRACK\n<ITEM\n" + content)
    with suppress(SessionError):
        check(read_reaper_project(folder / "b.rpp"))


def test_long_lines_come_in_pieces() -> None:
    assert max(map(len, project_text.raw_lines(io.BytesIO(b"x" * 1_000_000)))) <= project_text.LONGEST_LINE
