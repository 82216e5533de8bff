"""Ardour's mixer as far as it was heard, and the questions about it that are open.

A question stays open until its answer was heard; answers get lost, doubled and overtaken. Which of it is part of the
console is none of this module's business.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from protocols.ardour import questions
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.mixer import (
    LONGEST_TEXT,
    MOST_STRIPS,
    Listing,
    Plugin,
    Spot,
    Strip,
    read_plugins,
    read_port,
    read_sends,
    read_strip,
)
from protocols.ardour.native import CONTROLS, NATIVE, SWITCHES
from protocols.ardour.places import own_strip, wanted_labels
from protocols.dialect import Argument, Message, decode

_NAME_OF = "/strip/name/"

#: What a question is about: its kind, the strip, the plug-in.
Question = tuple[str, int, int]
#: What was heard of a spot: a value, or that what was heard before is void.
Note = tuple[Spot, float | None]


@dataclass
class Mixer:
    """What was heard of Ardour's mixer. ``values`` are those of the table where a strip's own, else Ardour's.

    ``is_changed`` says that strips or what stands on them are not as they were; to be reset by who looked.
    """

    session: str = ""
    is_set_up: bool = False
    is_changed: bool = False
    strips: dict[int, Strip] = field(default_factory=dict)
    values: dict[Spot, float] = field(default_factory=dict)
    open: dict[Question, Message] = field(default_factory=dict)
    _listing: Listing | None = None

    def heard(self, message: Message) -> list[Note]:
        """Take in a message, whatever it says."""
        handler = _HANDLERS.get(message.address)
        notes = list(handler(self, message.args) if handler else self._heard_value(message))
        for spot, value in notes:
            if value is None:
                self.values.pop(spot, None)
            else:
                self.values[spot] = value
        return notes

    def _heard_value(self, message: Message) -> Iterator[Note]:
        if message.address.startswith(_NAME_OF):
            said = message.address.removeprefix(_NAME_OF)
            yield from self._heard_name((int(said) if len(said) < 5 and said.isdecimal() else 0, *message.args))
            return
        for dialect in (ARDOUR, NATIVE):
            reading = decode(dialect, message.address, message.args)
            if reading and reading.places["strip"] in self.strips:
                strip = reading.places["strip"]
                self.open.pop((reading.param, strip, 0), None)
                yield Spot(strip, own=reading.param), reading.value
                return

    def _heard_setup(self, args: Sequence[Argument]) -> Iterable[Note]:
        is_ours = questions.is_our_setup(args)
        if is_ours and not self.is_set_up:
            self.is_set_up = True
            self._relist()
        elif self.is_set_up and not is_ours and len(args) >= 6:
            # started anew, or set up otherwise by somebody at our place
            self.is_set_up, self.is_changed, self.session = False, True, ""
            self._listing = None
            self.open.clear()
            self.strips.clear()
            return self._void(self.values)
        return ()

    def _heard_session(self, args: Sequence[Argument]) -> Iterable[Note]:
        if args and isinstance(args[0], str) and args[0].strip():
            self.session = args[0][:LONGEST_TEXT]
            self.open.pop(("session", 0, 0), None)
        return ()

    def _heard_list_changed(self, args: Sequence[Argument]) -> Iterable[Note]:
        if not args and self.is_set_up:
            self._relist()
        return ()

    def _relist(self) -> None:
        self._listing = Listing()
        self.open["strips", 0, 0] = questions.STRIPS

    def _heard_row(self, args: Sequence[Argument]) -> Iterable[Note]:
        if self._listing is None:
            return ()
        strip = read_strip(args)
        if strip is not None:
            self._listing.note(strip)
        elif args and args[0] == "end_route_list":
            self._listing.note_end()
        return self._accept(self._listing.rows) if self._listing.is_whole else ()

    def _accept(self, rows: dict[int, Strip]) -> Iterable[Note]:
        """Take in a whole list: new strips where it is another than before."""
        self._listing = None
        del self.open["strips", 0, 0]
        old, new = ({n: strip.identity for n, strip in strips.items()} for strips in (self.strips, rows))
        if old == new:
            for number, strip in rows.items():
                self._note_muted(self.strips[number], strip.is_muted)
            return ()
        self.strips = {number: rows[number] for number in sorted(rows)}
        self.is_changed = True
        self.open.clear()
        self._ask_about([n for n, strip in self.strips.items() if strip.kind != "other"])
        return self._void(self.values)

    def _ask_about(self, strips: Collection[int]) -> None:
        for strip in strips:
            self.open["fader_db", strip, 0] = questions.own(strip, "fader_db")
            self.open["sends", strip, 0] = questions.sends(strip)
            self.open["plugins", strip, 0] = questions.plugins(strip)
        has_master = any(self.strips[strip].kind == "master" for strip in strips)
        for strip in strips:
            self.open["panner", strip, 0] = questions.talking(has_master)
        if has_master and not self.session:
            self.open["session", 0, 0] = questions.talking(has_master)

    def _void(self, spots: Iterable[Spot]) -> Iterable[Note]:
        return [(spot, None) for spot in spots]

    def _heard_name(self, args: Sequence[Argument]) -> Iterable[Note]:
        if len(args) != 2 or not isinstance(args[0], int) or not isinstance(args[1], str) or not self.is_set_up:
            return ()
        strip = self._strip_of(args)
        is_new = strip is None and 1 <= args[0] <= MOST_STRIPS and args[1].strip() != ""
        is_other = strip is not None and args[1][:LONGEST_TEXT] != strip.identity.name
        if self._listing is None and (is_new or is_other):
            self._relist()
        return ()

    def _heard_mute(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip = self._strip_of(args)
        if strip is not None and len(args) == 2 and not isinstance(args[1], str):
            self._note_muted(strip, args[1] != 0)
        return ()

    def _note_muted(self, strip: Strip, is_muted: bool) -> None:
        self.is_changed |= strip.is_muted != is_muted
        strip.is_muted = is_muted

    def _heard_panner(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip = self._strip_of(args)
        if strip is None or len(args) != 2 or not isinstance(args[1], str):
            return ()
        self.open.pop(("panner", strip.number, 0), None)
        self.is_changed |= strip.panner != args[1][:LONGEST_TEXT]
        strip.panner = args[1][:LONGEST_TEXT]
        if strip.has_console_panner:
            self._ask_own(strip.number, "pan")
        return ()

    def _ask_own(self, strip: int, param: str) -> None:
        if Spot(strip, own=param) not in self.values:
            self.open[param, strip, 0] = questions.own(strip, param)

    def _heard_sends(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip, sends = self._strip_of(args), read_sends(args[1:])
        if strip is None or sends is None:
            return ()
        self.open.pop(("sends", strip.number, 0), None)
        old, strip.sends = strip.sends, sends
        heard: list[Note] = [(Spot(strip.number, send=s.number), s.position) for s in sends]
        if old is not None and [s.layout for s in old] == [s.layout for s in sends]:
            return heard
        self.is_changed = True
        return [*self._void(Spot(strip.number, send=s.number) for s in old or ()), *heard]

    def _heard_plugins(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip, plugins = self._strip_of(args), read_plugins(args[1:])
        if strip is None or plugins is None:
            return ()
        self.open.pop(("plugins", strip.number, 0), None)
        if strip.plugins is None or [p.layout for p in strip.plugins] != [p.layout for p in plugins]:
            return self._replug(strip, plugins)
        return ()

    def _replug(self, strip: Strip, plugins: tuple[Plugin, ...]) -> Iterable[Note]:
        """Other plug-ins stand on ``strip`` than before: what their ports are is to be asked anew."""
        for question in [q for q in self.open if q[:2] == ("ports", strip.number)]:
            del self.open[question]
        strip.plugins = plugins
        self.is_changed = True
        for plugin in plugins:
            if wanted_labels(plugin.name):
                self.open["ports", strip.number, plugin.number] = questions.ports(strip.number, plugin.number)
        if own_strip(strip) is None and strip.kind in ("audio", "midi", "bus"):
            for param in CONTROLS:
                self._ask_own(strip.number, param)
        return self._void(spot for spot in self.values if spot.strip == strip.number and spot.plugin)

    def _heard_port(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip, port = self._strip_of(args), read_port(args[2:])
        plugin = None if strip is None else strip.plugin(args[1])
        wanted = frozenset[str]() if plugin is None else wanted_labels(plugin.name)
        if strip is None or plugin is None or port is None or not wanted:
            return ()
        number, label, value = port
        if plugin.labels.get(number, label) != label:
            self.open["plugins", strip.number, 0] = questions.plugins(strip.number)
            return self._replug(strip, tuple(p.unknown() for p in strip.plugins or ()))
        self.is_changed |= plugin.note(number, label, value) and label in wanted & SWITCHES
        self._note_described(strip, plugin)
        return [(Spot(strip.number, plugin.number, number), value)]

    def _heard_ports_end(self, args: Sequence[Argument]) -> Iterable[Note]:
        strip = self._strip_of(args)
        plugin = None if strip is None or len(args) != 2 else strip.plugin(args[1])
        if strip is not None and plugin is not None:
            plugin.note_end()
            self._note_described(strip, plugin)
        return ()

    def _note_described(self, strip: Strip, plugin: Plugin) -> None:
        if plugin.has(wanted_labels(plugin.name)):
            self.open.pop(("ports", strip.number, plugin.number), None)

    def _strip_of(self, args: Sequence[Argument]) -> Strip | None:
        return self.strips.get(args[0]) if args and isinstance(args[0], int) else None


_HANDLERS: dict[str, Callable[[Mixer, Sequence[Argument]], Iterable[Note]]] = {
    "/reply": Mixer._heard_row,
    "/strip/list": Mixer._heard_list_changed,
    "/strip/name": Mixer._heard_name,
    "/strip/mute": Mixer._heard_mute,
    "/strip/pan_type": Mixer._heard_panner,
    "/strip/sends": Mixer._heard_sends,
    "/strip/plugin/list": Mixer._heard_plugins,
    "/strip/plugin/descriptor": Mixer._heard_port,
    "/strip/plugin/descriptor_end": Mixer._heard_ports_end,
    "/set_surface": Mixer._heard_setup,
    "/session_name": Mixer._heard_session,
}
