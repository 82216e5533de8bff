"""Each fault is found where it is, and what only looks like it is left alone."""

import numpy as np
import pytest
from scipy.signal import square

from assistant.analysis.faults import Examination, examine
from assistant.analysis.faults.trace import TRACE_HZ, take_trace
from assistant.analysis.loudness import integrated_loudness

RATE = 44_100
TIME_S = np.arange(12 * RATE) / RATE


def mono(wave: np.ndarray) -> np.ndarray:
    return np.asarray(wave, np.float32)[None]


def phrases(level: float = 0.3) -> np.ndarray:
    """A tone of changing pitch with five harmonics, one second on, one second silent."""
    pitch_hz = 220.0 * 2.0 ** (np.floor(TIME_S / 2.0) / 6.0)
    tone = sum(np.sin(2.0 * np.pi * n * pitch_hz * TIME_S) / n for n in range(1, 6))
    return level * tone * np.sin(np.pi * np.clip(TIME_S % 2.0, 0.0, 1.0)) ** 0.5


def hiss(level_db: float) -> np.ndarray:
    return 10.0 ** (level_db / 20.0) * np.random.default_rng(0).standard_normal(len(TIME_S))


def hum(mains_hz: float, level_db: float) -> np.ndarray:
    wave = sum(np.sin(2.0 * np.pi * n * mains_hz * TIME_S + n) / n for n in (1, 2, 3))
    return wave * 10.0 ** (level_db / 20.0) / np.sqrt(np.mean(np.square(wave)))


def faults(examination: Examination) -> list[str]:
    found = {
        "clipping": examination.clipping,
        "dc": examination.offset,
        "hum": examination.hum,
        "noise": examination.noise,
    }
    return [kind for kind, fault in found.items() if fault is not None]


def test_a_clean_track_has_no_fault_and_is_measured_as_by_the_meters():
    audio = np.stack([phrases(0.3), phrases(0.2)]).astype(np.float32)
    examination = examine(audio, RATE)
    assert faults(examination) == []
    assert not examination.is_near_silent
    assert examination.loudness_lufs == pytest.approx(integrated_loudness(audio, RATE), abs=1e-6)


@pytest.mark.parametrize("bits", [None, 24, 16])
@pytest.mark.parametrize("gain", [1.0, 0.35])
def test_clipping_is_found_at_its_level_and_time(bits, gain):
    wave = phrases(0.5)
    wave[: 4 * RATE] *= 0.2
    wave = np.clip(wave, -0.4, 0.4) * gain
    audio = mono(wave if bits is None else np.round(wave * 2 ** (bits - 1)) / 2 ** (bits - 1))
    clipping = examine(audio, RATE, start_s=10.0).clipping
    assert clipping is not None
    assert clipping.ceiling_db == pytest.approx(20.0 * np.log10(0.4 * gain), abs=0.01)
    assert 14.0 <= clipping.times_s[0] <= 14.3
    assert clipping.runs > 100


@pytest.mark.parametrize(
    "wave",
    [
        pytest.param(0.5 * square(2.0 * np.pi * 100.0 * TIME_S), id="square wave"),
        pytest.param(0.5 * square(2.0 * np.pi * 100.0 * TIME_S, 0.1), id="pulse wave"),
        pytest.param(np.round(0.9 * np.sin(2.0 * np.pi * 55.0 * TIME_S) * 128.0) / 128.0, id="8 bit"),
        pytest.param(np.round(0.01 * np.sin(2.0 * np.pi * 41.0 * TIME_S) * 32768.0) / 32768.0, id="soft, 16 bit"),
        pytest.param(np.repeat(phrases()[::6], 6)[: len(TIME_S)], id="samples held"),
        pytest.param(np.zeros(len(TIME_S)), id="silence"),
        pytest.param(phrases() / np.abs(phrases()).max(), id="full scale, once"),
    ],
)
def test_steps_that_are_the_sound_itself_are_not_clipping(wave):
    assert examine(mono(wave), RATE).clipping is None


def test_an_offset_is_told_from_an_asymmetric_sound():
    found = examine(mono(phrases() + 0.02), RATE).offset
    assert found is not None
    assert found.level == pytest.approx(0.02, abs=1e-4)
    lopsided = np.maximum(phrases(), 0.0)
    hits = np.exp(-(TIME_S % 0.5) * 12.0) * np.sin(2.0 * np.pi * 50.0 * (TIME_S % 0.5))
    assert examine(mono(lopsided - lopsided.mean()), RATE).offset is None
    assert examine(mono(0.7 * hits), RATE).offset is None


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_is_found_under_music_with_its_frequency_and_level(mains_hz):
    found = examine(mono(phrases() + hum(mains_hz, -45.0)), RATE).hum
    assert found is not None
    assert found.frequency_hz == pytest.approx(mains_hz, abs=0.05)
    assert found.level_db == pytest.approx(-45.0, abs=0.7)
    assert found.strongest == 1
    assert set(found.harmonics) == {1, 2, 3}


def test_a_bass_that_holds_a_note_near_the_mains_does_not_hum():
    note = sum(np.sin(2.0 * np.pi * n * 49.0 * TIME_S) / n for n in range(1, 8))
    assert examine(mono(0.2 * note), RATE).hum is None
    kicks = np.exp(-(TIME_S % 0.5) * 8.0) * np.sin(2.0 * np.pi * 50.0 * (TIME_S % 0.5))
    assert examine(mono(0.8 * kicks), RATE).hum is None


def test_noise_is_found_where_a_track_rests():
    found = examine(mono(phrases() + hiss(-55.0)), RATE, start_s=5.0).noise
    assert found is not None
    assert 20.0 < found.snr_db < 48.0
    assert found.time_s >= 5.0 + 0.9
    assert examine(mono(phrases() + hiss(-95.0)), RATE).noise is None


@pytest.mark.parametrize(
    "wave",
    [
        pytest.param(hiss(-20.0), id="noise is the music"),
        pytest.param(0.2 * np.sin(2.0 * np.pi * 440.0 * TIME_S) + hiss(-60.0), id="never rests"),
        pytest.param(hiss(-10.0) * np.exp(-(TIME_S % 6.0) * 0.8), id="slow tails"),
        pytest.param(phrases() + 0.003 * np.sin(2.0 * np.pi * 330.0 * TIME_S), id="a held note"),
    ],
)
def test_what_is_no_floor_is_not_noise(wave):
    assert examine(mono(wave), RATE).noise is None


def test_next_to_nothing_is_near_silent():
    assert examine(mono(phrases(0.0005)), RATE).is_near_silent
    empty = examine(np.zeros((2, RATE), np.float32), RATE)
    assert empty.is_near_silent
    assert faults(empty) == []


@pytest.mark.parametrize("samples", [0, 1, 100, 5_000])
def test_short_tracks_are_examined(samples):
    assert faults(examine(mono(phrases()[:samples]), RATE)) == []


def test_unusable_audio_is_refused():
    with pytest.raises(ValueError, match="transposed"):
        examine(np.zeros((RATE, 2), np.float32), RATE)
    with pytest.raises(ValueError, match="kHz"):
        examine(np.zeros((1, 100), np.float32), 44)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000, 96_000])
def test_a_trace_is_the_bottom_at_one_rate(rate):
    time_s = np.arange(4 * rate) / rate
    low, high = np.sin(2.0 * np.pi * 200.0 * time_s), np.sin(2.0 * np.pi * 2_900.0 * time_s)
    trace = take_trace(np.asarray(np.stack([low + high, low]) * 0.5, np.float32), rate)
    samples = trace.samples.astype(np.float64) * trace.rms
    expected = 0.5 * np.sin(2.0 * np.pi * 200.0 * np.arange(len(samples)) / TRACE_HZ)
    assert len(samples) == 4 * TRACE_HZ
    assert np.abs(samples - expected)[100:-100].max() < 2e-3
