"""Observations name the right tracks, band and time, and propose what is still missing in the proposal."""

import math
from dataclasses import replace

import numpy as np
import pytest

from assistant.analysis.facts import MixFacts, TrackFacts, Verification
from assistant.analysis.faults import KINDS, Examination, PairFinding, compare, examine
from assistant.analysis.faults.hum import Hum
from assistant.analysis.faults.noise import Noise
from assistant.analysis.faults.offset import Offset
from assistant.analysis.masking import BANDS_HZ, Masking
from assistant.analysis.measure import measure
from assistant.insight.balance import observe_balance
from assistant.insight.observations import observe
from assistant.insight.recorded import observe_pair, observe_track
from assistant.insight.remedies import cut, highpass
from assistant.insight.values import Observation
from assistant.mix import ChannelMix, ChannelSettings, Mix

RATE = 48_000
NAMES = ("voice", "guitar", "synth", "kick")
ROLES = {"voice": "lead vocal", "guitar": "acoustic guitar", "synth": "synth", "kick": "kick"}


def wave(hz: float, seconds: float = 1.0) -> np.ndarray:
    return np.float32(0.1 * np.sin(2.0 * np.pi * hz * np.arange(round(seconds * RATE)) / RATE))[None]


def mix(**settings: dict[str, float]) -> Mix:
    return Mix(tuple(ChannelMix(n, ChannelSettings(settings.get(n, {})), ROLES[n], 0.9) for n in NAMES))


def masking(**pairs: float) -> Masking:
    """``target_masker=dB`` covered, in band 40 and at 61.3 s."""
    covered, band, cell = np.zeros((4, 4)), np.full((4, 4), -1), np.full((4, 4), -1)
    for names, covered_db in pairs.items():
        place = tuple(NAMES.index(name) for name in names.split("_"))
        covered[place], band[place], cell[place] = covered_db, 40, 1
    nothing = np.zeros((4, 2), np.float32)
    return Masking(NAMES, covered, covered.max(axis=1), nothing, nothing, np.array([10.0, 61.3]), BANDS_HZ, band, cell)


def facts(covered: Masking | None = None, settings: Mix | None = None, low: float = 0.0, **gain_db: float) -> MixFacts:
    """A mix of tones at 500 Hz, at ``gain_db`` by track, whose guitar has ``low`` of its amplitude at 100 Hz."""
    sounds = {name: wave(500.0) for name in NAMES} | {"guitar": low * wave(100.0) + (1.0 - low) * wave(500.0)}
    gains = {name: np.float32(10.0 ** (gain_db.get(name, 0.0) / 20.0)) for name in NAMES}
    tracks = tuple(
        TrackFacts(n, measure(gains[n] * sounds[n], RATE), gain_db.get(n, 0.0) - 6.0, -math.inf, None, None)
        for n in NAMES
    )
    whole = measure(wave(500.0), RATE)
    return MixFacts(settings or mix(), whole, (), 0.0, tracks, covered or masking())


def verification(before: MixFacts, after: MixFacts) -> Verification:
    return Verification((), before, after, {}, {})


@pytest.fixture(scope="module")
def clean() -> Examination:
    return examine(wave(440.0, 4.0), RATE)


def only(observations: tuple[Observation, ...]) -> Observation:
    (observation,) = observations
    assert observation.kind in KINDS
    assert 0.0 <= observation.severity <= 1.0
    return observation


def test_nothing_is_said_of_a_clean_session(clean):
    empty = verification(facts(), facts())
    assert observe(empty, {"voice": clean, "kick": replace(clean, start_s=30.0)}, ()) == ()


def test_masking_names_target_masker_band_and_time_and_cuts_the_masker():
    found = only(observe_balance(verification(facts(masking(voice_synth=6.0)), facts(masking(voice_synth=5.5)))))
    assert (found.kind, found.tracks, found.value) == ("masking", ("voice", "synth"), 6.0)
    assert found.band_hz[0] < BANDS_HZ[40] < found.band_hz[1]
    assert (found.span.start_s, found.span.text) == (61.0, "1:01-1:02")
    assert "75%" in found.text
    wanted = {change.param: change.new for change in found.remedy}
    assert {change.track for change in found.remedy} == {"synth"}
    bell = next(name.removesuffix("_gain_db") for name in wanted if name.endswith("gain_db"))
    assert wanted[f"{bell}_gain_db"] == -5.5
    assert found.band_hz[0] < wanted[f"{bell}_hz"] < found.band_hz[1]


def test_masking_that_the_proposal_lifts_needs_no_remedy_and_counts_less():
    cured = only(observe_balance(verification(facts(masking(voice_synth=6.0)), facts(masking(voice_synth=1.0)))))
    left = only(observe_balance(verification(facts(masking(voice_synth=6.0)), facts(masking(voice_synth=5.0)))))
    assert cured.remedy == ()
    assert "1.0 dB of it are left" in cured.text
    assert cured.severity < left.severity


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param({"synth_voice": 9.0}, id="a lead may cover"),
        pytest.param({"guitar_synth": 3.0}, id="little of a track that is no lead"),
        pytest.param({"voice_synth": 2.0}, id="little of a lead"),
    ],
)
def test_masking_that_nobody_would_mention_is_not_mentioned(pair):
    assert observe_balance(verification(facts(masking(**pair)), facts())) == ()


def test_too_loud_is_judged_against_the_other_tracks():
    before = facts(voice=4.0, guitar=-6.0, synth=12.0, kick=0.0)
    found = only(observe_balance(verification(before, facts(voice=0.0, guitar=-10.0, synth=-8.0, kick=-4.0))))
    assert (found.kind, found.tracks, found.remedy) == ("too loud", ("synth",), ())
    assert found.value == pytest.approx(16.0, abs=1e-3)
    assert "-14.0 LU" in found.text
    louder_all = facts(voice=9.0, guitar=9.0, synth=9.0, kick=9.0)
    assert observe_balance(verification(louder_all, facts())) == ()


def test_low_end_is_judged_by_the_role():
    found = only(observe_balance(verification(facts(low=0.8), facts(low=0.8))))
    assert (found.kind, found.tracks) == ("low end", ("guitar",))
    assert {change.param for change in found.remedy} == {"low_shelf_gain_db", "low_shelf_hz"}
    assert next(c.new for c in found.remedy if c.param == "low_shelf_gain_db") < -3.0
    mended = only(observe_balance(verification(facts(low=0.8), facts(low=0.1))))
    assert mended.remedy == ()
    roles = facts(low=0.8)
    bass = tuple(replace(c, role="bass") if c.name == "guitar" else c for c in roles.mix.channels)
    as_bass = replace(roles, mix=replace(roles.mix, channels=bass))
    assert observe_balance(verification(as_bass, as_bass)) == ()


def test_an_offset_asks_for_a_highpass_unless_there_is_one(clean):
    examination = replace(clean, offset=Offset(-0.02, -18.0))
    channel = ChannelMix("bass")
    found = only(observe_track(examination, channel))
    assert found.value == pytest.approx(-34.0, abs=0.1)
    assert {(c.param, c.old, c.new) for c in found.remedy} == {("highpass_on", 0.0, 1.0)}
    cured = only(observe_track(examination, ChannelMix("bass", ChannelSettings(highpass_on=1, highpass_hz=35.0))))
    assert cured.remedy == ()
    assert "35 Hz takes it away" in cured.text
    assert cured.severity < found.severity


def test_hum_is_cut_at_its_strongest_line_unless_the_proposal_does_it(clean):
    examination = replace(clean, hum=Hum(50.0, (1, 2, 3), 2, -45.0, -30.0))
    found = only(observe_track(examination, ChannelMix("guitar", ChannelSettings(peak1_gain_db=-2.0))))
    wanted = {change.param: change.new for change in found.remedy}
    assert wanted == {"peak2_hz": 100.0, "peak2_gain_db": -15.0, "peak2_q": 8.0}
    assert "50 Hz" in found.text
    assert found.band_hz[0] < 100.0 < found.band_hz[1]
    cured = only(observe_track(examination, ChannelMix("guitar", ChannelSettings(highpass_on=1, highpass_hz=250.0))))
    assert cured.remedy == ()


def test_clipping_noise_and_silence_have_advice_and_no_remedy(clean):
    clipped = examine(np.clip(5.0 * wave(100.0), -0.3, 0.3), RATE, start_s=70.0)
    loud, noisy = only(observe_track(clipped, ChannelMix("voice"))), replace(clean, noise=Noise(-50.0, 25.0, 12.4))
    assert "1:10" in loud.text
    assert loud.span.start_s == 70.0
    found = (loud, only(observe_track(noisy, ChannelMix("voice"))))
    found += (only(observe_track(examine(np.zeros((1, RATE), np.float32), RATE), ChannelMix("voice"))),)
    assert [o.kind for o in found] == ["clipping", "noise", "near silent"]
    assert all(o.advice and not o.remedy for o in found)


@pytest.fixture
def two(clean) -> dict[str, Examination]:
    return {"top": replace(clean, loudness_lufs=-20.0), "under": replace(clean, loudness_lufs=-26.0)}


@pytest.mark.parametrize("order", [("top", "under"), ("under", "top")])
def test_the_softer_of_two_is_turned_over(two, order):
    channels = {name: ChannelMix(name) for name in two}
    clash = PairFinding("polarity", order, -0.7, 0.5, False, 12.0, 12.7)
    found = observe_pair(clash, two, channels)
    assert found.tracks == ("top", "under")
    assert [(c.track, c.param, c.new) for c in found.remedy] == [("under", "polarity_inverted", 1.0)]
    channels["top"] = ChannelMix("top", ChannelSettings(polarity_inverted=1))
    cured = observe_pair(clash, two, channels)
    assert cured.remedy == ()
    assert cured.severity < found.severity


def test_one_of_two_copies_is_to_be_silent(two):
    found = observe_pair(
        PairFinding("duplicate", ("top", "under"), 0.99, 11.0, True, 12.0, 60.0),
        two,
        {"top": ChannelMix("top"), "under": ChannelMix("under", ChannelSettings(fader_db=-3.0))},
    )
    assert [(c.track, c.param, c.old, c.new) for c in found.remedy] == [("under", "fader_db", -3.0, -60.0)]
    assert "11.0 ms" in found.text


def test_worst_comes_first_and_a_copy_is_not_said_to_cover(clean):
    copies = {"voice": clean, "synth": replace(clean, noise=Noise(-50.0, 40.0, 1.0))}
    covered = verification(facts(masking(voice_synth=9.0)), facts(masking(voice_synth=9.0)))
    found = observe(covered, copies, compare(copies))
    assert [o.kind for o in found] == ["duplicate", "noise"]
    assert found[0].severity >= found[1].severity


def test_remedies_find_a_bell_or_say_that_there_is_none():
    busy = ChannelSettings(peak1_gain_db=1.0, peak2_gain_db=1.0, peak3_gain_db=1.0)
    assert cut(ChannelMix("a", busy), 600.0, -3.0, 2.0) == ()
    (joined,) = cut(ChannelMix("a", busy), 1_050.0, -3.0, 2.0)
    assert (joined.param, joined.old, joined.new) == ("peak2_gain_db", 1.0, -2.0)
    raised = highpass(ChannelMix("a", ChannelSettings(highpass_on=1, highpass_hz=40.0)), 80.0)
    assert [(c.param, c.new) for c in raised] == [("highpass_hz", 80.0)]
