"""A drum machine: one-shots computed from sines and noise, and the player that sets one-shots at notes.

One-shots are float32 ``(1, T)`` or ``(2, T)``, peak about 1. Designs after common practice with analogue drum machines:
kick a falling sine with a click, snare two tones and noise, hats high-passed noise with metallic squares, clap three
bursts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from scipy import signal

from assistant.training.band.song import Note


def make_one_shot(key: int, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    """The drum machine's sound for the General MIDI drum ``key``; float32 (1, T)."""
    if key in (35, 36):
        sound = _kick(sample_rate, rng)
    elif key in (38, 40):
        sound = _snare(sample_rate, rng)
    elif key == 39:
        sound = _clap(sample_rate, rng)
    elif key in (43, 45, 48, 50):
        sound = _tom(85.0 * 2.0 ** ((key - 43) / 7.0), sample_rate, rng)
    elif key in (42, 44, 46, 70, 82, 54):
        sound = _metal(sample_rate, rng, 0.35 if key == 46 else 0.06, 6_500.0)
    elif key in (49, 51, 57):
        sound = _metal(sample_rate, rng, 1.3, 3_500.0)
    else:
        sound = _tom(float(rng.uniform(250.0, 900.0)), sample_rate, rng)
    return (sound / max(1e-6, float(np.abs(sound).max()))).astype(np.float32)[None]


def play_one_shots(
    sounds: Mapping[int, np.ndarray], notes: Sequence[Note], num_samples: int, sample_rate: int
) -> np.ndarray:
    """``notes`` (in seconds) on the one-shots of their keys, louder and brighter with velocity; float32 (2, T)."""
    out = np.zeros((2, num_samples), np.float32)
    for note in notes:
        at = round(note.start * sample_rate)
        piece = sounds[note.pitch][:, : max(0, num_samples - at)]
        out[:, at : at + piece.shape[1]] += piece * np.float32((note.velocity / 127.0) ** 1.8)
    return out


def _time(seconds: float, sample_rate: int) -> np.ndarray:
    return np.arange(round(seconds * sample_rate)) / sample_rate


def _kick(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(0.6, sample_rate)
    base, fall, decay = rng.uniform(42, 62), rng.uniform(1.5, 2.8), rng.uniform(0.06, 0.2)
    phase = np.cumsum(base * 2.0 ** (fall * np.exp(-t / 0.018))) / sample_rate
    click = rng.standard_normal(len(t)) * np.exp(-t / 0.002) * rng.uniform(0.05, 0.4)
    return np.tanh(rng.uniform(1.0, 3.0) * np.sin(2 * np.pi * phase) * np.exp(-t / decay)) + click


def _snare(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(0.4, sample_rate)
    hz = rng.uniform(160, 240)
    body = (np.sin(2 * np.pi * hz * t) + 0.5 * np.sin(2 * np.pi * 1.6 * hz * t)) * np.exp(-t / rng.uniform(0.03, 0.07))
    rattle = _filtered(rng.standard_normal(len(t)), rng.uniform(900, 2_500), sample_rate, "highpass")
    return rng.uniform(0.2, 0.8) * body + rng.uniform(0.5, 1.0) * rattle * np.exp(-t / rng.uniform(0.04, 0.11))


def _clap(sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(0.4, sample_rate)
    bursts = sum(np.exp(-np.maximum(0.0, t - d) / 0.006) * (t >= d) for d in (0.0, 0.011, 0.022))
    level = bursts + 0.7 * np.exp(-np.maximum(0.0, t - 0.03) / rng.uniform(0.04, 0.12)) * (t >= 0.03)
    noise = _filtered(rng.standard_normal(len(t)), rng.uniform(900, 1_300), sample_rate, "highpass")
    return _filtered(noise, rng.uniform(2_500, 5_000), sample_rate, "lowpass") * level


def _tom(hz: float, sample_rate: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(0.5, sample_rate)
    phase = np.cumsum(hz * (1.0 + 0.4 * np.exp(-t / 0.03))) / sample_rate
    stick = 0.15 * rng.standard_normal(len(t)) * np.exp(-t / 0.006)
    return np.sin(2 * np.pi * phase) * np.exp(-t / rng.uniform(0.06, 0.15)) + stick


def _metal(sample_rate: int, rng: np.random.Generator, decay_s: float, low_hz: float) -> np.ndarray:
    t = _time(4.0 * decay_s + 0.05, sample_rate)
    ratios = (2.0, 3.0, 4.16, 5.43, 6.79, 8.21)
    base = rng.uniform(250, 420)
    squares = sum(np.sign(np.sin(2 * np.pi * base * r * t)) for r in ratios) / 6.0
    mixed = rng.uniform(0.2, 0.8) * squares + rng.standard_normal(len(t)) * 0.5
    return _filtered(mixed, low_hz * rng.uniform(0.7, 1.2), sample_rate, "highpass") * np.exp(-t / decay_s)


def _filtered(sound: np.ndarray, hz: float, sample_rate: int, kind: Literal["lowpass", "highpass"]) -> np.ndarray:
    sections = signal.butter(2, min(hz, 0.45 * sample_rate), kind, fs=sample_rate, output="sos")
    return np.asarray(signal.sosfilt(sections, sound))
