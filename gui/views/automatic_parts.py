"""The three cards of choices in the automatic mode: what may be changed, how it shall sound, what is written.

Contents: :class:`WhatCard`, :class:`HowCard`, :class:`OutputCard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from assistant.engineers.catalogue import ENGINEER_SUMMARIES
from assistant.mandate import GROUPS
from assistant.refinement.catalogue import GOAL_SUMMARIES
from gui.models.preferences import Preferences
from gui.translating import table_text
from gui.views.forms import ChoiceField, align_labels
from gui.views.sound_fields import ReferenceField, TargetField
from gui.views.theme import GAP, ROOMY, SNUG, TIGHT, mark, px, theme_signals
from gui.views.track_locks import TrackLocks

_LABEL = 84  # width of the labels at 100 %


class _Card(QFrame):
    """A card with a heading; ``body`` takes what belongs on it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        mark(self, "card")
        heading = QLabel(title, self)
        mark(heading, "heading")
        self.body = QVBoxLayout(self)
        self.body.addWidget(heading)
        theme_signals().theme_changed.connect(self.space)

    def space(self) -> None:
        """Take the distances of the theme; once the card is filled, and at every change."""
        self.body.setContentsMargins(px(ROOMY), px(GAP), px(ROOMY), px(ROOMY))
        self.body.setSpacing(px(GAP))
        for form in self.findChildren(QFormLayout):
            form.setSpacing(px(SNUG))
            align_labels(form, px(_LABEL))
        for grid in self.findChildren(QGridLayout):
            grid.setHorizontalSpacing(px(ROOMY))
            grid.setVerticalSpacing(px(TIGHT))


class WhatCard(_Card):
    """What may be changed, and which tracks stay as they are."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("WhatCard", "What may be changed"), parent)
        self._preferences = preferences
        self._boxes: dict[str, QCheckBox] = {}
        grid = QGridLayout()
        for place, (name, (label, tip)) in enumerate(self._groups().items()):
            box = QCheckBox(label, self)
            box.setToolTip(tip)
            box.setChecked(name in preferences.choices.delegated)
            box.toggled.connect(self._take)
            self._boxes[name] = box
            grid.addWidget(box, place // 3, place % 3)
        self.locks = TrackLocks(self)
        label = QLabel(self.tr("Tracks to keep as they are, beside what is locked in the mixer"), self)
        mark(label, "quiet")
        self.body.addLayout(grid)
        self.body.addWidget(label)
        self.body.addWidget(self.locks)
        self.space()

    def sections(self) -> frozenset[str] | None:
        """The groups that may be changed, None for all."""
        ticked = frozenset(name for name, box in self._boxes.items() if box.isChecked())
        return None if ticked == frozenset(GROUPS) else ticked

    def _groups(self) -> dict[str, tuple[str, str]]:
        return {
            "levels": (self.tr("Levels"), self.tr("Faders and trim: how loud each track stands in the mix")),
            "eq": (self.tr("EQ"), self.tr("High-pass and EQ: what each track leaves to the others")),
            "dynamics": (self.tr("Compression"), self.tr("Compressors: how even each track is over time")),
            "image": (self.tr("Pan and width"), self.tr("Where each track stands between left and right")),
            "reverb": (self.tr("Reverb"), self.tr("Sends, and the reverb they share: how far away things are")),
        }

    def _take(self) -> None:
        self._preferences.change(delegated=tuple(name for name, box in self._boxes.items() if box.isChecked()))


class HowCard(_Card):
    """Who mixes, towards what, how loud, and like which song."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("HowCard", "How it shall sound"), parent)
        self._preferences = preferences
        self.engineer, self._summary = ChoiceField(self), QLabel(self)
        for name in ENGINEER_SUMMARIES:
            self.engineer.addItem(name, name)
        self.engineer.setAccessibleName(self.tr("Engineer"))
        self.engineer.setToolTip(self.tr("Who proposes the mix; the line below says what each goes by"))
        mark(self._summary, "small")
        self.target, self.reference = TargetField(self), ReferenceField(self)
        self._form = QFormLayout()
        self._form.addRow(self.tr("Engineer"), self.engineer)
        self._form.addRow("", self._summary)
        self._form.addRow(self.tr("Loudness"), self.target)
        self._form.addRow(self.tr("Reference"), self.reference)
        self.body.addLayout(self._form)
        self._goals = self._goal_boxes()
        self.focus = ChoiceField(self)
        self.focus.setAccessibleName(self.tr("Track to come forward"))
        self.focus.setToolTip(self.tr("The track that is to stand further in front"))
        self.body.addWidget(self.focus)
        self._show_preferred()
        self.engineer.activated.connect(self._take)
        self.target.changed.connect(lambda lufs: preferences.change(target_lufs=lufs))
        preferences.changed.connect(self._show_preferred)
        self.space()

    def goals(self) -> tuple[str, ...]:
        """The goals that are ticked."""
        return tuple(name for name, box in self._goals.items() if box.isChecked())

    def focus_track(self) -> str | None:
        """The track that is to come forward, None for none."""
        return self.focus.currentText() or None if "focus" in self.goals() else None

    def set_tracks(self, names: Sequence[str]) -> None:
        """Another session's tracks."""
        kept = self.focus.currentText()
        self.focus.clear()
        self.focus.addItems(list(names))
        self.focus.setCurrentIndex(max(self.focus.findText(kept), 0) if names else -1)

    def _goal_boxes(self) -> dict[str, QCheckBox]:
        label = QLabel(self.tr("Refine it, by measuring again and again, towards"), self)
        mark(label, "quiet")
        self.body.addWidget(label)
        grid, boxes = QGridLayout(), {}
        for row, (name, summary) in enumerate(GOAL_SUMMARIES.items()):
            boxes[name] = QCheckBox(self._goal_label(name), self)
            boxes[name].setToolTip(table_text(summary))
            boxes[name].toggled.connect(self._take)
            explanation = QLabel(table_text(summary), self)
            explanation.setWordWrap(True)
            mark(explanation, "small")
            grid.addWidget(boxes[name], row, 0)
            grid.addWidget(explanation, row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        return boxes

    def _goal_label(self, name: str) -> str:
        labels = {
            "vocal": self.tr("Vocal in front"),
            "balance": self.tr("Balance"),
            "masking": self.tr("Clarity of the lead"),
            "tone": self.tr("Tone"),
            "headroom": self.tr("Headroom"),
            "focus": self.tr("One track in front"),
        }
        return labels.get(name, name)

    def _show_preferred(self) -> None:
        choices = self._preferences.choices
        self.engineer.setCurrentIndex(self.engineer.findData(choices.engineer))
        self._summary.setText(table_text(ENGINEER_SUMMARIES[choices.engineer]))
        self.target.set_lufs(choices.target_lufs)
        for name, box in self._goals.items():
            box.blockSignals(True)
            box.setChecked(name in choices.goals)
            box.blockSignals(False)
        self.focus.setVisible("focus" in choices.goals)

    def _take(self) -> None:
        self._preferences.change(engineer=str(self.engineer.currentData()), goals=self.goals())


class OutputCard(_Card):
    """What is written, and where."""

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(QCoreApplication.translate("OutputCard", "What is written"), parent)
        self._preferences = preferences
        choices = preferences.choices
        self._is_own = False
        self.folder = QLineEdit(self)
        self.folder.setAccessibleName(self.tr("Folder"))
        self.folder.setPlaceholderText(self.tr("Choose where the mix goes"))
        self.folder.setToolTip(self.tr("The mix, its stems and its report are written into this folder"))
        browse = QPushButton(self.tr("Browse…"), self)
        browse.setAccessibleName(self.tr("Choose the folder"))
        browse.setToolTip(self.tr("Choose the folder on this computer"))
        browse.clicked.connect(self._ask)
        self._depth = ChoiceField(self)
        for label, depth in (
            (self.tr("24 bit: for mastering and release"), "24"),
            (self.tr("16 bit: as on a CD, with dither"), "16"),
            (self.tr("32 bit float: nothing is rounded"), "float"),
        ):
            self._depth.addItem(label, depth)
        self._depth.setCurrentIndex(self._depth.findData(choices.bit_depth))
        self._depth.setAccessibleName(self.tr("Resolution"))
        self._depth.setToolTip(self.tr("How finely the audio files are written"))
        self._stems = self._box(self.tr("Stems"), self.tr("Every track as it sounds in the mix, one file each"))
        self._stems.setChecked(choices.writes_stems)
        self._report = self._box(self.tr("Report"), self.tr("A page that explains every decision, for any browser"))
        self._report.setChecked(choices.writes_report)
        self._place(browse)
        self.folder.textEdited.connect(self._hear_own)
        self._depth.activated.connect(self._take)
        for box in (self._stems, self._report):
            box.toggled.connect(self._take)
        self.space()

    def suggest_folder(self, folder: str, *, is_new_session: bool) -> None:
        """Show ``folder`` unless the user has named one for this session."""
        self._is_own = self._is_own and not is_new_session
        if not self._is_own:
            self.folder.setText(folder)

    @property
    def bit_depth(self) -> str:
        """ "16", "24" or "float"."""
        return str(self._depth.currentData())

    @property
    def writes_stems(self) -> bool:
        """Whether stems are wanted."""
        return self._stems.isChecked()

    @property
    def writes_report(self) -> bool:
        """Whether a report is wanted."""
        return self._report.isChecked()

    def _place(self, browse: QPushButton) -> None:
        row = QHBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(browse)
        boxes = QHBoxLayout()
        boxes.addWidget(self._stems)
        boxes.addWidget(self._report)
        boxes.addStretch(1)
        form = QFormLayout()
        form.addRow(self.tr("Folder"), row)
        form.addRow(self.tr("Resolution"), self._depth)
        form.addRow(self.tr("With"), boxes)
        self.body.addLayout(form)

    def _box(self, label: str, tip: str) -> QCheckBox:
        box = QCheckBox(label, self)
        box.setToolTip(tip)
        return box

    def _ask(self) -> None:
        start = self.folder.text() or self._preferences.choices.folder or str(Path.home())
        found = QFileDialog.getExistingDirectory(self, self.tr("Where the mix goes"), start)
        if found:
            self.folder.setText(found)
            self._hear_own()
            self._preferences.change(folder=str(Path(found).parent))

    def _hear_own(self) -> None:
        self._is_own = True

    def _take(self) -> None:
        self._preferences.change(
            bit_depth=self.bit_depth,
            writes_stems=self.writes_stems,
            writes_report=self.writes_report,
        )
