"""What a DAW says is what it was told, to the digits that it says."""

from __future__ import annotations

import math
import struct

import pytest

from protocols.dialect import VALUE, Row
from protocols.rounding import is_told

FLOAT = Row("fader_db", "both", "/x", "f", (VALUE,), "reaper level")
TEXT = Row("send_db", "both", "/x", "s", (VALUE,), "reaper level", 0.06)


@pytest.mark.parametrize("value", [0.0, -7.1, 11.99, -59.3])
def test_a_32_bit_float_is_what_was_told(value: float) -> None:
    (said,) = struct.unpack(">f", struct.pack(">f", value))
    assert is_told(FLOAT, value, said)
    assert not is_told(FLOAT, value, value + 1e-4)


def test_a_text_has_fewer_digits() -> None:
    assert is_told(TEXT, -7.25, -7.3)
    assert not is_told(TEXT, -7.25, -7.4)


def test_silence_is_silence() -> None:
    assert is_told(FLOAT, -math.inf, -math.inf)
    assert is_told(FLOAT, -math.inf, -150.0)
    assert not is_told(FLOAT, -math.inf, -60.0)
