"""The whole measurement: one table, each meter's own value, JSON, odd inputs, memory."""

import json
import math
import tracemalloc
from dataclasses import fields

import numpy as np
import pytest

from assistant.analysis.loudness import (
    integrated_loudness,
    loudness_range,
    max_momentary_loudness,
    max_short_term_loudness,
)
from assistant.analysis.measure import METRICS, Measurement, gather, join_evidence, measure, measurement_of
from assistant.analysis.peaks import crest_factor_db, sample_peak_db, true_peak_dbtp
from assistant.analysis.spectrum import third_octave_levels
from assistant.analysis.stereo import balance_db, correlation, stereo_width

RATE = 44_100


@pytest.fixture(scope="module")
def song():
    """Eight seconds of stereo noise that swells, right louder than left, with an offset."""
    rng = np.random.default_rng(11)
    swell = np.linspace(0.02, 0.3, 8 * RATE)
    audio = rng.standard_normal((2, 8 * RATE)) * swell * np.array([[0.5], [1.0]]) + np.array([[0.001], [-0.004]])
    return audio.astype(np.float32)


def test_every_value_is_its_own_meters(song):
    found = measure(song, RATE)
    assert found.integrated_lufs == integrated_loudness(song, RATE)
    assert found.max_momentary_lufs == max_momentary_loudness(song, RATE)
    assert found.max_short_term_lufs == max_short_term_loudness(song, RATE)
    assert found.loudness_range_lu == loudness_range(song, RATE)
    assert found.true_peak_dbtp == true_peak_dbtp(song, RATE)
    assert found.sample_peak_db == sample_peak_db(song)
    assert found.crest_factor_db == crest_factor_db(song)
    assert found.width == stereo_width(song)
    assert found.correlation == correlation(song)
    assert found.balance_db == balance_db(song)
    assert found.dc_offset == pytest.approx(-0.004, abs=0.0015)
    assert found.duration_s == 8.0
    frequencies, levels = third_octave_levels(song, RATE)
    assert found.third_octave_hz == tuple(frequencies)
    assert found.third_octave_db == tuple(levels)


def test_scaled_evidence_is_that_of_the_scaled_signal(song):
    scaled, wanted = measurement_of(gather(song, RATE).scaled(0.5)), measure(song * np.float32(0.5), RATE)
    for metric in METRICS:
        assert getattr(scaled, metric.name) == pytest.approx(getattr(wanted, metric.name), abs=1e-4), metric.name
    assert scaled.third_octave_db == pytest.approx(wanted.third_octave_db, abs=1e-4)


def test_pieces_together_measure_as_the_whole(song):
    pieces = [song[:, : 3 * RATE], song[:, 3 * RATE : 4 * RATE], song[:, 4 * RATE :]]
    joined = measurement_of(join_evidence([gather(piece, RATE) for piece in pieces]))
    whole = measure(song, RATE)
    assert joined.duration_s == whole.duration_s
    for name in ("width", "correlation", "balance_db", "dc_offset", "sample_peak_db"):
        assert getattr(joined, name) == pytest.approx(getattr(whole, name), abs=1e-6), name
    assert joined.integrated_lufs == pytest.approx(whole.integrated_lufs, abs=0.02)
    assert joined.true_peak_dbtp == pytest.approx(whole.true_peak_dbtp, abs=0.1)
    assert joined.third_octave_db == pytest.approx(whole.third_octave_db, abs=0.5)


def test_the_table_is_the_dataclass():
    scalars = [f.name for f in fields(Measurement) if not f.name.startswith("third_octave")]
    assert [m.name for m in METRICS] == scalars
    assert len({m.label for m in METRICS}) == len(METRICS)


def test_rows_are_readable(song):
    rows = dict(measure(song, RATE).rows())
    assert rows["Duration"] == "8.00 s"
    assert rows["Integrated loudness"] == f"{integrated_loudness(song, RATE):.1f} LUFS"
    assert rows["Correlation"] == "0.00"


def test_json_keeps_every_field(song):
    found = measure(song, RATE)
    parsed = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert list(parsed) == [f.name for f in fields(Measurement)]
    assert parsed["true_peak_dbtp"] == found.true_peak_dbtp
    assert parsed["third_octave_db"] == list(found.third_octave_db)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_silence(channels, count):
    found = measure(np.zeros((channels, count), np.float32), 48_000)
    scalars = {m.name: getattr(found, m.name) for m in METRICS}
    levels = [v for name, v in scalars.items() if name.endswith(("_lufs", "_dbtp", "peak_db", "crest_factor_db"))]
    assert [*levels, *found.third_octave_db] == [-math.inf] * 36
    assert (found.loudness_range_lu, found.width, found.correlation, found.balance_db, found.dc_offset) == (
        0,
        0,
        1,
        0,
        0,
    )
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["integrated_lufs"] is None


@pytest.mark.parametrize("sample_rate", [8_000, 11_025, 24_000, 48_000, 192_000])
@pytest.mark.parametrize("count", [1, 2, 31, 479, 19_201])
def test_short_signals_give_numbers(count, sample_rate):
    audio = np.random.default_rng(count).uniform(-1.0, 1.0, (2, count))
    values = measure(audio, sample_rate)
    assert not any(math.isnan(v) for v in (*(getattr(values, m.name) for m in METRICS), *values.third_octave_db))
    assert math.isfinite(values.true_peak_dbtp)


def test_layout_in_memory_does_not_matter_and_input_is_kept(song):
    wanted = measure(song, RATE)
    interleaved = np.ascontiguousarray(song.T).T
    interleaved.flags.writeable = False
    assert measure(interleaved, RATE) == wanted
    assert measure(song.astype(np.float64), RATE).integrated_lufs == pytest.approx(wanted.integrated_lufs, abs=1e-9)


def test_mono_against_the_same_on_both_channels(song):
    mono, dual = measure(song[:1], RATE), measure(np.repeat(song[:1], 2, axis=0), RATE)
    assert dual.integrated_lufs - mono.integrated_lufs == pytest.approx(3.0103, abs=1e-4)
    for name in ("true_peak_dbtp", "crest_factor_db", "width", "correlation", "balance_db"):
        assert getattr(dual, name) == pytest.approx(getattr(mono, name), abs=1e-9), name


def test_extra_memory_does_not_grow_with_the_file():
    audio = np.zeros((2, 60 * 48_000), np.float32)
    audio[:] = np.random.default_rng(1).standard_normal(audio.shape[1], np.float32)
    measure(audio[:, :1000], 48_000)
    tracemalloc.start()
    measure(audio, 48_000)
    extra = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert extra < 30e6


def test_refuses_damaged_audio():
    audio = np.zeros((2, 1000))
    audio[1, 500] = np.nan
    with pytest.raises(ValueError, match="finite"):
        measure(audio, 48_000)
