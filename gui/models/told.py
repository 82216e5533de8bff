"""What a DAW holds of a document's mix and was told of it: what is on its way, and what it was not seen to take over.

Contents: :class:`Told`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from assistant.automation import SHARED
from assistant.mix import Change
from gui.workshop.values import Desk
from protocols.daw import Confirmation, Control, Outcome
from protocols.desk import shared_params

_SETTLED = (Outcome.CONFIRMED, Outcome.UNCHANGED)


class Told:
    """Of one desk, or of none; ``held`` is what the DAW was last heard to hold."""

    def __init__(self, desk: Desk | None) -> None:
        self.held: dict[Control, float] = dict(desk.held) if desk is not None else {}
        tracks = desk.tracks if desk is not None else ()
        self._params = {track.name: track.params for track in tracks} | {SHARED: shared_params(tracks)}
        self._last: dict[Control, float] = {}
        self._in_flight: dict[Control, float] = {}
        self._outcomes: dict[Control, Confirmation] = {}

    def can_tell(self, control: Control) -> bool:
        """Whether one of the DAW's strips can be told it."""
        return control.param in self._params.get(control.track, ())

    def changes(self, moves: Iterable[tuple[Control, float, float]], *, is_asked: bool) -> list[Change]:
        """What the DAW is to be told, on its way from now on, for the mix to make ``moves`` (which, from, to).

        What the user asks for leads from where the DAW stands. What follows from something else, such as an undo, leads
        from what the DAW was told last: what somebody has moved there since is then left alone by the link.
        """
        changes = []
        for control, was, new in moves:
            if self.can_tell(control):
                changes.append(Change(control.track, control.param, self._old(control, was, is_asked), new))
                self._last[control] = self._in_flight[control] = new
        return changes

    def _old(self, control: Control, was: float, is_asked: bool) -> float:
        if control in self._last and (control in self._in_flight or not is_asked):
            return self._last[control]
        return self.held.get(control, was)

    def take(self, confirmations: Iterable[Confirmation]) -> set[str]:
        """What became of changes; the tracks that it says something of.

        What was told anew in the meantime is still on its way.
        """
        tracks = set()
        for confirmation in confirmations:
            control = Control(confirmation.change.track, confirmation.change.param)
            tracks.add(control.track)
            if confirmation.held is not None:
                self.held[control] = confirmation.held
            if self._in_flight.get(control, confirmation.change.new) != confirmation.change.new:
                continue
            self._in_flight.pop(control, None)
            self._outcomes.pop(control, None)
            if confirmation.outcome not in _SETTLED:
                self._outcomes[control] = confirmation
            if confirmation.outcome is Outcome.REFUSED and confirmation.held is not None:
                self._last[control] = confirmation.held
        return tracks

    def settle(self, controls: Iterable[Control]) -> list[Confirmation]:
        """Drop what was not taken over of ``controls``; what is dropped."""
        return [self._outcomes.pop(control) for control in controls if control in self._outcomes]

    def give_up(self, why: str) -> list[Confirmation]:
        """Nothing on its way will be heard of any more: as confirmations, that say ``why``."""
        return [
            Confirmation(Change(c.track, c.param, self.held.get(c, new), new), Outcome.UNANSWERED, None, why)
            for c, new in self._in_flight.items()
        ]

    def is_in_flight(self, control: Control) -> bool:
        """Whether the DAW has been told it, and it is not known yet what became of it."""
        return control in self._in_flight

    def is_sending(self, track: str) -> bool:
        """Whether anything of the track is on its way."""
        return any(control.track == track for control in self._in_flight)

    def problems(self, track: str) -> tuple[Confirmation, ...]:
        """What the DAW did not take over of a track (``SHARED``: of bus and master)."""
        return tuple(c for control, c in self._outcomes.items() if control.track == track)


def standing_elsewhere(control: Control, before: float, wanted: float, held: float) -> Confirmation:
    """That the DAW was found to hold ``held`` where ``wanted`` is decided: it was never told, or somebody moved it."""
    change = Change(control.track, control.param, held, wanted)
    if held == before:
        return Confirmation(replace(change, old=before), Outcome.CANCELLED, held, "the DAW does not have it")
    return Confirmation(change, Outcome.MOVED, held, f"stands at {held:g}; kept")
