"""What AbletonOSC was heard to say of one of Live's tracks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from protocols.ableton.dialect import LIVE
from protocols.ableton.native import EQ_CLASS, NATIVE, OUR_NAME, band_of
from protocols.daw import DawTrack, TrackKind
from protocols.dialect import Argument, Message, limits_of

LONGEST_NAME, MOST_TRACKS, MOST_DEVICES, MOST_PARAMETERS = 200, 1_000, 64, 512

_OF_TRACK = "/live/track/get/"
_PARAMETER_NAMES = "/live/device/get/parameters/name"
_NATIVE_PARAMS = tuple(dict.fromkeys(row.param for row in NATIVE.rows))
_LIMITS = {
    row.param: limits for dialect in (LIVE, NATIVE) for row in dialect.rows if (limits := limits_of(dialect, row.param))
}
#: What is asked once of every track, with one value in answer.
_SWITCHES = ("mute", "has_midi_input", "has_audio_output", "is_foldable")
_LISTS = ("devices/name", "devices/class_name")


@dataclass
class LiveTrack:
    """The track at ``index``; ``switches`` and ``lists`` are what was answered to the questions so called.

    ``ports`` are the parameters' places by name, of the EQ Eight at ``eq_place`` that the user has put there for us.
    """

    index: int
    name: str
    switches: dict[str, bool] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ports: dict[str, int] | None = None

    def questions(self) -> Iterator[Message]:
        """What is not known yet."""
        for what in _SWITCHES:
            if what not in self.switches:
                yield Message(_OF_TRACK + what, "i", (self.index,))
        for what in _LISTS:
            if what not in self.lists:
                yield Message(_OF_TRACK + what, "i", (self.index,))
        if self.eq_place is not None and self.ports is None:
            yield Message(_PARAMETER_NAMES, "ii", (self.index, self.eq_place))

    def devices_question(self) -> Sequence[Message]:
        """What tells whether its devices are still the same."""
        return tuple(Message(_OF_TRACK + what, "i", (self.index,)) for what in _LISTS)

    def note(self, address: str, args: Sequence[Argument]) -> bool:
        """Take in an answer about this track, without its index; whether it was one, and new."""
        before = (dict(self.switches), dict(self.lists), self.ports)
        if address == _PARAMETER_NAMES:
            if args and args[0] == self.eq_place and not isinstance(args[0], (float, bool)):
                self.ports = {_name(arg): n for n, arg in enumerate(args[1 : MOST_PARAMETERS + 1])}
        elif (what := address.removeprefix(_OF_TRACK)) in _SWITCHES and len(args) == 1:
            self.switches[what] = args[0] not in (0, "")
        elif what in _LISTS:
            self.lists[what] = tuple(map(_name, args[:MOST_DEVICES]))
            if before[1].get(what) != self.lists[what]:
                self.ports = None
        return before != (self.switches, self.lists, self.ports)

    @property
    def eq_place(self) -> int | None:
        """Where the EQ Eight is that the user has put there for us."""
        names, classes = (self.lists.get(what, ()) for what in _LISTS)
        pairs = enumerate(zip(names, classes, strict=False))
        return next((n for n, (name, kind) in pairs if kind == EQ_CLASS and name.lower().startswith(OUR_NAME)), None)

    def port(self, param: str) -> int | None:
        """The place of ``param`` among the parameters of that EQ Eight."""
        return (self.ports or {}).get(band_of(param)[1]) if param in _NATIVE_PARAMS else None

    def track(self, name: str, has_sends: bool) -> DawTrack:
        """As the program knows it, under ``name``."""
        params = {"fader_db", "pan"} if self.switches.get("has_audio_output", True) else set()
        params |= {"send_db"} if params and has_sends else set()
        params |= {param for param in _NATIVE_PARAMS if self.port(param) is not None}
        others = (device for n, device in enumerate(self.lists.get("devices/name", ())) if n != self.eq_place)
        return DawTrack(
            name,
            self._kind,
            0,
            frozenset(params),
            tuple(others),
            is_muted=self.switches.get("mute", False),
            limits={param: limits for param, limits in _LIMITS.items() if param in params},
        )

    @property
    def _kind(self) -> TrackKind:
        if self.switches.get("is_foldable"):
            return "bus"
        return "midi" if self.switches.get("has_midi_input") else "audio"


def _name(arg: Argument) -> str:
    return str(arg)[:LONGEST_NAME]
