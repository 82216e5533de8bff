"""One workshop process as the window's process holds it.

Contents: :class:`Child`.
"""

from __future__ import annotations

import itertools
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from gui.workshop.channel import Channel, Kind, channel_pair

#: What comes of a call, pickled: any number of PROGRESS, then one answer.
Answers = queue.SimpleQueue[tuple[Kind, bytes]]

# How long a process that closed its channel may take to be gone.
_LEAVING_S = 1.0


class Child:
    """A process that does ``work``, from its making to :meth:`end` or to its own end, of which ``on_end`` hears.

    ``on_end`` is called once with a sentence, on the thread that reads. Raises :class:`OSError` where the system starts
    no process.
    """

    def __init__(self, work: str, on_end: Callable[[str], None]) -> None:
        self._on_end = on_end
        self._numbers = itertools.count(1)
        self._answers: dict[int, Answers] = {}
        self._lock = threading.Lock()
        self.is_alive = True
        self._process, self._channel = _started(work)
        self._reader = threading.Thread(target=self._read, name="workshop answers", daemon=True)
        self._reader.start()

    def ask(self, name: str, arguments: tuple[object, ...]) -> tuple[int, Answers]:
        """Send a request; returns its number and where its answers arrive. A process that is gone answers LOST."""
        request = pickle.dumps((name, pickle.dumps(arguments, protocol=pickle.HIGHEST_PROTOCOL)))
        number, answers = next(self._numbers), Answers()
        with self._lock:
            if not self.is_alive:
                answers.put((Kind.LOST, _lost("it is gone")))
                return number, answers
            self._answers[number] = answers
        self._send(number, Kind.CALL, request)
        return number, answers

    def cancel(self, number: int) -> None:
        """Tell a request to stop."""
        self._send(number, Kind.CANCEL)

    def forget(self, number: int) -> None:
        """Listen no more to what comes of a request; what is still running is told to stop."""
        with self._lock:
            is_open = self._answers.pop(number, None) is not None
        if is_open:
            self.cancel(number)

    def end(self, timeout_s: float) -> None:
        """Cancel everything and end the process, by force after ``timeout_s``; all calls are answered by then."""
        asking = threading.Thread(target=self._send, args=(0, Kind.END, pickle.dumps(timeout_s)), daemon=True)
        asking.start()  # on a thread of its own, because a process that does not read would hold us up
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.wait()
        asking.join()
        if threading.current_thread() is not self._reader:
            self._reader.join(_LEAVING_S)

    def _send(self, number: int, kind: Kind, value: bytes = b"") -> None:
        with suppress(OSError):  # it is gone, and the thread that reads tells everybody
            self._channel.send(number, kind, value)

    def _read(self) -> None:
        with suppress(EOFError, OSError):
            while True:
                number, kind, value = self._channel.receive()
                self._hear(number, kind, value)
        how = self._how_it_ended()
        with self._lock:
            self.is_alive = False
            waiting, self._answers = self._answers, {}
        self._channel.close()
        for answers in waiting.values():
            answers.put((Kind.LOST, _lost(how)))
        self._on_end(how)

    def _hear(self, number: int, kind: Kind, value: bytes) -> None:
        with self._lock:
            answers = self._answers.get(number) if kind is Kind.PROGRESS else self._answers.pop(number, None)
        if answers is not None:
            answers.put((kind, value))

    def _how_it_ended(self) -> str:
        try:
            self._process.wait(_LEAVING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return _ending(self._process.wait())


def _started(work: str) -> tuple[subprocess.Popen[bytes], Channel]:
    """The process, which imports from where we do, and writes to our standard error whatever it or its libraries
    print; ``-P`` keeps it from importing what lies in the current folder."""
    channel, reader, writer = channel_pair()
    ends = (reader.fileno(), writer.fileno())
    command = [sys.executable, "-P", "-m", "gui.workshop.process", work, *map(str, ends)]
    paths = [os.path.abspath(path) for path in sys.path]
    output = _standard_error()
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=ends,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except OSError:
        channel.close()
        raise
    finally:
        reader.close()
        writer.close()
    return process, channel


def _standard_error() -> int:
    try:
        os.fstat(2)
    except OSError:  # a desktop may start programs without one
        return subprocess.DEVNULL
    return 2


def _lost(how: str) -> bytes:
    return pickle.dumps((how, ""))


def _ending(code: int) -> str:
    """What an exit code tells the user."""
    if code == -signal.SIGKILL:
        return "the system ended the workshop, as it does when memory runs out; close other programs and try again"
    if code < 0:
        return f"the workshop crashed ({_signal_name(-code)}); what you decided is safe, and it starts again"
    return f"the workshop ended by itself (exit code {code}); it starts again with the next request"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # Python knows the first and the last of the real-time signals by name, and none between
        return f"signal {number}"
