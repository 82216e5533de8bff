"""A mix put back into the project it came from: what it says is changed, all else is left as it was."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from dawproject_texts import MASTER, TRACK, Zipped, one_track, project
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix
from assistant.params import CHANNEL_PARAMS
from protocols.arrangement import Arrangement
from protocols.dawproject.reading import read_dawproject
from protocols.dawproject.updating import update_dawproject
from protocols.plain_xml import parse_plain_xml
from protocols.stems import SessionError

UNSAID = ("polarity_inverted", "comp_knee_db", "width")

#: A project as DAWs make them: units of all kinds, a group, returns, plug-ins, automation, and things we do not know.
RICH = project(
    """
  <!-- kept -->
  <Track contentType="tracks" id="tg" name="Band" color="#112233"><Channel role="submix" destination="m" id="g">
    <Volume max="2.0" min="0.0" unit="linear" value="0.707946" id="gv" name="Volume"/></Channel>
    <Track contentType="audio" id="t1" name="Gtr" x:own="1" xmlns:x="urn:x">
      <Channel role="regular" destination="g" id="c1" audioChannels="2" solo="false">
        <Devices>
          <Vst3Plugin deviceName="Amp" deviceRole="audioFX" id="p"><State path="plugins/a.vstpreset"/></Vst3Plugin>
          <Compressor deviceName="Compressor" deviceRole="audioFX" id="d1"><Parameters/>
            <Attack unit="seconds" value="0.005"/><AutoMakeup value="true"/><InputGain unit="decibel" value="2.5"/>
            <Threshold unit="decibel" value="-11.000000" max="0" min="-40"/></Compressor>
          <Equalizer deviceName="EQ+" deviceRole="audioFX" id="d2">
            <Band type="notch" order="0"><Freq unit="semitones" value="31.35"/></Band>
            <Band type="bell" order="1"><Freq unit="semitones" value="57.000000" id="f1"/>
              <Gain max="30" min="-30" unit="decibel" value="24.000000"/><Q unit="linear" value="1.000000"/></Band>
            <Band type="bell" order="2"><Freq unit="hertz" value="900"/><Enabled value="false"/></Band>
            <Band type="lowShelf" order="3"><Freq unit="hertz" value="120"/><Gain unit="decibel" value="1"/>
              <Enabled value="false"/></Band>
            <OutputGain unit="decibel" value="-1.5"/>
          </Equalizer>
        </Devices>
        <Mute value="false" id="mu"/>
        <Pan max="1" min="-1" unit="linear" value="0.3" id="pa"/>
        <Sends><Send destination="dl" type="pre" id="s0"><Volume unit="linear" value="0.4"/></Send>
          <Send destination="fx" type="post" id="s1"><Enable value="false"/><Volume unit="linear" value="0.4"/></Send>
        </Sends>
        <Volume unit="decibel" value="-4.250000" id="vo"/>
      </Channel>
    </Track>
  </Track>
  <Track contentType="audio" id="t2" name="Vox"/>
  <Track contentType="audio" id="t3" name="Bass"><Channel role="regular" destination="m" id="c3"/></Track>
  <Track contentType="audio" id="td" name="Delay"><Channel role="effect" id="dl"/></Track>
  <Track contentType="audio" id="tf" name="Plate"><Channel role="effect" id="fx"><Volume unit="percent" value="50"/>
    </Channel></Track>
  <Track contentType="audio" id="tm" name="Master"><Channel role="master" id="m">
    <Volume unit="linear" value="0.5"/></Channel></Track>
""",
    '<Lanes><Points track="t1"><Target parameter="vo"/><RealPoint time="0" value="1"/></Points></Lanes>',
    more="<Scenes/><Ours><?do it?>a &amp; b</Ours>",
)
STATE = bytes(range(256)) * 10
FILES = {"plugins/a.vstpreset": STATE, "metadata.xml": b"<MetaData/>", "audio/x.bin": b"x" * 999}


@pytest.fixture
def rich(zipped: Zipped) -> Path:
    return zipped(RICH, FILES)


def read(path: Path) -> Arrangement:
    return read_dawproject(path, path.parent / "work")


def mix_of(arrangement: Arrangement, **changes: ChannelSettings) -> Mix:
    """The mix that ``arrangement`` says, with the named tracks' settings in place of theirs."""
    channels = tuple(ChannelMix(t.name, changes.get(t.name, t.settings)) for t in arrangement.tracks)
    return Mix(channels, arrangement.reverb, arrangement.master)


def root_of(path: Path) -> Element:
    with zipfile.ZipFile(path) as archive:
        return parse_plain_xml(archive.read("project.xml"), keeps_all=True)


def facts(element: Element, left_out: tuple[str, ...] = ()) -> Any:
    """All that an element holds, but for those of these tags, as a value."""
    children = [facts(child, left_out) for child in element if child.tag not in left_out]
    return element.tag, dict(element.attrib), (element.text or "").strip(), children


def test_what_is_said_already_is_not_changed(rich: Path, tmp_path: Path) -> None:
    """Only the limiter of the console's master is new: this project has none."""
    update_dawproject(rich, tmp_path / "new.dawproject", mix_of(read(rich)))
    old, new = root_of(rich), root_of(tmp_path / "new.dawproject")
    master = new.find(".//Channel[@id='m']")
    assert master is not None
    master.remove(next(child for child in master if child.tag == "Devices"))
    assert facts(new) == facts(old)


def test_all_that_is_not_the_consoles_stays(rich: Path, tmp_path: Path) -> None:
    changed = ChannelSettings(fader_db=-9, pan=-1, send_db=-6, comp_ratio=4, peak1_gain_db=-5, peak3_gain_db=2)
    mix = mix_of(read(rich), Gtr=changed, Vox=changed, Bass=changed)
    update_dawproject(rich, tmp_path / "new.dawproject", mix)
    ours = ("Devices", "Pan", "Sends", "Volume", "Channel")
    assert facts(root_of(tmp_path / "new.dawproject"), ours) == facts(root_of(rich), ours)
    with zipfile.ZipFile(rich) as old, zipfile.ZipFile(tmp_path / "new.dawproject") as new:
        assert {name: new.read(name) for name in new.namelist() if name != "project.xml"} == FILES
        assert [new.getinfo(name).date_time for name in FILES] == [old.getinfo(name).date_time for name in FILES]
        text = new.read("project.xml").decode()
    for kept in (
        "<!-- kept -->",
        'x:own="1" xmlns:x="urn:x"',
        '<State path="plugins/a.vstpreset"',
        '<Band type="notch" order="0"><Freq unit="semitones" value="31.35"',
        '<Freq unit="hertz" value="900" /><Enabled value="false" />',
        '<Send destination="dl" type="pre" id="s0"><Volume unit="linear" value="0.4"',
        '<Volume max="2.0" min="0.0" unit="linear" value="0.707946" id="gv" name="Volume"',
        "<Ours><?do it?>a &amp; b</Ours>",
        '<InputGain unit="decibel" value="2.5"',
    ):
        assert kept in text


def settings_of_strips() -> st.SearchStrategy[ChannelSettings]:
    def value(name: str) -> st.SearchStrategy[float]:
        param = next(p for p in CHANNEL_PARAMS if p.name == name)
        edges = st.sampled_from([param.low, param.high, param.default])
        return edges if param.curve == "toggle" else edges | st.floats(param.low, param.high, allow_subnormal=False)

    names = [p.name for p in CHANNEL_PARAMS if p.name not in UNSAID]
    return st.fixed_dictionaries({}, optional={name: value(name) for name in names}).map(ChannelSettings)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    strips=st.lists(settings_of_strips(), min_size=6, max_size=6),
    return_db=st.floats(-60, 12),
    ceiling=st.floats(-20, 0),
    gain_db=st.floats(-20, 20),
)
def test_every_mix_is_read_back_and_written_once(
    strips: list[ChannelSettings], return_db: float, ceiling: float, gain_db: float, zipped: Zipped, tmp_path: Path
) -> None:
    rich = zipped(RICH, FILES)
    source = rich
    # Twice, so that the second mix meets what the first left.
    for number, three in enumerate((strips[:3], strips[3:])):
        channels = tuple(map(ChannelMix, ("Gtr", "Vox", "Bass"), three))
        master = MasterSettings(master_gain_db=gain_db, limiter_ceiling_dbtp=ceiling)
        mix = Mix(channels, BusSettings(reverb_return_db=return_db), master)
        new, again = tmp_path / f"new{number}.dawproject", tmp_path / f"again{number}.dawproject"
        update_dawproject(source, new, mix)
        found = read(new)
        for track, settings_wanted in zip(found.tracks, three, strict=True):
            assert_heard(dict(track.settings), dict(settings_wanted))
        assert dict(found.master) == pytest.approx(dict(master), abs=1e-6)
        assert found.reverb["reverb_return_db"] == pytest.approx(return_db, abs=1e-6)
        update_dawproject(new, again, mix)
        assert zipfile.ZipFile(again).read("project.xml") == zipfile.ZipFile(new).read("project.xml")
        source = new


def assert_heard(found: dict[str, float], wanted: dict[str, float]) -> None:
    """The same settings but for rounding, and for those of bands and filters that do nothing."""
    for band in ("low_shelf", "peak1", "peak2", "peak3", "high_shelf"):
        if abs(wanted[f"{band}_gain_db"]) < 1e-6:
            wanted |= {f"{band}{end}": found[f"{band}{end}"] for end in ("_hz", "_q")}
    if not wanted["highpass_on"]:
        wanted["highpass_hz"] = found["highpass_hz"]
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-5)


def test_what_was_true_to_the_schema_still_is(zipped: Zipped, tmp_path: Path, schemas: dict[str, Any]) -> None:
    valid = RICH.replace(' x:own="1" xmlns:x="urn:x"', "").replace("<Ours><?do it?>a &amp; b</Ours>", "")
    everything = ChannelSettings({p.name: p.low if p.name == "highpass_hz" else p.high for p in CHANNEL_PARAMS})
    for number, text in enumerate((valid, project(one_track()), project(one_track("<Devices/><Sends/>")))):
        original = zipped(text, name=f"{number}.dawproject")
        schemas["project.xml"].validate(root_of(original))
        names = [track.name for track in read(original).tracks]
        mix = Mix(tuple(ChannelMix(name, everything) for name in names), BusSettings(reverb_return_db=3))
        update_dawproject(original, tmp_path / "new.dawproject", mix)
        schemas["project.xml"].validate(root_of(tmp_path / "new.dawproject"))


NUMBERS = ("nan", "inf", "-inf", "1e308", "-1e308", "1e-308", "0", "-1", "", "x", "1e999", "true", "beats", "t1")
VALUES = [match.span(1) for match in re.finditer(r'="([^"]*)"', RICH)]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(changes=st.lists(st.tuples(st.sampled_from(VALUES), st.sampled_from(NUMBERS)), min_size=1, max_size=4))
def test_strange_values_do_no_harm(changes: list[tuple[tuple[int, int], str]], zipped: Zipped, tmp_path: Path) -> None:
    text = RICH
    for (begin, end), value in sorted(dict(changes).items(), reverse=True):
        text = text[:begin] + value + text[end:]
    strange, new = zipped(text), tmp_path / "new.dawproject"
    with suppress(SessionError):
        loud = ChannelSettings(fader_db=-9, pan=-1, trim_db=3, comp_ratio=4, peak3_gain_db=2)
        update_dawproject(strange, new, mix_of(read(strange), Gtr=loud))
        read(new)


def test_units_stay_those_of_the_daw(rich: Path, tmp_path: Path) -> None:
    mix = mix_of(read(rich), Gtr=read(rich).tracks[0].settings.with_values(fader_db=-6.0, pan=0.5, peak1_hz=440.0))
    update_dawproject(rich, tmp_path / "new.dawproject", mix)
    channel = root_of(tmp_path / "new.dawproject").find(".//Channel[@id='c1']")
    assert channel is not None
    volume, pan = channel.find("Volume"), channel.find("Pan")
    frequency = channel.find(".//Freq[@id='f1']")
    assert volume is not None
    assert pan is not None
    assert frequency is not None
    # The group takes 3 dB away.
    assert (volume.get("unit"), float(volume.get("value", ""))) == ("decibel", pytest.approx(-3.0, abs=1e-5))
    assert (pan.get("unit"), pan.get("value")) == ("linear", "0.5")
    assert (frequency.get("unit"), float(frequency.get("value", ""))) == ("semitones", pytest.approx(69.0))


def test_a_return_is_made_for_sends(zipped: Zipped, tmp_path: Path) -> None:
    original = zipped(project(one_track().replace('id="tm"', 'id="mixassist-reverb"')))
    mix = Mix((ChannelMix("Gtr", ChannelSettings(send_db=-8.0)),), BusSettings(reverb_return_db=-3.0))
    notes = update_dawproject(original, tmp_path / "new.dawproject", mix)
    assert "send to Reverb Bus" in " ".join(notes)
    found = read(tmp_path / "new.dawproject")
    assert (found.tracks[0].settings["send_db"], found.reverb["reverb_return_db"]) == pytest.approx((-8.0, -3.0))
    ids = [element.get("id") for element in root_of(tmp_path / "new.dawproject").iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    off = Mix((ChannelMix("Gtr"),), BusSettings(reverb_return_db=-60.0))
    update_dawproject(tmp_path / "new.dawproject", tmp_path / "off.dawproject", off)
    found = read(tmp_path / "off.dawproject")
    assert (found.tracks[0].settings["send_db"], found.reverb["reverb_return_db"]) == (-60.0, -60.0)


def test_a_project_without_a_master(zipped: Zipped, tmp_path: Path) -> None:
    original = zipped(project(TRACK.format("")))
    notes = update_dawproject(original, tmp_path / "new.dawproject", Mix((ChannelMix("Gtr"),)))
    assert notes == ("the project has no master channel: its limiter was not written",)
    assert facts(root_of(tmp_path / "new.dawproject")) == facts(root_of(original))


def test_tracks_beside_the_mix_are_left(zipped: Zipped, tmp_path: Path) -> None:
    other = TRACK.replace('"t"', '"t2"').replace('"c"', '"c2"').replace("Gtr", "Pad").format('<Mute value="true"/>')
    original = zipped(project(TRACK.format("") + other + MASTER.format("")))
    update_dawproject(original, tmp_path / "new.dawproject", Mix((ChannelMix("Gtr", ChannelSettings(fader_db=-5)),)))
    old, new = (root_of(path).find(".//Track[@id='t2']") for path in (original, tmp_path / "new.dawproject"))
    assert old is not None
    assert new is not None
    assert facts(old) == facts(new)


def test_refusals_leave_nothing_behind(rich: Path, tmp_path: Path) -> None:
    before = rich.read_bytes()
    with pytest.raises(SessionError, match="is what the mix was made from"):
        update_dawproject(rich, rich, mix_of(read(rich)))
    link = tmp_path / "link.dawproject"
    link.symlink_to(rich)
    with pytest.raises(SessionError, match="is what the mix was made from"):
        update_dawproject(rich, link, mix_of(read(rich)))
    link.unlink()
    with pytest.raises(SessionError, match=r"has no tracks called Tuba; is the mix another's"):
        update_dawproject(rich, tmp_path / "new.dawproject", Mix((ChannelMix("Tuba"),)))
    assert rich.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [rich.name]
