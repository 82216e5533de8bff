"""The strip's small buttons, drawn with signs of their own so that nothing is told by colour alone.

The model decides what they show: a click changes nothing by itself.

Contents: :class:`PaintedButton`, :class:`SignButton`, :class:`LetterButton`, :class:`PartLamp`, :class:`RoleChip`,
:class:`LinkLamp`.
"""

from __future__ import annotations

from collections.abc import Hashable

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QColor, QContextMenuEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QAbstractButton, QMenu, QWidget

from gui.models.strips import PartState
from gui.views.colours import mixed
from gui.views.icons import FAMILY_MARKS, paint_mark
from gui.views.pictures import kept_picture
from gui.views.theme import colours, px
from gui.views.value_control import paint_focus, paint_font

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


#: What stands for each part on a strip: as short as it gets.
PART_LETTERS: dict[str, str] = {
    "levels": "L",
    "eq": "E",
    "dynamics": "C",
    "image": "P",
    "reverb": "R",
    "polarity": "Ø",
}
_SIGNS = {"accepted": ("check", "accepted"), "rejected": ("cross", "rejected"), "pending": ("ring", "proposed")}
NEXT_DECISION = {"pending": "accepted", "accepted": "rejected", "rejected": "pending"}


class PartLamp(PaintedButton):
    """One part of the strip: its letter, and under it the sign of what is decided. A click goes on to the next."""

    decided = pyqtSignal(str, str)
    lock_asked = pyqtSignal(str, bool)

    def __init__(self, part: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        self.state: PartState | None = None
        self.clicked.connect(self._cycle)

    def show_part(self, state: PartState, owner: str) -> None:
        """Show how the part stands; equal states paint nothing."""
        if state == self.state and self.accessibleName().startswith(f"{owner}: "):
            return
        self.state = state
        text = self._state_text(state)
        self.say(f"{owner}: {state.label}, {text}")
        self.setToolTip(
            self.tr("{}: {}. Click to accept, again to reject, again to leave open; right click to lock.").format(
                state.label, text
            )
        )
        self.update()

    def _state_text(self, state: PartState) -> str:
        if state.is_locked:
            return self.tr("locked: stays as it was")
        if not state.is_changed:
            return self.tr("no change proposed")
        texts = {"pending": self.tr("open"), "accepted": self.tr("accepted"), "rejected": self.tr("rejected")}
        return texts[state.decision]

    def sign(self) -> tuple[str, str]:
        """The mark that is drawn and its colour's name."""
        if self.state is None or (not self.state.is_changed and not self.state.is_locked):
            return "dash", "line"
        return ("lock", "warning") if self.state.is_locked else _SIGNS[self.state.decision]

    def look(self) -> Hashable:
        """The part and its sign."""
        return self.part, self.sign()

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the letter and the sign."""
        now = colours()
        sign, colour = self.sign()
        painter.setFont(paint_font())
        is_quiet = sign == "dash"
        painter.setPen(now.outline if is_quiet else now.text)
        half = rect.height() * 0.54
        painter.drawText(QRectF(0, 0, rect.width(), half), int(_Flag.AlignCenter), PART_LETTERS[self.part])
        side = px(15)  # a mark leaves a margin within its field
        box = QRectF((rect.width() - side) / 2, half - px(2), side, side)
        paint_mark(painter, box, sign, getattr(now, colour))

    def _cycle(self) -> None:
        if self.state is not None and not self.state.is_locked and self.state.is_changed:
            self.decided.emit(NEXT_DECISION[self.state.decision], self.part)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Qt: what else there is."""
        if event is not None:
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())

    def menu(self) -> QMenu:
        """All that can be done with the part."""
        menu, state = QMenu(self), self.state
        is_open = state is not None and state.is_changed and not state.is_locked
        for decision, text in (
            ("accepted", self.tr("Accept")),
            ("rejected", self.tr("Reject")),
            ("pending", self.tr("Leave open")),
        ):
            action = menu.addAction(text, lambda decision=decision: self.decided.emit(decision, self.part))
            assert action is not None
            action.setEnabled(is_open)
        menu.addSeparator()
        is_locked = state is not None and state.is_locked
        menu.addAction(
            self.tr("Unlock") if is_locked else self.tr("Lock"),
            lambda: self.lock_asked.emit(self.part, not is_locked),
        )
        return menu


class RoleChip(PaintedButton):
    """What the track is taken for, with its family's mark, and a question mark where that is unsure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTip(self.tr("What the track was taken for. Click to correct it: the proposal is made anew."))
        self._role, self._family, self._is_sure = "", "", True

    def show_role(self, role: str, family: str, is_sure: bool) -> None:
        """Show a role."""
        if (role, family, is_sure) != (self._role, self._family, self._is_sure):
            self._role, self._family, self._is_sure = role, family, is_sure
            self.update()

    def role_text(self) -> str:
        """The role as it is written, ``snare?`` where it is unsure."""
        return (self._role or self.tr("role")) + ("" if self._is_sure else "?")

    def look(self) -> Hashable:
        """Role, family, and whether that is sure."""
        return "role", self._role, self._family, self._is_sure

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw mark and role."""
        now, side = colours(), px(11)
        self.frame(painter, rect, now.panel, now.line if self._is_sure else now.warning)
        colour = now.family(self._family) if self._role else now.outline
        paint_mark(
            painter,
            QRectF(px(4), (rect.height() - side) / 2, side, side),
            FAMILY_MARKS.get(self._family, "ring"),
            colour,
        )
        box = QRectF(side + px(7), 0, rect.width() - side - px(10), rect.height())
        painter.setFont(paint_font())
        painter.setPen(now.text if self._is_sure else now.warning)
        painter.drawText(box, int(_Flag.AlignLeft | _Flag.AlignVCenter), elided(self.role_text(), box.width()))


def elided(text: str, width: float, size: str = "small", *, is_bold: bool = False) -> str:
    """``text`` as much of it as fits into ``width`` px."""
    metrics = QFontMetricsF(paint_font(size, is_bold=is_bold))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


class LinkLamp(PaintedButton):
    """Where the strip stands with the DAW; a click on a problem opens what is known of it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.link, self._problems = "", ()
        self.setVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    _problems: tuple[str, ...]

    def show_link(self, link: str, problems: tuple[str, ...], owner: str) -> None:
        """Show "", "sending", "confirmed" or "problem"."""
        texts = {
            "": self.tr("no DAW"),
            "sending": self.tr("being sent to the DAW"),
            "confirmed": self.tr("confirmed by the DAW"),
            "problem": self.tr("the DAW holds another value"),
        }
        self.say(f"{owner}: {texts[link]}" + (f". {' '.join(problems)}" if problems else ""))
        if (link, problems) != (self.link, self._problems):
            self.link, self._problems = link, problems
            self.setToolTip("\n".join((texts[link], *problems)))
            self.setVisible(bool(link))
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if link == "problem" else Qt.FocusPolicy.NoFocus)
            self.update()

    def look(self) -> Hashable:
        """How the link stands."""
        return "link", self.link

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the sign."""
        now = colours()
        if not self.link:
            return
        sign, colour = {
            "sending": ("more", now.proposed),
            "confirmed": ("link", now.outline),
            "problem": ("warning", now.warning),
        }[self.link]
        side = min(rect.width(), rect.height(), px(18))
        box = QRectF(0, 0, side, side)
        box.moveCenter(rect.center())
        paint_mark(painter, box, sign, colour)
