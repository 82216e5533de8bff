"""The page's first half: what was done in a few sentences, the finished mix measured, and what to look at first.

Contents: :func:`summary_html`, :func:`finished_html`, :func:`observations_html`, :func:`settings_html`,
:func:`plain_reasons_html`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.analysis.facts import MixFacts
from assistant.analysis.measure import METRICS
from assistant.insight.moves import instead_text, lowered
from assistant.insight.values import Insight, Observation, Standing
from assistant.mix import Change, ChannelMix, Mix, Session
from assistant.params import BY_NAME
from assistant.report.figures import balance_figure, gain_note, loudness_figure, spectrum_figure
from assistant.report.finished import Finished
from assistant.report.markup import Links, Scale, change_text, chart, name, quantity, scale, tag, text
from assistant.report.plotting import plain_name
from assistant.report.ranking import most_covered
from assistant.report.words import COLUMNS, TextColumn, reverb_text, role_text, value_text
from assistant.wording import count_text, duration_text, frequency_text, gain_text

_MOST_IMPORTANT = 3
_LEAST_BALANCE_PX = 480
#: A track covered by this much has lost half of what it sends.
_HALF_COVERED_DB = 3.0
#: From these severities on, an observation is called so.
_SEVERITIES = ((0.66, "bad", "serious"), (0.33, "warn", "worth a look"), (0.0, "calm", "small"))

_STEREO = (
    ("width", Scale("Width", 0.0, 1.0, ((0.0, "mono"), (0.5, "unrelated"), (1.0, "all side")), decimals=2)),
    ("correlation", Scale("Correlation", -1.0, 1.0, ((-1.0, "-1 cancels"), (0.0, "0"), (1.0, "+1 mono")), decimals=2)),
    ("balance_db", Scale("Balance", -6.0, 6.0, ((-6.0, "left"), (0.0, "even"), (6.0, "right")), "dB")),
)
_MONO = Scale("Heard in mono", -6.0, 0.0, ((-6.0, "6 LU lost"), (-3.0, "-3"), (0.0, "nothing lost")), "LU")


def summary_html(session: Session, finished: Finished, insight: Insight | None, links: Links) -> str:
    """One paragraph of what was done, and the most important things about it."""
    mix, measurement = finished.mix, finished.measurement
    by = f", mixed by the engineer \u201c{text(mix.engineer)}\u201d" if mix.engineer else ""
    size = (
        f"{count_text(len(mix.channels), 'track')}, {duration_text(measurement.duration_s)}, {session.sample_rate} Hz"
    )
    loudness = (
        f"The finished mix measures {measurement.integrated_lufs:.1f} LUFS and {measurement.true_peak_dbtp:.1f} dBTP."
    )
    parts = [f'<p class="lead">{size}{by}. {loudness}']
    delegated = f"<p>Delegated: {text('; '.join(finished.delegated))}.</p>" if finished.delegated else ""
    if insight is None:
        return "".join([*parts, "</p>", delegated])
    return "".join([*parts, f" {text(_done(insight))}</p>", delegated, _important(insight, links)])


def _done(insight: Insight) -> str:
    """How many changes there are and what became of the masking."""
    standings = [reason.standing for card in insight.cards for reason in card.reasons]
    changed = sum(card.old.settings != card.new.settings for card in insight.cards)
    sentences = [f"{count_text(changed, 'track')} {'was' if changed == 1 else 'were'} changed."]
    if standings:
        sentences.append(_standings(standings))
    before, after = (m.masking.by_all_db for m in (insight.verification.before, insight.verification.after))
    if len(after):
        figures = f"{float(after.mean()):.1f} dB, {float(before.mean()):.1f} before"
        sentences.append(f"On average a track is now covered by the others by {figures}.")
    return " ".join(sentences)


def _standings(standings: Sequence[Standing]) -> str:
    """What became of the changes, in one sentence."""
    counts = {standing: standings.count(standing) for standing in ("shown", "weak", "withheld")}
    parts = [
        f"{counts['shown']} did what they were made for",
        *([f"{counts['weak']} can hardly be heard"] if counts["weak"] else []),
        *([f"{counts['withheld']} were held back, because measurement contradicts them"] if counts["withheld"] else []),
    ]
    return f"Of {count_text(len(standings), 'measured change')}, {', '.join(parts)}."


def _important(insight: Insight, links: Links) -> str:
    """The three most important things: problems first, then who is covered most."""
    items = [
        f'<li class="{_severity(o)[0]}">{_observed(o, links)}</li>' for o in insight.observations[:_MOST_IMPORTANT]
    ]
    items += _covered_items(insight, links)[: _MOST_IMPORTANT - len(items)]
    if not items:
        items = ['<li class="good">Nothing stands out: no problem was found, and no track is half covered.</li>']
    return f'<h2 class="small">Most important</h2><ul class="first">{"".join(items)}</ul>'


def _observed(observation: Observation, links: Links) -> str:
    return f'{quantity(observation.text)} <span class="quiet">({links.to_all(observation.tracks)})</span>'


def _covered_items(insight: Insight, links: Links) -> list[str]:
    """The tracks of which the others cover half or more, worst first."""
    before, after = insight.verification.before.masking, insight.verification.after.masking
    items = []
    for n in most_covered(after):
        if after.by_all_db[n] < _HALF_COVERED_DB:
            break
        figures = change_text(f"{float(before.by_all_db[n]):.1f}", f"{float(after.by_all_db[n]):.1f}", "dB")
        other = links.to(after.names[int(np.argmax(after.covered_db[n]))])
        items.append(
            f'<li class="warn">{links.to(after.names[n])} is covered by the others, most by {other}: {figures}.</li>'
        )
    return items


def finished_html(finished: Finished, insight: Insight | None) -> str:
    """Figures before and after, and the charts of the whole mix."""
    note = gain_note(finished.before_gain_db)
    old = finished.before.measurement if finished.before is not None else None
    facts = (insight.verification.before, insight.verification.after) if insight is not None else None
    charts = [
        chart(
            loudness_figure(finished),
            "Loudness over time",
            f"Short-term loudness over time, {finished.measurement.integrated_lufs:.1f} LUFS as a whole",
            "of the last 3 s" + (f"; {note}" if note else ""),
        )
        if finished.short_term_lufs
        else "<p>Shorter than 3 s: it has no short-term loudness.</p>",
        chart(
            spectrum_figure(finished),
            "Third-octave spectrum",
            "Third-octave spectrum of the finished mix over the usual range of finished music",
            "over what is usual in finished music" + (f"; {note}" if note else ""),
        ),
    ]
    stereo = [scale(s, None if old is None else getattr(old, m), getattr(finished.measurement, m)) for m, s in _STEREO]
    if facts is not None:
        stereo.append(scale(_MONO, facts[0].mono_lu, facts[1].mono_lu))
    return "".join([
        _tiles(finished),
        f'<div class="charts">{"".join(charts)}</div>',
        f"<h3>Stereo</h3>{_legend(old is not None)}{''.join(stereo)}",
        _balance(*facts) if facts is not None else "",
    ])  # fmt: skip


def _legend(has_before: bool) -> str:
    return "<p class=quiet>Hollow: before. Full: after.</p>" if has_before else ""


def _tiles(finished: Finished) -> str:
    before, after = finished.before, finished.measurement
    cells = []
    for metric in METRICS:
        new = metric.text(getattr(after, metric.name))
        old = metric.text(getattr(before.measurement, metric.name)) if before is not None else new
        was = f"before {text(old)}" if old != new else "as before" if before is not None else ""
        cells.append(f"<div>{text(metric.label)}<b>{text(new)}</b>{was}</div>")
    rows = [("Master gain", f"{gain_text(finished.mix.master['master_gain_db'])} dB")]
    if finished.mix.target_lufs is not None:
        rows.append(("Target loudness", f"{finished.mix.target_lufs:.1f} LUFS"))
    rows.append(("Limiter ceiling", f"{finished.mix.master['limiter_ceiling_dbtp']:.1f} dBTP"))
    cells += [f"<div>{text(label)}<b>{text(value)}</b></div>" for label, value in rows]
    return f'<div class="tiles">{"".join(cells)}</div>'


def _balance(before: MixFacts, after: MixFacts) -> str:
    if not after.tracks:
        return ""
    figure = balance_figure(before, after)
    small = "loudness while a track plays, and pan; hollow: before, coloured by family: after"
    return chart(
        figure, "Levels and places", "Every track's loudness over the others, and its pan", small, _LEAST_BALANCE_PX
    )


def observations_html(observations: Sequence[Observation], links: Links) -> str:
    """Problems, worst first: what, where, and what can be done."""
    if not observations:
        return "<p>Nothing wrong was found in the recordings or between them.</p>"
    items = "".join(_observation(o, links) for o in observations)
    return f'<ol class="observations">{items}</ol>'


def _severity(observation: Observation) -> tuple[str, str]:
    return next((kind, words) for least, kind, words in _SEVERITIES if observation.severity >= least)


def _observation(observation: Observation, links: Links) -> str:
    kind, words = _severity(observation)
    where = [links.to_all(observation.tracks)] if observation.tracks else []
    if observation.span is not None:
        where.append(f"at {quantity(observation.span.text)}")
    if observation.band_hz is not None:
        where.append(f"{frequency_text(observation.band_hz[0])} to {frequency_text(observation.band_hz[1])}")
    remedy = "; ".join(_remedy(c) for c in observation.remedy)
    lines = [f'<p class="what">{quantity(observation.text)}</p>', f'<p class="quiet">{", ".join(where)}</p>']
    lines += [f"<p>The console can help: {quantity(remedy)}.</p>"] if remedy else []
    lines += [f"<p>At the source: {quantity(observation.advice)}</p>"] if observation.advice else []
    return f'<li class="{kind}">{tag(words, kind)} {tag(observation.kind, "calm")}{"".join(lines)}</li>'


def _remedy(change: Change) -> str:
    param = BY_NAME[change.param]
    new, old = value_text(param, change.new), value_text(param, change.old)
    return f"{plain_name(change.track)}, {lowered(param.label)} {instead_text(new, old)}"


def settings_html(mix: Mix, links: Links) -> str:
    """The table of every track's settings, and the reverb."""
    head = "".join(f'<th scope="col"{_class(column)}>{text(column.heading)}</th>' for column in COLUMNS)
    rows = "".join(_settings_row(c, links) for c in mix.channels)
    return (
        f'<div class="scroll"><table class="wide"><thead><tr><th scope="col">Track</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div><p>Reverb: {text(reverb_text(mix.reverb))}.</p>"
    )


def _settings_row(channel: ChannelMix, links: Links) -> str:
    cells = "".join(f"<td{_class(column)}>{quantity(column.text(channel))}</td>" for column in COLUMNS)
    return f'<tr><th scope="row">{links.to(channel.name)}</th>{cells}</tr>'


def _class(column: TextColumn) -> str:
    return ' class="number"' if column.is_number else ""


def plain_reasons_html(mix: Mix) -> str:
    """What the engineer says of each track, where nothing was measured."""
    return f'<div class="plain">{"".join(_plain_reasons(c) for c in mix.channels if c.reasons)}</div>'


def _plain_reasons(channel: ChannelMix) -> str:
    items = "".join(f"<li>{text(reason)}</li>" for reason in channel.reasons)
    role = f' <span class="quiet">{text(role_text(channel))}</span>' if channel.role else ""
    return f"<section><h3>{name(channel.name)}{role}</h3><ul>{items}</ul></section>"
