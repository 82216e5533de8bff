"""What follows from the network's wishes by calculation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engineers.conftest import RATE, make_track
from scipy import signal

from assistant.analysis.listening import TrackFeatures, listen
from assistant.controller.staging import MOST_REDUCTION_DB, Wish, level_faders, stage
from assistant.engineers.filtering import response_db
from assistant.engineers.hearing import HeardTrack
from assistant.engineers.levels import FADER_RANGE_DB, REFERENCE_LUFS
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.engineers.roles import RoleGuess
from assistant.mix import ChannelSettings
from assistant.params import CHANNEL_PARAMS

NEUTRAL = {p.name: p.default for p in CHANNEL_PARAMS}


def wish(name: str, instrument: str, role: str, channels: int = 1, **settings: float) -> Wish:
    track = make_track(name, instrument, channels=channels)
    heard = HeardTrack(track, listen(track.audio, RATE), RoleGuess(ROLE_BY_NAME[role], 0.9, "sound"))
    return Wish(heard, {**NEUTRAL, **settings}, 2.0)


def settle(*wishes: Wish, has_sides: bool = False) -> dict[str, ChannelSettings]:
    return {name: ChannelSettings(advice.settings) for name, advice in stage(wishes, has_sides).items()}


def fader(name: str, role: str, fader_db: float) -> Wish:
    heard = HeardTrack(make_track(name, "pad"), TrackFeatures(), RoleGuess(ROLE_BY_NAME[role], 0.9, "sound"))
    return Wish(heard, {"fader_db": fader_db}, 1.0)


def test_the_loudest_lead_vocal_is_the_anchor() -> None:
    faders = level_faders([fader("a", "lead vocal", -9.0), fader("b", "lead vocal", -7.0), fader("c", "pad", -11.0)])
    assert faders == {"a": -2.0, "b": 0.0, "c": -4.0}


def test_without_one_the_median_is() -> None:
    faders = level_faders([fader("a", "pad", -20.0), fader("b", "kick", -10.0), fader("c", "bass", -9.0)])
    assert faders == {"a": -14.0, "b": -4.0, "c": -3.0}


def test_faders_stay_inside_their_range() -> None:
    """Upwards all give way, and the balance stays; what is all but gone stops at the lower end."""
    faders = level_faders([fader("a", "lead vocal", -20.0), fader("b", "kick", -10.0), fader("c", "pad", -60.0)])
    assert faders == {"a": FADER_RANGE_DB[1] - 10.0, "b": FADER_RANGE_DB[1], "c": FADER_RANGE_DB[0]}
    assert level_faders([]) == {}


def test_small_moves_are_left_out() -> None:
    small = {"peak1_gain_db": 0.4, "comp_ratio": 1.15, "comp_threshold_db": -40.0, "send_db": -41.0, "pan": 0.05}
    small |= {"width": 1.04, "highpass_on": 0.0, "highpass_hz": 300.0, "low_shelf_hz": 20.2, "low_shelf_gain_db": 1.5}
    settings = settle(wish("Pad", "pad", "pad", channels=2, **small))["Pad"]
    assert set(settings.changed()) == {"trim_db", "fader_db"}


def test_great_ones_are_made() -> None:
    great = {"peak1_gain_db": -3.04, "peak1_hz": 412.3, "peak1_q": 1.234, "send_db": -18.04, "pan": -0.304}
    great |= {"width": 1.303, "highpass_on": 1.0, "highpass_hz": 93.27, "polarity_inverted": 1.0}
    settings = settle(wish("Pad", "pad", "pad", channels=2, **great))["Pad"].changed()
    expected = {"peak1_gain_db": -3.04, "peak1_hz": 412.0, "peak1_q": 1.23, "send_db": -18.0, "pan": -0.3}
    expected |= {"width": 1.3, "highpass_on": 1.0, "highpass_hz": 93.3, "polarity_inverted": 1.0}
    assert {name: settings[name] for name in expected} == expected


def test_only_stereo_tracks_have_a_width() -> None:
    assert settle(wish("Vox", "vocal", "lead vocal", width=0.2))["Vox"]["width"] == 1.0


def test_the_trim_makes_up_for_the_filters() -> None:
    """Against the loudness of the filtered audio, measured."""
    plain = wish("Gtr", "guitar", "electric guitar")
    dark = {"high_shelf_gain_db": -9.0, "high_shelf_hz": 1_500.0, "highpass_on": 1.0, "highpass_hz": 350.0}
    trims = [settle(w)["Gtr"]["trim_db"] for w in (plain, replace(plain, settings={**plain.settings, **dark}))]
    assert trims[0] == pytest.approx(REFERENCE_LUFS - plain.heard.features.loudness_lufs, abs=0.01)
    hz = np.geomspace(20.0, 20_000.0, 400)
    gain = 10 ** (response_db(dark, hz) / 20)
    taps = signal.firwin2(8_191, [0.0, *hz, RATE / 2], [gain[0], *gain, gain[-1]], fs=RATE)
    filtered = signal.fftconvolve(plain.heard.track.audio, taps[None], axes=1, mode="same").astype(np.float32)
    lost_lu = plain.heard.features.loudness_lufs - listen(filtered, RATE).loudness_lufs
    assert lost_lu > 1.0
    assert trims[1] - trims[0] == pytest.approx(lost_lu, abs=0.3)


def test_width_and_balance_cost_level_that_the_trim_gives_back() -> None:
    """Against the level of the audio behind the console's own matrix."""
    pad = wish("Pad", "pad", "pad", channels=2)
    left, right = pad.heard.track.audio.astype(np.float64)
    for width, pan in ((0.0, 0.0), (1.6, 0.0), (1.0, 0.5), (1.4, -0.6), (0.3, 0.7)):
        same, other = (1 + width) / 2, (1 - width) / 2
        after = (min(1, 1 - pan) * (same * left + other * right), min(1, 1 + pan) * (same * right + other * left))
        change_db = 10 * np.log10(sum(np.sum(a**2) for a in after) / np.sum(left**2 + right**2))
        settings = {**pad.settings, "width": width, "pan": pan}
        trims = [settle(replace(pad, settings=s))["Pad"]["trim_db"] for s in (pad.settings, settings)]
        assert trims[0] - trims[1] == pytest.approx(change_db, abs=0.3)


def test_the_compressor_is_relative_to_the_reference_level() -> None:
    """The same at any gain of the recording; what it takes is made up for."""
    strong = {"comp_ratio": 4.0, "comp_threshold_db": -30.0, "comp_attack_ms": 5.0, "comp_release_ms": 100.0}
    vocal = wish("Vox", "vocal", "lead vocal", **strong)
    softer = replace(vocal.heard.track, audio=vocal.heard.track.audio * np.float32(0.1))
    other = replace(vocal, heard=replace(vocal.heard, features=listen(softer.audio, RATE)))
    settings, same = settle(vocal)["Vox"], settle(other)["Vox"]
    assert settings["comp_threshold_db"] == -30.0
    assert 2.0 < settings["comp_makeup_db"] < 12.0
    assert same["comp_makeup_db"] == pytest.approx(settings["comp_makeup_db"], abs=0.05)
    assert same["trim_db"] == pytest.approx(settings["trim_db"] + 20.0, abs=0.05)


def test_a_compressor_never_crushes_and_an_idle_one_is_off() -> None:
    brutal = {"comp_ratio": 19.0, "comp_threshold_db": -59.0, "comp_attack_ms": 0.2, "comp_release_ms": 400.0}
    advice = stage([wish("Vox", "vocal", "lead vocal", **brutal)], has_sides=False)["Vox"]
    assert advice.settings["comp_threshold_db"] > -40.0
    assert advice.settings["comp_makeup_db"] <= MOST_REDUCTION_DB + 0.1
    idle = {"comp_ratio": 4.0, "comp_threshold_db": -0.5}
    assert not any(name.startswith("comp") for name in settle(wish("Pad", "pad", "pad", **idle))["Pad"].changed())


def test_sides_are_assigned_where_the_network_knows_none() -> None:
    names = [("gtr L", "guitar"), ("gtr R", "guitar"), ("keys one", "pad"), ("synth", "pad"), ("HH", "hihat")]
    roles = ["electric guitar", "electric guitar", "keys", "synth", "hihat"]
    reaches = [0.6, -0.8, -0.4, -0.4, -0.3]
    wishes = [wish(n, i, r, pan=p) for (n, i), r, p in zip(names, roles, reaches, strict=True)]
    settings = settle(*wishes)
    assert (settings["gtr L"]["pan"], settings["gtr R"]["pan"]) == (-0.7, 0.7)
    assert settings["keys one"]["pan"] == -settings["synth"]["pan"] != 0.0
    assert settings["HH"]["pan"] == 0.3
    assert settings == settle(*wishes[::-1])
    signed = settle(*wishes, has_sides=True)
    assert [signed[n]["pan"] for n, _ in names] == reaches


def test_stereo_tracks_keep_their_sign() -> None:
    wishes = [wish(f"Pad {i}", "pad", "pad", channels=2, pan=-0.4) for i in range(2)]
    assert {s["pan"] for s in settle(*wishes).values()} == {-0.4}


def test_toms_stand_where_the_kit_has_them() -> None:
    wishes = [wish(f"Tom {place}", "kick", "toms", pan=0.35) for place in ("Hi", "Mid", "Floor")]
    settings = settle(*wishes)
    assert [settings[f"Tom {place}"]["pan"] for place in ("Hi", "Mid", "Floor")] == [0.35, 0.0, -0.35]
