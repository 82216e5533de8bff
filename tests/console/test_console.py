"""The mix: sums, sends, master gain, masks and gradients."""

import math

import pytest
import torch

from assistant.console.channel import process_channels
from assistant.console.console import mix
from assistant.console.parameters import default_settings, from_unit, pack_settings
from assistant.console.reverb import reverb
from assistant.mix import BusSettings
from assistant.params import CHANNEL_NAMES, CHANNEL_PARAMS, REVERB_NAMES, REVERB_PARAMS

RATE = 8_000
P = len(CHANNEL_PARAMS)


@pytest.fixture
def bus():
    """A short reverb, (1, P) float64."""
    return pack_settings(
        [BusSettings(reverb_decay_s=0.3, reverb_predelay_ms=5.0, reverb_damping_hz=2000.0)],
        REVERB_PARAMS,
        torch.float64,
    )


def random_settings(*shape, seed=0):
    positions = torch.rand(*shape, P, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return from_unit(0.05 + 0.9 * positions)


def test_a_neutral_console_sums_its_stereo_tracks(make_settings, noise, bus):
    audio = noise(1, 4, 2, 900)
    assert torch.allclose(mix(audio, make_settings(4), bus, 0.0, RATE), audio.sum(1), rtol=1e-12, atol=1e-15)


def test_the_mix_is_dry_plus_reverb_of_the_sends_times_master(noise, bus):
    audio, settings = noise(1, 3, 2, 1_000), random_settings(1, 3)
    dry = process_channels(audio, settings, RATE)
    send = 10.0 ** (settings[..., CHANNEL_NAMES.index("send_db")] / 20.0)
    expected = dry.sum(1) + reverb((dry * send[..., None, None]).sum(1), bus, RATE)
    found = mix(audio, settings, bus, -6.0, RATE)
    assert torch.allclose(found, expected * 10 ** (-6 / 20), rtol=1e-6, atol=1e-9)


def test_a_send_at_its_lowest_is_off(make_settings, noise, bus):
    audio = noise(1, 1, 2, 900)
    off, low = (mix(audio, make_settings(send_db=value), bus, 0.0, RATE) for value in (-60.0, -59.0))
    assert torch.equal(off, audio[:, 0])
    assert 1e-6 < (low - off).abs().max() < 1e-2
    learning = mix(audio, make_settings(), bus.clone().requires_grad_(), 0.0, RATE)
    assert torch.equal(learning, off)


def test_permuting_tracks_leaves_the_mix(noise, bus):
    audio, settings, order = noise(1, 5, 1, 1_000), random_settings(1, 5), torch.tensor([3, 0, 4, 1, 2])
    found = mix(audio[:, order], settings[:, order], bus, 0.0, RATE)
    assert torch.allclose(found, mix(audio, settings, bus, 0.0, RATE), atol=1e-12)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_padding_gives_and_takes_nothing(noise, bus, num_channels):
    audio, settings = noise(2, 4, num_channels, 600), random_settings(2, 4)
    active = torch.tensor([[True, True, False, False], [True, False, True, True]])
    stereo = torch.tensor([[True, False, True, True], [False, True, True, False]]) if num_channels == 2 else None
    buses, master = bus.repeat(2, 1), torch.tensor([0.0, 3.0])
    audio[~active], settings[~active] = math.nan, math.nan
    settings.requires_grad_()
    found = mix(audio, settings, buses, master, RATE, is_stereo=stereo, is_active=active)
    for b in range(2):
        keep = active[b]
        stereo_kept = None if stereo is None else stereo[b : b + 1, keep]
        parts = (audio[b : b + 1, keep], settings[b : b + 1, keep], bus, master[b])
        assert torch.allclose(found[b], mix(*parts, RATE, is_stereo=stereo_kept)[0], atol=1e-7)
    found.square().sum().backward()
    assert (settings.grad[~active] == 0).all()
    assert settings.grad.isfinite().all()


def test_a_session_of_padding_is_silent_beside_others(noise, bus):
    audio, settings = noise(2, 2, 1, 300), random_settings(2, 2).requires_grad_()
    active = torch.tensor([[False, False], [True, True]])
    found = mix(audio, settings, bus.repeat(2, 1), 0.0, RATE, is_active=active)
    assert (found[0] == 0).all()
    assert found[1].abs().max() > 0


@pytest.mark.parametrize("num_channels", [1, 2])
def test_every_parameter_has_its_exact_gradient(busy_settings, noise, bus, num_channels):
    audio, weights = noise(1, 2, num_channels, 1_200) * 3, noise(1, 2, 1_200, seed=1)
    inputs = [busy_settings.repeat(1, 2, 1), bus.clone(), torch.tensor([2.0], dtype=torch.float64)]
    for tensor in inputs:
        tensor.requires_grad_()

    def loss(settings, buses, master):
        return (mix(audio, settings, buses, master, RATE) * weights).sum()

    grads = torch.autograd.grad(loss(*inputs), inputs)
    places = [(0, (0, 1, i), n) for i, n in enumerate(CHANNEL_NAMES) if not (n == "width" and num_channels == 1)]
    places += [(2, (0,), "master_gain_db")]
    for which, place, name in places:
        value = inputs[which].detach()[place].item()
        step = 1e-5 * max(1.0, abs(value))
        sides = []
        for sign in (1, -1):
            moved = [tensor.detach().clone() for tensor in inputs]
            moved[which][place] += sign * step
            sides.append(loss(*moved).item())
        numeric = (sides[0] - sides[1]) / (2 * step)
        assert grads[which][place].item() == pytest.approx(numeric, rel=5e-4), name
        assert numeric != 0, name
    for name, grad in zip(REVERB_NAMES, grads[1][0], strict=True):
        assert grad != 0, name


def test_float32_settings_and_audio_learn(noise, bus):
    audio = noise(1, 3, 1, 2_000, dtype=torch.float32)
    settings = default_settings(3).unsqueeze(0).requires_grad_()
    found = mix(audio, settings, bus.float(), 0.0, RATE)
    assert found.dtype == torch.float32
    found.square().mean().backward()
    assert settings.grad.isfinite().all()
    assert settings.grad[..., CHANNEL_NAMES.index("peak1_gain_db")].abs().min() > 0


def test_borders_say_what_is_wrong(make_settings, noise, bus):
    audio, settings = noise(2, 1, 1, 50), make_settings().repeat(2, 1, 1)
    with pytest.raises(ValueError, match="reverb parameters has shape"):
        mix(audio, settings, bus[:, :3], 0.0, RATE)
    with pytest.raises(ValueError, match=r"reverb parameters have shape \(1, 5\); expected \(2, 5\)"):
        mix(audio, settings, bus, 0.0, RATE)
    with pytest.raises(ValueError, match=r"master_gain_db has shape \(3,\); expected a number or \(2,\)"):
        mix(audio, settings, bus.repeat(2, 1), torch.zeros(3), RATE)
