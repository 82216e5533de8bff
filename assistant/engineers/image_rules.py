"""Stereo width: bass and kick narrow, pads a little wider, a half-dead stereo file in mono; what it costs in level.

Sources: low frequencies belong in the middle: Perez Gonzalez and Reiss, "A real-time semiautonomous audio panning
system for music mixing", EURASIP J. Adv. Signal Process., 2010; Pestana and Reiss, "Intelligent audio production
strategies informed by best practices", AES 53rd Conf., 2014. The figures: practice, our choice.
"""

from __future__ import annotations

import math

from assistant.engineers.hearing import Advice, HeardTrack
from assistant.engineers.panning import ONE_SIDED_DB, PAN_BY_ROLE

#: Side share that is left to low instruments, and to others that carry much below 120 Hz.
_LOW_INSTRUMENT_SIDE, _LOW_TRACK_SIDE, _LOW_SHARE = 0.05, 0.15, 0.35
_WIDENED = frozenset(("pad", "strings"))
_NARROW_SIDE, _WIDER = (0.01, 0.1), 1.3


def advise_width(heard: HeardTrack) -> Advice:
    """The width of a stereo track; no settings where it is right as recorded."""
    features, role = heard.features, heard.guess.role
    if not features.is_stereo:
        return Advice()
    if abs(features.balance_db) >= ONE_SIDED_DB and role.name not in PAN_BY_ROLE:
        louder = "right" if features.balance_db > 0.0 else "left"
        reason = f"width 0: {abs(features.balance_db):.0f} dB louder on the {louder}, as good as mono"
        return Advice({"width": 0.0}, (reason,))
    is_low = role.family == "bass" or role.name == "kick"
    side = max(features.width, features.low_width) if is_low else features.low_width
    most = _LOW_INSTRUMENT_SIDE if is_low else _LOW_TRACK_SIDE
    if (is_low or features.low_share > _LOW_SHARE) and side > most:
        width = math.floor(100.0 * math.sqrt(most * max(0.0, 1.0 - side) / (side * (1.0 - most)))) / 100.0
        where = "" if side == features.width else " below 120 Hz"
        reason = f"width {width:.2f}: {side:.0%} of it{where} is side signal, and lows stay narrow"
        return Advice({"width": width}, (reason,))
    if role.name in _WIDENED and _NARROW_SIDE[0] < features.width < _NARROW_SIDE[1]:
        reason = f"width {_WIDER:g}: only {features.width:.0%} of a {role.name} that should surround is side signal"
        return Advice({"width": _WIDER}, (reason,))
    return Advice()


def image_change_db(heard: HeardTrack, width: float, pan: float) -> float:
    """What ``width``, and behind it the balance at ``pan``, do to the level of a stereo track.

    0 for a mono one: its panner keeps the power.
    """
    if not heard.features.is_stereo:
        return 0.0
    same, other = (1.0 + width) / 2.0, (1.0 - width) / 2.0
    ratio = 10.0 ** (heard.features.balance_db / 10.0)
    left, right = 1.0 / (1.0 + ratio), ratio / (1.0 + ratio)
    crossed = same * other * (1.0 - 2.0 * heard.features.width)
    left, right = (
        same * same * left + other * other * right + crossed,
        same * same * right + other * other * left + crossed,
    )
    power = min(1.0, 1.0 - pan) ** 2 * left + min(1.0, 1.0 + pan) ** 2 * right
    return 10.0 * math.log10(max(0.01, power))
