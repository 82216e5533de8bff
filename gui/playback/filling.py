"""Which tile the deck needs next.

A tile of the version that is listened to is wanted when its turn comes; one of another version, for the switch to it,
counts as a little later. Whatever lies on the deck in the state that the mix is in is not asked for again.

Contents: :class:`Ask`, :func:`next_ask`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gui.playback.deck import Deck, Status

#: How far ahead is filled while it plays, and while it does not.
AHEAD_S, AHEAD_PAUSED_S = 20.0, 4.0
#: By how much later the other versions count.
OTHERS_LATER_S = 3.0


@dataclass(frozen=True)
class Ask:
    """A tile to be rendered: number ``number`` of ``version`` in the state ``revision``, samples from ``start`` on."""

    version: str
    number: int
    revision: int
    start: int
    length: int


def next_ask(deck: Deck, revisions: Mapping[str, int]) -> Ask | None:
    """What is most urgent of the versions in ``revisions``, each in the state that is named; None when all is there."""
    status = deck.status
    ahead_s = AHEAD_PAUSED_S if status.state == "paused" else AHEAD_S
    wanted = [
        (later_s + (0.0 if version == status.version else OTHERS_LATER_S), number, version)
        for number, later_s in turns(deck, status, ahead_s)
        for version in revisions
    ]
    for _, number, version in sorted(wanted, key=lambda row: row[0]):
        if deck.revision(version, number) != revisions[version]:
            start = number * deck.tile_samples
            return Ask(version, number, revisions[version], start, deck.tile_samples + deck.overlap)
    return None


def turns(deck: Deck, status: Status, ahead_s: float) -> Iterator[tuple[int, float]]:
    """The tiles that are played within ``ahead_s``, and in how many seconds each begins; a loop is gone round once."""
    tile, position, later, seen = deck.tile_samples, status.position, 0, set[int]()
    first, end = (0, deck.length) if status.loop is None else status.loop
    is_looped = status.loop is not None and position < end
    end = end if is_looped else deck.length
    while later <= ahead_s * deck.sample_rate and position < end:
        number = position // tile
        if number not in seen:
            seen.add(number)
            yield number, later / deck.sample_rate
        stop = min((number + 1) * tile, end)
        later += stop - position
        position = first if stop == end and is_looped and first // tile not in seen else stop
