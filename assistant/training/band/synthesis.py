"""A subtractive synthesiser: detuned oscillators, a resonant low-pass with envelope, an amplitude envelope.

Notes are in seconds. Oscillators are band-limited by polynomial steps (Valimaki and Huovilainen, "Antialiasing
oscillators in subtractive synthesis", IEEE Signal Processing Magazine, 2007); the filter is the trapezoidal
state-variable one (Zavalishin, *The Art of VA Filter Design*, 2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np

from assistant.training.band.song import Note


@dataclass(frozen=True)
class Patch:
    """One sound. Shares of the waves sum to about 1; the cutoff rises by ``sweep_octaves`` and falls in ``sweep_s``."""

    saw: float = 0.0
    square: float = 0.0
    sine: float = 0.0
    noise: float = 0.0
    voices: int = 1
    detune_cents: float = 0.0
    spread: float = 0.0
    cutoff_hz: float = 2_000.0
    sweep_octaves: float = 0.0
    sweep_s: float = 0.3
    resonance: float = 0.2
    attack_s: float = 0.005
    decay_s: float = 0.3
    sustain: float = 0.7
    release_s: float = 0.15
    fm_ratio: float = 2.0
    fm_index: float = 0.0
    drop_octaves: float = 0.0


PATCHES: dict[str, Patch] = {
    "sub": Patch(sine=1.0, cutoff_hz=400, sustain=0.9, attack_s=0.01, release_s=0.08),
    "808": Patch(sine=1.0, cutoff_hz=900, sustain=0.15, decay_s=1.2, attack_s=0.002, drop_octaves=1.5, fm_index=0.15),
    "reese": Patch(saw=1.0, voices=3, detune_cents=14, cutoff_hz=500, sustain=0.9, resonance=0.1),
    "acid": Patch(saw=0.8, square=0.2, cutoff_hz=250, sweep_octaves=2.5, sweep_s=0.2, resonance=0.75, sustain=0.6),
    "supersaw": Patch(saw=1.0, voices=7, detune_cents=22, spread=0.9, cutoff_hz=5_000, attack_s=0.03, release_s=0.35),
    "warm": Patch(
        saw=0.6, square=0.4, voices=4, detune_cents=10, spread=0.7, cutoff_hz=900, attack_s=0.3, release_s=0.6
    ),
    "choir": Patch(
        saw=0.7, noise=0.05, voices=5, detune_cents=16, spread=0.8, cutoff_hz=1_400, attack_s=0.5, resonance=0.5
    ),
    "glass": Patch(
        sine=1.0, voices=2, detune_cents=6, spread=0.8, fm_ratio=3.0, fm_index=0.8, cutoff_hz=9_000, release_s=0.5
    ),
    "lead": Patch(saw=0.8, square=0.2, voices=2, detune_cents=8, spread=0.2, cutoff_hz=3_500, sweep_octaves=1.0),
    "square": Patch(square=1.0, cutoff_hz=3_000, voices=2, detune_cents=5, spread=0.3, sustain=0.6),
    "whistle": Patch(sine=0.95, noise=0.02, cutoff_hz=8_000, attack_s=0.03, sustain=0.9),
    "pluck": Patch(
        saw=0.5,
        square=0.5,
        voices=2,
        detune_cents=7,
        spread=0.5,
        cutoff_hz=700,
        sweep_octaves=3.0,
        sweep_s=0.09,
        decay_s=0.22,
        sustain=0.0,
        release_s=0.1,
    ),
    "saw-pluck": Patch(
        saw=1.0,
        voices=5,
        detune_cents=16,
        spread=0.8,
        cutoff_hz=900,
        sweep_octaves=3.0,
        sweep_s=0.12,
        decay_s=0.3,
        sustain=0.0,
        release_s=0.2,
    ),
    "bell-pluck": Patch(
        sine=1.0, fm_ratio=3.5, fm_index=1.2, cutoff_hz=9_000, decay_s=0.5, sustain=0.0, spread=0.3, voices=2
    ),
    "stab": Patch(
        saw=1.0, voices=4, detune_cents=12, spread=0.6, cutoff_hz=1_500, sweep_octaves=2.0, decay_s=0.25, sustain=0.3
    ),
}


def play_patch(
    patch: Patch, notes: Sequence[Note], num_samples: int, sample_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """``notes`` (in seconds) on ``patch`` with a brightness and an attack of this take's own; float32 (2, T)."""
    out = np.zeros((2, num_samples), np.float32)
    brightness, slowness = float(rng.uniform(0.6, 1.7)), float(rng.uniform(0.7, 1.5))
    waves = np.array([patch.saw, patch.square, patch.sine, patch.noise])
    shape = np.array([patch.attack_s * slowness, patch.decay_s * slowness, patch.sustain, patch.release_s])
    moves = np.array(
        [patch.sweep_octaves, patch.sweep_s, patch.resonance, patch.fm_ratio, patch.fm_index, patch.drop_octaves]
    )
    lanes = np.linspace(-1.0, 1.0, patch.voices) if patch.voices > 1 else np.zeros(1)
    for note in notes:
        hz = 440.0 * 2.0 ** ((note.pitch - 69) / 12.0)
        voices = hz * 2.0 ** (lanes * patch.detune_cents / 1200.0)
        cutoff = min(
            0.45 * sample_rate, max(1.2 * hz, patch.cutoff_hz * brightness * 2.0 ** ((note.velocity - 96) / 48))
        )
        pans = rng.permutation(lanes) * patch.spread
        times = np.array([note.start, note.length, cutoff, (note.velocity / 127.0) ** 1.5])
        seeds = rng.random(patch.voices)
        _add_note(out, sample_rate, times, voices, pans, seeds, waves, shape, moves)
    return out


@numba.njit(nogil=True, cache=True)
def _step(phase: float, rise: float) -> float:
    """Residual that rounds off the step of a sawtooth at phase 0."""
    if phase < rise:
        x = phase / rise
        return x + x - x * x - 1.0
    if phase > 1.0 - rise:
        x = (phase - 1.0) / rise
        return x * x + x + x + 1.0
    return 0.0


@numba.njit(nogil=True, cache=True)
def _level(t: float, length: float, shape: np.ndarray) -> float:
    """Amplitude at ``t`` seconds of a note held for ``length``: attack, decay to sustain, release."""
    held = min(t, length)
    level = (
        held / shape[0]
        if held < shape[0]
        else shape[2] + (1.0 - shape[2]) * np.exp((shape[0] - held) / (0.3 * shape[1]))
    )
    return level if t <= length else level * np.exp((length - t) / (0.3 * shape[3]))


@numba.njit(nogil=True, cache=True)
def _add_note(
    out: np.ndarray, sample_rate: int, times: np.ndarray, voices: np.ndarray, pans: np.ndarray, seeds: np.ndarray,
    waves: np.ndarray, shape: np.ndarray, moves: np.ndarray,
) -> None:  # fmt: skip
    """Add one note to ``out`` (2, T); the arrays hold the fields of ``Patch`` in the order ``play_patch`` gives."""
    first = int(times[0] * sample_rate)
    stop = min(out.shape[1], first + int((times[1] + 2.0 * shape[3] + 0.05) * sample_rate))
    phases, modulator = seeds.copy(), 0.0
    state = np.zeros((2, 2))
    noise = np.uint32(1 + seeds[0] * 4.0e9)
    damping = 2.0 - 1.9 * moves[2]
    g = 0.0
    for i in range(max(0, first), stop):
        t = (i - first) / sample_rate
        bend = 2.0 ** (moves[5] * np.exp(-t / 0.03)) if moves[5] > 0.0 else 1.0
        modulator += voices[0] * moves[3] / sample_rate
        shift = moves[4] * np.exp(-t / 0.4) * np.sin(2.0 * np.pi * modulator) if moves[4] > 0.0 else 0.0
        noise = np.uint32(noise * np.uint32(1664525) + np.uint32(1013904223))
        left = right = waves[3] * (noise / 2147483648.0 - 1.0)
        for v in range(len(voices)):
            rise = voices[v] * bend / sample_rate
            phases[v] = (phases[v] + rise) % 1.0
            p, x = phases[v], 0.0
            if waves[0] > 0.0:
                x += waves[0] * (2.0 * p - 1.0 - _step(p, rise))
            if waves[1] > 0.0:
                x += waves[1] * ((1.0 if p < 0.5 else -1.0) + _step(p, rise) - _step((p + 0.5) % 1.0, rise))
            if waves[2] > 0.0:
                x += waves[2] * np.sin(2.0 * np.pi * p + shift)
            left += x * np.sqrt(0.5 - 0.5 * pans[v])
            right += x * np.sqrt(0.5 + 0.5 * pans[v])
        if (i - first) % 32 == 0:
            cutoff = times[2] * 2.0 ** (moves[0] * np.exp(-t / moves[1]))
            g = np.tan(np.pi * min(0.45, cutoff / sample_rate))
        level = _level(t, times[1], shape) * times[3] / np.sqrt(len(voices))
        for c in range(2):
            x = left if c == 0 else right
            high = (x - (damping + g) * state[c, 0] - state[c, 1]) / (1.0 + g * (damping + g))
            band = g * high + state[c, 0]
            low = g * band + state[c, 1]
            state[c, 0], state[c, 1] = g * high + band, g * band + low
            out[c, i] += level * low
