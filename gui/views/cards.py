"""Large buttons with a sign, a title and a line of explanation, and the sheet that is laid over a page while something
is dragged over it.

Contents: :class:`CardButton`, :class:`DropSheet`.
"""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.views.icons import paint_mark, pixmap
from gui.views.theme import GAP, ROOMY, SNUG, colours, mark, px, text_font, theme_signals


class CardButton(QPushButton):
    """A button as wide as its column: a sign, a title, and what it does."""

    def __init__(
        self, sign: str, title: str, explanation: str, parent: QWidget | None = None, *, is_small: bool = False
    ) -> None:
        super().__init__(parent)
        self._sign_name, self._is_small = sign, is_small
        self._sign, self._title, self._explanation = QLabel(self), QLabel(title, self), QLabel(explanation, self)
        mark(self, "row" if is_small else "card")
        mark(self._title, "strong")
        mark(self._explanation, "small")
        self._explanation.setWordWrap(True)
        for label in (self._sign, self._title, self._explanation):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(title)
        self.setToolTip(explanation)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._texts, self._row = QVBoxLayout(), QHBoxLayout(self)
        self._texts.addWidget(self._title)
        self._texts.addWidget(self._explanation)
        self._row.addWidget(self._sign)
        self._row.addLayout(self._texts, 1)
        theme_signals().theme_changed.connect(self._dress)
        self._dress()

    def hasHeightForWidth(self) -> bool:
        """Qt: the explanation wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: as high as its texts need."""
        return self._row.totalHeightForWidth(width)

    def sizeHint(self) -> QSize:
        """Qt: that of its texts, not of a button's label."""
        return self._row.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Qt: that of its texts, not of a button's label."""
        return self._row.totalMinimumSize()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: the return key presses it, too."""
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        across, along, side = (GAP, SNUG, 20) if self._is_small else (ROOMY, 16, 28)
        self._row.setContentsMargins(px(across), px(along), px(across), px(along))
        self._row.setSpacing(px(across))
        self._texts.setSpacing(px(2))
        self._sign.setPixmap(pixmap(self._sign_name, px(side), colours().quiet if self._is_small else colours().accent))
        self.updateGeometry()


class DropSheet(QWidget):
    """Laid over its parent while something is dragged over it: what dropping it will do, or why it will not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text, self._is_welcome = "", True
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str, *, is_welcome: bool) -> None:
        """Cover the parent and say ``text``."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._text, self._is_welcome = text, is_welcome
        self.setAccessibleName(text)
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: a frame of dashes with a sign and the text in its middle."""
        shown = colours()
        colour = shown.accent if self._is_welcome else shown.warning
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = QColor(shown.window)
        veil.setAlphaF(0.94)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(colour, px(2), Qt.PenStyle.DashLine))
        inset = px(ROOMY)
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame, px(SNUG), px(SNUG))
        self._paint_middle(painter, frame, colour)
        painter.end()

    def _paint_middle(self, painter: QPainter, frame: QRectF, colour: QColor) -> None:
        side, middle = px(56), frame.center()
        sign = QRectF(middle.x() - side / 2, middle.y() - side - px(GAP), side, side)
        paint_mark(painter, sign, "plus" if self._is_welcome else "warning", colour)
        painter.setFont(text_font("heading", is_bold=True))
        painter.setPen(colours().text)
        below = frame.adjusted(px(ROOMY), 0, -px(ROOMY), 0)
        below.setTop(middle.y() + px(GAP))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(below, flags, self._text)
