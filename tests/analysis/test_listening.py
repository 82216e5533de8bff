"""What is heard: known signals give the numbers they must, at any level and from any part of a song."""

import math
import threading

import numpy as np
import pytest

from assistant.analysis.listening import BAND_CENTRES_HZ, TRACE_RATE_HZ, TrackFeatures, listen, listen_to_tracks
from assistant.analysis.loudness import integrated_loudness
from assistant.mix import Track

RATE = 48_000
LEVELS = {"loudness_lufs", "peak_db"}


def tone(hz: float, seconds: float = 4.0, rate: int = RATE, gain: float = 0.5) -> np.ndarray:
    return (gain * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate))[None].astype(np.float32)


def noise(seed: int, seconds: float = 4.0, gain: float = 0.1) -> np.ndarray:
    return (gain * np.random.default_rng(seed).standard_normal(round(seconds * RATE)))[None].astype(np.float32)


def clicks(per_second: int, seconds: float = 4.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return noise(1, seconds) * np.exp(-(time % (1 / per_second)) / 0.01).astype(np.float32)


def stereo(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.concatenate([left, right])


def test_loudness_is_the_integrated_loudness():
    for audio in (tone(997), noise(2), clicks(4), stereo(noise(1), noise(2))):
        assert listen(audio, RATE).loudness_lufs == pytest.approx(integrated_loudness(audio, RATE), abs=0.1)


@pytest.mark.parametrize("gain_db", [-40.0, -12.0, 18.0])
def test_gain_moves_levels_and_nothing_else(gain_db):
    audio = stereo(clicks(3) + tone(330), clicks(3) + noise(5))
    plain, scaled = listen(audio, RATE), listen(audio * np.float32(10 ** (gain_db / 20)), RATE)
    for name in TrackFeatures.__dataclass_fields__:
        if name in LEVELS:
            assert getattr(scaled, name) == pytest.approx(getattr(plain, name) + gain_db, abs=1e-3)
        elif name not in ("trace_db", "activity"):
            assert getattr(scaled, name) == pytest.approx(getattr(plain, name), rel=1e-3, abs=1e-4), name
    assert np.array_equal(scaled.activity, plain.activity)


@pytest.mark.parametrize("hz", [55.0, 110.0, 220.0, 880.0])
def test_a_tone_has_its_pitch(hz):
    heard = listen(tone(hz), RATE)
    assert heard.pitch_hz == pytest.approx(hz, rel=0.02)
    assert heard.harmonicity > 0.8
    assert heard.centroid_hz == pytest.approx(hz, rel=0.1)
    assert 0.6 * hz < heard.low_edge_hz < hz
    assert BAND_CENTRES_HZ[int(np.argmax(heard.spectrum_db))] == pytest.approx(hz, rel=0.13)


def test_noise_has_no_pitch():
    heard = listen(noise(3), RATE)
    assert heard.pitch_hz == 0.0
    assert heard.harmonicity < 0.4
    assert heard.percussiveness < 0.1


def test_white_noise_is_shared_out_by_bandwidth():
    heard = listen(noise(4, 20.0), RATE)
    assert heard.air_share == pytest.approx(14 / 24, abs=0.01)
    assert heard.sibilance_share == pytest.approx(5 / 24, abs=0.01)
    assert heard.harsh_share == pytest.approx(3 / 24, abs=0.01)
    assert heard.low_share < 0.01
    assert sum(10 ** (level / 10) for level in heard.spectrum_db) == pytest.approx(22.4 / 24, abs=0.02)


@pytest.mark.parametrize("per_second", [2, 4, 8])
def test_clicks_are_counted(per_second):
    heard = listen(clicks(per_second), RATE)
    assert heard.onset_rate_hz == pytest.approx(per_second, rel=0.15)
    assert heard.percussiveness > 0.7


def test_a_steady_tone_is_not_percussive():
    heard = listen(tone(440), RATE)
    assert heard.percussiveness < 0.05
    assert heard.onset_rate_hz < 0.6
    assert heard.dynamics_db < 0.1
    assert heard.crest_db == pytest.approx(3.01, abs=0.1)


def test_a_short_passage_in_a_long_song_is_judged_by_itself():
    passage = noise(6, 5.0)
    song = np.concatenate([np.zeros((1, 30 * RATE), np.float32), passage, np.zeros((1, 15 * RATE), np.float32)], axis=1)
    alone, inside = listen(passage, RATE), listen(song, RATE)
    assert inside.loudness_lufs == pytest.approx(alone.loudness_lufs, abs=0.3)
    assert inside.spectrum_db[20] == pytest.approx(alone.spectrum_db[20], abs=0.5)
    assert inside.active_ratio == pytest.approx(0.1, abs=0.02)
    assert inside.first_active_s == pytest.approx(30.0, abs=0.5)
    assert inside.last_active_s == pytest.approx(35.0, abs=0.5)
    assert set(np.flatnonzero(inside.activity)) >= set(range(61, 69))
    assert not inside.activity[:59].any()


def test_stereo_numbers():
    same = listen(stereo(noise(1), noise(1)), RATE)
    unrelated = listen(stereo(noise(1), noise(2)), RATE)
    opposite = listen(stereo(noise(1), -noise(1)), RATE)
    assert (same.width, same.correlation) == (pytest.approx(0.0, abs=1e-6), pytest.approx(1.0))
    assert (unrelated.width, unrelated.correlation) == (pytest.approx(0.5, abs=0.01), pytest.approx(0.0, abs=0.02))
    assert (opposite.width, opposite.correlation) == (pytest.approx(1.0), pytest.approx(-1.0))
    assert listen(stereo(noise(1), 2 * noise(1)), RATE).balance_db == pytest.approx(6.02, abs=0.01)
    assert not listen(noise(1), RATE).is_stereo


def test_anything_short_is_heard():
    for samples in (1, 17, 480, 4_800, 20_000):
        heard = listen(noise(7)[:, :samples], RATE)
        assert not heard.is_silent
        assert math.isfinite(heard.loudness_lufs)
        assert 0.0 < heard.active_ratio <= 1.0


@pytest.mark.parametrize("audio", [np.zeros((1, 0)), np.zeros((2, RATE)), np.full((1, RATE), 9e-5)])
def test_silence_is_silent(audio):
    heard = listen(audio.astype(np.float32), RATE)
    assert heard.is_silent
    assert heard.loudness_lufs == -math.inf
    assert len(heard.activity) == 0


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000])
def test_the_sample_rate_hardly_matters(rate):
    here, there = listen(tone(300), RATE), listen(tone(300, rate=rate), rate)
    assert there.loudness_lufs == pytest.approx(here.loudness_lufs, abs=0.1)
    assert there.pitch_hz == pytest.approx(here.pitch_hz, rel=0.02)
    assert there.low_edge_hz == pytest.approx(here.low_edge_hz, rel=0.1)


def test_the_trace_keeps_the_distribution_of_levels():
    audio = stereo(noise(8, 30.0), noise(9, 30.0))
    trace = listen(audio, RATE).trace_db.astype(float)
    levels = 20 * np.log10(np.abs(audio).max(axis=0))
    assert len(trace) == 12 * TRACE_RATE_HZ
    for percentile in (10, 50, 90, 99):
        assert np.percentile(trace, percentile) == pytest.approx(np.percentile(levels, percentile), abs=0.2)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_samples_are_refused(value):
    audio = noise(1)
    audio[0, 100] = value
    with pytest.raises(ValueError, match="finite"):
        listen(audio, RATE)


@pytest.mark.parametrize("shape", [(RATE,), (3, RATE), (RATE, 2)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="expected"):
        listen(np.zeros(shape, np.float32), RATE)


def tracks(count: int) -> list[Track]:
    return [Track(f"t{i}", audio=noise(i, 0.5, 0.01 * (i + 1)), channels=1) for i in range(count)]


def test_tracks_come_back_in_order_and_are_reported_in_the_callers_thread():
    seen = []
    given = tracks(9)
    heard = listen_to_tracks(
        given, RATE, lambda t, _rate: t.audio, lambda n, t: seen.append((n, t.name, threading.get_ident()))
    )
    assert [h.peak_db for h in heard] == [listen(t.audio, RATE).peak_db for t in given]
    assert seen == [(i + 1, f"t{i}", threading.get_ident()) for i in range(9)]


def test_cancelling_stops_loading():
    loaded = []

    def load(track, _rate):
        loaded.append(track.name)
        return track.audio

    heard = listen_to_tracks(tracks(30), RATE, load, is_cancelled=lambda: len(loaded) >= 3)
    assert len(heard) == 30
    assert len(loaded) < 8
    assert heard[-1].is_silent


def test_what_loading_raises_is_raised():
    def load(_track, _rate):
        raise OSError("disk gone")

    with pytest.raises(OSError, match="disk gone"):
        listen_to_tracks(tracks(3), RATE, load)


def test_residue_is_silent_and_a_soft_recording_is_not():
    loud = listen(noise(1), RATE)
    for under_lu, is_silent in ((-69.0, False), (-71.0, True)):
        soft = noise(1) * np.float32(10 ** ((under_lu - loud.loudness_lufs) / 20))
        assert listen(soft, RATE).is_silent == is_silent


def test_a_dead_input_with_an_offset_is_silent():
    assert listen(np.full((2, RATE), 0.01, np.float32), RATE).is_silent
    assert not listen(np.full((1, RATE), 0.01, np.float32) + noise(1, 1.0, 0.003), RATE).is_silent


def test_an_offset_shows_as_subsonic_and_leaves_the_trace_alone():
    plain = tone(300)
    shifted = plain + np.float32(0.3)
    here, there = listen(plain, RATE), listen(shifted, RATE)
    assert here.subsonic_share < 1e-3
    power = float(np.square(plain).mean())
    assert there.subsonic_share == pytest.approx(0.09 / (0.09 + power), abs=0.05)
    assert np.percentile(there.trace_db, 90) == pytest.approx(np.percentile(here.trace_db, 90), abs=0.1)
    assert there.low_edge_hz == pytest.approx(here.low_edge_hz, rel=0.05)


def test_the_width_of_the_lows_is_told_from_the_rest():
    low, high = tone(60), tone(3_000)
    narrow, wide = listen(stereo(low + high, low - high), RATE), listen(stereo(low + high, high - low), RATE)
    assert (narrow.low_width, wide.low_width) == (pytest.approx(0.0, abs=0.01), pytest.approx(1.0, abs=0.01))
    assert narrow.width == pytest.approx(0.5, abs=0.02)
