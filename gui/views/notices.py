"""Messages and background work, in strips over the lower edge of the window that never stand in the way.

One message is shown at a time, the gravest first; the others wait behind it and are counted. Information goes by
itself, warnings and errors stay until they are closed. Work that is over at once shows nothing.

Contents: :class:`Notice`, :class:`NoticeStrip`, :class:`BusyStrip`, :class:`Notices`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from PyQt6.QtCore import QElapsedTimer, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QColor, QKeyEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from assistant.wording import time_text
from gui.views.icons import icon, pixmap
from gui.views.theme import GAP, SNUG, TIGHT, colours, mark, px, theme_signals

Grade = Literal["information", "warning", "error"]
GRADES: tuple[Grade, ...] = ("information", "warning", "error")
_GONE_AFTER_MS = 10_000
_SHOWN_AFTER_MS = 300


@dataclass(frozen=True)
class Notice:
    """A message: a sentence, how grave it is, and what can be done about it: ``action`` on a button, ``on_action``.

    A notice with a ``key`` takes the place of the one with the same key and can be withdrawn by it.
    """

    text: str
    grade: Grade = "information"
    action: str = ""
    on_action: Callable[[], object] | None = field(default=None, compare=False)
    key: str = ""


class NoticeStrip(QFrame):
    """The messages, one at a time."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Notice] = []
        self._sign, self._text, self._more = QLabel(self), QLabel(self), QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        mark(self._more, "quiet")
        self._action = QPushButton(self)
        self._action.clicked.connect(self._act)
        self._close = QToolButton(self)
        mark(self._close, "flat")
        self._close.clicked.connect(self.close_shown)
        self._close.setAccessibleName(self.tr("Close the message"))
        self._close.setToolTip(self.tr("Close this message (Esc); the next one follows"))
        self._layout = _row(self, self._sign, self._text, self._more, self._action, self._close)
        self._timer = QTimer(self, interval=_GONE_AFTER_MS, singleShot=True)
        self._timer.timeout.connect(self._let_go)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def shown(self) -> Notice | None:
        """The message that is seen."""
        return self._waiting[0] if self._waiting else None

    def tell(self, notice: Notice) -> None:
        """Show ``notice``, or queue it behind graver ones; the same one twice is one."""
        if notice in self._waiting:
            return
        if notice.key:
            self._waiting = [old for old in self._waiting if old.key != notice.key]
        self._waiting.append(notice)
        self._waiting.sort(key=lambda old: -GRADES.index(old.grade))
        self._show()

    def withdraw(self, key: str) -> None:
        """Take back the message with ``key``, whose cause is gone."""
        self._waiting = [notice for notice in self._waiting if notice.key != key]
        self._show()

    def withdraw_information(self) -> None:
        """Take back what only informs: it was about a session that is open no more."""
        self._waiting = [notice for notice in self._waiting if notice.grade != "information"]
        self._show()

    def close_shown(self) -> None:
        """Close the message that is seen; the next follows."""
        del self._waiting[:1]
        self._show()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: Escape closes."""
        if event is not None and event.key() == Qt.Key.Key_Escape:
            self.close_shown()
        else:
            super().keyPressEvent(event)

    def _show(self) -> None:
        self._timer.stop()
        notice = self.shown
        self.setVisible(notice is not None)
        if notice is None:
            return
        self._text.setText(notice.text)
        self._action.setText(notice.action)
        self._action.setToolTip(self.tr("What can be done about it: {action}").format(action=notice.action))
        self._action.setVisible(bool(notice.action))
        others = len(self._waiting) - 1
        self._more.setText(self.tr("{count} more").format(count=others))
        self._more.setVisible(others > 0)
        self.setAccessibleName(f"{self._grade_text(notice.grade)}: {notice.text}")  # screen readers hear of the change
        self._dress()
        if notice.grade == "information":
            self._timer.start()

    def _grade_text(self, grade: Grade) -> str:
        texts = {"information": self.tr("Information"), "warning": self.tr("Warning"), "error": self.tr("Error")}
        return texts[grade]

    def _act(self) -> None:
        notice = self.shown
        self.close_shown()
        if notice is not None and notice.on_action is not None:
            notice.on_action()

    def _let_go(self) -> None:
        """Information goes by itself, but not from under the mouse or the keyboard."""
        if self.underMouse() or any(button.hasFocus() for button in (self._action, self._close)):
            self._timer.start()
        else:
            self.close_shown()

    def _dress(self) -> None:
        grade: Grade = self.shown.grade if self.shown is not None else "information"
        colour = _colour(grade)
        self._sign.setPixmap(pixmap(grade, px(20), colour))
        self._close.setIcon(icon("cross", colours().quiet))
        _space(self._layout)
        self.setStyleSheet(
            f"NoticeStrip {{ background: {colours().raised.name()}; border: 1px solid {colours().outline.name()};"
            f" border-left: {px(4)}px solid {colour.name()}; }}"
        )


class BusyStrip(QFrame):
    """Work in the background: what is being done, how far it is, how long it has taken, and Cancel."""

    cancel_asked = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._elapsed, self._bar = QLabel(self), QLabel(self), QProgressBar(self)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName(self.tr("Progress"))
        mark(self._elapsed, "quiet")
        self._cancel = QPushButton(self.tr("Cancel"), self)
        self._cancel.setToolTip(self.tr("Stop this work; nothing that was there before is lost"))
        self._cancel.clicked.connect(self._ask_cancel)
        self._layout = _row(self, self._text, self._bar, self._elapsed, self._cancel)
        self._layout.setStretch(0, 3)
        self._layout.setStretch(1, 2)
        self._since = QElapsedTimer()
        self._delay = QTimer(self, interval=_SHOWN_AFTER_MS, singleShot=True)
        self._delay.timeout.connect(self.show)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tell_time)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether work is shown, or about to be."""
        return self._clock.isActive()

    def start(self, what: str, *, can_be_cancelled: bool = True) -> None:
        """Work has begun; it is shown unless it ends at once."""
        self._cancel.setVisible(can_be_cancelled)
        self._cancel.setEnabled(True)
        self._since.start()
        self._bar.setRange(0, 0)
        self._say(what)
        self._tell_time()
        self._clock.start()
        if not self.isVisible():
            self._delay.start()

    def show_progress(self, share: float, what: str = "") -> None:
        """The work is at ``share`` 0..1, and at the stage ``what``."""
        self._bar.setRange(0, 1000)
        self._bar.setValue(round(1000 * min(max(share, 0.0), 1.0)))
        if what:
            self._say(what)

    def finish(self) -> None:
        """The work is over."""
        self._delay.stop()
        self._clock.stop()
        self.hide()

    def _say(self, what: str) -> None:
        if what != self._text.text():
            self._text.setText(what)
            self.setAccessibleName(what)

    def _ask_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._say(self.tr("Stopping…"))
        self.cancel_asked.emit()

    def _tell_time(self) -> None:
        self._elapsed.setText(time_text(self._since.elapsed() / 1000.0))

    def _dress(self) -> None:
        _space(self._layout)
        self._bar.setFixedHeight(px(8))
        self.setStyleSheet(
            f"BusyStrip {{ background: {colours().raised.name()}; border: 1px solid {colours().outline.name()}; }}"
        )


class Notices(QWidget):
    """Both strips, ``messages`` over ``busy``: work that goes on stays where it is when messages come and go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.messages, self.busy = NoticeStrip(self), BusyStrip(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(TIGHT))
        layout.addWidget(self.messages)
        layout.addWidget(self.busy)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def tell(self, text: str, grade: Grade = "information", key: str = "") -> None:
        """Show a sentence; one with an action is ``messages.tell(Notice(...))``."""
        self.messages.tell(Notice(text, grade, key=key))


def _colour(grade: Grade) -> QColor:
    shown = colours()
    return {"information": shown.accent, "warning": shown.warning, "error": shown.danger}[grade]


def _row(parent: QWidget, *widgets: QWidget) -> QHBoxLayout:
    layout = QHBoxLayout(parent)
    for widget in widgets:
        layout.addWidget(widget)
    return layout


def _space(layout: QHBoxLayout) -> None:
    layout.setContentsMargins(px(GAP), px(TIGHT), px(SNUG), px(TIGHT))
    layout.setSpacing(px(GAP))
