"""REAPER's conversation: its default pattern configuration, with a bank grown over all tracks.

REAPER answers no question: it sends what has changed since it last said it, track after track of a bank of eight. Its
own OSC surface is published (REAPER SDK, reaper-plugins/reaper_csurf/csurf_osc.cpp, 2026), and this follows from it:

- What it is told it does not repeat under the same address, but it forgets having said it. A message without
  arguments, too, makes it forget and changes nothing; setting the size of the bank anew makes it say all forgotten
  things. That is how it is asked here. Versions that do otherwise are asked, after a while, to say everything anew.
- An empty place of the bank is called "Track 9" and stands at silence.
- A plug-in's parameters are sent as 0..1; their names only for a track that is selected, so that ours go by place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assistant.plugins import REVERB, STRIP_STEREO
from protocols.daw import Control, Event, HeldChanged, Surface, TracksChanged
from protocols.dialect import Dialect, Message, Row, decode, encode
from protocols.errors import ProtocolError
from protocols.reaper.bank import LARGEST_SIZE, MASTER_GAIN, Bank, table_value
from protocols.reaper.dialect import MIXER_ROWS, REAPER, REVERB_ROWS, STRIP_ROWS
from protocols.reaper.native import NATIVE
from protocols.reaper.strip import NUM_PLUGINS, NUM_SENDS, Strip
from protocols.rounding import is_told

_MASTER_LEVEL = "/master/volume/str"
_NUM_SLIDERS = len(STRIP_STEREO.params)
#: REAPER's action "Control surface: refresh all surfaces": it says everything anew.
_REFRESH_ALL = Message("/action", "i", (41743,))
_ASKED_IN_VAIN = 3
_MOST_AT_ONCE = 256
_TRACK = re.compile(r"/track/([0-9]{1,3})/(.{1,60})", re.ASCII)
_MIXER = replace(REAPER, rows=MIXER_ROWS)
_MIXER_PARAMS = frozenset(row.param for row in MIXER_ROWS)
_SLIDERS = {STRIP_STEREO: replace(REAPER, rows=STRIP_ROWS), REVERB: replace(REAPER, rows=REVERB_ROWS)}


@dataclass
class ReaperSurface(Surface):
    """REAPER's mixer as far as heard."""

    dialect: Dialect = REAPER
    _bank: Bank = field(default_factory=Bank)
    _asked: dict[Control, int] = field(default_factory=dict)

    def greeting(self) -> Sequence[Message]:
        """Set the size of what REAPER tells, and have it tell all."""
        sizes = {
            "/device/send/count": NUM_SENDS,
            "/device/fx/count": NUM_PLUGINS,
            "/device/fxparam/count": _NUM_SLIDERS,
            "/device/track/count": self._bank.size,
            "/device/track/bank/select": 1,
        }
        return (*(Message(address, "i", (size,)) for address, size in sizes.items()), _REFRESH_ALL)

    def survey(self) -> Sequence[Message]:
        """What is to be known of every place of the bank, which grows while its last one is taken."""
        bank = self._bank
        missing = [address for n in range(1, bank.size + 1) for address in bank.strip(n).missing()]
        if not bank.has_master:
            missing.append(_MASTER_LEVEL)
        return (*map(Message, missing[:_MOST_AT_ONCE]), self._size()) if missing else ()

    def forget(self) -> None:
        """Forget strips and values."""
        self._bank = Bank()
        self._asked.clear()
        self.held.clear()
        self.tracks = ()

    def heard(self, message: Message) -> Sequence[Event]:
        """Take in a message of REAPER; what changed by it."""
        matched = _TRACK.fullmatch(message.address)
        if matched and 1 <= int(matched[1]) <= LARGEST_SIZE and len(message.args) == 1:
            return self._heard_of(self._bank.strip(int(matched[1])), matched[2], message)
        if message.address == _MASTER_LEVEL:
            return self._heard_master(message)
        return ()

    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        """Make REAPER forget that it has said ``controls``, and say again what it has forgotten."""
        addresses = {control: self._address(control) for control in controls}
        known = {control: address for control, address in addresses.items() if address is not None}
        for control in known:
            self._asked[control] = self._asked.get(control, 0) + 1
        if any(self._asked[control] > _ASKED_IN_VAIN for control in known):
            self._asked.clear()
            return (_REFRESH_ALL,)
        return (*map(Message, dict.fromkeys(known.values())), self._size()) if known else ()

    def say(self, values: Mapping[Control, float]) -> Sequence[Message]:
        """What sets ``values``; raises ``ValueError`` for one out of range, ``ProtocolError`` for one not there."""
        messages = []
        for control, value in values.items():
            places = self._bank.places(control)
            if places is None:
                where = f"track {control.track!r}" if control.track else "reverb bus or master"
                raise ProtocolError(f"REAPER has no {where} that can be told {control.param}")
            messages.append(encode(self._speech(control), control.param, value, places))
        return messages

    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        """Whether both are one as REAPER says it."""
        row = self._row(control)
        return wanted == held if row is None else is_told(row, wanted, held)

    def alive(self) -> Sequence[Message]:
        """Have the first plug-in of the selected track named: one short message."""
        return (Message("/fx/name"), Message("/device/fxparam/count", "i", (_NUM_SLIDERS,)))

    def _heard_of(self, strip: Strip, what: str, message: Message) -> Sequence[Event]:
        is_plugin = what.startswith("fx/")
        if strip.note(what, message.args[0]):
            return self._renewed(without=strip if is_plugin else None)
        reading = decode(_meaning(strip, what), message.address, message.args)
        if reading is None:
            return ()
        events = self._heard_level(strip, reading.value) if reading.param == "fader_db" else ()
        control = self._bank.control(strip, reading.param)
        places = None if control is None else self._bank.places(control)
        if control is None or places is None or any(places.get(k) != place for k, place in reading.places.items()):
            return events
        return (*events, *self._hold(control, table_value(control.param, reading.value)))

    def _heard_level(self, strip: Strip, level_db: float) -> Sequence[Event]:
        """A track may be there by its level alone."""
        was_there, strip.level_db = strip.is_there, level_db
        return self._renewed() if strip.is_there != was_there else ()

    def _heard_master(self, message: Message) -> Sequence[Event]:
        reading = decode(_MIXER, message.address, message.args)
        if reading is None:
            return ()
        was_known, self._bank.has_master = self._bank.has_master, True
        events = () if was_known else self._renewed()
        return (*events, *self._hold(MASTER_GAIN, reading.value))

    def _hold(self, control: Control, value: float) -> Sequence[Event]:
        self._asked.pop(control, None)
        if self.held.get(control) == value:
            return ()
        self.held[control] = value
        return (HeldChanged(control, value),)

    def _renewed(self, without: Strip | None = None) -> Sequence[Event]:
        """Tracks anew, and the values carried over to what their places are now; not the plug-ins' of ``without``."""
        bank, before, held = self._bank, self.tracks, self.held
        spots = {control: bank.spot(control) for control in held}
        self.tracks = bank.refresh()
        if self.tracks == before and without is None:
            return ()
        self.held = {}
        for control, spot in spots.items():
            is_lost = spot is not None and spot[0] is without and spot[1] not in _MIXER_PARAMS
            now = None if is_lost else control if spot is None else bank.control(*spot)
            if now is not None:
                self.held[now] = table_value(now.param, held[control])
        changed = [HeldChanged(control, value) for control, value in self.held.items() if held.get(control) != value]
        return (TracksChanged(self.tracks), *changed) if self.tracks != before else changed

    def _size(self) -> Message:
        return Message("/device/track/count", "i", (self._bank.size,))

    def _speech(self, control: Control) -> Dialect:
        """The rows that ``control`` goes by: those of our plug-ins where it has ours, of REAPER's where not."""
        spot = self._bank.spot(control)
        is_native = spot is not None and spot[0].strip_place is None and NATIVE.row(control.param) is not None
        return NATIVE if is_native else REAPER

    def _row(self, control: Control) -> Row | None:
        """What REAPER says ``control`` by."""
        return self._speech(control).row(control.param, "receive")

    def _address(self, control: Control) -> str | None:
        """Under which address REAPER says ``control``; None where there is no such thing."""
        row, places = self._row(control), self._bank.places(control)
        return None if row is None or places is None else row.address.format_map(places)


def _meaning(strip: Strip, what: str) -> Dialect:
    """The rows by which a message about ``strip`` is read."""
    kind, _, rest = what.partition("/")
    if kind == "fxeq":
        return NATIVE
    place = rest.partition("/")[0]
    plugin = strip.plugin_at(int(place)) if kind == "fx" and place.isdecimal() else None
    return _SLIDERS[plugin] if plugin else _MIXER
