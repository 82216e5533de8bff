"""The preferences, changed while they are looked at: everything takes effect at once.

Contents: :class:`PreferencesDialog`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QShowEvent
from PyQt6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from assistant.engineers.catalogue import ENGINEER_SUMMARIES
from gui.models.preferences import Preferences
from gui.translating import table_text
from gui.views.daw_form import DawForm
from gui.views.forms import ChoiceField, TravelField, align_labels
from gui.views.sound_fields import TargetField
from gui.views.theme import GAP, ROOMY, SNUG, mark, px, theme_signals

_STEP_PERCENT = 25
_LABEL = 150  # width of the labels at 100 %


class PreferencesDialog(QDialog):
    """Stands beside the window and does not block it. ``daws`` and ``devices`` are (key, label) pairs."""

    def __init__(
        self,
        preferences: Preferences,
        daws: Sequence[tuple[str, str]],
        devices: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.setModal(False)
        self._preferences = preferences
        self._forms: list[QFormLayout] = []
        self._content = QWidget(self)
        self._column = QVBoxLayout(self._content)
        self._add_look()
        self._add_mixing()
        self._add_listening(devices)
        self._add_daw(daws)
        self._add_care()
        self._column.addStretch(1)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._scrolled(), 1)
        self._layout.addLayout(self._bottom())
        self._show_preferred()
        self._connect()
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def set_devices(self, devices: Sequence[tuple[str, str]]) -> None:
        """Another list of sound devices, as when one is plugged in; the system's own is always first."""
        self._device.blockSignals(True)
        self._device.clear()
        self._device.addItem(self.tr("The system's own"), "")
        for key, label in devices:
            self._device.addItem(label, key)
        wanted = self._preferences.choices.audio_device
        if wanted and self._device.findData(wanted) < 0:
            self._device.addItem(self.tr("{device} (not there now)").format(device=wanted), wanted)
        self._device.setCurrentIndex(self._device.findData(wanted))
        self._device.blockSignals(False)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Qt: show what is preferred by now."""
        self._show_preferred()
        super().showEvent(event)

    def _add_look(self) -> None:
        form = self._part(self.tr("Look"))
        self._theme = self._combo(
            self.tr("Theme"),
            self.tr("Dark for studios, light for daylight; or as the system has it"),
            ((self.tr("Dark"), "dark"), (self.tr("Light"), "light"), (self.tr("As the system"), "system")),
        )
        self._scale, self._scale_text = TravelField(Qt.Orientation.Horizontal, self), QLabel(self)
        self._scale.setRange(100 // _STEP_PERCENT, 200 // _STEP_PERCENT)
        self._scale.setPageStep(1)
        self._scale.setAccessibleName(self.tr("Size of text"))
        self._scale.setToolTip(self.tr("Makes everything larger, to be read from where you sit"))
        row = QHBoxLayout()
        row.addWidget(self._scale, 1)
        row.addWidget(self._scale_text)
        form.addRow(self.tr("Theme"), self._theme)
        form.addRow(self.tr("Size of text"), row)

    def _add_mixing(self) -> None:
        form = self._part(self.tr("Mixing"))
        self._engineer = self._combo(
            self.tr("Engineer"),
            self.tr("Who proposes the mix"),
            tuple((f"{name}: {table_text(summary)}", name) for name, summary in ENGINEER_SUMMARIES.items()),
        )
        self._target = TargetField(self)
        self._amount, self._amount_text = TravelField(Qt.Orientation.Horizontal, self), QLabel(self)
        self._amount.setRange(0, 100)
        self._amount.setPageStep(10)
        self._amount.setAccessibleName(self.tr("Amount to begin with"))
        self._amount.setToolTip(self.tr("How much of each suggestion is taken, until you say otherwise on a strip"))
        row = QHBoxLayout()
        row.addWidget(self._amount, 1)
        row.addWidget(self._amount_text)
        form.addRow(self.tr("Engineer"), self._engineer)
        form.addRow(self.tr("Loudness"), self._target)
        form.addRow(self.tr("Amount to begin with"), row)

    def _add_listening(self, devices: Sequence[tuple[str, str]]) -> None:
        form = self._part(self.tr("Listening"))
        self._device = self._combo(self.tr("Sound device"), self.tr("Where the mix is played"), ())
        self.set_devices(devices)
        form.addRow(self.tr("Sound device"), self._device)

    def _add_daw(self, daws: Sequence[tuple[str, str]]) -> None:
        form = self._part(self.tr("Your DAW"))
        form.addRow(DawForm(self._preferences, daws, self, label_px=_LABEL))

    def _add_care(self) -> None:
        form = self._part(self.tr("Care"))
        self._autosaves = QCheckBox(self.tr("Keep my decisions as I go"), self)
        self._autosaves.setToolTip(self.tr("After a crash or a power cut the session comes back as it was"))
        form.addRow(self._autosaves)

    def _connect(self) -> None:
        change = self._preferences.change
        self._theme.activated.connect(lambda: change(theme=self._theme.currentData()))
        self._scale.valueChanged.connect(lambda step: change(text_scale=step * _STEP_PERCENT / 100.0))
        self._engineer.activated.connect(lambda: change(engineer=self._engineer.currentData()))
        self._target.changed.connect(lambda lufs: change(target_lufs=lufs))
        self._amount.valueChanged.connect(lambda percent: change(amount=percent / 100.0))
        self._device.activated.connect(lambda: change(audio_device=self._device.currentData()))
        self._autosaves.toggled.connect(lambda is_on: change(autosaves=is_on))
        self._preferences.changed.connect(self._show_preferred)

    def _show_preferred(self) -> None:
        choices = self._preferences.choices
        for box, value in ((self._theme, choices.theme), (self._engineer, choices.engineer)):
            box.setCurrentIndex(box.findData(value))
        self._device.setCurrentIndex(max(self._device.findData(choices.audio_device), 0))
        self._target.set_lufs(choices.target_lufs)
        percent = round(100 * choices.text_scale)
        for slider, place in ((self._scale, percent // _STEP_PERCENT), (self._amount, round(100 * choices.amount))):
            slider.blockSignals(True)
            slider.setValue(place)
            slider.blockSignals(False)
        self._scale_text.setText(f"{percent} %")
        self._amount_text.setText(f"{choices.amount:.0%}".replace("%", " %"))
        self._autosaves.blockSignals(True)
        self._autosaves.setChecked(choices.autosaves)
        self._autosaves.blockSignals(False)

    def _part(self, title: str) -> QFormLayout:
        heading = QLabel(title, self._content)
        mark(heading, "heading")
        form = QFormLayout()
        self._column.addWidget(heading)
        self._column.addLayout(form)
        self._forms.append(form)
        return form

    def _combo(self, name: str, tip: str, items: Sequence[tuple[str, str]]) -> QComboBox:
        box = ChoiceField(self)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(16)
        for label, key in items:
            box.addItem(label, key)
        return box

    def _scrolled(self) -> QScrollArea:
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._content)
        return scroll

    def _bottom(self) -> QHBoxLayout:
        defaults = QPushButton(self.tr("Restore defaults"), self)
        defaults.setToolTip(self.tr("Everything on this page as it was at first; your recent sessions stay"))
        defaults.setAutoDefault(False)
        defaults.clicked.connect(self._preferences.restore_defaults)
        close = QPushButton(self.tr("Close"), self)
        close.setToolTip(self.tr("What you changed is kept already"))
        close.clicked.connect(self.close)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(defaults)
        self._buttons.addStretch(1)
        self._buttons.addWidget(close)
        return self._buttons

    def _dress(self) -> None:
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._column.setContentsMargins(px(ROOMY), px(ROOMY), px(ROOMY), px(ROOMY))
        self._column.setSpacing(px(SNUG))
        self._buttons.setContentsMargins(px(ROOMY), px(GAP), px(ROOMY), px(GAP))
        for form in self._forms:
            form.setContentsMargins(0, 0, 0, px(ROOMY))
            form.setHorizontalSpacing(px(SNUG))
            form.setVerticalSpacing(px(GAP))
            align_labels(form, px(_LABEL))
        for label in (self._scale_text, self._amount_text):
            label.setMinimumWidth(px(56))
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        screen = self.screen()
        room = screen.availableSize() if screen is not None else self.size()
        self.resize(min(px(620), room.width()), min(px(720), room.height()))
