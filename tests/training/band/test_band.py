"""The procedural band: equal for equal seeds, roles from the table, tracks that are sound recordings."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from assistant.engineers.role_table import ROLE_BY_NAME, ROLES
from assistant.mix import Session
from assistant.training.band import SOURCES, TrainingToolError, compose_session, soundfont
from assistant.training.band.casting import FEWEST, MOST, cast_session
from assistant.training.band.genres import GENRES
from assistant.training.band.song import Song, stream, write_song

DURATION_S, RATE = 10.0, 22_050
SEEDS = (1, 2, 5)

needs_fluidsynth = pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not soundfont.SOUNDFONT.is_file(),
    reason=f"FluidSynth or its soundfont is missing: {soundfont.INSTALL}",
)


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    return [compose_session(seed, RATE, DURATION_S) for seed in SEEDS]


def song_of(seed: int) -> Song:
    return write_song(seed, GENRES[stream(seed, "genre").integers(len(GENRES))], 24.0)


@needs_fluidsynth
def test_a_seed_gives_one_session(sessions: list[Session]) -> None:
    again = compose_session(SEEDS[0], RATE, DURATION_S)
    assert again == sessions[0]
    for first, second in zip(sessions[0].tracks, again.tracks, strict=True):
        np.testing.assert_array_equal(first.audio, second.audio)
    assert sessions[0].tracks != sessions[1].tracks


@needs_fluidsynth
def test_tracks_are_recordings(sessions: list[Session]) -> None:
    for track in (track for session in sessions for track in session.tracks):
        assert track.role in ROLE_BY_NAME
        assert track.sample_rate == RATE
        assert track.num_samples == round(DURATION_S * RATE)
        assert track.audio.shape == (track.channels, track.num_samples), track.name
        assert track.audio.dtype == np.float32
        assert np.isfinite(track.audio).all(), track.name
        assert 0.003 < np.abs(track.audio).max() < 1.0, track.name


@needs_fluidsynth
def test_tracks_rest_in_some_sections(sessions: list[Session]) -> None:
    resting = []
    for track in (track for session in sessions for track in session.tracks):
        halves = np.abs(track.audio[:, : int(DURATION_S) * 2 * (RATE // 2)]).reshape(track.channels, -1, RATE // 2)
        peaks = halves.max(axis=(0, 2))
        resting.append(float((peaks < 0.03 * peaks.max()).mean()))
    assert sum(share > 0.1 for share in resting) > len(resting) / 4
    assert sum(share < 0.1 for share in resting) > len(resting) / 10


@needs_fluidsynth
def test_the_sample_rate_changes_sound_only(sessions: list[Session]) -> None:
    other = compose_session(SEEDS[0], 16_000, DURATION_S)
    assert [(t.name, t.role, t.channels) for t in other.tracks] == [
        (t.name, t.role, t.channels) for t in sessions[0].tracks
    ]
    assert other.tempo == sessions[0].tempo


def test_casts_cover_all_roles() -> None:
    casts = [cast_session(seed, song_of(seed)) for seed in range(400)]
    numbers = [len(cast.parts) for cast in casts]
    found = {part.role for cast in casts for part in cast.parts}
    assert {role.name for role in ROLES} - {"other"} <= found
    assert all(FEWEST <= number <= MOST for number in numbers)
    assert 10.0 < np.mean(numbers) < 14.0
    for cast in casts:
        assert len({part.name for part in cast.parts}) == len(cast.parts)
        assert all(part.bars for part in cast.parts)


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(TrainingToolError, match="apt install fluidsynth fluid-soundfont-gm"):
        compose_session(SEEDS[0], RATE, DURATION_S)


@needs_fluidsynth
def test_a_missing_soundfont_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(soundfont, "SOUNDFONT", tmp_path / "none.sf2")
    with pytest.raises(TrainingToolError, match=r"none\.sf2 is missing"):
        compose_session(SEEDS[0], RATE, DURATION_S)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((-1,), "seed=-1"), ((0, 44), "kHz"), ((0, 44_100, 1.0), "duration_s=1.0")],
)
def test_values_out_of_range_are_refused(arguments: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compose_session(*arguments)


def test_sources_name_their_licences() -> None:
    assert all(any(word in source for word in ("MIT", "CC0", "computed")) for source in SOURCES)
