"""The sessions opened last, as rows to open or to forget.

Contents: :class:`RecentList`, :func:`when_text`.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QCoreApplication, QDateTime, QLocale, pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from gui.models.preferences import Preferences
from gui.models.recents import Recent
from gui.views.cards import CardButton
from gui.views.icons import icon
from gui.views.theme import TIGHT, colours, mark, px, theme_signals

_SIGNS = {"folder": "folder", "project": "desk", "mix": "file", "demo": "song"}


class RecentList(QWidget):
    """The recent sessions, newest first; those that are gone are shown as gone."""

    open_asked = pyqtSignal(str)
    demo_asked = pyqtSignal()

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._rows: list[QWidget] = []
        self._none = QLabel(self.tr("Nothing yet. What you open is listed here."), self)
        mark(self._none, "quiet")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._none)
        self._layout.addStretch(1)
        preferences.recents_changed.connect(self.refresh)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self.refresh()

    def refresh(self) -> None:
        """Show what is remembered now, and what of it is still there."""
        for row in self._rows:
            self._layout.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [self._row(recent) for recent in self._preferences.recents]
        for place, row in enumerate(self._rows):
            self._layout.insertWidget(place, row)
        self._none.setVisible(not self._rows)

    def _row(self, recent: Recent) -> QWidget:
        row = _RecentRow(recent, self)
        row.opened.connect(lambda: self._open(recent))
        row.forgotten.connect(lambda: self._preferences.forget_session(recent.path))
        return row

    def _open(self, recent: Recent) -> None:
        if recent.kind == "demo":
            self.demo_asked.emit()
        else:
            self.open_asked.emit(recent.path)

    def _dress(self) -> None:
        self._layout.setSpacing(px(TIGHT))


class _RecentRow(QWidget):
    """One session."""

    opened = pyqtSignal()
    forgotten = pyqtSignal()

    def __init__(self, recent: Recent, parent: QWidget) -> None:
        super().__init__(parent)
        is_there = recent.is_there
        sign = _SIGNS[recent.kind] if is_there else "question"
        name = self.tr("Demo") if recent.kind == "demo" else recent.name
        self._card = CardButton(sign, name, self._details(recent, is_there), self, is_small=True)
        self._card.setEnabled(is_there)
        self._card.setToolTip(recent.path)
        self._card.clicked.connect(self.opened)
        self._forget = QToolButton(self)
        mark(self._forget, "flat")
        self._forget.setAccessibleName(self.tr("Forget {name}").format(name=name))
        self._forget.setToolTip(self.tr("Take it off this list; nothing is deleted"))
        self._forget.clicked.connect(self.forgotten)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._card, 1)
        self._layout.addWidget(self._forget)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def _details(self, recent: Recent, is_there: bool) -> str:
        if not is_there:
            return self.tr("Not there any more: {path}").format(path=_short(recent.path))
        if recent.kind == "demo":
            return self.tr("Comes with mixassist · {when}").format(when=when_text(recent.opened_s))
        return f"{_short(str(Path(recent.path).parent))} · {when_text(recent.opened_s)}"

    def _dress(self) -> None:
        self._layout.setSpacing(px(TIGHT))
        self._forget.setIcon(icon("cross", colours().quiet))


def when_text(opened_s: float, now: QDateTime | None = None) -> str:
    """A time (seconds since 1970) as people say it: today, yesterday, or the day."""
    then = QDateTime.fromSecsSinceEpoch(int(opened_s))
    days = then.daysTo(now or QDateTime.currentDateTime())
    if days <= 0:
        clock = QLocale().toString(then.time(), QLocale.FormatType.ShortFormat)
        return QCoreApplication.translate("RecentList", "today {time}").format(time=clock)
    if days == 1:
        return QCoreApplication.translate("RecentList", "yesterday")
    return QLocale().toString(then.date(), "d MMM yyyy")


def _short(path: str) -> str:
    """The path with ~ for the user's own folder, its middle left out where it is long."""
    home = str(Path.home())
    text = "~" + path[len(home) :] if path == home or path.startswith(home + "/") else path
    return text if len(text) <= 46 else f"{text[:16]}…{text[-29:]}"
