"""The DAW's own small window: the way to it, and what it was told."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QDialog, QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.views.forms import fit_on_screen
from gui.views.theme import GAP, px, theme_signals

_SIZE = (680, 620)


class DawWindow(QDialog):
    """``card`` over ``panel``; stands beside the main window and does not block it."""

    def __init__(self, card: QWidget, panel: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("DAW"))
        self.setModal(False)
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, False)
        content = QWidget(self)
        self._layout = QVBoxLayout(content)
        self._layout.addWidget(card)
        self._layout.addWidget(panel, 1)
        area = QScrollArea(self)  # large text on a small screen
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        self._space()
        theme_signals().theme_changed.connect(self._space)
        fit_on_screen(self, px(_SIZE[0]), px(_SIZE[1]))

    def present(self) -> None:
        """Show it in front."""
        self.show()
        self.raise_()
        self.activateWindow()

    def _space(self) -> None:
        self._layout.setContentsMargins(*4 * (px(GAP),))
        self._layout.setSpacing(px(GAP))
