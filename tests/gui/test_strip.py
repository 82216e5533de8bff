"""One strip: what it draws of a track, and what it tells of hands, wheel and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from mixer_song import make_document
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from assistant.decisions import PARTS
from assistant.params import BY_NAME, CHANNEL_PARAMS
from gui.models.document import Document
from gui.models.strips import Strip, StripsModel
from gui.views.fader import Meter
from gui.views.pictures import kept_count
from gui.views.role_menu import RoleMenu
from gui.views.strip import StripView
from gui.views.theme import apply, colours
from gui.views.thumbnails import EqualiserThumbnail
from gui.views.travel import TRAVELS
from gui.views.value_control import ScrollClock, ValueControl
from protocols.daw import Confirmation, Control, Outcome

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


class Heard:
    """Every signal of a strip, in order: (name, arguments)."""

    NAMES = (
        "decided",
        "lock_changed",
        "amount_changed",
        "values_changed",
        "values_reset",
        "role_chosen",
        "solo_toggled",
        "mute_toggled",
        "opened",
    )

    def __init__(self, view: StripView) -> None:
        self.all: list[tuple[Any, ...]] = []
        for name in self.NAMES:
            getattr(view, name).connect(lambda *args, name=name: self.all.append((name, *args)))


@pytest.fixture
def document(qapp: QApplication) -> Document:
    apply(qapp)
    return make_document(3)


@pytest.fixture
def view(qtbot: QtBot, document: Document) -> StripView:
    view = StripView(ScrollClock())
    qtbot.addWidget(view)
    view.resize(108, 700)
    view.show_strip(strip_of(document))
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


@pytest.fixture
def heard(view: StripView) -> Heard:
    return Heard(view)


def strip_of(document: Document, row: int = 0) -> Strip:
    return StripsModel(document).strip(row)


def move(widget: QWidget, place: QPoint, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    there = QPointF(place)
    everywhere = QPointF(widget.mapToGlobal(place))
    QApplication.sendEvent(
        widget, QMouseEvent(QEvent.Type.MouseMove, there, everywhere, Qt.MouseButton.NoButton, button, keys)
    )


def drag(widget: QWidget, by: list[QPoint], button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NONE) -> None:
    place = widget.rect().center()
    QTest.mousePress(widget, button, keys, place)
    for step in by:
        move(widget, place + step, button, keys)
    QTest.mouseRelease(widget, button, keys, place + by[-1])


def turn(widget: QWidget, notches: float, keys: Qt.KeyboardModifier = NONE, sideways: int = 0) -> bool:
    """Turn the wheel over ``widget``; whether it took it."""
    centre = QPointF(widget.rect().center())
    event = QWheelEvent(
        centre,
        QPointF(widget.mapToGlobal(widget.rect().center())),
        QPoint(),
        QPoint(sideways, round(120 * notches)),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    widget.wheelEvent(event)
    return event.isAccepted()


@pytest.mark.parametrize("param", TRAVELS)
def test_travel_there_and_back(param: str) -> None:
    travel = TRAVELS[param]
    for share in (0.0, 0.1, 0.5, 0.93, 1.0):
        value = travel.param.low + share * (travel.param.high - travel.param.low)
        assert travel.value_at(travel.place(value)) == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    ("param", "typed", "value"),
    [
        ("fader_db", "-3.5", -3.5),
        ("fader_db", " -3,5 dB", -3.5),
        ("fader_db", "\N{MINUS SIGN}3.5", -3.5),
        ("fader_db", "40", 12.0),
        ("fader_db", "loud", None),
        ("fader_db", "nan", None),
        ("fader_db", "", None),
        ("send_db", "off", -60.0),
        ("fader_db", "off", None),
        ("pan", "L20", -0.2),
        ("pan", "20r", 0.2),
        ("pan", "c", 0.0),
        ("pan", "-15", -0.15),
        ("pan", "R", None),
        ("pan", "L900", -1.0),
        ("amount", "50 %", 50.0),
    ],
)
def test_what_is_typed_is_understood(param: str, typed: str, value: float | None) -> None:
    assert TRAVELS[param].parsed(typed) == value


def test_cap_and_ghost_stand_at_their_values(view: StripView, document: Document) -> None:
    fader, proposed = view.fader, document.channel_proposed("Kick In").settings["fader_db"]
    assert fader.cap_y == fader.y_of(-2.0)
    assert fader.ghost_y == fader.y_of(proposed)
    assert fader.y_of(12.0) < fader.cap_y < fader.ghost_y < fader.y_of(-60.0)


def test_ghost_is_painted_where_it_says(view: StripView) -> None:
    fader = view.fader
    assert fader.ghost_y is not None
    assert fader.ghost_y - fader.cap_y > 30, "the example must part them"
    picture = fader.grab().toImage()
    x = round(fader.rail().center().x())
    between = round((fader.cap_y + fader.ghost_y) / 2)
    assert picture.pixelColor(x, between) == colours().proposed
    assert picture.pixelColor(x, round(fader.ghost_y)) == colours().proposed
    assert picture.pixelColor(x, round(fader.cap_y)) == colours().text


def test_without_a_proposal_there_is_no_ghost(qtbot: QtBot, view: StripView) -> None:
    view.show_strip(strip_of(make_document(3, is_proposed=False)))
    assert view.fader.ghost_y is None
    assert view.pan.ghost is None
    assert not view.accept.isEnabled()
    assert not view.reject.isEnabled()
    assert view.fader.value_text() == "-2.0"


def test_values_read_as_engineers_write_them(view: StripView, document: Document) -> None:
    proposed = document.channel_proposed("Kick In").settings
    assert view.fader.value_text() == f"-2.0 → {proposed['fader_db']:+.1f}"
    assert view.send.value_text() == f"off → {proposed['send_db']:+.1f}"
    assert view.pan.value_text().startswith("C → ")


def test_cap_stays_under_the_hand(view: StripView, heard: Heard) -> None:
    was = view.fader.cap_y
    drag(view.fader, [QPoint(0, 10), QPoint(0, 40)])
    assert view.fader.y_of(heard.all[-1][2]["fader_db"]) == pytest.approx(was + 40, abs=1.0)


def test_drag_is_one_gesture_and_the_next_another(view: StripView, heard: Heard) -> None:
    drag(view.fader, [QPoint(0, 10), QPoint(0, 20), QPoint(0, 30)])
    drag(view.fader, [QPoint(0, 10)])
    assert [name for name, *_ in heard.all] == ["values_changed"] * 4
    gestures = [args[-1] for args in heard.all]
    assert gestures[0] is gestures[1] is gestures[2]
    assert gestures[3] is not gestures[0]


@pytest.mark.parametrize(("button", "keys"), [(LEFT, SHIFT), (RIGHT, NONE)])
def test_fine_drag_goes_a_tenth(
    view: StripView, heard: Heard, button: Qt.MouseButton, keys: Qt.KeyboardModifier
) -> None:
    was = view.fader.cap_y
    drag(view.fader, [QPoint(0, 20), QPoint(0, 60)], button, keys)
    assert view.fader.y_of(heard.all[-1][2]["fader_db"]) == pytest.approx(was + 6, abs=0.2)


def test_while_dragged_the_hand_counts_afterwards_the_model(view: StripView, document: Document) -> None:
    strip = strip_of(document)
    QTest.mousePress(view.fader, LEFT, NONE, QPoint(10, 50))
    move(view.fader, QPoint(10, 90))
    by_hand = view.fader.shown_value
    view.show_strip(replace(strip, held={**strip.held, "fader_db": -30.0}))
    assert view.fader.shown_value == by_hand != -30.0
    QTest.mouseRelease(view.fader, LEFT, NONE, QPoint(10, 90))
    assert view.fader.shown_value == -30.0


def test_click_without_a_move_changes_nothing(view: StripView, heard: Heard) -> None:
    for control in (*view.set_by_hand.values(), view.amount):
        QTest.mouseClick(control, LEFT)
    assert heard.all == []


@pytest.mark.parametrize(("keys", "step"), [(NONE, 0.5), (SHIFT, 0.1)])
def test_wheel_steps(view: StripView, heard: Heard, keys: Qt.KeyboardModifier, step: float) -> None:
    assert turn(view.fader, 1, keys)
    assert turn(view.fader, -2, keys)
    assert [args[2]["fader_db"] for args in heard.all] == pytest.approx([-2.0 + step, -2.0 - step])
    assert heard.all[0][3] is heard.all[1][3], "one burst is one gesture"


def test_parts_of_a_notch_add_up(view: StripView, heard: Heard) -> None:
    for _ in range(4):
        turn(view.fader, 0.25)
    assert [args[2]["fader_db"] for args in heard.all] == pytest.approx([-1.5])


def test_wheel_that_scrolls_goes_on_scrolling(view: StripView, heard: Heard) -> None:
    view.fader._clock.note()
    assert not turn(view.fader, 1)
    assert not turn(view.pan, 0, sideways=120)
    assert heard.all == []


def test_keys_step_fine_and_coarse(view: StripView, heard: Heard) -> None:
    view.pan.setFocus()
    QTest.keyClick(view.pan, Qt.Key.Key_Up)
    QTest.keyClick(view.pan, Qt.Key.Key_Down, SHIFT)
    assert [args[2]["pan"] for args in heard.all] == pytest.approx([0.05, 0.04])


@pytest.mark.parametrize("param", ["fader_db", "pan", "send_db", "trim_db"])
def test_double_click_and_delete_reset(view: StripView, heard: Heard, param: str) -> None:
    QTest.mouseDClick(view.set_by_hand[param], LEFT)
    QTest.keyClick(view.set_by_hand[param], Qt.Key.Key_Delete)
    assert heard.all == [("values_reset", 0, [param])] * 2


def test_amount_goes_as_a_share_and_resets_to_all(view: StripView, heard: Heard) -> None:
    view.amount.setFocus()
    QTest.keyClick(view.amount, Qt.Key.Key_Down)
    QTest.mouseDClick(view.amount, LEFT)
    assert [args[:3] for args in heard.all] == [("amount_changed", 0, 0.95), ("amount_changed", 0, 1.0)]


def type_into(control: ValueControl, text: str, end: Qt.Key = Qt.Key.Key_Return) -> None:
    control.setFocus()
    QTest.keyClick(control, text[0])
    assert control.editor is not None
    QTest.keyClicks(control.editor, text[1:])
    QTest.keyClick(control.editor, end)


def test_typed_number_is_set(view: StripView, heard: Heard) -> None:
    type_into(view.fader, "-3.5")
    type_into(view.pan, "20L")
    assert [args[2] for args in heard.all] == [{"fader_db": -3.5}, {"pan": -0.2}]
    assert view.pan.hasFocus()


def test_editor_keeps_what_it_does_not_understand_and_escape_leaves(view: StripView, heard: Heard) -> None:
    type_into(view.fader, "-3x")
    assert view.fader.editor is not None
    assert "-60 to 12 dB" in view.fader.editor.toolTip()
    QTest.keyClick(view.fader.editor, Qt.Key.Key_Escape)
    assert view.fader.editor is None
    assert heard.all == []


def test_f2_opens_the_editor_with_the_value(view: StripView) -> None:
    view.send.setFocus()
    QTest.keyClick(view.send, Qt.Key.Key_F2)
    assert view.send.editor is not None
    assert view.send.editor.text() == "off"
    assert view.send.editor.selectedText() == "off"


def test_assistive_technology_sets_the_slider(view: StripView, heard: Heard) -> None:
    view.pan.setValue(-35)
    assert heard.all[0][:3] == ("values_changed", 0, {"pan": -0.35})


@pytest.mark.parametrize(("name", "decision"), [("accept", "accepted"), ("reject", "rejected")])
def test_signs_decide_and_take_back(
    view: StripView, heard: Heard, document: Document, name: str, decision: Any
) -> None:
    QTest.mouseClick(getattr(view, name), LEFT)
    document.decide([0], decision)
    view.show_strip(strip_of(document))
    assert getattr(view, name).isChecked()
    QTest.mouseClick(getattr(view, name), LEFT)
    assert heard.all == [("decided", 0, decision, list(PARTS)), ("decided", 0, "pending", list(PARTS))]


def test_lock_solo_mute_toggle(view: StripView, heard: Heard, document: Document) -> None:
    for button in (view.lock, view.solo, view.mute):
        QTest.mouseClick(button, LEFT)
    document.set_locked([0], PARTS, True)
    document.set_soloed(0, True)
    document.set_muted(0, True)
    view.show_strip(strip_of(document))
    for button in (view.lock, view.solo, view.mute):
        QTest.mouseClick(button, LEFT)
    assert [(*args[:2], args[-1]) for args in heard.all] == [
        (name, 0, is_on) for is_on in (True, False) for name in ("lock_changed", "solo_toggled", "mute_toggled")
    ]


def test_lamps_go_round_and_have_a_menu(view: StripView, heard: Heard, document: Document) -> None:
    lamp = view.lamps["eq"]
    QTest.mouseClick(lamp, LEFT)
    document.decide([0], "accepted", ["eq"])
    view.show_strip(strip_of(document))
    assert lamp.sign()[0] == "check"
    QTest.mouseClick(lamp, LEFT)
    actions = {action.text(): action for action in lamp.menu().actions()}
    actions["Lock"].trigger()
    actions["Leave open"].trigger()
    assert heard.all == [
        ("decided", 0, "accepted", ["eq"]),
        ("decided", 0, "rejected", ["eq"]),
        ("lock_changed", 0, ["eq"], True),
        ("decided", 0, "pending", ["eq"]),
    ]


def test_lamps_have_a_sign_for_every_state(view: StripView, document: Document) -> None:
    document.decide([0], "accepted", ["eq"])
    document.decide([0], "rejected", ["image"])
    document.set_locked([0], ["dynamics"], True)
    view.show_strip(strip_of(document))
    signs = {part: lamp.sign()[0] for part, lamp in view.lamps.items()}
    assert signs == {
        "levels": "ring",
        "eq": "check",
        "dynamics": "lock",
        "image": "cross",
        "reverb": "ring",
        "polarity": "dash",
    }


def test_a_lamp_of_nothing_to_decide_does_nothing(view: StripView, heard: Heard) -> None:
    QTest.mouseClick(view.lamps["polarity"], LEFT)
    assert heard.all == []


def test_everything_usable_has_a_name_of_its_own_and_teaches(view: StripView) -> None:
    names = [stop.accessibleName() for stop in view.stops() if stop is not view.link]
    assert len(set(names)) == len(names)
    assert all(name.startswith("Kick In") for name in names)
    assert all(stop.toolTip() for stop in view.stops() if stop is not view.link)


def test_values_are_read_aloud_in_engineers_units(view: StripView) -> None:
    proposed = view.fader.ghost
    assert view.fader.accessibleName() == f"Kick In: Fader, -2.0 dB, proposed {proposed:+.1f} dB"
    assert view.accessibleName() == "Kick In, kick, to decide"
    assert "off; proposed: " in view.compressor.accessibleName()


def noting(paint: Any, names: list[str]) -> Any:
    """``paint``, which also notes whose it is."""

    def painting(self: QWidget, event: object) -> None:
        names.append(type(self).__name__)
        paint(self, event)

    return painting


def test_what_was_set_by_hand_says_so(view: StripView, document: Document) -> None:
    document.set_values(0, {"pan": 0.5})
    view.show_strip(strip_of(document))
    assert view.pan.is_own
    assert view.pan.accessibleName() == "Kick In: Pan, R50, set by hand"
    assert view.pan.ghost is None


def painted(qtbot: QtBot, view: StripView, strip: Strip, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The classes of what is painted when ``strip`` is shown."""
    classes = {type(widget) for widget in (view, *view.findChildren(QWidget)) if hasattr(type(widget), "paintEvent")}
    names: list[str] = []
    qtbot.wait(1)
    with monkeypatch.context() as patch:
        for cls in classes:
            patch.setattr(cls, "paintEvent", noting(cls.paintEvent, names))
        view.show_strip(strip)
        for _ in range(5):
            QApplication.processEvents()
    return names


def test_equal_values_paint_nothing(
    qtbot: QtBot, view: StripView, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert painted(qtbot, view, strip_of(document), monkeypatch) == []


def test_only_what_changed_is_painted(
    qtbot: QtBot, view: StripView, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    document.set_values(0, {"fader_db": -9.0})
    assert set(painted(qtbot, view, strip_of(document), monkeypatch)) == {"Fader"}


def test_the_daw_s_value_is_shown_where_it_was_not_taken_over(view: StripView) -> None:
    document = make_document(3, has_daw=True)
    changes: list[Any] = []
    document.changes_made.connect(changes.extend)
    document.decide([0], "accepted")
    view.show_strip(strip_of(document))
    assert view.link.link == "sending"
    assert view.fader.shown_value == document.channel_made("Kick In").settings["fader_db"]
    refused = next(change for change in changes if change.track == "Kick In" and change.param == "fader_db")
    rest = [Confirmation(c, Outcome.CONFIRMED, c.new) for c in changes if c is not refused]
    document.take_confirmations([*rest, Confirmation(refused, Outcome.REFUSED, -20.0, "Set its automation to Manual.")])
    view.show_strip(strip_of(document))
    assert view.link.link == "problem"
    assert "Set its automation to Manual." in view.link.toolTip()
    assert view.fader.shown_value == -20.0
    assert view.fader.is_off_course
    assert not view.pan.is_off_course
    assert "not taken over by the DAW" in view.fader.accessibleName()
    assert Control("Kick In", "fader_db") in document.held


def test_pictures_of_equal_settings_are_drawn_once(qtbot: QtBot, view: StripView, document: Document) -> None:
    view.grab()
    count = kept_count()
    other = replace(strip_of(document), name="another", row=1)
    view.show_strip(other)
    view.grab()
    assert kept_count() == count


def test_curves_differ_from_flat(view: StripView) -> None:
    middle = view.equaliser.height() // 2
    picture = view.equaliser.grab().toImage()
    column = [picture.pixelColor(4, y) for y in range(middle + 8, picture.height() - 2)]
    assert colours().proposed in column, "a high-pass falls at the left"


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_role_is_unsure_and_corrected(qtbot: QtBot, view: StripView, document: Document, heard: Heard) -> None:
    view.show_strip(strip_of(document, 1))
    assert view.role.role_text() == "snare?"
    QTest.mouseClick(view.role, LEFT)
    menu = view.findChild(RoleMenu)
    assert menu is not None
    QTest.keyClicks(menu.search, "backing")
    QTest.keyClick(menu.search, Qt.Key.Key_Return)
    assert heard.all == [("role_chosen", 1, "backing vocal")]


@pytest.mark.qt_log_ignore("plugin does not support", extend=True)
def test_roles_are_found_by_family_and_with_arrows(qtbot: QtBot) -> None:
    menu = RoleMenu("kick")
    qtbot.addWidget(menu)
    chosen: list[str] = []
    menu.chosen.connect(chosen.append)
    menu.open_at(QPoint(0, 0))
    QTest.keyClicks(menu.search, "synths")
    QTest.keyClick(menu.search, Qt.Key.Key_Down)
    QTest.keyClick(menu.search, Qt.Key.Key_Return)
    assert chosen == ["lead synth"]


def test_no_role_is_found_and_nothing_chosen(qtbot: QtBot) -> None:
    menu = RoleMenu("kick")
    qtbot.addWidget(menu)
    chosen: list[str] = []
    menu.chosen.connect(chosen.append)
    QTest.keyClicks(menu.search, "kazoo")
    QTest.keyClick(menu.search, Qt.Key.Key_Return)
    assert chosen == []


def test_meter_holds_falls_and_keeps_its_lamp(qtbot: QtBot) -> None:
    meter = Meter()
    qtbot.addWidget(meter)
    meter.resize(9, 200)
    meter.set_level(-6.0, 0.0)
    meter.set_level(-50.0, 1.0, True)
    assert (meter.level_db, meter.hold_db, meter.has_clipped) == (-50.0, -6.0, True)
    meter.set_level(-50.0, 1.6, True)
    meter.set_level(-50.0, 2.6, True)
    assert meter.hold_db == pytest.approx(-6.0 - 20.0 * 1.6)
    assert meter.grab().toImage().pixelColor(4, 3) == colours().danger
    assert meter.y_of(0.0) < meter.y_of(-20.0) < meter.y_of(-60.0)
    meter.clear()
    assert meter.hold_db == -60.0


def test_every_layout_keeps_controls_apart_and_inside(view: StripView, qapp: QApplication) -> None:
    for scale, size in ((1.0, (108, 700)), (1.0, (74, 640)), (1.0, (132, 440)), (2.0, (216, 900))):
        apply(qapp, "dark", scale)
        view.resize(*size)
        view.place()
        boxes = [stop.geometry() for stop in (*view.stops()[1:], view.meter)]
        assert all(view.rect().contains(box) for box in boxes), (scale, size)
        overlaps = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.intersects(b)]
        assert overlaps == [], (scale, size)
        assert view.fader.rail().height() > 60
    apply(qapp)


def test_reset_values_are_those_of_the_table() -> None:
    assert all(travel.param is BY_NAME.get(name, travel.param) for name, travel in TRAVELS.items())


def test_what_a_daw_rounds_is_no_news(qtbot: QtBot) -> None:
    thumbnail = EqualiserThumbnail()
    qtbot.addWidget(thumbnail)
    asked = {p.name: p.default for p in CHANNEL_PARAMS} | {"highpass_on": 1.0, "highpass_hz": 95.123456789}
    thumbnail.show_settings({name: float(np.float32(value)) for name, value in asked.items()}, asked, "kick")
    assert not thumbnail.has_news
    thumbnail.show_settings({**asked, "highpass_hz": 95.2}, asked, "kick")
    assert thumbnail.has_news
