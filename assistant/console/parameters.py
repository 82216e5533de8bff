"""Settings as tensors: between mappings of values, physical-unit tensors and control positions 0..1.

Every function takes the rows of the parameter table it works on (default: the channel's), so the same code serves
channel, reverb and master. The last axis of every tensor is P, in the order of those rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from assistant.params import CHANNEL_PARAMS, Param

Table = tuple[Param, ...]


def column(values: Tensor, name: str, table: Table = CHANNEL_PARAMS) -> Tensor:
    """The parameter called ``name`` out of ``values`` ``(..., P)``: a view ``(...)``; ``KeyError`` if unknown."""
    for index, param in enumerate(table):
        if param.name == name:
            return values[..., index]
    raise KeyError(name)


def pack_settings(
    settings: Sequence[Mapping[str, float]], table: Table = CHANNEL_PARAMS, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Settings such as ``ChannelSettings`` as a tensor ``(len(settings), P)`` in physical units."""
    rows = [[float(one[param.name]) for param in table] for one in settings]
    return torch.tensor(rows, dtype=dtype).reshape(len(rows), len(table))


def unpack_settings(values: Tensor, table: Table = CHANNEL_PARAMS) -> list[dict[str, float]]:
    """One ``{name: value}`` per row of ``values`` ``(N, P)``, clamped to the table's ranges, toggles rounded.

    Raises ``ValueError`` for another shape or a value that is not finite.
    """
    check_columns(values, table, "values")
    if values.ndim != 2:
        raise ValueError(f"values has shape {tuple(values.shape)}; expected (N, {len(table)})")
    if not bool(torch.isfinite(values).all()):
        raise ValueError("values holds NaN or infinity; expected finite settings")
    rows = values.detach().double().cpu().tolist()
    return [{param.name: param.clamp(value) for param, value in zip(table, row, strict=True)} for row in rows]


def default_settings(num_tracks: int, table: Table = CHANNEL_PARAMS, dtype: torch.dtype = torch.float32) -> Tensor:
    """The table's defaults for every track, ``(num_tracks, P)``."""
    return torch.tensor([param.default for param in table], dtype=dtype).repeat(num_tracks, 1)


def clamp_settings(values: Tensor, table: Table = CHANNEL_PARAMS) -> Tensor:
    """``values`` ``(..., P)`` inside the table's ranges; the gradient of a value out of range is zero."""
    check_columns(values, table, "values")
    low, high, _, _ = _travel(table, values)
    return torch.clamp(values, low, high)


def to_unit(values: Tensor, table: Table = CHANNEL_PARAMS) -> Tensor:
    """Control positions 0..1 of ``values`` ``(..., P)`` in physical units, after clamping to the ranges."""
    low, high, log_span, is_log = _travel(table, values)
    inside = clamp_settings(values, table)
    linear = (inside - low) / (high - low)
    logarithmic = torch.log(torch.where(is_log, inside / torch.where(is_log, low, 1.0), 1.0)) / log_span
    return torch.where(is_log, logarithmic, linear)


def from_unit(positions: Tensor, table: Table = CHANNEL_PARAMS) -> Tensor:
    """Physical values of control positions ``(..., P)``; the inverse of :func:`to_unit`.

    Positions are clamped to 0..1 first. A toggle is left between off and on, so that it has a gradient;
    :func:`unpack_settings` rounds it.
    """
    check_columns(positions, table, "positions")
    low, high, log_span, is_log = _travel(table, positions)
    inside = positions.clamp(0.0, 1.0)
    values = torch.where(is_log, low * torch.exp(inside * log_span), low + inside * (high - low))
    # exp may round past the end of the travel: stay inside, but keep the gradient
    return torch.clamp(values.detach(), low, high) + (values - values.detach())


def db_to_gain(gain_db: Tensor, param: Param | None = None) -> Tensor:
    """10^(dB/20); exactly 0, with zero gradient, where ``param`` is off at its lowest position."""
    gain = torch.exp(gain_db * (math.log(10.0) / 20.0))
    if param is not None and param.off_at_low:
        return torch.where(gain_db > param.low, gain, 0.0)
    return gain


def check_columns(values: Tensor, table: Table, name: str) -> None:
    """Raise ``ValueError`` unless the last axis of ``values`` has one column per row of ``table``."""
    if values.ndim < 1 or values.shape[-1] != len(table):
        sections = f"{table[0].name} ... {table[-1].name}"
        raise ValueError(
            f"{name} has shape {tuple(values.shape)}; expected {len(table)} columns ({sections}) at the end"
        )


def _travel(table: Table, like: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Each parameter's low, high, ln(high/low) (1 where not logarithmic) and whether it is logarithmic."""
    low = like.new_tensor([p.low for p in table])
    high = like.new_tensor([p.high for p in table])
    log_span = like.new_tensor([math.log(p.high / p.low) if p.curve == "log" else 1.0 for p in table])
    is_log = torch.tensor([p.curve == "log" for p in table], device=like.device)
    return low, high, log_span, is_log
