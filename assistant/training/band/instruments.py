"""The instruments: which sounds can play a role, with which figures, in which range.

``sound`` says who makes it: ``gm`` General MIDI program ``program`` (0..127) of the soundfont, ``synth`` a patch of
``synthesis``, ``voice`` the singer, ``effect`` a sound of ``effects``, ``drum`` a piece of the kit. ``tone`` chooses
the colour of the recording, see ``colour``.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    """One way to play a role; ``figures`` are names of ``figures.FIGURES``, ``low..high`` MIDI pitches."""

    sound: str
    figures: tuple[str, ...]
    low: int
    high: int
    program: int = 0
    patch: str = ""
    tone: str = "plain"
    is_stereo: bool = False


def _gm(
    programs: str, figures: str, low: int, high: int, tone: str = "plain", *, stereo: bool = False
) -> list[Instrument]:
    names = tuple(figures.split(", "))
    return [Instrument("gm", names, low, high, int(p), tone=tone, is_stereo=stereo) for p in programs.split()]


def _synth(patches: str, figures: str, low: int, high: int, *, stereo: bool = True) -> list[Instrument]:
    names = tuple(figures.split(", "))
    return [
        Instrument("synth", names, low, high, patch=p, tone="electronic", is_stereo=stereo) for p in patches.split()
    ]


def _effects(patches: str) -> list[Instrument]:
    return [Instrument("effect", (), 0, 127, patch=p, tone="electronic", is_stereo=True) for p in patches.split()]


CHORDS = "held chords, comping"
INSTRUMENTS: dict[str, list[Instrument]] = {
    "bass": _gm("33 33 34 34 35 36", "roots", 28, 50, "bass amp")
    + _gm("32 32", "walking, roots", 28, 52, "bass amp")
    + _gm("38 39", "roots, arpeggio", 29, 50, "electronic")
    + _synth("reese acid", "roots, roots, arpeggio", 28, 48, stereo=False),
    "sub bass": _synth("sub sub 808", "long roots", 26, 40, stereo=False),
    "acoustic guitar": _gm("24 25 25 25", "strumming, picking, picking", 43, 76)
    + _gm("25 25 24", "strumming, picking", 43, 76, stereo=True)
    + _gm("105 15", "picking", 48, 79),
    "electric guitar": _gm("27 27 28", "comping, picking, strumming, sparse", 43, 74, "clean amp")
    + _gm("26", "comping, picking", 43, 72, "clean amp")
    + _gm("27 28 29 30 30", "power chords", 40, 62, "driven amp"),
    "lead guitar": _gm("29 30 27", "melody", 55, 86, "driven amp"),
    "piano": _gm("0 0 1 2 3", "comping, held chords, picking, sparse", 36, 84, "room", stereo=True)
    + _gm("0 1", "comping, melody", 48, 84),
    "keys": _gm("4 4 5 5 7 6", "comping, held chords, sparse", 43, 79, stereo=True)
    + _gm("4 7 11 21", "comping", 48, 79),
    "organ": _gm("16 16 17 18 19", CHORDS, 43, 79, "organ", stereo=True) + _gm("16 18 20", CHORDS, 48, 79, "organ"),
    "mallets": _gm("8 9 10 11 11 12 12 13 14 108", "sparse, arpeggio, melody, picking", 55, 91, "room", stereo=True),
    "strings": _gm("48 48 49 44 50", "held chords, held chords, melody", 43, 84, "hall", stereo=True)
    + _gm("45", "sparse, arpeggio", 48, 84, "hall", stereo=True)
    + _gm("40 41 42", "melody, oohs", 50, 84, "room")
    + _gm("42 43", "long roots, oohs", 36, 60, "room")
    + _gm("46", "picking", 48, 88, "hall", stereo=True),
    "brass": _gm("56 59 57 60", "melody, hits", 50, 80, "room")
    + _gm("61 61 62", "hits, held chords", 48, 80, "room", stereo=True)
    + _gm("58", "roots", 30, 50),
    "woodwind": _gm("64 65 66 67 68 71 73 75", "melody", 55, 86, "room")
    + _gm("69 70 72 74 77 22", "melody, oohs", 53, 84),
    "pad": _gm("88 89 90 91 92 94 95", "held chords", 43, 79, "hall", stereo=True)
    + _synth("supersaw warm choir glass", "held chords", 43, 76),
    "lead synth": _gm("80 81 84 87", "melody, sparse", 58, 88, "electronic", stereo=True)
    + _synth("lead square whistle", "melody", 58, 88)
    + _synth("lead square", "melody", 58, 84, stereo=False),
    "pluck": _synth("pluck bell-pluck saw-pluck", "sparse, sparse, arpeggio", 50, 86)
    + _gm("104 106 107 45", "sparse", 50, 82, stereo=True),
    "arp": _synth("pluck saw-pluck square glass", "arpeggio", 50, 90)
    + _gm("80 81 88 99", "arpeggio", 50, 86, "electronic", stereo=True),
    "stab": _synth("stab supersaw", "hits", 48, 80) + _gm("55 62 63", "hits", 58, 82, "electronic", stereo=True),
    "synth": _synth("warm supersaw square stab", "comping, sparse, roots", 43, 80)
    + _gm("62 63 80 81 90 87", CHORDS + ", sparse", 43, 79, "electronic", stereo=True),
    "lead vocal": [
        Instrument("voice", ("singing",), 45, 64, patch="low", tone="voice"),
        Instrument("voice", ("singing",), 55, 75, patch="high", tone="voice"),
    ],
    "backing vocal": [
        Instrument("voice", ("oohs", "singing"), 48, 67, patch="low", tone="voice"),
        Instrument("voice", ("oohs", "singing"), 55, 76, patch="high", tone="voice"),
        Instrument("voice", ("oohs", "held chords"), 50, 74, patch="choir", tone="voice", is_stereo=True),
        *_gm("52 53", CHORDS, 48, 76, "hall", stereo=True),
    ],
    "fx": _effects("impact zap vinyl downlifter drone noise-hit chirps")
    + _gm("97 98 101 102 103 119", "oohs", 48, 72, "hall", stereo=True),
    "riser": _effects("noise-riser tone-riser swell"),
    "other": _gm("123 125 109 120", "oohs", 48, 72, "hall", stereo=True),
}
