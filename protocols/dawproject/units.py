"""The numbers of a project: a ``RealParameter`` has a unit of its DAW's choice, the parameter table has its own.

A scale says how each unit of the format becomes ours and back. Levels of silence are -inf dB. Frequencies in semitones
are MIDI pitches (69 is 440 Hz), as Bitwig writes them; ratios in percent are the part of the overshoot that is taken
away, 75 for 4:1 ("0-100", the reference has it).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element, SubElement

#: Digits of a value that survive the format's units and back.
_DIGITS = 12
_SAME_WITHIN = 1e-7
_LARGEST = 1e6  # beyond, no unit of ours means anything

Way = tuple[Callable[[float], float], Callable[[float], float]]
Scale = Mapping[str, Way]


def _level(amplitude: float) -> float:
    return 20.0 * math.log10(amplitude) if amplitude > 0.0 else -math.inf


def _amplitude(level_db: float) -> float:
    return 10.0 ** (level_db / 20.0)


def _ratio(taken_away: float) -> float:
    return 1.0 / (1.0 - taken_away) if taken_away < 1.0 else math.inf


def _taken_away(ratio: float) -> float:
    return 1.0 - 1.0 / ratio


def _same(value: float) -> float:
    return value


def _times(factor: float) -> Way:
    return (lambda value: value * factor, lambda value: value / factor)


_AMPLITUDE: Way = (_level, _amplitude)
LEVEL_DB: Scale = {
    "decibel": (_same, _same),
    "linear": _AMPLITUDE,
    "normalized": _AMPLITUDE,
    "percent": (lambda value: _level(value / 100.0), lambda level_db: 100.0 * _amplitude(level_db)),
}
#: Of what the format's reference states in dB.
GAIN_DB: Scale = {"decibel": (_same, _same), "linear": _AMPLITUDE}
FREQUENCY_HZ: Scale = {
    "hertz": (_same, _same),
    "semitones": (
        lambda pitch: 440.0 * 2.0 ** ((pitch - 69.0) / 12.0),
        lambda hertz: 69.0 + 12.0 * math.log2(hertz / 440.0),
    ),
}
TIME_MS: Scale = {"seconds": _times(1_000.0)}
RATIO: Scale = {
    "percent": (lambda value: _ratio(value / 100.0), lambda ratio: 100.0 * _taken_away(ratio)),
    "normalized": (_ratio, _taken_away),
    # A ratio as such from 1 on; below, what others call linear is normalized.
    "linear": (lambda value: value if value >= 1.0 else _ratio(value), _same),
}
Q: Scale = {"linear": (_same, _same), "normalized": (_same, _same)}
BPM: Scale = {"bpm": (_same, _same), "linear": (_same, _same)}
_PAN_FROM_0: Way = (lambda value: 2.0 * value - 1.0, lambda pan: (pan + 1.0) / 2.0)


def pan_scale(parameter: Element) -> Scale:
    """How ``parameter`` says pan: 0 to 1 where normalized or bounded so, else -1 to 1; in percent a hundredfold."""
    low = number(parameter.get("min"))
    from_0 = low is not None and low >= 0.0
    percent = (lambda v: 2.0 * v / 100.0 - 1.0, lambda p: 50.0 * (p + 1.0)) if from_0 else _times(0.01)
    return {"normalized": _PAN_FROM_0, "linear": _PAN_FROM_0 if from_0 else (_same, _same), "percent": percent}


def number(text: str | None) -> float | None:
    """The number in an attribute, with the format's "inf" and "-inf"; None where there is none."""
    try:
        value = math.nan if text is None else float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def attribute(element: Element, name: str) -> float | None:
    """The finite number in the attribute ``name``; None where there is none."""
    value = number(element.get(name))
    return value if value is not None and abs(value) < 1e9 else None


def flag(element: Element | None, default: bool) -> bool:
    """What a ``BoolParameter`` says."""
    return is_true(None if element is None else element.get("value"), default)


def is_true(text: str | None, default: bool) -> bool:
    """What an attribute of yes or no says."""
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").strip(), default)


def value_of(parameter: Element | None, scale: Scale) -> float | None:
    """The parameter's value in our unit; None where it has none, or one of a unit that ``scale`` does not know."""
    given = None if parameter is None else number(parameter.get("value"))
    way = None if parameter is None else scale.get(parameter.get("unit", ""))
    if given is None or way is None:
        return None
    try:
        value = way[0](given)
    except (OverflowError, ZeroDivisionError, ValueError):
        return None
    if math.isnan(value) or (math.isfinite(value) and abs(value) > _LARGEST):
        return None
    return value if way[0] is _same else float(f"{value:.{_DIGITS}g}")


def set_value(parameter: Element, scale: Scale, value: float) -> None:
    """Make ``parameter`` stand at ``value``, in the unit it has; one that stands there keeps its very digits."""
    held = value_of(parameter, scale)
    if held is not None and (held == value or abs(held - value) <= _SAME_WITHIN):
        return
    if parameter.get("unit") not in scale:
        parameter.set("unit", next(iter(scale)))
    written = scale[parameter.get("unit", "")][1](value)
    parameter.set("value", text_of(written))
    for bound, is_beyond in (("max", written.__gt__), ("min", written.__lt__)):
        limit = number(parameter.get(bound))
        if limit is not None and is_beyond(limit):
            parameter.set(bound, text_of(written))


def text_of(value: float) -> str:
    """``value`` as the format writes numbers."""
    return repr(float(value))


def add_parameter(parent: Element, tag: str, unit: str, scale: Scale, value: float, name: str = "") -> Element:
    """A new ``RealParameter`` at the end of ``parent``, ``value`` in our unit."""
    attributes = {"unit": unit, "value": text_of(scale[unit][1](value))}
    return SubElement(parent, tag, attributes | ({"name": name} if name else {}))
