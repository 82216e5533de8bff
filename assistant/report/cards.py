"""One card per track: what was set, what that measures, its charts, and every reason with its proof.

Contents: :func:`card_html`, :func:`jump_html`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assistant.analysis.facts import TrackFacts
from assistant.analysis.sections import SECTION_BY_NAME
from assistant.insight.values import Card, Insight, Observation, Reason
from assistant.mix import ChannelSettings
from assistant.report.markup import (
    DASH,
    Links,
    Scale,
    chart,
    figure_text,
    name,
    quantity,
    scale,
    tag,
    text,
)
from assistant.report.plotting import family, family_colour, plain_name
from assistant.report.ranking import Concern
from assistant.report.track_figures import CoveredBands, compressor_figure, equaliser_figure
from assistant.report.words import COLUMNS, pan_text

_PAN = Scale(
    "Pan, and width",
    -100.0,
    100.0,
    ((-100.0, "L"), (0.0, "C"), (100.0, "R")),
    text=lambda v: pan_text(ChannelSettings(pan=v / 100.0)),
)
_STANDING_TAGS = {"weak": ("hardly to be heard", "warn"), "withheld": ("held back", "bad")}


def jump_html(concerns: Sequence[Concern], links: Links) -> str:
    """The list of all cards, worst first, with what is the matter."""
    items = "".join(
        f'<li>{links.to(c.card.name)} <span class="quiet">{text(", ".join(c.words))}</span></li>' for c in concerns
    )
    return f'<ol class="jump">{items}</ol>'


def card_html(card: Card, insight: Insight, links: Links) -> str:
    """The whole card of one track."""
    problems = [o for o in insight.observations if card.name in o.tracks]
    shown = [r for r in card.reasons if r.standing != "withheld"]
    withheld = [r for r in card.reasons if r.standing == "withheld"]
    return "".join([
        f'<article class="card" id="{links.anchor(card.name)}">',
        _header(card),
        _torn(card),
        _problems(problems),
        f'<div class="facts">{_settings(card)}{_measured(card, insight)}</div>',
        _place(card),
        _charts(card, insight),
        _reasons(shown, links),
        _withheld(withheld, links),
        "</article>",
    ])  # fmt: skip


def _header(card: Card) -> str:
    channel = card.new
    swatch = f'<span class="swatch" style="background:{family_colour(family(channel))}"></span>'
    role = ""
    if channel.role:
        sure = f"{channel.role_confidence:.0%} sure"
        is_guess = channel.role_confidence < 0.5
        role = f'<span class="quiet">{text(channel.role)}, {sure}</span>' + (tag("a guess", "warn") if is_guess else "")
    loudest = card.after.loudest
    when = (
        f'<span class="quiet">loudest at {quantity(loudest.text)}</span>'
        if loudest is not None
        else tag("silent", "calm")
    )
    up = '<a class="up" href="#tracks">all tracks</a>'
    return f"<header>{swatch}<h3>{name(channel.name)}</h3>{role}{when}{up}</header>"


def _torn(card: Card) -> str:
    if card.alternative is None:
        return ""
    sentence = card.alternative.sentence
    return f'<p class="quiet">{text(sentence[0].upper() + sentence[1:])}.</p>'


def _problems(problems: Sequence[Observation]) -> str:
    items = "".join(f"<li>{quantity(o.text)}</li>" for o in problems)
    return f'<ul class="problems">{items}</ul>' if items else ""


def _settings(card: Card) -> str:
    rows = "".join(_settings_row(c.heading, c.text(card.old), c.text(card.new)) for c in COLUMNS if c.heading != "Role")
    return _table("Settings", rows)


def _settings_row(heading: str, before: str, after: str) -> str:
    kind = "same" if before == after else "new"
    cells = f'<td class="was">{quantity(before or DASH)}</td><td class="{kind}">{quantity(after or DASH)}</td>'
    return f'<tr><th scope="row">{text(heading)}</th>{cells}</tr>'


def _table(caption: str, rows: str) -> str:
    heads = "".join(f'<th scope="col">{words}</th>' for words in ("", "before", "after"))
    return f"<table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


#: What is measured of a track: label, unit, where it stands, decimals.
_FACTS: tuple[tuple[str, str, Callable[[TrackFacts], float], int], ...] = (
    ("Loudness", "LUFS", lambda t: t.measurement.integrated_lufs, 1),
    ("Over the others", "LU", lambda t: t.over_rest_lu, 1),
    ("True peak", "dBTP", lambda t: t.measurement.true_peak_dbtp, 1),
    ("Crest factor", "dB", lambda t: t.measurement.crest_factor_db, 1),
    ("Loudness range", "LU", lambda t: t.measurement.loudness_range_lu, 1),
    ("Stereo width", "", lambda t: t.measurement.width, 2),
    ("Its reverb over it", "dB", lambda t: t.reverb_db, 1),
)


def _measured(card: Card, insight: Insight) -> str:
    before, after = insight.verification.before.masking, insight.verification.after.masking
    place = after.names.index(card.name)
    rows = [_fact(label, unit, get(card.before), get(card.after), decimals) for label, unit, get, decimals in _FACTS]
    rows.insert(2, _fact("Covered by others", "dB", float(before.by_all_db[place]), float(after.by_all_db[place])))
    return _table("Measured", "".join(rows))


def _fact(label: str, unit: str, before: float, after: float, decimals: int = 1) -> str:
    cells = "".join(
        f'<td class="number{kind}">{figure_text(v, decimals)}</td>' for v, kind in ((before, " was"), (after, ""))
    )
    return f'<tr><th scope="row">{label} <span class="quiet">{unit}</span></th>{cells}</tr>'


def _place(card: Card) -> str:
    """Pan before and after on one line, with the measured width around it."""
    old, new = (100.0 * c.settings["pan"] for c in (card.old, card.new))
    half = 100.0 * card.after.measurement.width
    return scale(_PAN, old, new, (new - half, new + half) if half > 0.5 else None)


def _charts(card: Card, insight: Insight) -> str:
    """The equaliser, and the compressor where there is one."""
    before, after = insight.verification.before.masking, insight.verification.after.masking
    place = after.names.index(card.name)
    covered = CoveredBands(after.bands_hz, before.by_band_db[place].tolist(), after.by_band_db[place].tolist())
    short = plain_name(card.name, 60)
    charts = [
        chart(
            equaliser_figure(card, covered),
            "Equaliser over the spectrum",
            f"Equaliser curve of {short} over its spectrum before and after, and where the others cover it",
            "below: how much of it the others cover, by frequency",
        )
    ]
    if any(c.settings["comp_ratio"] > 1.0 for c in (card.old, card.new)):
        describes = f"Compressor curve of {short} over how often each level occurs"
        charts.append(chart(compressor_figure(card), "Compressor", describes, _reduction(card.after)))
    kind = "pair" if len(charts) == 2 else "alone"
    return f'<div class="{kind}">{"".join(charts)}</div>'


def _reduction(facts: TrackFacts) -> str:
    found = facts.reduction
    if found is None:
        return "takes nothing off"
    return (
        f"takes off {found.mean_db:.1f} dB on average, {found.typical_db:.1f} dB and more for a tenth of the time, "
        f"{found.most_db:.1f} dB at most; at work (1 dB and more) {found.share:.0%} of the time"
    )


def _reasons(reasons: Sequence[Reason], links: Links) -> str:
    if not reasons:
        return '<p class="quiet">Nothing was changed here that can be measured.</p>'
    return f'<div class="reasons">{"".join(_reason(r, links) for r in reasons)}</div>'


def _withheld(reasons: Sequence[Reason], links: Links) -> str:
    if not reasons:
        return ""
    inside = "".join(_reason(r, links) for r in reasons)
    title = f"Measured, and held back ({len(reasons)})"
    return f'<details><summary>{title}</summary><div class="reasons">{inside}</div></details>'


def _reason(reason: Reason, links: Links) -> str:
    section = SECTION_BY_NAME.get(reason.section)
    title = text(section.label if section is not None else reason.section)
    marked = f" {tag(*_STANDING_TAGS[reason.standing])}" if reason.standing in _STANDING_TAGS else ""
    rows = (
        ("Heard", quantity(reason.heard)),
        ("Done", quantity(reason.did)),
        ("Effect", quantity(reason.effect.sentence)),
        ("Because of", _because(reason, links)),
        ("How sure", _confidence(reason)),
        ("Alternatives", "; ".join(quantity(a) for a in reason.alternatives)),
        ("If moved", quantity(reason.sensitivity)),
        ("But", quantity(reason.why)),
    )
    inside = "".join(f"<dt>{label}</dt><dd>{words}</dd>" for label, words in rows if words)
    return f'<section class="reason {reason.standing}"><h4>{title}{marked}</h4><dl>{inside}</dl></section>'


def _because(reason: Reason, links: Links) -> str:
    tracks = list(dict.fromkeys(driver.track for driver in reason.because))
    chips = f'<span class="quiet">({links.to_all(tracks)})</span>' if tracks else ""
    return f"{quantity(reason.because_text)} {chips}".strip()


def _confidence(reason: Reason) -> str:
    if reason.confidence is None:
        return ""
    share = reason.confidence.share
    bar = f'<span class="meter" aria-hidden="true"><i style="width:{100.0 * share:.0f}%"></i></span>'
    return f"{bar}{share:.0%}: {quantity(reason.confidence.sentence)}"
