"""What arrives from a DAW, as messages: the OSC wire format, safe against whatever a datagram holds.

python-osc builds what is sent (:mod:`protocols.transport`). What arrives is read here, because its reader copies the
rest of the datagram for every argument (quadratic in a hostile one), writes unknown types to the log and lets nested
bundles recurse. This one walks the datagram once. Only what DAWs say about a mix is taken: ``i f s``, and as those
``T F`` (1 and 0), ``h`` and ``d``. Minus infinity passes: Ardour 7.3 says a closed fader so. NaN, plus infinity and
what 32 bits do not hold are malformed.

Source of the format: M. Wright, "The Open Sound Control 1.0 Specification", 2002.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator

from protocols.dialect import Argument, Message

#: Bundles within bundles that are followed; DAWs send one.
DEEPEST = 8
#: Arguments of one message; the longest answers of a DAW list a device's parameters.
MOST_ARGS = 4096
#: UDP over IPv4 carries no more.
LARGEST_BYTES = 65_507
#: The largest number of 32 bits.
LARGEST_FLOAT = 3.4028234663852886e38

_BUNDLE = b"#bundle\0"
_BUNDLE_BYTES = 16  # with its time tag, which nobody here obeys
_INT = struct.Struct(">i")
_INTS = {"i": _INT, "h": struct.Struct(">q")}
_FLOATS = {"f": struct.Struct(">f"), "d": struct.Struct(">d")}
_CONSTANTS = {"T": 1, "F": 0}


class BadDatagram(Exception):
    """A datagram that is not taken; its text is the reason that it is counted under."""


def messages_of(data: bytes) -> list[Message]:
    """The messages in the datagram ``data``, those of bundles in their order.

    Raises :class:`BadDatagram`, and nothing else, where any part of it is not sound; then none of it counts.
    """
    if len(data) > LARGEST_BYTES:
        raise BadDatagram("too large")
    found: list[Message] = []
    waiting = [(0, len(data), 0)]  # a stack in place of recursion
    while waiting:
        start, end, depth = waiting.pop()
        if not data.startswith(_BUNDLE, start, end):
            found.append(_message(data, start, end))
        elif depth >= DEEPEST:
            raise BadDatagram("nested too deeply")
        else:
            inside = [(first, last, depth + 1) for first, last in _elements(data, start + _BUNDLE_BYTES, end)]
            waiting.extend(reversed(inside))
    return found


def _elements(data: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the elements of a bundle lie; ``start`` is that of the first."""
    while start < end:
        size = int(_unpacked(_INT, data, start, end))
        start += _INT.size
        if size <= 0 or size % 4 or size > end - start:
            raise BadDatagram("malformed")
        yield start, start + size
        start += size
    if start != end:
        raise BadDatagram("malformed")


def _message(data: bytes, start: int, end: int) -> Message:
    address, start = _text(data, start, end)
    tags, start = _text(data, start, end) if start < end else (",", start)
    if not address.startswith("/") or not tags.startswith(","):
        raise BadDatagram("malformed")
    if len(tags) > MOST_ARGS + 1:
        raise BadDatagram("too large")
    types: list[str] = []
    args: list[Argument] = []
    for tag in tags[1:]:
        kind, arg, start = _argument(tag, data, start, end)
        types.append(kind)
        args.append(arg)
    if start != end:
        raise BadDatagram("malformed")
    return Message(address, "".join(types), tuple(args))


def _argument(tag: str, data: bytes, start: int, end: int) -> tuple[str, Argument, int]:
    """Type, value and end of the argument at ``start``."""
    if tag == "s":
        return "s", *_text(data, start, end)
    if tag in _FLOATS:
        number = _unpacked(_FLOATS[tag], data, start, end)
        is_sound = abs(number) <= LARGEST_FLOAT or number == -math.inf
        return "f", _checked(number, is_sound), start + _FLOATS[tag].size
    if tag in _INTS:
        number = _unpacked(_INTS[tag], data, start, end)
        return "i", _checked(number, -(2**31) <= number < 2**31), start + _INTS[tag].size
    if tag in _CONSTANTS:
        return "i", _CONSTANTS[tag], start
    raise BadDatagram("of a type unknown here")


def _checked(number: int | float, is_sound: bool) -> int | float:
    if not is_sound:
        raise BadDatagram("malformed")
    return number


def _unpacked(packed: struct.Struct, data: bytes, start: int, end: int) -> int | float:
    if start + packed.size > end:
        raise BadDatagram("malformed")
    return packed.unpack_from(data, start)[0]


def _text(data: bytes, start: int, end: int) -> tuple[str, int]:
    """The text at ``start`` and where what follows begins: ended by a NUL, padded to four bytes."""
    stop = data.find(b"\0", start, end)
    following = start + ((stop - start) // 4 + 1) * 4
    if stop < 0 or following > end:
        raise BadDatagram("malformed")
    return data[start:stop].decode("utf-8", "replace"), following
