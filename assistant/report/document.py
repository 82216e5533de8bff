"""The report: one HTML page that needs nothing but itself, readable on a screen, on paper, and without scripts."""

from __future__ import annotations

from assistant.insight.values import Insight
from assistant.mix import Session
from assistant.report.between import influence_html, masking_html
from assistant.report.cards import card_html, jump_html
from assistant.report.figures import calibration_figure
from assistant.report.finished import Finished
from assistant.report.markup import Links, chart, text
from assistant.report.overview import (
    finished_html,
    observations_html,
    plain_reasons_html,
    settings_html,
    summary_html,
)
from assistant.report.plotting import plain_name
from assistant.report.ranking import concerns
from assistant.report.script import POLICY, script_html, style_html

Part = tuple[str, str, str]
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
        ("masking", "Who covers whom", masking_html(insight, links)),
        ("influence", "Who moves whom", influence_html(insight, links)),
        ("sure", "How sure this is", _calibration(insight)),
        ("cards", "Track by track", _cards(insight, links)),
    ]
    return [part for part in parts if part[2]]


def _calibration(insight: Insight) -> str:
    if not insight.calibrations:
        return ""
    names = {c.source: [d.name for d in insight.calibrations if d.source == c.source] for c in insight.calibrations}
    sources = "".join(f"<li>{text(', '.join(found))}: {text(source)}</li>" for source, found in names.items())
    graph = chart(
        calibration_figure(insight.calibrations),
        "Calibration",
        "How often changes were right over how often they were said to be",
        "on the dashed line the figures keep their word; larger dots stand for more changes",
    )
    return (
        "<p>Each reason says how sure it is. On music that was kept back from learning, it was counted how often that "
        f'came true:</p><div class="pair">{graph}<ul>{sources}</ul></div>'
    )


def _cards(insight: Insight, links: Links) -> str:
    ranked = concerns(insight)
    cards = "".join(card_html(concern.card, insight, links) for concern in ranked)
    return (
        "<p>Worst first: tracks with problems, tracks the others cover, changes that were held back, roles that are a "
        f"guess.</p>{jump_html(ranked, links)}{cards}"
    )
