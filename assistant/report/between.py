"""What tracks do to each other, as sections of the page: who covers whom, and who moves whose settings.

Contents: :func:`masking_html`, :func:`influence_html`.
"""

from __future__ import annotations

from assistant.insight.moves import instead_text, lowered
from assistant.insight.values import Influence, Insight
from assistant.params import BY_NAME
from assistant.report.markup import Links, chart, figure_text, quantity
from assistant.report.plotting import family
from assistant.report.ranking import by_family, most_covered, worst_covers
from assistant.report.relations import (
    MOST_EDGES,
    Edge,
    influence_figure,
    masking_figure,
    masking_over_time_figure,
    most_covered_db,
    most_over_time_db,
    strongest_driver,
    strongest_edges,
)
from assistant.report.words import value_text
from assistant.wording import frequency_text, time_text

_MOST_COVERS = 8
_MOST_INFLUENCES = 10
#: A narrower chart of many tracks cannot be read.
_LEAST_PX = 460


def masking_html(insight: Insight, links: Links) -> str:
    """Which pairs cover each other most, the whole matrix, and all of it over time; before and after."""
    before, after = insight.verification.before, insight.verification.after
    if not after.masking.names:
        return ""
    families, covered = by_family(after.mix), most_covered(after.masking)
    most_db = most_covered_db(before.masking, after.masking)
    most_ever_db = most_over_time_db(before.masking, after.masking)
    maskings = (("before", before.masking), ("after", after.masking))
    matrices = [
        chart(
            masking_figure(masking, families, most_db),
            f"Covered by each other track, {when}",
            f"Matrix of how many dB of each track every other track covers, {when}",
            "the track in the row is covered by the track in the column",
            _LEAST_PX,
        )
        for when, masking in maskings
    ]
    times = [
        chart(
            masking_over_time_figure(masking, covered, most_ever_db),
            f"Covered by all others over time, {when}",
            f"How many dB of each track all others together cover over time, {when}",
            "most covered track first; empty where a track is silent",
            _LEAST_PX,
        )
        for when, masking in maskings
    ]
    spans = ", ".join(quantity(span.text) for span in insight.verification.spans)
    return (
        "<p>Where other tracks sound louder in the same range at the same time, the ear loses a track. 3 dB covered is "
        f"half of it, 10 dB nine tenths. Measured before the master at {spans}.</p>"
        f'{_covers(insight, links)}<div class="charts">{"".join(matrices + times)}</div>'
    )


def _covers(insight: Insight, links: Links) -> str:
    """A table of the pairs of which one covers the other most."""
    covers = worst_covers(insight.verification.before.masking, insight.verification.after.masking, _MOST_COVERS)
    if not covers:
        return ""
    heads = ("Track", "covered by", "before dB", "after dB", "most around", "at")
    head = "".join(f'<th scope="col"{" class=number" if "dB" in h else ""}>{h}</th>' for h in heads)
    rows = "".join(
        f'<tr><th scope="row">{links.to(c.track)}</th><td>{links.to(c.other)}</td>'
        f'<td class="number was">{figure_text(c.before_db)}</td><td class="number">{figure_text(c.after_db)}</td>'
        f"<td>{frequency_text(c.band_hz) if c.band_hz is not None else ''}</td>"
        f"<td>{time_text(c.time_s) if c.time_s is not None else ''}</td></tr>"
        for c in covers
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def influence_html(insight: Insight, links: Links) -> str:
    """The strongest influences as a graph and a list; empty where there are none."""
    influence = insight.influence
    if influence is None or not (edges := strongest_edges(influence)):
        return ""
    families = {channel.name: family(channel) for channel in insight.verification.after.mix.channels}
    items = "".join(_influence_item(influence, edge, links) for edge in edges[:_MOST_INFLUENCES])
    graph = chart(
        influence_figure(influence, families),
        "Influence between tracks",
        f"Graph of the {len(edges)} strongest influences between tracks; the strongest are listed beside it",
        f"the {MOST_EDGES} strongest at most; an arrow leads to the track whose settings are moved",
        _LEAST_PX,
    )
    return (
        "<p>The settings of a track depend on what else plays. Each figure is how far a track's settings move when the "
        f'other is taken away, in dB or what is heard like one.</p><div class="pair">{graph}<div><h3>Strongest</h3>'
        f"<ol>{items}</ol></div></div>"
    )


def _influence_item(influence: Influence, edge: Edge, links: Links) -> str:
    """Who moves whom, by how much, and which parameter most."""
    found = strongest_driver(influence, edge)
    most = ""
    if found is not None:
        param, driver = found
        new, old = (value_text(BY_NAME[param], v) for v in (driver.value + driver.moved, driver.value))
        words = f"most: {lowered(BY_NAME[param].label)} {instead_text(new, old)}"
        most = f' <span class="quiet">({quantity(words)})</span>'
    return f"<li>{links.to(edge.source)} moves {links.to(edge.target)} by {edge.strength:.1f}{most}</li>"
