"""Whatever room a strip has: what is shown does not overlap, stays inside, and the fader is always among it."""

from __future__ import annotations

from itertools import combinations

import pytest
from mixer_song import make_document
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.models.strips import StripsModel
from gui.views import theme
from gui.views.strip import StripView
from gui.views.strip_layout import LEAST_HIGH, LOW, SHORT, TALL, is_flat
from gui.views.theme import px
from gui.views.value_control import ScrollClock

_LEAST_FADER = 60  # at 100 %: caps, scale and values can still be told apart


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("high", [LEAST_HIGH, 240, LOW, SHORT, TALL, 700])
@pytest.mark.parametrize("wide", [74, 108, 150])
def test_widgets_stand_clear_of_each_other(
    qtbot: QtBot, qapp: QApplication, scale: float, high: int, wide: int
) -> None:
    theme.apply(qapp, "dark", scale)
    document = make_document(1)
    model, view = StripsModel(document), StripView(ScrollClock())
    qtbot.addWidget(view)
    if is_flat(px(high)) and wide < 142:
        wide = 142  # the area makes flat strips wider
    view.resize(px(wide), px(high))
    view.show_strip(model.strip(0))
    view.show()
    seen: list[QWidget] = [w for w in (*view.stops()[1:], view.meter) if w.isVisible()]
    assert {view.fader, view.accept, view.amount, *view.lamps.values(), view.solo} <= set(seen)
    assert view.fader.height() >= px(_LEAST_FADER)
    for widget in seen:
        assert view.rect().contains(widget.geometry()), widget.accessibleName()
    for one, other in combinations(seen, 2):
        shared = one.geometry() & other.geometry()
        assert shared.width() <= 1 or shared.height() <= 1, f"{one.accessibleName()} lies on {other.accessibleName()}"
    theme.apply(qapp)
