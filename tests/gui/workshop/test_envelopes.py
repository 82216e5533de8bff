"""Envelopes are RMS in steps of the session's time line, wherever on it a track begins."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.mix import Session, Track
from gui.workshop.envelopes import STEP_S, Envelopes, envelope

RATE = 44_100


@pytest.mark.parametrize("start_s", [0.0, 0.013, STEP_S, 0.4213])
@pytest.mark.parametrize("length", [1, 900, 2205, 10_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_an_envelope_is_rms_per_step(start_s: float, length: int, channels: int) -> None:
    audio = np.random.default_rng(2).standard_normal((channels, length)).astype(np.float32)
    size, first = round(STEP_S * RATE), round(start_s * RATE)
    count = -(-(first + length) // size)
    padded = np.zeros((channels, count * size))
    padded[:, first : first + length] = audio
    expected = np.sqrt(np.square(padded).reshape(channels, count, size).mean(axis=(0, 2)))
    np.testing.assert_allclose(envelope(audio, RATE, start_s), expected, rtol=1e-4, atol=1e-7)


def test_tracks_lie_side_by_side() -> None:
    long, short = np.ones((2, RATE), np.float32), np.full((1, RATE // 2), 0.5, np.float32)
    tracks = (
        Track("long", audio=long, channels=2, sample_rate=RATE, num_samples=RATE),
        Track("short", audio=short, channels=1, sample_rate=RATE, num_samples=RATE // 2),
    )
    envelopes = Envelopes(lambda track, rate: track.audio)
    for track in tracks:
        assert envelopes(track, RATE) is track.audio
    overview = envelopes.overview(Session(tracks, RATE))
    assert overview.names == ("long", "short")
    np.testing.assert_allclose(overview.rms, [[1.0] * 20, [0.5] * 10 + [0.0] * 10], rtol=1e-5)
