"""Mixes written as projects: true to the format's schema, and read back as they were."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix, Session, Track
from assistant.params import CHANNEL_PARAMS, MASTER_PARAMS, Param
from protocols.arrangement import ArrangedTrack, Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.dawproject.writing import write_dawproject
from protocols.plain_xml import parse_plain_xml
from protocols.playing import play
from protocols.stems import SessionError, read_stems_folder

UNSAID = ("polarity_inverted", "comp_knee_db", "width")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Three stems: mono WAV, stereo FLAC, and AIFF."""
    folder = tmp_path_factory.mktemp("stems")
    rng = np.random.default_rng(7)
    for name, shape in (("kick.wav", (480, 1)), ("vox 🎤.flac", (960, 2)), ("gtr.aiff", (700, 2))):
        soundfile.write(folder / name, rng.uniform(-0.5, 0.5, shape), 48_000)
    return read_stems_folder(folder)[0]


def values_of(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, float]]:
    """Some parameters at values in their ranges."""

    def value(param: Param) -> st.SearchStrategy[float]:
        if param.curve == "toggle":
            return st.sampled_from([0.0, 1.0])
        return st.floats(param.low, param.high, allow_subnormal=False)

    return st.fixed_dictionaries({}, optional={p.name: value(p) for p in params})


def mixes(names: list[str]) -> st.SearchStrategy[Mix]:
    """Mixes of these tracks."""
    said = tuple(p for p in CHANNEL_PARAMS if p.name not in UNSAID)
    channels = st.tuples(
        *(st.builds(lambda n, v: ChannelMix(n, ChannelSettings(v)), st.just(n), values_of(said)) for n in names)
    )
    reverb = st.floats(-60, 12).map(lambda level: BusSettings(reverb_return_db=level))
    return st.builds(Mix, channels, reverb, values_of(MASTER_PARAMS).map(MasterSettings))


def is_like(found: dict[str, float], wanted: dict[str, float]) -> bool:
    return found.keys() == wanted.keys() and all(
        found[k] == pytest.approx(v, rel=1e-9, abs=1e-7) for k, v in wanted.items()
    )


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mixes_come_back_and_are_true_to_the_schema(
    data: st.DataObject, session: Session, schemas: dict[str, Any], tmp_path: Path
) -> None:
    mix = data.draw(mixes([track.name for track in session.tracks]))
    path = tmp_path / "mix.dawproject"
    write_dawproject(path, mix, session)
    with zipfile.ZipFile(path) as archive:
        for name, schema in schemas.items():
            root = parse_plain_xml(archive.read(name), keeps_all=True)
            assert [str(error) for error in schema.iter_errors(root)] == []
    found = read_dawproject(path, tmp_path / "work")
    for track, channel in zip(found.tracks, mix.channels, strict=True):
        assert is_like(dict(track.settings), dict(channel.settings)), channel
    assert is_like(dict(found.master), dict(mix.master))
    if any(channel.settings["send_db"] > -60.0 for channel in mix.channels):
        assert found.reverb["reverb_return_db"] == pytest.approx(mix.reverb["reverb_return_db"], abs=1e-7)


def plain(session: Session) -> Mix:
    """All faders at 0 dB."""
    return Mix(tuple(ChannelMix(track.name) for track in session.tracks))


def test_audio_goes_in_as_it_is(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "mix.dawproject"
    late = replace(session, tracks=tuple(replace(t, start_s=i / 100) for i, t in enumerate(session.tracks)), tempo=97.5)
    assert write_dawproject(path, plain(late), late) == (
        "the mix pans mono tracks by the law 'constant power'; in a DAW of another law they are up to 3 dB off: kick",
    )
    with zipfile.ZipFile(path) as archive:
        for name, member in (("kick", "audio/kick.wav"), ("vox 🎤", "audio/vox _.flac")):
            file = session.track(name).audio_path
            assert file is not None
            assert archive.read(member) == file.read_bytes()
        assert [i.compress_type for i in archive.infolist() if i.filename.startswith("audio/")] == [0, 0, 0]
    found = read_dawproject(path, tmp_path / "work")
    assert (found.sample_rate, found.tempo) == (48_000, 97.5)
    for track, arranged in zip(late.tracks, found.tracks, strict=True):
        audio = soundfile.read(track.audio_path, dtype="float32", always_2d=True)[0].T
        start = round(track.start_s * 48_000)
        assert (arranged.name, arranged.channels, arranged.unreadable) == (track.name, track.channels, "")
        assert np.array_equal(play(arranged, 48_000, start, start + audio.shape[1]), audio)
        assert arranged.clips[0].position == start


def test_arrays_and_surround_are_written_as_float_wav(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "wide.wav", np.random.default_rng(2).uniform(-0.1, 0.1, (500, 6)), 48_000)
    loud = np.full((1, 300), 3.0, np.float32)
    tracks = (
        Track("wide", tmp_path / "wide.wav", sample_rate=48_000, num_samples=500),
        Track("WIDE", audio=loud, channels=1, sample_rate=44_100, num_samples=300),
    )
    session = Session(tracks, 48_000)
    write_dawproject(tmp_path / "a.dawproject", plain(session), session)
    with zipfile.ZipFile(tmp_path / "a.dawproject") as archive:
        assert sorted(n for n in archive.namelist() if n.startswith("audio/")) == [
            "audio/WIDE (2).wav",
            "audio/wide.wav",
        ]
    wide, array = read_dawproject(tmp_path / "a.dawproject", tmp_path / "work").tracks
    assert soundfile.info(wide.clips[0].channels[0].file).subtype == "FLOAT"
    assert (wide.channels, array.channels) == (2, 1)
    audio, rate = soundfile.read(array.clips[0].channels[0].file, dtype="float32")
    assert rate == 44_100
    assert np.array_equal(audio, loud[0])


def test_what_the_format_cannot_say_is_said(session: Session, tmp_path: Path) -> None:
    strange = ChannelSettings(
        polarity_inverted=1, width=0.5, comp_ratio=3.0, comp_knee_db=9.0, fader_db=8.0, send_db=-9.0
    )
    mix = Mix((ChannelMix("gtr", strange), ChannelMix("kick")), target_lufs=-14.0)
    notes = write_dawproject(tmp_path / "mix.dawproject", mix, session)
    said = "\n".join(notes)
    for part in (
        "invert the polarity by hand",
        "stereo width is not in the file, set it by hand: gtr 0.50",
        "knees (9 dB)",
        "Bitwig's faders end at +6 dB: gtr",
        "1 track send to Reverb Bus: put a reverb there, all wet; decay 1.8 s, pre-delay 20 ms",
        "by the law 'constant power'",
        "target of -14 LUFS",
    ):
        assert part in said


def test_the_reverbs_settings_stand_beside_its_return(session: Session, tmp_path: Path) -> None:
    mix = Mix((ChannelMix("gtr", ChannelSettings(send_db=-9.0)),), BusSettings(reverb_decay_s=3.0))
    write_dawproject(tmp_path / "mix.dawproject", mix, session)
    with zipfile.ZipFile(tmp_path / "mix.dawproject") as archive:
        root = parse_plain_xml(archive.read("project.xml"), keeps_all=True)
    (bus,) = (track for track in root.iter("Track") if track.get("name") == "Reverb Bus")
    assert "decay 3 s" in bus.get("comment", "")
    assert bus.find("Channel/Devices") is None


def test_an_arrangement_gives_name_tempo_and_what_is_missing(session: Session, tmp_path: Path) -> None:
    missing = ArrangedTrack("Pad", 2, unreadable="an instrument plays it")
    arrangement = Arrangement("My <Song>", tmp_path / "song.ardour", 48_000, (missing,), tempo=88.0, pan_law="ardour")
    notes = write_dawproject(tmp_path / "mix.dawproject", plain(session), session, arrangement)
    assert "not in the project: Pad: an instrument plays it" in notes
    assert "by the law 'ardour'" in " ".join(notes)
    with zipfile.ZipFile(tmp_path / "mix.dawproject") as archive:
        assert parse_plain_xml(archive.read("metadata.xml"), keeps_all=True).findtext("Title") == "My <Song>"
    assert read_dawproject(tmp_path / "mix.dawproject", tmp_path / "work").tempo == 88.0


def test_names_that_xml_cannot_hold(tmp_path: Path, schemas: dict[str, Any]) -> None:
    names = ['<&"\x00\x1b>', "../../etc/passwd", "CON", "a\nb", "\udcff", "🎸" * 100]
    tracks = tuple(Track(name, audio=np.zeros((1, 10), np.float32), channels=1, num_samples=10) for name in names)
    session = Session(tracks, 48_000)
    path = tmp_path / "mix.dawproject"
    write_dawproject(path, plain(session), session)
    with zipfile.ZipFile(path) as archive:
        schemas["project.xml"].validate(parse_plain_xml(archive.read("project.xml"), keeps_all=True))
        assert all(name.isprintable() for name in archive.namelist())
    found = [track.name for track in read_dawproject(path, tmp_path / "work").tracks]
    assert found == ['<&"\ufffd\ufffd>', "../../etc/passwd", "CON", "a b", "\ufffd", "🎸" * 100]


def test_the_same_mix_makes_the_same_file(session: Session, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_dawproject(tmp_path / f"{name}.dawproject", plain(session), session)
    first, second = (zipfile.ZipFile(tmp_path / f"{name}.dawproject") for name in ("a", "b"))
    with first, second:
        assert first.read("project.xml") == second.read("project.xml")
        assert [i.date_time for i in first.infolist()] == [i.date_time for i in second.infolist()]


def test_nothing_is_written_over_what_the_mix_was_made_from(session: Session, tmp_path: Path) -> None:
    source = session.track("kick").audio_path
    assert source is not None
    before = source.read_bytes()
    with pytest.raises(SessionError, match="is what the mix was made from"):
        write_dawproject(source, plain(session), session)
    assert source.read_bytes() == before


def test_failures_leave_nothing_behind(session: Session, tmp_path: Path) -> None:
    unknown = Mix((ChannelMix("tuba"),))
    with pytest.raises(SessionError, match="the session has no track 'tuba'"):
        write_dawproject(tmp_path / "a.dawproject", unknown, session)
    gone = Session((Track("gone", tmp_path / "gone.wav"),), 48_000)
    with pytest.raises(SessionError, match=r"gone\.wav: no such file"):
        write_dawproject(tmp_path / "a.dawproject", plain(gone), gone)
    with pytest.raises(SessionError, match="the folder does not exist"):
        write_dawproject(tmp_path / "none" / "a.dawproject", plain(session), session)
    assert list(tmp_path.iterdir()) == []
