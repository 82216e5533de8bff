"""The report: one HTML page without scripts or anything from elsewhere, readable on a screen and on paper."""

from __future__ import annotations

from html import escape

from assistant.analysis.loudness import short_term_loudness
from assistant.analysis.measure import Measurement
from assistant.arrays import FloatArray
from assistant.mix import ChannelMix, Mix, Session
from assistant.report.charts import Axis, line_chart
from assistant.report.words import COLUMNS, TextColumn, reverb_text, role_text
from assistant.wording import count_text, duration_text, frequency_text, gain_text, time_text

# A short-term value every second is plenty for a chart 700 points wide.
_CHART_HOP = 10
_SHORT_TERM_WINDOW_S = 3.0
_CHART_RANGE_DB = 48.0

_STYLE = """
:root { color-scheme: light dark;
  --ink: #1c2126; --paper: #fbfaf7; --faint: #d5d3cb; --accent: #0b6e8f; --mark: #b4530a }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e2dc; --paper: #17191c; --faint: #363a40; --accent: #57b6d6; --mark: #f0a35e }
}
* { box-sizing: border-box }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
  margin: 2rem auto; padding: 0 1.2rem }
h1 { font-size: 1.5rem; margin-bottom: .2rem } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .7rem .3rem 0;
  border-bottom: 1px solid var(--faint); vertical-align: top } th { font-weight: 600 }
td, tbody th { overflow-wrap: break-word } .number { text-align: right; white-space: nowrap; padding-right: 1.4rem;
  font-variant-numeric: tabular-nums }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: .8rem }
.figures div { border-left: 3px solid var(--accent); padding-left: .6rem }
.figures b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.2rem;
  margin-top: 1.8rem }
svg { width: 100%; height: auto } svg text { font-size: 12px; fill: var(--ink) }
.grid { stroke: var(--faint) } .curve { fill: none; stroke: var(--accent); stroke-width: 2 }
.reference { stroke: var(--mark); stroke-dasharray: 6 4 } .scroll { overflow-x: auto }
.reasons { columns: 26rem; column-gap: 2rem } .reasons section { break-inside: avoid; padding-bottom: .6rem }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere } h3 span { font-weight: 400; opacity: .75 }
ul { margin: .2rem 0; padding-left: 1.1rem }
figure { margin: 0 } figcaption { font-weight: 600; margin-bottom: .3rem }
@media print { :root { --ink: #000; --paper: #fff } body { margin: 0; padding: 0; max-width: none; font-size: 10px }
  .figures { grid-template-columns: repeat(6, 1fr) } .charts { grid-template-columns: 1fr 1fr }
  .figures b { font-size: .9rem } .number { padding-right: .8rem }
  h2 { break-after: avoid } .scroll { overflow: visible } tr, figure { break-inside: avoid } }
"""


def report_page(session: Session, mix: Mix, audio: FloatArray, measurement: Measurement) -> str:
    """The page about the finished mix ``audio`` ``(2, T)`` of ``session``, as HTML text."""
    title = (session.source.resolve().name if session.source is not None else "") or "Mix"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f"<p>{count_text(len(mix.channels), 'track')}, {duration_text(measurement.duration_s)}, "
        f"{session.sample_rate} Hz{_signed(mix)}.</p>",
        "<h2>The finished mix, measured</h2>",
        _figures(mix, measurement),
        '<div class="charts">',
        _figure("Short-term loudness, LUFS (dashed: target)", _loudness_chart(session, mix, audio)),
        _figure("Third-octave spectrum, dBFS", _spectrum_chart(measurement)),
        "</div>",
        "<h2>Every track's settings</h2>",
        f'<div class="scroll">{_settings_table(mix)}</div>',
        f"<p>Reverb: {escape(reverb_text(mix.reverb))}.</p>",
    ]
    if any(c.reasons for c in mix.channels):
        parts += ["<h2>Why</h2>", '<div class="reasons">', *(_reasons(c) for c in mix.channels if c.reasons), "</div>"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}: mix report</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _signed(mix: Mix) -> str:
    return f"; mixed by the engineer \u201c{escape(mix.engineer)}\u201d" if mix.engineer else ""


def _figures(mix: Mix, measurement: Measurement) -> str:
    rows = [*measurement.rows(), ("Master gain", f"{gain_text(mix.master['master_gain_db'])} dB")]
    if mix.target_lufs is not None:
        rows.append(("Target loudness", f"{mix.target_lufs:.1f} LUFS"))
    rows.append(("Limiter ceiling", f"{mix.master['limiter_ceiling_dbtp']:.1f} dBTP"))
    cells = (f"<div>{escape(label)}<b>{escape(text)}</b></div>" for label, text in rows)
    return f'<div class="figures">{"".join(cells)}</div>'


def _figure(caption: str, chart: str) -> str:
    return f"<figure><figcaption>{escape(caption)}</figcaption>{chart}</figure>"


def _loudness_chart(session: Session, mix: Mix, audio: FloatArray) -> str:
    loudness = short_term_loudness(audio, session.sample_rate)[::_CHART_HOP]
    points = [(_SHORT_TERM_WINDOW_S + i, float(v)) for i, v in enumerate(loudness)]
    end_s = max(points[-1][0] if points else 0.0, 10.0)
    step_s = next(s for s in (2, 5, 10, 30, 60, 300, 1_800, 100_000) if end_s / s <= 12)
    x = Axis(0.0, end_s, tuple(float(t) for t in range(0, int(end_s) + 1, step_s)), time_text)
    y = Axis(-_CHART_RANGE_DB, 0.0, (-48.0, -36.0, -24.0, -12.0, 0.0), lambda v: f"{v:.0f}")
    return line_chart("Short-term loudness over time", x, y, points, mix.target_lufs)


def _spectrum_chart(measurement: Measurement) -> str:
    points = list(zip(measurement.third_octave_hz, measurement.third_octave_db, strict=True))
    loudest = max((level for _, level in points), default=0.0)
    top = 6.0 * (max(loudest, -120.0) // 6.0 + 1.0)
    ticks = tuple(top - 12.0 * i for i in range(5))
    x = Axis(25.0, 20_000.0, (31.5, 125.0, 500.0, 2_000.0, 8_000.0), frequency_text, is_log=True)
    y = Axis(top - _CHART_RANGE_DB, top, ticks, lambda v: f"{v:.0f}")
    return line_chart("Third-octave spectrum", x, y, points)


def _settings_table(mix: Mix) -> str:
    head = "".join(f"<th{_class(column)}>{escape(column.heading)}</th>" for column in COLUMNS)
    rows = (_settings_row(c) for c in mix.channels)
    return f"<table><thead><tr><th>Track</th>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _settings_row(channel: ChannelMix) -> str:
    cells = "".join(f"<td{_class(column)}>{escape(column.text(channel))}</td>" for column in COLUMNS)
    return f"<tr><th><bdi>{escape(channel.name)}</bdi></th>{cells}</tr>"


def _class(column: TextColumn) -> str:
    return ' class="number"' if column.is_number else ""


def _reasons(channel: ChannelMix) -> str:
    items = "".join(f"<li>{escape(reason)}</li>" for reason in channel.reasons)
    role = f" <span>{escape(role_text(channel))}</span>" if channel.role else ""
    return f"<section><h3><bdi>{escape(channel.name)}</bdi>{role}</h3><ul>{items}</ul></section>"
