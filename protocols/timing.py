"""How long a link to a DAW waits, and when it asks again.

Contents: :class:`Timing`, :class:`Repeats`.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Timing:
    """How long a link waits, in seconds; for a DAW on this computer or in its network.

    ``quiet_s`` is twice the longest way of a datagram. What is not answered is asked again after ``wait_s``, then after
    ever more up to ``longest_wait_s``, ``asks`` times without any answer; what did not land is told ``tells`` times. A
    DAW is asked for a sign of life every ``alive_s`` and is lost after ``silence_s``; an operation waits ``return_s``
    for its return.
    """

    quiet_s: float = 0.08
    wait_s: float = 0.06
    longest_wait_s: float = 0.5
    asks: int = 16
    tells: int = 10
    alive_s: float = 1.0
    silence_s: float = 4.0
    return_s: float = 10.0


class Repeats(Generic[T]):
    """When to ask again for what was not answered: new things at once, the rest when no answer came for a while."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._asked: set[T] = set()
        self._wanted: frozenset[T] = frozenset()
        self._since_s = 0.0
        self._fruitless = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether it was asked often enough without any answer."""
        return self._fruitless >= self._timing.asks

    def due(self, wanted: Collection[T], now_s: float) -> list[T]:
        """Those of ``wanted``, which are not answered yet, that are to be asked for now."""
        if self._wanted != (now_wanted := frozenset(wanted)):
            self._wanted, self._since_s, self._fruitless = now_wanted, now_s, 0
        new = [item for item in wanted if item not in self._asked]
        if not new and now_s - self._since_s < self._wait_s():
            return []
        self._fruitless += not new
        self._since_s = now_s
        self._asked.update(new)
        return new or list(wanted)

    def _wait_s(self) -> float:
        return min(self._timing.wait_s * 1.25 ** min(self._fruitless, 50), self._timing.longest_wait_s)
