"""Which DAW to talk to, and where it listens.

Contents: :class:`DawForm`.
"""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QFormLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from gui.models.preferences import Preferences
from gui.views.forms import ChoiceField, CountField, align_labels
from gui.views.theme import SNUG, px, theme_signals


class DawForm(QWidget):
    """The kind of DAW, and under "more" its host and ports; what is chosen is preferred from then on.

    Labels are ``label_px`` wide at 100 %.
    """

    edited = pyqtSignal()

    def __init__(
        self,
        preferences: Preferences,
        daws: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        *,
        label_px: int = 84,
    ) -> None:
        super().__init__(parent)
        self._preferences, self._label = preferences, label_px
        self.kind = ChoiceField(self)
        self.kind.setAccessibleName(self.tr("DAW"))
        self.kind.setToolTip(self.tr("The program that plays your session; it must be running with OSC switched on"))
        for key, label in daws:
            self.kind.addItem(label, key)
        self.more = QWidget(self)
        self._form = QFormLayout(self.more)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._host = QLineEdit(self)
        self._host.setAccessibleName(self.tr("Host"))
        self._host.setToolTip(self.tr("The computer it runs on; 127.0.0.1 is this one"))
        self._port = self._port_box(self.tr("Port"), self.tr("Where the DAW listens for OSC, as its preferences show"))
        self._reply_port = self._port_box(
            self.tr("Reply port"), self.tr("Where the DAW sends its answers, if that is fixed in its preferences")
        )
        for label, field in (
            (self.tr("Host"), self._host),
            (self.tr("Port"), self._port),
            (self.tr("Reply port"), self._reply_port),
        ):
            self._form.addRow(label, field)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self.kind)
        self._layout.addWidget(self.more)
        self.show_preferred()
        self.kind.activated.connect(self._take)
        self._host.editingFinished.connect(self._take)
        for box in (self._port, self._reply_port):
            box.valueChanged.connect(self._take)
        preferences.changed.connect(self._hear_change)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def show_more(self, is_shown: bool) -> None:
        """Show or hide host and ports."""
        self.more.setVisible(is_shown)

    def options(self) -> dict[str, object]:
        """Where it listens: ``host``, ``port`` and ``reply_port``, None for the usual ones."""
        ports = {"port": self._port.value() or None, "reply_port": self._reply_port.value() or None}
        return {"host": self._host.text().strip() or "127.0.0.1", **ports}

    def show_preferred(self) -> None:
        """Show what is preferred."""
        choices = self._preferences.choices
        self.blockSignals(True)
        for box, value in ((self._port, choices.daw_port), (self._reply_port, choices.daw_reply_port)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self.kind.setCurrentIndex(max(self.kind.findData(choices.daw), 0))
        self._host.setText(choices.daw_host)
        self.blockSignals(False)

    def _take(self) -> None:
        host = str(self.options()["host"])
        self._preferences.change(
            daw=str(self.kind.currentData() or ""),
            daw_host=host,
            daw_port=self._port.value(),
            daw_reply_port=self._reply_port.value(),
        )
        self.edited.emit()

    def _hear_change(self, names: frozenset[str]) -> None:
        if any(name.startswith("daw") for name in names):
            self.show_preferred()

    def _port_box(self, name: str, tip: str) -> QSpinBox:
        box = CountField(self)
        box.setRange(0, 65_535)
        box.setKeyboardTracking(False)
        box.setSpecialValueText(self.tr("usual"))
        box.setAccessibleName(name)
        box.setToolTip(tip)
        return box

    def _dress(self) -> None:
        self._layout.setSpacing(px(SNUG))
        self._form.setSpacing(px(SNUG))
        align_labels(self._form, px(self._label))
