"""A song without sound: tempo, harmony, sections, and the random streams all choices come from.

Conventions: time in beats (quarter notes) from the session's start, four to the bar; pitches are MIDI note numbers;
``energy`` of a section runs from 0 (almost nobody plays) to 1 (everybody).
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass

import numpy as np

from assistant.training.band.genres import Genre

BEATS_PER_BAR = 4
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)


@dataclass(frozen=True)
class Note:
    """One note: start and length in beats, MIDI pitch (or drum key), velocity 1..127."""

    start: float
    length: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Section:
    """Bars ``first`` up to, not including, ``stop``, and how full the arrangement is."""

    first: int
    stop: int
    energy: float


@dataclass(frozen=True)
class Song:
    """What all players agree on. ``degrees`` holds one chord root per bar as a step 0..6 of ``scale``."""

    genre: Genre
    tempo: float
    key: int
    scale: tuple[int, ...]
    degrees: tuple[int, ...]
    sections: tuple[Section, ...]
    swing: float
    duration_s: float

    @property
    def beat_s(self) -> float:
        """Length of a beat in seconds."""
        return 60.0 / self.tempo

    def scale_pitch(self, step: int) -> int:
        """MIDI pitch of scale step ``step`` (any integer) over the key's note of octave 0."""
        octave, degree = divmod(step, 7)
        return 12 * octave + self.key + self.scale[degree]

    def chord(self, bar: int, low: int, high: int, size: int = 3) -> list[int]:
        """All pitches in ``low..high`` that belong to the chord of ``bar``: triad, with ``size`` 4 its seventh too."""
        degree = self.degrees[bar % len(self.degrees)]
        classes = {self.scale_pitch(degree + 2 * third) % 12 for third in range(size)}
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]

    def root(self, bar: int, low: int) -> int:
        """The chord's root in the octave that begins at ``low``."""
        return low + (self.scale_pitch(self.degrees[bar % len(self.degrees)]) - low) % 12

    def swung(self, beat: float) -> float:
        """``beat`` with off-beat eighths and sixteenths moved late by the song's swing."""
        unit = 0.25 if self.genre.swings_sixteenths else 0.5
        step = beat / unit
        late = self.swing * unit if round(step) % 2 == 1 and abs(step - round(step)) < 0.01 else 0.0
        return beat + late


def stream(seed: int, *labels: str | int) -> np.random.Generator:
    """The random stream of ``seed`` for the decision that ``labels`` name; equal on every machine."""
    return np.random.default_rng((seed, *(zlib.crc32(str(label).encode()) for label in labels)))


def write_song(seed: int, genre: Genre, duration_s: float) -> Song:
    """Tempo, key, chords and sections for ``duration_s`` seconds of ``genre``."""
    rng = stream(seed, "song")
    tempo = round(float(rng.uniform(*genre.tempo)), 1)
    bars = max(1, math.ceil(duration_s * tempo / 60.0 / BEATS_PER_BAR))
    progression = genre.progressions[rng.integers(len(genre.progressions))]
    other = genre.progressions[rng.integers(len(genre.progressions))]
    turn = int(rng.choice([4, 8, bars]))
    degrees = tuple((progression if bar // turn % 2 == 0 else other)[bar % len(progression) % 4] for bar in range(bars))
    return Song(
        genre,
        tempo,
        int(rng.integers(12)),
        MINOR if rng.random() < genre.minor else MAJOR,
        degrees,
        _sections(rng, bars),
        genre.swing * float(rng.uniform(0.5, 1.0)) if rng.random() < 0.8 else 0.0,
        duration_s,
    )


def _sections(rng: np.random.Generator, bars: int) -> tuple[Section, ...]:
    """Sections of two to four bars, of one or two where there are few; at least one of them is full."""
    sections, first = [], 0
    while first < bars:
        length = int(rng.choice([2, 4, 4])) if bars >= 6 else int(rng.integers(1, 3))
        stop = bars if bars - first - length < 2 else first + length
        sections.append(Section(first, stop, float(rng.uniform(0.35, 1.0))))
        first = stop
    fullest = int(rng.integers(len(sections)))
    sections[fullest] = Section(sections[fullest].first, sections[fullest].stop, 1.0)
    return tuple(sections)
