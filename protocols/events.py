"""Events on their way to whoever listens: each once, in the order in which things came to be as they are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator

from assistant.automation import SHARED
from assistant.params import MASTER_PARAMS, REVERB_PARAMS
from protocols.daw import Control, DatagramsDropped, DawTrack, Event, HeldChanged, LinkChanged, TracksChanged

_logger = logging.getLogger(__name__)
_SHARED_NAMES = frozenset(p.name for p in (*REVERB_PARAMS, *MASTER_PARAMS))


class Events:
    """Events to be told to ``listener``; noted on any thread, told on one.

    Of what changed more than once before it could be told, only the last is, but for :class:`LinkChanged`; what equals
    what was told already, is not.
    """

    def __init__(self, listener: Callable[[Event], None]) -> None:
        self._listener = listener
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Event] = {}
        self._told: dict[Hashable, Event] = {
            TracksChanged: TracksChanged(()),
            DatagramsDropped: DatagramsDropped({}),
        }

    def note(self, event: Event) -> None:
        """Have ``event`` told, behind the others, in place of one about the same."""
        key = _key(event)
        with self._lock:
            self._waiting.pop(key, None)
            self._waiting[key] = event

    def tell(self) -> None:
        """Tell what waits; what the listener raises is logged."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for key, event in waiting.items():
            if self._is_new(key, event):
                try:
                    self._listener(event)
                except Exception:
                    _logger.exception("what listens to the DAW failed at %.200r", event)

    def _is_new(self, key: Hashable, event: Event) -> bool:
        """Whether ``event`` is not what was told before; that it is told now is remembered."""
        if isinstance(event, LinkChanged):
            return True
        if self._told.get(key) == event:
            return False
        self._told[key] = event
        if isinstance(event, TracksChanged):  # who listens has dropped the strips that went, with their values
            there = {TracksChanged, DatagramsDropped, *controls_of(event.tracks)}
            self._told = {key: told for key, told in self._told.items() if key in there}
        return True


def controls_of(tracks: Iterable[DawTrack]) -> Iterator[Control]:
    """Everything that ``tracks`` can be told."""
    for track in tracks:
        for param in track.params:
            yield Control(SHARED if param in _SHARED_NAMES else track.name, param)


def _key(event: Event) -> Hashable:
    """What ``event`` is about; each :class:`LinkChanged` is about itself."""
    if isinstance(event, HeldChanged):
        return event.control
    return object() if isinstance(event, LinkChanged) else type(event)
