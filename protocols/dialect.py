"""Dialects as data: how each console parameter is called in a DAW's OSC, and the two functions that serve them all.

A dialect module holds a :class:`Dialect` and nothing executable. Conventions: places in an address or among the
arguments are written ``{strip}``, ``{send}``, ``{plugin}``, ``{port}``; the argument ``{value}`` is the parameter's
value through the row's law (:mod:`protocols.laws`), as a text where its tag is ``s`` ("-6.0 dB", "2.5 kHz"). Values are
those of the parameter table.

Contents: :class:`Message`, :class:`Row`, :class:`Dialect`, :class:`Reading`, :func:`encode`, :func:`decode`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from assistant.params import BY_NAME
from protocols.errors import ProtocolError
from protocols.laws import LAWS

#: What an OSC message carries: 32 bit integers and floats, and texts.
Argument = int | float | str
Direction = Literal["send", "receive", "both"]

VALUE = "{value}"
_SAID = re.compile(r"\s*([-+]?(?:inf\b|\d+(?:\.\d*)?|\.\d+))\s*(k?)", re.ASCII)
_LONGEST_NUMBER = 32


@dataclass(frozen=True)
class Message:
    """One OSC message: its address, a type tag per argument (``i``, ``f`` or ``s``), the arguments."""

    address: str
    types: str = ""
    args: tuple[Argument, ...] = ()


@dataclass(frozen=True)
class Row:
    """How a dialect says one parameter of the table.

    ``args`` stand as ``types`` says; each is a constant's text or a place. ``law`` names a row of ``LAWS``.
    ``precision`` is how far, in wire units, the value that the DAW says may be from the one it holds, 0 where it says
    all of a 32 bit float.
    """

    param: str
    direction: Direction
    address: str
    types: str
    args: tuple[str, ...]
    law: str = "identity"
    precision: float = 0.0


@dataclass(frozen=True)
class Dialect:
    """One DAW's OSC: its ports, how it counts, its rows; ``pan_law`` is that of its mono tracks.

    ``port`` is where the DAW listens, ``reply_port`` where it sends answers; None: to where the question came from.
    """

    name: str
    label: str
    port: int
    reply_port: int | None
    first_index: int
    pan_law: str
    rows: tuple[Row, ...]

    def row(self, param: str, direction: Literal["send", "receive"] = "send") -> Row | None:
        """The row of ``param`` that serves ``direction``; None where the DAW has no such parameter."""
        return next((r for r in self.rows if r.param == param and r.direction in (direction, "both")), None)


@dataclass(frozen=True)
class Reading:
    """What a datagram says: that ``param`` stands at ``value`` (in the table's unit), at these ``places``."""

    param: str
    value: float
    places: Mapping[str, int]


def limits_of(dialect: Dialect, param: str) -> tuple[float, float] | None:
    """The lowest and the highest value of ``param`` where the dialect holds less than the table; None where all."""
    row, table = dialect.row(param), BY_NAME[param]
    law = None if row is None else LAWS[row.law]
    if law is None:
        return None
    low = table.low if law.low is None else max(table.low, law.low)
    high = table.high if law.high is None else min(table.high, law.high)
    return None if (low, high) == (table.low, table.high) else (low, high)


def encode(dialect: Dialect, param: str, value: float, places: Mapping[str, int]) -> Message:
    """The message that sets ``param`` to ``value`` at ``places``.

    A gain that is off at its lowest is silence there; levels below the table's lowest pass where the law holds them, so
    that what a DAW held can be put back. Raises ``ValueError`` for a value out of the table's range or the
    law's, and for a place before the DAW's first (some count backwards from there), :class:`ProtocolError` for a
    parameter that the dialect cannot say.
    """
    row = dialect.row(param)
    if row is None:
        raise ProtocolError(f"{dialect.label} has no way to be told {param}")
    for name, place in places.items():
        if place < dialect.first_index:
            raise ValueError(f"{name}={place}: expected {dialect.first_index} or above in {dialect.label}")
    wire = LAWS[row.law].to_wire(_checked(dialect, row, value))
    args = tuple(
        _typed(wire if arg == VALUE else _filled(arg, places), tag)
        for arg, tag in zip(row.args, row.types, strict=True)
    )
    return Message(_filled(row.address, places), row.types, args)


def decode(dialect: Dialect, address: str, args: tuple[object, ...]) -> Reading | None:
    """What a message from the DAW says about a parameter; None where it says nothing about any, or nothing sound.

    Nothing in a datagram raises.
    """
    for row in dialect.rows:
        if row.direction == "send" or len(args) != len(row.args):
            continue
        matched = _pattern(row.address).fullmatch(address)
        reading = matched and _reading(row, {k: int(v) for k, v in matched.groupdict().items()}, args)
        if reading:
            return reading
    return None


def _checked(dialect: Dialect, row: Row, value: float) -> float:
    param, law = BY_NAME[row.param], LAWS[row.law]
    if law.low is not None and law.low <= value < param.low:
        return value  # what a nearly closed fader held, put back
    number = param.check(value)
    if param.off_at_low and number <= param.low:
        return -math.inf
    low, high = (limit if limit is not None else number for limit in (law.low, law.high))
    if not low <= number <= high:
        raise ValueError(f"{row.param}={value!r}: {dialect.label} holds {low:g} to {high:g} {param.unit}")
    return number


def _reading(row: Row, places: dict[str, int], args: tuple[object, ...]) -> Reading | None:
    value: float | None = None
    for template, arg, tag in zip(row.args, args, row.types, strict=True):
        if template == VALUE:
            wire = _number(arg, tag)
            if wire is None:
                return None
            value = _table_value(row, wire)
        elif template.startswith("{"):
            if isinstance(arg, bool) or not isinstance(arg, int):
                return None
            places[template[1:-1]] = arg
        elif str(arg) != template:
            return None
    return None if value is None or math.isnan(value) or value == math.inf else Reading(row.param, value, places)


def _table_value(row: Row, wire: float) -> float:
    param, value = BY_NAME[row.param], LAWS[row.law].from_wire(wire)
    return param.low if param.off_at_low and value == -math.inf else value


def _number(arg: object, tag: str) -> float | None:
    """The number that an argument is, or says where its tag is that of a text."""
    if tag == "s":
        said = _SAID.match(arg[:_LONGEST_NUMBER]) if isinstance(arg, str) else None
        return float(said[1]) * (1_000.0 if said[2] else 1.0) if said else None
    if isinstance(arg, bool) or not isinstance(arg, (int, float)):
        return None
    return float(arg)


@cache
def _pattern(address: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", address)
    # Nine digits are more than any DAW has strips, and fit an OSC integer.
    return re.compile(
        "".join(f"(?P<{part}>[0-9]{{1,9}})" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    )


def _filled(template: str, places: Mapping[str, int]) -> str:
    return template.format_map(places)


def _typed(value: str | float, tag: str) -> Argument:
    if tag == "i":
        return int(value)
    if tag == "f":
        return float(value)
    return value if isinstance(value, str) else f"{value:.9g}"
