"""Ardour's session files against what Ardour itself plays of them, and what is refused.

``song.ardour`` was saved by Ardour 7.3 (what the reader does not look at was taken out), ``song_bass.wav`` is its own
bounce of the track "bass".
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from ardour_host import ArdourHost, find_ardour

from assistant.arrays import FloatArray
from protocols.ardour.session_file import read_ardour_session
from protocols.arrangement import Arrangement
from protocols.playing import play
from protocols.stems import SessionError

RATE = 44_100
LENGTH = 6 * RATE
#: How much of each track is bounced, so that nothing is cut off.
BOUNCED = 12 * RATE
SHAPES = ("FadeLinear", "FadeFast", "FadeSlow", "FadeConstantPower", "FadeSymmetric")

LUA = """
function regions(name) return route(name):to_track():playlist():region_list():iter() end
function put(name, source, position, start, length)
  local playlist = route(name):to_track():playlist()
  for id in ARDOUR.RegionFactory.regions():iter() do
    local found = ARDOUR.RegionFactory.region_by_id(id)
    if not found:isnil() and found:name() == source and found:whole_file() then
      local made = ARDOUR.RegionFactory.clone_region(found, false, false)
      if type(position) == "number" then position = Temporal.timepos_t(position) end
      playlist:add_region(made, position, 1, false)
      if start then made:trim_front(made:position() + Temporal.timecnt_t(start)) made:set_position(position) end
      if length then made:set_length(Temporal.timecnt_t(length)) end
      return made:to_audioregion()
    end
  end
  error("no region " .. source)
end
function fades(region, in_length, out_length, shape)
  region:set_fade_in_length(in_length) region:set_fade_out_length(out_length)
  region:set_fade_in_shape(ARDOUR.FadeShape[shape]) region:set_fade_out_shape(ARDOUR.FadeShape[shape])
end
function envelope(region, points)
  region:set_envelope_active(true)
  for _, point in ipairs(points) do
    region:envelope():add(Temporal.timepos_t(point[1]), point[2], false, true)
  end
end
local map = Temporal.TempoMap.write_copy()
map:set_tempo(Temporal.Tempo(97.3, 97.3, 4), Temporal.timepos_t(0))
map:set_tempo(Temporal.Tempo(140, 140, 8), Temporal.timepos_t.from_ticks(1920 * 4))
map:set_tempo(Temporal.Tempo(110, 160, 4), Temporal.timepos_t.from_ticks(1920 * 8))
map:set_tempo(Temporal.Tempo(160, 160, 4), Temporal.timepos_t.from_ticks(1920 * 16))
Temporal.TempoMap.update(map)
for _, name in ipairs { "shapes", "envelopes", "layers", "short", "beats", "one to two", "two to one", "compound" } do
  new_track(name, (name == "one to two" or name == "compound") and 2 or 1)
end
"""

TRACKS = {
    "shapes": """
for i, shape in ipairs { "FadeLinear", "FadeFast", "FadeSlow", "FadeConstantPower", "FadeSymmetric" } do
  local region = put("shapes", "mono", 1000 + i * 61000, 100 * i, 50000)
  fades(region, 5001 + 997 * i, 12001 + 1999 * i, shape)
  region:set_scale_amplitude(1 - 0.4 * i)
end
""",
    "envelopes": """
envelope(put("envelopes", "mono", 777, 50, 60000), {{10000, 0.25}, {20000, 1.5}, {20100, 0}, {40000, 0.9}})
local region = put("envelopes", "mono", 80000, 0, 60000)
envelope(region, {{30000, 2}, {45000, 0.001}})
fades(region, 20000, 25000, "FadeSlow") region:set_scale_amplitude(-0.5)
put("envelopes", "mono", 150000, 0, 30000):set_muted(true)
for i = 1, 4 do
  envelope(put("envelopes", "mono", 150000 + 40000 * i, 0, 35000), {{10000, 0.25}, {20000, 1.5}, {30000, 0.1}})
end
""",
    "layers": """
put("layers", "mono", 0)
fades(put("layers", "other", 20000, 333, 50000), 9000, 15000, "FadeConstantPower")
fades(put("layers", "mono", 60011, 9999, 40000), 3000, 17000, "FadeFast")
local clear = put("layers", "other", 90000, 0, 60000) clear:set_opaque(false) fades(clear, 8000, 8000, "FadeSymmetric")
local hard = put("layers", "other", 160000, 7, 30000) fades(hard, 5000, 5000, "FadeLinear")
hard:set_fade_in_active(false) hard:set_fade_out_active(false)
put("layers", "other", 170000, 0, 30000):set_muted(true)
local low = put("layers", "other", 5000, 0, 30000) fades(low, 10000, 10000, "FadeSlow") low:lower_to_bottom()
""",
    "short": """
put("short", "mono", 100, 0, 90)
fades(put("short", "mono", 10000, 0, 20000), 15000, 15000, "FadeConstantPower")
local clear = put("short", "mono", 40000, 0, 20000) clear:set_opaque(false) fades(clear, 15000, 15000, "FadeLinear")
put("short", "other", 39000, 0, 30000):lower_to_bottom()
""",
    "beats": """
put("beats", "mono", Temporal.timepos_t.from_ticks(1920 * 3 + 777), 0, 40000)
put("beats", "other", Temporal.timepos_t.from_ticks(1920 * 11 + 1), 0, 40000)
put("beats", "mono", Temporal.timepos_t.from_ticks(1920 * 17), 0, 40000)
""",
    "one to two": 'put("one to two", "mono", 4321, 0, 50000)',
    "two to one": 'put("two to one", "wide", 4321, 0, 50000)',
    "compound": """
local low, high = put("compound", "wide", 30000, 100, 60000), put("compound", "mono", 60000, 0, 60000)
fades(low, 2000, 20000, "FadeConstantPower") fades(high, 15000, 20000, "FadeSlow")
""",
}


def edited(text: str) -> str:
    """The session with what Lua cannot make: a compound, a length in beats, envelopes of every style, source gains."""
    session = ElementTree.fromstring(text)
    playlists = {found.get("name"): found for found in session.iterfind("Playlists/Playlist")}
    make_compound(session, playlists["compound"])
    last = playlists["beats"].findall("Region")[-1]
    last.set("length", "b1920@" + last.get("length", "").partition("@")[2])
    styles = ("Linear", "Logarithmic", "Discrete", "Curved")
    for style, region in zip(styles, playlists["envelopes"].findall("Region")[-4:], strict=True):
        next(region.iterfind("Envelope/AutomationList")).set("interpolation-style", style)
    for source in session.iterfind("Sources/Source"):
        if source.get("name", "").endswith("embedded.wav"):
            source.set("gain", "0.3")
    return ElementTree.tostring(session, encoding="unicode")


def make_compound(session: ElementTree.Element, playlist: ElementTree.Element) -> None:
    """Put the regions of ``playlist`` into one that sounds from 1.5 s into it, faded, over another region."""
    regions = playlist.findall("Region")
    region = ElementTree.fromstring(ElementTree.tostring(regions[0]))
    region.attrib |= {"id": "90030", "source-0": "90000", "source-1": "90001", "channels": "2", "layering-index": "9"}
    region.attrib |= {"name": "two as one", "start": f"a{20_000 * 6400}", "scale-amplitude": "0.7"}
    region.attrib |= {"master-source-0": "90000", "master-source-1": "90001"}
    region.set("length", f"a{90_000 * 6400}@a{50_000 * 6400}")
    whole = ElementTree.SubElement(next(session.iter("Regions")), "Region", region.attrib)
    whole.attrib |= {"id": "90031", "whole-file": "1", "start": "a0", "length": f"a{200_000 * 6400}@a0"}
    nested = ElementTree.SubElement(whole, "NestedSource")
    for channel in range(2):
        given = {"name": "two as one", "type": "audio", "flags": "", "id": str(90_000 + channel), "playlist": "90010"}
        given |= {"offset": "a0", "length": f"a{200_000 * 6400}", "original": "90020", "channel": str(channel)}
        source = ElementTree.SubElement(nested, "Source", given)
        inside = ElementTree.SubElement(source, "Playlist", {"name": "inside", "type": "audio", "id": f"9001{channel}"})
        for original in regions:
            copy = ElementTree.fromstring(ElementTree.tostring(original))
            copy.set("id", f"{original.get('id')}{channel}")
            inside.append(copy)
    playlist.remove(regions[1])
    playlist.append(region)


def noise(seed: int, channels: int) -> FloatArray:
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, LENGTH))).astype(np.float32)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArdourHost]:
    if find_ardour() is None:
        pytest.skip("Ardour is not installed")
    folder = tmp_path_factory.mktemp("ardour")
    embedded = folder / "embedded.wav"
    soundfile.write(embedded, noise(4, 2).T, RATE, "FLOAT")
    stems = {"mono": noise(1, 1), "other": noise(2, 1), "wide": noise(3, 2), "embedded": embedded}
    with ArdourHost(folder, stems, sample_rate=RATE) as running:
        running.run_lua(LUA + "".join(TRACKS.values()))
        text = edited(running.save())
        running.close()
        running.session_file.write_text(text, encoding="utf-8")
        running.restart()
        yield running


@pytest.fixture(scope="module")
def arrangement(host: ArdourHost) -> Arrangement:
    host.save()
    return read_ardour_session(host.session_file)


def null_db(found: FloatArray, wanted: FloatArray) -> float:
    """RMS of the difference, under that of what is wanted."""
    difference = np.sqrt(np.mean((found.astype(np.float64) - wanted) ** 2))
    return float(20.0 * np.log10(max(difference / np.sqrt(np.mean(wanted.astype(np.float64) ** 2)), 1e-20)))


@pytest.mark.daw
@pytest.mark.parametrize("name", [*TRACKS, "mono", "wide", "embedded"])
def test_plays_what_ardour_bounces(host: ArdourHost, arrangement: Arrangement, name: str) -> None:
    track = next(t for t in arrangement.tracks if t.name == name)
    wanted = host.bounce(name, BOUNCED)
    found = play(track, RATE, 0, BOUNCED)
    assert found.shape == wanted.shape
    depth = null_db(found, wanted)
    print(f"{name}: {depth:.0f} dB, {np.count_nonzero(found != wanted)} samples differ")  # noqa: T201
    assert np.abs(wanted).max() > 0.05
    assert depth < -140.0


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """A copy of the stored session with its audio, but for that of the track "gone"."""
    audio = tmp_path / "song" / "interchange" / "song" / "audiofiles"
    audio.mkdir(parents=True)
    for name, step in {"bass": 7919, "keys%L": 6007, "keys%R": 5003, "quiet": 17}.items():
        soundfile.write(audio / f"{name}.wav", (np.arange(4000) * step % 1009 - 504) / 1024, RATE, "FLOAT")
    file = tmp_path / "song" / "song.ardour"
    file.write_bytes((Path(__file__).parent / "song.ardour").read_bytes())
    return file


def changed(song: Path, old: str, new: str) -> Path:
    text = song.read_text(encoding="utf-8")
    assert old in text
    song.write_text(text.replace(old, new), encoding="utf-8")
    return song


def test_stored_session_is_read_and_plays_as_ardour_bounced_it(song: Path) -> None:
    found = read_ardour_session(song)
    assert (found.name, found.sample_rate, found.tempo, found.pan_law) == ("song", RATE, 120.0, "ardour")
    assert found.notes == ()
    assert [t.name for t in found.tracks] == ["bass", "keys", "gone", "quiet", "empty", "synth"]
    assert [t.channels for t in found.tracks] == [1, 2, 1, 1, 1, 2]
    assert [t.muted for t in found.tracks] == [False, False, False, True, False, False]
    bass, keys, gone, _, empty, synth = found.tracks
    wanted, _ = soundfile.read(Path(__file__).parent / "song_bass.wav", dtype="float32", always_2d=True)
    assert null_db(play(bass, RATE, 0, len(wanted)), wanted.T) < -140.0
    assert play(keys, RATE, 64, 3000)[1, 0] == np.float32((64 * 5003 % 1009 - 504) / 1024)
    assert "gone.wav is missing" in gone.unreadable
    assert (empty.clips, empty.unreadable) == ((), "")
    assert "Stem Export" in synth.unreadable


def test_stored_session_tells_how_its_strips_stand(song: Path) -> None:
    found = read_ardour_session(song)
    bass, keys = found.tracks[0].settings, found.tracks[1].settings
    assert bass["fader_db"] == pytest.approx(-6.0206, abs=1e-3)
    assert bass["trim_db"] == pytest.approx(6.0206, abs=1e-3)
    assert (bass["pan"], bass["polarity_inverted"], bass["send_db"]) == (-0.5, 1.0, -60.0)
    assert keys["send_db"] == pytest.approx(-12.0412, abs=1e-3)
    assert found.reverb["reverb_return_db"] == pytest.approx(-1.9382, abs=1e-3)


def test_our_strip_in_a_session_tells_its_values(song: Path) -> None:
    ours = (
        '<Processor type="lv2" unique-id="urn:mixassist:strip-mono" active="1"><lv2>'
        '<Port symbol="comp_ratio" value="4"/><Port symbol="gain_reduction_db" value="3"/></lv2></Processor>'
        '<Processor id="101211"'
    )
    bass = read_ardour_session(changed(song, '<Processor id="101211"', ours)).tracks[0]
    assert bass.settings["comp_ratio"] == 4.0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version="7002" name', 'version="3002" name', "an Ardour before 6"),
        ('sample-rate="44100"', 'sample-rate="8000"', "sample_rate=8000"),
        ('sample-rate="44100"', 'sample-rate="fast"', "cannot be understood"),
        ("<Session ", '<!DOCTYPE x [<!ENTITY a "aaaa">]><Session ', "document type"),
        ("</Session>", "", "saved whole"),
        ("<Config>", "<a>" * 300 + "</a>" * 300 + "<Config>", "nested more than"),
        ('npm="120"', 'npm="0"', "a tempo of 0"),
        ('value="0.25"', 'value="nan"', "no finite number"),
        ("<Session ", "<Sitting ", "not XML"),
    ],
)
def test_files_that_are_no_session_are_refused(song: Path, old: str, new: str, expected: str) -> None:
    with pytest.raises(SessionError, match=expected):
        read_ardour_session(changed(song, old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('name="bass.wav"', 'name="../../../../secret.wav"', "outside the session"),
        ('name="bass.wav"', 'name="/etc/hostname"', "outside the session"),
        ('channel="0" origin=""', 'channel="0" origin="/dev/zero"', "not a regular file"),
        ('channel="0" origin=""', 'channel="-1" origin=""', "cannot be understood"),
        ('start="a', 'start="a-', "negative time"),
        ('start="a', 'start="a99999999999999999', "is no time"),
        ('scale-amplitude="-0.5"', 'scale-amplitude="inf"', "no finite number"),
        ('interpolation-style="Curved"', 'interpolation-style="Wild"', "style 'Wild'"),
        ('source-0="100001"', 'source-0="1"', "of a source that the session lacks"),
    ],
)
def test_regions_that_make_no_sense_are_said(song: Path, old: str, new: str, expected: str) -> None:
    assert expected in read_ardour_session(changed(song, old, new)).tracks[0].unreadable


def test_a_compound_of_itself_is_said(song: Path) -> None:
    inside = '<Playlist><Region type="audio" source-0="100001" length="a640000@a0"/></Playlist></Source>'
    loop = f'<Source id="100001" name="loop" playlist="9" length="a640000" channel="0">{inside}</Sources>'
    track = read_ardour_session(changed(song, "</Sources>", loop)).tracks[0]
    assert "part of itself" in track.unreadable


def test_files_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="no such file"):
        read_ardour_session(tmp_path / "none.ardour")
    with pytest.raises(SessionError, match="is a folder"):
        read_ardour_session(tmp_path)


def test_automation_and_solo_are_noted(song: Path) -> None:
    moving = '<Processor id="101208" state=""><AutomationList state="Play"><events>a0 1</events></AutomationList>'
    changed(song, '<Processor id="101208"', moving + '</Processor><Processor id="101208"')
    changed(song, 'name="solo" id="101186" flags="Toggle,RealTime" value="0"', 'name="solo" value="1"')
    solo, automation = read_ardour_session(song).notes
    assert solo == "soloed in Ardour, which is not minded here: bass"
    assert automation == "automation is not played, controls stand as they were last: bass"
