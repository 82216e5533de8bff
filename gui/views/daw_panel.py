"""The DAW at a glance: how it stands, what it was not seen to take over, every push so far, and what a check found.

It shows plain values and emits what was asked for; it knows no protocol.

Contents: :class:`DawPanel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.models.daw_values import DawState, FindingRow, HistoryRow, UnconfirmedRow
from gui.views.daw_lamp import lamp_colour, lamp_sign, state_text, state_tip
from gui.views.daw_tables import HistoryPart, UnconfirmedPart
from gui.views.icons import pixmap
from gui.views.theme import GAP, SNUG, TIGHT, colours, mark, px, theme_signals


class DawPanel(QWidget):
    """See the module."""

    #: Keys (track, parameter) of what to set once more, or to leave as the DAW has it.
    try_again_asked = pyqtSignal(tuple)
    leave_asked = pyqtSignal(tuple)
    #: The id of the push to undo, "" for the last one.
    undo_asked = pyqtSignal(str)
    take_back_asked = pyqtSignal()
    leave_pending_asked = pyqtSignal()
    cancel_asked = pyqtSignal()
    doctor_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = DawState()
        self._head = _Head(self)
        self._pending = _Pending(self)
        self._unconfirmed, self._history, self._check = UnconfirmedPart(self), HistoryPart(self), _Check(self)
        self._tabs = QTabWidget(self)
        self._tabs.setAccessibleName(self.tr("What the DAW was told"))
        for part, title in (
            (self._unconfirmed, self.tr("Not confirmed")),
            (self._history, self.tr("Pushes")),
            (self._check, self.tr("Connection")),
        ):
            self._tabs.addTab(part, title)
        self._layout = QVBoxLayout(self)
        for widget, stretch in ((self._head, 0), (self._pending, 0), (self._tabs, 1)):
            self._layout.addWidget(widget, stretch)
        self._connect()
        theme_signals().theme_changed.connect(self._space)
        self._space()

    def show_state(self, state: DawState) -> None:
        """Another state of the link."""
        if state != self._state:
            self._state = state
            self._head.show_state(state)
            self._check.show_state(state)

    def show_report(self, rows: Sequence[UnconfirmedRow]) -> None:
        """What was not confirmed so far."""
        self._unconfirmed.show_rows(rows)
        title = self.tr("Not confirmed ({count})").format(count=len(rows)) if rows else self.tr("Not confirmed")
        self._tabs.setTabText(self._tabs.indexOf(self._unconfirmed), title)

    def show_history(self, rows: Sequence[HistoryRow]) -> None:
        """The pushes so far, the latest first."""
        self._history.show_rows(rows)

    def show_pending(self, rows: Sequence[HistoryRow]) -> None:
        """Pushes that were broken off by a crash, none to show nothing of it."""
        self._pending.show_rows(rows)

    def show_progress(self, share: float | None, text: str = "") -> None:
        """So much (0..1) of a push is done; None when none is under way."""
        self._head.show_progress(share, text)

    def show_checking(self) -> None:
        """The check has begun."""
        self._check.show_checking()

    def show_findings(self, rows: Sequence[FindingRow]) -> None:
        """What the check found, nothing where all is well."""
        self._check.show_findings(rows)
        self._tabs.setCurrentWidget(self._check)

    def _connect(self) -> None:
        self._unconfirmed.try_again_asked.connect(self.try_again_asked)
        self._unconfirmed.leave_asked.connect(self.leave_asked)
        self._history.undo_asked.connect(self.undo_asked)
        self._pending.take_back_asked.connect(self.take_back_asked)
        self._pending.leave_asked.connect(self.leave_pending_asked)
        self._head.cancel_asked.connect(self.cancel_asked)
        self._check.asked.connect(self.doctor_asked)

    def _space(self) -> None:
        self._layout.setContentsMargins(px(GAP), px(GAP), px(GAP), px(GAP))
        self._layout.setSpacing(px(GAP))


class _Head(QWidget):
    """How the link stands, and how far a push is."""

    cancel_asked = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._state = DawState()
        self._lamp, self._title, self._says = QLabel(self), QLabel(self), QLabel(self)
        mark(self._title, "heading")
        self._says.setWordWrap(True)
        mark(self._says, "quiet")
        self._bar = QProgressBar(self)
        self._bar.setRange(0, 100)
        self._bar.setAccessibleName(self.tr("Progress of setting the DAW"))
        self._cancel = QPushButton(self.tr("&Stop"), self)
        self._cancel.setToolTip(self.tr("Send nothing more; what is set already is read back and can be undone"))
        self._cancel.clicked.connect(self.cancel_asked)
        self._top, self._busy, self._layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self._top.addWidget(self._lamp)
        self._top.addWidget(self._title, 1)
        self._busy.addWidget(self._bar, 1)
        self._busy.addWidget(self._cancel)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self._says)
        self._layout.addLayout(self._busy)
        theme_signals().theme_changed.connect(self._dress)
        self.show_progress(None)
        self._dress()

    def show_state(self, state: DawState) -> None:
        """Another state of the link."""
        self._state = state
        self._dress()

    def show_progress(self, share: float | None, text: str = "") -> None:
        """So much of a push is done, or none is under way."""
        for widget in (self._bar, self._cancel):
            widget.setVisible(share is not None)
        if share is not None:
            self._bar.setValue(round(100 * min(max(share, 0.0), 1.0)))
            self._bar.setFormat(f"{text} %p %".strip())

    def _dress(self) -> None:
        self._title.setText(state_text(self._state))
        self._says.setText(state_tip(replace(self._state, pending_push=False)))  # a card of its own says that
        self._lamp.setPixmap(pixmap(lamp_sign(self._state), px(18), lamp_colour(self._state)))
        self._lamp.setAccessibleName(state_text(self._state))
        self._layout.setSpacing(px(TIGHT))
        for row in (self._top, self._busy):
            row.setSpacing(px(SNUG))


class _Pending(QFrame):
    """A push that a crash broke off."""

    take_back_asked = pyqtSignal()
    leave_asked = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        mark(self, "card")
        self._sign, self._says = QLabel(self), QLabel(self)
        self._says.setWordWrap(True)
        take_back = QPushButton(self.tr("Take it &back"), self)
        take_back.setToolTip(self.tr("Bring back what the DAW held before; what was moved since stays as it is"))
        take_back.clicked.connect(self.take_back_asked)
        leave = QPushButton(self.tr("&Keep it"), self)
        leave.setToolTip(self.tr("Leave the DAW as it stands; it can still be undone under Pushes"))
        leave.clicked.connect(self.leave_asked)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._sign)
        self._layout.addWidget(self._says, 1)
        self._layout.addWidget(take_back)
        self._layout.addWidget(leave)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self.hide()

    def show_rows(self, rows: Sequence[HistoryRow]) -> None:
        """Say of when it is; hidden where there is none."""
        if rows:
            text = self.tr("A push of {when} ({what}) was broken off: the DAW may hold a part of it.")
            self._says.setText(text.format(when=rows[0].when, what=rows[0].what))
        self.setVisible(bool(rows))

    def _dress(self) -> None:
        self._sign.setPixmap(pixmap("warning", px(18), colours().warning))
        self._layout.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(SNUG))
        self._layout.setSpacing(px(SNUG))


class _Check(QWidget):
    """What is wrong with the DAW's set-up, and how to mend it."""

    asked = pyqtSignal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._findings: tuple[FindingRow, ...] | None = None
        self._says = QLabel(self)
        self._says.setWordWrap(True)
        self._list = QWidget(self)
        self._rows = QVBoxLayout(self._list)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._list)
        self._button = QPushButton(self.tr("&Check the connection"), self)
        self._button.setToolTip(self.tr("Checks every step from here to the DAW and says what to change; some seconds"))
        self._button.clicked.connect(self.asked)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self._says)
        self._layout.addWidget(self._scroll, 1)
        self._layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        theme_signals().theme_changed.connect(self._fill)
        self.show_state(DawState())
        self._fill()

    def show_state(self, state: DawState) -> None:
        """Nothing is to be checked where no DAW was named."""
        self._button.setEnabled(bool(state.kind))

    def show_checking(self) -> None:
        """It has begun."""
        self._says.setText(self.tr("Checking …"))

    def show_findings(self, rows: Sequence[FindingRow]) -> None:
        """What was found."""
        self._findings = tuple(rows)
        self._fill()

    def _fill(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row in self._findings or ():
            self._rows.addWidget(_FindingCard(row, self._list))
        self._rows.addStretch(1)
        self._says.setText(self._summary())
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._layout.setContentsMargins(px(SNUG), px(SNUG), px(SNUG), px(SNUG))
        self._layout.setSpacing(px(SNUG))

    def _summary(self) -> str:
        if self._findings is None:
            return self.tr("A check looks at every step from here to the DAW, and says what to change.")
        if not self._findings:
            return self.tr("Everything is in order.")
        return self.tr("To be mended, the most important first:")


class _FindingCard(QFrame):
    """One finding: a sign of how grave it is, what is wrong, and how to mend it."""

    def __init__(self, row: FindingRow, parent: QWidget) -> None:
        super().__init__(parent)
        mark(self, "card")
        sign, problem, remedy = QLabel(self), QLabel(row.problem, self), QLabel(row.remedy, self)
        colour = colours().danger if row.is_fatal else colours().warning
        sign.setPixmap(pixmap("error" if row.is_fatal else "warning", px(18), colour))
        sign.setAccessibleName(self.tr("Nothing works until this is mended") if row.is_fatal else self.tr("Remark"))
        mark(problem, "strong")
        for label in (problem, remedy):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        texts, layout = QVBoxLayout(), QHBoxLayout(self)
        texts.addWidget(problem)
        texts.addWidget(remedy)
        texts.setSpacing(px(TIGHT))
        layout.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(texts, 1)
        layout.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(SNUG))
        layout.setSpacing(px(SNUG))
