"""What a strip tells at a glance and lets be changed: its parts, its role, and how it stands with the DAW.

Contents: :class:`PartLamp`, ``PART_LETTERS``, ``NEXT_DECISION``, :class:`RoleChip`, :class:`LinkLamp`.
"""

from __future__ import annotations

from collections.abc import Hashable

from PyQt6.QtCore import QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QPainter
from PyQt6.QtWidgets import QMenu, QWidget

from gui.models.strips import PartState
from gui.translating import table_text
from gui.views.buttons import PaintedButton
from gui.views.icons import FAMILY_MARKS, paint_mark
from gui.views.painting import elided, paint_font
from gui.views.theme import colours, px

_Flag = Qt.AlignmentFlag


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
        return (table_text(self._role) if self._role else self.tr("role")) + ("" if self._is_sure else "?")

    def look(self) -> Hashable:
        """Role, family, and whether that is sure."""
        return "role", self.role_text(), self._family, self._is_sure

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
