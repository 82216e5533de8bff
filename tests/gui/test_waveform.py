"""Waveform and transport: what is drawn where, what the hand and the keys ask for, and what painting costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PyQt6.QtCore import QPoint, QPointF, Qt
from PyQt6.QtGui import QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from assistant.mix import ChannelMix, Mix
from gui.models.player import Player
from gui.models.speakers import Speakers
from gui.playback.envelopes import in_columns, mix_envelope, ruler_step_s, ruler_text
from gui.tasks import Tasks
from gui.views.shown import colours, px
from gui.views.time_span import SHORTEST_S, TimeSpan
from gui.views.transport import Transport
from gui.views.waveform import Waveform
from gui.views.waveform_picture import RULER
from gui.workshop.values import Overview

WIDTH, DURATION = 1000, 100.0
LEFT = Qt.MouseButton.LeftButton
PLAIN, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


def make_overview(num_tracks: int = 2) -> Overview:
    """Track "0" sounds in the first half, the others softly all the time."""
    rms = np.full((num_tracks, round(DURATION / 0.05)), 0.05, np.float32)
    rms[0] = np.where(np.arange(rms.shape[1]) < rms.shape[1] // 2, 0.5, 0.0)
    return Overview(tuple(str(n) for n in range(num_tracks)), 0.05, rms)


@pytest.fixture
def waveform(qtbot: QtBot) -> Waveform:
    waveform = Waveform()
    qtbot.addWidget(waveform)
    waveform.resize(WIDTH, px(96))
    waveform.show_song(DURATION)
    waveform.show_overview(make_overview())
    return waveform


@pytest.fixture
def asked(waveform: Waveform) -> list[Any]:
    asked: list[Any] = []
    waveform.seek_asked.connect(lambda s: asked.append(("seek", round(s, 3))))
    waveform.loop_asked.connect(lambda r: asked.append(("loop", r and tuple(round(t, 3) for t in r))))
    return asked


def at(time_s: float, in_ruler: bool = False) -> QPoint:
    return QPoint(round(time_s * WIDTH / DURATION), px(6) if in_ruler else px(60))


def drag(waveform: Waveform, first: QPoint, last: QPoint) -> None:
    QTest.mousePress(waveform, LEFT, PLAIN, first)
    for share in (0.5, 1.0):
        QTest.mouseMove(waveform, first + (last - first) * share)
    QTest.mouseRelease(waveform, LEFT, PLAIN, last)


def wheel(waveform: Waveform, place: QPoint, turns: int, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    here = QPointF(place)
    event = QWheelEvent(here, here, QPoint(), QPoint(0, 120 * turns), buttons, modifier, phase, False)
    QApplication.sendEvent(waveform, event)


def wave_height(waveform: Waveform, time_s: float, colour: str = "quiet") -> int:
    """Rows of a colour in a column."""
    image, wanted = waveform.grab().toImage(), getattr(colours(), colour)
    x = at(time_s).x()
    return sum(image.pixelColor(x, y) == wanted for y in range(px(RULER), image.height()))


def test_the_mixs_envelope_adds_powers() -> None:
    overview = Overview(("a", "b"), 0.1, np.array([[3.0, 0.0], [4.0, 1.0]], np.float32))
    assert mix_envelope(overview, {}).tolist() == [5.0, 1.0]
    assert mix_envelope(overview, {"a": 0.0, "b": 0.5}).tolist() == [2.0, 0.5]


def test_columns_hold_the_largest_and_nothing_outside() -> None:
    envelope = np.arange(1.0, 11.0, dtype=np.float32)
    assert in_columns(envelope, 0.1, 0.0, 1.0, 5).tolist() == [2.0, 4.0, 6.0, 8.0, 10.0]
    assert in_columns(envelope, 0.1, 0.2, 0.4, 4).tolist() == [3.0, 3.0, 4.0, 4.0]
    assert in_columns(envelope, 0.1, 0.5, 1.5, 2).tolist() == [10.0, 0.0]


def test_ruler() -> None:
    assert ruler_step_s(100.0, 10.0) == 10.0
    assert ruler_step_s(1.0, 12.0) == 0.1
    assert [ruler_text(s, 0.5) for s in (0.5, 59.5, 60.0)] == ["0:00.5", "0:59.5", "1:00.0"]
    assert ruler_text(90.0, 15.0) == "1:30"


def test_spans_zoom_and_turn_pages() -> None:
    span = TimeSpan.whole(100.0).zoomed(0.1, 50.0)
    assert (span.first_s, span.last_s) == (45.0, 55.0)
    assert span.zoomed(1e-9, 50.0).length_s == SHORTEST_S
    assert span.zoomed(1e9, 50.0) == TimeSpan.whole(100.0)
    assert span.moved(100.0).last_s == 100.0
    assert span.following(54.9, 54.0) is span
    assert span.following(55.1, 54.9).first_s == pytest.approx(54.6)
    assert span.following(80.0, 70.0) is span


def test_the_wave_is_high_where_it_is_loud(waveform: Waveform) -> None:
    loud, soft = wave_height(waveform, 25.4), wave_height(waveform, 75.4)
    assert loud > 3 * soft > 0
    waveform.show_gains({"0": 0.0})
    assert wave_height(waveform, 25.4) == wave_height(waveform, 75.4) > soft


def test_a_tracks_own_wave_lies_over_the_mixs(waveform: Waveform) -> None:
    waveform.show_track("1")
    assert wave_height(waveform, 25.4, "accent") > 0
    assert wave_height(waveform, 25.4, "accent") == wave_height(waveform, 75.4, "accent")
    waveform.show_track("nobody")
    assert wave_height(waveform, 25.4, "accent") == 0


def test_passages_are_marked_on_the_ruler(waveform: Waveform) -> None:
    waveform.show_passages([(20.0, 30.0)])
    image = waveform.grab().toImage()
    rows = [image.pixelColor(at(t).x(), px(RULER) - 2) == colours().proposed for t in (10.4, 25.4, 35.4)]
    assert rows == [False, True, False]


def test_clicking_and_dragging_on_the_wave_goes_there(waveform: Waveform, asked: list[Any]) -> None:
    QTest.mouseClick(waveform, LEFT, PLAIN, at(40.0))
    assert asked == [("seek", 40.0)]
    drag(waveform, at(10.0), at(20.0))
    assert asked[1:] == [("seek", 10.0), ("seek", 15.0), ("seek", 20.0)]


def test_a_loop_is_drawn_on_the_ruler_moved_resized_and_taken_away(waveform: Waveform, asked: list[Any]) -> None:
    drag(waveform, at(30.0, True), at(20.0, True))
    assert asked[-1] == ("loop", (20.0, 30.0))
    waveform.show_loop((20.0, 30.0))
    drag(waveform, at(30.0, True), at(50.0, True))
    assert asked[-1] == ("loop", (20.0, 50.0))
    drag(waveform, at(20.0), at(24.0))  # the edge can be taken anywhere
    assert asked[-1] == ("loop", (24.0, 30.0))
    drag(waveform, at(25.0, True), at(99.0, True))
    assert asked[-1] == ("loop", (90.0, 100.0))
    QTest.mouseClick(waveform, LEFT, PLAIN, at(25.0, True))
    assert asked[-1] == ("seek", 25.0)
    QTest.mouseDClick(waveform, LEFT, PLAIN, at(25.0, True))
    assert ("loop", None) in asked[-2:]


def test_keys(waveform: Waveform, asked: list[Any]) -> None:
    waveform.show_position(10.0)
    for key, modifier in (
        (Qt.Key.Key_Left, PLAIN),
        (Qt.Key.Key_Right, SHIFT),
        (Qt.Key.Key_Home, PLAIN),
        (Qt.Key.Key_End, PLAIN),
        (Qt.Key.Key_BracketLeft, PLAIN),
        (Qt.Key.Key_BracketRight, PLAIN),
    ):
        QTest.keyClick(waveform, key, modifier)
    assert asked == [
        *(("seek", s) for s in (9.0, 10.1, 0.0, DURATION)),
        ("loop", (10.0, DURATION)),
        ("loop", (0.0, 10.0)),
    ]
    QTest.keyClick(waveform, Qt.Key.Key_Plus)
    assert waveform.span == (2.0, 82.0)
    QTest.keyClick(waveform, Qt.Key.Key_0)
    assert waveform.span == (0.0, DURATION)


def test_the_wheel_zooms_where_the_pointer_is_and_moves_along(waveform: Waveform, asked: list[Any]) -> None:
    wheel(waveform, at(50.0), 3)
    first_s, last_s = waveform.span
    assert last_s - first_s == pytest.approx(51.2)
    assert (first_s + last_s) / 2.0 == pytest.approx(50.0)
    wheel(waveform, at(50.0), -1, SHIFT)
    assert waveform.span[0] == pytest.approx(first_s + 5.12)
    QTest.mouseClick(waveform, LEFT, PLAIN, QPoint(0, px(60)))
    assert asked == [("seek", round(first_s + 5.12, 3))]


def test_zoomed_in_the_picture_follows_the_playhead(waveform: Waveform) -> None:
    wheel(waveform, at(0.0), 10)
    last_s = waveform.span[1]
    waveform.show_position(last_s - 0.1)
    assert waveform.span[0] == 0.0
    waveform.show_position(last_s + 0.1)
    assert waveform.span[0] < last_s < waveform.span[1]


def test_an_empty_song_bears_everything(qtbot: QtBot) -> None:
    waveform = Waveform()
    qtbot.addWidget(waveform)
    waveform.show_song(0.0)
    waveform.show_overview(Overview((), 0.05, np.zeros((0, 0), np.float32)))
    waveform.grab()
    QTest.mouseClick(waveform, LEFT, PLAIN, QPoint(5, 50))
    wheel(waveform, QPoint(5, 50), 1)
    QTest.keyClick(waveform, Qt.Key.Key_Home)


def test_what_painting_costs(qtbot: QtBot, waveform: Waveform, show: Callable[[str], None]) -> None:
    waveform.show_overview(make_overview(100))
    with qtbot.waitExposed(waveform):
        waveform.show()
    playhead, whole = [], []
    for step in range(200):
        began = time.perf_counter()
        waveform.show_position(step * 0.033)
        waveform.repaint()
        playhead.append(1e3 * (time.perf_counter() - began))
    for step in range(20):
        began = time.perf_counter()
        waveform.show_gains({"0": 0.01 * step})
        waveform.repaint()
        whole.append(1e3 * (time.perf_counter() - began))
    show(f"waveform: playhead {np.median(playhead):.2f} ms, all of 100 tracks anew {np.median(whole):.1f} ms (medians)")
    assert np.median(playhead) < 1.0
    assert np.median(whole) < 16.0


@pytest.fixture
def player(qtbot: QtBot) -> Iterator[Player]:
    tasks = Tasks(1)
    player = Player(tasks, lambda *_: None, Speakers(tuple))  # type: ignore[arg-type,return-value]
    player.open(8_000, 75.0)
    yield player
    player.eject()
    assert tasks.close()


@pytest.fixture
def transport(qtbot: QtBot, player: Player) -> Transport:
    transport = Transport(player)
    qtbot.addWidget(transport)
    return transport


def button(transport: Transport, name: str) -> QToolButton:
    return next(b for b in transport.findChildren(QToolButton) if b.accessibleName() == name)


def test_the_transport_shows_the_player(transport: Transport, player: Player) -> None:
    assert not button(transport, "Play").isEnabled()
    mix = Mix((ChannelMix("a"),))
    player.set_versions({"before": mix, "proposed": mix.with_master(master_gain_db=1.0)}, {"proposed": -3.2})
    assert button(transport, "Play").isEnabled()
    assert button(transport, "Before").isChecked()
    assert not button(transport, "Accepted").isEnabled()
    player.seek(63.9)
    assert transport._position.text() == "1:03 / 1:15"
    player.set_version("proposed")
    assert button(transport, "Proposed").isChecked()
    assert transport._matched.text() == "matched, -3.2 dB"
    player.set_looping(True)
    assert button(transport, "Loop").isChecked()
    assert transport._device.accessibleName() == "No sound device: everything else works"


def test_the_transport_asks_the_player(transport: Transport, player: Player) -> None:
    mix = Mix((ChannelMix("a"),))
    player.set_versions({"before": mix, "proposed": mix.with_master(master_gain_db=1.0)})
    button(transport, "Proposed").click()
    assert player.version == "proposed"
    button(transport, "Loop").click()
    assert player.loop == (0.0, 8.0)
    button(transport, "Loop").click()
    assert player.loop is None
    player.seek(5.0)
    button(transport, "Return to the start").click()
    assert player.position_s == 0.0
    slider = transport.findChild(QSlider)
    assert slider is not None
    slider.setValue(-20)
    assert player.volume == pytest.approx(0.1)
    slider.setValue(slider.minimum())
    assert player.volume == 0.0
    player.set_volume(1.0)
    assert slider.value() == 0
    button(transport, "Mute").click()
    assert player.is_muted


def test_a_slider_dragged_by_the_player_tells_nothing_back(transport: Transport, player: Player) -> None:
    heard: list[float] = []
    player.state_changed.connect(lambda: heard.append(player.volume))
    player.set_volume(0.123)
    assert heard == [0.123]


def test_everything_has_a_name_and_a_tip(transport: Transport, waveform: Waveform) -> None:
    for widget in (waveform, *transport.findChildren(QToolButton), *transport.findChildren(QSlider)):
        assert widget.accessibleName()
        assert widget.toolTip()
