"""A mix for one pan law, carried over to another, is as loud track by track."""

import math

import numpy as np
import pytest

from assistant.console.translation import translated
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from assistant.params import PAN_LAWS
from render.mixdown import RenderOptions, render_premaster

RATE = 48_000
NOISE = np.random.default_rng(3).normal(0.0, 0.1, (1, RATE)).astype(np.float32)


def power_db(pan: float, pan_law: str, *, is_translated: bool) -> float:
    mix = Mix((ChannelMix("mono", ChannelSettings(pan=pan, fader_db=-3.0)),))
    session = Session((Track("mono", audio=NOISE, channels=1, num_samples=RATE),), RATE, pan_law=pan_law)
    mix = translated(mix, {"mono"}, pan_law) if is_translated else mix
    output = render_premaster(session, mix, lambda track, rate: NOISE, RenderOptions(num_threads=1))
    return 10.0 * math.log10(float(np.square(output, dtype=np.float64).sum()))


@pytest.mark.parametrize("pan", [-1.0, -0.6, 0.0, 0.35])
@pytest.mark.parametrize("pan_law", PAN_LAWS)
def test_a_mono_track_keeps_its_power(pan: float, pan_law: str) -> None:
    here = power_db(pan, PAN_LAWS[0], is_translated=False)
    assert power_db(pan, pan_law, is_translated=True) == pytest.approx(here, abs=1e-4)


def test_the_render_follows_the_session_s_law() -> None:
    here, there = (power_db(0.0, law, is_translated=False) for law in (PAN_LAWS[0], "linear"))
    assert there - here == pytest.approx(-3.0103, abs=1e-3)


def test_stereo_tracks_and_the_console_s_own_law_change_nothing() -> None:
    mix = Mix((ChannelMix("stereo", ChannelSettings(pan=0.5)),))
    assert translated(mix, set(), "ardour") == mix
    assert translated(mix, {"stereo"}, PAN_LAWS[0]) is mix


def test_a_fader_goes_no_further_than_it_reaches() -> None:
    mix = Mix((ChannelMix("mono", ChannelSettings(fader_db=12.0)),))
    assert translated(mix, {"mono"}, "linear").channel("mono").settings["fader_db"] == 12.0
