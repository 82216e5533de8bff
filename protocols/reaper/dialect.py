"""REAPER's OSC with its default pattern configuration (``Default.ReaperOSC``), as far as the console needs it.

REAPER has no fixed ports: the user types them in, and these are what the set-up steps say. Levels travel in dB where
the configuration has a real-unit message, else as the text that REAPER reads and writes with two decimals at least
one: the normalised ones depend on the fader curve that the user has chosen. Our plug-ins are JSFX there, whose sliders
stand in the order of :mod:`assistant.plugins`.
"""

from __future__ import annotations

from assistant.plugins import REVERB, STRIP_STEREO, Plugin
from protocols.dialect import VALUE, Dialect, Row
from protocols.laws import slider

#: REAPER writes levels with two decimals, or one where they are long.
_TEXT_DB = 0.06
_FADER = "/track/{strip}/volume/db"


def _sliders(plugin: Plugin) -> tuple[Row, ...]:
    return tuple(
        Row(p.name, "both", f"/track/{{strip}}/fx/{{plugin}}/fxparam/{n}/value", "f", (VALUE,), slider(p.name))
        for n, p in enumerate(plugin.params, start=1)
    )


MIXER_ROWS: tuple[Row, ...] = (
    Row("fader_db", "both", _FADER, "f", (VALUE,), "reaper level"),
    Row("pan", "both", "/track/{strip}/pan", "f", (VALUE,), "pan from 0"),
    Row("send_db", "both", "/track/{strip}/send/{send}/volume/str", "s", (VALUE,), "reaper level", _TEXT_DB),
    Row("master_gain_db", "both", "/master/volume/str", "s", (VALUE,), "reaper level", _TEXT_DB),
)
STRIP_ROWS: tuple[Row, ...] = _sliders(STRIP_STEREO)
REVERB_ROWS: tuple[Row, ...] = _sliders(REVERB)

REAPER = Dialect(
    name="reaper",
    label="REAPER",
    port=8000,
    reply_port=9000,
    first_index=1,
    pan_law="balance",
    rows=(
        *MIXER_ROWS,
        *STRIP_ROWS,
        *REVERB_ROWS,
        Row("reverb_return_db", "both", _FADER, "f", (VALUE,), "reaper level"),
    ),
)
