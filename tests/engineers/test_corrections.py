"""Faults put into clean sounds are mended in the right place by a sensible amount; clean sounds are left alone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from assistant.analysis.listening import listen
from assistant.engineers.dynamics_rules import COMPRESSION, find_threshold, taken_db
from assistant.engineers.eq_rules import advise_eq
from assistant.engineers.filtering import filtered_features, response_db
from assistant.engineers.hearing import HeardTrack, Scene
from assistant.engineers.highpass_rules import advise_highpass
from assistant.engineers.image_rules import advise_width, image_change_db
from assistant.engineers.interface import make_engineer
from assistant.engineers.levels import advise_fader, stands_for
from assistant.engineers.panning import plan_panning
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.engineers.roles import RoleGuess
from assistant.mix import Session, Track
from render.mixdown import render_premaster

RATE = 44_100


def heard_as(role: str, audio: np.ndarray, name: str = "x", confidence: float = 1.0) -> HeardTrack:
    audio = np.atleast_2d(audio).astype(np.float32)
    track = Track(name, None, audio, len(audio), RATE, audio.shape[1])
    return HeardTrack(track, listen(audio, RATE), RoleGuess(ROLE_BY_NAME[role], confidence, "user"))


def scene(*tracks: HeardTrack) -> Scene:
    return Scene(tuple(sorted(tracks, key=lambda t: t.name)))


def eq_of(heard: HeardTrack) -> dict[str, float]:
    return advise_eq(heard, scene(heard)).settings


def coloured(points: dict[float, float], seed: int = 1, seconds: float = 4.0) -> np.ndarray:
    """Noise whose spectrum runs through ``points`` (Hz to dB per third of an octave), straight lines between."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    hz = np.fft.rfftfreq(len(noise), 1 / RATE)
    at_hz, at_db = zip(*sorted(points.items()), strict=True)
    level_db = np.interp(np.log(np.maximum(hz, 1.0)), np.log(at_hz), at_db)
    shaped = np.fft.irfft(np.fft.rfft(noise) * 10 ** (level_db / 20) / np.sqrt(np.maximum(hz, 1.0)), len(noise))
    return 0.1 * shaped / np.abs(shaped).max()


VOICE = {15.0: -80.0, 90.0: -40.0, 150.0: -6.0, 400.0: 0.0, 800.0: 0.0, 2_000.0: -7.0, 8_000.0: -12.0, 16_000.0: -20.0}
GUITAR = {
    15.0: -80.0,
    70.0: -40.0,
    110.0: -6.0,
    250.0: 0.0,
    1_500.0: 0.0,
    4_000.0: -6.0,
    6_000.0: -30.0,
    16_000.0: -50.0,
}


def test_a_clean_voice_is_left_as_it_is():
    assert eq_of(heard_as("lead vocal", coloured(VOICE))) == {}
    assert eq_of(heard_as("electric guitar", coloured(GUITAR))) == {}


def test_rumble_does_not_keep_the_highpass_away():
    voice = coloured(VOICE)
    rumble = signal.sosfilt(signal.butter(4, (18, 36), "bandpass", fs=RATE, output="sos"), np.roll(voice, 9_000) + 0.02)
    rumble *= 0.7 * np.sqrt(np.mean(voice**2) / np.mean(rumble**2))
    clean, dirty = (advise_highpass(heard_as("lead vocal", a)) for a in (voice, voice + rumble))
    assert clean.settings["highpass_hz"] > 70.0
    assert dirty.settings["highpass_hz"] == pytest.approx(clean.settings["highpass_hz"], rel=0.15)
    assert "rumble" in dirty.reasons[0]
    assert "rumble" not in clean.reasons[0]
    assert "rumble" not in advise_highpass(heard_as("lead vocal", voice + 0.01 * rumble)).reasons[0]


def test_an_offset_is_taken_away_from_any_track():
    sub = 0.2 * np.sin(2 * np.pi * 45 * np.arange(4 * RATE) / RATE)
    assert advise_highpass(heard_as("sub bass", sub)).settings == {}
    advice = advise_highpass(heard_as("sub bass", sub + 0.1))
    assert advice.settings == {"highpass_on": 1.0, "highpass_hz": 20.0}
    assert "offset" in advice.reasons[0]


def test_boom_is_cut_by_the_low_shelf_and_not_once_more_as_mud():
    boomy = {**VOICE, 90.0: -20.0, 120.0: 14.0, 180.0: 14.0, 220.0: -2.0}
    settings = eq_of(heard_as("lead vocal", coloured(boomy)))
    assert -6.0 <= settings["low_shelf_gain_db"] <= -2.5
    assert "peak1_gain_db" not in settings


def test_one_hump_is_not_also_answered_by_boosts_elsewhere():
    muddy = {**VOICE, 200.0: -4.0, 310.0: 12.0, 480.0: 0.0}
    heard = heard_as("lead vocal", coloured(muddy))
    settings = eq_of(heard)
    assert settings["peak1_hz"] == pytest.approx(316.0, rel=0.05)
    assert -6.0 <= settings["peak1_gain_db"] <= -1.5
    mended = filtered_features(heard.features, settings)
    assert mended.mud_share < heard.features.mud_share - 0.08
    assert settings.get("peak3_gain_db", 0.0) <= 2.0


def test_a_harsh_hump_in_a_voice_is_found():
    harsh = {**VOICE, 2_000.0: -7.0, 3_200.0: 5.0, 5_000.0: -9.0}
    advice = advise_eq(heard_as("lead vocal", coloured(harsh)), scene())
    assert advice.settings["peak3_hz"] == pytest.approx(3_162.0, rel=0.05)
    assert "hump" in " ".join(advice.reasons)
    assert -8.0 <= response_db(advice.settings, np.array([3_162.0]))[0] <= -3.0


def test_bright_hats_are_tamed_and_usual_ones_are_not():
    usual = {15.0: -80.0, 300.0: -50.0, 3_000.0: -12.0, 7_000.0: 0.0, 10_000.0: -1.0, 16_000.0: -6.0}
    bright = {**usual, 7_000.0: -9.0, 10_000.0: 4.0, 16_000.0: 4.0}
    assert eq_of(heard_as("hihat", coloured(usual))) == {}
    settings = eq_of(heard_as("hihat", coloured(bright)))
    assert -4.0 <= settings["high_shelf_gain_db"] <= -1.0


def test_a_thin_bass_gets_its_low_end_back():
    full = {15.0: -60.0, 40.0: 0.0, 110.0: 0.0, 300.0: -9.0, 1_000.0: -25.0, 16_000.0: -60.0}
    thin = {**full, 40.0: -12.0, 110.0: -6.0, 200.0: -2.0}
    assert eq_of(heard_as("bass", coloured(full))) == {}
    settings = eq_of(heard_as("bass", coloured(thin)))
    assert 1.0 <= settings["low_shelf_gain_db"] <= 3.0


def test_features_behind_filters_are_those_of_the_filtered_sound():
    voice = coloured(VOICE)
    sos = signal.butter(2, 150, "highpass", fs=RATE, output="sos")
    foreseen = filtered_features(listen(voice[None], RATE), {"highpass_on": 1.0, "highpass_hz": 150.0})
    measured = listen(signal.sosfilt(sos, voice)[None], RATE)
    assert foreseen.loudness_lufs == pytest.approx(measured.loudness_lufs, abs=0.2)
    for name in ("low_share", "mud_share", "harsh_share", "sibilance_share", "air_share"):
        assert getattr(foreseen, name) == pytest.approx(getattr(measured, name), abs=0.02)
    assert np.percentile(foreseen.trace_db, 90) == pytest.approx(np.percentile(measured.trace_db, 90), abs=0.5)


@pytest.mark.parametrize(("lean_db", "role"), [(3.0, "keys"), (-6.0, "lead vocal"), (9.0, "synth")])
def test_a_leaning_stereo_track_comes_out_in_the_middle(lean_db, role):
    left, right = coloured(VOICE, 1), coloured(VOICE, 1) + 0.3 * coloured(VOICE, 2)
    right *= 10 ** (lean_db / 20) * np.sqrt(np.mean(left**2) / np.mean(right**2))
    audio = np.stack([left, right]).astype(np.float32)
    session = Session((Track("x", None, audio, 2, RATE, audio.shape[1], role=role),), RATE)
    mix = make_engineer("rules").propose(session)
    settings = mix.channels[0].settings.with_values(send_db=-60.0)
    mix = replace(mix, channels=(replace(mix.channels[0], settings=settings),))
    out = render_premaster(session, mix, lambda track, _rate: track.audio)
    powers = np.square(out).mean(axis=1)
    assert 10 * np.log10(powers[1] / powers[0]) == pytest.approx(0.0, abs=0.2)
    assert any("brought back to the middle" in reason for reason in mix.channels[0].reasons)


def test_a_track_that_is_all_on_one_side_was_put_there_unless_it_belongs_in_the_middle():
    audio = np.stack([0.01 * coloured(VOICE), coloured(VOICE)])
    assert advise_width(heard_as("synth", audio)).settings == {}
    voice = heard_as("lead vocal", audio)
    assert advise_width(voice).settings == {"width": 0.0}
    assert image_change_db(voice, 0.0, 0.0) == pytest.approx(-3.0, abs=0.2)


def test_lows_are_narrowed_and_thin_pads_widened():
    low = {15.0: -60.0, 40.0: 0.0, 110.0: 0.0, 300.0: -20.0, 16_000.0: -80.0}
    one, other = coloured(low, 1), coloured(low, 2)
    bass = heard_as("bass", np.stack([one, other]))
    width = advise_width(bass).settings["width"]
    narrowed = np.stack([(1 + width) * one + (1 - width) * other, (1 - width) * one + (1 + width) * other]) / 2
    assert listen(narrowed.astype(np.float32), RATE).width <= 0.06
    assert advise_width(heard_as("bass", np.stack([one, one]))).settings == {}
    thin = np.stack([coloured(VOICE), coloured(VOICE) + 0.4 * coloured(VOICE, 2)])
    assert advise_width(heard_as("pad", thin)).settings == {"width": 1.3}
    assert advise_width(heard_as("lead vocal", thin)).settings == {}


def test_named_pairs_and_toms_are_panned_though_they_are_low():
    low = {15.0: -60.0, 60.0: 0.0, 110.0: 0.0, 300.0: -6.0, 16_000.0: -60.0}
    rows = [("Gtr L", "electric guitar"), ("Gtr R", "electric guitar"), ("Floor Tom", "toms"), ("Synth", "synth")]
    band = scene(*(heard_as(role, coloured(low), name) for name, role in rows))
    plan = plan_panning(band, {h.name: 0.0 for h in band.tracks})
    assert [plan[name].settings["pan"] for name, _ in rows] == [-0.8, 0.8, -0.5, 0.0]


def test_a_loop_alone_is_the_kit_and_a_low_synth_alone_the_bass(track):
    loop, kick = heard_as("drum loop", track("", "kick").audio, "loop"), heard_as("kick", track("", "kick").audio, "k")
    assert stands_for(loop, scene(loop)) == (2.0, "the whole kit")
    assert stands_for(loop, scene(loop, kick))[0] == 0.0
    low, bass = heard_as("synth", track("", "bass").audio, "s"), heard_as("bass", track("", "bass").audio, "b")
    low = replace(low, features=replace(low.features, low_share=0.8))
    assert stands_for(low, scene(low)) == (2.0, "the bass")
    assert stands_for(low, scene(low, bass))[0] == 0.0
    assert "stands for the bass" in advise_fader(low, scene(low)).reasons[0]


def test_boom_does_not_raise_a_guitar(track):
    guitar = heard_as("acoustic guitar", track("", "guitar").audio)
    boomy = replace(guitar, features=replace(guitar.features, low_share=0.7))
    plain, raised = (advise_fader(h, scene(h)).settings["fader_db"] for h in (guitar, boomy))
    assert raised <= plain + 1.1


def test_the_microphone_under_the_snare_stays_under_the_one_above(track):
    top, bottom = (heard_as("snare", track("", "snare").audio, n) for n in ("Snare Top", "Snare Bottom"))
    faders = [advise_fader(h, scene(top, bottom)).settings["fader_db"] for h in (top, bottom)]
    assert faders[1] == pytest.approx(faders[0] - 6.0, abs=0.11)


def test_a_few_hits_are_not_crushed():
    hit = np.exp(-np.arange(3_000) / 300.0)
    trace_db = 20 * np.log10(np.maximum(np.concatenate([hit, np.full(40_000, 1e-3)]), 1e-6))
    plan = COMPRESSION["toms"]
    threshold_db, reached_db, lost_db = find_threshold(trace_db, plan, plan.reduction_db)
    assert (reached_db, lost_db) == taken_db(trace_db, plan, threshold_db)
    assert max(reached_db, lost_db) <= plan.reduction_db + 0.1
