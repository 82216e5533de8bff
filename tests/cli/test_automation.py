"""Delegating on the command line: parts, tracks, locks, limits, amounts, a focus; wrong names before any listening."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import Run

from assistant.cli.arguments import build_parser, parse_arguments
from assistant.cli.automation import RESTRICTIONS
from assistant.mandate import GROUPS, Automation, params_called
from assistant.params import CHANNEL_PARAMS

RULES = ("--engineer", "rules")
NEUTRAL = {p.name: p.default for p in CHANNEL_PARAMS}


def strips(file: Path) -> dict[str, dict[str, float]]:
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return {track["name"]: track["settings"] for track in document["tracks"]}


@pytest.fixture
def proposed(tmp_path: Path, song: Path, run: Run) -> dict[str, dict[str, float]]:
    """The strips that the rules propose; the file is ``proposed.json``."""
    assert run("suggest", song, "-o", tmp_path / "proposed.json", *RULES).code == 0
    return strips(tmp_path / "proposed.json")


def suggested(tmp_path: Path, song: Path, run: Run, *options: object) -> dict[str, dict[str, float]]:
    ended = run("suggest", song, "-o", tmp_path / "part.json", *RULES, *options)
    assert ended.code == 0, ended.err
    return strips(tmp_path / "part.json")


def test_only_the_levels_of_some_tracks(tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]) -> None:
    done = suggested(tmp_path, song, run, "--only", "levels", "--tracks", "kick, synth")
    assert done["lead vocal"] == NEUTRAL
    for name in ("kick", "synth"):
        assert done[name] == NEUTRAL | {param: proposed[name][param] for param in params_called("levels")}
        assert done[name] != NEUTRAL


def test_what_is_locked_stays_as_in_the_mix_before(
    tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]
) -> None:
    before = json.loads((tmp_path / "proposed.json").read_text("utf-8"))
    for track in before["tracks"]:
        track["settings"] = NEUTRAL | {"fader_db": -3.0, "pan": 0.25}
    (tmp_path / "now.json").write_text(json.dumps(before), "utf-8")
    locks = ("--lock", "kick", "--lock", "pan", "--lock", "synth:eq")
    ended = run("suggest", song, "-o", tmp_path / "part.json", *RULES, *locks, "--before", tmp_path / "now.json")
    assert ended.code == 0, ended.err
    assert "  locked tracks: kick" in ended.out
    assert "  locked: eq of synth, pan" in ended.out
    assert "  unchanged: kick" in ended.out
    done = strips(tmp_path / "part.json")
    assert done["kick"] == NEUTRAL | {"fader_db": -3.0, "pan": 0.25}
    assert {strip["pan"] for strip in done.values()} == {0.25}
    assert all(done["synth"][param] == NEUTRAL[param] for param in params_called("eq"))
    assert done["lead vocal"] == proposed["lead vocal"] | {"pan": 0.25}


def test_limits_and_amounts(tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]) -> None:
    limited = suggested(tmp_path, song, run, "--limit", "levels=1.5", "--only", "levels")
    for strip in limited.values():
        assert abs(strip["trim_db"] + strip["fader_db"]) <= 1.5 + 1e-9
    half = suggested(tmp_path, song, run, "--amount", "50%", "--amount", "kick=0")
    assert half["kick"] == NEUTRAL
    assert half["synth"]["trim_db"] == pytest.approx(0.5 * proposed["synth"]["trim_db"])
    assert suggested(tmp_path, song, run, "--amount", "1") == proposed


def test_insightive_shows_and_changes_nothing(tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]) -> None:
    ended = run("suggest", song, "--automation", "insightive", "-o", tmp_path / "same.json", *RULES)
    assert ended.code == 0, ended.err
    assert "Insightive: nothing is changed, you only read what would be" in ended.out
    assert "Nothing of this is done" in ended.out
    assert ended.out.count("Track") == 1
    assert set(map(str, strips(tmp_path / "same.json").values())) == {str(NEUTRAL)}
    mixed = run("mix", song, "--automation", "insightive", "-o", tmp_path / "a.wav", "--json", tmp_path / "a.json")
    assert mixed.code == 0, mixed.err
    assert set(map(str, strips(tmp_path / "a.json").values())) == {str(NEUTRAL)}
    assert "Integrated" in mixed.out


def test_a_part_of_a_saved_mix_is_rendered(tmp_path: Path, run: Run, proposed: dict[str, Any]) -> None:
    out = ("-o", tmp_path / "a.wav", "--json", tmp_path / "a.json")
    assert run("render", tmp_path / "proposed.json", *out).code == 0
    assert strips(tmp_path / "a.json") == proposed
    ended = run("render", tmp_path / "proposed.json", *out, "--lock", "kick", "--amount", "synth=0.5")
    assert ended.code == 0, ended.err
    assert "Independent: the delegated part is made, the rest stays as it is" in ended.out
    assert "  amount: synth 50%" in ended.out
    done = strips(tmp_path / "a.json")
    assert done["kick"] == NEUTRAL
    assert done["lead vocal"] == proposed["lead vocal"]
    assert done["synth"] not in (NEUTRAL, proposed["synth"])


def test_a_focus_comes_forward_around_what_is_locked(
    tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]
) -> None:
    ended = run("suggest", song, *RULES, "-o", tmp_path / "a.json", "--focus", "synth", "--lock", "kick")
    assert ended.code == 0, ended.err
    assert "  focus: the track that is to come forward over the rest while it plays: " in ended.out
    assert "  to come forward: synth" in ended.out
    done = strips(tmp_path / "a.json")
    assert done["kick"] == NEUTRAL
    assert done["synth"]["fader_db"] > proposed["synth"]["fader_db"]
    assert done["lead vocal"]["fader_db"] <= proposed["lead vocal"]["fader_db"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--automation", "suggestiv"), "unknown level 'suggestiv'; did you mean 'suggestive'"),
        (("--automation", "suggestive"), "suggestive leaves the decision to you: suggest -o mix.json, then render"),
        (("--automation", "automatic", "--lock", "kick"), "automatic makes the whole mix, --lock a part"),
        (("--only", "level,eqs"), "unknown part of the strip 'eqs'; did you mean 'eq'"),
        (("--only", ","), "names no part; known: levels"),
        (("--limit", "levels"), "expected a part and a number, such as levels=3"),
        (("--limit", "dynamics=3"), "different units; limit one of them: comp_ratio"),
        (("--limit", "levels=-3"), "expected 0 or more"),
        (("--amount", "half"), "expected 0 to 1, or a track and that: bass=0.5"),
        (("--amount", "50"), "expected 0 (nothing) to 1 (all); per cent?"),
        (("--amount", "kick=nan"), "amount nan: expected 0"),
    ],
)
def test_wrong_options(tmp_path: Path, run: Run, options: tuple[str, ...], message: str) -> None:
    ended = run("mix", tmp_path, "-o", tmp_path / "a.wav", *options)
    assert ended.code == 2
    assert message in " ".join(ended.err.split())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--tracks", "kick,snth"), "unknown track 'snth'; did you mean 'synth'"),
        (("--lock", "kik"), "unknown track or part 'kik'; did you mean 'kick'"),
        (("--lock", "kik:eq"), "unknown track 'kik'; did you mean 'kick'"),
        (("--lock", "kick:eqq"), "unknown setting 'eqq'; did you mean 'eq'"),
        (("--amount", "kik=0.5"), "unknown track 'kik'"),
        (("--focus", "kik"), "unknown track 'kik'"),
        (("--before", "nowhere.json"), "nowhere.json: no such file"),
    ],
)
def test_names_that_the_session_does_not_have(song: Path, run: Run, options: tuple[str, ...], message: str) -> None:
    ended = run("suggest", song, "--verbose", *options)
    assert ended.code == 1
    assert message in ended.err
    assert "Listening" not in ended.err  # which --verbose tells the time of


def test_a_mix_before_of_another_song(tmp_path: Path, song: Path, run: Run, proposed: dict[str, Any]) -> None:
    document = json.loads((tmp_path / "proposed.json").read_text("utf-8"))
    document["tracks"][0]["name"] = "snare"
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document), "utf-8")
    ended = run("suggest", song, "--before", other)
    assert ended.code == 1
    assert (
        f"{other}: the mix before does not fit: it has no track: 'kick'; it has a track that is not there: 'snare'"
        in (ended.err)
    )
    other.write_text("[]", "utf-8")
    assert "the mix: expected an object, found list" in run("suggest", song, "--before", other).err
    other.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8 text" in run("suggest", song, "--before", other).err
    assert "is a folder; expected a mix file" in run("suggest", song, "--before", song).err


def test_tracks_with_commas_and_colons_in_their_names(tmp_path: Path, write: Any, run: Run) -> None:
    for seed, name in enumerate(("kick, close", "a:pan", "bass")):
        write(tmp_path / "song" / f"{name}.wav", seed=seed)
    done = suggested(tmp_path, tmp_path / "song", run, "--lock", "kick, close", "--lock", "a:pan:fader_db")
    assert done["kick, close"] == NEUTRAL
    assert done["a:pan"]["fader_db"] == 0.0
    assert done["a:pan"] != NEUTRAL
    assert suggested(tmp_path, tmp_path / "song", run, "--lock", "a:pan")["a:pan"] == NEUTRAL


@pytest.mark.parametrize("command", ["mix", "suggest", "render", "demo"])
def test_help_and_defaults(run: Run, command: str) -> None:
    text = " ".join(run(command, "--help").out.split())
    assert all(f"--{name}" in text for name in (*RESTRICTIONS, "automation", "before"))
    assert all(group in text for group in GROUPS)
    assert ("--focus" in text) is (command != "render")
    assert ("suggestive: " in text) is (command == "suggest")
    paths = {"mix": ["a", "-o", "b.wav"], "render": ["a", "-o", "b.wav"], "suggest": ["a"], "demo": []}[command]
    args = parse_arguments(build_parser(), [command, *paths])
    assert args.automation is None
    assert args.default_automation is (Automation.SUGGESTIVE if command == "suggest" else Automation.AUTOMATIC)
