"""The picture of the losses: well-formed, complete, and drawn where the numbers are."""

import math
import xml.etree.ElementTree as ElementTree

import pytest

from assistant.training.lossplot import POINTS, TITLES, loss_picture, phase_summaries

SVG = "{http://www.w3.org/2000/svg}"


def records(settings=300, stems=100):
    """A loss that falls from 4 to 1, then one that stays at 2 and has a part more; a doubt below zero."""
    first = [
        {"phase": "settings", "step": n, "loss": 4.0 - 3.0 * n / settings, "doubt": -1.0, "seconds": 0.5}
        for n in range(settings)
    ]
    second = [
        {"phase": "stems", "step": n, "loss": 2.0, "doubt": 0.5, "audio": 1.5, "seconds": 2.0} for n in range(stems)
    ]
    return [*first, *second]


def charts(picture):
    """The curves (lists of points) and all texts of each chart, by title."""
    root = ElementTree.fromstring(picture)
    titles = [t.text for t in root.findall(f"{SVG}text")]
    found = {}
    for title, chart in zip(titles, root.findall(f"{SVG}svg"), strict=True):
        curves = [
            [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
            for line in chart.iter(f"{SVG}polyline")
        ]
        found[title] = (curves, [text.text for text in chart.iter(f"{SVG}text")])
    return found


def test_every_part_has_a_chart() -> None:
    found = charts(loss_picture(records()))
    assert list(found) == [TITLES["loss"], TITLES["doubt"], TITLES["audio"]]
    curves, texts = found[TITLES["loss"]]
    assert len(curves) == 2, "the line is broken where the phase changes"
    assert sum(len(curve) for curve in curves) <= POINTS + 2
    assert {"settings", "stems", "400", "0", "4"} <= set(texts)
    assert len(found[TITLES["audio"]][0]) == 1
    assert any(text.startswith("-") for text in found[TITLES["doubt"]][1])


def test_points_stand_where_the_numbers_are() -> None:
    """From 4 at the top down to 1, three quarters of the way; then half way up, from 3/4 of the width on."""
    (falling, level), _ = charts(loss_picture(records()))[TITLES["loss"]]
    assert [y for _, y in falling] == sorted(y for _, y in falling)
    top, bottom = 10.0, 194.0
    assert falling[0][1] == pytest.approx(top, abs=2.0)
    assert falling[-1][1] == pytest.approx(bottom - 0.25 * (bottom - top), abs=2.0)
    assert [y for _, y in level] == pytest.approx([0.5 * (top + bottom)] * len(level))
    assert level[0][0] > 48.0 + 0.75 * 660.0 > falling[-1][0]


@pytest.mark.parametrize("loss", [0.0, 1e-9, 7.3, 4_321.0])
def test_any_size_of_loss_and_a_single_step(loss) -> None:
    picture = loss_picture([{"phase": "a<b", "step": 0, "loss": loss}])
    curves, texts = charts(picture)[TITLES["loss"]]
    assert all(math.isfinite(value) for curve in curves for point in curve for value in point)
    assert "a<b" in texts
    assert 3 <= len(texts) <= 10


def test_summaries() -> None:
    settings, stems = phase_summaries(records())
    assert (settings.name, settings.steps, settings.seconds) == ("settings", 300, 150.0)
    assert settings.first_loss == pytest.approx(3.855)
    assert settings.last_loss == pytest.approx(1.155)
    assert stems.to_dict() == {"name": "stems", "steps": 100, "seconds": 200.0, "first_loss": 2.0, "last_loss": 2.0}
    assert phase_summaries([]) == []
