"""The insight into one track: handles tell Hz and dB within a pixel, and nothing is rebuilt while a control moves."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from insight_values import PASSAGES, PROPOSED, SAMPLE_RATE, VOCAL, make_strip, make_track_insight
from PyQt6.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt6.QtGui import QMouseEvent, QWheelEvent
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from assistant.analysis.curves import static_curve_db
from assistant.mix import ChannelSettings
from gui.views import theme
from gui.views.handles import HandlePlot
from gui.views.shown import colours
from gui.views.time_plot import TimeLine
from gui.views.track_insight import TrackInsightView
from gui.views.track_page import TrackPage

ROOT = Path(__file__).parents[2]
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
#: What a plot may take on the window's thread when a control moves.
MOST_MS = 8.0


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    theme.apply(qapp, "dark", 1.0)
    yield qapp
    theme.apply(qapp, "dark", 1.0)


@pytest.fixture
def bare(app: QApplication) -> Iterator[TrackInsightView]:
    made = TrackInsightView()
    made.resize(1280, 800)
    yield made
    made.deleteLater()
    QApplication.sendPostedEvents(made, QEvent.Type.DeferredDelete)


@pytest.fixture
def view(bare: TrackInsightView) -> TrackInsightView:
    bare.show()
    QApplication.processEvents()
    bare.show_track(make_strip(PROPOSED), SAMPLE_RATE)
    bare.show_insight(make_track_insight())
    QApplication.processEvents()
    return bare


@pytest.fixture
def page(view: TrackInsightView) -> TrackPage:
    assert view.page is not None
    return view.page


def place_of(plot: HandlePlot, name: str, is_ghost: bool = False) -> QPoint:
    handle = next(h for h in plot.handles() if h.name == name and h.is_ghost == is_ghost)
    return plot.to_pixel(handle.x, handle.y).toPoint()


def drag(plot: HandlePlot, start: QPoint, *steps: QPoint, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    port = plot.viewport()
    QTest.mousePress(port, LEFT, keys, start)
    for step in steps:
        # QTest's own move sends no buttons and no keys
        send_move(plot, step, keys)
    QTest.mouseRelease(port, LEFT, keys, steps[-1])


def send_move(plot: HandlePlot, to: QPoint, keys: Qt.KeyboardModifier) -> None:
    port = plot.viewport()
    there = QPointF(to), QPointF(port.mapToGlobal(to))
    event = QMouseEvent(QEvent.Type.MouseMove, *there, NO_BUTTON, LEFT, keys)
    QApplication.sendEvent(port, event)


def wheel(plot: HandlePlot, at: QPoint, notches: float) -> bool:
    port = plot.viewport()
    where, nothing = QPointF(at), QPoint()
    turned = QPoint(0, round(120 * notches))
    event = QWheelEvent(
        where,
        QPointF(port.mapToGlobal(at)),
        nothing,
        turned,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    event.ignore()
    QApplication.sendEvent(port, event)
    return event.isAccepted()


def test_dragging_a_band_tells_its_frequency_and_gain_within_a_pixel(
    qtbot: QtBot, view: TrackInsightView, page: TrackPage
) -> None:
    plot = page.eq
    told: list[tuple[int, dict[str, float], object]] = []
    view.values_changed.connect(lambda *what: told.append(what))
    start = place_of(plot, "peak3")
    end = plot.to_pixel(math.log10(2_000.0), -4.0).toPoint()
    drag(plot, start, start + QPoint(-10, 5), end)
    hz_a_pixel = 2_000.0 * (10.0 ** (3.0 / plot.box().width()) - 1.0)
    db_a_pixel = 36.0 / plot.box().height()
    row, values, gesture = told[-1]
    assert row == VOCAL
    assert values.keys() == {"peak3_hz", "peak3_gain_db"}
    assert values["peak3_hz"] == pytest.approx(2_000.0, abs=hz_a_pixel)
    assert values["peak3_gain_db"] == pytest.approx(-4.0, abs=db_a_pixel)
    assert len(told) == 2
    assert told[0][2] is gesture
    drag(plot, place_of(plot, "peak3"), end + QPoint(0, 20))
    assert told[-1][2] is not gesture


def test_shift_moves_finely(view: TrackInsightView, page: TrackPage) -> None:
    plot = page.eq
    start = place_of(plot, "peak3")
    drag(plot, start, start + QPoint(0, -50), keys=Qt.KeyboardModifier.ShiftModifier)
    moved = plot.settings["peak3_gain_db"] - PROPOSED["peak3_gain_db"]
    assert moved == pytest.approx(10 * 36.0 / plot.box().height(), abs=0.1)


def test_values_stay_within_the_table(view: TrackInsightView, page: TrackPage) -> None:
    plot = page.eq
    drag(plot, place_of(plot, "highpass"), QPoint(5_000, 0))
    drag(plot, place_of(plot, "peak3"), QPoint(0, -5_000))
    assert plot.settings["highpass_hz"] == 400.0
    assert plot.settings["peak3_gain_db"] == 15.0


def test_moving_the_high_pass_switches_it_on(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    view.show_track(make_strip(), SAMPLE_RATE)
    start = place_of(page.eq, "highpass")
    with qtbot.waitSignal(view.values_changed) as blocker:
        drag(page.eq, start, start + QPoint(60, 0))
    assert blocker.args[1]["highpass_on"] == 1.0
    assert blocker.args[1]["highpass_hz"] > 30.0


def test_a_ghost_that_is_dragged_brings_all_that_is_proposed(
    qtbot: QtBot, view: TrackInsightView, page: TrackPage
) -> None:
    view.show_track(make_strip(), SAMPLE_RATE)
    start = place_of(page.eq, "peak1", is_ghost=True)
    with qtbot.waitSignal(view.values_changed) as blocker:
        drag(page.eq, start, start + QPoint(0, 3))
    assert blocker.args[1]["peak1_q"] == PROPOSED["peak1_q"]
    assert blocker.args[1]["peak1_hz"] == pytest.approx(PROPOSED["peak1_hz"], rel=0.03)
    assert blocker.args[1]["peak1_gain_db"] < PROPOSED["peak1_gain_db"]


def test_a_double_click_resets_the_band(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    with qtbot.waitSignal(view.values_reset) as blocker:
        QTest.mouseDClick(page.eq.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place_of(page.eq, "peak1"))
    assert blocker.args == [VOCAL, ["peak1_hz", "peak1_gain_db", "peak1_q"]]


def test_the_wheel_turns_the_q_and_elsewhere_the_page(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    plot = page.eq
    with qtbot.waitSignal(view.values_changed) as blocker:
        assert wheel(plot, place_of(plot, "peak3"), 2.0)
    assert blocker.args[1] == {"peak3_q": pytest.approx(PROPOSED["peak3_q"] * math.sqrt(2.0))}
    with qtbot.assertNotEmitted(view.values_changed):
        wheel(plot, plot.to_pixel(math.log10(40.0), 15.0).toPoint(), 1.0)


def test_a_locked_part_cannot_be_moved(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    view.show_track(make_strip(PROPOSED, locked="eq"), SAMPLE_RATE)
    start = place_of(page.eq, "peak3")
    with qtbot.assertNotEmitted(view.values_changed):
        drag(page.eq, start, start + QPoint(30, 30))
    with qtbot.assertNotEmitted(view.values_reset):
        QTest.mouseDClick(page.eq.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, start)


def test_the_keyboard_does_it_all(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    plot = page.eq
    plot.setFocus()
    plot.choose("highpass")
    for _ in range(4):
        QTest.keyClick(plot, Qt.Key.Key_Tab)
    assert plot.chosen == "peak3"
    told: list[dict[str, float]] = []
    view.values_changed.connect(lambda _row, values, _gesture: told.append(values))
    QTest.keyClick(plot, Qt.Key.Key_Up)
    QTest.keyClick(plot, Qt.Key.Key_Right)
    QTest.keyClick(plot, Qt.Key.Key_PageUp)
    assert told[0]["peak3_gain_db"] == pytest.approx(2.5)
    assert told[1]["peak3_hz"] == pytest.approx(3_400.0 * 2.0 ** (1.0 / 12.0))
    assert told[2]["peak3_q"] > PROPOSED["peak3_q"]
    assert "+2.5 dB" in plot.accessibleDescription()
    with qtbot.waitSignal(view.values_reset):
        QTest.keyClick(plot, Qt.Key.Key_Delete)
    QTest.keyClick(plot, Qt.Key.Key_Tab)
    QTest.keyClick(plot, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is not plot


def test_what_is_in_the_menu_of_a_handle(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    view.show_track(make_strip(), SAMPLE_RATE)
    handle = next(h for h in page.eq.handles() if h.name == "peak3")
    menu = page.eq.make_menu(handle)
    take = next(action for action in menu.actions() if action.text() == "Take what is proposed")
    with qtbot.waitSignal(view.values_changed) as blocker:
        take.trigger()
    assert blocker.args[1] == {name: PROPOSED[name] for name in ("peak3_hz", "peak3_gain_db", "peak3_q")}


@pytest.mark.parametrize(
    ("name", "x", "y", "value"),
    [
        ("comp_threshold_db", -30.0, None, -30.0),
        ("comp_makeup_db", None, -49.0, 5.0),
        ("comp_knee_db", -21.0, None, 10.0),
    ],
)
def test_the_compressors_curve_is_its_control(
    view: TrackInsightView, page: TrackPage, name: str, x: float | None, y: float | None, value: float
) -> None:
    plot = page.transfer
    handle = next(h for h in plot.handles() if h.name == name)
    end = plot.to_pixel(handle.x if x is None else x, handle.y if y is None else y).toPoint()
    drag(plot, place_of(plot, name), end)
    assert plot.settings[name] == pytest.approx(value, abs=2.5 * 66.0 / plot.box().height())


def test_the_ratio_follows_the_curves_end(view: TrackInsightView, page: TrackPage) -> None:
    plot = page.transfer
    wanted = static_curve_db({**PROPOSED, "comp_ratio": 6.0}, np.zeros(1))[0]
    drag(plot, place_of(plot, "comp_ratio"), plot.to_pixel(0.0, float(wanted)).toPoint())
    assert plot.settings["comp_ratio"] == pytest.approx(6.0, rel=0.15)


def test_echoes_of_equal_values_tell_nothing(qtbot: QtBot, view: TrackInsightView) -> None:
    with qtbot.assertNotEmitted(view.values_changed):
        view.show_track(make_strip(PROPOSED), SAMPLE_RATE)
        view.show_track(make_strip(), SAMPLE_RATE)


def test_while_it_is_measured_nothing_jumps(view: TrackInsightView, page: TrackPage) -> None:
    plots = (page.eq, page.transfer, page.reduction, page.masking.plot)
    was = [plot.mapTo(page, QPoint()) for plot in plots]
    view.show_insight(None)
    QApplication.processEvents()
    assert [plot.mapTo(page, QPoint()) for plot in plots] == was
    view.show_insight(make_track_insight(moved_db=1.0))
    QApplication.processEvents()
    assert [plot.mapTo(page, QPoint()) for plot in plots] == was


def test_reasons_are_decided_on_their_cards(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    card = next(c for c in page.reasons.cards if c.reason is not None and c.reason.section == "peak3")
    with qtbot.waitSignal(view.decided) as blocker:
        card.accept.click()
    assert blocker.args == [[VOCAL], "accepted", ["eq"]]
    assert not card.accept.isChecked()  # until the document says so
    view.show_track(make_strip(PROPOSED, decision="accepted"), SAMPLE_RATE)
    assert card.accept.isChecked()
    with qtbot.waitSignal(view.decided) as blocker:
        card.accept.click()
    assert blocker.args == [[VOCAL], "pending", ["eq"]]


def test_weak_reasons_are_folded_and_held_ones_say_why(view: TrackInsightView, page: TrackPage) -> None:
    standing = {c.reason.section: c for c in page.reasons.cards if c.reason is not None and c.isVisible()}
    assert "high_shelf" not in standing
    assert not standing["peak1"].accept.isVisible()
    page.reasons.fold.click()
    weak = [c for c in page.reasons.findChildren(type(standing["peak1"])) if c.reason.section == "high_shelf"]
    assert weak[0].isVisible()


def test_a_click_asks_for_the_track_that_covers(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    buttons = [b for b in page.masking.bars.children() if isinstance(b, QWidget) and b.accessibleName() == "Overheads"]
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.mouseClick(buttons[0], LEFT)
    assert blocker.args == ["Overheads"]
    buttons[0].setFocus()
    with qtbot.waitSignal(view.track_asked):
        QTest.keyClick(buttons[0], Qt.Key.Key_Space)


def test_a_click_in_time_goes_there(qtbot: QtBot, view: TrackInsightView, page: TrackPage) -> None:
    plot = page.masking.plot
    place = float(plot.line.places(np.array([80.0]))[0])
    with qtbot.waitSignal(view.time_asked) as blocker:
        QTest.mouseClick(plot.viewport(), LEFT, pos=plot.to_pixel(place, 20.0).toPoint())
    assert blocker.args[0] == pytest.approx(80.0, abs=0.2)


def test_passages_lie_side_by_side() -> None:
    line = TimeLine.of(np.concatenate([np.arange(a, b, 0.1) for a, b in PASSAGES]))
    assert len(line.spans) == 3
    times = np.array([31.0, 45.0, 74.5, 90.0, 170.0])
    assert line.seconds(line.places(times)) == pytest.approx(times)
    assert math.isnan(line.seconds(np.array([15.0 + line.gap_s / 2.0]))[0])
    assert TimeLine.of(np.zeros(0)).length > 0.0


def test_passages_without_a_trace_take_no_room(view: TrackInsightView, page: TrackPage) -> None:
    full = make_track_insight()
    lone = np.array([200.0, 260.0], np.float32), np.full(2, np.nan, np.float32)
    times, reduction = np.append(full.reduction_s, lone[0]), np.append(full.reduction_db, lone[1])
    view.show_insight(replace(full, reduction_s=times, reduction_db=reduction))
    assert len(page.reduction.line.spans) == len(PASSAGES)


def test_an_empty_insight_is_shown(view: TrackInsightView) -> None:
    full, none = make_track_insight(), np.zeros(0, np.float32)
    hollow = replace(
        full,
        reasons=(),
        findings=(),
        covers=(),
        influence=(),
        reduction_s=none,
        reduction_db=none,
        mask_s=none,
        mask_hz=none,
        mask_db=np.zeros((0, 0), np.float32),
        mask_before_db=np.zeros((0, 0), np.float32),
        before_db=np.full(30, -np.inf, np.float32),
        shares=np.zeros_like(full.shares),
        is_in_depth=False,
    )
    view.show_insight(hollow)
    view.grab()
    view.show_insight(full)
    view.grab()


def test_the_theme_recolours_what_is_drawn(app: QApplication, view: TrackInsightView, page: TrackPage) -> None:
    plot = page.eq
    dark = colours().sunken
    assert plot.backgroundBrush().color() == dark
    theme.apply(app, "light", 2.0)
    QApplication.processEvents()
    assert plot.backgroundBrush().color() == colours().sunken != dark
    assert plot.height() == 540
    assert plot.to_pixel(0.0, 0.0).y() == pytest.approx(plot.box().center().y())


def test_a_moved_control_is_drawn_at_once(
    app: QApplication, view: TrackInsightView, page: TrackPage, show: Callable[[str], None]
) -> None:
    insights = [make_track_insight(moved_db=0.1 * k) for k in range(2)]
    strips = [make_strip(PROPOSED.with_values(peak3_gain_db=0.5 * k)) for k in range(2)]
    times: dict[str, list[float]] = {"settings": [], "insight": [], "paint": []}
    for k in range(20):
        for name, do in (
            ("settings", lambda k=k: view.show_track(strips[k % 2], SAMPLE_RATE)),
            ("insight", lambda k=k: view.show_insight(insights[k % 2])),
            ("paint", QApplication.processEvents),
        ):
            start = time.thread_time()
            do()
            times[name].append(1e3 * (time.thread_time() - start))
    text = ", ".join(f"{name} {np.median(values):.1f} ms (most {max(values):.1f})" for name, values in times.items())
    show(f"insight into a track, a moved control: {text}")
    assert np.median(times["settings"]) < MOST_MS
    assert np.median(times["insight"]) < MOST_MS


def test_the_plots_wait_for_their_first_use(show: Callable[[str], None]) -> None:
    code = (
        "import sys, time; import gui.views.track_insight, gui.views.mix_insight;"
        "assert 'pyqtgraph' not in sys.modules;"
        "start = time.perf_counter(); import gui.views.track_page, gui.views.mix_page;"
        "print(round(time.perf_counter() - start, 3), [n for n in ('torch', 'numba', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    show(f"insight, first use: plots and pyqtgraph imported in {done.stdout.split()[0]} s")
    assert done.stdout.split(maxsplit=1)[1].strip() == "[]"


def test_settings_are_read_before_anything_is_shown(bare: TrackInsightView) -> None:
    bare.show_track(make_strip(ChannelSettings()), SAMPLE_RATE)
    bare.show_insight(None)
    assert bare.page is None
    bare.show()
    assert bare.page is not None
    assert "proposed: HP 92 Hz" in bare.page.eq.accessibleDescription()
