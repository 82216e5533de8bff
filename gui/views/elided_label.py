"""Text in one line that is cut short where there is no room, with all of it in the tooltip and for screen readers."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel, QSizePolicy, QWidget

_Flag = Qt.AlignmentFlag


class ElidedLabel(QLabel):
    """A label that takes the room there is."""

    def __init__(self, parent: QWidget, alignment: Qt.AlignmentFlag = _Flag.AlignLeft) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAlignment(alignment | _Flag.AlignVCenter)

    def show_text(self, text: str) -> None:
        """Show ``text``."""
        if text != self._whole:
            self._whole = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self._cut()

    def minimumSizeHint(self) -> QSize:
        """Qt: it can always be cut."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: cut it anew."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))
