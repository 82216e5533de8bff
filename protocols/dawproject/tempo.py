"""Beats and seconds of an arrangement: its tempo, which may change in steps and in ramps."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from protocols.dawproject.units import BPM, attribute, value_of

SLOWEST, FASTEST = 1.0, 1_000.0
_DEFAULT_BPM = 120.0


@dataclass(frozen=True)
class _Stretch:
    """From ``beat``, at ``second``, on: tempo ``bpm`` (beats a minute), changing by ``slope`` a beat or a second."""

    beat: float
    second: float
    bpm: float
    slope: float = 0.0
    by_seconds: bool = False

    def seconds(self, beat: float) -> float:
        past = beat - self.beat
        if self.slope == 0.0:
            return self.second + past * 60.0 / self.bpm
        if self.by_seconds:  # past = (bpm t + slope t^2 / 2) / 60
            return self.second + (math.sqrt(self.bpm**2 + 120.0 * self.slope * past) - self.bpm) / self.slope
        return self.second + 60.0 / self.slope * math.log1p(self.slope * past / self.bpm)

    def beats(self, second: float) -> float:
        past = second - self.second
        if self.slope == 0.0:
            return self.beat + past * self.bpm / 60.0
        if self.by_seconds:
            return self.beat + (self.bpm * past + self.slope * past**2 / 2.0) / 60.0
        return self.beat + self.bpm / self.slope * math.expm1(self.slope * past / 60.0)


@dataclass(frozen=True)
class Tempo:
    """Where beats fall in time; ``is_stated`` unless the project says nothing of it."""

    stretches: tuple[_Stretch, ...]
    is_stated: bool = True

    @property
    def constant_bpm(self) -> float | None:
        """The tempo where it never changes."""
        return None if len({s.bpm for s in self.stretches}) > 1 else self.stretches[0].bpm

    def seconds(self, beat: float) -> float:
        """When ``beat`` is, in seconds."""
        index = bisect_right(self.stretches, beat, key=lambda s: s.beat) - 1
        return self.stretches[max(index, 0)].seconds(beat)

    def beats(self, second: float) -> float:
        """Which beat it is at ``second``."""
        index = bisect_right(self.stretches, second, key=lambda s: s.second) - 1
        return self.stretches[max(index, 0)].beats(second)


def tempo_of(root: Element) -> Tempo:
    """The tempo of the project ``root``: its automation where there is one, else the transport's, else 120."""
    stated = value_of(root.find("Transport/Tempo"), BPM)
    bpm = min(max(stated or _DEFAULT_BPM, SLOWEST), FASTEST)
    automation = root.find("Arrangement/TempoAutomation")
    points = [] if automation is None else _points(automation)
    if not points:
        return Tempo((_Stretch(0.0, 0.0, bpm),), is_stated=stated is not None)
    by_seconds = automation is not None and automation.get("timeUnit", _unit(root)) == "seconds"
    # What is played before the first point has its tempo.
    stretches = [_Stretch(0.0, 0.0, points[0][1])]
    for index, (time, point_bpm, is_ramp) in enumerate(points):
        before = stretches[-1]
        beat, second = (before.beats(time), time) if by_seconds else (time, before.seconds(time))
        slope = 0.0
        if is_ramp and index + 1 < len(points):
            slope = (points[index + 1][1] - point_bpm) / (points[index + 1][0] - time)
        stretches.append(_Stretch(beat, second, point_bpm, slope, by_seconds))
    return Tempo(tuple(stretches))


def _unit(root: Element) -> str:
    lanes = root.find("Arrangement/Lanes")
    return "beats" if lanes is None else lanes.get("timeUnit", "beats")


def _points(automation: Element) -> list[tuple[float, float, bool]]:
    """(time, tempo, whether a ramp leads to the next), in order, each at a time of its own from 0 on."""
    found: dict[float, tuple[float, float, bool]] = {}
    for point in automation.iter("RealPoint"):
        time, bpm = attribute(point, "time"), attribute(point, "value")
        if time is not None and bpm is not None and time >= 0.0:
            is_ramp = point.get("interpolation") == "linear"
            time = round(time, 6)
            found[time] = (time, min(max(bpm, SLOWEST), FASTEST), is_ramp)
    return [found[time] for time in sorted(found)]
