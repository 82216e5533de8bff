"""What the players play: one function per figure, from a song and some of its bars to notes.

Every figure has the signature ``(song, bars, low, high, rng) -> list[Note]``; ``low..high`` is the instrument's range
of MIDI pitches. ``FIGURES`` names them all.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from assistant.training.band.song import Note, Song

Figure = Callable[[Song, list[int], int, int, np.random.Generator], list[Note]]


def roots(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """A bass line of one repeated rhythm on the root, with fifths and octaves."""
    rhythm = [(0, 2, 4, 6), (0, 3, 6), (0, 1, 2, 3, 4, 5, 6, 7), (0, 3, 4, 7), (0, 5, 6)][rng.integers(5)]
    notes = []
    for bar in bars:
        root = song.root(bar, low)
        for place, after in zip(rhythm, (*rhythm[1:], 8), strict=True):
            leap = int(rng.choice([0, 0, 0, 0, 7, 12])) if place else 0
            pitch = root + leap if root + leap <= high else root
            length = (after - place) / 2 * float(rng.uniform(0.6, 0.98))
            notes.append(Note(song.swung(4 * bar + place / 2), length, pitch, float(rng.normal(92, 8))))
    return notes


def walking(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Quarter notes from chord to chord, as a jazz bass walks."""
    notes = []
    for bar in bars:
        tones = song.chord(bar, low, min(high, low + 19), 4)
        line = [song.root(bar, low), *rng.choice(tones, 2), song.root(bar + 1, low) + int(rng.choice([-1, 1]))]
        notes += [Note(4 * bar + i, 0.9, int(pitch), float(rng.normal(90, 8))) for i, pitch in enumerate(line)]
    return notes


def long_roots(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Long low notes: whole bars, or a few long ones with a pick-up."""
    notes = []
    for bar in bars:
        root = song.root(bar, low)
        if rng.random() < 0.5:
            notes.append(Note(4 * bar, 3.8, root, 100))
        else:
            notes += [
                Note(4 * bar, 2.2, root, 100),
                Note(4 * bar + 2.5, 1.3, min(high, root), float(rng.normal(88, 6))),
            ]
    return notes


def held_chords(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Chords as long as the bar."""
    size = int(rng.integers(2, 5))
    return [
        Note(4 * bar, 3.95, pitch, float(rng.normal(80, 6)))
        for bar in bars
        for pitch in _voicing(song, bar, low, high, size)
    ]


def comping(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Chords in a rhythm of eighths, with a left hand where the range allows."""
    rhythm = [(0.0, 1.5, 3.0), (0.0, 1.0, 2.0, 3.0), (0.0, 2.5), (0.5, 1.5, 2.5, 3.5), (0.0, 1.5, 2.0, 3.5)][
        rng.integers(5)
    ]
    size, length = int(rng.integers(3, 5)), float(rng.choice([0.3, 0.6, 0.95]))
    notes = []
    for bar in bars:
        voicing = _voicing(song, bar, max(low, high - 26), high, size)
        for place in rhythm:
            spread, loud = float(rng.uniform(0.0, 0.03)), float(rng.normal(82, 9))
            notes += [Note(song.swung(4 * bar + place) + i * spread, length, p, loud) for i, p in enumerate(voicing)]
        if high - low > 36:
            notes.append(Note(4 * bar, 3.5, song.root(bar, low), 80))
    return notes


def strumming(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Down and up strokes over four to six strings."""
    rhythm = [(0, 2, 3, 5, 6, 7), (0, 2, 4, 5, 6, 7), (0, 1, 2, 3, 4, 5, 6, 7), (0, 3, 4, 6, 7)][rng.integers(4)]
    notes = []
    for bar in bars:
        strings = _voicing(song, bar, low, high, 5)
        for place in rhythm:
            down, loud = place % 2 == 0, float(rng.normal(88 if place % 4 == 0 else 74, 8))
            order = strings if down else strings[::-1][:3]
            start, spread = song.swung(4 * bar + place / 2), float(rng.uniform(0.012, 0.03))
            notes += [Note(start + i * spread, 0.55, p, max(20.0, loud - 2 * i)) for i, p in enumerate(order)]
    return notes


def picking(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Broken chords in eighths that ring on."""
    order = rng.permutation(8)
    notes = []
    for bar in bars:
        tones = _voicing(song, bar, low, high, 5)
        notes += [
            Note(song.swung(4 * bar + i / 2), 1.4, tones[int(k) % len(tones)], float(rng.normal(80, 8)))
            for i, k in enumerate(order)
        ]
    return notes


def power_chords(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Root, fifth and octave: muted eighths or long ones."""
    is_held = rng.random() < 0.5
    places = (0.0, 2.0) if is_held else tuple(i / 2 for i in range(8))
    notes = []
    for bar in bars:
        root = song.root(bar, low)
        chord = [p for p in (root, root + 7, root + 12) if p <= high]
        for place in places:
            length, loud = (1.95 if is_held else 0.35), float(rng.normal(95, 8))
            notes += [Note(song.swung(4 * bar + place), length, pitch, loud) for pitch in chord]
    return notes


def arpeggio(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """A machine-like run over the chord in eighths or sixteenths."""
    step = float(rng.choice([0.25, 0.25, 0.5]))
    turn = rng.random() < 0.5
    notes = []
    for bar in bars:
        tones = _voicing(song, bar, low, high, 4)
        run = tones + tones[-2:0:-1] if turn else tones
        notes += [
            Note(4 * bar + i * step, 0.8 * step, run[i % len(run)], 96.0 if i % 4 == 0 else 80.0)
            for i in range(round(4 / step))
        ]
    return notes


def sparse(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """A short motif of single chord notes with space around it."""
    rhythm = np.sort(rng.choice(8, int(rng.integers(3, 6)), replace=False)) / 2
    picks = rng.integers(0, 5, len(rhythm))
    notes = []
    for bar in bars:
        tones = _voicing(song, bar, low, high, 5)
        pairs = zip(rhythm, picks, strict=True)
        notes += [
            Note(song.swung(4 * bar + float(r)), 0.4, tones[k % len(tones)], float(rng.normal(88, 7))) for r, k in pairs
        ]
    return notes


def hits(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Short chords at one or two places of the bar, not in every bar."""
    places = [(0.0,), (1.5,), (0.0, 1.5), (0.5, 1.5, 2.5, 3.5), (3.5,)][rng.integers(5)]
    size, length = int(rng.integers(2, 5)), float(rng.uniform(0.2, 0.6))
    return [
        Note(song.swung(4 * bar + place), length, pitch, float(rng.normal(104, 7)))
        for bar in bars
        if rng.random() < 0.8 or bar == bars[0]
        for place in places
        for pitch in _voicing(song, bar, low, high, size)
    ]


def melody(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Phrases that wander over the scale and rest on chord notes, with gaps to breathe in."""
    return _wander(song, bars, low, high, rng, rests=0.25, lengths=(0.5, 0.5, 0.5, 1.0, 1.0, 1.5, 2.0))


def singing(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """A sung line: mostly steps, syllables of an eighth to a half note."""
    return _wander(song, bars, low, high, rng, rests=0.3, lengths=(0.5, 0.5, 0.5, 0.5, 1.0, 1.0, 1.5, 2.5))


def oohs(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """One long chord note per bar: a single voice of a choir."""
    tones = [song.chord(bar, low, high) or [song.root(bar, low)] for bar in bars]
    place = float(rng.uniform(0.2, 0.8))
    chosen = [t[int(place * (len(t) - 1) + 0.5)] for t in tones]
    return [Note(4 * bar, 3.7, pitch, float(rng.normal(84, 5))) for bar, pitch in zip(bars, chosen, strict=True)]


def rapping(song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator) -> list[Note]:
    """Speech in sixteenths and eighths around one pitch."""
    notes, centre = [], (low + high) // 2 - 4
    for bar in bars:
        places = [i / 4 for i in range(15) if rng.random() < (0.8 if i % 2 == 0 else 0.45)]
        for place, after in zip(places, [*places[1:], 4.0], strict=True):
            pitch = max(low, min(high, centre + int(rng.normal(0, 2.2)) - int(place > 2.5)))
            length = min(0.5, 0.9 * (after - place))
            notes.append(Note(song.swung(4 * bar + place), length, pitch, float(rng.normal(90, 10))))
    return notes


def _wander(
    song: Song, bars: list[int], low: int, high: int, rng: np.random.Generator, rests: float, lengths: tuple[float, ...]
) -> list[Note]:
    notes: list[Note] = []
    pitch = (low + high) // 2
    for bar in bars:
        scale = [p for p in range(low, high + 1) if (p - song.key) % 12 in song.scale]
        tones, place = song.chord(bar, low, high), 0.0 if rng.random() < 0.6 else 0.5
        while place < 3.9:
            length = min(4.0 - place, float(rng.choice(lengths)))
            if rng.random() > rests:
                near = tones if place % 2 == 0 and tones else scale
                wanted = pitch + float(rng.normal(0.0, 2.5)) + 0.1 * ((low + high) / 2 - pitch)
                pitch = min(near, key=lambda p: abs(p - wanted))
                notes.append(Note(song.swung(4 * bar + place), 0.94 * length, pitch, float(rng.normal(90, 8))))
            place += length
    return notes


def _voicing(song: Song, bar: int, low: int, high: int, size: int) -> list[int]:
    """``size`` neighbouring chord notes around the middle of the range."""
    tones = song.chord(bar, low, high, 4 if song.genre.name in ("jazz", "soul") else 3)
    first = max(0, (len(tones) - size) // 2)
    return tones[first : first + size] or [song.root(bar, low)]


FIGURES: dict[str, Figure] = {
    "roots": roots, "walking": walking, "long roots": long_roots, "held chords": held_chords, "comping": comping,
    "strumming": strumming, "picking": picking, "power chords": power_chords, "arpeggio": arpeggio, "sparse": sparse,
    "hits": hits, "melody": melody, "singing": singing, "oohs": oohs, "rapping": rapping,
}  # fmt: skip
