"""Mixes in training are staged: the fader alone says how loud a track stands."""

import numpy as np
import pytest
import torch

from assistant.console.parameters import pack_settings
from assistant.mix import ChannelSettings
from assistant.training.playing import staged_strips
from assistant.training.sessions import play_strips

RATE = 44_100
ROWS = (
    {"trim_db": 6.0, "low_shelf_gain_db": 9.0, "highpass_on": 1.0, "highpass_hz": 100.0},
    {"comp_threshold_db": -40.0, "comp_ratio": 6.0, "comp_makeup_db": 3.0, "peak1_gain_db": -9.0},
    {"pan": 0.7, "width": 0.5, "high_shelf_gain_db": 6.0},
)
IS_STEREO = (False, True, True)


def tracks():
    """(3, 2, T) noise; the first is mono, in its first channel."""
    audio = 0.1 * np.random.default_rng(0).standard_normal((3, 2, RATE // 2)).astype(np.float32)
    audio[0, 1] = 0.0
    return audio


def power(audio):
    return np.square(audio.astype(np.float64)).sum(1).mean(1)


def test_at_fader_zero_a_track_keeps_its_power() -> None:
    audio = tracks()
    played = play_strips(audio, [ChannelSettings(row) for row in ROWS], IS_STEREO, RATE)
    np.testing.assert_allclose(10.0 * np.log10(power(played) / power(audio)), 0.0, atol=0.01)
    assert np.abs(played[0, 1]).max() > 0.0, "a mono track in the middle plays on both sides"


@pytest.mark.parametrize("fader_db", [-12.0, 5.0])
def test_the_fader_says_the_rest(fader_db) -> None:
    audio = tracks()
    played = play_strips(audio, [ChannelSettings({**row, "fader_db": fader_db}) for row in ROWS], IS_STEREO, RATE)
    np.testing.assert_allclose(10.0 * np.log10(power(played) / power(audio)), fader_db, atol=0.01)


def test_settings_have_gradients_and_silence_none_that_is_not_finite() -> None:
    audio = torch.from_numpy(tracks())[None]
    audio[0, 1] = 0.0
    rows = pack_settings([ChannelSettings(row) for row in ROWS])[None].requires_grad_()
    played = staged_strips(audio, rows, torch.tensor([IS_STEREO]), RATE)
    assert not played[0, 1].any()
    played[:, :, 0].square().sum().backward()
    assert bool(torch.isfinite(rows.grad).all())
    assert bool((rows.grad[0, [0, 2]] != 0.0).any(-1).all())
