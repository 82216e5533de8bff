"""One strip of the mixer: all that stands and is proposed of one track, and what can be decided of it.

A strip is drawn for whatever row it is given, and given another one when it has been scrolled out: it holds no state of
a track. Its signals name the row that it shows.

Contents: :class:`StripView`, ``PROCESSED`` (what each control sets), :func:`shown_settings`.
"""

from __future__ import annotations

from collections.abc import Mapping

from PyQt6.QtCore import QPoint, QRect, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QFocusEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt6.QtWidgets import QWidget

from assistant.decisions import PARTS
from assistant.mix import Decision
from assistant.params import BY_NAME
from gui.models.strips import Strip
from gui.translating import table_text
from gui.views.buttons import LetterButton, SignButton
from gui.views.colours import mixed
from gui.views.controls import Bar, PanArc
from gui.views.fader import Fader, Meter
from gui.views.lamps import LinkLamp, PartLamp, RoleChip
from gui.views.painting import elided, paint_focus, paint_font
from gui.views.role_menu import RoleMenu
from gui.views.strip_layout import PLATE, arrange
from gui.views.theme import colours, px
from gui.views.thumbnails import CompressorThumbnail, EqualiserThumbnail
from gui.views.travel import TRAVELS
from gui.views.value_control import ScrollClock, ValueControl

_SURE = 0.5
_SAME_SHARE = 1e-3  # of a control's travel: what DAWs round
_ALL = list(PARTS)


def shown_settings(strip: Strip) -> Mapping[str, float]:
    """What stands now: as the DAW holds it, or what it is being told."""
    return strip.made if strip.link == "sending" else strip.held


def is_off_course(strip: Strip, param: str) -> bool:
    """Whether the DAW did not take ``param`` over."""
    row = BY_NAME[param]
    apart = abs(row.to_unit(strip.held[param]) - row.to_unit(strip.made[param]))
    return strip.link == "problem" and apart > _SAME_SHARE


class StripView(QWidget):
    """The widgets of one strip. ``show_strip`` gives it a row."""

    decided = pyqtSignal(int, str, list)
    lock_changed = pyqtSignal(int, list, bool)
    amount_changed = pyqtSignal(int, float, object)
    values_changed = pyqtSignal(int, dict, object)
    values_reset = pyqtSignal(int, list)
    role_chosen = pyqtSignal(int, str)
    solo_toggled = pyqtSignal(int, bool)
    mute_toggled = pyqtSignal(int, bool)
    clip_cleared = pyqtSignal(int)
    opened = pyqtSignal(int)
    pressed = pyqtSignal(int, object)
    focused = pyqtSignal(int)

    def __init__(self, clock: ScrollClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip: Strip | None = None
        self.is_selected = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._make_buttons()
        self._make_controls(clock)
        self._connect()

    def _make_buttons(self) -> None:
        self.role = RoleChip(self)
        self.accept = SignButton("check", "accepted", self)
        self.reject = SignButton("cross", "rejected", self)
        self.lock = SignButton("unlock", "warning", self)
        self.lamps = {part: PartLamp(part, self) for part in PARTS}
        self.equaliser = EqualiserThumbnail(self)
        self.compressor = CompressorThumbnail(self)
        self.solo = LetterButton("S", "warning", self)
        self.mute = LetterButton("M", "danger", self)
        self.link = LinkLamp(self)
        self.accept.setToolTip(self.tr("Accept all that is proposed for the track (A); again to leave it open (U)."))
        self.reject.setToolTip(self.tr("Reject all that is proposed for the track (R); again to leave it open (U)."))
        self.lock.setToolTip(self.tr("Lock the track (L): it stays as it is, whatever is accepted."))
        self.solo.setToolTip(self.tr("Hear the track alone, with others that are soloed (S)."))
        self.mute.setToolTip(self.tr("Do not hear the track (M). Changes nothing of the mix."))

    def _make_controls(self, clock: ScrollClock) -> None:
        self.amount = Bar(TRAVELS["amount"], self.tr("Amount"), clock, self)
        self.trim = Bar(TRAVELS["trim_db"], self.tr("Trim"), clock, self, is_centred=True)
        self.send = Bar(TRAVELS["send_db"], self.tr("Send"), clock, self)
        self.pan = PanArc(TRAVELS["pan"], clock, self)
        self.fader = Fader(clock, self)
        self.meter = Meter(self)
        how = self.tr("Drag, or turn the wheel; Shift for fine steps, double click to reset, type a number to set it.")
        for control, what in (
            (self.amount, self.tr("How much of what is proposed is done: 0 % nothing, 100 % all of it.")),
            (self.trim, self.tr("Gain before everything else on the strip: sets what the compressor meets.")),
            (self.send, self.tr("What goes to the reverb, after the fader.")),
            (self.pan, self.tr("Place from left to right. Dot: as it stands; ring: proposed.")),
            (self.fader, self.tr("Level. Full cap: as it stands; outlined cap: proposed.")),
        ):
            control.setToolTip(f"{what}\n{how}")
        self.set_by_hand: dict[str, ValueControl] = {
            "trim_db": self.trim,
            "send_db": self.send,
            "pan": self.pan,
            "fader_db": self.fader,
        }

    def _connect(self) -> None:
        self.accept.clicked.connect(lambda: self._decide("accepted", self.accept.isChecked()))
        self.reject.clicked.connect(lambda: self._decide("rejected", self.reject.isChecked()))
        self.lock.clicked.connect(lambda: self.lock_changed.emit(self.row, _ALL, not self.lock.isChecked()))
        self.solo.clicked.connect(lambda: self.solo_toggled.emit(self.row, not self.solo.isChecked()))
        self.mute.clicked.connect(lambda: self.mute_toggled.emit(self.row, not self.mute.isChecked()))
        self.role.clicked.connect(self.open_roles)
        for button in (self.equaliser, self.compressor, self.link):
            button.clicked.connect(lambda: self.opened.emit(self.row))
        for lamp in self.lamps.values():
            lamp.decided.connect(lambda decision, part: self.decided.emit(self.row, decision, [part]))
            lamp.lock_asked.connect(lambda part, is_on: self.lock_changed.emit(self.row, [part], is_on))
        for param, control in self.set_by_hand.items():
            control.moved.connect(
                lambda value, gesture, p=param: self.values_changed.emit(self.row, {p: value}, gesture)
            )
            control.reset_asked.connect(lambda p=param: self.values_reset.emit(self.row, [p]))
        self.amount.moved.connect(lambda value, gesture: self.amount_changed.emit(self.row, value / 100.0, gesture))
        self.amount.reset_asked.connect(lambda: self.amount_changed.emit(self.row, 1.0, object()))
        self.meter.clip_cleared.connect(lambda: self.clip_cleared.emit(self.row))

    @property
    def row(self) -> int:
        """The row that is shown; -1 for none."""
        return -1 if self.strip is None else self.strip.row

    def controls(self) -> list[ValueControl]:
        """All that hold a value."""
        return [*self.set_by_hand.values(), self.amount]

    def stops(self) -> list[QWidget]:
        """What the keyboard reaches, in order: from what is decided down to what is heard."""
        return [
            self,
            self.role,
            self.accept,
            self.reject,
            self.lock,
            *self.lamps.values(),
            self.amount,
            self.equaliser,
            self.compressor,
            self.trim,
            self.send,
            self.pan,
            self.fader,
            self.solo,
            self.mute,
            self.link,
        ]

    # --- what is shown

    def show_strip(self, strip: Strip, is_selected: bool = False) -> None:
        """Show a track; what is equal is not painted again."""
        was, self.strip = self.strip, strip
        if was is not None and was == strip and is_selected == self.is_selected:
            return
        has_plate_changed = was is None or _plate(was) != _plate(strip) or is_selected != self.is_selected
        self.is_selected = is_selected
        self._show_owner(strip)
        self._show_decision(strip)
        self._show_values(strip)
        self._show_sound(strip)
        if has_plate_changed:
            self.update(self._plate_rect())

    def _show_owner(self, strip: Strip) -> None:
        for control in self.controls():
            control.show_owner(strip.name)
        self.meter.show_owner(strip.name)
        self.role.show_role(strip.role, strip.family, not strip.role or strip.role_confidence >= _SURE)
        self.role.say(self.tr("{}: role {}").format(strip.name, self.role.role_text()))
        sure = "" if strip.is_role_own or not strip.role else f" ({round(100 * strip.role_confidence)} %)"
        reasons = "\n".join(f"· {reason}" for reason in strip.reasons)
        role = table_text(strip.role) if strip.role else ""
        self.setToolTip(f"{strip.name}\n{role}{sure}" + (f"\n{reasons}" if reasons else ""))
        self.setAccessibleName(f"{strip.name}, {role}, {self.decision_text(strip)}")

    def decision_text(self, strip: Strip) -> str:
        """What is decided of the track, in words."""
        if strip.is_locked:
            return self.tr("locked")
        return {
            "accepted": self.tr("accepted"),
            "rejected": self.tr("rejected"),
            "pending": self.tr("to decide"),
            "partly": self.tr("partly decided"),
            "none": self.tr("no change proposed"),
        }[strip.decision]

    def _show_decision(self, strip: Strip) -> None:
        decision, can_decide = strip.decision, strip.has_proposal and strip.decision != "none"
        decisions = {part.decision for part in strip.parts if part.is_changed and not part.is_locked}
        fills = {name: _fill(name, decision, decisions) for name in ("accepted", "rejected")}
        self.accept.show_state(decision == "accepted", can_decide, fills["accepted"])
        self.reject.show_state(decision == "rejected", can_decide, fills["rejected"])
        some_locked = any(part.is_locked for part in strip.parts)
        fill, sign = ("partly", "lock") if some_locked and not strip.is_locked else ("quiet", "unlock")
        self.lock.show_state(strip.is_locked, True, fill, "lock" if strip.is_locked else sign)
        self.accept.say(self.tr("{}: accept").format(strip.name))
        self.reject.say(self.tr("{}: reject").format(strip.name))
        self.lock.say(self.tr("{}: lock").format(strip.name))
        for part in strip.parts:
            self.lamps[part.name].show_part(part, strip.name)
        self.amount.show_values(strip.amount * 100.0)
        self.amount.setEnabled(can_decide)

    def _show_values(self, strip: Strip) -> None:
        now = shown_settings(strip)
        for param, control in self.set_by_hand.items():
            control.show_values(now[param], strip.proposed[param], is_off_course(strip, param), param in strip.own)
        self.equaliser.show_settings(now, strip.proposed, strip.name)
        self.compressor.show_settings(now, strip.proposed, strip.name)

    def _show_sound(self, strip: Strip) -> None:
        self.solo.show_state(strip.is_soloed)
        self.mute.show_state(strip.is_muted)
        self.solo.say(self.tr("{}: solo").format(strip.name))
        self.mute.say(self.tr("{}: mute").format(strip.name))
        self.link.show_link(strip.link, strip.problems, strip.name)

    def open_roles(self) -> None:
        """Let the user say what the track is."""
        if self.strip is None:
            return
        row = self.row
        menu = RoleMenu(self.strip.role, self)
        menu.chosen.connect(lambda role: self.role_chosen.emit(row, role))
        menu.open_at(self.role.mapToGlobal(QPoint(0, self.role.height())))

    # --- where it stands

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Qt: place the widgets."""
        self.place()

    def place(self) -> None:
        """Place the widgets for the size as it is."""
        arrange(self)

    def _plate_rect(self) -> QRect:
        return QRect(0, 0, self.width(), px(PLATE))

    # --- drawn by itself: ground, family, name

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw ground, family and name."""
        painter, now = QPainter(self), colours()
        painter.fillRect(self.rect(), now.panel)
        painter.fillRect(self.width() - 1, 0, 1, self.height(), now.line)
        if self.strip is not None:
            plate = self._plate_rect()
            ground = mixed(now.panel, now.accent, 0.28) if self.is_selected else now.raised
            painter.fillRect(plate.adjusted(0, 0, -1, 0), ground)
            painter.fillRect(0, 0, self.width() - 1, px(4), now.family(self.strip.family))
            painter.setPen(now.text)
            painter.setFont(paint_font("body", is_bold=True))
            box = QRectF(plate).adjusted(px(6), px(4), -px(6), 0)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, int(flags), elided(self.strip.name, box.width(), "body", is_bold=True))
            if self.hasFocus():
                paint_focus(painter, QRectF(plate.adjusted(0, px(4), -1, 0)))
        painter.end()

    def focusInEvent(self, event: QFocusEvent | None) -> None:
        """Qt: the keyboard is here."""
        self.update(self._plate_rect())

    def focusOutEvent(self, event: QFocusEvent | None) -> None:
        """Qt: no longer."""
        self.update(self._plate_rect())

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: the strip is selected."""
        if event is not None and event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit(self.row, event.modifiers())
            event.ignore()  # and may be dragged along: that is the area's

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Qt: a double click on the name opens the insight."""
        if event is not None and self._plate_rect().contains(event.position().toPoint()):
            self.opened.emit(self.row)

    def _decide(self, decision: str, holds: bool) -> None:
        self.decided.emit(self.row, "pending" if holds else decision, _ALL)


def _fill(name: str, decision: str, decisions: set[Decision]) -> str:
    """How a sign stands that is not lit: asked for, partly given, or settled otherwise."""
    if decision == "partly":
        return "partly" if name in decisions else "open" if "pending" in decisions else "quiet"
    return "open" if decision == "pending" else "quiet"


def _plate(strip: Strip) -> tuple[str, str]:
    return strip.name, strip.family
