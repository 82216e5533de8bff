"""Which passages are listened to, and what is held of them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.refinement.passages import (
    NUM_PASSAGES,
    PASSAGE_S,
    SHORTEST_S,
    Reader,
    choose_passages,
    cut_passages,
    hear_activity,
    passage_seconds,
)

RATE = 8_000
NO_LEAD = np.zeros(3, np.bool_)


def cells(*spans: tuple[int, int], length: int = 200) -> np.ndarray:
    """One row per span of active cells."""
    out = np.zeros((len(spans), length), np.bool_)
    for row, (first, last) in zip(out, spans, strict=True):
        row[first:last] = True
    return out


def test_the_busiest_passage_is_chosen_and_then_what_is_missing() -> None:
    starts = choose_passages(cells((0, 60), (40, 60), (100, 110)), NO_LEAD, 5.0)
    assert len(starts) <= NUM_PASSAGES
    assert any(20.0 <= start <= 25.0 for start in starts)
    assert 50.0 in starts
    assert all(b - a >= 5.0 for a, b in pairwise(starts))


def test_the_lead_is_in_every_passage() -> None:
    activity = cells((0, 200), (0, 200), (100, 150))
    starts = choose_passages(activity, np.array([False, False, True]), 5.0)
    assert len(starts) == NUM_PASSAGES
    assert all(50.0 <= start <= 70.0 for start in starts)


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose_passages(np.zeros((3, 0), np.bool_), NO_LEAD, 5.0) == []
    assert choose_passages(np.zeros((3, 50), np.bool_), NO_LEAD, 5.0) == []


def test_the_order_of_the_tracks_does_not_matter() -> None:
    activity = np.random.default_rng(0).random((12, 300)) > 0.5
    is_lead = np.arange(12) == 3
    order = np.random.default_rng(1).permutation(12)
    assert choose_passages(activity, is_lead, 5.0) == choose_passages(activity[order], is_lead[order], 5.0)


@pytest.mark.parametrize(("tracks", "seconds"), [(1, PASSAGE_S), (40, PASSAGE_S), (80, 2.5), (200, SHORTEST_S)])
def test_many_tracks_get_shorter_passages(tracks: int, seconds: float) -> None:
    assert passage_seconds(tracks) == seconds


def loader(track: Track, _rate: int) -> FloatArray:
    return np.asarray(track.audio, np.float32)


def test_passages_lie_on_the_sessions_time_line() -> None:
    ramp = np.arange(1, 4 * RATE + 1, dtype=np.float32)[None] / (4 * RATE)
    tracks = [
        Track("late", audio=ramp, channels=1, sample_rate=RATE, num_samples=4 * RATE, start_s=2.0),
        Track("stereo", audio=np.concatenate([ramp, -ramp]), sample_rate=RATE, num_samples=4 * RATE),
        Track("dead", audio=np.zeros((1, RATE), np.float32), channels=1, sample_rate=RATE, num_samples=RATE),
    ]
    heard: list[tuple[int, str]] = []
    reader = Reader(loader, RATE)
    activity = hear_activity(tracks, reader, lambda count, track: heard.append((count, track.name)))
    assert heard == [(1, "late"), (2, "stereo"), (3, "dead")]
    assert activity.shape == (3, 12)
    assert not activity[2].any()
    assert not activity[0, :4].any()
    assert activity[0, 11]
    first, last = cut_passages(tracks, reader, [1.0, 4.0], 2.0, lambda _count, _track: None)
    assert first.tracks.tolist() == [0, 1]
    assert first.is_stereo.tolist() == [False, True]
    assert first.signals.shape == (3, 2 * RATE)
    np.testing.assert_array_equal(first.signals[0, :RATE], 0.0)
    np.testing.assert_array_equal(first.signals[0, RATE:], ramp[0, :RATE])
    np.testing.assert_array_equal(first.signals[2], -ramp[0, RATE : 3 * RATE])
    assert last.tracks.tolist() == [0]
