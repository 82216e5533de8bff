"""Small line charts as SVG text, for a page that must need nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_WIDTH, _HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 10, 26


@dataclass(frozen=True)
class Axis:
    """One axis: its range, where ticks stand and how they read, and how values spread along it (log or not)."""

    low: float
    high: float
    ticks: tuple[float, ...]
    text: Callable[[float], str]
    is_log: bool = False

    def place(self, value: float) -> float:
        """Position 0..1 of ``value``, held inside the axis."""
        inside = min(max(value, self.low), self.high)
        if self.is_log:
            return math.log(inside / self.low) / math.log(self.high / self.low)
        return (inside - self.low) / (self.high - self.low)


def line_chart(
    title: str, x: Axis, y: Axis, points: Sequence[tuple[float, float]], reference: float | None = None
) -> str:
    """An SVG of ``points``; values that are not finite break the line; ``reference`` draws a dashed level."""
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">',
        *(_grid_line(x, y, tick, is_vertical=True) for tick in x.ticks),
        *(_grid_line(x, y, tick, is_vertical=False) for tick in y.ticks),
        *(f'<polyline class="curve" points="{run}"/>' for run in _runs(x, y, points)),
    ]
    if reference is not None:
        level = _vertical(y, reference)
        parts.append(f'<line class="reference" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{level:.1f}" y2="{level:.1f}"/>')
    return "".join([*parts, "</svg>"])


def _grid_line(x: Axis, y: Axis, tick: float, is_vertical: bool) -> str:
    if is_vertical:
        at = _horizontal(x, tick)
        label = f'<text x="{at:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{escape(x.text(tick))}</text>'
        return f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>{label}'
    at = _vertical(y, tick)
    label = f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{escape(y.text(tick))}</text>'
    return f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>{label}'


def _runs(x: Axis, y: Axis, points: Sequence[tuple[float, float]]) -> list[str]:
    runs: list[list[str]] = [[]]
    for along, up in points:
        if math.isfinite(up):
            runs[-1].append(f"{_horizontal(x, along):.1f},{_vertical(y, up):.1f}")
        elif runs[-1]:
            runs.append([])
    return [" ".join(run) for run in runs if run]


def _horizontal(x: Axis, value: float) -> float:
    return _LEFT + x.place(value) * (_WIDTH - _LEFT - _RIGHT)


def _vertical(y: Axis, value: float) -> float:
    return _TOP + (1.0 - y.place(value)) * (_HEIGHT - _TOP - _BOTTOM)
