"""The figures on a track's card: its EQ over its spectrum, its compressor over the levels it met.

Contents: :func:`equaliser_figure`, :func:`compressor_figure`. Conventions in ``plotting``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.analysis.curves import relative_db, static_curve_db
from assistant.analysis.facts import Reduction
from assistant.analysis.measure import Measurement
from assistant.arrays import FloatArray
from assistant.engineers.filtering import response_db
from assistant.insight.values import Card
from assistant.params import EQ_BANDS
from assistant.report.plotting import (
    AFTER,
    BEFORE,
    FAINT,
    MARK,
    QUIET,
    Figure,
    axis,
    figure,
    frequency_axis,
    line,
    number,
    numbers,
)
from assistant.wording import frequency_text

_CURVE_HZ: FloatArray = np.geomspace(20.0, 20_000.0, 121)
_SPECTRUM_RANGE_DB = 48.0
_LEAST_GAIN_RANGE_DB = 6.0
_LEVELS_DB: FloatArray = np.linspace(-60.0, 0.0, 61)
#: More than this is as good as all of it.
_MOST_COVERED_DB = 15.0
_VISIBLE_DB = 0.05
_SILENT: Figure = {"hoverinfo": "skip", "hovertemplate": None}


@dataclass(frozen=True)
class CoveredBands:
    """How much of one track the others cover in each band of ``bands_hz``, in dB, before and after."""

    bands_hz: Sequence[float]
    before_db: Sequence[float]
    after_db: Sequence[float]


def equaliser_figure(card: Card, covered: CoveredBands) -> Figure:
    """The EQ's curve over the track's third octaves before and after, and under it where the others cover it.

    The spectra are relative to the track's whole level, so that they show what the tone does and not the fader.
    """
    old, new = (response_db(c.settings, _CURVE_HZ) for c in (card.old, card.new))
    data = [
        _floor(card.after.measurement),
        _tone("after", card.after.measurement, AFTER, fill="tonexty", fillcolor="var(--area)", width=1.5),
        _tone("before", card.before.measurement, BEFORE, dash="dot", width=1.5),
        *([_gain("EQ before", old, QUIET, dash="dash", width=1.5)] if _is_worth_showing(old, new) else []),
        _gain("EQ", new, MARK, width=2.5),
        _covered("covered before", covered.bands_hz, covered.before_db, BEFORE, dash="dot", width=1.5),
        _covered("covered after", covered.bands_hz, covered.after_db, "var(--heat-3)", fill="tozeroy", width=1.5),
    ]
    reach = _gain_range(card)
    most = max((v for v in (*covered.before_db, *covered.after_db) if math.isfinite(v)), default=0.0)
    panels = {"domain": [0.34, 1.0]}
    gains = axis("EQ dB", -reach, reach, overlaying="y", side="right", showgrid=False, dtick=reach / 2.0)
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "yref": "y2", "y0": 0, "y1": 0}
    return figure(
        data,
        320,
        xaxis=frequency_axis(anchor="y3"),
        yaxis=axis("spectrum dB", -_SPECTRUM_RANGE_DB, 0.0, dtick=12) | panels,
        yaxis2=gains | panels,
        yaxis3=axis("covered dB", 0.0, min(max(6.0, math.ceil(most)), _MOST_COVERED_DB), domain=[0.0, 0.22], nticks=3),
        shapes=[zero | {"line": {"color": QUIET, "width": 1}}],
        margin={"t": 44, "r": 46},
    )


def _floor(measurement: Measurement) -> Figure:
    """The bottom of the picture, up from which the spectrum after is filled."""
    bands = numbers(measurement.third_octave_hz)
    return line("", bands, [-_SPECTRUM_RANGE_DB] * len(bands), FAINT, width=0, showlegend=False, **_SILENT)


def _tone(name: str, measurement: Measurement, colour: str, **more: object) -> Figure:
    """Third octaves relative to their sum; nothing of a silent track."""
    relative = relative_db(measurement.third_octave_db)
    texts = [frequency_text(f) for f in measurement.third_octave_hz]
    style = {"text": texts, "hovertemplate": "%{text}: %{y:.1f} dB", **more}
    shown = numbers(np.maximum(relative, -_SPECTRUM_RANGE_DB - 20.0))
    return line(name, numbers(measurement.third_octave_hz), shown, colour, **style)


def _gain(name: str, gains_db: FloatArray, colour: str, **more: object) -> Figure:
    texts = [frequency_text(f) for f in _CURVE_HZ]
    hover = "%{text}: %{y:+.1f} dB"
    return line(
        name, numbers(_CURVE_HZ), numbers(gains_db, 2), colour, yaxis="y2", text=texts, hovertemplate=hover, **more
    )


def _covered(name: str, bands_hz: Sequence[float], levels_db: Sequence[float], colour: str, **more: object) -> Figure:
    texts = [frequency_text(f) for f in bands_hz]
    style = {"yaxis": "y3", "showlegend": False, "text": texts, "hovertemplate": "%{text}: %{y:.1f} dB", **more}
    return line(name, numbers(bands_hz), numbers(levels_db), colour, **style)


def _is_worth_showing(old_db: FloatArray, new_db: FloatArray) -> bool:
    """Whether the gains before are neither nothing nor those after."""
    return min(float(np.abs(old_db).max()), float(np.abs(old_db - new_db).max())) > _VISIBLE_DB


def _gain_range(card: Card) -> float:
    """6, 12 or 18 dB: enough for every band; a high-pass may leave the picture at the bottom."""
    most = max(abs(c.settings[f"{band}_gain_db"]) for c in (card.old, card.new) for band, _ in EQ_BANDS)
    return max(_LEAST_GAIN_RANGE_DB, 6.0 * math.ceil((most + 0.5) / 6.0))


def compressor_figure(card: Card) -> Figure:
    """The static curve over how often its detector met each level, and a meter of the reduction it really made."""
    old, new = (static_curve_db(c.settings, _LEVELS_DB) for c in (card.old, card.new))
    reduction = card.after.reduction or card.before.reduction
    data = [
        *([_histogram(reduction)] if reduction is not None else []),
        line("", [-60, 12], [-60, 12], QUIET, dash="dot", width=1, showlegend=False, **_SILENT),
        *([_curve("before", old, BEFORE, "dash")] if _is_worth_showing(old - _LEVELS_DB, new - _LEVELS_DB) else []),
        _curve("after", new, MARK, "solid"),
        *([_meter(card.after.reduction)] if card.after.reduction is not None else []),
    ]
    most = max(6.0, math.ceil(card.after.reduction.most_db) if card.after.reduction is not None else 0.0)
    return figure(
        data,
        320,
        xaxis=axis("level in, dB", -60.0, 0.0, dtick=12, domain=[0.0, 0.66]),
        yaxis=axis("level out, dB", -60.0, max(0.0, float(new.max())) + 1.0, dtick=12),
        yaxis2=axis(overlaying="y", side="right", visible=False, range=[0.0, 2.4 * _commonest(reduction)]),
        xaxis2=axis(
            "taken off, dB", domain=[0.77, 1.0], anchor="y3", type="category", tickangle=0, tickfont={"size": 8}
        ),
        yaxis3=axis(low=1.15 * most, high=0.0, anchor="x2"),
        margin={"t": 44},
        bargap=0.08,
    )


def _curve(name: str, levels_db: FloatArray, colour: str, dash: str) -> Figure:
    hover = "%{x:.0f} dB in, %{y:.1f} dB out"
    return line(name, numbers(_LEVELS_DB), numbers(levels_db), colour, dash=dash, hovertemplate=hover)


def _commonest(reduction: Reduction | None) -> float:
    return 100.0 * max((*reduction.shares, 0.01)) if reduction is not None else 1.0


def _histogram(reduction: Reduction) -> Figure:
    return {
        "type": "bar",
        "name": "how often",
        "x": numbers(reduction.levels_db),
        "y": numbers([100.0 * share for share in reduction.shares], 2),
        "yaxis": "y2",
        "marker": {"color": "var(--area)", "line": {"color": FAINT, "width": 1}},
        "hovertemplate": "%{x:.0f} dB: %{y:.1f} % of the time<extra></extra>",
    }


def _meter(reduction: Reduction) -> Figure:
    """Mean, typical and most gain reduction as bars that hang from 0."""
    values = (reduction.mean_db, reduction.typical_db, reduction.most_db)
    return {
        "type": "bar",
        "name": "",
        "x": ["avg", "10%", "max"],
        "y": numbers(values),
        "text": [f"{number(v) or 0.0:.1f}" for v in values],
        "textposition": "outside",
        "textfont": {"size": 10},
        "cliponaxis": False,
        "xaxis": "x2",
        "yaxis": "y3",
        "marker": {"color": AFTER},
        "showlegend": False,
        "hovertemplate": "%{x}: %{y:.1f} dB<extra></extra>",
    }
