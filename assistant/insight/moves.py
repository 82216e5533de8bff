"""How far one channel's settings stand from another's, in steps that can just be heard, and what that is in words.

A step is 0.3 dB of a fader, 1 dB of an equaliser's band or of a send, and else five percent of the control's travel:
more than the engineers leave out as too small, so that no hair's breadth counts (our choice). What does nothing counts
nothing: the frequency of a band that is flat in one of the two, the times of a compressor that is off, a send below
-40 dB. What follows from the rest by calculation is left out: trim and make-up gain restore a level and are not heard
themselves.

Contents: :func:`find_moves`, :func:`count_steps`, :func:`is_audible`; :func:`instead_text`,
:func:`lowered`, ``SWITCHES`` and :func:`switched_text`.
"""

from __future__ import annotations

import numpy as np

from assistant.analysis.sections import SECTIONS, Section, does_something
from assistant.engineers.filtering import response_db
from assistant.mix import ChannelSettings
from assistant.params import BY_NAME, EQ_BANDS, Param
from assistant.report.words import compressor_text
from assistant.wording import frequency_text, gain_text

#: What can just be heard of a gain in dB, by section of the table, and of any other control as a share of its travel;
#: on or off counts as ten steps.
STEP_DB: dict[str, float] = {"fader": 0.3, "eq": 1.0, "send": 1.0}
_STEP_SHARE, _STEPS_OF_A_SWITCH = 0.05, 10.0
#: Below this a send is as good as off.
_HARDLY_SENT_DB = -40.0
_CALCULATED = frozenset(("trim_db", "comp_makeup_db"))
#: What says whether a section is at work, by its name; its other parameters count only where it is at work in both.
SWITCHES: dict[str, str] = {
    "highpass": "highpass_on",
    "compressor": "comp_ratio",
    **{prefix: f"{prefix}_gain_db" for prefix, _ in EQ_BANDS},
}
_AUDIBLE_HZ = np.geomspace(30.0, 16_000.0, 110)


def find_moves(old: ChannelSettings, new: ChannelSettings) -> dict[str, float]:
    """How many steps each parameter stands from where it stood, by name; those that do not move are left out."""
    counting = [name for section in SECTIONS for name in _counting(section, old, new)]
    steps = {name: count_steps(BY_NAME[name], old[name], new[name]) for name in counting}
    return {name: count for name, count in steps.items() if count > 0.0}


def is_audible(steps: float) -> bool:
    """Whether ``steps`` make one, rounding errors aside."""
    return steps >= 1.0 - 1e-9


def count_steps(param: Param, old: float, new: float) -> float:
    """How far apart two values are, in audible steps."""
    if param.curve == "toggle":
        return _STEPS_OF_A_SWITCH * abs(new - old)
    if param.off_at_low:
        old, new = max(old, _HARDLY_SENT_DB), max(new, _HARDLY_SENT_DB)
    if param.unit == "dB" and param.section in STEP_DB:
        return abs(new - old) / STEP_DB[param.section]
    return abs(param.to_unit(new) - param.to_unit(old)) / _STEP_SHARE


def _counting(section: Section, old: ChannelSettings, new: ChannelSettings) -> list[str]:
    """The section's parameters that can make a difference."""
    names = [name for name in section.params if name not in _CALCULATED]
    switch = SWITCHES.get(section.name)
    if switch is None or (does_something(section, old) and does_something(section, new) and _bends(section, old, new)):
        return names
    return [switch]


def _bends(section: Section, old: ChannelSettings, new: ChannelSettings) -> bool:
    """Whether a band's curve differs by an audible step anywhere; other sections need no such proof."""
    if f"{section.name}_gain_db" not in section.params:
        return True
    curves = [response_db({name: values[name] for name in section.params}, _AUDIBLE_HZ) for values in (old, new)]
    return bool(np.abs(curves[1] - curves[0]).max() >= STEP_DB["eq"])


def switched_text(section: Section, settings: ChannelSettings) -> str:
    """What a section with a switch does, in words: ``off``, ``at 95 Hz``, ``+2.0 dB at 300 Hz``."""
    if not does_something(section, settings):
        return "off"
    if section.name == "compressor":
        return compressor_text(settings)
    place = f"at {frequency_text(settings[f'{section.name}_hz'])}"
    return place if section.name == "highpass" else f"{gain_text(settings[SWITCHES[section.name]])} dB {place}"


def instead_text(new: str, old: str) -> str:
    """``new`` instead of ``old``, whose unit is not said twice."""
    number, _, unit = old.rpartition(" ")
    return f"{new} instead of {number if number and new.split()[1:] == [unit] else old}"


def lowered(label: str) -> str:
    """A label inside a sentence."""
    return label[0].lower() + label[1:]
