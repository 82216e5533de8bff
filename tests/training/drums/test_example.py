"""The made kits: repeatable, valid, and recorded as a kit is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.analysis.loudness import integrated_loudness
from assistant.engineers.role_table import ROLE_BY_NAME
from assistant.training.drums.example import DrumExample, make_drum_example
from assistant.training.drums.kit import FEWEST_TRACKS, MOST_TRACKS

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "sonic-pi-samples"


def test_the_same_seed_gives_the_same_example(examples: list[DrumExample]) -> None:
    again = make_drum_example(3, duration_s=4.0)
    assert again.mix == examples[3].mix
    for first, second in zip(examples[3].session.tracks, again.session.tracks, strict=True):
        assert np.array_equal(first.audio, second.audio)
    assert again.mix != examples[4].mix


def test_tracks_are_what_they_claim(examples: list[DrumExample]) -> None:
    for example in examples:
        assert FEWEST_TRACKS <= len(example.session.tracks) <= MOST_TRACKS
        assert [t.name for t in example.session.tracks] == [c.name for c in example.mix.channels]
        for track in example.session.tracks:
            assert track.audio.dtype == np.float32
            assert track.audio.shape == (track.channels, 4 * 44_100)
            assert track.num_samples == 4 * 44_100
            assert track.role in ROLE_BY_NAME
            assert track.channels == 1 or track.role in ("overheads", "drum room")
            assert np.isfinite(track.audio).all()
            assert np.abs(track.audio).max() < 1.0


def test_raw_levels_say_nothing(examples: list[DrumExample]) -> None:
    peaks = [float(np.abs(t.audio).max()) for e in examples for t in e.session.tracks]
    peaks_db = 20.0 * np.log10(peaks)
    assert peaks_db.max() - peaks_db.min() > 20.0
    assert np.std(peaks_db) == pytest.approx(24.0 / np.sqrt(12.0), abs=1.5)


def test_close_microphones_hear_the_others_softly(examples: list[DrumExample]) -> None:
    """The bottom of a kit lies in the kick's microphone, not in the snare's beside it."""
    for example in examples:
        kick = next(t for t in example.session.tracks if t.name in ("Kick", "Kick In"))
        snare = next(t for t in example.session.tracks if t.name in ("Snare", "Snare Top"))
        shares = []
        for track in (kick, snare):
            power = np.square(np.abs(np.fft.rfft(track.audio[0])))
            hz = np.fft.rfftfreq(track.audio.shape[1], 1.0 / 44_100)
            shares.append(power[hz < 120.0].sum() / power.sum())
        assert shares[0] > 3.0 * shares[1]


def test_other_rates_and_lengths(examples: list[DrumExample]) -> None:
    example = make_drum_example(1, sample_rate=22_050, duration_s=2.0)
    assert {t.audio.shape[1] for t in example.session.tracks} == {44_100}
    assert example.session.sample_rate == 22_050


@pytest.mark.parametrize("duration_s", [1.9, 8_000.0])
def test_durations_are_checked(duration_s: float) -> None:
    with pytest.raises(ValueError, match=r"duration_s=.*expected 2 to 60 s"):
        make_drum_example(0, duration_s=duration_s)


def test_a_folder_without_one_shots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no one-shot of a"):
        make_drum_example(0, duration_s=2.0, samples_folder=tmp_path)


@pytest.mark.data
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the CC0 one-shots are not in ../shared/data")
def test_recorded_pieces_sound_otherwise(examples: list[DrumExample]) -> None:
    recorded = make_drum_example(2, duration_s=4.0, samples_folder=SAMPLES)
    made = examples[2]
    assert [t.name for t in recorded.session.tracks] == [t.name for t in made.session.tracks]
    assert any(
        not np.allclose(a.audio, b.audio) for a, b in zip(recorded.session.tracks, made.session.tracks, strict=True)
    )
    assert all(integrated_loudness(t.audio, 44_100) > -60.0 for t in recorded.session.tracks)
