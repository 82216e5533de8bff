"""The strip's small buttons, drawn with signs of their own so that nothing is told by colour alone.

The model decides what they show: a click changes nothing by itself.

Contents: :class:`PaintedButton`, :class:`SignButton`, :class:`LetterButton`.
"""

from __future__ import annotations

from collections.abc import Hashable

from PyQt6.QtCore import QRectF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QWidget

from gui.views.colours import mixed
from gui.views.icons import paint_mark
from gui.views.painting import paint_focus, paint_font
from gui.views.pictures import kept_picture
from gui.views.theme import colours, px

_Flag = Qt.AlignmentFlag


class PaintedButton(QAbstractButton):
    """A button that paints itself and leaves its state to the model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def nextCheckState(self) -> None:
        """Qt: the model checks it, not the click."""

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw it."""
        rect = QRectF(self.rect())
        picture = kept_picture(self, self.look(), lambda inside: self.paint(inside, rect))
        painter = QPainter(self)
        painter.drawPixmap(0, 0, picture)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw it into ``rect``, on the strip's ground."""
        raise NotImplementedError

    def look(self) -> Hashable:
        """All that the picture depends on: pictures are kept by it."""
        raise NotImplementedError

    def say(self, name: str) -> None:
        """Tell assistive technology what it is and how it stands."""
        if name != self.accessibleName():
            self.setAccessibleName(name)

    def frame(self, painter: QPainter, rect: QRectF, ground: QColor, edge: QColor) -> None:
        """A rounded plate."""
        painter.setPen(QPen(edge, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))


class SignButton(PaintedButton):
    """Accept, reject, lock: a sign on a plate, which is full when it holds."""

    def __init__(self, sign: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self._sign, self._colour, self._fill = sign, colour, "open"

    def show_state(self, is_on: bool, is_enabled: bool = True, fill: str = "open", sign: str = "") -> None:
        """Full, or else "partly", "open" or "quiet" where nothing is asked; equal states paint nothing."""
        sign = sign or self._sign
        if (is_on, is_enabled, fill, sign) == (self.isChecked(), self.isEnabled(), self._fill, self._sign):
            return
        self._fill, self._sign = fill, sign
        self.setChecked(is_on)
        self.setEnabled(is_enabled)
        self.update()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the plate and the sign."""
        now = colours()
        own: QColor = getattr(now, self._colour)
        if self.isChecked():
            self.frame(painter, rect, own, own)
        elif self._fill == "partly":
            self.frame(painter, rect, mixed(now.panel, own, 0.25), own)
        else:
            self.frame(painter, rect, now.raised if self._is_asking else now.panel, self._edge())
        ink = now.panel if self.isChecked() else own if self.isEnabled() and self._fill != "quiet" else now.outline
        side = min(rect.height() - px(8), px(16))
        box = QRectF(0, 0, side, side)
        box.moveCenter(rect.center())
        paint_mark(painter, box, self._sign, ink)

    def look(self) -> Hashable:
        """Sign, colour and state."""
        return self._sign, self._colour, self._fill, self.isChecked(), self.isEnabled()

    @property
    def _is_asking(self) -> bool:
        return self.isEnabled() and self._fill == "open"

    def _edge(self) -> QColor:
        return colours().outline if self._is_asking else colours().line


class LetterButton(PaintedButton):
    """Solo and mute: a letter on a plate."""

    def __init__(self, letter: str, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self._letter, self._colour = letter, colour

    def show_state(self, is_on: bool) -> None:
        """Lit or not."""
        if is_on != self.isChecked():
            self.setChecked(is_on)

    def look(self) -> Hashable:
        """Letter, colour and state."""
        return self._letter, self._colour, self.isChecked()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the plate and the letter."""
        now = colours()
        own: QColor = getattr(now, self._colour)
        self.frame(painter, rect, own if self.isChecked() else now.raised, own if self.isChecked() else now.outline)
        painter.setFont(paint_font("small", is_bold=True))
        painter.setPen(now.panel if self.isChecked() else now.quiet)
        painter.drawText(rect, int(_Flag.AlignCenter), self._letter)
