"""What is wrong with a DAW's set-up, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from protocols.daw import LinkState
from protocols.errors import ProtocolError
from protocols.link import Daw


@dataclass(frozen=True)
class Finding:
    """Something about a DAW's set-up: what is wrong, how to mend it, and whether nothing works until it is mended."""

    problem: str
    remedy: str
    is_fatal: bool = False


def connection_findings(daw: Daw, timeout_s: float, if_taken: str, if_silent: str) -> tuple[Finding, ...]:
    """Connect to ``daw``; empty where it answers, else why not, with the remedy for a port that is taken or silence."""
    try:
        state = daw.connect(timeout_s)
    except ProtocolError as error:
        return (Finding(str(error), if_taken, True),)
    return () if state is LinkState.CONNECTED else (Finding(daw.trouble, if_silent, True),)
