"""The conversation with Ardour over OSC (7.3), without sockets and clocks.

Ardour tells faders, pans and mutes as they move, and that strips came or went. It does not tell that plug-ins were put
in or taken out, or that it was started anew: hence :meth:`ArdourSurface.alive` asks a little about another strip each
time, and every question about a value asks as well what stands there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack, unpack

from assistant.automation import SHARED
from assistant.params import BY_NAME
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.mixer import (
    CONSOLE_PANNERS,
    LONGEST_TEXT,
    Listing,
    Plugin,
    Strip,
    read_plugins,
    read_port,
    read_sends,
    read_strip,
)
from protocols.ardour.native import CONTROLS, NATIVE
from protocols.ardour.places import (
    Place,
    audible,
    own_strip,
    places_of,
    reverb_bus,
    reverb_send,
    track_names,
    wanted_labels,
)
from protocols.daw import Control, DawTrack, Event, HeldChanged, Surface, TracksChanged
from protocols.dialect import Argument, Dialect, Message, decode, encode
from protocols.laws import LAWS

#: Audio and MIDI tracks, busses, MIDI busses, VCAs, the master and foldback busses, all without banks.
_BANK, _STRIP_TYPES, _GAIN_MODE = 0, 0b1011_1111, 0
#: What Ardour is to tell: answers to lists as "/reply", which OSC allows, at first; then, because it says everything
#: about all strips at once, buttons and levels of strips as they move; and the session's name, which comes with the
#: master's levels: without a master, Ardour 7.3 would crash at that.
_QUIET = 16_384
_FEEDBACK = _QUIET + 1 + 2
_FEEDBACK_WITH_NAME = _FEEDBACK + 16
#: Levels in dB pass through an amplitude of 32 bits on their way and back.
_SAME_DB = 5e-5
_SAME = 1e-6
_SHARED_PARAMS = ("reverb_", "master_", "limiter_")

#: A question to which the answer is outstanding: what, and the strip and plug-in that it is about.
Question = tuple[str, int, int]


@dataclass
class ArdourSurface(Surface):
    """Ardour's OSC conversation; our strips and reverb where they are, else its own plug-ins where they fit."""

    dialect: Dialect = ARDOUR
    _is_set_up: bool = False
    _is_stale: bool = False
    _turn: int = 0
    _listing: Listing | None = None
    _bus: Strip | None = None
    _strips: dict[int, Strip] = field(default_factory=dict)
    _values: dict[tuple[int, str], float] = field(default_factory=dict)
    _questions: dict[Question, Message] = field(default_factory=dict)
    _places: dict[Control, Place] = field(default_factory=dict)
    _controls: dict[tuple[int, str], Control] = field(default_factory=dict)
    _ports: dict[tuple[int, int, int], Control] = field(default_factory=dict)

    def greeting(self) -> Sequence[Message]:
        """See :meth:`Surface.greeting`. Answers to where questions come from, which has to be said first of all."""
        values = (_BANK, _STRIP_TYPES, _QUIET, _GAIN_MODE, 0, 0)
        return Message("/set_surface/port", "i", (0,)), Message("/set_surface", "iiiiii", values)

    def survey(self) -> Sequence[Message]:
        """See :meth:`Surface.survey`."""
        if not self._is_set_up:
            return *self.greeting(), Message("/set_surface")
        return tuple(dict.fromkeys(self._questions.values()))

    def forget(self) -> None:
        """See :meth:`Surface.forget`."""
        for known in (self.held, self._strips, self._values, self._questions):
            known.clear()
        for places in (self._places, self._controls, self._ports):
            places.clear()
        self.tracks, self.session, self._bus, self._listing = (), "", None, None
        self._is_set_up = self._is_stale = False

    def strips(self) -> Sequence[Strip]:
        """What was heard of the mixer, as far as it was; to be read only."""
        return tuple(self._strips.values())

    def alive(self) -> Sequence[Message]:
        """See :meth:`Surface.alive`: whether Ardour still knows us, and what stands on the strip whose turn it is."""
        self._turn += 1
        known = [n for n, strip in self._strips.items() if strip.kind != "other"]
        number = known[self._turn % len(known)] if known else 0
        about = (_name(number), _sends(number), _plugins(number)) if number else ()
        return Message("/set_surface"), *about

    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        """See :meth:`Surface.ask`."""
        found: dict[Message, None] = {}
        for place in (self._places[control] for control in controls if control in self._places):
            found[_name(place.strip)] = None
            if place.port:
                found[_plugins(place.strip)] = None
                found[_ports(place.strip, place.plugin)] = None
            elif place.send:
                found[_sends(place.strip)] = None
            else:
                found[_value(place.strip, place.param)] = None
        return tuple(found)

    def say(self, values: Mapping[Control, float]) -> Sequence[Message]:
        """See :meth:`Surface.say`. Controls that no strip has are left out."""
        found = [(self._places[control], value) for control, value in values.items() if control in self._places]
        return tuple(encode(place.dialect, place.param, value, place.numbers) for place, value in found)

    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        """See :meth:`Surface.is_same`: to the precision of 32 bits, as Ardour's wires and faders have it."""
        param = BY_NAME[control.param]
        if param.off_at_low and wanted <= param.low:
            return held <= param.low
        place = self._places.get(control)
        row = None if place is None else place.dialect.row(control.param)
        if place is None or row is None or row.law.startswith("ardour"):
            return wanted == held or abs(wanted - held) <= _SAME_DB
        law = LAWS[row.law]
        told, there = law.to_wire(wanted), law.to_wire(held)
        return abs(_as_float32(told) - there) <= _SAME * max(1e-3, abs(told))

    def heard(self, message: Message) -> Sequence[Event]:
        """See :meth:`Surface.heard`."""
        handler = _HANDLERS.get(message.address)
        events = list(handler(self, message.args) if handler else self._heard_value(message))
        if self._is_stale and self._is_set_up and not self._questions:
            events += self._rebuilt()
        return events

    def _heard_value(self, message: Message) -> Iterator[Event]:
        if message.address.startswith("/strip/name/"):
            number = message.address[12:]
            yield from self._heard_name((int(number) if number.isdecimal() else 0, *message.args))
            return
        for dialect in (ARDOUR, NATIVE):
            reading = decode(dialect, message.address, message.args)
            if reading and reading.places["strip"] in self._strips:
                yield from self._note_value(reading.places["strip"], reading.param, reading.value)
                return

    def _note_value(self, number: int, param: str, value: float) -> Iterator[Event]:
        self._values[number, param] = value
        self._questions.pop(("value " + param, number, 0), None)
        control = self._controls.get((number, param))
        if control is not None:
            yield from self._note(control, audible(control.param, value))

    def _note(self, control: Control, value: float) -> Iterator[Event]:
        if (math.isfinite(value) or value == -math.inf) and self.held.get(control) != value:
            self.held[control] = value
            yield HeldChanged(control, value)

    def _heard_setup(self, args: Sequence[Argument]) -> Iterator[Event]:
        is_ours = [*args[:2], *args[3:4]] == [_BANK, _STRIP_TYPES, _GAIN_MODE]
        is_ours = is_ours and args[2] in (_QUIET, _FEEDBACK, _FEEDBACK_WITH_NAME)
        if is_ours and not self._is_set_up:
            self._is_set_up = True
            self._relist()
        elif self._is_set_up and not is_ours and len(args) >= 6:
            self.forget()  # started anew, or set up otherwise by somebody at our place
        yield from ()

    def _heard_session(self, args: Sequence[Argument]) -> Iterator[Event]:
        if args and isinstance(args[0], str) and args[0].strip():
            self.session = args[0][:LONGEST_TEXT]
            self._questions.pop(("session", 0, 0), None)
        yield from ()

    def _heard_list_changed(self, args: Sequence[Argument]) -> Iterator[Event]:
        if not args and self._is_set_up:
            self._relist()
        yield from ()

    def _relist(self) -> None:
        self._listing = Listing()
        self._questions["list", 0, 0] = Message("/strip/list")

    def _heard_row(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip = read_strip(args)
        if not self._is_set_up:
            return
        if self._listing is None:
            self._check_row(strip)
        elif strip is not None:
            self._listing.note(strip)
        elif args and args[0] == "end_route_list":
            self._listing.note_end()
        if self._listing is not None and self._listing.is_whole:
            self._accept(self._listing.rows)
        yield from ()

    def _check_row(self, strip: Strip | None) -> None:
        """A row of a list that was asked for again, for what Ardour tells beside it."""
        if strip is None:
            return
        known = self._strips.get(strip.number)
        if known is None or known.identity != strip.identity:
            self._relist()
        else:
            self._note_muted(known, strip.is_muted)

    def _accept(self, rows: Mapping[int, Strip]) -> None:
        self._listing = None
        self._questions.pop(("list", 0, 0), None)
        old = {number: strip.identity for number, strip in self._strips.items()}
        if old == {number: strip.identity for number, strip in rows.items()}:
            for number, strip in rows.items():
                self._note_muted(self._strips[number], strip.is_muted)
            return
        self._strips = {number: rows[number] for number in sorted(rows)}
        for known in (self._questions, self._values, self._places, self._controls, self._ports, self.held):
            known.clear()
        self._is_stale = True
        known = [number for number, strip in self._strips.items() if strip.kind != "other"]
        for number in known:
            self._questions["value fader_db", number, 0] = _value(number, "fader_db")
            self._questions["sends", number, 0] = _sends(number)
            self._questions["plugins", number, 0] = _plugins(number)
        has_master = any(strip.kind == "master" for strip in rows.values())
        feedback = Message("/set_surface/feedback", "i", (_FEEDBACK_WITH_NAME if has_master else _FEEDBACK,))
        for number in known:
            self._questions["panner", number, 0] = feedback
        if has_master and not self.session:
            self._questions["session", 0, 0] = feedback

    def _heard_name(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip = self._strip_of(args)
        name = args[1] if len(args) == 2 else None
        if strip is None or self._listing is not None or not isinstance(name, str):
            return
        if name[:LONGEST_TEXT] != strip.identity.name:
            self._relist()
        yield from ()

    def _heard_mute(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip = self._strip_of(args)
        if strip is not None and len(args) == 2 and not isinstance(args[1], str):
            self._note_muted(strip, args[1] != 0)
        yield from ()

    def _note_muted(self, strip: Strip, is_muted: bool) -> None:
        self._is_stale |= strip.is_muted != is_muted
        strip.is_muted = is_muted

    def _heard_panner(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip = self._strip_of(args)
        if strip is None or len(args) != 2 or not isinstance(args[1], str):
            return
        self._questions.pop(("panner", strip.number, 0), None)
        self._is_stale |= strip.panner != args[1][:LONGEST_TEXT]
        strip.panner = args[1][:LONGEST_TEXT]
        if strip.panner in CONSOLE_PANNERS and (strip.number, "pan") not in self._values:
            self._questions["value pan", strip.number, 0] = _value(strip.number, "pan")
        yield from ()

    def _heard_sends(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip, sends = self._strip_of(args), read_sends(args[1:])
        if strip is None or sends is None:
            return
        self._questions.pop(("sends", strip.number, 0), None)
        layouts = [[(s.number, s.target, s.is_on) for s in found or ()] for found in (strip.sends, sends)]
        self._is_stale |= strip.sends is None or layouts[0] != layouts[1]
        strip.sends = sends
        control, send = self._controls.get((strip.number, "send_db")), reverb_send(strip, self._bus)
        if control is not None and send is not None:
            yield from self._note(control, self._places[control].from_wire(send.position))

    def _heard_plugins(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip, plugins = self._strip_of(args), read_plugins(args[1:])
        if strip is None or plugins is None:
            return
        self._questions.pop(("plugins", strip.number, 0), None)
        layouts = [[(p.number, p.name, p.is_on) for p in found or ()] for found in (strip.plugins, plugins)]
        if strip.plugins is None or layouts[0] != layouts[1]:
            self._replug(strip, plugins)
        yield from ()

    def _replug(self, strip: Strip, plugins: tuple[Plugin, ...]) -> None:
        """Other plug-ins stand on ``strip`` than before: what their ports are is to be asked anew."""
        for key in [key for key in self._ports if key[0] == strip.number]:
            control = self._ports.pop(key)
            self._places.pop(control, None)
            self.held.pop(control, None)
        for question in [q for q in self._questions if q[:2] == ("ports", strip.number)]:
            del self._questions[question]
        strip.plugins = plugins
        self._is_stale = True
        for plugin in plugins:
            if wanted_labels(plugin.name):
                self._questions["ports", strip.number, plugin.number] = _ports(strip.number, plugin.number)
        if own_strip(strip) is None and strip.kind in ("audio", "midi", "bus"):
            for param in CONTROLS:
                if (strip.number, param) not in self._values:
                    self._questions["value " + param, strip.number, 0] = _value(strip.number, param)

    def _heard_port(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip, port = self._strip_of(args), read_port(args[2:])
        plugin = _plugin_of(strip, args)
        if strip is None or plugin is None or port is None:
            return
        number, label, value = port
        if plugin.labels.get(number, label) != label:
            self._questions["plugins", strip.number, 0] = _plugins(strip.number)
            self._replug(strip, tuple(Plugin(p.number, p.name, p.is_on) for p in strip.plugins or ()))
            return
        plugin.is_new |= number not in plugin.labels
        was = plugin.values.get(number)
        plugin.labels[number], plugin.values[number] = label, value
        control = self._ports.get((strip.number, plugin.number, number))
        if control is not None:
            yield from self._note(control, self._places[control].from_wire(value))
        else:
            # one of the switches without which Ardour's own plug-ins do something else
            self._is_stale |= was is not None and was != value and label in wanted_labels(plugin.name)
        self._note_described(strip, plugin)

    def _heard_port_end(self, args: Sequence[Argument]) -> Iterator[Event]:
        strip = self._strip_of(args)
        plugin = _plugin_of(strip, args)
        if strip is not None and plugin is not None:
            plugin.note_end()
            self._note_described(strip, plugin)
        yield from ()

    def _note_described(self, strip: Strip, plugin: Plugin) -> None:
        if plugin.has(wanted_labels(plugin.name)):
            self._questions.pop(("ports", strip.number, plugin.number), None)

    def _strip_of(self, args: Sequence[Argument]) -> Strip | None:
        return self._strips.get(args[0]) if args and isinstance(args[0], int) else None

    def _rebuilt(self) -> Iterator[Event]:
        """Tracks and controls as the strips are now; what a control held stays while its place does."""
        self._is_stale = False
        before = dict(self._places)
        self._places.clear()
        self._controls.clear()
        self._ports.clear()
        self._bus = reverb_bus(self._strips.values())
        tracks = tuple(self._placed(strip, name) for strip, name in self._named())
        for gone in [control for control in self.held if control not in self._places]:
            del self.held[gone]
        if tracks != self.tracks:
            self.tracks = tracks
            yield TracksChanged(tracks)
        for control, place in self._places.items():
            value = self._last_heard(place)
            if before.get(control) != place and value is not None:
                yield from self._note(control, audible(control.param, value))

    def _named(self) -> list[tuple[Strip, str]]:
        names = track_names(self._strips.values())
        return [(strip, names[number]) for number, strip in self._strips.items()]

    def _placed(self, strip: Strip, name: str) -> DawTrack:
        places = places_of(strip, self._bus)
        for param, place in places.items():
            control = Control(SHARED if param.startswith(_SHARED_PARAMS) else name, param)
            self._places[control] = place
            heard_as = "fader_db" if param in ("reverb_return_db", "master_gain_db") else param
            self._controls[strip.number, heard_as] = control
            if place.port:
                self._ports[strip.number, place.plugin, place.port] = control
        used = {place.plugin for place in places.values()}
        return DawTrack(
            name,
            strip.kind,
            strip.identity.inputs if strip.identity.inputs in (1, 2) else 0,
            frozenset(places),
            tuple(p.name for p in strip.plugins or () if p.number not in used),
            own_strip(strip) is not None,
            strip.is_muted,
        )

    def _last_heard(self, place: Place) -> float | None:
        strip = self._strips[place.strip]
        if place.port:
            plugin = next((p for p in strip.plugins or () if p.number == place.plugin), None)
            return None if plugin is None else place.from_wire(plugin.values[place.port])
        if place.send:
            send = reverb_send(strip, self._bus)
            return None if send is None else place.from_wire(send.position)
        heard_as = "fader_db" if place.param in ("reverb_return_db", "master_gain_db") else place.param
        return self._values.get((place.strip, heard_as))


def _plugin_of(strip: Strip | None, args: Sequence[Argument]) -> Plugin | None:
    if strip is None or len(args) < 2:
        return None
    return next((p for p in strip.plugins or () if p.number == args[1]), None)


def _as_float32(value: float) -> float:
    return float(unpack("f", pack("f", value))[0]) if math.isfinite(value) else value


def _name(strip: int) -> Message:
    return Message(f"/strip/name/{strip}")


def _sends(strip: int) -> Message:
    return Message("/strip/sends", "i", (strip,))


def _plugins(strip: int) -> Message:
    return Message("/strip/plugin/list", "i", (strip,))


def _ports(strip: int, plugin: int) -> Message:
    return Message("/strip/plugin/descriptor", "ii", (strip, plugin))


def _value(strip: int, param: str) -> Message:
    """The question of a value that is the strip's own."""
    addresses = {"pan": "pan_stereo_position", "trim_db": "trimdB", "polarity_inverted": "polarity"}
    return Message(f"/strip/{addresses.get(param, 'fader')}/{strip}")


_HANDLERS: dict[str, Callable[[ArdourSurface, Sequence[Argument]], Iterator[Event]]] = {
    "/reply": ArdourSurface._heard_row,
    "/strip/list": ArdourSurface._heard_list_changed,
    "/strip/name": ArdourSurface._heard_name,
    "/strip/mute": ArdourSurface._heard_mute,
    "/strip/pan_type": ArdourSurface._heard_panner,
    "/strip/sends": ArdourSurface._heard_sends,
    "/strip/plugin/list": ArdourSurface._heard_plugins,
    "/strip/plugin/descriptor": ArdourSurface._heard_port,
    "/strip/plugin/descriptor_end": ArdourSurface._heard_port_end,
    "/set_surface": ArdourSurface._heard_setup,
    "/session_name": ArdourSurface._heard_session,
}
