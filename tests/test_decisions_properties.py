"""What a user may expect of his decisions, whatever is proposed and whatever he decides."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.analysis.sections import SECTION_OF, does_something
from assistant.decisions import (
    PART_OF,
    PARTS,
    Decisions,
    TrackDecision,
    changed_parts,
    decided_channel,
    decided_mix,
    decisions_from_dict,
    decisions_to_dict,
)
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix, Settings
from assistant.params import BY_NAME, CHANNEL_PARAMS, MASTER_PARAMS, REVERB_PARAMS, Param

# Examples are made of a hundred values each: Hypothesis calls that slow, whatever they are used for.
quickly = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
TRACKS = ("bass", "vox")


def value_of(param: Param) -> st.SearchStrategy[float]:
    """Often what it stands at by default, for sections that do nothing are a case of their own."""
    if param.name == "polarity_inverted" or param.name.endswith("_on"):
        return st.sampled_from((param.low, param.high))
    edges = st.sampled_from((param.default, param.low, param.high))
    return edges | st.floats(param.low, param.high, allow_subnormal=False).map(param.clamp)


def some_of(params: tuple[Param, ...]) -> st.SearchStrategy[dict[str, float]]:
    """Values of some parameters; the others stand at their defaults."""
    return st.fixed_dictionaries({}, optional={param.name: value_of(param) for param in params})


def mixes(kind: str) -> st.SearchStrategy[Mix]:
    strips = some_of(CHANNEL_PARAMS).map(ChannelSettings)
    channels = st.tuples(*(strips.map(lambda s, name=name: ChannelMix(name, s, f"{kind} role")) for name in TRACKS))
    buses, masters = some_of(REVERB_PARAMS).map(BusSettings), some_of(MASTER_PARAMS).map(MasterSettings)
    return st.builds(Mix, channels, buses, masters, st.none(), st.just(kind))


befores, proposals = mixes("before"), mixes("proposed")
words = st.sampled_from(("pending", "accepted", "rejected"))
parts = st.lists(st.sampled_from(tuple(PARTS)), unique=True)


@st.composite
def track_decisions(draw: Any) -> TrackDecision:
    decided = draw(st.dictionaries(st.sampled_from(tuple(PARTS)), words))
    amount, role = draw(st.sampled_from((0.0, 1.0)) | st.floats(0.0, 1.0)), draw(st.sampled_from(("", "kick")))
    return TrackDecision(decided, frozenset(draw(parts)), amount, draw(some_of(CHANNEL_PARAMS)), role)


decisions = st.builds(Decisions, st.dictionaries(st.sampled_from(TRACKS), track_decisions()), words)


def stands(mix: Mix) -> tuple[Settings, ...]:
    """All that is heard of a mix."""
    return (*(channel.settings for channel in mix.channels), mix.reverb, mix.master)


@quickly
@given(befores, proposals)
def test_nothing_decided_is_as_it_was(before: Mix, proposal: Mix) -> None:
    assert stands(decided_mix(before, proposal, Decisions())) == stands(before)


@quickly
@given(befores, proposals)
def test_everything_accepted_is_what_is_heard_while_everything_is_pending(before: Mix, proposal: Mix) -> None:
    every = Decisions({name: TrackDecision().with_parts("accepted") for name in TRACKS}, "accepted")
    made = decided_mix(before, proposal, every)
    assert stands(made) == stands(decided_mix(before, proposal, Decisions(), takes_pending=True))
    assert [c.settings for c in made.channels] == [c.settings for c in proposal.channels]
    assert made.master == proposal.master


@quickly
@given(befores, proposals, st.permutations([(name, part) for name in TRACKS for part in PARTS]))
def test_part_by_part_in_any_order_is_all_at_once(before: Mix, proposal: Mix, order: list[tuple[str, str]]) -> None:
    one_by_one, at_once = Decisions(), Decisions()
    for name, part in order:
        one_by_one = one_by_one.with_track(name, one_by_one.of(name).with_parts("accepted", [part]))
    for name in TRACKS:
        at_once = at_once.with_track(name, at_once.of(name).with_parts("accepted"))
    assert one_by_one == at_once
    assert decided_mix(before, proposal, one_by_one) == decided_mix(before, proposal, at_once)


@quickly
@given(befores, proposals, decisions)
def test_rejecting_everything_afterwards_is_as_it_was(before: Mix, proposal: Mix, decided: Decisions) -> None:
    rejected = Decisions({name: decided.of(name).with_parts("rejected") for name in TRACKS}, "rejected")
    for takes_pending in (False, True):
        made = decided_mix(before, proposal, rejected, takes_pending=takes_pending)
        assert stands(made) == stands(before)


@quickly
@given(befores, proposals, decisions, st.booleans())
def test_what_is_locked_or_not_taken_stays_and_what_is_set_by_hand_is_so(
    before: Mix, proposal: Mix, decided: Decisions, takes_pending: bool
) -> None:
    made = decided_mix(before, proposal, decided, takes_pending=takes_pending)
    taken = ("accepted", "pending") if takes_pending else ("accepted",)
    for channel in made.channels:
        of_track, was = decided.of(channel.name), before.channel(channel.name).settings
        for param, part in PART_OF.items():
            if part in of_track.locked:
                assert channel.settings[param] == was[param]
            elif param in of_track.own:
                assert channel.settings[param] == of_track.own[param]
            elif of_track.of(part) not in taken:
                assert channel.settings[param] == was[param]


@quickly
@given(befores, proposals, decisions, st.booleans())
def test_an_amount_of_nothing_changes_nothing(
    before: Mix, proposal: Mix, decided: Decisions, takes_pending: bool
) -> None:
    for name in TRACKS:
        nothing = TrackDecision(decided.of(name).parts, decided.of(name).locked, 0.0)
        made = decided_channel(before.channel(name), proposal.channel(name), nothing, takes_pending=takes_pending)
        assert made.settings == before.channel(name).settings


@quickly
@given(befores, proposals, decisions, st.booleans())
def test_everything_lies_within_its_range(before: Mix, proposal: Mix, decided: Decisions, takes_pending: bool) -> None:
    for stand in stands(decided_mix(before, proposal, decided, takes_pending=takes_pending)):
        for name, value in stand.items():
            assert BY_NAME[name].check(value) == value


@quickly
@given(befores, proposals, decisions)
def test_deciding_again_on_what_was_made_changes_nothing_more(before: Mix, proposal: Mix, decided: Decisions) -> None:
    made = decided_mix(before, proposal, decided)
    assert decided_mix(before, proposal, decided) == made
    same = decided_mix(made, made, decided)
    for name in TRACKS:
        assert not changed_parts(same.channel(name), made.channel(name)) or decided.of(name).own


@quickly
@given(befores, proposals, decisions)
def test_one_track_s_decision_moves_no_other_track(before: Mix, proposal: Mix, decided: Decisions) -> None:
    alone = Decisions({"bass": decided.of("bass")}, decided.shared)
    made = decided_mix(before, proposal, alone)
    assert made.channel("vox").settings == before.channel("vox").settings
    assert made.channel("bass") == decided_mix(before, proposal, decided).channel("bass")


@quickly
@given(befores, proposals, decisions, st.booleans())
def test_the_bus_changes_under_nobody_who_sends_already(
    before: Mix, proposal: Mix, decided: Decisions, takes_pending: bool
) -> None:
    made = decided_mix(before, proposal, decided, takes_pending=takes_pending)
    assert made.reverb in (before.reverb, proposal.reverb)
    assert made.master in (before.master, proposal.master)
    if made.reverb != before.reverb:
        assert decided.shared != "rejected"
        for channel in before.channels:
            sends = does_something(SECTION_OF["send_db"], channel.settings)
            assert not sends or made.channel(channel.name).settings["send_db"] != channel.settings["send_db"]
    if decided.shared == "rejected":
        assert (made.reverb, made.master) == (before.reverb, before.master)


@quickly
@given(decisions)
def test_decisions_survive_being_kept(decided: Decisions) -> None:
    back = decisions_from_dict(json.loads(json.dumps(decisions_to_dict(decided), allow_nan=False)))
    assert back.shared == decided.shared
    assert all(back.of(name) == decided.of(name) for name in TRACKS)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
rows = st.fixed_dictionaries(
    {
        "parts": st.dictionaries(st.sampled_from(("eq", "nothing")), words | anything, max_size=2) | anything,
        "locked": st.lists(st.just("eq") | anything, max_size=2) | anything,
        "amount": st.floats(0.0, 1.0) | anything,
        "own": st.dictionaries(st.sampled_from(("pan", "nothing")), anything, max_size=2) | anything,
        "role": st.text(max_size=3) | anything,
    }
)


@settings(quickly, max_examples=150)
@given(st.fixed_dictionaries({"tracks": st.dictionaries(st.text(max_size=3), rows | anything), "shared": words}))
def test_whatever_a_file_holds_it_is_decisions_or_a_value_error(document: dict[str, Any]) -> None:
    try:
        found = decisions_from_dict(document)
    except ValueError:
        return
    assert decisions_from_dict(decisions_to_dict(found)).shared == document["shared"]
