"""How well a DAW is known: greeted, its strips surveyed, kept awake, lost; and what is to be sent for that, and when.

Contents: :class:`Acquaintance`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Literal

from protocols.daw import Control, DawTrack, HeldChanged, LinkChanged, LinkState, Surface, TracksChanged
from protocols.dialect import Message
from protocols.events import Events, controls_of
from protocols.timing import Repeats, Timing

_logger = logging.getLogger(__name__)
#: How often a DAW that does not answer is greeted.
_GREET_S = 0.5
#: Without an answer to the sign of life asked for last, it is asked for so much more often.
_HURRY = 4

_Phase = Literal["greeting", "surveying", "ready"]


class Acquaintance:
    """How well one DAW is known, from :meth:`begin` to :meth:`end`; without thread and clock, one call at a time."""

    def __init__(self, surface: Surface, timing: Timing, events: Events) -> None:
        self.state = LinkState.CLOSED
        self.tracks: tuple[DawTrack, ...] = ()  # as the last whole survey found them
        self.controls: frozenset[Control] = frozenset()  # everything that those can be told
        self.generation = 0  # how often the DAW was surveyed to the end
        self._surface = surface
        self._timing = timing
        self._events = events
        self._phase: _Phase = "greeting"
        self._survey = Repeats[Message](timing)
        self._complete_since_s: float | None = None
        self._complete_tracks: tuple[DawTrack, ...] = ()
        self._has_greeted = False
        self._given_up: frozenset[Message] = frozenset()
        self._greet_s = self._heard_s = 0.0
        self._undelivered = 0

    @property
    def is_ready(self) -> bool:
        """Whether it answers, and all its strips are known."""
        is_known = self._phase == "ready" and self._surface.tracks == self.tracks
        return is_known and self.state is LinkState.CONNECTED and not self._unknown()

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is under way but to keep it awake."""
        return self._phase == "ready"

    def begin(self, now_s: float) -> None:
        """Begin to greet."""
        self._undelivered = 0
        self._begin_greeting(LinkState.WAITING, now_s - self._timing.quiet_s)

    def end(self) -> None:
        """It is talked to no more."""
        self._set_state(LinkState.CLOSED)

    def note_heard(self, now_s: float) -> None:
        """It said something."""
        self._heard_s = now_s

    def due(self, now_s: float, sent_s: float, undelivered: int) -> Sequence[Message]:
        """What is to be sent now; ``sent_s`` is when something was sent last, ``undelivered`` how often the system said
        that something did not arrive."""
        refused, self._undelivered = undelivered != self._undelivered, undelivered
        if self._phase == "greeting":
            return self._greeting_due(now_s)
        if refused or now_s - self._heard_s > self._timing.silence_s:
            self._lose(now_s)
            return ()
        return self._survey_due(now_s) or self._alive_due(now_s, sent_s)

    def _unknown(self) -> list[Message]:
        """What asks for what is not known of the strips, but for what the DAW never answered."""
        return [message for message in self._surface.survey() if message not in self._given_up]

    def _lose(self, now_s: float) -> None:
        self._begin_greeting(LinkState.LOST if self.state is LinkState.CONNECTED else self.state, now_s)

    def _begin_greeting(self, state: LinkState, now_s: float) -> None:
        """What the DAW said until now counts no more; what is on its way from it yet is waited for."""
        self._phase = "greeting"
        self._has_greeted = False
        self._greet_s = now_s + self._timing.quiet_s
        self._set_state(state)

    def _greeting_due(self, now_s: float) -> Sequence[Message]:
        if self._has_greeted and self._heard_s:
            self._phase = "surveying"
            self._survey, self._complete_since_s = Repeats(self._timing), None
            return ()
        if now_s < self._greet_s:
            return ()
        if not self._has_greeted:
            self._surface.forget()
            self._given_up = frozenset()
            self._has_greeted, self._heard_s = True, 0.0
        self._greet_s = now_s + _GREET_S
        return (*self._surface.greeting(), *self._surface.alive())

    def _survey_due(self, now_s: float) -> Sequence[Message]:
        wanted = self._unknown()
        if wanted and self._survey.is_hopeless and not self._surface.tracks:
            self._lose(now_s)  # somebody answers, who is not the DAW
        elif wanted and self._survey.is_hopeless:
            _logger.warning("%s never answered %s", self._surface.dialect.label, wanted[:8])
            self._given_up |= frozenset(wanted)
        elif wanted:
            self._phase, self._complete_since_s = "surveying", None
            return self._survey.due(wanted, now_s)
        if self._phase == "surveying" or self._surface.tracks != self.tracks:
            self._phase = "surveying"
            if self._complete_since_s is None or self._surface.tracks != self._complete_tracks:
                self._complete_since_s, self._complete_tracks = now_s, self._surface.tracks
            elif now_s - self._complete_since_s >= self._timing.quiet_s:
                self._become_ready()
        return ()

    def _become_ready(self) -> None:
        self._phase = "ready"
        self.generation += 1
        self.tracks = self._complete_tracks
        self.controls = frozenset(controls_of(self.tracks))
        self._events.note(TracksChanged(self.tracks, self._surface.session))
        for control in self.controls & self._surface.held.keys():
            self._events.note(HeldChanged(control, self._surface.held[control]))
        self._survey, self._complete_since_s = Repeats(self._timing), None
        self._set_state(LinkState.CONNECTED)

    def _alive_due(self, now_s: float, sent_s: float) -> Sequence[Message]:
        alive_s = self._timing.alive_s
        every_s = alive_s if now_s - self._heard_s < 1.5 * alive_s else alive_s / _HURRY
        return self._surface.alive() if now_s - sent_s >= every_s else ()

    def _set_state(self, state: LinkState) -> None:
        if state is not self.state:
            self.state = state
            self._events.note(LinkChanged(state))
