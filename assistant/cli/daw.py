"""``mixassist daw``: the mixer of a running DAW seen, proposed for, set and put back."""

from __future__ import annotations

import json
import math
import queue
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from assistant.audio.formats import printable
from assistant.automation import SHARED
from assistant.cli.daw_link import connected
from assistant.cli.daw_tables import (
    show_bare,
    show_findings,
    show_pushes,
    show_report,
    show_tracks,
    tracks_document,
    value_text,
)
from assistant.cli.delegation import read_delegation
from assistant.cli.main import Stopped
from assistant.cli.mixer import check_tracks
from assistant.cli.terminal import Terminal
from assistant.params import BY_NAME
from assistant.wording import count_text
from protocols.daw import DatagramsDropped, Event, HeldChanged, LinkChanged, Outcome, PushReport
from protocols.daws import DAWS, open_daw
from protocols.desk import changes_to, fit, mix_of
from protocols.dialects import DIALECTS
from protocols.errors import ProtocolError
from protocols.link import Daw
from protocols.mixfile import read_mix_alone

#: How often a watch looks whether anybody still reads what it prints.
_LOOK_S = 0.2


def run_daw(args: Namespace, terminal: Terminal) -> None:
    """One action on a running DAW."""
    actions = {
        "list": _list,
        "watch": _watch,
        "pull": _with_the_session,
        "suggest": _with_the_session,
        "push": _push,
        "undo": _undo,
        "doctor": _doctor,
    }
    actions[args.action](args, terminal)


def _with_the_session(args: Namespace, terminal: Terminal) -> None:
    """What needs the recordings, and with them all that listens to audio."""
    from assistant.cli import daw_session

    {"pull": daw_session.run_pull, "suggest": daw_session.run_suggest}[args.action](args, terminal)


def _list(args: Namespace, terminal: Terminal) -> None:
    with connected(args, terminal) as daw:
        tracks, held = daw.tracks(), daw.read()
        if args.as_json:
            terminal.raw(json.dumps(tracks_document(daw.session, tracks, held), indent=2) + "\n")
        else:
            show_tracks(_name(daw), tracks, held, terminal)
            if DAWS[args.daw].takes_strip:
                show_bare(tracks, terminal)


def _name(daw: Daw) -> str:
    """What is open in the DAW, or, where it does not tell, which DAW it is."""
    return printable(daw.session) or daw.dialect.label


def _watch(args: Namespace, terminal: Terminal) -> None:
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    until = math.inf if args.seconds is None else time.monotonic() + args.seconds
    with connected(args, terminal, events.put) as daw, suppress(KeyboardInterrupt):
        daw.read()
        strips = count_text(len(daw.tracks()), "strip")
        terminal.result(f"Watching what {daw.dialect.label} tells of {strips} of {_name(daw)}; Ctrl-C ends it")
        while not events.empty():  # what led here is no news
            events.get()
        while time.monotonic() < until and not terminal.is_unheard:
            try:
                left_s = max(0.0, until - time.monotonic())
                terminal.result(_event_text(events.get(timeout=min(_LOOK_S, left_s))))
            except queue.Empty:
                continue


def _event_text(event: Event) -> str:
    if isinstance(event, LinkChanged):
        return f"the DAW is {event.state}"
    if isinstance(event, HeldChanged):
        param = BY_NAME[event.control.param]
        where = "" if event.control.track == SHARED else f"{printable(event.control.track)}: "
        return f"{where}{param.label} {value_text(event.value, param)}"
    if isinstance(event, DatagramsDropped):
        return f"datagrams dropped: {', '.join(f'{count} {reason}' for reason, count in event.total.items())}"
    session = f"{printable(event.session)}: " if event.session else ""
    names = ", ".join(printable(track.name) for track in event.tracks)
    return f"{session}{count_text(len(event.tracks), 'strip')}: {names}"


def _push(args: Namespace, terminal: Terminal) -> None:
    mix, proposed_from = read_mix_alone(args.mix)
    names = [channel.name for channel in mix.channels]
    with connected(args, terminal) as daw:
        tracks, held = daw.tracks(), daw.read()
        check_tracks(names, tracks, daw.session, daw.dialect.label, str(args.mix))
        before = mix_of(names, held)
        delegation = read_delegation(args, names, before)
        made = delegation.made(delegation.proposed(mix, terminal), terminal)
        wanted, notes = fit(made, before, tracks, daw.dialect.label)
        for note in notes:
            terminal.note(note)
        changes = changes_to(wanted, tracks, held, None if args.regardless else proposed_from)
        with _undoable(args, terminal), terminal.stage("Pushing") as progress:
            report = daw.push(changes, progress=progress)
        show_report(_name(daw), report, terminal)
        if _has_moved(report):
            terminal.result("what was moved since stays; --regardless sets it too, daw suggest starts from there")
        if report.push_id is not None:
            terminal.result(f"undo it with: mixassist daw undo --daw {args.daw}")
        _check(report)


def _undo(args: Namespace, terminal: Terminal) -> None:
    with connected(args, terminal) as daw:
        if args.lists:
            show_pushes(daw.journal.entries(args.daw, daw.session), terminal)
            return
        with _undoable(args, terminal), terminal.stage("Putting back"):
            report = daw.undo(args.push_id, regardless=args.regardless)
        show_report(_name(daw), report, terminal)
        if _has_moved(report):
            terminal.result("what was moved since stays; --regardless puts it back too")
        _check(report)


@contextmanager
def _undoable(args: Namespace, terminal: Terminal) -> Iterator[None]:
    """Say what becomes of a push that is stopped in the middle."""
    try:
        yield
    except (KeyboardInterrupt, Stopped):
        terminal.note(f"stopped in the middle; mixassist daw undo --daw {args.daw} puts back what was set")
        raise


def _has_moved(report: PushReport) -> bool:
    return any(confirmation.outcome is Outcome.MOVED for confirmation in report.confirmations)


def _check(report: PushReport) -> None:
    """Raise :class:`ProtocolError` where not all was taken over; what somebody has moved is theirs, and no failure."""
    failed = [c for c in report.problems if c.outcome is not Outcome.MOVED]
    if failed:
        raise ProtocolError(f"{len(failed)} of {count_text(len(report.confirmations), 'change')} not made")


def _doctor(args: Namespace, terminal: Terminal) -> None:
    with open_daw(args.daw, args.host, args.port, args.reply_port) as daw, terminal.stage("Examining"):
        findings = DAWS[args.daw].examine(daw, args.timeout)
    show_findings(DIALECTS[args.daw].label, findings, terminal)
    if any(finding.is_fatal for finding in findings):
        raise ProtocolError("not ready; mend what is listed above")
