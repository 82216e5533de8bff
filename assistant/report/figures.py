"""The figures of the whole mix, one function each: from measured values to what Plotly draws.

Contents: :func:`loudness_figure`, :func:`spectrum_figure`, :func:`balance_figure`, :func:`calibration_figure`. Masking
and influence are in ``relations``, the figures of one track in ``track_figures``; conventions in ``plotting``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from assistant.analysis.facts import MixFacts
from assistant.analysis.measure import Measurement
from assistant.analysis.reference import BANDS_HZ, MIX_SPECTRUM_DB
from assistant.engineers.role_table import FAMILIES
from assistant.insight.values import Calibration
from assistant.report.finished import Finished
from assistant.report.plotting import (
    AFTER,
    BEFORE,
    FAINT,
    MARK,
    QUIET,
    Figure,
    axis,
    family,
    family_colour,
    figure,
    frequency_axis,
    label,
    line,
    number,
    numbers,
    time_axis,
    track_axis,
)
from assistant.wording import frequency_text, gain_text, time_text

_SHORT_TERM_S = 3.0
#: The quietest passages of music lie within this of the loudest; below it a chart would show fades alone.
_LOUDNESS_RANGE_LU = 36.0
_SPECTRUM_RANGE_DB = 54.0
#: Within this of the mean spectrum finished mixes are nothing unusual: what the goal ``tone`` allows.
_USUAL_DB = 6.0
#: Where the mean spectrum says something; beyond, finished mixes differ by 10 dB and more.
_COUNTING_HZ = (60.0, 10_500.0)
_LOWEST_BALANCE_LU = -45.0
_ROW_PX = 22
#: Families whose colours are hardly told from those of before, after and the mark.
_LIKE_THEM = ("drums", "synths", "other")


def loudness_figure(finished: Finished) -> Figure:
    """Short-term loudness over time, the mix before at the same integrated loudness, and the target."""
    series = finished.short_term_lufs
    data = []
    if finished.before is not None:
        shifted = [v + finished.before_gain_db for v in finished.before.short_term_lufs]
        data.append(_loudness_line("before", shifted, BEFORE, dash="dot"))
    data.append(_loudness_line("after", series, AFTER))
    seen = [v for curve in data for v in curve["y"] if v is not None]
    top = 3.0 * math.ceil((max(seen, default=0.0) + 1.0) / 3.0)
    end_s = max(_SHORT_TERM_S + len(series) - 1.0, 4.0)
    reach = _lowest(series, top)
    if finished.mix.target_lufs is not None:
        data.append(_target_line(finished.mix.target_lufs, end_s))
    return figure(
        data,
        280,
        xaxis=time_axis(end_s),
        yaxis=axis("LUFS, 3 s", top - reach, top, dtick=6 if reach > 18.0 else 3),
        hovermode="x unified",
    )


def _loudness_line(name: str, values: Sequence[float], colour: str, dash: str = "solid") -> Figure:
    times = [_SHORT_TERM_S + i for i in range(len(values))]
    texts = [time_text(t) for t in times]
    return line(name, times, numbers(values), colour, dash=dash, text=texts, hovertemplate="%{y:.1f} LUFS")


def _lowest(values: Sequence[float], top: float) -> float:
    """How far the axis reaches under its top: to the quietest value, within limits."""
    quietest = min((v for v in values if math.isfinite(v)), default=top)
    return min(max(6.0 * math.ceil((top - quietest + 1.0) / 6.0), 12.0), _LOUDNESS_RANGE_LU)


def _target_line(target_lufs: float, end_s: float) -> Figure:
    style = {"dash": "dash", "width": 1.5, "hoverinfo": "skip", "hovertemplate": None}
    return line(f"target {target_lufs:.1f}", [0.0, end_s], [target_lufs] * 2, MARK, **style)


def spectrum_figure(finished: Finished) -> Figure:
    """Third octaves of the finished mix in dBFS over those of finished music, which are moved to fit best."""
    after = finished.measurement
    data = _usual_band(after)
    if finished.before is not None:
        before = finished.before.measurement
        levels = [v + finished.before_gain_db for v in before.third_octave_db]
        data.append(_spectrum_line("before", before.third_octave_hz, levels, BEFORE, dash="dot"))
    data.append(_spectrum_line("after", after.third_octave_hz, after.third_octave_db, AFTER))
    loudest = max((v for curve in data for v in curve["y"] if v is not None), default=0.0)
    top = 6.0 * math.ceil((loudest + 1.0) / 6.0)
    return figure(data, 280, xaxis=frequency_axis(), yaxis=axis("dBFS", top - _SPECTRUM_RANGE_DB, top, dtick=12))


def _spectrum_line(
    name: str, bands_hz: Sequence[float], levels_db: Sequence[float], colour: str, dash: str = "solid"
) -> Figure:
    texts = [frequency_text(f) for f in bands_hz]
    hover = "%{text}: %{y:.1f} dB"
    return line(name, numbers(bands_hz), numbers(levels_db), colour, dash=dash, text=texts, hovertemplate=hover)


def _usual_band(after: Measurement) -> list[Figure]:
    """What is usual in finished music around its mean spectrum, as an outline and the filling under it."""
    pairs = list(zip(BANDS_HZ, MIX_SPECTRUM_DB, after.third_octave_db, strict=False))
    apart = [have - mean for hz, mean, have in pairs if _COUNTING_HZ[0] <= hz <= _COUNTING_HZ[1]]
    if not apart or not all(map(math.isfinite, apart)):
        return []
    shift = fmean(apart)
    bands = numbers([hz for hz, _, _ in pairs])
    style = {"hoverinfo": "skip", "hovertemplate": None, "width": 0}
    low = line("", bands, numbers([m + shift - _USUAL_DB for _, m, _ in pairs]), FAINT, showlegend=False, **style)
    high = line("usual in finished music", bands, numbers([m + shift + _USUAL_DB for _, m, _ in pairs]), FAINT, **style)
    return [low, high | {"fill": "tonexty", "fillcolor": "var(--usual)"}]


def balance_figure(before: MixFacts, after: MixFacts) -> Figure:
    """Every track's loudness over all others together, and its place between left and right, loudest first."""
    order = sorted(range(len(after.tracks)), key=lambda n: -_finite(after.tracks[n].over_rest_lu))
    names = [after.tracks[n].name for n in order]
    old_lu = [before.tracks[n].over_rest_lu for n in order]
    new_lu = [after.tracks[n].over_rest_lu for n in order]
    old_pan, new_pan = ([100.0 * mix.channels[n].settings["pan"] for n in order] for mix in (before.mix, after.mix))
    families = [family(after.mix.channels[n]) for n in order]
    data = [
        *_moves(old_lu, new_lu, "x"),
        *_moves(old_pan, new_pan, "x2"),
        _places("before", old_lu, names, None, "x"),
        _places("", old_pan, names, None, "x2"),
        *(_family_places(name, families, new_lu, names, "x") for name in FAMILIES if name in families),
        *(_family_places(name, families, new_pan, names, "x2") for name in FAMILIES if name in families),
    ]
    sides = {"tickvals": [-100, -50, 0, 50, 100], "ticktext": ["L", "L50", "C", "R50", "R"]}
    return figure(
        data,
        110 + max(_ROW_PX * len(names), 60) if len(names) <= 60 else 110 + 14 * len(names),
        xaxis=axis("loudness over all others together, LU", *_balance_range(old_lu + new_lu), domain=[0.0, 0.58]),
        xaxis2=axis("pan", -108.0, 108.0, domain=[0.64, 1.0], anchor="y", **sides),
        yaxis=track_axis(names, range=[len(names) - 0.4, -0.6], showgrid=True, tickfont={"size": 10}),
        margin={"t": 56},
    )


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1_000.0


def _balance_range(values: Sequence[float]) -> tuple[float, float]:
    shown = [max(v, _LOWEST_BALANCE_LU) for v in values if math.isfinite(v)] or [0.0]
    return min(shown) - 1.5, max(shown) + 1.5


def _moves(old: Sequence[float], new: Sequence[float], across: str) -> list[Figure]:
    """Thin lines from where tracks stood to where they stand, one trace with gaps."""
    x = [v for pair in zip(old, new, strict=True) for v in (number(pair[0]), number(pair[1]), None)]
    y = [v for n in range(len(old)) for v in (n, n, None)]
    return [line("", x, y, QUIET, width=1.5, hoverinfo="skip", hovertemplate=None, showlegend=False, xaxis=across)]


def _places(name: str, values: Sequence[float], tracks: Sequence[str], colour: str | None, across: str) -> Figure:
    """Markers of some tracks, hollow without a ``colour``; a value that is NaN is left out."""
    ring = {"color": colour or "var(--paper)", "size": 9, "line": {"color": colour or BEFORE, "width": 1.5}}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": numbers(values),
        "y": list(range(len(values))),
        "xaxis": across,
        "marker": ring,
        "text": [label(track) for track in tracks],
        "hovertemplate": "%{text}: %{x:.1f}<extra></extra>",
        "showlegend": bool(name),
    }


def _family_places(
    name: str, families: Sequence[str], values: Sequence[float], tracks: Sequence[str], across: str
) -> Figure:
    own = [v if f == name else math.nan for v, f in zip(values, families, strict=True)]
    return _places(name if across == "x" else "", own, tracks, family_colour(name), across)


def calibration_figure(calibrations: Sequence[Calibration]) -> Figure:
    """How often changes were right over how often they were said to be, one curve per calibration."""
    colours = (AFTER, MARK, *(family_colour(name) for name in FAMILIES if name not in _LIKE_THEM))
    ideal = line("as said", [0, 100], [0, 100], QUIET, dash="dash", width=1, hoverinfo="skip", hovertemplate=None)
    curves = [_calibration_line(c, colours[i % len(colours)]) for i, c in enumerate(calibrations)]
    return figure(
        [ideal, *curves],
        340,
        xaxis=axis("said to be right, %", 0.0, 102.0, dtick=20),
        yaxis=axis("were right, %", 0.0, 102.0, dtick=20),
        margin={"t": 40},
    )


def _calibration_line(calibration: Calibration, colour: str) -> Figure:
    most = max((*calibration.counts, 1))
    sizes = [round(5.0 + 9.0 * math.sqrt(count / most), 1) for count in calibration.counts]
    return line(
        label(calibration.name),
        numbers([100.0 * v for v in calibration.predicted]),
        numbers([100.0 * v for v in calibration.observed]),
        colour,
        mode="lines+markers",
        marker={"size": sizes, "color": colour},
        text=[f"{count} changes" for count in calibration.counts],
        hovertemplate="said %{x:.0f} %, were %{y:.0f} %, %{text}",
    )


def gain_note(gain_db: float) -> str:
    """How the mix before was moved to be compared; empty where it was not."""
    if round(abs(gain_db), 1) == 0.0:
        return ""
    return f"the mix before is moved by {gain_text(gain_db)} dB to the same loudness"
