"""The conversation with REAPER, against a simulator written from its published sources; REAPER itself was not run."""

from __future__ import annotations

import random
import re
import time

import pytest
from reaper_simulator import Reaper, SimPlugin, SimTrack, equaliser, plugin

from assistant.automation import SHARED
from assistant.params import BY_NAME
from assistant.plugins import REVERB, STRIP_STEREO
from protocols.daw import Control, HeldChanged, TracksChanged
from protocols.dialect import Message
from protocols.errors import ProtocolError
from protocols.reaper.bank import LARGEST_SIZE
from protocols.reaper.native import NATIVE
from protocols.reaper.strip import JSFX, Strip
from protocols.reaper.surface import ReaperSurface
from render.plugins.jsfx import EFFECTS, effect_text

BUS = "Reverb Bus"
VALUES = {
    Control("Kick", "fader_db"): -7.25,
    Control("Kick", "pan"): -0.3,
    Control("Kick", "send_db"): -12.3,
    Control("Kick", "peak2_hz"): 850.0,
    Control("Kick", "comp_ratio"): 3.5,
    Control("Kick", "polarity_inverted"): 1.0,
    Control(SHARED, "reverb_decay_s"): 2.4,
    Control(SHARED, "reverb_return_db"): -3.0,
    Control(SHARED, "master_gain_db"): -2.0,
}


def session() -> list[SimTrack]:
    return [
        SimTrack("Kick", plugins=[plugin(STRIP_STEREO)], sends=[["Reverb Bus", -60.0]]),
        SimTrack("Gtr", level_db=-4.5, plugins=[SimPlugin("VST: Amp", [0.5]), plugin(STRIP_STEREO)]),
        SimTrack("Gtr", pan_mode="Stereo pan", plugins=[equaliser()], is_muted=True),
        SimTrack("", level_db=-1.0),
        SimTrack(BUS, plugins=[plugin(REVERB)]),
    ]


def meet(reaper: Reaper, surface: ReaperSurface, rounds: int = 60) -> None:
    """Let both talk until nothing is to be asked."""
    deliver(reaper, surface, surface.greeting())
    for _ in range(rounds):
        asked = surface.survey()
        if not asked:
            return
        deliver(reaper, surface, asked)
    raise AssertionError(f"still asked after {rounds} rounds: {asked[:3]}")


def deliver(reaper, surface, messages):
    events = []
    for message in messages:
        for answer in reaper.receive(message):
            events += surface.heard(answer)
    return events


@pytest.fixture
def both() -> tuple[Reaper, ReaperSurface]:
    reaper, surface = Reaper(session()), ReaperSurface()
    meet(reaper, surface)
    return reaper, surface


def test_tracks_are_found_with_what_they_can_be_told(both) -> None:
    kick, guitar, other, unnamed, bus, master = both[1].tracks
    assert [t.name for t in both[1].tracks] == ["Kick", "Gtr", "Gtr (2)", "Track 4", BUS, "Master"]
    assert kick.has_strip
    assert (kick.kind, kick.channels, kick.other_plugins) == ("audio", 2, ())
    assert kick.params == {"fader_db", "pan", "send_db", *(p.name for p in STRIP_STEREO.params)}
    assert (guitar.channels, guitar.other_plugins) == (2, ("Amp",))
    assert guitar.params == {"fader_db", "pan", *(p.name for p in STRIP_STEREO.params)}
    assert other.is_muted
    assert "pan" not in other.params  # placed left and right each by itself
    assert other.params >= {row.param for row in NATIVE.rows}
    assert unnamed.params == {"fader_db", "pan"}
    assert (bus.kind, bus.params) == ("bus", {"reverb_return_db", *(p.name for p in REVERB.params)})
    assert (master.kind, master.params) == ("master", {"master_gain_db"})
    assert master.limits["master_gain_db"][1] == 12.0


def test_a_track_called_as_the_master_keeps_its_name() -> None:
    reaper, surface = Reaper([SimTrack("Master", level_db=-4.0), SimTrack(" Gtr\n ")]), ReaperSurface()
    meet(reaper, surface)
    assert [(t.name, t.kind) for t in surface.tracks] == [
        ("Master", "audio"),
        ("Gtr", "audio"),
        ("Master (2)", "master"),
    ]
    own, master = Control("Master", "fader_db"), Control(SHARED, "master_gain_db")
    assert (surface.held[own], surface.held[master]) == (-4.0, 0.0)
    deliver(reaper, surface, surface.say({own: -7.0}))
    assert (reaper.tracks[0].level_db, reaper.master_db) == (-7.0, 0.0)


def test_what_is_told_is_asked_back_exactly(both) -> None:
    reaper, surface = both
    deliver(reaper, surface, surface.say(VALUES))
    assert surface.held[Control("Kick", "fader_db")] == 0.0  # nothing that is told is repeated
    for control in VALUES:
        surface.held.pop(control, None)
    deliver(reaper, surface, surface.ask(VALUES))
    for control, value in VALUES.items():
        assert surface.is_same(control, value, surface.held[control]), control
        assert not surface.is_same(control, value + 0.1, surface.held[control]), control
    assert reaper.tracks[0].level_db == -7.25
    assert reaper.tracks[0].sends[0][1] == -12.3
    assert reaper.master_db == -2.0
    assert not reaper.unknown


def test_asking_changes_nothing(both) -> None:
    reaper, surface = both
    controls = [Control(t.name if t.kind == "audio" else SHARED, p) for t in surface.tracks for p in t.params]
    before = repr(reaper.tracks)
    deliver(reaper, surface, surface.ask(controls))
    assert repr(reaper.tracks) == before
    assert surface.held.keys() == set(controls)
    assert len(reaper.tracks[1].plugins) == 2  # asking after an equaliser would insert one


def test_silence_goes_both_ways(both) -> None:
    reaper, surface = both
    send, back = Control("Kick", "send_db"), Control(SHARED, "reverb_return_db")
    deliver(reaper, surface, surface.say({send: -60.0, back: -60.0}))
    assert (reaper.tracks[0].sends[0][1], reaper.tracks[4].level_db) == (-150.0, -150.0)
    deliver(reaper, surface, surface.ask([send, back]))
    assert (surface.held[send], surface.held[back]) == (-60.0, -60.0)


def test_a_native_equaliser_is_told_in_real_units_and_says_what_it_shows(both) -> None:
    reaper, surface = both
    values = {Control("Gtr (2)", "peak1_hz"): 431.27, Control("Gtr (2)", "peak1_q"): 1.7}
    values[Control("Gtr (2)", "high_shelf_gain_db")] = -2.24
    deliver(reaper, surface, surface.say(values))
    deliver(reaper, surface, surface.ask(values))
    bands = reaper.tracks[2].plugins[0].bands
    assert bands["band/0"][0] == 431.27
    assert bands["hishelf"][1] == -2.24
    assert surface.held[Control("Gtr (2)", "peak1_hz")] == 431.3
    assert all(surface.is_same(c, v, surface.held[c]) for c, v in values.items())
    assert not surface.is_same(Control("Gtr (2)", "peak1_hz"), 431.27, 431.1)


def test_our_plugins_are_known_by_the_names_that_they_are_written_under() -> None:
    written = {effect.title: effect.plugin for effect in EFFECTS}
    assert written == JSFX
    for effect in EFFECTS:
        sliders = re.findall(r"^slider(\d+):(\w+)=", effect_text(effect), re.MULTILINE)
        assert sliders == [(str(n), p.name) for n, p in enumerate(effect.plugin.params, start=1)]


@pytest.mark.parametrize(
    ("said", "is_ours"),
    [
        ("mixassist strip", True),
        ("JS: mixassist strip", True),
        ("mixassist strip [mixassist/mixassist-strip.jsfx]", True),
        ("LV2: mixassist strip (stereo) (mixassist)", False),
        ("LV2: mixassist reverb", False),
        ("My mixassist strip", False),
    ],
)
def test_a_plugin_is_ours_by_its_name(said: str, is_ours: bool) -> None:
    strip = Strip(1)
    assert strip.note("fx/3/name", said)
    assert (strip.plugin_at(3) is not None) == is_ours


def test_what_native_plugins_cannot_be_told_has_no_row() -> None:
    assert {"highpass_on", "comp_ratio", "low_shelf_q", "width"}.isdisjoint(row.param for row in NATIVE.rows)


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["ReaEQ (Cockos)"], None),
        (["mixassist EQ"], 1),
        (["Amp", "VST: mixassist EQ, lead", "ReaEQ (Cockos)"], 2),
        (["ReaEQ (Cockos)", "mixassist EQ"], None),  # REAPER's messages mean the first
        (["mixassist strip"], None),
    ],
)
def test_an_equaliser_is_ours_by_its_name_where_it_is_the_first(names: list[str], place: int | None) -> None:
    strip = Strip(1)
    for n, name in enumerate(names, 1):
        strip.note(f"fx/{n}/name", name)
    assert strip.eq_place == place


def test_the_user_s_own_equaliser_is_left_alone() -> None:
    reaper, surface = Reaper([SimTrack("Gtr", plugins=[equaliser("ReaEQ (Cockos)")])]), ReaperSurface()
    meet(reaper, surface)
    assert surface.tracks[0].params == {"fader_db", "pan"}
    assert surface.tracks[0].other_plugins == ("ReaEQ (Cockos)",)
    with pytest.raises(ProtocolError, match="can be told peak1_hz"):
        surface.say({Control("Gtr", "peak1_hz"): 500.0})


def test_the_bank_grows_over_all_tracks() -> None:
    reaper, surface = Reaper([SimTrack(f"T{n}", plugins=[plugin(STRIP_STEREO)]) for n in range(70)]), ReaperSurface()
    started = time.perf_counter()
    meet(reaper, surface, rounds=200)
    assert len(surface.tracks) == 71
    assert reaper.sizes["track"] == 128
    assert time.perf_counter() - started < 10.0


def test_tracks_that_come_go_or_are_renamed_keep_their_values(both) -> None:
    reaper, surface = both
    kick = Control("Kick", "send_db")
    assert surface.held[kick] == -60.0
    reaper.tracks[0].name = "Bass drum"
    events = [e for m in reaper.changed() for e in surface.heard(m)]
    assert any(isinstance(e, TracksChanged) for e in events)
    assert surface.held[Control("Bass drum", "send_db")] == -60.0
    assert kick not in surface.held
    reaper.tracks.insert(0, SimTrack("New", level_db=-9.0))
    for message in reaper.changed():
        surface.heard(message)
    meet(reaper, surface)
    assert [t.name for t in surface.tracks][:3] == ["New", "Bass drum", "Gtr"]
    assert surface.held[Control("New", "fader_db")] == -9.0
    assert surface.held[Control("Gtr", "fader_db")] == -4.5


def test_a_moved_fader_is_heard(both) -> None:
    reaper, surface = both
    reaper.tracks[0].level_db = -5.0
    assert [e for m in reaper.changed() for e in surface.heard(m)] == [HeldChanged(Control("Kick", "fader_db"), -5.0)]


def test_a_value_that_was_dropped_does_not_come_back_with_a_new_name(both) -> None:
    """What is asked for is dropped first, and must be heard anew."""
    reaper, surface = both
    surface.held.pop(Control("Kick", "fader_db"))
    reaper.tracks[0].is_muted = True
    for message in reaper.changed():
        surface.heard(message)
    assert Control("Kick", "fader_db") not in surface.held


def test_a_version_that_remembers_what_it_said_is_asked_for_everything() -> None:
    reaper, surface = Reaper(session(), forgets_when_told=False), ReaperSurface()
    meet(reaper, surface)
    control = Control("Kick", "pan")
    surface.held.pop(control)
    for _ in range(5):
        deliver(reaper, surface, surface.ask([control]))
    assert surface.held[control] == pytest.approx(0.0)


def test_it_is_alive_when_it_answers_briefly(both) -> None:
    reaper, surface = both
    assert len([a for m in surface.alive() for a in reaper.receive(m)]) == 1


def test_what_is_not_there_or_out_of_range_is_refused(both) -> None:
    surface = both[1]
    with pytest.raises(ProtocolError, match="no track 'Nobody' that can be told pan"):
        surface.say({Control("Nobody", "pan"): 0.0})
    with pytest.raises(ProtocolError, match="can be told send_db"):
        surface.say({Control("Gtr", "send_db"): 0.0})
    with pytest.raises(ValueError, match="fader_db=13"):
        surface.say({Control("Gtr", "fader_db"): 13.0})
    with pytest.raises(ValueError, match=r"REAPER holds .* to 12 dB"):
        surface.say({Control(SHARED, "master_gain_db"): 20.0})
    assert surface.ask([Control("Nobody", "pan")]) == ()


def test_after_a_restart_everything_begins_anew(both) -> None:
    reaper, surface = both
    surface.forget()
    assert (surface.tracks, surface.held) == ((), {})
    meet(reaper, surface)
    assert len(surface.tracks) == 6


def test_nothing_that_is_heard_raises_or_grows_without_bound(both) -> None:
    surface = both[1]
    rng = random.Random(5)
    heads = (
        "/track/{}/name",
        "/track/{}/fx/{}/name",
        "/track/{}/fx/{}/fxparam/{}/value",
        "/track/{}/send/{}/volume/str",
    )
    heads += ("/track/{}/volume/db", "/track/{}/panmode", "/track/{}/fxeq/band/{}/q/str", "/master/volume/str", "/{}")
    values = ("", "x" * 9_000, "nan", "-inf dB", "1e999", 7, -1, 2**31, 0.5, float("inf"), float("-inf"), float("nan"))
    for _ in range(20_000):
        address = rng.choice(heads).format(*(rng.choice((-1, 0, 1, 3, 9, 500, 10**9, "²", "")) for _ in range(3)))
        args = tuple(rng.choice(values) for _ in range(rng.choice((0, 1, 1, 1, 2))))
        surface.heard(Message(address, "", args))
    assert len(surface.tracks) <= LARGEST_SIZE + 1
    assert all(len(track.name) < 300 for track in surface.tracks)
    assert all(value == value and value < BY_NAME[c.param].high + 1e12 for c, value in surface.held.items())
