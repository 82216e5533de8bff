"""All that the keyboard can do, on one page."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QT_TRANSLATE_NOOP, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QBoxLayout, QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.views.forms import fit_on_screen
from gui.views.theme import GAP, ROOMY, TIGHT, mark, px

#: Keys that belong to a strip of the mixer, to a control and to the waveform: (what they do, the key).
_STRIP_KEYS = (
    (QT_TRANSLATE_NOOP("KeysDialog", "Accept the track"), "A"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Reject the track"), "R"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Leave the track open"), "U"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Lock the track"), "L"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Solo, mute"), "S  M"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Less, more of what is proposed"), "[  ]"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Other strips"), QT_TRANSLATE_NOOP("KeysDialog", "\u2190 \u2192 Home End")),
    (QT_TRANSLATE_NOOP("KeysDialog", "Select all strips"), QT_TRANSLATE_NOOP("KeysDialog", "Ctrl+A")),
    (QT_TRANSLATE_NOOP("KeysDialog", "Insight into the track"), QT_TRANSLATE_NOOP("KeysDialog", "Enter")),
)
_CONTROL_KEYS = (
    (QT_TRANSLATE_NOOP("KeysDialog", "A step up, down"), "\u2191 \u2193"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Fine, by key, wheel or mouse"), QT_TRANSLATE_NOOP("KeysDialog", "Shift")),
    (QT_TRANSLATE_NOOP("KeysDialog", "Type a value"), "0-9"),
    (
        QT_TRANSLATE_NOOP("KeysDialog", "Back to what is proposed"),
        QT_TRANSLATE_NOOP("KeysDialog", "Delete, double click"),
    ),
)
_WAVEFORM_KEYS = (
    (QT_TRANSLATE_NOOP("KeysDialog", "Back, on by a second"), "\u2190 \u2192"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Zoom in, out, show all"), "+  -  0"),
    (QT_TRANSLATE_NOOP("KeysDialog", "Where the loop begins, ends"), "[  ]"),
)
_THREE_COLUMNS = 880  # width at 100 %


class KeysDialog(QDialog):
    """``menu_keys`` are those of the menus: (what they do, the key)."""

    def __init__(self, menu_keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keys"))
        content = QWidget(self)
        self._columns = columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, content)
        columns.setSpacing(px(ROOMY))
        half = (len(menu_keys) + 1) // 2
        columns.addWidget(_table(self.tr("Everywhere"), menu_keys[:half]), 1)
        more = _table("\u00a0", menu_keys[half:])
        self._blank = more.findChildren(QLabel)[0]
        columns.addWidget(more, 1)
        ours = QWidget(content)
        column = QVBoxLayout(ours)
        column.setContentsMargins(0, 0, 0, 0)
        for title, keys in (
            (self.tr("On a strip"), _STRIP_KEYS),
            (self.tr("On a control"), _CONTROL_KEYS),
            (self.tr("On the waveform"), _WAVEFORM_KEYS),
        ):
            column.addWidget(_table(title, [(self.tr(what), self.tr(key)) for what, key in keys]))
        column.addStretch(1)
        columns.addWidget(ours, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(content)
        layout = QVBoxLayout(self)
        layout.addWidget(area)
        fit_on_screen(self, px(920), px(560))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: columns side by side where there is room for them, else one under the other."""
        super().resizeEvent(event)
        is_wide = self.width() >= px(_THREE_COLUMNS)
        self._blank.setVisible(is_wide)
        self._columns.setSpacing(px(ROOMY if is_wide else TIGHT))
        self._columns.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)


def _table(title: str, rows: Sequence[tuple[str, str]]) -> QWidget:
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(px(GAP))
    grid.setVerticalSpacing(px(TIGHT))
    heading = QLabel(title, table)
    mark(heading, "heading")
    grid.addWidget(heading, 0, 0, 1, 2)
    for number, (what, key) in enumerate(rows, 1):
        shown = QLabel(key, table)
        mark(shown, "quiet")
        grid.addWidget(QLabel(what, table), number, 0)
        grid.addWidget(shown, number, 1, Qt.AlignmentFlag.AlignRight)
    grid.setRowStretch(len(rows) + 1, 1)
    grid.setColumnStretch(0, 1)
    return table
