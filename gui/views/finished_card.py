"""A finished mix: its figures, its files, and what can be done with them.

Contents: :class:`FinishedCard`.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QUrl, pyqtSignal
from PyQt6.QtGui import QDesktopServices
from PyQt6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.views.icons import icon, pixmap
from gui.views.theme import GAP, ROOMY, SNUG, colours, mark, px, theme_signals
from gui.workshop.values import Finished

_PAGES = (".html", ".htm")


class FinishedCard(QWidget):
    """What was made last."""

    play_asked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._finished: Finished | None = None
        self._sign, title = QLabel(self), QLabel(self.tr("The mix is ready"), self)
        mark(title, "heading")
        self.play = self._button(self.tr("Play"), self.tr("Listen to the finished mix"))
        self.open_folder = self._button(self.tr("Open folder"), self.tr("Show the files in the system's file manager"))
        self.open_report = self._button(self.tr("Open report"), self.tr("Read what was done and why, in the browser"))
        self.play.clicked.connect(self._ask_play)
        self.open_folder.clicked.connect(lambda: self._open(self._folder()))
        self.open_report.clicked.connect(lambda: self._open(self._report()))
        self._trouble = QLabel(self)
        self._trouble.setWordWrap(True)
        mark(self._trouble, "warning")
        self._trouble.hide()
        self._top, self._buttons, self._layout = QHBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        self._tables = QWidget(self)
        self._top.addWidget(self._sign)
        self._top.addWidget(title, 1)
        for button in (self.play, self.open_folder, self.open_report):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for row in (self._top, self._buttons):
            self._layout.addLayout(row)
        self._layout.addWidget(self._trouble)
        self._layout.addWidget(self._tables)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def show_finished(self, finished: Finished) -> None:
        """Show another finished mix."""
        self._finished = finished
        self._trouble.hide()
        self.open_report.setVisible(bool(self._report()))
        self._layout.removeWidget(self._tables)
        self._tables.hide()
        self._tables.deleteLater()
        self._tables = self._made_tables(finished)
        self._layout.addWidget(self._tables)

    def _made_tables(self, finished: Finished) -> QWidget:
        holder = QWidget(self)
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(GAP))
        for title, rows in (
            (self.tr("Figures"), finished.rows),
            (self.tr("Files"), tuple((what, Path(path).name) for what, path in finished.files)),
        ):
            layout.addWidget(_table(title, rows, holder))
        for note in finished.notes:
            label = QLabel(note, holder)
            label.setWordWrap(True)
            mark(label, "quiet")
            layout.addWidget(label)
        return holder

    def _folder(self) -> str:
        return str(Path(self._finished.audio).parent) if self._finished is not None else ""

    def _report(self) -> str:
        files = self._finished.files if self._finished is not None else ()
        return next((path for _, path in files if path.lower().endswith(_PAGES)), "")

    def _ask_play(self) -> None:
        if self._finished is not None:
            self.play_asked.emit(self._finished.audio)

    def _open(self, path: str) -> None:
        if not Path(path).exists():
            self._say(self.tr("It is not there any more: {path}").format(path=path))
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            self._say(self.tr("The system knows no program for it; it lies here: {path}").format(path=path))

    def _say(self, text: str) -> None:
        self._trouble.setText(text)
        self._trouble.show()

    def _button(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setToolTip(tip)
        return button

    def _dress(self) -> None:
        self._sign.setPixmap(pixmap("check", px(22), colours().accepted))
        for button, sign in ((self.play, "play"), (self.open_folder, "folder"), (self.open_report, "report")):
            button.setIcon(icon(sign))
        self._top.setSpacing(px(SNUG))
        self._buttons.setSpacing(px(SNUG))
        self._layout.setSpacing(px(GAP))


def _table(title: str, rows: tuple[tuple[str, str], ...], parent: QWidget) -> QWidget:
    """Labels left, values right, lines between them; every pair is one thing to a screen reader."""
    holder = QWidget(parent)
    holder.setAccessibleName(title)
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(px(ROOMY))
    grid.setVerticalSpacing(px(SNUG))
    heading = QLabel(title, holder)
    mark(heading, "strong")
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (what, value) in enumerate(rows, start=1):
        name, figure = QLabel(what, holder), QLabel(value, holder)
        mark(name, "quiet")
        figure.setAccessibleName(f"{what}: {value}")
        figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        figure.setWordWrap(True)
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(name, row, 0)
        grid.addWidget(figure, row, 1)
    grid.setColumnStretch(1, 1)
    return holder
