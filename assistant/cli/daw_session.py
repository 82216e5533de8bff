"""What ``mixassist daw`` does with a running session's recordings: pulled as stems, and a mix proposed for them."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.daw_link import connected
from assistant.cli.delegation import read_delegation
from assistant.cli.explaining import show_proof
from assistant.cli.mixer import Mixer, note_all
from assistant.cli.outputs import check_mix_file
from assistant.cli.proposing import propose
from assistant.cli.sources import Reading
from assistant.cli.summary import show_mix
from assistant.cli.terminal import Terminal
from assistant.wording import count_text, gain_text
from protocols.daws import DAWS
from protocols.link import Daw
from protocols.mixfile import write_mix_file
from protocols.projects import is_project, read_project
from protocols.pulling import pull
from protocols.running import find_session, saved_notes, session_file
from protocols.stems import SessionError


def run_pull(args: Namespace, terminal: Terminal) -> None:
    """``mixassist daw pull``: the running session's tracks as stems."""
    with connected(args, terminal) as daw:
        path = _session_path(args, daw)
    if not is_project(path):
        raise SessionError(f"{printable(path)}: not a session file; is it a folder of stems already?")
    note_all(saved_notes(args.daw, path), terminal)
    arrangement = read_project(path, args.output)
    with terminal.stage("Pulling the tracks") as progress:
        session, notes = pull(arrangement, args.output, progress)
    note_all(notes, terminal)
    terminal.result(f"wrote {count_text(len(session.tracks), 'track')} to {args.output}")


def run_suggest(args: Namespace, terminal: Terminal) -> None:
    """``mixassist daw suggest``: a proposal for the running session, from its mixer as it stands."""
    with connected(args, terminal) as daw:
        tracks, held, path = daw.tracks(), daw.read(), _session_path(args, daw)
    dialect = daw.dialect
    mixer = Mixer(dialect.name, dialect.label, daw.session, dialect.pan_law, tracks, held)
    source = mixer.source(path, terminal, Reading())
    if args.output is not None:
        check_mix_file(args.output, source.session)
    before = source.before
    assert before is not None
    delegation = read_delegation(args, [channel.name for channel in before.channels], before)
    proof = propose(source, delegation, args, terminal, in_depth=False, fit=mixer.fitting(before, terminal))
    mix = mixer.with_room(proof, before, delegation.mandate)
    show_mix(mix, terminal)
    terminal.result(f"Master: {gain_text(mix.master['master_gain_db'])} dB")
    show_proof(proof.insight, terminal)
    if args.output is not None:
        write_mix_file(args.output, mix, source.session, held)
        terminal.result(f"\nwrote {args.output}; set it with: mixassist daw push {args.output} --daw {args.daw}")


def _session_path(args: Namespace, daw: Daw) -> Path:
    """Where the running session's audio is read from: as named, or found by the session's name."""
    if args.session is not None:
        return session_file(args.session, daw.session)
    return find_session(DAWS[args.daw], daw.dialect.label, daw.session, "with --session")
