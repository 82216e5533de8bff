"""The losses against their equations, their invariances and their gradients."""

import math
import time

import numpy as np
import pytest
import torch
from scipy import signal

from assistant.training.losses import (
    FLOOR,
    RESOLUTIONS,
    level_loss,
    parameter_loss,
    stereo_loss,
    worst_case_loss,
)

SMALL = ((64, 16, 32), (32, 8, 32))


def mixes(count=2, num_samples=22_050, seed=0, dtype=torch.float32):
    """Pink-like stereo mixes whose sides differ, (count, 2, T)."""
    noise = np.random.default_rng(seed).standard_normal((count, 2, num_samples))
    return torch.as_tensor(signal.lfilter([0.02], [1.0, -0.95], noise), dtype=dtype)


def written_out(estimate, target, resolutions):
    """Equations 5.1 to 5.3 and 4.22 to 4.24 for one mix (2, T), in numpy."""
    total = 0.0
    for sign in (1.0, -1.0):
        for size, hop, length in resolutions:
            window = np.pad(signal.windows.hann(length, sym=False), (size - length) // 2)
            window /= np.linalg.norm(window)
            magnitudes = []
            for mix in (estimate, target):
                padded = np.pad(mix[0] + sign * mix[1], size // 2, mode="reflect")
                frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window
                magnitudes.append(np.sqrt(np.abs(np.fft.rfft(frames)) ** 2 + FLOOR))
            found, aim = magnitudes
            convergence = np.linalg.norm(aim - found) / np.linalg.norm(aim)
            total += (convergence + np.abs(np.log(aim) - np.log(found)).mean()) / len(resolutions)
    return total


def test_stereo_loss_follows_its_equations():
    estimate, target = mixes(1, dtype=torch.float64), mixes(1, seed=1, dtype=torch.float64)
    expected = written_out(estimate[0].numpy(), target[0].numpy(), RESOLUTIONS)
    # LEAST_SHARE lifts the denominators by a ten-thousandth
    assert float(stereo_loss(estimate, target)) == pytest.approx(expected, rel=2e-4)


def test_half_window_hops_say_what_the_thesis_hops_say():
    estimate, target = mixes(4), mixes(4, seed=1)
    dense = stereo_loss(estimate, target, ((512, 50, 240), (1024, 120, 600), (2048, 240, 1200)))
    assert torch.allclose(stereo_loss(estimate, target), dense, rtol=0.01)


def test_equal_mixes_cost_nothing_and_gain_errors_what_the_equations_say():
    target = mixes(1)
    assert stereo_loss(target, target).item() == 0.0
    losses = [stereo_loss(target * 10 ** (gain_db / 20), target).item() for gain_db in (1, 3, 6, 12)]
    # a gain g costs |g - 1| of convergence and |ln g| of logarithm, for sum and for difference
    expected = [2 * (10 ** (db / 20) - 1 + db / 20 * math.log(10)) for db in (1, 3, 6, 12)]
    assert losses == pytest.approx(expected, rel=1e-2)


def test_swapping_left_and_right_of_either_changes_nothing():
    estimate, target = mixes(), mixes(seed=1)
    loss = stereo_loss(estimate, target)
    assert torch.allclose(stereo_loss(estimate.flip(1), target), loss, rtol=1e-6)
    assert torch.allclose(stereo_loss(estimate, target.flip(1)), loss, rtol=1e-6)
    assert stereo_loss(target.flip(1), target).max() < 1e-6


def test_panning_to_the_middle_costs_more_than_panning_to_the_wrong_side():
    """What the loss was made for (section 5.4)."""
    target = mixes(1)[:, :1] * torch.tensor([1.0, 0.3])[:, None]
    middle = target.mean(1, keepdim=True).repeat(1, 2, 1)
    assert stereo_loss(target.flip(1), target).item() < 0.01 * stereo_loss(middle, target).item()


def test_stereo_loss_has_the_gradient_of_finite_differences():
    estimate, target = (mixes(1, 100, seed, torch.float64) for seed in (0, 1))
    assert torch.autograd.gradcheck(lambda x: stereo_loss(x, target, SMALL), (estimate.requires_grad_(),))


@pytest.mark.parametrize("silent", ["estimate", "target", "both", "side of target", "sides"])
def test_silence_has_finite_losses_and_gradients(silent):
    estimate, target = mixes(), mixes(seed=1)
    if silent in ("estimate", "both"):
        estimate = torch.zeros_like(estimate)
    if silent in ("target", "both"):
        target = torch.zeros_like(target)
    if "side" in silent:
        target = target[:, :1].repeat(1, 2, 1)
    if silent == "sides":
        estimate = estimate[:, :1].repeat(1, 2, 1)
    estimate.requires_grad_()
    loss = stereo_loss(estimate, target)
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(estimate.grad).all()
    assert silent != "side of target" or loss.detach().max() < 500.0


def test_examples_do_not_see_each_other():
    estimate, target = mixes(3), mixes(3, seed=1)
    singles = torch.cat([stereo_loss(estimate[i : i + 1], target[i : i + 1]) for i in range(3)])
    assert torch.allclose(stereo_loss(estimate, target), singles)


def test_stereo_loss_refuses_other_shapes():
    with pytest.raises(ValueError, match="expected both"):
        stereo_loss(mixes()[:, :1], mixes()[:, :1])


def test_stereo_loss_is_quick_enough_to_train_with():
    """Four times 5 s, forward and backward; 0.4 s on one idle core, and room for a busy one."""
    estimate, target = mixes(4, 220_500), mixes(4, 220_500, seed=1)
    estimate.requires_grad_()
    stereo_loss(estimate, target).sum().backward()
    start = time.process_time()
    stereo_loss(estimate, target).sum().backward()
    assert time.process_time() - start < 5.0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_stereo_loss_is_the_same_on_a_gpu():
    estimate, target = mixes(), mixes(seed=1)
    results = []
    for device in ("cpu", "cuda"):
        x = estimate.to(device).requires_grad_()
        loss = stereo_loss(x, target.to(device))
        loss.sum().backward()
        results.append((loss.detach().cpu(), x.grad.cpu()))
    assert torch.allclose(results[0][0], results[1][0], rtol=1e-4)
    assert torch.allclose(results[0][1], results[1][1], rtol=1e-2, atol=1e-3 * float(results[0][1].abs().max()))


def test_level_loss_ignores_one_gain_of_the_mix_and_counts_misplaced_tracks():
    target = torch.tensor([[-20.0, -14.0, -30.0, -9.0, -18.0]])
    mask = torch.ones(1, 5, dtype=torch.bool)
    assert level_loss(target + 7.0, target, mask).item() == 0.0
    one_off = target + torch.tensor([0.0, 0.0, 6.0, 0.0, 0.0])
    assert level_loss(one_off, target, mask).item() == pytest.approx((6.0 - 0.5) / 5)
    slightly = target + torch.tensor([0.0, 0.0, 0.5, 0.0, 0.0])
    assert level_loss(slightly, target, mask).item() == pytest.approx(0.5 * 0.5**2 / 5)


def test_level_loss_of_two_tracks_shares_the_error():
    mask = torch.ones(1, 2, dtype=torch.bool)
    predicted = torch.tensor([[0.0, 6.0]]).requires_grad_()
    level_loss(predicted, torch.zeros(1, 2), mask).sum().backward()
    assert predicted.grad.tolist() == [[-0.5, 0.5]]


def test_level_loss_passes_over_what_is_masked():
    predicted = torch.tensor([[3.0, 5.0, math.nan], [math.nan] * 3]).requires_grad_()
    mask = torch.tensor([[True, True, False], [False] * 3])
    loss = level_loss(predicted, torch.zeros(2, 3), mask)
    loss.sum().backward()
    assert loss.tolist() == pytest.approx([0.5, 0.0])
    assert predicted.grad[~mask].tolist() == [0.0] * 4


def test_parameter_loss_weighs_what_is_known():
    predicted = torch.tensor([[[0.5, 0.9, math.nan], [0.2, 0.1, 0.3]], [[0.0] * 3] * 2]).requires_grad_()
    target = torch.tensor([[[0.1, 0.9, 0.0], [0.2, 0.6, 0.0]], [[1.0] * 3] * 2])
    known = torch.tensor([[[True, True, False], [True, True, False]], [[False] * 3] * 2])
    loss = parameter_loss(predicted, target, known, torch.tensor([3.0, 1.0, 5.0]))
    loss.sum().backward()
    assert loss.tolist() == pytest.approx([(3 * (0.4 - 0.025) + 1 * (0.5 - 0.025)) / 8, 0.0])
    assert torch.isfinite(predicted.grad).all()


def test_level_and_parameter_losses_have_the_gradients_of_finite_differences():
    make = torch.Generator().manual_seed(0)
    levels, aim = (10 * torch.randn(3, 7, generator=make, dtype=torch.float64) for _ in range(2))
    mask = torch.rand(3, 7, generator=make) > 0.3
    gain = torch.nanquantile((levels - aim).masked_fill(~mask, math.nan), 0.5, dim=-1, keepdim=True)
    costs = torch.nn.functional.huber_loss(levels - gain, aim, reduction="none", delta=1.0) * mask
    assert torch.allclose(level_loss(levels, aim, mask), costs.sum(-1) / mask.sum(-1))
    positions, places = (torch.rand(2, 3, 4, generator=make, dtype=torch.float64) for _ in range(2))
    known, weights = torch.rand(2, 3, 4, generator=make) > 0.5, torch.rand(4, generator=make, dtype=torch.float64)
    inputs = (positions.requires_grad_(),)
    assert torch.autograd.gradcheck(lambda x: parameter_loss(x, places, known, weights), inputs)


def test_worst_case_loss_runs_from_the_maximum_to_the_mean():
    losses = torch.tensor([1.0, 4.0, 2.0, 3.0])
    shares = {1.0: 2.5, 0.75: 3.0, 0.5: 3.5, 0.375: (4 + 3 / 2) / 1.5, 0.25: 4.0, 0.01: 4.0}
    for share, expected in shares.items():
        assert worst_case_loss(losses, share).item() == pytest.approx(expected)


def test_worst_case_loss_teaches_the_worst_alone():
    losses = torch.tensor([1.0, 4.0, 2.0, 3.0]).requires_grad_()
    worst_case_loss(losses, 0.5).backward()
    assert losses.grad.tolist() == [0.0, 0.5, 0.0, 0.5]


@pytest.mark.parametrize("share", [0.0, -0.1, 25.0, math.nan])
def test_worst_case_loss_refuses_other_shares(share):
    with pytest.raises(ValueError, match="a percentage"):
        worst_case_loss(torch.ones(3), share)
