"""The automatic mode: say what may be changed and how it shall sound, press one button, and have a finished mix.

Contents: :class:`AutomaticPage`, :class:`MakePanel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PyQt6.QtCore import QElapsedTimer, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from assistant.mandate import Automation, Mandate
from assistant.wording import time_text
from gui.models.preferences import Preferences
from gui.views.automatic_parts import HowCard, OutputCard, WhatCard
from gui.views.finished_card import FinishedCard
from gui.views.icons import icon, pixmap
from gui.views.theme import GAP, ROOMY, SNUG, colours, mark, px, theme_signals
from gui.workshop.values import Finished, Order, Wish

#: From this width on (at 100 %), choices and result stand side by side.
_TWO_COLUMNS = 900


class AutomaticPage(QWidget):
    """See the module."""

    #: A mix of the engineer's; its ``mix`` is None.
    make_asked = pyqtSignal(Order)
    #: The mix as it is decided in the mixer, into the same place.
    as_decided_asked = pyqtSignal(Order)
    cancel_asked = pyqtSignal()
    play_asked = pyqtSignal(str)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self.what, self.how = WhatCard(preferences, self), HowCard(preferences, self)
        self.output = OutputCard(preferences, self)
        self.panel = MakePanel(self)
        self._choices = QWidget(self)
        self._column = QVBoxLayout(self._choices)
        for card in (self.what, self.how, self.output):
            self._column.addWidget(card)
        self._column.addStretch(1)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._scroll, self._beside = _scrolled(self._choices, self), _scrolled(self.panel, self)
        self._layout.addWidget(self._scroll, 3)
        self._layout.addWidget(self._beside, 2)
        self._reveal = QTimer(self, singleShot=True)  # when what has appeared has been laid out
        self._reveal.timeout.connect(lambda: self._scroll.ensureWidgetVisible(self.panel.shown, 0, px(GAP)))
        self.panel.make_asked.connect(self.make)
        self.panel.as_decided_asked.connect(self.make_as_decided)
        self.panel.cancel_asked.connect(self.cancel_asked)
        self.panel.finished.play_asked.connect(self.play_asked)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def set_tracks(self, names: Sequence[str], folder: str = "") -> None:
        """Another session with these tracks; ``folder`` is where its mix goes unless the user names another."""
        self.what.locks.set_tracks(names)
        self.how.set_tracks(names)
        self.output.suggest_folder(folder, is_new_session=True)
        self.panel.show_idle()

    def order(self) -> Order:
        """What is asked for, as the page stands."""
        sections, locked = self.what.sections(), self.what.locks.locked()
        is_whole = sections is None and not locked
        mandate = Mandate(
            level=Automation.AUTOMATIC if is_whole else Automation.INDEPENDENT,
            sections=sections,
            locked_tracks=locked,
            focus=self.how.focus_track(),
        )
        wish = Wish(
            engineer=self._preferences.choices.engineer,
            mandate=mandate,
            target_lufs=self.how.target.lufs,
            goals=self.how.goals(),
            reference=self.how.reference.path,
        )
        return Order(
            folder=str(Path(self.output.folder.text().strip()).expanduser()),
            wish=wish,
            bit_depth=self.output.bit_depth,
            writes_stems=self.output.writes_stems,
            writes_report=self.output.writes_report,
        )

    def problem(self) -> tuple[str, QWidget] | None:
        """What is missing before a mix can be made, and where to mend it; None where nothing is."""
        locks, folder = self.what.locks, self.output.folder
        if self.what.sections() == frozenset():
            return self.tr("Nothing may be changed: tick at least one of Levels to Reverb."), self.what
        if locks.names and locks.locked() == frozenset(locks.names):
            return self.tr("Every track stays as it is: free at least one."), locks
        if not folder.text().strip():
            return self.tr("Choose a folder for the mix."), folder
        reference = self.how.reference
        if reference.path and not Path(reference.path).is_file():
            return self.tr("The reference is not there any more; choose it again, or none."), reference
        return None

    def make(self) -> None:
        """Have the mix made, or say what is missing."""
        self._ask(self.make_asked, self.problem())

    def make_as_decided(self) -> None:
        """Have the mix written as it is decided, or say what is missing: of the choices only the place matters."""
        problem = self.problem()
        self._ask(self.as_decided_asked, problem if problem is not None and problem[1] is self.output.folder else None)

    def _ask(self, signal: Any, problem: tuple[str, QWidget] | None) -> None:
        if problem is None:
            self.show_progress(0.0, self.tr("Starting"))
            signal.emit(self.order())
        else:
            self.show_failed(problem[0])
            problem[1].setFocus()

    def show_progress(self, share: float, what: str) -> None:
        """The work is at ``share`` 0..1, at the stage ``what``."""
        was_shown = self.panel.shown
        self.panel.show_progress(share, what)
        if self.panel.shown is not was_shown:
            self._reveal.start()

    def show_finished(self, finished: Finished) -> None:
        """The mix is made."""
        self.panel.show_finished(finished)
        self._reveal.start()

    def show_failed(self, text: str) -> None:
        """It could not be made: why, and what to do."""
        self.panel.show_failed(text)
        self._reveal.start()

    def show_idle(self) -> None:
        """Nothing is being made, as after a cancel."""
        self.panel.show_idle()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: two columns where there is room for them."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The panel beside the choices, or below them on the same page."""
        is_wide = self.width() >= px(_TWO_COLUMNS)
        if is_wide == (self._beside.widget() is self.panel):
            return
        focus = self.panel.focusWidget() if self.panel.isAncestorOf(QApplication.focusWidget() or self) else None
        if is_wide:
            self._column.removeWidget(self.panel)
            self._beside.setWidget(self.panel)
        else:
            self._beside.takeWidget()
            self._column.insertWidget(self._column.count() - 1, self.panel)  # before what stretches
        self._beside.setVisible(is_wide)
        self.panel.show()
        if focus is not None:
            focus.setFocus()

    def _dress(self) -> None:
        self._column.setContentsMargins(px(ROOMY), px(ROOMY), px(ROOMY), px(ROOMY))
        self._column.setSpacing(px(GAP))
        self._arrange()


class MakePanel(QWidget):
    """The big button, and what becomes of it: ``shown`` is the part under it that is seen."""

    make_asked = pyqtSignal()
    cancel_asked = pyqtSignal()
    as_decided_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.make = QPushButton(self.tr("Make the mix"), self)
        mark(self.make, "hero")
        self.make.setToolTip(self.tr("Listen, propose, refine, render and measure, without further questions (Ctrl+M)"))
        self.make.setShortcut("Ctrl+M")
        self.make.clicked.connect(self.make_asked)
        self.as_decided = QPushButton(self.tr("Write the mix as decided"), self)
        self.as_decided.setToolTip(
            self.tr("What you accepted and set in Suggestions, at this loudness; nothing is proposed anew")
        )
        self.as_decided.clicked.connect(self.as_decided_asked)
        self._about = QLabel(self)
        self._about.setText(
            self.tr("The finished mix is written as a new file. Your session and your tracks stay as they are.")
        )
        self._about.setWordWrap(True)
        mark(self._about, "quiet")
        self._work = self._made_work()
        self._failure, self._failure_sign, self._failure_text = QWidget(self), QLabel(self), QLabel(self)
        self._failure_text.setWordWrap(True)
        self._failure_text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._failure_row = QHBoxLayout(self._failure)
        self._failure_row.setContentsMargins(0, 0, 0, 0)
        self._failure_row.addWidget(self._failure_sign, 0, Qt.AlignmentFlag.AlignTop)
        self._failure_row.addWidget(self._failure_text, 1)
        self.finished = FinishedCard(self)
        self._layout = QVBoxLayout(self)
        for widget in (self.make, self.as_decided, self._about, self._work, self._failure, self.finished):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)
        self._since = QElapsedTimer()
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tell_time)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self.shown: QWidget = self._about
        self.show_idle()

    @property
    def is_working(self) -> bool:
        """Whether a mix is being made."""
        return self._clock.isActive()

    def show_idle(self) -> None:
        """Nothing is being made."""
        self._show(self._about)

    def show_progress(self, share: float, what: str) -> None:
        """The work is at ``share`` 0..1, at the stage ``what``."""
        if not self.is_working:
            self._since.start()
            self._cancel.setEnabled(True)
            self._tell_time()
            self._clock.start()
            self._show(self._work)
        self._bar.setValue(round(1000 * min(max(share, 0.0), 1.0)))
        if self._cancel.isEnabled():
            self._stage.setText(what)

    def show_finished(self, finished: Finished) -> None:
        """The mix is made."""
        self.finished.show_finished(finished)
        self._show(self.finished)
        self.finished.play.setFocus()

    def show_failed(self, text: str) -> None:
        """It could not be made: why, and what to do."""
        self._failure_text.setText(text)
        self._failure.setAccessibleName(text)
        self._show(self._failure)

    def _show(self, shown: QWidget) -> None:
        self.shown = shown
        if shown is not self._work:
            self._clock.stop()
        for button in (self.make, self.as_decided):
            button.setEnabled(shown is not self._work)
        for part in (self._about, self._work, self._failure, self.finished):
            part.setVisible(part is shown)

    def _made_work(self) -> QWidget:
        work = QWidget(self)
        self._stage, self._elapsed, self._bar = QLabel(work), QLabel(work), QProgressBar(work)
        self._stage.setWordWrap(True)
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        mark(self._elapsed, "quiet")
        self._cancel = QPushButton(self.tr("Cancel"), work)
        self._cancel.setToolTip(self.tr("Stop; nothing is written"))
        self._cancel.clicked.connect(self._ask_cancel)
        layout, row = QVBoxLayout(work), QHBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._elapsed)
        row.addStretch(1)
        row.addWidget(self._cancel)
        layout.addWidget(self._stage)
        layout.addWidget(self._bar)
        layout.addLayout(row)
        return work

    def _ask_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._stage.setText(self.tr("Stopping…"))
        self.cancel_asked.emit()

    def _tell_time(self) -> None:
        self._elapsed.setText(time_text(self._since.elapsed() / 1000.0))

    def _dress(self) -> None:
        self._layout.setContentsMargins(px(ROOMY), px(ROOMY), px(ROOMY), px(ROOMY))
        self._layout.setSpacing(px(ROOMY))
        self._failure_row.setSpacing(px(SNUG))
        self._failure_sign.setPixmap(pixmap("error", px(20), colours().danger))
        self._bar.setFixedHeight(px(10))
        self.make.setMinimumHeight(px(48))
        self.make.setIcon(icon("spark", colours().on_accent))


def _scrolled(content: QWidget, parent: QWidget) -> QScrollArea:
    scroll = QScrollArea(parent)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    scroll.setWidget(content)
    return scroll
