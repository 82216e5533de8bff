"""Line charts as SVG text."""

from __future__ import annotations

import math

import pytest

from assistant.report.charts import Axis, line_chart


def test_a_chart_breaks_where_there_is_no_value() -> None:
    axis = Axis(0.0, 10.0, (0.0, 5.0), lambda v: f"{v:.0f}")
    points = [(0.0, 1.0), (1.0, 2.0), (2.0, -math.inf), (3.0, 99.0), (4.0, 5.0)]
    chart = line_chart("a & b", axis, axis, points, reference=5.0)
    assert chart.count("<polyline") == 2
    assert 'aria-label="a &amp; b"' in chart
    assert 'class="reference"' in chart


def test_an_axis_holds_values_inside() -> None:
    axis = Axis(20.0, 20_000.0, (), str, is_log=True)
    assert [axis.place(f) for f in (1.0, 20.0, 20_000.0, 1e6)] == pytest.approx([0.0, 0.0, 1.0, 1.0])
    assert axis.place(math.sqrt(20.0 * 20_000.0)) == pytest.approx(0.5)
