"""The compressor: feed-forward, stereo-linked, log domain, soft knee, branching attack and release.

Source: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design: a tutorial and analysis", J. Audio Eng.
Soc. 60 (2012), the smooth branching detector in the log domain (equation 17 with the soft knee of equation 4).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assistant.console import compressor_kernel as kernel
from assistant.console.parameters import column
from assistant.console.row_threads import run_in_threads

#: Knees are held above this width in dB: a hard knee is one too narrow to matter.
MIN_KNEE_DB = 1e-3


def compress(signals: Tensor, row_starts: Tensor, parameters: Tensor, sample_rate: int) -> Tensor:
    """Compress every row and add its make-up gain.

    ``signals`` (S, T), where row r owns signals ``row_starts[r]`` to ``row_starts[r + 1]`` and their level is the
    largest of them (``row_starts`` (R + 1,) int64 on the CPU); ``parameters`` (R, P) channel settings. Returns
    (S, T). The detector runs sample by sample in float64 on the CPU, wherever the tensors are: on a GPU the signals
    are copied there and back. Exactly differentiable once in ``signals`` and ``parameters``.
    """
    values = parameters.double()
    controls = torch.stack(
        [
            column(values, "comp_threshold_db"),
            1.0 - 1.0 / column(values, "comp_ratio"),
            column(values, "comp_knee_db").clamp(min=MIN_KNEE_DB),
            smoothing_coefficient(column(values, "comp_attack_ms"), sample_rate),
            smoothing_coefficient(column(values, "comp_release_ms"), sample_rate),
            column(values, "comp_makeup_db"),
        ],
        dim=-1,
    )
    compressed = _Compress.apply(signals.cpu(), row_starts, controls.cpu())
    return compressed.to(signals.device)


def smoothing_coefficient(time_ms: Tensor, sample_rate: int) -> Tensor:
    """1 - exp(-1 / (t fs)): the share of a step's rest a one-pole smoother covers per sample."""
    return -torch.expm1(-1000.0 / (time_ms * sample_rate))


class _Compress(torch.autograd.Function):
    """(S, T) signals and (R, 6) controls to (S, T); the columns are those of ``compressor_kernel``."""

    @staticmethod
    def forward(ctx: Any, signals: Tensor, row_starts: Tensor, controls: Tensor) -> Tensor:
        signals = signals.contiguous()
        out = torch.empty_like(signals)
        num_rows = controls.shape[0]
        states = torch.empty(num_rows, -(-signals.shape[-1] // kernel.BLOCK), dtype=torch.float64)
        x, rows, c, s, y = (t.detach().numpy() for t in (signals, row_starts, controls, states, out))
        run_in_threads(lambda start, stop: kernel.compress_rows(x, rows, c, s, y, start, stop), num_rows)
        ctx.save_for_backward(signals, row_starts, controls, states)
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        signals, row_starts, controls, states = ctx.saved_tensors
        grad_signals, grad_controls = torch.empty_like(signals), torch.zeros_like(controls)
        inputs = (signals, grads[0].contiguous(), row_starts, controls, states, grad_signals, grad_controls)
        x, gy, rows, c, s, gx, gc = (t.detach().numpy() for t in inputs)
        run_in_threads(lambda a, b: kernel.gradient_rows(x, gy, rows, c, s, gx, gc, a, b), controls.shape[0])
        return grad_signals, None, grad_controls
