"""What is shown of a mix and of measurements: tables as wide as the terminal allows."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.analysis.measure import METRICS, Measurement
from assistant.audio.formats import printable
from assistant.cli.terminal import Audience, TableColumn, Terminal
from assistant.mix import ChannelMix, Mix
from assistant.report.words import COLUMNS, reverb_text
from assistant.wording import count_text, duration_text

if TYPE_CHECKING:  # it brings torch along
    from assistant.refinement.refine import Refinement

# What a musician asks of a finished mix; ``measure`` shows every meter.
_SUMMARY = (
    "integrated_lufs",
    "max_short_term_lufs",
    "loudness_range_lu",
    "true_peak_dbtp",
    "crest_factor_db",
    "width",
    "correlation",
)
_STACKED = ("EQ", "Compressor")
_MOST_FILES_SIDE_BY_SIDE = 3
_MISSED_LU = 0.2
_LONGEST_NAME = 36


def show_mix(mix: Mix, terminal: Terminal) -> None:
    """The settings of every channel; under it the reverb and, when verbose, every reason."""
    columns, rows = _wide_table(mix)
    if not terminal.fits(columns, rows):
        columns, rows = _narrow_table(mix)
    terminal.table(_title(mix), columns, rows)
    terminal.result(f"\nReverb: {reverb_text(mix.reverb)}")
    if terminal.is_verbose:
        for channel in mix.channels:
            terminal.result(f"\n{printable(channel.name)}")
            for reason in channel.reasons:
                terminal.paragraph(reason)


def show_refinement(refinement: Refinement, terminal: Audience) -> None:
    """A line per goal, before and after, and how many settings moved for them."""
    moved = count_text(len(refinement.changes), "setting")
    tracks = count_text(len({change.track for change in refinement.changes}), "track")
    terminal.result(f"Refined: {moved} of {tracks} moved" if refinement.changes else "Refined: nothing had to move")
    for goal in refinement.goals:
        terminal.paragraph(f"{goal.goal}: {goal.sentence}")
    terminal.result("")


def show_result(mix: Mix, measurement: Measurement, terminal: Terminal) -> None:
    """The figures of the finished ``mix`` beside what was asked for, and a remark where that was not met."""
    terminal.result("")
    terminal.table("The mix", [TableColumn(), TableColumn(), TableColumn()], result_rows(mix, measurement))
    terminal.result("")
    missed = missed_target_text(mix, measurement)
    if missed:
        terminal.note(missed)


def result_rows(mix: Mix, measurement: Measurement) -> list[tuple[str, str, str]]:
    """The figures of the finished ``mix``: what is measured, its value, and what was asked for, if anything was."""
    goals = {"true_peak_dbtp": f"ceiling {mix.master['limiter_ceiling_dbtp']:.1f}"}
    if mix.target_lufs is not None:
        goals["integrated_lufs"] = f"target {mix.target_lufs:.1f}"
    metrics = {m.name: m for m in METRICS}
    rows = [
        (metrics[name].label, metrics[name].text(getattr(measurement, name)), goals.get(name, "")) for name in _SUMMARY
    ]
    return [*rows, ("Duration", duration_text(measurement.duration_s), "")]


def show_measurements(measured: Mapping[str, Measurement], terminal: Terminal) -> None:
    """Every meter on each of a few files, a column each; the main ones on each of many files, a row each."""
    names = _short_names(measured)
    if len(measured) <= _MOST_FILES_SIDE_BY_SIDE:
        texts = {name: dict(m.rows()) for name, m in measured.items()}
        headings = [TableColumn(), *(TableColumn(names[name]) for name in measured)]
        rows = [[m.label, *(texts[name][m.label] for name in measured)] for m in METRICS]
    else:
        chosen = [m for m in METRICS if m.name in _SUMMARY]
        headings = [TableColumn("File"), *(TableColumn(_heading(m.label, m.unit), is_number=True) for m in chosen)]
        rows = [
            [names[name], *(m.text(getattr(of, m.name)).removesuffix(f" {m.unit}") for m in chosen)]
            for name, of in measured.items()
        ]
    terminal.table("", headings, rows)


def missed_target_text(mix: Mix, measurement: Measurement) -> str:
    """Why the finished mix is not at its target loudness; empty where it is."""
    if mix.target_lufs is None:
        return ""
    missed_lu = measurement.integrated_lufs - mix.target_lufs
    if math.isinf(missed_lu):
        why = "shorter than 0.4 s" if measurement.duration_s < 0.4 else "quieter than -70 LUFS throughout"
        return f"the mix is {why} and has no loudness to meet a target with; its level was left as it is"
    if abs(missed_lu) <= _MISSED_LU:
        return ""
    came = f"the mix came to {measurement.integrated_lufs:.1f} LUFS, {abs(missed_lu):.1f} LU from the target"
    if missed_lu < 0:
        return f"{came}: its peaks leave no more room under the ceiling; try a lower --target-lufs"
    return f"{came}: it cannot be made quieter; try a higher --target-lufs"


def _title(mix: Mix) -> str:
    by = f", mixed by the engineer {mix.engineer!r}" if mix.engineer else ""
    return count_text(len(mix.channels), "track") + by


def _wide_table(mix: Mix) -> tuple[list[TableColumn], list[list[str]]]:
    columns = [TableColumn("Track"), *(TableColumn(c.heading, c.is_number) for c in COLUMNS)]
    return columns, [[_name(c.name), *(column.text(c) for column in COLUMNS)] for c in mix.channels]


def _narrow_table(mix: Mix) -> tuple[list[TableColumn], list[list[str]]]:
    """The role under the track's name, and the compressor under the EQ."""
    single = [c for c in COLUMNS if c.heading not in (*_STACKED, "Role")]
    columns = [TableColumn("Track"), *(TableColumn(c.heading.replace(" ", "\n"), c.is_number) for c in single)]
    columns.append(TableColumn(", ".join(_STACKED).lower().replace("eq", "EQ")))
    return columns, [_narrow_row(channel) for channel in mix.channels]


def _narrow_row(channel: ChannelMix) -> list[str]:
    texts = {c.heading: c.text(channel) for c in COLUMNS}
    role = f"\n  {texts.pop('Role')}" if texts["Role"] else texts.pop("Role")
    stacked = [texts.pop(heading) for heading in _STACKED]
    return [_name(channel.name) + role, *texts.values(), "\n".join(filter(None, stacked))]


def _name(name: str) -> str:
    """``name`` for a table: on one line, and with its middle left out where it is very long."""
    plain = printable(name)
    half = _LONGEST_NAME // 2
    return plain if len(plain) <= _LONGEST_NAME else f"{plain[: half - 1]}…{plain[-half:]}"


def _heading(label: str, unit: str) -> str:
    return f"{label}, {unit}" if unit else label


def _short_names(measured: Mapping[str, Measurement]) -> dict[str, str]:
    """File names without their folders, unless two are the same."""
    counts = Counter(Path(name).name for name in measured)
    return {name: _name(Path(name).name if counts[Path(name).name] == 1 else name) for name in measured}
