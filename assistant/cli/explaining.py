"""Reasons in the terminal: ``mixassist explain``."""

from __future__ import annotations

from assistant.analysis.sections import SECTION_BY_NAME
from assistant.audio.formats import printable
from assistant.cli.terminal import Terminal
from assistant.insight.values import Card, Insight, Reason
from assistant.report.words import role_text
from assistant.wording import count_text

_WIDTH = 11


def show_insight(insight: Insight, track: str | None, terminal: Terminal) -> None:
    """The observations and every track's reasons, or those of ``track`` alone."""
    observations = [o for o in insight.observations if track is None or track in o.tracks]
    if observations:
        terminal.result("To look at first")
        for observation in observations:
            terminal.paragraph(printable(observation.text))
            if observation.advice:
                terminal.paragraph(f"  {printable(observation.advice)}")
    for card in insight.cards:
        if track is None or card.name == track:
            _show_card(card, terminal)


def show_proof(insight: Insight, terminal: Terminal) -> None:
    """One line of how the proposal came out of its verification, and one for every change that was held back."""
    reasons = [reason for card in insight.cards for reason in card.reasons]
    weak = sum(reason.standing == "weak" for reason in reasons)
    withheld = [reason for reason in reasons if reason.standing == "withheld"]
    spans = ", ".join(span.text for span in insight.verification.spans)
    text = f"Verified: {count_text(len(reasons), 'change')} measured at {spans}"
    terminal.result(f"\n{text}" + (f"; {weak} of them hardly to be heard" if weak else ""))
    for reason in withheld:
        terminal.paragraph(f"held back: {held_back_text(reason)}")
    for observation in insight.observations:
        terminal.paragraph(f"{observation.kind}: {printable(observation.text)}")


def held_back_text(reason: Reason) -> str:
    """What was not changed, and why."""
    label = SECTION_BY_NAME[reason.section].label.lower()
    return f"{label} of {printable(reason.track)}: {reason.why} ({reason.effect.sentence})"


def _show_card(card: Card, terminal: Terminal) -> None:
    role = role_text(card.new)
    sure = f", {card.new.role_confidence:.0%} sure" if role else ""
    terminal.result(f"\n{printable(card.name)}" + (f": {role}{sure}" if role else ""))
    if card.alternative is not None:
        terminal.paragraph(printable(card.alternative.sentence))
    if not card.reasons:
        terminal.paragraph("left as it is")
    for reason in card.reasons:
        _show_reason(reason, terminal)


def _show_reason(reason: Reason, terminal: Terminal) -> None:
    label = SECTION_BY_NAME[reason.section].label
    mark = {"shown": "", "weak": f" (weak: {reason.why})", "withheld": f" (held back: {reason.why})"}[reason.standing]
    terminal.result(f"  {label}{mark}")
    rows = (
        ("heard", reason.heard),
        ("did", reason.did),
        ("effect", reason.effect.sentence),
        ("why", reason.because_text),
        ("sure", reason.confidence.sentence if reason.confidence is not None else ""),
        ("moves", reason.sensitivity),
        *(("or else", text) for text in reason.alternatives),
    )
    for name, text in rows:
        if text and (reason.standing == "shown" or name in ("did", "effect") or terminal.is_verbose):
            terminal.paragraph(f"  {name:<{_WIDTH - 2}}{printable(text)}")
