"""The compressor against a plain Python loop, its static curve and its time constants."""

import math

import numpy as np
import pytest
import torch

from assistant.console import compressor_kernel as kernel
from assistant.console.compressor import compress
from assistant.params import CHANNEL_NAMES

SAMPLE_RATE = 8_000


def run_compressor(signals, settings, sample_rate=SAMPLE_RATE):
    """``signals`` (C, T) as one linked row."""
    signals = torch.as_tensor(signals)
    return compress(signals, torch.tensor([0, signals.shape[0]]), settings[0], sample_rate)


def reference_compressor(x, settings, sample_rate):
    """Giannoulis et al. 2012, smooth branching, sample by sample; ``x`` (C, T)."""
    value = dict(zip(CHANNEL_NAMES, settings.tolist(), strict=True))
    knee = max(value["comp_knee_db"], 1e-3)
    attack = 1.0 - math.exp(-1.0 / (value["comp_attack_ms"] * 1e-3 * sample_rate))
    release = 1.0 - math.exp(-1.0 / (value["comp_release_ms"] * 1e-3 * sample_rate))
    state, out = 0.0, np.empty_like(x)
    for n in range(x.shape[1]):
        over = 20.0 * math.log10(max(np.abs(x[:, n]).max(), 1e-6)) - value["comp_threshold_db"]
        inside = min(max(over + knee / 2, 0.0), knee)
        reduction = (1 - 1 / value["comp_ratio"]) * (inside**2 / (2 * knee) + max(over - knee / 2, 0.0))
        state += (attack if reduction > state else release) * (reduction - state)
        out[:, n] = x[:, n] * 10.0 ** ((value["comp_makeup_db"] - state) / 20.0)
    return out


@pytest.mark.parametrize("num_channels", [1, 2])
@pytest.mark.parametrize("num_samples", [1, kernel.BLOCK - 1, kernel.BLOCK, 3 * kernel.BLOCK + 7])
def test_agrees_with_a_plain_loop(busy_settings, noise, num_channels, num_samples):
    x = noise(num_channels, num_samples) * torch.linspace(0, 5, num_samples, dtype=torch.float64)
    expected = reference_compressor(x.numpy(), busy_settings[0, 0], SAMPLE_RATE)
    assert np.allclose(run_compressor(x, busy_settings).numpy(), expected, rtol=1e-12, atol=1e-15)
    assert np.allclose(run_compressor(x.float(), busy_settings).numpy(), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("knee_db", [0.0, 10.0])
@pytest.mark.parametrize("level_db", [-40.0, -24.0, -20.0, -16.5, -5.0])
def test_static_curve(make_settings, knee_db, level_db):
    settings = make_settings(comp_threshold_db=-20.0, comp_ratio=4.0, comp_knee_db=knee_db, comp_attack_ms=1.0)
    steady = torch.full((1, 2_000), 10.0 ** (level_db / 20.0), dtype=torch.float64)
    found_db = 20.0 * math.log10(run_compressor(steady, settings)[0, -1].item())
    over = level_db + 20.0
    if 2.0 * over < -knee_db:
        expected = level_db
    elif 2.0 * abs(over) <= knee_db and knee_db > 0.0:
        expected = level_db + (1 / 4 - 1) * (over + knee_db / 2) ** 2 / (2 * knee_db)
    else:
        expected = -20.0 + over / 4
    assert found_db == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(("attack_ms", "release_ms"), [(5.0, 50.0), (100.0, 20.0)])
def test_time_constants_are_63_percent_in_db(make_settings, attack_ms, release_ms):
    settings = make_settings(
        comp_threshold_db=-20.0, comp_ratio=2.0, comp_knee_db=0.0, comp_attack_ms=attack_ms, comp_release_ms=release_ms
    )
    loud, quiet = torch.ones(1, 16_000, dtype=torch.float64), torch.full((1, 16_000), 1e-3, dtype=torch.float64)
    gain_db = 20.0 * torch.log10(run_compressor(torch.cat([loud, quiet], 1), settings) / torch.cat([loud, quiet], 1))[0]
    attack_samples, release_samples = round(attack_ms * 8), round(release_ms * 8)
    rest = math.exp(-1.0)
    assert gain_db[attack_samples - 1].item() == pytest.approx(-10.0 * (1 - rest), abs=1e-6)
    assert gain_db[16_000 + release_samples - 1].item() == pytest.approx(-10.0 * rest, abs=1e-6)


def test_channels_are_linked(busy_settings, noise):
    left, right = noise(1, 3_000), noise(1, 3_000, seed=1) * 0.01
    both = run_compressor(torch.cat([left, right]), busy_settings)
    alone = run_compressor(left, busy_settings)
    assert torch.allclose(both[:1], alone, rtol=1e-2)
    assert torch.allclose(both[1] / right[0], both[0] / left[0])


def test_ratio_1_is_make_up_gain_alone(make_settings, noise):
    x = noise(1, 2_000)
    assert torch.equal(run_compressor(x, make_settings(comp_threshold_db=-50.0)), x)
    louder = run_compressor(x, make_settings(comp_threshold_db=-50.0, comp_makeup_db=6.0))
    assert torch.allclose(louder, x * 10 ** (6 / 20), rtol=1e-12)


@pytest.mark.parametrize("num_channels", [1, 2])
def test_gradients_are_exact_across_blocks(busy_settings, noise, num_channels):
    """Central differences for the controls and for samples on both sides of a block's edge."""
    x = (noise(num_channels, kernel.BLOCK + 60) * 4.0).requires_grad_()
    weights = noise(num_channels, kernel.BLOCK + 60, seed=2)
    settings = busy_settings[0].clone().requires_grad_()
    starts = torch.tensor([0, num_channels])

    def loss(x, settings):
        return (compress(x, starts, settings, SAMPLE_RATE) * weights).sum()

    grad_x, grad_settings = torch.autograd.grad(loss(x, settings), [x, settings])
    for index, name in enumerate(CHANNEL_NAMES):
        if name.startswith("comp_"):
            step = torch.zeros_like(settings)
            step[0, index] = 1e-5
            numeric = (loss(x, settings + step) - loss(x, settings - step)) / 2e-5
            assert grad_settings[0, index].item() == pytest.approx(numeric.item(), rel=1e-5)
            assert numeric.item() != 0
    for n in (0, 7, kernel.BLOCK - 1, kernel.BLOCK, kernel.BLOCK + 59):
        for channel in range(num_channels):
            step = torch.zeros_like(x)
            step[channel, n] = 1e-7
            numeric = (loss(x + step, settings) - loss(x - step, settings)) / 2e-7
            assert grad_x[channel, n].item() == pytest.approx(numeric.item(), rel=1e-4, abs=1e-8)


def test_results_do_not_depend_on_the_number_of_threads(busy_settings, noise):
    x, starts = noise(5, 3_000), torch.tensor([0, 1, 3, 4, 5])
    rows = busy_settings[0].repeat(4, 1)
    before = torch.get_num_threads()
    results = []
    for num_threads in (1, 3):
        torch.set_num_threads(num_threads)
        results.append(compress(x, starts, rows, SAMPLE_RATE))
    torch.set_num_threads(before)
    assert torch.equal(*results)


def test_levels_and_gains_have_float64_precision():
    rng = np.random.default_rng(0)
    peak, found, bits = (
        10.0 ** rng.uniform(-6, 6, kernel.BLOCK),
        np.empty(kernel.BLOCK),
        np.empty(kernel.BLOCK, np.int64),
    )
    kernel._fill_levels(peak, bits, found)
    assert np.abs(found - 20.0 * np.log10(peak)).max() < 1e-12
    smooth = rng.uniform(-40, 140, kernel.BLOCK)
    kernel._fill_gains(smooth, 12.0, bits, found)
    assert np.abs(found / 10.0 ** ((12.0 - smooth) / 20.0) - 1.0).max() < 1e-13
