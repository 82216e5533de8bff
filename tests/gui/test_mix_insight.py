"""The insight into the mix: names of 28 tracks never cover each other, and what is clicked is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from insight_values import FAMILIES, NAMES, make_mix_insight
from PyQt6.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from gui.views import theme
from gui.views.mix_insight import MixInsightView
from gui.views.mix_page import MixPage
from gui.views.shown import colours
from gui.views.stereo_field import lay_labels

LEFT = Qt.MouseButton.LeftButton
#: What a leaf may take on the window's thread when a control moves.
MOST_MS = 8.0
FIELD, MASKING, INFLUENCE = 1, 2, 3


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    theme.apply(qapp, "dark", 1.0)
    yield qapp
    theme.apply(qapp, "dark", 1.0)


@pytest.fixture
def view(app: QApplication) -> Iterator[MixInsightView]:
    made = MixInsightView()
    made.resize(1280, 800)
    made.show_insight(None, {})
    made.show()
    made.show_insight(make_mix_insight(), FAMILIES)
    QApplication.processEvents()
    yield made
    made.deleteLater()
    QApplication.sendPostedEvents(made, QEvent.Type.DeferredDelete)


@pytest.fixture
def page(view: MixInsightView) -> MixPage:
    assert view.page is not None
    return view.page


def open_leaf(page: MixPage, number: int) -> None:
    page.tabs.setCurrentIndex(number)
    QApplication.processEvents()


@pytest.mark.parametrize(("width", "height", "scale"), [(1280, 800, 1.0), (1600, 1000, 2.0), (1000, 620, 1.0)])
def test_names_in_the_stereo_field_never_cover_each_other(
    app: QApplication, view: MixInsightView, page: MixPage, width: int, height: int, scale: float
) -> None:
    theme.apply(app, "dark", scale)
    view.resize(width, height)
    open_leaf(page, FIELD)
    boxes = [page.field.label_box(name) for name in NAMES]
    pairs = [(a, b) for k, a in enumerate(NAMES) for b in NAMES[k + 1 :]]
    assert [p for p in pairs if page.field.label_box(p[0]).intersects(page.field.label_box(p[1]))] == []
    assert all(page.field.box().adjusted(-1, -1, 1, 1).contains(box) for box in boxes)


def test_labels_of_tracks_at_one_place_are_spread() -> None:
    dots = np.tile([[400.0, 300.0, 12.0]], (28, 1))
    sizes = np.tile([[70.0, 15.0]], (28, 1))
    boxes = [QRectF(*box) for box in lay_labels(dots, sizes, QRectF(0.0, 0.0, 800.0, 600.0))]
    assert not any(a.intersects(b) for k, a in enumerate(boxes) for b in boxes[k + 1 :])


def test_a_dot_asks_for_its_track(qtbot: QtBot, view: MixInsightView, page: MixPage) -> None:
    open_leaf(page, FIELD)
    place = next(p for p in make_mix_insight().places if p.track == "Acoustic R")
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.mouseClick(page.field.viewport(), LEFT, pos=page.field.dot(place).toPoint())
    assert blocker.args == ["Acoustic R"]
    name_box = page.field.label_box("Riser")
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.mouseClick(page.field.viewport(), LEFT, pos=name_box.center().toPoint())
    assert blocker.args == ["Riser"]


def test_dots_stand_at_their_pan_and_frequency(page: MixPage) -> None:
    open_leaf(page, FIELD)
    by_name = {p.track: p for p in make_mix_insight().places}
    box = page.field.box()
    assert page.field.dot(by_name["Lead Vocal"]).x() == pytest.approx(box.center().x())
    assert page.field.dot(by_name["Acoustic L"]).x() < box.center().x() < page.field.dot(by_name["Acoustic R"]).x()
    assert page.field.dot(by_name["Kick Out"]).y() > page.field.dot(by_name["Hi-Hat"]).y()
    assert page.field.radius(by_name["Lead Vocal"]) > 1.8 * page.field.radius(by_name["Riser"])


def test_the_keyboard_goes_through_the_field(qtbot: QtBot, view: MixInsightView, page: MixPage) -> None:
    open_leaf(page, FIELD)
    view.show_selected("Lead Vocal")
    page.field.setFocus()
    QTest.keyClick(page.field, Qt.Key.Key_Right)
    QTest.keyClick(page.field, Qt.Key.Key_Right)
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.keyClick(page.field, Qt.Key.Key_Return)
    assert blocker.args[0] != "Lead Vocal"
    place = next(p for p in make_mix_insight().places if p.track == blocker.args[0])
    assert place.pan > 0.05
    assert blocker.args[0] in page.field.accessibleDescription()


def test_a_cell_asks_for_the_track_in_its_row(qtbot: QtBot, view: MixInsightView, page: MixPage) -> None:
    open_leaf(page, MASKING)
    row, column = NAMES.index("Lead Vocal"), NAMES.index("Piano")
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.mouseClick(page.masking, LEFT, pos=page.masking.cell_middle(row, column).toPoint())
    assert blocker.args == ["Lead Vocal"]
    value = make_mix_insight().covered_db[row, column]
    assert page.masking.accessibleDescription() == f"Piano covers Lead Vocal by {value:.1f} dB"
    page.masking.setFocus()
    QTest.keyClick(page.masking, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.track_asked) as blocker:
        QTest.keyClick(page.masking, Qt.Key.Key_Return)
    assert blocker.args == [NAMES[row + 1]]


def test_pairs_are_listed_worst_first(qtbot: QtBot, view: MixInsightView, page: MixPage) -> None:
    open_leaf(page, MASKING)
    covered = make_mix_insight().covered_db
    row, column = np.unravel_index(int(np.argmax(covered)), covered.shape)
    buttons = page.pairs.findChildren(QAbstractButton)
    assert buttons[0].accessibleName() == f"{NAMES[row]} ← {NAMES[column]}"
    with qtbot.waitSignal(view.track_asked) as blocker:
        buttons[0].click()
    assert blocker.args == [NAMES[row]]


def test_influence_waits_for_the_depth(view: MixInsightView, page: MixPage) -> None:
    open_leaf(page, INFLUENCE)
    assert not page._in_depth.isVisible()
    view.show_insight(replace(make_mix_insight(), influence=None), FAMILIES)
    assert page._in_depth.isVisible()


def test_a_click_in_the_loudness_goes_there(qtbot: QtBot, view: MixInsightView, page: MixPage) -> None:
    plot = page.loudness
    place = float(plot.line.places(np.array([160.0]))[0])
    with qtbot.waitSignal(view.time_asked) as blocker:
        QTest.mouseClick(plot.viewport(), LEFT, pos=plot.to_pixel(place, -15.0).toPoint())
    assert blocker.args[0] == pytest.approx(160.0, abs=0.3)


def test_the_balance_says_where_it_is_unusual(view: MixInsightView, page: MixPage) -> None:
    insight = make_mix_insight()
    after = insight.reference_db.copy()
    after[12] += 5.0
    view.show_insight(replace(insight, after_db=after), FAMILIES)
    assert page.balance.accessibleDescription() == "Against usual balance: +5.0 dB 397 Hz"


def test_silence_is_shown_as_such(view: MixInsightView, page: MixPage) -> None:
    insight = make_mix_insight()
    silent = tuple(replace(p, loudness_lufs=-np.inf) for p in insight.places)
    nothing = np.full_like(insight.after_db, -np.inf)
    quiet = np.full_like(insight.after_lufs, np.nan)
    bare = replace(
        insight,
        places=silent,
        places_before=silent,
        before_db=nothing,
        after_db=nothing,
        reference_db=np.full_like(nothing, np.nan),
        before_lufs=quiet,
        after_lufs=quiet,
        covered_db=np.zeros_like(insight.covered_db),
        findings=(),
    )
    for leaf in range(4):
        open_leaf(page, leaf)
        view.show_insight(bare, FAMILIES)
        view.grab()
        view.show_insight(insight, {})
        view.grab()


def test_the_theme_recolours_what_is_drawn(app: QApplication, page: MixPage) -> None:
    open_leaf(page, FIELD)
    dark = page.field.backgroundBrush().color()
    theme.apply(app, "light", 1.5)
    QApplication.processEvents()
    assert page.field.backgroundBrush().color() == colours().sunken != dark
    place = next(p for p in make_mix_insight().places if p.track == "Acoustic R")
    rim = page.field.dot(place) - QPointF(0.0, 0.8 * page.field.radius(place))
    ground = page.field.grab().toImage().pixelColor(rim.toPoint())
    assert ground.hue() == pytest.approx(colours().family("guitars").hue(), abs=12)


def test_a_moved_control_is_drawn_at_once(view: MixInsightView, page: MixPage, show: Callable[[str], None]) -> None:
    insights = [make_mix_insight(moved_db=0.1 * k) for k in range(2)]
    texts = []
    for leaf in range(4):
        open_leaf(page, leaf)
        update, paint = [], []
        for k in range(10):
            start = time.thread_time()
            view.show_insight(insights[k % 2], FAMILIES)
            update.append(1e3 * (time.thread_time() - start))
            QApplication.processEvents()
            paint.append(1e3 * (time.thread_time() - start) - update[-1])
        texts.append(f"{page.tabs.tabText(leaf)} {np.median(update):.1f} + {np.median(paint):.1f}")
        assert np.median(update) < MOST_MS, page.tabs.tabText(leaf)
    show(f"insight into the mix, a moved control, update + paint in ms: {', '.join(texts)}")
