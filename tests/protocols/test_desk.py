"""A mix as far as a DAW can hold it, and what it has to be told to get there."""

import math
from dataclasses import replace

import pytest

from assistant.automation import SHARED
from assistant.mix import BusSettings, Change, ChannelMix, ChannelSettings, Mix
from assistant.params import CHANNEL_NAMES
from protocols.daw import Control, DawTrack
from protocols.desk import changes_to, fit, held_from_dict, held_to_dict, mix_of

TO_SIX = {"fader_db": (-60.0, 6.0)}
FULL = DawTrack("kick", "audio", 1, frozenset(CHANNEL_NAMES) - {"width"}, has_strip=True, limits=TO_SIX)
BARE = DawTrack("synth", "audio", 2, frozenset({"fader_db", "pan", "send_db"}), limits=TO_SIX)
BUS = DawTrack("Reverb Bus", "bus", 2, frozenset({"reverb_decay_s", "reverb_return_db", "fader_db"}))
TRACKS = (FULL, BARE, BUS)


def mix(**of_kick: float) -> Mix:
    return Mix((ChannelMix("kick", ChannelSettings(of_kick)), ChannelMix("synth", ChannelSettings(peak2_gain_db=-3.0))))


def test_a_fader_beyond_reach_is_made_up_for() -> None:
    wanted = mix(fader_db=9.0, comp_makeup_db=2.0)
    fitted, _ = fit(wanted, mix_of(["kick", "synth"], {}), TRACKS, "Toy")
    settings = fitted.channel("kick").settings
    assert (settings["fader_db"], settings["comp_makeup_db"]) == (6.0, 5.0)


def test_what_even_the_make_up_cannot_reach_is_said() -> None:
    fitted, notes = fit(mix(fader_db=9.0, comp_makeup_db=23.0), mix_of(["kick", "synth"], {}), TRACKS, "Toy")
    settings = fitted.channel("kick").settings
    assert (settings["fader_db"], settings["comp_makeup_db"]) == (6.0, 24.0)
    assert "as far as Toy goes: kick: Fader 6 instead of 8 dB" in notes


def test_what_a_track_cannot_be_told_stays_and_is_said() -> None:
    fitted, notes = fit(mix(), mix_of(["kick", "synth"], {}), TRACKS, "Toy")
    assert fitted.channel("synth").settings == ChannelSettings()
    assert notes == ("left as they are, out of Toy's reach on synth: Mid gain",)


def test_the_master_that_cannot_be_told_stays() -> None:
    fitted, notes = fit(mix().with_master(master_gain_db=-4.0), mix_of(["kick", "synth"], {}), TRACKS, "Toy")
    assert fitted.master["master_gain_db"] == 0.0
    assert any(note.endswith("out of Toy's reach: Master gain") for note in notes)


def test_an_off_send_is_in_reach() -> None:
    before = mix_of(["kick", "synth"], {Control("kick", "send_db"): -12.0})
    fitted, notes = fit(Mix(mix_of(["kick", "synth"], {}).channels), before, TRACKS, "Toy")
    assert fitted.channel("kick").settings["send_db"] == -60.0
    assert not notes


def test_what_a_daw_holds_is_a_mix() -> None:
    held = {
        Control("kick", "fader_db"): -math.inf,
        Control("kick", "pan"): 0.25,
        Control("kick", "send_db"): -193.0,
        Control(SHARED, "reverb_decay_s"): 2.5,
    }
    found = mix_of(["kick", "synth"], held)
    assert found.channel("kick").settings == ChannelSettings(fader_db=-60.0, pan=0.25)
    assert found.channel("synth").settings == ChannelSettings()
    assert found.reverb == BusSettings(reverb_decay_s=2.5)


def test_only_what_differs_and_can_be_told_is_changed() -> None:
    held = {Control("kick", "fader_db"): 1.0, Control("kick", "pan"): 0.1000000015, Control("kick", "send_db"): -193.0}
    wanted = Mix(
        (
            ChannelMix("kick", ChannelSettings(fader_db=-3.0, pan=0.1)),
            ChannelMix("synth", ChannelSettings(peak1_gain_db=3.0, fader_db=2.0)),
        ),
        BusSettings(reverb_decay_s=3.0),
    )
    assert changes_to(wanted, TRACKS, held) == [
        Change("kick", "fader_db", 1.0, -3.0),
        Change("synth", "fader_db", 0.0, 2.0),
        Change(SHARED, "reverb_decay_s", 1.8, 3.0),
    ]


def test_what_nobody_touched_stays_also_beyond_the_table() -> None:
    held = {Control("kick", "comp_threshold_db"): -70.0, Control("kick", "peak1_hz"): 30_000.0}
    before = mix_of(["kick", "synth"], held)
    assert before.channel("kick").settings["comp_threshold_db"] == -60.0
    assert changes_to(before, TRACKS, held) == []
    louder = replace(before, channels=(ChannelMix("kick", before.channels[0].settings.with_values(trim_db=1.0)),))
    assert [c.param for c in changes_to(louder, TRACKS, held)] == ["trim_db"]


def test_a_trim_that_cannot_be_told_is_made_at_the_fader() -> None:
    wanted = Mix(tuple(ChannelMix(name, ChannelSettings(trim_db=-4.0, fader_db=1.0)) for name in ("kick", "synth")))
    fitted, notes = fit(wanted, mix_of(["kick", "synth"], {}), TRACKS, "Toy")
    assert fitted.channel("kick").settings == ChannelSettings(trim_db=-4.0, fader_db=1.0)
    assert fitted.channel("synth").settings == ChannelSettings(fader_db=-3.0)
    assert not notes


def test_changes_lead_from_where_the_mix_was_proposed() -> None:
    fader = Control("kick", "fader_db")
    wanted = Mix((ChannelMix("kick", ChannelSettings(fader_db=-3.0)),))
    (change,) = changes_to(wanted, TRACKS[:1], {fader: 2.0}, {fader: 0.5})
    assert change == Change("kick", "fader_db", 0.5, -3.0)
    assert changes_to(wanted, TRACKS[:1], {fader: -3.0}, {fader: 0.5}) == []


def test_what_a_daw_rounds_is_no_change() -> None:
    held = {Control("kick", "fader_db"): -4.10649}
    wanted = Mix((ChannelMix("kick", ChannelSettings(fader_db=-4.106485867)),))
    before = mix_of(["kick"], held)
    fitted, _ = fit(wanted, before, TRACKS[:1], "Toy")
    assert fitted.channel("kick").settings == before.channel("kick").settings


def test_what_a_daw_held_survives_a_file() -> None:
    held = {Control("kick", "fader_db"): -3.25, Control(SHARED, "reverb_decay_s"): 2.0}
    assert held_from_dict(held_to_dict({**held, Control("kick", "pan"): -math.inf})) == held


@pytest.mark.parametrize("document", [[], {"kick": 1.0}, {"kick": {"fader_db": "loud"}}, {"kick": {"volume": 1.0}}])
def test_what_no_daw_held_is_refused(document: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        held_from_dict(document)
