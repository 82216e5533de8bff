"""What refinement holds of the passages it listens to."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.arrays import FloatArray
from assistant.mix import Track
from assistant.passages import Reader, hear_activity
from assistant.refinement.passages import PASSAGE_S, SHORTEST_S, cut_passages, passage_seconds

RATE = 8_000


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
