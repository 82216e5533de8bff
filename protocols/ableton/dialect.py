"""Ableton Live's mixer as AbletonOSC speaks it (ideoforms/AbletonOSC, 2025: ``README.md``, ``abletonosc/track.py``).

Everything counts from 0, and a track's index goes into a Python list as it is: -1 would edit the last track. Answers
have the address of the question. Only tracks are reached: no return, no master. Our plug-ins do not exist for Live.
"""

from __future__ import annotations

from protocols.dialect import VALUE, Dialect, Row

_OF_TRACK = ("{strip}", VALUE)
_OF_SEND = ("{strip}", "{send}", VALUE)

LIVE = Dialect(
    name="live",
    label="Ableton Live",
    port=11_000,
    reply_port=11_001,
    first_index=0,
    pan_law="live",
    rows=(
        Row("fader_db", "send", "/live/track/set/volume", "if", _OF_TRACK, "live fader"),
        Row("fader_db", "receive", "/live/track/get/volume", "if", _OF_TRACK, "live fader"),
        Row("pan", "send", "/live/track/set/panning", "if", _OF_TRACK),
        Row("pan", "receive", "/live/track/get/panning", "if", _OF_TRACK),
        Row("send_db", "send", "/live/track/set/send", "iif", _OF_SEND, "live send"),
        Row("send_db", "receive", "/live/track/get/send", "iif", _OF_SEND, "live send"),
    ),
)
