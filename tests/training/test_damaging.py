"""Damaged frames are the frames of damaged audio."""

import math

import numpy as np
import pytest
from scipy import signal

from assistant.analysis.stereo import balance_db
from assistant.controller.mel import FLOOR_DB, band_centres_hz, mel_frames
from assistant.mix import ChannelSettings
from assistant.training.damage import Damage, draw_damage
from assistant.training.damaging import damage_audio, damage_mel

RATE = 44_100


def stem(seed=0, balance=(1.0, 1.0)):
    """Stereo noise, falling 3 dB an octave or so, whose level swings by 20 dB twice a second; (2, T) float32."""
    rng = np.random.default_rng(seed)
    count = 6 * RATE
    noise = rng.standard_normal(count) + 0.6 * rng.standard_normal((2, count))
    shaped = signal.lfilter([0.05], [1.0, -0.9], noise) + 0.01 * noise
    swing_db = 10.0 * np.sin(2 * np.pi * 2.0 * np.arange(count) / RATE)
    return (0.1 * shaped * 10.0 ** (swing_db / 20.0) * np.array(balance)[:, None]).astype(np.float32)


def compared(audio, damage):
    """Levels (dB) and side shares of the bands over all frames: as foretold, and as they are."""
    foretold = damage_mel(*mel_frames(audio, RATE), damage, band_centres_hz(), RATE)
    found = mel_frames(damage_audio(audio, RATE, damage), RATE)
    return foretold, found


def check(audio, damage, frames_db=0.6):
    """Bands agree within 1 dB in the mean over time, single frames within ``frames_db`` RMS."""
    (levels, side), (true_levels, true_side) = compared(audio, damage)
    has_energy = true_levels > true_levels.max() - 50.0
    assert np.sqrt(np.mean(np.square(levels - true_levels)[has_energy])) < frames_db
    means = [10.0 * np.log10(np.mean(10.0 ** (x / 10.0), axis=0)) for x in (levels, true_levels)]
    assert np.abs(means[0] - means[1]).max() < 0.5
    assert np.abs(side - true_side).mean() < 0.06


@pytest.mark.parametrize(
    "settings",
    [
        {"trim_db": -9.0, "polarity_inverted": 1.0},
        {"low_shelf_gain_db": 10.0, "low_shelf_hz": 150.0, "high_shelf_gain_db": -10.0, "high_shelf_hz": 4_000.0},
        {"peak2_gain_db": 12.0, "peak2_hz": 1_300.0, "peak2_q": 3.0},
        {"high_shelf_gain_db": 12.0, "high_shelf_hz": 10_000.0},
        {"width": 0.5},
        {"width": 1.8},
    ],
)
def test_settings_show_in_the_frames_as_in_the_audio(settings):
    check(stem(), Damage(ChannelSettings(settings)))


@pytest.mark.parametrize("ratio", [0.6, 1.4, 2.0])
def test_dynamics_show_in_the_frames_as_in_the_audio(ratio):
    check(stem(), Damage(expand_ratio=ratio))


@pytest.mark.parametrize("settings", [{"pan": 0.6}, {"pan": -0.75, "width": 1.6}, {"pan": -0.5}])
def test_a_leaning_stem_moves_as_its_balance_says(settings):
    """Single frames of a wide stem lean to one side or the other, which a balance of the whole cannot foretell."""
    for balance in ((1.0, 0.4), (0.7, 1.0), (1.0, 1.0)):
        audio = stem(balance=balance)
        check(audio, Damage(ChannelSettings(settings), balance_db=balance_db(audio)), frames_db=1.5)


def test_a_fold_leaves_the_mid():
    audio = stem(balance=(1.0, 0.4))
    damage = Damage(collapse=True, balance_db=balance_db(audio))
    check(audio, damage)
    assert not compared(audio, damage)[0][1].any()


def test_drawn_damages_agree():
    rng = np.random.default_rng(2)
    for seed in range(6):
        audio = stem(seed, balance=(1.0, 0.6))
        check(audio, draw_damage(rng, is_stereo=True, amount=1.0, balance_db=balance_db(audio)), frames_db=1.0)


def test_no_damage_changes_no_frame():
    levels, side = mel_frames(stem(), RATE)
    same = damage_mel(levels, side, Damage(), band_centres_hz(), RATE)
    assert np.abs(same[0] - levels).max() < 1e-3
    assert np.abs(same[1] - side).max() < 1e-6


def test_passages_are_damaged_like_one_run_of_frames():
    levels, side = (x[:240] for x in mel_frames(stem(), RATE))
    damage = Damage(ChannelSettings(width=0.7, peak1_gain_db=4.0), expand_ratio=1.5)
    run = damage_mel(levels, side, damage, band_centres_hz(), RATE)
    passages = damage_mel(levels.reshape(3, 80, 64), side.reshape(3, 80, 64), damage, band_centres_hz(), RATE)
    for one, other in zip(run, passages, strict=True):
        assert one.dtype == np.float32
        assert np.array_equal(one.reshape(3, 80, 64), other)


def test_silent_frames_stay_at_the_floor():
    levels, side = np.full((20, 64), FLOOR_DB), np.zeros((20, 64))
    damage = Damage(ChannelSettings(trim_db=12.0), expand_ratio=2.0, collapse=True, balance_db=-math.inf)
    damaged, share = damage_mel(levels, side, damage, band_centres_hz(), RATE)
    assert (damaged == FLOOR_DB).all()
    assert not share.any()
