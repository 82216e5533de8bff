"""The arrangement as stretches of audio in time: nested lanes and clips flattened, loops unrolled, beats turned into
seconds.

Every timeline of the format counts in beats or seconds from a zero of its own; an :class:`Axis` says when its moments
are. Stretched audio cannot be had sample by sample; it is counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree.ElementTree import Element

from protocols.dawproject.package import refused
from protocols.dawproject.tempo import Tempo
from protocols.dawproject.units import attribute, is_true

MOST_PIECES = 200_000
DEEPEST = 50
#: What may be off and still counts as the file's own speed: some DAWs write 32 bit floats.
LARGEST_DRIFT_S, LARGEST_DRIFT = 1e-3, 2e-5
_SHORTEST_S = 1e-6
_TIMELINES = frozenset({"Lanes", "Clips", "Notes", "Audio", "Warps", "Points", "Video"})


@dataclass(frozen=True)
class Axis:
    """A timeline's count, in "beats" or "seconds": ``at`` says when on the session's time line, in seconds."""

    unit: str
    at: Callable[[float], float]

    def shifted(self, by: float) -> Axis:
        """The axis whose zero is here at ``by``."""
        return Axis(self.unit, lambda time: self.at(time + by))


@dataclass(frozen=True)
class Ramp:
    """A fade between two moments of the session's time line, in seconds."""

    begin_s: float
    end_s: float
    is_rising: bool


@dataclass(frozen=True)
class Piece:
    """A stretch of an audio file: heard from ``begin_s`` to ``end_s``, its first sample would lie at ``origin_s``."""

    name: str
    audio: Element
    begin_s: float
    end_s: float
    origin_s: float
    ramps: tuple[Ramp, ...]
    is_muted: bool


@dataclass
class Content:
    """What a track's lanes hold."""

    pieces: list[Piece] = field(default_factory=list)
    num_stretched: int = 0
    has_notes: bool = False
    has_envelopes: bool = False


@dataclass(frozen=True)
class _Scope:
    """Where a timeline lies: whose it is, when it is heard, and what its clips do to it."""

    track: str = ""
    name: str = ""
    begin_s: float = 0.0
    end_s: float = math.inf
    ramps: tuple[Ramp, ...] = ()
    is_muted: bool = False
    depth: int = 0


def contents_of(root: Element, tempo: Tempo, path: Path) -> dict[str, Content]:
    """What the lanes of every track hold, by the track's id.

    Raises :class:`~protocols.stems.SessionError` about ``path`` for timelines that contain themselves, and for more
    pieces than any arrangement has.
    """
    arrangement = root.find("Arrangement")
    if arrangement is None:
        return {}
    walk = _Walk(tempo, path, {e.get("id", ""): e for e in arrangement.iter() if e.tag in _TIMELINES})
    for lanes in arrangement.findall("Lanes"):
        walk.timeline(lanes, Axis("beats", tempo.seconds), _Scope())
    return walk.contents


@dataclass
class _Walk:
    tempo: Tempo
    path: Path
    by_id: dict[str, Element]
    contents: dict[str, Content] = field(default_factory=dict)
    num_steps: int = 0

    def timeline(self, element: Element, axis: Axis, scope: _Scope) -> None:
        """Take in ``element``, whose zero is that of ``axis``."""
        self._count(scope)
        axis = self._counted_in(element.get("timeUnit"), axis)
        scope = replace(scope, track=element.get("track", scope.track), depth=scope.depth + 1)
        content = self.contents.setdefault(scope.track, Content())
        if element.tag == "Lanes":
            for child in element:
                if child.tag in _TIMELINES:
                    self.timeline(child, axis, scope)
        elif element.tag == "Clips":
            for clip in element.findall("Clip"):
                self._clip(clip, axis, scope)
        elif element.tag == "Audio":
            self._audio(element, axis.at(0.0), scope)
        elif element.tag == "Warps":
            self._warps(element, axis, scope)
        elif element.tag == "Notes":
            content.has_notes |= element.find("Note") is not None
        elif element.tag == "Points":
            content.has_envelopes = True

    def _clip(self, clip: Element, axis: Axis, scope: _Scope) -> None:
        reference = clip.get("reference")
        held = [child for child in clip if child.tag in _TIMELINES]
        inner = self.by_id.get(reference) if reference else held[0] if held else None
        time = attribute(clip, "time")
        if inner is None or time is None:
            return
        start = axis.shifted(time)
        content = self._counted_in(clip.get("contentTimeUnit"), start)
        content = content.shifted(-(attribute(clip, "playStart") or 0.0))
        scope = self._clipped(clip, start, content, scope)
        for round_axis, begin_s, end_s in self._rounds(clip, content, scope):
            self._count(scope)
            if end_s - begin_s > _SHORTEST_S:
                self.timeline(inner, round_axis, replace(scope, begin_s=begin_s, end_s=end_s))

    def _clipped(self, clip: Element, start: Axis, content: Axis, scope: _Scope) -> _Scope:
        """``scope`` within ``clip``: what is left of its time, with the clip's fades and name."""
        begin_s, end_s = start.at(0.0), math.inf
        duration, play_stop = attribute(clip, "duration"), attribute(clip, "playStop")
        if duration is not None:
            end_s = start.at(duration)
        elif play_stop is not None:
            end_s = content.at(play_stop)
        fade_in, fade_out = attribute(clip, "fadeInTime") or 0.0, attribute(clip, "fadeOutTime") or 0.0
        unit = clip.get("fadeTimeUnit", start.unit)
        ramps = []
        if fade_in:
            edge_s = self._moved(begin_s, fade_in, unit)
            ramps.append(Ramp(min(begin_s, edge_s), max(begin_s, edge_s), True))
            begin_s = min(begin_s, edge_s)  # a negative fade begins before the clip, for a cross-fade
        if fade_out > 0.0 and math.isfinite(end_s):
            ramps.append(Ramp(self._moved(end_s, -fade_out, unit), end_s, False))
        return replace(
            scope,
            name=scope.name or clip.get("name", ""),
            begin_s=max(scope.begin_s, begin_s),
            end_s=min(scope.end_s, end_s),
            ramps=(*scope.ramps, *ramps),
            is_muted=scope.is_muted or not is_true(clip.get("enable"), True),
        )

    def _rounds(self, clip: Element, content: Axis, scope: _Scope) -> Iterator[tuple[Axis, float, float]]:
        """The content's axis in each round of the clip's loop, and from when to when the round is heard."""
        loop_start, loop_end = attribute(clip, "loopStart"), attribute(clip, "loopEnd")
        play_start = attribute(clip, "playStart") or 0.0
        length = (loop_end or 0.0) - (loop_start or 0.0)
        has_loop = loop_start is not None and loop_end is not None and length > 0.0 and play_start < loop_end
        if not has_loop or not math.isfinite(scope.end_s):
            yield content, scope.begin_s, scope.end_s
            return
        turn = loop_end or 0.0  # where on the content's axis, played straight on, the next round begins
        yield content, scope.begin_s, min(scope.end_s, content.at(turn))
        while content.at(turn) < scope.end_s - _SHORTEST_S:
            begin_s, end_s = content.at(turn), content.at(turn + length)
            yield content.shifted(turn - (loop_start or 0.0)), max(scope.begin_s, begin_s), min(scope.end_s, end_s)
            turn += length

    def _audio(self, audio: Element, origin_s: float, scope: _Scope) -> None:
        begin_s = max(scope.begin_s, origin_s)
        if begin_s < scope.end_s:
            piece = Piece(scope.name, audio, begin_s, scope.end_s, origin_s, scope.ramps, scope.is_muted)
            self.contents[scope.track].pieces.append(piece)

    def _warps(self, warps: Element, axis: Axis, scope: _Scope) -> None:
        audio = warps.find("Audio")
        origins_s = [
            axis.at(outer) - inner
            for outer, inner in ((attribute(w, "time"), attribute(w, "contentTime")) for w in warps.findall("Warp"))
            if outer is not None and inner is not None
        ]
        inner_times = [attribute(w, "contentTime") or 0.0 for w in warps.findall("Warp")]
        content = self.contents[scope.track]
        if audio is None or warps.get("contentTimeUnit") != "seconds" or not origins_s:
            is_sound = audio is not None or any(child.tag in ("Clips", "Lanes") for child in warps)
            content.num_stretched += is_sound and not scope.is_muted
            content.has_notes |= any(note.tag == "Note" for note in warps.iter())
            return
        drift_s = max(origins_s) - min(origins_s)
        if drift_s > LARGEST_DRIFT_S + LARGEST_DRIFT * (max(inner_times) - min(inner_times)):
            content.num_stretched += not scope.is_muted
        else:
            self._audio(audio, origins_s[0], scope)

    def _counted_in(self, unit: str | None, axis: Axis) -> Axis:
        """``axis`` with the same zero, counted in ``unit``; None is its own."""
        if unit is None or unit == axis.unit or unit not in ("beats", "seconds"):
            return axis
        zero_s = axis.at(0.0)
        if unit == "seconds":
            return Axis(unit, lambda time: zero_s + time)
        zero = self.tempo.beats(zero_s)
        return Axis(unit, lambda time: self.tempo.seconds(zero + time))

    def _moved(self, moment_s: float, by: float, unit: str) -> float:
        if unit == "seconds":
            return moment_s + by
        return self.tempo.seconds(self.tempo.beats(moment_s) + by)

    def _count(self, scope: _Scope) -> None:
        self.num_steps += 1
        if scope.depth > DEEPEST:
            raise refused(self.path, "a clip in it contains itself")
        if self.num_steps > MOST_PIECES:
            raise refused(self.path, f"its loops make more than {MOST_PIECES:,} pieces; was it made to harm?")
