"""The report: one HTML page that needs nothing but itself, readable on a screen, on paper, and without scripts."""

from __future__ import annotations

from assistant.insight.values import Insight
from assistant.mix import Session
from assistant.report.cards import card_html, jump_html
from assistant.report.figures import calibration_figure
from assistant.report.finished import Finished
from assistant.report.markup import Links, chart, text
from assistant.report.overview import (
    covers_html,
    finished_html,
    observations_html,
    plain_reasons_html,
    settings_html,
    summary_html,
)
from assistant.report.plotting import family, plain_name
from assistant.report.ranking import by_family, concerns, most_covered
from assistant.report.relations import (
    MOST_EDGES,
    influence_figure,
    masking_figure,
    masking_over_time_figure,
    most_covered_db,
    strongest_edges,
)
from assistant.report.script import POLICY, script_html, style_html

Part = tuple[str, str, str]
_MOST_INFLUENCES = 10
_NO_SCRIPT = (
    "<noscript><p>Charts need scripts, which are switched off. All else is here: figures, settings and reasons.</p>"
    "</noscript>"
)


def report_page(session: Session, finished: Finished, insight: Insight | None) -> str:
    """The page about the mix ``finished`` of ``session``, as HTML text; without ``insight``, only what is known."""
    title = plain_name((session.source.resolve().name if session.source is not None else "") or "Mix", 200)
    links = Links(card.name for card in insight.cards) if insight is not None else Links(())
    parts = _parts(finished, insight, links)
    jumps = "".join(f'<a href="#{anchor}">{heading}</a>' for anchor, heading, _ in parts)
    body = "".join(f'<section id="{anchor}"><h2>{heading}</h2>{inside}</section>' for anchor, heading, inside in parts)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}: mix report</title>{style_html()}</head><body>"
        f"<header><h1>{text(title)}</h1>{summary_html(session, finished, insight, links)}</header>{_NO_SCRIPT}"
        f'<nav class="sections" aria-label="Sections">{jumps}</nav><main>{body}</main>{script_html()}</body></html>\n'
    )


def _parts(finished: Finished, insight: Insight | None, links: Links) -> list[Part]:
    """Sections of the page in order: anchor, heading, inside."""
    mix = ("mix", "The finished mix", finished_html(finished, insight))
    tracks = ("tracks", "All tracks", settings_html(finished.mix, links))
    if insight is None:
        has_reasons = any(channel.reasons for channel in finished.mix.channels)
        return [mix, tracks, *([("why", "Why", plain_reasons_html(finished.mix))] if has_reasons else [])]
    parts = [
        mix,
        ("first", "What to look at first", observations_html(insight.observations, links)),
        tracks,
        ("masking", "Who covers whom", _masking(insight, links)),
        ("influence", "Who moves whom", _influence(insight, links)),
        ("sure", "How sure this is", _calibration(insight)),
        ("cards", "Track by track", _cards(insight, links)),
    ]
    return [part for part in parts if part[2]]


def _masking(insight: Insight, links: Links) -> str:
    before, after = insight.verification.before, insight.verification.after
    if not after.masking.names:
        return ""
    families, covered = by_family(after.mix), most_covered(after.masking)
    most_db = most_covered_db(before.masking, after.masking)
    maskings = (("before", before.masking), ("after", after.masking))
    matrices = [
        chart(
            masking_figure(masking, families, most_db),
            f"Covered by each other track, {when}",
            f"Matrix of how many dB of each track every other track covers, {when}",
            "the track in the row is covered by the track in the column",
        )
        for when, masking in maskings
    ]
    times = [
        chart(
            masking_over_time_figure(masking, covered, most_db),
            f"Covered by all others over time, {when}",
            f"How many dB of each track all others together cover over time, {when}",
            "most covered track first; empty where a track is silent",
        )
        for when, masking in maskings
    ]
    spans = ", ".join(span.text for span in insight.verification.spans)
    return (
        "<p>Where other tracks sound louder in the same range at the same time, the ear loses a track. 3 dB covered is "
        f"half of it, 10 dB nine tenths. Measured before the master at {spans}.</p>"
        f'{covers_html(insight, links)}<div class="charts">{"".join(matrices + times)}</div>'
    )


def _influence(insight: Insight, links: Links) -> str:
    influence = insight.influence
    if influence is None or not (edges := strongest_edges(influence)):
        return ""
    families = {channel.name: family(channel) for channel in insight.verification.after.mix.channels}
    items = "".join(
        f"<li>{links.to(e.source)} moves {links.to(e.target)} by {e.strength:.1f}</li>"
        for e in edges[:_MOST_INFLUENCES]
    )
    graph = chart(
        influence_figure(influence, families),
        "Influence between tracks",
        f"Graph of the {len(edges)} strongest influences between tracks; the strongest are listed beside it",
        f"the {MOST_EDGES} strongest at most; an arrow leads to the track whose settings are moved",
    )
    return (
        "<p>The settings of a track depend on what else plays. Each figure is how far a track's settings move when the "
        f'other is taken away, in dB or what is heard like one.</p><div class="pair">{graph}<div><h3>Strongest</h3>'
        f"<ol>{items}</ol></div></div>"
    )


def _calibration(insight: Insight) -> str:
    if not insight.calibrations:
        return ""
    sources = "; ".join(dict.fromkeys(text(f"{c.name}: {c.source}") for c in insight.calibrations))
    graph = chart(
        calibration_figure(insight.calibrations),
        "Said, and so it was",
        "How often changes were right over how often they were said to be",
        "on the dashed line the figures keep their word; larger dots stand for more changes",
    )
    return (
        "<p>Each reason says how sure it is. On songs that were kept back from learning, it was counted how often that "
        f'came true. {sources}.</p><div class="pair">{graph}</div>'
    )


def _cards(insight: Insight, links: Links) -> str:
    ranked = concerns(insight)
    cards = "".join(card_html(concern.card, insight, links) for concern in ranked)
    return (
        "<p>Worst first: tracks with problems, tracks the others cover, changes that were held back, roles that are a "
        f"guess.</p>{jump_html(ranked, links)}{cards}"
    )
