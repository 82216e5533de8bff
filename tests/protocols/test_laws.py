"""Every scale law is its own inverse's inverse, goes one way, and meets the points that its source states."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest

from assistant.params import BY_NAME
from protocols.laws import LAWS, Law

#: Where a law with no limits of its own is used: dB, Hz, Q.
USUAL = {"octaves": (0.3, 8.0), "identity": (-60.0, 12.0)}


def span(law: Law) -> tuple[float, float]:
    low, high = USUAL.get(law.name, (-60.0, 6.0))
    return (low if law.low in (None, -math.inf) else law.low, high if law.high is None else law.high)


def values(law: Law) -> list[float]:
    low, high = span(law)
    even = np.linspace(low, high, 401)
    return [*even, *(np.geomspace(low, high, 101) if low > 0.0 else ())]


def float32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_value_comes_back_through_a_32_bit_float(law: Law) -> None:
    for value in values(law):
        wire = law.to_wire(value)
        back = law.to_wire(law.from_wire(float32(wire)))
        assert back == pytest.approx(wire, rel=4e-7, abs=1e-7), value


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_it_is_the_inverse_both_ways(law: Law) -> None:
    for value in values(law):
        assert law.from_wire(law.to_wire(value)) == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_it_goes_one_way(law: Law) -> None:
    wires = [law.to_wire(value) for value in sorted(set(values(law)))]
    steps = np.diff(wires)
    assert (steps > 0.0).all() or (steps < 0.0).all()


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_it_meets_its_source(law: Law) -> None:
    assert law.source
    for value, wire in law.points:
        assert law.to_wire(value) == pytest.approx(wire, abs=max(law.tolerance, 1e-7)), value


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_no_wire_value_raises(law: Law) -> None:
    for wire in (0.0, -1.0, 1.0, 1e9, -1e9, 3.4e38, -3.4e38, 1e-40, math.inf, -math.inf, math.nan):
        law.from_wire(wire)


@pytest.mark.parametrize("name", ["reaper level", "live fader", "live send", "ardour level", "ardour position"])
def test_silence_goes_both_ways(name: str) -> None:
    law = LAWS[name]
    silence = law.to_wire(-math.inf)
    assert math.isfinite(silence)
    assert law.from_wire(silence) == -math.inf
    assert law.from_wire(law.to_wire(-60.0)) > -math.inf


def test_live_s_fader_is_as_near_as_its_display() -> None:
    """A tenth of a dB is what Live shows; the curve fitted to it strays by half of that."""
    law = LAWS["live fader"]
    for level_db, wire in law.points:
        if level_db >= -60.0:
            assert law.from_wire(wire) == pytest.approx(level_db, abs=0.06)


def test_a_slider_has_the_table_s_range() -> None:
    for name, param in BY_NAME.items():
        law = LAWS.get(f"slider {name}")
        assert law is None or (law.low, law.high) == (param.low, param.high)
    assert LAWS["slider comp_ratio"].to_wire(10.5) == pytest.approx(0.5)
