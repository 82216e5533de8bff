"""Parameter sensitivities: what a small move of each setting does to figures that a musician knows, from gradients.

A figure of one track depends on that track's settings alone, so the gradient of the sum over all tracks holds the
derivatives of all of them: one backward pass per quantity, however many tracks. The console is the one that refinement
descends through; tracks that are mono go through its own pan law.

Contents: :func:`find_sensitivities` of one passage, :func:`find_sensitivities_throughout` of a song's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from assistant.analysis.reference import BANDS_HZ
from assistant.analysis.sensitivities import BRIGHT_HZ, LOW_HZ, QUANTITIES, Sensitivities, small_step
from assistant.arrays import FloatArray
from assistant.console.channel import output_matrices, process_signals
from assistant.console.parameters import pack_settings
from assistant.mix import Mix
from assistant.params import CHANNEL_NAMES, CHANNEL_PARAMS, PAN_LAWS, REVERB_PARAMS
from assistant.refinement.goals import GOALS, VOICE, cast_of, lead_over_rest
from assistant.refinement.passages import Passage
from assistant.refinement.rendering import FRAME_S, LEAD_IN_S, Levels, prepare, render
from assistant.tasks import Cancelled, IsCancelled

#: How much of a piece is heard, with the lead-in: its end; less where more tracks than this share the memory.
HEARD_S, SHORTEST_S, _FULL_TRACKS = 2.8, 1.2, 40
#: A part of a track, or one of its sides, that holds less than this share of its power is not spoken of.
_LEAST_SHARE = 1e-4
#: Mean power up to this is silence, and sums of powers are held above this.
_SILENCE, _FLOOR = 1e-10, 1e-30
#: At the very centre the balance of a stereo track has two slopes; the one to the right is taken.
_OFF_CENTRE = 1e-9
#: As how many tracks a lead vocal counts when passages are chosen.
_VOICE_WEIGHT = 4


@dataclass(frozen=True)
class _Figures:
    """One quantity: ``values`` (N,) of each track, of which ``counts`` (N,) bool; or (1,), of the mix."""

    quantity: str
    values: Tensor
    counts: Tensor


def find_sensitivities(
    pieces: Mapping[str, FloatArray | None],
    mix: Mix,
    sample_rate: int,
    is_cancelled: IsCancelled = lambda: False,
    pan_law: str = PAN_LAWS[0],
) -> Sensitivities:
    """The sensitivities of every channel of ``mix`` in one passage.

    ``pieces`` holds each channel's track there, (C, T) of one length at ``sample_rate`` Hz, None where it is silent. At
    most the last ``HEARD_S`` seconds are heard, of which the first ``LEAD_IN_S`` let compressors and reverb settle.
    Takes some 0.12 s of processor time and 30 MB per track.
    Raises ``ValueError`` for a channel without a piece and for pieces that are too short or not of one length, and
    :class:`Cancelled`.
    """
    names = [channel.name for channel in mix.channels]
    changes = np.full((len(names), len(CHANNEL_NAMES), len(QUANTITIES)), np.nan)
    heard_s = max(SHORTEST_S, HEARD_S * min(1.0, _FULL_TRACKS / max(1, len(names))))
    passage = _passage([_piece(pieces, name, sample_rate, heard_s) for name in names], pan_law)
    if passage is not None:
        settings = _centred(pack_settings([c.settings for c in mix.channels], dtype=torch.float64), passage)
        values = settings.requires_grad_()
        for figures in _measure(passage, values, mix, sample_rate):
            if is_cancelled():
                raise Cancelled("cancelled while finding sensitivities")
            changes[:, :, list(QUANTITIES).index(figures.quantity)] = _slopes(figures, values, passage)
    return Sensitivities({c.name: c.settings for c in mix.channels}, changes * _steps(mix)[:, :, None])


def find_sensitivities_throughout(
    pieces: Mapping[str, Sequence[FloatArray | None]],
    mix: Mix,
    sample_rate: int,
    is_cancelled: IsCancelled = lambda: False,
    pan_law: str = PAN_LAWS[0],
) -> Sensitivities:
    """As :func:`find_sensitivities`, in as many passages as it takes to hear every track that has sound.

    ``pieces`` holds each track's piece of every passage. What is found first stands: passages with many tracks not yet
    heard, and with a lead vocal, come first.
    """
    settings = {channel.name: channel.settings for channel in mix.channels}
    voices = {channel.name for channel in mix.channels if channel.role == VOICE}
    changes = np.full((len(settings), len(CHANNEL_NAMES), len(QUANTITIES)), np.nan)
    sounding = _sounding(pieces)
    while sounding:
        unheard = {name for name, row in zip(settings, changes, strict=True) if np.isnan(row).all()}
        worth = {i: _worth(names, unheard, voices) for i, names in sounding.items()}
        passage = max(worth, key=worth.__getitem__)
        if not sounding.pop(passage) & unheard:
            break
        here = {name: of_track[passage] for name, of_track in pieces.items()}
        found = find_sensitivities(here, mix, sample_rate, is_cancelled, pan_law)
        changes = np.where(np.isnan(changes), found.changes, changes)
    return Sensitivities(settings, changes)


def _sounding(pieces: Mapping[str, Sequence[FloatArray | None]]) -> dict[int, set[str]]:
    """The tracks that have a piece in each passage."""
    count = max((len(of_track) for of_track in pieces.values()), default=0)
    return {i: {name for name, of_track in pieces.items() if of_track[i] is not None} for i in range(count)}


def _worth(sounding: set[str], unheard: set[str], voices: set[str]) -> tuple[int, int]:
    """How much a passage would add to what was heard, then how much there is in it."""
    return len(sounding & unheard) + _VOICE_WEIGHT * bool(sounding & unheard & voices), len(sounding)


def _piece(pieces: Mapping[str, FloatArray | None], name: str, sample_rate: int, heard_s: float) -> FloatArray | None:
    """The last ``heard_s`` of the track's piece; None where it is silent."""
    if name not in pieces:
        raise ValueError(f"the mix has a channel {name!r}, but there is no piece of such a track")
    piece = pieces[name]
    if piece is None:
        return None
    if piece.shape[1] < (LEAD_IN_S + FRAME_S) * sample_rate:
        seconds = piece.shape[1] / sample_rate
        raise ValueError(f"{name}: a piece of {seconds:.2f} s; expected {LEAD_IN_S + FRAME_S:g} s or more")
    heard = piece[:, -round(heard_s * sample_rate) :]
    return heard if np.mean(np.square(heard), dtype=np.float64) > _SILENCE else None


def _passage(pieces: Sequence[FloatArray | None], pan_law: str) -> Passage | None:
    """The pieces that sound; None where none does."""
    present = [i for i, piece in enumerate(pieces) if piece is not None]
    rows = [torch.from_numpy(np.ascontiguousarray(piece)) for piece in pieces if piece is not None]
    lengths = {row.shape[1] for row in rows}
    if len(lengths) > 1:
        raise ValueError(f"pieces of {', '.join(map(str, sorted(lengths)))} samples; expected one length")
    starts = torch.tensor(np.cumsum([0, *(len(row) for row in rows)]))
    return Passage(0.0, torch.tensor(present), torch.cat(rows), starts, pan_law) if rows else None


def _centred(values: Tensor, passage: Passage) -> Tensor:
    """Settings (N, P) with stereo tracks that stand in the centre a hair to its right."""
    pan = CHANNEL_NAMES.index("pan")
    stereo = passage.tracks[passage.is_stereo]
    values[stereo, pan] = torch.where(values[stereo, pan] == 0.0, _OFF_CENTRE, values[stereo, pan])
    return values


def _steps(mix: Mix) -> np.ndarray:
    """Small moves (N, P)."""
    rows = [[small_step(param, c.settings[param.name]) for param in CHANNEL_PARAMS] for c in mix.channels]
    return np.array(rows).reshape(-1, len(CHANNEL_PARAMS))


def _slopes(figures: _Figures, values: Tensor, passage: Passage) -> np.ndarray:
    """Derivatives (N, P) of one quantity; NaN for tracks that do not sound or do not count."""
    out = np.full(values.shape, np.nan)
    counts = torch.zeros(len(values), dtype=torch.bool)
    counts[passage.tracks] = True
    counts &= figures.counts
    if bool(counts.any()):
        total = (figures.values * figures.counts).sum()
        (grad,) = torch.autograd.grad(total, values, retain_graph=True)
        out[counts.numpy()] = grad[counts].numpy()
    return out


def _measure(passage: Passage, values: Tensor, mix: Mix, sample_rate: int) -> Iterator[_Figures]:
    """All quantities at settings ``values`` (N, P), as functions of these."""
    yield _balance(passage, values, sample_rate)
    everything = torch.ones(len(values), dtype=torch.bool)
    bus = pack_settings([mix.reverb], REVERB_PARAMS, torch.float64)
    levels = render(prepare(passage, values.detach(), everything, sample_rate), values, bus)
    powers = levels.tracks.sum(dim=1)
    yield _Figures("loudness", _db(powers[:, -1]), everything)
    yield _share("brightness", powers, _bands(BRIGHT_HZ, math.inf))
    yield _share("low_end", powers, _bands(0.0, LOW_HZ))
    yield from _of_mix([channel.role for channel in mix.channels], levels)


def _of_mix(roles: Sequence[str], levels: Levels) -> Iterator[_Figures]:
    cast = cast_of(roles, Levels(*(part.detach() for part in levels.parts())))
    masking, tone, always = GOALS["masking"], GOALS["tone"], torch.tensor([True])
    if not masking.missing(cast):
        yield _Figures("lead", lead_over_rest(levels, cast)[None], always)
        yield _Figures("masking", masking.measure(levels, cast)[None], always)
    if not tone.missing(cast):
        yield _Figures("tone", tone.measure(levels, cast)[None], always)
    yield _share("mix_brightness", levels.mix.sum(dim=0, keepdim=True), _bands(BRIGHT_HZ, math.inf))


def _share(quantity: str, powers: Tensor, wanted: Tensor) -> _Figures:
    """Level of the ``wanted`` (K,) bool third octaves of ``powers`` (N, K + 1) over that of all of them."""
    bands = powers[:, :-1].double()
    part, whole = bands[:, wanted].sum(dim=1), bands.sum(dim=1)
    return _Figures(quantity, _db(part) - _db(whole), part > _LEAST_SHARE * whole)


def _bands(low_hz: float, high_hz: float) -> Tensor:
    """The third octaves (K,) bool from ``low_hz`` to ``high_hz``, both ends with them."""
    return torch.tensor([low_hz * 0.99 <= hz <= high_hz * 1.01 for hz in BANDS_HZ])


def _balance(passage: Passage, values: Tensor, sample_rate: int) -> _Figures:
    """Right over left of each track's output, in dB; of a mono track it is the panner's alone."""
    rows, stereo = values[passage.tracks], passage.is_stereo
    matrices = output_matrices(rows, stereo, passage.pan_law)
    powers = matrices[:, :, 0].square()
    if bool(stereo.any()):
        own = stereo[torch.repeat_interleave(passage.row_starts.diff())]
        starts = 2 * torch.arange(int(stereo.sum()) + 1)
        done = process_signals(passage.signals[own], starts, rows[stereo], sample_rate)
        pairs = done[:, round(LEAD_IN_S * sample_rate) :].unflatten(0, (-1, 2))
        sides = (matrices[stereo].to(pairs.dtype) @ pairs).square().sum(dim=2)
        powers = powers.index_copy(0, stereo.nonzero().squeeze(-1), sides.double())
    left, right = powers.new_zeros(len(values), 2).index_copy(0, passage.tracks, powers).unbind(dim=1)
    counts = torch.minimum(left, right) > _LEAST_SHARE * (left + right)
    return _Figures("balance", _db(right) - _db(left), counts)


def _db(power: Tensor) -> Tensor:
    return 10.0 * torch.log10(power.clamp(min=_FLOOR))
