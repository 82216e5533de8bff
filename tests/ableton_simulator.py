"""AbletonOSC's side of the conversation, simulated: neither Live nor AbletonOSC, and never compared with them.

Written from AbletonOSC's README and handlers (ideoforms/AbletonOSC, 2025): all that has come in is answered every
tenth of a second, to a port of its own; an index goes into a list as it is, so that -1 is the last track; an error is
reported, and what came in behind it waits for the next tick. The scales of the EQ Eight are supposed.
"""

from __future__ import annotations

import math
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from protocols.dialect import Argument, Message

TICK_S = 0.1


@dataclass
class SimDevice:
    """A device: ``values`` by name, each with how Live shows it."""

    name: str
    class_name: str
    values: dict[str, float] = field(default_factory=dict)
    shown: dict[str, Callable[[float], str]] = field(default_factory=dict)


@dataclass
class SimLiveTrack:
    """A track; ``volume`` and ``sends`` are 0..1 as Live has them."""

    name: str
    volume: float = 0.85
    panning: float = 0.0
    mute: bool = False
    is_midi: bool = False
    is_group: bool = False
    has_output: bool = True
    sends: list[float] = field(default_factory=lambda: [0.0])
    devices: list[SimDevice] = field(default_factory=list)


def eq_eight(name: str = "mixassist EQ") -> SimDevice:
    """An EQ Eight with some bands on, its scales as supposed."""
    device = SimDevice(name, "Eq8", {"Device On": 1.0, "Scale": 1.0})
    for band in range(1, 9):
        places = {"Filter On": float(band < 5), "Filter Type": 3.0, "Gain": 0.0, "Resonance": 0.3767}
        places["Frequency"] = 0.2 + 0.1 * band
        device.values |= {f"{band} {what} A": value for what, value in places.items()}
        device.shown[f"{band} Frequency A"] = _hertz
        device.shown[f"{band} Gain A"] = lambda value: f"{value:.1f} dB"
        device.shown[f"{band} Resonance A"] = lambda value: f"{0.1 * 180.0**value:.2f}"
        device.shown[f"{band} Filter On A"] = lambda value: "On" if value else "Off"
    return device


def _hertz(value: float) -> str:
    hertz = 10.0 * 2_200.0**value
    if hertz >= 1_000.0:
        return f"{hertz / 1_000.0:.{2 - int(math.log10(hertz / 1_000.0))}f} kHz"
    return f"{hertz:.{max(0, 2 - int(math.log10(hertz)))}f} Hz"


class Live:
    """The set and AbletonOSC's handlers; ``unknown`` are the addresses that it has none for."""

    def __init__(self, tracks: list[SimLiveTrack]) -> None:
        self.tracks = tracks
        self.unknown: list[str] = []
        self.indices: list[int] = []

    def receive(self, message: Message) -> list[Message]:
        """The answer; raises ``IndexError`` as its handlers do."""
        address, args = message.address, message.args
        if address == "/live/song/get/track_names":
            return [_answer(address, *(track.name for track in self.tracks))]
        if address == "/live/test":
            return [_answer(address, "ok")]
        if address.startswith("/live/track/"):
            return self._of_track(address, int(args[0]), *args[1:])
        if address.startswith("/live/device/"):
            return self._of_device(address, int(args[0]), int(args[1]), *args[2:])
        self.unknown.append(address)
        return []

    def _of_track(self, address: str, index: int, *args: Argument) -> list[Message]:
        self.indices.append(index)
        track = self.tracks[index]
        what = address.removeprefix("/live/track/")
        if what in ("set/volume", "set/panning"):
            setattr(track, what.removeprefix("set/"), float(args[0]))
        elif what == "set/send":
            track.sends[int(args[0])] = float(args[1])
        elif what == "get/send":
            return [_answer(address, index, int(args[0]), track.sends[int(args[0])])]
        else:
            values = {
                "get/volume": (track.volume,),
                "get/panning": (track.panning,),
                "get/mute": (track.mute,),
                "get/name": (track.name,),
                "get/has_midi_input": (track.is_midi,),
                "get/has_audio_output": (track.has_output,),
                "get/is_foldable": (track.is_group,),
                "get/devices/name": tuple(device.name for device in track.devices),
                "get/devices/class_name": tuple(device.class_name for device in track.devices),
            }
            if what in values:
                return [_answer(address, index, *values[what])]
            self.unknown.append(address)
        return []

    def _of_device(self, address: str, index: int, place: int, *args: Argument) -> list[Message]:
        self.indices += [index, place]
        device = self.tracks[index].devices[place]
        what = address.removeprefix("/live/device/")
        if what == "get/parameters/name":
            return [_answer(address, index, place, *device.values)]
        port = int(args[0])
        self.indices.append(port)
        name = list(device.values)[port]
        if what == "set/parameter/value":
            device.values[name] = float(args[1])
        elif what == "get/parameter/value":
            return [_answer(address, index, place, port, device.values[name])]
        elif what == "get/parameter/value_string":
            shown = device.shown.get(name, str)
            return [_answer(address, index, place, port, shown(device.values[name]))]
        else:
            self.unknown.append(address)
        return []


def _answer(address: str, *args: Argument) -> Message:
    tags = {bool: "T", int: "i", float: "f", str: "s"}
    return Message(address, "".join(tags[type(arg)] for arg in args), args)


@dataclass
class ServedLive:
    """A simulator at ``port`` on loopback; ``datagrams`` are those it has sent."""

    live: Live
    port: int
    reply_port: int
    datagrams: list[bytes]
    lock: threading.Lock


@contextmanager
def served_live(live: Live, reply_port: int, tick_s: float = TICK_S, loss: float = 0.0) -> Iterator[ServedLive]:
    """Serve ``live`` on a free port of loopback until the block ends; a share of ``loss`` gets lost both ways."""
    rng = random.Random(3)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        lock, is_over, sent = threading.Lock(), threading.Event(), list[bytes]()

        def send(message: Message) -> None:
            sent.append(datagram(message))
            if rng.random() >= loss:
                sock.sendto(sent[-1], ("127.0.0.1", reply_port))

        def tick() -> None:
            with lock:
                while True:
                    try:
                        data, _ = sock.recvfrom(65_536)
                    except BlockingIOError:
                        return
                    for timed in OscPacket(data).messages if rng.random() >= loss else ():
                        message = Message(timed.message.address, "", tuple(timed.message.params))
                        try:
                            answers = live.receive(message)
                        except (IndexError, TypeError, ValueError) as error:
                            send(_answer("/live/error", f"Error handling OSC message: {error}"))
                            return
                        for answer in answers:
                            send(answer)

        def serve() -> None:
            while not is_over.is_set():
                begun_s = time.monotonic()
                tick()
                is_over.wait(max(0.0, begun_s + tick_s - time.monotonic()))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield ServedLive(live, sock.getsockname()[1], reply_port, sent, lock)
        finally:
            is_over.set()
            thread.join(5.0)


def datagram(message: Message) -> bytes:
    """The message as AbletonOSC sends it: on its own."""
    builder = OscMessageBuilder(message.address)
    for arg in message.args:
        builder.add_arg(arg)
    return bytes(builder.build().dgram)
