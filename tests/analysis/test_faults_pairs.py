"""Copies and clashes among many tracks are found with their sign and lag; what only sounds alike is not."""

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from assistant.analysis.faults import Examination, compare, examine

RATE = 48_000
LENGTH_S = 12.0


def strokes(seed: int, every_s: float = 0.5) -> np.ndarray:
    """Short bursts of noise from 60 Hz up, each another."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(LENGTH_S * RATE)) / RATE
    noise = sosfilt(butter(2, [60.0, 3_000.0], "bandpass", fs=RATE, output="sos"), rng.standard_normal(len(time_s)))
    return 0.5 * noise * np.exp(-(time_s % every_s) * 20.0)


def chords(seed: int, detune: float = 1.0) -> np.ndarray:
    """Saw-like notes of one melody, half a second each, phases at random."""
    rng, place = np.random.default_rng(seed), np.arange(RATE // 2) / RATE
    notes = []
    for step in np.random.default_rng(7).integers(0, 12, round(2 * LENGTH_S)):
        pitch_hz = detune * 110.0 * 2.0 ** (step / 12.0)
        notes.append(sum(np.sin(2.0 * np.pi * (n * pitch_hz * place + rng.random())) / n for n in range(1, 12)))
    return 0.1 * np.concatenate(notes)


def examined(audio: np.ndarray, start_s: float = 0.0) -> Examination:
    return examine(np.atleast_2d(audio).astype(np.float32), RATE, start_s)


def late(audio: np.ndarray, samples: int) -> np.ndarray:
    return np.concatenate([np.zeros(samples), audio])[: len(audio)]


@pytest.fixture(scope="module")
def others() -> dict[str, Examination]:
    tracks = {f"strokes {k}": examined(strokes(k)) for k in range(3)}
    return tracks | {"organ": examined(chords(0)), "synth": examined(chords(1)), "fifth": examined(chords(2, 1.5))}


def test_unrelated_and_harmonically_related_tracks_raise_nothing(others):
    assert compare(others) == ()


@pytest.mark.parametrize("name", ["strokes", "melody"])
@pytest.mark.parametrize(("gain", "kind"), [(0.4, "duplicate"), (-0.4, "polarity")])
@pytest.mark.parametrize("lag", [0, 528])
def test_copies_are_found_with_sign_and_lag(others, name, gain, kind, lag):
    original = strokes(9) if name == "strokes" else chords(9)
    tracks = others | {"a": examined(original), "b": examined(gain * late(original, lag))}
    (found,) = compare(tracks)
    assert (found.kind, found.tracks, found.is_copy) == (kind, ("a", "b"), True)
    assert found.correlation * np.sign(gain) > 0.97
    assert found.lag_ms == pytest.approx(1000.0 * lag / RATE, abs=0.1)


def test_the_place_on_the_time_line_counts(others):
    original = strokes(9)
    moved = others | {"a": examined(original, 3.0), "b": examined(original[2 * RATE :], 5.0)}
    (found,) = compare(moved)
    assert found.kind == "duplicate"
    assert found.lag_ms == pytest.approx(0.0, abs=0.1)
    assert compare(others | {"a": examined(original, 3.0), "b": examined(original, 5.0)}) == ()


def test_a_passage_that_is_copied_is_found_where_it_is():
    a, b = strokes(9), strokes(10)
    b[RATE : 11 * RATE] = a[RATE : 11 * RATE]
    (found,) = compare({"a": examined(a), "b": examined(b)})
    assert found.kind == "duplicate"
    assert 0.5 <= found.start_s <= 2.0
    assert 10.0 <= found.end_s <= 11.6


def test_two_sides_of_a_drum_clash_in_the_low_band():
    top = strokes(9)
    low = sosfilt(butter(2, 1_500.0, fs=RATE, output="sos"), top)
    under = late(-0.7 * low, 20) + 0.3 * strokes(11)
    (found,) = compare({"top": examined(top), "under": examined(under)})
    assert (found.kind, found.is_copy) == ("polarity", False)
    assert -1.0 <= found.correlation <= -0.5
    assert abs(found.lag_ms) <= 1.0
    assert compare({"top": examined(top), "under": examined(-under)}) == ()


def test_a_shared_rumble_is_no_copy():
    rumble = sosfilt(butter(2, [45.0, 90.0], "bandpass", fs=RATE, output="sos"), strokes(3, 0.25))
    high = butter(4, 2_000.0, "highpass", fs=RATE, output="sos")
    rng = np.random.default_rng(5)
    tracks = {}
    for name in ("a", "b"):
        swells = np.repeat(rng.random(round(LENGTH_S * 2)), RATE // 2) ** 2
        tracks[name] = examined(rumble + swells * sosfilt(high, rng.standard_normal(len(rumble))))
    assert compare(tracks) == ()


def test_silent_and_empty_tracks_are_passed_over():
    empty = {"empty": examined(np.zeros(RATE)), "nothing": examined(np.zeros(0)), "short": examined(strokes(1)[:100])}
    assert compare(empty) == ()
    assert compare({}) == ()
