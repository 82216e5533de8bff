"""Who plays on a session: how the drums are recorded, which other roles there are, when each part plays.

Contents: :class:`Part` (one track to be), :func:`cast_session`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assistant.training.band.instruments import INSTRUMENTS, Instrument
from assistant.training.band.names import write_name
from assistant.training.band.song import Song, stream

#: Drum lines of a whole kit as an overhead microphone hears it; ``drums`` plays them.
KIT = ("kick", "snare", "hihat", "toms", "cymbal")
FEWEST, MOST, MEAN, SPREAD = 6, 20, 12.0, 3.6


@dataclass(frozen=True)
class Part:
    """One track to be. Parts of one ``line`` play the same notes (doubles, several microphones).

    ``lines`` are the drum lines heard, for drums only; ``shift`` moves the notes by steps of the scale (harmonies).
    """

    name: str
    role: str
    instrument: Instrument
    figure: str
    bars: tuple[int, ...]
    line: str
    lines: tuple[str, ...] = ()
    shift: int = 0


@dataclass(frozen=True)
class Cast:
    """All parts of a session, the groove of its drums and whether they are a drum machine's."""

    parts: tuple[Part, ...]
    groove: str
    is_machine: bool


def cast_session(seed: int, song: Song) -> Cast:
    """Parts for 6 to 20 tracks of ``song``."""
    rng = stream(seed, "cast")
    number = int(np.clip(round(float(rng.normal(MEAN, SPREAD))), FEWEST, MOST))
    ways, weights = zip(*song.genre.drums.items(), strict=True)
    way = str(rng.choice(ways, p=np.array(weights) / sum(weights)))
    parts = _drums(way, song, number // 2 + 1, rng)
    if rng.random() < song.genre.sings:
        parts.append(_part(song, "lead vocal", "lead vocal", rng))
    while len(parts) < number:
        parts += _next_parts(song, parts, number - len(parts), rng)
    names: set[str] = set()
    named = []
    for part in parts:
        name = write_name(part.role, names, rng, part.name)
        names.add(name)
        named.append(Part(**{**vars(part), "name": name}))
    order = rng.permutation(len(named)) if rng.random() < 0.3 else range(len(named))
    groove = str(rng.choice(song.genre.grooves))
    return Cast(tuple(named[int(i)] for i in order), groove, way in ("machine", "loop"))


def playing_bars(song: Song, rng: np.random.Generator, reluctance: float = 0.5) -> tuple[int, ...]:
    """The bars of the sections full enough for a player; some players are there for one section only."""
    limit = float(rng.uniform(0.0, 2.0 * reluctance))
    chosen = [s for s in song.sections if s.energy >= min(limit, 1.0)]
    if rng.random() < 0.12:
        chosen = [chosen[rng.integers(len(chosen))]]
    return tuple(bar for section in chosen for bar in range(section.first, section.stop))


def _drums(way: str, song: Song, most: int, rng: np.random.Generator) -> list[Part]:
    """Drum tracks: (name, role, tone, stereo, lines, chance) rows of the way they are recorded."""
    bars = playing_bars(song, rng, 0.35)
    parts: list[Part] = []
    for name, role, tone, is_stereo, lines, chance in DRUM_ROWS[way]:
        if rng.random() < chance and len(parts) < most:
            own = playing_bars(song, rng) if role == "percussion" else bars
            line = f"{lines[0]} {len(parts)}" if role == "percussion" else lines[0]
            instrument = Instrument("drum", (), 0, 127, tone=tone, is_stereo=is_stereo and rng.random() < 0.8)
            parts.append(Part(name, role, instrument, "", own, line, (line,) if role == "percussion" else lines))
    return parts


_Row = tuple[str, str, str, bool, tuple[str, ...], float]
DRUM_ROWS: dict[str, tuple[_Row, ...]] = {
    "close": (
        ("", "kick", "close", False, ("kick",), 0.98),
        ("", "snare", "close", False, ("snare",), 0.98),
        ("", "overheads", "overheads", True, KIT, 0.85),
        ("", "hihat", "close", False, ("hihat",), 0.7),
        ("Floor Tom", "toms", "close", False, ("toms floor",), 0.45),
        ("Rack Tom", "toms", "close", False, ("toms rack",), 0.45),
        ("Kick Out", "kick", "close", False, ("kick",), 0.35),
        ("", "drum room", "drum room", True, KIT, 0.45),
        ("Snare Bot", "snare", "close", False, ("snare",), 0.3),
        ("", "toms", "close", True, ("toms",), 0.2),
        ("Ride", "cymbal", "close", False, ("cymbal",), 0.2),
        ("", "percussion", "plain", True, ("percussion",), 0.25),
    ),
    "machine": (
        ("", "kick", "machine", False, ("kick",), 0.97),
        ("", "snare", "machine", True, ("snare",), 0.7),
        ("", "hihat", "machine", True, ("hihat closed",), 0.9),
        ("", "clap", "machine", True, ("clap",), 0.55),
        ("Open Hat", "hihat", "machine", True, ("hihat open",), 0.3),
        ("", "cymbal", "machine", True, ("cymbal",), 0.35),
        ("", "percussion", "machine", True, ("percussion",), 0.5),
        ("", "toms", "machine", True, ("toms",), 0.2),
        ("", "percussion", "machine", True, ("percussion",), 0.2),
    ),
    "loop": (
        ("", "drum loop", "loop", True, ("loop",), 1.0),
        ("", "kick", "machine", False, ("kick",), 0.4),
        ("", "clap", "machine", True, ("clap",), 0.25),
        ("", "percussion", "machine", True, ("percussion",), 0.35),
        ("", "cymbal", "machine", True, ("cymbal",), 0.2),
    ),
    "percussion": (
        ("", "percussion", "plain", True, ("percussion",), 1.0),
        ("", "percussion", "room", False, ("percussion",), 0.6),
        ("", "toms", "room", True, ("toms",), 0.3),
        ("", "kick", "close", False, ("kick",), 0.3),
        ("", "cymbal", "room", True, ("cymbal",), 0.3),
        ("", "percussion", "plain", False, ("percussion",), 0.3),
    ),
    "none": (),
}


def _next_parts(song: Song, parts: list[Part], room: int, rng: np.random.Generator) -> list[Part]:
    """One more role, or a few tracks of it (left and right, a stack of voices), at most ``room``."""
    roles = [p.role for p in parts]
    choices = {r: w / (1.0 + roles.count(r)) for r, w in song.genre.parts.items() if roles.count(r) < _MOST.get(r, 2)}
    if "lead vocal" not in roles:
        choices.pop("lead vocal", None)
    choices |= {r: 0.05 for r in INSTRUMENTS if r not in song.genre.parts and roles.count(r) == 0 and r != "lead vocal"}
    names = sorted(choices)
    weights = np.array([choices[name] for name in names])
    role = str(rng.choice(names, p=weights / weights.sum()))
    if role not in INSTRUMENTS:
        return _drums("percussion", song, 1, rng)
    line = f"{role} {roles.count(role)}"
    if role == "backing vocal":
        return _voices(song, line, min(room, int(rng.integers(1, 5))), "lead vocal" in roles, rng)
    part = _part(song, role, line, rng)
    if room >= 2 and role in ("electric guitar", "acoustic guitar", "synth") and rng.random() < _PAIR_CHANCE[role]:
        return _pair(part, rng)
    return [part]


_MOST = {"lead vocal": 2, "electric guitar": 5, "acoustic guitar": 4, "backing vocal": 4, "strings": 4, "bass": 2,
         "sub bass": 1, "piano": 1, "organ": 1, "riser": 2, "lead guitar": 2}  # fmt: skip
_PAIR_CHANCE = {"electric guitar": 0.55, "acoustic guitar": 0.4, "synth": 0.1}


def _part(song: Song, role: str, line: str, rng: np.random.Generator) -> Part:
    instruments = INSTRUMENTS[role]
    instrument = instruments[rng.integers(len(instruments))]
    figure = str(rng.choice(instrument.figures)) if instrument.figures else ""
    if role == "lead vocal" and song.genre.name == "hip-hop" and rng.random() < 0.7:
        figure = "rapping"
    reluctance = 0.3 if role in ("bass", "lead vocal") else 0.5
    return Part("", role, instrument, figure, playing_bars(song, rng, reluctance), line)


def _pair(part: Part, rng: np.random.Generator) -> list[Part]:
    """The same player twice, for the left and for the right."""
    mono = Instrument(**{**vars(part.instrument), "is_stereo": False})
    base = str(
        rng.choice(
            {"electric guitar": ["gtr", "EGtr", "Gtr"], "acoustic guitar": ["Ac Gtr", "acoustic"]}.get(
                part.role, ["Syn"]
            )
        )
    )
    return [Part(**{**vars(part), "name": f"{base} {side}", "instrument": mono}) for side in ("L", "R")]


def _voices(song: Song, line: str, number: int, has_lead: bool, rng: np.random.Generator) -> list[Part]:
    """A stack of backing voices: harmonies of the lead, or parts of their own that sing together."""
    first = _part(song, "backing vocal", line, rng)
    parts: list[Part] = []
    for i in range(number):
        own = _part(song, "backing vocal", f"{line} voice {i}", rng)
        if own.instrument.sound == "gm" and parts:
            continue
        if has_lead and own.instrument.sound == "voice" and not own.instrument.is_stereo and rng.random() < 0.5:
            shift = int(rng.choice([0, 2, 2, -3, 4]))
            own = Part("", own.role, own.instrument, "singing", first.bars, "lead vocal", shift=shift)
        parts.append(Part(**{**vars(own), "bars": first.bars}))
    return parts
