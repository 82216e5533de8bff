"""What the window shows of a DAW: how the link stands, what a push came to, and what a doctor finds. Plain texts.

Contents: :class:`DawState`; :class:`UnconfirmedRow`, :class:`HistoryRow`, :class:`FindingRow`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Not opened; opened, and no answer yet; answering; answered once, and silent now.
Link = Literal["closed", "waiting", "connected", "lost"]


@dataclass(frozen=True)
class DawState:
    """How the link to a DAW stands.

    ``kind`` is its dialect's name, ``label`` what it calls itself, both "" where none was opened. ``session`` is the
    session that is open there, "" where it does not tell. ``trouble`` says why it cannot be used and what to do, ""
    where it can. ``has_unsaved``: the DAW has changes to the session that its file lacks. ``pending_push``: a push was
    broken off by a crash and can be taken back. ``dropped`` counts datagrams that were no use, by reason.
    """

    kind: str = ""
    label: str = ""
    link: Link = "closed"
    session: str = ""
    trouble: str = ""
    has_unsaved: bool = False
    pending_push: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class UnconfirmedRow:
    """A value that the DAW was not seen to take over: where, what was wanted, what it holds ("" where it does not say),
    what became of it, and what to do. ``key`` is (track, parameter)."""

    key: tuple[str, str]
    track: str
    param: str
    wanted: str
    held: str
    outcome: str
    advice: str


@dataclass(frozen=True)
class HistoryRow:
    """A push of the journal: when, how much, what became of it, and whether it can be undone."""

    push_id: str
    when: str
    what: str
    outcome: str
    can_undo: bool


@dataclass(frozen=True)
class FindingRow:
    """Something about a DAW's set-up: what is wrong, how to mend it, and whether nothing works until then."""

    problem: str
    remedy: str
    is_fatal: bool = False
