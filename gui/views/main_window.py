"""The main window: the welcome page, or a session's work in one of three modes over the waveform and the transport.

It places what it is given and knows none of it: the bar with the session's name, the modes and the DAW's lamp; notices;
the pages; and what lies below them in every mode.
"""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QByteArray, QCoreApplication, QEvent, Qt, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent, QUndoStack
from PyQt6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.views.actions import Actions
from gui.views.elided_label import ElidedLabel
from gui.views.plain_keys import PlainKeys
from gui.views.theme import GAP, SNUG, TIGHT, mark, px, theme_signals

#: The modes, by the names of their actions.
MODES = ("suggest", "automatic", "insight")
_LEAST_SIZE = (900, 600)
_FIRST_SIZE = (1360, 820)
_LOW = 680  # at 100 %: under it, what lies below the modes leaves them more room


class MainWindow(QMainWindow):
    """See the module. ``dropped`` carries the path of what was dropped on it."""

    closing = pyqtSignal()
    dropped = pyqtSignal(str)
    mode_chosen = pyqtSignal(str)
    #: The window is low, or no longer.
    low_changed = pyqtSignal(bool)

    def __init__(self, undo_stack: QUndoStack, welcome: QWidget, notices: QWidget) -> None:
        super().__init__()
        self.setWindowTitle("mixassist")
        self.setMinimumSize(*_LEAST_SIZE)
        self.resize(*_FIRST_SIZE)
        self.setAcceptDrops(True)
        self.actions_by_name, self._plain_keys = Actions(self), PlainKeys(self)
        # Kept, for these two belong to whoever asked for them, not to their parent.
        self._edits = [undo_stack.createUndoAction(self), undo_stack.createRedoAction(self)]
        for action, key in zip(self._edits, (QAction.tr("Ctrl+Z"), QAction.tr("Ctrl+Shift+Z")), strict=True):
            assert action is not None
            action.setShortcut(key)
        bar = self.menuBar()
        assert bar is not None
        self.actions_by_name.fill(bar, [action for action in self._edits if action is not None])
        self._bar = _TitleBar(self.actions_by_name, self)
        self._modes = QStackedWidget(self)
        self._pages: dict[str, QWidget] = {}
        self._work = QWidget(self)
        self._work_layout = _column(self._work)
        self._work_layout.addWidget(self._modes, 1)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(welcome)
        self._stack.addWidget(self._work)
        self._centre = _Centre(notices, self)
        layout = _column(self._centre)
        layout.addWidget(self._bar)
        layout.addWidget(self._stack, 1)
        self.setCentralWidget(self._centre)
        self._bar.mode_chosen.connect(self.mode_chosen)
        self._was_low = False
        theme_signals().theme_changed.connect(self._tell_low)
        self.show_welcome()

    def add_modes(self, pages: Mapping[str, QWidget]) -> None:
        """The page of each mode."""
        for name, page in pages.items():
            self._pages[name] = page
            self._modes.addWidget(page)

    def add_below(self, *widgets: QWidget) -> None:
        """What is shown under every mode."""
        for widget in widgets:
            self._work_layout.addWidget(widget)
        self._centre.keep_clear(widgets[-1])

    def add_lamp(self, lamp: QWidget) -> None:
        """The state of the DAW, in the bar."""
        self._bar.add_at_end(lamp)

    def show_welcome(self) -> None:
        """Show the first page."""
        self._stack.setCurrentIndex(0)
        self._bar.hide()
        self.setWindowTitle("mixassist")

    def show_session(self, name: str, details: str) -> None:
        """Show the work on a session."""
        self._stack.setCurrentWidget(self._work)
        self._bar.show_session(name, details)
        self._bar.show()
        self.setWindowTitle(f"{name} - mixassist")

    def show_mode(self, name: str) -> None:
        """Show the page of a mode."""
        self._modes.setCurrentWidget(self._pages[name])
        self._bar.show_mode(name)

    @property
    def mode(self) -> str:
        """The mode that is shown."""
        shown = self._modes.currentWidget()
        return next((name for name, page in self._pages.items() if page is shown), MODES[0])

    @property
    def is_low(self) -> bool:
        """Whether room is scarce from top to bottom, at the size that text has."""
        return self.height() < px(_LOW)

    def _tell_low(self) -> None:
        if self.is_low != self._was_low:
            self._was_low = self.is_low
            self.low_changed.emit(self.is_low)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: another size."""
        super().resizeEvent(event)
        self._tell_low()

    def keep_geometry(self) -> str:
        """Where the window stands, as text."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def restore_kept(self, geometry: str) -> None:
        """Stand where :meth:`keep_geometry` said."""
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))

    def event(self, event: QEvent | None) -> bool:
        """Qt: a key that is about to be a shortcut, unless whoever has the keyboard wants it."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if self._plain_keys.keeps(event):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: what nobody else took."""
        if event is None or not self._plain_keys.presses(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Qt: everything ends with the window."""
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:
        """Qt: one local file or folder may be dropped."""
        if event is not None and _local_path(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:
        """Qt: it was dropped."""
        path = None if event is None else _local_path(event)
        if path is not None:
            self.dropped.emit(path)


class _Centre(QWidget):
    """All but the menus. Notices float over its lower edge: what comes and goes must not move what is clicked at."""

    def __init__(self, notices: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        notices.setParent(self)
        self._notices, self._below = notices, self

    def keep_clear(self, below: QWidget) -> None:
        """Notices leave room for what is at the very bottom."""
        self._below = below

    def event(self, event: QEvent | None) -> bool:
        """Qt: something has another size."""
        is_done = super().event(event)
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._place()
        return is_done

    def _place(self) -> None:
        margin = px(GAP)
        width = self.width() - 2 * margin
        height = self._notices.heightForWidth(width) if self._notices.hasHeightForWidth() else -1
        height = max(height, self._notices.minimumSizeHint().height())
        clear = self._below.height() if self._below is not self and self._below.isVisible() else 0
        self._notices.setGeometry(margin, max(0, self.height() - clear - height - margin), width, height)
        self._notices.raise_()


class _TitleBar(QWidget):
    """The session's name, the modes, and what stands at the end."""

    mode_chosen = pyqtSignal(str)

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("titleBar")
        self._name, self._details = QLabel(self), ElidedLabel(self)
        mark(self._name, "heading")
        mark(self._details, "quiet")
        self._buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._layout = QHBoxLayout(self)
        self._layout.addWidget(self._name)
        self._layout.addWidget(self._details, 1)
        for name in MODES:
            self._layout.addWidget(self._mode_button(name, actions[name]))
        self._layout.addStretch(1)
        self._space()
        theme_signals().theme_changed.connect(self._space)

    def _mode_button(self, name: str, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setText(action.text().replace("&", ""))
        button.setCheckable(True)
        button.setAccessibleName(button.text())
        button.setToolTip(QCoreApplication.translate("MainWindow", _MODE_TIPS[name]))
        mark(button, "choice")
        button.clicked.connect(lambda: self.mode_chosen.emit(name))
        action.triggered.connect(lambda: self.mode_chosen.emit(name))
        self._buttons[name] = button
        self._group.addButton(button)
        return button

    def _space(self) -> None:
        self._layout.setContentsMargins(px(GAP), px(SNUG), px(GAP), px(SNUG))
        self._layout.setSpacing(px(TIGHT))

    def add_at_end(self, widget: QWidget) -> None:
        """Another widget, at the end."""
        self._layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignRight)

    def show_session(self, name: str, details: str) -> None:
        """Another session."""
        self._name.setText(name)
        self._details.show_text(details)

    def show_mode(self, name: str) -> None:
        """Check the mode's button."""
        self._buttons[name].setChecked(True)


_MODE_TIPS = {
    "suggest": QT_TRANSLATE_NOOP(
        "MainWindow", "Look at every suggestion and decide: accept, reject, or take a part of it (Ctrl+1)"
    ),
    "automatic": QT_TRANSLATE_NOOP("MainWindow", "Have a finished mix made, with its report (Ctrl+2)"),
    "insight": QT_TRANSLATE_NOOP("MainWindow", "See why: what was heard, what was done, and what that did (Ctrl+3)"),
}


def _column(widget: QWidget) -> QVBoxLayout:
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout


def _local_path(event: QDropEvent) -> str | None:
    """The one local path that an event carries."""
    mime = event.mimeData()
    urls = mime.urls() if mime is not None else []
    return urls[0].toLocalFile() if len(urls) == 1 and urls[0].isLocalFile() else None
