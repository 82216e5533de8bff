"""The frequency-sampled equaliser against the plain recursive state-variable filters it stands for."""

import math

import numba
import numpy as np
import pytest
import torch

from assistant.console import equaliser as module
from assistant.console.equaliser import equalise
from assistant.params import CHANNEL_NAMES, EQ_BANDS


@numba.njit
def run_svf(x, g, k, m0, m1, m2):
    """The trapezoidal state-variable filter, sample by sample (Simper 2013)."""
    y, s1, s2 = np.empty_like(x), 0.0, 0.0
    for n in range(x.size):
        v1 = (s1 + g * (x[n] - s2)) / (1.0 + g * (g + k))
        v2 = s2 + g * v1
        s1, s2 = 2.0 * v1 - s1, 2.0 * v2 - s2
        y[n] = m0 * x[n] + m1 * v1 + m2 * v2
    return y


def reference_equaliser(x, settings, sample_rate):
    """High-pass and bands of one channel written out, float64."""
    value = dict(zip(CHANNEL_NAMES, settings.double().tolist(), strict=True))

    def prewarp(hz):
        return math.tan(math.pi * min(hz, 0.49 * sample_rate) / sample_rate)

    k = math.sqrt(2.0)
    highpassed = run_svf(x, prewarp(value["highpass_hz"]), k, 1.0, -k, -1.0)
    y = x + value["highpass_on"] * (highpassed - x)
    for band, shape in EQ_BANDS:
        g, q, a = prewarp(value[f"{band}_hz"]), value[f"{band}_q"], 10.0 ** (value[f"{band}_gain_db"] / 40.0)
        if shape == "peak":
            k = 1.0 / (q * a)
            y = run_svf(y, g, k, 1.0, k * (a * a - 1.0), 0.0)
        elif shape == "low_shelf":
            y = run_svf(y, g / math.sqrt(a), 1.0 / q, 1.0, (a - 1.0) / q, a * a - 1.0)
        else:
            y = run_svf(y, g * math.sqrt(a), 1.0 / q, a * a, (1.0 - a) * a / q, 1.0 - a * a)
    return y


def run_equaliser(x, settings, sample_rate, device="cpu"):
    """``x`` (T,) through one channel's equaliser at unit gain."""
    gain = torch.ones(1, dtype=torch.float64, device=device)
    signal = torch.as_tensor(x, device=device)[None]
    return equalise(signal, torch.tensor([0, 1]), settings[0].to(device), gain, sample_rate)[0].cpu()


def error_db(found, expected):
    """Error-to-signal ratio in dB."""
    difference = np.sum((np.asarray(found, np.float64) - expected) ** 2)
    return 10.0 * math.log10(max(difference / np.sum(expected**2), 1e-40))


def measured_gain_db(settings, frequency_hz, sample_rate=48_000):
    """Gain at one frequency, from the FFT of the impulse response (1 s)."""
    impulse = np.zeros(sample_rate)
    impulse[0] = 1.0
    spectrum = np.fft.rfft(run_equaliser(impulse, settings, sample_rate).numpy())
    return 20.0 * np.log10(np.abs(spectrum[np.atleast_1d(frequency_hz)]))


@pytest.mark.parametrize("sample_rate", [22_050, 44_100, 48_000, 96_000, 192_000])
def test_agrees_with_the_recursive_filters(busy_settings, noise, sample_rate):
    x = noise(sample_rate // 4).numpy()
    expected = reference_equaliser(x, busy_settings[0, 0], sample_rate)
    assert error_db(run_equaliser(x, busy_settings, sample_rate), expected) < -140.0
    assert error_db(run_equaliser(x.astype(np.float32), busy_settings, sample_rate), expected) < -120.0


@pytest.mark.parametrize(
    "named",
    [
        {f"{band}_{part}": value for band, _ in EQ_BANDS for part, value in (("hz", 20), ("gain_db", 15), ("q", 8))},
        {f"{band}_{part}": value for band, _ in EQ_BANDS for part, value in (("hz", 20), ("gain_db", -15), ("q", 0.3))},
        {
            f"{band}_{part}": value
            for band, _ in EQ_BANDS
            for part, value in (("hz", 20000), ("gain_db", 9), ("q", 0.3))
        },
        {"highpass_on": 1.0, "highpass_hz": 20.0},
    ],
    ids=["ringing low", "overdamped low", "top", "high-pass"],
)
def test_long_tails_do_not_wrap_around(make_settings, named):
    settings = make_settings(**named)
    x = np.zeros(4_800)
    x[-1] = 1.0  # whatever rings after the end would come back at the start
    y = run_equaliser(x, settings, 48_000).numpy()
    expected = reference_equaliser(x, settings[0, 0], 48_000)
    assert np.abs(y[:-1]).max() < 1e-7
    assert y[-1] == pytest.approx(expected[-1], rel=1e-6)


def test_random_settings_agree(make_settings, noise):
    rng = np.random.default_rng(0)
    x = noise(20_000).numpy()
    for _ in range(10):
        named = {"highpass_on": 1.0, "highpass_hz": 20.0 * 20.0 ** rng.random()}
        for band, _ in EQ_BANDS:
            named[f"{band}_hz"] = 20.0 * 1000.0 ** rng.random()
            named[f"{band}_gain_db"] = rng.uniform(-15, 15)
            named[f"{band}_q"] = 0.3 * (8 / 0.3) ** rng.random()
        settings = make_settings(**named)
        expected = reference_equaliser(x, settings[0, 0], 44_100)
        assert error_db(run_equaliser(x, settings, 44_100), expected) < -140.0


@pytest.mark.parametrize("cutoff_hz", [20, 80, 400])
def test_highpass_is_3_db_down_at_its_cutoff_and_falls_12_db_per_octave(make_settings, cutoff_hz):
    settings = make_settings(highpass_on=1.0, highpass_hz=cutoff_hz)
    at, octave_below, two_below, above = measured_gain_db(
        settings, [cutoff_hz, cutoff_hz // 2, cutoff_hz // 4, 20 * cutoff_hz]
    )
    assert at == pytest.approx(-10 * math.log10(2), abs=1e-3)
    assert octave_below == pytest.approx(-10 * math.log10(17), abs=0.01)
    assert octave_below - two_below == pytest.approx(10 * math.log10(257 / 17), abs=0.05)
    assert above == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("gain_db", [-15.0, 7.0])
@pytest.mark.parametrize("band", [band for band, shape in EQ_BANDS if shape == "peak"])
def test_bell_has_its_gain_at_its_centre_only(make_settings, band, gain_db):
    settings = make_settings(**{f"{band}_hz": 1000.0, f"{band}_gain_db": gain_db, f"{band}_q": 4.0})
    centre, low, high = measured_gain_db(settings, [1000, 20, 23_900])
    assert centre == pytest.approx(gain_db, abs=1e-6)
    assert abs(low) < 0.01
    assert abs(high) < 0.01


def test_shelves_have_their_gain_on_their_plateaus_and_half_of_it_at_their_corner(make_settings):
    low = make_settings(low_shelf_hz=200.0, low_shelf_gain_db=9.0)
    assert measured_gain_db(low, [1, 200, 20_000]) == pytest.approx([9.0, 4.5, 0.0], abs=1e-3)
    high = make_settings(high_shelf_hz=2000.0, high_shelf_gain_db=-9.0)
    assert measured_gain_db(high, [20, 2000, 23_990]) == pytest.approx([0.0, -4.5, -9.0], abs=1e-3)


def test_frequencies_above_the_limit_stand_at_it(make_settings):
    at_limit = make_settings(peak3_hz=0.49 * 22_050, peak3_gain_db=6.0)
    beyond = make_settings(peak3_hz=20_000.0, peak3_gain_db=6.0)
    x = np.sin(np.arange(1000.0))
    assert torch.equal(run_equaliser(x, beyond, 22_050), run_equaliser(x, at_limit, 22_050))


def test_compiled_loops_and_tensor_operations_agree_also_in_their_gradients(busy_settings, noise):
    """The second is the path of other devices."""
    signals, weights = noise(3, 600).requires_grad_(), noise(3, 600, seed=1)
    rows = busy_settings[0].repeat(2, 1)
    rows[1, CHANNEL_NAMES.index("peak1_hz")] = 900.0
    starts, gain = torch.tensor([0, 2, 3]), torch.tensor([0.5, -2.0], dtype=torch.float64)
    cascades = module._cascades(module.svf_terms(rows, 8_000), gain).detach().requires_grad_()
    compiled = module._FilterOnCpu.apply(signals, cascades, starts, 8_100)
    plain = module._filter_with_tensors(signals, cascades, starts, 8_100)
    assert torch.allclose(compiled, plain, atol=1e-12)
    found = torch.autograd.grad((compiled * weights).sum(), [signals, cascades])
    expected = torch.autograd.grad((plain * weights).sum(), [signals, cascades])
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-9 * float(other.abs().max()))


@pytest.mark.parametrize("num_fft", [999, 1000])
def test_gradients_are_exact_for_odd_and_even_transforms(busy_settings, noise, num_fft):
    cascades = module._cascades(module.svf_terms(busy_settings[0], 8_000), torch.ones(1, dtype=torch.float64))
    inputs = (noise(2, 40).requires_grad_(), cascades.requires_grad_())
    starts = torch.tensor([0, 2])
    assert torch.autograd.gradcheck(lambda x, c: module._FilterOnCpu.apply(x, c, starts, num_fft), inputs, rtol=1e-5)
