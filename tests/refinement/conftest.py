"""A toy song whose parts lie in bands of their own, and proposals for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session, Track

RATE = 22_050
SECONDS = 4.0
#: Role, band of the noise in Hz, level in dB, channels.
PARTS: dict[str, tuple[str, tuple[float, float], float, int]] = {
    "drums": ("drum loop", (50.0, 9_000.0), -24.0, 2),
    "low": ("bass", (50.0, 250.0), -20.0, 1),
    "pad": ("pad", (200.0, 6_000.0), -22.0, 2),
    "singer": ("lead vocal", (250.0, 5_000.0), -24.0, 1),
    "unused": ("fx", (100.0, 1_000.0), -300.0, 2),
}

MakeMix = Callable[..., Mix]


def part(name: str) -> np.ndarray:
    """Band noise that swells, (C, T) float32."""
    _, band, level_db, channels = PARTS[name]
    rng = np.random.default_rng(sorted(PARTS).index(name))
    time = np.arange(round(SECONDS * RATE)) / RATE
    noise = sosfilt(butter(2, band, "bandpass", fs=RATE, output="sos"), rng.standard_normal((channels, len(time))))
    noise *= 1.0 + 0.5 * np.sin(2.0 * np.pi * time / 1.5)
    return (10.0 ** (level_db / 20.0) * noise / np.sqrt(np.mean(noise**2))).astype(np.float32)


@pytest.fixture(scope="session")
def session() -> Session:
    """The toy song."""
    tracks = []
    for name, (_, _, _, channels) in PARTS.items():
        audio = part(name)
        tracks.append(Track(name, audio=audio, channels=channels, sample_rate=RATE, num_samples=audio.shape[1]))
    return Session(tuple(tracks), RATE)


@pytest.fixture
def make_mix() -> MakeMix:
    """``make_mix(singer={"fader_db": -9.0})``: a proposal with the named settings, everything else neutral."""

    def make(**settings: dict[str, float]) -> Mix:
        channels = [ChannelMix(n, ChannelSettings(settings.get(n, {})), PARTS[n][0], 1.0, ("heard",)) for n in PARTS]
        return Mix(tuple(channels), BusSettings(), engineer="toy")

    return make
