"""Strip and reverb as JSFX, REAPER's plug-ins in source, from the same Faust programs.

REAPER's tracks are stereo at least, so there is one strip, the stereo one: on a mono item both sides are alike, the
linked compressor hears what a mono one would, and the width has nothing to widen. Sliders stand in the order of
``Plugin.params`` and are called as in the table; ranges, defaults and units are the table's. The strip reports its
gain reduction to REAPER's meters (``ext_gr_meter``, REAPER 7).

None of this was run in REAPER. It was compiled and run by Cockos's own EEL2 in the open host ysfx, and the tests run
it in an interpreter of their own, both against the offline engine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from string import Template
from textwrap import indent

from assistant.params import Param
from assistant.plugins import REVERB, STRIP_STEREO, Plugin
from render.engine import emit_source
from render.plugins.eel import EelProgram, read_jsfx
from render.plugins.programs import PROGRAMS

_TEMPLATE = Path(__file__).with_name("effect.jsfx")
_STEPS = {"dB": 0.01, "Hz": 0.1, "ms": 0.01, "s": 0.001, "": 0.001}


@dataclass(frozen=True)
class Effect:
    """A JSFX: the plug-in it is, its name in REAPER, and its file, by which projects know it."""

    plugin: Plugin
    title: str
    file_name: str
    tags: str


EFFECTS: tuple[Effect, ...] = (
    Effect(STRIP_STEREO, "mixassist strip", "mixassist-strip.jsfx", "eq compressor dynamics filter"),
    Effect(REVERB, "mixassist reverb", "mixassist-reverb.jsfx", "reverb"),
)


def reaper_folder() -> Path | None:
    """Where REAPER looks for JSFX, in a folder of our own; None where REAPER was never started on this account."""
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "REAPER"
    return home / "Effects" / "mixassist" if home.is_dir() else None


def write_jsfx(folder: Path) -> tuple[Path, ...]:
    """Write the effects into ``folder``; the files, in the order of ``EFFECTS``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for effect in EFFECTS:
        path = folder / effect.file_name
        path.write_text(effect_text(effect), encoding="ascii")
        written.append(path)
    return tuple(written)


def remove_jsfx(folder: Path) -> tuple[Path, ...]:
    """Delete the effects from ``folder``; the files that were there."""
    there = tuple(path for path in (folder / effect.file_name for effect in EFFECTS) if path.is_file())
    for path in there:
        path.unlink()
    return there


def effect_text(effect: Effect) -> str:
    """The effect's file. Raises :class:`render.engine.RenderError` where Faust does not compile it."""
    program = PROGRAMS[effect.plugin.key]
    eel = read_jsfx(emit_source(program.file, program.expression, "jsfx", "Program"))
    params = effect.plugin.params
    gliding = [p for p in params if p.name not in program.crossed]
    crossed = [(p, *program.crossed[p.name]) for p in params if p.name in program.crossed]
    # Behind the audio comes the gain reduction; the audio of a mono program is what both sides get.
    meter = (
        f"most_reduction_db = max(most_reduction_db, output{effect.plugin.channels});\n" if program.is_metered else ""
    )
    filled = Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=effect.title,
        tags=effect.tags,
        file=f"render/{program.file}, {program.expression}",
        sliders="\n".join(_slider(number, p) for number, p in enumerate(params, start=1)),
        memory=_memory(eel),
        constants=_lines(("fSampleRate = srate;", *eel.constants)),
        control=_lines(_named(eel.control, eel), 2),
        arrive=_lines((f"{p.name}_now = {p.name}_asked;" for p in gliding), 2),
        set_out=_lines((f"{p.name}_from = {p.name}_now;" for p in gliding), 2),
        glide=_lines((_glide(p) for p in gliding), 4),
        cross=_lines((_cross(p, following, crossing) for p, following, crossing in crossed), 2) or "  0;",
        asked=_lines(f"{p.name}_asked = min(max({p.name}, {p.low!r}), {p.high!r});" for p in params),
        start=_lines((_start(p, following, crossing) for p, following, crossing in crossed), 2),
        sample=_lines(eel.sample),
        metering=meter,
    )
    return re.sub(r"\n{3,}", "\n\n", filled)


def _slider(number: int, param: Param) -> str:
    """One slider line. A logarithmic travel is for the hand alone: automation and OSC go evenly ("!")."""
    if param.curve == "toggle":
        return f"slider{number}:{param.name}={param.default:g}<0,1,1{{Off,On}}>{param.label}"
    shape = ":log!" if param.curve == "log" else ""
    unit = f" ({param.unit})" if param.unit else ""
    bounds = f"{param.low:g},{param.high:g},{_STEPS[param.unit]:g}{shape}"
    return f"slider{number}:{param.name}={param.default!r}<{bounds}>{param.label}{unit}"


def _memory(eel: EelProgram) -> str:
    """States, and addresses for the delay lines, one behind the other; all silent."""
    lines, at = [f"{name} = 0;" for name in eel.states], 0
    for name, size in eel.memory.items():
        lines.append(f"{name} = {at};")
        at += size
    return _lines((*lines, f"memset(0, 0, {at});" if at else ""))


def _named(statements: Iterable[str], eel: EelProgram) -> list[str]:
    """``statements`` with the values of our controls in place of Faust's variables."""
    labels = {variable: f"{label}_now" for label, variable in eel.controls.items()}
    return [re.sub(r"\bf(?:Hslider|Vslider|Checkbox|Entry)\d+\b", lambda m: labels[m[0]], s) for s in statements]


def _glide(param: Param) -> str:
    begin, end = f"{param.name}_from", f"{param.name}_asked"
    if param.curve == "log":
        return f"{param.name}_now = {begin} * pow({end} / {begin}, share);"
    return f"{param.name}_now = {begin} + share * ({end} - {begin});"


def _cross(param: Param, following: str, crossing: str) -> str:
    """A sample of the crossfade, and where there is none and another value is asked for, the beginning of one."""
    now, to, share, asked = f"{param.name}_now", f"{following}_now", f"{crossing}_now", f"{param.name}_asked"
    return (
        f"crossing_left > 0 ? (\n  crossing_left -= 1;\n  {share} = 1 - crossing_left / glide_samples;\n"
        f"  crossing_left == 0 ? ({now} = {to}; {share} = 0;);\n  control();\n"
        f") : {asked} !== {now} ? (\n  {to} = {asked};\n  crossing_left = glide_samples;\n  control();\n);"
    )


def _start(param: Param, following: str, crossing: str) -> str:
    return f"{param.name}_now = {following}_now = {param.name}_asked;\n{crossing}_now = 0;"


def _lines(statements: Iterable[str], depth: int = 0) -> str:
    return indent("\n".join(statements), " " * depth)
