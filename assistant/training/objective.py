"""What a proposal costs against what is known: settings, EQ curves, levels, roles, and its own doubts.

Contents: :class:`Weights`, :func:`proposal_loss`, :func:`mix_loss`; :func:`widen`, :func:`curve_db`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, smooth_l1_loss

from assistant.console.equaliser import svf_terms
from assistant.console.parameters import column, default_settings, from_unit, to_unit
from assistant.controller.network import Proposal
from assistant.params import BY_NAME, CHANNEL_NAMES
from assistant.training.batches import Targets
from assistant.training.examples import EXCERPT_RATE
from assistant.training.linear import TYPICAL_DB
from assistant.training.losses import level_loss, parameter_loss, stereo_loss, worst_case_loss
from assistant.training.playing import staged_strips

#: How much an error of a control's whole travel matters, by section; filters are judged by their curves instead.
SECTION_WEIGHTS = {"input": 1.0, "highpass": 1.0, "eq": 0.3, "compressor": 1.0, "fader": 2.0, "pan": 2.0, "send": 1.0}
#: Curves are compared at this rate and these frequencies.
CURVE_RATE = 48_000
CURVE_HZ: tuple[float, ...] = tuple(30.0 * 2.0 ** (n / 3.0) for n in range(28))


@dataclass(frozen=True)
class Weights:
    """What each part counts in the whole; ``worst_share`` of the batch is learnt from (1: all of it).

    ``audio`` is the stereo loss through the console, for which the examples must have excerpts. Where ``level`` is 0
    levels are not learnt, and mixes are compared with every track at the engineer's own.
    """

    positions: float = 4.0
    curve: float = 0.15
    level: float = 0.2
    roles: float = 0.3
    reverb: float = 0.5
    doubt: float = 0.05
    audio: float = 0.0
    worst_share: float = 1.0


def proposal_loss(proposal: Proposal, names: tuple[str, ...], targets: Targets, is_stereo: Tensor) -> dict[str, Tensor]:
    """The parts of the loss of a batch, (B,) each.

    ``names`` are the parameters in the columns of ``proposal.positions``; ``is_stereo`` (B, N) bool. The side a mono
    track is panned to is no more known than left from right: its distance from the middle is learnt, unless the task
    is DMC-basic, in which the kit decides.
    """
    picks = [CHANNEL_NAMES.index(name) for name in names]
    known, target = targets.known[..., picks], targets.positions[..., picks]
    predicted = proposal.positions
    if len(names) > 2:
        predicted, target = (_with_reach(p, names, ~is_stereo) for p in (predicted, target))
    of_table = predicted.new_tensor([SECTION_WEIGHTS[BY_NAME[name].section] for name in names])
    strips = widen(predicted, names)
    fader = column(from_unit(strips), "fader_db")
    level = level_loss(fader, targets.level_db, targets.has_level)
    parts = {
        "positions": parameter_loss(predicted, target, known, of_table),
        "level": level,
        "roles": _role_loss(proposal.roles, targets.roles),
        "doubt": _doubt_loss(proposal.spread_db, (fader - targets.level_db).detach(), targets.has_level),
        "reverb": _reverb_loss(proposal.reverb, targets),
    }
    if len(names) > 2:
        parts["curve"] = _curve_loss(strips, widen(target, names), known, names)
    return parts


def whole_loss(parts: Mapping[str, Tensor], weights: Weights) -> Tensor:
    """The parts as one scalar."""
    whole = torch.stack([getattr(weights, name) * part for name, part in parts.items()]).sum(0)
    return worst_case_loss(whole, weights.worst_share)


def widen(positions: Tensor, names: tuple[str, ...]) -> Tensor:
    """Positions (..., P) of the whole strip out of those of ``names`` (..., len(names)); others at their defaults."""
    whole = to_unit(default_settings(1).to(positions))[0].expand(*positions.shape[:-1], -1).clone()
    whole[..., [CHANNEL_NAMES.index(name) for name in names]] = positions
    return whole


def mix_loss(settings: Tensor, audio: Tensor, mixes: Tensor, is_stereo: Tensor, is_active: Tensor) -> Tensor:
    """Stereo loss (B,) of ``audio`` (B, N, 2, X) mixed with ``settings`` (B, N, P) against ``mixes`` (B, 2, X).

    Both are compared at one power: what a whole mix gains is the master's business.
    """
    played = staged_strips(audio, settings, is_stereo, EXCERPT_RATE)
    mixed = (played * is_active[..., None, None]).sum(1)
    powers = [x.square().mean((1, 2), keepdim=True) + 1e-9 for x in (mixes, mixed)]
    return stereo_loss(mixed * torch.sqrt(powers[0] / powers[1]), mixes)


def with_levels(settings: Tensor, targets: Targets) -> Tensor:
    """``settings`` (B, N, P) with the engineer's own level at the fader where it is known."""
    index, param = CHANNEL_NAMES.index("fader_db"), BY_NAME["fader_db"]
    level_db = (targets.level_db + TYPICAL_DB).clamp(param.low, param.high)
    fader = torch.where(targets.has_level, level_db.to(settings), settings[..., index])
    return torch.cat([settings[..., :index], fader[..., None], settings[..., index + 1 :]], dim=-1)


def curve_db(settings: Tensor) -> Tensor:
    """Gain in dB (R, 28) of high-pass and EQ of ``settings`` (R, P) at ``CURVE_HZ``; differentiable."""
    hz = torch.tensor(CURVE_HZ, dtype=torch.float64, device=settings.device)
    warped = torch.tan(math.pi * hz / CURVE_RATE)[:, None]
    g, k, m0, m1, m2 = (term[:, None] for term in svf_terms(settings, CURVE_RATE))
    s = 1j * warped / g
    gain = m0 + (m1 * s + m2) / (s * s + k * s + 1.0)
    return (10.0 * torch.log10(gain.abs().square() + 1e-6)).sum(-1)


def _with_reach(positions: Tensor, names: tuple[str, ...], is_mono: Tensor) -> Tensor:
    """The pan of mono tracks as the distance from the middle."""
    pan = names.index("pan")
    folded = torch.where(is_mono, 0.5 + (positions[..., pan] - 0.5).abs(), positions[..., pan])
    return torch.cat([positions[..., :pan], folded[..., None], positions[..., pan + 1 :]], dim=-1)


def _role_loss(logits: Tensor, roles: Tensor) -> Tensor:
    costs = cross_entropy(logits.transpose(1, 2), roles, ignore_index=-1, reduction="none", label_smoothing=0.05)
    return costs.sum(-1) / (roles >= 0).sum(-1).clamp(min=1)


def _doubt_loss(spread_db: Tensor, error_db: Tensor, has_level: Tensor) -> Tensor:
    """Negative log-likelihood of the level errors, up to one gain, under Laplace distributions of ``spread_db``."""
    gain = torch.nanquantile(error_db.masked_fill(~has_level, math.nan), 0.5, dim=-1, keepdim=True)
    error = torch.where(has_level, error_db - gain, 0.0).abs()
    cost = torch.where(has_level, torch.log(2.0 * spread_db) + error / spread_db, 0.0)
    return cost.sum(-1) / has_level.sum(-1).clamp(min=1)


def _reverb_loss(positions: Tensor, targets: Targets) -> Tensor:
    return torch.where(targets.has_reverb, (positions - targets.reverb).abs().mean(-1), 0.0)


def _curve_loss(predicted: Tensor, target: Tensor, known: Tensor, names: tuple[str, ...]) -> Tensor:
    """Mean distance of the tone curves in dB where a track's EQ is known.

    Where its high-pass is not, none is assumed: or else the shelf would learn to make up for the one that is proposed.
    """
    rows = known[..., names.index("low_shelf_gain_db")]
    if not bool(rows.any()):
        return predicted.new_zeros(len(predicted))
    switch = CHANNEL_NAMES.index("highpass_on")
    switched = predicted[..., switch] * known[..., names.index("highpass_on")]
    predicted = torch.cat([predicted[..., :switch], switched[..., None], predicted[..., switch + 1 :]], dim=-1)
    wanted, proposed = (curve_db(from_unit(positions[rows])) for positions in (target, predicted))
    costs = smooth_l1_loss(proposed, wanted, reduction="none").mean(-1).to(predicted.dtype)
    return predicted.new_zeros(rows.shape).masked_scatter(rows, costs).sum(-1) / rows.sum(-1).clamp(min=1)
