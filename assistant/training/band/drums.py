"""Drum parts: grooves as sixteenth-note patterns, fills and sections turned into notes per piece of the kit.

Patterns: one character per sixteenth of a bar, ``x`` a hit, ``o`` a soft one, ``?`` a hit some of the time. Drum keys
are those of General MIDI level 1's percussion map.
"""

from __future__ import annotations

import numpy as np

from assistant.training.band.song import BEATS_PER_BAR, Note, Song

#: Drum keys of each piece, the usual one first.
KEYS: dict[str, tuple[int, ...]] = {
    "kick": (36, 35),
    "snare": (38, 40),
    "clap": (39,),
    "hihat": (42, 46, 44),
    "toms": (50, 48, 45, 43),
    "cymbal": (49, 51, 57),
    "percussion": (70, 54, 63, 56, 61, 76, 82, 75),
}
GROOVES: dict[str, dict[str, str]] = {
    "rock": {"kick": "x.....?.x.x...?.", "snare": "....x.......x..o", "hihat": "x.o.x.o.x.o.x.o.", "cymbal": ""},
    "pop": {
        "kick": "x.....x.x....?..",
        "snare": "....x.......x...",
        "hihat": "x.o.x.o.x.o.x.oo",
        "clap": "....x.......x...",
    },
    "half time": {
        "kick": "x.....?....?..?.",
        "snare": "........x.......",
        "hihat": "x...x...x...x...",
        "clap": "........x...",
    },
    "house": {
        "kick": "x...x...x...x...",
        "snare": "....x.......x...",
        "hihat": "..x...x...x...x.",
        "clap": "....x.......x..?",
    },
    "breakbeat": {"kick": "x.x.......xx....", "snare": "....x..o.o..x..o", "hihat": "x.x.x.x.x.x.x.x.", "clap": ""},
    "hip-hop": {
        "kick": "x..?...?..x..?..",
        "snare": "....x.......x...",
        "hihat": "x.x.x.xox.x.x.x?",
        "clap": "....x.......x...",
    },
    "trap": {
        "kick": "x......x..x.....",
        "snare": "........x.......",
        "hihat": "x.x.x?xxx.x.xxxx",
        "clap": "........x.......",
    },
    "shaker": {"kick": "x.......x.......", "snare": "....o.......o...", "hihat": "....o.......o...", "clap": ""},
    "jazz": {
        "kick": "o......?....o...",
        "snare": "...?..o...?..?..",
        "hihat": "....x.......x...",
        "cymbal": "x...x.o.x...x.o.",
    },
    "brushes": {
        "kick": "x.......o.......",
        "snare": "o.o.x.o.o.o.x.o.",
        "hihat": "....x.......x...",
        "cymbal": "x...o.o.x...",
    },
    "soul": {
        "kick": "x..o......x..?..",
        "snare": "....x..o.o..x...",
        "hihat": "x.xoxox.xoxox.xo",
        "clap": "............x...",
    },
    "cinematic": {"kick": "x.......?.......", "snare": "............?...", "hihat": "", "toms": "x..x..x.x..xx.o."},
}
PERCUSSION = (
    "x.x.x.x.x.x.x.x.",
    "xoxoxoxoxoxoxoxo",
    "....x.......x...",
    "x..x..x...x.x...",
    "..x...x...x...xx",
    "x.......o.......",
)
FILLS = ("x.x.x.x.", "xxxxxxxx", "x..x..xx", "x...x.xx")


def play_drums(song: Song, bars: list[int], piece: str, rng: np.random.Generator, groove: str) -> list[Note]:
    """The notes of ``piece`` (a key of ``KEYS``) in ``bars`` as ``groove``, a key of ``GROOVES``, has it."""
    pattern = GROOVES[groove].get(piece, "")
    if piece == "percussion":
        pattern = PERCUSSION[rng.integers(len(PERCUSSION))]
    key = KEYS[piece][0] if piece != "percussion" else int(rng.choice(KEYS[piece]))
    notes = [note for bar in bars for note in _bar(song, bar, pattern, key, rng)]
    if piece == "hihat":
        notes = [_opened(note, rng) for note in notes]
    fills = [section.stop - 1 for section in song.sections if section.stop - 1 in bars]
    if piece == "toms":
        notes += [note for bar in fills for note in _fill(song, bar, rng)]
    if piece == "cymbal":
        notes += [Note(section.first * 4.0, 2.0, 49, 105.0) for section in song.sections if section.first in bars]
        notes = _or_crash(notes, song, bars)
    return notes


def _bar(song: Song, bar: int, pattern: str, key: int, rng: np.random.Generator) -> list[Note]:
    notes = []
    for step, mark in enumerate(pattern):
        if mark == "." or (mark == "?" and rng.random() < 0.6):
            continue
        accent = 6.0 if step % 4 == 0 else 0.0
        velocity = (52.0 if mark == "o" else 96.0) + accent + float(rng.normal(0.0, 7.0))
        notes.append(Note(song.swung(bar * BEATS_PER_BAR + step / 4), 0.2, key, min(127.0, max(12.0, velocity))))
    return notes


def _opened(note: Note, rng: np.random.Generator) -> Note:
    """Now and then the hi-hat stands open."""
    return Note(note.start, 0.45, KEYS["hihat"][1], note.velocity) if rng.random() < 0.06 else note


def _fill(song: Song, bar: int, rng: np.random.Generator) -> list[Note]:
    """Half a bar over the toms, from high to low."""
    pattern = FILLS[rng.integers(len(FILLS))]
    keys = KEYS["toms"]
    return [
        Note(bar * 4.0 + 2.0 + step / 4, 0.4, keys[min(3, step // 2)], float(rng.uniform(85, 120)))
        for step, mark in enumerate(pattern)
        if mark == "x"
    ]


def _or_crash(notes: list[Note], song: Song, bars: list[int]) -> list[Note]:
    """Ride beats move to the ride's key; a part without any crash gets one, so that it is heard at all."""
    ride = [Note(n.start, n.length, 51, n.velocity) if n.velocity < 105.0 else n for n in notes]
    return ride or [Note(4.0 * bars[0], 2.0, KEYS["cymbal"][0], 100.0)]
