"""Evidence as tensors: sessions of any number of tracks, padded to one batch.

Shapes: B sessions, N tracks, K passages, F frames, M mel bands, S scalars, R roles.

Contents: :class:`Hearing`, :func:`to_hearing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor

from assistant.controller.evidence import LEVEL_RANGE_DB, PASSAGE_FRAMES, SCALARS, TrackEvidence, overlaps
from assistant.controller.mel import BANDS
from assistant.engineers.role_table import ROLES


class Hearing(NamedTuple):
    """A padded batch of evidence.

    ``mel_db`` (B, N, K, F, M), ``side`` (B, N, M) mean side share per band, ``has_passage`` (B, N, K) bool,
    ``scalars`` (B, N, S), ``named`` (B, N, R), ``overlap`` (B, N, N), ``is_active`` (B, N) bool, False for padding.
    """

    mel_db: Tensor
    side: Tensor
    has_passage: Tensor
    scalars: Tensor
    named: Tensor
    overlap: Tensor
    is_active: Tensor

    def to(self, device: torch.device) -> Self:
        """The same on ``device``."""
        return type(self)(*(part.to(device) for part in self))


def to_hearing(sessions: Sequence[Sequence[TrackEvidence]]) -> Hearing:
    """A batch of ``sessions``, each the evidence of its audible tracks; every one must have at least one."""
    tracks = max(len(session) for session in sessions)
    passages = max(len(track.mel_db) for session in sessions for track in session)
    shape = (len(sessions), tracks)
    hearing = Hearing(
        mel_db=torch.full((*shape, passages, PASSAGE_FRAMES, BANDS), LEVEL_RANGE_DB[0]),
        side=torch.zeros(*shape, BANDS),
        has_passage=torch.zeros(*shape, passages, dtype=torch.bool),
        scalars=torch.zeros(*shape, len(SCALARS)),
        named=torch.zeros(*shape, len(ROLES)),
        overlap=torch.zeros(len(sessions), tracks, tracks),
        is_active=torch.zeros(*shape, dtype=torch.bool),
    )
    for row, session in enumerate(sessions):
        _write_session(hearing, row, session)
    return hearing


def _write_session(hearing: Hearing, row: int, session: Sequence[TrackEvidence]) -> None:
    count = len(session)
    hearing.overlap[row, :count, :count] = torch.from_numpy(overlaps([track.activity for track in session]))
    hearing.is_active[row, :count] = True
    for column, track in enumerate(session):
        heard = len(track.mel_db)
        hearing.mel_db[row, column, :heard] = torch.from_numpy(track.mel_db.astype(np.float32))
        hearing.has_passage[row, column, :heard] = True
        hearing.side[row, column] = torch.from_numpy(track.side.astype(np.float32).mean(axis=0))
        hearing.scalars[row, column] = torch.from_numpy(track.scalars)
        hearing.named[row, column] = torch.from_numpy(track.named)
