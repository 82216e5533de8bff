"""What Ardour is asked and told beside values (7.3, ``libs/surfaces/osc/osc.cc``), as messages.

Ardour answers to where a question came from once it is told so first of all, in :func:`greeting`; else it may answer to
port 8000 for as long as the session is open.
"""

from __future__ import annotations

from collections.abc import Sequence

from protocols.dialect import Argument, Message

#: No banks; audio and MIDI tracks, busses, MIDI busses, VCAs, the master and foldback busses.
_BANK, _STRIP_TYPES, _GAIN_MODE = 0, 0b1011_1111, 0
#: What Ardour is to tell: answers to lists as "/reply", which OSC allows, at first; then, because it says everything
#: about all strips at once, buttons and levels of strips as they move; and the session's name, which comes with the
#: master's levels: without a master, Ardour 7.3 would crash at that.
_QUIET = 16_384
_TALKING = _QUIET + 1 + 2
_TALKING_OF_MASTER = _TALKING + 16

_OWN = {"fader_db": "fader", "pan": "pan_stereo_position", "trim_db": "trimdB", "polarity_inverted": "polarity"}
SETUP = Message("/set_surface")
STRIPS = Message("/strip/list")


def greeting() -> Sequence[Message]:
    """What sets the conversation up, and asks how it is."""
    values = (_BANK, _STRIP_TYPES, _QUIET, _GAIN_MODE, 0, 0)
    return Message("/set_surface/port", "i", (0,)), Message("/set_surface", "iiiiii", values), SETUP


def is_our_setup(args: Sequence[Argument]) -> bool:
    """Whether an answer to ``SETUP`` says what we said."""
    told = (*args[:2], *args[3:4]) == (_BANK, _STRIP_TYPES, _GAIN_MODE)
    return told and args[2] in (_QUIET, _TALKING, _TALKING_OF_MASTER)


def talking(has_master: bool) -> Message:
    """What makes Ardour tell how all strips stand, and from now on what moves."""
    return Message("/set_surface/feedback", "i", (_TALKING_OF_MASTER if has_master else _TALKING,))


def name(strip: int) -> Message:
    """The question of a strip's name; answered at its own address."""
    return Message(f"/strip/name/{strip}")


def own(strip: int, param: str) -> Message:
    """The question of a value that is the strip's own; answered at its own address."""
    return Message(f"/strip/{_OWN[param]}/{strip}")


def sends(strip: int) -> Message:
    """The question of a strip's sends."""
    return Message("/strip/sends", "i", (strip,))


def plugins(strip: int) -> Message:
    """The question of a strip's plug-ins."""
    return Message("/strip/plugin/list", "i", (strip,))


def ports(strip: int, plugin: int) -> Message:
    """The question of a plug-in's ports, and the values there."""
    return Message("/strip/plugin/descriptor", "ii", (strip, plugin))
