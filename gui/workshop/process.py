"""The workshop's process: ``python -m gui.workshop.process MODULE:CLASS READER WRITER``, started by the window alone.

The two numbers are the handles of its channel. The class does the work: its attribute ``LANES`` maps each request to a
lane, and a request is the call of the method of its name with the arguments that came, and ``progress`` and
``is_cancelled`` as keywords. A method ``warm_up``, if there is one, loads what later requests need; it runs beside them
once the first is answered, or when none comes.

The main thread does nothing but listen, so that it sees at once when the window is gone, and then ends everything.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from gui.workshop.channel import Channel
    from gui.workshop.lanes import Lanes

#: How long work may take to clean up after itself when the window is gone.
ORPHAN_S = 0.5
#: How long nothing must have been asked before what later requests need is loaded.
IDLE_S = 2.0
#: Long work gives way to the window, and to a DAW on the same machine.
NICENESS = 5
DEFECT = 70


def main(arguments: list[str]) -> NoReturn:
    """Serve until the window says so or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both processes; the window decides
    # Work is shared out among threads of our own; each with threads of numpy's beside it takes thrice as long.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.nice(NICENESS)
    try:
        _serve(*arguments)
    except BaseException:  # noqa: BLE001 - whatever it is, the process must end, and say why
        traceback.print_exc()
        _end(DEFECT)
    _end(0)


def _serve(work_name: str, reader: str, writer: str) -> None:
    from gui.workshop.lanes import Lanes

    channel = _channel(int(reader), int(writer))
    module, name = work_name.split(":")
    work = getattr(import_module(module), name)()
    _keep_freed_memory()
    is_answered = threading.Event()
    lanes = Lanes(work, channel, is_answered.set)
    if hasattr(work, "warm_up"):
        threading.Thread(target=_warm_up, args=(work.warm_up, lanes, is_answered), name="warm-up", daemon=True).start()
    patience_s = _listen(channel, lanes)
    lanes.cancel_all()
    lanes.wait(patience_s)


def _channel(reader: int, writer: int) -> Channel:
    """The channel, which programs that the work starts do not inherit: they would hold it open."""
    from multiprocessing.connection import Connection

    from gui.workshop.channel import Channel

    for handle in (reader, writer):
        os.set_inheritable(handle, False)
    return Channel(Connection(reader, writable=False), Connection(writer, readable=False))


def _listen(channel: Channel, lanes: Lanes) -> float:
    """Take requests until the last; returns how long work may take to end, s."""
    from gui.workshop.channel import Kind

    while True:
        try:
            number, kind, value = channel.receive()
        except (EOFError, OSError):
            return ORPHAN_S
        if kind is Kind.CALL:
            name, given = pickle.loads(value)
            lanes.add(number, name, given)
        elif kind is Kind.CANCEL:
            lanes.cancel(number)
        else:
            return float(pickle.loads(value))


def _warm_up(warm_up: Callable[[], object], lanes: Lanes, is_answered: threading.Event) -> None:
    while not is_answered.wait(IDLE_S) and not lanes.is_idle():
        pass  # busy with its first request
    try:
        warm_up()
    except Exception:  # noqa: BLE001 - whoever needs what could not be loaded will say so
        traceback.print_exc()


def _keep_freed_memory() -> None:
    from render.workers import keep_freed_memory

    keep_freed_memory()


def _end(code: int) -> NoReturn:
    """End now: other threads may be in native code, which an orderly end would wait for or pull the ground from."""
    if sys.stderr is not None:
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
