"""What each command does: read a session, propose, render, measure, write, and say so.

The heavy libraries are imported by the step that needs them, so that help and errors come at once.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.analysis.measure import Measurement, measure
from assistant.audio.reading import AudioError, load_track, read_audio
from assistant.audio.writing import write_audio, write_text_atomically
from assistant.cli.arguments import DEFAULT_TARGET_LUFS
from assistant.cli.outputs import OutputError, Outputs, check_writable_file, stem_file_names
from assistant.cli.terminal import Terminal
from assistant.engineers.catalogue import DEFAULT_ENGINEER
from assistant.engineers.interface import make_engineer
from assistant.mix import Mix, Session
from assistant.report.words import COLUMNS, reverb_text
from protocols.mixfile import read_mix_file, write_mix_file
from protocols.stems import SessionError, read_stems_folder


@dataclass(frozen=True)
class Source:
    """A session to work on, and the saved mix that it came with, if any."""

    session: Session
    mix: Mix | None


def run_mix(args: Namespace, terminal: Terminal) -> None:
    """``mixassist mix``: propose (unless a saved mix is given without an engineer) and render."""
    source = _read_source(args.source, args, terminal)
    outputs = _outputs(args)
    outputs.check(source.session)
    saved = source.mix if args.engineer is None else None
    mix = saved or _propose(source.session, args, terminal)
    _render(source.session, _with_levels(mix, args), outputs, terminal)


def run_suggest(args: Namespace, terminal: Terminal) -> None:
    """``mixassist suggest``: propose, show, and save where asked to."""
    source = _read_source(args.source, args, terminal)
    if args.output is not None:
        check_writable_file(args.output)
    mix = _with_levels(_propose(source.session, args, terminal), args)
    _show_mix(mix, terminal)
    if args.output is not None:
        write_mix_file(args.output, mix, source.session)
        terminal.note(f"saved {args.output}; render it with: mixassist render {args.output} -o mix.wav")


def run_render(args: Namespace, terminal: Terminal) -> None:
    """``mixassist render``: render a saved mix as it stands."""
    if args.source.is_dir():
        raise SessionError(f"{args.source}: is a folder; render takes a saved mix. Try: mixassist mix {args.source}")
    source = _read_source(args.source, args, terminal)
    outputs = _outputs(args)
    outputs.check(source.session)
    assert source.mix is not None
    _render(source.session, _with_levels(source.mix, args), outputs, terminal)


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
        terminal.raw(json.dumps({name: m.to_dict() for name, m in measured.items()}, indent=2) + "\n")
    elif measured:
        _show_measurements(measured, terminal)
    if failures:
        raise AudioError("\n".join(str(f) for f in failures))


def run_demo(args: Namespace, terminal: Terminal) -> None:
    """``mixassist demo``: the bundled session, mixed into a folder of its own."""
    from assistant.demo_session import demo_folder

    folder: Path = args.output
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
    session, _ = read_stems_folder(demo_folder())
    outputs = Outputs(folder / "mix.wav", 24, folder / "stems", folder / "mix.json", folder / "report.html")
    outputs.check(session)
    mix = replace(_propose(session, args, terminal), target_lufs=DEFAULT_TARGET_LUFS)
    _render(session, mix, outputs, terminal)
    terminal.result(f"\nListen to {outputs.audio} and open {outputs.report} in a browser.")


def _read_source(source: Path, args: Namespace, terminal: Terminal) -> Source:
    if source.suffix.lower() == ".json" and not source.is_dir():
        mix, session, notes = read_mix_file(source, source=getattr(args, "audio_folder", None))
    else:
        mix = None
        session, notes = read_stems_folder(source, skip_broken=args.skip_broken, sample_rate=args.sample_rate)
    for note in notes:
        terminal.note(note)
    if args.sample_rate is not None:
        session = replace(session, sample_rate=args.sample_rate)
    if args.skip_broken:
        session, mix = _without_broken(session, mix, terminal)
    return Source(session, mix)


def _without_broken(session: Session, mix: Mix | None, terminal: Terminal) -> tuple[Session, Mix | None]:
    """The session without the tracks whose audio cannot be decoded to its end."""

    def fault(index: int) -> str:
        try:
            load_track(session.tracks[index], session.sample_rate)
        except AudioError as error:
            return str(error)
        return ""

    with terminal.stage("Checking") as progress, ThreadPoolExecutor() as pool:
        faults = []
        for done, text in enumerate(pool.map(fault, range(len(session.tracks))), 1):
            faults.append(text)
            progress(done / len(session.tracks), session.tracks[done - 1].name)
    for text in filter(None, faults):
        terminal.note(f"left out: {text}")
    kept = tuple(t for t, text in zip(session.tracks, faults, strict=True) if not text)
    if not kept:
        raise SessionError("no track is left: none of the files can be read")
    names = {t.name for t in kept}
    if mix is not None:
        mix = replace(mix, channels=tuple(c for c in mix.channels if c.name in names))
    return replace(session, tracks=kept), mix


def _outputs(args: Namespace) -> Outputs:
    return Outputs(
        audio=args.output,
        bit_depth="float" if args.bit_depth == "float" else (16 if args.bit_depth == "16" else 24),
        stems_folder=args.stems_out,
        mix_file=args.json_path,
        report=args.output.with_suffix(".html") if args.report else None,
    )


def _propose(session: Session, args: Namespace, terminal: Terminal) -> Mix:
    engineer = make_engineer(args.engineer or DEFAULT_ENGINEER, seed=args.seed)
    with terminal.stage("Listening") as progress:
        mix = engineer.propose(session, progress=progress)
    return replace(mix, target_lufs=DEFAULT_TARGET_LUFS)


def _with_levels(mix: Mix, args: Namespace) -> Mix:
    if args.target_lufs is not None:
        mix = replace(mix, target_lufs=args.target_lufs)
    if args.true_peak is not None:
        mix = mix.with_master(limiter_ceiling_dbtp=args.true_peak)
    return mix


def _render(session: Session, mix: Mix, outputs: Outputs, terminal: Terminal) -> None:
    from render.master import Master
    from render.mixdown import RenderOptions, render_premaster

    with terminal.stage("Rendering") as progress:
        options = RenderOptions(progress=progress, on_stem=_stem_writer(session, outputs))
        premaster = render_premaster(session, mix, load_track, options)
    with terminal.stage("Mastering") as progress:
        mastered = Master(session.sample_rate).master(premaster, mix, tell=lambda what: progress(0.0, what))
    mix = replace(mix, master=mastered.settings)
    del premaster
    with terminal.stage("Writing"):
        write_audio(outputs.audio, mastered.audio, session.sample_rate, bit_depth=outputs.bit_depth)
        if outputs.mix_file is not None:
            write_mix_file(outputs.mix_file, mix, session)
    with terminal.stage("Measuring"):
        measurement = measure(mastered.audio, session.sample_rate)
    if outputs.report is not None:
        from assistant.report.page import report_page

        write_text_atomically(outputs.report, report_page(session, mix, mastered.audio, measurement))
    _show_mix(mix, terminal)
    _show_result(mix, measurement, outputs, terminal)


def _stem_writer(session: Session, outputs: Outputs) -> Callable[[str, Any], None] | None:
    from render.mixdown import REVERB_STEM

    folder = outputs.stems_folder
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be made: {error.strerror}") from error
    files = stem_file_names([REVERB_STEM, *(t.name for t in session.tracks)])
    return lambda name, audio: write_audio(folder / files[name], audio, session.sample_rate, bit_depth="float")


def _show_mix(mix: Mix, terminal: Terminal) -> None:
    rows = [[c.name, *(text(c) for _, text in COLUMNS)] for c in mix.channels]
    title = f"{len(mix.channels)} tracks, mixed by the engineer {mix.engineer!r}"
    terminal.table(title, ["Track", *(heading for heading, _ in COLUMNS)], rows)
    terminal.result(f"Reverb: {reverb_text(mix.reverb)}")
    if terminal.is_verbose:
        for channel in mix.channels:
            terminal.result(f"\n{channel.name}")
            for reason in channel.reasons:
                terminal.result(f"  {reason}")


def _show_result(mix: Mix, measurement: Measurement, outputs: Outputs, terminal: Terminal) -> None:
    terminal.table("The mix", ["", ""], measurement.rows())
    if mix.target_lufs is not None:
        missed_lu = measurement.integrated_lufs - mix.target_lufs
        if abs(missed_lu) > 0.2:
            terminal.note(
                f"the mix came to {measurement.integrated_lufs:.1f} LUFS, {abs(missed_lu):.1f} LU from the target: "
                "its peaks leave no more room under the ceiling; try a lower --target-lufs"
            )
    for file in (outputs.audio, outputs.stems_folder, outputs.mix_file, outputs.report):
        if file is not None:
            terminal.result(f"wrote {file}")


def _show_measurements(measured: dict[str, Measurement], terminal: Terminal) -> None:
    columns = {name: dict(m.rows()) for name, m in measured.items()}
    labels = [label for label, _ in next(iter(measured.values())).rows()]
    rows = [[label, *(columns[name][label] for name in columns)] for label in labels]
    terminal.table("Measured", ["", *(Path(name).name for name in columns)], rows)
