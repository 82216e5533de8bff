"""Ardour's OSC as far as the console needs it (7.3, ``libs/surfaces/osc``), and Ardour's own plug-ins as rows.

Strips count from 1 as they stand in the mixer, plug-ins and sends from 1 on their strip, a plug-in's ports from 1 in
the order of its description. What is pushed are real units; integers where Ardour wants floats are misread. A question
is an address that ends with the strip's number, and its answer has that address. Sends and plug-ins answer with lists
of their own (:mod:`protocols.ardour.mixer`).
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.params import Param
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.dialect import VALUE, Dialect, Direction, Row

_GAIN = "/strip/gain"
_PAN = "/strip/pan_stereo_position"
_OF_STRIP = ("{strip}", VALUE)
PORT_ADDRESS = "/strip/plugin/parameter"
PORT_ARGS = ("{strip}", "{plugin}", "{port}", VALUE)
#: The law of the levels that ``/strip/sends`` lists.
SEND_LAW = "ardour position"


def port_row(param: str, law: str = "identity") -> Row:
    """The row that sets ``param`` as a port of a plug-in."""
    return Row(param, "send", PORT_ADDRESS, "iiif", PORT_ARGS, law)


def _ports(params: Iterable[Param]) -> tuple[Row, ...]:
    return tuple(port_row(param.name) for param in params)


def _gain(param: str, direction: Direction) -> Row:
    return Row(param, direction, _GAIN, "if", _OF_STRIP, "ardour level")


ARDOUR = Dialect(
    name="ardour",
    label="Ardour",
    port=3819,
    reply_port=None,
    first_index=1,
    pan_law="ardour",
    rows=(
        _gain("fader_db", "both"),
        Row("fader_db", "receive", "/strip/fader/{strip}", "f", (VALUE,), "ardour position"),
        Row("pan", "both", _PAN, "if", _OF_STRIP, "pan from 1"),
        Row("pan", "receive", f"{_PAN}/{{strip}}", "f", (VALUE,), "pan from 1"),
        Row("send_db", "send", "/strip/send/gain", "iif", ("{strip}", "{send}", VALUE), "ardour level"),
        *_ports(STRIP_STEREO.params),
        *_ports(REVERB.params),
        _gain("reverb_return_db", "send"),
        _gain("master_gain_db", "send"),
    ),
)
