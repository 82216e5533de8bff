"""Which passages of a session are listened to."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from assistant.passages import choose_covering_passages, choose_passages

MOST = 4
NO_LEAD = np.zeros(3, np.bool_)


def cells(*spans: tuple[int, int], length: int = 200) -> np.ndarray:
    """One row per span of active cells."""
    out = np.zeros((len(spans), length), np.bool_)
    for row, (first, last) in zip(out, spans, strict=True):
        row[first:last] = True
    return out


def test_the_busiest_passage_is_chosen_and_then_what_is_missing() -> None:
    starts = choose_passages(cells((0, 60), (40, 60), (100, 110)), NO_LEAD, 5.0, MOST)
    assert len(starts) <= MOST
    assert any(20.0 <= start <= 25.0 for start in starts)
    assert 50.0 in starts
    assert all(b - a >= 5.0 for a, b in pairwise(starts))


def test_the_lead_is_in_every_passage() -> None:
    activity = cells((0, 200), (0, 200), (100, 150))
    starts = choose_passages(activity, np.array([False, False, True]), 5.0, MOST)
    assert len(starts) == MOST
    assert all(50.0 <= start <= 70.0 for start in starts)


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose_passages(np.zeros((3, 0), np.bool_), NO_LEAD, 5.0, MOST) == []
    assert choose_passages(np.zeros((3, 50), np.bool_), NO_LEAD, 5.0, MOST) == []


def test_the_order_of_the_tracks_does_not_matter() -> None:
    activity = np.random.default_rng(0).random((12, 300)) > 0.5
    is_lead = np.arange(12) == 3
    order = np.random.default_rng(1).permutation(12)
    assert choose_passages(activity, is_lead, 5.0, MOST) == choose_passages(activity[order], is_lead[order], 5.0, MOST)


def test_passages_keep_clear_of_those_taken() -> None:
    assert choose_passages(cells((0, 20)), np.zeros(1, np.bool_), 5.0, MOST, taken=[2.0]) == [7.0]


def test_every_track_is_covered() -> None:
    activity = cells((0, 200), (0, 200), (0, 200), (20, 22), (90, 95), (150, 190), (198, 200))
    usual = choose_passages(activity, np.zeros(7, np.bool_), 5.0, 2)
    starts = choose_covering_passages(activity, 5.0, 2, 8)
    assert set(usual) < set(starts)
    assert all(b - a >= 5.0 for a, b in pairwise(starts))
    for row in activity:
        heard = max(row[round(2 * s) : round(2 * s) + 10].sum() for s in starts)
        assert heard >= min(2.5, row.sum())


def test_no_more_passages_than_allowed() -> None:
    activity = cells(*((10 * i, 10 * i + 4) for i in range(20)))
    assert len(choose_covering_passages(activity, 2.0, 4, 6)) == 6
