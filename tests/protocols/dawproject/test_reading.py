"""What a project's channels, groups, sends, devices and files become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dawproject_texts import MASTER, TRACK, Zipped, one_track, project

from assistant.mix import ChannelSettings
from protocols.arrangement import Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.stems import SessionError

Read = Callable[..., Arrangement]
Settings = Callable[[str], dict[str, float]]

DEVICES = "<Devices>{}</Devices>"
AUDIO = '<Audio channels="2" duration="4.0" sampleRate="44100"><File path="{}" external="{}"/></Audio>'
CLIP = '<Lanes timeUnit="seconds"><Clips track="t"><Clip time="0" duration="4">{}</Clip></Clips></Lanes>'


@pytest.fixture
def read(zipped: Zipped, tmp_path: Path) -> Read:
    """Reads the project of this structure."""

    def arrangement(structure: str, lanes: str = "", more: str = "") -> Arrangement:
        return read_dawproject(zipped(project(structure, lanes, more=more)), tmp_path / "work")

    return arrangement


@pytest.fixture
def settings(read: Read) -> Settings:
    """The settings of a track whose channel holds this XML, in what differs from the defaults."""
    return lambda channel: read(one_track(channel)).tracks[0].settings.changed()


@pytest.mark.parametrize(
    ("volume", "fader_db"),
    [
        ('unit="linear" value="0.5" max="2.0"', -6.0206),
        ('unit="decibel" value="-4.5"', -4.5),
        ('unit="normalized" value="0.25"', -12.0412),
        ('unit="percent" value="50"', -6.0206),
        ('unit="linear" value="1.000000"', 0.0),
        ('unit="linear" value="100"', 12.0),
        ('unit="linear" value="null"', 0.0),
        ('unit="linear"', 0.0),
        ('unit="bpm" value="3"', 0.0),
        ('unit="linear" value="nan"', 0.0),
        ('unit="decibel" value="inf"', 12.0),
    ],
)
def test_volumes(settings: Settings, volume: str, fader_db: float) -> None:
    assert settings(f"<Volume {volume}/>").get("fader_db", 0.0) == pytest.approx(fader_db, abs=1e-4)


@pytest.mark.parametrize("volume", ['unit="linear" value="0.0"', 'unit="decibel" value="-inf"'])
def test_a_fader_that_is_down_mutes(read: Read, volume: str) -> None:
    (track,) = read(one_track(f"<Volume {volume}/>")).tracks
    assert (track.muted, track.settings["fader_db"]) == (True, -60.0)


@pytest.mark.parametrize(
    ("pan", "expected"),
    [
        ('unit="normalized" value="0.5" min="0" max="1"', 0.0),
        ('unit="normalized" value="0.0"', -1.0),
        ('unit="linear" value="-0.25" min="-1" max="1"', -0.25),
        ('unit="linear" value="0.25"', 0.25),
        ('unit="linear" value="0.25" min="0" max="1"', -0.5),
        ('unit="percent" value="-30" min="-100" max="100"', -0.3),
        ('unit="percent" value="75" min="0" max="100"', 0.5),
    ],
)
def test_pans(settings: Settings, pan: str, expected: float) -> None:
    assert settings(f"<Pan {pan}/>").get("pan", 0.0) == pytest.approx(expected)


def test_an_equaliser_as_bitwig_writes_it(settings: Settings) -> None:
    """Frequencies in semitones, MIDI pitch: 69 is 440 Hz."""
    bands = (
        '<Band type="highPass" order="0"><Freq unit="semitones" value="39.486820576"/>'
        '<Q unit="linear" value="0.707"/></Band>'
        '<Band type="bell" order="3"><Freq unit="hertz" value="2000"/><Gain unit="decibel" value="-3.5"/></Band>'
        '<Band type="bell" order="1"><Freq unit="semitones" value="57"/><Gain unit="decibel" value="2"/>'
        '<Q unit="linear" value="1.5"/></Band>'
        '<Band type="bell" order="2"><Freq unit="hertz" value="700"/><Gain unit="decibel" value="9"/>'
        '<Enabled value="false"/></Band>'
        '<Band type="highShelf" order="4"><Freq unit="hertz" value="8000"/><Gain unit="decibel" value="1"/></Band>'
    )
    gains = '<InputGain unit="decibel" value="-2"/><OutputGain unit="decibel" value="0.5"/>'
    found = settings(DEVICES.format(f'<Equalizer deviceName="EQ+" deviceRole="audioFX">{bands}{gains}</Equalizer>'))
    assert found == pytest.approx(
        {
            "trim_db": -1.5,
            "highpass_on": 1.0,
            "highpass_hz": 80.0,
            "peak1_hz": 220.0,
            "peak1_gain_db": 2.0,
            "peak1_q": 1.5,
            "peak2_hz": 2000.0,
            "peak2_gain_db": -3.5,
            "high_shelf_hz": 8000.0,
            "high_shelf_gain_db": 1.0,
        }
    )


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ('unit="percent" value="75"', 4.0),
        ('unit="percent" value="0"', 1.0),
        ('unit="percent" value="100"', 20.0),
        ('unit="normalized" value="0.5"', 2.0),
        ('unit="linear" value="3"', 3.0),
        ('unit="linear" value="0.5"', 2.0),
    ],
)
def test_ratios(settings: Settings, ratio: str, expected: float) -> None:
    device = f'<Compressor deviceName="C" deviceRole="audioFX"><Ratio {ratio}/></Compressor>'
    assert settings(DEVICES.format(device)).get("comp_ratio", 1.0) == pytest.approx(expected)


def test_a_compressor(settings: Settings) -> None:
    rows = {"Attack": 0.02, "InputGain": 3, "OutputGain": 4, "Release": 0.2, "Threshold": -18}
    units = {"Attack": "seconds", "Release": "seconds"}
    inner = "".join(f'<{tag} unit="{units.get(tag, "decibel")}" value="{value}"/>' for tag, value in rows.items())
    device = f'<Compressor deviceName="C" deviceRole="audioFX">{inner}</Compressor>'
    expected = {"comp_attack_ms": 20.0, "trim_db": 3.0, "comp_makeup_db": 4.0, "comp_release_ms": 200.0}
    assert settings(DEVICES.format(device)) == pytest.approx(expected | {"comp_threshold_db": -18.0})


def test_bypassed_devices_are_not_heard(settings: Settings) -> None:
    gain = '<InputGain unit="decibel" value="5"/>'
    off = f'<Equalizer deviceName="E" deviceRole="audioFX"><Enabled value="false"/>{gain}</Equalizer>'
    unloaded = f'<Equalizer deviceName="E" deviceRole="audioFX" loaded="false">{gain}</Equalizer>'
    heard = f'<Equalizer deviceName="E" deviceRole="audioFX">{gain.replace("5", "2")}</Equalizer>'
    assert settings(DEVICES.format(off + unloaded)) == {}
    assert settings(DEVICES.format(off + heard)) == {"trim_db": 2.0}


def test_what_the_console_has_not_is_said(read: Read) -> None:
    devices = (
        '<Vst3Plugin deviceName="Pro-Q 3" deviceRole="audioFX"/><NoiseGate deviceName="Gate" deviceRole="audioFX"/>'
        '<Equalizer deviceName="E" deviceRole="audioFX"><Band type="notch"><Freq unit="hertz" value="50"/></Band>'
        '<Band type="bell"><Freq unit="hertz" value="100"/><Gain unit="decibel" value="24"/></Band></Equalizer>'
    )
    (note,) = read(one_track(DEVICES.format(devices))).notes
    assert note.startswith("Gtr: not taken as it stands: ")
    for part in ("'Pro-Q 3'", "NoiseGate", "notch at 50 Hz", "Low-mid gain 24 dB became 15"):
        assert part in note


def test_the_master(read: Read) -> None:
    """A limiter ahead of the fader: both move what comes out, and so its ceiling."""
    limiter = (
        '<Limiter deviceName="L" deviceRole="audioFX"><InputGain unit="decibel" value="6"/>'
        '<OutputGain unit="decibel" value="-0.5"/><Release unit="seconds" value="0.05"/>'
        '<Threshold unit="decibel" value="-1"/></Limiter>'
    )
    master = read(one_track("", DEVICES.format(limiter) + '<Volume unit="decibel" value="-2"/>')).master
    found = {"master_gain_db": 3.5, "limiter_ceiling_dbtp": -3.5, "limiter_release_ms": 50.0}
    assert dict(master) == pytest.approx(found)
    assert read(one_track("", '<Volume unit="decibel" value="-2"/>')).master.changed() == {"master_gain_db": -2.0}


def group(inner: str, channel: str, destination: str = "m") -> str:
    """A group track around ``inner``."""
    held = f'<Channel role="submix" destination="{destination}" id="g">{channel}</Channel>'
    return f'<Track contentType="tracks" id="tg" name="Band">{held}{inner}</Track>'


def test_groups_are_part_of_how_loud_a_track_is(read: Read) -> None:
    send = '<Sends><Send destination="fx" type="post"><Volume unit="decibel" value="-12"/></Send></Sends>'
    returns = '<Track contentType="audio" id="tf" name="Hall"><Channel role="effect" id="fx"/></Track>'
    inner = TRACK.replace('destination="m"', 'destination="g"').format(send + '<Volume unit="decibel" value="-4"/>')
    structure = group(inner, '<Volume unit="decibel" value="-3"/>') + returns + MASTER.format("")
    (track,) = read(structure).tracks
    # The send is taken ahead of the group, in the console after: it has to make up for what the group takes away.
    assert track.settings.changed() == pytest.approx({"fader_db": -7.0, "send_db": -9.0})
    beside = group("", '<Volume unit="decibel" value="-3"/>') + inner + MASTER.format("")
    assert read(beside).tracks[0].settings["fader_db"] == -7.0
    past = group(inner.replace('"g"', '"m"'), '<Volume unit="decibel" value="-3"/>') + MASTER.format("")
    assert read(past).tracks[0].settings["fader_db"] == -4.0


def test_groups_mute_and_what_they_do_else_is_said(read: Read) -> None:
    inner = TRACK.replace('destination="m"', 'destination="g"').format("")
    muted = group(inner, '<Mute value="true"/>') + MASTER.format("")
    assert read(muted).tracks[0].muted
    device = DEVICES.format('<Compressor deviceName="C" deviceRole="audioFX"/>')
    assert "the group Band: its devices were not taken" in read(group(inner, device) + MASTER.format("")).notes


def test_groups_that_lead_round_in_a_circle(read: Read) -> None:
    inner = TRACK.replace('destination="m"', 'destination="g"').format("")
    circle = group(inner, '<Volume unit="decibel" value="-3"/>', "g") + MASTER.format("")
    assert read(circle).tracks[0].settings["fader_db"] == -3.0


def test_a_track_that_plays_into_another_is_on_its_own(read: Read) -> None:
    other = TRACK.replace('"t"', '"t2"').replace('"c"', '"c2"').replace("Gtr", "Amp")
    structure = TRACK.replace('destination="m"', 'destination="c2"').format("")
    arrangement = read(structure + other.format('<Volume unit="decibel" value="-3"/>') + MASTER.format(""))
    assert [track.settings["fader_db"] for track in arrangement.tracks] == [0.0, -3.0]
    assert arrangement.notes == ("Gtr plays into Amp; it was taken as on its own",)


@pytest.mark.parametrize(
    ("kind", "enable", "target", "expected"),
    [
        ("post", "true", "fx", {"send_db": -9.0}),
        ("post", "false", "fx", {}),
        ("pre", "true", "fx", {}),
        ("post", "true", "nowhere", {}),
    ],
)
def test_sends(read: Read, kind: str, enable: str, target: str, expected: dict[str, float]) -> None:
    level = f'<Enable value="{enable}"/><Volume unit="decibel" value="-9"/>'
    send = f'<Send destination="{target}" type="{kind}">{level}</Send>'
    returns = (
        '<Track contentType="audio" id="td" name="Delay"><Channel role="effect" id="dl"/></Track>'
        '<Track contentType="audio" id="tf" name="Vox Reverb"><Channel role="effect" id="fx">'
        '<Volume unit="decibel" value="-5"/></Channel></Track>'
    )
    arrangement = read(TRACK.format(f"<Sends>{send}</Sends>") + returns + MASTER.format(""))
    assert arrangement.tracks[0].settings == ChannelSettings(expected)
    assert arrangement.reverb["reverb_return_db"] == -5.0
    said = " ".join(arrangement.notes)
    assert "effect tracks that were not taken: Delay" in said
    assert ("fader send to" in said) == (enable == "true" and not expected)


def test_a_return_with_a_reverb_in_it(read: Read) -> None:
    plugin = '<ClapPlugin deviceName="Valhalla VintageVerb" deviceRole="audioFX"/>'
    held = f'<Channel role="effect" id="fx">{DEVICES.format(plugin)}<Volume unit="decibel" value="-5"/></Channel>'
    returns = f'<Track contentType="audio" id="tf" name="FX 1">{held}</Track>'
    assert read(one_track() + returns).reverb["reverb_return_db"] == -5.0
    assert read(one_track() + returns.replace("VintageVerb", "Delay")).reverb["reverb_return_db"] == 0.0


def test_names_differ_and_tell(read: Read) -> None:
    names = ("Gtr", "Gtr", " ", "Gtr (2)", "a&#10;b  c")
    tracks = "".join(f'<Track contentType="audio" id="t{i}" name="{n}"><Channel/></Track>' for i, n in enumerate(names))
    assert [track.name for track in read(tracks).tracks] == ["Gtr", "Gtr (2)", "unnamed", "Gtr (2) (2)", "a b  c"]


def test_files_outside(zipped: Zipped, tone: Path, tmp_path: Path) -> None:
    """Beside the project, or where an absolute path leads."""
    (tmp_path / "tone.wav").symlink_to(tone)
    for path in ("tone.wav", "../" + tmp_path.name + "/tone.wav", str(tone)):
        arrangement = read_dawproject(
            zipped(project(one_track(), CLIP.format(AUDIO.format(path, "true")))), tmp_path / "work"
        )
        (clip,) = arrangement.tracks[0].clips
        assert clip.channels[0].file.samefile(tone)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("path", "external", "said"),
    [
        ("gone.wav", "true", "gone.wav is missing"),
        ("gone.wav", "false", "gone.wav is missing"),
        ("//server/share/a.wav", "true", "is missing"),
        ("\\\\server\\share\\a.wav", "true", "is missing"),
        ("/etc/passwd", "true", "is no audio file"),
        ("project.xml", "false", "is no audio file"),
        ("../tone.wav", "false", "is missing"),
        ("a\x85b\u202e.wav", "true", "is missing"),
        ("text.wav", "false", "audio 002"),
    ],
)
def test_files_that_cannot_be_had(
    zipped: Zipped, tone: Path, tmp_path: Path, path: str, external: str, said: str
) -> None:
    xml = project(one_track(), CLIP.format(AUDIO.format(path, external)))
    (track,) = read_dawproject(zipped(xml, {"text.wav": b"hello"}), tmp_path / "work").tracks
    assert track.clips == ()
    assert (
        said.replace("text.wav", "001") in track.unreadable or said in track.unreadable or "audio" in track.unreadable
    )
    assert track.unreadable.endswith("export the project with its audio in it")
    assert track.unreadable.isprintable()


def test_a_file_is_unpacked_once(zipped: Zipped, tone: Path, tmp_path: Path) -> None:
    path = zipped(project(one_track(), CLIP.format(AUDIO.format("a b/Ä.WAV", "false"))), {"a b/Ä.WAV": tone})
    first = read_dawproject(path, tmp_path / "work")
    (file,) = (tmp_path / "work").iterdir()
    assert file.read_bytes() == tone.read_bytes()
    assert file.suffix == ".wav"
    before = file.stat().st_mtime_ns
    assert read_dawproject(path, tmp_path / "work") == first
    assert file.stat().st_mtime_ns == before
    file.write_bytes(b"x" * file.stat().st_size)
    read_dawproject(path, tmp_path / "work")
    assert file.read_bytes() == tone.read_bytes()


def test_files_of_other_rates_and_widths(zipped: Zipped, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "m.wav", np.zeros(96_000), 48_000)
    soundfile.write(tmp_path / "s.wav", np.zeros((96_000, 2)), 48_000)
    soundfile.write(tmp_path / "o.wav", np.zeros((88_200, 6)), 44_100)
    clips = "".join(
        f'<Clip time="{2 * i}" duration="1.5" playStart="0.5">{AUDIO.format(f"{n}.wav", "true")}</Clip>'
        for i, n in enumerate("mso")
    )
    lanes = f'<Lanes timeUnit="seconds"><Clips track="t">{clips}</Clips></Lanes>'
    arrangement = read_dawproject(zipped(project(one_track(), lanes)), tmp_path / "work")
    (track,) = arrangement.tracks
    assert (arrangement.sample_rate, track.channels) == (48_000, 2)
    assert [len(clip.channels) for clip in track.clips] == [1, 2, 2]
    assert [clip.file_rate for clip in track.clips] == [None, None, 44_100]
    assert [(c.position, c.length, c.offset) for c in track.clips] == [(i * 96_000, 72_000, 24_000) for i in range(3)]
    assert "only the first two channels" in " ".join(arrangement.notes)


def test_other_versions(zipped: Zipped, tmp_path: Path) -> None:
    with pytest.raises(SessionError, match=r"version '2\.0'; this program reads version 1"):
        read_dawproject(zipped(project().replace('<Project version="1.0"', '<Project version="2.0"')), tmp_path)


def test_a_project_of_nothing(read: Read) -> None:
    arrangement = read("")
    assert (arrangement.tracks, arrangement.notes, arrangement.name, arrangement.tempo) == ((), (), "song", 120.0)
