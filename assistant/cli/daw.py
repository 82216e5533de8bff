"""``mixassist daw``: the mixer of a running DAW seen, proposed for, set and put back."""

from __future__ import annotations

import json
import math
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assistant.audio.formats import printable
from assistant.automation import SHARED
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
from assistant.cli.explaining import show_proof
from assistant.cli.outputs import check_mix_file
from assistant.cli.proposing import propose
from assistant.cli.sources import Reading, read_source
from assistant.cli.summary import show_mix
from assistant.cli.terminal import Terminal
from assistant.mix import Mix, unknown_name_text
from assistant.params import BY_NAME
from assistant.wording import count_text
from protocols.daw import DatagramsDropped, DawTrack, Event, HeldChanged, LinkChanged, LinkState, PushReport
from protocols.daws import DAWS, open_daw
from protocols.desk import changes_to, fit, mix_of, shared_params
from protocols.dialects import DIALECTS
from protocols.errors import ProtocolError
from protocols.link import Daw
from protocols.mixfile import read_mix_alone, write_mix_file
from protocols.projects import is_project, read_project
from protocols.pulling import pull
from protocols.stems import SessionError

#: What a mixer without a limiter keeps clear of, over what was measured on the passages: those were not all.
_HEADROOM_DB = 1.0


def run_daw(args: Namespace, terminal: Terminal) -> None:
    """One action on a running DAW."""
    actions = {
        "list": _list,
        "watch": _watch,
        "pull": _pull,
        "suggest": _suggest,
        "push": _push,
        "undo": _undo,
        "doctor": _doctor,
    }
    actions[args.action](args, terminal)


@contextmanager
def _connected(
    args: Namespace, terminal: Terminal, listener: Callable[[Event], None] = lambda event: None
) -> Iterator[Daw]:
    """The DAW, answering; raises :class:`ProtocolError` where it does not."""
    with open_daw(args.daw, args.host, args.port, args.reply_port, listener=listener) as daw:
        with terminal.stage(f"Looking for {daw.dialect.label}"):
            state = daw.connect(args.timeout)
        if state is not LinkState.CONNECTED:
            raise ProtocolError(f"{daw.trouble}\nmixassist daw doctor --daw {args.daw} finds what is wrong")
        yield daw
        for reason, count in daw.dropped.items():
            terminal.note(f"{count_text(count, 'datagram')} dropped: {reason}")


def _list(args: Namespace, terminal: Terminal) -> None:
    with _connected(args, terminal) as daw:
        tracks, held = daw.tracks(), daw.read()
        if args.as_json:
            terminal.raw(json.dumps(tracks_document(daw.session, tracks, held), indent=2) + "\n")
        else:
            show_tracks(daw.session or daw.dialect.label, tracks, held, terminal)
            if DAWS[args.daw].takes_strip:
                show_bare(tracks, terminal)


def _watch(args: Namespace, terminal: Terminal) -> None:
    has_settled = threading.Event()

    def show(event: Event) -> None:
        if has_settled.is_set():
            terminal.result(_event_text(event))

    until = math.inf if args.seconds is None else time.monotonic() + args.seconds
    with _connected(args, terminal, show) as daw:
        count = count_text(len(daw.read()), "value")
        terminal.result(f"Watching {count} of {count_text(len(daw.tracks()), 'strip')}; Ctrl-C ends it")
        has_settled.set()
        while time.monotonic() < until:
            time.sleep(min(0.2, max(0.0, until - time.monotonic())))


def _event_text(event: Event) -> str:
    if isinstance(event, LinkChanged):
        return f"the DAW is {event.state}"
    if isinstance(event, HeldChanged):
        param = BY_NAME[event.control.param]
        where = "" if event.control.track == SHARED else f"{printable(event.control.track)}: "
        return f"{where}{param.label} {value_text(event.value, param)}"
    if isinstance(event, DatagramsDropped):
        return f"datagrams dropped: {', '.join(f'{count} {reason}' for reason, count in event.total.items())}"
    return f"{count_text(len(event.tracks), 'track')}: {', '.join(printable(track.name) for track in event.tracks)}"


def _pull(args: Namespace, terminal: Terminal) -> None:
    with _connected(args, terminal) as daw:
        path = _session_path(args, daw)
    if not is_project(path):
        raise SessionError(f"{printable(path)}: not a session file; is it a folder of stems already?")
    arrangement = read_project(path, args.output)
    with terminal.stage("Pulling the tracks") as progress:
        session, notes = pull(arrangement, args.output, progress)
    for note in notes:
        terminal.note(note)
    terminal.result(f"wrote {count_text(len(session.tracks), 'track')} to {args.output}, as last saved in {path}")


def _suggest(args: Namespace, terminal: Terminal) -> None:
    with _connected(args, terminal) as daw:
        tracks, held, path = daw.tracks(), daw.read(), _session_path(args, daw)
    dialect = DIALECTS[args.daw]
    source = read_source(path, Reading(), terminal)
    names = [track.name for track in source.session.tracks]
    _check_tracks(names, tracks, dialect.label, str(path))
    _note_unheard(names, tracks, terminal)
    before = mix_of(names, held)
    source = replace(source, session=replace(source.session, pan_law=dialect.pan_law), mix=None, before=before)
    if args.output is not None:
        check_mix_file(args.output, source.session)
    delegation = read_delegation(args, names, before)

    def fitted(mix: Mix) -> Mix:
        mix, notes = fit(replace(mix, master=before.master, target_lufs=None), before, tracks, dialect.label)
        for note in notes:
            terminal.note(note)
        return mix

    proof = propose(source, delegation, args, terminal, in_depth=False, fit=fitted)
    mix = proof.mix
    if "master_gain_db" in shared_params(tracks) and delegation.mandate.allows_shared("master_gain_db"):
        measured = proof.insight.verification.after.measurement
        mix = _with_master(mix, measured.integrated_lufs, measured.true_peak_dbtp)
        mix, _ = fit(mix, before, tracks, dialect.label)
    show_mix(mix, terminal)
    show_proof(proof.insight, terminal)
    if args.output is not None:
        write_mix_file(args.output, mix, source.session, held)
        terminal.result(f"\nwrote {args.output}; set it with: mixassist daw push {args.output} --daw {args.daw}")


def _with_master(mix: Mix, integrated_lufs: float, true_peak_dbtp: float) -> Mix:
    """``mix`` with a master fader that keeps its peaks under the ceiling; the DAW has no limiter of ours."""
    if not math.isfinite(true_peak_dbtp) or not math.isfinite(integrated_lufs):
        return mix
    room_db = mix.master["limiter_ceiling_dbtp"] - _HEADROOM_DB - true_peak_dbtp
    param = BY_NAME["master_gain_db"]
    return mix.with_master(master_gain_db=param.clamp(min(0.0, round(mix.master["master_gain_db"] + room_db, 1))))


def _push(args: Namespace, terminal: Terminal) -> None:
    mix, proposed_from = read_mix_alone(args.mix)
    names = [channel.name for channel in mix.channels]
    dialect = DIALECTS[args.daw]
    with _connected(args, terminal) as daw:
        tracks, held = daw.tracks(), daw.read()
        _check_tracks(names, tracks, dialect.label, str(args.mix))
        before = mix_of(names, held)
        delegation = read_delegation(args, names, before)
        made = delegation.made(delegation.proposed(mix, terminal), terminal)
        wanted, notes = fit(made, before, tracks, dialect.label)
        for note in notes:
            terminal.note(note)
        changes = changes_to(wanted, tracks, held, None if args.regardless else proposed_from)
        with terminal.stage("Pushing") as progress:
            report = daw.push(changes, progress=progress)
    _finish(report, f"undo it with: mixassist daw undo --daw {args.daw}", terminal)


def _undo(args: Namespace, terminal: Terminal) -> None:
    with _connected(args, terminal) as daw:
        if args.lists:
            show_pushes(daw.journal.entries(args.daw, daw.session), terminal)
            return
        with terminal.stage("Putting back"):
            report = daw.undo(args.push_id, regardless=args.regardless)
    _finish(report, "", terminal)


def _finish(report: PushReport, advice: str, terminal: Terminal) -> None:
    """Show what became of every change; raises :class:`ProtocolError` where not all were taken over."""
    show_report(report, advice, terminal)
    if report.problems:
        count = f"{len(report.problems)} of {count_text(len(report.confirmations), 'change')}"
        raise ProtocolError(f"{count} not made, as listed above")


def _doctor(args: Namespace, terminal: Terminal) -> None:
    with open_daw(args.daw, args.host, args.port, args.reply_port) as daw, terminal.stage("Examining"):
        findings = DAWS[args.daw].examine(daw, args.timeout)
    show_findings(DIALECTS[args.daw].label, findings, terminal)
    if any(finding.is_fatal for finding in findings):
        raise ProtocolError("not ready; mend what is listed above")


def _session_path(args: Namespace, daw: Daw) -> Path:
    """Where the running session's audio is read from: as named, or found by the session's name."""
    if args.session is not None:
        path: Path = args.session
        return path
    label = DIALECTS[args.daw].label
    find = DAWS[args.daw].find_sessions
    found = find(daw.session) if find is not None and daw.session else ()
    if not found:
        name = f"{printable(daw.session)!r} " if daw.session else ""
        raise ProtocolError(
            f"where the session {name}of {label} lies is not known here; name its file, or a folder of its tracks "
            "exported from the DAW, with --session"
        )
    if len(found) > 1:
        places = "".join(f"\n  {printable(path)}" for path in found)
        raise ProtocolError(f"{label} knows several sessions called {daw.session!r}; name one with --session:{places}")
    return found[0]


def _check_tracks(names: Sequence[str], tracks: Sequence[DawTrack], label: str, where: str) -> None:
    """Raise :class:`SessionError` for tracks that the DAW does not have."""
    known = {track.name for track in tracks}
    missing = [unknown_name_text("track", name, known) for name in names if name not in known]
    if missing:
        lines = "".join(f"\n  {printable(text)}" for text in missing)
        raise SessionError(f"{printable(where)}: is not of the session that is open in {label}:{lines}")


def _note_unheard(names: Sequence[str], tracks: Sequence[DawTrack], terminal: Terminal) -> None:
    """Say what else sounds in the DAW that is not listened to."""
    silent = [printable(t.name) for t in tracks if t.kind in ("audio", "midi") and t.name not in names]
    if silent:
        terminal.note(f"not listened to, left alone: {', '.join(silent)}")
    effects = [f"{printable(t.name)} ({', '.join(map(printable, t.other_plugins))})" for t in tracks if t.other_plugins]
    if effects:
        terminal.note(
            f"plug-ins that are not listened through; freeze or bounce the track if they matter: {', '.join(effects)}"
        )
