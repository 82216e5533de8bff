"""The stereo reverb bus: the PyTorch twin of ``render/reverb.dsp``, differentiable in its settings and the audio.

In order: pre-delay (third-order Lagrange interpolation), second-order Butterworth low cut, four Schroeder all-passes
per channel, and a feedback delay network of 32 lines, 14 to 152 ms long (1.9 s in all: as many modes per hertz), mixed
by an orthonormal Hadamard matrix. Even lines leave on the left, odd lines on the right; each input enters its own
side with cos 30 degrees and the other with sin 30 degrees, so a panned send starts on its side and spreads. Every
line ends in a one-pole low-pass that makes its decay time (T60) exactly ``reverb_decay_s`` at low frequencies and half
of it at ``reverb_damping_hz``. Nothing is modulated: equal input gives equal output, to the bit.

Level: as long as the lines are uncorrelated, the network passes m / (1 - m) of the energy that enters, where m is the
mean of the squared line gains. The wet signal is divided by the root of that, which makes its level independent of
the decay below the damping frequency, and multiplied by ``LEVEL``, which brings pink noise back as loud as it was
sent at the defaults.

Measured at 44.1, 48 and 96 kHz, at the defaults unless said (Gaussian noise in brackets): T60 in the octave around
1 kHz within 3.5 % of 0.2 to 8 s, in a sixth of an octave around the damping frequency within 4 % (10 % below 0.5 s);
normalised echo density 0.9 at 45 to 64 ms, 20 of them pre-delay, and 1.0 on average after 100 ms; undamped tail of 1 s:
flatness 0.50 to 0.54 (0.57), highest mode 10 to 11 dB above its surroundings (9), third-octave levels spread by 1.1
to 1.7 dB; left against right |r| <= 0.05; level of pink noise -0.7 to +0.1 dB over all decays. Not modulated, it
has one weakness: at 8 s the modes are narrower than their distance, and 5 s of tail show single modes 16 dB above
their surroundings (10), flatness 0.24.

Sources: Jot and Chaigne, "Digital delay networks for designing artificial reverberators" (AES 90th convention, 1991);
Schroeder, "Natural sounding artificial reverberation" (1962); Laakso et al., "Splitting the unit delay" (1996).

Contents: ``reverb``, and the constants that ``render/reverb.dsp`` repeats.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assistant.console import reverb_kernel as kernel
from assistant.console.parameters import check_columns, clamp_settings, column, db_to_gain
from assistant.console.row_threads import run_in_threads
from assistant.params import BUTTERWORTH_Q, BY_NAME, REVERB_PARAMS

#: Delay of every line in seconds; rounded to odd samples by :func:`odd_samples`, pairwise coprime at 44.1, 48 and
#: 96 kHz. Chosen, with the signs and the diffusers, among some 1000 random sets by echo density, flatness and peaks of
#: the tail, third-octave levels, flutter and channel balance.
# fmt: off
LINE_SECONDS = (
    0.070755, 0.015874, 0.132883, 0.086001, 0.014589, 0.013812, 0.087254, 0.103132,
    0.052107, 0.023506, 0.017510, 0.099990, 0.118516, 0.123143, 0.029484, 0.032641,
    0.020017, 0.037731, 0.022001, 0.043770, 0.152014, 0.028879, 0.075127, 0.019142,
    0.036232, 0.058137, 0.025484, 0.142355, 0.041891, 0.064768, 0.061243, 0.047355,
)
# fmt: on
#: Signs with which left and right enter the lines and the lines leave; even lines leave left, odd lines right.
LEFT_SIGNS = "---+--+---+---++--+--++--+--+-++"
RIGHT_SIGNS = "++++++++--+--+-+-++-+++-+++---++"
LEAVE_SIGNS = "+-+--++--+-+-+---+++-+++++++----"
#: Angle by which an input is turned from its own side's lines towards the other's.
ENTRY_ANGLE = math.pi / 6.0
#: Delays in seconds of the all-passes in series, left and right, and their coefficient.
DIFFUSER_SECONDS = ((0.001165, 0.001908, 0.003339, 0.005757), (0.001022, 0.001972, 0.003065, 0.006157))
DIFFUSION = 0.62
#: Wet gain that makes pink noise return as loud as it was sent, with every parameter at its default.
LEVEL = 1.372
#: Frequencies are held below this share of the sample rate.
MAX_FREQUENCY = 0.49
#: Rates that the Faust libraries can express, and for which no line is shorter than a block of the kernel.
SAMPLE_RATES = (8_000, 192_000)

_NUM_TAPS = 4
_LOW_CUT_K = 1.0 / BUTTERWORTH_Q


def reverb(send: Tensor, parameters: Tensor, sample_rate: int) -> Tensor:
    """The wet signal ``(B, 2, T)`` of the bus, return gain included.

    ``send`` (B, 2, T) left and right, float32 or float64; ``parameters`` (B, 5) in physical units and the order of
    ``REVERB_PARAMS``, clamped to their ranges; ``sample_rate`` in Hz. The tail is cut at T: pad the send to hear it
    out. A return at its lowest position gives exact zeros. Gradients (once) for both tensors. Computed in float64 on
    the CPU: tensors of another device are copied there and back.

    Raises ``ValueError`` for other shapes, settings that are not finite or a rate outside ``SAMPLE_RATES``.
    """
    _check(send, parameters, sample_rate)
    values = clamp_settings(parameters.to("cpu", torch.float64), REVERB_PARAMS)
    gains, shares = line_filters(values, sample_rate)
    audio = torch.nn.functional.pad(send.to("cpu", torch.float64), (0, 1))
    g = torch.tan(math.pi / sample_rate * _held(_setting(values, "reverb_low_cut_hz"), sample_rate))
    whole, taps = _predelay(_setting(values, "reverb_predelay_ms"), sample_rate)
    fed = _Feed.apply(audio, taps, g, whole, sample_rate)
    wet = _Network.apply(fed, gains, shares, sample_rate)[..., 1:]
    scale = wet_gain(gains) * db_to_gain(_setting(values, "reverb_return_db"), BY_NAME["reverb_return_db"])
    return (wet * scale[:, None, None]).to(send.device, send.dtype)


def odd_samples(seconds: float, sample_rate: int) -> int:
    """The odd number of samples below or at ``seconds`` + 1, in the float32 arithmetic of the Faust twin."""
    return 2 * int(np.float32(seconds) * np.float32(sample_rate) * np.float32(0.5)) + 1


def line_filters(values: Tensor, sample_rate: int) -> tuple[Tensor, Tensor]:
    """Gain and low-pass share of every line's end y += share (gain x - y), each (B, 32) float64.

    The gain is 10^(-3 delay / T60); the share makes the filter's magnitude at the damping frequency the gain once
    more, so that the decay time there is half. ``values`` (B, 5) in physical units.
    """
    seconds = torch.from_numpy(_delays(sample_rate) / sample_rate)
    squared = torch.exp((-6.0 * math.log(10.0)) * seconds / _setting(values, "reverb_decay_s")[:, None])
    angle = (math.pi / sample_rate) * _held(_setting(values, "reverb_damping_hz"), sample_rate)[:, None]
    away = 2.0 * torch.sin(angle) ** 2
    lost = 1.0 - squared
    rest = torch.sqrt(squared * away * (2.0 * lost + squared * away))
    return squared.sqrt(), (squared * away + rest) / (lost + squared * away + rest)


def wet_gain(gains: Tensor) -> Tensor:
    """Gain (B,) that makes the network's output level independent of the line ``gains`` (B, L); module header."""
    mean = (gains * gains).mean(dim=-1)
    return LEVEL * torch.sqrt((1.0 - mean) / mean)


def _check(send: Tensor, parameters: Tensor, sample_rate: int) -> None:
    if send.ndim != 3 or send.shape[1] != 2 or not send.is_floating_point():
        raise ValueError(f"send is {send.dtype} {tuple(send.shape)}; expected floating-point (B, 2, T)")
    check_columns(parameters, REVERB_PARAMS, "parameters")
    if parameters.shape != (send.shape[0], len(REVERB_PARAMS)):
        expected = (send.shape[0], len(REVERB_PARAMS))
        raise ValueError(f"parameters has shape {tuple(parameters.shape)}; expected {expected}, one row per send")
    if not bool(torch.isfinite(parameters).all()):
        raise ValueError("parameters holds NaN or infinity; expected finite settings")
    low, high = SAMPLE_RATES
    if not low <= sample_rate <= high:
        raise ValueError(f"sample_rate={sample_rate!r}: expected {low} to {high} Hz; kHz?")


def _setting(values: Tensor, name: str) -> Tensor:
    return column(values, name, REVERB_PARAMS)


def _held(frequency_hz: Tensor, sample_rate: int) -> Tensor:
    return frequency_hz.clamp(max=MAX_FREQUENCY * sample_rate)


def _predelay(predelay_ms: Tensor, sample_rate: int) -> tuple[list[int], Tensor]:
    """Whole samples of (B,) pre-delays and the Lagrange taps (B, 4) of the rest, one sample late in all.

    The network is fed one sample early in return. Taps at 0 to 3 samples interpolate at 1 + fraction.
    """
    samples = predelay_ms * (sample_rate / 1000.0)
    whole = torch.floor(samples.detach())
    f = samples - whole
    taps = [
        f * (1 - f) * (f - 2) / 6,
        (f + 1) * (f - 1) * (f - 2) / 2,
        (f + 1) * f * (2 - f) / 2,
        (f + 1) * f * (f - 1) / 6,
    ]
    return [int(one) for one in whole], torch.stack(taps, dim=-1)


def _delays(sample_rate: int) -> np.ndarray:
    return np.array([odd_samples(seconds, sample_rate) for seconds in LINE_SECONDS])


def _diffuser_delays(sample_rate: int) -> np.ndarray:
    return np.array([[odd_samples(seconds, sample_rate) for seconds in side] for side in DIFFUSER_SECONDS])


def _signs(text: str) -> np.ndarray:
    return np.array([1.0 if sign == "+" else -1.0 for sign in text])


def _entry() -> np.ndarray:
    """Weights (2, 32) of left and right into the lines, of unit energy each."""
    is_left = np.arange(len(LINE_SECONDS)) % 2 == 0
    own, other = math.cos(ENTRY_ANGLE), math.sin(ENTRY_ANGLE)
    sides = [np.where(is_left, own, other) * _signs(LEFT_SIGNS), np.where(is_left, other, own) * _signs(RIGHT_SIGNS)]
    return np.stack(sides) / math.sqrt(len(LINE_SECONDS) / 2)


def _leave() -> np.ndarray:
    """Weights (2, 32) of the lines into left and right."""
    is_left = np.arange(len(LINE_SECONDS)) % 2 == 0
    return np.stack([np.where(is_left, 1.0, 0.0), np.where(is_left, 0.0, 1.0)]) * _signs(LEAVE_SIGNS)


def _reversed(audio: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(audio[..., ::-1])


class _Feed(torch.autograd.Function):
    """Pre-delay, low cut and diffusion of (B, 2, T) float64; gradients for audio, taps (B, 4) and g (B,)."""

    @staticmethod
    def forward(ctx: Any, audio: Tensor, taps: Tensor, g: Tensor, whole: list[int], sample_rate: int) -> Tensor:
        source, out, cut = audio.contiguous(), torch.empty_like(audio), torch.empty_like(audio)
        arrays = source.detach().numpy(), taps.detach().numpy(), g.detach().numpy(), out.numpy(), cut.numpy()
        delays = _diffuser_delays(sample_rate)

        def work(start: int, stop: int) -> None:
            x, weights, warped, target, kept = arrays
            for b in range(start, stop):
                delayed = kernel.interpolate(x[b], whole[b], weights[b])
                kept[b] = kernel.low_cut(delayed, warped[b], _LOW_CUT_K, 1.0, -_LOW_CUT_K, -1.0)
                target[b] = kernel.diffuse(kept[b], delays, DIFFUSION)

        run_in_threads(work, len(whole))
        ctx.save_for_backward(source, taps, g, cut)
        ctx.whole, ctx.delays = whole, delays
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        source, taps, g, cut = (saved.detach().numpy() for saved in ctx.saved_tensors)
        grad, out = grads[0].numpy(), np.empty(source.shape)
        grad_taps, grad_g = np.zeros(taps.shape), np.zeros(g.shape)

        def work(start: int, stop: int) -> None:
            for b in range(start, stop):
                before_diffusion = kernel.diffuse(_reversed(grad[b]), ctx.delays, DIFFUSION)
                # dH/dg = -H (k band-pass + 2 low-pass) / g
                slope = kernel.low_cut(cut[b], g[b], _LOW_CUT_K, 0.0, _LOW_CUT_K, 2.0)
                grad_g[b] = -np.vdot(_reversed(before_diffusion), slope) / g[b]
                before_cut = kernel.low_cut(before_diffusion, g[b], _LOW_CUT_K, 1.0, -_LOW_CUT_K, -1.0)
                grad_taps[b] = kernel.tap_gradients(source[b], _reversed(before_cut), ctx.whole[b], _NUM_TAPS)
                out[b] = _reversed(kernel.interpolate(before_cut, ctx.whole[b], taps[b]))

        run_in_threads(work, len(ctx.whole))
        return torch.from_numpy(out), torch.from_numpy(grad_taps), torch.from_numpy(grad_g), None, None


class _Network(torch.autograd.Function):
    """The feedback delay network on (B, 2, T) float64; gradients for audio, gains and shares (B, 32).

    The lines' ends are kept in float32, which halves the memory (28 MB for 5 s at 44.1 kHz) and costs the gradients of
    gains and shares their last digits: about 1e-7 relative. The gradient of the audio does not use them.
    """

    @staticmethod
    def forward(ctx: Any, audio: Tensor, gains: Tensor, shares: Tensor, sample_rate: int) -> Tensor:
        out, lines = torch.empty_like(audio), (_delays(sample_rate), _entry(), _leave())
        num_blocks = -(-audio.shape[-1] // kernel.BLOCK) if any(ctx.needs_input_grad[1:3]) else 0
        ends = torch.empty((len(gains), num_blocks, gains.shape[1], kernel.BLOCK), dtype=torch.float32)
        arrays = (audio, gains, shares, ends, out)
        x, gain, share, kept, target = (one.detach().numpy() for one in arrays)

        def work(start: int, stop: int) -> None:
            delays, entry, leave = lines
            for b in range(start, stop):
                target[b] = kernel.run_network(x[b], delays, gain[b], share[b], entry, leave, kept[b])

        run_in_threads(work, len(gains))
        ctx.save_for_backward(gains, shares, ends)
        ctx.lines = lines
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        gains, shares, ends = ctx.saved_tensors
        incoming = grads[0].contiguous()
        out, sums = torch.empty_like(incoming), torch.zeros((*gains.shape, 2), dtype=torch.float64)
        arrays = (incoming, gains, shares, ends, out, sums)
        grad, gain, share, kept, target, products = (one.detach().numpy() for one in arrays)

        def work(start: int, stop: int) -> None:
            delays, entry, leave = ctx.lines
            for b in range(start, stop):
                line_arrays = (delays, gain[b], share[b], entry, leave, kept[b], products[b])
                target[b] = kernel.run_network_adjoint(grad[b], *line_arrays)

        run_in_threads(work, len(gains))
        # The derivative of an end by its gain is share x, by its share gain x - y[n-1]; both follow from the ends:
        # share gain x = y[n] - (1 - share) y[n-1].
        now, before = sums.unbind(dim=-1)
        return out, (now - (1.0 - shares) * before) / gains, (now - before) / shares, None
