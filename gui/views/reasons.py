"""Why a track is set as it is: a card for each reason, strongest first, with its measured effect and its decision.

What can hardly be heard is folded away; what was held back, or no longer stands as it was proposed, says why.

Contents: :class:`Reasons`, :class:`ReasonCard`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from assistant.decisions import PARTS
from gui.models.strips import PartState, Strip
from gui.views.bars import ShareBar
from gui.views.icons import icon, pixmap
from gui.views.insight_panel import hold_height
from gui.views.shown import colours, px, theme_signals
from gui.views.theme import GAP, SNUG, TIGHT, mark
from gui.workshop.values import ReasonText

#: The part of a strip that each section is decided with.
PART_OF_SECTION: dict[str, str] = {section: part for part, (_, sections) in PARTS.items() for section in sections}
#: The sign of a reason that does not simply hold.
_SIGNS = {"weak": "dash", "withheld": "warning", "changed": "undo", "locked": "lock", "rejected": "cross"}


class ReasonCard(QFrame):
    """One reason. ``decided`` carries what is decided, "accepted", "rejected" or "pending", and of which part."""

    decided = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        self.reason: ReasonText | None = None
        self._part: PartState | None = None
        self._sign, self._title, self._tag = QLabel(self), QLabel(self), QLabel(self)
        self._did, self._figure, self._effect = QLabel(self), QLabel(self), QLabel(self)
        self._heard, self._because, self._why = QLabel(self), QLabel(self), QLabel(self)
        self._sure, self._bar, self._more_text = QLabel(self), ShareBar(self), QLabel(self)
        self.accept, self.reject, self.more = QPushButton(self), QPushButton(self), QToolButton(self)
        self._dress()
        self._place()
        self._connect()
        self.recolour()

    def _dress(self) -> None:
        for label, look in (
            (self._title, "heading"),
            (self._tag, "warning"),
            (self._did, "strong"),
            (self._figure, "strong"),
            (self._effect, "quiet"),
            (self._why, "warning"),
            (self._because, "quiet"),
            (self._sure, "small"),
            (self._more_text, "quiet"),
        ):
            mark(label, look)
        for label in (self._did, self._effect, self._heard, self._because, self._why, self._sure, self._more_text):
            label.setWordWrap(True)
        self._more_text.hide()
        self._bar.setToolTip(self.tr("How often such changes were right on songs nobody had tuned them to"))
        self.more.setText(self.tr("More"))
        self.more.setCheckable(True)
        self.more.setToolTip(self.tr("What else could have been done, and what a small move of it would do"))
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        mark(self.more, "flat")
        for button in (self.accept, self.reject):
            button.setCheckable(True)

    def _place(self) -> None:
        head, foot, sure = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        for widget in (self._sign, self._title, self._tag):
            head.addWidget(widget)
        head.addStretch(1)
        head.addWidget(self._figure)
        sure.addWidget(self._bar)
        sure.addWidget(self._sure, 1)
        for button in (self.accept, self.reject):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self.more)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(SNUG))
        column.setSpacing(px(TIGHT))
        column.addLayout(head)
        for label in (self._did, self._heard, self._effect, self._because, self._why):
            column.addWidget(label)
        column.addLayout(sure)
        column.addWidget(self._more_text)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.more.toggled.connect(self._more_text.setVisible)
        self.more.toggled.connect(self.recolour)
        self.accept.clicked.connect(lambda is_on: self._decide("accepted" if is_on else "pending"))
        self.reject.clicked.connect(lambda is_on: self._decide("rejected" if is_on else "pending"))
        theme_signals().theme_changed.connect(self.recolour)

    def _decide(self, decision: str) -> None:
        if self._part is not None:
            self.show_part(self._part)  # the buttons follow the decision, not the click
            self.decided.emit(decision, self._part.name)

    # --- what is shown

    def show_reason(self, reason: ReasonText) -> None:
        """Show another reason, or the same as it stands now."""
        if reason == self.reason:
            return
        if self.reason is None or reason.section != self.reason.section:
            self.more.setChecked(False)
        self.reason = reason
        self._title.setText(reason.label)
        self._figure.setText(_figure_text(reason))
        for label, text in (
            (self._did, reason.did),
            (self._heard, reason.heard),
            (self._effect, self.tr("Measured: {}").format(reason.effect) if reason.effect else ""),
            (self._because, reason.because),
            (self._why, reason.why),
            (self._sure, reason.confidence_text),
        ):
            label.setText(_sentence(text))
            label.setVisible(bool(text))
        self._bar.setVisible(reason.confidence is not None)
        self._bar.show_share(reason.confidence or 0.0)
        more = [*reason.alternatives, *((reason.sensitivity,) if reason.sensitivity else ())]
        self._more_text.setText("\n".join(f"• {_sentence(text)}" for text in more))
        self.more.setVisible(bool(more))
        self._describe(reason)
        self.recolour()

    def _describe(self, reason: ReasonText) -> None:
        self.setAccessibleName(self.tr("Reason: {}").format(reason.label))
        words = (reason.did, reason.heard, reason.effect, reason.because, reason.why, reason.confidence_text)
        self.setAccessibleDescription(". ".join(text for text in words if text))

    def show_part(self, part: PartState | None) -> None:
        """Show what is decided of the part that the reason belongs to."""
        self._part = part
        self._show_standing()
        can_decide = part is not None and part.is_changed and not part.is_locked
        is_held = self.reason is not None and self.reason.standing == "withheld"
        for button in (self.accept, self.reject):
            button.setVisible(part is not None and part.is_changed and not is_held)
            button.setEnabled(can_decide)
        if part is None:
            return
        self.accept.setChecked(part.decision == "accepted")
        self.reject.setChecked(part.decision == "rejected")
        is_accepted, is_rejected = part.decision == "accepted", part.decision == "rejected"
        self.accept.setText((self.tr("{} accepted") if is_accepted else self.tr("Accept {}")).format(part.label))
        self.reject.setText(self.tr("Rejected") if is_rejected else self.tr("Reject"))
        lock = self.tr(" It is locked: unlock it on its strip first.") if part.is_locked else ""
        self.accept.setToolTip(self.tr("Take all that is proposed for: {}.").format(part.label) + lock)
        self.reject.setToolTip(self.tr("Leave as it was: {}.").format(part.label) + lock)
        self.accept.setAccessibleName(self.tr("Accept {}").format(part.label))
        self.reject.setAccessibleName(self.tr("Reject {}").format(part.label))

    def recolour(self) -> None:
        """Draw signs in the theme's colours."""
        now = colours()
        self.accept.setIcon(icon("check", now.accepted))
        self.reject.setIcon(icon("cross", now.rejected))
        self.more.setIcon(icon("down" if self.more.isChecked() else "right"))
        self._show_standing()

    def _show_standing(self) -> None:
        """Say how the reason stands; of what the user has decided against, that they have."""
        standing = "shown" if self.reason is None else self.reason.standing
        if standing == "changed" and self._part is not None and not self._stands():
            standing = "locked" if self._part.is_locked else "rejected"
        tags = {
            "weak": self.tr("hardly audible"),
            "withheld": self.tr("held back"),
            "changed": self.tr("no longer as proposed"),
            "locked": self.tr("locked: it stays as it was"),
            "rejected": self.tr("rejected: it stays as it was"),
        }
        self._tag.setText(tags.get(standing, ""))
        self._why.setVisible(bool(self._why.text()) and standing not in ("locked", "rejected"))
        name = _SIGNS.get(standing, "")
        self._sign.setVisible(bool(name))
        if name:
            self._sign.setPixmap(pixmap(name, px(16), colours().warning))

    def _stands(self) -> bool:
        """Whether the part could be as proposed."""
        return self._part is not None and not self._part.is_locked and self._part.decision != "rejected"


class Reasons(QWidget):
    """All reasons of a track. ``decided`` carries what is decided and of which part."""

    decided = pyqtSignal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Why"))
        self._note = QLabel(self)
        self._note.setWordWrap(True)
        mark(self._note, "quiet")
        self.fold = QToolButton(self)
        self.fold.setCheckable(True)
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setToolTip(self.tr("Changes that are true, but that hardly anybody would hear"))
        mark(self.fold, "flat")
        self.fold.toggled.connect(self._show_fold)
        self._strong, self._weak = QVBoxLayout(), QVBoxLayout()
        self.cards: list[ReasonCard] = []
        self._weak_cards: list[ReasonCard] = []
        self._weak_count = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(SNUG))
        for part in (self._strong, self._weak):
            part.setSpacing(px(SNUG))
        column.addWidget(self._note)
        column.addLayout(self._strong)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(self._weak)
        theme_signals().theme_changed.connect(self._show_fold)
        self._parts: Mapping[str, PartState] = {}
        self._show_fold()
        self.show_reasons(None)

    def show_reasons(self, reasons: Sequence[ReasonText] | None) -> None:
        """Show ``reasons``; None while they are measured, with as much room as before."""
        hold_height(self, is_held=reasons is None)
        self._note.setVisible(not reasons)
        self._note.setText(
            self.tr("Measuring what each change does …")
            if reasons is None
            else self.tr("Nothing is changed on this track.")
        )
        strong = [reason for reason in reasons or () if reason.standing != "weak"]
        weak = [reason for reason in reasons or () if reason.standing == "weak"]
        self._fill(self.cards, self._strong, strong)
        self._fill(self._weak_cards, self._weak, weak)
        self._weak_count = len(weak)
        self.fold.setVisible(bool(weak))
        text = self.tr("{} more, hardly audible").format(len(weak))
        if text != self.fold.text():
            self.fold.setText(text)
        self._show_weak()
        for number, card in enumerate(self.cards):
            card.setVisible(number < len(strong))

    def show_strip(self, strip: Strip) -> None:
        """Show what is decided of the track's parts."""
        parts = {part.name: part for part in strip.parts}
        if parts != self._parts:
            self._parts = parts
            for card in (*self.cards, *self._weak_cards):
                self._show_part(card)

    def _fill(self, cards: list[ReasonCard], layout: QVBoxLayout, reasons: Sequence[ReasonText]) -> None:
        while len(cards) < len(reasons):
            card = ReasonCard(self)
            card.hide()
            card.decided.connect(self.decided)
            layout.addWidget(card)
            cards.append(card)
        for card, reason in zip(cards, reasons, strict=False):
            card.show_reason(reason)
            self._show_part(card)

    def _show_part(self, card: ReasonCard) -> None:
        if card.reason is not None:
            card.show_part(self._parts.get(PART_OF_SECTION.get(card.reason.section, "")))

    def _show_fold(self) -> None:
        self.fold.setIcon(icon("down" if self.fold.isChecked() else "right"))
        self._show_weak()

    def _show_weak(self) -> None:
        for number, card in enumerate(self._weak_cards):
            card.setVisible(self.fold.isChecked() and number < self._weak_count)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _figure_text(reason: ReasonText) -> str:
    if not (math.isfinite(reason.before) and math.isfinite(reason.after)):
        return ""
    scale, decimals = (100.0, 0) if reason.unit == "%" else (1.0, 1)
    was, now = (f"{round(value * scale, decimals) + 0.0:.{decimals}f}" for value in (reason.before, reason.after))
    return f"{was} → {now} {reason.unit}".rstrip()
