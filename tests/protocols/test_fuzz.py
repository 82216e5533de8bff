"""Hostile datagrams: nothing that a DAW, or whoever sits at its port, says may break anything or change what it is not.

200,000 of them in one process, into the decoder and every surface, and some thousands over a real socket. A new
surface is a row of ``SURFACES``: what makes one, and what answers its questions as the DAW would.
"""

from __future__ import annotations

import math
import random
import resource
import socket
import struct
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from ableton_simulator import Live, SimLiveTrack, eq_eight
from reaper_simulator import Reaper, SimTrack, plugin
from toy_daw import ToyDaw, ToySurface, toy_answers

from assistant.plugins import REVERB, STRIP_MONO, STRIP_STEREO
from protocols.ableton.surface import LiveSurface
from protocols.ardour.places import wanted_labels
from protocols.ardour.surface import ArdourSurface
from protocols.datagrams import DEEPEST, LARGEST_BYTES, BadDatagram, messages_of
from protocols.daw import Control, Event, HeldChanged, LinkState, Surface, TracksChanged
from protocols.dialect import Message
from protocols.journal import Journal
from protocols.link import Daw
from protocols.reaper.surface import ReaperSurface
from protocols.transport import Transport, datagram_of

#: Datagrams of each surface's tests; there are two.
HOW_MANY = 25_000

Answers = Callable[[Message], Iterable[Message]]

ARDOUR_STRIPS = (("AT", "Bass", 1, STRIP_MONO), ("AT", "Keys", 2, STRIP_STEREO), ("B", "Reverb Bus", 2, REVERB))


def ardour_answers(message: Message) -> Iterator[Message]:
    """What Ardour answers, as far as its surface asks: two tracks, a reverb bus and the master."""
    address, _, asked = message.address.rpartition("/")
    if message == Message("/set_surface"):
        yield Message("/set_surface", "iiiiii", (0, 191, 16_384, 0, 0, 0))
    elif message.address == "/strip/list":
        rows = [(kind, name, channels, 2, 0, 0, i, 0) for i, (kind, name, channels, _) in enumerate(ARDOUR_STRIPS, 1)]
        yield from (Message("/reply", "ssiiiiii", row) for row in (*rows, ("MA", "Master", 2, 2, 0, 0, 4, 0)))
        yield Message("/reply", "sii", ("end_route_list", 48_000, 960_000))
    elif message.address == "/set_surface/feedback":
        yield Message("/session_name", "s", ("Song",))
        yield from (Message("/strip/pan_type", "is", (strip, "panner_1in2out")) for strip in range(1, 5))
    elif message.address == "/strip/sends":
        sends = (3, "Reverb Bus", 1, 0.5, 1) if message.args[0] in (1, 2) else ()
        yield Message(message.address, "i" + "isifi"[: len(sends)], (*message.args, *sends))
    elif message.address == "/strip/plugin/list":
        strip = int(message.args[0])
        ours = (1, ARDOUR_STRIPS[strip - 1][3].label, 1) if strip <= 3 else ()
        yield Message(message.address, "i" + "isi"[: len(ours)], (strip, *ours))
    elif message.address == "/strip/plugin/descriptor":
        for i, label in enumerate(sorted(wanted_labels(ARDOUR_STRIPS[int(message.args[0]) - 1][3].label)), 1):
            args = (*message.args, i, label, 0, "float", 0.0, 1.0, "%f", 0, 1.0)
            yield Message(message.address, "iiisisffsif", args)
        yield Message("/strip/plugin/descriptor_end", "ii", message.args)
    elif asked.isdecimal():
        yield Message(message.address, "f", (0.5,)) if "name" not in address else Message(message.address, "s", ("?",))


def toy() -> tuple[Surface, Answers]:
    return ToySurface(), toy_answers(ToyDaw())


def ardour() -> tuple[Surface, Answers]:
    return ArdourSurface(), ardour_answers


def reaper() -> tuple[Surface, Answers]:
    tracks = [SimTrack("Bass", plugins=[plugin(STRIP_STEREO)], sends=[["Reverb Bus", -9.0]]), SimTrack("Reverb Bus")]
    return ReaperSurface(), Reaper(tracks).receive


def ableton() -> tuple[Surface, Answers]:
    return LiveSurface(), Live([SimLiveTrack(name, devices=[eq_eight()]) for name in ("Bass", "Keys")]).receive


SURFACES = {make.__name__: make for make in (toy, ardour, reaper, ableton)}


def acquainted(surface: Surface, answers: Answers) -> list[Message]:
    """Let ``surface`` know all of the DAW; what the DAW said."""
    said: list[Message] = []

    def talk(messages: Iterable[Message]) -> None:
        for message in messages:
            for answer in answers(message):
                said.append(as_heard(answer))
                surface.heard(said[-1])

    surface.forget()
    talk(surface.greeting())
    for _ in range(100):
        if not (asked := surface.survey()):
            break
        talk(asked)
    assert not surface.survey()
    talk(surface.ask(controls(surface)))
    return said


def as_heard(answer: Message) -> Message:
    """``answer`` as a transport hands it on: switches come as integers."""
    args = tuple(int(arg) if isinstance(arg, bool) else arg for arg in answer.args)
    tags = {int: "i", float: "f", str: "s"}
    return Message(answer.address, "".join(tags[type(arg)] for arg in args), args)


def controls(surface: Surface) -> list[Control]:
    return [Control(track.name, param) for track in surface.tracks for param in sorted(track.params)]


def state(surface: Surface) -> tuple[object, ...]:
    return surface.tracks, dict(surface.held), surface.session


def bundle(*contents: bytes) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(c)) + c for c in contents)


def text(value: str) -> bytes:
    data = value.encode()
    return data + bytes(4 - len(data) % 4)


ADDRESSES = (
    "/{strip}", "/{0.__class__.__mro__}", "/strip/{strip}/fader_db", "/../../etc/passwd", "/strip/1/../2", "/%s%n%d",
    "/strip/gain\n", "/strip//gain", "/track/-1/volume", "/track/\uff11/volume", "/track/1e3/name", "//", "/", "/*",
    "/?", "/strip/*/fader_db", "/[1-9]", "/" + "9" * 5000, "/strip/99999999999/pan", "/$(reboot)",
    "/;ls", "/\U0001f3b8",
)  # fmt: skip
NUMBERS = (math.nan, math.inf, -math.inf, -0.0, 1e-45, 3.4e38, -3.4e38, 1e30, -1.0, 2.0)
INTEGERS = (0, -1, 1, 2**31 - 1, -(2**31), 255, 65_536)
TEXTS = ("", "{0}", "../..", "x" * 60, "\n\r\0", "Master", "\U0001f3b8", "nan", "1e999", "-inf dB", "{strip.__class__}")


def undecodable(dice: random.Random, real: bytes) -> bytes:
    """No OSC, or none that is taken."""
    kind = dice.randrange(8)
    if kind == 0:
        return dice.randbytes(dice.randrange(120))
    if kind == 1:
        return real[: dice.randrange(len(real))]
    if kind == 2:
        return real + dice.randbytes(1 + dice.randrange(9))
    if kind == 3:
        return text("/strip/gain") + text("," + dice.choice("bmrtNI[]\x7f") * dice.randrange(1, 9)) + bytes(16)
    if kind == 4:
        return text("/strip/gain") + text(",if") + struct.pack(">if", 1, dice.choice((math.nan, math.inf)))
    if kind == 5:
        return bundle(real, dice.randbytes(dice.randrange(4, 40)))
    if kind == 6:
        return b"#bundle\0" + bytes(8) + struct.pack(">i", dice.choice(INTEGERS)) + real
    return real.replace(b",", dice.choice((b"\0", b".", b"\xff")), 1)


def foreign(dice: random.Random, real: bytes) -> bytes:
    """Sound OSC about nothing: addresses that nobody has."""
    return text(dice.choice(ADDRESSES)) + real[real.index(b",") :]


def oversized(dice: random.Random, real: bytes) -> bytes:
    """As large as UDP carries: costly to read, for who reads it badly."""
    kind = dice.randrange(6)
    if kind == 0:
        return bundle(*[text(dice.choice(ADDRESSES[:9])) + text(",")] * 2000)
    if kind == 1:
        data = real
        for _ in range(dice.choice((DEEPEST + 1, 2000))):
            data = bundle(data)
        return data
    if kind == 2:
        return (b"#bundle\0" + bytes(8)) * 4000
    if kind == 3:
        return text("/strip/gain") + text("," + dice.choice("sfiT") * 60_000)
    if kind == 4:
        return text("/" + "x" * 60_000) + text(",s") + text("y" * 5000)
    return bytes(LARGEST_BYTES)


def bent(dice: random.Random, said: Message) -> bytes:
    """What the DAW said, with other arguments or types, or some bytes of it."""
    types, args = list(said.types), list(said.args)
    for _ in range(dice.randrange(3) if args else 0):
        i = dice.randrange(len(args))
        types[i] = dice.choice("ifs")
        args[i] = dice.choice({"i": INTEGERS, "f": NUMBERS, "s": TEXTS}[types[i]])
    if dice.random() < 0.2 and args:
        del types[-1], args[-1]
    packed = {"i": lambda v: struct.pack(">i", v), "f": lambda v: struct.pack(">f", v), "s": text}
    data = text(said.address) + text("," + "".join(types))
    data += b"".join(packed[tag](arg) for tag, arg in zip(types, args, strict=True))
    if dice.random() < 0.5:
        flipped = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        data = bytes(flipped)
    return data if dice.random() < 0.9 else bundle(data, data)


def malformed(dice: random.Random, said: list[Message]) -> bytes:
    real = datagram_of(dice.choice(said))
    if dice.random() < 0.003:
        return oversized(dice, real)
    return (undecodable if dice.random() < 0.6 else foreign)(dice, real)


def feed(surface: Surface, data: bytes) -> bool:
    """Whether the datagram was taken in; events are made of what is there."""
    try:
        messages = messages_of(data)
    except BadDatagram:
        return False
    for message in messages:
        for event in surface.heard(message):
            assert isinstance(event, (HeldChanged, TracksChanged))
    return True


@pytest.mark.parametrize("make", SURFACES.values(), ids=SURFACES.keys())
def test_malformed_datagrams_change_nothing_and_leave_nothing(make: Callable[[], tuple[Surface, Answers]]) -> None:
    surface, answers = make()
    said, dice = acquainted(surface, answers), random.Random(1)
    before, taken = state(surface), Counter[bool]()
    assert before[0]
    assert before[1]
    for _ in range(HOW_MANY - 2000):
        taken[feed(surface, malformed(dice, said))] += 1
    tracemalloc.start()
    try:
        for _ in range(1000):
            feed(surface, malformed(dice, said))
        halfway = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            feed(surface, malformed(dice, said))
        assert tracemalloc.get_traced_memory()[0] - halfway < 50_000
    finally:
        tracemalloc.stop()
    assert state(surface) == before
    assert min(taken.values()) > HOW_MANY // 5  # both kinds were met


@pytest.mark.parametrize("make", SURFACES.values(), ids=SURFACES)
def test_bent_answers_never_break_a_surface(make: Callable[[], tuple[Surface, Answers]]) -> None:
    """Sound messages may say what is not so. Nothing raises, nothing grows, and what is told anew is right again."""
    surface, answers = make()
    said, dice = acquainted(surface, answers), random.Random(2)
    before, memory = state(surface), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for i in range(HOW_MANY):
        feed(surface, bent(dice, dice.choice(said)))
        if i % 500 == 0:
            check_sound(surface)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 30_000
    acquainted(surface, answers)
    assert state(surface) == before


def check_sound(surface: Surface) -> None:
    """What a surface believes can be asked, and has a bound."""
    assert len(surface.tracks) <= 1001
    assert len({track.name for track in surface.tracks}) == len(surface.tracks)
    assert all(len(track.name) < 300 for track in surface.tracks)
    assert all(value < math.inf for value in surface.held.values())  # NaN is not below
    messages = [*surface.greeting(), *surface.survey(), *surface.alive(), *surface.ask(controls(surface))]
    assert all(datagram_of(message) for message in messages)


def test_hostile_datagrams_over_a_socket_leave_the_link_as_it_is(tmp_path: Path) -> None:
    surface, answers = toy()
    said, dice, events = acquainted(surface, answers), random.Random(3), list[Event]()
    transports: list[Transport] = []

    def open_transport() -> Transport:
        transports.append(Transport(running.port))
        return transports[0]

    with ToyDaw() as running, Daw(ToySurface(), open_transport, Journal(tmp_path), listener=events.append) as daw:
        assert daw.connect() is LinkState.CONNECTED
        tracks, begun = daw.tracks(), len(events)
        to = ("127.0.0.1", transports[0].reply_port)
        wrong = send_hostile([malformed(dice, said) for _ in range(4000)], to)
        end = time.monotonic() + 10.0
        while sum(daw.dropped.values()) < wrong and time.monotonic() < end:
            time.sleep(0.01)
        assert sum(daw.dropped.values()) == wrong
        assert daw.dropped["from elsewhere"] == 400
        assert daw.read() == running.values
        assert (daw.state, daw.tracks(), running.set_count) == (LinkState.CONNECTED, tracks, 0)
    assert not [e for e in events[begun:] if isinstance(e, TracksChanged)]
    assert not list(tmp_path.iterdir())


def send_hostile(datagrams: list[bytes], to: tuple[str, int]) -> int:
    """Send them, each tenth from another host; how many of them are to be dropped."""
    wrong = 0
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere,
    ):
        here.bind(("127.0.0.1", 0))
        elsewhere.bind(("127.0.0.2", 0))
        for i, data in enumerate(datagrams):
            (elsewhere if i % 10 == 0 else here).sendto(data, to)
            try:
                wrong += i % 10 == 0 or not messages_of(data)
            except BadDatagram:
                wrong += 1
            if i % 16 == 0:
                time.sleep(0.001)
    return wrong
