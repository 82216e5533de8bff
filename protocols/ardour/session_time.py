"""Ardour's times: audio time in superclock ticks, musical time in ticks of a quarter, and the tempo map between them.

In session files a position is ``a`` and superclocks, or ``b`` and ticks (1,920 to the quarter); a length is such a
distance, ``@`` and the position that it counts from. Before Ardour 7 all were plain samples. Arithmetic as in Ardour
7.3 (libs/temporal: ``TempoPoint::superclock_at``, ``timecnt_t``).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

SUPERCLOCKS = 282_240_000
TICKS = 1_920
#: About 500 years; what lies beyond is no time that anybody set.
_LARGEST = 1 << 62
_TIME = re.compile(r"(?P<kind>[ab]?)(?P<value>-?\d{1,19})(?:\.\d*)?")


@dataclass(frozen=True)
class TempoPoint:
    """From ``ticks`` on, at ``superclock``, a quarter lasts ``per_quarter`` superclocks; ``omega`` bends a ramp."""

    ticks: int
    superclock: int
    per_quarter: int
    omega: float = 0.0

    def superclock_at(self, ticks: int) -> int:
        """When ``ticks`` is, which is not before this point."""
        since = ticks - self.ticks
        if self.omega == 0.0:
            quarters, rest = divmod(since, TICKS)
            return self.superclock + self.per_quarter * quarters + (self.per_quarter * rest + TICKS // 2) // TICKS
        bent = self.per_quarter * self.omega * since / TICKS
        return self.superclock + round(math.log1p(bent) / self.omega)


@dataclass(frozen=True)
class Times:
    """Reads the times of a session at ``sample_rate`` Hz; ``tempos`` in order, the first at 0."""

    sample_rate: int
    tempos: tuple[TempoPoint, ...]
    per_second: int = SUPERCLOCKS

    def position(self, text: str) -> int:
        """The superclock of a position; ``ValueError`` for what is none."""
        kind, value = _split(text)
        return self._superclock(kind, value)

    def length(self, text: str) -> tuple[int, int]:
        """The superclocks of a length and of the position it counts from; ``ValueError`` for what is none."""
        distance, _, origin = text.partition("@")
        kind, value = _split(distance)
        begin = self.position(origin) if origin else 0
        if kind != "b":
            return self._superclock(kind, value), begin
        is_musical = origin.startswith("b")
        ticks = _split(origin)[1] if is_musical else self._ticks_at(begin)
        return self._superclock("b", ticks + value) - begin, begin

    def samples(self, superclock: int) -> int:
        """The sample that a superclock falls on."""
        return superclock * self.sample_rate // self.per_second

    def superclocks(self, samples: int) -> int:
        """The superclock of a sample."""
        return (2 * samples * self.per_second + self.sample_rate) // (2 * self.sample_rate)

    @property
    def tempo(self) -> float:
        """Quarters a minute at the beginning."""
        return 60.0 * self.per_second / self.tempos[0].per_quarter

    def _superclock(self, kind: str, value: int) -> int:
        if kind == "b":
            return self.tempos[max(bisect_right([t.ticks for t in self.tempos], value) - 1, 0)].superclock_at(value)
        return value if kind == "a" else self.superclocks(value)

    def _ticks_at(self, superclock: int) -> int:
        """The musical time of a superclock, to the tick."""
        low, high = 0, 1
        while self._superclock("b", high) <= superclock:
            high *= 2
            if high > _LARGEST:
                raise ValueError("a time beyond the tempo map")
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._superclock("b", middle) <= superclock else (low, middle)
        is_nearer = self._superclock("b", high) - superclock < superclock - self._superclock("b", low)
        return high if is_nearer else low


def read_times(session: Element, sample_rate: int) -> Times:
    """The times of a ``<Session>``; ``ValueError`` for a tempo map that cannot be understood."""
    found = session.find("TempoMap")
    if found is None:
        return Times(sample_rate, (_default_tempo(SUPERCLOCKS),))
    per_second = int(found.get("superclocks-per-second", SUPERCLOCKS))
    if not 1_000_000 <= per_second <= 1 << 40:
        raise ValueError(f"superclocks-per-second={per_second}")
    points = sorted(_points(found, per_second), key=lambda point: point.ticks)
    if not points or points[0].ticks > 0:
        points.insert(0, _default_tempo(per_second))
    return Times(sample_rate, tuple(points), per_second)


def _points(tempo_map: Element, per_second: int) -> Iterator[TempoPoint]:
    for tempo in tempo_map.iterfind("Tempos/Tempo"):
        yield _point(tempo, tempo, per_second)
    for place in tempo_map.iterfind("MusicTimes/MusicTime"):
        inside = place.find("Tempo")
        if inside is not None:
            yield _point(place, inside, per_second)
    # Ardour 6 keeps every time in samples beside its musical one, so that only the first tempo is of use.
    for old in tempo_map.iterfind("Tempo"):
        yield TempoPoint(0, 0, _per_note(float(old.get("beats-per-minute", "120")), per_second))
        return


def _point(place: Element, tempo: Element, per_second: int) -> TempoPoint:
    quarters, _, ticks = place.get("quarters", "0:0").partition(":")
    speed = float(tempo.get("npm", "120"))
    end_speed = float(tempo.get("enpm", speed))
    note = int(tempo.get("note-type", "4"))
    is_ramp = _per_note(speed, per_second) != _per_note(end_speed, per_second)
    omega = float(tempo.get("omega", "0")) if is_ramp else 0.0
    at_ticks, superclock = int(quarters) * TICKS + int(ticks or "0"), int(place.get("sclock", "0"))
    if not (0 <= at_ticks <= _LARGEST and 0 <= superclock <= _LARGEST and 1 <= note <= 128 and math.isfinite(omega)):
        raise ValueError("a tempo out of all range")
    return TempoPoint(at_ticks, superclock, _per_note(speed, per_second) * note // 4, omega)


def _per_note(per_minute: float, per_second: int) -> int:
    if not 1.0 <= per_minute <= 10_000.0:
        raise ValueError(f"a tempo of {per_minute}")
    return math.floor(60.0 / per_minute * per_second + 0.5)


def _default_tempo(per_second: int) -> TempoPoint:
    return TempoPoint(0, 0, per_second // 2)


def _split(text: str) -> tuple[str, int]:
    matched = _TIME.match(text)
    if matched is None or abs(int(matched["value"])) > _LARGEST:
        raise ValueError(f"{text[:40]!r} is no time")
    return matched["kind"], int(matched["value"])
