"""Items that lie within others on a track: whether both play, or the inner one in the place of the outer.

A project says it in ``ITEMMIX``: 0, the default before REAPER 7, inner items replace outer ones; 1, all play; 2, later
items replace earlier ones (names of the settings as Ultraschall's documentation of the API has them). How REAPER joins
both at the ends of the inner item is not documented: the outer one is cut there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from protocols.reaper.project_findings import TrackFindings
from protocols.reaper.project_items import Take
from protocols.reaper.project_text import Block, whole_number
from protocols.stems import SessionError

ALL_PLAY = 1
_LATER_REPLACE = 2
#: Comparisons of items that lie over each other on one track.
MOST_COMPARED = 1_000_000


def with_holes(takes: Sequence[Take], project: Block, track: Block, findings: TrackFindings) -> list[Take]:
    """``takes`` of ``track``, without what others replace as the project's mixing of items says.

    Where items are placed freely or in lanes, all are taken to play. Raises :class:`SessionError` for more overlaps
    than any project has.
    """
    mixing = whole_number(project.line("ITEMMIX"), 0, ALL_PLAY)
    if mixing == ALL_PLAY or whole_number(track.line("FREEMODE"), 0):
        return list(takes)
    holes: dict[int, list[tuple[float, float]]] = {}
    for outer, inner in _over_each_other(takes, findings.name):
        if inner.end_s <= takes[outer].end_s and _span(inner) != _span(takes[outer]):
            holes.setdefault(outer, []).append(_span(inner))
        elif mixing == _LATER_REPLACE:
            findings.note("later items replace earlier ones in this project; where they overlap both play here")
    if holes:
        findings.note("items within others replace them, cut without the crossfade that REAPER may make")
    return [replace(take, holes=tuple(holes.get(place, ()))) for place, take in enumerate(takes)]


def _over_each_other(takes: Sequence[Take], name: str) -> Iterator[tuple[int, Take]]:
    """The place of each take, and each that begins with or behind it while it lasts."""
    order = sorted(range(len(takes)), key=lambda place: (takes[place].start_s, -takes[place].length_s))
    going_on: list[int] = []
    compared = 0
    for place in order:
        take = takes[place]
        going_on = [outer for outer in going_on if takes[outer].end_s > take.start_s]
        compared += len(going_on)
        if compared > MOST_COMPARED:
            raise SessionError(f"{name}: more items over each other than any project has; a damaged file?")
        yield from ((outer, take) for outer in going_on)
        going_on.append(place)


def _span(take: Take) -> tuple[float, float]:
    return take.start_s, take.end_s
