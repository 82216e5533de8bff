"""What REAPER was heard to say of one place in its bank of tracks, which may be empty."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from assistant.plugins import REVERB, STRIP_STEREO, Plugin
from protocols.dialect import Argument
from protocols.reaper.native import EQ_NAME, OUR_EQ_NAME

#: What REAPER sends of a track unless told otherwise: its first plug-ins and its first sends.
NUM_PLUGINS, NUM_SENDS = 8, 4
LONGEST_NAME = 200
#: Our JSFX by their names in REAPER; there is one strip, because REAPER's tracks are stereo. Our LV2 plug-ins, which
#: REAPER on Linux can host, are others: how it scales their parameters is not known.
JSFX: dict[str, Plugin] = {"mixassist strip": STRIP_STEREO, "mixassist reverb": REVERB}
#: Pan modes in which a track is balanced as on the console; the other two place left and right by themselves.
_BALANCED = ("Balance", "Balance (classic)")
_NAMED = re.compile(r"(fx|send)/([0-9]{1,2})/name", re.ASCII)
_PREFIX = re.compile(r"(?:JS|VST3?|AU)i?: ")


@dataclass
class Strip:
    """One place of the bank, ``number`` counted from 1.

    ``plugins`` and ``sends`` are names by place, "" for an empty one; ``level_db`` is the fader's as last heard.
    """

    number: int
    name: str | None = None
    pan_mode: str | None = None
    level_db: float | None = None
    is_muted: bool = False
    plugins: dict[int, str] = field(default_factory=dict)
    sends: dict[int, str] = field(default_factory=dict)

    def note(self, what: str, arg: Argument) -> bool:
        """Take in a name, a mode or a switch; whether ``what`` was one, and new."""
        before = (self.name, self.pan_mode, self.is_muted)
        if what == "name" and isinstance(arg, str):
            self.name = arg[:LONGEST_NAME]
        elif what == "panmode" and isinstance(arg, str):
            self.pan_mode = arg[:LONGEST_NAME]
        elif what == "mute" and isinstance(arg, (int, float)):
            self.is_muted = arg > 0.5
        else:
            return self._note_name(what, arg)
        return before != (self.name, self.pan_mode, self.is_muted)

    def _note_name(self, what: str, arg: Argument) -> bool:
        matched = _NAMED.fullmatch(what)
        if matched is None or not isinstance(arg, str):
            return False
        names, most = (self.plugins, NUM_PLUGINS) if matched[1] == "fx" else (self.sends, NUM_SENDS)
        place, name = int(matched[2]), _PREFIX.sub("", arg[:LONGEST_NAME], count=1)
        if not 1 <= place <= most:
            return False
        before = names.get(place, "")
        names[place] = name if name != f"Send {place}" else ""  # of no send
        return before != names[place]

    def missing(self) -> Iterator[str]:
        """The addresses of what REAPER says of every place, empty or not, and has not been heard."""
        own = {"name": self.name, "panmode": self.pan_mode, "volume/db": self.level_db}
        yield from (f"/track/{self.number}/{what}" for what, known in own.items() if known is None)
        for kind, names, most in (("fx", self.plugins, NUM_PLUGINS), ("send", self.sends, NUM_SENDS)):
            if len(names) < most:
                yield from (f"/track/{self.number}/{kind}/{n}/name" for n in range(1, most + 1) if n not in names)

    @property
    def is_there(self) -> bool:
        """Whether a track stands there: of an empty place REAPER says its number as its name, and silence."""
        is_named = self.name not in (None, "", f"Track {self.number}")
        is_open = self.level_db is not None and self.level_db > -math.inf
        return is_named or is_open or any(self.plugins.values())

    @property
    def is_balanced(self) -> bool:
        """Whether its pan is the console's."""
        return self.pan_mode in _BALANCED

    def plugin_at(self, place: int) -> Plugin | None:
        """Our plug-in there; REAPER may put the file's name behind its own."""
        return JSFX.get(self.plugins.get(place, "").split(" [")[0])

    def place_of(self, plugin: Plugin) -> int | None:
        """Where the first of ``plugin`` is."""
        return next((place for place in sorted(self.plugins) if self.plugin_at(place) is plugin), None)

    @property
    def strip_place(self) -> int | None:
        """Where our strip is."""
        return self.place_of(STRIP_STEREO)

    @property
    def eq_place(self) -> int | None:
        """Where the ReaEQ is that the user has named for us, if it is the first: REAPER's messages mean that one."""
        equalisers = ((p, name) for p, name in sorted(self.plugins.items()) if name.startswith((EQ_NAME, OUR_EQ_NAME)))
        place, name = next(equalisers, (None, ""))
        return place if name.startswith(OUR_EQ_NAME) else None

    def send_place(self, to: str | None) -> int | None:
        """Where the first send to the track called ``to`` is."""
        return next((place for place, name in sorted(self.sends.items()) if to and name == to), None)
