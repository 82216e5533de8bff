"""The figures between tracks: who covers whom, when, and who moves whose settings.

Contents: :func:`masking_figure`, :func:`masking_over_time_figure`, :func:`influence_figure`, :func:`strongest_edges`,
:func:`strongest_driver`. Conventions in ``plotting``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.analysis.masking import Masking
from assistant.arrays import FloatArray
from assistant.engineers.role_table import FAMILIES
from assistant.insight.moves import count_steps
from assistant.insight.values import Driver, Influence
from assistant.params import BY_NAME
from assistant.report.plotting import (
    FAINT,
    HEAT,
    Figure,
    axis,
    family_colour,
    figure,
    label,
    line,
    number,
    numbers,
    track_axis,
)
from assistant.wording import frequency_text, time_text

#: A cell of the masking matrix below this needs no words where it lies.
_WORTH_SAYING_DB = 0.5
#: More columns than this are not told apart on a page.
_MOST_COLUMNS = 240
_MOST_TICKS = 8
_USUAL_PERCENT = 98.0
#: More than this is as good as all of it.
_HIGHEST_DB = 15.0
#: More arrows than this are a ball of wool.
MOST_EDGES = 40
_CURVE_POINTS, _LEAST_BEND = 14, 0.3
_SHORT = 16
_HALF_LINE_PX = 8.0


@dataclass(frozen=True)
class Edge:
    """The track ``source`` moves the settings of ``target``, by ``strength`` in dB or what is heard like one."""

    source: str
    target: str
    strength: float


def masking_figure(masking: Masking, order: Sequence[int], most_db: float) -> Figure:
    """Rows covered by columns, tracks in ``order``, colours from 0 to ``most_db``; the diagonal is empty."""
    names = [masking.names[n] for n in order]
    levels = masking.covered_db[np.ix_(order, order)].astype(float)
    np.fill_diagonal(levels, np.nan)
    heat = {
        "type": "heatmap",
        "z": [numbers(row) for row in levels],
        "customdata": [[_where(masking, row, column) for column in order] for row in order],
        "text": [[label(name) for name in names]] * len(names),
        "hovertemplate": "covered by %{text}<br>%{z:.1f} dB%{customdata}<extra></extra>",
        "hoverongaps": False,
        "xgap": 1 if len(names) <= 60 else 0,
        "ygap": 1 if len(names) <= 60 else 0,
    }
    return figure(
        [heat | _heat_scale(most_db)],
        min(max(18 * len(names), 120), 640) + 150,
        xaxis=track_axis(names, _SHORT, tickangle=-90, side="bottom"),
        yaxis=track_axis(names, _SHORT, autorange="reversed"),
        margin={"t": 8, "b": 20},
    )


def _heat_scale(most_db: float) -> Figure:
    bar = {"thickness": 10, "outlinewidth": 0, "title": {"text": "dB", "side": "top"}, "tickfont": {"size": 10}}
    return {"zmin": 0, "zmax": round(most_db, 1), "colorscale": HEAT, "colorbar": bar}


def _where(masking: Masking, row: int, column: int) -> str:
    """In which band, and when, most of what is covered lies; empty where it is little."""
    band, cell = int(masking.worst_band[row, column]), int(masking.worst_cell[row, column])
    if masking.covered_db[row, column] < _WORTH_SAYING_DB or band < 0 or cell < 0:
        return ""
    return f"<br>most around {frequency_text(masking.bands_hz[band])}, at {time_text(float(masking.cells_s[cell]))}"


def most_covered_db(*maskings: Masking) -> float:
    """The top of a scale that suits all ``maskings``: at least 3 dB."""
    pairs = [float(np.nanmax(m.covered_db, initial=0.0)) for m in maskings]
    return float(max(3.0, math.ceil(max(pairs, default=0.0))))


def most_over_time_db(*maskings: Masking) -> float:
    """The top of a scale for masking over time that all but the rarest moments keep to: 3 to 15 dB."""
    cells = np.concatenate([m.over_time_db.ravel() for m in maskings])
    heard = cells[np.isfinite(cells)]
    return float(np.clip(math.ceil(np.percentile(heard, _USUAL_PERCENT)), 3.0, _HIGHEST_DB)) if len(heard) else 3.0


def masking_over_time_figure(masking: Masking, order: Sequence[int], most_db: float) -> Figure:
    """How much all others cover each track, over the passages that were measured, side by side."""
    names = [masking.names[n] for n in order]
    levels, starts_s = pooled(masking.over_time_db[list(order)].astype(float), masking.cells_s)
    heat = {
        "type": "heatmap",
        "z": [numbers(row) for row in levels],
        "customdata": [[time_text(s) for s in starts_s]] * len(names),
        "hovertemplate": "%{y}, %{customdata}: %{z:.1f} dB<extra></extra>",
        "hoverongaps": False,
        "ygap": 1 if len(names) <= 60 else 0,
    }
    seams = _seams(starts_s)
    ticks = _tick_columns(len(starts_s), seams)
    return figure(
        [heat | _heat_scale(most_db)],
        min(max(16 * len(names), 90), 640) + 70,
        xaxis=axis(tickvals=ticks, ticktext=[time_text(starts_s[i]) for i in ticks], showgrid=False),
        yaxis=track_axis(names, _SHORT, autorange="reversed"),
        shapes=[_seam(column) for column in seams],
        margin={"t": 8},
    )


def pooled(levels: FloatArray, starts_s: FloatArray, most: int = _MOST_COLUMNS) -> tuple[FloatArray, list[float]]:
    """``levels`` (N, F) in at most ``most`` columns, each the mean of its finite cells, and their starts."""
    count = levels.shape[1]
    if not count:
        return levels, []
    edges = np.arange(0, count, math.ceil(count / most))
    heard = np.isfinite(levels)
    sums = np.add.reduceat(np.where(heard, levels, 0.0), edges, axis=1)
    cells = np.add.reduceat(heard.astype(float), edges, axis=1)
    means = np.divide(sums, cells, out=np.full(sums.shape, np.nan), where=cells > 0)
    return means, [float(starts_s[i]) for i in edges]


def _seams(starts_s: Sequence[float]) -> list[int]:
    """Columns at which time leaps, because the next passage begins."""
    steps = np.diff(np.asarray(starts_s))
    return [int(i) + 1 for i in np.flatnonzero(steps > 1.6 * np.median(steps))] if len(steps) else []


def _seam(column: int) -> Figure:
    place = {"x0": column - 0.5, "x1": column - 0.5, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", "line": {"color": "var(--ink)", "width": 1}} | place


def _tick_columns(count: int, seams: Sequence[int]) -> list[int]:
    """Where times are written: at seams, and in between where there is room."""
    ticks: list[int] = []
    spread = [round(i * count / _MOST_TICKS) for i in range(_MOST_TICKS)]
    for column in (0, *seams, *spread):
        if column < count and all(abs(column - other) >= 0.7 * count / _MOST_TICKS for other in ticks):
            ticks.append(column)
    return sorted(ticks)


def strongest_edges(influence: Influence, most: int = MOST_EDGES) -> list[Edge]:
    """The ``most`` strongest influences that are any, strongest first."""
    names = influence.names
    edges = [
        Edge(names[column], names[row], float(strength))
        for (row, column), strength in np.ndenumerate(influence.strength)
        if row != column and math.isfinite(strength) and strength > 0.0
    ]
    return sorted(edges, key=lambda edge: -edge.strength)[:most]


def strongest_driver(influence: Influence, edge: Edge) -> tuple[str, Driver] | None:
    """The parameter of the edge's target that its source moves by most audible steps, and how."""
    found = [
        (param, driver)
        for (track, param), drivers in influence.drivers.items()
        if track == edge.target
        for driver in drivers
        if driver.track == edge.source
    ]
    return max(found, key=lambda pair: _steps(*pair), default=None)


def _steps(name: str, driver: Driver) -> float:
    """In audible steps, without what all faders share."""
    return count_steps(BY_NAME[name], driver.value, driver.value + driver.moved - driver.shared)


def influence_figure(influence: Influence, families: Mapping[str, str]) -> Figure:
    """Tracks on a circle by family; arrows, in the colour of who moves, lead to whose settings are moved."""
    edges = strongest_edges(influence)
    joined = {name for edge in edges for name in (edge.source, edge.target)}
    names = [n for f in FAMILIES for n in influence.names if n in joined and families.get(n, "other") == f]
    places = {name: 2.0 * math.pi * i / len(names) for i, name in enumerate(names)}
    most = edges[0].strength if edges else 1.0
    # The strongest are drawn last, over the others.
    arrows = [t for e in reversed(edges) for t in _arrow(e, places, families.get(e.source, "other"), e.strength / most)]
    hidden = axis(low=-1.7, high=1.7, visible=False, automargin=False)
    return figure(
        [*arrows, *_nodes(names, places, families)],
        620,
        xaxis=hidden,
        yaxis=hidden | {"scaleanchor": "x"},
        annotations=[_node_name(name, places[name]) for name in names],
        margin={"l": 4, "r": 4, "t": 40, "b": 4},
    )


def _point(turn: float, radius: float = 1.0) -> tuple[float, float]:
    """Clockwise from the top."""
    return radius * math.sin(turn), radius * math.cos(turn)


def _arrow(edge: Edge, places: Mapping[str, float], name: str, share: float) -> list[Figure]:
    """A curve that bends towards the middle, and its head."""
    start, end = _point(places[edge.source], 0.96), _point(places[edge.target], 0.93)
    # Between neighbours the curve stays near the rim, across the circle it passes near the middle.
    bend = 0.5 * max(_LEAST_BEND, 0.85 - 0.5 * math.dist(start, end))
    ends = (start, (bend * (start[0] + end[0]), bend * (start[1] + end[1])), end)
    steps = [i / (_CURVE_POINTS - 1) for i in range(_CURVE_POINTS)]
    x, y = ([(1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c for t in steps] for a, b, c in zip(*ends, strict=True))
    colour = family_colour(name)
    turn = math.degrees(math.atan2(x[-1] - x[-2], y[-1] - y[-2]))
    text = f"{label(edge.source)} moves {label(edge.target)} by {edge.strength:.1f}"
    common: Figure = {
        "showlegend": False,
        "opacity": round(0.35 + 0.65 * share, 2),
        "text": text,
        "hovertemplate": "%{text}<extra></extra>",
    }
    head = {"symbol": "triangle-up", "size": round(6 + 6 * share, 1), "angle": round(turn, 1), "color": colour}
    tip = {"type": "scatter", "mode": "markers", "x": [number(end[0], 3)], "y": [number(end[1], 3)], "marker": head}
    return [line("", numbers(x, 3), numbers(y, 3), colour, width=round(1 + 4 * share, 1), **common), tip | common]


def _nodes(names: Sequence[str], places: Mapping[str, float], families: Mapping[str, str]) -> list[Figure]:
    """One trace of markers per family, so that the legend names the colours."""
    groups = {f: [n for n in names if families.get(n, "other") == f] for f in FAMILIES}
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": name,
            "x": [number(_point(places[n])[0], 3) for n in own],
            "y": [number(_point(places[n])[1], 3) for n in own],
            "marker": {"size": 11, "color": family_colour(name), "line": {"color": FAINT, "width": 1}},
            "text": [label(n) for n in own],
            "hovertemplate": "%{text}<extra></extra>",
        }
        for name, own in groups.items()
        if own
    ]


def _node_name(name: str, turn: float) -> Figure:
    """The name outside the circle, written along the radius, never upside down."""
    (x, y), (right, up) = _point(turn, 1.06), _point(turn)
    is_right, is_up = right >= -1e-9, up >= 0.0
    # Plotly places the box around the turned text; half a line's height brings the text itself to its place.
    shift_x = -_HALF_LINE_PX * abs(up) * (1 if is_right else -1)
    shift_y = -_HALF_LINE_PX * abs(right) * (1 if is_up else -1)
    return {
        "text": label(name, _SHORT),
        "showarrow": False,
        "font": {"size": 11},
        "textangle": round(math.degrees(turn) - (90.0 if is_right else 270.0), 1),
        "x": number(x, 3),
        "y": number(y, 3),
        "xanchor": "left" if is_right else "right",
        "yanchor": "bottom" if is_up else "top",
        "xshift": round(shift_x, 1),
        "yshift": round(shift_y, 1),
    }
