"""What is usually wrong with Live's set-up. Written from AbletonOSC's documentation and sources; not tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from protocols.ableton.native import NATIVE, OUR_NAME
from protocols.daw import DawTrack
from protocols.doctor import Finding, connection_findings
from protocols.link import Daw

_INSTALL = (
    "put AbletonOSC (github.com/ideoforms/AbletonOSC) into Live's User Library, Remote Scripts, as a folder named "
    "AbletonOSC, restart Live, and choose AbletonOSC as a control surface in Settings > Link, Tempo & MIDI; Live then "
    "says that it listens on port 11000"
)
_NATIVE_PARAMS = frozenset(row.param for row in NATIVE.rows)


def examine(daw: Daw, timeout_s: float) -> Sequence[Finding]:
    """What is wrong with the set-up of ``daw``, after at most about ``timeout_s``; it is connected to for that."""
    if_taken = "AbletonOSC answers to port 11001 alone: close the other program that listens there"
    return connection_findings(daw, timeout_s, if_taken, _INSTALL) or tuple(_findings(daw.tracks()))


def _findings(tracks: Sequence[DawTrack]) -> Iterator[Finding]:
    told = frozenset[str]().union(*(track.params for track in tracks))
    if not told:
        yield Finding("no track with sound is told", "open a set with audio tracks", True)
        return
    if "send_db" not in told:
        yield Finding("there is no return track", "insert one with a reverb; send A is taken for the reverb's")
    if not told & _NATIVE_PARAMS:
        remedy = f"put an EQ Eight on the tracks and name it {OUR_NAME!r}; without, fader, pan and send are told alone"
        yield Finding(f"no track has an EQ Eight named {OUR_NAME!r}", remedy)
