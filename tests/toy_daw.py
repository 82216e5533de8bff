"""A small simulated DAW that speaks OSC over a real socket, and the surface that talks to it: for tests of the link.

It holds 32 bit floats, names its strips when greeted, tells what it is asked for, and tells moves of its user's.

``/hello`` -> ``/welcome s:session i:strips``; ``/list i:N`` -> ``/track i:N s:name s:kind i:channels s:params``;
``/get i:N s:param`` -> ``/strip/N/PARAM f:value``; ``/strip/N/PARAM f:value`` sets; ``/ping`` -> ``/ping``.
"""

from __future__ import annotations

import math
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.automation import SHARED
from assistant.params import BY_NAME, CHANNEL_NAMES, MASTER_PARAMS, REVERB_NAMES
from protocols.datagrams import BadDatagram, messages_of
from protocols.daw import Control, DawTrack, Event, HeldChanged, Surface, TracksChanged
from protocols.dialect import Dialect, Message, Row, decode, encode
from protocols.transport import RECEIVE_BYTES, datagram_of

SHARED_NAMES = (*REVERB_NAMES, *(p.name for p in MASTER_PARAMS))
MOST_STRIPS = 512

TOY = Dialect(
    "toy",
    "Toy",
    port=9,
    reply_port=None,
    first_index=1,
    pan_law="constant_power",
    rows=tuple(Row(p, "both", f"/strip/{{strip}}/{p}", "f", ("{value}",)) for p in BY_NAME),
)


def rounded(value: float) -> float:
    """``value`` as the toy holds it."""
    return struct.unpack("f", struct.pack("f", value))[0]


def toy_values(tracks: int) -> dict[Control, float]:
    """What a toy of so many tracks holds at first."""
    strips = [f"Track {i}" for i in range(1, tracks + 1)]
    values = {Control(strip, name): BY_NAME[name].default for strip in strips for name in CHANNEL_NAMES}
    return values | {Control(SHARED, name): BY_NAME[name].default for name in SHARED_NAMES}


class ToyDaw:
    """The simulated DAW; a context manager. ``values`` is the truth; all but the thread's own use is under ``lock``.

    ``limits`` clamps controls, ``deaf`` ones take nothing over, ``mute`` ones are never told of, strips of ``hidden``
    numbers neither. ``on_set`` is called, with what is set, after each value is taken over. ``receive_bytes`` is the
    size of its socket's receive buffer, of which Linux grants twice as much.
    """

    def __init__(
        self, tracks: int = 3, session: str = "Song", port: int = 0, receive_bytes: int = RECEIVE_BYTES
    ) -> None:
        self.lock = threading.RLock()
        self.session = session
        self.strips = [f"Track {i}" for i in range(1, tracks + 1)] + ["Master"]
        self.values = {control: rounded(value) for control, value in toy_values(tracks).items()}
        self.saved = dict(self.values)
        self.limits: dict[Control, tuple[float, float]] = {}
        self.deaf: set[Control] = set()
        self.mute: set[Control] = set()
        self.hidden: set[int] = set()
        self.on_set: Callable[[Control, float], None] | None = None
        self.set_count = 0
        self.tells_moves = True
        self._client: tuple[str, int] | None = None
        self._receive_bytes = receive_bytes
        self._socket = self._opened(port)
        self.port: int = self._socket.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> ToyDaw:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._thread.join()
        self._socket.close()

    def move(self, control: Control, value: float) -> None:
        """What the DAW's user does."""
        with self.lock:
            self.values[control] = rounded(value)
            if self.tells_moves and self._client:
                self._tell(control, self._client)

    def save(self) -> None:
        """Keep what is held for the next start."""
        with self.lock:
            self.saved = dict(self.values)

    def restart(self, pause_s: float, session: str | None = None) -> None:
        """Crash, and come back after ``pause_s`` with what was saved."""
        with self.lock:
            self._socket.close()
            self.values, self._client = dict(self.saved), None
            self.session = session or self.session
            time.sleep(pause_s)
            self._socket = self._opened(self.port)

    def _opened(self, port: int) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_bytes)
        opened.bind(("127.0.0.1", port))
        opened.setblocking(False)
        return opened

    def _run(self) -> None:
        while not self._closing.is_set():
            current = self._socket
            try:
                if select.select([current], [], [], 0.02)[0]:
                    with self.lock:
                        self._serve(current)
            except (OSError, ValueError):  # closed by a restart
                continue

    def _serve(self, current: socket.socket) -> None:
        for _ in range(64):
            try:
                data, source = current.recvfrom(65_536)
                messages = messages_of(data)
            except (BlockingIOError, BadDatagram):
                return
            for message in messages:
                self._obey(message, source)

    def _obey(self, message: Message, source: tuple[str, int]) -> None:
        args = message.args
        if message.address == "/hello":
            self._client = source
            self._send(Message("/welcome", "si", (self.session, len(self.strips))), source)
        elif self._client is None:
            return  # as DAWs do that must be greeted first
        elif message.address == "/ping":
            self._send(Message("/ping"), source)
        elif message.address == "/list":
            if args[0] not in self.hidden and 1 <= int(args[0]) <= len(self.strips):
                self._send(self._track(int(args[0])), source)
        elif message.address == "/get":
            self._tell(self._control(int(args[0]), str(args[1])), source)
        elif reading := decode(TOY, message.address, args):
            self._set(self._control(reading_strip(message.address), reading.param), reading.value)

    def _set(self, control: Control, value: float) -> None:
        self.set_count += 1
        if control in self.values and control not in self.deaf:
            low, high = self.limits.get(control, (-math.inf, math.inf))
            self.values[control] = rounded(min(max(value, low), high))
        if self.on_set is not None:
            self.on_set(control, value)

    def _track(self, strip: int) -> Message:
        name = self.strips[strip - 1]
        is_master = strip == len(self.strips)
        params = ",".join(SHARED_NAMES if is_master else CHANNEL_NAMES)
        return Message("/track", "issis", (strip, name, "master" if is_master else "audio", 1, params))

    def _control(self, strip: int, param: str) -> Control:
        name = self.strips[strip - 1] if 1 <= strip <= len(self.strips) else "?"
        return Control(SHARED if param in SHARED_NAMES else name, param)

    def _tell(self, control: Control, to: tuple[str, int]) -> None:
        if control in self.values and control not in self.mute:
            self._send(told(self.strips, control, self.values[control]), to)

    def _send(self, message: Message, to: tuple[str, int]) -> None:
        try:
            self._socket.sendto(datagram_of(message), to)
        except OSError:  # who asked has gone
            return


def toy_answers(toy: ToyDaw) -> Callable[[Message], list[Message]]:
    """What ``toy``, which is not running, answers to a message: its conversation without a socket."""
    said: list[Message] = []
    toy._socket.close()
    toy._send = lambda message, to: said.append(message)  # type: ignore[method-assign]

    def answer(message: Message) -> list[Message]:
        said.clear()
        toy._obey(message, ("127.0.0.1", 9))
        return list(said)

    return answer


def told(strips: Sequence[str], control: Control, value: float) -> Message:
    """The message that says or sets ``value``."""
    strip = len(strips) if control.track == SHARED else strips.index(control.track) + 1
    return Message(f"/strip/{strip}/{control.param}", "f", (value,))


def reading_strip(address: str) -> int:
    """The number in ``/strip/N/PARAM``."""
    return int(address.split("/")[2])


@dataclass
class ToySurface(Surface):
    """The toy's conversation."""

    dialect: Dialect = TOY
    count: int | None = None
    strips: dict[int, DawTrack] = field(default_factory=dict)

    def greeting(self) -> Sequence[Message]:
        return (Message("/hello"),)

    def survey(self) -> Sequence[Message]:
        if self.count is None:
            return (Message("/hello"),)
        return [Message("/list", "i", (i,)) for i in range(1, self.count + 1) if i not in self.strips]

    def forget(self) -> None:
        self.held.clear()
        self.strips.clear()
        self.tracks, self.count, self.session = (), None, ""

    def heard(self, message: Message) -> Sequence[Event]:
        if message.address == "/welcome" and message.types == "si":
            self.session, count = str(message.args[0]), int(message.args[1])
            self.count = count if 1 <= count <= MOST_STRIPS else self.count
        elif message.address == "/track" and message.types == "issis":
            return self._heard_track(message)
        elif message.types == "f" and (reading := decode(TOY, message.address, message.args)):
            return self._heard_value(reading_strip(message.address), reading.param, reading.value)
        return ()

    def ask(self, controls: Collection[Control]) -> Sequence[Message]:
        return [Message("/get", "is", (self._number(control), control.param)) for control in controls]

    def say(self, values: Mapping[Control, float]) -> Sequence[Message]:
        return [encode(TOY, c.param, value, {"strip": self._number(c)}) for c, value in values.items()]

    def is_same(self, control: Control, wanted: float, held: float) -> bool:
        return rounded(wanted) == held

    def alive(self) -> Sequence[Message]:
        return (Message("/ping"),)

    def _heard_track(self, message: Message) -> Sequence[Event]:
        strip, name, kind, channels, params = message.args
        if not isinstance(strip, int) or not 1 <= strip <= (self.count or 0):
            return ()
        known = frozenset(str(params).split(",")) & BY_NAME.keys()
        track = DawTrack(str(name), "master" if kind == "master" else "audio", int(channels), known)
        is_twice = any(other.name == track.name and number != strip for number, other in self.strips.items())
        if is_twice or self.strips.get(strip) == track:
            return ()
        self.strips[strip] = track
        self.tracks = tuple(self.strips[i] for i in sorted(self.strips))
        return (TracksChanged(self.tracks),)

    def _heard_value(self, strip: int, param: str, value: float) -> Sequence[Event]:
        track = self.strips.get(strip)
        if track is None or param not in track.params or not math.isfinite(value):
            return ()
        control = Control(SHARED if param in SHARED_NAMES else track.name, param)
        self.held[control] = value
        return (HeldChanged(control, value),)

    def _number(self, control: Control) -> int:
        for number, track in self.strips.items():
            if control.param in track.params and control.track in (track.name, SHARED):
                return number
        return 0
