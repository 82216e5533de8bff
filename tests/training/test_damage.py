"""A damage and what undoes it: the console gives back, below -60 dB, what was taken."""

import math

import numpy as np
import pytest
import torch

from assistant.analysis.stereo import balance_db
from assistant.console.channel import process_channels
from assistant.console.parameters import pack_settings
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME
from assistant.training.damage import Damage, centring_pan, draw_damage, restoring_settings
from assistant.training.damaging import damage_audio

RATE = 44_100

EQ = {
    "low_shelf_gain_db": -7.0,
    "low_shelf_hz": 180.0,
    "peak1_gain_db": 6.0,
    "peak1_hz": 320.0,
    "peak1_q": 2.5,
    "peak3_gain_db": -9.0,
    "peak3_hz": 4_000.0,
    "high_shelf_gain_db": 8.0,
    "high_shelf_hz": 6_000.0,
    "high_shelf_q": 0.5,
}


def stem(channels=2, seconds=2.0, seed=0, balance=(1.0, 1.0)):
    """Noise with a share in common, fading out so that no filter rings past the end, (C, T) float32."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    audio = 0.1 * (rng.standard_normal(count) + 0.5 * rng.standard_normal((channels, count)))
    audio *= np.minimum(1.0, np.linspace(4.0, 0.0, count) ** 2)
    audio *= np.array(balance)[:channels, None]
    return audio.astype(np.float32)


def restored(audio, settings):
    """``audio`` (C, T) through the console, (2, T)."""
    rows = pack_settings([ChannelSettings(settings)], dtype=torch.float64)[None]
    with torch.no_grad():
        return process_channels(torch.from_numpy(audio)[None, None], rows, RATE)[0, 0].numpy()


def null_db(found, expected):
    residue = np.sum(np.square(found.astype(np.float64) - expected))
    return 10.0 * math.log10(max(residue, 1e-30) / np.sum(np.square(expected.astype(np.float64))))


@pytest.mark.parametrize(
    "settings",
    [
        EQ,
        {"trim_db": -11.0, "polarity_inverted": 1.0},
        {"width": 0.5},
        {"width": 1.9},
        {"pan": -0.6},
        {"width": 0.6, "pan": 0.7},
        {**EQ, "trim_db": 9.0, "polarity_inverted": 1.0, "width": 1.7, "pan": -0.75},
    ],
    ids=["eq", "gain and polarity", "narrow", "wide", "pan", "place", "all"],
)
def test_restoring_settings_null_the_damage(settings):
    damage = Damage(ChannelSettings(settings))
    audio = stem()
    damaged = damage_audio(audio, RATE, damage)
    assert null_db(damaged, audio) > -20.0
    assert null_db(restored(damaged, restoring_settings(damage)), audio) < -90.0


def test_drawn_damages_null_too():
    rng = np.random.default_rng(1)
    for seed in range(20):
        drawn = draw_damage(rng, is_stereo=True, amount=1.5, balance_db=-4.0)
        damage = Damage(drawn.settings)  # without dynamics and fold
        audio = stem(seconds=1.0, seed=seed)
        damaged = damage_audio(audio, RATE, damage)
        assert null_db(restored(damaged, restoring_settings(damage)), audio) < -80.0


def test_a_mono_stem_is_restored_on_both_sides():
    damage = Damage(ChannelSettings(EQ))
    audio = stem(channels=1)
    damaged = damage_audio(audio, RATE, damage)
    assert damaged.shape == audio.shape
    found = restored(damaged, restoring_settings(damage))
    assert null_db(found, np.repeat(audio, 2, axis=0) * np.float32(math.sqrt(0.5))) < -90.0


@pytest.mark.parametrize("balance", [(1.0, 0.4), (0.3, 1.0), (1.0, 1.0)])
def test_a_leaning_stem_is_brought_to_the_middle_and_back(balance):
    audio = stem(balance=balance)
    damage = Damage(ChannelSettings(pan=centring_pan(balance_db(audio))))
    damaged = damage_audio(audio, RATE, damage)
    assert balance_db(damaged) == pytest.approx(0.0, abs=1e-4)
    assert null_db(restored(damaged, restoring_settings(damage)), audio) < -90.0


def test_a_stem_of_one_side_alone_stays_drawable():
    assert centring_pan(math.inf) == -0.75
    assert centring_pan(-math.inf) == 0.75
    rng = np.random.default_rng(0)
    for _ in range(50):
        restoring_settings(draw_damage(rng, is_stereo=True, balance_db=-math.inf))


@pytest.mark.parametrize("angle", [0.0, 0.3, math.pi / 4, 1.2, math.pi / 2])
def test_a_folded_source_is_panned_back(angle):
    source = stem(channels=1)
    audio = np.concatenate([math.cos(angle) * source, math.sin(angle) * source]).astype(np.float32)
    damage = Damage(collapse=True, balance_db=balance_db(audio))
    damaged = damage_audio(audio, RATE, damage)
    assert damaged.shape == source.shape
    known = restoring_settings(damage)
    assert "width" not in known
    assert null_db(restored(damaged, known), audio) < -90.0


def tones():
    """A 1 kHz sine at four levels 4 dB apart, half a second each."""
    levels_db = np.repeat([-14.0, -26.0, -18.0, -22.0], RATE // 2)
    sine = np.sin(2 * np.pi * 1_000.0 * np.arange(levels_db.size) / RATE)
    return (10.0 ** (levels_db / 20.0) * sine)[None].astype(np.float32)


def settled_db(audio):
    """RMS level of each half second from 0.3 s to 0.4 s, away from the steps."""
    steps = audio.reshape(4, RATE // 2)[:, 3 * RATE // 10 : 4 * RATE // 10].astype(np.float64)
    return 10.0 * np.log10(np.mean(np.square(steps), axis=1))


@pytest.mark.parametrize("ratio", [0.6, 1.5, 2.0])
def test_expansion_multiplies_level_differences(ratio):
    before, after = settled_db(tones()), settled_db(damage_audio(tones(), RATE, Damage(expand_ratio=ratio)))
    assert np.diff(after) == pytest.approx(ratio * np.diff(before), abs=0.1)


def test_a_compressor_of_the_same_ratio_undoes_an_expansion():
    damage = Damage(expand_ratio=1.8)
    known = restoring_settings(damage)
    assert known["comp_ratio"] == 1.8
    mean_db = 10.0 * math.log10(np.mean(np.square(tones(), dtype=np.float64)))
    peak_over_rms_db = 10.0 * math.log10(2.0)
    threshold_db = mean_db - 12.0 * 1.8 + peak_over_rms_db
    compressor = {"comp_threshold_db": threshold_db, "comp_knee_db": 0.0, "comp_attack_ms": 0.1}
    found = restored(damage_audio(tones(), RATE, damage), {**known, **compressor})
    assert settled_db(found[0] * math.sqrt(2.0)) == pytest.approx(settled_db(tones()), abs=0.3)


def test_flattened_dynamics_leave_the_compressor_unknown():
    known = restoring_settings(Damage(expand_ratio=0.8))
    assert not any(name.startswith("comp_") for name in known)
    assert restoring_settings(Damage())["comp_ratio"] == 1.0


def test_bands_left_alone_are_restored_by_no_gain():
    known = restoring_settings(Damage(ChannelSettings(peak2_gain_db=3.0, peak2_hz=900.0)))
    assert known["peak2_gain_db"] == -3.0
    assert known["peak2_hz"] == 900.0
    assert known["peak1_gain_db"] == 0.0
    assert "peak1_hz" not in known


def test_nothing_drawn_is_nothing_done():
    damage = draw_damage(np.random.default_rng(0), is_stereo=True, amount=0.0, balance_db=5.0)
    assert (damage.settings, damage.expand_ratio, damage.collapse) == (ChannelSettings(), 1.0, False)
    assert np.array_equal(damage_audio(stem(), RATE, damage), stem())


def test_draws_vary_repeat_and_stay_restorable():
    rng = np.random.default_rng(3)
    drawn = [draw_damage(rng, bool(i % 2), amount=2.0, balance_db=3.0) for i in range(400)]
    for damage in drawn:
        for name, value in restoring_settings(damage).items():
            assert BY_NAME[name].low <= value <= BY_NAME[name].high
    mono, stereo = drawn[::2], drawn[1::2]
    assert all((d.settings["width"], d.settings["pan"], d.collapse) == (1.0, 0.0, False) for d in mono)
    assert 20 < sum(d.collapse for d in stereo) < 120
    assert len({d.settings["pan"] for d in stereo}) > 20
    assert draw_damage(np.random.default_rng(5), True) == draw_damage(np.random.default_rng(5), True)


def test_a_larger_amount_damages_more():
    def mean_gain(amount):
        rng = np.random.default_rng(0)
        drawn = [draw_damage(rng, is_stereo=False, amount=amount).settings["low_shelf_gain_db"] for _ in range(300)]
        return np.mean(np.abs(drawn))

    assert mean_gain(0.3) < 0.5 * mean_gain(1.0) < mean_gain(2.0)


def test_silence_stays_silence():
    damage = Damage(ChannelSettings(EQ), expand_ratio=2.0)
    assert not damage_audio(np.zeros((2, 5_000), np.float32), RATE, damage).any()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"settings": ChannelSettings(send_db=-6.0)}, "cannot be undone in send_db"),
        ({"settings": ChannelSettings(width=0.3)}, "collapse"),
        ({"settings": ChannelSettings(pan=1.0)}, "expected -0.75 to 0.75"),
        ({"expand_ratio": 5.0}, "expected 0.5 to 3"),
        ({"settings": ChannelSettings(pan=0.2), "collapse": True}, "the fold takes both"),
    ],
)
def test_what_cannot_be_undone_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Damage(**given)


def test_amount_is_checked():
    with pytest.raises(ValueError, match=r"amount=-1: expected 0 to 2"):
        draw_damage(np.random.default_rng(0), is_stereo=True, amount=-1)
