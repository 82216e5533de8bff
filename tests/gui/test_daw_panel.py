"""The DAW's lamp and panel: what they say of each state, and what is asked for by mouse and keyboard."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QTabWidget, QWidget
from pytestqt.qtbot import QtBot

from gui.models.daw_values import DawState, FindingRow, HistoryRow, UnconfirmedRow
from gui.views.daw_lamp import DawLamp, lamp_sign
from gui.views.daw_panel import DawPanel
from gui.views.daw_tables import HistoryPart, UnconfirmedPart

WAITING = DawState("ardour", "Ardour", "waiting", trouble="nothing listens there: is it running?")
CONNECTED = DawState("ardour", "Ardour", "connected", "song")
LOST = DawState("ardour", "Ardour", "lost", "song", "Ardour does not answer any more")
STATES = (
    DawState(),
    WAITING,
    CONNECTED,
    LOST,
    DawState("ardour", "Ardour", "connected", "song", has_unsaved=True),
    DawState("ardour", "Ardour", "connected", "song", pending_push=True),
)


def unconfirmed(number: int) -> UnconfirmedRow:
    name = f"Track {number}"
    return UnconfirmedRow((name, "fader_db"), name, "Fader", "-6.0 dB", "-3.0 dB", "refused", f"mend {number}")


def push(number: int, can_undo: bool = True) -> HistoryRow:
    return HistoryRow(f"id {number}", "2026-11-21 22:00:00", "12 changes", "confirmed", can_undo)


@pytest.fixture
def panel(qtbot: QtBot) -> DawPanel:
    made = DawPanel()
    qtbot.addWidget(made)
    made.resize(760, 560)
    made.show()
    return made


def texts(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def button(widget: QWidget, text: str) -> QPushButton:
    return next(b for b in widget.findChildren(QPushButton) if b.text().replace("&", "") == text)


def test_every_state_has_words_and_a_sign_of_its_own(qtbot: QtBot) -> None:
    lamp = DawLamp()
    qtbot.addWidget(lamp)
    said = []
    for state in STATES:
        lamp.show_state(state)
        said.append((lamp.text(), lamp.accessibleName(), lamp.toolTip()))
    assert [text for text, _, _ in said] == [
        "No DAW",
        "Waiting for Ardour",
        "Ardour: song",
        "Ardour is silent",
        "Ardour: song · not saved",
        "Ardour: song · push broken off",
    ]
    assert all(text in name for text, name, _ in said)
    assert "Nothing listens there: is it running?\nIt connects by itself" in said[1][2]
    assert len({lamp_sign(state) for state in (*STATES[:4], STATES[5])}) == 5


def test_the_lamp_tells_how_far_a_push_is(qtbot: QtBot) -> None:
    lamp = DawLamp()
    qtbot.addWidget(lamp)
    lamp.show_state(CONNECTED)
    lamp.show_progress(0.42)
    assert lamp.text() == "Setting Ardour: 42 %"
    lamp.show_progress(None)
    assert lamp.text() == "Ardour: song"


def test_a_long_name_does_not_push_the_rest_out_of_the_bar(qtbot: QtBot) -> None:
    lamp = DawLamp()
    qtbot.addWidget(lamp)
    lamp.show_state(DawState("ardour", "Ardour", "connected", "a song that nobody has found a short name for"))
    assert len(lamp.text()) <= 34


def test_the_panel_says_how_it_stands_and_what_to_do(panel: DawPanel) -> None:
    panel.show_state(LOST)
    assert "Ardour is silent" in texts(panel)
    assert "Ardour does not answer any more\nIt connects again by itself" in texts(panel)


def test_what_was_not_confirmed_is_tried_again_or_left(panel: DawPanel, qtbot: QtBot) -> None:
    panel.show_report([unconfirmed(i) for i in range(3)])
    part = panel.findChild(UnconfirmedPart)
    tabs = panel.findChild(QTabWidget)
    assert part is not None
    assert tabs is not None
    assert tabs.tabText(0) == "Not confirmed (3)"
    with qtbot.waitSignal(panel.try_again_asked) as asked:
        button(panel, "Try all again").click()
    assert asked.args == [tuple((f"Track {i}", "fader_db") for i in range(3))]
    part.table.choose(1)
    assert "mend 1" in texts(panel)
    for key, signal in ((Qt.Key.Key_Return, panel.try_again_asked), (Qt.Key.Key_Delete, panel.leave_asked)):
        part.table.setFocus()
        with qtbot.waitSignal(signal) as asked:
            qtbot.keyClick(part.table, key)
        assert asked.args == [(("Track 1", "fader_db"),)]
    panel.show_report(())
    assert "all that was set in the DAW was read back and confirmed" in texts(panel)
    assert not button(panel, "Try all again").isEnabled()


def test_a_push_is_undone_by_itself_or_as_the_last_one(panel: DawPanel, qtbot: QtBot) -> None:
    panel.show_history([push(2), push(1, can_undo=False), push(0)])
    part = panel.findChild(HistoryPart)
    assert part is not None
    with qtbot.waitSignal(panel.undo_asked) as asked:
        button(panel, "Undo the last push").click()
    assert asked.args == [""]
    part.table.choose(2)
    with qtbot.waitSignal(panel.undo_asked) as asked:
        button(panel, "Undo this push").click()
    assert asked.args == ["id 0"]
    part.table.choose(1)
    assert not button(panel, "Undo this push").isEnabled()


def test_a_push_that_was_broken_off_is_offered(panel: DawPanel, qtbot: QtBot) -> None:
    assert not button(panel, "Take it back").isVisible()
    panel.show_pending([push(1)])
    assert "A push of 2026-11-21 22:00:00 (12 changes) was broken off" in texts(panel)
    for text, signal in (("Take it back", panel.take_back_asked), ("Keep it", panel.leave_pending_asked)):
        with qtbot.waitSignal(signal):
            button(panel, text).click()
    panel.show_pending(())
    assert not button(panel, "Take it back").isVisible()


def test_a_push_can_be_stopped_while_it_runs(panel: DawPanel, qtbot: QtBot) -> None:
    assert not button(panel, "Stop").isVisible()
    panel.show_progress(0.4, "sending")
    with qtbot.waitSignal(panel.cancel_asked):
        button(panel, "Stop").click()
    panel.show_progress(None)
    assert not button(panel, "Stop").isVisible()


def test_what_a_check_found(panel: DawPanel, qtbot: QtBot) -> None:
    check = button(panel, "Check the connection")
    assert not check.isEnabled()
    panel.show_state(WAITING)
    with qtbot.waitSignal(panel.doctor_asked):
        check.click()
    panel.show_findings([FindingRow("OSC is off", "switch it on", True), FindingRow("no strip", "insert it")])
    assert all(text in texts(panel) for text in ("OSC is off", "switch it on", "no strip", "insert it"))
    panel.show_findings(())
    assert "Everything is in order." in texts(panel)
    assert "OSC is off" not in texts(panel)


def test_whatever_can_be_used_says_what_it_is(panel: DawPanel) -> None:
    panel.show_state(CONNECTED)
    for used in panel.findChildren(QAbstractButton):
        if used.text():
            assert used.toolTip(), used.text()
    for part in (UnconfirmedPart, HistoryPart):
        found = panel.findChild(part)
        assert found is not None
        assert found.table.accessibleName()
    assert not panel.findChildren(QAction)


def test_thousands_of_rows_cost_the_window_little(panel: DawPanel, show: Callable[[str], None]) -> None:
    rows = [unconfirmed(i) for i in range(2_500)]
    panel.show_report(rows[:10])
    begun_s = time.thread_time()
    panel.show_report(rows)
    took_ms = 1e3 * (time.thread_time() - begun_s)
    QApplication.processEvents()
    painted_ms = 1e3 * (time.thread_time() - begun_s) - took_ms
    show(f"2,500 values that were not confirmed: taken in {took_ms:.1f} ms, then painted in {painted_ms:.1f} ms")
    assert took_ms < 16.0
