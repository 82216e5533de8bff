"""The whole way without a mouse: every key is struck as a user strikes it, on whatever has the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractSpinBox, QApplication, QDialog, QLineEdit, QWidget
from windows import Window, window_on

from assistant.decisions import TrackDecision
from gui.views.role_menu import RoleMenu

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
_TABS = 200


pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # what the offscreen platform says of popups


@pytest.fixture
def window(tmp_path, qapp: object) -> Iterator[Window]:  # type: ignore[no-untyped-def]
    with window_on(tmp_path, work="song_work:SongWork") as window:
        window.wait(window.window.isActiveWindow, "the window in front")
        yield window


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None, "the keyboard is nowhere"
    return found


def strike(*keys: Key | str, mods: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Keys, one after the other, on what has the keyboard then."""
    for key in keys:
        if isinstance(key, str):
            QTest.keyClicks(focus(), key, mods)
        else:
            QTest.keyClick(focus(), key, mods)


def tab_to(is_there: Callable[[QWidget], bool], key: Key = Key.Key_Tab) -> QWidget:
    """Go on with the Tab key until ``is_there``."""
    for _ in range(_TABS):
        if is_there(focus()):
            return focus()
        strike(key)
    raise AssertionError("Tab does not reach it")


def come_back(window: Window) -> None:
    """After a popup or a dialog: a screen that is none brings no window to the front by itself."""
    window.window.activateWindow()
    window.wait(window.window.isActiveWindow, "the window in front")


def open_demo(window: Window) -> None:
    tab_to(lambda widget: "demo" in widget.accessibleName())
    strike(Key.Key_Return)
    window.wait_proposal()
    tab_to(window.companion.workspace.mixer.area.isAncestorOf)


def test_all_of_it_by_keyboard(window: Window) -> None:
    open_demo(window)
    decide_on_strips(window)
    type_a_value(window)
    hear_versions(window)
    look_into_a_track(window)
    make_a_mix(window)
    look_at_preferences(window)
    strike(Key.Key_W, mods=CTRL)
    window.wait(lambda: window.is_welcome, "the first page")


def decide_on_strips(window: Window) -> None:
    document, names = window.document, window.document.names
    workspace = window.companion.workspace
    strike(Key.Key_Home, "a", Key.Key_Right, "r", Key.Key_Right, "[[", "l")
    whole = TrackDecision()
    assert document.decision(names[0]) == whole.with_parts("accepted")
    assert document.decision(names[1]) == whole.with_parts("rejected")
    assert document.decision(names[2]).amount == pytest.approx(0.9)
    assert document.decision(names[2]).locked
    strike(Key.Key_Z, mods=CTRL)
    assert not document.decision(names[2]).locked

    strike(Key.Key_Home)
    strip = workspace.mixer.area.view_of(0)
    tab_to(lambda widget: widget is strip.reject)
    strike(Key.Key_Space)  # presses what has the keyboard, and plays nothing
    assert document.decision(names[0]) == whole.with_parts("rejected")
    assert not workspace.player.is_playing
    tab_to(lambda widget: widget is strip.role, Key.Key_Backtab)
    strike(Key.Key_Space)
    menu = strip.findChild(RoleMenu)
    assert menu is not None
    QTest.keyClicks(menu.search, "piano")
    QTest.keyClick(menu.search, Key.Key_Return)
    window.wait(lambda: document.decision(names[0]).role == "piano", "the role")
    come_back(window)
    assert focus() is strip.role, "the keyboard comes back to where the menu was opened"
    window.wait_proposal()


def type_a_value(window: Window) -> None:
    workspace, name = window.companion.workspace, window.document.names[0]
    version = workspace.player.version
    fader = workspace.mixer.area.view_of(0).fader
    fader.setFocus(Qt.FocusReason.TabFocusReason)
    strike("2")
    assert isinstance(focus(), QLineEdit), "the first digit is typed, and switches no version"
    strike(".5", Key.Key_Return)
    assert window.document.decision(name).own["fader_db"] == 2.5
    assert workspace.player.version == version
    assert window.window.mode == "suggest", "Return ends the typing, and opens no insight"
    assert focus() is fader


def hear_versions(window: Window) -> None:
    player = window.companion.workspace.player
    window.wait(lambda: len(player.versions) == 3, "all mixes to listen to")
    for key, version in (("1", "before"), ("3", "accepted"), ("2", "proposed")):
        window.companion.workspace.waveform.setFocus()
        strike(key)
        assert player.version == version
    strike(Key.Key_Space)
    window.wait(lambda: player.is_playing or not player.speakers.device, "playing, where there is a device")
    strike(Key.Key_Return)
    assert not player.is_playing


def look_into_a_track(window: Window) -> None:
    workspace = window.companion.workspace
    tab_to(workspace.mixer.area.isAncestorOf)
    strike(Key.Key_Home, Key.Key_Right, Key.Key_Return)
    assert window.window.mode == "insight"
    assert workspace.row == 1
    plot = workspace.track_view.page.eq
    tab_to(lambda widget: widget is plot)
    count = window.document.undo_stack.count()
    strike(Key.Key_Tab, Key.Key_Up)
    assert window.document.undo_stack.count() == count + 1
    assert any(param in window.document.decision(window.document.names[1]).own for param in plot.settings)


def make_a_mix(window: Window) -> None:
    strike(Key.Key_2, mods=CTRL)
    assert window.window.mode == "automatic"
    page = window.companion.workspace.automatic
    folder = tab_to(lambda widget: widget is page.output.folder)
    strike(Key.Key_End, " 1 2 3")
    assert folder.text().endswith(" 1 2 3")  # type: ignore[attr-defined]
    strike(Key.Key_M, mods=CTRL)
    window.wait(lambda: page.panel.shown is page.panel.finished, "the mix")


def look_at_preferences(window: Window) -> None:
    strike(Key.Key_Comma, mods=CTRL)
    dialog = next(d for d in window.window.findChildren(QDialog) if d.isVisible())
    window.wait(dialog.isActiveWindow, "the preferences")
    strike(Key.Key_Escape)
    window.wait(lambda: not any(d.isVisible() for d in window.window.findChildren(QDialog)), "them closed")
    come_back(window)


def test_keys_stay_with_what_they_belong_to(window: Window) -> None:
    window.companion.welcome.demo_asked.emit()
    window.wait_proposal()
    document, workspace = window.document, window.companion.workspace
    mixer, player = workspace.mixer, workspace.player
    plays: list[bool] = []
    window.companion.actions["play"].triggered.connect(lambda: plays.append(True))

    window.wait(mixer.shared.accept_all.isEnabled, "something to decide")
    strike_on(mixer.shared.accept_all, "arul")  # letters of a strip mean nothing beside the strips
    assert document.undo_stack.count() == 0
    strike_on(mixer.shared.accept_all, Key.Key_Return)
    assert document.undo_stack.count() == 1
    assert not plays

    strip = window.strip_of(document.names[0])
    window.click(strip.reject)
    strike(Key.Key_Space)  # whoever has just clicked wants to hear it
    assert len(plays) == 1
    assert document.undo_stack.count() == 2
    strike_on(strip.solo, Key.Key_Space)
    assert len(plays) == 1
    assert document.names[0] in (document.audible() or ())

    workspace.show_mode("automatic")
    version = player.version
    page = workspace.automatic
    strike_on(page.how.target.findChildren(QAbstractSpinBox)[0], "-2", Key.Key_Space, "1", Key.Key_Return)
    strike_on(page.what.locks.findChildren(QLineEdit)[0], "1 2", Key.Key_Return)
    assert len(plays) == 1
    assert player.version == version
    assert player.position_s == 0.0


def strike_on(widget: QWidget, *keys: Key | str) -> None:
    """Keys on ``widget``, to which the keyboard is brought."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    assert QApplication.focusWidget() is widget
    strike(*keys)
