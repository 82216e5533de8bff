"""Peaks against EBU Tech 3341 (2023) cases 15 to 23, exact interpolation, an independent library, and their laws."""

import math

import numpy as np
import pyebur128
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import firwin

from assistant.analysis.peaks import crest_factor_db, interpolation_phases, sample_peak_db, true_peak, true_peak_dbtp

RATES = (44_100, 48_000, 96_000)


def faded(wave, sample_rate):
    """``wave`` with 10 ms linear fades at its ends."""
    fade = np.minimum(1.0, np.arange(len(wave)) / (0.01 * sample_rate))
    return wave * fade * fade[::-1]


def tone(amplitude, periods_per_sample, phase_deg, sample_rate):
    """One second of a stereo sine, ``(2, T)``."""
    angle = 2.0 * np.pi * periods_per_sample * np.arange(sample_rate) + np.deg2rad(phase_deg)
    return np.tile(faded(amplitude * np.sin(angle), sample_rate), (2, 1))


def cycle_in_tone(offset, sample_rate):
    """Cases 20 to 23: a period at fs/4, amplitude 1, in a tone at fs/6, 0.5; made at 4 fs, filtered, decimated."""
    quiet = 0.5 * np.sin(2.0 * np.pi * np.arange(24 * 1000) / 24.0)
    loud = np.sin(2.0 * np.pi * np.arange(16) / 16.0)
    wave = faded(np.concatenate([quiet, loud, quiet]), 4 * sample_rate)
    return np.tile(np.convolve(wave, firwin(255, 0.25), mode="same")[offset::4], (2, 1))


CASES = {
    "15": (0.50, 1 / 4, 0.0, -6.0),
    "16": (0.50, 1 / 4, 45.0, -6.0),
    "17": (0.50, 1 / 6, 60.0, -6.0),
    "18": (0.50, 1 / 8, 67.5, -6.0),
    "19": (1.41, 1 / 4, 45.0, 3.0),
}


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize(("amplitude", "frequency", "phase_deg", "expected"), CASES.values(), ids=CASES)
def test_tech_3341_tones(amplitude, frequency, phase_deg, expected, sample_rate):
    found = true_peak_dbtp(tone(amplitude, frequency, phase_deg, sample_rate), sample_rate)
    assert expected - 0.4 <= found <= expected + 0.2


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("offset", [0, 1, 2, 3], ids=["20", "21", "22", "23"])
def test_tech_3341_inter_sample_cycle(offset, sample_rate):
    assert -0.4 <= true_peak_dbtp(cycle_in_tone(offset, sample_rate), sample_rate) <= 0.2


def test_finds_the_peak_between_samples():
    audio = tone(1.0, 1 / 4, 45.0, 48_000)
    assert sample_peak_db(audio) == pytest.approx(-3.01, abs=0.01)
    assert true_peak_dbtp(audio, 48_000) == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("sample_rate", [44_100, 48_000])
def test_every_frequency_to_20_khz_within_a_tenth(sample_rate):
    for frequency_hz in np.linspace(500.0, 20_000.0, 40):
        for phase_deg in (0.0, 37.0, 71.0, 90.0):
            audio = tone(1.0, frequency_hz / sample_rate, phase_deg, sample_rate)[:1]
            assert -0.1 <= true_peak_dbtp(audio, sample_rate) <= 0.02, f"{frequency_hz} Hz, {phase_deg} degrees"


@pytest.mark.parametrize("count", [1, 31, 32, 33, 65_535, 65_536 + 7, 200_000])
@pytest.mark.parametrize("sample_rate", [48_000, 96_000])
def test_skipping_changes_nothing(count, sample_rate):
    wave = np.random.default_rng(count).laplace(size=count)
    phases = interpolation_phases(8 if sample_rate == 48_000 else 4)
    everywhere = max(np.abs(np.convolve(wave, taps[::-1])).max() for taps in phases)
    expected = max(everywhere, np.abs(wave).max())
    assert true_peak(wave[None], sample_rate, np.abs(wave).max()) == pytest.approx(expected, rel=1e-12)


def test_peaks_at_the_edges_count():
    for position in (0, 99):
        audio = np.zeros((1, 100))
        audio[0, position] = 0.5
        assert true_peak_dbtp(audio, 48_000) == pytest.approx(-6.02, abs=0.01)
    step = np.ones((1, 100))
    assert true_peak_dbtp(step, 48_000) > 0.5  # the overshoot of a band-limited edge


def test_agrees_with_libebur128():
    audio = 0.2 * np.random.default_rng(5).standard_normal((2, 96_000))
    state = pyebur128.R128State(2, 48_000, pyebur128.MeasurementMode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(audio.T).reshape(-1), audio.shape[1])
    theirs = [20.0 * math.log10(pyebur128.get_true_peak(state, c)) for c in range(2)]
    ours = [true_peak_dbtp(audio[c : c + 1], 48_000) for c in range(2)]
    np.testing.assert_allclose(ours, theirs, atol=0.5)


@settings(max_examples=25, deadline=None)
@given(gain_db=st.floats(-60.0, 40.0), seed=st.integers(0, 50), count=st.integers(1, 3000))
def test_gain_shifts_peaks_and_keeps_crest(gain_db, seed, count):
    audio = np.random.default_rng(seed).standard_normal((2, count))
    louder = audio * 10.0 ** (gain_db / 20.0)
    assert sample_peak_db(louder) == pytest.approx(sample_peak_db(audio) + gain_db, abs=1e-6)
    assert true_peak_dbtp(louder, 48_000) == pytest.approx(true_peak_dbtp(audio, 48_000) + gain_db, abs=1e-6)
    assert crest_factor_db(louder) == pytest.approx(crest_factor_db(audio), abs=1e-6)
    assert true_peak_dbtp(audio, 48_000) >= sample_peak_db(audio)
    assert true_peak_dbtp(audio[::-1], 48_000) == pytest.approx(true_peak_dbtp(audio, 48_000), abs=1e-12)


def test_the_peak_is_the_louder_channels():
    audio = np.array([[0.1, -0.2], [0.5, 0.25]])
    assert sample_peak_db(audio) == pytest.approx(-6.02, abs=0.01)
    assert sample_peak_db(-audio) == sample_peak_db(audio)


def test_crest_of_known_waves():
    sine = np.sin(2.0 * np.pi * np.arange(48_000) / 48.0)
    assert crest_factor_db(np.sign(sine + 1e-9)[None]) == pytest.approx(0.0, abs=1e-9)
    assert crest_factor_db(sine[None]) == pytest.approx(3.0103, abs=1e-3)
    assert crest_factor_db(np.stack([sine, 0.0 * sine])) == pytest.approx(6.0206, abs=1e-3)


@pytest.mark.parametrize("count", [0, 1, 5000])
def test_silence(count):
    audio = np.zeros((2, count))
    assert sample_peak_db(audio) == true_peak_dbtp(audio, 48_000) == crest_factor_db(audio) == -math.inf
