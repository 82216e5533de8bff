"""What training minimises: the distance of two mixes, of levels and of settings, and the mean of the worst cases.

Conventions: axes are B examples, N tracks, P parameters, T samples; every loss is one number per example ``(B,)``, so
that the worst of a batch can be told apart. Nothing is NaN, in value or gradient, for digital silence or for an
example whose mask is empty: that one costs 0.

Contents: :func:`stereo_loss`, :func:`level_loss`, :func:`parameter_loss`, :func:`worst_case_loss`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import huber_loss

#: FFT size, hop and window length in samples.
Resolution = tuple[int, int, int]

#: FFT sizes and windows of Steinmetz 2020, table 5 (whose last window, printed 120, is 1200 in Yamamoto et al. 2020,
#: its source). Its hops are 50, 120 and 240: at half a window, Hann windows still weigh every sample alike, the loss
#: moves by under 1 % and costs 2.4 times less.
RESOLUTIONS: tuple[Resolution, ...] = ((512, 120, 240), (1024, 300, 600), (2048, 600, 1200))

#: Power added to every bin: that of white noise at -100 dBFS. Below it, differences fade out of the logarithm.
FLOOR = 1e-10
#: Where sum or difference is quieter than -40 dB of both, its convergence is measured against that level instead:
#: a mono target would otherwise make any width in the estimate cost without bound.
LEAST_SHARE = 1e-4

#: Errors below these count by their square, above them by their size: in dB, and in positions 0..1.
SMOOTH_DB = 1.0
SMOOTH_POSITION = 0.05


def stereo_loss(estimate: Tensor, target: Tensor, resolutions: tuple[Resolution, ...] = RESOLUTIONS) -> Tensor:
    """How far the magnitudes of sum and difference of ``estimate`` (B, 2, T) are from those of ``target``; (B,).

    Of either signal, spectral convergence plus mean distance of the natural logarithms, averaged over
    ``resolutions``; 0 for equal mixes. As magnitudes have no sign, a mix with left and right swapped is no other mix.
    Differentiable once, in ``estimate`` alone. T must exceed half the largest FFT. Raises ``ValueError``.

    Source: Steinmetz, "Learning to mix with neural audio effects in the waveform domain" (2020), section 5.4,
    equations 5.1 to 5.3, of the multi-resolution STFT loss in section 4.6.1, equations 4.22 to 4.24. There 4.23
    divides by the number of frames; here by frames and bins, so that no resolution outweighs another.
    """
    if estimate.shape != target.shape or estimate.ndim != 3 or estimate.shape[1] != 2:
        shapes = f"{tuple(estimate.shape)} and {tuple(target.shape)}"
        raise ValueError(f"estimate and target have shapes {shapes}; expected both (B, 2, T)")
    # one example at a time stays in the cache of a CPU: 1.6 times faster than all at once
    size = 1 if estimate.device.type == "cpu" else max(1, len(estimate))
    examples = zip(estimate.split(size), target.detach().split(size), strict=True)
    return torch.cat([_stereo_loss(_sum_and_difference(e), _sum_and_difference(t), resolutions) for e, t in examples])


def level_loss(predicted_db: Tensor, target_db: Tensor, mask: Tensor) -> Tensor:
    """Mean distance of levels (B, N) in dB where ``mask`` (B, N) is true, up to one gain of the whole mix; (B,).

    The gain is the median of the differences, which a few misplaced tracks do not move; no gradient flows through
    it. Errors are smooth below ``SMOOTH_DB`` (Huber), and above it count as their size less half of that.
    """
    errors = torch.where(mask, predicted_db - target_db, 0.0)
    gain = torch.nanquantile(errors.detach().masked_fill(~mask, math.nan), 0.5, dim=-1, keepdim=True)
    costs = _smooth(torch.where(mask, errors - gain, 0.0), SMOOTH_DB)
    return costs.sum(-1) / mask.sum(-1).clamp(min=1)


def parameter_loss(predicted: Tensor, target: Tensor, known: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean distance of control positions (B, N, P) 0..1 where ``known`` (B, N, P) is true; (B,).

    ``weights`` (P,), not negative, say how much each parameter matters. Errors are smooth below ``SMOOTH_POSITION``.
    What stands where nothing is known, NaN included, is ignored.
    """
    costs = _smooth(torch.where(known, predicted - target, 0.0), SMOOTH_POSITION)
    shares = known * weights
    return (costs * shares).sum((-2, -1)) / shares.sum((-2, -1)).clamp(min=torch.finfo(costs.dtype).tiny)


def worst_case_loss(per_example: Tensor, share: float) -> Tensor:
    """Mean of the worst ``share`` (0..1] of ``per_example`` (B,), a scalar: 1 is the mean, towards 0 the maximum.

    An example that the share cuts counts in part. Mixes are judged by their failures: Steinmetz et al., "Audio signal
    processing in the artificial intelligence era" (2025), section 2.6, finds the worst case to matter more than the
    mean to those who use a system. Source of the measure: Rockafellar, Uryasev, "Optimization of conditional
    value-at-risk" (2000). Raises ``ValueError``.
    """
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share={share!r}: expected more than 0, at most 1; a percentage?")
    worst_first = per_example.sort(descending=True).values
    count = share * len(per_example)
    weights = (count - torch.arange(len(per_example), device=per_example.device)).clamp(0.0, 1.0)
    return (worst_first * weights).sum() / weights.sum()


def _smooth(errors: Tensor, width: float) -> Tensor:
    return huber_loss(errors, torch.zeros_like(errors), reduction="none", delta=width) / width


def _sum_and_difference(audio: Tensor) -> Tensor:
    """Equations 5.1 and 5.2 along the axis of channels."""
    left, right = audio.unbind(1)
    return torch.stack([left + right, left - right], dim=1)


def _stereo_loss(estimate: Tensor, target: Tensor, resolutions: tuple[Resolution, ...]) -> Tensor:
    """Equation 5.3 of signals (B, 2, T) that are sum and difference."""
    losses = []
    for num_fft, hop, length in resolutions:
        window = torch.hann_window(length, dtype=estimate.dtype, device=estimate.device)
        window = window / torch.linalg.vector_norm(window)  # white noise reads its power in every bin
        spectra = [_stft(signals, num_fft, hop, window) for signals in (estimate, target)]
        losses.append(_SpectralDistance.apply(*spectra))
    return torch.stack(losses).mean(0).sum(-1)


def _stft(signals: Tensor, num_fft: int, hop: int, window: Tensor) -> Tensor:
    """Spectra (B, 2, bins, frames) of ``signals`` (B, 2, T)."""
    spectra = torch.stft(signals.flatten(0, 1), num_fft, hop, len(window), window, return_complex=True)
    return spectra.unflatten(0, signals.shape[:2])


class _SpectralDistance(torch.autograd.Function):
    """Equations 4.22 plus 4.23 of spectra (B, 2, bins, frames), with their gradient by the first; (B, 2).

    Written out because autograd keeps twice as many spectra and takes half as long again.
    """

    @staticmethod
    def forward(ctx: Any, estimate: Tensor, target: Tensor) -> Tensor:
        power, aim = (x.real.square().add_(x.imag.square()).add_(FLOOR) for x in (estimate, target))
        magnitude, aimed = power.sqrt(), aim.sqrt()
        error = magnitude - aimed
        distance, energy = _norm(error), _norm(aimed).square()
        scale = (energy + LEAST_SHARE * energy.sum(1, keepdim=True)).sqrt()
        ratio = power.div(aim).log_()
        loss = distance / scale + 0.5 * ratio.abs().mean((-2, -1), keepdim=True)
        if ctx.needs_input_grad[0]:
            tiny = torch.finfo(power.dtype).tiny
            slope = error.div_(magnitude).div_((distance * scale).clamp(min=tiny))
            slope += ratio.sign_().div_(power).div_(power[0, 0].numel())
            ctx.save_for_backward(estimate * slope)
        return loss[..., 0, 0]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return ctx.saved_tensors[0] * grads[0][..., None, None], None


def _norm(values: Tensor) -> Tensor:
    """Frobenius norm over the last two axes, kept."""
    return torch.linalg.vector_norm(values, dim=(-2, -1), keepdim=True)
