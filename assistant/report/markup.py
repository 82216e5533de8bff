"""Pieces of the page: names, tags, charts and scales as HTML text, each safe whatever a track is called.

Contents: :func:`text`, :func:`quantity`, :func:`name`, :class:`Links`, :func:`tag`, :func:`chart`, :func:`figure_text`,
:class:`Scale`, :func:`scale`, :func:`change_text`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from assistant.report.plotting import Figure, plain_name

#: What could end a script element, or a line of one, inside JSON; as JSON writes it otherwise.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
_BEFORE_UNIT = re.compile(r"(?<=\d) (?=(?:dB|dBFS|dBTP|LUFS|LU|Hz|kHz|ms|s)\b)")
_INSIDE_SPAN = re.compile(r"(?<=:\d\d)-(?=\d+:\d\d)")
_LONGEST_NAME = 400
#: Where there is no figure.
DASH = "\u2013"
_LONGEST_LINK = 60


def text(words: str) -> str:
    """``words`` as text between elements or inside quotes."""
    return escape(words.replace("\0", "\ufffd"))


def quantity(words: str) -> str:
    """:func:`text`, of which no line ends between a figure and its unit, or inside 1:20-1:25."""
    return _BEFORE_UNIT.sub("\u00a0", _INSIDE_SPAN.sub("\u2060-\u2060", text(words)))


def name(track: str, limit: int = _LONGEST_NAME) -> str:
    """A track's name, isolated from the reading direction of what stands around it."""
    return f"<bdi>{text(plain_name(track, limit))}</bdi>"


class Links:
    """Where on the page each track's card is."""

    def __init__(self, names: Iterable[str]) -> None:
        self._anchors: Mapping[str, str] = {track: f"track-{n}" for n, track in enumerate(names, 1)}

    def anchor(self, track: str) -> str:
        """The id of the track's card."""
        return self._anchors[track]

    def to(self, track: str) -> str:
        """The track's name, as a link to its card where it has one."""
        short = name(track, _LONGEST_LINK)
        return f'<a href="#{self._anchors[track]}">{short}</a>' if track in self._anchors else short

    def to_all(self, tracks: Sequence[str]) -> str:
        """Links to some tracks, with commas."""
        return ", ".join(self.to(track) for track in tracks)


def tag(words: str, kind: str) -> str:
    """A small label; ``kind`` is "bad", "warn" or "calm"."""
    return f'<span class="tag {kind}">{text(words)}</span>'


def chart(figure: Figure, caption: str, describes: str, small: str = "", least_px: int = 0) -> str:
    """A figure with its caption, where the script will draw it; ``describes`` is for those who do not see it.

    On a page narrower than ``least_px`` pixels it scrolls.
    """
    values = json.dumps(figure, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)
    height = figure["layout"]["height"]
    note = f"<small>{text(small)}</small>" if small else ""
    return (
        f"<figure><figcaption>{text(caption)}{note}</figcaption>"
        f'<div class="chart" role="img" aria-label="{text(describes)}" '
        f'style="--height:{height}px;--least:{least_px}px"></div>'
        f'<script type="application/json">{values}</script></figure>'
    )


def figure_text(value: float, decimals: int = 1) -> str:
    """``value`` with its decimals; a dash where it is not finite."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}" if math.isfinite(value) else DASH


@dataclass(frozen=True)
class Scale:
    """A line from ``low`` to ``high`` on which a value stands: its label, unit and ticks (value and text).

    ``text`` puts a value in words where a figure does not.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    unit: str = ""
    decimals: int = 1
    text: Callable[[float], str] | None = None

    def place(self, value: float) -> float:
        """Percent of the way from ``low`` to ``high``, held inside."""
        return round(100.0 * (min(max(value, self.low), self.high) - self.low) / (self.high - self.low), 1)

    def words(self, value: float) -> str:
        """``value`` as read beside the scale."""
        return self.text(value) if self.text is not None else figure_text(value, self.decimals)


def scale(of: Scale, before: float | None, after: float, spread: tuple[float, float] | None = None) -> str:
    """One row: label, line with a hollow dot before and a full one after, figures; ``spread`` marks a stretch."""
    ticks = "".join(f'<i style="left:{of.place(v)}%"></i>' for v, _ in of.ticks)
    texts = "".join(f'<small style="left:{of.place(v)}%">{text(words)}</small>' for v, words in of.ticks)
    bar = ""
    if spread is not None:
        start, end = of.place(spread[0]), of.place(spread[1])
        bar = f'<span class="spread" style="left:{start}%;width:{end - start:.1f}%"></span>'
    figures = change_text(None if before is None else of.words(before), of.words(after), of.unit)
    dots = (_dot(of, before, "dot old") if before is not None else "") + _dot(of, after, "dot")
    rail = f'<div class="rail" aria-hidden="true">{ticks}{texts}{bar}{dots}</div>'
    return f'<div class="scale"><span>{text(of.label)}</span>{rail}<output>{figures}</output></div>'


def _dot(of: Scale, value: float, kind: str) -> str:
    return f'<span class="{kind}" style="left:{of.place(value)}%"></span>' if math.isfinite(value) else ""


def change_text(before: str | None, after: str, unit: str = "") -> str:
    """``-3.0 → -2.0 dB`` as HTML; one figure where there was none before, or the same."""
    end = f"{text(after)}{' ' if unit else ''}{text(unit)}"
    if before is None or before == after:
        return end
    return f'<span class="was">{text(before)} \u2192</span> {end}'
