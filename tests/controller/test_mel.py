"""Log-mel frames: bands, gain, sample rates, sides."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from assistant.controller.mel import BANDS, FLOOR_DB, band_centres_hz, mel_frames

RATE = 48_000


def sine(hz: float, rate: int = RATE, seconds: float = 0.5) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate, dtype=np.float32)[None]


def noise(channels: int = 1, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.1, (channels, RATE)).astype(np.float32)


@pytest.mark.parametrize("hz", [60.0, 200.0, 1_000.0, 5_000.0, 14_000.0])
@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_a_sine_lands_in_its_band(hz: float, rate: int) -> None:
    levels_db, _ = mel_frames(sine(hz, rate), rate)
    loudest = set(levels_db.argmax(axis=1).tolist())
    nearest = int(np.argmin(np.abs(band_centres_hz() - hz)))
    assert loudest <= {nearest - 1, nearest, nearest + 1}
    total_db = 10 * np.log10((10 ** (levels_db / 10)).sum(axis=1))
    lost_db = 1.4 if hz < 100.0 else 0.0  # on the flank of the lowest band, where no other overlaps
    assert total_db == pytest.approx(10 * np.log10(0.125) - lost_db, abs=0.6)


def test_gain_shifts_every_level_alike() -> None:
    levels_db, side = mel_frames(noise(2), RATE)
    softer_db, same_side = mel_frames(noise(2) * np.float32(0.01), RATE)
    assert softer_db == pytest.approx(levels_db - 40.0, abs=1e-3)
    assert same_side == pytest.approx(side, abs=1e-5)


@pytest.mark.parametrize("rate", [44_100, 96_000, 192_000])
def test_other_sample_rates_give_the_same_numbers(rate: int) -> None:
    audio = signal.sosfilt(signal.butter(4, 15_000, fs=RATE, output="sos"), noise()).astype(np.float32)
    resampled = signal.resample(audio, round(audio.shape[1] * rate / RATE), axis=1).astype(np.float32)
    levels_db, other_db = mel_frames(audio, RATE)[0], mel_frames(resampled, rate)[0]
    assert levels_db.shape == other_db.shape
    inside = band_centres_hz() < 13_000
    assert np.abs(levels_db - other_db)[1:-1, inside].max() < 0.3


def test_silence_stands_at_the_floor() -> None:
    levels_db, side = mel_frames(np.zeros((2, RATE), np.float32), RATE)
    assert np.all(levels_db == pytest.approx(FLOOR_DB))
    assert not side.any()


def test_the_side_share() -> None:
    """0 for twice the same, 1 for the opposite, a half for one side alone and for unrelated sides."""
    mono, both = noise(), noise(2, seed=3)
    cases = ((np.vstack([mono, mono]), 0.0, 1e-6), (np.vstack([mono, -mono]), 1.0, 1e-6))
    cases = (*cases, (np.vstack([mono, 0 * mono]), 0.5, 1e-6), (both, 0.5, 0.2))
    for audio, share, tolerance in cases:
        assert mel_frames(audio, RATE)[1].mean(axis=0)[5:] == pytest.approx(
            np.full(BANDS - 5, share), abs=4 * tolerance
        )
    assert not mel_frames(mono, RATE)[1].any()


def test_twice_the_same_is_as_loud_as_once() -> None:
    assert mel_frames(np.vstack([noise(), noise()]), RATE)[0] == pytest.approx(mel_frames(noise(), RATE)[0], abs=1e-4)
