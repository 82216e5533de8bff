"""Fields of the automatic mode for how it shall sound: the loudness that is aimed at, and a song as a reference.

Contents: :class:`TargetField`, :class:`ReferenceField`.
"""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from assistant.audio.formats import EXTENSIONS
from gui.models.dropping import song_verdict
from gui.views.forms import ChoiceField, FigureField
from gui.views.icons import icon
from gui.views.theme import SNUG, colours, mark, px, theme_signals

_LOWEST_LUFS, _HIGHEST_LUFS = -60.0, 0.0


class TargetField(QWidget):
    """How loud the finished mix is to be: what it is for, or a figure."""

    changed = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets, self._value = ChoiceField(self), FigureField(self)
        for label, lufs in (
            (self.tr("Streaming"), -14.0),
            (self.tr("Loud"), -9.0),
            (self.tr("Broadcast"), -23.0),
            (self.tr("Custom"), None),
        ):
            self._presets.addItem(label, lufs)
        self._presets.setAccessibleName(self.tr("Loudness for"))
        self._presets.setToolTip(
            self.tr("Streaming services play everything at about -14 LUFS: what is louder is turned down there")
        )
        self._value.setRange(_LOWEST_LUFS, _HIGHEST_LUFS)
        self._value.setDecimals(1)
        self._value.setSingleStep(0.5)
        self._value.setKeyboardTracking(False)  # a target that is being typed is none yet
        self._value.setSuffix(" LUFS")
        self._value.setAccessibleName(self.tr("Target loudness"))
        self._value.setToolTip(self.tr("How loud the finished mix is as a whole; a limiter keeps its peaks in bounds"))
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._presets, 1)
        self._layout.addWidget(self._value, 1)
        self._presets.activated.connect(self._take_preset)
        self._value.valueChanged.connect(self._take_value)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    @property
    def lufs(self) -> float:
        """The loudness that is aimed at."""
        return self._value.value()

    def set_lufs(self, lufs: float) -> None:
        """Show another target; nothing is emitted."""
        self._value.blockSignals(True)
        self._value.setValue(lufs)
        self._value.blockSignals(False)
        self._show_preset()

    def _take_preset(self) -> None:
        lufs = self._presets.currentData()
        if lufs is None:
            self._value.setFocus()
            self._value.selectAll()
        else:
            self._value.setValue(lufs)

    def _take_value(self, lufs: float) -> None:
        self._show_preset()
        self.changed.emit(lufs)

    def _show_preset(self) -> None:
        place = self._presets.findData(self._value.value())
        self._presets.setCurrentIndex(place if place >= 0 else self._presets.count() - 1)

    def _dress(self) -> None:
        self._layout.setSpacing(px(SNUG))


class ReferenceField(QWidget):
    """A finished song whose tone is aimed at: chosen, dropped here, or none."""

    changed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._path = ""
        self._name = QLabel(self)
        self._choose = QPushButton(self.tr("Choose a song…"), self)
        self._choose.setAccessibleName(self.tr("Choose a reference song"))
        self._choose.setToolTip(
            self.tr("A finished song whose balance of lows, mids and highs you like; the mix is led towards it")
        )
        self._choose.clicked.connect(self._ask)
        self._clear = QToolButton(self)
        mark(self._clear, "flat")
        self._clear.setAccessibleName(self.tr("No reference"))
        self._clear.setToolTip(self.tr("Use no reference; the tone of finished music in general is aimed at"))
        self._clear.clicked.connect(lambda: self.set_path(""))
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._name, 1)
        self._layout.addWidget(self._clear)
        self._layout.addWidget(self._choose)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()
        self._show()

    @property
    def path(self) -> str:
        """The song's path, "" for none."""
        return self._path

    def set_path(self, path: str) -> None:
        """Take another song; the same one changes nothing."""
        if path != self._path:
            self._path = path
            self._show()
            self.changed.emit(path)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt: one audio file is welcome."""
        if event is not None:
            verdict = song_verdict(_paths(event))
            if verdict.is_open:
                event.acceptProposedAction()
            mark(self._name, "quiet" if verdict.is_open else "warning")
            self._name.setText(verdict.text)

    def dragLeaveEvent(self, event: object) -> None:
        """Qt: it was taken away again."""
        self._show()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt: take it."""
        verdict = song_verdict([] if event is None else _paths(event))
        self._show()
        self.set_path(verdict.path or self._path)

    def _show(self) -> None:
        mark(self._name, "" if self._path else "quiet")
        self._name.setText(Path(self._path).name if self._path else self.tr("None; drop a song here"))
        self._name.setToolTip(self._path)
        self._clear.setVisible(bool(self._path))

    def _ask(self) -> None:
        endings = " ".join(f"*{ending}" for ending in EXTENSIONS)
        start = str(Path(self._path).parent) if self._path else str(Path.home())
        kinds = self.tr("Songs ({endings})").format(endings=endings)
        found, _ = QFileDialog.getOpenFileName(self, self.tr("Choose a reference song"), start, kinds)
        if found:
            self.set_path(found)

    def _dress(self) -> None:
        self._layout.setSpacing(px(SNUG))
        self._clear.setIcon(icon("cross", colours().quiet))


def _paths(event: QDropEvent) -> list[str]:
    mime = event.mimeData()
    return [url.toLocalFile() for url in (mime.urls() if mime is not None else []) if url.isLocalFile()]
