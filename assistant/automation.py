"""What a mandate makes of a proposal, and what is done of it. Pure functions of values, standard library only.

Trim and fader are one decision: where one of them must stay, the other carries the whole change of level. A
compressor's threshold follows the trim, and the trim stays in front of a compressor that has to stay as it is. A band,
a high-pass or a compressor is one decision too: where its place or its size is locked at another value than proposed,
all of it stays.

The reverb bus is shared by all tracks: it follows the proposal where "reverb" is delegated, unless a track whose send
has to stay is sending and would sound different. The master follows where the whole job is delegated. The target
loudness is an order, no suggestion: it is the proposal's as soon as anything is applied.

Contents: :func:`neutral_mix`, :func:`suggest`, :func:`apply`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from assistant.amounts import between, section_between, threshold_between, value_between
from assistant.analysis.sections import SECTION_BY_NAME, SECTION_OF, SECTIONS, Section, changed_sections, does_something
from assistant.mandate import LIMITABLE, Automation, Mandate
from assistant.mix import Change, ChannelMix, ChannelSettings, Decision, Mix, Settings, Suggestion
from assistant.params import BY_NAME, CHANNEL_NAMES, MASTER_PARAMS, REVERB_NAMES, REVERB_PARAMS, Param

#: The track that a suggestion names when it is about what all tracks share: the reverb bus, or the master.
SHARED = ""

_SHARED_NAMES = frozenset(p.name for p in (*REVERB_PARAMS, *MASTER_PARAMS))
_COMPRESSOR = SECTION_BY_NAME["compressor"]
#: What may differ from the proposal without turning a section into something else.
_DETAILS = ("_q", "_attack_ms", "_release_ms", "_knee_db", "_makeup_db")
_DECISIONS: dict[Automation, Decision] = {Automation.AUTOMATIC: "accepted", Automation.INDEPENDENT: "accepted"}

S = TypeVar("S", bound=Settings)


def neutral_mix(proposal: Mix) -> Mix:
    """The tracks of ``proposal`` as they were recorded: every strip, the bus and the master neutral."""
    channels = tuple(ChannelMix(c.name, role=c.role, role_confidence=c.role_confidence) for c in proposal.channels)
    return Mix(channels, target_lufs=proposal.target_lufs)


def suggest(before: Mix, proposal: Mix, mandate: Mandate) -> tuple[Suggestion, ...]:
    """What ``mandate`` allows of ``proposal``: a suggestion per track that may be touched, in the order of ``before``.

    Then one for the reverb bus and one for the master (track ``SHARED``), where they change. Accepted at the levels
    automatic and independent, pending at suggestive; at insightive pending with an amount of 0: to be read, and nothing
    would be done even if accepted. A suggestion's reasons are the proposal's, and what was held back. Raises
    ``ValueError`` where the two mixes or the mandate speak of different tracks.
    """
    check_same_tracks(before, proposal)
    mandate.check_tracks(channel.name for channel in before.channels)
    tracks = [
        _track_suggestion(channel, proposal.channel(channel.name), mandate)
        for channel in before.channels
        if mandate.touches(channel.name)
    ]
    found = (*tracks, *_shared_suggestions(before, proposal, mandate))
    decision = _DECISIONS.get(mandate.level, "pending")
    if mandate.level is Automation.INSIGHTIVE:
        found = tuple(replace(suggestion, amount=0.0) for suggestion in found)
    return tuple(replace(suggestion, decision=decision) for suggestion in found)


def apply(before: Mix, proposal: Mix, suggestions: Iterable[Suggestion]) -> Mix:
    """``before`` with the accepted ``suggestions`` at their amounts; exactly ``before`` where none is.

    Values come from the suggestions alone, so that doing it twice is doing it once; roles, target loudness and the
    engineer's name from ``proposal``.
    """
    accepted = [s for s in suggestions if s.decision == "accepted" and s.amount > 0.0]
    if not accepted:
        return before
    channels = []
    for channel in before.channels:
        for suggestion in accepted:
            if suggestion.track == channel.name and not _is_shared(suggestion):
                channel = _changed_channel(channel, proposal.channel(channel.name), suggestion)
        channels.append(channel)
    mix = replace(before, channels=tuple(channels), target_lufs=proposal.target_lufs, engineer=proposal.engineer)
    for suggestion in filter(_is_shared, accepted):
        values = {c.param: value_between(BY_NAME[c.param], c.old, c.new, suggestion.amount) for c in suggestion.changes}
        mix = replace(mix, reverb=_with_known(mix.reverb, values), master=_with_known(mix.master, values))
    return mix


def check_same_tracks(before: Mix, proposal: Mix) -> None:
    """Raise ``ValueError``, with a list of what differs, where the mixes have different tracks."""
    old, new = ({channel.name for channel in mix.channels} for mix in (before, proposal))
    differences = [("has no track", new - old), ("has a track that is not there", old - new)]
    texts = [f"{what}: {', '.join(map(repr, sorted(names)))}" for what, names in differences if names]
    if texts:
        raise ValueError(f"the mix before does not fit: it {'; it '.join(texts)}")


def _is_shared(suggestion: Suggestion) -> bool:
    return any(change.param in _SHARED_NAMES for change in suggestion.changes)


def _with_known(settings: S, values: Mapping[str, float]) -> S:
    return settings.with_values(**{name: value for name, value in values.items() if name in settings})


def _changed_channel(before: ChannelMix, proposal: ChannelMix, suggestion: Suggestion) -> ChannelMix:
    old = before.settings.with_values(**{change.param: change.old for change in suggestion.changes})
    new = old.with_values(**{change.param: change.new for change in suggestion.changes})
    moved = between(old, new, suggestion.amount)
    # what is not suggested stays, or doing it twice would do it again
    settings = old.with_values(**{change.param: moved[change.param] for change in suggestion.changes})
    scaled = (f"done to {suggestion.amount:.0%} only",) if suggestion.amount < 1.0 and suggestion.changes else ()
    return replace(proposal, settings=settings, reasons=(*suggestion.reasons, *scaled))


def _track_suggestion(before: ChannelMix, proposal: ChannelMix, mandate: Mandate) -> Suggestion:
    old, new, track = before.settings, proposal.settings, before.name
    allowed = _allowed(old, new, track, mandate)
    changes = _changes(track, old, allowed, CHANNEL_NAMES)
    reasons = (*proposal.reasons, *_held_back(old, allowed, new))
    return Suggestion(track, changes, mandate.amount_of(track), reasons)


def _changes(track: str, old: Settings, new: Settings, names: Iterable[str]) -> tuple[Change, ...]:
    return tuple(Change(track, name, old[name], new[name]) for name in names if old[name] != new[name])


def _allowed(old: ChannelSettings, new: ChannelSettings, track: str, mandate: Mandate) -> ChannelSettings:
    """``old`` moved towards ``new`` as far as ``mandate`` lets it."""
    free = frozenset(name for name in CHANNEL_NAMES if mandate.allows(track, name))
    shares = {section.name: _share(section, old, new, free, mandate) for section in SECTIONS}
    values = dict(old)
    for section in SECTIONS:
        moved = section_between(section, old, new, shares[section.name])
        values |= {name: value for name, value in moved.items() if name in free}
    stays = not shares["compressor"] or "comp_threshold_db" not in free
    differs = any(old[name] != new[name] for name in _COMPRESSOR.params)
    fed = {"trim_db"} if stays and differs and does_something(_COMPRESSOR, old) else set()
    values |= _level(old, new, free - fed, mandate)
    if not stays:
        values["comp_threshold_db"] = threshold_between(old, new, shares["compressor"], values["trim_db"])
    return ChannelSettings(values)


def _share(
    section: Section, old: ChannelSettings, new: ChannelSettings, free: frozenset[str], mandate: Mandate
) -> float:
    """How much of the section's change may be done, 0..1: all of it, up to the nearest limit, or none."""
    pinned = (name for name in section.params if name not in free and not name.endswith(_DETAILS))
    if section.name == "level" or any(old[name] != new[name] for name in pinned):
        return 0.0
    return min(_share_within(BY_NAME[name], old[name], new[name], mandate.limit(name)) for name in section.params)


def _share_within(param: Param, old: float, new: float, limit: float) -> float:
    """The share of the way from ``old`` to ``new`` that is as long as ``limit``; no limit reaches out of silence."""
    if abs(new - old) <= limit:
        return 1.0
    if param.off_at_low and param.low in (old, new):
        return 0.0 if old == param.low else 1.0 - 10.0 ** (-limit / 20.0)
    if param.curve == "log":
        return math.log((old + math.copysign(limit, new - old)) / old) / math.log(new / old)
    return limit / abs(new - old)


def _level(
    old: ChannelSettings, new: ChannelSettings, free: frozenset[str] | set[str], mandate: Mandate
) -> dict[str, float]:
    """Trim and fader, as far as they are ``free``: together they make the change of level that is proposed."""
    moves = {name: new[name] - old[name] if name in free else 0.0 for name in ("trim_db", "fader_db")}
    both = mandate.level_limit_db
    level = _within(new["trim_db"] + new["fader_db"] - old["trim_db"] - old["fader_db"], both)
    if "trim_db" in free:
        moves["trim_db"] = _within(moves["trim_db"] if "fader_db" in free else level, mandate.limit("trim_db"))
    if "fader_db" in free:
        moves["fader_db"] = _within(level - moves["trim_db"], mandate.limit("fader_db"))
    return {name: _reached(name, old, new, move) for name, move in moves.items() if name in free}


def _reached(name: str, old: ChannelSettings, new: ChannelSettings, move: float) -> float:
    """``old`` moved; exactly ``new`` where that is but a rounding error away."""
    value = BY_NAME[name].clamp(old[name] + move)
    return new[name] if math.isclose(value, new[name], abs_tol=1e-9) else value


def _within(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _held_back(old: ChannelSettings, allowed: ChannelSettings, new: ChannelSettings) -> list[str]:
    kept, less = [], []
    for section in changed_sections(old, new):
        if all(allowed[name] == old[name] for name in section.params):
            kept.append(section.label.lower())
        elif not _is_as_much(section, allowed, new):
            less.append(section.label.lower())
    texts = (("kept as it was", kept), ("less than proposed, within the limit", less))
    return [f"{what}: {', '.join(labels)}" for what, labels in texts if labels]


def _is_as_much(section: Section, allowed: ChannelSettings, new: ChannelSettings) -> bool:
    if section.name == "level":
        levels = [settings["trim_db"] + settings["fader_db"] for settings in (allowed, new)]
        return math.isclose(*levels, abs_tol=1e-6)
    return all(allowed[name] == new[name] for name in section.params if name in LIMITABLE)


def _shared_suggestions(before: Mix, proposal: Mix, mandate: Mandate) -> Sequence[Suggestion]:
    sending = [c.name for c in before.channels if does_something(SECTION_OF["send_db"], c.settings)]
    staying = [name for name in sending if not mandate.allows(name, "send_db")]
    bus = [] if staying else [name for name in REVERB_NAMES if mandate.allows_shared(name)]
    master = [p.name for p in MASTER_PARAMS if mandate.allows_shared(p.name)]
    # a bus that nobody heard is no half way to anything
    amount = mandate.amount if sending else math.ceil(mandate.amount)
    found = (
        Suggestion(SHARED, _changes(SHARED, before.reverb, proposal.reverb, bus), float(amount)),
        Suggestion(SHARED, _changes(SHARED, before.master, proposal.master, master), mandate.amount),
    )
    return [suggestion for suggestion in found if suggestion.changes]
