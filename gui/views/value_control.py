"""A control of one value as engineers handle them: drag, fine drag, wheel, double click, arrow keys, or typed.

What stands now is drawn with its proposal beside it. A control never changes by itself: it tells what was asked for
and shows what its model answers; only while it is dragged does it show the hand's value.

It is a slider to assistive technology: its name holds the exact value in engineers' units, its number whole ones.

Contents: :class:`ScrollClock`, :class:`ValueControl`, :func:`is_dragging`.
"""

from __future__ import annotations

import time
from collections.abc import Hashable

from PyQt6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, QRectF, Qt, pyqtSignal
from PyQt6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PyQt6.QtWidgets import QAbstractSlider, QApplication, QLineEdit, QMenu, QWidget

from gui.translating import table_text
from gui.views.painting import paint_focus, paint_font
from gui.views.pictures import kept_picture
from gui.views.theme import colours, mark, px
from gui.views.travel import Travel

#: How much of the way a fine movement goes.
FINE = 0.1
#: Turns of the wheel and strokes of keys nearer than this are undone together.
BURST_S = 0.8
#: A wheel that scrolls the mixer goes on scrolling it, whatever comes to lie under the pointer.
SCROLL_S = 0.4
#: With the class named: ``tr`` would take the name of whichever class inherits it.
translate = QCoreApplication.translate
_NOTCH = 120.0  # what Qt calls one notch of a wheel
_Button = Qt.MouseButton
_Modifier = Qt.KeyboardModifier


class ScrollClock:
    """When the mixer was last scrolled by the wheel."""

    def __init__(self) -> None:
        self._last_s = 0.0

    def note(self) -> None:
        """It is being scrolled."""
        self._last_s = time.monotonic()

    @property
    def is_recent(self) -> bool:
        """Whether a turn of the wheel still belongs to the scrolling."""
        return time.monotonic() - self._last_s < SCROLL_S


class ValueControl(QAbstractSlider):
    """One value. ``show_values`` from the model; ``moved`` tells a value and the gesture that it belongs to."""

    moved = pyqtSignal(float, object)
    reset_asked = pyqtSignal()

    def __init__(self, travel: Travel, clock: ScrollClock, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.travel, self._clock = travel, clock
        self._value, self.ghost = travel.param.default, None
        self.is_off_course = self.is_own = False
        self._kept: float = self._value  # what the model said last, while the hand says something else
        self._owner = ""
        self._drag: object | None = None
        self._drag_from = QPointF()
        self._drag_value = 0.0
        self._has_moved = False
        self._burst: object | None = None
        self._burst_s = self._notches = 0.0
        self.editor: QLineEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        param = travel.param
        self.setRange(round(param.low * travel.per_unit), round(param.high * travel.per_unit))
        self.valueChanged.connect(self._take_whole)

    ghost: float | None

    # --- what is shown

    @property
    def shown_value(self) -> float:
        """The value as it is drawn."""
        return self._value

    def show_values(
        self, value: float, ghost: float | None = None, is_off_course: bool = False, is_own: bool = False
    ) -> None:
        """Show what stands, what is proposed where that differs, whether the DAW did not take it over, and whether it
        was set by hand."""
        self._kept = value
        value = self._value if self._drag is not None and self._has_moved else value
        ghost = None if ghost is None or self.travel.short_text(ghost) == self.travel.short_text(value) else ghost
        news = (value, ghost, is_off_course, is_own)
        if news != (self._value, self.ghost, self.is_off_course, self.is_own):
            self._value, self.ghost, self.is_off_course, self.is_own = news
            self._tell()
            self.update()

    def show_owner(self, name: str) -> None:
        """Say whose value it is."""
        if name != self._owner:
            self._owner = name
            self._tell()

    def _tell(self) -> None:
        """Give assistive technology the value."""
        text = self.travel.text(self._value)
        if self.ghost is not None:
            text = translate("ValueControl", "{}, proposed {}").format(text, self.travel.text(self.ghost))
        if self.is_off_course:
            text = translate("ValueControl", "{}, not taken over by the DAW").format(text)
        if self.is_own:
            text = translate("ValueControl", "{}, set by hand").format(text)
        self.setAccessibleName(f"{self._owner}: {table_text(self.travel.param.label)}, {text}")
        was_blocked = self.blockSignals(True)
        self.setValue(round(self._value * self.travel.per_unit))
        self.blockSignals(was_blocked)

    def value_text(self) -> str:
        """``-3.2 → -5.0``, or ``-3.2`` where nothing else is proposed."""
        now = self.travel.short_text(self._value)
        return now if self.ghost is None else f"{now} {self.last_text()}"

    def last_text(self) -> str:
        """The proposed value alone, ``→ -5.0``, or else what stands: where there is room for one only."""
        if self.ghost is None:
            return self.travel.short_text(self._value)
        return f"→ {self.travel.short_text(self.ghost)}"

    def event(self, event: QEvent | None) -> bool:
        """Qt: a style that is set takes a slider for see-through: it is not, and what lies under it is not painted."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _begins_value(event):
            event.accept()  # 1, 2 and 3 are typed here, and switch nothing
            return True
        is_done = super().event(event)
        if event is not None and event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange):
            self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        return is_done

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Qt: draw it, or a picture of the same; a hand that drags passes values that are never seen again."""
        painter = QPainter(self)
        if self._drag is None:
            painter.drawPixmap(0, 0, kept_picture(self, self.look(), self.paint))
        else:
            painter.fillRect(self.rect(), colours().panel)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(painter)
        if self.hasFocus():
            paint_focus(painter, QRectF(self.rect()))
        painter.end()

    def look(self) -> Hashable:
        """All that the picture depends on."""
        marks = (self.is_off_course, self.is_own, self.isEnabled())
        return self.travel.param.name, self._value, self.ghost, marks

    def paint(self, painter: QPainter) -> None:
        """Draw the values, on the strip's ground."""
        raise NotImplementedError

    # --- what is asked for

    def _take_whole(self, whole: int) -> None:
        """Assistive technology has set the slider."""
        self._ask(whole / self.travel.per_unit, object())

    def _ask(self, value: float, gesture: object) -> None:
        if value != self._value:
            self._value = value
            self._tell()
            self.update()
            self.moved.emit(value, gesture)

    def _step(self, steps: float, is_fine: bool) -> None:
        """By keys or wheel; those of one burst are undone together."""
        now = time.monotonic()
        if self._burst is None or now - self._burst_s > BURST_S:
            self._burst = object()
        self._burst_s = now
        unit = self.travel.fine if is_fine else self.travel.step
        self._ask(self.travel.rounded(self._value + steps * unit, self.travel.fine), self._burst)

    # --- by hand

    def drag_px(self) -> tuple[float, float]:
        """How far a hand moves right and up for the whole travel; 0 for a direction that does nothing."""
        return 0.0, px(150)

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        """Qt: a drag may begin."""
        if event is None or event.button() not in (_Button.LeftButton, _Button.RightButton):
            return
        self._drag, self._has_moved = object(), False
        self._drag_from, self._drag_value = event.position(), self._value
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        """Qt: the hand moves; fine with Shift or the right button."""
        if event is None or self._drag is None:
            return
        moved = event.position() - self._drag_from
        if not self._has_moved and moved.manhattanLength() < 2:
            return
        self._has_moved, self._drag_from = True, event.position()
        is_fine = bool(event.buttons() & _Button.RightButton or event.modifiers() & _Modifier.ShiftModifier)
        right, up = self.drag_px()
        share = (moved.x() / right if right else 0.0) + (-moved.y() / up if up else 0.0)
        place = self.travel.place(self._drag_value) + share * (FINE if is_fine else 1.0)
        self._drag_value = self.travel.value_at(place)
        self._ask(self.travel.rounded(self._drag_value, self.travel.fine * (FINE if is_fine else 1.0)), self._drag)

    def mouseReleaseEvent(self, event: QMouseEvent | None) -> None:
        """Qt: the hand is off; the model's word counts again."""
        if event is None or self._drag is None:
            return
        was_moved, self._drag, self._has_moved = self._has_moved, None, False
        if event.button() == _Button.RightButton and not was_moved:
            self._open_menu(event.globalPosition().toPoint())
        elif was_moved:
            self.show_values(self._kept, self.ghost, self.is_off_course, self.is_own)

    def contextMenuEvent(self, event: QContextMenuEvent | None) -> None:
        """Qt: asked for by key; that of the right button opens on release, where it did not drag."""
        if event is not None and event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._open_menu(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent | None) -> None:
        """Qt: back to what is proposed, or to what was."""
        if event is not None and event.button() == _Button.LeftButton:
            self._drag = None
            self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Qt: one notch is one step, unless the wheel is scrolling the mixer."""
        if event is None:
            return
        delta = event.angleDelta()
        has_control = bool(event.modifiers() & _Modifier.ControlModifier)
        if abs(delta.x()) > abs(delta.y()) or has_control or self._clock.is_recent:
            event.ignore()
            return
        self._notches += delta.y() / _NOTCH
        whole = int(self._notches)
        self._notches -= whole
        if whole:
            self._step(whole, bool(event.modifiers() & _Modifier.ShiftModifier))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: arrows step, Delete resets, F2 or a number opens the editor; all else is the mixer's."""
        if event is None:
            return
        key, is_fine = event.key(), bool(event.modifiers() & _Modifier.ShiftModifier)
        has_command = bool(event.modifiers() & (_Modifier.ControlModifier | _Modifier.AltModifier))
        steps: dict[int, int] = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 6, Qt.Key.Key_PageDown: -6}
        if key in steps and not has_command:
            self._step(steps[key], is_fine)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.reset_asked.emit()
        elif key == Qt.Key.Key_F2:
            self.edit()
        elif _begins_value(event):
            self.edit(event.text())
        else:
            event.ignore()

    def _open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(translate("ValueControl", "Type a value (F2)"), self.edit)
        menu.addAction(translate("ValueControl", "Reset (double click)"), self.reset_asked.emit)
        menu.popup(place)

    # --- typed

    def edit(self, begun: str = "") -> None:
        """Open the field in which the value is typed; ``begun`` is typed already."""
        self.close_editor()
        field = QLineEdit(begun or self.travel.short_text(self._value), self.window())
        mark(field, "inline")
        field.setAccessibleName(
            translate("ValueControl", "{}: type a value").format(
                f"{self._owner}: {table_text(self.travel.param.label)}"
            )
        )
        field.setFont(paint_font("body"))
        field.setFixedSize(max(self.width(), px(76)), px(30))
        field.move(self.mapTo(self.window(), self.rect().center()) - field.rect().center())
        if not begun:
            field.selectAll()
        field.editingFinished.connect(self._take_typed)
        field.installEventFilter(self)
        self.editor = field
        field.show()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_typed(self) -> None:
        if self.editor is None:
            return
        value = self.travel.parsed(self.editor.text())
        had_focus = self.editor.hasFocus()
        if value is None and had_focus:  # not understood: leave it to be mended
            self.editor.selectAll()
            self.editor.setToolTip(translate("ValueControl", "Expected {}").format(self.travel.param.range_text))
            return
        self.close_editor()
        if had_focus:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        if value is not None:
            self._ask(value, object())

    def close_editor(self) -> None:
        """Leave the value as it is."""
        if self.editor is not None:
            field, self.editor = self.editor, None
            field.hide()
            field.deleteLater()

    def eventFilter(self, watched: object, event: QEvent | None) -> bool:
        """Qt: Escape leaves the editor without a change."""
        if watched is self.editor and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self.close_editor()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        return False


def _begins_value(event: QKeyEvent) -> bool:
    """Whether a key is the first of a number."""
    has_command = bool(event.modifiers() & (_Modifier.ControlModifier | _Modifier.AltModifier))
    return bool(event.text()) and event.text() in "0123456789+-.," and not has_command


def is_dragging() -> bool:
    """Whether a mouse button is held anywhere."""
    return bool(QApplication.mouseButtons())
