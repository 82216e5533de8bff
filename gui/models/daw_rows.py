"""What a DAW did with pushes, in words: rows of texts for the window, out of the link's values.

Contents: :func:`unconfirmed_row`, :func:`history_row`, :func:`finding_row`.
"""

from __future__ import annotations

from datetime import datetime

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from assistant.automation import SHARED
from assistant.params import BY_NAME, MASTER_PARAMS, Param
from assistant.report.words import value_text
from gui.models.daw_values import FindingRow, HistoryRow, UnconfirmedRow
from gui.translating import in_english, table_text
from protocols.daw import Confirmation, Control, Outcome
from protocols.doctor import Finding
from protocols.journal import Entry

translate = QCoreApplication.translate
_MASTER = frozenset(param.name for param in MASTER_PARAMS)
_OUTCOMES = {
    Outcome.MOVED: QT_TRANSLATE_NOOP("DawRows", "moved in the DAW"),
    Outcome.REFUSED: QT_TRANSLATE_NOOP("DawRows", "not taken over"),
    Outcome.UNANSWERED: QT_TRANSLATE_NOOP("DawRows", "no answer"),
    Outcome.UNSUPPORTED: QT_TRANSLATE_NOOP("DawRows", "out of reach"),
    Outcome.CANCELLED: QT_TRANSLATE_NOOP("DawRows", "not sent"),
}
_ADVICE = {
    Outcome.REFUSED: QT_TRANSLATE_NOOP("DawRows", "Is it automated or linked in the DAW? Free it there and try again."),
    Outcome.UNANSWERED: QT_TRANSLATE_NOOP("DawRows", "Look whether the DAW is running, then try again."),
    Outcome.UNSUPPORTED: QT_TRANSLATE_NOOP("DawRows", "Mend that in the DAW and try again, or leave it."),
    Outcome.CANCELLED: QT_TRANSLATE_NOOP("DawRows", "Try again to send it."),
}


def unconfirmed_row(confirmation: Confirmation) -> UnconfirmedRow:
    """A change that was neither confirmed nor there already, and what to do about it."""
    change, held = confirmation.change, confirmation.held
    param = BY_NAME[change.param]
    return UnconfirmedRow(
        key=(change.track, change.param),
        track=_track_text(Control(change.track, change.param)),
        param=table_text(param.label),
        wanted=held_text(param, change.new),
        held="" if held is None else held_text(param, held),
        outcome=translate("DawRows", _OUTCOMES[confirmation.outcome]),
        advice=_advice(confirmation),
    )


def history_row(entry: Entry) -> HistoryRow:
    """A push as the journal has it."""
    when = datetime.fromtimestamp(entry.time_s).strftime("%Y-%m-%d %H:%M:%S")
    count = len(entry.rows)
    what = in_english(translate("DawRows", "%n change(s)", "", count), count)
    return HistoryRow(entry.id, when, what, _ended_text(entry), can_undo=not entry.undoes and not entry.is_undone)


def finding_row(finding: Finding) -> FindingRow:
    """A doctor's finding."""
    return FindingRow(finding.problem, finding.remedy, finding.is_fatal)


def held_text(param: Param, value: float) -> str:
    """A value with its unit; also one that a DAW holds and the table does not go as far as."""
    return value_text(param, param.clamp(value) if param.name == "pan" else value)


def _track_text(control: Control) -> str:
    if control.track != SHARED:
        return control.track
    return translate("DawRows", "Master") if control.param in _MASTER else translate("DawRows", "Reverb bus")


def _advice(confirmation: Confirmation) -> str:
    """What to do, after what the link says of it where that is more than the outcome."""
    if confirmation.outcome is Outcome.MOVED and confirmation.held == confirmation.change.old:
        return translate("DawRows", "The level of this track was moved there: left alone. Try again to set it anyway.")
    if confirmation.outcome is Outcome.MOVED:
        return translate("DawRows", "Somebody moved it there: left alone. Try again to set it anyway.")
    said = f"{confirmation.text[:1].upper()}{confirmation.text[1:]}. " if confirmation.text else ""
    return said + translate("DawRows", _ADVICE[confirmation.outcome])


def _ended_text(entry: Entry) -> str:
    if entry.undoes:
        return translate("DawRows", "put an earlier push back")
    if entry.is_undone and entry.kept:
        return in_english(translate("DawRows", "undone, but for %n value(s) moved since", "", entry.kept), entry.kept)
    if entry.is_undone:
        return translate("DawRows", "undone")
    if entry.outcomes is None:
        return translate("DawRows", "broken off")
    fine = sum(entry.outcomes.get(outcome.value, 0) for outcome in (Outcome.CONFIRMED, Outcome.UNCHANGED))
    failed = sum(entry.outcomes.values()) - fine
    if failed:
        return in_english(translate("DawRows", "%n value(s) not confirmed", "", failed), failed)
    return translate("DawRows", "confirmed")
