"""Where outputs may go, and that none is ever half there."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run, listing

from assistant.cli.outputs import OutputError, staged_folder, stem_file_names


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("mix.mp3", r"mix.mp3: the mix is written as .wav or .flac; try mix.wav"),
        ("mix", "mix: the mix is written as .wav or .flac; try mix.wav"),
        ("song", "song: the mix is written as"),
        ("folder.wav", "folder.wav: is a folder; name a file in it"),
        ("gone/mix.wav", "does not exist; make it first"),
        ("plain/mix.wav", "does not exist; make it first"),
        ("song/mix.wav", "lies among the stems, where it would be a track the next time"),
        ("song/kick.wav", "kick.wav: is one of the session's own files; choose another name"),
        ("pipe.wav", "pipe.wav: is not a regular file; choose another name"),
        ("link.wav", "link.wav: is one of the session's own files"),
        ("x" * 300 + ".wav", r"cannot be written \(File name too long\)"),
    ],
)
def test_places_that_are_refused_before_the_work(
    tmp_path: Path, song: Path, run: Run, monkeypatch: pytest.MonkeyPatch, output: str, message: str
) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "plain").write_text("x")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "link.wav").symlink_to(song / "kick.wav")
    before = listing(tmp_path)
    monkeypatch.setattr("assistant.cli.proving.make_engineer", None)  # no work may begin
    ended = run("mix", song, "-o", tmp_path / output)
    assert ended.code == 1
    assert message.replace("\\", "") in ended.err
    assert listing(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--json", "song/kick.wav"], "settings are saved as .json; try kick.json"),
        (["--json", "gone/mix.json"], "does not exist; make it first"),
        (["--json", "mix.txt"], "settings are saved as .json"),
        (["--stems-out", "plain"], "is a file; name a folder for --stems-out"),
        (["--stems-out", "plain/stems"], "is a file"),
        (["--stems-out", "song"], "holds the session's own stems"),
        (["--stems-out", "taken"], "two outputs have this name"),
        (["--stems-out", "blocked"], "kick.wav: is a folder where a stem has to go"),
        (["--bit-depth", "float", "-o", "mix.flac"], "FLAC holds no float samples; choose --bit-depth 24"),
    ],
)
def test_options_that_are_refused_before_the_work(
    tmp_path: Path, song: Path, run: Run, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "taken").mkdir()
    (tmp_path / "blocked/kick.wav").mkdir(parents=True)
    before = listing(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assistant.cli.proving.make_engineer", None)
    ended = run("mix", song, "-o", "taken/synth.wav", *options)
    assert ended.code == 1
    assert message in ended.err
    assert listing(tmp_path) == before


def test_suggest_does_not_write_over_a_stem(song: Path, run: Run) -> None:
    ended = run("suggest", song, "-o", song / "kick.wav")
    assert ended.code == 1
    assert "settings are saved as .json" in ended.err


def test_a_stems_folder_holding_the_mix_file_s_audio(tmp_path: Path, song: Path, run: Run) -> None:
    """The session's audio is protected also when the session does not say which folder it came from."""
    assert run("suggest", song, "-o", tmp_path / "mix.json", "-q").code == 0
    text = (tmp_path / "mix.json").read_text("utf-8").replace('"source": "song"', '"source": null')
    (tmp_path / "mix.json").write_text(text, "utf-8")
    ended = run("render", tmp_path / "mix.json", "-o", tmp_path / "mix.wav", "--stems-out", song)
    assert ended.code == 1
    assert "is one of the session's own files" in ended.err


def test_a_full_disk_is_seen_before_the_work(
    tmp_path: Path, song: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: usage._replace(free=1_000))
    monkeypatch.setattr("assistant.cli.proving.make_engineer", None)
    ended = run("mix", song, "-o", tmp_path / "mix.wav")
    assert ended.code == 1
    assert "mix.wav: the disk is too full: 0 MB needed, 0 MB free; free some space" in ended.err


def test_a_report_that_fails_leaves_no_stems(
    tmp_path: Path, song: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is complete stays and is named; the stems, which wait for everything else, are removed."""

    def fail(*_args: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("assistant.report.document.report_page", fail)
    ended = run("mix", song, "-o", tmp_path / "mix.wav", "--report", "--stems-out", tmp_path / "out")
    assert ended.code == 1
    assert "mix.wav, but not all that was asked for" in ended.err
    assert "No space left on device" in ended.err
    assert listing(tmp_path) == ["mix.wav", "song", *(f"song/{n}.wav" for n in ("kick", "lead vocal", "synth"))]


def test_the_demo_folder_that_is_a_file(tmp_path: Path, run: Run) -> None:
    (tmp_path / "demo").write_text("x")
    ended = run("demo", "-o", tmp_path / "demo")
    assert ended.code == 1
    assert "demo: is a file; name a folder" in ended.err


def test_stem_names_are_safe_unique_and_close() -> None:
    names = ["kick", "Kick", "../../x", "/etc/passwd", "..", "a\x1b\nb", "\ud800", "é" * 150, "é" * 151, "CON:?"]
    files = stem_file_names(names)
    assert files["kick"] == "kick.wav"
    assert files["Kick"] == "Kick (2).wav"
    assert files["../../x"] == "_.._x.wav"
    assert files[".."] == "track.wav"
    assert stem_file_names(["Reverb"]) == {"Reverb": "Reverb (2).wav"}
    assert len({file.casefold() for file in files.values()}) == len(names)
    for file in files.values():
        assert "/" not in file
        assert not file.startswith(".")
        assert len(file.encode()) <= 210
        assert file.isprintable()


def test_a_staged_folder_is_all_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/old.txt").write_text("old")
    for folder in (tmp_path / "new/deep", tmp_path / "kept"):
        with suppress(KeyboardInterrupt), staged_folder(folder) as staging:
            (staging / "a.txt").write_text("a")
            raise KeyboardInterrupt
    assert listing(tmp_path) == ["kept", "kept/old.txt"]
    with staged_folder(tmp_path / "new/deep") as staging:
        (staging / "a.txt").write_text("a")
    assert listing(tmp_path / "new") == ["deep", "deep/a.txt"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="file: is a file; name a folder"), staged_folder(tmp_path / "file"):
        pass
