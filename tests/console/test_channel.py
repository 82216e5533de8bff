"""Contracts of the whole strip: neutrality, masks, batches, rates, degenerate audio, borders."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from assistant.console import channel
from assistant.console.channel import process_channels
from assistant.console.parameters import from_unit
from assistant.params import CHANNEL_NAMES, CHANNEL_PARAMS

RATE = 16_000
P = len(CHANNEL_PARAMS)


def random_settings(*shape, seed=0):
    """Settings (…, P) float64 drawn evenly along each control's travel, toggles included."""
    positions = torch.rand(*shape, P, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return from_unit(0.05 + 0.9 * positions)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_neutral_stereo_channel_is_bit_exact(make_settings, noise, dtype):
    audio = noise(1, 3, 2, 5_000, dtype=dtype)
    assert torch.equal(process_channels(audio, make_settings(3), RATE), audio)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_neutral_channel_with_gradients_is_exact_to_rounding(make_settings, noise, dtype):
    audio = noise(1, 3, 2, 5_000, dtype=dtype)
    found = process_channels(audio, make_settings(3).requires_grad_(), RATE)
    assert (found - audio).abs().max() < 8 * torch.finfo(dtype).eps


def test_a_neutral_mono_channel_is_only_panned(make_settings, noise):
    audio = noise(1, 2, 1, 500)
    found = process_channels(audio, make_settings(2), RATE)
    assert torch.allclose(found, audio * math.sqrt(0.5), rtol=1e-14)


@pytest.mark.parametrize(
    ("named", "gain"),
    [
        ({"trim_db": 6.0}, 10 ** (6 / 20)),
        ({"polarity_inverted": 1.0}, -1.0),
        ({"comp_makeup_db": 3.0}, 10 ** (3 / 20)),
        ({"fader_db": -60.0}, 1e-3),
    ],
)
@pytest.mark.parametrize("learning", [False, True])
def test_gains(make_settings, noise, named, gain, learning):
    audio = noise(1, 1, 2, 300)
    found = process_channels(audio, make_settings(**named).requires_grad_(learning), RATE)
    assert torch.allclose(found, audio * gain, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("num_channels", [1, 2])
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
def test_passing_sections_by_changes_nothing(make_settings, busy_settings, noise, num_channels, rate):
    audio = noise(1, 1, num_channels, 1_000)
    for named in ({}, {"comp_threshold_db": -30.0, "comp_ratio": 4.0}, {"peak1_gain_db": 4.0}, {"highpass_on": 1.0}):
        settings = make_settings(**named)
        plain = process_channels(audio, settings, rate)
        assert torch.allclose(plain, process_channels(audio, settings.requires_grad_(), rate), atol=1e-12)
    plain = process_channels(audio, busy_settings, rate)
    assert torch.allclose(plain, process_channels(audio, busy_settings.requires_grad_(), rate), atol=1e-7)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_batch_equals_singles(noise, num_channels):
    audio, settings = noise(2, 3, num_channels, 2_000), random_settings(2, 3)
    together = process_channels(audio, settings, RATE)
    for b in range(2):
        for n in range(3):
            alone = process_channels(audio[b : b + 1, n : n + 1], settings[b : b + 1, n : n + 1], RATE)
            assert torch.allclose(together[b, n], alone[0, 0], atol=1e-6)


def test_permuting_tracks_permutes_the_outputs(noise):
    audio, settings, order = noise(1, 5, 2, 1_000), random_settings(1, 5), torch.tensor([3, 0, 4, 1, 2])
    found = process_channels(audio[:, order], settings[:, order], RATE)
    assert torch.equal(found, process_channels(audio, settings, RATE)[:, order])


def test_mono_tracks_among_stereo_tracks(noise):
    audio, settings = noise(1, 3, 2, 1_000), random_settings(1, 3)
    found = process_channels(audio, settings, RATE, is_stereo=torch.tensor([[True, False, True]]), pan_law="linear")
    mono = process_channels(audio[:, 1:2, :1], settings[:, 1:2], RATE, pan_law="linear")
    stereo = process_channels(audio[:, ::2], settings[:, ::2], RATE)
    assert torch.allclose(found[:, 1:2], mono, atol=1e-6)
    assert torch.allclose(found[:, ::2], stereo, atol=1e-6)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_padding_gives_and_takes_nothing(noise, num_channels):
    audio, settings = noise(2, 3, num_channels, 600), random_settings(2, 3)
    active = torch.tensor([[True, False, True], [False, True, False]])
    audio[~active] = math.nan
    settings[~active] = math.nan
    audio.requires_grad_()
    settings.requires_grad_()
    found = process_channels(audio, settings, RATE, is_active=active)
    assert (found[~active] == 0).all()
    assert found[active].isfinite().all()
    found.square().sum().backward()
    for grad in (audio.grad, settings.grad):
        assert (grad[~active] == 0).all()
        assert grad[active].isfinite().all()
        assert (grad[active].abs().flatten(1).sum(1) > 0).all()


def test_nothing_but_padding_is_silence_with_zero_gradients(noise):
    audio, settings = noise(1, 2, 2, 100).requires_grad_(), random_settings(1, 2).requires_grad_()
    found = process_channels(audio, settings, RATE, is_active=torch.zeros(1, 2, dtype=torch.bool))
    assert found.shape == (1, 2, 2, 100)
    found.sum().backward()
    assert (found == 0).all()
    assert (settings.grad == 0).all()


@pytest.mark.parametrize("num_tracks", [1, 7, 200])
def test_any_number_of_tracks(noise, num_tracks):
    found = process_channels(noise(1, num_tracks, 1, 64), random_settings(1, num_tracks), RATE)
    assert found.shape == (1, num_tracks, 2, 64)
    assert found.isfinite().all()


@pytest.mark.parametrize("level", [0.0, 1e-30, 1.0])
@pytest.mark.parametrize("num_samples", [1, 2, 3, 1025])
def test_short_silent_and_constant_audio_has_finite_gradients(busy_settings, level, num_samples):
    audio = torch.full((1, 1, 2, num_samples), level, dtype=torch.float32, requires_grad=True)
    settings = busy_settings.float().requires_grad_()
    found = process_channels(audio, settings, RATE)
    assert found.shape == audio.shape
    assert found.dtype == torch.float32
    (found * 3.0).sum().backward()
    assert audio.grad.isfinite().all()
    assert settings.grad.isfinite().all()
    if level == 0.0:
        assert (found == 0).all()
        assert (settings.grad == 0).all()


def test_extremes_of_every_range_are_finite(noise):
    for position in (0.0, 1.0):
        settings = from_unit(torch.full((1, 1, P), position, dtype=torch.float64)).requires_grad_()
        for rate in (8_000, 192_000):
            found = process_channels(noise(1, 1, 2, 500), settings, rate)
            (grad,) = torch.autograd.grad(found.sum(), settings)
            assert found.isfinite().all()
            assert grad.isfinite().all()


def test_inputs_are_not_changed_and_repeats_are_identical(busy_settings, noise):
    audio, settings = noise(1, 1, 2, 3_000), busy_settings
    before = (audio.clone(), settings.clone())
    first = process_channels(audio, settings, RATE)
    assert torch.equal(first, process_channels(audio, settings, RATE))
    assert torch.equal(audio, before[0])
    assert torch.equal(settings, before[1])


def test_time_shift_moves_the_output(busy_settings, noise):
    audio = noise(1, 1, 2, 2_000)
    later = torch.nn.functional.pad(audio, (300, 0))
    found = process_channels(later, busy_settings, RATE)
    assert (found[..., :300].abs() < 1e-9).all()
    assert torch.allclose(found[..., 300:], process_channels(audio, busy_settings, RATE), atol=1e-8)


def test_groups_of_rows_equal_the_whole(noise, monkeypatch):
    audio, settings = noise(1, 7, 2, 500), random_settings(1, 7)
    stereo = torch.tensor([[True, False, True, True, False, False, True]])
    whole = process_channels(audio, settings, RATE, is_stereo=stereo)
    monkeypatch.setattr(channel, "GROUP_SAMPLES", 1)
    assert torch.allclose(process_channels(audio, settings, RATE, is_stereo=stereo), whole, atol=1e-6)


@pytest.mark.parametrize("learning", [False, True])
def test_memory_order_does_not_matter(busy_settings, noise, learning):
    audio = noise(700, 2, 3, 1).permute(3, 2, 1, 0)
    settings = busy_settings.repeat(1, 3, 1).requires_grad_(learning)
    assert not audio.is_contiguous()
    found = process_channels(audio, settings, RATE)
    assert torch.equal(found, process_channels(audio.contiguous(), settings, RATE))
    if learning:
        sums = [torch.autograd.grad(process_channels(a, settings, RATE).sum(), settings)[0] for a in (audio, audio + 0)]
        assert torch.allclose(*sums)


def test_threads_may_share_the_console(busy_settings, noise):
    audio = noise(1, 4, 2, 4_000)
    settings = busy_settings.repeat(1, 4, 1)
    expected = process_channels(audio, settings, RATE)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: process_channels(audio, settings, RATE), range(8)))
    assert all(torch.equal(found, expected) for found in results)


GOOD = torch.zeros(1, 2, 2, 10)


@pytest.mark.parametrize(
    ("audio", "settings", "named", "message"),
    [
        (GOOD[0], torch.zeros(1, 2, P), {}, r"audio has shape \(2, 2, 10\); expected \(B, N, C, T\)"),
        (torch.zeros(1, 2, 3, 10), torch.zeros(1, 2, P), {}, "C 1 or 2"),
        (GOOD[..., :0], torch.zeros(1, 2, P), {}, "none empty"),
        (GOOD, torch.zeros(1, 2, P - 1), {}, rf"expected {P} columns \(trim_db ... send_db\)"),
        (GOOD, torch.zeros(2, P), {}, rf"expected \(1, 2, {P}\)"),
        (GOOD, torch.zeros(1, 3, P), {}, rf"expected \(1, 2, {P}\)"),
        (GOOD, torch.zeros(1, 2, P), {"sample_rate": 44}, "sample_rate=44: expected .* kHz"),
        (GOOD, torch.zeros(1, 2, P), {"is_active": torch.ones(1, 3, dtype=torch.bool)}, "is_active is torch.bool"),
        (GOOD, torch.zeros(1, 2, P), {"is_stereo": torch.ones(1, 2)}, "is_stereo is torch.float32"),
        (GOOD[:, :, :1], torch.zeros(1, 2, P), {"is_stereo": torch.ones(1, 2, dtype=torch.bool)}, "one channel"),
    ],
)
def test_borders_say_what_is_wrong(audio, settings, named, message):
    with pytest.raises(ValueError, match=message):
        process_channels(audio, settings, **{"sample_rate": RATE, **named})


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("peak1_hz", 0.0, "peak1_hz=0: expected 20 to 20000 Hz; a position"),
        ("comp_attack_ms", -1.0, "comp_attack_ms=-1: expected 0.1 to 200 ms"),
        ("pan", math.nan, "pan=nan: expected -1 to 1"),
    ],
)
def test_settings_that_make_no_sense_are_named(make_settings, name, value, message):
    with pytest.raises(ValueError, match=message):
        process_channels(GOOD, make_settings(2, **{name: value}), RATE)


def test_integer_audio_is_refused():
    with pytest.raises(TypeError, match=r"audio is torch.int16; expected float32 or float64"):
        process_channels(GOOD.to(torch.int16), torch.zeros(1, 2, P), RATE)


def test_unknown_law_is_refused(make_settings):
    with pytest.raises(ValueError, match="pan_law='x'"):
        process_channels(GOOD, make_settings(2), RATE, pan_law="x")


@pytest.mark.parametrize("num_channels", [1, 2])
@pytest.mark.parametrize("name", CHANNEL_NAMES)
def test_gradient_of_every_parameter_is_exact(busy_settings, noise, name, num_channels):
    """Central differences at a busy channel; not zero, except where a parameter has no say here."""
    audio, weights = noise(1, 1, num_channels, 1_500) * 3, noise(1, 1, 2, 1_500, seed=1)
    index = CHANNEL_NAMES.index(name)

    def loss(value):
        settings = busy_settings.clone()
        settings[..., index] = value
        return (process_channels(audio, settings, RATE) * weights).sum()

    value = busy_settings[0, 0, index].clone().requires_grad_()
    (found,) = torch.autograd.grad(loss(value), value)
    step = 1e-5 * max(1.0, abs(value.item()))
    numeric = (loss(value.detach() + step) - loss(value.detach() - step)) / (2 * step)
    assert found.item() == pytest.approx(numeric.item(), rel=2e-4)
    has_no_say = {"send_db"} | ({"width"} if num_channels == 1 else set())
    assert (found.item() != 0) == (name not in has_no_say)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_gradcheck_of_audio_and_settings(busy_settings, noise, num_channels):
    audio = (noise(1, 2, num_channels, 12) * 5).requires_grad_()
    settings = busy_settings.repeat(1, 2, 1).requires_grad_()
    active = torch.tensor([[True, False]])

    def run(audio, settings):
        return process_channels(audio, settings, RATE, is_active=active)

    assert torch.autograd.gradcheck(run, (audio, settings), eps=1e-6, atol=1e-6, rtol=1e-4, nondet_tol=1e-12)


def test_gain_gradient_of_a_neutral_band_knows_its_long_ringing(make_settings):
    """At 0 dB a band does not ring but its derivative does: the transform has to be long enough for that."""
    audio = torch.zeros(1, 1, 1, 400, dtype=torch.float64)
    audio[..., -1] = 1.0
    weights = torch.zeros(1, 1, 2, 400, dtype=torch.float64)
    weights[..., :200] = 1.0  # sees only what wraps around
    settings = make_settings(peak1_hz=20.0, peak1_q=8.0, peak1_gain_db=0.0).requires_grad_()
    (process_channels(audio, settings, RATE) * weights).sum().backward()
    assert settings.grad.abs().max() < 1e-5


@pytest.mark.gpu
def test_gpu_agrees_with_the_cpu(busy_settings, noise):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    audio, settings = noise(1, 3, 2, 5_000, dtype=torch.float32), busy_settings.repeat(1, 3, 1)
    active = torch.tensor([[True, True, False]])
    results = []
    for device in ("cpu", "cuda"):
        values = settings.detach().to(device).requires_grad_()
        found = process_channels(audio.to(device), values, RATE, is_active=active.to(device))
        found.square().sum().backward()
        results.append((found.detach().cpu(), values.grad.cpu()))
    assert torch.allclose(results[0][0], results[1][0], atol=1e-5)
    assert torch.allclose(results[0][1], results[1][1], rtol=1e-3, atol=1e-4)
