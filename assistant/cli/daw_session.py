"""What ``mixassist daw`` does with a running session's recordings: pulled as stems, and a mix proposed for them."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.daw_link import check_tracks, connected
from assistant.cli.delegation import read_delegation
from assistant.cli.explaining import show_proof
from assistant.cli.outputs import check_mix_file
from assistant.cli.proposing import propose
from assistant.cli.sources import Reading, Source, read_source
from assistant.cli.summary import show_mix
from assistant.cli.terminal import Terminal
from assistant.mix import Mix
from assistant.params import BY_NAME
from assistant.wording import count_text, gain_text
from protocols.daw import Control, DawTrack
from protocols.daws import DAWS
from protocols.desk import fit, mix_of, shared_params
from protocols.dialects import DIALECTS
from protocols.errors import ProtocolError
from protocols.link import Daw
from protocols.mixfile import write_mix_file
from protocols.projects import is_project, read_project
from protocols.pulling import pull
from protocols.stems import SessionError

#: What a mixer without a limiter keeps clear of, over what was measured on the passages: those were not all.
_HEADROOM_DB = 1.0


def run_pull(args: Namespace, terminal: Terminal) -> None:
    """``mixassist daw pull``: the running session's tracks as stems."""
    with connected(args, terminal) as daw:
        path = _session_path(args, daw)
    if not is_project(path):
        raise SessionError(f"{printable(path)}: not a session file; is it a folder of stems already?")
    _note_saved(args.daw, path, terminal)
    arrangement = read_project(path, args.output)
    with terminal.stage("Pulling the tracks") as progress:
        session, notes = pull(arrangement, args.output, progress)
    for note in notes:
        terminal.note(note)
    terminal.result(f"wrote {count_text(len(session.tracks), 'track')} to {args.output}")


def run_suggest(args: Namespace, terminal: Terminal) -> None:
    """``mixassist daw suggest``: a proposal for the running session, from its mixer as it stands."""
    with connected(args, terminal) as daw:
        tracks, held, path = daw.tracks(), daw.read(), _session_path(args, daw)
    source = _source(path, daw, tracks, held, terminal)
    if args.output is not None:
        check_mix_file(args.output, source.session)
    before = source.before
    assert before is not None
    delegation = read_delegation(args, [channel.name for channel in before.channels], before)

    def fitted(mix: Mix) -> Mix:
        mix = replace(mix, master=before.master, target_lufs=None)
        mix, notes = fit(mix, before, tracks, daw.dialect.label)
        for note in notes:
            terminal.note(note)
        return mix

    proof = propose(source, delegation, args, terminal, in_depth=False, fit=fitted)
    mix = proof.mix
    if "master_gain_db" in shared_params(tracks) and delegation.mandate.allows_shared("master_gain_db"):
        mix = with_headroom(mix, proof.insight.verification.after.measurement.true_peak_dbtp)
        mix, _ = fit(mix, before, tracks, daw.dialect.label)
    show_mix(mix, terminal)
    terminal.result(f"Master: {gain_text(mix.master['master_gain_db'])} dB")
    show_proof(proof.insight, terminal)
    if args.output is not None:
        write_mix_file(args.output, mix, source.session, held)
        terminal.result(f"\nwrote {args.output}; set it with: mixassist daw push {args.output} --daw {args.daw}")


def _source(
    path: Path, daw: Daw, tracks: Sequence[DawTrack], held: Mapping[Control, float], terminal: Terminal
) -> Source:
    """The recordings at ``path``, and the DAW's mixer as the mix before; what is not heard of it is said."""
    _note_saved(daw.dialect.name, path, terminal)
    source = read_source(path, Reading(), terminal)
    names = [track.name for track in source.session.tracks]
    check_tracks(names, tracks, daw, str(path))
    _note_unheard(names, tracks, terminal, has_said_why=is_project(path))
    session = replace(source.session, pan_law=daw.dialect.pan_law)
    return replace(source, session=session, mix=None, before=mix_of(names, held))


def with_headroom(mix: Mix, true_peak_dbtp: float) -> Mix:
    """``mix`` with a master fader that keeps its peaks, measured before it, under the ceiling: no limiter comes after.

    A mix that stays under it by itself has the fader at 0 dB.
    """
    if not math.isfinite(true_peak_dbtp):
        return mix
    room_db = mix.master["limiter_ceiling_dbtp"] - _HEADROOM_DB - true_peak_dbtp
    return mix.with_master(master_gain_db=BY_NAME["master_gain_db"].clamp(min(0.0, round(room_db, 1))))


def _note_saved(name: str, path: Path, terminal: Terminal) -> None:
    """Say of when the recordings are, and whether the DAW has changes that it has not saved."""
    if not is_project(path) or not path.is_file():
        return
    saved = datetime.fromtimestamp(path.stat().st_mtime).strftime("%H:%M:%S on %-d %B")
    terminal.note(f"heard as saved at {saved}: {printable(path)}")
    is_unsaved = DAWS[name].is_unsaved
    if is_unsaved is not None and is_unsaved(path):
        terminal.note(f"{DIALECTS[name].label} has changes that are not saved; save them there to have them heard")


def _session_path(args: Namespace, daw: Daw) -> Path:
    """Where the running session's audio is read from: as named, or found by the session's name."""
    if args.session is not None:
        path: Path = args.session
        # compared, not joined: nothing that a DAW says becomes a path
        inside = (file for file in path.glob("*.ardour") if file.stem == daw.session) if path.is_dir() else ()
        return next(iter(inside), path)
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


def _note_unheard(names: Sequence[str], tracks: Sequence[DawTrack], terminal: Terminal, *, has_said_why: bool) -> None:
    """Say what else sounds in the DAW that is not listened to; of tracks, unless the session's reader has said why."""
    silent = [printable(t.name) for t in tracks if t.kind in ("audio", "midi") and t.name not in names]
    if silent and not has_said_why:
        terminal.note(f"not listened to, left alone: {', '.join(silent)}")
    effects = [
        f"{printable(t.name)} ({', '.join(map(printable, t.other_plugins))})"
        for t in tracks
        if t.other_plugins and t.name in names
    ]
    if effects:
        terminal.note(
            f"plug-ins that are not listened through; freeze or bounce the track if they matter: {', '.join(effects)}"
        )
