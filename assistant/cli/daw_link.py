"""The link to a DAW, opened for a command, and whether a mix is of the session that is open in it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from assistant.audio.formats import printable
from assistant.cli.terminal import Terminal
from assistant.mix import unknown_name_text
from assistant.wording import count_text
from protocols.daw import DawTrack, Event, LinkState
from protocols.daws import open_daw
from protocols.errors import ProtocolError
from protocols.link import Daw
from protocols.stems import SessionError


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


def check_tracks(names: Sequence[str], tracks: Sequence[DawTrack], daw: Daw, where: str) -> None:
    """Raise :class:`SessionError` where ``names``, which ``where`` has, are not all tracks of the DAW's session."""
    known = {track.name for track in tracks}
    missing = [unknown_name_text("track", name, known) for name in names if name not in known]
    if missing:
        session = f"the session {printable(daw.session)!r}" if daw.session else "the session"
        lines = "".join(f"\n  {printable(text)}" for text in missing)
        raise SessionError(f"{printable(where)}: is not of {session} that is open in {daw.dialect.label}:{lines}")
