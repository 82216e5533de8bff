"""REAPER projects as arrangements: what plays where, against sums written out here. Nothing was run in REAPER."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from assistant.console.channel import output_matrices
from assistant.params import CHANNEL_NAMES
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.arrangement import ArrangedTrack, Arrangement
from protocols.playing import end_of, play
from protocols.pulling import pull
from protocols.reaper import project as reading
from protocols.reaper import project_overlaps
from protocols.reaper.project import read_reaper_project
from protocols.stems import SessionError

RATE = 48_000
ITEM = "POSITION 0\nLENGTH 0.5\nSOFFS 0\n"


def source(name: str, kind: str = "WAVE") -> str:
    """A take's source."""
    return f'<SOURCE {kind}\n  FILE "{name}"\n>\n'


def item(text: str, name: str = "stereo.wav") -> str:
    """An item of ``text``, playing the file called ``name``."""
    return f"<ITEM\n{text}\n{source(name) if name else ''}>\n"


def track(content: str, name: str = "Gtr", more: str = "") -> str:
    """A track of items."""
    return f'<TRACK {{ID}}\n  NAME "{name}"\n  VOLPAN 1 0 -1 -1 1\n  NCHAN 2\n{more}\n{content}>\n'


def project(*tracks: str, head: str = f"SAMPLERATE {RATE} 1 0\n", version: str = "7.82/linux") -> str:
    """A project's text."""
    return f'<REAPER_PROJECT 0.1 "{version}" 1700000000\n{head}{"".join(tracks)}>\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with half a second of noise in each of ``stereo``, ``mono``, ``other`` (44.1 kHz) and ``four``."""
    noise = np.random.default_rng(5)
    (tmp_path / "Media").mkdir()
    for name, channels, rate in (("stereo", 2, RATE), ("mono", 1, RATE), ("other", 2, 44_100), ("four", 4, RATE)):
        audio = noise.uniform(-0.5, 0.5, (rate // 2, channels)).astype(np.float32)
        soundfile.write(tmp_path / f"{name}.wav", audio, rate, subtype="FLOAT")
    return tmp_path


def read(folder: Path, text: str) -> Arrangement:
    """The arrangement of the project ``text`` in ``folder``."""
    (folder / "song.rpp").write_text(text, encoding="utf-8")
    return read_reaper_project(folder / "song.rpp")


def one(folder: Path, text: str, name: str = "stereo.wav", more: str = "") -> ArrangedTrack:
    """The only track of a project with one item of ``text``."""
    return read(folder, project(track(item(text, name), more=more))).tracks[0]


def audio_of(folder: Path, name: str = "stereo") -> np.ndarray:
    """The samples of a file, float64 (C, T)."""
    return soundfile.read(folder / f"{name}.wav", always_2d=True)[0].T


def heard(track: ArrangedTrack, length: int = RATE) -> np.ndarray:
    """The track's first ``length`` samples."""
    return play(track, RATE, 0, length).astype(np.float64)


def test_an_item_plays_from_its_offset_at_its_position(folder: Path) -> None:
    got = heard(one(folder, "POSITION 0.1\nLENGTH 0.2\nSOFFS 0.05\n"))
    want = np.zeros((2, RATE))
    want[:, 4800:14400] = audio_of(folder)[:, 2400:12000]
    np.testing.assert_allclose(got, want, atol=1e-7)


def test_positions_are_rounded_to_the_nearest_sample_and_neighbours_meet(folder: Path) -> None:
    first = item(f"POSITION {10.4 / RATE!r}\nLENGTH {100.3 / RATE!r}")
    second = item(f"POSITION {110.7 / RATE!r}\nLENGTH {50 / RATE!r}")
    clips = read(folder, project(track(first + second))).tracks[0].clips
    assert [(clip.position, clip.length) for clip in clips] == [(10, 101), (111, 50)]


def test_overlapping_items_are_summed(folder: Path) -> None:
    two = item("POSITION 0\nLENGTH 0.3") + item("POSITION 0.1\nLENGTH 0.3\nSOFFS 0.1", "stereo.wav")
    got = heard(read(folder, project(track(two))).tracks[0])
    want, audio = np.zeros((2, RATE)), audio_of(folder)
    want[:, :14400] += audio[:, :14400]
    want[:, 4800:19200] += audio[:, 4800:19200]
    np.testing.assert_allclose(got, want, atol=1e-7)


@pytest.mark.parametrize(
    ("mixing", "more", "is_cut"), [(0, "", True), (2, "", True), (1, "", False), (0, "FREEMODE 1", False)]
)
def test_items_within_others_replace_them_where_the_project_says_so(
    folder: Path, mixing: int, more: str, is_cut: bool
) -> None:
    outer, inner = item("POSITION 0\nLENGTH 0.5\nFADEIN 0 0.5 0"), item("POSITION 0.2\nLENGTH 0.1\nSOFFS 0")
    beside = item("POSITION 0.45\nLENGTH 0.2\nSOFFS 0")
    arrangement = read(folder, project(track(inner + outer + beside, more=more), head=f"ITEMMIX {mixing}\n"))
    want, audio = np.zeros((2, RATE)), audio_of(folder)
    want[:, :24000] = audio * np.arange(24000) / 24000
    if is_cut:
        want[:, 9600:14400] = 0.0
    want[:, 9600:14400] += audio[:, :4800]
    want[:, 21600:31200] += audio[:, :9600]
    np.testing.assert_allclose(heard(arrangement.tracks[0]), want, atol=1e-6)
    assert any("within others" in note for note in arrangement.notes) == is_cut
    assert any("later items" in note for note in arrangement.notes) == (mixing == 2)


def test_items_in_the_same_place_are_summed(folder: Path) -> None:
    arrangement = read(folder, project(track(item(ITEM) * 2), head="ITEMMIX 0\n"))
    np.testing.assert_allclose(heard(arrangement.tracks[0])[:, :24000], 2 * audio_of(folder), atol=1e-6)


def test_endless_overlaps_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_overlaps, "MOST_COMPARED", 1000)
    nested = "".join(item(f"POSITION {n}\nLENGTH {200 - 2 * n}") for n in range(50))
    with pytest.raises(SessionError, match="over each other"):
        read(folder, project(track(nested), head="ITEMMIX 0\n"))


@pytest.mark.parametrize(
    ("lines", "gain"),
    [
        ("VOLPAN 0.5 0 1 -1", 0.5),
        ("VOLPAN 0.5 0 0.5 -1", 0.25),
        ("VOLPAN 2 0 -0.5 -1", -1.0),
        ("VOLPAN 1 0 nan -1", 1.0),
        ("VOLPAN inf 0 1e999 -1", 1.0),
    ],
)
def test_gains_of_item_and_take(folder: Path, lines: str, gain: float) -> None:
    np.testing.assert_allclose(heard(one(folder, ITEM + lines))[:, :24000], gain * audio_of(folder), atol=1e-7)


def test_the_active_take_plays_with_its_own_settings(folder: Path) -> None:
    takes = f"{source('mono.wav')}TAKE NULL\nTAKE SEL\nNAME b\nTAKEVOLPAN 0 -0.5 -1\nSOFFS 0.1\nCHANMODE 1\n"
    text = f"<ITEM\nPOSITION 0\nLENGTH 0.2\nNAME a\nVOLPAN 0.5 0 1 -1\nSOFFS 0\n{takes}{source('stereo.wav')}>\n"
    only = read(folder, project(track(text))).tracks[0]
    want = -0.25 * audio_of(folder)[::-1, 4800:14400]
    np.testing.assert_allclose(heard(only)[:, :9600], want, atol=1e-7)
    assert [clip.name for clip in only.clips] == ["b"]


def test_all_takes_play_if_the_item_says_so(folder: Path) -> None:
    text = f"<ITEM\nPOSITION 0\nLENGTH 0.5\nALLTAKES 1\n{source('mono.wav')}TAKE\n{source('stereo.wav')}>\n"
    got = heard(read(folder, project(track(text))).tracks[0])[:, :24000]
    np.testing.assert_allclose(got, audio_of(folder, "mono") + audio_of(folder), atol=1e-7)


@pytest.mark.parametrize(
    ("mode", "rows"),
    [(0, [0, 1]), (1, [1, 0]), (3, [0]), (4, [1]), (5, [2]), (67, [0, 1]), (68, [1, 2]), (69, [2, 3])],
)
def test_channel_modes(folder: Path, mode: int, rows: list[int]) -> None:
    got = heard(one(folder, f"{ITEM}CHANMODE {mode}", "four.wav"))[:, :24000]
    np.testing.assert_allclose(got, audio_of(folder, "four")[rows], atol=1e-7)


def test_a_mono_sum_is_half_of_both(folder: Path) -> None:
    got = heard(one(folder, f"{ITEM}CHANMODE 2"))[:, :24000]
    np.testing.assert_allclose(got, audio_of(folder).mean(0, keepdims=True), atol=1e-7)


@pytest.mark.parametrize("mode", [0, 1, 2, 3, 4])
def test_a_track_of_mono_files_is_mono(folder: Path, mode: int) -> None:
    only = one(folder, f"{ITEM}CHANMODE {mode}", "mono.wav")
    np.testing.assert_allclose(heard(only)[:, :24000], audio_of(folder, "mono"), atol=1e-7)


def test_a_mono_file_plays_on_both_sides_of_a_stereo_track_as_loud_as_it_is(folder: Path) -> None:
    only = read(folder, project(track(item(ITEM, "mono.wav") + item("POSITION 0.6\nLENGTH 0.1")))).tracks[0]
    np.testing.assert_allclose(heard(only)[:, :24000], np.tile(audio_of(folder, "mono"), (2, 1)), atol=1e-7)


def test_a_mono_track_is_balanced_as_reaper_does(folder: Path) -> None:
    text = track(item(ITEM, "mono.wav")).replace("VOLPAN 1 0", "VOLPAN 1 -0.5")
    arrangement = read(folder, project(text))
    values = dict(arrangement.tracks[0].settings)
    rows = torch.tensor([[values[name] for name in CHANNEL_NAMES]], dtype=torch.float64)
    gains = output_matrices(rows, torch.tensor([False]), arrangement.pan_law)[0, :, 0]
    assert gains.tolist() == pytest.approx([1.0, 0.5])  # REAPER 7.82, as measured by others


def test_a_looped_item_repeats_its_source(folder: Path) -> None:
    got = heard(one(folder, "POSITION 0.1\nLENGTH 1.4\nLOOP 1\nSOFFS 0.3"), 2 * RATE)
    want = np.zeros((2, 2 * RATE))
    want[:, 4800:72000] = np.tile(audio_of(folder), 4)[:, 14400 : 14400 + 67200]
    np.testing.assert_allclose(got, want, atol=1e-7)


def test_an_item_that_does_not_loop_ends_with_its_source(folder: Path) -> None:
    only = one(folder, "POSITION 0\nLENGTH 5\nLOOP 0\nSOFFS 0.3")
    assert end_of(only) == 9600


def test_an_offset_before_the_source_is_silence(folder: Path) -> None:
    got = heard(one(folder, "POSITION 0.1\nLENGTH 0.3\nSOFFS -0.1\nFADEIN 0 0.2 0"))
    want = np.zeros((2, RATE))
    want[:, 9600:19200] = audio_of(folder)[:, :9600] * np.minimum(np.arange(4800, 14400) / 9600, 1.0)
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_what_lies_before_the_session_is_cut(folder: Path) -> None:
    only = one(folder, "POSITION 0\nLENGTH 0.3\nSOFFS 0\nFADEIN 0 0.2 0", more="PLAYOFFS -0.1 0")
    want = audio_of(folder)[:, 4800:14400] * np.minimum(np.arange(4800, 14400) / 9600, 1.0)
    np.testing.assert_allclose(heard(only)[:, :9600], want, atol=1e-6)


@pytest.mark.parametrize(("words", "position"), [("0.1 1", 0), ("0.1 0", 4800), ("480 2", 480), ("0.1 3", 0)])
def test_the_media_offset_of_a_track(folder: Path, words: str, position: int) -> None:
    assert one(folder, ITEM, more=f"PLAYOFFS {words}").clips[0].position == position


def test_sections_play_and_loop_their_part(folder: Path) -> None:
    section = f"<SOURCE SECTION\nLENGTH 0.1\nSTARTPOS 0.2\nOVERLAP 0.01\n{source('stereo.wav')}>\n"
    text = f"<ITEM\nPOSITION 0\nLENGTH 0.25\nLOOP 1\nSOFFS 0.05\n{section}>\n"
    got = heard(read(folder, project(track(text))).tracks[0])[:, :12000]
    part = audio_of(folder)[:, 9600:14400]
    np.testing.assert_allclose(got, np.tile(part, 3)[:, 2400:14400], atol=1e-7)


def test_a_file_of_another_rate_is_converted(folder: Path) -> None:
    only = one(folder, "POSITION 0.1\nLENGTH 0.4\nSOFFS 0.1", "other.wav")
    assert (only.clips[0].file_rate, only.clips[0].offset, only.clips[0].length) == (44_100, 4800, 19_200)


def test_the_rate_is_the_files_where_the_project_does_not_insist(folder: Path) -> None:
    text = track(item(ITEM, "other.wav"))
    assert read(folder, project(text, head="SAMPLERATE 48000 0 0\n")).sample_rate == 44_100
    assert read(folder, project(text, head="SAMPLERATE 96000 1 0\n")).sample_rate == 96_000
    assert read(folder, project(text, head="SAMPLERATE 1e9 1 0\n")).sample_rate == 44_100
    assert read(folder, project(head="SAMPLERATE 88200 0 0\n")).sample_rate == 88_200
    assert read(folder, project(head="SAMPLERATE x\n")).sample_rate == RATE


def test_muted_items_and_lanes_that_do_not_play_are_silent(folder: Path) -> None:
    assert one(folder, f"{ITEM}MUTE 1 0").clips == ()
    lanes = [item(f"{ITEM}NAME {n}\nYPOS {n / 3} {1 / 3} 2") for n in range(3)]
    text = project(track("".join(lanes), more="FREEMODE 2\nLANESOLO 5 0 0 0 0 0 0 0"))
    assert [clip.name for clip in read(folder, text).tracks[0].clips] == ["0", "2"]
    free = project(track("".join(lanes), more="FREEMODE 1\nLANESOLO 5 0 0 0 0 0 0 0"))
    assert len(read(folder, free).tracks[0].clips) == 3


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("PLAYRATE 0.5 1 0 -1", "WAVE", "another speed"),
        ("PLAYRATE 1 1 -2 -1", "WAVE", "pitch"),
        ("SM 0 0 + 1 1.5", "WAVE", "stretch markers"),
        ("<PITCHENV\nACT 1\nPT 0 2 0\n>", "WAVE", "pitch envelope"),
        ("", "MIDI", "freeze"),
        ("", "RPP_PROJECT", "Glue items"),
        ("", "CLICK", "Glue items"),
    ],
)
def test_what_only_reaper_can_play_says_what_to_do(folder: Path, text: str, kind: str, says: str) -> None:
    only = read(folder, project(track(f"<ITEM\n{ITEM}{text}\n{source('stereo.wav', kind)}>\n"))).tracks[0]
    assert says.lower() in only.unreadable.lower()
    assert "save the project and pull again" in only.unreadable


def test_reversed_sections_are_unreadable(folder: Path) -> None:
    section = f"<SOURCE SECTION\nLENGTH 0.1\nMODE 3\nSTARTPOS 0\n{source('stereo.wav')}>\n"
    text = project(track(f"<ITEM\n{ITEM}{section}>\n"))
    assert "backwards" in read(folder, text).tracks[0].unreadable


def test_a_frozen_track_and_neutral_envelopes_are_readable(folder: Path) -> None:
    text = f"{ITEM}PLAYRATE 1.00000000000000 1 0 -1\n<PITCHENV\nACT 1\nPT 0 0 0\n>\n<PITCHENV\nACT 0\nPT 0 3 0\n>\n"
    frozen = "<FREEZE 0\n<ITEM\n<SOURCE MIDI\nE 0 90 3c 60\n>\n>\n>\n"
    only = read(folder, project(track(item(text) + frozen))).tracks[0]
    assert only.unreadable == ""
    assert len(only.clips) == 1


def test_an_instrument_without_items_is_to_be_frozen(folder: Path) -> None:
    chain = '<FXCHAIN\nBYPASS {} 0 0\n<VST "VSTi: ReaSynth (Cockos)" reasynth.dll 0 ""\neXNl\n>\n>\n'
    text = project(track(chain.format(0)), track(chain.format(1), name="Off"))
    on, off = read(folder, text).tracks
    assert "Freeze tracks" in on.unreadable
    assert off.unreadable == ""


def test_missing_and_strange_media_are_silent_and_said(folder: Path) -> None:
    names = ["gone.wav", "C:\\Users\\x\\far.wav", "/etc/passwd", "\\\\server\\share\\a.wav", "x\0y.wav", "a" * 5000]
    arrangement = read(folder, project(track("".join(item(ITEM, name) for name in names))))
    assert arrangement.tracks[0].clips == ()
    (note,) = (note for note in arrangement.notes if "media" in note)
    assert "gone.wav: not found" in note
    assert "passwd: not a kind of audio" in note


@pytest.mark.parametrize("written", ["Media\\in.wav", "C:\\Takes\\in.wav", "Media/in.wav", "../elsewhere/in.wav"])
def test_media_are_found_where_they_were_moved_to(folder: Path, written: str) -> None:
    (folder / "mono.wav").rename(folder / "Media" / "in.wav")
    assert one(folder, ITEM, written).clips[0].channels[0].file.samefile(folder / "Media" / "in.wav")


def test_the_projects_own_media_folder(folder: Path) -> None:
    (folder / "rec").mkdir()
    (folder / "mono.wav").rename(folder / "rec" / "in.wav")
    text = project(track(item(ITEM, "x:/y/in.wav")), head='RECORD_PATH "rec" ""\n')
    assert len(read(folder, text).tracks[0].clips) == 1


def test_settings_of_a_track(folder: Path) -> None:
    values = [p.default for p in STRIP_STEREO.params]
    values[0] = -3.0
    sliders = " ".join(str(v) for v in values) + " - -"
    chain = f'<FXCHAIN\nSHOW 0\nBYPASS 0 0 0\n<JS mixassist/mixassist-strip.jsfx ""\n{sliders}\n>\n>\n'
    text = track(item(ITEM) + chain, more="IPHASE 1\nMUTESOLO 1 0 0").replace("VOLPAN 1 0", "VOLPAN 0.5 -0.25")
    arrangement = read(folder, project(text))
    settings = arrangement.tracks[0].settings
    assert settings.changed() == pytest.approx(
        {"fader_db": -6.0206, "pan": -0.25, "polarity_inverted": 1.0, STRIP_STEREO.params[0].name: -3.0}, abs=1e-4
    )
    assert arrangement.tracks[0].muted
    assert not any("FX" in note for note in arrangement.notes)


def test_our_strip_counts_only_where_it_is_on(folder: Path) -> None:
    js = '<JS "mixassist\\\\mixassist-strip.jsfx" ""\n-3 1\n>\n'
    for bypass, chain_on in (("1 0", "1"), ("0 1", "1"), ("0 0", "0")):
        text = track(item(ITEM) + f"<FXCHAIN\nBYPASS {bypass}\n{js}>\n", more=f"FX {chain_on}")
        assert read(folder, project(text)).tracks[0].settings.changed() == {}


def test_sends_to_the_reverb_and_its_settings(folder: Path) -> None:
    reverb = " ".join(str(p.high) for p in REVERB.params)
    chain = f'<FXCHAIN\nBYPASS 0 0 0\n<JS mixassist/mixassist-reverb.jsfx ""\n{reverb}\n>\n>\n'
    receives = "AUXRECV 0 0 0.5 0 0 0 0 0 0 -1:U 0 -1 ''\nAUXRECV 1 0 1 0 1\nAUXRECV 9 0 1 0 0\n"
    tracks = [track(item(ITEM), "a"), track(item(ITEM), "b"), track(chain, "Verb", receives)]
    arrangement = read(folder, project(*tracks))
    sends = [t.settings["send_db"] for t in arrangement.tracks]
    assert sends == pytest.approx([-6.0206, -60.0, -60.0], abs=1e-4)
    assert {p.name: arrangement.reverb[p.name] for p in REVERB.params} == {p.name: p.high for p in REVERB.params}


def test_notes_on_what_is_not_heard(folder: Path) -> None:
    chain = '<FXCHAIN\nBYPASS 0 0 0\n<VST "VST: ReaComp (Cockos)" reacomp.dll 0 ""\nAAAA\n>\n>\n'
    envelope = "<VOLENV2\nACT 1\nPT 0 1 0\nPT 1 0.5 0\n>\n"
    take = f"{ITEM}VOLPAN 1 0.3 1 -1\n<PANENV\nACT 1\nPT 0 1 0\n>\n<TAKEFX\n>\n"
    folders = [
        track(chain, "Drums", "ISBUS 1 1").replace("VOLPAN 1 0", "VOLPAN 0.5 0"),
        track(item(take) + envelope, "Kick", "ISBUS 2 -1"),
    ]
    solo = track(item(ITEM), "Solo", "MUTESOLO 0 1 0").replace("NCHAN 2", "NCHAN 4")
    arrangement = read(folder, project(*folders, solo))
    notes = "\n".join(arrangement.notes)
    said = ("FX not heard", "automation of fader", "folders whose", "solo", "two channels", "panned by", "take FX")
    assert [text for text in said if text not in notes] == []
    assert "Drums" in next(note for note in arrangement.notes if "FX not heard" in note)


def test_a_muted_folder_mutes_what_lies_in_it(folder: Path) -> None:
    rows = [
        ("A", "1 1", 1),
        ("B", "1 1", 0),
        ("in", "2 -2", 0),
        ("out", "0 0", 0),
        ("C", "1 1", 0),
        ("last", "2 -9", 0),
    ]
    text = project(*(track("", name, f"ISBUS {bus}\nMUTESOLO {mute} 0 0") for name, bus, mute in rows))
    assert [t.muted for t in read(folder, text).tracks] == [True, True, True, False, False, False]


def test_names_are_told_apart(folder: Path) -> None:
    text = project(track("", "Gtr"), track("", ""), track("", "Gtr"), track("", "Gtr (2)"), track("", "a\tb"))
    assert [t.name for t in read(folder, text).tracks] == ["Gtr", "Track 2", "Gtr (2)", "Gtr (2) (2)", "a b"]


def test_what_the_project_says(folder: Path) -> None:
    head = f"SAMPLERATE {RATE} 1 0\nTEMPO 97.5 4 4\nPANLAW 0.7079\nPLAYRATE 1.1 0 0.25 4\nMASTER_VOLUME 0.5 0 -1 -1 1\n"
    arrangement = read(folder, project(track(item(ITEM)), head=head))
    assert (arrangement.name, arrangement.tempo, arrangement.sample_rate) == ("song", 97.5, RATE)
    assert arrangement.master["master_gain_db"] == pytest.approx(-6.0206, abs=1e-4)
    assert any("pan law" in note for note in arrangement.notes)
    assert any("play rate" in note for note in arrangement.notes)


def test_a_project_is_pulled(folder: Path) -> None:
    midi = track(f"<ITEM\n{ITEM}{source('', 'MIDI')}>\n", "Synth")
    fades = f"{ITEM}FADEIN 1 0.1 0\nFADEOUT 3 0.2 0\n<VOLENV\nACT 1\nVOLTYPE 1\nPT 0 1 2\nPT 0.4 0.1 0\n>"
    text = project(track(item(fades), "Gtr"), midi, track(item(ITEM, "mono.wav"), "Vox"), track("", "Bus"))
    arrangement = read(folder, text)
    session, notes = pull(arrangement, folder / "pulled")
    assert [(t.name, t.channels, t.num_samples) for t in session.tracks] == [("Gtr", 2, 24_000), ("Vox", 1, 24_000)]
    assert any("Synth" in note and "Freeze" in note for note in notes)
    n = np.arange(24_000)
    x_in, x_out = np.minimum(n / 4800, 1), np.minimum((24_000 - n) / 9600, 1)
    way = np.minimum(n / 19_200, 1)
    high, low = (np.cbrt((np.sqrt(1 + 8 * gain / 10**0.6) - 1) / 2) for gain in (1.0, 0.1))
    height = high + (low - high) * way**2 * (3 - 2 * way)
    gains = x_in * (2 - x_in) * (1 - (1 - x_out) ** 4) * 10**0.6 * (height**3 + height**6) / 2
    stem = session.tracks[0].audio_path
    assert stem is not None
    np.testing.assert_allclose(soundfile.read(stem)[0].T, gains * audio_of(folder), atol=3e-7)


def test_loops_without_end_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(folder / "tiny.wav", np.zeros((1, 2)), RATE)
    assert "thousands" in one(folder, "POSITION 0\nLENGTH 86000\nLOOP 1", "tiny.wav").unreadable
    soundfile.write(folder / "short.wav", np.zeros((480, 2)), RATE)
    monkeypatch.setattr(reading, "MOST_CLIPS", 20_000)
    many = project(track(item("POSITION 0\nLENGTH 90\nLOOP 1", "short.wav") * 5))
    with pytest.raises(SessionError, match="more than 20,000 clips"):
        read(folder, many)


def test_too_many_tracks_are_refused(folder: Path) -> None:
    with pytest.raises(SessionError, match="more than 4096 tracks"):
        read(folder, project("<TRACK\n>\n" * 5000))
