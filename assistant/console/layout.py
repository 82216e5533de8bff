"""Which channels of a padded batch exist, and the border checks of the console.

A batch ``(B, N, C, T)`` may hold padded tracks and mono tracks in a two-channel batch. The console works on the
channels that exist, a flat list of S signals, grouped by the R rows (active tracks) they belong to.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from assistant.console.parameters import check_columns
from assistant.params import CHANNEL_PARAMS


@dataclass(frozen=True)
class Layout:
    """The signals of one batch; index tensors are int64 on the CPU, in ascending order.

    ``rows`` (R,) the active tracks as positions in B*N; ``row_starts`` (R + 1,) row r owns signals ``row_starts[r]``
    to ``row_starts[r + 1]``; ``places`` (S,) each signal's position in B*N*C; ``session_starts`` (B + 1,) likewise
    for sessions; ``is_stereo`` (R,) bool.
    """

    rows: Tensor
    row_starts: Tensor
    places: Tensor
    session_starts: Tensor
    is_stereo: Tensor

    def gather_signals(self, audio: Tensor) -> Tensor:
        """The signals (S, T) of ``audio`` (B, N, C, T); a view where every channel exists."""
        return _take(audio.reshape(-1, audio.shape[-1]), self.places)

    def gather_rows(self, values: Tensor) -> Tensor:
        """The active tracks' rows (R, P) of ``values`` (B, N, P)."""
        return _take(values.reshape(-1, values.shape[-1]), self.rows)

    def row_of_signal(self) -> Tensor:
        """The row each signal belongs to, (S,)."""
        return torch.repeat_interleave(self.row_starts.diff())


def make_layout(audio: Tensor, is_stereo: Tensor | None, is_active: Tensor | None) -> Layout:
    """The layout of ``audio`` (B, N, C, T); masks (B, N) bool, by default all tracks active and C = 2 all stereo."""
    num_sessions, num_tracks, num_channels, _ = audio.shape
    shape = (num_sessions, num_tracks)
    active = torch.ones(shape, dtype=torch.bool) if is_active is None else is_active.cpu()
    stereo = torch.full(shape, num_channels == 2) if is_stereo is None else is_stereo.cpu()
    present = torch.stack([active, active & stereo], dim=-1)[..., :num_channels]
    rows = active.flatten().nonzero().squeeze(-1)
    return Layout(
        rows=rows,
        row_starts=_starts(present.sum(-1).flatten()[rows]),
        places=present.flatten().nonzero().squeeze(-1),
        session_starts=_starts(present.sum((1, 2))),
        is_stereo=stereo.flatten()[rows],
    )


def check_inputs(
    audio: Tensor, parameters: Tensor, sample_rate: int, is_stereo: Tensor | None, is_active: Tensor | None
) -> None:
    """Raise ``ValueError`` or ``TypeError``, naming the argument, unless the batch is one the console can take."""
    if audio.ndim != 4 or audio.shape[2] not in (1, 2) or 0 in audio.shape:
        raise ValueError(f"audio has shape {tuple(audio.shape)}; expected (B, N, C, T), none empty, with C 1 or 2")
    if audio.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"audio is {audio.dtype}; expected float32 or float64 with full scale at 1")
    check_columns(parameters, CHANNEL_PARAMS, "channel parameters")
    if parameters.shape[:-1] != audio.shape[:2]:
        expected = (*audio.shape[:2], len(CHANNEL_PARAMS))
        raise ValueError(f"channel parameters have shape {tuple(parameters.shape)}; expected {expected} for this audio")
    if not 1_000 <= sample_rate <= 1_000_000:
        raise ValueError(f"sample_rate={sample_rate!r}: expected 1000 to 1000000 Hz; kHz?")
    for name, mask in (("is_stereo", is_stereo), ("is_active", is_active)):
        if mask is not None and (mask.dtype != torch.bool or mask.shape != audio.shape[:2]):
            found = f"{mask.dtype} of shape {tuple(mask.shape)}"
            raise ValueError(f"{name} is {found}; expected torch.bool of shape {tuple(audio.shape[:2])}")
    if is_stereo is not None and audio.shape[2] == 1 and bool(is_stereo.any()):
        raise ValueError("is_stereo marks stereo tracks, but the audio has one channel (C = 1)")


def check_rows(rows: Tensor) -> None:
    """Raise ``ValueError``, naming parameter and value, for settings (R, P) that no filter or detector has."""
    found = rows.detach()
    must_be_positive = torch.tensor([param.curve == "log" for param in CHANNEL_PARAMS], device=rows.device)
    is_wrong = ~torch.isfinite(found) | (must_be_positive & (found <= 0.0))
    if bool(is_wrong.any()):
        row, index = is_wrong.nonzero()[0].tolist()
        param = CHANNEL_PARAMS[index]
        value = f"{param.name}={float(found[row, index]):g}"
        raise ValueError(f"{value}: expected {param.range_text}; a position 0..1 that needs from_unit?")


def _starts(counts: Tensor) -> Tensor:
    return torch.cat([counts.new_zeros(1), counts.cumsum(0)])


def _take(values: Tensor, index: Tensor) -> Tensor:
    return values if index.numel() == values.shape[0] else values[index.to(values.device)]
