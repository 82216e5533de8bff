"""Styles of music as a table: tempo, feel, harmony, kinds of drums, and who usually plays.

``parts`` weighs the roles beside the drums; a role may be drawn several times. ``drums`` weighs the ways a kit is
recorded, see ``casting``. Progressions are scale steps from 0, four bars each. All numbers: practice, our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

_POP = ((0, 4, 5, 3), (5, 3, 0, 4), (0, 5, 3, 4), (3, 0, 4, 5))
_MINOR = ((0, 5, 2, 6), (0, 3, 5, 6), (0, 6, 5, 6), (0, 2, 6, 3))
_ROCK = ((0, 3, 4, 3), (0, 6, 3, 0), (0, 0, 3, 4))
_JAZZ = ((1, 4, 0, 5), (0, 5, 1, 4), (2, 5, 1, 4), (3, 6, 2, 5))
_VAMP = ((0, 0, 3, 3), (0, 0, 0, 0), (0, 5, 0, 5))


@dataclass(frozen=True)
class Genre:
    """One style. ``tempo`` in beats per minute, ``swing`` 0 straight to 0.33 triplet, ``minor`` the chance of minor."""

    name: str
    tempo: tuple[float, float]
    swing: float
    swings_sixteenths: bool
    minor: float
    progressions: tuple[tuple[int, ...], ...]
    grooves: tuple[str, ...]
    drums: dict[str, float]
    parts: dict[str, float]
    sings: float


GENRES: tuple[Genre, ...] = (
    Genre(
        "rock", (92, 168), 0.05, False, 0.5, _ROCK + _POP, ("rock", "half time"),
        {"close": 8, "loop": 1, "machine": 0.5},
        {"bass": 5, "electric guitar": 7, "lead guitar": 3, "acoustic guitar": 2, "piano": 1, "organ": 2, "keys": 0.7,
         "backing vocal": 4, "lead vocal": 0.8, "percussion": 1, "synth": 0.5, "brass": 0.5, "strings": 0.5, "fx": 0.5},
        0.92,
    ),
    Genre(
        "pop", (84, 132), 0.1, True, 0.4, _POP, ("pop", "half time", "house"),
        {"close": 3, "machine": 4, "loop": 1.5},
        {"bass": 4, "sub bass": 1, "acoustic guitar": 2, "electric guitar": 3, "piano": 3, "keys": 2, "pad": 3,
         "pluck": 2, "arp": 1.5, "synth": 3, "lead synth": 1.5, "strings": 2, "stab": 1, "backing vocal": 5,
         "lead vocal": 1, "fx": 1.5, "riser": 1.5, "percussion": 1.5, "mallets": 1, "brass": 0.7, "lead guitar": 0.7},
        0.95,
    ),
    Genre(
        "house", (116, 140), 0.12, True, 0.75, _MINOR + _VAMP, ("house", "house", "breakbeat"),
        {"machine": 7, "loop": 2},
        {"bass": 3, "sub bass": 3, "pad": 3, "pluck": 3, "arp": 3, "stab": 3, "synth": 3, "lead synth": 3, "piano": 1,
         "keys": 1, "fx": 3, "riser": 3, "backing vocal": 1.5, "percussion": 2, "organ": 1, "strings": 0.7,
         "mallets": 0.5},
        0.45,
    ),
    Genre(
        "hip-hop", (70, 100), 0.25, True, 0.8, _VAMP + _MINOR, ("hip-hop", "trap"),
        {"machine": 6, "loop": 4},
        {"sub bass": 5, "bass": 1, "keys": 2, "piano": 2, "pad": 1.5, "pluck": 2, "mallets": 1.5, "strings": 1.5,
         "brass": 1.5, "synth": 1.5, "lead synth": 1, "fx": 2, "riser": 0.7, "backing vocal": 4, "lead vocal": 1.5,
         "percussion": 1.5, "woodwind": 1, "stab": 1, "electric guitar": 1, "organ": 0.7},
        0.9,
    ),
    Genre(
        "folk", (76, 132), 0.08, False, 0.35, _POP + _ROCK, ("shaker", "pop", "brushes"),
        {"none": 4, "close": 2, "percussion": 4},
        {"acoustic guitar": 8, "bass": 3, "piano": 2, "strings": 3, "woodwind": 2, "mallets": 1, "organ": 1.5,
         "backing vocal": 4, "lead vocal": 1, "percussion": 2, "electric guitar": 1.5, "lead guitar": 0.7, "keys": 1.5,
         "pad": 0.7},
        0.95,
    ),
    Genre(
        "jazz", (84, 176), 0.33, False, 0.5, _JAZZ, ("jazz", "brushes"),
        {"close": 7, "none": 2},
        {"bass": 6, "piano": 5, "keys": 2, "organ": 2, "electric guitar": 3, "brass": 4, "woodwind": 5, "mallets": 2,
         "backing vocal": 1.5, "lead guitar": 1, "strings": 1, "percussion": 1},
        0.5,
    ),
    Genre(
        "soul", (68, 112), 0.2, True, 0.5, _JAZZ + _POP, ("soul", "hip-hop", "pop"),
        {"close": 6, "machine": 2, "loop": 1},
        {"bass": 5, "keys": 4, "organ": 3, "piano": 2, "electric guitar": 4, "brass": 4, "woodwind": 2, "strings": 2,
         "backing vocal": 5, "lead vocal": 0.7, "percussion": 3, "synth": 1, "pad": 1, "lead guitar": 0.7, "arp": 0.3},
        0.92,
    ),
    Genre(
        "cinematic", (66, 124), 0.0, False, 0.7, _MINOR + _POP, ("cinematic", "half time"),
        {"percussion": 4, "none": 2, "close": 1.5, "machine": 1.5},
        {"strings": 9, "brass": 4, "woodwind": 4, "piano": 3, "mallets": 2, "pad": 3, "arp": 1.5, "pluck": 1,
         "backing vocal": 2.5, "bass": 1.5, "sub bass": 1.5, "fx": 2.5, "riser": 2.5, "percussion": 2, "synth": 1,
         "electric guitar": 0.7, "acoustic guitar": 0.7, "toms": 1, "cymbal": 0.7, "other": 0.3},
        0.45,
    ),
    Genre(
        "synthwave", (80, 124), 0.0, False, 0.8, _MINOR + _POP, ("half time", "house", "pop"),
        {"machine": 8, "loop": 1},
        {"bass": 5, "arp": 4, "pad": 4, "synth": 4, "lead synth": 4, "pluck": 2, "stab": 2, "electric guitar": 1,
         "lead guitar": 1.5, "keys": 1, "fx": 1.5, "riser": 1.5, "backing vocal": 1.5, "mallets": 0.7, "sub bass": 0.7},
        0.5,
    ),
)  # fmt: skip
