"""A stretch of the time line in a width of pixels: places to times and back, zooming and following."""

from __future__ import annotations

from dataclasses import dataclass

#: The shortest stretch that can be looked at.
SHORTEST_S = 0.5


@dataclass(frozen=True)
class TimeSpan:
    """``first_s`` to ``last_s`` of a song that is ``duration_s`` long."""

    first_s: float
    last_s: float
    duration_s: float

    @classmethod
    def whole(cls, duration_s: float) -> TimeSpan:
        """All of the song."""
        return cls(0.0, max(duration_s, SHORTEST_S), duration_s)

    @property
    def length_s(self) -> float:
        """How much is shown."""
        return self.last_s - self.first_s

    def x(self, time_s: float, width: float) -> float:
        """Where ``time_s`` lies."""
        return (time_s - self.first_s) / self.length_s * width

    def time_s(self, x: float, width: float) -> float:
        """The time at ``x``, brought into the song."""
        return min(max(0.0, self.first_s + x / max(width, 1.0) * self.length_s), self.duration_s)

    def zoomed(self, factor: float, around_s: float) -> TimeSpan:
        """``factor`` times as long, ``around_s`` where it is."""
        longest_s = max(self.duration_s, SHORTEST_S)
        length_s = min(max(self.length_s * factor, SHORTEST_S), longest_s)
        share = (around_s - self.first_s) / self.length_s
        return self._of(around_s - share * length_s, length_s)

    def moved(self, seconds: float) -> TimeSpan:
        """Further on by ``seconds``, as far as the song goes."""
        return self._of(self.first_s + seconds, self.length_s)

    def following(self, position_s: float, was_s: float) -> TimeSpan:
        """Turned on like a page where a position that was inside has left."""
        if not self.first_s <= was_s <= self.last_s or self.first_s <= position_s <= self.last_s:
            return self
        return self._of(position_s - 0.05 * self.length_s, self.length_s)

    def _of(self, first_s: float, length_s: float) -> TimeSpan:
        first_s = min(max(0.0, first_s), max(0.0, self.duration_s - length_s))
        return TimeSpan(first_s, first_s + length_s, self.duration_s)
