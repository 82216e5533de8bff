"""The way between the window's process and the workshop's: numbered messages over two pipes.

What is sent is pickled, so each end reads only what its own other end wrote: the pipes have no name that anybody else
could open.

Contents: :class:`Kind`, :class:`Channel`, :func:`channel_pair`.
"""

from __future__ import annotations

import struct
import sys
import threading
from enum import IntEnum
from multiprocessing import Pipe
from multiprocessing.connection import Connection

_HEADER = struct.Struct("<QB")
# What a pipe holds before its writer waits: the most that Linux grants to everybody; 64 KiB by itself.
_PIPE_BYTES = 1 << 20


class Kind(IntEnum):
    """What a message is. To the workshop: CALL, CANCEL, END; from it: PROGRESS, and one of the others per call.

    LOST is never sent: it is what a call hears whose workshop is gone.
    """

    CALL = 1
    CANCEL = 2
    END = 3
    PROGRESS = 4
    RESULT = 5
    CANCELLED = 6
    FAILED = 7
    DEFECT = 8
    LOST = 9


class Channel:
    """One end: any thread may send, one thread receives."""

    def __init__(self, reader: Connection, writer: Connection) -> None:
        self._reader, self._writer = reader, writer
        self._sending = threading.Lock()

    def send(self, number: int, kind: Kind, value: bytes = b"") -> None:
        """Send one message; raises :class:`OSError` where the other end is gone. Waits while that end does not read."""
        with self._sending:
            self._writer.send_bytes(_HEADER.pack(number, kind))
            self._writer.send_bytes(value)

    def receive(self) -> tuple[int, Kind, bytes]:
        """The next message; raises :class:`EOFError` or :class:`OSError` where the other end is gone."""
        number, kind = _HEADER.unpack(self._reader.recv_bytes())
        return number, Kind(kind), self._reader.recv_bytes()

    def close(self) -> None:
        """Close both pipes; the thread that receives must have ended, or be the one that calls."""
        self._reader.close()
        with self._sending:
            self._writer.close()


def channel_pair() -> tuple[Channel, Connection, Connection]:
    """A channel, and the reader and the writer of its other end, for another process."""
    its_reader, our_writer = Pipe(duplex=False)
    our_reader, its_writer = Pipe(duplex=False)
    _widen(its_writer)
    return Channel(our_reader, our_writer), its_reader, its_writer


def _widen(pipe: Connection) -> None:
    if sys.platform == "linux":
        import fcntl
        from contextlib import suppress

        with suppress(OSError):  # a user may have only so many bytes in pipes; it works without
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
