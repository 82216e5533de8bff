"""Sounds between the music: risers, impacts, sweeps, drones and noises, computed from noise and sines.

Every effect has the signature ``(seconds, sample_rate, rng) -> float array (2, T)``. ``EFFECTS`` names them;
``BUILDS`` are those that lead up to the start of a section, the others begin there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import signal

Effect = Callable[[float, int, np.random.Generator], np.ndarray]


def _time(seconds: float, sample_rate: int) -> np.ndarray:
    return np.arange(max(64, round(seconds * sample_rate))) / sample_rate


def _noise(length: int, rng: np.random.Generator) -> np.ndarray:
    return rng.standard_normal((2, length))


def _swept(sound: np.ndarray, low_hz: float, high_hz: float, sample_rate: int) -> np.ndarray:
    """``sound`` (2, T) through a band-pass that moves from ``low_hz`` to ``high_hz`` in 32 overlapping steps."""
    steps, length = 32, sound.shape[1]
    out, centre = np.zeros_like(sound), np.linspace(0, length, steps)
    ramp = np.arange(length)
    for k in range(steps):
        weight = np.clip(1.0 - np.abs(ramp - centre[k]) / (length / (steps - 1)), 0.0, 1.0)
        active = slice(int(np.argmax(weight > 0)), length - int(np.argmax(weight[::-1] > 0)))
        hz = low_hz * (high_hz / low_hz) ** (k / (steps - 1))
        edges = [0.7 * hz, min(1.6 * hz, 0.45 * sample_rate)]
        sections = signal.butter(1, edges, "bandpass", fs=sample_rate, output="sos")
        out[:, active] += signal.sosfilt(sections, sound[:, active] * weight[active])
    return out


def noise_riser(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Noise that rises in pitch and level."""
    t = _time(seconds, sample_rate)
    return _swept(_noise(len(t), rng), 300.0, float(rng.uniform(5e3, 9e3)), sample_rate) * (t / t[-1]) ** 2


def tone_riser(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Detuned sawtooths gliding up two octaves."""
    t = _time(seconds, sample_rate)
    glide = float(rng.uniform(110, 220)) * 4.0 ** (t / t[-1])
    sides = [signal.sawtooth(2 * np.pi * np.cumsum(glide * d) / sample_rate) for d in rng.uniform(0.985, 1.015, 2)]
    sound = np.stack(sides) + 0.3 * _noise(len(t), rng)
    return _swept(sound, 400.0, 6e3, sample_rate) * (t / t[-1]) ** 1.5


def swell(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A reversed cymbal: high noise growing like an exponential."""
    t = _time(seconds, sample_rate)
    sections = signal.butter(2, float(rng.uniform(1_500, 4_000)), "highpass", fs=sample_rate, output="sos")
    return signal.sosfilt(sections, _noise(len(t), rng)) * np.exp(4.0 * (t / t[-1] - 1.0))


def impact(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A deep falling boom under a burst of noise."""
    t = _time(max(seconds, 1.5), sample_rate)
    boom = np.sin(2 * np.pi * np.cumsum(40 + 50 * np.exp(-t / 0.15)) / sample_rate) * np.exp(-t / 0.5)
    sections = signal.butter(1, float(rng.uniform(800, 3_000)), fs=sample_rate, output="sos")
    return boom + signal.sosfilt(sections, _noise(len(t), rng)) * np.exp(-t / float(rng.uniform(0.2, 0.8)))


def zap(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """A short laser: a sine falling over octaves, with echoes."""
    t = _time(max(seconds, 1.0), sample_rate)
    one = np.sin(2 * np.pi * np.cumsum(200 + 3_000 * np.exp(-t / 0.05)) / sample_rate) * np.exp(-t / 0.08)
    out = np.zeros((2, len(t)))
    for k in range(4):
        late = round(k * 0.19 * sample_rate)
        out[k % 2, late:] += 0.6**k * one[: len(t) - late]
    return out + 0.1 * _noise(len(t), rng) * np.exp(-t / 0.1)


def vinyl(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Crackle and hiss of a record."""
    t = _time(2.0 * seconds, sample_rate)
    clicks = (rng.random((2, len(t))) < 18.0 / sample_rate) * rng.standard_normal((2, len(t)))
    sections = signal.butter(1, [400.0, 6_000.0], "bandpass", fs=sample_rate, output="sos")
    return signal.sosfilt(sections, 20.0 * clicks + 0.05 * _noise(len(t), rng))


def downlifter(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Noise that falls in pitch and level."""
    t = _time(seconds, sample_rate)
    return _swept(_noise(len(t), rng), float(rng.uniform(4e3, 9e3)), 200.0, sample_rate) * (1 - t / t[-1]) ** 2


def drone(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Low slow beating with a little wind."""
    t = _time(2.0 * seconds, sample_rate)
    tones = [np.sin(2 * np.pi * hz * t + rng.uniform(0, 6)) for hz in rng.uniform(60, 320, 6)]
    fade = np.minimum(1.0, np.minimum(t, t[-1] - t) / 0.8)
    return (np.stack([sum(tones[:4]), sum(tones[2:])]) + 0.2 * _noise(len(t), rng)) * fade


def noise_hit(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """One burst of coloured noise."""
    t = _time(min(seconds, 1.0), sample_rate)
    sections = signal.butter(1, [300.0, float(rng.uniform(2e3, 8e3))], "bandpass", fs=sample_rate, output="sos")
    return signal.sosfilt(sections, _noise(len(t), rng)) * np.exp(-t / float(rng.uniform(0.05, 0.25)))


def chirps(seconds: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """Small random blips, as from a computer of old films."""
    t = _time(seconds, sample_rate)
    place = np.minimum(len(t) - 1, np.arange(len(t)) // max(1, round(0.09 * sample_rate)))
    hz = rng.uniform(300, 3_000, int(place.max()) + 1)[place]
    gate = (rng.random(int(place.max()) + 1) < 0.6)[place]
    pan = rng.uniform(0.2, 0.8, int(place.max()) + 1)[place]
    sound = np.sin(2 * np.pi * np.cumsum(hz) / sample_rate) * gate
    return np.stack([sound * pan, sound * (1 - pan)])


EFFECTS: dict[str, Effect] = {
    "noise-riser": noise_riser, "tone-riser": tone_riser, "swell": swell, "impact": impact, "zap": zap, "vinyl": vinyl,
    "downlifter": downlifter, "drone": drone, "noise-hit": noise_hit, "chirps": chirps,
}  # fmt: skip
BUILDS = ("noise-riser", "tone-riser", "swell")
