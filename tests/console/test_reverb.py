"""The differentiable reverb bus: contracts, exact gradients and the laws a studio reverb is held to."""

import math

import numpy as np
import pytest
import torch
from reverb_measures import (
    decay_time,
    echo_density,
    flatness,
    impulse_response,
    modal_peak_db,
    settings,
    third_octave_levels,
)

from assistant.console.reverb import DIFFUSER_SECONDS, LINE_SECONDS, line_filters, odd_samples, reverb
from assistant.params import REVERB_NAMES, REVERB_PARAMS

RATE = 44_100


def noise(batch, num_samples, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, 2, num_samples, generator=generator, dtype=torch.float64).to(dtype)


# ------------------------------------------------------------------------------------------------------ contracts


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_shape_dtype_and_untouched_input(dtype):
    send, parameters = noise(2, 3_000, dtype), settings(dtype=dtype).repeat(2, 1)
    before = send.clone()
    wet = reverb(send, parameters, RATE)
    assert wet.shape == send.shape
    assert wet.dtype == dtype
    assert torch.equal(send, before)


def test_float32_agrees_with_float64():
    send = noise(1, 8_000, torch.float32)
    single = reverb(send, settings(dtype=torch.float32), RATE)
    double = reverb(send.double(), settings(dtype=torch.float32).double(), RATE)
    assert float((single - double).abs().max() / double.abs().max()) < 1e-6


@pytest.mark.parametrize("num_samples", [0, 1, 63, 64, 65, 1_500])
def test_the_length_of_the_send_does_not_change_what_comes_before(num_samples):
    send = noise(1, 2_000)
    parameters = settings(reverb_predelay_ms=0.0)
    whole = reverb(send, parameters, RATE)
    assert torch.equal(reverb(send[..., :num_samples], parameters, RATE), whole[..., :num_samples])


def test_batch_equals_singles_to_the_bit():
    send = noise(3, 6_000)
    parameters = torch.cat([settings(), settings(reverb_decay_s=0.4), settings(reverb_predelay_ms=3.3)])
    batch = reverb(send, parameters, RATE)
    singles = [reverb(send[i : i + 1], parameters[i : i + 1], RATE) for i in range(3)]
    assert torch.equal(batch, torch.cat(singles))
    assert torch.equal(batch, reverb(send, parameters, RATE))


def test_the_bus_is_linear():
    a, b = noise(1, 6_000, seed=1), noise(1, 6_000, seed=2)
    total = reverb(2.0 * a - 3.0 * b, settings(), RATE)
    assert torch.allclose(total, 2.0 * reverb(a, settings(), RATE) - 3.0 * reverb(b, settings(), RATE), atol=1e-12)


def test_silence_in_silence_out():
    assert torch.count_nonzero(reverb(torch.zeros(1, 2, 20_000), settings(dtype=torch.float32), RATE)) == 0


def test_return_off_is_exactly_zero():
    wet = reverb(noise(1, 20_000), settings(reverb_return_db=-60.0), RATE)
    assert torch.count_nonzero(wet) == 0


def test_return_is_a_gain_in_db():
    send = noise(1, 6_000)
    wet, quiet = reverb(send, settings(), RATE), reverb(send, settings(reverb_return_db=-20.0), RATE)
    assert torch.allclose(quiet, 0.1 * wet, rtol=1e-12)


@pytest.mark.parametrize(
    ("send", "parameters", "rate", "message"),
    [
        (torch.zeros(2, 100), torch.zeros(1, 5), RATE, r"expected floating-point \(B, 2, T\)"),
        (torch.zeros(1, 1, 100), torch.zeros(1, 5), RATE, r"expected floating-point \(B, 2, T\)"),
        (torch.zeros(1, 2, 100), torch.zeros(1, 4), RATE, "expected 5 columns"),
        (torch.zeros(2, 2, 100), torch.zeros(1, 5), RATE, "one row per send"),
        (torch.zeros(1, 2, 100), torch.full((1, 5), math.nan), RATE, "expected finite settings"),
        (torch.zeros(1, 2, 100), torch.ones(1, 5), 44, "kHz"),
    ],
)
def test_wrong_arguments_are_named(send, parameters, rate, message):
    with pytest.raises(ValueError, match=message):
        reverb(send, parameters, rate)


# ------------------------------------------------------------------------------------------------------ gradients


def loss(send, parameters, target):
    return (reverb(send, parameters, RATE) * target).sum()


@pytest.mark.parametrize("predelay_ms", [0.4, 7.13])
def test_gradients_of_every_parameter_match_finite_differences(predelay_ms):
    send, target = noise(1, 12_001, seed=3), noise(1, 12_001, seed=4)
    values = (predelay_ms, 0.9, 4_000.0, 300.0, -3.0)
    parameters = settings(**dict(zip(REVERB_NAMES, values, strict=True))).requires_grad_()
    loss(send, parameters, target).backward()
    for index, name in enumerate(REVERB_NAMES):
        value = float(parameters[0, index].detach())
        step = 1e-5 * abs(value)
        sides = []
        for sign in (1.0, -1.0):
            moved = parameters.detach().clone()
            moved[0, index] = value + sign * step
            sides.append(float(loss(send, moved, target)))
        expected = (sides[0] - sides[1]) / (2.0 * step)
        assert abs(expected) > 1e-6, name
        assert float(parameters.grad[0, index]) == pytest.approx(expected, rel=1e-5), name


def test_gradient_of_the_audio_is_exact():
    send, target = noise(2, 9_000, seed=5).requires_grad_(), noise(2, 9_000, seed=6)
    parameters = torch.cat([settings(reverb_predelay_ms=1.23), settings(reverb_decay_s=6.0)])
    loss(send, parameters, target).backward()
    direction = noise(2, 9_000, seed=7)
    # The bus is linear in the audio: the directional derivative is the response to the direction.
    expected = float(loss(direction, parameters, target))
    assert float((send.grad * direction).sum()) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("name", REVERB_NAMES)
def test_gradients_are_finite_at_both_ends_of_every_range(name):
    row = next(p for p in REVERB_PARAMS if p.name == name)
    for value in (row.low, row.high):
        send, parameters = noise(1, 8_000).requires_grad_(), settings(**{name: value}).requires_grad_()
        reverb(send, parameters, RATE).square().mean().backward()
        assert bool(torch.isfinite(parameters.grad).all())
        assert bool(torch.isfinite(send.grad).all())


# ----------------------------------------------------------------------------------------------------------- laws


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
def test_delay_lines_are_odd_and_pairwise_coprime(rate):
    delays = [odd_samples(seconds, rate) for seconds in LINE_SECONDS]
    assert all(delay % 2 == 1 for delay in delays)
    assert all(math.gcd(a, b) == 1 for i, a in enumerate(delays) for b in delays[:i])


@pytest.mark.parametrize("rate", [44_100, 48_000, 88_200, 96_000, 176_400, 192_000])
def test_delays_do_not_hang_on_float_rounding(rate):
    """Hosts that compute in double build the same reverb as those that compute in float."""
    for seconds in (*LINE_SECONDS, *DIFFUSER_SECONDS[0], *DIFFUSER_SECONDS[1]):
        assert odd_samples(seconds, rate) == 2 * math.floor(seconds * rate / 2.0) + 1


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_line_filters_give_the_decay_and_half_of_it_at_the_damping_frequency(rate):
    values = settings(reverb_decay_s=2.5, reverb_damping_hz=3_000.0)
    gains, shares = line_filters(values, rate)
    delays = torch.tensor([odd_samples(seconds, rate) for seconds in LINE_SECONDS], dtype=torch.float64)
    z = torch.exp(torch.tensor(-2j * math.pi * 3_000.0 / rate, dtype=torch.complex128))
    at_damping = (gains * shares / (1.0 - (1.0 - shares) * z)).abs()
    t60 = [-60.0 * delays / rate / (20.0 * torch.log10(magnitude)) for magnitude in (gains, at_damping)]
    assert torch.allclose(t60[0], torch.tensor(2.5, dtype=torch.float64), rtol=1e-9)
    assert torch.allclose(t60[1], torch.tensor(1.25, dtype=torch.float64), rtol=1e-9)


@pytest.mark.parametrize(("rate", "decay_s"), [(44_100, 0.4), (44_100, 1.8), (48_000, 4.0), (96_000, 1.0)])
def test_measured_decay_time(rate, decay_s):
    undamped = impulse_response(rate, 1.2 * decay_s, reverb_decay_s=decay_s, reverb_damping_hz=16_000.0)
    assert decay_time(undamped, rate, 1_000.0) == pytest.approx(decay_s, rel=0.06)
    damped = impulse_response(rate, 1.2 * decay_s, reverb_decay_s=decay_s, reverb_damping_hz=4_000.0)
    # The octave around 4 kHz decays ever more slowly, as its upper half dies first: hence a narrow band.
    assert decay_time(damped, rate, 4_000.0, octaves=1 / 6) == pytest.approx(decay_s / 2.0, rel=0.08)


def test_predelay_moves_the_onset_by_exactly_the_set_time():
    send = torch.zeros(1, 2, 12_000, dtype=torch.float64)
    send[..., 0] = 1.0
    early = reverb(send, settings(reverb_predelay_ms=0.0), 48_000)[0]
    late = reverb(send, settings(reverb_predelay_ms=50.0), 48_000)[0]
    assert torch.equal(late[:, 2_400:], early[:, :-2_400])
    assert torch.count_nonzero(late[:, :2_400]) == 0
    onset = int(early.abs().amax(0).nonzero()[0])
    assert onset == min(odd_samples(seconds, 48_000) for seconds in LINE_SECONDS)


def test_fractional_predelay_moves_the_phase():
    whole, broken = (impulse_response(48_000, 0.5, reverb_predelay_ms=ms) for ms in (10.0, 10.01))
    spectra = np.fft.rfft(np.stack([whole[0], broken[0]]), axis=1)
    hz = np.fft.rfftfreq(whole.shape[1], 1 / 48_000)
    band = (hz > 500.0) & (hz < 4_000.0) & (np.abs(spectra[0]) > 0.1 * np.abs(spectra[0]).max())
    delay_s = -np.angle(spectra[1, band] / spectra[0, band]) / (2.0 * math.pi * hz[band])
    assert np.median(delay_s) == pytest.approx(1e-5, rel=0.02)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_echoes_are_dense_within_100_ms(rate):
    response = impulse_response(rate, 0.6)
    for channel in response:
        times, density = echo_density(channel, rate)
        assert times[np.argmax(density >= 0.9)] < 0.08
        assert np.all(density[times > 0.1] > 0.75)
        assert np.mean(density[times > 0.1]) == pytest.approx(1.0, abs=0.06)


def test_the_tail_is_noise_without_ringing_modes():
    response = impulse_response(RATE, 2.5, reverb_damping_hz=16_000.0)
    for channel in response:
        # Gaussian noise measures a flatness of 0.57 and a peak of 9 to 10 dB.
        assert flatness(channel, RATE, 0.5, 1.0) > 0.45
        assert modal_peak_db(channel, RATE, 0.5, 1.0) < 14.0
        assert np.std(third_octave_levels(channel, RATE)) < 2.2


def test_left_and_right_are_decorrelated_and_level():
    mono, left = impulse_response(RATE, 2.0), impulse_response(RATE, 2.0, sides=(1.0, 0.0))
    for response in (mono, left):
        tail = response[:, int(0.3 * RATE) :]
        assert abs(np.corrcoef(tail)[0, 1]) < 0.1
    level = 10.0 * np.log10(np.sum(mono**2, axis=1))
    assert abs(level[0] - level[1]) < 0.5
    # A hard-panned send stays on its side at first and spreads.
    assert np.sum(left[0] ** 2) > np.sum(left[1] ** 2)
    tail = np.sum(left[:, int(0.5 * RATE) :] ** 2, axis=1)
    assert abs(10.0 * np.log10(tail[0] / tail[1])) < 1.0


def test_level_is_independent_of_the_decay():
    levels = []
    for decay_s in (0.3, 0.8, 1.8, 4.0, 8.0):
        response = impulse_response(RATE, decay_s, reverb_decay_s=decay_s, reverb_damping_hz=16_000.0)
        spectrum = np.sum(np.abs(np.fft.rfft(response)) ** 2, axis=0)
        hz = np.fft.rfftfreq(response.shape[1], 1 / RATE)
        levels.append(10.0 * np.log10(np.mean(spectrum[(hz > 300.0) & (hz < 2_000.0)])))
    assert max(levels) - min(levels) < 1.5


def test_pink_noise_returns_as_loud_as_it_was_sent():
    response = impulse_response(RATE, 3.0, sides=(1.0, 0.0)), impulse_response(RATE, 3.0, sides=(0.0, 1.0))
    hz = np.fft.rfftfreq(response[0].shape[1], 1 / RATE)
    pink = np.where((hz > 20.0) & (hz < 20_000.0), 1.0 / np.maximum(hz, 1.0), 0.0)
    energy = sum(np.sum(np.abs(np.fft.rfft(one)) ** 2 * pink) for one in response)
    assert 10.0 * np.log10(energy / (2.0 * np.sum(pink))) == pytest.approx(0.0, abs=0.1)


def test_low_cut_is_a_butterworth_high_pass():
    open_, cut = (impulse_response(RATE, 3.0, reverb_low_cut_hz=hz) for hz in (20.0, 200.0))
    hz = np.fft.rfftfreq(open_.shape[1], 1 / RATE)
    ratio = np.abs(np.fft.rfft(cut[0]) / np.fft.rfft(open_[0]))
    at = [int(np.argmin(np.abs(hz - one))) for one in (200.0, 2_000.0)]
    assert 20.0 * np.log10(ratio[at]) == pytest.approx([-3.01, 0.0], abs=0.05)


def test_no_dc():
    response = impulse_response(RATE, 4.0, reverb_decay_s=0.5, reverb_low_cut_hz=20.0)
    spectrum = np.abs(np.fft.rfft(response))
    assert np.all(spectrum[:, 0] < 1e-6 * spectrum.max())


def test_every_corner_is_finite_bounded_and_dies():
    corners = torch.cartesian_prod(*[torch.tensor([p.low, p.high], dtype=torch.float64) for p in REVERB_PARAMS])
    for rate in (44_100, 192_000):
        send = torch.zeros(len(corners), 2, rate // 2, dtype=torch.float64)
        send[..., 0] = 1.0
        wet = reverb(send, corners, rate)
        assert bool(torch.isfinite(wet).all())
        assert float(wet.abs().max()) < 10.0 ** (12.0 / 20.0)
    short = corners[:, REVERB_NAMES.index("reverb_decay_s")] == 0.2
    tail = wet[short][..., -rate // 20 :]
    assert float(tail.abs().max()) < 1e-4
