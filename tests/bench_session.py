"""A small session on the measuring bench: three tracks of eight seconds, one passage of them empty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.analysis.facts import Span
from assistant.arrays import FloatArray
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from render.material import Plan

RATE = 44_100
SECONDS = 9
PLAN = Plan((Span(1.5, 3.5), Span(5.0, 8.0)))


def pieces_of(track: Track, _rate: int, spans: Sequence[tuple[int, int]]) -> list[FloatArray]:
    """What a loader of excerpts brings, from the track's array; silence outside."""
    padded = np.pad(track.audio, ((0, 0), (RATE, RATE)))
    return [padded[:, RATE + first : RATE + first + count] for first, count in spans]


def make_session(order: Sequence[int] = (0, 1, 2)) -> Session:
    """A low mono drone, a stereo noise that swells, and mono clicks that are silent in the second passage."""
    rng = np.random.default_rng(3)
    time_s = np.arange(SECONDS * RATE) / RATE
    drone = 0.2 * np.sin(2 * np.pi * 110.0 * time_s)[None] + 0.02 * rng.standard_normal((1, len(time_s)))
    noise = rng.standard_normal((2, len(time_s))) * (0.02 + 0.1 * (time_s % 1.0))
    clicks = rng.standard_normal((1, len(time_s))) * np.exp(-((time_s % 0.5) / 0.03)) * (time_s < 3.8)
    audio = [("drone", drone), ("noise", noise), ("clicks", 0.4 * clicks)]
    tracks = [
        Track(name, audio=a.astype(np.float32), channels=len(a), sample_rate=RATE, num_samples=a.shape[1])
        for name, a in (audio[i] for i in order)
    ]
    return Session(tuple(tracks), RATE)


def make_mix(**settings: ChannelSettings) -> Mix:
    """The mix of the session with ``settings`` by track; the others neutral."""
    names = ("drone", "noise", "clicks")
    return Mix(tuple(ChannelMix(name, settings.get(name, ChannelSettings())) for name in names))
