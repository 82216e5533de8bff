"""``mixassist explain``, and the proof that every proposal carries."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.mix import mix_from_json

Run = Callable[..., object]


@pytest.fixture
def saved(tmp_path: Path, song: Path, run: Run) -> Path:
    """What the rules propose for the song, saved."""
    file = tmp_path / "saved.json"
    assert run("suggest", song, "-o", file, "--engineer", "rules").code == 0
    return file


def test_every_change_is_said_with_what_it_did(saved: Path, run: Run) -> None:
    ended = run("explain", saved, "-v")
    assert ended.code == 0
    mix = mix_from_json(saved.read_text("utf-8"))
    for channel in mix.channels:
        assert f"\n{channel.name}: {channel.role}" in ended.out
    assert ended.out.count("    did ") == ended.out.count("    effect ") > 0
    assert "\u2192" in ended.out


def test_one_track_alone(saved: Path, run: Run) -> None:
    ended = run("explain", saved, "--track", "kick")
    assert ended.code == 0
    assert "\nkick: kick" in ended.out
    assert "\nbass" not in ended.out
    missing = run("explain", saved, "--track", "kik")
    assert missing.code == 1
    assert "unknown track 'kik'; did you mean 'kick'?" in missing.err


def test_a_proposal_says_what_was_measured(tmp_path: Path, song: Path, run: Run) -> None:
    ended = run("suggest", song, "-o", tmp_path / "mix.json", "--engineer", "rules")
    assert "\nVerified: " in ended.out
    reasons = [
        reason for row in json.loads((tmp_path / "mix.json").read_text("utf-8"))["tracks"] for reason in row["reasons"]
    ]
    assert any(reason.startswith("measured: level: loudness over all other tracks: ") for reason in reasons)


def test_compared_with_another_mix(tmp_path: Path, saved: Path, run: Run) -> None:
    document = json.loads(saved.read_text("utf-8"))
    for row in document["tracks"]:
        if row["name"] == "kick":
            row["settings"]["fader_db"] -= 6.0
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(document), "utf-8")
    ended = run("explain", changed, "--before", saved)
    assert ended.code == 0
    assert ended.out.count("    did ") == 1
    assert ended.out.count("left as it is") == len(document["tracks"]) - 1


def test_what_explain_does_not_take(tmp_path: Path, song: Path, saved: Path, run: Run) -> None:
    assert "explain takes a saved mix" in run("explain", song).err
    (tmp_path / "elsewhere").mkdir()
    for file in song.iterdir():
        shutil.copy(file, tmp_path / "elsewhere" / f"{file.stem}_take2{file.suffix}")
    song.rename(tmp_path / "gone")
    ended = run("explain", saved, "--source", tmp_path / "elsewhere")
    assert ended.code == 1
    assert "kick -> kick_take2" in ended.err


def test_the_whole_session_is_verified_where_asked_and_there_is_room(
    saved: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = run("explain", saved, "--whole")
    assert ended.code == 0
    monkeypatch.setattr("assistant.cli.proving.memory_bytes", lambda: 1_000_000)
    refused = run("explain", saved, "--whole")
    assert refused.code == 1
    assert "Without --whole the passages that matter are verified" in refused.err


def test_the_report_says_what_was_delegated(tmp_path: Path, song: Path, run: Run) -> None:
    files = ("-o", tmp_path / "mix.wav", "--report", "--engineer", "rules")
    assert run("mix", song, *files, "--only", "levels", "--lock", "kick").code == 0
    page = (tmp_path / "mix.html").read_text("utf-8")
    assert "<p>Delegated: independent: " in page
    assert "only: levels; locked tracks: kick.</p>" in page
    assert run("mix", song, *files).code == 0
    assert "<p>Delegated" not in (tmp_path / "mix.html").read_text("utf-8")
