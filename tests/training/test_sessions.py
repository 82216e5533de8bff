"""Sessions as examples: what is known of them, and the audio that is kept."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from training.conftest import IS_STEREO

from assistant.engineers.levels import REFERENCE_LUFS
from assistant.engineers.role_table import ROLES
from assistant.params import BY_NAME, CHANNEL_PARAMS
from assistant.training.band.soundfont import SOUNDFONT
from assistant.training.errors import TrainingError
from assistant.training.examples import EXCERPT_RATE
from assistant.training.linear import TYPICAL_DB
from assistant.training.sessions import band_example, drum_example, stems_example
from protocols.stems import read_stems_folder

RATE = 48_000
COLUMNS = [p.name for p in CHANNEL_PARAMS]


def song(folder: Path, **gains_db: float):
    """Stems of bursts of noise at other levels, "pad" in stereo, and one that is silent."""
    rng = np.random.default_rng(0)
    gate = np.sin(2 * np.pi * 2.0 * np.arange(4 * RATE) / RATE) > -0.5
    for name, gain_db in gains_db.items():
        noise = rng.standard_normal((4 * RATE, 2 if name == "pad" else 1))
        audio = 0.05 * 10.0 ** (gain_db / 20.0) * noise * gate[:, None]
        soundfile.write(folder / f"{name}.wav", audio, RATE, subtype="FLOAT")
    soundfile.write(folder / "empty.wav", np.zeros(4 * RATE), RATE)
    return read_stems_folder(folder)[0]


def test_stems_know_their_levels_and_nothing_else(tmp_path) -> None:
    example = stems_example(song(tmp_path, kick=0.0, bass=-6.0, vocal=4.0), excerpt_s=1.0)
    names = ["bass", "kick", "vocal"]  # in the session's order, without the silent one
    assert example.kinds == {"stems", "heard stems"}
    assert len(example.tracks) == len(names)
    np.testing.assert_allclose(example.level_db - example.level_db[1], [-6.0, 0.0, 4.0], atol=0.1)
    assert np.median(example.level_db) == 0.0
    assert not example.known.any()
    assert np.isnan(example.reverb).all()
    assert example.excerpt.shape == example.contribution.shape == (3, 2, EXCERPT_RATE)
    assert [float(track.scalars[IS_STEREO]) for track in example.tracks] == [-1.0] * 3


def test_the_kept_audio_is_at_one_level_and_its_mix_at_the_artists(tmp_path) -> None:
    """Mono stems in the first channel alone; the sum of the contributions is the artists' mix, whatever its gain."""
    example = stems_example(song(tmp_path, kick=0.0, bass=-6.0, pad=3.0), excerpt_s=1.0)
    bass, kick, pad = example.excerpt.astype(np.float64)
    assert not bass[1].any()
    assert not kick[1].any()
    assert pad[1].any()
    before = 10.0 * np.log10(np.square(example.excerpt.astype(np.float64)).sum(1).mean(1))
    after = 10.0 * np.log10(np.square(example.contribution.astype(np.float64)).sum(1).mean(1))
    np.testing.assert_allclose(after - before, example.level_db + TYPICAL_DB, atol=0.1)
    assert np.ptp(before) < 1.0, "all at the reference loudness"
    assert before.mean() == pytest.approx(REFERENCE_LUFS, abs=6.0)


def test_without_seconds_no_audio_is_kept(tmp_path) -> None:
    assert stems_example(song(tmp_path, kick=0.0, bass=0.0)).excerpt.shape == (2, 2, 0)


def test_levels_need_two_audible_stems(tmp_path) -> None:
    with pytest.raises(TrainingError, match="1 audible track; expected two or more stems"):
        stems_example(song(tmp_path, kick=0.0))


@pytest.fixture(scope="module")
def kit():
    return drum_example(0, excerpt_s=0.5)


def test_a_drum_kit(kit) -> None:
    count = len(kit.tracks)
    assert count >= 3
    assert kit.kinds == {"drums", "heard drums"}
    assert kit.positions.shape == kit.known.shape == (count, len(CHANNEL_PARAMS))
    assert kit.excerpt.shape == kit.contribution.shape == (count, 2, EXCERPT_RATE // 2)
    assert {COLUMNS[i] for i in np.flatnonzero(kit.known.any(0))} <= {"fader_db", "pan", "width", "polarity_inverted"}
    assert kit.known[:, COLUMNS.index("fader_db")].all()
    faders = [BY_NAME["fader_db"].from_unit(float(p)) for p in kit.positions[:, COLUMNS.index("fader_db")]]
    np.testing.assert_allclose(kit.level_db, faders, atol=1e-3)
    assert np.isnan(kit.reverb).all()


def test_a_seed_is_a_kit(kit) -> None:
    again = drum_example(0, excerpt_s=0.5)
    np.testing.assert_array_equal(again.positions, kit.positions)
    np.testing.assert_array_equal(again.excerpt, kit.excerpt)


@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not SOUNDFONT.is_file(),
    reason="needs fluidsynth and its soundfont: make train-tools",
)
def test_a_band_is_mixed_whole() -> None:
    example = band_example(1, excerpt_s=0.5)
    count = len(example.tracks)
    assert example.kinds == {"band", "heard band"}
    assert example.positions.shape == (count, len(CHANNEL_PARAMS))
    assert ((example.positions >= 0.0) & (example.positions <= 1.0)).all()
    assert ((example.roles >= 0) & (example.roles < len(ROLES))).all(), "every role is known"
    assert np.isfinite(example.level_db).all()
    assert np.isfinite(example.reverb).all()
    assert example.known[:, [COLUMNS.index(name) for name in ("fader_db", "pan", "comp_ratio", "send_db")]].all()
    idle = example.positions[:, COLUMNS.index("peak1_gain_db")] == BY_NAME["peak1_gain_db"].to_unit(0.0)
    assert not example.known[idle, COLUMNS.index("peak1_hz")].any(), "a band without gain has no frequency"
