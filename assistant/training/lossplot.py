"""How training went, as an SVG picture: the whole loss and each of its parts over the steps, phases marked.

Contents: :func:`loss_picture`, :func:`phase_summaries`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from itertools import groupby
from statistics import fmean

from assistant.report.charts import Axis, line_chart

Record = Mapping[str, float | str]

#: The curves, in their order, and what each is called.
TITLES = {
    "loss": "the whole loss",
    "positions": "settings, in control travels",
    "curve": "EQ curve, dB",
    "level": "level up to one gain, dB",
    "roles": "roles, nats",
    "reverb": "reverb, in control travels",
    "doubt": "doubt, nats",
    "audio": "stereo loss of the mix",
}
#: Single steps scatter: at most so many points of a curve, each the mean of its stretch.
POINTS = 180
_CHART_WIDTH, _CHART_HEIGHT, _TITLE_HEIGHT = 720, 220, 26
#: The last tick's number stands half beyond its chart.
_WIDTH = _CHART_WIDTH + 20
_MOST_TICKS = 5
_STYLE = """
svg { overflow: visible; font: 12px system-ui, sans-serif;
  --ink: #1c2126; --paper: #fbfaf7; --faint: #d5d3cb; --accent: #0b6e8f }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e4e2dc; --paper: #17191c; --faint: #363a40; --accent: #57b6d6 }
}
.paper { fill: var(--paper) } text { fill: var(--ink) } .title { font-weight: 600 }
.grid { stroke: var(--faint) } .curve { fill: none; stroke: var(--accent); stroke-width: 2 }
"""


@dataclass(frozen=True)
class PhaseSummary:
    """One phase in numbers: its loss over the first and the last tenth of its steps."""

    name: str
    steps: int
    seconds: float
    first_loss: float
    last_loss: float

    def to_dict(self) -> dict[str, str | int | float]:
        """As JSON takes it."""
        return asdict(self)


def phase_summaries(records: Sequence[Record]) -> list[PhaseSummary]:
    """One summary per phase, in order."""
    summaries = []
    for name, phase in _by_phase(records):
        losses = [float(r["loss"]) for r in phase]
        tenth = math.ceil(len(losses) / 10)
        seconds = sum(float(r.get("seconds", 0.0)) for r in phase)
        summaries.append(PhaseSummary(name, len(losses), seconds, fmean(losses[:tenth]), fmean(losses[-tenth:])))
    return summaries


def loss_picture(records: Sequence[Record]) -> str:
    """A chart of each part of the loss that ``records`` hold, one under the other, as the text of an SVG file."""
    shown = [name for name in TITLES if any(name in record for record in records)]
    height = len(shown) * (_TITLE_HEIGHT + _CHART_HEIGHT)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">',
        f'<style>{_STYLE}</style><rect class="paper" width="{_WIDTH}" height="{height}"/>',
    ]
    for place, name in enumerate(shown):
        top = place * (_TITLE_HEIGHT + _CHART_HEIGHT)
        parts.append(f'<text class="title" x="8" y="{top + 18}">{escape(TITLES[name])}</text>')
        parts.append(f'<svg y="{top + _TITLE_HEIGHT}" width="{_CHART_WIDTH}" height="{_CHART_HEIGHT}">')
        parts.append(_chart(name, records) + "</svg>")
    return "\n".join([*parts, "</svg>\n"])


def _chart(name: str, records: Sequence[Record]) -> str:
    points = _curve(name, records)
    return line_chart(TITLES[name], _steps_axis(records), _value_axis([y for _, y in points]), points)


def _curve(name: str, records: Sequence[Record]) -> list[tuple[float, float]]:
    """Points of the curve; the line is broken between phases, whose losses count differently."""
    stretch = math.ceil(len(records) / POINTS)
    points, start = [], 0
    for _, phase in _by_phase(records):
        for first in range(0, len(phase), stretch):
            values = [float(r[name]) for r in phase[first : first + stretch] if name in r]
            middle = start + first + 0.5 * min(stretch, len(phase) - first)
            points.append((middle, fmean(values) if values else math.nan))
        start += len(phase)
        points.append((float(start), math.nan))
    return points


def _steps_axis(records: Sequence[Record]) -> Axis:
    """Ticks where phases begin, called like them, and one at the end, which tells the number of steps."""
    texts, start = {}, 0
    for name, phase in _by_phase(records):
        texts[float(start)] = name
        start += len(phase)
    texts[float(start)] = str(start)
    return Axis(0.0, float(start), tuple(texts), lambda tick: texts[tick])


def _value_axis(values: Sequence[float]) -> Axis:
    """From zero, or below the lowest, to above the highest of the ``values`` that are numbers."""
    finite = [v for v in values if math.isfinite(v)] or [0.0]
    low, high = min(0.0, *finite), max(0.0, *finite)
    step = _round_step((high - low or 1.0) / (_MOST_TICKS - 1))
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    ticks = tuple(step * n for n in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, lambda tick: f"{tick:g}")


def _round_step(least: float) -> float:
    """The least of 1, 2, 5, 10, ... and their decimal parts that is no smaller than ``least``."""
    decade = 10.0 ** math.floor(math.log10(least))
    return next(round(n * decade, 12) for n in (1, 2, 5, 10) if n * decade >= least * (1.0 - 1e-9))


def _by_phase(records: Sequence[Record]) -> list[tuple[str, list[Record]]]:
    return [(str(name), list(phase)) for name, phase in groupby(records, key=lambda record: record["phase"])]
