"""DAWs' projects as sources of every command: ``.ardour``, ``.rpp`` and ``.dawproject``."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.conftest import Run, Write, digests, tone
from dawproject_texts import MASTER, TRACK, project

from assistant.mandate import params_called
from assistant.mix import Mix, mix_from_json

RULES = ("--engineer", "rules")
KINDS = ("ardour", "rpp", "dawproject")
#: What the project of each kind says of the strips that are read.
STANDING = {
    "ardour": {"bass": {"fader_db": -6.0206, "pan": -0.5, "polarity_inverted": 1.0}, "keys": {"send_db": -12.0412}},
    "rpp": {"bass": {"fader_db": -6.0206, "pan": -0.5}, "keys": {}},
    "dawproject": {"bass": {"fader_db": -6.0206, "pan": -0.5}, "keys": {}},
}
#: What the reader of each kind remarks.
NOTES = {
    "ardour": ("left out: gone: its audio file gone.wav is missing", "left out, muted in the DAW: quiet"),
    "rpp": ("left out, muted in the DAW: quiet", "left out, without audio: empty"),
    "dawproject": ("left out, muted in the DAW: quiet", "left out, without audio: empty"),
}
REAPER_TRACK = "<TRACK {{}}\n  NAME {name}\n  VOLPAN {volpan} -1 -1 1\n{more}>\n"
REAPER_ITEM = '  <ITEM\n    POSITION 0\n    LENGTH 1\n    <SOURCE WAVE\n      FILE "{name}.wav"\n    >\n  >\n'
CLIP = (
    '<Lanes track="{name}"><Clips><Clip time="0" duration="1"><Audio channels="2" duration="1" sampleRate="44100">'
    '<File path="{name}.wav"/></Audio></Clip></Clips></Lanes>'
)
CHANNELS = {
    "bass": '<Mute value="false"/><Pan unit="normalized" min="0" max="1" value="0.25"/>'
    '<Volume value="0.5" unit="linear"/>',
    "keys": "",
    "quiet": '<Mute value="true"/>',
    "empty": "",
}


def ardour(folder: Path, write: Write) -> Path:
    """The session of Ardour's that the tests of its reader keep."""
    for seed, name in enumerate(("bass", "keys%L", "keys%R", "quiet")):
        audio = tone(4_000 / 44_100, channels=1, seed=seed)
        write(folder / "interchange" / "song" / "audiofiles" / f"{name}.wav", audio)
    stored = Path(__file__).parents[1] / "protocols" / "ardour" / "song.ardour"
    return Path(shutil.copy(stored, folder / "song.ardour"))


def rpp(folder: Path, write: Write) -> Path:
    """A project of REAPER's."""
    rows = {"bass": ("0.5 -0.5", ""), "keys": ("1 0", ""), "quiet": ("1 0", "  MUTESOLO 1 0 0\n")}
    text = "<REAPER_PROJECT 0.1 7.82\n"
    for seed, (name, (volpan, more)) in enumerate(rows.items()):
        write(folder / f"{name}.wav", seed=seed)
        text += REAPER_TRACK.format(name=name, volpan=volpan, more=more + REAPER_ITEM.format(name=name))
    file = folder / "song.rpp"
    file.write_text(text + REAPER_TRACK.format(name="empty", volpan="1 0", more="") + ">\n", "utf-8")
    return file


def dawproject(folder: Path, write: Write) -> Path:
    """A project with its audio inside."""
    tracks = "".join(
        TRACK.format(content).replace('"t"', f'"{name}"').replace('"c"', f'"c {name}"').replace('"Gtr"', f'"{name}"')
        for name, content in CHANNELS.items()
    )
    lanes = "".join(CLIP.format(name=name) for name in CHANNELS if name != "empty")
    file = folder / "song.dawproject"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "project.xml", project(tracks + MASTER.format(""), f'<Lanes timeUnit="seconds">{lanes}</Lanes>')
        )
        for seed, name in enumerate(("bass", "keys", "quiet")):
            archive.write(write(folder / "audio" / f"{name}.wav", seed=seed), f"{name}.wav")
    return file


MAKERS: dict[str, Callable[[Path, Write], Path]] = {"ardour": ardour, "rpp": rpp, "dawproject": dawproject}


@pytest.fixture
def make(tmp_path: Path, write: Write) -> Callable[[str], Path]:
    """Makes a project of a kind, in a folder of its own."""

    def make(kind: str) -> Path:
        (tmp_path / kind).mkdir()
        return MAKERS[kind](tmp_path / kind, write)

    return make


def read(file: Path) -> Mix:
    """The mix in ``file``."""
    return mix_from_json(file.read_text("utf-8"))


def stems_of(state: Path) -> Path:
    """The only folder of pulled tracks."""
    (folder,) = state.glob("*/pulled")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_changed_and_the_rest_stands_as_in_the_project(
    tmp_path: Path, make: Callable[[str], Path], run: Run, kind: str
) -> None:
    source = make(kind)
    before = digests(source.parent)
    ended = run("suggest", source, *RULES, "--only", "eq", "-o", tmp_path / "mix.json")
    assert ended.code == 0, ended.err
    assert digests(source.parent) == before
    assert all(note in ended.err for note in NOTES[kind])
    mix = read(tmp_path / "mix.json")
    assert [channel.name for channel in mix.channels] == ["bass", "keys"]
    eq, moved = params_called("eq"), 0
    for channel in mix.channels:
        changed = channel.settings.changed()
        moved += len(changed.keys() & eq)
        rest = {name: value for name, value in changed.items() if name not in eq and name != "trim_db"}
        assert rest == pytest.approx(STANDING[kind][channel.name], abs=1e-3)
    assert moved > 0
    assert ("mixassist export" in ended.out) == (kind != "ardour")


@pytest.mark.parametrize("kind", KINDS)
def test_a_mix_finds_its_tracks_again_and_nothing_is_pulled_twice(
    tmp_path: Path, state: Path, make: Callable[[str], Path], run: Run, kind: str
) -> None:
    source = make(kind)
    ended = run("mix", source, *RULES, "-o", tmp_path / "a.wav", "--json", tmp_path / "mix.json")
    assert ended.code == 0, ended.err
    assert "2 tracks" in ended.out
    before = {file: file.stat().st_mtime_ns for file in stems_of(state).glob("*.wav")}
    assert sorted(file.stem for file in before) == ["bass", "keys"]
    assert run("suggest", source, *RULES, "-o", tmp_path / "again.json", "-q").code == 0
    assert {file: file.stat().st_mtime_ns for file in stems_of(state).glob("*.wav")} == before
    assert read(tmp_path / "again.json").channels == read(tmp_path / "mix.json").channels
    assert run("render", tmp_path / "mix.json", "-o", tmp_path / "b.wav").code == 0
    assert (tmp_path / "b.wav").read_bytes() == (tmp_path / "a.wav").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("command", ["mix", "suggest"])
def test_projects_that_cannot_be_read(tmp_path: Path, run: Run, command: str, kind: str) -> None:
    file = tmp_path / f"song.{kind}"
    output = ("-o", tmp_path / "mix.wav") if command == "mix" else ()
    for content, message in ((None, "no such file; was it moved or renamed?"), (b"junk" * 99, ""), (b"", "")):
        if content is not None:
            file.write_bytes(content)
        ended = run(command, file, *output)
        assert ended.code == 1
        assert f"song.{kind}: {message}" in ended.err
        assert "defect" not in ended.err


def test_projects_without_audio(tmp_path: Path, make: Callable[[str], Path], run: Run) -> None:
    source = make("ardour")
    shutil.rmtree(source.parent / "interchange")
    (tmp_path / "empty.rpp").write_text("<REAPER_PROJECT 0.1 7.82\n>\n", "utf-8")
    with zipfile.ZipFile(tmp_path / "empty.dawproject", "w") as archive:
        archive.writestr("project.xml", project(MASTER.format("")))
    for file in (source, tmp_path / "empty.rpp", tmp_path / "empty.dawproject"):
        ended = run("suggest", file)
        assert ended.code == 1
        assert f"{file.name}: no track with audio that can be pulled" in ended.err
    assert "bass.wav is missing" in run("suggest", source).err


def test_a_project_whose_audio_is_missing(tmp_path: Path, make: Callable[[str], Path], run: Run) -> None:
    alone = Path(shutil.copy(make("rpp"), tmp_path / "alone.rpp"))
    ended = run("suggest", alone)
    assert ended.code == 1
    assert "alone.rpp: no track with audio that can be pulled" in ended.err
    assert "bass.wav: not found; put it beside the project" in ended.err


@pytest.fixture
def pulled(tmp_path: Path, make: Callable[[str], Path], run: Run) -> tuple[Path, Path]:
    """A project of REAPER's and a mix of it."""
    source = make("rpp")
    assert run("suggest", source, *RULES, "-o", tmp_path / "mix.json", "-q").code == 0
    return source, tmp_path / "mix.json"


@pytest.mark.parametrize("command", ["render", "explain"])
def test_pulled_tracks_that_were_removed_are_pulled_again(
    tmp_path: Path, state: Path, pulled: tuple[Path, Path], run: Run, command: str
) -> None:
    source, mix = pulled
    output = ("-o", tmp_path / "mix.wav") if command == "render" else ()
    (stems_of(state) / "keys.wav").unlink()
    ended = run(command, mix, *output)
    assert ended.code == 1
    assert f"1 of 2 tracks is missing; they were pulled from {source}; pull them again" in ended.err
    assert f"--source {source})" in ended.err
    assert run(command, mix, *output, "--source", source).code == 0
    assert run(command, mix, *output).code == 0


def test_pulled_tracks_whose_project_is_elsewhere(
    tmp_path: Path, state: Path, pulled: tuple[Path, Path], run: Run
) -> None:
    source, mix = pulled
    (stems_of(state) / "keys.wav").unlink()
    moved = source.parent.rename(tmp_path / "moved") / source.name
    ended = run("render", mix, "-o", tmp_path / "mix.wav")
    assert ended.code == 1
    assert f"pulled from {source}, which is gone; name it, wherever it is now" in ended.err
    shutil.rmtree(state)
    ended = run("render", mix, "-o", tmp_path / "mix.wav")
    assert "2 of 2 tracks is missing; they were pulled from a project; name it, wherever it is now" in ended.err
    ended = run("render", mix, "-o", tmp_path / "mix.wav", "--source", moved)
    assert ended.code == 0, ended.err
    assert NOTES["rpp"][0] in ended.err


def test_what_changed_in_the_project_since_is_said(
    tmp_path: Path, pulled: tuple[Path, Path], write: Write, run: Run
) -> None:
    source, mix = pulled
    write(source.parent / "keys.wav", tone(0.6, seed=1))
    text = source.read_text("utf-8").replace("NAME bass", 'NAME "bass guitar"')
    source.write_text(text, "utf-8")
    assert run("suggest", source, *RULES, "-q").code == 0
    ended = run("render", mix, "-o", tmp_path / "mix.wav")
    assert ended.code == 1
    assert "bass: probably renamed: bass -> bass guitar" in ended.err
    ended = run("render", mix, "-o", tmp_path / "mix.wav", "--skip-broken")
    assert ended.code == 0
    assert "keys (0:00.600, was 0:01.000)" in ended.err


def test_a_record_is_believed_of_its_own_folder_only(
    tmp_path: Path, state: Path, pulled: tuple[Path, Path], run: Run
) -> None:
    _, mix = pulled
    record = stems_of(state).parent / "project.json"
    (stems_of(state) / "keys.wav").unlink()
    for text in (json.dumps({"project": str(tmp_path / "other.rpp")}), "[]", '{"project": 5}', "{", " " * 70_000):
        record.write_text(text, "utf-8")
        assert "they were pulled from a project; name it" in run("render", mix, "-o", tmp_path / "mix.wav").err
