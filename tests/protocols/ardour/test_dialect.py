"""Ardour's rows and laws: there and back, within what its faders hold, and byte for byte what liblo takes."""

from __future__ import annotations

import math
import struct

import pytest

from assistant.params import BY_NAME, CHANNEL_NAMES, REVERB_NAMES
from protocols.ardour.dialect import ARDOUR, SEND_LAW
from protocols.ardour.native import NATIVE
from protocols.dialect import Dialect, Row, decode, encode
from protocols.laws import LAWS, Law
from protocols.transport import datagram_of

PLACES = {"strip": 3, "plugin": 2, "port": 7, "send": 1}
ROWS = [(dialect, row) for dialect in (ARDOUR, NATIVE) for row in dialect.rows]
OUR_LAWS = sorted({row.law for _, row in ROWS} | {SEND_LAW})


def values_of(row: Row) -> list[float]:
    param, law = BY_NAME[row.param], LAWS[row.law]
    low = param.low if law.low is None else max(param.low, law.low)
    high = param.high if law.high is None else min(param.high, law.high)
    return [low, param.clamp(0.3 * low + 0.7 * high), high]


def float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize(("dialect", "row"), ROWS, ids=lambda p: f"{p.param} {p.address}" if isinstance(p, Row) else "")
def test_rows_round_trip(dialect: Dialect, row: Row) -> None:
    for value in values_of(row):
        law = LAWS[row.law]
        wire = float32(law.to_wire(value))
        assert law.from_wire(wire) == pytest.approx(value, rel=1e-5, abs=1e-5)
        if row.direction != "send":
            places = {"strip": 3}
            args = tuple(wire if arg == "{value}" else places[arg[1:-1]] for arg in row.args)
            reading = decode(dialect, row.address.format_map(places), args)
            assert reading is not None
            assert (reading.places, reading.value) == (places, pytest.approx(value, rel=1e-5, abs=1e-5))
        if row.direction != "receive" and dialect.row(row.param) is row:
            message = encode(dialect, row.param, value, PLACES)
            assert len(message.args) == len(message.types) == len(row.args)


@pytest.mark.parametrize("name", OUR_LAWS)
def test_laws_meet_the_points_of_their_sources(name: str) -> None:
    law: Law = LAWS[name]
    for value, wire in law.points:
        assert law.to_wire(value) == pytest.approx(wire, abs=law.tolerance + 1e-9)
        assert math.isfinite(value) or law.from_wire(wire) == value


@pytest.mark.parametrize("name", OUR_LAWS)
@pytest.mark.parametrize("wire", [0.0, -0.0, 1e-30, 1.0, -1.0, 3e38, -3e38, -math.inf, 193.0, -192.0, -1e4])
def test_no_wire_value_raises(name: str, wire: float) -> None:
    assert not math.isnan(LAWS[name].from_wire(wire))


def test_everything_of_the_channel_and_the_reverb_can_be_said() -> None:
    assert all(ARDOUR.row(name) for name in (*CHANNEL_NAMES, *REVERB_NAMES, "master_gain_db"))


def test_faders_end_where_ardours_do() -> None:
    assert encode(ARDOUR, "fader_db", 6.0, PLACES).args == (3, 6.0)
    with pytest.raises(ValueError, match=r"fader_db=6.5: Ardour holds -inf to 6.0206 dB"):
        encode(ARDOUR, "fader_db", 6.5, PLACES)
    with pytest.raises(ValueError, match="comp_attack_ms=150"):
        encode(NATIVE, "comp_attack_ms", 150.0, PLACES)


def test_what_a_nearly_closed_fader_held_can_be_put_back() -> None:
    assert encode(ARDOUR, "fader_db", -82.5, PLACES).args == (3, -82.5)
    assert encode(ARDOUR, "fader_db", -math.inf, PLACES).args == (3, -200.0)
    assert encode(ARDOUR, "send_db", -60.0, PLACES).args == (3, 1, -200.0)


def test_pan_is_inverted() -> None:
    assert encode(ARDOUR, "pan", -1.0, PLACES).args == (3, 1.0)
    assert encode(ARDOUR, "pan", 0.5, PLACES).args == (3, 0.25)


def test_bytes_are_those_that_ardour_takes() -> None:
    gain = encode(ARDOUR, "fader_db", -6.0, PLACES)
    assert datagram_of(gain) == b"/strip/gain\0,if\0\0\0\0\3\xc0\xc0\0\0"
    port = encode(ARDOUR, "peak1_hz", 440.0, PLACES)
    expected = b"/strip/plugin/parameter\0,iiif\0\0\0" + struct.pack(">iiif", 3, 2, 7, 440.0)
    assert datagram_of(port) == expected
