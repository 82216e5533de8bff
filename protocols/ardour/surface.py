"""The conversation with Ardour over OSC (7.3), without sockets and clocks.

Ardour tells faders, pans and mutes as they move, and that strips came or went. It does not tell that plug-ins were put
in or taken out, or that it was started anew: hence :meth:`ArdourSurface.alive` asks a little about another strip each
time, and every question about a value asks as well what stands there.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from struct import pack, unpack

from assistant.automation import SHARED
from assistant.params import BY_NAME, MASTER_PARAMS, REVERB_NAMES
from protocols.ardour import questions
from protocols.ardour.dialect import ARDOUR
from protocols.ardour.hearing import Mixer
from protocols.ardour.mixer import Spot, Strip
from protocols.ardour.places import Place, own_strip, places_of, reverb_bus, track_names
from protocols.daw import Control, DawTrack, Event, HeldChanged, Surface, TracksChanged
from protocols.dialect import Dialect, Message, encode, limits_of
from protocols.laws import LAWS

#: Levels in dB pass through an amplitude of 32 bits on their way, and are rounded when heard.
_SAME_DB = 5e-5
#: Everything else keeps 32 bits, relative to its size.
_SAME = 1e-6
_SHARED_NAMES = frozenset((*REVERB_NAMES, *(p.name for p in MASTER_PARAMS)))


@dataclass
class ArdourSurface(Surface):
    """Ardour's OSC conversation; our strips and reverb where they are, else its own plug-ins where they fit.

    ``mixer`` is what was heard; to be read only.
    """

    dialect: Dialect = ARDOUR
    mixer: Mixer = field(default_factory=Mixer)
    _places: dict[Control, Place] = field(default_factory=dict)
    _controls: dict[Spot, Control] = field(default_factory=dict)
    _turn: int = 0

    def greeting(self) -> Sequence[Message]:
        """See :meth:`Surface.greeting`."""
        return questions.greeting()

    def survey(self) -> Sequence[Message]:
        """See :meth:`Surface.survey`."""
        if not self.mixer.is_set_up:
            return self.greeting()
        return tuple(dict.fromkeys(self.mixer.open.values()))

    def forget(self) -> None:
        """See :meth:`Surface.forget`."""
        self.mixer = Mixer()
        self.held.clear()
        self._places.clear()
        self._controls.clear()
        self.tracks, self.session = (), ""

    def alive(self) -> Sequence[Message]:
        """See :meth:`Surface.alive`: whether Ardour still knows us, and what stands on the strip whose turn it is."""
        self._turn += 1
        strips = [number for number, strip in self.mixer.strips.items() if strip.kind != "other"]
        about = [strips[self._turn % len(strips)]] if strips else []
        asked = (questions.name, questions.sends, questions.plugins)
        return questions.SETUP, *(question(strip) for strip in about for question in asked)

    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        """See :meth:`Surface.ask`."""
        found: dict[Message, None] = {}
        for place in (self._places[control] for control in controls if control in self._places):
            found[questions.name(place.strip)] = None
            if place.port:
                found[questions.plugins(place.strip)] = None
                found[questions.ports(place.strip, place.plugin)] = None
            elif place.send:
                found[questions.sends(place.strip)] = None
            else:
                found[questions.own(place.strip, place.spot.own)] = None
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
        if row is None or row.law.startswith("ardour"):
            return wanted == held or abs(wanted - held) <= _SAME_DB
        told, there = (LAWS[row.law].to_wire(value) for value in (wanted, held))
        return abs(_as_float32(told) - there) <= _SAME * max(1e-3, abs(told))

    def heard(self, message: Message) -> Sequence[Event]:
        """See :meth:`Surface.heard`."""
        events: list[Event] = []
        for spot, value in self.mixer.heard(message):
            control = self._controls.get(spot)
            if control is None:
                continue
            if value is None:
                del self._places[control], self._controls[spot]
                self.held.pop(control, None)
            else:
                events += self._note(control, self._places[control].value_of(value))
        self.session = self.mixer.session
        if self.mixer.is_changed and self.mixer.is_set_up and not self.mixer.open:
            events += self._rebuilt()
        return events

    def _note(self, control: Control, value: float) -> Iterator[Event]:
        is_sound = math.isfinite(value) or value == -math.inf
        if is_sound and self.held.get(control) != value:
            self.held[control] = value
            yield HeldChanged(control, value)

    def _rebuilt(self) -> Iterator[Event]:
        """Tracks and controls as the strips are now; what a control held stays while its place does."""
        self.mixer.is_changed = False
        before = dict(self._places)
        self._places.clear()
        strips = self.mixer.strips
        names, bus = track_names(strips.values()), reverb_bus(strips.values())
        tracks = tuple(self._placed(strip, names[strip.number], bus) for strip in strips.values())
        self._controls = {place.spot: control for control, place in self._places.items()}
        for gone in [control for control in self.held if control not in self._places]:
            del self.held[gone]
        if tracks != self.tracks:
            self.tracks = tracks
            yield TracksChanged(tracks)
        for control, place in self._places.items():
            if before.get(control) != place and place.spot in self.mixer.values:
                yield from self._note(control, place.value_of(self.mixer.values[place.spot]))

    def _placed(self, strip: Strip, name: str, bus: Strip | None) -> DawTrack:
        places = places_of(strip, bus)
        for param, place in places.items():
            self._places[Control(SHARED if param in _SHARED_NAMES else name, param)] = place
        used, own = {place.plugin for place in places.values()}, own_strip(strip)
        return DawTrack(
            name,
            strip.kind,
            strip.identity.inputs if strip.identity.inputs in (1, 2) else 0,
            frozenset(places),
            tuple(plugin.name for plugin in strip.plugins or () if plugin.number not in used),
            own is not None and own.is_on,
            strip.is_muted,
            {param: limits for param, place in places.items() if (limits := limits_of(place.dialect, param))},
        )


def _as_float32(value: float) -> float:
    return float(unpack("f", pack("f", value))[0]) if math.isfinite(value) else value
