"""What a user's decisions make of a proposal."""

from dataclasses import replace

import pytest

from assistant.automation import apply, suggest
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
from assistant.mandate import Automation, Mandate
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, MasterSettings, Mix
from assistant.params import CHANNEL_NAMES

BASS = ChannelSettings(
    trim_db=4.0, fader_db=-3.0, pan=0.4, send_db=-12.0, peak1_gain_db=2.0, comp_ratio=3.0, comp_threshold_db=-20.0
)
PROPOSAL = Mix(
    (ChannelMix("bass", BASS, "bass", 0.9), ChannelMix("vox", ChannelSettings(fader_db=2.0), "lead vocal", 0.8)),
    BusSettings(reverb_decay_s=2.4),
    MasterSettings(master_gain_db=-2.0),
    -14.0,
    "dmc",
)
BEFORE = Mix((ChannelMix("bass"), ChannelMix("vox", ChannelSettings(fader_db=-6.0))))
ALL = TrackDecision().with_parts("accepted")


def test_every_parameter_of_a_strip_belongs_to_one_part() -> None:
    assert set(PART_OF) == set(CHANNEL_NAMES)
    assert set(PART_OF.values()) == set(PARTS)


def test_nothing_decided_is_the_mix_before_and_everything_pending_the_proposal() -> None:
    made = decided_mix(BEFORE, PROPOSAL, Decisions())
    assert [c.settings for c in made.channels] == [c.settings for c in BEFORE.channels]
    assert (made.reverb, made.master) == (BEFORE.reverb, BEFORE.master)
    heard = decided_mix(BEFORE, PROPOSAL, Decisions(), takes_pending=True)
    assert [c.settings for c in heard.channels] == [c.settings for c in PROPOSAL.channels]
    assert (heard.reverb, heard.master) == (PROPOSAL.reverb, PROPOSAL.master)


@pytest.mark.parametrize("part", PARTS)
def test_an_accepted_part_brings_its_own_parameters_and_no_others(part: str) -> None:
    old, new = BEFORE.channel("bass"), PROPOSAL.channel("bass")
    made = decided_channel(old, new, TrackDecision().with_parts("accepted", [part])).settings
    for name in CHANNEL_NAMES:
        if PART_OF[name] != part:
            assert made[name] == old.settings[name]
    if part not in ("dynamics", "polarity"):
        assert any(made[name] != old.settings[name] for name in CHANNEL_NAMES)


def test_a_rejected_part_is_not_heard_either() -> None:
    decision = TrackDecision().with_parts("rejected", ["eq"])
    heard = decided_channel(BEFORE.channel("bass"), PROPOSAL.channel("bass"), decision, takes_pending=True)
    assert heard.settings["peak1_gain_db"] == 0.0
    assert heard.settings["pan"] == BASS["pan"]


def test_a_locked_part_stays_whatever_is_accepted_or_set() -> None:
    decision = ALL.with_own("pan", -0.5).with_lock(["image"], True)
    made = decided_channel(BEFORE.channel("bass"), PROPOSAL.channel("bass"), decision)
    assert made.settings["pan"] == 0.0
    assert made.settings["send_db"] == BASS["send_db"]


def test_an_amount_is_that_of_the_mandate() -> None:
    old, new = BEFORE.channel("bass"), PROPOSAL.channel("bass")
    made = decided_channel(old, new, replace(ALL, amount=0.5))
    mixes = Mix((old,)), Mix((new,))
    expected = apply(*mixes, suggest(*mixes, Mandate(Automation.INDEPENDENT, amount=0.5))).channels[0]
    assert made.settings == expected.settings
    assert made.settings["fader_db"] == pytest.approx(-1.5)


def test_a_value_set_by_hand_stands_until_its_part_is_decided_on() -> None:
    decision = TrackDecision().with_own("fader_db", -40.0).with_own("fader_db", 99.0)
    made = decided_channel(BEFORE.channel("vox"), PROPOSAL.channel("vox"), decision)
    assert made.settings["fader_db"] == 12.0  # the end of the fader
    decided = decision.with_parts("accepted", ["levels"])
    assert decided.own == {}
    assert decision.with_own("fader_db", None) == TrackDecision()


def test_the_bus_comes_with_the_first_send_and_not_where_another_track_keeps_its_own() -> None:
    send = Decisions({"bass": TrackDecision().with_parts("accepted", ["reverb"])})
    assert decided_mix(BEFORE, PROPOSAL, send).reverb == PROPOSAL.reverb
    assert decided_mix(BEFORE, PROPOSAL, send).master == BEFORE.master
    assert decided_mix(BEFORE, PROPOSAL, replace(send, shared="rejected")).reverb == BEFORE.reverb
    sending = ChannelMix("vox", ChannelSettings(send_db=-10.0))
    before = replace(BEFORE, channels=(BEFORE.channels[0], sending))
    keeps = replace(send, tracks={**send.tracks, "vox": TrackDecision().with_lock(["reverb"], True)})
    assert decided_mix(before, PROPOSAL, keeps).reverb == BEFORE.reverb


def test_the_shared_word_takes_bus_and_master() -> None:
    made = decided_mix(BEFORE, PROPOSAL, Decisions(shared="accepted"))
    assert (made.reverb, made.master) == (PROPOSAL.reverb, PROPOSAL.master)


def test_the_parts_that_a_proposal_changes() -> None:
    assert changed_parts(BEFORE.channel("bass"), PROPOSAL.channel("bass")) == (
        "levels",
        "eq",
        "dynamics",
        "image",
        "reverb",
    )
    assert changed_parts(BEFORE.channel("vox"), PROPOSAL.channel("vox")) == ("levels",)


def test_decisions_are_written_and_read() -> None:
    track = replace(ALL.with_parts("rejected", ["eq"]).with_lock(["image"], True).with_own("pan", 0.25), role="bass")
    decisions = Decisions({"bass": replace(track, amount=0.3)}, "rejected")
    assert decisions_from_dict(decisions_to_dict(decisions)) == decisions
    assert decisions_to_dict(Decisions({"bass": TrackDecision()}))["tracks"] == {}


ROW = {"parts": {}, "locked": [], "amount": 1.0, "own": {}, "role": ""}


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"tracks": [], "shared": "pending"},
        {"tracks": {}, "shared": "perhaps"},
        *(
            {"tracks": {"a": {**ROW, **wrong}}, "shared": "pending"}
            for wrong in (
                {"amount": 2.0},
                {"amount": "all"},
                {"parts": {"eq": "maybe"}},
                {"parts": {"wah": "accepted"}},
                {"locked": ["wah"]},
                {"own": {"fader_db": 99.0}},
                {"own": {"reverb_decay_s": 1.0}},
                {"role": 3},
            )
        ),
    ],
)
def test_what_is_no_decision_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match=r"decision|expected|unknown"):
        decisions_from_dict(document)
