"""Where console parameters are found in Ardour's mixer: on which strip, plug-in, port or send, told by which row.

Contents: :class:`Place`, :func:`places_of`, :func:`reverb_bus`, :func:`track_names`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from assistant.params import BY_NAME
from assistant.plugins import REVERB, REVERB_BUS_NAME, STRIP_MONO, STRIP_STEREO
from assistant.plugins import Plugin as OurPlugin
from protocols.ardour.dialect import ARDOUR, SEND_LAW
from protocols.ardour.mixer import Plugin, Send, Spot, Strip
from protocols.ardour.native import CONTROLS, NATIVE, PLAIN_REVERB, expressible, plugin_labels
from protocols.dialect import Dialect
from protocols.laws import LAWS

STRIPS: dict[str, OurPlugin] = {plugin.label: plugin for plugin in (STRIP_MONO, STRIP_STEREO)}
#: Decimals of a level that survive its way through amplitudes and positions of 32 bits.
_LEVEL_DIGITS = 5
#: Parameters that are the fader of another strip than a track's.
_FADERS = ("reverb_return_db", "master_gain_db")
_REVERBS: dict[str, OurPlugin] = {REVERB.label: REVERB}
_OURS: dict[str, OurPlugin] = {**STRIPS, **_REVERBS}


@dataclass(frozen=True)
class Place:
    """Where one parameter is; the numbers that do not apply are 0. ``dialect`` has the row that tells it."""

    param: str
    strip: int
    plugin: int = 0
    port: int = 0
    send: int = 0
    dialect: Dialect = ARDOUR

    @property
    def numbers(self) -> dict[str, int]:
        """Those that apply, by the names they have in rows."""
        named = {"strip": self.strip, "plugin": self.plugin, "port": self.port, "send": self.send}
        return {name: number for name, number in named.items() if number}

    @property
    def spot(self) -> Spot:
        """Where its value is heard."""
        if self.port or self.send:
            return Spot(self.strip, self.plugin, self.port, self.send)
        return Spot(self.strip, own="fader_db" if self.param in _FADERS else self.param)

    def value_of(self, heard: float) -> float:
        """What was heard at its spot in the table's unit; a gain that is off at its lowest stands there when silent."""
        row, param = self.dialect.row(self.param), BY_NAME[self.param]
        law = "identity" if row is None else row.law
        value = LAWS[SEND_LAW if self.send else law].from_wire(heard) if self.port or self.send else heard
        if value == -math.inf and param.off_at_low:
            return param.low
        return round(value, _LEVEL_DIGITS) if law.startswith("ardour") else value


def wanted_labels(name: str) -> frozenset[str]:
    """The labels of the ports that have to be known of a plug-in of that name; none for what is no part of the
    console."""
    return frozenset(p.label for p in _OURS[name].params) if name in _OURS else plugin_labels(name)


def own_strip(strip: Strip) -> Plugin | None:
    """Our strip among the plug-ins, on or off; None where there is none."""
    return next((p for p in strip.plugins or () if p.name in STRIPS), None)


def reverb_bus(strips: Iterable[Strip]) -> Strip | None:
    """The bus with our reverb, else the one named as ours, else one with Ardour's reverb; None where there is none."""
    buses = [strip for strip in strips if strip.kind == "bus"]
    tests = (
        lambda bus: any(p.name == REVERB.label for p in bus.plugins or ()),
        lambda bus: bus.identity.name == REVERB_BUS_NAME,
        lambda bus: any(p.name == PLAIN_REVERB for p in bus.plugins or ()),
    )
    return next((bus for is_it in tests for bus in buses if is_it(bus)), None)


def reverb_send(strip: Strip, bus: Strip | None) -> Send | None:
    """The strip's send to the reverb, where it has one that is switched on."""
    return next((s for s in strip.sends or () if bus is not None and s.target == bus.number and s.is_on), None)


def track_names(strips: Iterable[Strip]) -> dict[int, str]:
    """A name for each strip's number, none twice and none empty."""
    names: dict[int, str] = {}
    for strip in strips:
        plain = strip.identity.name.strip() or f"Strip {strip.number}"
        name, copies = plain, 1
        while name in names.values():
            copies += 1
            name = f"{plain} ({copies})"
        names[strip.number] = name
    return names


def places_of(strip: Strip, bus: Strip | None) -> Mapping[str, Place]:
    """What of the console a strip can be told, by parameter; ``bus`` is that of the reverb."""
    if strip.kind == "other":
        return {}
    if strip.kind == "master":
        return _by_param([Place("master_gain_db", strip.number)])
    if strip is bus:
        return _by_param([Place("reverb_return_db", strip.number), *_port_places(strip, _REVERBS)])
    places = [Place("fader_db", strip.number)]
    if strip.has_console_panner:
        places.append(Place("pan", strip.number))
    send = reverb_send(strip, bus)
    if send is not None:
        places.append(Place("send_db", strip.number, send=send.number))
    if own_strip(strip) is None:
        places += [Place(param, strip.number, dialect=NATIVE) for param in CONTROLS]
    return _by_param([*places, *_port_places(strip, STRIPS)])


def _by_param(places: Iterable[Place]) -> dict[str, Place]:
    found: dict[str, Place] = {}
    for place in places:
        found.setdefault(place.param, place)  # a second plug-in of the same kind is no part of the console
    return found


def _port_places(strip: Strip, ours: Mapping[str, OurPlugin]) -> list[Place]:
    """Ports of those of ``ours`` that stand on the strip and are on, and of Ardour's own plug-ins where none of ours
    does."""
    plugins = [plugin for plugin in strip.plugins or () if plugin.is_on]
    wanted = {p.name for plugin in ours.values() for p in plugin.params}
    has_ours = any(plugin.name in ours for plugin in strip.plugins or ())
    places = []
    for plugin in plugins:
        if plugin.name in ours:
            dialect, params = ARDOUR, [(p.name, p.label) for p in ours[plugin.name].params]
        elif has_ours:
            continue
        else:
            values = {label: plugin.values[number] for number, label in plugin.labels.items()}
            dialect = NATIVE
            params = [(p.row.param, p.label) for p in expressible(plugin.name, strip.identity.inputs, values)]
        numbers = {label: number for number, label in plugin.labels.items()}
        found = [(param, numbers[label]) for param, label in params if param in wanted and label in numbers]
        places += [Place(param, strip.number, plugin.number, port, dialect=dialect) for param, port in found]
    return places
