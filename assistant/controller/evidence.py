"""What the controller hears of a track: log-mel passages, a few level-free numbers, when it plays, what it is called.

A track is heard through up to eight passages of 2.56 s, spread evenly over the time in which it plays, wherever in the
song that is. All levels are relative to the track's own gated loudness: its gain does not matter.

Contents: :class:`TrackEvidence`, :func:`gather_evidence`, :func:`choose_passages`; ``SCALARS`` names the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.listening import ACTIVITY_CELL_S, TrackFeatures
from assistant.arrays import FloatArray
from assistant.controller.mel import FLOOR_DB, FRAME_S, HOP_S, mel_frames
from assistant.engineers.role_names import role_from_name
from assistant.engineers.role_table import ROLES

PASSAGES, PASSAGE_FRAMES = 8, 128
PASSAGE_S = (PASSAGE_FRAMES - 1) * HOP_S + FRAME_S
#: Levels are kept inside this range in dB relative to the track's loudness.
LEVEL_RANGE_DB = (-80.0, 20.0)

#: The level-free numbers beside the passages, each brought to about -2..2.
SCALARS: dict[str, Callable[[TrackFeatures], float]] = {
    "active_ratio": lambda f: 2.0 * f.active_ratio - 0.5,
    "active_octaves": lambda f: math.log2(max(f.active_ratio, 0.002)) / 3.0 + 1.0,
    "crest": lambda f: (f.crest_db - 18.0) / 6.0,
    "dynamics": lambda f: (f.dynamics_db - 3.0) / 2.0,
    "percussiveness": lambda f: 2.0 * f.percussiveness - 1.0,
    "harmonicity": lambda f: 2.0 * f.harmonicity - 1.0,
    "low": lambda f: 2.0 * f.low_share - 0.5,
    "mud": lambda f: 4.0 * f.mud_share - 0.5,
    "harsh": lambda f: 4.0 * f.harsh_share - 0.5,
    "sibilance": lambda f: 4.0 * f.sibilance_share - 0.5,
    "air": lambda f: 4.0 * f.air_share - 0.5,
    "centroid": lambda f: math.log2(max(f.centroid_hz, 20.0) / 800.0) / 2.0,
    "low_edge": lambda f: math.log2((f.low_edge_hz + 10.0) / 100.0) / 2.0,
    "onsets": lambda f: math.log2(0.2 + f.onset_rate_hz) / 2.0,
    "has_pitch": lambda f: 1.0 if f.pitch_hz > 0.0 else -1.0,
    "pitch": lambda f: math.log2(f.pitch_hz / 200.0) / 1.5 if f.pitch_hz > 0.0 else 0.0,
    "low_pitch": lambda f: math.log2(f.pitch_low_hz / 200.0) / 1.5 if f.pitch_low_hz > 0.0 else 0.0,
    "is_stereo": lambda f: 1.0 if f.is_stereo else -1.0,
    "width": lambda f: 4.0 * f.width - 1.0,
    "low_width": lambda f: 4.0 * f.low_width - 0.5,
    "balance": lambda f: max(-2.0, min(2.0, f.balance_db / 6.0)),
}


@dataclass(frozen=True)
class TrackEvidence:
    """One audible track as the controller hears it.

    ``mel_db`` (K, 128, 64) dB relative to the track's loudness, ``side`` (K, 64) side shares 0..1, K passages at
    ``passages_s`` (start, end in seconds of the track); ``scalars`` (S,) in the order of ``SCALARS``; ``named``
    (R,) what the name says for each of ``ROLES``, 0..1, all 0 where it says nothing; ``activity`` one truth value per
    half second of the session in which the track plays.
    """

    mel_db: NDArray[np.float16]
    side: NDArray[np.float16]
    passages_s: tuple[tuple[float, float], ...]
    scalars: NDArray[np.float32]
    named: NDArray[np.float32]
    activity: NDArray[np.bool_]


def gather_evidence(
    audio: FloatArray,
    sample_rate: int,
    features: TrackFeatures,
    name: str = "",
    start_s: float = 0.0,
    most_passages: int = PASSAGES,
) -> TrackEvidence:
    """The evidence of an audible track: ``audio`` (C, T) and its ``features``; ``start_s`` its place in the session."""
    starts_s = choose_passages(features, most_passages)
    heard = [_passage(audio, sample_rate, start, features.loudness_lufs) for start in starts_s]
    lead_in = round(start_s / ACTIVITY_CELL_S)
    return TrackEvidence(
        mel_db=np.stack([levels for levels, _ in heard]).astype(np.float16),
        side=np.stack([side for _, side in heard]).astype(np.float16),
        passages_s=tuple((s, min(s + PASSAGE_S, features.duration_s)) for s in starts_s),
        scalars=np.array([value(features) for value in SCALARS.values()], np.float32),
        named=name_evidence(name),
        activity=np.concatenate([np.zeros(lead_in, np.bool_), features.activity]),
    )


def name_evidence(name: str) -> NDArray[np.float32]:
    """What ``name`` says for each of ``ROLES``, (R,) 0..1."""
    said = role_from_name(name)
    return np.array([said.get(role.name, 0.0) for role in ROLES], np.float32)


def choose_passages(features: TrackFeatures, most: int = PASSAGES) -> list[float]:
    """Where to listen: up to ``most`` starts in seconds, spread over the cells in which the track plays.

    They do not overlap, so a short track gets fewer, at least one.
    """
    cells = np.flatnonzero(features.activity)
    wanted = cells[((np.arange(most) + 0.5) / most * len(cells)).astype(int)] * ACTIVITY_CELL_S
    latest = max(0.0, features.duration_s - PASSAGE_S)
    starts: list[float] = []
    for start in wanted.tolist():
        start = min(start, latest)
        if not starts or start >= starts[-1] + PASSAGE_S:
            starts.append(start)
    return starts


def _passage(
    audio: FloatArray, sample_rate: int, start_s: float, loudness_lufs: float
) -> tuple[FloatArray, FloatArray]:
    """Levels (128, 64) and side shares (64,) of the passage at ``start_s``; what lies past the end is silence."""
    length = round(FRAME_S * sample_rate) + (PASSAGE_FRAMES - 1) * round(HOP_S * sample_rate)
    first = round(start_s * sample_rate)
    piece = audio[:, first : first + length]
    if piece.shape[1] < length:
        piece = np.pad(piece, ((0, 0), (0, length - piece.shape[1])))
    levels_db, side = mel_frames(piece, sample_rate)
    power = 10.0 ** (levels_db / 10.0)
    side = (side * power).sum(axis=0) / power.sum(axis=0)
    levels_db = np.where(levels_db > FLOOR_DB, levels_db - loudness_lufs, LEVEL_RANGE_DB[0])
    return np.clip(levels_db, *LEVEL_RANGE_DB), side


def overlaps(activities: list[NDArray[np.bool_]]) -> NDArray[np.float32]:
    """(N, N): the share of track i's time in which track j plays too; the diagonal is 1."""
    length = max((len(a) for a in activities), default=0)
    plays = np.zeros((len(activities), length), np.float32)
    for row, activity in zip(plays, activities, strict=True):
        row[: len(activity)] = activity
    return np.asarray(plays @ plays.T / np.maximum(plays.sum(axis=1, keepdims=True), 1.0), np.float32)
