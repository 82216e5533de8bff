"""What refinement may move, and how far from the proposal: the trust region.

One table of settings and radii. A setting that is off stays off, a cut stays a cut and a boost a boost, and no setting
leaves the console's range. Frequencies, compressors and panners stay where the engineer put them.

Contents: ``RADII_DB``, :class:`TrustRegion`, :func:`trust_region`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from assistant.mix import BusSettings, ChannelSettings
from assistant.params import BY_NAME, CHANNEL_NAMES, EQ_BANDS

#: How far each setting may move, in dB.
RADII_DB: dict[str, float] = {
    "fader_db": 3.0,
    **{f"{band}_gain_db": 3.0 for band, _ in EQ_BANDS},
    "send_db": 4.0,
}
#: A send stays this far above its lowest position, which would switch it off.
_SEND_MARGIN_DB = 1.0


@dataclass(frozen=True)
class TrustRegion:
    """The movable settings: ``track`` and ``column`` (M,) where they stand in settings (N, P).

    A move is counted in radii, 0 at the proposal: ``radius_db`` (M,) each, between ``low`` and ``high`` (M,), which lie
    within -1..1.
    """

    proposal: Tensor
    track: Tensor
    column: Tensor
    radius_db: Tensor
    low: Tensor
    high: Tensor

    def settings(self, moves: Tensor) -> Tensor:
        """Settings (N, P) at ``moves`` (M,) in radii; differentiable."""
        index = (self.track, self.column)
        return self.proposal.index_put(index, self.proposal[index] + self.radius_db * moves)

    @property
    def moving_strips(self) -> Tensor:
        """Tracks (N,) bool of which a setting before the fader may move."""
        first_behind = CHANNEL_NAMES.index("fader_db")
        out = torch.zeros(len(self.proposal), dtype=torch.bool)
        out[self.track[self.column < first_behind]] = True
        return out


def trust_region(
    channels: Sequence[ChannelSettings], reverb: BusSettings, movable: Sequence[Collection[str]]
) -> TrustRegion:
    """The trust region around the proposed ``channels``, of which the settings named in ``movable`` may move."""
    proposal = torch.tensor([[c[name] for name in CHANNEL_NAMES] for c in channels], dtype=torch.float64)
    rows = []
    for track, (settings, names) in enumerate(zip(channels, movable, strict=True)):
        for name in (name for name in RADII_DB if name in names):
            radius = RADII_DB[name]
            low, high = _ends(name, settings[name], reverb)
            if low < settings[name] or high > settings[name]:
                ends = (max(-1.0, (low - settings[name]) / radius), min(1.0, (high - settings[name]) / radius))
                rows.append((track, CHANNEL_NAMES.index(name), radius, *ends))
    table = torch.tensor(rows, dtype=torch.float64).reshape(-1, 5)
    return TrustRegion(proposal, table[:, 0].long(), table[:, 1].long(), table[:, 2], table[:, 3], table[:, 4])


def _ends(name: str, value: float, reverb: BusSettings) -> tuple[float, float]:
    """The lowest and highest value that the setting called ``name`` may take; ``value`` twice where it stays."""
    param = BY_NAME[name]
    if name == "send_db":
        returns = reverb["reverb_return_db"] > BY_NAME["reverb_return_db"].low
        margin = param.low + _SEND_MARGIN_DB
        return (margin, param.high) if returns and value > margin else (value, value)
    if name == "fader_db":
        return (param.low, param.high) if value > param.low else (value, value)
    if value == 0.0:
        return value, value
    return (0.0, param.high) if value > 0.0 else (param.low, 0.0)
