"""What deserves to be looked at first: tracks in order of how much is wrong with them, and why, in a few words.

Contents: :class:`Concern`, :func:`concerns`, :func:`most_covered`, :func:`by_family`, :class:`Cover` and
:func:`worst_covers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.analysis.masking import Masking
from assistant.engineers.role_table import FAMILIES
from assistant.insight.values import Card, Insight
from assistant.mix import Mix
from assistant.report.plotting import family

#: What one point of concern is: the worst observation, 12 dB covered, a change held back, a role that is a guess.
_COVERED_DB_PER_POINT = 12.0
_MOST_COVERED_POINTS = 1.0
_WITHHELD_POINTS = 0.3
_DOUBT_POINTS = 0.3
_SURE_ROLE = 0.5
#: A track covered by this much has lost three quarters of what it sends.
_MUCH_COVERED_DB = 6.0


@dataclass(frozen=True)
class Concern:
    """One track's card, how much about it wants looking at, and what that is, in words."""

    card: Card
    points: float
    words: tuple[str, ...]


def concerns(insight: Insight) -> list[Concern]:
    """Every card's :class:`Concern`, worst first; among equals in the order of the mix."""
    masking = insight.verification.after.masking
    covered = dict(zip(masking.names, masking.by_all_db.tolist(), strict=True))
    severity: dict[str, float] = {}
    for observation in insight.observations:
        for track in observation.tracks:
            severity[track] = max(severity.get(track, 0.0), observation.severity)
    found = [_concern(card, severity.get(card.name, 0.0), covered.get(card.name, 0.0)) for card in insight.cards]
    return sorted(found, key=lambda concern: -concern.points)


def _concern(card: Card, severity: float, covered_db: float) -> Concern:
    withheld = sum(reason.standing == "withheld" for reason in card.reasons)
    is_guess = bool(card.new.role) and card.new.role_confidence < _SURE_ROLE
    points = severity + min(covered_db / _COVERED_DB_PER_POINT, _MOST_COVERED_POINTS)
    points += _WITHHELD_POINTS * bool(withheld) + _DOUBT_POINTS * is_guess
    words = (
        *(["problem"] if severity > 0.0 else []),
        *([f"covered {covered_db:.0f} dB"] if covered_db >= _MUCH_COVERED_DB else []),
        *([f"{withheld} held back"] if withheld else []),
        *(["role is a guess"] if is_guess else []),
    )
    return Concern(card, points, words)


def most_covered(masking: Masking) -> list[int]:
    """Rows of ``masking``, the most covered first."""
    return [int(n) for n in np.argsort(-masking.by_all_db, kind="stable")]


def by_family(mix: Mix) -> list[int]:
    """Places of the mix's channels, family by family and otherwise in order."""
    return sorted(range(len(mix.channels)), key=lambda n: FAMILIES.index(family(mix.channels[n])))


@dataclass(frozen=True)
class Cover:
    """``track`` is covered by ``other``, by ``before_db`` and ``after_db``, most in ``band_hz`` at ``time_s``."""

    track: str
    other: str
    before_db: float
    after_db: float
    band_hz: float | None
    time_s: float | None


def worst_covers(before: Masking, after: Masking, most: int) -> list[Cover]:
    """The ``most`` pairs of which one covers the other most in the mix after, worst first."""
    pairs = np.argsort(-after.covered_db, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(pairs, after.covered_db.shape)
    found = [_cover(before, after, int(r), int(c)) for r, c in zip(rows, columns, strict=True)]
    return [cover for cover in found if cover.after_db > 0.0]


def _cover(before: Masking, after: Masking, row: int, column: int) -> Cover:
    band, cell = int(after.worst_band[row, column]), int(after.worst_cell[row, column])
    return Cover(
        after.names[row],
        after.names[column],
        float(before.covered_db[row, column]),
        float(after.covered_db[row, column]),
        after.bands_hz[band] if band >= 0 else None,
        float(after.cells_s[cell]) if cell >= 0 else None,
    )
