"""Keys without Ctrl or Alt: they belong to what has the keyboard before they belong to the menus.

Space plays and 1, 2, 3 switch what is heard, but not while a value is typed; and Space and Return press the button that
the keyboard was brought to. A button that was clicked with the mouse leaves Space to the transport: whoever has just
accepted a track wants to hear it.

Contents: :class:`PlainKeys`.
"""

from __future__ import annotations

from PyQt6.QtCore import QObject, Qt
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

_TYPED = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit)
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class PlainKeys(QObject):
    """Decides to whom a key goes in one window."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._is_by_mouse = False
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._note_how)

    def keeps(self, event: QKeyEvent) -> bool:
        """Whether the widget with the keyboard takes the key before any shortcut."""
        focus = QApplication.focusWidget()
        if focus is None or event.modifiers() & _COMMANDS:
            return False
        if isinstance(focus, _TYPED):
            return event.key() != Qt.Key.Key_Escape and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
        if isinstance(focus, QAbstractItemView):
            return event.key() == Qt.Key.Key_Space and _is_checkable(focus)
        return event.key() in _PRESSES and isinstance(focus, (QAbstractButton, QComboBox)) and not self._is_by_mouse

    def presses(self, event: QKeyEvent) -> bool:
        """Press the button with the keyboard where Return asks for it, as Space does; whether that was so."""
        focus = QApplication.focusWidget()
        is_asked = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _COMMANDS
        if not is_asked or not isinstance(focus, QAbstractButton) or not focus.isEnabled():
            return False
        focus.click()
        return True

    def _note_how(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is not None:
            self._is_by_mouse = QApplication.mouseButtons() != Qt.MouseButton.NoButton


def _is_checkable(view: QAbstractItemView) -> bool:
    return bool(view.currentIndex().flags() & Qt.ItemFlag.ItemIsUserCheckable)
