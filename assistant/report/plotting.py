"""What all figures share: a figure is a plain dictionary as Plotly takes it, with ``data`` and ``layout``.

Conventions: colours are the names of CSS variables (``var(--after)``), which the page's script looks up when it draws,
so that a figure suits a light screen, a dark one and paper. Numbers are rounded and finite; what is not finite is None
and breaks the line. Names of tracks are escaped here, because Plotly reads a kind of HTML in every text.

Contents: :func:`figure`, :func:`axis`, :func:`frequency_axis`, :func:`track_axis`, :func:`time_axis`, :func:`line`,
:func:`numbers`, :func:`number`, :func:`label`, :func:`plain_name`, :func:`family`, :func:`note`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.mix import ChannelMix
from assistant.wording import time_text

Figure = dict[str, Any]

BEFORE, AFTER, MARK, INK, FAINT = (f"var(--{name})" for name in ("before", "after", "mark", "ink", "faint"))
QUIET = "var(--quiet)"
#: From nothing to much, for heat maps.
HEAT: list[list[Any]] = [[i / 4.0, f"var(--heat-{i})"] for i in range(5)]
_TICKS_HZ = {
    "31": 31.5,
    "63": 63.0,
    "125": 125.0,
    "250": 250.0,
    "500": 500.0,
    "1k": 1_000.0,
    "2k": 2_000.0,
    "4k": 4_000.0,
    "8k": 8_000.0,
    "16k": 16_000.0,
}
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 100_000)
_MOST_TIME_TICKS = 9
#: Characters that show nothing, end lines, or are half of one, by Unicode category.
_SHOWN_AS = {"Cc": " ", "Cf": "", "Zl": " ", "Zp": " ", "Cs": "\ufffd"}
#: Isolates a name from the reading direction of what stands around it.
_ISOLATE, _RELEASE = "\u2068", "\u2069"


def figure(data: list[Figure], height: int, margin: dict[str, int] | None = None, **layout: Any) -> Figure:
    """A figure ``height`` pixels high, as wide as the page lets it be; ``layout`` adds to the common layout."""
    common: Figure = {
        "height": height,
        "margin": {"l": 46, "r": 12, "t": 28, "b": 40} | (margin or {}),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "hoverlabel": {"bgcolor": "var(--paper)", "bordercolor": FAINT, "font": {"color": INK}, "align": "left"},
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "traceorder": "normal",
        },
        "dragmode": False,
        "hovermode": "closest",
    }
    return {"data": data, "layout": common | layout}


def axis(title: str = "", low: float | None = None, high: float | None = None, **more: Any) -> Figure:
    """A linear axis from ``low`` to ``high``, with a faint grid."""
    values: Figure = {
        "gridcolor": FAINT,
        "linecolor": FAINT,
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
        "automargin": True,
    }
    if title:
        values["title"] = {"text": title, "standoff": 6, "font": {"size": 11, "color": QUIET}}
    if low is not None and high is not None:
        values["range"] = [round(low, 3), round(high, 3)]
    return values | more


def frequency_axis(**more: Any) -> Figure:
    """A logarithmic axis from 20 Hz to 20 kHz with a tick per octave."""
    ticks: Figure = {"tickvals": list(_TICKS_HZ.values()), "ticktext": list(_TICKS_HZ)}
    return axis("Hz", math.log10(20.0), math.log10(20_000.0), type="log", tickangle=0, **ticks) | more


def time_axis(end_s: float, **more: Any) -> Figure:
    """An axis from 0 to ``end_s`` that reads m:ss."""
    step = next(s for s in _STEPS_S if end_s / s <= _MOST_TIME_TICKS)
    ticks = list(range(0, int(end_s) + 1, step))
    return axis(low=0.0, high=end_s, tickvals=ticks, ticktext=[time_text(t) for t in ticks]) | more


def track_axis(names: Sequence[str], limit: int = 22, **more: Any) -> Figure:
    """An axis with one row (or column) per name, the first at the top (or left); rows stand at 0, 1, 2 and so on."""
    texts = [label(name, limit) for name in names]
    ticks: Figure = {
        "tickvals": list(range(len(names))),
        "ticktext": texts,
        "tickfont": {"size": _name_size(len(names))},
    }
    return axis(showgrid=False, **ticks) | more


def _name_size(count: int) -> int:
    return 11 if count <= 40 else 8 if count <= 70 else 6


def line(name: str, x: Iterable[Any], y: Iterable[Any], colour: str, **more: Any) -> Figure:
    """A line through points."""
    trace = {"type": "scatter", "mode": "lines", "name": name, "x": list(x), "y": list(y)}
    dash = more.pop("dash", "solid")
    width = more.pop("width", 2)
    return trace | {"line": {"color": colour, "width": width, "dash": dash}, "hovertemplate": "%{y:.1f}"} | more


def note(text: str, x: float, y: float, **more: Any) -> Figure:
    """A small text at ``x``, ``y`` of the axes."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": 11, "color": QUIET}} | more


def number(value: float, decimals: int = 1) -> float | None:
    """``value`` rounded; None where it is not finite."""
    return round(float(value), decimals) + 0.0 if math.isfinite(value) else None


def numbers(values: Iterable[float], decimals: int = 1) -> list[float | None]:
    """:func:`number` of each."""
    return [number(v, decimals) for v in values]


def plain_name(name: str, limit: int = 80) -> str:
    """``name`` in one line of at most ``limit`` characters, without characters that show nothing."""
    visible = "".join(_SHOWN_AS.get(unicodedata.category(c), c) for c in name)
    short = " ".join(visible.split()) or "(unnamed)"
    if len(short) <= limit:
        return short
    # Tracks of one kind often differ in the last word alone: "electric guitar 2".
    last = short.rsplit(" ", 1)[-1]
    tail = last if len(last) <= limit // 3 else short[-(limit // 4) :]
    return f"{short[: limit - 1 - len(tail)].rstrip()}\u2026{tail}"


def label(name: str, limit: int = 40) -> str:
    """:func:`plain_name`, safe in any text of a figure."""
    return f"{_ISOLATE}{escape(plain_name(name, limit), quote=False)}{_RELEASE}"


def family(channel: ChannelMix) -> str:
    """The family of the channel's role; ``other`` for a role that is in no table."""
    role = ROLE_BY_NAME.get(channel.role)
    return role.family if role is not None else "other"


def family_colour(name: str) -> str:
    """The colour of a family of roles."""
    return f"var(--family-{name})"
