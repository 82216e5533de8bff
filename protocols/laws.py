"""Scale laws: how DAWs write the values of the parameter table. Each with its source and calibration points.

``to_wire`` takes a value of the table (dB, Hz, -1..1), ``from_wire`` gives it back; ``low`` and ``high`` say which
values of the table the DAW can hold, None where it holds all. Level laws meet silence: at or below ``low`` of a
parameter that is off there, and for -inf, both ways.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Law:
    """One scale law; ``points`` are (table value, wire value) pairs that its source states, ``tolerance`` in wire units
    is how far those were rounded there."""

    name: str
    to_wire: Callable[[float], float]
    from_wire: Callable[[float], float]
    source: str
    low: float | None = None
    high: float | None = None
    points: tuple[tuple[float, float], ...] = ()
    tolerance: float = 0.0


def _same(value: float) -> float:
    return value


LAWS: dict[str, Law] = {law.name: law for law in (Law("identity", _same, _same, "the table's own unit"),)}
