"""The conversation with Live, against a simulator written from AbletonOSC's sources; Live itself was not run."""

from __future__ import annotations

import random

import pytest
from ableton_simulator import Live, SimDevice, SimLiveTrack, eq_eight

from protocols.ableton.native import BANDS, NATIVE
from protocols.ableton.surface import LiveSurface
from protocols.ableton.tracks import MOST_TRACKS
from protocols.daw import Control, HeldChanged, TracksChanged
from protocols.dialect import Message
from protocols.errors import ProtocolError

VALUES = {
    Control("Kick", "fader_db"): -7.25,
    Control("Kick", "pan"): -0.3,
    Control("Kick", "send_db"): -12.3,
    Control("Bass", "fader_db"): -31.0,
    Control("Bass", "peak2_hz"): 850.0,
    Control("Bass", "peak2_q"): 2.0,
    Control("Bass", "high_shelf_gain_db"): -4.5,
    Control("Bass", "highpass_on"): 1.0,
    Control("Bass", "highpass_hz"): 60.0,
}


def session() -> list[SimLiveTrack]:
    return [
        SimLiveTrack("Kick"),
        SimLiveTrack("Bass", devices=[SimDevice("Amp", "Amp"), eq_eight()]),
        SimLiveTrack("Keys", is_midi=True, devices=[eq_eight("EQ Eight")]),
        SimLiveTrack("Keys", is_midi=True, has_output=False, mute=True),
        SimLiveTrack("Drums", is_group=True),
    ]


def deliver(live: Live, surface: LiveSurface, messages) -> list:
    """One tick: what comes behind an error is lost to it."""
    events = []
    for message in messages:
        try:
            answers = live.receive(message)
        except IndexError as error:
            answers = [Message("/live/error", "s", (f"Error handling OSC message: {error}",))]
        for answer in answers:
            events += surface.heard(answer)
    return events


def meet(live: Live, surface: LiveSurface) -> None:
    deliver(live, surface, surface.greeting())
    for _ in range(10):
        if not (asked := surface.survey()):
            return
        deliver(live, surface, asked)
    raise AssertionError(f"still asked: {asked[:3]}")


@pytest.fixture
def both() -> tuple[Live, LiveSurface]:
    live, surface = Live(session()), LiveSurface()
    meet(live, surface)
    return live, surface


def test_tracks_are_found_with_what_they_can_be_told(both) -> None:
    kick, bass, keys, silent, drums = both[1].tracks
    assert [t.name for t in both[1].tracks] == ["Kick", "Bass", "Keys", "Keys (2)", "Drums"]
    assert kick.params == {"fader_db", "pan", "send_db"}
    assert bass.params == kick.params | {row.param for row in NATIVE.rows}
    assert bass.other_plugins == ("Amp",)
    assert keys.params == kick.params  # that EQ is the user's
    assert (keys.kind, silent.kind, drums.kind) == ("midi", "midi", "bus")
    assert (silent.params, silent.is_muted) == (frozenset(), True)
    assert not any(track.has_strip or track.kind == "master" for track in both[1].tracks)
    assert (kick.limits["fader_db"][1], kick.limits["send_db"][1]) == (6.0, 0.0)
    assert bass.limits.keys() <= bass.params
    assert not both[0].unknown


def test_what_is_told_is_asked_back(both) -> None:
    live, surface = both
    assert not deliver(live, surface, surface.say(VALUES))
    deliver(live, surface, surface.ask(VALUES))
    for control, value in VALUES.items():
        assert surface.is_same(control, value, surface.held[control]), (control, surface.held[control])
        assert not surface.is_same(control, value + max(0.1, 0.02 * abs(value)), surface.held[control]), control
    assert live.tracks[0].volume == pytest.approx(0.85 - 7.25 / 40.0)
    assert live.tracks[0].panning == -0.3
    assert surface.held[Control("Bass", "peak2_hz")] == 850.0
    assert not live.unknown


def test_bands_are_made_the_filters_that_they_have_to_be(both) -> None:
    live, surface = both
    deliver(live, surface, surface.say(VALUES))
    values = live.tracks[1].devices[1].values
    assert values["6 Filter Type A"] == BANDS["high_shelf"].filter_type == 5
    assert values["6 Filter On A"] == 1.0
    assert (values["1 Filter Type A"], values["1 Filter On A"]) == (1.0, 1.0)
    deliver(live, surface, surface.say({Control("Bass", "highpass_on"): 0.0}))
    assert values["1 Filter On A"] == 0.0


def test_a_scale_that_is_not_as_supposed_is_noticed(both) -> None:
    live, surface = both
    live.tracks[1].devices[1].shown["4 Frequency A"] = lambda value: f"{20.0 * 1_000.0**value:.0f} Hz"
    control = Control("Bass", "peak2_hz")
    deliver(live, surface, surface.say({control: 850.0}))
    deliver(live, surface, surface.ask([control]))
    assert not surface.is_same(control, 850.0, surface.held[control])


def test_silence_goes_both_ways(both) -> None:
    live, surface = both
    control = Control("Kick", "send_db")
    live.tracks[0].sends[0] = 0.5
    deliver(live, surface, surface.say({control: -60.0}))
    assert live.tracks[0].sends[0] == 0.0
    deliver(live, surface, surface.ask([control]))
    assert surface.held[control] == -60.0


def test_no_negative_index_is_ever_sent(both) -> None:
    live, surface = both
    controls = [Control(t.name, p) for t in surface.tracks for p in t.params]
    for message in (*surface.ask(controls), *surface.say(VALUES), *(m for _ in range(9) for m in surface.alive())):
        deliver(live, surface, [message])
    assert len(live.indices) > 50
    assert min(live.indices) >= 0
    with pytest.raises(ProtocolError, match="no track 'Nobody'"):
        surface.say({Control("Nobody", "pan"): 0.0})


def test_without_a_return_there_is_no_send() -> None:
    live, surface = Live([SimLiveTrack("A", sends=[]), SimLiveTrack("B", sends=[])]), LiveSurface()
    meet(live, surface)
    assert [track.params for track in surface.tracks] == [{"fader_db", "pan"}] * 2


def test_another_order_of_tracks_is_asked_for_anew(both) -> None:
    live, surface = both
    deliver(live, surface, surface.ask([Control("Kick", "fader_db")]))
    live.tracks.insert(0, SimLiveTrack("New", volume=0.4))
    events = deliver(live, surface, surface.ask([Control("Kick", "fader_db")]))
    assert isinstance(events[0], TracksChanged)
    assert Control("Kick", "fader_db") not in surface.held  # the answer was about the new track
    meet(live, surface)
    deliver(live, surface, surface.ask([Control("Kick", "fader_db"), Control("New", "fader_db")]))
    assert surface.held[Control("New", "fader_db")] == pytest.approx(-18.0)
    assert surface.held[Control("Kick", "fader_db")] == 0.0


def test_a_device_that_is_put_in_is_found(both) -> None:
    live, surface = both
    live.tracks[0].devices.append(eq_eight("Mixassist"))
    for _ in range(2 * len(live.tracks)):
        deliver(live, surface, surface.alive())
    deliver(live, surface, surface.survey())
    assert "peak1_hz" in surface.tracks[0].params
    live.tracks[0].devices.clear()
    for _ in range(2 * len(live.tracks)):
        deliver(live, surface, surface.alive())
    assert "peak1_hz" not in surface.tracks[0].params


def test_a_start_of_the_script_begins_anew(both) -> None:
    surface = both[1]
    assert surface.heard(Message("/live/startup")) == (TracksChanged(()),)
    assert surface.survey() == surface.greeting()


def test_a_moved_fader_is_heard_once(both) -> None:
    surface = both[1]
    message = Message("/live/track/get/volume", "if", (0, 0.4))
    assert list(surface.heard(message)) == [HeldChanged(Control("Kick", "fader_db"), -18.0)]
    assert list(surface.heard(message)) == []


def test_what_is_out_of_range_is_refused(both) -> None:
    with pytest.raises(ValueError, match=r"Ableton Live holds .* to 6 dB"):
        both[1].say({Control("Kick", "fader_db"): 9.0})
    with pytest.raises(ValueError, match=r"pan=1\.5"):
        both[1].say({Control("Kick", "pan"): 1.5})


def test_what_live_s_own_devices_cannot_be_told_has_no_row() -> None:
    assert {"trim_db", "comp_ratio", "low_shelf_q", "width"}.isdisjoint(row.param for row in NATIVE.rows)


def test_nothing_that_is_heard_raises_or_grows_without_bound(both) -> None:
    surface = both[1]
    rng = random.Random(5)
    addresses = ("/live/song/get/track_names", "/live/track/get/devices/name", "/live/device/get/parameters/name")
    addresses += ("/live/track/get/volume", "/live/track/get/send", "/live/device/get/parameter/value_string", "/x")
    addresses += ("/live/track/get/devices/class_name", "/live/error", "/live/startup", "/live/track/get/mute")
    values = (
        -1,
        0,
        1,
        2,
        2**40,
        0.5,
        1e30,
        float("-inf"),
        "",
        "Eq8",
        "mixassist",
        "x" * 9_000,
        "1 Frequency A",
        "2 kHz",
    )
    for _ in range(20_000):
        args = tuple(rng.choice(values) for _ in range(rng.choice((0, 1, 2, 3, 4, 4, 6))))
        surface.heard(Message(rng.choice(addresses), "", args))
    surface.heard(Message("/live/song/get/track_names", "", tuple(f"T{n}" for n in range(4_000))))
    assert len(surface.tracks) <= MOST_TRACKS
    assert all(len(track.name) < 300 for track in surface.tracks)
