"""What a user decides of a proposal, part by part and track by track, and the mix of it. Standard library only.

A *part* of a strip is what is accepted, rejected or locked together: a group of the mandate, or the polarity. What is
not decided yet is pending. A value that the user has set by hand is in the mix whatever becomes of the proposal.

The reverb bus follows the proposal as soon as a send of it is accepted, unless the user has rejected it or a track that
sends already keeps its send; the master with the word for what all tracks share.

Contents: ``PARTS``, ``PART_OF``, :class:`TrackDecision`, :class:`Decisions`; :func:`decided_channel`,
:func:`decided_mix`, :func:`changed_parts`; :func:`decisions_to_dict`, :func:`decisions_from_dict`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.analysis.sections import SECTION_BY_NAME, SECTION_OF, does_something
from assistant.automation import apply, suggest
from assistant.mandate import GROUPS, Automation, Mandate
from assistant.mix import ChannelMix, Decision, Mix
from assistant.params import BY_NAME, CHANNEL_NAMES

#: The parts of a strip: (label, sections), by name.
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "levels": ("Level", GROUPS["levels"]),
    "eq": ("EQ", GROUPS["eq"]),
    "dynamics": ("Compressor", GROUPS["dynamics"]),
    "image": ("Pan and width", GROUPS["image"]),
    "reverb": ("Reverb send", GROUPS["reverb"]),
    "polarity": ("Polarity", ("polarity",)),
}
#: The part that each parameter of a strip belongs to.
PART_OF: dict[str, str] = {
    param: part for part, (_, sections) in PARTS.items() for name in sections for param in SECTION_BY_NAME[name].params
}
_DECISIONS: tuple[Decision, ...] = ("pending", "accepted", "rejected")


@dataclass(frozen=True)
class TrackDecision:
    """What is decided of one track.

    ``parts`` holds what is not pending; ``locked`` parts stay as they were before, whatever is accepted; ``amount``
    0..1 scales what is proposed; ``own`` are values set by hand; ``role`` is what the user says the track is, "" for
    what was found.
    """

    parts: Mapping[str, Decision] = field(default_factory=dict)
    locked: frozenset[str] = frozenset()
    amount: float = 1.0
    own: Mapping[str, float] = field(default_factory=dict)
    role: str = ""

    def of(self, part: str) -> Decision:
        """The decision on a part."""
        return self.parts.get(part, "pending")

    def with_parts(self, decision: Decision, parts: Iterable[str] = tuple(PARTS)) -> TrackDecision:
        """A copy in which ``parts`` are decided so; values set by hand in them are given up with a decision."""
        names = frozenset(parts)
        kept = {part: was for part, was in self.parts.items() if part not in names}
        new = {} if decision == "pending" else dict.fromkeys(names, decision)
        own = {param: value for param, value in self.own.items() if PART_OF[param] not in names}
        return replace(self, parts={**kept, **new}, own=own)

    def with_own(self, param: str, value: float | None) -> TrackDecision:
        """A copy with ``param`` set by hand, or, None, no longer so."""
        own = {name: was for name, was in self.own.items() if name != param}
        return replace(self, own=own if value is None else {**own, param: BY_NAME[param].clamp(value)})

    def with_lock(self, parts: Iterable[str], is_locked: bool) -> TrackDecision:
        """A copy in which ``parts`` are locked, or no longer so."""
        return replace(self, locked=self.locked | set(parts) if is_locked else self.locked - set(parts))


#: Nothing decided.
UNDECIDED = TrackDecision()


@dataclass(frozen=True)
class Decisions:
    """What is decided of a mix: by track, and of what all tracks ``shared``, the reverb bus and the master."""

    tracks: Mapping[str, TrackDecision] = field(default_factory=dict)
    shared: Decision = "pending"

    def of(self, track: str) -> TrackDecision:
        """What is decided of a track."""
        return self.tracks.get(track, UNDECIDED)

    def locked_parts(self) -> frozenset[tuple[str, str]]:
        """All that is locked, as (track, part)."""
        return frozenset((name, part) for name, track in self.tracks.items() for part in track.locked)

    def with_track(self, track: str, decision: TrackDecision) -> Decisions:
        """A copy with another decision on one track."""
        return replace(self, tracks={**self.tracks, track: decision})


def decided_channel(
    before: ChannelMix, proposal: ChannelMix, decision: TrackDecision, *, takes_pending: bool = False
) -> ChannelMix:
    """The channel that ``decision`` makes of a proposal; with ``takes_pending`` as if what is pending were accepted."""
    wanted = ("accepted", "pending") if takes_pending else ("accepted",)
    left = frozenset(
        (proposal.name, part) for part in PARTS if part in decision.locked or decision.of(part) not in wanted
    )
    made = before
    if not left and decision.amount == 1.0:
        made = proposal
    elif len(left) < len(PARTS) and before.settings != proposal.settings:
        mandate = Mandate(Automation.INDEPENDENT, locked_params=left, amount=decision.amount)
        mixes = Mix((before,)), Mix((proposal,))
        made = apply(*mixes, suggest(*mixes, mandate)).channels[0]
    own = {param: value for param, value in decision.own.items() if PART_OF[param] not in decision.locked}
    return replace(
        made,
        settings=made.settings.with_values(**own) if own else made.settings,
        role=proposal.role,
        role_confidence=proposal.role_confidence,
    )


def decided_mix(before: Mix, proposal: Mix, decisions: Decisions, *, takes_pending: bool = False) -> Mix:
    """The mix that ``decisions`` make of a proposal; with ``takes_pending`` as if what is pending were accepted.

    Raises ``KeyError`` where the two mixes have different tracks.
    """
    channels = tuple(
        decided_channel(before.channel(c.name), c, decisions.of(c.name), takes_pending=takes_pending)
        for c in proposal.channels
    )
    return shared_decided(before, proposal, channels, decisions, takes_pending=takes_pending)


def shared_decided(
    before: Mix, proposal: Mix, channels: tuple[ChannelMix, ...], decisions: Decisions, *, takes_pending: bool = False
) -> Mix:
    """The mix of ``channels`` as decided, with the reverb bus and the master that go with them."""
    takes_all = decisions.shared == "accepted" or (takes_pending and decisions.shared == "pending")
    mix = replace(proposal, channels=channels, master=proposal.master if takes_all else before.master)
    if decisions.shared == "rejected" or not (takes_all or _is_fed_anew(before, channels)):
        return replace(mix, reverb=before.reverb)
    return replace(mix, reverb=before.reverb if _would_sound_different(before, channels) else proposal.reverb)


def _is_fed_anew(before: Mix, channels: Iterable[ChannelMix]) -> bool:
    return any(c.settings["send_db"] != before.channel(c.name).settings["send_db"] and _is_sending(c) for c in channels)


def _would_sound_different(before: Mix, channels: Iterable[ChannelMix]) -> bool:
    """Whether a track that sends already keeps its send: another bus would change what nobody asked for."""
    olds = ((before.channel(c.name), c) for c in channels)
    return any(_is_sending(old) and old.settings["send_db"] == new.settings["send_db"] for old, new in olds)


def _is_sending(channel: ChannelMix) -> bool:
    return does_something(SECTION_OF["send_db"], channel.settings)


def changed_parts(before: ChannelMix, proposal: ChannelMix) -> tuple[str, ...]:
    """The parts that a proposal changes, in the table's order."""
    old, new = before.settings, proposal.settings
    changed = {PART_OF[name] for name in CHANNEL_NAMES if old[name] != new[name]}
    return tuple(part for part in PARTS if part in changed)


def decisions_to_dict(decisions: Decisions) -> dict[str, Any]:
    """``decisions`` as plain JSON values."""
    tracks = {
        name: {
            "parts": dict(track.parts),
            "locked": sorted(track.locked),
            "amount": track.amount,
            "own": dict(track.own),
            "role": track.role,
        }
        for name, track in decisions.tracks.items()
        if track != UNDECIDED
    }
    return {"tracks": tracks, "shared": decisions.shared}


def decisions_from_dict(document: object) -> Decisions:
    """The inverse of :func:`decisions_to_dict`; raises ``ValueError`` for anything else."""
    try:
        tracks = {str(name): _track_from_dict(row) for name, row in document["tracks"].items()}  # type: ignore[index]
        return Decisions(tracks, _decision(document["shared"]))  # type: ignore[index]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not the decisions on a mix: {error!r}") from error


def _track_from_dict(row: Any) -> TrackDecision:
    parts = {_part(name): _decision(decision) for name, decision in row["parts"].items()}
    amount, role = row["amount"], row["role"]
    if not isinstance(amount, (int, float)) or not 0.0 <= amount <= 1.0 or not isinstance(role, str):
        raise ValueError(f"amount {amount!r}, role {role!r}: expected 0 to 1 and a text")
    own = {}
    for name, value in row["own"].items():
        if name not in PART_OF:
            raise ValueError(f"unknown parameter of a strip {name!r}")
        own[name] = BY_NAME[name].check(value)
    return TrackDecision(parts, frozenset(_part(name) for name in row["locked"]), float(amount), own, role)


def _part(name: object) -> str:
    if name not in PARTS:
        raise ValueError(f"unknown part of a strip {name!r}; known: {', '.join(PARTS)}")
    return str(name)


def _decision(value: object) -> Decision:
    for decision in _DECISIONS:
        if value == decision:
            return decision
    raise ValueError(f"unknown decision {value!r}; known: {', '.join(_DECISIONS)}")
