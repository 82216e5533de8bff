"""Datagrams to a DAW and back: the one place that knows sockets and python-osc.

One UDP socket sends and receives, so that a DAW which answers to where a question came from finds it. Only what comes
from the DAW's own host is read, and what is not sound is dropped and counted. A DAW that is not there is a state
(:attr:`Transport.trouble`), never an exception.

Contents: :func:`datagram_of`, :class:`Transport`.
"""

from __future__ import annotations

import errno
import ipaddress
import math
import selectors
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from pythonosc.osc_message_builder import OscMessageBuilder

from protocols.datagrams import LARGEST_BYTES, LARGEST_FLOAT, BadDatagram, messages_of
from protocols.dialect import Argument, Message
from protocols.errors import ProtocolError

#: Hears what arrived together, in its order; called on the receiving thread.
OnMessages = Callable[[Sequence[Message]], None]

#: Messages sent at once, and the rest after them: so that a DAW that reads at once is never behind, and its answers, up
#: to 40 to one message, find room here. It does not make the DAW read: :meth:`protocols.conversation.Conversation.tell`
#: waits for that.
BURST = 32
BURST_PAUSE_S = 0.001
#: Datagrams read before what they say is handed on.
READ_TOGETHER = 64
#: Asked of the system for what waits to be read; it may grant less.
RECEIVE_BYTES = 4 << 20

#: Linux tells an unconnected socket of refused datagrams only when asked to; Python 3.11 has no name for it.
_IP_RECVERR = 11
#: What a system says of a datagram that could not be delivered: a state of the network or of the DAW.
_UNDELIVERED = {
    errno.ECONNREFUSED: "nothing listens there",
    errno.ECONNRESET: "nothing listens there",
    errno.EHOSTUNREACH: "the host cannot be reached",
    errno.EHOSTDOWN: "the host cannot be reached",
    errno.ENETUNREACH: "the network cannot be reached",
    errno.ENETDOWN: "the network cannot be reached",
}
_FULL = (errno.EAGAIN, errno.ENOBUFS)


class Transport:
    """One UDP socket to a DAW at ``host``:``port`` and the thread that reads it, from :meth:`listen` to :meth:`close`.

    ``reply_port`` is where the DAW answers; None takes a free one, for DAWs that answer to where a question came from.
    Loopback only, unless ``allow_remote`` says that the user named another host; then answers are taken on the
    interface that reaches it, or on ``bind_host``. IPv4. Raises :class:`ProtocolError` for a host that is not known or
    not allowed, and for a reply port that is taken.
    """

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        reply_port: int | None = None,
        *,
        bind_host: str | None = None,
        allow_remote: bool = False,
    ) -> None:
        self.address = (_resolved(host, allow_remote), _checked_port(port))
        self._dropped: Counter[str] = Counter()
        self._trouble = ""
        self._undelivered = self._in_burst = 0
        self._thread: threading.Thread | None = None
        self._wake, self._woken = socket.socketpair()
        try:
            own = _interface_to(self.address)
            self._socket = _bound_socket(bind_host or own, reply_port)
        except BaseException:
            self._close_wakers()
            raise
        # on the loopback a program answers from the address it is answered to: 127.0.0.1, where 127.0.1.1 was asked
        is_loopback = ipaddress.ip_address(self.address[0]).is_loopback
        self._sources = {self.address[0], own} if is_loopback else {self.address[0]}

    @property
    def reply_port(self) -> int:
        """The port that answers arrive at."""
        return int(self._socket.getsockname()[1])

    @property
    def dropped(self) -> Mapping[str, int]:
        """Datagrams dropped so far, by reason."""
        return dict(self._dropped)

    @property
    def trouble(self) -> str:
        """Why what was sent last did not arrive, "" where nobody said: silence has no other sign."""
        return self._trouble

    @property
    def undelivered(self) -> int:
        """How often the system said that a datagram did not arrive."""
        return self._undelivered

    def listen(self, on_messages: OnMessages) -> None:
        """Begin to read; ``on_messages`` must not raise."""
        self._thread = threading.Thread(target=self._read, args=(on_messages,), name="daw-reading", daemon=True)
        self._thread.start()

    def send(self, messages: Sequence[Message]) -> None:
        """Send ``messages`` in their order, paced; from any thread.

        Raises :class:`ProtocolError`, before anything is sent, for what OSC cannot carry.
        """
        for data in [datagram_of(message) for message in messages]:
            self._send(data)
            self._in_burst += 1
            if self._in_burst >= BURST:
                self._in_burst = 0
                time.sleep(BURST_PAUSE_S)

    def close(self) -> None:
        """End the thread and close the socket; again is nothing."""
        if self._socket.fileno() < 0:
            return
        self._wake.send(b"\0")
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._close_wakers()

    def _close_wakers(self) -> None:
        self._wake.close()
        self._woken.close()

    def _send(self, data: bytes) -> None:
        # an error that waits from an earlier datagram comes in place of sending this one: hence twice
        for _ in range(3):
            try:
                self._socket.sendto(data, self.address)
                return
            except OSError as error:
                self._note(error)
                if error.errno in _FULL:
                    time.sleep(BURST_PAUSE_S)

    def _note(self, error: OSError) -> None:
        reason = _UNDELIVERED.get(error.errno or 0)
        if reason:
            self._undelivered += 1
            self._trouble = f"{self.address[0]}:{self.address[1]}: {reason}"
            _drain_errors(self._socket)
        elif error.errno not in _FULL:
            self._trouble = f"{self.address[0]}:{self.address[1]}: {error.strerror or error}"

    def _read(self, on_messages: OnMessages) -> None:
        with selectors.DefaultSelector() as selector:
            for readable in (self._socket, self._woken):
                selector.register(readable, selectors.EVENT_READ)
            while all(key.fileobj is self._socket for key, _ in selector.select()):
                messages = self._arrived()
                if messages:
                    self._trouble = ""
                    on_messages(messages)

    def _arrived(self) -> list[Message]:
        messages: list[Message] = []
        for _ in range(READ_TOGETHER):
            try:
                data, source = self._socket.recvfrom(LARGEST_BYTES + 1)
            except BlockingIOError:
                _drain_errors(self._socket)
                break
            except OSError as error:
                self._note(error)
                break
            # the port is not compared: Ardour answers from another one than it listens at
            if source[0] not in self._sources:
                self._dropped["from elsewhere"] += 1
                continue
            try:
                messages += messages_of(data)
            except BadDatagram as error:
                self._dropped[str(error)] += 1
        return messages


def datagram_of(message: Message) -> bytes:
    """The bytes of ``message``, each argument exactly of its type tag.

    Raises :class:`ProtocolError` for what OSC cannot carry: other types than ``i f s``, NaN, numbers beyond 32 bits,
    texts with a NUL, more than a datagram holds.
    """
    builder = OscMessageBuilder(_checked("s", message.address, message))  # type: ignore[arg-type]
    if len(message.types) != len(message.args):
        raise ProtocolError(f"cannot be sent: {message}: {len(message.args)} arguments of types {message.types!r}")
    for tag, arg in zip(message.types, message.args, strict=True):
        builder.add_arg(_checked(tag, arg, message), tag)
    data = builder.build().dgram
    if len(data) > LARGEST_BYTES:
        raise ProtocolError(f"cannot be sent: {message.address[:80]} has {len(data):,} bytes, too many for a datagram")
    return data


def _checked(tag: str, arg: Argument, message: Message) -> Argument:
    if tag == "s" and isinstance(arg, str) and "\0" not in arg:
        with suppress(UnicodeEncodeError):
            arg.encode()
            return arg
    is_number = isinstance(arg, (int, float)) and not isinstance(arg, bool)
    if tag == "i" and isinstance(arg, int) and is_number and -(2**31) <= arg < 2**31:
        return arg
    if tag == "f" and is_number and (abs(arg) <= LARGEST_FLOAT or arg == -math.inf):  # type: ignore[arg-type]
        return float(arg)
    raise ProtocolError(f"cannot be sent: {message}: {arg!r} does not fit type {tag!r}")


def _checked_port(port: int) -> int:
    if not 1 <= port <= 65_535:
        raise ProtocolError(f"port={port}: expected 1 to 65535")
    return port


def _resolved(host: str, allow_remote: bool) -> str:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
    except (OSError, UnicodeError) as error:
        raise ProtocolError(f"the host {host!r} is not known; its address instead, such as 192.168.1.20?") from error
    if not allow_remote and not ipaddress.ip_address(found).is_loopback:
        raise ProtocolError(f"{host} is another computer; a DAW there is talked to only when its host is named")
    return str(found)


def _interface_to(address: tuple[str, int]) -> str:
    """The own address that ``address`` is reached from; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(address)
        except OSError as error:
            raise ProtocolError(f"{address[0]} cannot be reached: {error.strerror}; is the network up?") from error
        return str(probe.getsockname()[0])


def _bound_socket(host: str, port: int | None) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        if sys.platform == "linux":
            opened.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        opened.setblocking(False)
        opened.bind((host, port or 0))
    except (OSError, OverflowError) as error:
        opened.close()
        text = f"answers cannot be taken at {host}:{port or 0}: {error}"
        raise ProtocolError(f"{text}; does another program, or another mixassist, use this port?") from error
    return opened


def _drain_errors(opened: socket.socket) -> None:
    """Take what the system keeps about refused datagrams; it would fill the space of those that arrive."""
    with suppress(OSError):
        while sys.platform == "linux":
            opened.recvmsg(0, 1024, socket.MSG_ERRQUEUE)
