"""Batches out of examples: passages and tracks drawn, stems damaged, names withheld, all padded to tensors.

Everything random comes from the generator that is handed in. Without a :class:`Variation` nothing is drawn.

Contents: :class:`Variation`, :class:`Targets`, :func:`vary`, :func:`collate`, :func:`collate_audio`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from assistant.controller.evidence import LEVEL_RANGE_DB, SCALARS, TrackEvidence
from assistant.controller.hearing import Hearing, to_hearing
from assistant.controller.mel import FLOOR_DB, band_centres_hz
from assistant.engineers.filtering import SHARE_REGIONS_HZ, k_weighting_db
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, CHANNEL_PARAMS, REVERB_PARAMS
from assistant.training.damage import Damage, draw_damage, restoring_settings
from assistant.training.damaging import damage_audio, damage_mel
from assistant.training.examples import EXCERPT_RATE, Example

_SCALAR = {name: index for index, name in enumerate(SCALARS)}
_BAND_HZ = band_centres_hz()
_REGIONS = {name: (hz > low) & (hz < high) for hz in [_BAND_HZ] for name, (low, high) in SHARE_REGIONS_HZ.items()}
#: What a damage tells about a finished stem: its mixer's tone and place. Levels are known without, and dynamics are
#: left to the ear: that a finished stem needs no compressor says nothing about raw tracks.
_RESTORED_SECTIONS = frozenset(("eq", "pan"))


@dataclass(frozen=True)
class Variation:
    """How an example is varied each time it is learnt from.

    ``passages`` heard per track; ``least_tracks`` the smallest share of the tracks that stays; ``nameless`` the chance
    that a track's name is withheld; ``damage`` the amount for :func:`draw_damage` (0 none), done to ``damaged`` of the
    tracks; ``noise`` the deviation added to the scalars. ``coloured`` raw tracks get another tone (nothing is to be
    undone: takes and instruments differ); ``misheard`` named ones sound like another track of the session, so that a
    name is believed where the sound is strange.
    """

    passages: int = 3
    least_tracks: float = 0.6
    nameless: float = 0.5
    damage: float = 1.0
    damaged: float = 0.7
    noise: float = 0.1
    coloured: float = 0.0
    misheard: float = 0.0


class Targets(NamedTuple):
    """What is known of a batch: see :class:`Example`; ``has_level`` (B, N), ``has_reverb`` (B,) bool."""

    positions: Tensor
    known: Tensor
    level_db: Tensor
    has_level: Tensor
    roles: Tensor
    reverb: Tensor
    has_reverb: Tensor

    def to(self, device: torch.device) -> Self:
        """The same on ``device``."""
        return type(self)(*(part.to(device) for part in self))


def vary(example: Example, rng: np.random.Generator, variation: Variation) -> Example:
    """``example`` with fewer tracks, other passages, withheld names and damaged tone, as ``variation`` says."""
    count = len(example.tracks)
    least = max(2, int(np.ceil(count * variation.least_tracks)))
    kept = np.sort(rng.choice(count, rng.integers(min(least, count), count + 1), replace=False))
    tracks, positions, known = [], example.positions[kept].copy(), example.known[kept].copy()
    excerpt = example.excerpt[kept].astype(np.float32)
    for row, index in enumerate(kept):
        track = _with_passages(example.tracks[index], rng, variation.passages)
        if example.is_finished:
            amount = variation.damage if rng.random() < variation.damaged else 0.0
            damage = _draw(track, rng, amount, float(example.balance_db[index]))
            track = _damaged(track, damage)
            _restore(damage, positions[row], known[row])
            excerpt[row] = _damaged_excerpt(excerpt[row], track, damage)
        elif rng.random() < variation.coloured:
            track = _damaged(track, Damage(_tone_of(_draw(track, rng, 1.0, 0.0))))
        named = np.zeros_like(track.named) if rng.random() < variation.nameless else track.named
        if rng.random() < variation.misheard and named.any():
            other = _with_passages(example.tracks[int(rng.integers(count))], rng, variation.passages)
            track = replace(track, mel_db=other.mel_db, side=other.side, scalars=other.scalars)
        scalars = track.scalars + rng.normal(0.0, variation.noise, len(track.scalars)).astype(np.float32)
        tracks.append(replace(track, named=named, scalars=scalars))
    return replace(
        example,
        tracks=tuple(tracks),
        positions=positions,
        known=known,
        **{name: getattr(example, name)[kept] for name in ("roles", "level_db", "balance_db", "contribution")},
        excerpt=excerpt.astype(np.float16),
    )


def _with_passages(track: TrackEvidence, rng: np.random.Generator, count: int) -> TrackEvidence:
    there = len(track.mel_db)
    kept = np.sort(rng.choice(there, min(count, there), replace=False))
    return replace(track, mel_db=track.mel_db[kept], side=track.side[kept])


def _draw(track: TrackEvidence, rng: np.random.Generator, amount: float, balance_db: float) -> Damage:
    is_stereo = float(track.scalars[_SCALAR["is_stereo"]]) > 0.0
    return draw_damage(rng, is_stereo, amount, balance_db if is_stereo else 0.0)


def _tone_of(damage: Damage) -> ChannelSettings:
    """The EQ of a damage alone."""
    return ChannelSettings({name: v for name, v in damage.settings.items() if BY_NAME[name].section == "eq"})


def _damaged(track: TrackEvidence, damage: Damage) -> TrackEvidence:
    """The evidence as if the damage had been done to the audio; its loudness is the reference again."""
    before = track.mel_db.astype(np.float32)
    levels = np.where(before > LEVEL_RANGE_DB[0], before, FLOOR_DB)
    after, side = damage_mel(levels, track.side.astype(np.float32)[:, None], damage, _BAND_HZ)
    power = 10.0 ** (after / 10.0)
    mean_side = (side * power).sum(axis=1) / power.sum(axis=1)
    bands = _Bands(*((10.0 ** (db / 10.0)).sum(axis=(0, 1)) for db in (levels, after)))
    width_change = float(mean_side.mean() - track.side.mean())
    return replace(
        track,
        mel_db=np.clip(after - bands.louder_by_db, *LEVEL_RANGE_DB).astype(np.float16),
        side=mean_side.astype(np.float16),
        scalars=_damaged_scalars(track.scalars, damage, bands, width_change),
    )


def _damaged_excerpt(excerpt: np.ndarray, track: TrackEvidence, damage: Damage) -> np.ndarray:
    """The audio (2, X) behind ``damage``; a mono track lies in the first channel. Staging sees to its level."""
    if excerpt.shape[1] == 0:
        return excerpt
    channels = 2 if float(track.scalars[_SCALAR["is_stereo"]]) > 0.0 or damage.collapse else 1
    out = np.zeros_like(excerpt)
    damaged = damage_audio(excerpt[:channels], EXCERPT_RATE, damage)
    out[: len(damaged)] = damaged
    return out


class _Bands(NamedTuple):
    """Power per band (M,) before and after a damage."""

    before: np.ndarray
    after: np.ndarray

    @property
    def louder_by_db(self) -> float:
        """Change of the K-weighted power."""
        weights = 10.0 ** (k_weighting_db(tuple(_BAND_HZ.tolist())) / 10.0)
        return float(10.0 * np.log10(weights @ self.after / (weights @ self.before)))


def _damaged_scalars(scalars: np.ndarray, damage: Damage, bands: _Bands, width_change: float) -> np.ndarray:
    """The numbers beside the passages behind ``damage``, in the scales of ``SCALARS``.

    Crest and deviation follow the expansion roughly: both are differences of levels, the crest over about 6 dB of
    what the ratio stretches.
    """
    changed, ratio, pan = scalars.copy(), damage.expand_ratio, damage.settings["pan"]
    changed[_SCALAR["crest"]] += ratio - 1.0
    changed[_SCALAR["dynamics"]] = (changed[_SCALAR["dynamics"]] + 1.5) * ratio - 1.5
    changed[_SCALAR["width"]] += 4.0 * width_change
    changed[_SCALAR["low_width"]] += 4.0 * width_change
    lean_db = 20.0 * np.log10(min(1.0, 1.0 + pan) / min(1.0, 1.0 - pan))
    changed[_SCALAR["balance"]] = np.clip(changed[_SCALAR["balance"]] + lean_db / 6.0, -2.0, 2.0)
    for name, inside in _REGIONS.items():
        scale = 2.0 if name == "low_share" else 4.0
        share = (changed[_SCALAR[name.removesuffix("_share")]] + 0.5) / scale
        share *= bands.after[inside].sum() / max(float(bands.before[inside].sum()), 1e-12)
        changed[_SCALAR[name.removesuffix("_share")]] = scale * min(1.0, share) - 0.5
    octaves = np.average(np.log2(_BAND_HZ), weights=bands.after) - np.average(np.log2(_BAND_HZ), weights=bands.before)
    changed[_SCALAR["centroid"]] += octaves / 2.0
    if damage.collapse:
        changed[_SCALAR["is_stereo"]] = -1.0
        changed[_SCALAR["width"]], changed[_SCALAR["low_width"]], changed[_SCALAR["balance"]] = -1.0, -0.5, 0.0
    return changed


def _restore(damage: Damage, positions: np.ndarray, known: np.ndarray) -> None:
    """Write the settings that undo ``damage`` into one track's row; its level is known elsewhere."""
    restoring = restoring_settings(damage)
    for index, param in enumerate(CHANNEL_PARAMS):
        if param.name in restoring and param.section in _RESTORED_SECTIONS:
            positions[index] = param.to_unit(restoring[param.name])
            known[index] = True


def collate(examples: Sequence[Example]) -> tuple[Hearing, Targets]:
    """The examples as one padded batch; every track is heard through all the passages it has."""
    shape = (len(examples), max(len(e.tracks) for e in examples))
    targets = Targets(
        positions=torch.zeros(*shape, len(CHANNEL_PARAMS)),
        known=torch.zeros(*shape, len(CHANNEL_PARAMS), dtype=torch.bool),
        level_db=torch.zeros(shape),
        has_level=torch.zeros(shape, dtype=torch.bool),
        roles=torch.full(shape, -1),
        reverb=torch.zeros(len(examples), len(REVERB_PARAMS)),
        has_reverb=torch.zeros(len(examples), dtype=torch.bool),
    )
    for row, example in enumerate(examples):
        count = len(example.tracks)
        targets.positions[row, :count] = torch.from_numpy(example.positions)
        targets.known[row, :count] = torch.from_numpy(example.known)
        targets.level_db[row, :count] = torch.from_numpy(np.nan_to_num(example.level_db))
        targets.has_level[row, :count] = torch.from_numpy(np.isfinite(example.level_db))
        targets.roles[row, :count] = torch.from_numpy(example.roles)
        targets.reverb[row] = torch.from_numpy(np.nan_to_num(example.reverb))
        targets.has_reverb[row] = bool(np.isfinite(example.reverb).all())
    return to_hearing([example.tracks for example in examples]), targets


def collate_audio(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """The excerpts (B, N, 2, X), padded with silent tracks, and the mixes (B, 2, X) to come close to; float32."""
    shape = (len(examples), max(len(e.tracks) for e in examples), *examples[0].excerpt.shape[1:])
    audio = torch.zeros(shape)
    for row, example in enumerate(examples):
        audio[row, : len(example.tracks)] = torch.from_numpy(np.asarray(example.excerpt, np.float32))
    mixes = [torch.from_numpy(e.contribution.astype(np.float32)).sum(0) for e in examples]
    return audio, torch.stack(mixes)
