"""High-pass and five-band equaliser as one frequency-sampled filter, exactly differentiable.

Six second-order trapezoidal (TPT) state-variable filters in series: a Butterworth high-pass, then the bands of
``EQ_BANDS``. Their product is sampled at the bins of an FFT long enough that the circular convolution equals the
recursive filter to better than -140 dB of the input. Source: Simper, "Solving the continuous SVF equations using
trapezoidal integration and equivalent currents" (2013), as in ``fi.svf`` of the Faust libraries.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from scipy.fft import next_fast_len
from torch import Tensor

from assistant.console import equaliser_kernel as kernel
from assistant.console.parameters import column
from assistant.console.row_threads import run_in_threads
from assistant.params import BUTTERWORTH_Q, EQ_BANDS

#: Frequencies are held below this share of the sample rate, where the prewarped cutoff runs away.
MAX_FREQUENCY = 0.49
#: Nepers a filter's ringing falls before the FFT may wrap around: -140 dB.
_DECAY_NEPERS = 140.0 * math.log(10.0) / 20.0
#: Further nepers granted to every other section in series: equal poles ring like t^n exp(-t / tau).
_SERIES_NEPERS = 4.0

#: Least ringing |m1| + |m2|, over the damping, while gradients are wanted: that of a bell at 1 dB.
_RINGING_AT_1_DB = 0.12

#: g = tan(pi f / sample_rate), damping k and the mix m0, m1, m2 of input, band-pass and low-pass; each (R,).
SvfTerms = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]


def _low_shelf(g: Tensor, a: Tensor, q: Tensor) -> SvfTerms:
    k = 1.0 / q
    return g / a.sqrt(), k, torch.ones_like(a), k * (a - 1.0), a * a - 1.0


def _bell(g: Tensor, a: Tensor, q: Tensor) -> SvfTerms:
    k = 1.0 / (q * a)
    return g, k, torch.ones_like(a), k * (a * a - 1.0), torch.zeros_like(a)


def _high_shelf(g: Tensor, a: Tensor, q: Tensor) -> SvfTerms:
    k = 1.0 / q
    return g * a.sqrt(), k, a * a, k * (1.0 - a) * a, 1.0 - a * a


#: Filter shapes of ``EQ_BANDS``: functions of g, A = 10^(gain_db / 40) and Q.
SHAPES: dict[str, Callable[[Tensor, Tensor, Tensor], SvfTerms]] = {
    "low_shelf": _low_shelf,
    "peak": _bell,
    "high_shelf": _high_shelf,
}


def equalise(signals: Tensor, row_starts: Tensor, parameters: Tensor, gain: Tensor, sample_rate: int) -> Tensor:
    """Gain, high-pass and EQ of every row.

    ``signals`` (S, T), where row r owns signals ``row_starts[r]`` to ``row_starts[r + 1]`` (``row_starts`` (R + 1,)
    int64 on the CPU); ``parameters`` (R, P) channel settings; ``gain`` (R,) float64 multiplies the row. Returns
    (S, T). On the CPU the response and its adjoint are compiled loops; elsewhere tensor operations.
    """
    terms = svf_terms(parameters, sample_rate)
    is_learning = torch.is_grad_enabled() and parameters.requires_grad
    num_samples = signals.shape[-1]
    num_fft = next_fast_len(num_samples + tail_samples(terms, is_learning), real=True)
    cascades = _cascades(terms, gain)
    if signals.device.type == "cpu":
        return _FilterOnCpu.apply(signals, cascades, row_starts, num_fft)
    return _filter_with_tensors(signals, cascades, row_starts, num_fft)


def svf_terms(parameters: Tensor, sample_rate: int) -> SvfTerms:
    """Terms g, k, m0, m1, m2 of the high-pass and the bands of ``parameters`` (R, P), each (R, sections) float64.

    The high-pass is blended as y = x + highpass_on (hp(x) - x), so that the switch has a gradient.
    """
    values = parameters.double()
    on = column(values, "highpass_on")
    g = _prewarp(column(values, "highpass_hz"), sample_rate)
    k = torch.full_like(g, 1.0 / BUTTERWORTH_Q)
    sections: list[SvfTerms] = [(g, k, torch.ones_like(g), -k * on, -on)]
    for band, shape in EQ_BANDS:
        amplitude = torch.exp(column(values, f"{band}_gain_db") * (math.log(10.0) / 40.0))
        g = _prewarp(column(values, f"{band}_hz"), sample_rate)
        sections.append(SHAPES[shape](g, amplitude, column(values, f"{band}_q")))
    g, k, m0, m1, m2 = (torch.stack(term, dim=-1) for term in zip(*sections, strict=True))
    return g, k, m0, m1, m2


def response(cascades: Tensor, bins: Tensor) -> Tensor:
    """Complex response (R, F) of ``cascades`` (R, sections, 5) at ``bins`` (3, F); see ``equaliser_kernel``."""
    c2, s2, sc = bins
    total = torch.ones((), dtype=torch.complex128, device=bins.device)
    for n0, n1, n2, d0, d1 in _by_section(cascades):
        numerator = torch.complex(n0 * c2 + n1 * s2, n2 * sc)
        total = total * (numerator / torch.complex(d0 * c2 - s2, d1 * sc))
    return total


def tail_samples(terms: SvfTerms, with_gradient: bool) -> int:
    """Samples until the slowest row's ringing is below -140 dB of its input.

    ``with_gradient`` counts a neutral band as if it stood at about 1 dB, because the derivative by its gain rings even
    where the band itself does not.
    """
    g, k, _, m1, m2 = (term.detach() for term in terms)
    ringing = m1.abs() + m2.abs()
    if with_gradient:
        ringing = torch.maximum(ringing, _RINGING_AT_1_DB * k.clamp(min=1.0))
    nepers = torch.where(ringing > 0.0, (_DECAY_NEPERS + torch.log(ringing * (1.0 + 1.0 / k))).clamp(min=0.0), 0.0)
    samples = nepers / _decay_per_sample(g, k)
    others = torch.clamp(nepers, max=_SERIES_NEPERS) / _decay_per_sample(g, k)
    longest, index = samples.max(dim=-1)
    total = longest + others.sum(dim=-1) - others.gather(-1, index.unsqueeze(-1)).squeeze(-1)
    return math.ceil(float(total.max())) if total.numel() else 0


def _decay_per_sample(g: Tensor, k: Tensor) -> Tensor:
    """-ln of the largest pole radius of each section."""
    ringing = torch.atanh((g * k / (1.0 + g * g)).clamp(max=1.0 - 1e-12))
    slow = g * (k / 2.0 - torch.sqrt((k * k / 4.0 - 1.0).clamp(min=0.0)))
    fast = g * g / slow
    damped = 2.0 * torch.atanh(torch.minimum(slow, 1.0 / fast).clamp(max=1.0 - 1e-12))
    return torch.where(k < 2.0, ringing, damped)


def _prewarp(frequency_hz: Tensor, sample_rate: int) -> Tensor:
    return torch.tan(frequency_hz.clamp(max=MAX_FREQUENCY * sample_rate) * (math.pi / sample_rate))


def _cascades(terms: SvfTerms, gain: Tensor) -> Tensor:
    """Real coefficients (R, sections, 5) of H = m0 + (m1 s + m2) / (s^2 + k s + 1); ``gain`` on the first section."""
    g, k, m0, m1, m2 = terms
    numerators = torch.stack([(m0 + m2) * g * g, -m0, (m0 * k + m1) * g], dim=-1)
    first, others = numerators[:, :1] * gain[:, None, None], numerators[:, 1:]
    return torch.cat([torch.cat([first, others], 1), torch.stack([g * g, k * g], -1)], dim=-1)


def _by_section(cascades: Tensor) -> list[tuple[Tensor, ...]]:
    return [tuple(section[:, i : i + 1] for i in range(kernel.NUM_COEFFICIENTS)) for section in cascades.unbind(1)]


def _bins(num_fft: int, device: torch.device | None = None) -> Tensor:
    """cos^2, sin^2 and sin cos of half the angular frequency of every bin, (3, F) float64."""
    half = torch.arange(num_fft // 2 + 1, dtype=torch.float64, device=device) * (math.pi / num_fft)
    cosine, sine = torch.cos(half), torch.sin(half)
    return torch.stack([cosine * cosine, sine * sine, sine * cosine])


def _complex(like: Tensor) -> torch.dtype:
    return torch.complex128 if like.dtype == torch.float64 else torch.complex64


def _filter_with_tensors(signals: Tensor, cascades: Tensor, row_starts: Tensor, num_fft: int) -> Tensor:
    """What :class:`_FilterOnCpu` does, on any device and differentiated by torch."""
    of_signal = torch.repeat_interleave(row_starts.diff()).to(signals.device)
    responses = response(cascades, _bins(num_fft, signals.device)).to(_complex(signals))
    spectra = torch.fft.rfft(signals, num_fft) * responses[of_signal]
    return torch.fft.irfft(spectra, num_fft)[..., : signals.shape[-1]]


class _FilterOnCpu(torch.autograd.Function):
    """(S, T) signals through their rows' cascades; gradients for signals and coefficients."""

    @staticmethod
    def forward(ctx: Any, signals: Tensor, cascades: Tensor, row_starts: Tensor, num_fft: int) -> Tensor:
        spectra = torch.fft.rfft(signals, num_fft)
        ctx.save_for_backward(spectra, cascades, row_starts)
        ctx.num_fft, ctx.num_samples = num_fft, signals.shape[-1]
        filtered = _filter_spectra(spectra, cascades, row_starts, num_fft, 1.0)
        return torch.fft.irfft(filtered, num_fft)[..., : signals.shape[-1]]

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        spectra, cascades, row_starts = ctx.saved_tensors
        grad_spectra = torch.fft.rfft(grads[0], ctx.num_fft)
        grad_signals = grad_cascades = None
        if ctx.needs_input_grad[1]:
            grad_cascades = _gradient(spectra, grad_spectra, cascades, row_starts, ctx.num_fft)
        if ctx.needs_input_grad[0]:
            filtered = _filter_spectra(grad_spectra, cascades, row_starts, ctx.num_fft, -1.0)
            grad_signals = torch.fft.irfft(filtered, ctx.num_fft)[..., : ctx.num_samples]
        return grad_signals, grad_cascades, None, None


def _filter_spectra(spectra: Tensor, cascades: Tensor, row_starts: Tensor, num_fft: int, sign: float) -> Tensor:
    """``spectra`` (S, F) times their rows' responses, conjugated for ``sign`` -1."""
    out = torch.empty(spectra.shape, dtype=spectra.dtype)
    arrays = (_parts(spectra), row_starts.numpy(), cascades.detach().numpy(), _bins(num_fft).numpy(), sign, _parts(out))
    num_items = cascades.shape[0] * kernel.num_blocks(spectra.shape[-1])
    run_in_threads(lambda start, stop: kernel.filter_items(*arrays, start, stop), num_items)
    return out


def _gradient(spectra: Tensor, grad_spectra: Tensor, cascades: Tensor, row_starts: Tensor, num_fft: int) -> Tensor:
    """Gradient of the coefficients, shaped as ``cascades``."""
    num_rows, num_sections, _ = cascades.shape
    num_blocks = kernel.num_blocks(spectra.shape[-1])
    out = torch.zeros(num_rows, num_blocks, num_sections, kernel.NUM_COEFFICIENTS, dtype=torch.float64)
    weights = torch.full((spectra.shape[-1],), 2.0 / num_fft, dtype=torch.float64)
    weights[0] = 1.0 / num_fft
    if num_fft % 2 == 0:
        weights[-1] = 1.0 / num_fft
    pair = (_parts(spectra), _parts(grad_spectra))
    arrays = (
        *pair,
        row_starts.numpy(),
        cascades.detach().numpy(),
        _bins(num_fft).numpy(),
        weights.numpy(),
        out.numpy(),
    )
    run_in_threads(lambda start, stop: kernel.gradient_items(*arrays, start, stop), num_rows * num_blocks)
    return out.sum(dim=1)


def _parts(spectra: Tensor) -> Any:
    """Real and imaginary parts (S, F, 2) as an array on the same memory."""
    return torch.view_as_real(spectra.detach().contiguous()).numpy()
