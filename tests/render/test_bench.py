"""The measuring bench against the whole render, independent meters, and itself with nothing kept."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pyebur128
import pytest
from bench_session import PLAN, RATE, make_mix, make_session, pieces_of

from assistant.analysis.facts import Span
from assistant.analysis.measure import METRICS
from assistant.arrays import FloatArray
from assistant.mix import BusSettings, ChannelSettings, Mix
from render.bench import Bench
from render.material import Material, Plan, read_material
from render.mixdown import render_premaster

TONED = make_mix(
    drone=ChannelSettings(trim_db=-3.0, peak1_gain_db=6.0, fader_db=-4.0, pan=-0.5),
    noise=ChannelSettings(highpass_on=1.0, highpass_hz=200.0, width=0.5, fader_db=-2.0),
    clicks=ChannelSettings(polarity_inverted=1.0, high_shelf_gain_db=-6.0, pan=0.7),
)


def loaded(track, _rate: int) -> FloatArray:
    return track.audio


def slices(audio: FloatArray) -> list[FloatArray]:
    return [audio[:, round(s.start_s * RATE) : round(s.end_s * RATE)] for s in PLAN.spans]


def test_passages_are_those_of_the_whole_render(bench: Bench) -> None:
    whole = render_premaster(make_session(), TONED, loaded)
    for passage, wanted in zip(bench.sums(TONED), slices(whole), strict=True):
        error = np.abs(passage - wanted).max() / np.abs(wanted).max()
        assert 20.0 * math.log10(error + 1e-12) < -100.0


def test_reverb_and_compressor_have_settled_where_measuring_begins(bench: Bench) -> None:
    settings = ChannelSettings(comp_ratio=4.0, comp_threshold_db=-30.0, comp_release_ms=150.0, send_db=-6.0)
    mix = replace(make_mix(noise=settings), reverb=BusSettings(reverb_decay_s=0.8))
    whole = render_premaster(make_session(), mix, loaded)
    for passage, wanted in zip(bench.sums(mix), slices(whole), strict=True):
        error = np.sqrt(np.mean((passage - wanted) ** 2) / np.mean(wanted**2))
        assert 20.0 * math.log10(error) < -45.0


def test_an_independent_meter_agrees(bench: Bench) -> None:
    facts = bench.measure(TONED)
    joined = np.concatenate(bench.sums(TONED), axis=1)
    meter = pyebur128.R128State(2, RATE, pyebur128.MeasurementMode.MODE_I)
    meter.add_frames(np.ascontiguousarray(joined.T, np.float32).reshape(-1), joined.shape[1])
    assert facts.measurement.integrated_lufs == pytest.approx(pyebur128.get_loudness_global(meter), abs=0.1)
    rms_db = 10.0 * math.log10(np.mean(joined.astype(np.float64) ** 2))
    bands_db = 10.0 * math.log10(sum(10.0 ** (level / 10.0) for level in facts.measurement.third_octave_db))
    assert bands_db == pytest.approx(rms_db, abs=0.3)  # of excerpts, the ends count less
    assert facts.measurement.sample_peak_db == pytest.approx(20.0 * math.log10(np.abs(joined).max()), abs=1e-3)


def test_what_is_kept_measures_as_what_is_rendered_anew(bench: Bench, material: Material) -> None:
    bench.measure(TONED)
    bench.measure(make_mix())
    moved = replace(
        TONED,
        channels=tuple(
            replace(c, settings=c.settings.with_values(fader_db=-9.0, send_db=-12.0)) for c in TONED.channels
        ),
    )
    kept, anew = bench.measure(moved), Bench(material).measure(moved)
    assert (kept.measurement, kept.tracks, kept.mono_lu) == (anew.measurement, anew.tracks, anew.mono_lu)
    np.testing.assert_array_equal(kept.tone_db, anew.tone_db)
    np.testing.assert_array_equal(kept.masking.covered_db, anew.masking.covered_db)


def test_a_fader_moves_what_a_fader_moves(bench: Bench) -> None:
    before = bench.measure(make_mix())
    after = bench.measure(make_mix(clicks=ChannelSettings(fader_db=-6.0)))
    for metric in METRICS:
        change = getattr(after.track("clicks").measurement, metric.name) - getattr(
            before.track("clicks").measurement, metric.name
        )
        if metric.name == "max_short_term_lufs":  # two seconds have none
            continue
        if metric.unit in ("LUFS", "dBTP", "dBFS"):
            assert change == pytest.approx(-6.0, abs=1e-3), metric.name
        elif metric.unit != "FS":
            assert change == pytest.approx(0.0, abs=1e-6), metric.name
    assert after.track("clicks").over_rest_lu - before.track("clicks").over_rest_lu == pytest.approx(-6.0, abs=1e-3)
    assert after.track("drone").measurement == before.track("drone").measurement
    row = after.masking.names.index("clicks")
    assert after.masking.by_all_db[row] > before.masking.by_all_db[row]


def test_the_order_of_the_tracks_does_not_matter(bench: Bench) -> None:
    turned = Bench(read_material(make_session((2, 0, 1)), PLAN, pieces_of))
    mix = replace(TONED, channels=tuple(TONED.channels[i] for i in (1, 2, 0)))
    facts, wanted = turned.measure(mix), bench.measure(TONED)
    assert facts.measurement == wanted.measurement
    for name in ("drone", "noise", "clicks"):
        assert facts.track(name) == wanted.track(name)


def test_a_track_is_judged_where_it_plays(bench: Bench) -> None:
    facts = bench.measure(make_mix()).track("clicks")
    assert facts.measurement.duration_s == pytest.approx(2.0)
    assert facts.loudest == PLAN.spans[0]


def test_reverb_is_foreseen_from_its_impulse_response() -> None:
    session = make_session()
    whole = Plan((Span(0.0, session.duration_s),), lead_in_s=0.0)
    bench = Bench(read_material(session, whole, pieces_of))
    mix = replace(
        make_mix(clicks=ChannelSettings(send_db=-4.0)), reverb=BusSettings(reverb_decay_s=1.0, reverb_predelay_ms=0.0)
    )
    dry = replace(mix, channels=tuple(replace(c, settings=ChannelSettings()) for c in mix.channels))
    wet = bench.sums(mix)[0] - bench.sums(dry)[0]
    clicks = bench.piece("clicks", ChannelSettings(), 0)
    measured_db = 10.0 * math.log10(np.sum(wet.astype(np.float64) ** 2) / np.sum(clicks.astype(np.float64) ** 2))
    assert bench.measure(mix).track("clicks").reverb_db == pytest.approx(measured_db, abs=0.5)


def test_the_mono_fold(bench: Bench) -> None:
    facts = bench.measure(make_mix(drone=ChannelSettings(fader_db=-60.0), clicks=ChannelSettings(fader_db=-60.0)))
    assert facts.mono_lu == pytest.approx(-3.0, abs=0.1)  # what unrelated channels lose
    facts = bench.measure(make_mix(noise=ChannelSettings(width=0.0)))
    assert facts.mono_lu == pytest.approx(0.0, abs=1e-6)


def test_the_compressor_reports_what_it_does(bench: Bench) -> None:
    settings = ChannelSettings(comp_ratio=4.0, comp_threshold_db=-20.0, comp_knee_db=0.0, comp_attack_ms=0.1)
    reduction = bench.measure(make_mix(drone=settings)).track("drone").reduction
    assert reduction is not None
    peak_db = 20.0 * math.log10(max(np.abs(bench.piece("drone", ChannelSettings(pan=-1.0), i)).max() for i in (0, 1)))
    assert 0.0 < reduction.mean_db <= reduction.typical_db <= reduction.most_db
    most_db = 0.75 * (peak_db + 20.0)  # what the static curve asks for at the peak; it takes a moment to get there
    assert most_db - 1.5 < reduction.most_db < most_db
    assert sum(reduction.shares) == pytest.approx(1.0)
    assert reduction.share == 1.0
    assert bench.measure(make_mix()).track("drone").reduction is None


def test_silence_has_no_facts_but_breaks_nothing() -> None:
    session = make_session()
    empty = replace(session.tracks[0], name="empty", audio=np.zeros_like(session.tracks[0].audio))
    session = replace(session, tracks=(*session.tracks, empty))
    mix = Mix((*make_mix().channels, replace(make_mix().channels[0], name="empty")))
    facts = Bench(read_material(session, PLAN, pieces_of)).measure(mix).track("empty")
    assert facts.loudest is None
    assert facts.measurement.integrated_lufs == facts.over_rest_lu == facts.reverb_db == -math.inf


def test_without_passages_everything_is_silent() -> None:
    facts = Bench(read_material(make_session(), Plan(()), pieces_of)).measure(make_mix())
    assert facts.measurement.integrated_lufs == -math.inf
    assert facts.masking.over_time_db.shape == (3, 0)
    assert all(track.loudest is None for track in facts.tracks)


def test_another_sessions_mix_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="not of the session on the bench"):
        bench.measure(Mix(make_mix().channels[:2]))
