"""What somebody moves in a DAW while a mix is worked on, and what that makes of the mixes.

Contents: :func:`is_same`, :func:`moved_mix`, :func:`carried`, :func:`with_mix`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from assistant.automation import SHARED
from assistant.mix import Mix, Settings
from assistant.params import BY_NAME
from protocols.daw import Control

#: Values nearer than this share of the control's travel are the same: DAWs round.
_SAME_SHARE = 1e-3

S = TypeVar("S", bound=Settings)


def is_same(param: str, one: float, other: float) -> bool:
    """Whether two values of a parameter are the same but for rounding."""
    row = BY_NAME[param]
    return abs(row.to_unit(row.clamp(one)) - row.to_unit(row.clamp(other))) <= _SAME_SHARE


def moved_mix(mix: Mix, values: Mapping[Control, float]) -> Mix:
    """``mix`` with ``values``, those of bus and master under ``SHARED``."""
    by_track: dict[str, dict[str, float]] = {}
    for control, value in values.items():
        by_track.setdefault(control.track, {})[control.param] = value
    shared = by_track.get(SHARED, {})
    channels = tuple(
        replace(c, settings=c.settings.with_values(**by_track[c.name])) if c.name in by_track else c
        for c in mix.channels
    )
    return replace(mix, channels=channels, reverb=_with(mix.reverb, shared), master=_with(mix.master, shared))


def carried(mix: Mix, was: Mix, now: Mix) -> Mix:
    """``mix``, which was proposed for the mix before ``was``, for the mix before ``now``: what it left alone is as it
    is now."""
    channels = []
    for channel in mix.channels:
        old, new = was.channel(channel.name).settings, now.channel(channel.name).settings
        same = old is new or old == new
        channels.append(channel if same else replace(channel, settings=_carried(channel.settings, old, new)))
    reverb, master = _carried(mix.reverb, was.reverb, now.reverb), _carried(mix.master, was.master, now.master)
    return replace(mix, channels=tuple(channels), reverb=reverb, master=master)


def with_mix(held: Mapping[Control, float], mix: Mix) -> dict[Control, float]:
    """``held`` as it was when the DAW stood at ``mix``; what it lacks of that is left out."""
    settings = {channel.name: channel.settings for channel in mix.channels}
    shared = {**mix.reverb, **mix.master}
    found = {}
    for control, value in held.items():
        then = (shared if control.track == SHARED else settings.get(control.track, {})).get(control.param, value)
        found[control] = value if is_same(control.param, then, value) else then
    return found


def _carried(wanted: S, old: S, new: S) -> S:
    values = {name: new[name] for name, value in wanted.items() if value == old[name] != new[name]}
    return wanted.with_values(**values) if values else wanted


def _with(settings: S, values: Mapping[str, float]) -> S:
    mine = {name: value for name, value in values.items() if name in settings}
    return settings.with_values(**mine) if mine else settings
