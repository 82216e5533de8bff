"""Clips over sources: places, layers, fades, gains, rates; any stretch is part of the whole."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.arrays import FloatArray
from assistant.audio.formats import AudioError
from assistant.audio.resampling import resample
from protocols.arrangement import ArrangedTrack, Clip, NestedChannel, SourceChannel
from protocols.playing import BLOCK, end_of, play

RATE = 48_000
LENGTH = 3 * BLOCK + 1234


@dataclass(frozen=True)
class Ramp:
    """Gains that rise evenly over ``length`` samples."""

    length: int

    def gains(self, start: int, stop: int) -> FloatArray:
        return np.clip(np.arange(start, stop, dtype=np.float32) / self.length, 0.0, 1.0)


@pytest.fixture
def noise(tmp_path: Path) -> tuple[Path, FloatArray]:
    """A stereo file and its audio (2, T)."""
    audio = (0.1 * np.random.default_rng(5).standard_normal((2, LENGTH))).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", audio.T, RATE, "FLOAT")
    return tmp_path / "noise.wav", audio


def sides(file: Path) -> tuple[SourceChannel, SourceChannel]:
    return SourceChannel(file, 0), SourceChannel(file, 1)


def constant(path: Path, value: float, length: int) -> tuple[SourceChannel]:
    soundfile.write(path, np.full(length, value, np.float32), RATE, "FLOAT")
    return (SourceChannel(path, 0),)


def test_a_clip_sounds_where_it_lies_and_nowhere_else(noise: tuple[Path, FloatArray]) -> None:
    file, audio = noise
    track = ArrangedTrack("a", 2, (Clip("c", sides(file), 1000, 9000, 77, gain=-0.5),))
    found = play(track, RATE, 0, 12_000)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found[:, 1000:10_000], -0.5 * audio[:, 77:9077])
    assert not found[:, :1000].any()
    assert not found[:, 10_000:].any()
    assert end_of(track) == 10_000


def test_any_stretch_is_part_of_the_whole(noise: tuple[Path, FloatArray]) -> None:
    file, _ = noise
    clips = (
        Clip("low", sides(file), 500, 20_000, curves=(Ramp(9000),)),
        Clip("high", sides(file), 4000, 20_000, 50, layer=1, opaque=True, fade_in=3000, fade_out=100, under=Ramp(3000)),
        Clip("other rate", sides(file), 9000, 9000, 20, file_rate=44_100),
    )
    track = ArrangedTrack("a", 2, clips)
    whole = play(track, RATE, 0, 30_000)
    for start, stop in ((0, 1), (777, 9999), (BLOCK, 2 * BLOCK), (29_999, 30_000), (100, 100)):
        np.testing.assert_array_equal(play(track, RATE, start, stop), whole[:, start:stop])


def test_beyond_its_file_a_clip_is_silent(noise: tuple[Path, FloatArray]) -> None:
    file, audio = noise
    track = ArrangedTrack("a", 2, (Clip("c", sides(file), 0, LENGTH, offset=LENGTH - 10),))
    found = play(track, RATE, 0, LENGTH)
    np.testing.assert_array_equal(found[:, :10], audio[:, -10:])
    assert not found[:, 10:].any()


def test_one_channel_serves_two_and_of_two_a_mono_track_takes_the_first(noise: tuple[Path, FloatArray]) -> None:
    file, audio = noise
    one = Clip("c", sides(file)[1:], 0, 100)
    np.testing.assert_array_equal(play(ArrangedTrack("a", 2, (one,)), RATE, 0, 100), audio[[1, 1], :100])
    two = Clip("c", sides(file), 0, 100)
    np.testing.assert_array_equal(play(ArrangedTrack("a", 1, (two,)), RATE, 0, 100), audio[:1, :100])


def test_an_opaque_clip_covers_lower_ones_but_where_it_fades(tmp_path: Path) -> None:
    low = Clip("low", constant(tmp_path / "low.wav", 1.0, 1000), 0, 1000)
    high = Clip("high", constant(tmp_path / "high.wav", 0.25, 600), 200, 600, layer=1)
    opaque = replace(high, opaque=True, fade_in=100, fade_out=50)
    clear = play(ArrangedTrack("a", 1, (high, low)), RATE, 0, 1000)[0]
    assert set(clear[200:800]) == {1.25}
    covered = play(ArrangedTrack("a", 1, (low, opaque)), RATE, 0, 1000)[0]
    assert [covered[i] for i in (199, 200, 299, 300, 749, 750, 799, 800)] == [1, 1.25, 1.25, 0.25, 0.25, 1.25, 1.25, 1]
    ducked = play(ArrangedTrack("a", 1, (low, replace(opaque, under=Ramp(100)))), RATE, 0, 1000)[0]
    assert ducked[250] == pytest.approx(0.5 + 0.25)


def test_muted_clips_neither_sound_nor_cover(tmp_path: Path) -> None:
    low = Clip("low", constant(tmp_path / "low.wav", 1.0, 100), 0, 100)
    muted = Clip("high", constant(tmp_path / "high.wav", 0.5, 100), 0, 200, layer=1, opaque=True, muted=True)
    track = ArrangedTrack("a", 1, (low, muted))
    assert set(play(track, RATE, 0, 100)[0]) == {1.0}
    assert end_of(track) == 100


@pytest.mark.parametrize("file_rate", [44_100, 96_000, 52_800])
def test_files_of_another_rate_are_converted(noise: tuple[Path, FloatArray], file_rate: int) -> None:
    file, audio = noise
    track = ArrangedTrack("a", 2, (Clip("c", sides(file), 0, 10_000, offset=300, file_rate=file_rate),))
    wanted = resample(audio, file_rate, RATE)[:, 300:10_300]
    np.testing.assert_allclose(play(track, RATE, 0, 10_000), wanted, atol=1e-6)


def test_converted_pieces_meet_without_a_seam(tmp_path: Path) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 997 * np.arange(10 * 44_100) / 44_100)).astype(np.float32)
    soundfile.write(tmp_path / "tone.wav", tone, 44_100, "FLOAT")
    clip = Clip("c", (SourceChannel(tmp_path / "tone.wav", 0),), 0, 10 * RATE, file_rate=44_100)
    found = play(ArrangedTrack("a", 1, (clip,)), RATE, 0, 10 * RATE)
    np.testing.assert_allclose(found, resample(tone[None], 44_100, RATE), atol=2e-7)


def test_clips_made_one_play_as_their_own_track_does(noise: tuple[Path, FloatArray]) -> None:
    file, audio = noise
    inside = ArrangedTrack("inside", 2, (Clip("c", sides(file), 100, 5000),))
    channels = tuple(NestedChannel(inside, channel, 50, 4000) for channel in range(2))
    found = play(ArrangedTrack("a", 2, (Clip("both", channels, 7000, 4500, 10),)), RATE, 0, 12_000)
    np.testing.assert_array_equal(found[:, 7040:10_990], audio[:, :3950])
    assert not found[:, 10_990:].any()


def test_more_than_two_channels_and_packed_formats(tmp_path: Path) -> None:
    audio = (0.1 * np.random.default_rng(5).standard_normal((4, 5000))).astype(np.float32)
    soundfile.write(tmp_path / "four.wav", audio.T, RATE, "FLOAT")
    four = Clip("four", (SourceChannel(tmp_path / "four.wav", 3),), 0, 5000)
    np.testing.assert_array_equal(play(ArrangedTrack("a", 1, (four,)), RATE, 0, 5000), audio[3:])
    soundfile.write(tmp_path / "two.flac", audio[:2].T, RATE, "PCM_24")
    packed = Clip("packed", sides(tmp_path / "two.flac"), 0, 5000)
    np.testing.assert_allclose(play(ArrangedTrack("a", 2, (packed,)), RATE, 0, 5000), audio[:2], atol=1e-7)
    soundfile.write(tmp_path / "two.ogg", audio[:2].T, RATE, format="OGG")
    ogg = Clip("ogg", sides(tmp_path / "two.ogg"), 0, 5000)
    assert play(ArrangedTrack("a", 2, (ogg,)), RATE, 0, 5000).shape == (2, 5000)


def test_a_file_that_is_gone_or_lacks_the_channel_is_said(noise: tuple[Path, FloatArray], tmp_path: Path) -> None:
    for source, expected in (
        (SourceChannel(tmp_path / "none.wav", 0), "no such file"),
        (SourceChannel(noise[0], 2), "has 2 channels, and the session plays channel 3"),
    ):
        with pytest.raises(AudioError, match=expected):
            play(ArrangedTrack("a", 1, (Clip("c", (source,), 0, 10),)), RATE, 0, 10)
