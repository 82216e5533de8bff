"""Datagrams over real sockets: types as said, the DAW's own host alone, refusals and closing without a trace."""

import math
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from protocols.datagrams import DEEPEST, LARGEST_BYTES, MOST_ARGS, BadDatagram, messages_of
from protocols.dialect import Message
from protocols.errors import ProtocolError
from protocols.transport import Transport, datagram_of


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.bind(("127.0.0.1", 0))
        opened.settimeout(5.0)
        yield opened


def until(is_so: Callable[[], object], timeout_s: float = 5.0) -> bool:
    end = time.monotonic() + timeout_s
    while not is_so() and time.monotonic() < end:
        time.sleep(0.002)
    return bool(is_so())


def test_what_is_sent_is_what_python_osc_reads(peer: socket.socket) -> None:
    transport = Transport(peer.getsockname()[1])
    transport.send([Message("/strip/gain", "ifs", (3, 2, "Bäss"))])
    data, source = peer.recvfrom(9999)
    assert source == ("127.0.0.1", transport.reply_port)
    transport.close()
    assert OscMessage(data).params == [3, 2.0, "Bäss"]
    assert data[12:20] == b",ifs\0\0\0\0"  # a whole number of dB goes as a float all the same


@pytest.mark.parametrize(
    "message",
    [
        Message("/a", "f", ("1",)),
        Message("/a", "i", (1.0,)),
        Message("/a", "f", (True,)),
        Message("/a", "i", (2**31,)),
        Message("/a", "f", (1e39,)),
        Message("/a", "f", (math.nan,)),
        Message("/a", "f", (math.inf,)),
        Message("/a", "s", ("a\0b",)),
        Message("/a", "s", ("\ud800",)),
        Message("/a\0", "", ()),
        Message("/a", "if", (1,)),
        Message("/a", "b", ("x",)),
        Message("/a", "s", ("x" * LARGEST_BYTES,)),
    ],
)
def test_what_osc_cannot_carry_is_refused_before_anything_is_sent(message: Message, peer: socket.socket) -> None:
    transport = Transport(peer.getsockname()[1])
    with pytest.raises(ProtocolError, match="cannot be sent"):
        transport.send([Message("/fine"), message])
    transport.send([Message("/after")])
    assert peer.recv(99).startswith(b"/after")
    transport.close()


@pytest.mark.parametrize(
    "message",
    [
        Message("/a"),
        Message("/strip/list", "", ()),
        Message("/a", "ifs", (-(2**31), -math.inf, "")),
        Message("/ünï", "sss", ("abc", "abcd", "ü")),
        Message("/many", "i" * MOST_ARGS, tuple(range(MOST_ARGS))),
    ],
)
def test_messages_survive_the_way(message: Message) -> None:
    assert messages_of(datagram_of(message)) == [message]


def test_other_types_of_numbers_come_as_the_two_of_a_message() -> None:
    builder = OscMessageBuilder("/a")
    for value, tag in ((True, "T"), (False, "F"), (7, "h"), (0.1, "d")):
        builder.add_arg(value, tag)
    assert messages_of(builder.build().dgram) == [Message("/a", "iiif", (1, 0, 7, 0.1))]


def bundle(*contents: bytes) -> bytes:
    return b"#bundle\0" + bytes(8) + b"".join(struct.pack(">i", len(c)) + c for c in contents)


def test_bundles_are_unpacked_in_their_order() -> None:
    outer, inner = OscBundleBuilder(IMMEDIATELY), OscBundleBuilder(IMMEDIATELY)
    a, b, c = (OscMessageBuilder(address).build() for address in ("/a", "/b", "/c"))
    inner.add_content(b)
    for content in (a, inner.build(), c):
        outer.add_content(content)
    assert [m.address for m in messages_of(outer.build().dgram)] == ["/a", "/b", "/c"]
    assert messages_of(bundle()) == []


def nested(depth: int) -> bytes:
    data = datagram_of(Message("/a"))
    for _ in range(depth):
        data = bundle(data)
    return data


def test_nested_bundles_have_a_bound() -> None:
    assert messages_of(nested(DEEPEST)) == [Message("/a")]
    for depth in (DEEPEST + 1, 3000):
        with pytest.raises(BadDatagram, match="nested too deeply"):
            messages_of(nested(depth))


FLOAT = struct.Struct(">f")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "malformed"),
        (b"\0", "malformed"),
        (b"/a", "malformed"),
        (b"/a\0", "malformed"),
        (b"a\0\0\0,\0\0\0", "malformed"),
        (b"/a\0\0i\0\0\0", "malformed"),
        (b"/a\0\0,i\0\0", "malformed"),
        (b"/a\0\0,i\0\0\0\0\0", "malformed"),
        (b"/a\0\0,i\0\0" + bytes(8), "malformed"),
        (b"/a\0\0,h\0\0" + b"\x7f" * 8, "malformed"),
        (b"/a\0\0,f\0\0" + FLOAT.pack(math.nan), "malformed"),
        (b"/a\0\0,f\0\0" + FLOAT.pack(math.inf), "malformed"),
        (b"/a\0\0,d\0\0" + struct.pack(">d", 1e39), "malformed"),
        (b"/a\0\0,d\0\0" + struct.pack(">d", -1e39), "malformed"),
        (b"/a\0\0,s\0\0abcd", "malformed"),
        (b"/a\0\0,b\0\0\x7f\xff\xff\xff", "unknown"),
        (b"/a\0\0,[[[\0\0\0\0", "unknown"),
        (b"#bundle\0", "malformed"),
        (b"#bundle\0" + bytes(9), "malformed"),
        (b"#bundle\0" + bytes(8) + struct.pack(">i", -4), "malformed"),
        (b"#bundle\0" + bytes(8) + struct.pack(">i", 2**31 - 1), "malformed"),
        (b"#bundle\0" + bytes(8) + bytes(4000), "malformed"),
        (b"/a\0\0," + b"T" * (MOST_ARGS + 2) + b"\0", "too large"),
        (bytes(LARGEST_BYTES + 1), "too large"),
    ],
)
def test_what_is_not_sound_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(BadDatagram, match=reason):
        messages_of(data)


def test_one_bad_element_spoils_its_bundle() -> None:
    with pytest.raises(BadDatagram, match="malformed"):
        messages_of(bundle(datagram_of(Message("/a")), b"/bad"))


@pytest.mark.parametrize(
    "data",
    [
        b"/a\0\0," + b"s" * 60_000 + bytes(4),
        b"/a\0\0," + b"f" * MOST_ARGS + bytes(3) + bytes(4 * MOST_ARGS),
        bundle(*[datagram_of(Message("/a"))] * 4000),
        b"/" + b"a" * 65_000,
        b"#bundle\0" * 8000,
    ],
)
def test_the_largest_datagrams_take_no_time(data: bytes) -> None:
    begun = time.perf_counter()
    for _ in range(10):
        try:
            messages_of(data)
        except BadDatagram:
            continue
    assert time.perf_counter() - begun < 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have one loopback address")
def test_a_daw_on_this_machine_answers_from_whichever_loopback_address() -> None:
    """Debian resolves the machine's own name to 127.0.1.1; what a program there answers comes from 127.0.0.1."""
    heard: list[Message] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daw:
        daw.bind(("0.0.0.0", 0))
        transport = Transport(daw.getsockname()[1], "127.0.1.1")
        transport.listen(heard.extend)
        transport.send([Message("/hello")])
        daw.settimeout(5.0)
        daw.sendto(datagram_of(Message("/welcome")), daw.recvfrom(99)[1])
        assert until(lambda: heard)
        transport.close()
    assert transport.dropped == {}


def test_answers_are_heard_and_the_rest_is_counted(peer: socket.socket) -> None:
    heard: list[Message] = []
    transport = Transport(peer.getsockname()[1])
    transport.listen(heard.extend)
    here = ("127.0.0.1", transport.reply_port)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s,
    ):
        stranger.bind(("127.0.0.2", 0))
        stranger.sendto(datagram_of(Message("/from/elsewhere")), here)
        s.sendto(datagram_of(Message("/from/another/port")), here)  # as Ardour answers
    peer.sendto(b"nonsense", here)
    peer.sendto(nested(20), here)
    peer.sendto(datagram_of(Message("/fine", "f", (1.0,))), here)
    assert until(lambda: len(heard) == 2)
    assert heard == [Message("/from/another/port"), Message("/fine", "f", (1.0,))]
    assert transport.dropped == {"from elsewhere": 1, "malformed": 1, "nested too deeply": 1}
    transport.close()


def test_a_flood_is_read_whole(peer: socket.socket) -> None:
    heard: list[Message] = []
    transport = Transport(peer.getsockname()[1])
    transport.listen(heard.extend)
    messages = [Message("/strip/gain", "if", (i, -1.5)) for i in range(720)]
    transport.send(messages)
    for _ in messages:
        peer.sendto(peer.recv(999), ("127.0.0.1", transport.reply_port))
    assert until(lambda: len(heard) == len(messages))
    assert heard == messages
    transport.close()


@pytest.mark.skipif(not hasattr(socket, "MSG_ERRQUEUE"), reason="this system does not tell")
def test_a_daw_that_is_not_there_is_a_state() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    heard: list[Message] = []
    transport = Transport(port)
    transport.listen(heard.extend)
    for _ in range(50):
        transport.send([Message("/ping")])
    assert until(lambda: transport.trouble)
    assert transport.trouble == f"127.0.0.1:{port}: nothing listens there"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daw:
        daw.bind(("127.0.0.1", port))
        daw.settimeout(5.0)
        transport.send([Message("/hello")])
        data, source = daw.recvfrom(99)
        assert data.startswith(b"/hello")
        daw.sendto(datagram_of(Message("/welcome")), source)
        assert until(lambda: heard == [Message("/welcome")])
    assert transport.trouble == ""
    transport.close()


def test_closing_ends_the_thread_at_once_and_twice_is_nothing(peer: socket.socket) -> None:
    before = threading.active_count()
    transport = Transport(peer.getsockname()[1])
    transport.listen(lambda messages: None)
    assert threading.active_count() == before + 1
    begun = time.perf_counter()
    transport.close()
    transport.close()
    assert time.perf_counter() - begun < 0.5
    assert threading.active_count() == before
    Transport(9).close()  # never listened


def test_the_reply_port_is_held_and_given_back(peer: socket.socket) -> None:
    taken = peer.getsockname()[1]
    with pytest.raises(ProtocolError, match="another mixassist"):
        Transport(9, reply_port=taken)
    peer.close()
    transport = Transport(9, reply_port=taken)
    assert transport.reply_port == taken
    transport.close()


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("192.0.2.7", 3819, "only when its host is named"),
        ("0.0.0.0", 3819, "only when its host is named"),
        ("no such host", 3819, "not known"),
        ("a" * 300, 3819, "not known"),
        ("", 3819, "not known"),
        ("127.0.0.1", 0, "port=0: expected 1 to 65535"),
        ("127.0.0.1", 65_536, "port=65536"),
    ],
)
def test_other_hosts_are_refused(host: str, port: int, text: str) -> None:
    with pytest.raises(ProtocolError, match=text):
        Transport(port, host)


def test_a_host_that_was_named_is_let_in() -> None:
    try:
        transport = Transport(3819, "192.0.2.7", allow_remote=True, bind_host="127.0.0.1")
    except ProtocolError as error:  # no network here
        pytest.skip(str(error))
    assert transport.address == ("192.0.2.7", 3819)
    transport.send([Message("/x")])  # cannot leave the loopback: a state
    assert transport.trouble
    transport.close()
