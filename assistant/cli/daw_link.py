"""The link to a DAW, opened for a command."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from assistant.cli.terminal import Terminal
from assistant.wording import count_text
from protocols.daw import Event, LinkState
from protocols.daws import open_daw
from protocols.errors import ProtocolError
from protocols.link import Daw


@contextmanager
def connected(
    args: Namespace, terminal: Terminal, listener: Callable[[Event], None] = lambda event: None
) -> Iterator[Daw]:
    """The DAW, answering; raises :class:`ProtocolError` where it does not."""
    with open_daw(args.daw, args.host, args.port, args.reply_port, listener=listener) as daw:
        with terminal.stage(f"Looking for {daw.dialect.label}"):
            state = daw.connect(args.timeout)
        if state is not LinkState.CONNECTED:
            raise ProtocolError(f"{daw.trouble}\nmixassist daw doctor --daw {args.daw} finds what is wrong")
        if args.action != "undo" and daw.journal.pending(args.daw, daw.session):
            terminal.note(f"a push was broken off; mixassist daw undo --daw {args.daw} takes it back")
        yield daw
        for reason, count in daw.dropped.items():
            terminal.note(f"{count_text(count, 'datagram')} dropped: {reason}")
