"""The menu of roles: by family, with a search.

Contents: :class:`RoleMenu`.
"""

from __future__ import annotations

from PyQt6.QtCore import QEvent, QPoint, QSize, Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from assistant.engineers.role_table import FAMILIES, ROLES
from gui.translating import table_text
from gui.views.icons import FAMILY_MARKS, icon
from gui.views.theme import colours, mark, px, text_font

_ROLE = Qt.ItemDataRole.UserRole
_KEYS_OF_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class RoleMenu(QFrame):
    """Pops up under a role chip; ``chosen`` tells a role, "" for what the engineer hears."""

    chosen = pyqtSignal(str)

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        mark(self, "card")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("Role of the track"))
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(self.tr("Search roles"))
        self.search.setAccessibleName(self.tr("Search roles"))
        self.search.setToolTip(self.tr("Type a part of a role or of its family; Enter takes the marked one."))
        self.list = QListWidget(self)
        self.list.setAccessibleName(self.tr("Roles by family"))
        self.list.setIconSize(QSize(px(12), px(12)))
        self._fill(role)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(6), px(6), px(6), px(6))
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self.setFixedSize(px(230), px(380))
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self.search.returnPressed.connect(self._choose_current)

    def open_at(self, place: QPoint) -> None:
        """Show it at ``place`` of the screen, all of it on the screen."""
        screen = QApplication.screenAt(place) or QApplication.primaryScreen()
        if screen is not None:
            free = screen.availableGeometry()
            self.setFixedHeight(min(self.height(), free.height()))
            x = min(place.x(), free.right() - self.width())
            y = min(place.y(), free.bottom() - self.height())
            place = QPoint(max(x, free.left()), max(y, free.top()))
        self.move(place)
        self.show()
        self.search.setFocus()

    def _fill(self, role: str) -> None:
        self._add(self.tr("As it is heard"), "", "")
        for family in FAMILIES:
            self._add_heading(family)
            for row in ROLES:
                if row.family == family:
                    self._add(table_text(row.name), row.name, family)
        for item in self._items():
            if item.data(_ROLE) == role:
                self.list.setCurrentItem(item)

    def _add(self, text: str, role: str, family: str) -> None:
        item = QListWidgetItem(text, self.list)
        item.setSizeHint(QSize(0, px(26)))
        item.setData(_ROLE, role)
        item.setData(_ROLE + 1, f"{text} {table_text(family) if family else family}")
        if family:
            item.setIcon(icon(FAMILY_MARKS[family], colours().family(family), px(12)))

    def _add_heading(self, family: str) -> None:
        item = QListWidgetItem(table_text(family).capitalize(), self.list)
        item.setSizeHint(QSize(0, px(28)))
        item.setTextAlignment(Qt.AlignmentFlag.AlignBottom)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(text_font("small", is_bold=True))
        item.setForeground(colours().quiet)

    def _items(self) -> list[QListWidgetItem]:
        return [item for k in range(self.list.count()) if (item := self.list.item(k)) is not None]

    def _filter(self, text: str) -> None:
        """Show what holds ``text``; headings only without one."""
        word = text.strip().lower()
        first = None
        for item in self._items():
            is_role = item.data(_ROLE) is not None
            is_shown = word in item.data(_ROLE + 1).lower() if is_role else not word
            item.setHidden(not is_shown)
            first = first or (item if is_role and is_shown else None)
        if word and first is not None:
            self.list.setCurrentItem(first)

    def _choose_current(self) -> None:
        item = self.list.currentItem()
        if item is not None and not item.isHidden():
            self._choose(item)

    def _choose(self, item: QListWidgetItem) -> None:
        role = item.data(_ROLE)
        if role is not None:
            self.close()
            self.chosen.emit(role)

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        """Qt: the arrows move in the list while the search has the keyboard."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _KEYS_OF_LIST:
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.close()
                return True
        return False
