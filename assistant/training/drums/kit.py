"""What stands in the room: the pieces of a kit, where they stand, how they sound, and which microphones are set up.

Positions are metres as the audience sees them: x to the right (a right-handed drummer's hi-hat), y towards the
audience, z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import butter, sosfilt

from assistant.arrays import FloatArray
from assistant.training.drums.oneshots import recorded_stroke, recorded_tom
from assistant.training.drums.pieces import MAKERS, tom

FEWEST_TRACKS, MOST_TRACKS = 5, 12
#: Softer strokes are darker: (velocity, low-pass cutoff in Hz) of the layers below the hardest.
LAYERS: tuple[tuple[float, float], ...] = ((0.25, 2_500.0), (0.5, 5_000.0), (0.75, 9_000.0))
_POSITIONS = {
    "kick": (0.0, 0.0, 0.3),
    "snare": (0.25, -0.15, 0.65),
    "wires": (0.25, -0.15, 0.5),
    "hihat": (0.6, -0.1, 0.85),
    "open hihat": (0.6, -0.1, 0.85),
    "ride": (-0.65, 0.2, 1.1),
    "crash": (0.45, 0.45, 1.3),
}
_FIRST_TOM, _LAST_TOM = (0.22, 0.35, 0.85), (-0.65, -0.05, 0.6)
_RECORDED_SHARE = 0.6


@dataclass(frozen=True)
class Piece:
    """One sound source: where it stands (m) and its strokes, a layer per velocity from soft to hard."""

    position_m: FloatArray
    layers: tuple[FloatArray, ...]


@dataclass(frozen=True)
class Setup:
    """The microphones. ``overheads`` is none, mono, stereo (one track) or pair (two mono tracks); ``room`` channels."""

    kick_out: bool
    snare_bottom: bool
    num_toms: int
    ride: bool
    crash: bool
    overheads: str
    room: int

    @property
    def num_tracks(self) -> int:
        """How many tracks the session has."""
        close = 3 + self.kick_out + self.snare_bottom + self.num_toms + self.ride + self.crash
        return close + {"none": 0, "mono": 1, "stereo": 1, "pair": 2}[self.overheads] + (self.room > 0)

    @property
    def toms(self) -> tuple[str, ...]:
        """The toms' names, highest first."""
        return tuple(f"tom {number}" for number in range(1, self.num_toms + 1))


def draw_setup(rng: np.random.Generator) -> Setup:
    """A random set of microphones with 5 to 12 tracks."""
    while True:
        setup = Setup(
            kick_out=bool(rng.random() < 0.35),
            snare_bottom=bool(rng.random() < 0.4),
            num_toms=int(rng.choice((1, 2, 3, 4), p=(0.2, 0.35, 0.3, 0.15))),
            ride=bool(rng.random() < 0.3),
            crash=bool(rng.random() < 0.2),
            overheads=str(rng.choice(("none", "mono", "stereo", "pair"), p=(0.1, 0.12, 0.43, 0.35))),
            room=int(rng.choice((0, 1, 2), p=(0.5, 0.2, 0.3))),
        )
        if FEWEST_TRACKS <= setup.num_tracks <= MOST_TRACKS:
            return setup


def draw_tom_pitches(rng: np.random.Generator, count: int) -> tuple[float, ...]:
    """``count`` pitches in Hz from high to low, neighbours 1.18 to 1.4 apart."""
    pitch_hz = float(rng.uniform(72.0, 100.0) if count > 1 else rng.uniform(75.0, 170.0))
    pitches = [pitch_hz]
    for _ in range(count - 1):
        pitches.append(pitches[-1] * float(rng.uniform(1.18, 1.4)))
    return tuple(reversed(pitches))


def build_pieces(rng: np.random.Generator, setup: Setup, sample_rate: int, folder: Path | None) -> dict[str, Piece]:
    """The kit's pieces by name; recordings stand for some of them where there is a ``folder`` of one-shots."""
    pieces = {}
    for name, maker in MAKERS.items():
        recorded = folder is not None and name != "wires" and rng.random() < _RECORDED_SHARE
        stroke = recorded_stroke(folder, name, rng, sample_rate) if folder and recorded else maker(rng, sample_rate)
        pieces[name] = Piece(_near(rng, _POSITIONS[name]), _layers(stroke, sample_rate))
    recorded = folder is not None and rng.random() < _RECORDED_SHARE
    for number, pitch_hz in enumerate(draw_tom_pitches(rng, setup.num_toms)):
        share = number / (setup.num_toms - 1) if setup.num_toms > 1 else 1.0
        place = tuple(a + share * (b - a) for a, b in zip(_FIRST_TOM, _LAST_TOM, strict=True))
        if folder and recorded:
            stroke = recorded_tom(folder, pitch_hz, rng, sample_rate)
        else:
            stroke = tom(rng, sample_rate, pitch_hz)
        pieces[setup.toms[number]] = Piece(_near(rng, place), _layers(stroke, sample_rate))
    return pieces


def _near(rng: np.random.Generator, place: tuple[float, ...]) -> FloatArray:
    return np.asarray(place) + rng.uniform(-0.06, 0.06, 3)


def _layers(stroke: FloatArray, sample_rate: int) -> tuple[FloatArray, ...]:
    layers = []
    for velocity, cutoff_hz in LAYERS:
        sections = butter(1, min(cutoff_hz, 0.45 * sample_rate), fs=sample_rate, output="sos")
        layers.append((velocity**1.3 * np.asarray(sosfilt(sections, stroke))).astype(np.float32))
    return (*layers, stroke)
