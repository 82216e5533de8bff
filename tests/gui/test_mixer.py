"""The mixer: strips that are used again, selection, keyboard, levels, and one step of undo for one movement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mixer_song import connect, make_document
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QKeyEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from assistant.decisions import PARTS
from gui.models.document import Document
from gui.models.strips import StripsModel
from gui.views.mixer import Mixer
from gui.views.shared_strip import SharedState, SharedStrip
from gui.views.theme import apply

ALL = list(PARTS)
LEFT = Qt.MouseButton.LeftButton
CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
Make = Callable[..., Mixer]


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication) -> Iterator[Make]:
    """Makes mixers of so many tracks, shown and with the keyboard."""
    apply(qapp)
    windows = []

    def made(tracks: int = 28, size: tuple[int, int] = (1280, 720), **how: bool) -> Mixer:
        document = make_document(tracks, **how)
        window = QWidget()
        layout = QVBoxLayout(window)
        layout.setContentsMargins(0, 0, 0, 0)
        mixer = Mixer(StripsModel(document, document), window)
        mixer.document = document  # type: ignore[attr-defined]
        connect(mixer, document)
        layout.addWidget(QPushButton("above", window))
        layout.addWidget(mixer, 1)
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        windows.append(window)
        settle()
        return mixer

    yield made
    for window in windows:
        window.close()
    apply(qapp)


def settle() -> None:
    for _ in range(30):
        QApplication.processEvents()


def document_of(mixer: Mixer) -> Document:
    document: Document = mixer.document  # type: ignore[attr-defined]
    return document


def heard(mixer: Mixer, *names: str) -> list[tuple[Any, ...]]:
    """The arguments of these signals from now on, each after its name where there are several."""
    calls: list[tuple[Any, ...]] = []
    for name in names:
        getattr(mixer, name).connect(lambda *args, name=name: calls.append((name, *args) if len(names) > 1 else args))
    return calls


def press(mixer: Mixer, key: Qt.Key | str, keys: Qt.KeyboardModifier = NONE) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    assert mixer.isAncestorOf(focus)
    QTest.keyClick(focus, key, keys)


def shown_names(mixer: Mixer) -> list[str]:
    """Names from left to right, of what is seen."""
    views = [v for v in mixer.area.views() if v.isVisible() and v.row in mixer.area.seen_rows()]
    return [v.strip.name for v in sorted(views, key=lambda v: v.x()) if v.strip is not None]


def scroll_to(mixer: Mixer, value: int) -> None:
    bar = mixer.area.horizontalScrollBar()
    assert bar is not None
    bar.setValue(value)
    settle()


def test_only_what_is_seen_is_widgets(make: Make) -> None:
    mixer = make(100)
    seen = len(mixer.area.seen_rows())
    assert 8 <= seen <= 12
    for value in range(0, 9000, 370):
        scroll_to(mixer, value)
    made = len(mixer.area.views()) + len(mixer.area._free)
    assert made <= seen + 4


def test_a_strip_used_again_shows_its_new_row(make: Make) -> None:
    mixer = make(100)
    document = document_of(mixer)
    document.decide([40, 41], "accepted")
    document.set_muted(42, True)
    for row in (37, 99, 0, 61, 39):
        scroll_to(mixer, row * mixer.area.strip_width())
        seen = mixer.area.seen_rows()
        assert shown_names(mixer) == [document.names[row] for row in seen]
        for view in mixer.area.views():
            assert view.fader.ghost_y is None or view.fader.ghost == view.strip.proposed["fader_db"]  # type: ignore[union-attr]
            assert view.fader.accessibleName().startswith(f"{document.names[view.row]}: ")
            assert view.lamps["eq"].accessibleName().startswith(f"{document.names[view.row]}: ")
    views = {view.row: view for view in mixer.area.views()}
    assert views[40].accept.isChecked()
    assert not views[43].accept.isChecked()
    assert views[42].mute.isChecked()


def test_strips_stand_side_by_side(make: Make) -> None:
    mixer = make(28)
    scroll_to(mixer, 777)
    wide = mixer.area.strip_width()
    for view in mixer.area.views():
        assert view.x() == view.row * wide - 777
        assert view.width() == wide


def test_few_strips_share_the_width_and_many_keep_theirs(make: Make) -> None:
    assert make(10).area.strip_width() == (1280 - 158) // 10
    assert make(28).area.strip_width() == 108


def test_keys_decide(make: Make) -> None:
    mixer = make()
    mixer.go_to(3)
    calls = heard(mixer, "decided", "lock_changed", "solo_toggled", "mute_toggled", "opened")
    for key in (Qt.Key.Key_A, Qt.Key.Key_R, Qt.Key.Key_U, Qt.Key.Key_L, Qt.Key.Key_S, Qt.Key.Key_M, Qt.Key.Key_Return):
        press(mixer, key)
    assert calls == [
        ("decided", [3], "accepted", ALL),
        ("decided", [3], "rejected", ALL),
        ("decided", [3], "pending", ALL),
        ("lock_changed", [3], ALL, True),
        ("solo_toggled", 3, True),
        ("mute_toggled", 3, True),
        ("opened", 3),
    ]


def test_keys_of_the_strip_work_on_its_controls_too(make: Make) -> None:
    mixer = make()
    mixer.go_to(2)
    view = mixer.area.view_of(2)
    assert view is not None
    calls = heard(mixer, "decided")
    for control in (view.fader, view.pan, view.lamps["eq"], view.amount, view.equaliser):
        control.setFocus()
        press(mixer, Qt.Key.Key_A)
    assert calls == [([2], "accepted", ALL)] * 5


def test_brackets_step_the_amount_in_one_gesture(make: Make) -> None:
    mixer = make()
    mixer.go_to(0)
    calls = heard(mixer, "amount_changed")
    press(mixer, "[")
    press(mixer, "[")
    press(mixer, "]")
    assert [args[:2] for args in calls] == [([0], 0.95), ([0], 0.9), ([0], 0.95)]
    assert calls[0][2] is calls[2][2]
    document_of(mixer).undo_stack.undo()
    assert document_of(mixer).decision("Kick In").amount == 1.0


def click(mixer: Mixer, row: int, keys: Qt.KeyboardModifier = NONE) -> None:
    view = mixer.area.view_of(row)
    assert view is not None
    QTest.mouseClick(view, LEFT, keys, QPoint(20, 18))


def test_selection_by_mouse(make: Make) -> None:
    mixer = make()
    calls = heard(mixer, "selected")
    click(mixer, 1)
    click(mixer, 4, SHIFT)
    assert mixer.selection == {1, 2, 3, 4}
    click(mixer, 2, CTRL)
    click(mixer, 6, CTRL)
    assert mixer.selection == {1, 3, 4, 6}
    assert [row for (row,) in calls] == [1, 4, 2, 6]
    click(mixer, 5)
    assert mixer.selection == {5}
    assert {view.row for view in mixer.area.views() if view.is_selected} == {5}


def test_intents_concern_all_that_is_selected(make: Make) -> None:
    mixer = make()
    click(mixer, 1)
    click(mixer, 3, SHIFT)
    calls = heard(mixer, "decided", "amount_changed", "lock_changed")
    view = mixer.area.view_of(2)
    assert view is not None
    QTest.mouseClick(view.accept, LEFT)
    QTest.mouseDClick(view.amount, LEFT)
    QTest.mouseClick(view.lock, LEFT)
    assert [args[1] for args in calls] == [[1, 2, 3]] * 3
    assert document_of(mixer).decision("Hi-Hat").of("eq") == "accepted"


def test_a_strip_beside_the_selection_is_decided_alone(make: Make) -> None:
    mixer = make()
    click(mixer, 1)
    click(mixer, 3, SHIFT)
    calls = heard(mixer, "decided")
    view = mixer.area.view_of(5)
    assert view is not None
    QTest.mouseClick(view.reject, LEFT)
    assert calls == [([5], "rejected", ALL)]
    assert mixer.selection == {5}


def test_select_all_and_decide(make: Make) -> None:
    mixer = make()
    mixer.go_to(0)
    press(mixer, Qt.Key.Key_A, CTRL)
    calls = heard(mixer, "decided")
    press(mixer, Qt.Key.Key_A)
    assert calls == [(list(range(28)), "accepted", ALL)]
    document_of(mixer).undo_stack.undo()
    assert document_of(mixer).decision("Kick In").of("eq") == "pending"


def test_arrows_go_to_the_neighbour_and_keep_the_control(make: Make) -> None:
    mixer = make()
    mixer.go_to(0)
    view = mixer.area.view_of(0)
    assert view is not None
    view.pan.setFocus()
    for _ in range(20):
        press(mixer, Qt.Key.Key_Right)
    assert mixer.current == 20
    there = mixer.area.view_of(20)
    assert there is not None
    assert there.pan.hasFocus()
    assert mixer.area.viewport().rect().contains(there.geometry())  # type: ignore[union-attr]
    press(mixer, Qt.Key.Key_Home)
    assert mixer.current == 0
    press(mixer, Qt.Key.Key_Left)
    assert mixer.current == 0
    press(mixer, Qt.Key.Key_End)
    assert mixer.current == 27


def test_shift_and_arrows_select(make: Make) -> None:
    mixer = make()
    mixer.go_to(2)
    press(mixer, Qt.Key.Key_Right, SHIFT)
    press(mixer, Qt.Key.Key_Right, SHIFT)
    assert mixer.selection == {2, 3, 4}
    press(mixer, Qt.Key.Key_Left, SHIFT)
    assert mixer.selection == {2, 3}


def test_tab_goes_through_a_strip_and_out(make: Make) -> None:
    mixer = make()
    mixer.go_to(1)
    view = mixer.area.view_of(1)
    assert view is not None
    stops = [stop for stop in view.stops() if stop is not view.link]
    for stop in stops:
        assert QApplication.focusWidget() is stop
        press(mixer, Qt.Key.Key_Tab)
    assert mixer.shared.isAncestorOf(QApplication.focusWidget())
    view.setFocus()
    press(mixer, Qt.Key.Key_Backtab)
    assert not mixer.area.isAncestorOf(QApplication.focusWidget())


def test_a_strip_with_the_keyboard_keeps_its_row(make: Make) -> None:
    mixer = make(100)
    mixer.go_to(0)
    view = mixer.area.view_of(0)
    assert view is not None
    view.fader.setFocus()
    scroll_to(mixer, 5000)
    assert view.row == 0
    assert view.fader.hasFocus()
    calls = heard(mixer, "values_changed")
    press(mixer, Qt.Key.Key_Up)
    assert calls[0][:2] == (0, {"fader_db": -1.5})
    press(mixer, Qt.Key.Key_Right)
    assert mixer.current == 1
    assert 1 in mixer.area.seen_rows()


def wheel(widget: QWidget, notches: int, keys: Qt.KeyboardModifier = NONE) -> None:
    """As Qt does with the wheel of a mouse: to the widget under it, and up to the first that takes it."""
    centre, everywhere = QPointF(widget.rect().center()), QPointF(widget.mapToGlobal(widget.rect().center()))
    event = QWheelEvent(
        centre,
        everywhere,
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    taker: QWidget | None = widget
    event.ignore()
    while taker is not None and not event.isAccepted():
        QApplication.sendEvent(taker, event)
        taker = taker.parentWidget()


def test_wheel_scrolls_on_the_ground_and_sets_on_a_fader(make: Make) -> None:
    mixer = make()
    view = mixer.area.view_of(2)
    bar = mixer.area.horizontalScrollBar()
    assert view is not None
    assert bar is not None
    calls = heard(mixer, "values_changed")
    wheel(view.fader, -1)
    assert [args[:2] for args in calls] == [(2, {"fader_db": -2.5})]
    wheel(view, -1)
    there = bar.value()
    assert there > 0
    wheel(view.fader, -1)
    assert bar.value() > there
    assert len(calls) == 1


def test_ground_of_a_strip_is_dragged_along(make: Make) -> None:
    mixer = make()
    view = mixer.area.view_of(6)
    assert view is not None
    place = view.mapTo(mixer.window(), QPoint(20, 18))
    QTest.mousePress(mixer.window().windowHandle(), LEFT, NONE, place)
    for x in (-10, -60, -120):
        QTest.mouseMove(mixer.window().windowHandle(), place + QPoint(x, 0))
    QTest.mouseRelease(mixer.window().windowHandle(), LEFT, NONE, place + QPoint(-120, 0))
    assert mixer.area.across.value() == 120
    assert mixer.selection == {6}


def test_an_editor_closes_when_its_strip_is_scrolled_away(make: Make) -> None:
    mixer = make()
    mixer.go_to(1)
    view = mixer.area.view_of(1)
    assert view is not None
    view.fader.setFocus()
    press(mixer, "-")
    assert view.fader.editor is not None
    calls = heard(mixer, "values_changed")
    scroll_to(mixer, 500)
    assert view.fader.editor is None
    assert calls == []


def test_unknown_and_held_keys_do_nothing(make: Make) -> None:
    mixer = make()
    mixer.go_to(0)
    calls = heard(mixer, "mute_toggled", "amount_changed")
    view = mixer.area.view_of(0)
    assert view is not None
    for key, text, is_held in ((0x2FFFF, "", False), (Qt.Key.Key_M, "m", True), (Qt.Key.Key_BracketLeft, "[", True)):
        for widget in (view, view.fader):
            QApplication.sendEvent(widget, QKeyEvent(QEvent.Type.KeyPress, key, NONE, text, is_held))
    assert [name for name, *_ in calls] == ["amount_changed"] * 2


def test_ctrl_wheel_makes_strips_narrow_and_wide(make: Make) -> None:
    mixer = make()
    view = mixer.area.view_of(0)
    assert view is not None
    for _ in range(12):
        wheel(view.role, -1, CTRL)
    assert mixer.area.strip_width() == 74
    wheel(view.role, 1, CTRL)
    assert mixer.area.strip_width() > 74


def test_a_drag_is_one_step_of_undo(make: Make) -> None:
    mixer = make()
    view = mixer.area.view_of(1)
    assert view is not None
    QTest.mousePress(view.fader, LEFT, NONE, QPoint(30, 100))
    for y in range(105, 160, 5):
        QTest.mouseMove(view.fader, QPoint(30, y))
        settle()
    QTest.mouseRelease(view.fader, LEFT, NONE, QPoint(30, 155))
    document = document_of(mixer)
    assert document.undo_stack.count() == 1
    assert document.decision("Snare Top").own["fader_db"] < -2.0
    assert view.fader.shown_value == document.decision("Snare Top").own["fader_db"]
    document.undo_stack.undo()
    assert view.fader.shown_value == -2.0


def test_double_click_on_the_name_opens(make: Make) -> None:
    mixer = make()
    view = mixer.area.view_of(4)
    assert view is not None
    calls = heard(mixer, "opened")
    QTest.mouseDClick(view, LEFT, NONE, QPoint(20, 18))
    QTest.mouseClick(view.equaliser, LEFT)
    assert calls == [(4,), (4,)]


def test_levels_reach_what_is_seen_and_a_lamp_waits_for_the_rest(make: Make) -> None:
    mixer = make(100)
    names = document_of(mixer).names
    mixer.set_levels({**dict.fromkeys(names, -20.0), names[0]: 0.5, names[60]: 1.0})
    first = mixer.area.view_of(0)
    assert first is not None
    assert first.meter.has_clipped
    mixer.set_levels(dict.fromkeys(names, -30.0))
    assert {view.meter.level_db for view in mixer.area.views()} == {-30.0}
    scroll_to(mixer, 60 * mixer.area.strip_width())
    mixer.set_levels(dict.fromkeys(names, -30.0))
    lit = {view.row for view in mixer.area.views() if view.meter.has_clipped}
    assert lit == {60}
    there = mixer.area.view_of(60)
    assert there is not None
    QTest.mouseClick(there.meter, LEFT)
    assert not there.meter.has_clipped
    mixer.set_levels({})
    assert {view.meter.level_db for view in mixer.area.views()} == {-60.0}


def test_header_counts_and_decides_all(make: Make, qtbot: QtBot) -> None:
    mixer = make(30)
    document = document_of(mixer)
    document.decide([0, 1], "accepted")
    document.decide([2], "rejected")
    qtbot.waitUntil(lambda: mixer.shared.counts.text() == "27 to decide\n2 accepted\n1 rejected")
    calls = heard(mixer, "all_decided")
    for button in (mixer.shared.accept_all, mixer.shared.reject_all, mixer.shared.reset_all):
        QTest.mouseClick(button, LEFT)
    assert [decision for (decision,) in calls] == ["accepted", "rejected", "pending"]
    qtbot.waitUntil(lambda: mixer.shared.counts.text().startswith("30 to decide"))


def test_header_decides_bus_and_master(make: Make) -> None:
    mixer = make()
    assert not mixer.shared.accept.isEnabled()
    mixer.set_shared(SharedState("pending", True, "decay 1.8 s", "+3.0 dB"))
    calls = heard(mixer, "shared_decided")
    QTest.mouseClick(mixer.shared.accept, LEFT)
    mixer.set_shared(SharedState("accepted", True, "decay 1.8 s", "+3.0 dB"))
    QTest.mouseClick(mixer.shared.accept, LEFT)
    assert [decision for (decision,) in calls] == ["accepted", "pending"]
    assert mixer.shared.reverb.text() == "Reverb: decay 1.8 s"


def test_bus_and_master_of_another_song_leave_nothing_behind(qtbot: QtBot) -> None:
    strip = SharedStrip()
    qtbot.addWidget(strip)
    strip.set_state(SharedState("pending", True, "decay 1.8 s", "+3.0 dB"))
    assert strip.accept_all.isEnabled()
    strip.set_state(SharedState())
    assert not strip.accept_all.isEnabled()
    assert not strip.accept.isEnabled()
    assert (strip.reverb.text(), strip.master.text()) == ("", "")


def test_another_session_takes_the_place(make: Make) -> None:
    mixer = make(28)
    document, other = document_of(mixer), make_document(3)
    mixer.go_to(20)
    document.load(other.info)  # type: ignore[arg-type]
    settle()
    assert shown_names(mixer) == list(other.names)
    assert (mixer.current, mixer.selection) == (-1, frozenset())
    document.clear()
    settle()
    assert shown_names(mixer) == []


@pytest.mark.parametrize(("name", "scale", "wide"), [("light", 1.0, 108), ("dark", 2.0, 300)])
def test_theme_and_scale_change_while_shown(make: Make, qapp: QApplication, name: Any, scale: float, wide: int) -> None:
    mixer = make(28)
    scroll_to(mixer, 500)
    apply(qapp, name, scale)
    settle()
    assert mixer.area.strip_width() == wide, "large text in a low window: the fader stands at the side"
    view = next(iter(mixer.area.views()))
    assert view.width() == mixer.area.strip_width()
    assert view.role.height() == round(22 * scale)
    assert shown_names(mixer) == [document_of(mixer).names[row] for row in mixer.area.seen_rows()]
    assert mixer.window().height() == 720, "the window is the user's: nothing makes it grow"
    mixer.grab()
