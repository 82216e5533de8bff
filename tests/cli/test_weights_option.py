"""``--weights`` on the command line, and what is said when the default engineer has nothing to hear."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.conftest import Run, Write, listing, tone


def test_other_weights_make_another_mix(tmp_path: Path, song: Path, tiny: Path, run: Run) -> None:
    """Also where a saved mix would else be taken as it stands."""
    saved = tmp_path / "mix.json"
    assert run("suggest", song, "-o", saved).code == 0
    ended = run("suggest", song, "-o", tmp_path / "other.json", "--weights", tiny)
    assert ended.code == 0, ended.err
    mixes = [json.loads((tmp_path / name).read_text("utf-8")) for name in ("mix.json", "other.json")]
    assert [m["engineer"] for m in mixes] == ["dmc", "dmc"]
    assert mixes[0]["tracks"] != mixes[1]["tracks"]
    again = run("mix", saved, "-o", tmp_path / "a.wav", "--json", tmp_path / "again.json", "--weights", tiny)
    assert again.code == 0, again.err
    faders = [
        [t["settings"]["fader_db"] for t in json.loads((tmp_path / name).read_text("utf-8"))["tracks"]]
        for name in ("other.json", "again.json")
    ]
    assert faders[0] == faders[1]


def test_weights_that_cannot_be_used(tmp_path: Path, song: Path, tiny: Path, run: Run) -> None:
    (tmp_path / "junk.safetensors").write_bytes(b"junk" * 50)
    (tmp_path / "cut.safetensors").write_bytes(tiny.read_bytes()[:5_000])
    before = listing(tmp_path)
    for name, message in (
        ("gone.safetensors", "no such file of weights; was it moved or renamed?"),
        ("junk.safetensors", "expected a whole .safetensors file"),
        ("cut.safetensors", "expected a whole .safetensors file"),
        ("song", "the weights cannot be read"),
    ):
        ended = run("mix", song, "-o", tmp_path / "mix.wav", "--weights", tmp_path / name)
        assert ended.code == 1
        assert f"{name}: " in ended.err
        assert message in ended.err
    assert listing(tmp_path) == before


def test_weights_go_with_no_other_engineer(song: Path, tiny: Path, run: Run) -> None:
    ended = run("suggest", song, "--weights", tiny, "--engineer", "rules")
    assert ended.code == 2
    assert "argument --weights: only dmc has weights, not rules" in ended.err


@pytest.mark.parametrize("engineer", ["dmc", "rules", "equal-loudness"])
def test_a_session_without_an_audible_track_is_refused(tmp_path: Path, write: Write, run: Run, engineer: str) -> None:
    for name in ("kick", "bass"):
        write(tmp_path / f"song/{name}.wav", 1e-6 * tone())
    ended = run("suggest", tmp_path / "song", "--engineer", engineer)
    assert ended.code == 1
    assert "song: no audible track; every one was left alone: no sample above -80 dBFS" in ended.err
