"""Figures hold what was measured, as Plotly takes it, and nothing that is no number."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from assistant.analysis.masking import Masking
from assistant.engineers.filtering import response_db
from assistant.insight.values import Influence
from assistant.mix import ChannelSettings
from assistant.report.figures import balance_figure, calibration_figure, loudness_figure, spectrum_figure
from assistant.report.plotting import Figure, label, plain_name
from assistant.report.relations import (
    MOST_EDGES,
    influence_figure,
    masking_figure,
    masking_over_time_figure,
    most_covered_db,
    most_over_time_db,
    pooled,
    strongest_driver,
    strongest_edges,
)
from assistant.report.track_figures import CoveredBands, compressor_figure, equaliser_figure


def all_figures(story: Any) -> Iterator[Figure]:
    """Every figure there is, of one story."""
    insight, masking = story.insight, story.insight.verification.after.masking
    order = range(len(masking.names))
    yield loudness_figure(story.finished)
    yield spectrum_figure(story.finished)
    yield balance_figure(insight.verification.before, insight.verification.after)
    yield calibration_figure(insight.calibrations)
    yield masking_figure(masking, order, most_covered_db(masking))
    yield masking_over_time_figure(masking, order, most_over_time_db(masking))
    yield influence_figure(insight.influence, {})
    for n, card in enumerate(insight.cards):
        yield equaliser_figure(card, CoveredBands(masking.bands_hz, masking.by_band_db[n], masking.by_band_db[n]))
        yield compressor_figure(card)


def trace(figure: Figure, name: str) -> dict[str, Any]:
    """The one trace called ``name``."""
    (found,) = [t for t in figure["data"] if t.get("name") == name]
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 28])
def test_plotly_takes_every_figure(story: Callable[..., Any], hostile_names: tuple[str, ...], count: int) -> None:
    for figure in all_figures(story(count, hostile_names[:count])):
        drawn = go.Figure(figure)
        assert len(drawn.data) == len(figure["data"])
        assert figure["layout"]["height"] >= 120
        text = json.dumps(figure, allow_nan=False)
        assert "<a" not in text
        assert "<script" not in text


def test_the_loudness_before_is_compared_at_the_same_loudness(story: Callable[..., Any]) -> None:
    finished = story(3).finished
    figure = loudness_figure(finished)
    gain_db = finished.measurement.integrated_lufs - finished.before.measurement.integrated_lufs
    assert finished.before_gain_db == pytest.approx(gain_db)
    assert trace(figure, "before")["y"][20] == pytest.approx(finished.before.short_term_lufs[20] + gain_db, abs=0.06)
    assert trace(figure, "after")["y"][20] == pytest.approx(finished.short_term_lufs[20], abs=0.06)
    assert trace(figure, "after")["x"][:2] == [3.0, 4.0]
    assert trace(figure, "target -14.0")["y"] == [-14.0, -14.0]


def test_silence_breaks_a_line_and_moves_nothing(story: Callable[..., Any]) -> None:
    finished = story(3).finished
    quiet = replace(finished.before.measurement, integrated_lufs=-math.inf)
    silent = replace(finished, short_term_lufs=(-math.inf, -20.0), before=replace(finished.before, measurement=quiet))
    assert silent.before_gain_db == 0.0
    assert trace(loudness_figure(silent), "after")["y"] == [None, -20.0]


def test_the_spectrum_shows_the_measured_levels_inside_the_axes(story: Callable[..., Any]) -> None:
    finished = story(3).finished
    figure = spectrum_figure(finished)
    assert trace(figure, "after")["y"] == pytest.approx(finished.measurement.third_octave_db, abs=0.06)
    shown = [v for t in figure["data"] for v in t["y"]]
    assert max(shown) <= figure["layout"]["yaxis"]["range"][1]
    assert "usual in finished music" in {t["name"] for t in figure["data"]}


def test_the_spectrum_of_a_low_rate_and_of_silence(story: Callable[..., Any]) -> None:
    finished = story(3).finished
    few = replace(finished.measurement, third_octave_hz=(25.0, 31.5), third_octave_db=(-math.inf, -math.inf))
    figure = spectrum_figure(replace(finished, measurement=few, before=None))
    go.Figure(figure)
    assert trace(figure, "after")["y"] == [None, None]


def test_the_balance_lists_the_loudest_first(story: Callable[..., Any]) -> None:
    verification = story(9).insight.verification
    layout = balance_figure(verification.before, verification.after)["layout"]
    loudest = max(verification.after.tracks, key=lambda t: t.over_rest_lu)
    assert layout["yaxis"]["ticktext"][0] == label(loudest.name)


def test_rows_are_covered_by_columns(story: Callable[..., Any]) -> None:
    masking = story(5).insight.verification.after.masking
    order = [3, 0, 1, 2, 4]
    heat = masking_figure(masking, order, 12.0)["data"][0]
    assert heat["z"][0][1] == pytest.approx(float(masking.covered_db[3, 0]), abs=0.06)
    assert all(heat["z"][n][n] is None for n in range(5))
    assert (masking.covered_db.diagonal() == 0.0).all(), "the values themselves are left alone"


def test_where_nothing_is_covered_nothing_is_said(story: Callable[..., Any]) -> None:
    masking: Masking = story(3).insight.verification.after.masking
    nothing = replace(masking, covered_db=np.zeros((3, 3), np.float32), worst_cell=np.full((3, 3), -1))
    heat = masking_figure(nothing, range(3), most_covered_db(nothing))["data"][0]
    assert {text for row in heat["customdata"] for text in row} == {""}
    assert heat["zmax"] == 3.0


def test_pooling_keeps_means_and_gaps() -> None:
    levels = np.array([[1.0, 3.0, np.nan, np.nan, 5.0], [0.0, 0.0, 2.0, np.nan, np.nan]])
    means, starts_s = pooled(levels, np.arange(5.0), most=3)
    np.testing.assert_array_equal(means, [[2.0, np.nan, 5.0], [0.0, 2.0, np.nan]])
    assert starts_s == [0.0, 2.0, 4.0]


def test_passages_are_parted_where_time_leaps(story: Callable[..., Any]) -> None:
    verification = story(4).insight.verification
    figure = masking_over_time_figure(verification.after.masking, range(4), 12.0)
    assert len(figure["layout"]["shapes"]) == len(verification.spans) - 1
    assert len(figure["data"][0]["z"][0]) <= 240
    assert figure["layout"]["xaxis"]["ticktext"][0] == "0:12"


def test_only_the_strongest_arrows_are_drawn() -> None:
    strength = np.arange(100.0).reshape(10, 10)
    strength[2, 3] = np.nan
    influence = Influence(tuple("abcdefghij"), strength, {})
    edges = strongest_edges(influence)
    assert len(edges) == MOST_EDGES
    assert (edges[0].source, edges[0].target, edges[0].strength) == ("i", "j", 98.0)
    heads = [t for t in influence_figure(influence, {})["data"] if t.get("marker", {}).get("symbol") == "triangle-up"]
    assert len(heads) == MOST_EDGES


def test_an_arrow_tells_the_parameter_that_moves_most(story: Callable[..., Any]) -> None:
    influence = story(4).insight.influence
    edge = strongest_edges(influence)[0]
    found = strongest_driver(influence, edge)
    assert found is not None
    assert (found[0], found[1].track) == ("fader_db", edge.source)
    assert strongest_driver(replace(influence, drivers={}), edge) is None


def test_the_equaliser_is_that_of_the_console(story: Callable[..., Any]) -> None:
    card = story(1).insight.cards[0]
    curve = trace(equaliser_figure(card, CoveredBands((100.0,), (0.0,), (0.0,))), "EQ")
    expected = response_db(card.new.settings, np.array(curve["x"], float))
    np.testing.assert_allclose(curve["y"], expected, atol=0.05)


def test_a_high_pass_does_not_flatten_the_picture_of_the_bands(story: Callable[..., Any]) -> None:
    card = story(1).insight.cards[0]
    settings = ChannelSettings(highpass_on=1, highpass_hz=400, peak1_gain_db=-7)
    figure = equaliser_figure(replace(card, new=replace(card.new, settings=settings)), CoveredBands((), (), ()))
    assert figure["layout"]["yaxis2"]["range"] == [-12.0, 12.0]


def test_the_meter_hangs_what_was_measured(story: Callable[..., Any]) -> None:
    card = next(c for c in story(9).insight.cards if c.after.reduction is not None)
    bars = compressor_figure(card)["data"][-1]
    assert bars["y"] == [2.1, 4.4, 7.9]
    assert bars["xaxis"] == "x2"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("kick", "kick"),
        ("a\nb\u202e\u0000c", "a b c"),
        ("", "(unnamed)"),
        ("electric guitar 17", "electric gu\u202617"),
        ("\ud800", "\ufffd"),
    ],
)
def test_names_fit_into_one_line(name: str, shown: str) -> None:
    assert plain_name(name, 14) == shown


def test_names_in_figures_are_no_markup() -> None:
    assert label("<b>&") == "\u2068&lt;b&gt;&amp;\u2069"
