"""REAPER's side of the conversation, simulated: not REAPER, and never compared with it.

Written from the published pattern file (``Default.ReaperOSC``) and from REAPER's own OSC surface, which is published
with its SDK (reaper-plugins/reaper_csurf/csurf_osc.cpp): the bank of eight, what is sent of an empty place, that
nothing is said twice, that what is told is not repeated under the same address, bundles of 1024 bytes.
"""

from __future__ import annotations

import math
import random
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from assistant.plugins import STRIP_STEREO, Plugin
from protocols.dialect import Argument, Message

SILENCE_DB = -150.0
LARGEST_PACKET = 1_024
EQ_PLACES = ("loshelf", "band/0", "band/1", "band/2", "hishelf")


@dataclass
class SimPlugin:
    """``sliders`` are 0..1; ``bands`` are those of ReaEQ: place to (Hz, dB, octaves)."""

    name: str
    sliders: list[float] = field(default_factory=list)
    bands: dict[str, list[float]] = field(default_factory=dict)


@dataclass
class SimTrack:
    """A track; ``sends`` are (name of the track it goes to, dB)."""

    name: str
    level_db: float = 0.0
    pan: float = 0.0
    pan_mode: str = "Balance"
    is_muted: bool = False
    plugins: list[SimPlugin] = field(default_factory=list)
    sends: list[list] = field(default_factory=list)


def plugin(ours: Plugin) -> SimPlugin:
    """Our JSFX at its defaults, with REAPER's own parameters behind the sliders."""
    name = "mixassist strip" if ours is STRIP_STEREO else "mixassist reverb"
    return SimPlugin(name, [(p.default - p.low) / (p.high - p.low) for p in ours.params] + [0.0, 1.0])


def equaliser(name: str = "mixassist EQ") -> SimPlugin:
    """ReaEQ, by the name that its user has given it."""
    return SimPlugin(name, [0.5] * 12, {place: [1_000.0, 0.0, 2.0] for place in EQ_PLACES})


def level_text(level_db: float) -> str:
    """As REAPER writes a level."""
    return "-inf dB" if level_db <= SILENCE_DB else f"{level_db:+.2f}dB"


class Reaper:
    """The mixer and what its OSC surface does of each message; ``forgets_when_told`` is what published versions do."""

    def __init__(self, tracks: list[SimTrack], forgets_when_told: bool = True) -> None:
        self.tracks, self.master_db = tracks, 0.0
        self.sizes = {"track": 8, "send": 4, "fx": 8, "fxparam": 16, "receive": 4}
        self.forgets_when_told = forgets_when_told
        self.unknown: list[str] = []
        self._said: dict[str, Argument] = {}
        self._edited = ""
        self._out: list[Message] = []

    def receive(self, message: Message) -> list[Message]:
        """What is sent in answer."""
        if self.forgets_when_told:
            self._said.pop(message.address, None)
        self._edited = message.address
        self._do(message.address, message.args)
        self._edited = ""
        return self._sent()

    def changed(self) -> list[Message]:
        """What is sent after the user has changed something."""
        self._say_tracks()
        return self._sent()

    def _sent(self) -> list[Message]:
        out, self._out = self._out, []
        return out

    def _do(self, address: str, args: tuple[Argument, ...]) -> None:
        if matched := re.fullmatch(r"/device/(\w+)/count", address):
            self.sizes[matched[1]] = int(args[0])
            if matched[1] != "fxparam":
                self._say_tracks()
            else:
                self._say("/fx/name", "")
        elif address == "/action" and args == (41743,):
            self._said.clear()
            self._say_tracks()
        elif address == "/device/track/bank/select":
            self._say_tracks()
        elif address.startswith("/master/volume") and args:
            self.master_db = self._level(args[0])
            self._say_master()
        elif matched := re.fullmatch(r"/track/(\d+)/(.+)", address):
            if 1 <= int(matched[1]) <= len(self.tracks) and args:
                self._do_track(int(matched[1]), matched[2], args[0])
        elif address != "/fx/name" and args:
            self.unknown.append(address)

    def _do_track(self, number: int, what: str, arg: Argument) -> None:
        track = self.tracks[number - 1]
        if what == "volume/db":
            track.level_db = self._level(arg)
            self._say_level(number)
        elif what == "pan":
            track.pan = 2.0 * float(arg) - 1.0
            self._say_pan(number)
        elif matched := re.fullmatch(r"send/(\d+)/volume/str", what):
            track.sends[int(matched[1]) - 1][1] = self._level(arg)
            self._say_send(number, int(matched[1]))
        elif matched := re.fullmatch(r"fx/(\d+)/fxparam/(\d+)/value", what):
            track.plugins[int(matched[1]) - 1].sliders[int(matched[2]) - 1] = min(max(float(arg), 0.0), 1.0)
            self._say_sliders(number, int(matched[1]))
        elif matched := re.fullmatch(r"fxeq/(\w+(?:/\d)?)/(freq/hz|gain/db|q/oct)", what):
            equalisers = [p for p in track.plugins if p.bands] or [equaliser("ReaEQ (Cockos)")]
            if equalisers[0] not in track.plugins:
                track.plugins.append(equalisers[0])  # DEVICE_EQ INSERT
            equalisers[0].bands[matched[1]][("freq/hz", "gain/db", "q/oct").index(matched[2])] = float(arg)
            self._say_equaliser(number)
        else:
            self.unknown.append(what)

    @staticmethod
    def _level(arg: Argument) -> float:
        """Texts are read as far as they are a number."""
        if isinstance(arg, str):
            matched = re.match(r"[-+]?\d+\.?\d*", arg)
            arg = float(matched[0]) if matched else 0.0
        return max(float(arg), SILENCE_DB)

    def _say(self, address: str, value: Argument) -> None:
        if address == self._edited or self._said.get(address) == value:
            return
        self._said[address] = value
        self._out.append(Message(address, "s" if isinstance(value, str) else "f", (value,)))

    def _say_tracks(self) -> None:
        self._say_master()
        for number in range(1, self.sizes["track"] + 1):
            self._say_track(number)

    def _say_master(self) -> None:
        self._say("/master/volume", _fader(self.master_db))
        self._say("/master/volume/str", level_text(self.master_db))

    def _say_track(self, number: int) -> None:
        track = self._track(number)
        base = f"/track/{number}"
        self._say(f"{base}/name", track.name or f"Track {number}")
        self._say(f"{base}/number/str", str(number))
        self._say(f"{base}/mute", float(track.is_muted))
        self._say(f"{base}/panmode", track.pan_mode)
        for place in range(1, self.sizes["send"] + 1):
            name = track.sends[place - 1][0] if place <= len(track.sends) else f"Send {place}"
            self._say(f"{base}/send/{place}/name", name)
        for place in range(1, self.sizes["fx"] + 1):
            here = track.plugins[place - 1] if place <= len(track.plugins) else SimPlugin("")
            self._say(f"{base}/fx/{place}/name", here.name)
            self._say(f"{base}/fx/{place}/bypass", float(bool(here.name)))
            self._say_sliders(number, place)
        self._say_level(number)
        self._say_pan(number)
        for place in range(1, self.sizes["send"] + 1):
            self._say_send(number, place)
        self._say_equaliser(number)

    def _say_level(self, number: int) -> None:
        level_db = self._track(number).level_db
        self._say(f"/track/{number}/volume", _fader(level_db))
        self._say(f"/track/{number}/volume/str", level_text(level_db))
        self._say(f"/track/{number}/volume/db", level_db)

    def _say_pan(self, number: int) -> None:
        self._say(f"/track/{number}/pan", 0.5 * (self._track(number).pan + 1.0))

    def _say_send(self, number: int, place: int) -> None:
        sends = self._track(number).sends
        level_db = sends[place - 1][1] if place <= len(sends) else SILENCE_DB
        self._say(f"/track/{number}/send/{place}/volume", _fader(level_db))
        self._say(f"/track/{number}/send/{place}/volume/str", level_text(level_db))

    def _say_sliders(self, number: int, place: int) -> None:
        plugins = self._track(number).plugins
        sliders = plugins[place - 1].sliders if place <= len(plugins) else []
        for n in range(1, self.sizes["fxparam"] + 1):
            self._say(f"/track/{number}/fx/{place}/fxparam/{n}/value", sliders[n - 1] if n <= len(sliders) else 0.0)

    def _say_equaliser(self, number: int) -> None:
        for here in [p for p in self._track(number).plugins if p.bands][:1]:
            for place, (frequency_hz, gain_db, octaves) in here.bands.items():
                base = f"/track/{number}/fxeq/{place}"
                self._say(f"{base}/freq/str", f"{frequency_hz:.1f}Hz")
                self._say(f"{base}/gain/str", f"{gain_db:.1f}dB")
                self._say(f"{base}/q/str", f"{octaves:.2f}")

    def _track(self, number: int) -> SimTrack:
        return self.tracks[number - 1] if number <= len(self.tracks) else SimTrack("", SILENCE_DB)


def _fader(level_db: float) -> float:
    """A fader's travel; REAPER's own depends on its settings, and nothing here reads it."""
    return math.sqrt(max(level_db - SILENCE_DB, 0.0) / (12.0 - SILENCE_DB))


@dataclass
class Served:
    """A simulator at ``port`` on loopback, which sends to ``reply_port``; ``datagrams`` are those it has sent."""

    reaper: Reaper
    port: int
    reply_port: int
    datagrams: list[bytes]
    change: Callable[[Callable[[Reaper], None]], None]


@contextmanager
def served(reaper: Reaper, reply_port: int, loss: float = 0.0) -> Iterator[Served]:
    """Serve ``reaper`` on a free port of loopback until the block ends; a share of ``loss`` gets lost both ways."""
    rng = random.Random(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.05)
        lock, is_over, sent = threading.Lock(), threading.Event(), list[bytes]()

        def send(messages: list[Message]) -> None:
            for packet in packets(messages):
                sent.append(packet)
                if rng.random() >= loss:
                    sock.sendto(packet, ("127.0.0.1", reply_port))

        def change(what: Callable[[Reaper], None]) -> None:
            with lock:
                what(reaper)
                send(reaper.changed())

        def serve() -> None:
            while not is_over.is_set():
                try:
                    data, _ = sock.recvfrom(65_536)
                except TimeoutError:
                    continue
                if rng.random() < loss:
                    continue
                with lock:
                    for timed in OscPacket(data).messages:
                        send(reaper.receive(Message(timed.message.address, "", tuple(timed.message.params))))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Served(reaper, sock.getsockname()[1], reply_port, sent, change)
        finally:
            is_over.set()
            thread.join(5.0)


def packets(messages: list[Message]) -> Iterator[bytes]:
    """The messages in bundles as large as REAPER's."""
    while messages:
        bundle, size, count = OscBundleBuilder(IMMEDIATELY), 16, 0
        for message in messages:
            content = _built(message)
            size += 4 + content.size
            if count and size > LARGEST_PACKET:
                break
            bundle.add_content(content)
            count += 1
        messages = messages[count:]
        yield bundle.build().dgram


def _built(message: Message):
    builder = OscMessageBuilder(message.address)
    for arg, tag in zip(message.args, message.types, strict=True):
        builder.add_arg(arg, tag)
    return builder.build()
