"""A mix for one pan law, carried over to another, is as loud track by track."""

import math

import numpy as np
import pytest

from assistant.arrays import FloatArray
from assistant.console.translation import translated
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import PAN_LAWS
from render.mixdown import RenderOptions, render_premaster

RATE = 48_000
MONO = np.random.default_rng(3).normal(0.0, 0.1, (1, RATE)).astype(np.float32)
#: Two sides that are as loud.
STEREO = np.concatenate([MONO, MONO[:, ::-1]])


def power_db(pan: float, pan_law: str, *, is_translated: bool, audio: FloatArray = MONO) -> float:
    mix = Mix((ChannelMix("track", ChannelSettings(pan=pan, fader_db=-3.0)),))
    track = Track("track", audio=audio, channels=len(audio), num_samples=RATE)
    session = Session((track,), RATE, pan_law=pan_law)
    mix = translated(mix, {"track"} if len(audio) == 1 else (), pan_law) if is_translated else mix
    output = render_premaster(session, mix, lambda track, rate: audio, RenderOptions(num_threads=1))
    return 10.0 * math.log10(float(np.square(output, dtype=np.float64).sum()))


@pytest.mark.parametrize("pan", [-1.0, -0.6, 0.0, 0.35])
@pytest.mark.parametrize("pan_law", PAN_LAWS)
@pytest.mark.parametrize("audio", [MONO, STEREO], ids=["mono", "stereo"])
def test_a_track_keeps_its_power(pan: float, pan_law: str, audio: FloatArray) -> None:
    here = power_db(pan, PAN_LAWS[0], is_translated=False, audio=audio)
    assert power_db(pan, pan_law, is_translated=True, audio=audio) == pytest.approx(here, abs=1e-4)


def test_the_render_follows_the_session_s_law() -> None:
    here, there = (power_db(0.0, law, is_translated=False) for law in (PAN_LAWS[0], "linear"))
    assert there - here == pytest.approx(-3.0103, abs=1e-3)


def test_stereo_tracks_that_are_balanced_and_the_console_s_own_law_change_nothing() -> None:
    mix = Mix((ChannelMix("stereo", ChannelSettings(pan=0.5, width=0.3)),))
    assert all(translated(mix, (), law) == mix for law in PAN_LAWS if law != "live")
    assert translated(mix, {"stereo"}, PAN_LAWS[0]) is mix


def test_live_s_louder_side_is_taken_back() -> None:
    mix = Mix((ChannelMix("stereo", ChannelSettings(pan=1.0, fader_db=-3.0)),))
    assert translated(mix, (), "live").channel("stereo").settings["fader_db"] == pytest.approx(-6.0103, abs=1e-4)


def test_a_fader_goes_no_further_than_it_reaches() -> None:
    mix = Mix((ChannelMix("mono", ChannelSettings(fader_db=12.0)),))
    assert translated(mix, {"mono"}, "linear").channel("mono").settings["fader_db"] == 12.0
