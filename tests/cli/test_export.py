"""``mixassist export``: a saved mix as a project, and back."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest
from cli.conftest import Run, Write, digests, listing
from cli.test_projects import REAPER_ITEM, REAPER_TRACK, dawproject, read, rpp, stems_of

from assistant.analysis.measure import measure
from assistant.audio.reading import read_audio
from assistant.mix import Mix
from assistant.params import CHANNEL_PARAMS
from protocols.arrangement import Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.reaper.project import read_reaper_project

RULES = ("--engineer", "rules")
#: What a ``.dawproject`` cannot say of a strip.
UNSAID = {"polarity_inverted", "width", "comp_knee_db"}
#: What is asked for, from which original, and what is said of it.
REFUSED: tuple[tuple[str, str, str], ...] = (
    ("new.wav", "", "new.wav: a mix is exported as .dawproject or .rpp; try new.dawproject"),
    ("new.ardour", "", "Ardour takes a mix while it runs: mixassist daw push MIX.JSON --daw ardour"),
    ("gone/new.dawproject", "", "does not exist; make it first"),
    ("there.dawproject", "", "is there already, and may hold somebody's work; choose another name"),
    ("there.dawproject", "there.dawproject", "is there already"),
    ("new.rpp", "", "is a copy of the REAPER project that the mix is for; name that with --original SONG.rpp"),
    ("new.rpp", "there.dawproject", "there.dawproject: new.rpp is made from a .rpp file"),
    ("new.dawproject", "there.rpp", "from a .dawproject file or, without --original, from the mix's tracks"),
    ("new.dawproject", "gone.dawproject", "gone.dawproject: no such file; was it moved or renamed?"),
    ("new.dawproject", "there.dawproject", "there.dawproject: "),
    ("new.rpp", "there.rpp", "there.rpp: "),
)


@pytest.fixture
def saved(tmp_path: Path, song: Path, run: Run) -> Path:
    """What the rules propose for the song, saved."""
    assert run("suggest", song, *RULES, "-o", tmp_path / "mix.json", "-q").code == 0
    return tmp_path / "mix.json"


def is_at_work(name: str, strip: dict[str, float]) -> bool:
    """Whether the parameter does something: a band that neither lifts nor lowers is in no project."""
    band = name.rpartition("_")[0]
    if name == "highpass_hz":
        return strip["highpass_on"] > 0.0
    return strip.get(f"{band}_gain_db", 1.0) != 0.0 and (not name.startswith("comp_") or strip["comp_ratio"] > 1.0)


def check_same(found: dict[str, dict[str, float]], mix: Mix) -> None:
    """Assert that the strips ``found`` are those of ``mix``, in what is at work and the format can say."""
    assert list(found) == [channel.name for channel in mix.channels]
    for channel in mix.channels:
        strip = dict(channel.settings)
        names = [p.name for p in CHANNEL_PARAMS if p.name not in UNSAID and is_at_work(p.name, strip)]
        wanted = {name: strip[name] for name in names}
        assert {name: found[channel.name][name] for name in names} == pytest.approx(wanted, abs=1e-4)


def strips(mix: Mix | Arrangement) -> dict[str, dict[str, float]]:
    """Every strip's settings by track."""
    rows = mix.channels if isinstance(mix, Mix) else mix.tracks
    return {row.name: dict(row.settings) for row in rows}


def test_stems_to_a_project_and_back(tmp_path: Path, song: Path, saved: Path, run: Run) -> None:
    ended = run("export", saved, "-o", tmp_path / "song.dawproject")
    assert ended.code == 0, ended.err
    assert ended.out == f"wrote {tmp_path / 'song.dawproject'}, a new project with the mix's tracks\n"
    assert "put a reverb there, all wet; decay 1.8 s" in ended.err
    assert "LUFS" not in ended.err
    back = tmp_path / "back.json"
    ended = run("suggest", tmp_path / "song.dawproject", *RULES, "--automation", "insightive", "-o", back)
    assert ended.code == 0, ended.err
    check_same(strips(read(back)), read(saved))


def test_a_project_is_as_loud_as_what_is_rendered(tmp_path: Path, saved: Path, run: Run) -> None:
    """Its limiter has the gain that the target asks for, which the saved mix leaves to the render."""
    assert read(saved).target_lufs == -14.0
    assert run("export", saved, "-o", tmp_path / "song.dawproject", "-q").code == 0
    found = read_dawproject(tmp_path / "song.dawproject", tmp_path / "work").master
    assert run("render", saved, "-o", tmp_path / "mix.wav", "--json", tmp_path / "found.json").code == 0
    assert dict(found) == pytest.approx(dict(read(tmp_path / "found.json").master), abs=1e-6)
    assert measure(*read_audio(tmp_path / "mix.wav")).integrated_lufs == pytest.approx(-14.0, abs=0.2)


def test_a_mix_of_a_project_goes_into_a_copy_of_it(tmp_path: Path, write: Write, run: Run) -> None:
    (tmp_path / "old").mkdir()
    source = dawproject(tmp_path / "old", write)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("plugins/state.bin", b"somebody's plug-in")
    before = digests(source.parent)
    assert run("suggest", source, *RULES, "-o", tmp_path / "mix.json", "-q").code == 0
    target = tmp_path / "new.dawproject"
    ended = run("export", tmp_path / "mix.json", "-o", target)
    assert ended.code == 0, ended.err
    assert ended.out == f"wrote {target}: {source} with this mix\n"
    with zipfile.ZipFile(target) as archive:
        assert archive.read("plugins/state.bin") == b"somebody's plug-in"
    found = strips(read_dawproject(target, tmp_path / "work"))
    assert found.keys() == {"bass", "keys", "quiet", "empty"}
    check_same({name: found[name] for name in ("bass", "keys")}, read(tmp_path / "mix.json"))
    assert digests(source.parent) == before


def test_a_mix_of_a_reaper_project(tmp_path: Path, write: Write, run: Run) -> None:
    (tmp_path / "old").mkdir()
    source = rpp(tmp_path / "old", write)
    assert run("suggest", source, *RULES, "-o", tmp_path / "mix.json", "-q").code == 0
    ended = run("export", tmp_path / "mix.json", "-o", tmp_path / "new.rpp")
    assert ended.code == 0, ended.err
    assert "REAPER's master stays as it is: put a limiter there at -1 dBTP, then its fader for -14 LUFS" in ended.err
    assert "so only level and pan were set: bass, keys" in ended.err
    mix, found = read(tmp_path / "mix.json"), read_reaper_project(tmp_path / "new.rpp")
    for channel, track in zip(mix.channels, found.tracks[:2], strict=True):
        level_db = channel.settings["trim_db"] + channel.settings["fader_db"]
        assert (track.name, track.settings["pan"]) == (channel.name, channel.settings["pan"])
        assert track.settings["fader_db"] == pytest.approx(level_db, abs=1e-9)


def test_a_reaper_project_is_named_where_the_tracks_came_as_stems(
    tmp_path: Path, song: Path, saved: Path, run: Run
) -> None:
    for name, names in (("song", ("kick", "lead vocal", "synth")), ("other", ("drums",))):
        tracks = (REAPER_TRACK.format(name=f'"{n}"', volpan="1 0", more=REAPER_ITEM.format(name=n)) for n in names)
        (tmp_path / f"{name}.rpp").write_text(f"<REAPER_PROJECT 0.1 7.82\n{''.join(tracks)}>\n", "utf-8")
    ended = run("export", saved, "-o", tmp_path / "new.rpp", "--original", tmp_path / "other.rpp")
    assert ended.code == 1
    assert "other.rpp: has no tracks called kick, lead vocal, synth; is the mix another's?" in ended.err
    ended = run("export", saved, "-o", tmp_path / "new.rpp", "--original", tmp_path / "song.rpp")
    assert ended.code == 0, ended.err
    wanted = [channel.settings["trim_db"] + channel.settings["fader_db"] for channel in read(saved).channels]
    found = [track.settings["fader_db"] for track in read_reaper_project(tmp_path / "new.rpp").tracks]
    assert found == pytest.approx(wanted, abs=1e-9)


def test_what_is_refused(tmp_path: Path, saved: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("there.dawproject", "there.rpp"):
        (tmp_path / name).write_bytes(b"junk")
    before = listing(tmp_path)
    monkeypatch.chdir(tmp_path)
    for output, original, message in REFUSED:
        ended = run("export", saved, "-o", output, *(("--original", original) if original else ()))
        assert ended.code == 1
        assert message in ended.err
        assert "defect" not in ended.err
    assert listing(tmp_path) == before
    assert (tmp_path / "there.rpp").read_bytes() == (tmp_path / "there.dawproject").read_bytes() == b"junk"


def test_what_is_no_mix(tmp_path: Path, song: Path, run: Run) -> None:
    ended = run("export", song, "-o", tmp_path / "new.dawproject")
    assert ended.code == 1
    assert "song: export takes a saved mix, a .json file; mixassist suggest makes one" in ended.err


def test_a_project_that_is_gone_is_named_or_made_anew(tmp_path: Path, state: Path, write: Write, run: Run) -> None:
    (tmp_path / "old").mkdir()
    source = dawproject(tmp_path / "old", write)
    mix = tmp_path / "mix.json"
    assert run("suggest", source, *RULES, "-o", mix, "-q").code == 0
    moved = source.rename(tmp_path / "moved.dawproject")
    ended = run("export", mix, "-o", tmp_path / "new.dawproject")
    assert ended.code == 0, ended.err
    assert f"{source}, which the tracks were pulled from, is gone; a new project is made of them" in ended.err
    assert len(read_dawproject(tmp_path / "new.dawproject", tmp_path / "work").tracks) == 2
    ended = run("export", mix, "-o", tmp_path / "copy.dawproject", "--original", moved)
    assert ended.code == 0, ended.err
    assert len(read_dawproject(tmp_path / "copy.dawproject", tmp_path / "work").tracks) == 4
    shutil.rmtree(stems_of(state))
    ended = run("export", mix, "-o", tmp_path / "third.dawproject", "--source", moved)
    assert ended.code == 0, ended.err
    assert ended.out == f"wrote {tmp_path / 'third.dawproject'}: {moved} with this mix\n"
