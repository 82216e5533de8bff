"""The conversation with Ableton Live through AbletonOSC, without sockets and clocks.

AbletonOSC answers every question under its own address, ten times a second all that has come in. It tells nothing by
itself but that it was started: listeners stay on a track whose index has changed, and are not used. Hence every
question about a value asks as well what the tracks are called. An error ends what it does at once of all that has come
in: nothing is asked that may not be there, but once, whether there is a return to send to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from protocols.ableton.dialect import LIVE
from protocols.ableton.native import NATIVE, band_of
from protocols.ableton.tracks import LONGEST_NAME, MOST_TRACKS, LiveTrack
from protocols.daw import Control, Event, HeldChanged, Surface, TracksChanged
from protocols.dialect import Argument, Dialect, Message, decode, encode
from protocols.errors import ProtocolError
from protocols.naming import distinct
from protocols.rounding import is_told

#: The send that carries the reverb: the first.
REVERB_SEND = 0

_NAMES = Message("/live/song/get/track_names")
_FIRST_SEND = Message("/live/track/get/send", "ii", (0, REVERB_SEND))
_NO_SEND = "index out of range"
#: How each parameter of an EQ Eight is answered.
_ANSWERS = {row.param: replace(NATIVE, rows=(row,)) for row in NATIVE.rows if row.direction == "receive"}
# Live shows three digits of what is not in dB.
_SHOWN_DIGITS = 6e-3


@dataclass
class LiveSurface(Surface):
    """Live's tracks as far as heard."""

    dialect: Dialect = LIVE
    _names: tuple[str, ...] | None = None
    _has_sends: bool | None = None
    _turn: int = 0
    _tracks: dict[int, LiveTrack] = field(default_factory=dict)
    _indices: dict[str, int] = field(default_factory=dict)

    def greeting(self) -> Sequence[Message]:
        """See :meth:`Surface.greeting`."""
        return (_NAMES,)

    def survey(self) -> Sequence[Message]:
        """See :meth:`Surface.survey`."""
        if self._names is None:
            return (_NAMES,)
        questions = [question for track in self._tracks.values() for question in track.questions()]
        if self._tracks and self._has_sends is None:
            questions.append(_FIRST_SEND)
        return tuple(questions)

    def forget(self) -> None:
        """See :meth:`Surface.forget`."""
        self._names = self._has_sends = None
        for known in (self.held, self._tracks, self._indices):
            known.clear()
        self.tracks = ()

    def heard(self, message: Message) -> Sequence[Event]:
        """See :meth:`Surface.heard`."""
        address, args = message.address, message.args
        if address == _NAMES.address:
            return self._heard_names(args)
        if address == "/live/startup":
            self.forget()
            return (TracksChanged(()),)
        if address == "/live/error":
            return self._heard_error(args)
        track = self._tracks.get(args[0]) if args and isinstance(args[0], int) else None
        if track is None:
            return ()
        if track.note(address, args[1:]):
            return self._renewed()
        return self._heard_value(track, message)

    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        """See :meth:`Surface.ask`."""
        questions = dict.fromkeys(question for control in controls for question in self._questions(control))
        return (_NAMES, *questions) if questions else ()

    def say(self, values: Mapping[Control, float]) -> Sequence[Message]:
        """See :meth:`Surface.say`; raises :class:`ProtocolError` for a control that is not there.

        A band of an EQ Eight is made the filter that it has to be, and switched on, with each value of it.
        """
        return [message for control, value in values.items() for message in self._said(control, value)]

    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        """See :meth:`Surface.is_same`: a 32 bit float, or the digits that Live shows."""
        row, shown = (dialect.row(control.param, "receive") for dialect in (LIVE, NATIVE))
        if row is not None:
            return is_told(row, wanted, held)
        return shown is not None and abs(wanted - held) <= max(shown.precision, _SHOWN_DIGITS * abs(wanted))

    def alive(self) -> Sequence[Message]:
        """See :meth:`Surface.alive`: the tracks' names, and the devices of the track whose turn it is."""
        self._turn += 1
        track = self._tracks.get(self._turn % len(self._tracks)) if self._tracks else None
        return (_NAMES, *(track.devices_question() if track else ()))

    def _heard_names(self, args: Sequence[Argument]) -> Sequence[Event]:
        names = tuple(str(arg)[:LONGEST_NAME] for arg in args[:MOST_TRACKS])
        if names == self._names:
            return ()
        self._names, self._has_sends = names, None
        self._tracks = {index: LiveTrack(index, name) for index, name in enumerate(distinct(names))}
        self.held.clear()
        return self._renewed()

    def _heard_error(self, args: Sequence[Argument]) -> Sequence[Event]:
        """The only question that may be about what is not there is whether there is a send."""
        if self._has_sends is not None or not args or _NO_SEND not in str(args[0])[:LONGEST_NAME]:
            return ()
        self._has_sends = False
        return self._renewed()

    def _heard_value(self, track: LiveTrack, message: Message) -> Sequence[Event]:
        reading = decode(LIVE, message.address, message.args)
        if reading is not None and reading.places.get("send", REVERB_SEND) == REVERB_SEND:
            events: list[Event] = []
            if reading.param == "send_db" and self._has_sends is None:
                self._has_sends = True
                events += self._renewed()
            return [*events, *self._hold(Control(track.name, reading.param), reading.value)]
        for param in self._native_params(track, message):
            shown = decode(_ANSWERS[param], message.address, message.args)
            if shown is not None:
                return self._hold(Control(track.name, param), shown.value)
        return ()

    def _native_params(self, track: LiveTrack, message: Message) -> Iterator[str]:
        """What the answer about a device's parameter is about."""
        if len(message.args) == 4 and message.args[1] == track.eq_place:
            yield from (param for param in _ANSWERS if track.port(param) == message.args[2])

    def _hold(self, control: Control, value: float) -> Sequence[Event]:
        params = self.tracks[self._indices[control.track]].params if control.track in self._indices else frozenset()
        if control.param not in params or self.held.get(control) == value:
            return ()
        self.held[control] = value
        return (HeldChanged(control, value),)

    def _renewed(self) -> Sequence[Event]:
        before = self.tracks
        self._indices = {track.name: index for index, track in self._tracks.items()}
        self.tracks = tuple(track.track(track.name, bool(self._has_sends)) for track in self._tracks.values())
        told = {Control(track.name, param) for track in self.tracks for param in track.params}
        for control in self.held.keys() - told:
            del self.held[control]
        return (TracksChanged(self.tracks),) if self.tracks != before else ()

    def _places(self, control: Control) -> dict[str, int] | None:
        """Where ``control`` is; None where there is no such thing."""
        index = self._indices.get(control.track)
        if index is None or control.param not in self.tracks[index].params:
            return None
        track = self._tracks[index]
        found = {"strip": index, "send": REVERB_SEND, "plugin": track.eq_place, "port": track.port(control.param)}
        return {name: place for name, place in found.items() if place is not None}

    def _questions(self, control: Control) -> Iterator[Message]:
        places = self._places(control)
        row = (LIVE if LIVE.row(control.param) else NATIVE).row(control.param, "receive")
        if places is not None and row is not None:
            numbers = tuple(places[arg[1:-1]] for arg in row.args[:-1])
            yield Message(row.address, row.types[:-1], numbers)

    def _said(self, control: Control, value: float) -> Iterator[Message]:
        places = self._places(control)
        if places is None:
            raise ProtocolError(f"Ableton Live has no track {control.track!r} that can be told {control.param}")
        if LIVE.row(control.param) is not None:
            yield encode(LIVE, control.param, value, places)
            return
        message = encode(NATIVE, control.param, value, places)
        yield from self._filter_of(control, places)
        yield message

    def _filter_of(self, control: Control, places: Mapping[str, int]) -> Iterator[Message]:
        """What makes the band the filter that it has to be; the high-pass alone is switched by a parameter."""
        band, _ = band_of(control.param)
        wanted = {band.parameter("Filter Type"): float(band.filter_type)}
        if not control.param.startswith("highpass"):
            wanted[band.parameter("Filter On")] = 1.0
        ports = self._tracks[places["strip"]].ports or {}
        row = NATIVE.row(control.param)
        for name, value in wanted.items():
            if row is not None and name in ports:
                yield Message(row.address, "iiif", (places["strip"], places["plugin"], ports[name], value))
