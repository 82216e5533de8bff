"""The first page: what mixassist does, what can be opened, what was open last, and the way to a running DAW.

Contents: :class:`WelcomePage`, :class:`DawCard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PyQt6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.models.dropping import Verdict, verdict_on
from gui.models.preferences import Preferences
from gui.views.cards import CardButton, DropSheet
from gui.views.daw_form import DawForm
from gui.views.icons import pixmap
from gui.views.recent_list import RecentList
from gui.views.theme import GAP, PAGE, ROOMY, SNUG, TIGHT, WIDE, colours, mark, px, theme_signals

#: Wider than this (at 100 %), two columns stand side by side.
_TWO_COLUMNS = 900
_WIDEST = 1120
_LAMPS = {"closed": "ring", "waiting": "half", "connected": "check", "lost": "cross"}


class WelcomePage(QWidget):
    """See the module. ``daws`` are the kinds of DAW as (key, label); ``project_endings`` those that can be read."""

    open_asked = pyqtSignal(str)
    demo_asked = pyqtSignal()
    daw_asked = pyqtSignal(str, dict)
    daw_left = pyqtSignal()
    doctor_asked = pyqtSignal(str, dict)
    #: What was dropped cannot be opened: why, in a sentence.
    refused = pyqtSignal(str)

    def __init__(
        self,
        preferences: Preferences,
        daws: Sequence[tuple[str, str]],
        project_endings: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._preferences, self._endings = preferences, tuple(project_endings)
        self._content = QWidget(self)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._parts: list[QVBoxLayout] = []
        self._fill_left()
        self.recents = RecentList(preferences, self)
        self.daw = DawCard(preferences, daws, self)
        self._fill_right()
        self._place()
        self._sheet = DropSheet(self)
        self.recents.open_asked.connect(self.open_asked)
        self.recents.demo_asked.connect(self.demo_asked)
        self.daw.asked.connect(self.daw_asked)
        self.daw.left.connect(self.daw_left)
        self.daw.doctor_asked.connect(self.doctor_asked)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def set_daw_state(self, state: str, text: str = "") -> None:
        """Show how the link to the DAW stands: "closed", "waiting", "connected" or "lost", and what it says."""
        self.daw.set_state(state, text)

    def choose_folder(self) -> None:
        """Ask for a folder of stems and have it opened."""
        found = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of stems"), self._start_folder())
        self._open(found)

    def choose_file(self) -> None:
        """Ask for a project or a mix file and have it opened."""
        endings = " ".join(f"*{ending}" for ending in (*self._endings, ".json"))
        kinds = self.tr("Projects and mix files ({endings})").format(endings=endings)
        found, _ = QFileDialog.getOpenFileName(self, self.tr("Open a project or a mix"), self._start_folder(), kinds)
        self._open(found)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt: say what dropping it will do; taken even where it will be refused, to be able to say why."""
        if event is not None:
            verdict = self._verdict(event)
            self._sheet.say(verdict.text, is_welcome=verdict.is_open)
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent | None) -> None:
        """Qt: what was said on entering still holds."""
        if event is not None:
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent | None) -> None:
        """Qt: it was taken away again."""
        self._sheet.hide()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt: open it, or say why not."""
        self._sheet.hide()
        if event is None:
            return
        verdict = self._verdict(event)
        if verdict.is_open:
            event.acceptProposedAction()
            self.open_asked.emit(verdict.path)
        else:
            self.refused.emit(verdict.text)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: two columns where there is room for them."""
        super().resizeEvent(event)
        self._arrange()

    def _fill_left(self) -> None:
        name, line = QLabel("mixassist", self), QLabel(self)
        mark(name, "display")
        mark(line, "quiet")
        line.setText(self.tr("Listens to every track of your session, proposes a mix, and shows you why."))
        line.setWordWrap(True)
        folder = CardButton(
            "folder",
            self.tr("Open a folder of stems"),
            self.tr("One audio file per track, all from the song's start: WAV, FLAC, AIFF, MP3 …"),
            self,
        )
        file = CardButton(
            "desk",
            self.tr("Open a project or a mix"),
            self.tr("A project ({endings}), or a mix that was saved here").format(endings=", ".join(self._endings)),
            self,
        )
        demo = CardButton("song", self.tr("Try the demo"), self.tr("A short song, ready to be mixed"), self)
        folder.clicked.connect(self.choose_folder)
        file.clicked.connect(self.choose_file)
        demo.clicked.connect(self.demo_asked)
        drop = QLabel(self.tr("… or drop it anywhere on this window."), self)
        mark(drop, "small")
        self._cards = QVBoxLayout()
        for card in (folder, file, demo, drop):
            self._cards.addWidget(card)
        self._left.addWidget(name)
        self._left.addWidget(line)
        self._left.addLayout(self._cards)
        self._left.addStretch(1)

    def _fill_right(self) -> None:
        for title, widget in ((self.tr("Recent sessions"), self.recents), (self.tr("Your DAW"), self.daw)):
            part, label = QVBoxLayout(), QLabel(title, self)
            mark(label, "heading")
            part.addWidget(label)
            part.addWidget(widget)
            self._right.addLayout(part)
            self._parts.append(part)
        self._right.addStretch(1)

    def _place(self) -> None:
        self._columns.addLayout(self._left, 5)
        self._columns.addLayout(self._right, 5)
        self._content.setLayout(self._columns)
        centre = QWidget(self)
        grid = QGridLayout(centre)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self._content, 1, 1)
        for place, stretch in ((0, 1), (1, 100), (2, 1)):
            grid.setColumnStretch(place, stretch)
        for place, stretch in ((0, 2), (2, 3)):
            grid.setRowStretch(place, stretch)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(centre)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)

    def _arrange(self) -> None:
        is_wide = self.width() >= px(_TWO_COLUMNS)
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)

    def _dress(self) -> None:
        self._content.setMaximumWidth(px(_WIDEST))
        self._columns.setContentsMargins(px(PAGE), px(PAGE), px(PAGE), px(WIDE))
        self._columns.setSpacing(px(PAGE))
        self._left.setSpacing(px(SNUG))
        self._right.setSpacing(px(WIDE))
        for part in self._parts:
            part.setSpacing(px(SNUG))
        self._cards.setContentsMargins(0, px(ROOMY), 0, 0)
        self._cards.setSpacing(px(GAP))
        self._arrange()

    def _open(self, path: str) -> None:
        if path:
            self._preferences.change(last_folder=str(Path(path).parent))
            self.open_asked.emit(path)

    def _start_folder(self) -> str:
        folder = self._preferences.choices.last_folder
        return folder if folder and Path(folder).is_dir() else str(Path.home())

    def _verdict(self, event: QDropEvent) -> Verdict:
        mime = event.mimeData()
        urls = mime.urls() if mime is not None else []
        return verdict_on([url.toLocalFile() for url in urls if url.isLocalFile()], self._endings)


class DawCard(QFrame):
    """The way to a running DAW: which, whether it answers, and what to do where it does not."""

    asked = pyqtSignal(str, dict)
    left = pyqtSignal()
    doctor_asked = pyqtSignal(str, dict)

    def __init__(
        self, preferences: Preferences, daws: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        mark(self, "card")
        self._state = "closed"
        self._lamp, self._says = QLabel(self), QLabel(self)
        self._says.setWordWrap(True)
        self.form = DawForm(preferences, daws, self)
        self.form.show_more(False)
        self._connect = QPushButton(self)
        self._connect.clicked.connect(self._ask)
        self._doctor = self._link(
            self.tr("What is wrong?"), self.tr("Checks every step from here to the DAW and says what to change")
        )
        self._doctor.clicked.connect(lambda: self.doctor_asked.emit(*self._chosen()))
        self._more = self._link(self.tr("More"), self.tr("The computer and the ports that the DAW uses"))
        self._more.setCheckable(True)
        self._more.toggled.connect(self.form.show_more)
        self._top, self._buttons, self._layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self._top.addWidget(self._lamp)
        self._top.addWidget(self._says, 1)
        self._buttons.addWidget(self._connect)
        self._buttons.addWidget(self._doctor)
        self._buttons.addStretch(1)
        self._buttons.addWidget(self._more)
        self._layout.addLayout(self._top)
        self._layout.addWidget(self.form)
        self._layout.addLayout(self._buttons)
        theme_signals().theme_changed.connect(self._dress)
        self.set_state("closed")

    def set_state(self, state: str, text: str = "") -> None:
        """Show how the link stands; ``text`` instead of the usual sentence. Raises ``KeyError`` for another state."""
        usual = {
            "closed": self.tr("Not connected. Mix in your DAW as ever; what you accept here is set there."),
            "waiting": self.tr("Waiting for an answer …"),
            "connected": self.tr("Connected"),
            "lost": self.tr("It answered before and is silent now."),
        }
        self._says.setText(text or usual[state])
        self._state = state
        self._connect.setText(self.tr("Connect") if state == "closed" else self.tr("Disconnect"))
        self._connect.setToolTip(
            self.tr("Read the DAW's mixer; nothing is changed there until you accept something")
            if state == "closed"
            else self.tr("Leave the DAW as it stands")
        )
        self.form.setEnabled(state == "closed")
        self._lamp.setAccessibleName(usual[state])
        self._dress()

    def _ask(self) -> None:
        if self._state == "closed":
            self.asked.emit(*self._chosen())
        else:
            self.left.emit()

    def _chosen(self) -> tuple[str, dict[str, object]]:
        return str(self.form.kind.currentData() or ""), self.form.options()

    def _link(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        mark(button, "link")
        return button

    def _dress(self) -> None:
        shown = colours()
        lamps = {"closed": shown.quiet, "waiting": shown.warning, "connected": shown.accepted, "lost": shown.danger}
        self._lamp.setPixmap(pixmap(_LAMPS[self._state], px(18), lamps[self._state]))
        self._layout.setContentsMargins(px(ROOMY), px(GAP), px(ROOMY), px(GAP))
        self._layout.setSpacing(px(GAP))
        self._top.setSpacing(px(SNUG))
        self._buttons.setSpacing(px(TIGHT))
