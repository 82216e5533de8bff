"""``--refine`` on the command line: goals by name, a line per goal, torch only when asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from cli.conftest import Run

from assistant.refinement.catalogue import DEFAULT_GOALS, GOAL_SUMMARIES


def test_a_suggestion_is_refined(tmp_path: Path, song: Path, run: Run) -> None:
    rules = ("--engineer", "rules")
    plain = run("suggest", song, "-o", tmp_path / "plain.json", *rules)
    ended = run("suggest", song, "-o", tmp_path / "mix.json", "--refine", "vocal,tone", *rules)
    assert ended.code == 0, ended.err
    lines = [line.strip() for line in ended.out.splitlines()]
    assert sum(line.startswith("vocal: the lead vocal over the rest while it sings: ") for line in lines) == 1
    assert sum(line.startswith("tone: ") for line in lines) == 1
    assert "Refined" not in plain.out
    document, before = (json.loads((tmp_path / name).read_text("utf-8")) for name in ("mix.json", "plain.json"))
    assert document["engineer"] == "rules, refined"
    for track, old in zip(document["tracks"], before["tracks"], strict=True):
        moved = {k for k, v in track["settings"].items() if v != old["settings"][k]}
        refined = [reason for reason in track["reasons"] if reason.startswith("refined: ")]
        assert len(moved) == len(refined)
        assert abs(track["settings"]["fader_db"] - old["settings"]["fader_db"]) <= 3.0 + 1e-6


def test_a_mix_and_a_saved_mix_are_refined(tmp_path: Path, song: Path, run: Run) -> None:
    first = run("mix", song, "-o", tmp_path / "a.wav", "--json", tmp_path / "a.json", "--refine")
    assert first.code == 0, first.err
    assert all(f"  {goal}: " in first.out for goal in DEFAULT_GOALS)
    again = run("mix", tmp_path / "a.json", "-o", tmp_path / "b.wav", "--refine=headroom")
    assert again.code == 0, again.err
    assert "  headroom: " in again.out


def test_a_reference_is_refined_towards(tmp_path: Path, song: Path, run: Run) -> None:
    reference = song / "synth.wav"
    ended = run("suggest", song, "--engineer", "rules", "--reference", reference, "-o", tmp_path / "mix.json")
    assert ended.code == 0, ended.err
    lines = [line.strip() for line in ended.out.splitlines()]
    (tone,) = [line for line in lines if line.startswith("tone: ")]
    assert tone.startswith("tone: the mix's third octaves off synth.wav, on average: ")
    assert "wanted: each at most 3" in tone
    assert not any(line.startswith("vocal: ") for line in lines)
    saved = run("mix", tmp_path / "mix.json", "-o", tmp_path / "mix.wav", "--reference", reference)
    assert saved.code == 0, saved.err
    assert "off synth.wav" in saved.out


def test_a_reference_that_cannot_be_read_ends_it_at_once(tmp_path: Path, song: Path, run: Run) -> None:
    ended = run("suggest", song, "--reference", tmp_path / "gone.wav")
    assert ended.code == 1
    assert "gone.wav: no such file" in ended.err
    assert "Verified" not in ended.out


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("vocals", "unknown goal 'vocals'; did you mean 'vocal'?; known: vocal, balance"),
        ("vocal,loud", "unknown goal 'loud'"),
        (",", "no goal named; known: vocal"),
    ],
)
def test_senseless_goals(run: Run, song: Path, value: str, message: str) -> None:
    ended = run("suggest", song, "--refine", value)
    assert ended.code == 2
    assert message in ended.err.replace("\n", " ")


def test_a_folder_taken_for_a_goal_is_explained(run: Run, song: Path) -> None:
    ended = run("suggest", "--refine", song)
    assert ended.code == 2
    assert "a folder goes before --refine" in ended.err


def test_help_names_every_goal(run: Run) -> None:
    ended = run("demo", "--help")
    assert all(f"{name}: " in ended.out for name in GOAL_SUMMARIES)


def test_torch_comes_only_when_asked_for(song: Path) -> None:
    code = (
        "import sys\nfrom assistant.cli.main import main\n"
        "main(['suggest', sys.argv[1], '-q', '--engineer', 'rules'])\nsys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(song)], timeout=60, check=True)
