"""Small synthetic instruments and sessions of them, for the engineers' tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal

from assistant.mix import Session, Track

RATE = 44_100
SECONDS = 4.0

Audio = np.ndarray


def _time() -> Audio:
    return np.arange(int(SECONDS * RATE)) / RATE


def _noise(seed: int, low_hz: float, high_hz: float) -> Audio:
    noise = np.random.default_rng(seed).standard_normal(len(_time()))
    return signal.sosfilt(signal.butter(2, (low_hz, high_hz), "bandpass", fs=RATE, output="sos"), noise)


def _hits(period_s: float, decay_s: float) -> Audio:
    return np.exp(-(_time() % period_s) / decay_s)


def _tone(hz: float, partials: int, slope: float = 1.0) -> Audio:
    return sum(np.sin(2 * np.pi * hz * k * _time()) / k**slope for k in range(1, partials + 1))


def _syllables() -> Audio:
    levels = np.repeat([1.0, 0.5, 0.8, 0.35, 0.9, 0.6], len(_time()) // 6 + 1)[: len(_time())]
    return (0.07 + np.abs(np.sin(np.pi * 3.0 * _time())) ** 1.5) * levels


def _voice() -> Audio:
    """Three syllables a second on a gliding 190 Hz, formants at 600 and 2600 Hz, a little breath."""
    phase = 2 * np.pi * 190 * _time() + 6 * np.sin(2 * np.pi * 0.7 * _time()) + np.sin(2 * np.pi * 5 * _time())
    partials = np.arange(1, 25)
    formants = np.exp(-(((190 * partials - 600) / 350) ** 2)) + 0.15 * np.exp(-(((190 * partials - 2_600) / 500) ** 2))
    sung = sum(g * np.sin(k * phase + k * k) for k, g in zip(partials, formants + 0.04, strict=True))
    return (sung + 0.6 * _noise(3, 300, 3_000) + 0.1 * _noise(4, 5_000, 9_000)) * _syllables()


INSTRUMENTS: dict[str, Callable[[], Audio]] = {
    "kick": lambda: np.sin(2 * np.pi * 55 * _time() + 4 * _hits(0.5, 0.02)) * _hits(0.5, 0.08),
    "snare": lambda: _noise(1, 700, 3_000) * _hits(0.5, 0.06),
    "hihat": lambda: _noise(2, 7_000, 15_000) * _hits(0.125, 0.03),
    "bass": lambda: _tone(55, 8, 1.3) * (0.8 + 0.2 * _hits(1.0, 0.3)),
    "vocal": _voice,
    "guitar": lambda: _tone(196, 12, 0.9) * (0.15 + _hits(0.5, 0.12)),
    "pad": lambda: _tone(262, 5, 1.5) + _tone(330, 5, 1.5),
}


def make_audio(instrument: str, gain_db: float = -12.0, channels: int = 1) -> Audio:
    """One instrument (C, T) peaking at ``gain_db``; the second channel a shifted copy."""
    mono = INSTRUMENTS[instrument]()
    mono = mono * 10 ** (gain_db / 20) / np.abs(mono).max()
    rows = [np.roll(mono, 700 * c) for c in range(channels)]
    return np.asarray(rows, np.float32)


def make_track(name: str, instrument: str, gain_db: float = -12.0, channels: int = 1, role: str = "") -> Track:
    """A track of one instrument."""
    audio = make_audio(instrument, gain_db, channels)
    return Track(name, None, audio, channels, RATE, audio.shape[1], role=role)


@pytest.fixture(scope="session")
def track() -> Callable[..., Track]:
    """``track(name, instrument, gain_db=-12, channels=1, role="")``."""
    return make_track


@pytest.fixture(scope="session")
def band() -> Session:
    """A small band: mono and stereo tracks, a pair, a silent one."""
    rows = [
        ("Kick", "kick", -6.0, 1),
        ("Snare Top", "snare", -9.0, 1),
        ("HH", "hihat", -20.0, 1),
        ("Bass DI", "bass", -10.0, 1),
        ("Lead Vox", "vocal", -14.0, 1),
        ("Gtr L", "guitar", -15.0, 1),
        ("Gtr R", "guitar", -18.0, 1),
        ("Pad", "pad", -25.0, 2),
        ("BGV 1", "vocal", -20.0, 1),
        ("BGV 2", "vocal", -22.0, 1),
        ("BGV 3", "vocal", -21.0, 1),
        ("BGV 4", "vocal", -19.0, 1),
    ]
    tracks = [make_track(*row) for row in rows]
    silent = Track("Spare", None, np.zeros((1, RATE), np.float32), 1, RATE, RATE)
    return Session((*tracks, silent), RATE, tempo=120.0)
