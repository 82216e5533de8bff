"""Plots whose curve is the control: handles that are dragged, wheeled, reset and stepped with the keyboard.

Tab goes from handle to handle and then on; arrows move the one that is chosen, Page up and Page down do what the wheel
does, Delete resets; Shift makes each finer. One drag, one run of keys, one turn of the wheel is one gesture, which is
undone at once.

Contents: :class:`Handle`, :class:`HandlePlot`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QWheelEvent,
)
from PyQt6.QtWidgets import QMenu, QWidget

from assistant.params import BY_NAME
from gui.views.plots import Marks, Plot, paint_chip
from gui.views.shown import colours, px
from gui.views.theme import text_font

#: With the class named: ``tr`` would take the name of whichever class inherits it.
translate = QCoreApplication.translate
_FINE = 0.2
_REACH_PX = 16.0
#: Turns of the wheel that follow each other this quickly are one gesture.
_WHEEL_MS = 600
_KEYS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, 1.0),
    Qt.Key.Key_Down: (0.0, -1.0),
}
_WHEEL_KEYS = {Qt.Key.Key_PageUp: 1.0, Qt.Key.Key_PageDown: -1.0}


@dataclass(frozen=True)
class Handle:
    """What is taken hold of: at ``x``, ``y`` of the plot's axes, ``short`` written on it, ``text`` its values in words.

    A ghost stands where the proposal is; taking it takes the proposed values.
    """

    name: str
    label: str
    short: str
    x: float
    y: float
    text: str
    is_on: bool = True
    is_ghost: bool = False


class HandlePlot(Plot):
    """A plot with handles for ``settings``. Subclasses say where handles are and what their places mean."""

    #: New values by parameter, and the gesture that they are part of.
    values_changed = pyqtSignal(dict, object)
    #: Parameters whose values by hand are given up.
    values_reset = pyqtSignal(list)
    #: What one press of an arrow moves, on the axes.
    key_step = (1.0, 1.0)

    def __init__(self, bottom: Marks, left: Marks, right: Marks | None = None, parent: QWidget | None = None) -> None:
        super().__init__(bottom, left, right, parent)
        self.settings: Mapping[str, float] = {}
        self.proposed: Mapping[str, float] = {}
        self.is_locked = False
        self.chosen = ""
        self._hovered: Handle | None = None
        self._dragged: Handle | None = None
        self._place, self._pointer = QPointF(), QPointF()
        self._gesture: object = None
        self._wheel_pause = QTimer(self)
        self._wheel_pause.setSingleShot(True)
        self._wheel_pause.setInterval(_WHEEL_MS)
        self._wheel_pause.timeout.connect(self._end_gesture)

    # --- what subclasses say

    def handles(self) -> Sequence[Handle]:
        """The handles, in the order of the Tab key; ghosts last."""
        raise NotImplementedError

    def values_at(self, handle: Handle, x: float, y: float) -> dict[str, float]:
        """What the settings are with ``handle`` at a place of the axes."""
        raise NotImplementedError

    def values_wheeled(self, handle: Handle, steps: float) -> dict[str, float]:
        """What they are with the wheel turned on it; empty where that does nothing."""
        raise NotImplementedError

    def params_of(self, handle: Handle) -> list[str]:
        """The parameters that it holds."""
        raise NotImplementedError

    def add_actions(self, menu: QMenu, handle: Handle) -> None:
        """Put more than "Reset" into the menu of ``handle``."""

    def redraw(self) -> None:
        """Draw ``settings`` anew."""
        raise NotImplementedError

    # --- taking and giving values

    def take_settings(self, made: Mapping[str, float], proposed: Mapping[str, float], params: Sequence[str]) -> bool:
        """Take over settings; whether one of ``params``, those that are drawn, is another than before."""
        olds, news = (self.settings, self.proposed), (dict(made), dict(proposed))
        self.settings, self.proposed = news
        return any(not old or old[name] != new[name] for old, new in zip(olds, news, strict=True) for name in params)

    def change(self, values: Mapping[str, float]) -> None:
        """Show ``values`` and tell of those that are new."""
        inside = {name: BY_NAME[name].clamp(value) for name, value in values.items()}
        if self.is_locked or all(self.settings[name] == value for name, value in inside.items()):
            return
        if self._gesture is None:
            self._gesture = object()
        self.settings = {**self.settings, **inside}
        self.redraw()
        self.values_changed.emit(inside, self._gesture)

    def reset_handle(self, handle: Handle) -> None:
        """Give up what was set by hand of it."""
        if not self.is_locked:
            self.values_reset.emit(self.params_of(handle))

    def _end_gesture(self) -> None:
        self._gesture = None

    # --- finding handles

    def chosen_handle(self) -> Handle | None:
        """The handle that keys move."""
        return next((h for h in self.handles() if h.name == self.chosen and not h.is_ghost), None)

    def handle_near(self, point: QPointF) -> Handle | None:
        """The nearest handle that ``point`` of the viewport is on."""

        def distance(handle: Handle) -> float:
            off = self.to_pixel(handle.x, handle.y) - point
            return (off.x() ** 2 + off.y() ** 2) ** 0.5 + px(3) * handle.is_ghost - 0.5 * (handle.name == self.chosen)

        nearest = min(self.handles(), key=distance, default=None)
        return nearest if nearest is not None and distance(nearest) <= px(_REACH_PX) else None

    def choose(self, name: str) -> None:
        """Have keys move the handle ``name``."""
        if name != self.chosen:
            self.chosen = name
            self.describe()
            self.refresh()

    def say(self, drawn: str, now: str, proposed: str) -> None:
        """Say in the accessible description what is drawn: how it stands, what is proposed, and what is chosen."""
        text = f"{drawn}: {now}"
        if now != proposed:
            text += translate("HandlePlot", "; proposed: {}").format(proposed)
        handle = self.chosen_handle()
        if handle is not None:
            text += translate("HandlePlot", ". Chosen: {}, {}").format(handle.label, handle.text)
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)

    def describe(self) -> None:
        """Say in the accessible description what is chosen; subclasses say what is drawn before that."""

    # --- the pointer

    def mousePressEvent(self, ev: QMouseEvent) -> None:
        """Qt: take hold of a handle."""
        handle = self.handle_near(ev.position())
        if handle is None or ev.button() != Qt.MouseButton.LeftButton:
            return
        self.choose(handle.name)
        self._dragged, self._gesture = handle, object()
        self._pointer, self._place = ev.position(), self.to_pixel(handle.x, handle.y)

    def mouseMoveEvent(self, ev: QMouseEvent) -> None:
        """Qt: move what is held, or show what could be."""
        if self._dragged is None:
            self._hover(self.handle_near(ev.position()))
            return
        is_fine = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._place += (ev.position() - self._pointer) * (_FINE if is_fine else 1.0)
        self._pointer = ev.position()
        self.change(self.values_at(self._dragged, *self.from_pixel(self._place)))

    def mouseReleaseEvent(self, ev: QMouseEvent) -> None:
        """Qt: let go."""
        self._dragged = None
        self._end_gesture()
        self._hover(self.handle_near(ev.position()))

    def mouseDoubleClickEvent(self, ev: QMouseEvent) -> None:
        """Qt: reset what is under the pointer."""
        handle = self.handle_near(ev.position())
        self._dragged = None
        if handle is not None and ev.button() == Qt.MouseButton.LeftButton:
            self.reset_handle(handle)

    def wheelEvent(self, ev: QWheelEvent) -> None:
        """Qt: turn what is under the pointer; elsewhere the page scrolls."""
        handle = self._dragged or self.handle_near(ev.position())
        turned = ev.angleDelta().y() or ev.angleDelta().x()  # with Shift or Alt some systems scroll sideways
        steps = turned / 120.0 * (_FINE if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
        values = {} if handle is None else self.values_wheeled(handle, steps)
        if handle is None or not values:
            ev.ignore()
            return
        ev.accept()
        self.choose(handle.name)
        self._wheel_pause.start()
        self.change(values)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: what can be done with the handle under the pointer, or with the chosen one."""
        is_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        handle = self.chosen_handle() if is_key else self.handle_near(QPointF(event.pos()))
        if handle is None or self.is_locked:
            event.ignore()
            return
        self.choose(handle.name)
        self.make_menu(handle).popup(event.globalPos())

    def make_menu(self, handle: Handle) -> QMenu:
        """The menu of ``handle``."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addSection(f"{handle.label}: {handle.text}")
        self.add_actions(menu, handle)
        reset = menu.addAction(translate("HandlePlot", "Reset\tDouble-click"))
        assert reset is not None
        reset.triggered.connect(lambda: self.reset_handle(handle))
        return menu

    def leaveEvent(self, event: QEvent) -> None:
        """Qt: nothing is under the pointer."""
        self._hover(None)

    def hovered_name(self) -> str:
        """The handle that is shown in detail: held, else under the pointer, else chosen while keys come here."""
        shown = self._dragged or self._hovered
        return shown.name if shown is not None else self.chosen if self.hasFocus() else ""

    def _hover(self, handle: Handle | None) -> None:
        if handle != self._hovered:
            self._hovered = handle
            shape = Qt.CursorShape.OpenHandCursor if handle is not None else Qt.CursorShape.ArrowCursor
            self.setCursor(Qt.CursorShape.ForbiddenCursor if handle is not None and self.is_locked else shape)
            self.redraw()

    # --- the keyboard

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Qt: Tab goes through the handles before it leaves."""
        names = [h.name for h in self.handles() if not h.is_ghost]
        place = (names.index(self.chosen) if self.chosen in names else -1) + (1 if is_next else -1)
        if 0 <= place < len(names):
            self.choose(names[place])
            self.redraw()
            return True
        return super().focusNextPrevChild(is_next)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt: begin at the near end."""
        names = [h.name for h in self.handles() if not h.is_ghost]
        reason = event.reason()
        if names and (reason != Qt.FocusReason.MouseFocusReason or not self.chosen):
            is_back = reason == Qt.FocusReason.BacktabFocusReason
            self.choose(names[-1 if is_back else 0] if reason in _TABS else self.chosen or names[0])
        super().focusInEvent(event)
        self.redraw()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: a run of keys ends."""
        super().focusOutEvent(event)
        self._end_gesture()
        self.redraw()

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Qt: move, turn or reset the chosen handle."""
        handle, key = self.chosen_handle(), Qt.Key(ev.key())
        share = _FINE if ev.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
        if handle is None or key not in {*_KEYS, *_WHEEL_KEYS, Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
            ev.ignore()
        elif key in _KEYS:
            across, up = (a * b * share for a, b in zip(_KEYS[key], self.key_step, strict=True))
            self.change(self.values_at(handle, handle.x + across, handle.y + up))
        elif key in _WHEEL_KEYS:
            self.change(self.values_wheeled(handle, _WHEEL_KEYS[key] * share))
        else:
            self.reset_handle(handle)

    def keyReleaseEvent(self, ev: QKeyEvent) -> None:
        """Qt: a key that is let go ends a run."""
        if not ev.isAutoRepeat():
            self._end_gesture()
        super().keyReleaseEvent(ev)

    # --- painting

    def paint_over(self, painter: QPainter) -> None:
        """The handles, ghosts under the others, and what the one in hand stands at."""
        shown = self.hovered_name()
        backwards = self.handles()[::-1]  # the first lies on top, and is the first to be taken hold of
        for handle in sorted(backwards, key=lambda h: (not h.is_ghost, h.name == shown)):
            self._paint_handle(painter, handle, handle.name == shown)
        in_hand = next((handle for handle in self.handles() if handle.name == shown and not handle.is_ghost), None)
        if self._hovered is not None and self._hovered.is_ghost and self._dragged is None:
            text = translate("HandlePlot", "proposed: {}").format(self._hovered.text)
        else:
            text = "" if in_hand is None else in_hand.text
        if in_hand is not None:
            paint_chip(painter, self.box().topLeft() + QPointF(px(8), px(8)), f"{in_hand.label}   {text}")

    def _paint_handle(self, painter: QPainter, handle: Handle, is_shown: bool) -> None:
        centre, radius = self.to_pixel(handle.x, handle.y), px(8 if handle.is_ghost else 11)
        ring, ground = colours().text, colours().raised
        if handle.is_ghost:
            painter.setPen(QPen(colours().proposed, px(2), Qt.PenStyle.DotLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(centre, radius, radius)
            return
        ring = colours().focus if is_shown else colours().text if handle.is_on else colours().outline
        painter.setPen(QPen(ring, px(2) if is_shown or handle.is_on else 1.0))
        painter.setBrush(ground)
        painter.drawEllipse(centre, radius, radius)
        font = text_font("small", is_bold=handle.is_on)
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.setPen(colours().text if handle.is_on else colours().quiet)
        height = QFontMetricsF(font).height()
        painter.drawText(
            QRectF(centre.x() - 2 * radius, centre.y() - height / 2, 4 * radius, height),
            Qt.AlignmentFlag.AlignCenter,
            handle.short,
        )


_TABS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
