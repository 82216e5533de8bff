"""Places in the stereo field, seen from the audience: the hi-hat stands right of the middle, the floor tom left.

Low and leading tracks stay in the middle; the others are spread to both sides so that left and right carry the same
power in every third of an octave, which also puts tracks of similar spectrum on opposite sides. Named pairs
(``gtr L``/``gtr R``) go to opposite sides; stereo tracks keep their width and hardly move, but one that leans to a
side is brought back to the middle by its balance.

Sources: Perez Gonzalez and Reiss, "Automatic mixing: live downmixing stereo panner", DAFx 2007, and "A real-time
semiautonomous audio panning system for music mixing", EURASIP J. Adv. Signal Process., 2010 (low frequencies and
priority tracks centred, the rest spread symmetrically, similar spectra apart); Pestana and Reiss 2014 (a track is
panned the wider the higher its spectrum); hi-hat and toms by place: Izhaki, *Mixing Audio*, 2008. The figures:
practice, our choice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from assistant.arrays import FloatArray
from assistant.engineers.hearing import Advice, HeardTrack, Scene
from assistant.engineers.role_names import side_of, stem_of, words_of

#: How far from the middle a mono track of the role may stand; roles left out stay in the middle.
PAN_BY_ROLE: dict[str, float] = {
    "clap": 0.15,
    "hihat": 0.3,
    "cymbal": 0.5,
    "toms": 0.35,
    "percussion": 0.5,
    "overheads": 0.8,
    "drum room": 0.8,
    "backing vocal": 0.5,
    "acoustic guitar": 0.5,
    "electric guitar": 0.6,
    "lead guitar": 0.1,
    "piano": 0.35,
    "keys": 0.4,
    "organ": 0.4,
    "mallets": 0.4,
    "strings": 0.4,
    "brass": 0.4,
    "woodwind": 0.3,
    "pad": 0.3,
    "lead synth": 0.1,
    "pluck": 0.4,
    "arp": 0.4,
    "stab": 0.3,
    "synth": 0.25,
    "fx": 0.25,
    "riser": 0.2,
    "other": 0.2,
}
#: Roles whose single mono track stays in the middle: there is nothing to set against it.
_ALONE_IN_THE_MIDDLE = frozenset(("overheads", "drum room"))
#: The side of pieces with a place in the kit, audience's view, for a right-handed drummer.
_TOM_PANS = {"hi": 0.4, "high": 0.4, "rack": 0.25, "mid": 0.0, "low": -0.3, "floor": -0.5, "standtom": -0.5}
_STEREO_SHARE, _LOW_SHARE, _PAIR_PAN = 0.2, 0.35, 0.8
#: From which difference of the sides on a stereo track leans, and from which it is on one side.
_LEAN_DB, ONE_SIDED_DB = 1.5, 12.0
#: Where both sides are as good to three digits, the left is taken: no rounding error may turn the field around.
_CLEARLY = 0.999


def plan_panning(scene: Scene, fader_db: Mapping[str, float]) -> dict[str, Advice]:
    """Pan for every track of ``scene``; ``fader_db`` by track name weighs the tracks' power.

    The result depends on names, sounds and faders only, never on the tracks' order.
    """
    pairs = _pairs(scene)
    placed = {heard.name: place for heard in scene.tracks if (place := _fixed_place(heard, pairs)) is not None}
    waiting = {heard.name: heard for heard in scene.tracks if heard.name not in placed}
    pans = {name: advice.settings.get("pan", 0.0) for name, advice in placed.items()}
    sides = assign_sides(scene, {name: _reach(heard) for name, heard in waiting.items()}, pans, fader_db)
    return placed | {name: _spread(heard, sides[name]) for name, heard in waiting.items()}


def assign_sides(
    scene: Scene, reach: Mapping[str, float], placed: Mapping[str, float], fader_db: Mapping[str, float]
) -> dict[str, float]:
    """Pan of every track named in ``reach``: as far from the middle as it says, on the side that balances the field.

    ``placed`` are the pans of those that stand already; ``fader_db`` weighs the power of each. The strongest choose
    first.
    """
    tracks = {heard.name: heard for heard in scene.tracks}
    field = np.zeros(31)
    for name, pan in placed.items():
        field += _pull(tracks[name], pan, fader_db[name])
    pulls = {name: _pull(tracks[name], distance, fader_db[name]) for name, distance in reach.items()}
    pans = {}
    for name in sorted(reach, key=lambda name: (-_size_db(pulls[name]), name)):
        is_right = np.linalg.norm(field + pulls[name]) < _CLEARLY * np.linalg.norm(field - pulls[name])
        side = 1.0 if is_right else -1.0
        field += side * pulls[name]
        pans[name] = side * reach[name]
    return pans


def known_sides(scene: Scene) -> dict[str, float]:
    """-1, 0 or +1 for every mono track whose side is decided by its name or its place in the kit."""
    sides = _pairs(scene)
    for heard in scene.tracks:
        if heard.features.is_stereo or heard.name in sides:
            continue
        tom = _tom_place(heard)
        if tom is not None:
            sides[heard.name] = math.copysign(1.0, tom) if tom else 0.0
        elif heard.role == "hihat":
            sides[heard.name] = 1.0
    return sides


def _pairs(scene: Scene) -> dict[str, float]:
    """Side (-1, +1) of every track that is half of a mono pair: same words, one left and one right, or 1 and 2."""
    by_stem: dict[str, list[HeardTrack]] = {}
    for heard in scene.tracks:
        if not heard.features.is_stereo and PAN_BY_ROLE.get(heard.role):
            by_stem.setdefault(stem_of(heard.name), []).append(heard)
    sides: dict[str, float] = {}
    for tracks in by_stem.values():
        named = {heard.name: float(side_of(heard.name)) for heard in tracks}
        if {-1.0, 1.0} <= set(named.values()):
            sides |= {name: side for name, side in named.items() if side}
        elif len(tracks) == 2 and not any(named.values()) and tracks[0].role != "toms":
            first, second = sorted(tracks, key=lambda heard: (words_of(heard.name), heard.name))
            sides |= {first.name: -1.0, second.name: 1.0}
    return sides


def _fixed_place(heard: HeardTrack, pairs: dict[str, float]) -> Advice | None:
    """The place of tracks that have no choice: middle, pair, part of the kit."""
    features, reach = heard.features, PAN_BY_ROLE.get(heard.role, 0.0)
    if leans(heard):
        return _centred(heard)
    if reach == 0.0:
        return Advice({"pan": 0.0}, (f"pan 0: a {heard.role} belongs in the middle",))
    if heard.name in pairs:
        pan = round(pairs[heard.name] * max(reach, _PAIR_PAN), 2)
        return Advice({"pan": pan}, (f"pan {pan:+.2f}: one half of the pair {stem_of(heard.name)!r}",))
    place = _tom_place(heard)
    if place is not None and not features.is_stereo:
        return Advice({"pan": place}, (f"pan {place:+.2f}: tom by its place in the kit, audience's view",))
    if features.low_share > _LOW_SHARE:
        return Advice({"pan": 0.0}, (f"pan 0: {features.low_share:.0%} of the power lies below 120 Hz",))
    if features.is_stereo:
        return None
    if heard.role in _ALONE_IN_THE_MIDDLE:
        return Advice({"pan": 0.0}, (f"pan 0: the only mono {heard.role} track of its kind",))
    if heard.role == "hihat":
        return Advice({"pan": reach}, (f"pan {reach:+.2f}: hi-hat right of the middle, audience's view",))
    return None


def _tom_place(heard: HeardTrack) -> float | None:
    """Where a tom stands in the kit; None for other tracks and for toms that do not say."""
    if heard.role != "toms":
        return None
    return next((_TOM_PANS[word] for word in words_of(heard.name) if word in _TOM_PANS), None)


def leans(heard: HeardTrack) -> bool:
    """Whether a stereo track stands off the middle; one that is all but on one side was put there, or is half dead."""
    return heard.features.is_stereo and _LEAN_DB < abs(heard.features.balance_db) < ONE_SIDED_DB


def _centred(heard: HeardTrack) -> Advice:
    """The balance that makes both sides equally strong: the console's only lowers the louder one."""
    balance_db = heard.features.balance_db
    pan = round(math.copysign(1.0 - 10.0 ** (-abs(balance_db) / 20.0), -balance_db), 2)
    side = "right" if balance_db > 0.0 else "left"
    reason = f"pan {pan:+.2f}: {abs(balance_db):.1f} dB louder on the {side}, brought back to the middle"
    return Advice({"pan": pan}, (reason,))


def _reach(heard: HeardTrack) -> float:
    """Distance from the middle; less for stereo tracks, a little more for high spectra."""
    reach = PAN_BY_ROLE[heard.role] * (_STEREO_SHARE if heard.features.is_stereo else 1.0)
    octaves = float(np.log2(max(heard.features.centroid_hz, 60.0) / 600.0))
    return round(reach * min(1.25, max(0.75, 1.0 + 0.1 * octaves)), 2)


def _pull(heard: HeardTrack, pan: float, fader_db: float) -> FloatArray:
    """Right minus left power per third octave, for the track at ``pan`` (balance of a stereo track included)."""
    spectrum = 10.0 ** (np.asarray(heard.features.spectrum_db) / 10.0)
    lean = math.sin(pan * math.pi / 2.0)
    if heard.features.is_stereo:
        left, right = balanced_powers(heard, pan)
        lean = right - left
    return np.asarray(spectrum * 10.0 ** (fader_db / 10.0) * lean)


def balanced_powers(heard: HeardTrack, pan: float) -> tuple[float, float]:
    """(left, right) power of a stereo track behind the balance at ``pan``, as shares of its power before."""
    ratio = 10.0 ** (heard.features.balance_db / 10.0)
    return min(1.0, 1.0 - pan) ** 2 / (1.0 + ratio), min(1.0, 1.0 + pan) ** 2 * ratio / (1.0 + ratio)


def _size_db(pull: FloatArray) -> int:
    """Whole decibels, so that equal tracks are ordered by name and not by rounding errors."""
    return round(20.0 * float(np.log10(np.linalg.norm(pull) + 1e-9)))


def _spread(heard: HeardTrack, pan: float) -> Advice:
    pan = round(pan, 2)
    if heard.features.is_stereo:
        text = f"pan {pan:+.2f}: a stereo track keeps its width and stays near the middle"
    else:
        text = f"pan {pan:+.2f}: {heard.role} set against tracks of similar spectrum on the other side"
    return Advice({"pan": pan}, (text,))
