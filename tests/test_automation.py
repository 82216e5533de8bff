"""What is delegated is done, and nothing else: laws over many mixes and mandates, then cases that a musician meets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_amounts import strips, value_of

from assistant.automation import SHARED, apply, neutral_mix, suggest
from assistant.mandate import GROUPS, LIMITABLE, Automation, Mandate
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix
from assistant.params import BY_NAME, CHANNEL_NAMES, MASTER_PARAMS, REVERB_NAMES

TRACKS = ("kick", "bass", "vox")
SILENT_DB = BY_NAME["send_db"].low


def mixes(engineer: str) -> st.SearchStrategy[Mix]:
    channels = st.tuples(*(st.builds(ChannelMix, st.just(name), strips, st.just("kick")) for name in TRACKS))
    bus = st.fixed_dictionaries({name: value_of(name) for name in REVERB_NAMES}).map(BusSettings)
    master = st.fixed_dictionaries({p.name: value_of(p.name) for p in MASTER_PARAMS}).map(MasterSettings)
    return st.builds(Mix, channels, bus, master, st.floats(-60, 0), st.just(engineer))


names = st.sampled_from((*GROUPS, "level", "peak1", "polarity"))
subsets = st.frozensets(st.sampled_from(TRACKS))
mandates = st.builds(
    Mandate,
    level=st.sampled_from([Automation.AUTOMATIC, Automation.INDEPENDENT]),
    sections=st.none() | st.frozensets(names),
    tracks=st.none() | subsets,
    locked_tracks=subsets,
    locked_params=st.frozensets(st.sampled_from(CHANNEL_NAMES) | st.tuples(st.sampled_from(TRACKS), names), max_size=4),
    limits=st.dictionaries(st.sampled_from(("levels", "eq", "image", "send_db", "comp_ratio")), st.floats(0.0, 20.0)),
    amounts=st.dictionaries(st.sampled_from(TRACKS), st.floats(0.0, 1.0)),
    amount=st.floats(0.0, 1.0),
)


def decided(before: Mix, proposal: Mix, mandate: Mandate) -> Mix:
    return apply(before, proposal, suggest(before, proposal, mandate))


@settings(max_examples=20, deadline=None)
@given(mixes("old"), mixes("new"), mandates)
def test_what_is_locked_stays_and_no_limit_is_passed(before: Mix, proposal: Mix, mandate: Mandate) -> None:
    after = decided(before, proposal, mandate)
    for channel in after.channels:
        old = before.channel(channel.name).settings
        if not mandate.touches(channel.name):
            assert channel == before.channel(channel.name)
        for name in CHANNEL_NAMES:
            if not mandate.allows(channel.name, name):
                assert channel.settings[name] == old[name]
            if name in LIMITABLE:
                assert abs(channel.settings[name] - old[name]) <= mandate.limit(name) + 1e-9
        moved_db = sum(channel.settings[name] - old[name] for name in ("trim_db", "fader_db"))
        assert abs(moved_db) <= mandate.level_limit_db + 1e-9
    for name, value in (*after.reverb.items(), *after.master.items()):
        if not mandate.allows_shared(name):
            assert value == {**before.reverb, **before.master}[name]


@settings(max_examples=20, deadline=None)
@given(mixes("old"), mixes("new"), mandates)
def test_the_bus_stays_under_a_send_that_stays(before: Mix, proposal: Mix, mandate: Mandate) -> None:
    if any(c.settings["send_db"] > SILENT_DB and not mandate.allows(c.name, "send_db") for c in before.channels):
        assert decided(before, proposal, mandate).reverb == before.reverb


@given(mixes("old"), mixes("new"))
@settings(max_examples=20, deadline=None)
def test_all_and_nothing_are_exact(before: Mix, proposal: Mix) -> None:
    assert decided(before, proposal, Mandate()) == proposal
    assert decided(before, proposal, Mandate(Automation.INDEPENDENT)) == proposal
    assert decided(before, proposal, Mandate(amount=0.0)) == before
    assert decided(before, proposal, Mandate(sections=frozenset(), tracks=frozenset())) == before


@settings(max_examples=15, deadline=None)
@given(mixes("old"), mixes("new"), mandates)
def test_twice_is_once(before: Mix, proposal: Mix, mandate: Mandate) -> None:
    suggestions = suggest(before, proposal, mandate)
    once = apply(before, proposal, suggestions)
    assert apply(once, proposal, suggestions) == once
    whole = decided(before, proposal, mandate.in_full())
    again = decided(before, whole, mandate.in_full())
    for channel in whole.channels:
        assert dict(again.channel(channel.name).settings) == pytest.approx(dict(channel.settings), abs=1e-9)


def test_half_of_a_change_twice_leaves_a_threshold_that_was_not_suggested() -> None:
    old, new = (
        ChannelSettings(trim_db=-48.0, comp_threshold_db=-60.0, comp_makeup_db=24.0),
        ChannelSettings(comp_threshold_db=-60.0),
    )
    before, proposal = (Mix((ChannelMix("vox", settings),)) for settings in (old, new))
    suggestions = suggest(before, proposal, Mandate(amount=0.5))
    once = apply(before, proposal, suggestions)
    assert once.channel("vox").settings["comp_threshold_db"] == -60.0
    assert apply(once, proposal, suggestions) == once


@settings(max_examples=15, deadline=None)
@given(mixes("old"), mixes("new"), mandates, st.permutations(TRACKS), st.permutations(TRACKS))
def test_the_order_of_the_tracks_changes_nothing(
    before: Mix, proposal: Mix, mandate: Mandate, one: list[str], other: list[str]
) -> None:
    shuffled = replace(before, channels=tuple(before.channel(name) for name in one))
    proposed = replace(proposal, channels=tuple(proposal.channel(name) for name in other))
    expected = decided(before, proposal, mandate)
    found = decided(shuffled, proposed, mandate)
    assert [c.name for c in found.channels] == one
    assert {c.name: c for c in found.channels} == {c.name: c for c in expected.channels}
    assert (found.reverb, found.master) == (expected.reverb, expected.master)


@settings(max_examples=10, deadline=None)
@given(mixes("old"), mixes("new"))
def test_who_decides(before: Mix, proposal: Mix) -> None:
    for level in (Automation.SUGGESTIVE, Automation.INSIGHTIVE):
        suggestions = suggest(before, proposal, Mandate(level))
        assert {s.decision for s in suggestions} == {"pending"}
        assert apply(before, proposal, suggestions) == before
        accepted = tuple(replace(s, decision="accepted") for s in suggestions)
        done = apply(before, proposal, accepted)
        assert done == (proposal if level is Automation.SUGGESTIVE else before)
    read = suggest(before, proposal, Mandate(Automation.INSIGHTIVE))
    assert {s.amount for s in read} == {0.0}
    assert [s.changes for s in read] == [s.changes for s in suggest(before, proposal, Mandate())]


def one(**values: float) -> Mix:
    return Mix((ChannelMix("vox", ChannelSettings(values), "lead vocal", 1.0, ("heard",)),), engineer="rules")


def vox(before: Mix, proposal: Mix, **mandate: object) -> ChannelMix:
    return decided(before, proposal, Mandate(**mandate)).channel("vox")  # type: ignore[arg-type]


PROPOSED: Mapping[str, float] = {
    "trim_db": 10.0,
    "fader_db": -4.0,
    "peak2_hz": 3_000.0,
    "peak2_gain_db": 4.0,
    "comp_threshold_db": -20.0,
    "comp_ratio": 4.0,
    "comp_makeup_db": 3.0,
    "send_db": -12.0,
}


def test_levels_alone() -> None:
    done = vox(one(), one(**PROPOSED), sections=frozenset({"levels"}))
    assert done.settings == ChannelSettings(trim_db=10.0, fader_db=-4.0)
    assert done.reasons == ("heard", "kept as it was: mid, compressor, reverb send")


def test_a_level_within_a_limit_is_that_of_trim_and_fader_together() -> None:
    done = vox(one(), one(**PROPOSED), limits={"levels": 3.0})
    assert (done.settings["trim_db"], done.settings["fader_db"]) == (3.0, 0.0)
    assert done.settings["comp_threshold_db"] == -27.0  # the compressor hears the track 7 dB quieter
    assert done.reasons[-1] == "less than proposed, within the limit: level"
    loose = vox(one(), one(**PROPOSED), limits={"levels": 7.0}).settings
    assert (loose["trim_db"], loose["fader_db"]) == (7.0, -1.0)


def test_the_fader_carries_what_the_trim_may_not() -> None:
    done = vox(one(), one(**PROPOSED), locked_params=frozenset({"trim_db"})).settings
    assert (done["trim_db"], done["fader_db"], done["comp_threshold_db"]) == (0.0, 6.0, -30.0)
    other = vox(one(), one(**PROPOSED), locked_params=frozenset({("vox", "fader_db")})).settings
    assert (other["trim_db"], other["fader_db"], other["comp_threshold_db"]) == (6.0, 0.0, -24.0)


def test_a_compressor_that_stays_hears_the_same_level() -> None:
    before = one(comp_ratio=3.0, comp_threshold_db=-30.0)
    done = vox(before, one(**PROPOSED), locked_params=frozenset({"dynamics"})).settings
    assert (done["trim_db"], done["fader_db"]) == (0.0, 6.0)
    assert (done["comp_ratio"], done["comp_threshold_db"]) == (3.0, -30.0)


def test_a_band_does_not_boost_where_nobody_asked() -> None:
    done = vox(one(), one(**PROPOSED), locked_params=frozenset({"peak2_hz"})).settings
    assert (done["peak2_hz"], done["peak2_gain_db"]) == (1_000.0, 0.0)
    no_ratio = vox(one(), one(**PROPOSED), locked_params=frozenset({"comp_ratio"})).settings
    assert no_ratio["comp_makeup_db"] == 0.0


def test_a_limited_ratio_takes_its_make_up_along() -> None:
    done = vox(one(), one(**PROPOSED), limits={"comp_ratio": 1.0}).settings
    assert done["comp_ratio"] == pytest.approx(2.0)
    assert done["comp_makeup_db"] == pytest.approx(1.5)


def test_no_limit_reaches_out_of_silence() -> None:
    assert vox(one(), one(send_db=-12.0), limits={"reverb": 6.0}).settings["send_db"] == SILENT_DB
    assert vox(one(send_db=-12.0), one(), limits={"reverb": 6.0}).settings["send_db"] == pytest.approx(-18.0)
    assert vox(one(send_db=-12.0), one(send_db=-2.0), limits={"reverb": 6.0}).settings["send_db"] == -6.0


def test_an_amount_is_said() -> None:
    done = vox(one(), one(fader_db=-4.0), amounts={"vox": 0.25})
    assert done.settings["fader_db"] == -1.0
    assert done.reasons == ("heard", "done to 25% only")


def test_a_bus_that_nobody_heard_is_taken_whole() -> None:
    proposal = replace(one(send_db=-12.0), reverb=BusSettings(reverb_decay_s=3.2))
    assert decided(one(), proposal, Mandate(amount=0.5)).reverb == proposal.reverb
    half = decided(one(send_db=-20.0), proposal, Mandate(amount=0.5)).reverb
    assert half["reverb_decay_s"] == pytest.approx((1.8 * 3.2) ** 0.5)
    assert decided(one(), proposal, Mandate(sections=frozenset({"eq"}))).reverb == BusSettings()
    (of_bus,) = (s for s in suggest(one(), proposal, Mandate()) if s.track == SHARED)
    assert [change.param for change in of_bus.changes] == ["reverb_decay_s"]


def test_a_neutral_mix_knows_who_is_who() -> None:
    flat = neutral_mix(replace(one(**PROPOSED), target_lufs=-16.0))
    assert flat.channels == (ChannelMix("vox", role="lead vocal", role_confidence=1.0),)
    assert (flat.target_lufs, flat.engineer) == (-16.0, "")


def test_mixes_of_other_tracks() -> None:
    other = Mix((ChannelMix("voice"), ChannelMix("bass")))
    with pytest.raises(ValueError, match="it has no track: 'vox'; it has a track that is not there: 'bass', 'voice'"):
        suggest(other, one(), Mandate())
    with pytest.raises(ValueError, match="unknown track 'voxx'; did you mean 'vox'"):
        suggest(one(), one(), Mandate(locked_tracks=frozenset({"voxx"})))
