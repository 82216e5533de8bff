"""What REAPER's own ReaEQ can be told of the console, on tracks where the user has put one for us, and not our strip.

For us is one whose name begins with "mixassist EQ": others are the user's. That it stands at neutral would not make it
ours, because after a push it stands so no more, and the push could not be undone.

The default pattern configuration has real-unit messages for ReaEQ, which REAPER hears and never says: it answers with
the text that the plug-in shows. Of its bands there are one low shelf, one high shelf and peaks numbered from 0. Its
high-pass cannot be switched on a track that is not selected; its shelves' slope and the scales of ReaComp are not
documented.
"""

from __future__ import annotations

from dataclasses import replace

from protocols.dialect import VALUE, Row
from protocols.reaper.dialect import REAPER

#: How REAPER calls the plug-in ("ReaEQ (Cockos)" in full), and how the user's name for ours begins.
EQ_NAME, OUR_EQ_NAME = "ReaEQ", "mixassist EQ"

_BANDS = (
    ("low_shelf", "loshelf"),
    ("peak1", "band/0"),
    ("peak2", "band/1"),
    ("peak3", "band/2"),
    ("high_shelf", "hishelf"),
)
# What the plug-in shows: tenths of Hz and dB, hundredths of an octave.
_SHOWN = {"hz": 0.06, "gain_db": 0.06, "q": 0.006}
_WORDS = {"hz": ("freq", "hz", "identity"), "gain_db": ("gain", "db", "identity"), "q": ("q", "oct", "octaves")}


def _rows() -> tuple[Row, ...]:
    rows = []
    for band, place in _BANDS:
        for suffix, (word, unit, law) in _WORDS.items():
            if suffix == "q" and band.endswith("shelf"):
                continue  # how wide ReaEQ's shelves are is not documented
            param, address = f"{band}_{suffix}", f"/track/{{strip}}/fxeq/{place}/{word}"
            rows.append(Row(param, "send", f"{address}/{unit}", "f", (VALUE,), law))
            rows.append(Row(param, "receive", f"{address}/str", "s", (VALUE,), law, _SHOWN[suffix]))
    return tuple(rows)


NATIVE = replace(REAPER, name="reaper-native", label="REAPER with ReaEQ", rows=_rows())
