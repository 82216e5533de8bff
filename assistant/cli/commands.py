"""What each command does: read a session, propose, render, measure, write, and say so.

The heavy libraries are imported by the step that needs them, so that errors come at once.
"""

from __future__ import annotations

import json
import shlex
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from assistant.analysis.measure import Measurement, measure
from assistant.audio.formats import AudioError, printable
from assistant.audio.reading import read_audio
from assistant.audio.writing import BitDepth
from assistant.cli.delegation import Delegation, read_before, read_delegation
from assistant.cli.explaining import show_insight, show_proof
from assistant.cli.outputs import OutputError, Outputs, check_mix_file
from assistant.cli.proposing import propose, refined, request_of
from assistant.cli.proving import engineer_of, listen
from assistant.cli.rendering import RenderJob, render_and_show
from assistant.cli.sources import (
    Reading,
    Source,
    is_mix_file,
    read_source,
)
from assistant.cli.summary import show_measurements, show_mix
from assistant.cli.terminal import Terminal
from assistant.mandate import Mandate
from assistant.mix import Mix, unknown_name_text
from protocols.mixfile import write_mix_file
from protocols.projects import WRITTEN, is_project
from protocols.stems import SessionError

_BIT_DEPTHS: dict[str, BitDepth] = {"16": 16, "24": 24, "float": "float"}


def run_mix(args: Namespace, terminal: Terminal) -> None:
    """``mixassist mix``: propose (unless a saved mix is given without an engineer) and render."""
    source = read_source(args.source, _reading(args), terminal)
    delegation = _delegation(args, source)
    outputs = _outputs(args)
    outputs.check(source.session)
    if source.mix is not None and args.engineer is None:
        mix = refined(source.mix, source, delegation, request_of(args, terminal), terminal)
        _render_saved(mix, source, delegation, outputs, args, terminal)
        return
    proof = propose(source, delegation, args, terminal, in_depth=args.report)
    mix = delegation.made(proof.mix, terminal)
    job = RenderJob(source, outputs, terminal, proof.insight, delegation.sentences)
    render_and_show(job, _with_levels(mix, args), terminal)
    show_proof(proof.insight, terminal)


def run_suggest(args: Namespace, terminal: Terminal) -> None:
    """``mixassist suggest``: propose, show, and save where asked to."""
    source = read_source(args.source, _reading(args), terminal)
    delegation = _delegation(args, source)
    if args.output is not None:
        check_mix_file(args.output, source.session)
    proof = propose(source, delegation, args, terminal, in_depth=False)
    mix = _with_levels(delegation.made(proof.mix, terminal), args)
    if args.output is not None:
        write_mix_file(args.output, mix, source.session)
    if not delegation.is_read_only:  # where it is, the proposal was shown
        show_mix(mix, terminal)
    show_proof(proof.insight, terminal)
    if args.output is not None:
        terminal.result(f"\nwrote {args.output}; render it with: mixassist render {args.output} -o mix.wav")
        if is_project(args.source) and args.source.suffix.lower() in WRITTEN:
            copy = shlex.quote(printable(f"{args.source.stem}-mixed{args.source.suffix.lower()}"))
            terminal.result(f"or put it into a copy of the project: mixassist export {args.output} -o {copy}")


def run_render(args: Namespace, terminal: Terminal) -> None:
    """``mixassist render``: render a saved mix as it stands, or what is taken over of it."""
    name = printable(args.source)
    if args.source.is_dir():
        raise SessionError(f"{name}: is a folder; render takes a saved mix. Try: mixassist mix {name}")
    if args.source.suffix.lower() != ".json":
        raise SessionError(f"{name}: render takes a saved mix, a .json file")
    source = read_source(args.source, _reading(args), terminal)
    delegation = _delegation(args, source)
    outputs = _outputs(args)
    outputs.check(source.session)
    assert source.mix is not None
    _render_saved(source.mix, source, delegation, outputs, args, terminal)


def run_explain(args: Namespace, terminal: Terminal) -> None:
    """``mixassist explain``: a saved mix verified, and the reasons of every change."""
    if not is_mix_file(args.source):
        name = printable(args.source)
        raise SessionError(f"{name}: explain takes a saved mix, a .json file; mixassist suggest makes one")
    source = read_source(args.source, _reading(args), terminal)
    assert source.mix is not None
    names = [track.name for track in source.session.tracks]
    if args.track is not None and args.track not in names:
        raise SessionError(unknown_name_text("track", args.track, set(names)))
    before = None if args.before is None else read_before(args.before, names, skips=args.skip_broken)
    prover = listen(source, engineer_of(source.mix), args, terminal)
    proof = prover.prove(Delegation(Mandate(), before).before_of(source.mix), source.mix)
    show_insight(proof.insight, args.track, terminal)


def run_measure(args: Namespace, terminal: Terminal) -> None:
    """``mixassist measure``: every meter on every file; goes on after a file that cannot be read, and fails then."""
    measured: dict[str, Measurement] = {}
    failures = []
    with terminal.stage("Measuring") as progress:
        for done, file in enumerate(args.files, 1):
            try:
                measured[str(file)] = measure(*read_audio(file))
            except AudioError as error:
                failures.append(error)
            progress(done / len(args.files), file.name)
    if args.as_json:
        terminal.raw(json.dumps({printable(name): m.to_dict() for name, m in measured.items()}, indent=2) + "\n")
    elif measured:
        show_measurements(measured, terminal)
    if failures:
        raise AudioError("\n".join(str(f) for f in failures))


def run_demo(args: Namespace, terminal: Terminal) -> None:
    """``mixassist demo``: the bundled session, mixed into a folder of its own."""
    from assistant.demo_session import demo_folder

    folder: Path = args.output
    source = read_source(demo_folder(), Reading(), terminal)
    delegation = _delegation(args, source)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise OutputError(f"{folder}: is a file; name a folder") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made ({error.strerror})") from error
    outputs = Outputs(folder / "mix.wav", 24, folder / "stems", folder / "mix.json", folder / "report.html")
    outputs.check(source.session)
    proof = propose(source, delegation, args, terminal, in_depth=True)
    job = RenderJob(source, outputs, terminal, proof.insight, delegation.sentences)
    render_and_show(job, delegation.made(proof.mix, terminal), terminal)
    show_proof(proof.insight, terminal)
    terminal.result(f"\nListen to {outputs.audio} and open {outputs.report} in a browser.")


def _delegation(args: Namespace, source: Source) -> Delegation:
    return read_delegation(args, [track.name for track in source.session.tracks], source.before)


def _reading(args: Namespace) -> Reading:
    return Reading(args.sample_rate, args.skip_broken, getattr(args, "audio_folder", None))


def _outputs(args: Namespace) -> Outputs:
    report = args.output.with_suffix(".html") if args.report and args.output.name else None
    return Outputs(args.output, _BIT_DEPTHS[args.bit_depth], args.stems_out, args.json_path, report)


def _render_saved(
    mix: Mix, source: Source, delegation: Delegation, outputs: Outputs, args: Namespace, terminal: Terminal
) -> None:
    """Render a saved mix as it stands, or what is taken over of it; a report says why it is as it is."""
    proposed, insight = delegation.proposed(mix, terminal), None
    if outputs.report is not None:
        prover = listen(source, engineer_of(mix), args, terminal)
        insight = prover.prove(delegation.before_of(proposed), proposed).insight
    job = RenderJob(source, outputs, terminal, insight, delegation.sentences)
    render_and_show(job, _with_levels(delegation.made(proposed, terminal), args), terminal)


def _with_levels(mix: Mix, args: Namespace) -> Mix:
    if args.target_lufs is not None:
        mix = replace(mix, target_lufs=args.target_lufs)
    if args.true_peak is not None:
        mix = mix.with_master(limiter_ceiling_dbtp=args.true_peak)
    return mix
