"""Third-octave laws: calibration, proportional bandwidth, conservation of power."""

import numpy as np
import pytest

from assistant.analysis.spectrum import band_frequencies, band_powers, bin_powers, third_octave_levels

RATES = (24_000, 32_000, 44_100, 48_000, 96_000)
NOMINAL_HZ = "25 31.5 40 50 63 80 100 125 160 200 250 315 400 500 630 800 1000 1250 1600 2000 2500 3150 4000 5000 6300 \
8000 10000 12500 16000 20000"


def sine(frequency_hz, sample_rate=48_000, seconds=6.0):
    """A full-scale mono sine ``(1, T)``."""
    return np.sin(2.0 * np.pi * frequency_hz * np.arange(int(seconds * sample_rate)) / sample_rate)[None]


def test_bands_are_the_standards():
    nominal = [float(f) for f in NOMINAL_HZ.split()]
    np.testing.assert_allclose(band_frequencies(48_000), nominal, rtol=0.013)
    assert band_frequencies(48_000)[16] == 1000.0


@pytest.mark.parametrize(
    ("sample_rate", "highest"), [(24_000, 10_000), (32_000, 15_849), (44_100, 19_953), (96_000, 19_953)]
)
def test_no_band_above_nyquist(sample_rate, highest):
    frequencies, levels = third_octave_levels(sine(1000.0, sample_rate), sample_rate)
    assert frequencies[-1] == pytest.approx(highest, abs=1.0)
    assert levels.shape == frequencies.shape


@pytest.mark.parametrize("sample_rate", RATES)
def test_full_scale_sine_at_1_khz(sample_rate):
    _, levels = third_octave_levels(sine(1000.0, sample_rate), sample_rate)
    assert levels[16] == pytest.approx(-3.01, abs=0.01)


def test_a_tone_in_the_middle_of_any_band_stays_there():
    frequencies = band_frequencies(48_000)
    for i, frequency_hz in enumerate(frequencies):
        audio = sine(frequency_hz)
        window = np.hanning(audio.shape[1])
        _, levels = third_octave_levels(audio * window, 48_000)
        assert levels[i] == pytest.approx(10.0 * np.log10(0.5 * np.mean(window**2)), abs=0.01), frequency_hz
        others = np.delete(levels, [j for j in (i - 1, i, i + 1) if 0 <= j < len(levels)])
        assert others.max() < levels[i] - 60.0, frequency_hz


@pytest.mark.parametrize("sample_rate", [48_000, 96_000])
@pytest.mark.parametrize("position", [0, 12_345, 49_999])
def test_a_click_rises_one_db_per_band(position, sample_rate):
    audio = np.zeros((1, 50_000))
    audio[0, position] = 1.0
    frequencies, levels = third_octave_levels(audio, sample_rate)
    widths = frequencies * (10.0**0.05 - 10.0**-0.05)
    np.testing.assert_allclose(levels, 10.0 * np.log10(2.0 * widths / sample_rate / 50_000), atol=1e-6)
    np.testing.assert_allclose(np.diff(levels), 1.0, atol=1e-6)


def test_white_noise_rises_one_db_per_band():
    audio = np.random.default_rng(0).standard_normal((2, 48_000 * 30)).astype(np.float32)
    _, levels = third_octave_levels(audio, 48_000)
    np.testing.assert_allclose(np.diff(levels)[12:], 1.0, atol=0.15)
    assert np.polyfit(np.arange(20), levels[10:], 1)[0] == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("count", [1, 1000, 65_536, 100_001])
def test_bins_hold_the_whole_power(count):
    audio = np.random.default_rng(count).standard_normal((2, count))
    assert bin_powers(audio, 65_536).sum() == pytest.approx(np.mean(audio**2), rel=1e-9)


def test_channels_average_their_powers():
    one_side = np.concatenate([sine(1000.0), 0.0 * sine(1000.0)])
    assert third_octave_levels(one_side, 48_000)[1][16] == pytest.approx(-6.02, abs=0.01)
    opposed = np.concatenate([sine(1000.0), -sine(1000.0)])
    assert third_octave_levels(opposed, 48_000)[1][16] == pytest.approx(-3.01, abs=0.01)


def test_gain_shifts_and_swap_and_type_change_nothing():
    audio = 0.1 * np.random.default_rng(2).standard_normal((2, 30_000))
    _, levels = third_octave_levels(audio, 44_100)
    np.testing.assert_allclose(third_octave_levels(audio * 2.0, 44_100)[1], levels + 20.0 * np.log10(2.0), atol=1e-9)
    np.testing.assert_allclose(third_octave_levels(audio[::-1], 44_100)[1], levels, atol=1e-9)
    np.testing.assert_allclose(third_octave_levels(audio.astype(np.float32), 44_100)[1], levels, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_silence(count):
    assert np.all(third_octave_levels(np.zeros((2, count)), 48_000)[1] == -np.inf)


def test_the_cut_edges_of_an_excerpt_do_not_splash():
    rate = 48_000
    tone = np.sin(2 * np.pi * 110.3 * np.arange(3 * rate) / rate)[None]
    frequencies, cut = band_powers(tone, rate)
    _, excerpt = band_powers(tone, rate, is_excerpt=True)
    assert excerpt.sum() == pytest.approx(0.5, rel=0.01)
    far = frequencies > 1_000.0
    assert 10.0 * np.log10(excerpt[far].sum() / cut[far].sum()) < -40.0
    short = tone[:, : rate // 2]
    np.testing.assert_array_equal(band_powers(short, rate, is_excerpt=True)[1], band_powers(short, rate)[1])
