"""Takes of REAPER projects as clips.

A take's source begins ``SOFFS`` seconds late, and begins again where it ends if the item loops. Begin and end of an
item are rounded to the nearest sample (how REAPER rounds is not documented); its fades and envelopes run from its
rounded begin. An item before the session's begin, which REAPER itself does not make, is cut there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

from protocols.arrangement import Clip, GainCurve, SourceChannel
from protocols.reaper.project_fades import Envelope, fades_along, read_envelope
from protocols.reaper.project_findings import TrackFindings
from protocols.reaper.project_items import Take

#: More are no loop that anybody made.
MOST_REPEATS = 10_000


def clips_of(take: Take, late_s: float, rate: int, findings: TrackFindings) -> Iterator[Clip]:
    """The clips that ``take`` is at ``rate`` Hz: one, or one for each time that its source begins again.

    They play ``late_s`` seconds later than the item lies.
    """
    begin = _samples(take.start_s + late_s, rate)
    length = _samples(take.end_s + late_s, rate) - begin
    holes = [tuple(_samples(second + late_s, rate) - begin for second in hole) for hole in take.holes]
    envelope = None if take.envelope is None else read_envelope(take.envelope, rate)
    period_s, source_begin = take.source.length_s, _samples(take.source.begin_s, rate)
    if take.loops and take.length_s > MOST_REPEATS * period_s:
        findings.obstacle("looped")
        return
    for repeat in _repeats(take):
        late = _samples(repeat * period_s - take.offset_s, rate)
        end = _samples((repeat + 1) * period_s - take.offset_s, rate)
        for lead, stop in _outside(max(0, late, -begin), min(length, end), holes):
            clip = Clip(
                name=take.name,
                channels=(),
                position=begin + lead,
                length=stop - lead,
                offset=source_begin + lead - late,
                curves=_curves(take, envelope, length, rate, lead),
                file_rate=take.source.media.info.sample_rate,
            )
            for channels, share in take.channels:
                sources = tuple(SourceChannel(take.source.media.file, channel) for channel in channels)
                yield replace(clip, channels=sources, gain=take.gain * share)


def _repeats(take: Take) -> range:
    """Which times of its source a take plays, the first as recorded being 0."""
    period_s = take.source.length_s
    if not take.loops or period_s <= 0.0:
        return range(1)
    return range(math.floor(take.offset_s / period_s), math.ceil((take.offset_s + take.length_s) / period_s))


def _curves(take: Take, envelope: Envelope | None, length: int, rate: int, lead: int) -> tuple[GainCurve, ...]:
    fades = fades_along(take.fade_in, take.fade_out, length, rate, lead)
    return fades if envelope is None else (*fades, replace(envelope, lead=lead))


def _outside(start: int, stop: int, holes: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """The stretches between ``start`` and ``stop`` that are in none of ``holes``."""
    for begin, end in sorted(holes):
        if start < min(begin, stop):
            yield start, min(begin, stop)
        start = max(start, end)
    if start < stop:
        yield start, stop


def _samples(seconds: float, rate: int) -> int:
    return math.floor(seconds * rate + 0.5)
