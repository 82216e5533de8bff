"""Contracts over all dialects: each row round-trips and says the recorded bytes; the documentation is theirs."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.params import BY_NAME, PAN_LAWS
from protocols.ableton.dialect import LIVE
from protocols.ableton.native import NATIVE as LIVE_NATIVE
from protocols.datagrams import messages_of
from protocols.dialect import VALUE, Dialect, Message, Row, decode, encode
from protocols.dialect_table import BEGIN, DIALECTS, END, tables
from protocols.errors import ProtocolError
from protocols.laws import LAWS
from protocols.reaper.dialect import REAPER
from protocols.reaper.native import NATIVE as REAPER_NATIVE
from protocols.transport import datagram_of

ALL = [dialect for pair in DIALECTS for dialect in pair]
PLACES = {"strip": 3, "plugin": 1, "send": 2, "port": 5}
RECORDED = Path(__file__).parent / "recorded"
DOCUMENT = Path(__file__).parents[2] / "docs" / "daws.md"


ROWS = [(dialect, row) for dialect in ALL for row in dialect.rows]


def named(item: object) -> str:
    return f"{item.param} {item.direction}" if isinstance(item, Row) else getattr(item, "name", "")


def samples(row: Row) -> list[float]:
    param, law = BY_NAME[row.param], LAWS[row.law]
    if param.curve == "toggle":
        return [0.0, 1.0]
    low = max(param.low, param.low if law.low is None else law.low)
    high = min(param.high, param.high if law.high is None else law.high)
    return [min(low + share * (high - low), high) for share in (0.0, 0.1, 0.37, 0.5, 0.9, 1.0)]


def on_the_wire(message: Message) -> Message:
    (there,) = messages_of(datagram_of(message))
    return there


@pytest.mark.parametrize(("dialect", "row"), ROWS, ids=named)
def test_a_row_comes_back_as_it_was_said(dialect: Dialect, row: Row) -> None:
    alone = replace(dialect, rows=(replace(row, direction="both"),))
    used = {arg[1:-1] for arg in (*row.args, *row.address.split("/")) if arg.startswith("{") and arg != VALUE}
    assert used <= PLACES.keys()
    for value in samples(row):
        said = on_the_wire(encode(alone, row.param, value, PLACES))
        reading = decode(alone, said.address, said.args)
        assert reading is not None
        assert (reading.param, set(reading.places)) == (row.param, used)
        assert all(reading.places[name] == PLACES[name] for name in used)
        assert reading.value == pytest.approx(value, rel=2e-6, abs=2e-5)


@pytest.mark.parametrize(("dialect", "row"), ROWS, ids=named)
def test_a_row_is_sound(dialect: Dialect, row: Row) -> None:
    assert row.law in LAWS
    assert len(row.types) == len(row.args)
    assert set(row.types) <= set("ifs")
    assert row.args.count(VALUE) == 1
    assert row.address.startswith("/")
    assert row.precision >= 0.0


@pytest.mark.parametrize("dialect", ALL, ids=named)
def test_a_dialect_is_sound(dialect: Dialect) -> None:
    assert dialect.pan_law in PAN_LAWS
    assert 1_024 < dialect.port < 65_536
    assert dialect.first_index in (0, 1)
    assert len({(row.param, row.direction, row.address) for row in dialect.rows}) == len(dialect.rows)


@pytest.mark.parametrize("dialect", ALL, ids=named)
def test_what_is_told_is_the_recorded_bytes(dialect: Dialect) -> None:
    recorded = json.loads((RECORDED / f"{dialect.name}.json").read_text(encoding="utf-8"))["told"]
    assert recorded.keys() == {row.param for row in dialect.rows if row.direction != "receive"}
    for param, entry in recorded.items():
        assert datagram_of(encode(dialect, param, entry["value"], PLACES)).hex() == entry["hex"], param


@pytest.mark.parametrize("dialect", [REAPER, REAPER_NATIVE, LIVE, LIVE_NATIVE], ids=named)
def test_recorded_datagrams_of_the_simulators_are_understood(dialect: Dialect) -> None:
    recorded = json.loads((RECORDED / f"{dialect.name}.json").read_text(encoding="utf-8"))["heard"]
    messages = [message for datagram in recorded for message in messages_of(bytes.fromhex(datagram))]
    readings = [decode(dialect, message.address, message.args) for message in messages]
    found = {reading.param: reading.value for reading in readings if reading is not None}
    expected = {
        "reaper": {"fader_db": 0.0, "master_gain_db": 0.0, "comp_ratio": 1.0},  # the last track's
        "reaper-native": {"peak1_hz": 1_000.0, "high_shelf_gain_db": 0.0},
        "live": {"fader_db": -14.0, "pan": -0.3, "send_db": -24.0},
        "live-native": {"highpass_on": 1.0},
    }[dialect.name]
    for param, value in expected.items():
        assert found[param] == pytest.approx(value, abs=1e-5), param


@pytest.mark.parametrize("dialect", ALL, ids=named)
@pytest.mark.parametrize("place", ["strip", "plugin", "send", "port"])
def test_no_place_before_the_first_is_ever_said(dialect: Dialect, place: str) -> None:
    """Python, and so AbletonOSC, takes -1 for the last track."""
    for row in dialect.rows:
        if row.direction != "receive":
            wrong = {**PLACES, place: dialect.first_index - 1}
            with pytest.raises(ValueError, match=f"{place}={dialect.first_index - 1}: expected {dialect.first_index}"):
                encode(dialect, row.param, samples(row)[1], wrong)


@pytest.mark.parametrize("dialect", ALL, ids=named)
def test_what_it_cannot_say_is_refused(dialect: Dialect) -> None:
    with pytest.raises(ProtocolError, match="no way to be told limiter_release_ms"):
        encode(dialect, "limiter_release_ms", 100.0, PLACES)
    for row in dialect.rows:
        if row.direction != "receive":
            param, low = BY_NAME[row.param], LAWS[row.law].low
            # What the DAW holds below the table's range can be put back.
            too_low = param.low - 1.0 if low is None or low >= param.low else low - 1.0
            for value in (too_low, param.high + 1.0, float("nan"), float("inf")):
                if value == float("-inf"):
                    continue
                with pytest.raises(ValueError, match=row.param):
                    encode(dialect, row.param, value, PLACES)


@pytest.mark.parametrize("dialect", ALL, ids=named)
def test_silence_is_said_where_a_gain_is_off(dialect: Dialect) -> None:
    for name in ("send_db", "reverb_return_db"):
        row = dialect.row(name)
        if row is not None:
            said = on_the_wire(encode(dialect, name, -60.0, PLACES))
            both = replace(dialect, rows=(replace(row, direction="both"),))
            reading = decode(both, said.address, said.args)
            assert reading is not None
            assert reading.value == -60.0
            assert said != on_the_wire(encode(dialect, name, -59.9, PLACES))


def test_texts_are_numbers_with_their_unit() -> None:
    row = Row("fader_db", "both", "/x", "s", (VALUE,))
    dialect = replace(REAPER, rows=(row,))
    said = {"-6.02dB": -6.02, "+3 dB": 3.0, ".5": 0.5, "2.50 kHz": 2_500.0, "120 Hz": 120.0}
    assert {text: decode(dialect, "/x", (text,)).value for text in said} == said
    assert all(decode(dialect, "/x", (text,)) is None for text in ("", "dB", "nan", "+inf", "C", 3.0, "٣"))


@pytest.mark.parametrize("args", [(), (1.0, 2.0), ("x",), (None,), (float("nan"),), ([],), (True,)])
def test_what_is_unsound_is_no_reading(args: tuple[object, ...]) -> None:
    assert decode(REAPER, "/track/3/pan", args) is None
    assert decode(REAPER, "/track/9999999999/pan", (0.5,)) is None
    assert decode(LIVE, "/live/track/get/volume", ("0", 0.5)) is None


def test_a_32_bit_float_is_what_is_said() -> None:
    message = encode(REAPER, "fader_db", -7.1, PLACES)
    assert datagram_of(message).endswith(struct.pack(">f", -7.1))


def test_the_documentation_is_made_from_the_rows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    inside = text.split(BEGIN, 1)[1].split(END, 1)[0].strip()
    assert inside == tables(), "run: python -m protocols.dialect_table docs/daws.md"
