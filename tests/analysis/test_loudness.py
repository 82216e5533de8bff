"""Loudness against the published signals of EBU Tech 3341 and 3342 (2023), an independent library, and its laws.

The signals are generated from the tables' descriptions. Left out: 3341 case 6 (five channels, which are refused) and
the recorded programmes, 3341 cases 7 and 8 and 3342 cases 5 and 6.
"""

import math
from itertools import chain

import numpy as np
import pyebur128
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.analysis.loudness import (
    HOP_STEPS,
    MOMENTARY_STEPS,
    SHORT_TERM_STEPS,
    highest_loudness,
    integrated_loudness,
    k_weighting,
    loudness_range,
    max_momentary_loudness,
    max_short_term_loudness,
    momentary_loudness,
    short_term_loudness,
    weighted_powers,
)

RATES = (44_100, 48_000, 96_000)
ODD_RATES = (22_050, 24_000, 32_000)
SILENT = -math.inf


def tones(parts, sample_rate=48_000):
    """A stereo 1 kHz sine, the same on both channels, through ``(dBFS peak, seconds)`` parts in turn."""
    parts = list(parts)
    counts = [round(seconds * sample_rate) for _, seconds in parts]
    levels = np.repeat([10.0 ** (level_db / 20.0) for level_db, _ in parts], counts)
    sine = np.sin(2.0 * np.pi * 1000.0 * np.arange(len(levels)) / sample_rate)
    return np.tile((levels * sine).astype(np.float32), (2, 1))


def noise(seconds, sample_rate=48_000, channels=2, seed=0):
    """Noise whose level wanders over some 20 dB, as music's does."""
    rng = np.random.default_rng(seed)
    count = int(seconds * sample_rate)
    steps = rng.uniform(-30.0, -10.0, int(seconds) + 2)
    level_db = np.interp(np.arange(count) / sample_rate, np.arange(len(steps)), steps)
    return rng.standard_normal((channels, count)) * 10.0 ** (level_db / 20.0)


INTEGRATED_CASES = {
    "1": ([(-23, 20)], -23.0),
    "2": ([(-33, 20)], -33.0),
    "3": ([(-36, 10), (-23, 60), (-36, 10)], -23.0),
    "4": ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23.0),
    "5": ([(-26, 20), (-20, 20.1), (-26, 20)], -23.0),
}


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(("parts", "expected"), INTEGRATED_CASES.values(), ids=INTEGRATED_CASES)
def test_tech_3341_integrated(parts, expected, sample_rate):
    assert integrated_loudness(tones(parts, sample_rate), sample_rate) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("sample_rate", RATES + ODD_RATES)
@pytest.mark.parametrize("level", [-23, -33])
def test_tech_3341_cases_1_and_2_hold_for_every_meter_and_rate(level, sample_rate):
    audio = tones([(level, 20)], sample_rate)
    np.testing.assert_allclose(momentary_loudness(audio, sample_rate), level, atol=0.1)
    np.testing.assert_allclose(short_term_loudness(audio, sample_rate), level, atol=0.1)
    assert integrated_loudness(audio, sample_rate) == pytest.approx(level, abs=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_9_short_term_is_constant(sample_rate):
    audio = tones([(-20, 1.34), (-30, 1.66)] * 5, sample_rate)
    np.testing.assert_allclose(short_term_loudness(audio, sample_rate), -23.0, atol=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_10_max_short_term_of_files(sample_rate):
    for i in range(20):
        audio = tones([(SILENT, i * 0.15), (-23, 3), (SILENT, 1)], sample_rate)
        assert max_short_term_loudness(audio, sample_rate) == pytest.approx(-23.0, abs=0.1), f"segment {i}"


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_11_successive_max_short_term(sample_rate):
    segments = [[(SILENT, i * 0.15), (-38 + i, 3), (SILENT, 3 - i * 0.15)] for i in range(20)]
    powers = weighted_powers(tones(chain.from_iterable(segments), sample_rate), sample_rate)
    found = [highest_loudness(powers[: (i + 1) * 600], SHORT_TERM_STEPS) for i in range(20)]
    np.testing.assert_allclose(found, np.arange(-38, -18), atol=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_12_momentary_is_constant(sample_rate):
    audio = tones([(-20, 0.18), (-30, 0.22)] * 25, sample_rate)
    np.testing.assert_allclose(momentary_loudness(audio, sample_rate)[HOP_STEPS:], -23.0, atol=0.1)


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_13_max_momentary_of_files(sample_rate):
    for i in range(20):
        audio = tones([(SILENT, i * 0.02), (-23, 0.4), (SILENT, 1)], sample_rate)
        assert max_momentary_loudness(audio, sample_rate) == pytest.approx(-23.0, abs=0.1), f"segment {i}"


@pytest.mark.parametrize("sample_rate", RATES)
def test_tech_3341_case_14_successive_max_momentary(sample_rate):
    segments = [[(SILENT, i * 0.02), (-38 + i, 0.4), (SILENT, 0.4 - i * 0.02)] for i in range(20)]
    powers = weighted_powers(tones(chain.from_iterable(segments), sample_rate), sample_rate)
    found = [highest_loudness(powers[: (i + 1) * 80], MOMENTARY_STEPS) for i in range(20)]
    np.testing.assert_allclose(found, np.arange(-38, -18), atol=0.1)


RANGE_CASES = {
    "1": ([(-20, 20), (-30, 20)], 10.0),
    "2": ([(-20, 20), (-15, 20)], 5.0),
    "3": ([(-40, 20), (-20, 20)], 20.0),
    "4": ([(-50, 20), (-35, 20), (-20, 20), (-35, 20), (-50, 20)], 15.0),
}


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(("parts", "expected"), RANGE_CASES.values(), ids=RANGE_CASES)
def test_tech_3342_loudness_range(parts, expected, sample_rate):
    assert loudness_range(tones(parts, sample_rate), sample_rate) == pytest.approx(expected, abs=1.0)


def test_k_weighting_at_48_khz_is_the_standards_table():
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585]
    low_cut = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    np.testing.assert_allclose(k_weighting(48_000), [shelf, low_cut], rtol=0, atol=1e-13)


@pytest.mark.parametrize("sample_rate", [*RATES, 24_000, 32_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_agrees_with_libebur128(sample_rate, channels):
    audio = noise(30, sample_rate, channels)
    modes = pyebur128.MeasurementMode
    state = pyebur128.R128State(channels, sample_rate, modes.MODE_I | modes.MODE_LRA)
    state.add_frames(np.ascontiguousarray(audio.T).reshape(-1), audio.shape[1])
    assert integrated_loudness(audio, sample_rate) == pytest.approx(pyebur128.get_loudness_global(state), abs=0.01)
    assert loudness_range(audio, sample_rate) == pytest.approx(pyebur128.get_loudness_range(state), abs=1.0)


def test_a_mono_track_is_one_channel():
    stereo = tones([(-23, 5)])
    assert integrated_loudness(stereo[:1], 48_000) == pytest.approx(-26.01, abs=0.05)


@settings(max_examples=15, deadline=None)
@given(gain_db=st.floats(-20.0, 20.0), seed=st.integers(0, 9), channels=st.sampled_from([1, 2]))
def test_gain_shifts_loudness_and_keeps_range(gain_db, seed, channels):
    audio = noise(6, 24_000, channels, seed)
    louder = audio * 10.0 ** (gain_db / 20.0)
    for meter in (integrated_loudness, max_momentary_loudness, max_short_term_loudness):
        assert meter(louder, 24_000) == pytest.approx(meter(audio, 24_000) + gain_db, abs=1e-6), meter.__name__
    assert loudness_range(louder, 24_000) == pytest.approx(loudness_range(audio, 24_000), abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 99))
def test_channel_swap_changes_nothing(seed):
    audio = noise(4, 24_000, 2, seed) * np.array([[1.0], [0.3]])
    assert integrated_loudness(audio[::-1], 24_000) == pytest.approx(integrated_loudness(audio, 24_000), abs=1e-9)


def test_the_sample_rate_does_not_matter():
    rng = np.random.default_rng(3)
    frequencies, phases = np.geomspace(40.0, 6000.0, 25), rng.uniform(0.0, 6.28, 25)
    found = []
    for rate in (24_000, 32_000, 44_100, 48_000, 96_000):
        time = np.arange(8 * rate) / rate
        wave = sum(np.sin(2.0 * np.pi * f * time + p) for f, p in zip(frequencies, phases, strict=True))
        found.append(integrated_loudness(0.02 * np.tile(wave, (2, 1)), rate))
    np.testing.assert_allclose(found, found[-1], atol=0.1)


def test_window_counts_follow_the_hop():
    audio = noise(3.25, 44_100)
    assert momentary_loudness(audio, 44_100).shape == (29,)
    assert short_term_loudness(audio, 44_100).shape == (3,)


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 48_000])
@pytest.mark.parametrize("seconds", [0.0, 0.005, 0.399])
def test_too_short_for_a_block(seconds, sample_rate):
    audio = np.full((2, int(seconds * sample_rate)), 0.5)
    assert integrated_loudness(audio, sample_rate) == max_momentary_loudness(audio, sample_rate) == SILENT
    assert momentary_loudness(audio, sample_rate).size == short_term_loudness(audio, sample_rate).size == 0
    assert loudness_range(audio, sample_rate) == 0.0


def test_exactly_one_block_is_enough():
    assert integrated_loudness(tones([(-23, 0.4)]), 48_000) == pytest.approx(-23.0, abs=0.1)


def test_silence_and_what_follows_sound():
    assert integrated_loudness(np.zeros((2, 240_000)), 48_000) == SILENT
    assert integrated_loudness(tones([(-75, 10)]), 48_000) == SILENT
    after = momentary_loudness(tones([(-23, 2), (SILENT, 8)]), 48_000)
    assert after[-1] == SILENT
    assert not np.isnan(after).any()


@pytest.mark.parametrize(
    ("audio", "sample_rate", "message"),
    [
        (np.zeros((480, 2)), 48_000, r"shape \(480, 2\).*transposed"),
        (np.zeros(480), 48_000, "expected .channels, samples."),
        (np.zeros((5, 480)), 48_000, "1 or 2 channels"),
        (np.zeros((2, 480), np.int16), 48_000, "int16: expected float32"),
        (np.full((2, 480), np.nan), 48_000, "finite"),
        (np.full((1, 480), -np.inf), 48_000, "finite"),
        (np.zeros((2, 480)), 48, "sample_rate=48: .*kHz"),
        (np.zeros((2, 480)), 44_100.0, "whole Hz"),
    ],
)
def test_refuses_what_it_cannot_measure(audio, sample_rate, message):
    with pytest.raises(ValueError, match=message):
        integrated_loudness(audio, sample_rate)
