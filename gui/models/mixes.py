"""The mixes of one session: as it was before, as it is proposed, and as it is decided, worked out track by track.

Contents: :class:`Channels`, :class:`Mixes`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.automation import SHARED
from assistant.decisions import PART_OF, PARTS, Decisions, TrackDecision, decided_channel, shared_decided
from assistant.mix import ChannelMix, Mix
from assistant.params import BY_NAME
from gui.models.moves import carried, is_same, moved_mix
from protocols.daw import Control


@dataclass(frozen=True)
class Channels:
    """One track before, proposed as if all that is pending were accepted, and made as it is decided."""

    before: ChannelMix
    proposed: ChannelMix
    made: ChannelMix


class Mixes:
    """Of the tracks called ``names``. ``engineers`` is the proposal, whatever is decided of it; it is ``before`` itself
    while there is none. Whoever changes ``before``, ``engineers`` or ``decisions`` calls :meth:`work_out`.
    """

    def __init__(self, names: Sequence[str], before: Mix | None) -> None:
        self.names = tuple(names)
        self.before: Mix = Mix(tuple(ChannelMix(name) for name in names)) if before is None else before
        self.engineers: Mix = self.before
        self.decisions = Decisions()
        self._channels: dict[str, Channels] = {}
        self.work_out(self.names)

    @property
    def has_proposal(self) -> bool:
        """Whether anything is proposed."""
        return self.engineers is not self.before

    def ordered(self, mix: Mix) -> Mix:
        """``mix`` with its channels in the order of the tracks."""
        return replace(mix, channels=tuple(mix.channel(name) for name in self.names))

    def work_out(self, names: Iterable[str]) -> None:
        """Work out what is proposed and made of the tracks called ``names``."""
        for name in names:
            before, proposal = self.before.channel(name), self.engineers.channel(name)
            decision = self.decisions.of(name)
            made = proposed = decided_channel(before, proposal, decision)
            if any(decision.of(part) == "pending" for part in PARTS):
                proposed = decided_channel(before, proposal, decision, takes_pending=True)
            self._channels[name] = Channels(before, proposed, made)

    def of(self, name: str) -> Channels:
        """One track; ``KeyError`` where there is none."""
        return self._channels[name]

    def made(self) -> Mix:
        """The mix as decided."""
        return self._mix(lambda channels: channels.made, takes_pending=False)

    def proposed(self) -> Mix:
        """The mix as if all that is pending were accepted."""
        return self._mix(lambda channels: channels.proposed, takes_pending=True)

    def _mix(self, pick: Callable[[Channels], ChannelMix], *, takes_pending: bool) -> Mix:
        channels = tuple(pick(self._channels[name]) for name in self.names)
        return shared_decided(self.before, self.engineers, channels, self.decisions, takes_pending=takes_pending)

    def shared(self) -> dict[str, float]:
        """What bus and master are at in the mix that is made."""
        mix = self.made()
        return {**mix.reverb, **mix.master}

    def values(self, controls: Collection[Control], state: Literal["before", "made"]) -> dict[Control, float]:
        """What ``controls`` are at in a state of the mix, without those of other tracks."""
        names = {control.track for control in controls}
        settings: dict[str, Mapping[str, float]] = {
            name: getattr(self._channels[name], state).settings for name in names & self._channels.keys()
        }
        if SHARED in names:
            settings[SHARED] = {**self.before.reverb, **self.before.master} if state == "before" else self.shared()
        return {c: settings[c.track][c.param] for c in controls if c.param in settings.get(c.track, ())}

    def take_moves(self, moves: Mapping[Control, float]) -> None:
        """What somebody moved is the user's own where that is decided, and where he begins elsewhere."""
        before, made = self.values(moves, "before"), self.values(moves, "made")
        begun = {}
        for control, value in moves.items():
            decision = self.decisions.of(control.track)
            if _is_decided(decision, control):
                self.decisions = self.decisions.with_track(control.track, decision.with_own(control.param, value))
            elif control.track != SHARED or is_same(control.param, before[control], made[control]):
                begun[control] = BY_NAME[control.param].clamp(value)
        self._begin_from(begun)
        self.work_out({control.track for control in moves} & self._channels.keys())

    def _begin_from(self, values: Mapping[Control, float]) -> None:
        """The mix before has ``values``; so has the proposal where it changes nothing."""
        has_proposal, was = self.has_proposal, self.before
        self.before = moved_mix(was, values)
        self.engineers = carried(self.engineers, was, self.before) if has_proposal else self.before


def _is_decided(decision: TrackDecision, control: Control) -> bool:
    part = PART_OF.get(control.param)
    if part is None or part in decision.locked:
        return False
    return control.param in decision.own or decision.of(part) == "accepted"
