"""Everything that the menus and the keyboard can do: one row each, made into Qt's actions and menus.

Contents: :class:`Row`, ``ROWS``, :class:`Actions`.
"""

from __future__ import annotations

from dataclasses import dataclass

from PyQt6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenuBar

#: Menus, in their order.
_MENUS = (
    QT_TRANSLATE_NOOP("Actions", "&Session"),
    QT_TRANSLATE_NOOP("Actions", "&Edit"),
    QT_TRANSLATE_NOOP("Actions", "&Mix"),
    QT_TRANSLATE_NOOP("Actions", "&Listen"),
    QT_TRANSLATE_NOOP("Actions", "&DAW"),
    QT_TRANSLATE_NOOP("Actions", "&View"),
    QT_TRANSLATE_NOOP("Actions", "&Help"),
)


@dataclass(frozen=True)
class Row:
    """One action: the menu's number, its name, text, key and tip; ``needs`` is "", "session" or "proposal"."""

    menu: int
    name: str
    text: str
    key: str = ""
    tip: str = ""
    needs: str = ""
    is_checkable: bool = False


ROWS: tuple[Row, ...] = (
    Row(0, "open_folder", QT_TRANSLATE_NOOP("Actions", "Open a &folder of stems..."), "Ctrl+O"),
    Row(0, "open_file", QT_TRANSLATE_NOOP("Actions", "Open a &project or mix file..."), "Ctrl+Shift+O"),
    Row(0, "open_demo", QT_TRANSLATE_NOOP("Actions", "Open the &demo")),
    Row(0, "save_mix", QT_TRANSLATE_NOOP("Actions", "&Save the mix as..."), "Ctrl+S", "", "session"),
    Row(0, "reload", QT_TRANSLATE_NOOP("Actions", "&Read the session again"), "F5", "", "session"),
    Row(0, "close_session", QT_TRANSLATE_NOOP("Actions", "&Close the session"), "Ctrl+W", "", "session"),
    Row(0, "preferences", QT_TRANSLATE_NOOP("Actions", "&Preferences..."), "Ctrl+,"),
    Row(0, "quit", QT_TRANSLATE_NOOP("Actions", "&Quit"), "Ctrl+Q"),
    Row(2, "propose", QT_TRANSLATE_NOOP("Actions", "&Listen and propose"), "Ctrl+P", "", "session"),
    Row(2, "accept_all", QT_TRANSLATE_NOOP("Actions", "&Accept all"), "Ctrl+Shift+A", "", "proposal"),
    Row(2, "reject_all", QT_TRANSLATE_NOOP("Actions", "&Reject all"), "Ctrl+Shift+R", "", "proposal"),
    Row(2, "reset_all", QT_TRANSLATE_NOOP("Actions", "Leave all &open"), "Ctrl+Shift+U", "", "proposal"),
    Row(3, "play", QT_TRANSLATE_NOOP("Actions", "&Play or pause"), "Space", "", "session"),
    Row(3, "return", QT_TRANSLATE_NOOP("Actions", "&Return to the start"), "Return", "", "session"),
    Row(3, "back", QT_TRANSLATE_NOOP("Actions", "&Back by 5 seconds"), "Ctrl+Left", "", "session"),
    Row(3, "ahead", QT_TRANSLATE_NOOP("Actions", "A&head by 5 seconds"), "Ctrl+Right", "", "session"),
    Row(3, "loop", QT_TRANSLATE_NOOP("Actions", "&Loop"), "Ctrl+L", "", "session", is_checkable=True),
    Row(3, "hear_before", QT_TRANSLATE_NOOP("Actions", "Hear it as it was &before"), "1", "", "session"),
    Row(3, "hear_proposed", QT_TRANSLATE_NOOP("Actions", "Hear what is p&roposed"), "2", "", "session"),
    Row(3, "hear_accepted", QT_TRANSLATE_NOOP("Actions", "Hear what is &accepted"), "3", "", "session"),
    Row(4, "daw_connect", QT_TRANSLATE_NOOP("Actions", "&Connect..."), "Ctrl+D"),
    Row(4, "daw_panel", QT_TRANSLATE_NOOP("Actions", "What the DAW was &told..."), "Ctrl+Shift+D"),
    Row(4, "daw_undo", QT_TRANSLATE_NOOP("Actions", "&Undo the last push")),
    Row(4, "daw_disconnect", QT_TRANSLATE_NOOP("Actions", "&Disconnect")),
    Row(5, "suggest", QT_TRANSLATE_NOOP("Actions", "&Suggestions"), "Ctrl+1", "", "session", is_checkable=True),
    Row(5, "automatic", QT_TRANSLATE_NOOP("Actions", "&Automatic"), "Ctrl+2", "", "session", is_checkable=True),
    Row(5, "insight", QT_TRANSLATE_NOOP("Actions", "&Insight"), "Ctrl+3", "", "session", is_checkable=True),
    Row(5, "larger", QT_TRANSLATE_NOOP("Actions", "&Larger text"), "Ctrl++"),
    Row(5, "smaller", QT_TRANSLATE_NOOP("Actions", "S&maller text"), "Ctrl+-"),
    Row(5, "dark", QT_TRANSLATE_NOOP("Actions", "&Dark or light")),
    Row(6, "keys", QT_TRANSLATE_NOOP("Actions", "&Keys"), "F1"),
    Row(6, "about", QT_TRANSLATE_NOOP("Actions", "&About mixassist")),
)


class Actions(QObject):
    """The actions of one window, by name."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._actions = {row.name: self._made(row) for row in ROWS}

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def _made(self, row: Row) -> QAction:
        action = QAction(_translated(row.text), self)
        action.setObjectName(row.name)
        action.setCheckable(row.is_checkable)
        if row.key:
            action.setShortcut(QKeySequence(row.key))
        action.setEnabled(not row.needs)
        return action

    def set_available(self, *, has_session: bool, has_proposal: bool) -> None:
        """Enable what can be done now."""
        there = {"": True, "session": has_session, "proposal": has_session and has_proposal}
        for row in ROWS:
            self._actions[row.name].setEnabled(there[row.needs])

    def fill(self, bar: QMenuBar, edits: list[QAction]) -> None:
        """Put all into the menus of ``bar``; ``edits`` are undo and redo."""
        for number, title in enumerate(_MENUS):
            menu = bar.addMenu(_translated(title))
            menu.setToolTipsVisible(True)
            menu.addActions(edits if number == 1 else [])
            menu.addActions([self._actions[row.name] for row in ROWS if row.menu == number])

    def keys_text(self) -> list[tuple[str, str]]:
        """Every action that has a key: (what it does, the key)."""
        shown = ((_translated(row.text), self._actions[row.name].shortcut()) for row in ROWS if row.key)
        return [(text.replace("&", "").rstrip("."), key.toString(key.SequenceFormat.NativeText)) for text, key in shown]


def _translated(text: str) -> str:
    return QCoreApplication.translate("Actions", text)
