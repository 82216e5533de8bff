"""The mixer: strips side by side, selected and decided with mouse and keyboard.

It shows a strips model and tells what is asked for; what becomes of it comes back through the model. Keys on a strip: A
accept, R reject, U leave open, L lock, S solo, M mute, [ and ] amount, Left and Right, Home and End to other strips
(with Shift to select them too), Ctrl+A all, Enter insight. Tab goes through the controls of one strip and then on.

Contents: :class:`Mixer`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping

from PyQt6.QtCore import QEvent, QModelIndex, QRect, Qt, QTimer, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import QApplication, QHBoxLayout, QWidget

from assistant.decisions import PARTS
from gui.models.strips import STRIP_ROLE, Strip, StripsModel
from gui.views.painting import forget_fonts
from gui.views.shared_strip import SharedState, SharedStrip
from gui.views.strip import StripView
from gui.views.strip_area import StripArea
from gui.views.theme import theme_signals
from gui.views.value_control import BURST_S

#: What [ and ] take off and add.
AMOUNT_STEP = 0.05
_COUNTED_AT_ONCE = 8  # strips that are looked through in one go: a song of 100 must not hold up the window
_Key = Qt.Key
_COMMANDS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_REPEATED = "[]"  # what goes on while the key is held
_DECISIONS: dict[int, str] = {_Key.Key_A: "accepted", _Key.Key_R: "rejected", _Key.Key_U: "pending"}


class Mixer(QWidget):
    """See the module. Rows are those of the model; intents concern all selected strips where they can."""

    decided = pyqtSignal(list, str, list)
    all_decided = pyqtSignal(str)
    shared_decided = pyqtSignal(str)
    amount_changed = pyqtSignal(list, float, object)
    lock_changed = pyqtSignal(list, list, bool)
    values_changed = pyqtSignal(int, dict, object)
    values_reset = pyqtSignal(int, list)
    role_chosen = pyqtSignal(int, str)
    solo_toggled = pyqtSignal(int, bool)
    mute_toggled = pyqtSignal(int, bool)
    #: The strip that the keyboard is on.
    selected = pyqtSignal(int)
    #: Show the insight into the track.
    opened = pyqtSignal(int)

    def __init__(self, model: StripsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.current = -1
        self.selection: frozenset[int] = frozenset()
        self._anchor = 0
        self._burst: tuple[object, float] = (object(), 0.0)
        self._counted: dict[int, str] = {}
        self._to_count: set[int] = set()
        self.area = StripArea(model, self._connect, self)
        self.shared = SharedStrip(self)
        self.setAccessibleName(self.tr("Mixer"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.area, 1)
        layout.addWidget(self.shared)
        self._count_later = QTimer(self)
        self._count_later.setSingleShot(True)
        self._count_later.timeout.connect(self._count_some)
        self._listen()

    def _listen(self) -> None:
        self.shared.all_decided.connect(self.all_decided)
        self.shared.shared_decided.connect(self.shared_decided)
        self._model.modelReset.connect(self._forget)
        self._model.dataChanged.connect(self._note_changed)
        theme_signals().theme_changed.connect(self._restyle)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow_focus)
        self._forget()

    def _connect(self, view: StripView) -> None:
        """A strip's intents become the mixer's."""
        view.decided.connect(lambda row, decision, parts: self.decided.emit(self.rows(row), decision, parts))
        view.lock_changed.connect(lambda row, parts, is_on: self.lock_changed.emit(self.rows(row), parts, is_on))
        view.amount_changed.connect(lambda row, amount, g: self.amount_changed.emit(self.rows(row), amount, g))
        view.values_changed.connect(self.values_changed)
        view.values_reset.connect(self.values_reset)
        view.role_chosen.connect(self.role_chosen)
        view.solo_toggled.connect(self.solo_toggled)
        view.mute_toggled.connect(self.mute_toggled)
        view.opened.connect(self.opened)
        view.pressed.connect(self._press)
        view.clip_cleared.connect(self._clear_clip)

    # --- what is shown

    def set_levels(self, levels_db: Mapping[str, float]) -> None:
        """Peak levels as they are heard, by track, dB full scale; an empty mapping when nothing plays."""
        self.area.set_levels(levels_db)

    def set_shared(self, state: SharedState) -> None:
        """Show what is decided of bus and master."""
        self.shared.set_state(state)

    def _clear_clip(self, row: int) -> None:
        self.area.clear_clip(self._strip(row).name)
        view = self.area.view_of(row)
        if view is not None:
            view.meter.set_level(view.meter.level_db, time.monotonic(), False)

    def _strip(self, row: int) -> Strip:
        strip: Strip = self._model.data(self._model.index(row), STRIP_ROLE)
        return strip

    def _restyle(self) -> None:
        forget_fonts()
        self.shared.restyle()
        self.area.restyle()

    # --- counted beside

    def _forget(self) -> None:
        self.current, self.selection, self._anchor = -1, frozenset(), 0
        self.area.show_selected(frozenset())
        self._counted = {}
        self._to_count = set(range(self._model.rowCount()))
        self._count_later.start()

    def _note_changed(self, first: QModelIndex, last: QModelIndex) -> None:
        self._to_count |= set(range(first.row(), last.row() + 1))
        self._count_later.start()

    def _count_some(self) -> None:
        for row in sorted(self._to_count)[:_COUNTED_AT_ONCE]:
            self._counted[row] = self._strip(row).decision
            self._to_count.discard(row)
        if self._to_count:
            self._count_later.start()
        else:
            self.shared.set_counts(Counter(self._counted.values()))

    # --- selection

    def rows(self, row: int) -> list[int]:
        """What an intent on ``row`` concerns: all that is selected, if it is."""
        return sorted(self.selection) if row in self.selection else [row]

    def select(self, row: int, *, extends: bool = False, toggles: bool = False) -> None:
        """Go to ``row`` and select it: alone, with all from where the selection began, or beside what is selected."""
        if not 0 <= row < self._model.rowCount():
            return
        if extends:
            low, high = sorted((self._anchor, row))
            selection = frozenset(range(low, high + 1))
        else:
            selection = self.selection ^ {row} if toggles else frozenset({row})
            self._anchor = row
        self._set_selection(selection)
        self._set_current(row)

    def select_all(self) -> None:
        """Select every strip."""
        self._set_selection(frozenset(range(self._model.rowCount())))

    def _set_selection(self, selection: frozenset[int]) -> None:
        if selection != self.selection:
            self.selection = selection
            self.area.show_selected(selection)

    def _set_current(self, row: int) -> None:
        if row != self.current:
            self.current = row
            self.selected.emit(row)

    def _press(self, row: int, modifiers: Qt.KeyboardModifier) -> None:
        self.select(
            row,
            extends=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            toggles=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        )

    def _view_with(self, widget: QWidget | None) -> StripView | None:
        return next((v for v in self.area.views() if widget is v or (widget and v.isAncestorOf(widget))), None)

    def _follow_focus(self, old: QWidget | None, new: QWidget | None) -> None:
        """The strip with the keyboard is the current one; a control of it does not take the selection apart."""
        view = self._view_with(new)
        if view is None or view.row < 0:
            return
        if new is not view and view.row not in self.selection:
            self.select(view.row)
        self._set_current(view.row)

    # --- keyboard

    def go_to(self, row: int, *, extends: bool = False) -> None:
        """Bring the keyboard to ``row``, onto the same control as before."""
        row = min(max(row, 0), self._model.rowCount() - 1)
        if row < 0:
            return
        old = self._view_with(self.focusWidget())
        focus = self.focusWidget()
        place = old.stops().index(focus) if old is not None and focus in old.stops() else 0
        self.area.reveal(row)
        view = self.area.view_of(row)
        if view is not None:
            self.select(row, extends=extends)
            stop = view.stops()[place]
            (stop if stop.isEnabled() and stop.isVisible() else view).setFocus(Qt.FocusReason.TabFocusReason)

    def event(self, event: QEvent | None) -> bool:
        """Qt: Return on a strip is the strip's, not the transport's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            is_open = event.key() in (_Key.Key_Return, _Key.Key_Enter) and not event.modifiers() & _COMMANDS
            if is_open and self._view_with(QApplication.focusWidget()) is not None:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Qt: the keys of a strip."""
        if event is None or not self._model.rowCount():
            return
        if self.shared.isAncestorOf(self.focusWidget() or self):
            super().keyPressEvent(event)  # what stands there is about all tracks
            return
        has_command = bool(event.modifiers() & _COMMANDS)
        key, is_done = event.key(), True
        if has_command and key == _Key.Key_A:
            self.select_all()
        elif has_command:
            is_done = False
        elif not self._move(key, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)):
            is_repeat = event.isAutoRepeat() and event.text() not in _REPEATED
            is_done = self.current >= 0 and (is_repeat or self._do(key, event.text()))
        if not is_done:
            super().keyPressEvent(event)

    def _move(self, key: int, extends: bool) -> bool:
        places: dict[int, int] = {
            _Key.Key_Left: self.current - 1,
            _Key.Key_Right: self.current + 1,
            _Key.Key_Home: 0,
            _Key.Key_End: self._model.rowCount() - 1,
        }
        if key in places:
            self.go_to(places[key], extends=extends)
        return key in places

    def _do(self, key: int, text: str) -> bool:
        rows, strip = self.rows(self.current), self._strip(self.current)
        if key in _DECISIONS:
            self.decided.emit(rows, _DECISIONS[key], list(PARTS))
        elif key == _Key.Key_L:
            self.lock_changed.emit(rows, list(PARTS), not strip.is_locked)
        elif key == _Key.Key_S:
            self._each(self.solo_toggled.emit, rows, not strip.is_soloed)
        elif key == _Key.Key_M:
            self._each(self.mute_toggled.emit, rows, not strip.is_muted)
        elif text and text in _REPEATED:
            self._step_amount(rows, strip.amount + (AMOUNT_STEP if text == "]" else -AMOUNT_STEP))
        elif key in (_Key.Key_Return, _Key.Key_Enter):
            self.opened.emit(self.current)
        else:
            return False
        return True

    def _each(self, emit: Callable[[int, bool], object], rows: list[int], is_on: bool) -> None:
        for row in rows:
            emit(row, is_on)

    def _step_amount(self, rows: list[int], amount: float) -> None:
        gesture, last_s = self._burst
        now = time.monotonic()
        self._burst = (gesture if now - last_s < BURST_S else object(), now)
        self.amount_changed.emit(rows, min(max(round(amount, 2), 0.0), 1.0), self._burst[0])

    def focusNextPrevChild(self, next: bool) -> bool:
        """Qt: Tab goes through one strip, then to what is beside the strips."""
        focus = QApplication.focusWidget()
        view = self._view_with(focus)
        if view is None:
            return super().focusNextPrevChild(next)
        stops = [widget for widget in view.stops() if _can_take(widget)]
        place = stops.index(focus) + (1 if next else -1) if focus in stops else 0
        if 0 <= place < len(stops):
            stops[place].setFocus(Qt.FocusReason.TabFocusReason)
            self._reveal_stop(view, stops[place])
            return True
        return self._leave(next)

    def _reveal_stop(self, view: StripView, stop: QWidget) -> None:
        """Scroll down or up to a control, where strips are higher than the window."""
        self.area.reveal(view.row)
        rect = view.rect() if stop is view else QRect(stop.geometry())
        self.area.reveal_down(view.y() + rect.top(), min(rect.height(), 200))

    def _leave(self, next: bool) -> bool:
        """Bring the keyboard to the nearest widget that is no strip's."""
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        widget = QApplication.focusWidget()
        for _ in range(10_000):
            widget = None if widget is None else widget.nextInFocusChain() if next else widget.previousInFocusChain()
            if widget is None:
                return False
            if _can_take(widget) and not self.area.isAncestorOf(widget):
                widget.setFocus(reason)
                return True
        return False


def _can_take(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
