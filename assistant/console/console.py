"""The whole console: channels, dry bus, reverb bus and master gain."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from assistant.console.channel import output_matrices, process_signals, send_gains, signal_gains
from assistant.console.layout import Layout, check_inputs, make_layout
from assistant.console.parameters import check_columns, db_to_gain
from assistant.console.reverb import reverb
from assistant.params import REVERB_PARAMS


def mix(
    audio: Tensor,
    channel_parameters: Tensor,
    reverb_parameters: Tensor,
    master_gain_db: Tensor | float,
    sample_rate: int,
    *,
    is_stereo: Tensor | None = None,
    is_active: Tensor | None = None,
    pan_law: str = "constant_power",
) -> Tensor:
    """The stereo mix (B, 2, T) before the limiter.

    ``audio``, ``channel_parameters``, ``sample_rate`` and the keywords as in ``channel.process_channels``;
    ``reverb_parameters`` (B, P) in the order of ``REVERB_PARAMS``; ``master_gain_db`` a number or (B,). The channels'
    dry outputs and their post-fader sends are summed, the reverb's output is added to the dry bus and the master gain
    applied. Differentiable once in every tensor. Raises ``ValueError`` or ``TypeError`` for what does not fit.
    """
    check_inputs(audio, channel_parameters, sample_rate, is_stereo, is_active)
    check_columns(reverb_parameters, REVERB_PARAMS, "reverb parameters")
    if reverb_parameters.shape[:-1] != audio.shape[:1]:
        expected = (audio.shape[0], len(REVERB_PARAMS))
        raise ValueError(f"reverb parameters have shape {tuple(reverb_parameters.shape)}; expected {expected}")
    master = _master_gain(master_gain_db, audio)
    layout = make_layout(audio, is_stereo, is_active)
    rows = layout.gather_rows(channel_parameters)
    signals = process_signals(layout.gather_signals(audio), layout.row_starts, rows, sample_rate)
    dry = signal_gains(layout, output_matrices(rows, layout.is_stereo, pan_law))
    sends = send_gains(rows)
    if not _is_sending(sends, reverb_parameters):
        return _sum_sessions(layout, signals, dry) * master
    wet = dry * sends[layout.row_of_signal().to(sends.device), None]
    buses = _sum_sessions(layout, signals, torch.cat([dry, wet], dim=-1))
    return (buses[:, :2] + reverb(buses[:, 2:], reverb_parameters, sample_rate)) * master


def _is_sending(sends: Tensor, reverb_parameters: Tensor) -> bool:
    """Whether the reverb is fed, or gradients of its parameters (zero without a feed) are wanted."""
    return (torch.is_grad_enabled() and reverb_parameters.requires_grad) or bool((sends > 0.0).any())


def _sum_sessions(layout: Layout, signals: Tensor, gains: Tensor) -> Tensor:
    """Weighted sums (B, K, T) of each session's ``signals`` (S, T) with ``gains`` (S, K)."""
    edges = layout.session_starts.tolist()
    weights = gains.to(signals.dtype)
    sums = [weights[a:b].T @ signals[a:b] for a, b in pairwise(edges)]
    return torch.stack(sums) if len(sums) > 1 else sums[0].unsqueeze(0)


def _master_gain(master_gain_db: Tensor | float, audio: Tensor) -> Tensor:
    """The master's gain, (B, 1, 1) or (1, 1, 1)."""
    gain_db = torch.as_tensor(master_gain_db, dtype=torch.float64, device=audio.device)
    if gain_db.shape not in ((), (1,), audio.shape[:1]):
        raise ValueError(f"master_gain_db has shape {tuple(gain_db.shape)}; expected a number or ({audio.shape[0]},)")
    return db_to_gain(gain_db).to(audio.dtype).reshape(-1, 1, 1)
