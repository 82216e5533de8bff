"""``mixassist export``: a saved mix as a project file, for DAWs that are not reached over OSC."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.audio.formats import printable
from assistant.cli.outputs import OutputError, check_writable_file
from assistant.cli.sources import Reading, Source, TrackLoader, is_mix_file, naming_all_broken, read_source
from assistant.cli.terminal import Terminal
from assistant.mix import Mix
from protocols.dawproject.updating import update_dawproject
from protocols.dawproject.writing import write_dawproject
from protocols.origins import project_of
from protocols.reaper.project_writing import write_reaper_settings
from protocols.stems import SessionError

_DAWPROJECT, _REAPER, _ARDOUR = ".dawproject", ".rpp", ".ardour"


@dataclass(frozen=True)
class _Export:
    """A mix that goes into the new file ``target``: into a copy of the project ``original``, or, None, into its own."""

    target: Path
    original: Path | None
    source: Source
    mix: Mix

    def write(self, terminal: Terminal) -> tuple[str, ...]:
        """Write it; notes on what the project cannot say."""
        if self.target.suffix.lower() == _REAPER:
            assert self.original is not None
            return (*write_reaper_settings(self.original, self.target, self.mix), _reaper_master_text(self.mix))
        mix = _with_master_found(self.mix, self.source, terminal)
        with terminal.stage("Writing"):
            if self.original is not None:
                return update_dawproject(self.original, self.target, mix)
            return write_dawproject(self.target, mix, self.source.session)


def run_export(args: Namespace, terminal: Terminal) -> None:
    """``mixassist export``: write a saved mix as a project, new or as a copy of the one it is for."""
    name = printable(args.source)
    if not is_mix_file(args.source):
        raise SessionError(f"{name}: export takes a saved mix, a .json file; mixassist suggest makes one")
    _check_target(args.output, args.original)
    source = read_source(args.source, Reading(None, args.skip_broken, args.audio_folder), terminal)
    assert source.mix is not None
    original = args.original or _own_original(args.output, source, terminal)
    for note in _Export(args.output, original, source, source.mix).write(terminal):
        terminal.note(note)
    terminal.result(f"wrote {printable(args.output)}{_origin_text(original)}")


def _check_target(target: Path, original: Path | None) -> None:
    """Raise :class:`OutputError` for a file that cannot, or must not, be written, or not from ``original``."""
    name, ending = printable(target), target.suffix.lower()
    if ending == _ARDOUR:
        raise OutputError(f"{name}: Ardour takes a mix while it runs: mixassist daw push MIX.JSON --daw ardour")
    if ending not in (_DAWPROJECT, _REAPER):
        raise OutputError(f"{name}: a mix is exported as .dawproject or .rpp; try {target.stem or 'mix'}.dawproject")
    check_writable_file(target)
    if target.exists():
        raise OutputError(f"{name}: is there already, and may hold somebody's work; choose another name")
    if original is None:
        return
    if original.suffix.lower() != ending:
        without = " or, without --original, from the mix's tracks" if ending == _DAWPROJECT else ""
        raise OutputError(f"{printable(original)}: {name} is made from a {ending} file{without}")
    if not original.is_file():
        raise OutputError(f"{printable(original)}: no such file; was it moved or renamed?")


def _own_original(target: Path, source: Source, terminal: Terminal) -> Path | None:
    """The project that the mix's tracks were pulled from, where ``target`` can be a copy of it.

    Raises :class:`OutputError` where there has to be one.
    """
    project = project_of(source.session.source)
    ending = target.suffix.lower()
    is_alike = project is not None and project.suffix.lower() == ending
    if is_alike and project is not None and project.is_file():
        return project
    gone = f"{printable(project)}, which the tracks were pulled from, is gone" if is_alike else ""
    if ending == _REAPER:
        why = f"{gone}; name it" if gone else "an .rpp is a copy of the REAPER project that the mix is for; name that"
        raise OutputError(f"{printable(target)}: {why} with --original SONG.rpp")
    if gone:
        terminal.note(f"{gone}; a new project is made of them. Name the old one with --original to keep what it holds")
    return None


def _with_master_found(mix: Mix, source: Source, terminal: Terminal) -> Mix:
    """``mix`` with the master's gain that its target loudness asks for: a project knows no target."""
    if mix.target_lufs is None:
        return mix
    from render.master import Master
    from render.mixdown import RenderOptions, render_premaster

    with naming_all_broken(source, terminal), terminal.stage("Finding the master's gain") as progress:
        options = RenderOptions(progress=progress)
        premaster = render_premaster(source.session, mix, TrackLoader(), options)
        mastered = Master(source.session.sample_rate).master(premaster, mix)
    return replace(mix, master=mastered.settings, target_lufs=None)


def _reaper_master_text(mix: Mix) -> str:
    target = "" if mix.target_lufs is None else f", then its fader for {mix.target_lufs:g} LUFS"
    ceiling = mix.master["limiter_ceiling_dbtp"]
    return f"REAPER's master stays as it is: put a limiter there at {ceiling:g} dBTP{target}"


def _origin_text(original: Path | None) -> str:
    return ", a new project with the mix's tracks" if original is None else f": {printable(original)} with this mix"
