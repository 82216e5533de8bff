"""Settings between two settings: what an amount of 0..1 makes of a change. Standard library only.

0 is exactly the old, 1 exactly the new. Between them each parameter goes straight in its unit, along octaves where its
control does, a switch at the half; and a section goes as one:

- an equaliser's band that one side leaves idle keeps its frequency and Q from the other and scales its gain; so do a
  high-pass its cutoff and a compressor its times and its knee, while the ratio goes along octaves from 1:1;
- a threshold stands where it stood over the trim, because the trim decides how loud the compressor hears the track;
- a send that one side leaves off goes in amplitude: half as much reverb is 6 dB less of it.

Contents: :func:`between`, :func:`section_between`, :func:`threshold_between`, :func:`value_between`.
"""

from __future__ import annotations

import math

from assistant.analysis.sections import SECTION_BY_NAME, SECTIONS, Section, does_something
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, Param

#: How much a section does; its other parameters say where and how it does it.
_HOW_MUCH = frozenset(
    name
    for section in SECTIONS
    for name in section.params
    if not name.endswith(("_hz", "_q", "_threshold_db", "_attack_ms", "_release_ms", "_knee_db"))
)


def between(old: ChannelSettings, new: ChannelSettings, amount: float) -> ChannelSettings:
    """The settings at ``amount`` 0..1 of the way from ``old`` to ``new``."""
    if amount <= 0.0:
        return old
    if amount >= 1.0:
        return new
    values: dict[str, float] = {}
    for section in SECTIONS:
        values |= section_between(section, old, new, amount)
    values["comp_threshold_db"] = threshold_between(old, new, amount, values["trim_db"])
    return ChannelSettings(values)


def section_between(section: Section, old: ChannelSettings, new: ChannelSettings, amount: float) -> dict[str, float]:
    """The values of one section at ``amount``; of a threshold see :func:`threshold_between`."""
    old_works, new_works = does_something(section, old), does_something(section, new)
    one_side = None if old_works == new_works else (new if new_works else old)
    is_between = 0.0 < amount < 1.0
    values = {}
    for name in section.params:
        if is_between and one_side is not None and name not in _HOW_MUCH:
            values[name] = one_side[name]
        else:
            values[name] = value_between(BY_NAME[name], old[name], new[name], amount)
    return values


def threshold_between(old: ChannelSettings, new: ChannelSettings, amount: float, trim_db: float) -> float:
    """The compressor's threshold at ``amount``, for a trim that stands at ``trim_db``, in dB."""
    compressor = SECTION_BY_NAME["compressor"]
    threshold_db = section_between(compressor, old, new, amount)["comp_threshold_db"]
    old_works, new_works = does_something(compressor, old), does_something(compressor, new)
    if old_works == new_works or not 0.0 < amount < 1.0:
        meant_for_db = value_between(BY_NAME["trim_db"], old["trim_db"], new["trim_db"], amount)
    else:
        meant_for_db = (new if new_works else old)["trim_db"]
    return BY_NAME["comp_threshold_db"].clamp(threshold_db + (trim_db - meant_for_db))


def value_between(param: Param, old: float, new: float, amount: float) -> float:
    """One parameter's value at ``amount``."""
    if amount <= 0.0 or old == new:
        return old
    if amount >= 1.0:
        return new
    if param.curve == "toggle":
        return new if amount >= 0.5 else old
    if param.off_at_low and param.low in (old, new):
        share = amount if old == param.low else 1.0 - amount
        return max(param.low, max(old, new) + 20.0 * math.log10(share))
    value = old * (new / old) ** amount if param.curve == "log" else old + amount * (new - old)
    return min(max(value, min(old, new)), max(old, new))
