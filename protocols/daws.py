"""The DAWs that can be talked to: a row each, and the link to one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from protocols.ableton.doctor import examine as examine_live
from protocols.ableton.surface import LiveSurface
from protocols.ardour.doctor import examine as examine_ardour
from protocols.ardour.recent import find_sessions, is_unsaved
from protocols.ardour.surface import ArdourSurface
from protocols.daw import Event, Surface
from protocols.dialects import DIALECTS
from protocols.doctor import Finding
from protocols.journal import Journal
from protocols.link import Daw
from protocols.reaper.doctor import examine as examine_reaper
from protocols.reaper.surface import ReaperSurface
from protocols.timing import Timing
from protocols.transport import Transport


@dataclass(frozen=True)
class DawKind:
    """What belongs to a DAW beside its dialect.

    ``examine`` finds what is wrong with the set-up of a link that is open, or cannot be opened, in some seconds;
    ``find_sessions`` gives the files of a session by its name, None where the DAW keeps no list of them; ``timing`` is
    the pace that the DAW answers at; ``takes_strip`` says whether our plug-ins run in it,
    ``is_unsaved`` whether a session file lacks what was changed since, as far as can be seen.
    """

    make_surface: Callable[[], Surface]
    examine: Callable[[Daw, float], Sequence[Finding]]
    find_sessions: Callable[[str], Sequence[Path]] | None = None
    timing: Timing = field(default_factory=Timing)
    takes_strip: bool = True
    is_unsaved: Callable[[Path], bool] | None = None


#: By the names of their dialects.
DAWS: dict[str, DawKind] = {
    "ardour": DawKind(ArdourSurface, examine_ardour, find_sessions, is_unsaved=is_unsaved),
    "reaper": DawKind(ReaperSurface, examine_reaper),
    # AbletonOSC takes in and answers every tenth of a second.
    "live": DawKind(LiveSurface, examine_live, timing=Timing(quiet_s=0.25, wait_s=0.25), takes_strip=False),
}


def open_daw(
    name: str,
    host: str = "127.0.0.1",
    port: int | None = None,
    reply_port: int | None = None,
    *,
    journal: Journal | None = None,
    listener: Callable[[Event], None] = lambda event: None,
) -> Daw:
    """The link to the DAW called ``name`` of ``DAWS``, not yet connected; ``host`` is one that the user named.

    Ports are the dialect's by default. ``listener`` hears events on a thread of the link.
    """
    dialect = DIALECTS[name]

    def open_transport() -> Transport:
        answers_at = dialect.reply_port if reply_port is None else reply_port
        return Transport(dialect.port if port is None else port, host, answers_at, allow_remote=True)

    kind = DAWS[name]
    return Daw(kind.make_surface(), open_transport, journal, kind.timing, listener)
