"""Correlation, width and balance of signals whose answers are known."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.analysis.stereo import balance_db, correlation, stereo_width

RNG = np.random.default_rng(7)
A, B = RNG.standard_normal((2, 200_000))
QUIET = np.zeros(200_000)

CASES = {
    "mono": (A[None], 1.0, 0.0, 0.0),
    "the same on both": (np.stack([A, A]), 1.0, 0.0, 0.0),
    "opposite": (np.stack([A, -A]), -1.0, 1.0, 0.0),
    "uncorrelated": (np.stack([A, B]), 0.0, 0.5, 0.0),
    "left 6 dB down": (np.stack([0.5 * A, A]), 1.0, 0.1, 6.02),
    "mid with side at half": (np.stack([A + 0.5 * B, A - 0.5 * B]), 0.6, 0.2, 0.0),
    "left alone": (np.stack([A, QUIET]), 0.0, 0.5, -math.inf),
    "right alone": (np.stack([QUIET, A]), 0.0, 0.5, math.inf),
    "silence": (np.stack([QUIET, QUIET]), 1.0, 0.0, 0.0),
    "nothing": (np.zeros((2, 0)), 1.0, 0.0, 0.0),
}


@pytest.mark.parametrize(("audio", "correlated", "width", "balance"), CASES.values(), ids=CASES)
def test_known_signals(audio, correlated, width, balance):
    assert correlation(audio) == pytest.approx(correlated, abs=0.01)
    assert stereo_width(audio) == pytest.approx(width, abs=0.01)
    assert balance_db(audio) == pytest.approx(balance, abs=0.05)


def test_dual_mono_is_exactly_mono():
    for gain in (1.0, 0.3, 1e-4):
        audio = (gain * np.stack([A, A])).astype(np.float32)
        assert (correlation(audio), stereo_width(audio), balance_db(audio)) == (1.0, 0.0, 0.0)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 99), count=st.integers(1, 5000), gain=st.floats(1e-4, 100.0), tilt=st.floats(0.0, 1.0))
def test_ranges_swap_and_gain(seed, count, gain, tilt):
    audio = np.random.default_rng(seed).standard_normal((2, count)) * np.array([[1.0], [tilt]])
    assert -1.0 <= correlation(audio) <= 1.0
    assert 0.0 <= stereo_width(audio) <= 1.0
    for meter in (correlation, stereo_width):
        assert meter(audio[::-1]) == pytest.approx(meter(audio), abs=1e-9)
    assert balance_db(audio[::-1]) == pytest.approx(-balance_db(audio), abs=1e-9)
    for meter in (correlation, stereo_width, balance_db):
        assert meter(gain * audio) == pytest.approx(meter(audio), abs=1e-6)
