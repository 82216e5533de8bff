"""What is known of a running DAW and said to it: the values, and the surface that every DAW's module provides.

A :class:`Surface` knows one DAW's conversation and nothing of sockets, clocks or threads: it takes in messages, keeps
what the DAW was heard to hold, and says which messages ask or tell. :mod:`protocols.link` sends them, waits, asks again
and confirms, the same for every DAW. Values are those of the parameter table, always.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from assistant.mix import Change
from protocols.dialect import Dialect, Message

TrackKind = Literal["audio", "midi", "bus", "master", "other"]


@dataclass(frozen=True)
class Control:
    """One parameter of one strip; ``track`` is ``assistant.automation.SHARED`` for those of reverb bus and master."""

    track: str
    param: str


@dataclass(frozen=True)
class DawTrack:
    """One strip of the DAW's mixer.

    Names differ among a DAW's strips (a second "Gtr" is "Gtr (2)"). ``channels`` is 1 or 2, 0 where the DAW does not
    say. ``params`` are those that the strip can be told, ``limits`` the lowest and highest value of those of which the
    DAW holds less than the table. ``other_plugins`` names what else processes its sound and is not part of the console,
    ``has_strip`` says whether our plug-in is on it.
    """

    name: str
    kind: TrackKind
    channels: int
    params: frozenset[str]
    other_plugins: tuple[str, ...] = ()
    has_strip: bool = False
    is_muted: bool = False
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)


class LinkState(StrEnum):
    """How the link stands: not opened, no answer yet, answering, answered once and silent now."""

    CLOSED = "closed"
    WAITING = "waiting"
    CONNECTED = "connected"
    LOST = "lost"


class Outcome(StrEnum):
    """What became of one change."""

    CONFIRMED = "confirmed"  # the DAW holds the new value, read back
    UNCHANGED = "unchanged"  # it held it already; nothing was sent
    MOVED = "moved"  # somebody moved it meanwhile; theirs was kept
    REFUSED = "refused"  # the DAW holds another value than it was told
    UNANSWERED = "unanswered"  # the DAW did not say what it holds
    UNSUPPORTED = "unsupported"  # the DAW or this strip has no such parameter
    CANCELLED = "cancelled"  # stopped before it was sent


@dataclass(frozen=True)
class Confirmation:
    """What became of ``change``: ``held`` is the value that the DAW was last heard to hold, ``text`` what to do."""

    change: Change
    outcome: Outcome
    held: float | None = None
    text: str = ""


@dataclass(frozen=True)
class PushReport:
    """What became of a push; ``push_id`` names it in the journal, None where nothing was sent."""

    confirmations: tuple[Confirmation, ...]
    duration_s: float
    push_id: str | None = None

    @property
    def problems(self) -> tuple[Confirmation, ...]:
        """Those neither confirmed nor unchanged."""
        fine = (Outcome.CONFIRMED, Outcome.UNCHANGED)
        return tuple(c for c in self.confirmations if c.outcome not in fine)


@dataclass(frozen=True)
class Snapshot:
    """What a DAW held at one time; ``session`` is the session's name, "" where the DAW does not tell."""

    daw: str
    session: str
    values: Mapping[Control, float]


@dataclass(frozen=True)
class LinkChanged:
    """Event: the link stands otherwise."""

    state: LinkState


@dataclass(frozen=True)
class TracksChanged:
    """Event: strips came, went, were renamed, or can be told other things; or another ``session`` was opened."""

    tracks: tuple[DawTrack, ...]
    session: str = ""


@dataclass(frozen=True)
class HeldChanged:
    """Event: the DAW holds another value, whoever moved it."""

    control: Control
    value: float


@dataclass(frozen=True)
class DatagramsDropped:
    """Event: datagrams were dropped; ``total`` since the link was opened, by reason."""

    total: Mapping[str, int]


Event = LinkChanged | TracksChanged | HeldChanged | DatagramsDropped


@dataclass
class Surface(ABC):
    """One DAW's conversation, without input or output of its own; not for two threads at once.

    ``held`` is what the DAW was last heard to hold; ``tracks`` its strips as far as heard.
    """

    dialect: Dialect
    held: dict[Control, float] = field(default_factory=dict)
    tracks: tuple[DawTrack, ...] = ()
    session: str = ""

    @abstractmethod
    def greeting(self) -> Sequence[Message]:
        """What opens the conversation; sent again when the DAW has come back."""

    @abstractmethod
    def survey(self) -> Sequence[Message]:
        """What asks for everything about the strips that is not known yet; empty when all is, as far as can be seen.

        Asked again until empty: answers get lost.
        """

    @abstractmethod
    def forget(self) -> None:
        """Forget strips and values: the DAW was restarted, or its strips changed. The survey begins anew."""

    @abstractmethod
    def heard(self, message: Message) -> Sequence[Event]:
        """Take in a message of the DAW; what changed by it. Never raises, whatever it says."""

    @abstractmethod
    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        """What makes the DAW say what it holds of ``controls``, each of which one of the tracks can be told."""

    @abstractmethod
    def say(self, values: Mapping[Control, float]) -> Sequence[Message]:
        """What sets ``values``; raises ``ValueError`` for a value out of range."""

    @abstractmethod
    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        """Whether a DAW that holds ``held`` has taken ``wanted`` over, as exactly as it can hold it."""

    @abstractmethod
    def alive(self) -> Sequence[Message]:
        """The least that a DAW answers: sent now and then, to notice that it has gone, and after much that it was told,
        to notice that it has read it. The first is answered at its own address, where nothing else is said unasked.
        """
