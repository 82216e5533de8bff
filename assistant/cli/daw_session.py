"""What ``mixassist daw`` does with a running session's recordings: pulled as stems, and a mix proposed for them."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
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
from protocols.link import Daw
from protocols.mixfile import write_mix_file
from protocols.projects import is_project, read_project
from protocols.pulling import pull
from protocols.running import find_session, saved_notes, session_file, unheard_notes
from protocols.stems import SessionError

#: What a mixer without a limiter keeps clear of, over what was measured on the passages: those were not all.
_HEADROOM_DB = 1.0


def run_pull(args: Namespace, terminal: Terminal) -> None:
    """``mixassist daw pull``: the running session's tracks as stems."""
    with connected(args, terminal) as daw:
        path = _session_path(args, daw)
    if not is_project(path):
        raise SessionError(f"{printable(path)}: not a session file; is it a folder of stems already?")
    _note_all(saved_notes(args.daw, path), terminal)
    arrangement = read_project(path, args.output)
    with terminal.stage("Pulling the tracks") as progress:
        session, notes = pull(arrangement, args.output, progress)
    _note_all(notes, terminal)
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
        _note_all(notes, terminal)
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
    _note_all(saved_notes(daw.dialect.name, path), terminal)
    source = read_source(path, Reading(), terminal)
    names = [track.name for track in source.session.tracks]
    check_tracks(names, tracks, daw, str(path))
    _note_all(unheard_notes(names, tracks, has_said_why=is_project(path)), terminal)
    session = replace(source.session, pan_law=daw.dialect.pan_law)
    return replace(source, session=session, mix=None, before=mix_of(names, held))


def _note_all(notes: Iterable[str], terminal: Terminal) -> None:
    for note in notes:
        terminal.note(note)


def with_headroom(mix: Mix, true_peak_dbtp: float) -> Mix:
    """``mix`` with a master fader that keeps its peaks, measured before it, under the ceiling: no limiter comes after.

    A mix that stays under it by itself has the fader at 0 dB.
    """
    if not math.isfinite(true_peak_dbtp):
        return mix
    room_db = mix.master["limiter_ceiling_dbtp"] - _HEADROOM_DB - true_peak_dbtp
    return mix.with_master(master_gain_db=BY_NAME["master_gain_db"].clamp(min(0.0, round(room_db, 1))))


def _session_path(args: Namespace, daw: Daw) -> Path:
    """Where the running session's audio is read from: as named, or found by the session's name."""
    if args.session is not None:
        return session_file(args.session, daw.session)
    return find_session(DAWS[args.daw], daw.dialect.label, daw.session, "with --session")
