"""What the console can do about a problem, as changes on top of a proposal.

Every function takes the proposal's channel and gives the changes that are still missing there: none where the proposal
has done it already, or where the console has no means left.

Contents: :func:`highpass`, :func:`cut`, :func:`less_bottom`, :func:`invert`, :func:`changes`;
:func:`attenuation_db`.
"""

from __future__ import annotations

import math

import numpy as np

from assistant.engineers.filtering import response_db
from assistant.mix import Change, ChannelMix
from assistant.params import BY_NAME, EQ_BANDS

#: A bell that already works within this many octaves is moved rather than joined by another.
_SAME_PLACE_OCTAVES = 0.25
_BELLS = tuple(prefix for prefix, shape in EQ_BANDS if shape == "peak")


def attenuation_db(channel: ChannelMix, hz: float) -> float:
    """By how much the channel's high-pass and equaliser lower ``hz``; negative where they raise it."""
    return -float(response_db(channel.settings, np.array([hz]))[0])


def highpass(channel: ChannelMix, hz: float) -> tuple[Change, ...]:
    """A high-pass at ``hz`` at least."""
    settings = channel.settings
    if settings["highpass_on"] and settings["highpass_hz"] >= hz:
        return ()
    return changes(channel, highpass_on=1.0, highpass_hz=hz)


def cut(channel: ChannelMix, hz: float, gain_db: float, q: float) -> tuple[Change, ...]:
    """``gain_db`` (negative) more at ``hz``: by the bell that works there already, else by the nearest idle one."""
    settings = channel.settings
    distances = {bell: abs(math.log2(settings[f"{bell}_hz"] / hz)) for bell in _BELLS}
    idle = [bell for bell in _BELLS if settings[f"{bell}_gain_db"] == 0.0]
    at_work = [b for b in _BELLS if b not in idle and distances[b] <= _SAME_PLACE_OCTAVES]
    if at_work:
        bell = min(at_work, key=distances.__getitem__)
        return changes(channel, **{f"{bell}_gain_db": settings[f"{bell}_gain_db"] + gain_db})
    if not idle:
        return ()
    bell = min(idle, key=distances.__getitem__)
    return changes(channel, **{f"{bell}_hz": hz, f"{bell}_gain_db": gain_db, f"{bell}_q": q})


def less_bottom(channel: ChannelMix, hz: float, gain_db: float) -> tuple[Change, ...]:
    """``gain_db`` (negative) more below ``hz``, by the low shelf; its corner stays where it is already at work."""
    settings = channel.settings
    place = {} if settings["low_shelf_gain_db"] else {"low_shelf_hz": hz}
    return changes(channel, low_shelf_gain_db=settings["low_shelf_gain_db"] + gain_db, **place)


def invert(channel: ChannelMix) -> tuple[Change, ...]:
    """The polarity turned over."""
    return changes(channel, polarity_inverted=1.0 - channel.settings["polarity_inverted"])


def changes(channel: ChannelMix, **wanted: float) -> tuple[Change, ...]:
    """What has to change for the channel's settings to be ``wanted``, kept inside the console's ranges."""
    inside = {name: round(BY_NAME[name].clamp(value), 2) for name, value in wanted.items()}
    return tuple(
        Change(channel.name, name, channel.settings[name], value)
        for name, value in inside.items()
        if value != channel.settings[name]
    )
