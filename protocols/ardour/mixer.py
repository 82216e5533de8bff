"""What Ardour was heard to say of its mixer: strips, their sends and plug-ins, from messages that may hold anything.

Nothing here raises, and nothing grows beyond the limits below, whatever a message says.

Contents: :class:`Spot`, :class:`Strip`, :class:`Send`, :class:`Plugin`, :class:`Listing` and the functions that read
messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from protocols.daw import TrackKind
from protocols.dialect import Argument

MOST_STRIPS = 1_000
MOST_PLUGINS = 50
MOST_SENDS = 50
MOST_PORTS = 200
LONGEST_TEXT = 200
#: Passes of a list without news that show that there are none: the same row is not lost that often.
_QUIET_PASSES = 4

#: How Ardour calls kinds of strips: audio and MIDI tracks, busses, foldback and MIDI busses, the master; VCAs.
KINDS: dict[str, TrackKind] = {
    "AT": "audio",
    "MT": "midi",
    "B": "bus",
    "FB": "bus",
    "MB": "bus",
    "MA": "master",
    "MO": "other",
    "V": "other",
}
#: Panners of the console's kind: a mono track's, and the balance of a stereo one.
_CONSOLE_PANNERS = ("panner_1in2out", "panner_balance")


class Spot(NamedTuple):
    """Where a value stands: a port of a plug-in, a send, or something of the strip's own; what does not apply is 0 or
    ""."""

    strip: int
    plugin: int = 0
    port: int = 0
    send: int = 0
    own: str = ""


@dataclass(frozen=True)
class Identity:
    """What tells a strip from the others: another one at the same number is another strip."""

    kind: str
    name: str
    inputs: int
    outputs: int


@dataclass(frozen=True)
class Send:
    """A send to the strip ``target``; ``number`` counts on its strip. ``position`` is that of its fader."""

    number: int
    target: int
    position: float
    is_on: bool

    @property
    def layout(self) -> tuple[int, int, bool]:
        """All of it but its level."""
        return self.number, self.target, self.is_on


@dataclass
class Passes:
    """How often a list of unknown length was said without news: rows get lost, and the word that it ended is doubled.

    A pass counts where half of the rows known were heard in it.
    """

    num_quiet: int = 0
    _num_heard: int = 0
    _is_new: bool = False

    def note(self, is_new: bool) -> None:
        """A row was heard."""
        self._num_heard += 1
        self._is_new |= is_new

    def end(self, num_rows: int) -> None:
        """The list ended; ``num_rows`` are known of it."""
        if self._is_new:
            self.num_quiet = 0
        elif 2 * self._num_heard >= max(num_rows, 1):
            self.num_quiet += 1
        self._num_heard, self._is_new = 0, False

    @property
    def is_sure(self) -> bool:
        """Whether news are not to be expected any more."""
        return self.num_quiet >= _QUIET_PASSES


@dataclass
class Plugin:
    """A plug-in on a strip; ``labels`` and ``values`` by the numbers of its ports, as far as heard."""

    number: int
    name: str
    is_on: bool
    labels: dict[int, str] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
    passes: Passes = field(default_factory=Passes)

    @property
    def layout(self) -> tuple[int, str, bool]:
        """What tells it from another plug-in at its place."""
        return self.number, self.name, self.is_on

    def unknown(self) -> Plugin:
        """The same, as if nothing had been heard of its ports."""
        return Plugin(self.number, self.name, self.is_on)

    def note(self, number: int, label: str, value: float) -> bool:
        """Take in a port; whether its value was known, and another."""
        was = self.values.get(number, value)
        self.passes.note(is_new=number not in self.labels)
        self.labels[number], self.values[number] = label, value
        return was != value

    def note_end(self) -> None:
        """A description has ended."""
        self.passes.end(len(self.labels))

    def has(self, labels: frozenset[str]) -> bool:
        """Whether all ``labels`` were heard, or those that were not are not there."""
        is_gapless = len(self.labels) == max(self.labels, default=0)
        return labels <= set(self.labels.values()) or (self.passes.is_sure and is_gapless)


@dataclass
class Strip:
    """One strip; None stands for what was not heard yet."""

    number: int
    identity: Identity
    is_muted: bool
    panner: str | None = None
    sends: tuple[Send, ...] | None = None
    plugins: tuple[Plugin, ...] | None = None

    @property
    def kind(self) -> TrackKind:
        """Its kind in the words of :mod:`protocols.daw`."""
        return KINDS[self.identity.kind]

    @property
    def has_console_panner(self) -> bool:
        """Whether its panner is of the console's kind."""
        return self.panner in _CONSOLE_PANNERS

    def plugin(self, number: object) -> Plugin | None:
        """The plug-in of that number, where there is one."""
        return next((p for p in self.plugins or () if p.number == number), None)


@dataclass
class Listing:
    """A list of strips as it comes in, row by row: rows get lost, and nobody says how many there are.

    The master stands last, where there is one. Without, a list is whole when it came again and again without news.
    """

    rows: dict[int, Strip] = field(default_factory=dict)
    passes: Passes = field(default_factory=Passes)

    def note(self, strip: Strip) -> None:
        """Take in a row; one that contradicts those before begins the list anew."""
        old = self.rows.get(strip.number)
        if old is not None and old.identity != strip.identity:
            self.rows.clear()
            old = None
        self.rows[strip.number] = strip
        self.passes.note(is_new=old is None)

    def note_end(self) -> None:
        """The list has ended."""
        self.passes.end(len(self.rows))

    @property
    def is_whole(self) -> bool:
        """Whether all strips were heard."""
        last = self.rows.get(len(self.rows))
        if last is None or not (last.kind == "master" or self.passes.is_sure) or len(self.rows) != max(self.rows):
            return False
        return all(strip.kind != "master" for strip in self.rows.values() if strip is not last)


def read_strip(args: Sequence[Argument]) -> Strip | None:
    """A row of ``/strip/list``: kind, name, inputs, outputs, muted, soloed, number, and whether it records."""
    kind, name, *numbers = (*args[:2], *args[2:7]) if len(args) in (7, 8) else ("", "")
    if kind not in KINDS or not isinstance(name, str) or not all(isinstance(n, int) for n in numbers):
        return None
    inputs, outputs, muted, _, number = (int(n) for n in numbers)
    if not 1 <= number <= MOST_STRIPS:
        return None
    return Strip(number, Identity(str(kind), name[:LONGEST_TEXT], inputs, outputs), bool(muted))


def read_sends(args: Sequence[Argument]) -> tuple[Send, ...] | None:
    """``/strip/sends`` behind the strip's number: per send target, name, number, position and whether it is on."""
    sends = []
    for group in _groups(args[: 5 * MOST_SENDS], 5):
        target, name, number, position, is_on = group
        if not _are_ints(target, number, is_on) or not isinstance(name, str) or isinstance(position, str):
            return None
        sends.append(Send(int(number), int(target), float(position), bool(is_on)))
    return None if len(args) % 5 else tuple(sends)


def read_plugins(args: Sequence[Argument]) -> tuple[Plugin, ...] | None:
    """``/strip/plugin/list`` behind the strip's number: per plug-in number, name and whether it is on."""
    plugins = []
    for number, name, is_on in _groups(args[: 3 * MOST_PLUGINS], 3):
        if not _are_ints(number, is_on) or not isinstance(name, str):
            return None
        plugins.append(Plugin(int(number), name[:LONGEST_TEXT], bool(is_on)))
    return None if len(args) % 3 else tuple(plugins)


def read_port(args: Sequence[Argument]) -> tuple[int, str, float] | None:
    """``/strip/plugin/descriptor`` behind the numbers of strip and plug-in: the port's number, label and value.

    Between them stand flags, type, range, format and scale points; the value is last.
    """
    if len(args) < 9:
        return None
    number, label, value = args[0], args[1], args[-1]
    if not isinstance(number, int) or not isinstance(label, str) or isinstance(value, str):
        return None
    return (number, label[:LONGEST_TEXT], float(value)) if 1 <= number <= MOST_PORTS else None


def _groups(args: Sequence[Argument], size: int) -> list[Sequence[Argument]]:
    return [args[i : i + size] for i in range(0, len(args) - size + 1, size)]


def _are_ints(*args: Argument) -> bool:
    return all(isinstance(arg, int) for arg in args)
