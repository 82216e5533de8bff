"""Files that must be refused, each with a message that helps, never with a library's traceback."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.audio.reading import AudioError, load_track, probe, read_audio
from assistant.mix import Track

RATE = 48_000

WRITTEN = [
    ("WAV", "PCM_16", "a.wav"),
    ("WAVEX", "PCM_24", "x.wav"),
    ("RF64", "PCM_16", "r.wav"),
    ("W64", "PCM_16", "a.w64"),
    ("AIFF", "PCM_16", "a.aiff"),
    ("CAF", "PCM_24", "a.caf"),
    ("FLAC", "PCM_16", "a.flac"),
    ("OGG", "VORBIS", "a.ogg"),
    ("OGG", "OPUS", "a.opus"),
]
ENCODED = [
    ("aac", "a.m4a"),
    ("alac", "l.m4a"),
    ("aac", "a.aac"),
    ("libmp3lame", "a.mp3"),
]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, noise: np.ndarray, encode: Callable[..., Path]) -> dict[str, bytes]:
    """One whole file of every format, by name."""
    folder = tmp_path_factory.mktemp("good")
    for kind, subtype, name in WRITTEN:
        soundfile.write(folder / name, noise.T, RATE, format=kind, subtype=subtype)
    for codec, name in ENCODED:
        encode(folder / name, codec, noise, RATE)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95, -150, -8])
@pytest.mark.parametrize("name", [row[-1] for row in WRITTEN + ENCODED])
def test_cut_files_are_refused(tmp_path: Path, good: dict[str, bytes], name: str, keep: float) -> None:
    """Every format, cut at several places down to its last bytes."""
    data = good[name]
    path = tmp_path / name
    path.write_bytes(data[: int(len(data) * keep)] if keep > 0 else data[: int(keep)])
    with pytest.raises(AudioError, match=rf"{name}: .*(cut short|damaged|not audio).*again"):
        read_audio(path)


def test_a_wav_one_frame_short_is_refused_by_its_header(tmp_path: Path, good: dict[str, bytes]) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(good["a.wav"][:-4])
    for read in (probe, read_audio):
        with pytest.raises(AudioError, match=r"cut short: 96000 bytes of audio announced, 95996 there"):
            read(path)


@pytest.mark.parametrize("name", [row[-1] for row in WRITTEN + ENCODED])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=64))
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, good: dict[str, bytes], name: str, at: float, junk: bytes
) -> None:
    """Random bytes anywhere: audio that is finite and as long as announced, or AudioError; nothing else."""
    data = bytearray(good[name])
    begin = int(at * (len(data) - len(junk)))
    data[begin : begin + len(junk)] = junk
    path = tmp_path / name
    path.write_bytes(data)
    with suppress(AudioError):
        audio, _ = read_audio(path)
        assert audio.shape[0] in (1, 2)
        assert audio.shape[1] > 0
        assert np.isfinite(audio).all()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    head=st.sampled_from(
        [b"", b"RIFF\x24\0\0\0WAVE", b"FORM\0\0\0\x20AIFF", b"fLaC", b"OggS", b"caff", b"\xff\xfb\x90"]
    ),
    rest=st.binary(max_size=200),
)
def test_noise_with_a_header_is_refused(tmp_path: Path, head: bytes, rest: bytes) -> None:
    path = tmp_path / "noise.wav"
    path.write_bytes(head + rest)
    with pytest.raises(AudioError, match=r"noise\.wav: "):
        read_audio(path)


def test_missing_folder_empty_and_irregular_files(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav: no such file; was it moved"):
        probe(tmp_path / "gone.wav")
    with pytest.raises(AudioError, match="is a folder"):
        probe(tmp_path)
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError, match=r"empty\.wav: is an empty file"):
        probe(tmp_path / "empty.wav")
    os.mkfifo(tmp_path / "pipe.wav")
    with pytest.raises(AudioError, match="not a regular file"):
        read_audio(tmp_path / "pipe.wav")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(AudioError, match="may not be read; check its permissions"):
        probe(path)


@pytest.mark.parametrize(("kind", "name"), [("WAV", "a.wav"), ("FLAC", "a.flac"), ("AIFF", "a.aiff")])
def test_zero_samples(tmp_path: Path, kind: str, name: str) -> None:
    soundfile.write(tmp_path / name, np.zeros((0, 2)), RATE, format=kind)
    for read in (probe, read_audio):
        with pytest.raises(AudioError, match=rf"{name}: .*(no audio|cut short|empty file)"):
            read(tmp_path / name)


def test_a_recording_that_was_never_closed(tmp_path: Path, good: dict[str, bytes]) -> None:
    data = bytearray(good["a.wav"])
    at = data.index(b"data") + 4
    data[at : at + 4] = bytes(4)
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(AudioError, match="header announces no audio, but 96000 bytes follow"):
        probe(tmp_path / "a.wav")


def test_values_that_are_no_numbers_are_counted_and_placed(tmp_path: Path) -> None:
    audio = np.zeros((2 * RATE, 2), np.float32)
    audio[RATE + 48, 1] = np.nan
    audio[RATE + 480, :] = np.inf
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav: 3 samples are not numbers .* first at 0:01\.001; .*render"):
        read_audio(tmp_path / "a.wav")
    with pytest.raises(AudioError, match=r"track 'v': 3 samples"):
        load_track(Track("v", audio=audio.T, sample_rate=RATE), RATE)


def test_absurdly_loud_samples_are_refused(tmp_path: Path, noise: np.ndarray) -> None:
    path = tmp_path / "a.wav"
    loud = noise.T.copy()
    loud[:2] *= 100.0  # far over full scale, as float files may be
    soundfile.write(path, loud, RATE, subtype="FLOAT")
    np.testing.assert_array_equal(read_audio(path)[0], loud.T)
    loud[RATE // 4, 0] = 1e30
    soundfile.write(path, loud, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"a\.wav: 1 samples are beyond \+120 dBFS, the first at 0:00\.250; .*render"):
        read_audio(path)


@pytest.mark.parametrize("channels", [5, 7, 9, 24])
def test_unknown_channel_counts(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((100, channels)), RATE)
    for read in (probe, read_audio):
        with pytest.raises(AudioError, match=rf"{channels} channels: expected 1, 2 or 3, 4, 6, 8; split"):
            read(tmp_path / "a.wav")


def test_absurd_rates_and_lengths(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "slow.wav", np.zeros(100), 10)
    with pytest.raises(AudioError, match="sample rate 10 Hz: expected 4000 to 768000"):
        probe(tmp_path / "slow.wav")
    soundfile.write(tmp_path / "a.flac", np.zeros(100), RATE)
    data = bytearray((tmp_path / "a.flac").read_bytes())
    data[22:26] = b"\xff" * 4
    (tmp_path / "a.flac").write_bytes(data)
    with pytest.raises(AudioError, match="longer than 24; a damaged header"):
        read_audio(tmp_path / "a.flac")
    with pytest.raises(AudioError, match="sample_rate=48: expected 4000 to 768000 Hz; kHz"):
        read_audio(tmp_path / "a.flac", 48)


def test_playlists_and_text_open_nothing(tmp_path: Path, good: dict[str, bytes]) -> None:
    (tmp_path / "a.aac").write_bytes(good["a.aac"])
    (tmp_path / "list.m4a").write_text(f"#EXTM3U\n#EXTINF:10,\n{tmp_path}/a.aac\n#EXT-X-ENDLIST\n")
    (tmp_path / "concat.m4a").write_text(f"ffconcat version 1.0\nfile '{tmp_path}/a.aac'\n")
    for name in ("list.m4a", "concat.m4a"):
        with pytest.raises(AudioError, match="not audio, damaged, or in a format that is not read"):
            read_audio(tmp_path / name)


@pytest.mark.parametrize(
    ("track", "message"),
    [
        (Track("v"), "track 'v' has neither a file nor audio"),
        (Track("v", audio=np.zeros((48_000, 2))), r"float64 \(48000, 2\): expected float \(C, T\).*axes swapped"),
        (Track("v", audio=np.zeros((2, 10), np.int16)), "int16"),
        (Track("v", audio=np.zeros((2, 0))), "zero samples"),
    ],
)
def test_tracks_without_usable_audio(track: Track, message: str) -> None:
    with pytest.raises(AudioError, match=message):
        load_track(track, RATE)
