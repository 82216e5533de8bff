"""The master: transparent below the ceiling, never above it, aligned, and at the loudness asked for."""

import math

import numpy as np
import pytest
from scipy.signal import butter, resample, sosfilt

from assistant.analysis.loudness import integrated_loudness
from assistant.analysis.peaks import true_peak_dbtp
from assistant.mix import MasterSettings, Mix
from assistant.params import MASTER_PARAMS
from render.engine import FaustProgram
from render.master import Master, limiter_latency

RATE = 48_000


def music(seconds: float = 6.0, seed: int = 0) -> np.ndarray:
    """Noise in bursts over tones, up to 18 kHz: loud transients on a quieter ground, a limiter's daily work."""
    rng = np.random.default_rng(seed)
    below_18_khz = butter(8, 18_000, fs=RATE, output="sos")
    time = np.arange(int(seconds * RATE)) / RATE
    tone = 0.1 * np.sin(2 * np.pi * 110 * time) + 0.05 * np.sin(2 * np.pi * 1_870 * time)
    bursts = 0.5 * rng.standard_normal((2, time.size)) * np.exp(-30 * (time % 0.5))
    return sosfilt(below_18_khz, tone + bursts).astype(np.float32)


def true_peak_db(audio: np.ndarray, margin: int = 0, factor: int = 16) -> float:
    """Of the band-limited curve through the samples, by Fourier transform, but for ``margin`` samples at each end."""
    padded = np.pad(audio.astype(np.float64), ((0, 0), (4_096, 4_096)))
    curve = resample(padded, factor * padded.shape[1], axis=1)
    inside = factor * (4_096 + margin)
    return 20 * math.log10(np.abs(curve[:, inside:-inside]).max())


def test_controls_are_the_parameter_table() -> None:
    program = FaustProgram("master.dsp", "process", 2, RATE)
    controls = {c.name: (c.low, c.high, c.default) for c in program.controls}
    assert controls == {p.name: pytest.approx((p.low, p.high, p.default)) for p in MASTER_PARAMS}


@pytest.mark.parametrize("sample_rate", [44_100, 48_000, 96_000, 192_000])
def test_below_the_ceiling_nothing_changes_and_nothing_is_late(sample_rate: int) -> None:
    audio = music(1.0) * np.float32(0.2)
    assert np.abs(audio).max() < 0.6
    np.testing.assert_array_equal(Master(sample_rate).render(audio, MasterSettings()), audio)


@pytest.mark.parametrize("gain_db", [3.0, 12.0, 30.0])
@pytest.mark.parametrize("ceiling_db", [-1.0, -6.0])
def test_true_peaks_stay_below_the_ceiling(gain_db: float, ceiling_db: float) -> None:
    settings = MasterSettings(master_gain_db=gain_db, limiter_ceiling_dbtp=ceiling_db)
    output = Master(RATE).render(music(), settings)
    assert ceiling_db - 1.0 < true_peak_db(output) <= ceiling_db


@pytest.mark.parametrize("release_ms", [10.0, 100.0])
def test_what_the_limiter_misses_near_nyquist_the_meter_finds(release_ms: float) -> None:
    noise = (0.5 * np.random.default_rng(0).standard_normal((2, 4 * 44_100))).astype(np.float32)
    settings = MasterSettings(master_gain_db=6.0, limiter_release_ms=release_ms)
    output = Master(44_100).render(noise, settings)
    assert -1.2 < true_peak_dbtp(output, 44_100) <= -1.0


def test_a_peak_between_the_samples_is_caught() -> None:
    # A quarter of the sample rate, sampled 45 degrees off its crests: samples at -3 dB, true peak at 0 dBTP.
    time = np.arange(RATE)
    tone = np.stack([np.sin(np.pi / 2 * time + np.pi / 4)] * 2).astype(np.float32)
    output = Master(RATE).render(tone, MasterSettings(limiter_ceiling_dbtp=-2.0))
    assert true_peak_db(output, margin=RATE // 4) == pytest.approx(-2.2, abs=0.05)


def test_gain_reduction_arrives_with_the_peak_and_lets_go() -> None:
    audio = np.full((2, RATE), 0.25, np.float32)
    audio[:, RATE // 2] = 4.0
    output = Master(RATE).render(audio, MasterSettings(limiter_release_ms=20))
    gain = output / audio
    np.testing.assert_array_equal(gain[:, : RATE // 2 - 300], 1.0)
    assert gain[:, RATE // 2].max() <= 10 ** (-1 / 20) / 4.0
    np.testing.assert_allclose(gain[:, RATE // 2 + RATE // 3 :], 1.0, atol=1e-6)
    # No click: without the peak itself, the gain moves by little from sample to sample.
    assert np.abs(np.diff(gain)).max() < 0.01


@pytest.mark.parametrize("target_lufs", [-23.0, -14.0, -9.0])
def test_the_target_loudness_is_met(target_lufs: float) -> None:
    audio = music()
    mastered = Master(RATE).master(audio, Mix((), target_lufs=target_lufs))
    assert integrated_loudness(mastered.audio, RATE) == pytest.approx(target_lufs, abs=0.1)
    assert mastered.loudness_lufs == pytest.approx(target_lufs, abs=0.1)
    again = Master(RATE).render(audio, mastered.settings)
    np.testing.assert_array_equal(again, mastered.audio)


def test_without_a_target_the_gain_stands() -> None:
    audio = music(1.0) * np.float32(0.3)
    mastered = Master(RATE).master(audio, Mix((), master=MasterSettings(master_gain_db=-6.0)))
    assert mastered.settings["master_gain_db"] == -6.0
    np.testing.assert_allclose(mastered.audio, audio * 10 ** (-6 / 20), atol=1e-6)


def test_stretches_are_the_whole() -> None:
    audio = music(130.0)
    settings = MasterSettings(master_gain_db=9.0, limiter_release_ms=300.0)
    program = FaustProgram("master.dsp", "process", 2, RATE)
    program.set_controls(settings)
    late = limiter_latency(RATE)
    whole = program.render(audio, audio.shape[1] + late)[:, late:]
    output = Master(RATE, num_threads=2).render(audio, settings)
    assert np.abs(output - whole).max() < 3e-7
    np.testing.assert_array_equal(output, Master(RATE, num_threads=1).render(audio, settings))


def test_silence_has_no_loudness_to_meet() -> None:
    mastered = Master(RATE).master(np.zeros((2, RATE), np.float32), Mix((), target_lufs=-14.0))
    assert not np.any(mastered.audio)
    assert mastered.loudness_lufs == -math.inf
