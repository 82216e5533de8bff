"""The network: one encoder for every track, a context over the set, one post-processor to console positions.

After Steinmetz, *Learning to mix with neural audio effects in the waveform domain*, thesis, 2020, chapter 5 (encoder,
context, post-processor shared by all tracks; the mean as context; the console's parameters as output), with a small
convolutional encoder trained here, and masked self-attention as a second context (Vaswani et al. 2017; Lee et al., "Set
Transformer", ICML 2019). No part knows the tracks' order or number.

Shapes: B sessions, N tracks, K passages, F frames, M mel bands, P console parameters, R roles.

Contents: :class:`NetworkConfig`, :class:`Proposal`, :class:`ControllerNetwork`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from assistant.console.parameters import default_settings, to_unit
from assistant.controller.evidence import SCALARS
from assistant.controller.hearing import Hearing
from assistant.controller.mel import BANDS
from assistant.engineers.role_table import ROLES
from assistant.params import BY_NAME, CHANNEL_NAMES, REVERB_PARAMS

Context = Literal["none", "mean", "attention"]
Task = Literal["basic", "full"]

#: What follows from the rest by calculation, see ``staging``: trim, and make-up for what the compressor takes.
STAGED = frozenset(("trim_db", "comp_makeup_db"))
#: The parameters each task sets, in the table's order: DMC-basic gain and pan, DMC-full the whole strip.
TASKS: dict[Task, tuple[str, ...]] = {
    "basic": ("fader_db", "pan"),
    "full": tuple(name for name in CHANNEL_NAMES if name not in STAGED),
}


@dataclass(frozen=True)
class NetworkConfig:
    """The network's shape: which context, which parameters, the widths of encoder and embedding.

    ``shares`` weigh the experts whose mean is a track's level: the deep one, and the linear ones by spectrum and
    numbers and by numbers alone (see :class:`LinearLevel`), which have to be fitted first.
    """

    context: Context = "attention"
    task: Task = "full"
    channels: tuple[int, ...] = (24, 48, 96, 128)
    width: int = 192
    heads: int = 4
    layers: int = 2
    dropout: float = 0.1
    shares: tuple[float, float, float] = (1.0, 0.0, 0.0)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the console parameters it sets, in the order of the output's columns."""
        return TASKS[self.task]


class Proposal(NamedTuple):
    """What the network says.

    ``positions`` (B, N, P) of the controls it sets, 0..1, in the order of its config's ``parameters``; ``roles``
    (B, N, R) logits; ``spread_db`` (B, N) the error it expects of its own levels (scale of a Laplace distribution, dB),
    as far as known by what left-out songs showed;
    ``reverb`` (B, 5) positions of the reverb bus's controls.
    """

    positions: Tensor
    roles: Tensor
    spread_db: Tensor
    reverb: Tensor


class TrackEncoder(nn.Module):
    """One track's passages, statistics, numbers and name to one embedding (width,)."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        before = 1
        for index, channels in enumerate(config.channels):
            size, stride = ((7, 5), (4, 2)) if index == 0 else ((3, 3), (2, 2))
            blocks += [
                nn.Conv2d(before, channels, size, stride, (size[0] // 2, size[1] // 2), bias=False),
                nn.GroupNorm(8, channels),
                nn.GELU(),
            ]
            before = channels
        self.convolutions = nn.Sequential(*blocks)
        self.passage = nn.Linear(2 * before, config.width)
        self.statistics = nn.Linear(3 * BANDS + len(SCALARS), config.width)
        self.named = nn.Linear(len(ROLES), config.width, bias=False)
        self.join = nn.Sequential(
            nn.LayerNorm(config.width), nn.GELU(), nn.Dropout(config.dropout), nn.Linear(config.width, config.width)
        )

    def forward(self, mel_db: Tensor, has_passage: Tensor, side: Tensor, scalars: Tensor, named: Tensor) -> Tensor:
        """(X, K, F, M), (X, K), (X, M), (X, S), (X, R) of X tracks to (X, width)."""
        mel = (mel_db + 40.0) / 20.0
        chosen = has_passage.nonzero(as_tuple=True)
        maps = self.convolutions(mel[chosen][:, None])
        each = self.passage(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], dim=-1))
        weights = has_passage.to(each.dtype)
        total = each.new_zeros(mel.shape[0], each.shape[-1]).index_add(0, chosen[0], each)
        heard = total / weights.sum(1, keepdim=True).clamp(min=1.0)
        known = torch.cat([spectrum_numbers(mel_db, has_passage, side), scalars], dim=-1)
        return self.join(heard + self.statistics(known) + self.named(named))


def spectrum_numbers(mel_db: Tensor, has_passage: Tensor, side: Tensor) -> Tensor:
    """Mean and deviation of the band levels over the frames in which a track sounds, and its side shares; (X, 3 M).

    All brought to about -2..2. A frame sounds when it lies at most 30 dB under the mean power of all.
    """
    present = has_passage[..., None].expand(*mel_db.shape[:-1])
    power = torch.pow(10.0, mel_db / 10.0).sum(-1)
    mean_power = (power * present).sum((1, 2)) / present.sum((1, 2)).clamp(min=1)
    sounds = (present & (power > 1e-3 * mean_power[:, None, None])).to(mel_db.dtype)[..., None]
    count = sounds.sum((1, 2)).clamp(min=1.0)
    mean = (mel_db * sounds).sum((1, 2)) / count
    variance = (torch.square(mel_db - mean[:, None, None]) * sounds).sum((1, 2)) / count
    return torch.cat([(mean + 40.0) / 20.0, torch.sqrt(variance + 1e-2) / 10.0 - 1.0, 4.0 * side], dim=-1)


class LinearLevel(nn.Module):
    """A level in dB as a linear function of a track's numbers.

    Finished mixes with known levels are so few that a line, fitted with a strong ridge, predicts them as well as any
    deep network, and errs differently: the mean of both is better than either (measured: the model card).
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(size), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(()), requires_grad=False)

    def forward(self, numbers: Tensor) -> Tensor:
        """(..., size) to (...) dB."""
        return numbers @ self.weight + self.bias


class NoContext(nn.Module):
    """Every track by itself."""

    def forward(self, tracks: Tensor, overlap: Tensor, is_active: Tensor) -> Tensor:
        """(B, N, width) as it came."""
        return tracks


class MeanContext(nn.Module):
    """The mean of all tracks' embeddings beside each one's own: the DMC's context."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.join = nn.Sequential(nn.Linear(2 * width, width), nn.GELU(), nn.Linear(width, width))
        self.norm = nn.LayerNorm(2 * width)

    def forward(self, tracks: Tensor, overlap: Tensor, is_active: Tensor) -> Tensor:
        """(B, N, width) with what the whole session adds."""
        weights = is_active.to(tracks.dtype)[..., None]
        mean = (tracks * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True).clamp(min=1.0)
        both = torch.cat([tracks, mean.expand_as(tracks)], dim=-1)
        return tracks + self.join(self.norm(both))


class AttentionLayer(nn.Module):
    """Self-attention over the tracks, biased by how much of the time they play together, and a feed-forward part."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.before_attention, self.before_join = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.queries_keys_values = nn.Linear(config.width, 3 * config.width)
        self.out = nn.Linear(config.width, config.width)
        self.overlap_bias = nn.Parameter(torch.zeros(config.heads))
        self.dropout = nn.Dropout(config.dropout)
        self.join = nn.Sequential(
            nn.Linear(config.width, 2 * config.width), nn.GELU(), nn.Linear(2 * config.width, config.width)
        )

    def forward(self, tracks: Tensor, overlap: Tensor, is_active: Tensor) -> Tensor:
        """(B, N, width); padded tracks are not listened to."""
        split = self.queries_keys_values(self.before_attention(tracks)).unflatten(-1, (3, self.heads, -1))
        queries, keys, values = split.permute(2, 0, 3, 1, 4)
        bias = self.overlap_bias[:, None, None] * overlap[:, None]
        bias = bias.masked_fill(~is_active[:, None, None, :], -1e9)
        heard = nn.functional.scaled_dot_product_attention(queries, keys, values, attn_mask=bias)
        tracks = tracks + self.dropout(self.out(heard.transpose(1, 2).flatten(2)))
        return tracks + self.dropout(self.join(self.before_join(tracks)))


class AttentionContext(nn.Module):
    """Masked self-attention over the set of tracks."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(AttentionLayer(config) for _ in range(config.layers))

    def forward(self, tracks: Tensor, overlap: Tensor, is_active: Tensor) -> Tensor:
        """(B, N, width) with what each track hears of the others."""
        for layer in self.layers:
            tracks = layer(tracks, overlap, is_active)
        return tracks


def _make_context(config: NetworkConfig) -> nn.Module:
    if config.context == "none":
        return NoContext()
    return MeanContext(config.width) if config.context == "mean" else AttentionContext(config)


class ControllerNetwork(nn.Module):
    """Evidence of a set of tracks to the positions of their controls."""

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = TrackEncoder(config)
        self.context = _make_context(config)
        self.by_spectrum = LinearLevel(3 * BANDS + len(SCALARS))
        self.by_numbers = LinearLevel(len(SCALARS))
        self.doubt_scale = nn.Parameter(torch.ones(()), requires_grad=False)
        self.post = nn.Sequential(
            nn.LayerNorm(config.width), nn.Linear(config.width, config.width), nn.GELU(), nn.Dropout(config.dropout)
        )
        self.positions = nn.Linear(config.width, len(config.parameters))
        self.spread = nn.Linear(config.width, 1)
        self.roles = nn.Linear(config.width, len(ROLES))
        self.reverb = nn.Linear(config.width, len(REVERB_PARAMS))
        self._start_neutral()

    def _start_neutral(self) -> None:
        """Before training every control stands near its default."""
        defaults = to_unit(default_settings(1))[0][[CHANNEL_NAMES.index(n) for n in self.config.parameters]]
        reverb = to_unit(default_settings(1, REVERB_PARAMS), REVERB_PARAMS)[0]
        for layer, start in ((self.positions, defaults), (self.reverb, reverb)):
            nn.init.normal_(layer.weight, std=0.01)
            layer.bias.data = torch.logit(start.clamp(0.05, 0.95))

    def encode(self, hearing: Hearing) -> Tensor:
        """What is to be known of each track by itself, (B, N, width + 2), zero for padding.

        The embedding, and the levels of the two linear experts.
        """
        chosen = hearing.is_active.nonzero(as_tuple=True)
        mel_db, side, has_passage, scalars, named = (part[chosen] for part in hearing[:5])
        embedded = self.encoder(mel_db, has_passage, side, scalars, named)
        spectrum = torch.cat([spectrum_numbers(mel_db, has_passage, side), scalars], dim=-1)
        linear = (self.by_spectrum(spectrum), self.by_numbers(scalars))
        encoded = torch.cat([embedded, torch.stack(linear, dim=-1)], dim=-1)
        return encoded.new_zeros(*hearing.is_active.shape, encoded.shape[-1]).index_put(chosen, encoded)

    def decide(self, tracks: Tensor, overlap: Tensor, is_active: Tensor) -> Proposal:
        """Positions and the rest from what :meth:`encode` gave of the tracks."""
        embedded, linear_db = tracks[..., :-2], tracks[..., -2:]
        placed = self.post(self.context(embedded, overlap, is_active))
        weights = is_active.to(placed.dtype)[..., None]
        whole = (placed * weights).sum(1) / weights.sum(1).clamp(min=1.0)
        return Proposal(
            positions=self._with_experts(torch.sigmoid(self.positions(placed)), linear_db),
            roles=self.roles(placed),
            spread_db=self.doubt_scale * (0.5 + nn.functional.softplus(self.spread(placed))[..., 0]),
            reverb=torch.sigmoid(self.reverb(whole)),
        )

    def _with_experts(self, positions: Tensor, linear_db: Tensor) -> Tensor:
        """``positions`` with the fader's replaced by the experts' mean."""
        deep, spectrum, numbers = self.config.shares
        if spectrum == numbers == 0.0:
            return positions
        fader, column = BY_NAME["fader_db"], self.config.parameters.index("fader_db")
        reach_db = fader.high - fader.low
        linear = (linear_db @ linear_db.new_tensor([spectrum, numbers]) - fader.low * (spectrum + numbers)) / reach_db
        mean = (deep * positions[..., column] + linear).clamp(0.0, 1.0)
        return torch.cat([positions[..., :column], mean[..., None], positions[..., column + 1 :]], dim=-1)

    def forward(self, hearing: Hearing) -> Proposal:
        """See :class:`Proposal`."""
        return self.decide(self.encode(hearing), hearing.overlap, hearing.is_active)
