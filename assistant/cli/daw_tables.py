"""What is shown of a DAW's mixer, of pushes and of findings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from assistant.audio.formats import printable
from assistant.automation import SHARED
from assistant.cli.terminal import TableColumn, Terminal
from assistant.mix import Change
from assistant.params import BY_NAME, Param
from assistant.wording import count_text, frequency_text, gain_text
from protocols.daw import Confirmation, Control, DawTrack, Outcome, PushReport
from protocols.doctor import Finding
from protocols.journal import Entry

_COLUMNS = ("fader_db", "pan", "send_db")
#: How outcomes are told of.
_OUTCOMES = {
    Outcome.CONFIRMED: "confirmed",
    Outcome.UNCHANGED: "held already",
    Outcome.MOVED: "moved by somebody meanwhile, left alone",
    Outcome.REFUSED: "refused",
    Outcome.UNANSWERED: "not answered",
    Outcome.UNSUPPORTED: "out of reach",
    Outcome.CANCELLED: "not sent",
}


def show_tracks(title: str, tracks: Sequence[DawTrack], held: Mapping[Control, float], terminal: Terminal) -> None:
    """A row per strip: what it is, what of the console it can be told, and where its fader, pan and send stand."""
    columns = (
        TableColumn("track"),
        TableColumn("kind"),
        TableColumn("strip"),
        *(TableColumn(BY_NAME[name].label.lower(), is_number=True) for name in _COLUMNS),
        TableColumn("plug-ins not ours"),
    )
    rows = [
        (
            printable(track.name) + (" (muted)" if track.is_muted else ""),
            _kind_text(track),
            "yes" if track.has_strip else "",
            *(_held_text(held, track, name) for name in _COLUMNS),
            ", ".join(map(printable, track.other_plugins)),
        )
        for track in tracks
    ]
    terminal.table(printable(title), columns, rows)
    shared = {control.param: value for control, value in held.items() if control.track == SHARED}
    for name, value in shared.items():
        terminal.detail(f"{BY_NAME[name].label}: {value_text(value, BY_NAME[name])}")


def show_bare(tracks: Sequence[DawTrack], terminal: Terminal) -> None:
    """How many tracks lack our strip, in a DAW that takes it."""
    bare = [t for t in tracks if t.kind in ("audio", "midi") and not t.has_strip]
    if bare:
        terminal.result(
            f"\n{count_text(len(bare), 'track')} without our strip; mixassist daw doctor says how to add it"
        )


def tracks_document(session: str, tracks: Sequence[DawTrack], held: Mapping[Control, float]) -> dict[str, Any]:
    """The same as JSON, every parameter included; silence is null."""

    def values(track: str) -> dict[str, float | None]:
        return {c.param: value if math.isfinite(value) else None for c, value in held.items() if c.track == track}

    rows = [
        {
            "name": track.name,
            "kind": track.kind,
            "channels": track.channels,
            "has_strip": track.has_strip,
            "is_muted": track.is_muted,
            "other_plugins": list(track.other_plugins),
            "settings": values(track.name),
        }
        for track in tracks
    ]
    return {"session": session, "tracks": rows, "shared": values(SHARED)}


def show_report(title: str, report: PushReport, terminal: Terminal) -> None:
    """How many changes came to what, and each that was not made."""
    counts = Counter(confirmation.outcome for confirmation in report.confirmations)
    parts = [f"{counts[outcome]} {text}" for outcome, text in _OUTCOMES.items() if counts[outcome]]
    total = f"{count_text(len(report.confirmations), 'change')}: {', '.join(parts)}, in {report.duration_s:.2f} s"
    terminal.result(f"{title}: {total if parts else 'nothing to change'}")
    for confirmation in report.problems:
        terminal.paragraph(_problem_text(confirmation))


def show_pushes(entries: Sequence[Entry], terminal: Terminal) -> None:
    """The pushes that the journal knows, the latest last."""
    for entry in entries:
        when = datetime.fromtimestamp(entry.time_s).strftime("%Y-%m-%d %H:%M:%S")
        terminal.result(f"{entry.id}  {when}  {count_text(len(entry.rows), 'change')}{_push_text(entry)}")
    if not entries:
        terminal.result("nothing was pushed into this session yet")


def show_findings(label: str, findings: Sequence[Finding], terminal: Terminal) -> None:
    """Every finding with its remedy."""
    for finding in findings:
        terminal.result(f"{'✗' if finding.is_fatal else '!'} {printable(finding.problem)}")
        terminal.paragraph(f"  {printable(finding.remedy)}")
    if not findings:
        terminal.result(f"✓ {label} answers, and nothing is amiss: ready")


def _push_text(entry: Entry) -> str:
    if entry.undoes:
        return f", put back {entry.undoes}"
    if entry.is_undone:
        return ", undone" + (f" but for {entry.kept} moved since" if entry.kept else "")
    return "" if entry.outcomes is not None else ", broken off"


def _problem_text(confirmation: Confirmation) -> str:
    change, held = confirmation.change, confirmation.held
    param = BY_NAME[change.param]
    stands = "" if held is None else value_text(held, param)
    if confirmation.outcome is Outcome.MOVED:
        why = "for the level of the track was moved" if held == change.old else "where somebody has moved it"
        return printable(f"{_where(change)}{param.label} left at {stands}, {why}")
    at = f"; it stands at {stands}" if stands else ""
    text = f" ({confirmation.text})" if confirmation.text else ""
    what = f"{_where(change)}{param.label} to {value_text(change.new, param)}"
    return printable(f"{what}: {_OUTCOMES[confirmation.outcome]}{at}{text}")


def _where(change: Change) -> str:
    return "" if change.track == SHARED else f"{printable(change.track)}: "


def _held_text(held: Mapping[Control, float], track: DawTrack, name: str) -> str:
    """What stands in a column; the faders of master and reverb bus are parameters of their own."""
    own = {"master_gain_db", "reverb_return_db"} & track.params if name == "fader_db" else set()
    control = Control(SHARED, own.pop()) if own else Control(track.name, name)
    return "" if control not in held else value_text(held[control], BY_NAME[control.param])


def _kind_text(track: DawTrack) -> str:
    width = {1: "mono ", 2: "stereo "}.get(track.channels, "")
    return f"{width}{track.kind}"


def value_text(value: float, param: Param) -> str:
    """A value with its unit, as an engineer writes it."""
    if param.off_at_low and value <= param.low:
        return "off"
    if param.curve == "toggle":
        return "on" if value else "off"
    if param.unit == "Hz":
        return frequency_text(value)
    number = gain_text(value) if param.unit == "dB" else f"{value + 0.0:.4g}"
    return f"{number} {param.unit}".strip()
