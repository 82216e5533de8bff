"""The single rules: levels shared by groups, places balanced, filters that spare the notes, compression as intended."""

from dataclasses import replace

import numpy as np
import pytest

from assistant.analysis.listening import TRACE_RATE_HZ, TrackFeatures, listen
from assistant.engineers.dynamics_rules import COMPRESSION, advise_compressor
from assistant.engineers.eq_rules import advise_eq
from assistant.engineers.filtering import loudness_change_db, response_db
from assistant.engineers.hearing import HeardTrack, Scene
from assistant.engineers.highpass_rules import advise_highpass
from assistant.engineers.levels import advise_fader, share_db
from assistant.engineers.panning import plan_panning
from assistant.engineers.reverb_rules import advise_send
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.engineers.roles import RoleGuess

RATE = 44_100


@pytest.fixture(scope="module")
def features(track) -> dict[str, TrackFeatures]:
    names = ("kick", "snare", "hihat", "bass", "vocal", "guitar", "pad")
    mono = {name: listen(track("", name).audio, RATE) for name in names}
    return mono | {f"stereo {name}": listen(track("", name, channels=2).audio, RATE) for name in names}


@pytest.fixture(scope="module")
def hear(track, features):
    def make(name, instrument, role, confidence=1.0, **changes):
        guess = RoleGuess(ROLE_BY_NAME[role], confidence, "user")
        return HeardTrack(track(name, "pad"), replace(features[instrument], **changes), guess)

    return make


def scene(*tracks: HeardTrack) -> Scene:
    return Scene(tuple(sorted(tracks, key=lambda t: t.name)))


def test_six_hats_together_step_back_and_six_in_turn_do_not(hear):
    together = scene(*(hear(f"hat {i}", "hihat", "hihat") for i in range(6)))
    in_turn = scene(
        *(replace(h, track=replace(h.track, start_s=5.0 * i)) for i, h in enumerate(together.tracks)),
    )
    for one, other in zip(together.tracks, in_turn.tracks, strict=True):
        assert share_db(one, together) == pytest.approx(-7.0 * np.log10(6), abs=0.01)
        assert share_db(other, in_turn) == 0.0
    power = sum(10 ** (advise_fader(h, together).settings["fader_db"] / 10) for h in together.tracks)
    alone = 10 ** (advise_fader(together.tracks[0], scene(together.tracks[0])).settings["fader_db"] / 10)
    assert 1.0 < power / alone < 2.0


def test_other_groups_do_not_share(hear):
    both = scene(hear("hat", "hihat", "hihat"), hear("vox", "vocal", "lead vocal"))
    assert {share_db(h, both) for h in both.tracks} == {0.0}


def test_doubled_guitars_are_opposite_and_equal(hear):
    for names in (("gtr L", "gtr R"), ("gtr_1", "gtr_2"), ("GtrLeft", "GtrRight")):
        band = scene(*(hear(n, "guitar", "electric guitar") for n in names), hear("vox", "vocal", "lead vocal"))
        plan = plan_panning(band, {h.name: -4.0 for h in band.tracks})
        left, right, middle = (plan[n].settings["pan"] for n in (*names, "vox"))
        assert left == -right < -0.5
        assert middle == 0.0


def test_low_and_leading_tracks_stay_in_the_middle(hear):
    rows = [("kick", "kick"), ("snare", "snare"), ("bass", "bass"), ("vocal", "lead vocal"), ("bass", "synth")]
    band = scene(*(hear(f"t{i}", instrument, role) for i, (instrument, role) in enumerate(rows)))
    plan = plan_panning(band, {h.name: 0.0 for h in band.tracks})
    assert {advice.settings["pan"] for advice in plan.values()} == {0.0}


@pytest.mark.parametrize("count", [2, 4, 7, 12])
def test_the_sides_balance(hear, count):
    rows = [("guitar", "electric guitar"), ("vocal", "backing vocal"), ("hihat", "percussion"), ("pad", "keys")]
    tracks = [hear(f"{'abcdefghijklmnop'[i]}x", *rows[i % 4 if count > 4 else 0]) for i in range(count)]
    band = scene(*tracks)
    plan = plan_panning(band, {h.name: -5.0 for h in tracks})
    pans = np.array([plan[h.name].settings["pan"] for h in tracks])
    angles = (pans + 1) * np.pi / 4
    left, right = (np.cos(angles) ** 2).sum(), (np.sin(angles) ** 2).sum()
    assert np.abs(pans).max() > 0.2
    assert abs(10 * np.log10(left / right)) < (0.1 if count in (2, 4) else 2.0)
    assert plan == plan_panning(Scene(band.tracks), {h.name: -5.0 for h in tracks[::-1]})


def test_stereo_tracks_hardly_move(hear):
    tracks = [hear(f"pad {c}", "stereo pad", "pad") for c in "abc"]
    plan = plan_panning(scene(*tracks), {h.name: -4.0 for h in tracks})
    assert all(0.0 < abs(advice.settings["pan"]) <= 0.1 for advice in plan.values())
    assert all("width" not in advice.settings for advice in plan.values())


def test_the_hihat_is_right_and_the_floor_tom_left_as_the_audience_sees_them(hear):
    band = scene(hear("HH", "hihat", "hihat"), hear("Floor Tom", "snare", "toms"), hear("Hi Tom", "snare", "toms"))
    plan = plan_panning(band, {h.name: 0.0 for h in band.tracks})
    assert plan["HH"].settings["pan"] > 0.0
    assert plan["Floor Tom"].settings["pan"] < 0.0 < plan["Hi Tom"].settings["pan"]


@pytest.mark.parametrize("hz", [82.0, 110.0, 196.0, 440.0])
@pytest.mark.parametrize("role", ["lead vocal", "acoustic guitar", "piano", "bass", "hihat", "other", "clap"])
def test_the_highpass_spares_the_fundamental(hear, role, hz):
    time = np.arange(3 * RATE) / RATE
    audio = sum(np.sin(2 * np.pi * hz * k * time) / k for k in range(1, 9))[None].astype(np.float32)
    heard = replace(hear("x", "vocal", role), features=listen(audio, RATE))
    settings = advise_highpass(heard).settings
    assert response_db(settings, np.array([hz]))[0] > -1.0
    if role in ("lead vocal", "acoustic guitar") and hz > 150:
        assert settings["highpass_hz"] > 50.0


def test_the_highpass_is_lower_when_the_role_is_unsure(hear):
    sure, unsure = (advise_highpass(hear("x", "hihat", "hihat", c)).settings["highpass_hz"] for c in (1.0, 0.2))
    assert unsure < 0.8 * sure


def test_bass_and_kick_make_room_for_each_other_only_when_they_meet(hear):
    kick, bass = hear("kick", "kick", "kick"), hear("bass", "bass", "bass")
    met = advise_eq(bass, scene(kick, bass))
    assert -4.0 <= met.settings["peak1_gain_db"] <= -1.5
    assert 40.0 < met.settings["peak1_hz"] < 130.0
    assert "'kick'" in " ".join(met.reasons)
    later = replace(bass, track=replace(bass.track, start_s=60.0))
    assert "'kick'" not in " ".join(advise_eq(later, scene(kick, later)).reasons)


def test_accompaniment_makes_room_for_the_voice_only_while_it_sings(hear):
    voice = hear("vox", "vocal", "lead vocal")
    guitar = hear("gtr", "guitar", "electric guitar", harsh_share=0.12)
    assert advise_eq(guitar, scene(voice, guitar)).settings["peak3_gain_db"] < -1.0
    assert "peak3_gain_db" not in advise_eq(guitar, scene(guitar)).settings


def test_mud_and_harshness_are_cut_in_proportion(hear):
    gains = []
    for share in (0.3, 0.6, 0.8):
        guitar = hear("gtr", "guitar", "electric guitar", mud_share=share, harsh_share=share)
        settings = advise_eq(guitar, scene(guitar)).settings
        gains.append((settings.get("peak1_gain_db", 0.0), settings.get("peak3_gain_db", 0.0)))
    assert gains[0] == (0.0, 0.0)
    assert 0.0 > gains[1][0] > gains[2][0] >= -6.0
    assert 0.0 > gains[1][1] > gains[2][1] >= -6.0


def test_a_resonance_is_found_and_a_slope_is_not(hear):
    slope = np.linspace(0.0, -20.0, 31)
    ringing = slope.copy()
    ringing[17] += 9.0
    for spectrum, is_cut in ((slope, False), (ringing, True)):
        snare = hear("sn", "snare", "snare", spectrum_db=tuple(spectrum), pitch_hz=0.0, harmonicity=0.2)
        settings = advise_eq(snare, scene(snare)).settings
        assert ("peak2_gain_db" in settings) == is_cut
        if is_cut:
            assert settings["peak2_hz"] == pytest.approx(1_000.0)
            assert -4.0 <= settings["peak2_gain_db"] < -1.0


def test_what_is_not_there_is_not_boosted(hear):
    dull = hear("vox", "vocal", "lead vocal", air_share=0.0, harsh_share=0.0)
    assert not [v for n, v in advise_eq(dull, scene(dull)).settings.items() if n.endswith("gain_db") and v > 0]


def test_the_filters_do_what_their_names_say():
    at = np.array([30.0, 100.0, 1_000.0, 9_000.0, 19_000.0])
    highpass = response_db({"highpass_on": 1.0, "highpass_hz": 100.0}, at)
    assert highpass[1] == pytest.approx(-3.01, abs=0.01)
    assert highpass[0] < -20.0
    assert response_db({"peak2_gain_db": 4.0}, at)[2] == pytest.approx(4.0)
    assert response_db({"low_shelf_gain_db": -6.0}, at)[[0, 4]] == pytest.approx([-6.0, 0.0], abs=0.5)
    assert response_db({"high_shelf_gain_db": 6.0}, at)[[0, 3, 4]] == pytest.approx([0.0, 3.0, 6.0], abs=0.5)
    assert response_db({}, at) == pytest.approx(0.0)
    assert loudness_change_db({"peak2_gain_db": 4.0}, [-99.0] * 17 + [0.0] + [-99.0] * 13) == pytest.approx(
        4.0, abs=0.01
    )


def compress(levels_db, settings, rate):
    """Gain reduction in dB per sample: the console's compressor written out plainly."""
    threshold, ratio, knee = (settings[f"comp_{n}"] for n in ("threshold_db", "ratio", "knee_db"))
    attack, release = (1 - np.exp(-1000 / (settings[f"comp_{n}_ms"] * rate)) for n in ("attack", "release"))
    state, out = 0.0, []
    for level in levels_db.tolist():
        over = level - threshold
        if over <= -knee / 2:
            wanted = 0.0
        elif over >= knee / 2:
            wanted = over * (1 - 1 / ratio)
        else:
            wanted = (1 - 1 / ratio) * (over + knee / 2) ** 2 / (2 * knee)
        state += (attack if wanted > state else release) * (wanted - state)
        out.append(state)
    return np.array(out)


@pytest.mark.parametrize(
    ("instrument", "role"),
    [("vocal", "lead vocal"), ("snare", "snare"), ("kick", "kick"), ("guitar", "acoustic guitar")],
)
def test_the_compressor_reduces_by_what_was_intended(track, hear, instrument, role):
    audio = track("", instrument).audio
    trim_db = 7.0
    heard = hear("x", instrument, role)
    settings = advise_compressor(heard, trim_db).settings
    levels_db = 20 * np.log10(np.maximum(np.abs(audio).max(axis=0), 1e-6)) + trim_db
    reduction = compress(levels_db, settings, RATE)
    crest = heard.features.crest_db
    intended = COMPRESSION[role].reduction_db * min(1.0, (crest - 9.0) / 8.0)
    assert np.percentile(reduction, 90) == pytest.approx(intended, abs=0.4)
    powers = 10 ** (levels_db / 10)
    lost_db = 10 * np.log10(powers.sum() / (powers * 10 ** (-reduction / 10)).sum())
    assert settings["comp_makeup_db"] == pytest.approx(lost_db, abs=0.4)
    assert len(heard.features.trace_db) == pytest.approx(len(levels_db) * TRACE_RATE_HZ / RATE, rel=0.2)


def test_dense_and_sustained_tracks_are_not_compressed(hear):
    assert advise_compressor(hear("x", "vocal", "lead vocal", crest_db=8.0), 0.0).settings == {}
    assert advise_compressor(hear("x", "pad", "pad"), 0.0).settings == {}


def test_wide_tracks_get_less_reverb(hear):
    narrow, wide = hear("x", "stereo pad", "pad", width=0.1), hear("x", "stereo pad", "pad", width=0.5)
    assert advise_send(wide).settings["send_db"] == advise_send(narrow).settings["send_db"] - 4.0
    assert advise_send(hear("x", "kick", "kick")).settings == {}
