"""What is usually wrong with Live's set-up. Written from AbletonOSC's documentation and sources; not tried."""

from __future__ import annotations

from collections.abc import Sequence

from protocols.ableton.native import NATIVE, OUR_NAME
from protocols.daw import LinkState
from protocols.doctor import Finding
from protocols.errors import ProtocolError
from protocols.link import Daw

_INSTALL = (
    "put AbletonOSC (github.com/ideoforms/AbletonOSC) into Live's User Library, Remote Scripts, as a folder named "
    "AbletonOSC, restart Live, and choose AbletonOSC as a control surface in Settings > Link, Tempo & MIDI; Live then "
    "says that it listens on port 11000"
)
_NATIVE_PARAMS = frozenset(row.param for row in NATIVE.rows)


def examine(daw: Daw, timeout_s: float) -> Sequence[Finding]:
    """What is wrong with the set-up of ``daw``, after at most about ``timeout_s``; it is connected to for that."""
    try:
        state = daw.connect(timeout_s)
    except ProtocolError as error:
        remedy = "AbletonOSC answers to port 11001 alone: close the other program that listens there"
        return (Finding(str(error), remedy, True),)
    if state is not LinkState.CONNECTED:
        return (Finding(daw.trouble, _INSTALL, True),)
    tracks = daw.tracks()
    told = frozenset[str]().union(*(track.params for track in tracks))
    findings = []
    if not told:
        findings.append(Finding("no track with sound is told", "open a set with audio tracks", True))
    elif "send_db" not in told:
        findings.append(
            Finding("there is no return track", "insert one with a reverb; send A is taken for the reverb's")
        )
    if told and not told & _NATIVE_PARAMS:
        remedy = f"put an EQ Eight on the tracks and name it {OUR_NAME!r}; without, fader, pan and send are told alone"
        findings.append(Finding(f"no track has an EQ Eight named {OUR_NAME!r}", remedy))
    return tuple(findings)
