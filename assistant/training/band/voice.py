"""A singer out of a source and filters: glottal pulses, aspiration and frication through moving formants.

The source is the derivative of a glottal pulse (Rosenberg, "Effect of glottal pulse shape on the quality of natural
vowels", JASA 49, 1971) with vibrato, drift and jitter; the tract is a cascade of five resonators (Klatt, "Software for
a cascade/parallel formant synthesizer", JASA 67, 1980), vowel formants after Peterson and Barney (JASA 24, 1952).
Everything slow is a curve of one value per ``CONTROL`` samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy import ndimage

from assistant.training.band.song import Note

CONTROL = 64
#: Loudness of consonants beside vowels: brings an "s" to some 8 dB under the vowels around it.
HISS = 14.0
#: First three formants in Hz of a man's vowels.
VOWELS = np.array(
    [
        (270, 2290, 3010),
        (390, 1990, 2550),
        (530, 1840, 2480),
        (660, 1720, 2410),
        (730, 1090, 2440),
        (570, 840, 2410),
        (440, 1020, 2240),
        (300, 870, 2240),
        (640, 1190, 2390),
    ],
    float,
)
BANDWIDTHS_HZ = np.array([70.0, 90.0, 130.0, 220.0, 300.0])
#: Consonants: length in s, noise level, its centre and bandwidth in Hz, voicing meanwhile, share in a
#: text, and how much of the length the mouth is closed.
CONSONANTS = np.array(
    [
        (0.00, 0.00, 3000, 2000, 1.00, 0.14, 0.0),
        (0.11, 0.70, 6800, 2600, 0.00, 0.14, 0.0),
        (0.10, 0.55, 3200, 1600, 0.00, 0.06, 0.0),
        (0.07, 0.15, 5500, 6000, 0.00, 0.06, 0.0),
        (0.08, 0.60, 4200, 2500, 0.00, 0.12, 0.6),
        (0.08, 0.50, 1900, 1200, 0.00, 0.09, 0.6),
        (0.08, 0.25, 900, 900, 0.00, 0.06, 0.6),
        (0.08, 0.00, 1000, 900, 0.35, 0.20, 0.0),
        (0.07, 0.30, 5500, 2500, 0.50, 0.05, 0.0),
        (0.07, 0.05, 1500, 1500, 0.20, 0.08, 0.5),
    ]
)


@dataclass(frozen=True)
class Singer:
    """One person. ``size`` scales the formants (1 a man, 1.17 a woman), ``effort`` 0 soft and dull to 1 bright."""

    size: float
    effort: float
    breath: float
    vibrato_hz: float
    vibrato_cents: float
    glide_s: float
    articulation: float


@dataclass
class _Curves:
    """Per ``CONTROL`` samples: pitch (MIDI), voicing, aspiration, frication, its centre and width, formants (K, 5)."""

    pitch: np.ndarray
    voicing: np.ndarray
    breath: np.ndarray
    hiss: np.ndarray
    hiss_hz: np.ndarray
    hiss_width: np.ndarray
    formants: np.ndarray


def make_singer(kind: str, rng: np.random.Generator) -> Singer:
    """A singer of ``kind`` "low", "high" or "choir" (soft, without consonants' edge)."""
    size = float(rng.normal(1.0 if kind == "low" else 1.16, 0.035))
    soft = kind == "choir"
    return Singer(
        size,
        float(rng.uniform(0.1, 0.5) if soft else rng.uniform(0.3, 1.0)),
        float(rng.uniform(0.08, 0.5)),
        float(rng.uniform(4.6, 6.2)),
        float(rng.uniform(10, 50)),
        float(rng.uniform(0.02, 0.06)),
        float(rng.uniform(0.1, 0.4) if soft else rng.uniform(0.6, 1.3)),
    )


def sing(
    notes: Sequence[Note], singer: Singer, num_samples: int, sample_rate: int, rng: np.random.Generator
) -> np.ndarray:
    """``notes`` (in seconds), one syllable each, as float32 (1, T)."""
    rate = sample_rate / CONTROL
    count = num_samples // CONTROL + 2
    curves = _rest(count, singer)
    ordered = sorted(notes, key=lambda n: n.start)
    for i, note in enumerate(ordered):
        gap = note.start - (ordered[i - 1].start + ordered[i - 1].length if i else 0.0)
        _syllable(curves, note, singer, rate, rng)
        if gap > 0.45:
            _inhale(curves, note.start, rate, rng)
    _smooth(curves, singer, rate)
    _ornament(curves, ordered, singer, rate, rng)
    noise = rng.standard_normal(num_samples).astype(np.float32)
    hz = 440.0 * 2.0 ** ((curves.pitch - 69.0) / 12.0)
    curves.formants[:, 0] = np.maximum(curves.formants[:, 0], 1.05 * hz)
    out = np.zeros(num_samples, np.float32)
    widths = BANDWIDTHS_HZ * singer.size
    args = (curves.voicing, curves.breath, curves.hiss, curves.hiss_hz, curves.hiss_width, curves.formants, widths)
    _speak(out, noise, hz, *args, singer.effort, float(sample_rate))
    return out[None]


def _rest(count: int, singer: Singer) -> _Curves:
    formants = np.tile(np.array([*VOWELS[-1], 3_500.0, 4_500.0]) * singer.size, (count, 1))
    voicing, breath, hiss = np.zeros(count), np.zeros(count), np.zeros(count)
    return _Curves(np.full(count, np.nan), voicing, breath, hiss, np.full(count, 4e3), np.full(count, 2e3), formants)


def _syllable(curves: _Curves, note: Note, singer: Singer, rate: float, rng: np.random.Generator) -> None:
    """Consonant before the beat, then a vowel that moves a little, sometimes a sibilant at the end."""
    onset = CONSONANTS[rng.choice(len(CONSONANTS), p=CONSONANTS[:, 5] / CONSONANTS[:, 5].sum())]
    loud = (note.velocity / 100.0) ** 1.5 * 10.0 ** (float(rng.normal(0.0, 2.0)) / 20.0)
    held_s = note.length * float(rng.uniform(0.7, 1.0))
    first, stop = int(note.start * rate), int((note.start + held_s) * rate)
    before = int(max(0.0, note.start - onset[0]) * rate)
    _consonant(curves, slice(before, first), onset, loud * singer.articulation)
    vowels = VOWELS[rng.integers(len(VOWELS), size=2)] * rng.normal(1.0, 0.03, (2, 3))
    curves.pitch[before:stop] = note.pitch
    curves.voicing[first:stop] = loud
    curves.breath[first:stop] = loud * singer.breath
    span = len(curves.pitch[first:stop])
    mixed = np.linspace(0.0, float(rng.random() < 0.4), span)[:, None] ** 2
    curves.formants[first:stop, :3] = ((1 - mixed) * vowels[0] + mixed * vowels[1]) * singer.size
    if rng.random() < 0.15:
        _consonant(curves, slice(stop, stop + int(0.09 * rate)), CONSONANTS[1], 0.7 * loud * singer.articulation)


def _consonant(curves: _Curves, where: slice, row: np.ndarray, loud: float) -> None:
    curves.hiss[where], curves.hiss_hz[where], curves.hiss_width[where] = row[1] * loud, row[2], row[3]
    curves.voicing[where] = row[4] * loud
    curves.hiss[where.start : where.start + round(row[6] * (where.stop - where.start))] = 0.0
    if 0.0 < row[4] < 1.0:
        curves.formants[where, 0] = 260.0


def _inhale(curves: _Curves, start_s: float, rate: float, rng: np.random.Generator) -> None:
    """A breath taken before a phrase."""
    length = float(rng.uniform(0.18, 0.35))
    where = slice(max(0, int((start_s - 0.12 - length) * rate)), max(0, int((start_s - 0.12) * rate)))
    curves.breath[where] += 0.12 * np.hanning(len(curves.breath[where])) * float(rng.uniform(0.2, 1.0))


def _smooth(curves: _Curves, singer: Singer, rate: float) -> None:
    """Nothing in a throat jumps: glide between notes, round off levels, move the formants."""
    known = np.flatnonzero(~np.isnan(curves.pitch))
    at = np.arange(len(curves.pitch))
    curves.pitch = np.interp(at, known, curves.pitch[known]) if len(known) else np.full(len(at), 57.0)
    curves.pitch = ndimage.gaussian_filter1d(curves.pitch, singer.glide_s * rate)
    curves.voicing = ndimage.gaussian_filter1d(curves.voicing, 0.009 * rate)
    curves.breath = ndimage.gaussian_filter1d(curves.breath, 0.02 * rate)
    curves.hiss = ndimage.gaussian_filter1d(curves.hiss, 0.006 * rate)
    curves.formants = ndimage.gaussian_filter1d(curves.formants, 0.022 * rate, axis=0)


def _ornament(curves: _Curves, notes: Sequence[Note], singer: Singer, rate: float, rng: np.random.Generator) -> None:
    """Vibrato that grows on long notes, scoops from below, drift and small unsteadiness."""
    t = np.arange(len(curves.pitch)) / rate
    depth, bend, swell = np.zeros(len(t)), np.zeros(len(t)), np.ones(len(t))
    for note in notes:
        span = slice(int(note.start * rate), int((note.start + note.length) * rate))
        local = t[span] - note.start
        depth[span] = np.clip((local - 0.25) / 0.4, 0.0, 1.0)
        bend[span] = -float(rng.exponential(0.5)) * np.exp(-local / 0.06)
        swell[span] = (0.75 + 0.25 * np.minimum(1.0, local / 0.15)) * (0.45 + 0.55 * np.exp(-local / 0.35))
    wobble = np.sin(2 * np.pi * np.cumsum(singer.vibrato_hz * (1 + 0.04 * rng.standard_normal(len(t)))) / rate)
    drift = ndimage.gaussian_filter1d(rng.standard_normal(len(t)), 0.25 * rate) * np.sqrt(0.25 * rate) * 0.12
    jitter = ndimage.gaussian_filter1d(rng.standard_normal(len(t)), 2.0) * 0.12
    curves.pitch += singer.vibrato_cents / 100.0 * depth * wobble + bend + drift + jitter
    curves.voicing *= swell * (1.0 + 0.05 * wobble * depth)


@numba.njit(nogil=True, cache=True)
def _speak(
    out: np.ndarray, noise: np.ndarray, hz: np.ndarray, voicing: np.ndarray, breath: np.ndarray, hiss: np.ndarray,
    hiss_hz: np.ndarray, hiss_width: np.ndarray, formants: np.ndarray, widths: np.ndarray, effort: float, rate: float,
) -> None:  # fmt: skip
    """Source and resonators sample by sample; curves hold one value per ``CONTROL`` samples."""
    a, b, c = np.zeros(6), np.zeros(6), np.zeros(6)
    one, two = np.zeros(6), np.zeros(6)
    phase, dull, last, opened = 0.0, 0.0, 0.0, 0.6 - 0.15 * effort
    edge = (2.0 + 6.0 * effort) * rate / 44_100.0
    soften = np.exp(-2.0 * np.pi * (2_000.0 + 6_000.0 * effort) / rate)
    for i in range(len(out)):
        k, x = i // CONTROL, (i % CONTROL) / CONTROL
        if i % CONTROL == 0:
            for f in range(6):
                centre = hiss_hz[k] if f == 5 else formants[k, f]
                width = hiss_width[k] if f == 5 else widths[f]
                radius = np.exp(-np.pi * width / rate)
                c[f] = -radius * radius
                b[f] = 2.0 * radius * np.cos(2.0 * np.pi * min(centre, 0.45 * rate) / rate)
                a[f] = (1.0 - radius) if f == 5 else 1.0 - b[f] - c[f]
        phase = (phase + ((1.0 - x) * hz[k] + x * hz[k + 1]) / rate) % 1.0
        rise, pulse = 0.66 * opened, 0.0
        if phase < rise:
            pulse = 0.5 * np.pi * np.sin(np.pi * phase / rise)
        elif phase < opened:
            pulse = -0.5 * np.pi * rise / (opened - rise) * np.sin(0.5 * np.pi * (phase - rise) / (opened - rise))
        dull = (1.0 - soften) * pulse + soften * dull
        airy = noise[i] * ((1.0 - x) * breath[k] + x * breath[k + 1]) * (1.0 if phase < opened else 0.4)
        y = ((1.0 - x) * voicing[k] + x * voicing[k + 1]) * dull + airy
        for f in range(5):
            y = a[f] * y + b[f] * one[f] + c[f] * two[f]
            two[f], one[f] = one[f], y
        z = a[5] * noise[i] + b[5] * one[5] + c[5] * two[5]
        two[5], one[5] = one[5], z
        out[i] = y + edge * (y - last) + HISS * z * ((1.0 - x) * hiss[k] + x * hiss[k + 1])
        last = y
