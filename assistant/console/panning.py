"""Fader, width, pan and balance as one small matrix per track.

Pan laws are data, because they differ between DAWs: each maps a position -1..1 to the gains of left and right.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from assistant.console.parameters import column

PanLaw = Callable[[Tensor], tuple[Tensor, Tensor]]


def _constant_power(pan: Tensor) -> tuple[Tensor, Tensor]:
    angle = (pan + 1.0) * (math.pi / 4.0)
    return torch.cos(angle), torch.sin(angle)


def _linear(pan: Tensor) -> tuple[Tensor, Tensor]:
    return (1.0 - pan) / 2.0, (1.0 + pan) / 2.0


def _ardour(pan: Tensor) -> tuple[Tensor, Tensor]:
    scale = 2.0 - 4.0 * 10.0 ** (-3.0 / 20.0)

    def law(share: Tensor) -> Tensor:
        return share * (scale * share + 1.0 - scale)

    right = (pan + 1.0) / 2.0
    return law(1.0 - right), law(right)


def _balance(pan: Tensor) -> tuple[Tensor, Tensor]:
    return (1.0 - pan).clamp(max=1.0), (1.0 + pan).clamp(max=1.0)


def _live(pan: Tensor) -> tuple[Tensor, Tensor]:
    left, right = _constant_power(pan)
    return math.sqrt(2.0) * left, math.sqrt(2.0) * right


#: Laws for mono tracks by name: -3 dB centre with constant power, -6 dB centre, Ardour's -3 dB parabola, REAPER's
#: balance ("0 dB", its project default), and Live's constant power with a 0 dB centre (Live's reference manual, "Audio
#: Fact Sheet", Panning).
PAN_LAWS: dict[str, PanLaw] = {
    "constant_power": _constant_power,
    "linear": _linear,
    "ardour": _ardour,
    "balance": _balance,
    "live": _live,
}
#: Laws for stereo tracks where the DAW does not balance them.
_STEREO_LAWS: dict[str, PanLaw] = {"live": _live}


def pan_matrix(parameters: Tensor, is_stereo: Tensor, pan_law: str = "constant_power") -> Tensor:
    """Gains (R, 2, 2) from channel (last axis) to left and right, of rows with ``parameters`` (R, P).

    A mono row (``is_stereo`` (R,) bool) is panned by ``pan_law`` from its only channel, the first; its second column
    is 0. A stereo row is set to its width, then balanced: gains min(1, 1 - pan) and min(1, 1 + pan), at pan 0 with the
    gradient of both sides, -1 and +1; under "live" its sides go through that law. Raises ``ValueError`` for an unknown
    law.
    """
    if pan_law not in PAN_LAWS:
        raise ValueError(f"pan_law={pan_law!r}: expected one of {', '.join(PAN_LAWS)}")
    pan, width = column(parameters, "pan"), column(parameters, "width")
    mono = torch.stack(PAN_LAWS[pan_law](pan), dim=-1)
    balance = torch.stack(_STEREO_LAWS.get(pan_law, _balance)(pan), dim=-1)
    same, other = (1.0 + width) / 2.0, (1.0 - width) / 2.0
    spread = torch.stack([torch.stack([same, other], -1), torch.stack([other, same], -1)], dim=-2)
    stereo = balance.unsqueeze(-1) * spread
    mono = torch.stack([mono, torch.zeros_like(mono)], dim=-1)
    return torch.where(is_stereo[:, None, None], stereo, mono)
