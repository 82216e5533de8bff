"""The rule engineer as a whole: invariances, ranges, reasons, odd sessions."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.engineers.interface import make_engineer
from assistant.engineers.levels import FADER_RANGE_DB
from assistant.mix import ChannelSettings, Mix, Session, Track
from assistant.params import CHANNEL_PARAMS
from assistant.wording import gain_text


@pytest.fixture(scope="module")
def mix(band) -> Mix:
    return make_engineer("rules").propose(band)


def test_input_gain_changes_the_trim_alone(band, mix):
    gains_db = {track.name: (-30.0, 12.0, 0.0)[i % 3] for i, track in enumerate(band.tracks)}
    tracks = tuple(replace(t, audio=t.audio * np.float32(10 ** (gains_db[t.name] / 20))) for t in band.tracks)
    for channel in make_engineer("rules").propose(replace(band, tracks=tracks)).channels:
        before = mix.channel(channel.name)
        assert (channel.role, channel.role_confidence) == (before.role, before.role_confidence)
        for name, value in before.settings.items():
            moved = gains_db[channel.name] if name == "trim_db" and channel.name != "Spare" else 0.0
            assert channel.settings[name] == pytest.approx(value - moved, abs=0.11), (channel.name, name)


def test_the_silent_track_is_neutral(mix):
    spare = mix.channel("Spare")
    assert spare.settings == ChannelSettings()
    assert spare.reasons == ("left alone: no sample above -80 dBFS, or softer than -70 LUFS",)


def test_no_setting_stands_at_the_end_of_its_range_without_a_reason(mix):
    meant = {"pan", "send_db", "polarity_inverted", "highpass_on", "comp_ratio", "comp_threshold_db", "comp_makeup_db"}
    for channel in mix.channels:
        assert FADER_RANGE_DB[0] <= channel.settings["fader_db"] <= FADER_RANGE_DB[1]
        for param in CHANNEL_PARAMS:
            value = channel.settings[param.name]
            if value != param.default and param.name not in meant:
                assert param.low < value < param.high, (channel.name, param.name)
        assert all(-6.0 <= channel.settings[p.name] <= 3.0 for p in CHANNEL_PARAMS if p.name.endswith("gain_db"))


def test_every_changed_section_has_a_reason_with_its_number(mix):
    words = {"input": "trim", "highpass": "high-pass", "eq": "EQ", "compressor": "compressor", "fader": "fader"}
    words |= {"pan": "pan", "send": "reverb send"}
    for channel in mix.channels[:-1]:
        changed = channel.settings.changed()
        sections = {p.section for p in CHANNEL_PARAMS if p.name in changed}
        for section in sections:
            about = [r for r in channel.reasons if r.startswith(words[section])]
            assert about, (channel.name, section)
            assert all(any(c.isdigit() for c in r) for r in about)
        assert f"fader at {gain_text(channel.settings['fader_db'])} dB" in " ".join(channel.reasons)
        told = {section for section, word in words.items() if any(r.startswith(word) for r in channel.reasons)}
        assert told - sections <= {"pan", "fader"}


def test_the_balance_is_that_of_practice(mix):
    fader = {c.name: c.settings["fader_db"] for c in mix.channels}
    assert fader["Lead Vox"] == 0.0
    assert all(fader[name] <= -2.0 for name in ("HH", "Pad", "BGV 1", "Gtr L"))
    assert fader["Kick"] > fader["HH"]
    assert fader["Bass DI"] > fader["Pad"]


def test_the_room_follows_the_tempo(band, mix):
    assert mix.reverb["reverb_predelay_ms"] == pytest.approx(31.2, abs=0.1)
    assert mix.reverb["reverb_decay_s"] == pytest.approx(1.5)
    one = replace(band, tracks=band.tracks[:1])
    slow, unknown = (make_engineer("rules").propose(replace(one, tempo=t)).reverb for t in (60.0, None))
    assert slow["reverb_decay_s"] == 2.4
    assert unknown["reverb_decay_s"] == 1.8
    for tempo in (0.0, -3.0, 1e9, float("nan")):
        assert make_engineer("rules").propose(replace(one, tempo=tempo)).reverb == unknown


def test_low_tracks_and_kit_stay_dry(mix):
    assert {mix.channel(n).settings["send_db"] for n in ("Kick", "Bass DI", "HH")} == {-60.0}
    assert mix.channel("Lead Vox").settings["send_db"] > -20.0


@pytest.mark.parametrize("samples", [1, 100, 4_410])
def test_very_short_tracks(track, samples):
    tracks = [track("Vox", "vocal"), track("snare", "snare", channels=2)]
    short = tuple(replace(t, audio=t.audio[:, 300 : 300 + samples]) for t in tracks)
    mix = make_engineer("rules").propose(Session(short, 44_100))
    assert [c.name for c in mix.channels] == ["Vox", "snare"]


def test_one_track(track):
    mix = make_engineer("rules").propose(Session((track("Audio 1", "vocal"),), 44_100))
    assert mix.channels[0].role == "lead vocal"
    assert mix.channels[0].settings["pan"] == 0.0


def test_two_hundred_tracks():
    rng = np.random.default_rng(5)
    tracks = tuple(
        Track(
            f"{('gtr', 'bgv', 'kick', 'syn', 'x')[i % 5]} {i}",
            None,
            rng.normal(0, 0.1, (1 + i % 2, 8_000)),
            1 + i % 2,
            16_000,
        )
        for i in range(200)
    )
    mix = make_engineer("rules").propose(Session(tracks, 16_000))
    assert len(mix.channels) == 200
    assert min(c.settings["fader_db"] for c in mix.channels) >= FADER_RANGE_DB[0]


def test_loading_errors_are_not_hidden(band):
    def load(_track, _rate):
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        make_engineer("rules", load).propose(band)
