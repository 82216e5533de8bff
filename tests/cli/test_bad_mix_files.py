"""Mix files that are broken or mean harm."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run, Write, listing, tone


@pytest.fixture
def saved(tmp_path: Path, song: Path, run: Run) -> Path:
    """A saved mix of the song."""
    assert run("suggest", song, "-o", tmp_path / "saved.json", "--engineer", "random").code == 0
    return tmp_path / "saved.json"


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Apply ``change`` to the document in ``file``."""
    document = json.loads(file.read_text("utf-8"))
    change(document)
    file.write_text(json.dumps(document), "utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(format="other/2"), "format is 'other/2'; this program reads 'mixassist-mix/1'"),
        (lambda d: d.update(colour="red"), "unknown key 'colour'"),
        (lambda d: d.pop("tracks"), "missing tracks"),
        (lambda d: d.update(tracks=[]), "lists no tracks"),
        (lambda d: d["tracks"][0]["settings"].update(pan=7), "track 'kick': pan=7: expected -1 to 1"),
        (lambda d: d["tracks"][0]["settings"].update(pam=0), "did you mean 'pan'?"),
        (lambda d: d["tracks"][0]["settings"].update(pan=float("nan")), "pan=nan: expected a finite number"),
        (lambda d: d["tracks"][0].update(name="lead vocal"), "tracks listed twice: lead vocal"),
        (lambda d: d["master"].update(target_lufs=14), "target_lufs=14: expected -60 to 0 LUFS"),
        (lambda d: d["tracks"][0].update(name="gone", file="gone.wav"), "1 of 3 tracks is missing"),
        (lambda d: d["tracks"][0].update(name="x", file="/etc/passwd"), "1 of 3 tracks is missing"),
        (lambda d: d["tracks"][0].update(start_s=86_000), "the session lasts 1433:2"),
    ],
)
def test_documents_that_are_refused(
    tmp_path: Path, saved: Path, run: Run, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(saved, change)
    before = listing(tmp_path)
    ended = run("render", saved, "-o", tmp_path / "mix.wav", "--stems-out", tmp_path / "out")
    assert ended.code == 1
    assert f"saved.json: {message}" in ended.err or message in ended.err
    assert "saved.json" in ended.err
    assert listing(tmp_path) == before


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\x00", b"[]", b"null", b"[" * 100_000])
def test_files_that_are_no_mix(tmp_path: Path, run: Run, content: bytes) -> None:
    (tmp_path / "mix.json").write_bytes(content)
    for command in ("render", "mix"):
        ended = run(command, tmp_path / "mix.json", "-o", tmp_path / "mix.wav")
        assert ended.code == 1
        assert "mix.json: " in ended.err


def test_what_render_does_not_take(tmp_path: Path, song: Path, run: Run) -> None:
    for source, message in (
        (song, "is a folder; render takes a saved mix. Try: mixassist mix"),
        (song / "kick.wav", "render takes a saved mix, a .json file"),
    ):
        ended = run("render", source, "-o", tmp_path / "mix.wav")
        assert ended.code == 1
        assert message in ended.err


def test_hostile_names_stay_in_the_stems_folder(tmp_path: Path, saved: Path, run: Run) -> None:
    names = ["../../escaped", "/etc/passwd\x1b[2J[/red]", "..\\x\n\ud800"]

    def rename(document: dict[str, Any]) -> None:
        document["engineer"] = "[/red]\x1b[2J"
        for track, name in zip(document["tracks"], names, strict=True):
            track |= {"name": name, "role": "[/b]\x1b", "reasons": ["<b>[/x]\x1b[2J"]}

    edit(saved, rename)
    (tmp_path / "deep/er").mkdir(parents=True)
    files = ("--stems-out", tmp_path / "deep/er/out", "--report", "--json", tmp_path / "deep/er/again.json", "-v")
    ended = run("render", saved, "-o", tmp_path / "deep/er/mix.wav", *files)
    assert ended.code == 0
    assert "\x1b" not in ended.out + ended.err
    assert len(listing(tmp_path / "deep/er/out")) == 3
    assert listing(tmp_path / "deep") == sorted(
        ["er", *(f"er/{n}" for n in ("again.json", "mix.html", "mix.wav", "out"))]
        + [f"er/out/{name}" for name in listing(tmp_path / "deep/er/out")]
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == ["deep", "saved.json", "song"]
    assert "<b>[/x]" not in (tmp_path / "deep/er/mix.html").read_text("utf-8")


def test_stems_that_moved_or_broke(tmp_path: Path, song: Path, saved: Path, run: Run) -> None:
    moved = song.rename(tmp_path / "moved")
    ended = run("render", saved, "-o", tmp_path / "mix.wav")
    assert ended.code == 1
    assert "the audio of 3 of 3 tracks is missing; name the folder that holds them" in ended.err
    assert run("render", saved, "-o", tmp_path / "mix.wav", "--source", moved).code == 0
    (moved / "kick.wav").write_bytes(b"RIFF")
    command = ("render", saved, "-o", tmp_path / "mix.wav", "--source", moved)
    ended = run(*command)
    assert ended.code == 1
    assert "1 file cannot be read:" in ended.err
    assert "--skip-broken" in ended.err
    ended = run(*command, "--skip-broken")
    assert ended.code == 0
    assert "2 tracks" in ended.out


def test_what_differs_is_listed(tmp_path: Path, song: Path, saved: Path, run: Run, write: Write) -> None:
    command = ("render", saved, "-o", tmp_path / "mix.wav")
    assert run(*command).code == 0
    before = (tmp_path / "mix.wav").read_bytes()
    write(song / "tambourine.wav")
    ended = run(*command)
    assert ended.code == 0
    assert "the mix has no settings for tambourine; left out" in ended.err
    assert (tmp_path / "mix.wav").read_bytes() == before
    other = shutil.copytree(song, tmp_path / "other")
    write(other / "kick.wav", tone(2.0, channels=1))
    write(other / "synth.wav", tone(1.5, rate=48_000), rate=48_000)
    (other / "lead vocal.wav").rename(other / "LeadVox.wav")
    shutil.move(song, tmp_path / "gone")
    for source in (("mix", saved, "-o", tmp_path / "mix.wav"), (*command, "--source", other)):
        assert run(*source).code == 1
    ended = run(*command, "--source", other)
    assert "the audio of 1 of 3 tracks is missing; not in " in ended.err
    assert "\n  lead vocal: probably renamed: lead vocal -> LeadVox, of the same length\n" in ended.err
    assert "other: the mix has no settings for tambourine\n" in ended.err
    ended = run(*command, "--source", other, "--skip-broken")
    assert ended.code == 0
    assert "left out: lead vocal: its audio is missing; probably renamed" in ended.err
    assert "kick (0:02.000, was 0:01.500)" in ended.err
    assert "kick (mono, was stereo)" in ended.err
    assert "synth (48000 Hz, was 44100 Hz)" in ended.err
