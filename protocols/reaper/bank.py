"""REAPER's bank of tracks as the console's: which strips stand where, what each can be told, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.automation import SHARED
from assistant.params import BY_NAME
from assistant.plugins import DAW_REVERB_PARAMS, REVERB, STRIP_STEREO
from protocols.daw import Control, DawTrack
from protocols.dialect import limits_of
from protocols.naming import distinct, plain
from protocols.reaper.dialect import REAPER
from protocols.reaper.native import NATIVE
from protocols.reaper.strip import Strip

#: The bank begins small and doubles while its last place is taken: REAPER sends hundreds of messages for an empty one.
FIRST_SIZE, LARGEST_SIZE = 16, 512
#: Of the master's strip, unless a track is called so.
MASTER_NAME = "Master"
MASTER_GAIN = Control(SHARED, "master_gain_db")

_RETURN = DAW_REVERB_PARAMS[0]
_BUS_PARAMS = frozenset({_RETURN, *(p.name for p in REVERB.params)})
_NATIVE_PARAMS = frozenset(row.param for row in NATIVE.rows)
# ReaEQ holds all of the table.
_LIMITS = {row.param: limits for row in REAPER.rows if (limits := limits_of(REAPER, row.param))}


@dataclass
class Bank:
    """REAPER's tracks by number; ``names`` are those of the tracks that are there, all different, and ``params`` what
    each can be told, as of the last :meth:`refresh`.

    The reverb bus is the first track that has our reverb on it.
    """

    has_master: bool = False
    strips: dict[int, Strip] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    params: dict[int, frozenset[str]] = field(default_factory=dict)
    bus: Strip | None = None
    _numbers: dict[str, int] = field(default_factory=dict)

    def strip(self, number: int) -> Strip:
        """The place ``number``, from 1."""
        return self.strips.setdefault(number, Strip(number))

    @property
    def size(self) -> int:
        """How many places REAPER has to tell of: twice as many as long as the last of them is taken."""
        size = FIRST_SIZE
        while size < LARGEST_SIZE and size in self.strips and self.strips[size].is_there:
            size *= 2
        return size

    def refresh(self) -> tuple[DawTrack, ...]:
        """The tracks, anew from what the strips were heard to be."""
        present = [s for _, s in sorted(self.strips.items()) if s.is_there and s.name is not None]
        self.bus = next((strip for strip in present if strip.place_of(REVERB) is not None), None)
        said = [plain(strip.name or "") or f"Track {strip.number}" for strip in present]
        *names, master_name = distinct([*said, MASTER_NAME])
        self.names = {strip.number: name for strip, name in zip(present, names, strict=True)}
        self._numbers = {name: number for number, name in self.names.items()}
        self.params = {strip.number: self._params(strip) for strip in present}
        tracks = tuple(self._track(strip) for strip in present)
        params = frozenset({MASTER_GAIN.param})
        master = DawTrack(master_name, "master", 2, params, limits=_limits(params))
        return (*tracks, master) if self.has_master else tracks

    def control(self, strip: Strip, param: str) -> Control | None:
        """What ``param`` of ``strip`` is to the console; None where it is nothing."""
        if strip.number not in self.names:
            return None
        if strip is self.bus:
            param = _RETURN if param == "fader_db" else param
        if param not in self.params[strip.number]:
            return None
        return Control(SHARED if strip is self.bus else self.names[strip.number], param)

    def spot(self, control: Control) -> tuple[Strip, str] | None:
        """The strip and its parameter that ``control`` is; None for the master's, and where there is none."""
        if control.track == SHARED:
            is_bus = self.bus is not None and control.param in _BUS_PARAMS
            return (
                (self.bus, "fader_db" if control.param == _RETURN else control.param) if is_bus and self.bus else None
            )
        number = self._numbers.get(control.track)
        strip = None if number is None else self.strips[number]
        return None if strip is None or strip is self.bus else (strip, control.param)

    def places(self, control: Control) -> dict[str, int] | None:
        """Where ``control`` is, for its row's address; None where there is no such thing."""
        if control == MASTER_GAIN:
            return {} if self.has_master else None
        spot = self.spot(control)
        if spot is None or self.control(*spot) != control:
            return None
        strip, _ = spot
        plugin = strip.place_of(REVERB) if strip is self.bus else strip.strip_place
        found = {"strip": strip.number, "plugin": plugin, "send": strip.send_place(self._bus_name)}
        return {name: place for name, place in found.items() if place is not None}

    @property
    def _bus_name(self) -> str | None:
        return self.bus.name if self.bus else None

    def _params(self, strip: Strip) -> frozenset[str]:
        """What a track can be told."""
        if strip is self.bus:
            return _BUS_PARAMS
        params = {"fader_db"} | ({"pan"} if strip.is_balanced else set())
        if strip.send_place(self._bus_name) is not None:
            params.add("send_db")
        if strip.strip_place is not None:
            return frozenset(params) | {p.name for p in STRIP_STEREO.params}
        return frozenset(params) | (_NATIVE_PARAMS if strip.eq_place is not None else frozenset())

    def _track(self, strip: Strip) -> DawTrack:
        has_strip, is_bus = strip.strip_place is not None, strip is self.bus
        console = {strip.place_of(REVERB) if is_bus else strip.strip_place or strip.eq_place}
        return DawTrack(
            self.names[strip.number],
            "bus" if is_bus else "audio",
            STRIP_STEREO.channels if has_strip else 0,
            self.params[strip.number],
            tuple(name for place, name in sorted(strip.plugins.items()) if name and place not in console),
            has_strip or is_bus,
            strip.is_muted,
            _limits(self.params[strip.number]),
        )


def _limits(params: frozenset[str]) -> dict[str, tuple[float, float]]:
    return {param: limits for param, limits in _LIMITS.items() if param in params}


def table_value(param: str, value: float) -> float:
    """``value`` as the table has it: at or below the lowest level of a gain that is off there, off."""
    row = BY_NAME[param]
    return row.low if row.off_at_low and value < row.low else value
