"""The tone of a finished song: relative, over all of it, and only where it sounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from assistant.analysis.reference import BANDS_HZ, MIX_SPECTRUM_DB, TONE_BANDS_HZ, TONE_WINDOW_DB, USUAL, reference_of

RATE = 48_000


def noise(seconds: float = 4.0, rate: int = RATE) -> np.ndarray:
    return np.random.default_rng(5).standard_normal((2, round(seconds * rate))).astype(np.float32)


def test_finished_music_is_the_usual_reference() -> None:
    assert (USUAL.levels_db, USUAL.window_db) == (MIX_SPECTRUM_DB, TONE_WINDOW_DB)


def test_white_noise_rises_a_decibel_per_third_octave_whatever_its_level() -> None:
    loud, soft = (reference_of("noise", gain * noise(), RATE) for gain in (0.5, 0.001))
    np.testing.assert_allclose(soft.levels_db, loud.levels_db, atol=1e-3)
    inside = [i for i, hz in enumerate(BANDS_HZ) if 100.0 < hz < 16_000.0]
    np.testing.assert_allclose(np.diff(np.array(loud.levels_db)[inside]), 1.0, atol=0.6)
    assert np.sum(10.0 ** (np.array(loud.levels_db) / 10.0)) == pytest.approx(1.0)
    assert loud.window_db < USUAL.window_db


def test_a_song_at_a_low_rate_says_nothing_of_the_top() -> None:
    found = reference_of("old", noise(rate=24_000), 24_000)
    silent = {hz for hz, level in zip(BANDS_HZ, found.levels_db, strict=True) if level == -np.inf}
    assert silent == {hz for hz in BANDS_HZ if hz > 12_000.0}
    assert not any(TONE_BANDS_HZ[0] <= hz <= TONE_BANDS_HZ[1] for hz in silent)


@pytest.mark.parametrize("audio", [np.zeros((2, RATE), np.float32), np.zeros((1, 0), np.float32)])
def test_silence_has_no_tone(audio: np.ndarray) -> None:
    with pytest.raises(ValueError, match="nothing: has hardly a sound"):
        reference_of("nothing", audio, RATE)


def test_a_bass_alone_is_no_song() -> None:
    low = sosfilt(butter(12, 100.0, "lowpass", fs=RATE, output="sos"), noise()) * np.hanning(4 * RATE)
    with pytest.raises(ValueError, match="is it a finished song"):
        reference_of("bass", low.astype(np.float32), RATE)
