"""A DAW's events on their way to the window: put in on a thread of the link, taken out on the window's.

Of what changed more than once in between only the last counts, and no more is taken at a time than can be shown in a
frame.

Contents: :class:`Batch`, :class:`Inbox`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from protocols.daw import Control, DatagramsDropped, Event, HeldChanged, LinkChanged, LinkState, TracksChanged
from protocols.events import controls_of


@dataclass(frozen=True)
class Batch:
    """What came to be: the link's states in their order, and what tracks, values and datagrams dropped are now.

    ``controls`` is everything that ``tracks`` can be told. ``read`` was asked for, and is what the DAW holds unless it
    has told otherwise.
    """

    states: tuple[LinkState, ...] = ()
    tracks: TracksChanged | None = None
    controls: frozenset[Control] = frozenset()
    held: Mapping[Control, float] = field(default_factory=dict)
    read: Mapping[Control, float] = field(default_factory=dict)
    dropped: Mapping[str, int] | None = None


class Inbox:
    """Events of one link; ``wake`` is called, on the thread that puts, when something comes after there was nothing."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._lock = threading.Lock()
        self._states: list[LinkState] = []
        self._tracks: TracksChanged | None = None
        self._controls: frozenset[Control] = frozenset()
        self._held: dict[Control, float] = {}
        self._read: dict[Control, float] = {}
        self._dropped: Mapping[str, int] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits to be taken."""
        with self._lock:
            return self._is_empty()

    def put(self, event: Event) -> None:
        """Have ``event`` taken later; returns at once."""
        with self._lock:
            was_empty = self._is_empty()
            self._take_in(event)
            is_empty = self._is_empty()
        if was_empty and not is_empty:
            self._wake()

    def put_read(self, values: Mapping[Control, float]) -> None:
        """Have what was asked for taken later."""
        with self._lock:
            was_empty = self._is_empty()
            self._read.update(values)
            is_empty = self._is_empty()
        if was_empty and not is_empty:
            self._wake()

    def take(self, most: int) -> Batch:
        """Everything that waits, but at most ``most`` values, the oldest first."""
        with self._lock:
            held = _popped(self._held, most)
            read = _popped(self._read, most - len(held))
            batch = Batch(tuple(self._states), self._tracks, self._controls, held, read, self._dropped)
            self._states, self._tracks, self._dropped = [], None, None
        return batch

    def _is_empty(self) -> bool:
        return not (self._states or self._held or self._read) and self._tracks is None and self._dropped is None

    def _take_in(self, event: Event) -> None:
        if isinstance(event, HeldChanged):
            self._held[event.control] = event.value
        elif isinstance(event, TracksChanged):
            self._tracks = event
            self._controls = frozenset(controls_of(event.tracks))
            for values in (self._held, self._read):
                for control in values.keys() - self._controls:
                    del values[control]
        elif isinstance(event, LinkChanged):
            self._states.append(event.state)
        elif isinstance(event, DatagramsDropped):
            self._dropped = event.total


def _popped(values: dict[Control, float], most: int) -> dict[Control, float]:
    """The first ``most`` of ``values``, taken out of it."""
    return {control: values.pop(control) for control in list(islice(values, most))}
