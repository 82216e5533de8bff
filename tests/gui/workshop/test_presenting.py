"""What the window is told agrees with the bench, with what was done to the tracks, and with itself."""

from __future__ import annotations

import math
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from bench_session import PLAN, RATE, make_mix, make_session, pieces_of

from assistant.analysis.facts import MixFacts, Span, Verification
from assistant.analysis.masking import BANDS_HZ, cover, covered_db, playback_gain_db
from assistant.analysis.reference import BANDS_HZ as THIRD_OCTAVES_HZ
from assistant.analysis.reference import MIX_SPECTRUM_DB, USUAL, Reference
from assistant.arrays import FloatArray
from assistant.insight.explain import explain
from assistant.insight.observations import observe
from assistant.insight.reasons import Background, find_reasons
from assistant.insight.values import Influence, Insight, Observation
from assistant.mix import ChannelMix, ChannelSettings, Mix, Session, Track
from gui.workshop.presenting import present_figures, present_findings, present_mix, present_track
from gui.workshop.presenting_track import MOST_BANDS, MOST_CELLS, heat_map
from gui.workshop.values import MixInsight, Place, TrackInsight
from render.bench import Bench
from render.material import Plan, read_material
from render.summing import fader_gain
from render.verify import verify

FLAT = make_mix()
SET = make_mix(
    drone=ChannelSettings(pan=-1.0, fader_db=-3.0),
    noise=ChannelSettings(highpass_on=1.0, highpass_hz=400.0, width=0.3),
    clicks=ChannelSettings(comp_threshold_db=-35.0, comp_ratio=6.0, comp_attack_ms=3.0, comp_makeup_db=4.0, pan=0.6),
)
OBSERVATIONS = (
    Observation("masking", ("clicks", "noise"), 0.8, "covered", 5.0, "dB", Span(1.5, 3.5), advice="pan them apart"),
    Observation("hum", ("drone",), 0.4, "hums", 50.0, "Hz"),
)


def explained(bench: Bench, before: Mix, after: Mix, influence: Influence | None = None) -> Insight:
    verification = verify(bench, before, after, in_depth=False)
    background = Background(influence)
    reasons = {c.name: find_reasons(verification, c.name, background) for c in after.channels}
    observations = (*OBSERVATIONS, *observe(verification, {}, ())) if "drone" in reasons else ()
    return explain(verification, reasons, background, observations)


@dataclass(frozen=True)
class Desk:
    """The small session before and after, measured and explained."""

    bench: Bench
    insight: Insight
    before: MixFacts
    after: MixFacts

    def track(self, name: str, after: Mix | None = None, is_in_depth: bool = False) -> TrackInsight:
        facts = self.after if after is None else self.bench.measure(after)
        return present_track(self.bench, self.insight, self.before, facts, name, is_in_depth)

    def mix(self) -> MixInsight:
        return present_mix(self.bench, self.insight, self.before, self.after, None)


@pytest.fixture(scope="module")
def desk() -> Desk:
    bench = Bench(read_material(make_session(), PLAN, pieces_of))
    strength = np.array([[0.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.5, 0.0, 0.0]])
    insight = explained(bench, FLAT, SET, Influence(("drone", "noise", "clicks"), strength, {}))
    return Desk(bench, insight, bench.measure(FLAT), bench.measure(SET))


def moved(mix: Mix, name: str, **settings: float) -> Mix:
    return replace(
        mix,
        channels=tuple(
            replace(c, settings=c.settings.with_values(**settings)) if c.name == name else c for c in mix.channels
        ),
    )


# ------------------------------------------------------------------------------------------------------- one track


def test_a_high_pass_takes_the_bottom_out_of_the_spectrum(desk: Desk) -> None:
    shown = desk.track("noise")
    low, high = (shown.band_hz < 150.0), (shown.band_hz > 1_000.0) & (shown.band_hz < 10_000.0)
    assert (shown.after_db[low] < shown.before_db[low] - 15.0).all()
    assert (np.abs(shown.after_db[high] - shown.before_db[high]) < 1.0).all()
    assert 10.0 * np.log10(np.sum(10.0 ** (shown.after_db / 10.0))) == pytest.approx(0.0, abs=1e-4)


def test_reduction_over_time_peaks_where_the_meters_did(desk: Desk) -> None:
    shown, facts = desk.track("clicks"), desk.after.track("clicks").reduction
    assert facts is not None
    assert np.nanmax(shown.reduction_db) == pytest.approx(facts.most_db, abs=0.1)
    assert facts.most_db > 6.0
    # The clicks come every half second, and end before the second passage.
    inside = shown.reduction_s[np.isfinite(shown.reduction_db)]
    assert (inside[0], inside[-1]) == (pytest.approx(1.5, abs=0.02), pytest.approx(3.5, abs=0.02))
    assert len(inside) <= 400
    late = shown.reduction_s > 4.0
    assert np.isnan(shown.reduction_db[late]).all()
    taken = shown.reduction_db[: len(inside)]
    hit = [taken[(inside > s) & (inside < s + 0.1)].max() for s in (2.0, 2.5, 3.0)]
    rest = [taken[(inside > s + 0.4) & (inside < s + 0.5)].max() for s in (2.0, 2.5, 3.0)]
    assert min(hit) > max(rest) + 1.0


def test_passages_are_parted_by_nothing(desk: Desk) -> None:
    squashed = moved(SET, "noise", comp_ratio=4.0, comp_threshold_db=-40.0)
    shown = desk.track("noise", squashed)
    gaps = np.flatnonzero(np.isnan(shown.reduction_db))
    assert len(gaps) == 1
    assert (shown.reduction_s[gaps[0] - 1], shown.reduction_s[gaps[0] + 1]) == (
        pytest.approx(3.5, abs=0.02),
        pytest.approx(5.0, abs=0.02),
    )
    assert (np.diff(shown.reduction_s) > 0.0).all()
    assert np.nanmax(shown.reduction_db) > 3.0


def test_without_a_compressor_nothing_is_taken_off_but_levels_are_told(desk: Desk) -> None:
    drone, noise = desk.track("drone"), desk.track("noise", FLAT)  # a neutral stereo strip is not even rendered
    assert len(drone.reduction_db) == len(noise.reduction_s) == 0
    for shown, low, high in ((drone, -24.0, -10.0), (noise, -60.0, -6.0)):
        assert shown.shares.sum() == pytest.approx(1.0, abs=1e-5)
        mean_db = float((shown.levels_db * shown.shares).sum())
        assert low < mean_db < high


def test_levels_of_an_unrendered_strip_are_the_detectors(desk: Desk) -> None:
    unrendered, rendered = desk.track("noise", FLAT), desk.track("noise", moved(FLAT, "noise", trim_db=0.001))
    # Every eighth sample of a noise is read, and not the same ones: 0.002 is what chance makes of 30 000 readings.
    np.testing.assert_allclose(unrendered.shares, rendered.shares, atol=6e-3)
    means_db = [float((shown.levels_db * shown.shares).sum()) for shown in (unrendered, rendered)]
    assert means_db[0] == pytest.approx(means_db[1], abs=0.1)


def energies(desk: Desk, facts: MixFacts, name: str) -> tuple[FloatArray, FloatArray]:
    """What of the track would be heard alone, and what the others leave of it, (F, B) each."""
    placed = desk.bench.placed(facts.mix)
    patterns = {c.name: placed[c.name].excitation * np.float32(fader_gain(c) ** 2) for c in facts.mix.channels}
    own = patterns.pop(name)
    return cover(own, sum(patterns.values(), np.zeros_like(own)), playback_gain_db(facts.measurement.integrated_lufs))


@pytest.mark.parametrize("name", ["drone", "noise", "clicks"])
def test_the_heat_map_adds_up_to_how_much_is_covered(desk: Desk, name: str) -> None:
    for facts in (desk.before, desk.after):
        row = facts.masking.names.index(name)
        heard, left = energies(desk, facts, name)
        np.testing.assert_allclose(covered_db(heard.sum(), left.sum()), facts.masking.by_all_db[row], atol=1e-3)
        over_time_db = facts.masking.over_time_db[row]
        plays = np.isfinite(over_time_db)
        found_db = covered_db(heard.sum(axis=1), left.sum(axis=1))
        np.testing.assert_allclose(found_db[plays], over_time_db[plays], atol=1e-2)

        bands_hz, cells_s, levels_db = heat_map(desk.bench, facts, name)
        assert levels_db.shape == (len(bands_hz), len(cells_s))
        assert levels_db.shape[0] <= MOST_BANDS
        assert levels_db.shape[1] <= MOST_CELLS
        pooled = np.add.reduceat(heard, np.arange(0, len(BANDS_HZ), 2), axis=1).T
        weights = np.where(np.isfinite(levels_db), pooled, 0.0)
        assert weights.sum() > 0.98 * heard.sum()
        share = float((weights * 10.0 ** (-np.nan_to_num(levels_db) / 10.0)).sum() / weights.sum())
        assert -10.0 * math.log10(share) == pytest.approx(float(facts.masking.by_all_db[row]), abs=0.2)


def test_the_heat_map_is_empty_where_the_track_is_silent(desk: Desk) -> None:
    shown = desk.track("clicks")
    late = shown.mask_s >= 5.0
    assert late.sum() == 30
    assert np.isnan(shown.mask_db[:, late]).all()
    assert np.isfinite(shown.mask_db[:, ~late]).any()
    # The drone's tone is always there; what it has at the very top is far under that.
    drone = desk.track("drone")
    assert np.isfinite(drone.mask_db[np.abs(shown.mask_hz - 110.0).argmin()]).all()
    assert np.isnan(drone.mask_db[-1]).all()
    assert shown.mask_before_db.shape == shown.mask_db.shape


def test_tracks_that_cover_it_come_worst_first(desk: Desk) -> None:
    shown, row = desk.track("clicks"), desk.after.masking.covered_db[2]
    assert [c.track for c in shown.covers] == ["noise", "drone"]
    worst = shown.covers[0]
    assert worst.after_db == pytest.approx(float(row[1]))
    assert worst.before_db == pytest.approx(float(desk.before.masking.covered_db[2, 1]))
    assert worst.around_hz in BANDS_HZ
    assert worst.at_s is not None
    assert any(span.start_s <= worst.at_s < span.end_s for span in PLAN.spans)


def test_reasons_carry_their_measured_effect(desk: Desk) -> None:
    reasons = {r.section: r for r in desk.track("noise").reasons}
    card = {r.section: r for r in desk.insight.card("noise").reasons}
    assert set(reasons) == set(card) == {"highpass", "width"}
    shown, told = reasons["highpass"], card["highpass"]
    assert (shown.label, shown.did, shown.effect) == ("High-pass", told.did, told.effect.sentence)
    assert (shown.before, shown.after, shown.unit) == (told.effect.before, told.effect.after, told.effect.unit)
    assert (shown.standing, shown.why) == (told.standing, told.why)


def test_a_reason_of_what_was_moved_since_says_so(desk: Desk) -> None:
    other = moved(SET, "noise", width=0.5)
    reasons = {r.section: r for r in desk.track("noise", other).reasons}
    assert (reasons["width"].standing, reasons["width"].why) == ("changed", "you have changed this since")
    assert reasons["highpass"].standing == "shown"
    # A control that does nothing has not been changed: the cutoff of what is off, say.
    assert all(r.standing != "changed" for r in desk.track("noise", moved(SET, "noise", peak1_hz=500.0)).reasons)


def test_findings_and_influence_are_those_of_the_track(desk: Desk) -> None:
    drone, clicks = desk.track("drone", is_in_depth=True), desk.track("clicks")
    assert drone.influence == (("clicks", 3.0), ("noise", 2.0))
    assert (drone.is_in_depth, clicks.is_in_depth) == (True, False)
    assert [f.text for f in drone.findings if f.kind == "hum"] == ["hums"]
    first = clicks.findings[0]
    assert (first.kind, first.tracks, first.advice) == ("masking", ("clicks", "noise"), "pan them apart")
    assert first.span_s == (1.5, 3.5)
    assert desk.track("noise").influence == ()
    with pytest.raises(KeyError):
        desk.track("nobody")


# ---------------------------------------------------------------------------------------------------------- a mix


def place_of(places: tuple[Place, ...], name: str) -> Place:
    return next(place for place in places if place.track == name)


def test_tracks_sit_where_they_were_panned(desk: Desk) -> None:
    shown = desk.mix()
    assert place_of(shown.places, "drone").pan < -0.9
    assert place_of(shown.places_before, "drone").pan == pytest.approx(0.0, abs=1e-6)
    assert place_of(shown.places, "clicks").pan == pytest.approx(0.6, abs=0.01)  # constant power, mono
    assert [place_of(shown.places, n).width for n in ("drone", "clicks")] == [0.0, pytest.approx(0.0, abs=1e-6)]
    was, now = (place_of(places, "noise") for places in (shown.places_before, shown.places))
    assert was.width == pytest.approx(0.5, abs=0.01)  # left and right have nothing in common
    # Of a width of 0.3 the side keeps 0.09 of its power: 0.09 / 1.09.
    assert now.width == pytest.approx(0.0826, abs=0.005)


def test_tracks_are_as_high_as_they_sound(desk: Desk) -> None:
    drone, noise = (place_of(desk.mix().places_before, name) for name in ("drone", "noise"))
    assert drone.low_hz < drone.hz < drone.high_hz
    assert drone.hz == pytest.approx(110.0, rel=0.12)
    # White noise has a tenth of its power in each tenth; K-weighting takes from what lies under 1.5 kHz, +4 dB above.
    assert noise.low_hz == pytest.approx(0.14 * RATE / 2, rel=0.1)
    assert noise.hz == pytest.approx(0.52 * RATE / 2, rel=0.1)
    assert place_of(desk.mix().places, "noise").loudness_lufs == desk.after.track("noise").measurement.integrated_lufs


def test_loudness_over_time_follows_the_swell(desk: Desk) -> None:
    shown = desk.mix()
    gaps = np.flatnonzero(np.isnan(shown.after_lufs))
    assert len(gaps) == 1
    assert (shown.time_s[0], shown.time_s[gaps[0] + 1]) == (pytest.approx(1.7), pytest.approx(5.2))
    assert shown.before_lufs.shape == shown.after_lufs.shape == shown.time_s.shape
    most = float(np.nanmax(shown.after_lufs))  # looked for every 100 ms, the maximum every 10
    assert most <= desk.after.measurement.max_momentary_lufs + 1e-4
    assert most == pytest.approx(desk.after.measurement.max_momentary_lufs, abs=0.5)
    loudest = shown.time_s[gaps[0] + 1 :][np.nanargmax(shown.before_lufs[gaps[0] + 1 :])]
    assert loudest % 1.0 > 0.6  # the noise swells towards every full second


def test_passages_that_follow_on_one_another_are_one_line() -> None:
    plan = Plan((Span(1.0, 3.0), Span(3.0, 5.0), Span(6.0, 6.2)))
    bench = Bench(read_material(make_session(), plan, pieces_of))
    facts = bench.measure(FLAT)
    shown = present_mix(bench, explained(bench, FLAT, FLAT), facts, facts, None)
    np.testing.assert_allclose(np.diff(shown.time_s[:37]), 0.1, atol=1e-4)
    assert np.isfinite(shown.before_lufs[:37]).all()
    assert np.isnan(shown.before_lufs[37:]).tolist() == [True]  # too short for a window


def test_the_spectrum_leaves_the_usual_one_by_what_the_facts_say(desk: Desk) -> None:
    shown = desk.mix()
    np.testing.assert_allclose(shown.after_db - shown.reference_db, desk.after.tone_db, atol=1e-3)
    assert np.isnan(shown.reference_db[[0, -1]]).all()


def test_a_song_may_take_the_place_of_the_usual_spectrum(desk: Desk) -> None:
    song = replace(USUAL, label="Song.flac", levels_db=tuple(level + 40.0 for level in MIX_SPECTRUM_DB))
    shown, usual = present_mix(desk.bench, desk.insight, desk.before, desk.after, song), desk.mix()
    assert shown.reference_label == "Song.flac"
    np.testing.assert_allclose(shown.reference_db, usual.reference_db, atol=1e-4)
    levels = [-math.inf if hz > 8_000.0 else -60.0 if hz > 5_000.0 else -20.0 for hz in THIRD_OCTAVES_HZ]
    dull = Reference("Dull.wav", tuple(levels), 3.0)
    found = present_mix(desk.bench, desk.insight, desk.before, desk.after, dull).reference_db
    assert found[20] - found[24] == pytest.approx(40.0, abs=1e-3)
    assert np.isnan(found[26:]).all()  # that song has nothing there


def test_figures_are_the_reports(desk: Desk) -> None:
    figures = present_figures(desk.after)
    rows = dict(figures.rows)
    assert rows["Integrated loudness"] == f"{desk.after.measurement.integrated_lufs:.1f} LUFS"
    assert rows["Heard in mono"].endswith(" LU")
    assert "Duration" not in rows
    clicks = figures.tracks["clicks"]
    assert clicks.reduction_db == desk.after.track("clicks").reduction.mean_db > 0.0
    assert clicks.covered_db == float(desk.after.masking.by_all_db[2])
    assert figures.tracks["drone"].reduction_db == 0.0
    assert figures.mono_lu == desk.after.mono_lu


def test_another_order_of_tracks_changes_no_pair(desk: Desk) -> None:
    turned = desk.bench.measure(replace(FLAT, channels=FLAT.channels[::-1]))
    shown = present_mix(desk.bench, desk.insight, turned, desk.after, None)
    np.testing.assert_allclose(shown.covered_before_db, desk.mix().covered_before_db, atol=1e-3)
    assert shown.influence is not None
    assert shown.names == ("drone", "noise", "clicks")
    assert shown.influence[0].tolist() == [0.0, 2.0, 3.0]
    covers = present_track(desk.bench, desk.insight, turned, desk.after, "clicks", False).covers
    assert [replace(c, before_db=0.0) for c in covers] == [
        replace(c, before_db=0.0) for c in desk.track("clicks").covers
    ]


def test_silence_is_shown_as_nothing() -> None:
    session = make_session()
    still = Track("still", audio=np.zeros((1, RATE), np.float32), channels=1, sample_rate=RATE, num_samples=RATE)
    alone = Session((still,), RATE)
    mix = Mix((ChannelMix("still", ChannelSettings(comp_ratio=2.0)),))
    bench = Bench(read_material(alone, PLAN, pieces_of))
    facts = bench.measure(mix)
    insight = explained(bench, mix, mix)
    track, whole = present_track(bench, insight, facts, facts, "still", True), present_mix(bench, insight, facts, facts)
    assert np.isnan(track.after_db).all()
    assert np.isnan(track.mask_db).all()
    assert np.isnan(track.reduction_db).all()
    assert (len(track.shares), track.covers, track.reasons) == (0, (), ())
    (place,) = whole.places
    assert (place.pan, place.width, place.loudness_lufs) == (0.0, 0.0, -math.inf)
    assert math.isnan(place.hz)
    assert np.isinf(whole.after_lufs[np.isfinite(whole.time_s)][0])
    assert session.tracks[0].name == "drone"


def test_findings_without_a_place_have_none() -> None:
    (finding,) = present_findings(OBSERVATIONS[1:])
    assert (finding.span_s, finding.severity, finding.advice) == (None, 0.4, "")


# ------------------------------------------------------------------------------------------------------ many tracks


def many_tracks(count: int, rate: int) -> tuple[Session, Mix]:
    """``count`` tones in noise that come and go, each with its own settings."""
    time_s = np.arange(14 * rate) / rate
    noise = np.random.default_rng(5).standard_normal(len(time_s))
    tracks, channels = [], []
    for number in range(count):
        swell = 1.0 + np.sin((0.5 + 0.1 * number) * time_s)
        tone = np.sin(2.0 * np.pi * 60.0 * 1.2**number * time_s)
        audio = (0.1 * swell * tone + 0.02 * np.roll(noise, number))[None].astype(np.float32)
        name = f"a track with a name of its own {number}"
        tracks.append(Track(name, audio=audio, channels=1, sample_rate=rate, num_samples=len(time_s)))
        settings = ChannelSettings(pan=-1.0 + 2.0 * number / count, comp_ratio=3.0, comp_threshold_db=-24.0)
        channels.append(ChannelMix(name, settings.with_values(highpass_on=1.0, fader_db=-0.2 * number)))
    return Session(tuple(tracks), rate), Mix(tuple(channels))


def test_twenty_eight_tracks_are_shown_at_once(show: Callable[[str], None]) -> None:
    session, after = many_tracks(28, RATE // 2)
    before = Mix(tuple(ChannelMix(channel.name) for channel in after.channels))
    plan = Plan(tuple(Span(float(start), start + 3.0) for start in range(1, 13, 5)))
    bench = Bench(read_material(session, plan, pieces_of))
    facts = [bench.measure(mix) for mix in (before, after)]
    influence = Influence(tuple(c.name for c in after.channels), np.ones((28, 28)), {})
    insight = explain(Verification(plan.spans, *facts, {}, {}), {}, Background(influence), ())
    whole, whole_ms = timed(lambda: present_mix(bench, insight, *facts, None))
    one, one_ms = timed(lambda: present_track(bench, insight, *facts, after.channels[7].name, True))
    _, map_ms = timed(lambda: heat_map(bench, facts[1], after.channels[7].name))
    sizes = [len(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)) / 1000.0 for value in (whole, one)]
    assert max(sizes) < 300.0
    assert map_ms < 300.0  # 30 ms, and room for a busy machine
    assert len(one.covers) == 6
    assert len(one.influence) == 27
    assert np.isnan(one.reduction_db).sum() == len(plan.spans) - 1
    show(f"28 tracks, 3 passages of 3 s: a mix's insight in {whole_ms:.0f} ms and {sizes[0]:.0f} kB,")
    show(f"a track's in {one_ms:.0f} ms and {sizes[1]:.0f} kB; a heat map takes {map_ms:.1f} ms of them")


def timed(function: Callable[[], Any]) -> tuple[Any, float]:
    """The result, and the least of five times in ms."""
    best = math.inf
    for _ in range(5):
        start = time.perf_counter()
        result = function()
        best = min(best, 1e3 * (time.perf_counter() - start))
    return result, best
