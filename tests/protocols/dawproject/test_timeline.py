"""Clips of the arrangement in samples: the format's own scenarios, loops, fades, tempo, and what cannot be had."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from dawproject_texts import MASTER, TRACK, Zipped, one_track, project

from protocols.arrangement import Arrangement, Clip
from protocols.dawproject.reading import LinearFade, read_dawproject
from protocols.playing import play
from protocols.stems import SessionError

Read = Callable[..., Arrangement]

RATE = 44_100
AUDIO = '<Audio channels="2" duration="4.0" sampleRate="44100" timeUnit="seconds"><File path="tone.wav"/></Audio>'
_POINTS = '<Warp time="0" contentTime="0"/><Warp time="{}" contentTime="4"/>'
WARPS = f'<Warps contentTimeUnit="seconds">{AUDIO}{_POINTS}</Warps>'


def lanes(clips: str, unit: str = "beats") -> str:
    """An arrangement whose only track plays ``clips``."""
    return f'<Lanes timeUnit="{unit}"><Clips track="t">{clips}</Clips></Lanes>'


@pytest.fixture
def read(zipped: Zipped, tone: Path, tmp_path: Path) -> Read:
    """Reads the project with these lanes, and the tone inside."""

    def arrangement(lanes: str, tempo: float = 120.0, more: str = "") -> Arrangement:
        path = zipped(project(one_track(), lanes, tempo, more), {"tone.wav": tone})
        return read_dawproject(path, tmp_path / "work")

    return arrangement


def only(arrangement: Arrangement) -> Clip:
    (clip,) = arrangement.tracks[0].clips
    assert arrangement.tracks[0].unreadable == ""
    return clip


def place(clip: Clip) -> tuple[int, int, int]:
    return clip.position, clip.length, clip.offset


@pytest.mark.parametrize("start", [0.0, 1.0])
@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_the_formats_scenarios(read: Read, start: float, offset: float) -> None:
    """Those that the format's authors make examples of: audio warped onto beats, raw in beats, raw in seconds."""
    rest = f'time="{start}" playStart="{offset}"'
    warped = f'<Clip {rest} duration="5" contentTimeUnit="beats">{WARPS.format(8)}</Clip>'
    assert place(only(read(lanes(warped)))) == (start * RATE / 2, 2.5 * RATE, offset * RATE / 2)
    in_beats = f'<Clip {rest} duration="5" contentTimeUnit="seconds" playStop="4">{AUDIO}</Clip>'
    assert place(only(read(lanes(in_beats)))) == (start * RATE / 2, 2.5 * RATE, offset * RATE)
    in_seconds = f'<Clip {rest} duration="2.5" contentTimeUnit="seconds">{AUDIO}</Clip>'
    assert place(only(read(lanes(in_seconds, "seconds")))) == (start * RATE, 2.5 * RATE, offset * RATE)


def test_bitwigs_clips_of_audio_events(read: Read) -> None:
    """As in the format's readme, at the speed of the file: an event in a clip that loops once around it."""
    event = f'<Clip time="0.5" duration="7.5" contentTimeUnit="beats" playStart="0.5">{WARPS.format(8)}</Clip>'
    clip = (
        f'<Clip time="4" duration="7" playStart="1" loopStart="0" loopEnd="8" name="Take"><Clips>{event}</Clips></Clip>'
    )
    found = only(read(lanes(clip)))
    assert place(found) == (2 * RATE, 3.5 * RATE, RATE / 2)
    assert found.name == "Take"


def test_what_is_played_is_what_the_file_holds(read: Read, tone: Path) -> None:
    clip = f'<Clip time="1" duration="2" playStart="0.5" contentTimeUnit="seconds">{AUDIO}</Clip>'
    arrangement = read(lanes(clip))
    heard = play(arrangement.tracks[0], RATE, 0, 2 * RATE)
    audio = soundfile.read(tone, dtype="float32")[0].T
    expected = np.zeros((2, 2 * RATE), np.float32)
    expected[:, RATE // 2 : RATE // 2 + RATE] = audio[:, RATE // 2 : RATE // 2 + RATE]
    assert np.array_equal(heard, expected)


def test_loops_go_round(read: Read) -> None:
    rest = 'playStart="1" loopStart="0.5" loopEnd="2" contentTimeUnit="seconds"'
    arrangement = read(lanes(f'<Clip time="0" duration="5" {rest}>{AUDIO}</Clip>', "seconds"))
    assert [place(clip) for clip in arrangement.tracks[0].clips] == [
        (0, RATE, RATE),
        (RATE, 1.5 * RATE, RATE / 2),
        (2.5 * RATE, 1.5 * RATE, RATE / 2),
        (4 * RATE, RATE, RATE / 2),
    ]


def test_clips_end_with_their_file_and_begin_with_the_session(read: Read) -> None:
    assert place(only(read(lanes(f'<Clip time="0" duration="9">{AUDIO}</Clip>', "seconds")))) == (0, 4 * RATE, 0)
    clip = f'<Clip time="-1" duration="9">{AUDIO}</Clip>'
    assert place(only(read(lanes(clip, "seconds")))) == (0, 3 * RATE, RATE)
    before = f'<Clip time="1" duration="3" playStart="-1">{AUDIO}</Clip>'
    assert place(only(read(lanes(before, "seconds")))) == (2 * RATE, 2 * RATE, 0)
    endless = f'<Clip time="1" playStart="1" playStop="3">{AUDIO}</Clip>'
    assert place(only(read(lanes(endless, "seconds")))) == (RATE, 2 * RATE, RATE)


def test_fades(read: Read) -> None:
    fades = 'fadeTimeUnit="beats" fadeInTime="0.5" fadeOutTime="1"'
    clip = only(read(lanes(f'<Clip time="2" duration="4" {fades} contentTimeUnit="seconds">{AUDIO}</Clip>')))
    assert clip.curves == (LinearFade(0.0, RATE / 4, True), LinearFade(1.5 * RATE, 2.0 * RATE, False))
    rising, falling = (curve.gains(0, clip.length) for curve in clip.curves)
    assert (rising[0], rising[RATE // 4], rising[-1]) == (0.0, 1.0, 1.0)
    assert rising[RATE // 8] == pytest.approx(0.5, abs=1e-4)
    assert (falling[0], falling[3 * RATE // 2]) == (1.0, 1.0)
    assert falling[-1] == pytest.approx(0.0, abs=1e-4)


def test_a_negative_fade_in_begins_early_for_a_cross_fade(read: Read) -> None:
    fade = 'fadeTimeUnit="seconds" fadeInTime="-0.5"'
    clip = only(read(lanes(f'<Clip time="2" duration="1" playStart="1" {fade}>{AUDIO}</Clip>', "seconds")))
    assert place(clip) == (1.5 * RATE, 1.5 * RATE, RATE / 2)
    assert clip.curves == (LinearFade(0.0, RATE / 2, True),)


def test_linked_clips_play_what_they_are_linked_to(read: Read) -> None:
    linked = AUDIO.replace("<Audio", '<Audio id="a"')
    clips = f'<Clip time="0" duration="1">{linked}</Clip><Clip time="2" duration="1" playStart="1" reference="a"/>'
    first, second = read(lanes(clips, "seconds")).tracks[0].clips
    assert (place(first), place(second)) == ((0, RATE, 0), (2 * RATE, RATE, RATE))


def test_disabled_clips_are_muted(read: Read) -> None:
    assert only(read(lanes(f'<Clip time="0" duration="1" enable="false">{AUDIO}</Clip>', "seconds"))).muted


def test_stretched_audio_cannot_be_had(read: Read) -> None:
    clip = '<Clip time="0" duration="8" contentTimeUnit="beats">{}</Clip>'
    (track,) = read(lanes(clip.format(WARPS.format(7)))).tracks
    assert "stretched in time" in track.unreadable
    assert "bounce" in track.unreadable
    # As Bitwig rounds: 32 bit floats.
    assert only(read(lanes(clip.format(WARPS.format(8.00003433227539)))))


def test_steps_of_tempo(read: Read) -> None:
    points = "".join(f'<RealPoint time="{t}" value="{v}"/>' for t, v in ((0, 120), (4, 60), (8, 240)))
    tempo = f'<TempoAutomation unit="bpm"><Target/>{points}</TempoAutomation>'
    clips = "".join(f'<Clip time="{t}" duration="1" contentTimeUnit="seconds">{AUDIO}</Clip>' for t in (2, 6, 12))
    arrangement = read(lanes(clips) + tempo)
    assert [place(clip)[:2] for clip in arrangement.tracks[0].clips] == [
        (RATE, RATE / 2),
        (4 * RATE, RATE),
        (7 * RATE, RATE / 4),
    ]
    assert arrangement.tempo is None
    assert "the tempo changes" in " ".join(arrangement.notes)


@pytest.mark.parametrize("unit", ["beats", "seconds"])
def test_ramps_of_tempo(read: Read, unit: str) -> None:
    """From 60 to 120 along 6 of the unit, against sums over small steps."""
    points = '<RealPoint time="0" value="60" interpolation="linear"/><RealPoint time="6" value="120"/>'
    tempo = f'<TempoAutomation timeUnit="{unit}" unit="bpm"><Target/>{points}</TempoAutomation>'
    arrangement = read(lanes(f'<Clip time="4" duration="3" contentTimeUnit="seconds">{AUDIO}</Clip>') + tempo)
    steps = 100_000
    second = beat = 0.0
    at = {}
    for target in (4.0, 7.0):
        width = (target - beat) / steps
        for _ in range(steps):
            bpm = min(60.0 + 10.0 * (beat if unit == "beats" else second), 120.0)
            second, beat = second + width * 60.0 / bpm, beat + width
        at[target] = second
    position, length, _ = place(only(arrangement))
    assert position == pytest.approx(at[4.0] * RATE, abs=20)
    assert position + length == pytest.approx(at[7.0] * RATE, abs=20)


def test_one_tempo_however_it_is_said(read: Read) -> None:
    tempo = (
        '<TempoAutomation><Target/><RealPoint time="0" value="90"/><RealPoint time="9" value="90"/></TempoAutomation>'
    )
    assert read(lanes("") + tempo, 120.0).tempo == 90.0
    assert read(lanes(""), 155.5).tempo == 155.5


@pytest.mark.parametrize(
    "clips",
    [
        '<Clip time="0" duration="1"><Clips id="x"><Clip time="0" duration="1" reference="x"/></Clips></Clip>',
        f'<Clip time="0" duration="1e8" loopStart="0" loopEnd="1e-3">{AUDIO}</Clip>',
        f'<Clip time="0" duration="8" loopStart="0" loopEnd="1e-300">{AUDIO}</Clip>',
        '<Clip time="0" duration="9" loopStart="0" loopEnd="0.01"><Clips>'
        f'<Clip time="0" duration="9" loopStart="0" loopEnd="0.00002">{AUDIO}</Clip></Clips></Clip>',
    ],
)
def test_timelines_made_to_harm(read: Read, clips: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("protocols.dawproject.timeline.MOST_PIECES", 5_000)
    with pytest.raises(SessionError, match=r"contains itself|more than 5,000 pieces"):
        read(lanes(clips))


@pytest.mark.parametrize("number", ["nan", "inf", "-1e300", "x", ""])
@pytest.mark.parametrize("name", ["time", "duration", "playStart", "loopEnd", "fadeInTime", "fadeOutTime"])
def test_numbers_that_are_none(read: Read, name: str, number: str) -> None:
    values = {"time": "0", "duration": "1", "loopStart": "0", "loopEnd": "2"} | {name: number}
    written = " ".join(f'{key}="{value}"' for key, value in values.items())
    for clip in read(lanes(f"<Clip {written}>{AUDIO}</Clip>")).tracks[0].clips:
        assert 0 < clip.length <= 4 * RATE
        assert all(math.isfinite(v) for curve in clip.curves for v in (curve.begin, curve.end))


def test_notes_are_an_instruments(zipped: Zipped, tmp_path: Path) -> None:
    notes = '<Clip time="0" duration="4"><Notes><Note time="0" duration="1" channel="0" key="60"/></Notes></Clip>'
    track = TRACK.replace('"audio"', '"notes"').format("") + MASTER.format("")
    (found,) = read_dawproject(zipped(project(track, lanes(notes))), tmp_path / "work").tracks
    assert "an instrument plays it" in found.unreadable
    assert all(daw in found.unreadable for daw in ("Bitwig", "Studio One", "Cubase"))
