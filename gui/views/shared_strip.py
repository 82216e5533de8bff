"""The strip of all tracks: how many are decided, what holds for all, and the reverb bus and the master.

Contents: :class:`SharedState`, :class:`SharedStrip`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtCore import QSize, Qt, pyqtSignal
from PyQt6.QtGui import QPalette, QResizeEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from assistant.decisions import PARTS
from gui.translating import table_text
from gui.views.buttons import SignButton
from gui.views.icons import icon
from gui.views.lamps import PART_LETTERS
from gui.views.theme import colours, mark, px

_LEGEND_FROM = 560  # px at 100 %


@dataclass(frozen=True)
class SharedState:
    """What is shown of bus and master: the ``decision``, whether anything is proposed, and each in words."""

    decision: str = "pending"
    is_changed: bool = False
    reverb: str = ""
    master: str = ""


class SharedStrip(QScrollArea):
    """See the module. It scrolls where the window is low."""

    all_decided = pyqtSignal(str)
    shared_decided = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = QFrame(self)
        self._inside.setAutoFillBackground(True)
        self._inside.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self._state, self._has_any = SharedState(), False
        self.title = QLabel(self.tr("All tracks"), self._inside)
        mark(self.title, "heading")
        self.counts = QLabel(self._inside)
        mark(self.counts, "small")
        self.counts.setWordWrap(True)
        self.accept_all = self._button(
            self.tr("Accept all"), self.tr("Accept everything that is not locked, bus and master included."), "accepted"
        )
        self.reject_all = self._button(
            self.tr("Reject all"), self.tr("Reject everything that is not locked, bus and master included."), "rejected"
        )
        self.reset_all = self._button(self.tr("Leave open"), self.tr("Take back every decision."), "pending")
        self._make_shared()
        self._make_legend()
        self._arrange()
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.restyle()
        self.set_counts({})
        self.set_state(SharedState())

    def _button(self, text: str, teaching: str, decision: str) -> QPushButton:
        button = QPushButton(text, self._inside)
        button.setToolTip(teaching)
        button.setAccessibleName(text)
        button.clicked.connect(lambda: self.all_decided.emit(decision))
        return button

    def _make_shared(self) -> None:
        self.shared_title = QLabel(self.tr("Reverb and master"), self._inside)
        mark(self.shared_title, "strong")
        self.shared_title.setWordWrap(True)
        self.accept = SignButton("check", "accepted", self._inside)
        self.reject = SignButton("cross", "rejected", self._inside)
        self.accept.setToolTip(self.tr("Accept the reverb bus and the master as proposed; again to leave them open."))
        self.reject.setToolTip(self.tr("Keep the reverb bus and the master as they are; again to leave them open."))
        self.accept.say(self.tr("Reverb and master: accept"))
        self.reject.say(self.tr("Reverb and master: reject"))
        self.accept.clicked.connect(lambda: self._decide("accepted"))
        self.reject.clicked.connect(lambda: self._decide("rejected"))
        self.reverb, self.master = QLabel(self._inside), QLabel(self._inside)
        for label in (self.reverb, self.master):
            mark(label, "small")
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)

    def _make_legend(self) -> None:
        self.legend = QLabel(self._inside)
        mark(self.legend, "small")
        parts = "\n".join(f"{PART_LETTERS[part]}  {table_text(label)}" for part, (label, _) in PARTS.items())
        marks = self.tr("Blue is proposed,\nan outlined cap where\nthe fader would go.\nUnderlined: set by hand.")
        self.legend.setText(f"{parts}\n\n{marks}")
        self.legend.setAccessibleName(self.tr("What the letters on the strips mean"))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: the legend goes first where there is no room."""
        super().resizeEvent(event)
        self.legend.setVisible(self.height() >= px(_LEGEND_FROM))

    def _arrange(self) -> None:
        layout = QVBoxLayout(self._inside)
        self._line = QFrame(self._inside)
        mark(self._line, "line")
        signs = QHBoxLayout()
        signs.addWidget(self.accept)
        signs.addWidget(self.reject)
        for widget in (self.title, self.counts, self.accept_all, self.reject_all, self.reset_all, self._line):
            layout.addWidget(widget)
        layout.addWidget(self.shared_title)
        layout.addLayout(signs)
        layout.addWidget(self.reverb)
        layout.addWidget(self.master)
        layout.addStretch(1)
        layout.addWidget(self.legend)

    def restyle(self) -> None:
        """The theme or the scale has changed."""
        layout = self._inside.layout()
        assert layout is not None
        layout.setContentsMargins(px(12), px(10), px(12), px(10))
        layout.setSpacing(px(8))
        self.setFixedWidth(px(158))
        for sign in (self.accept, self.reject):
            sign.setFixedHeight(px(26))
        for button, name, colour in (
            (self.accept_all, "check", colours().accepted),
            (self.reject_all, "cross", colours().rejected),
            (self.reset_all, "ring", colours().proposed),
        ):
            button.setIcon(icon(name, colour, px(16)))
            button.setIconSize(QSize(px(14), px(14)))
        self.update()

    def set_counts(self, counts: Mapping[str, int]) -> None:
        """How many tracks stand how, by ``Strip.decision``."""
        parts = [
            self.tr("%n to decide", "", counts.get("pending", 0) + counts.get("partly", 0)),
            self.tr("%n accepted", "", counts.get("accepted", 0)),
            self.tr("%n rejected", "", counts.get("rejected", 0)),
        ]
        has_any = any(counts.get(name) for name in ("pending", "partly", "accepted", "rejected"))
        text = "\n".join(parts) if has_any else self.tr("Nothing proposed yet.\nCtrl+P: listen and propose.")
        if text != self.counts.text():
            self.counts.setText(text)
        self._has_any = has_any
        self._enable()

    def _enable(self) -> None:
        for button in (self.accept_all, self.reject_all, self.reset_all):
            button.setEnabled(self._has_any or self._state.is_changed)

    def set_state(self, state: SharedState) -> None:
        """Show bus and master."""
        self._state = state
        self._enable()
        self.accept.show_state(state.decision == "accepted", state.is_changed)
        self.reject.show_state(state.decision == "rejected", state.is_changed)
        self.reverb.setText(self.tr("Reverb: {}").format(state.reverb) if state.reverb else "")
        self.master.setText(self.tr("Master: {}").format(state.master) if state.master else "")

    def _decide(self, decision: str) -> None:
        self.shared_decided.emit("pending" if self._state.decision == decision else decision)
