"""What comes back from every format a stem may be in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio.reading import AudioError, AudioInfo, load_track, probe, read_audio
from assistant.mix import Track

RATE = 48_000

PCM = [
    # format, subtype, ending, largest error
    ("WAV", "PCM_U8", "wav", 1 / 127),
    ("WAV", "PCM_16", "wav", 1 / 32_767),
    ("WAV", "PCM_24", "wav", 2**-22),
    ("WAV", "PCM_32", "wav", 2**-22),
    ("WAV", "FLOAT", "wav", 0.0),
    ("WAV", "DOUBLE", "wav", 0.0),
    ("WAV", "MS_ADPCM", "wav", 0.8),
    ("WAVEX", "PCM_24", "wav", 2**-22),
    ("RF64", "PCM_24", "wav", 2**-22),
    ("W64", "PCM_16", "w64", 1 / 32_767),
    ("AIFF", "PCM_24", "aiff", 2**-22),
    ("AIFF", "FLOAT", "aifc", 0.0),
    ("CAF", "PCM_24", "caf", 2**-22),
    ("CAF", "ALAC_16", "caf", 1 / 32_767),
    ("FLAC", "PCM_16", "flac", 1 / 32_767),
    ("FLAC", "PCM_24", "flac", 2**-22),
    ("AU", "PCM_16", "au", 1 / 32_767),
]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("kind", "subtype", "ending", "error"), PCM)
def test_uncompressed_formats_come_back(
    tmp_path: Path, noise: np.ndarray, kind: str, subtype: str, ending: str, error: float, channels: int
) -> None:
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, noise[:channels].T, RATE, format=kind, subtype=subtype)
    audio, rate = read_audio(path)
    info = probe(path)
    assert (info.channels, info.sample_rate, rate) == (channels, RATE, RATE)
    assert audio.shape == (channels, info.num_samples)
    assert audio.dtype == np.float32
    assert audio.flags.c_contiguous
    np.testing.assert_allclose(audio[:, : noise.shape[1]], noise[:channels], rtol=0, atol=error)


@pytest.mark.parametrize("rate", [24_000, 44_100, 48_000])
@pytest.mark.parametrize(("codec", "ending"), [("aac", "m4a"), ("aac", "mp4"), ("alac", "m4a"), ("libmp3lame", "mp3")])
def test_compressed_stems_start_where_they_were_cut(
    tmp_path: Path, encode: Callable[..., Path], codec: str, ending: str, rate: int
) -> None:
    audio = np.zeros((2, rate), np.float32)
    audio[:, rate // 4] = 0.9
    path = encode(tmp_path / f"a.{ending}", codec, audio, rate)
    read, read_rate = read_audio(path)
    assert probe(path) == AudioInfo(2, rate, rate)
    assert (read.shape, read_rate) == ((2, rate), rate)
    assert abs(int(np.argmax(np.abs(read[0]))) - rate // 4) <= 1


def test_a_24_khz_stem_stays_beside_its_48_khz_neighbour(tmp_path: Path, encode: Callable[..., Path]) -> None:
    time = np.arange(2 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * (200 + 400 * time) * time)).astype(np.float32)[None].repeat(2, axis=0)
    full = read_audio(encode(tmp_path / "full.m4a", "aac", tone, RATE), RATE)[0]
    half = read_audio(encode(tmp_path / "half.m4a", "aac", tone[:, ::2], RATE // 2), RATE)[0]
    assert full.shape == half.shape
    middle = slice(RATE // 2, RATE + RATE // 2)
    shifts = {k: float(np.abs(half[0, middle] - np.roll(full[0], k)[middle]).mean()) for k in range(-4, 5)}
    assert min(shifts, key=lambda k: shifts[k]) == 0


@pytest.mark.parametrize(("kind", "subtype", "ending"), [("OGG", "VORBIS", "ogg"), ("OGG", "OPUS", "opus")])
def test_ogg_starts_and_ends_where_it_was_cut(tmp_path: Path, kind: str, subtype: str, ending: str) -> None:
    audio = np.zeros((RATE, 2), np.float32)
    audio[12_000] = 0.9
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, audio, RATE, format=kind, subtype=subtype)
    read, _ = read_audio(path)
    assert read.shape == (2, RATE)
    assert probe(path).num_samples == RATE
    assert abs(int(np.argmax(np.abs(read[0]))) - 12_000) <= 1


def test_raw_aac_streams_are_counted(tmp_path: Path, noise: np.ndarray, encode: Callable[..., Path]) -> None:
    path = encode(tmp_path / "a.aac", "aac", noise, RATE)
    assert read_audio(path)[0].shape == (2, probe(path).num_samples)


def test_flac_of_unknown_length(tmp_path: Path, noise: np.ndarray) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, noise.T, RATE, subtype="PCM_24")
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0  # STREAMINFO's 36-bit count of samples: 0 is "unknown", as an encoder in a pipe leaves it
    data[22:26] = bytes(4)
    path.write_bytes(data)
    assert probe(path).num_samples == noise.shape[1]
    np.testing.assert_allclose(read_audio(path)[0], noise, rtol=0, atol=2**-22)


def test_wav_from_a_pipe_has_no_announced_size(tmp_path: Path, noise: np.ndarray) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise.T, RATE, subtype="FLOAT")
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = b"\xff" * 4
    path.write_bytes(data)
    np.testing.assert_array_equal(read_audio(path)[0], noise)


@pytest.mark.parametrize("name", ["-x y.wav", "käse 🎸.flac", "quo'te\".wav", "new\nline.wav", "http:x|y%03d.flac"])
def test_odd_names_are_only_names(tmp_path: Path, noise: np.ndarray, name: str) -> None:
    path = tmp_path / name
    soundfile.write(str(path), noise.T, RATE, format="FLAC" if name.endswith("flac") else "WAV")
    assert read_audio(path)[0].shape == noise.shape


def test_names_that_are_not_unicode(tmp_path: Path, noise: np.ndarray, encode: Callable[..., Path]) -> None:
    made = encode(tmp_path / "a.m4a", "aac", noise, RATE)
    odd = made.rename(tmp_path / "st\udcffem.m4a")
    assert read_audio(odd)[0].shape == noise.shape
    with pytest.raises(AudioError, match=r"st\\udcffen\.m4a: no such file"):
        probe(tmp_path / "st\udcffen.m4a")


def test_the_content_decides_not_the_ending(tmp_path: Path, noise: np.ndarray, encode: Callable[..., Path]) -> None:
    path = encode(tmp_path / "a.m4a", "aac", noise, RATE).rename(tmp_path / "a.wav")
    assert read_audio(path)[0].shape == noise.shape


def test_denormal_values_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.full((100, 1), 1e-42, np.float32), RATE, subtype="FLOAT")
    assert (read_audio(path)[0] > 0).all()


@pytest.mark.parametrize(
    ("channels", "left", "right"),
    [
        (3, [1, 0, 0.5**0.5], [0, 1, 0.5**0.5]),
        (4, [1, 0, 0.5**0.5, 0], [0, 1, 0, 0.5**0.5]),
        (6, [1, 0, 0.5**0.5, 0, 0.5**0.5, 0], [0, 1, 0.5**0.5, 0, 0, 0.5**0.5]),
        (8, [1, 0, 0.5**0.5, 0] + [0.5**0.5, 0] * 2, [0, 1, 0.5**0.5, 0] + [0, 0.5**0.5] * 2),
    ],
)
def test_surround_folds_down_as_bs_775(tmp_path: Path, channels: int, left: list[float], right: list[float]) -> None:
    path = tmp_path / "a.wav"
    each_alone = np.eye(channels, dtype=np.float32) * 0.5
    soundfile.write(path, each_alone, RATE, subtype="FLOAT")
    assert probe(path).channels == channels
    np.testing.assert_allclose(read_audio(path)[0], 0.5 * np.array([left, right]), atol=1e-7)


@pytest.mark.parametrize(("kind", "subtype", "name"), [("FLAC", "PCM_16", "a.flac"), ("OGG", "VORBIS", "a.ogg")])
def test_surround_channels_in_their_format_s_order(tmp_path: Path, kind: str, subtype: str, name: str) -> None:
    """Vorbis stores L C R Ls Rs LFE: the third channel is right, the sixth the one that is dropped."""
    order = [0, 2, 1, 4, 5, 3] if subtype == "VORBIS" else list(range(6))
    tones = np.sin(2 * np.pi * np.outer([300, 500, 700, 60, 1100, 1300], np.arange(RATE) / RATE)) * 0.2
    soundfile.write(tmp_path / name, tones[order].T, RATE, format=kind, subtype=subtype)
    spectrum = np.abs(np.fft.rfft(read_audio(tmp_path / name)[0])) / (0.1 * RATE)
    left, right = spectrum[0], spectrum[1]
    np.testing.assert_allclose(left[[300, 500, 700, 60, 1100, 1300]], [1, 0, 0.707, 0, 0.707, 0], atol=0.03)
    np.testing.assert_allclose(right[[300, 500, 700, 60, 1100, 1300]], [0, 1, 0.707, 0, 0, 0.707], atol=0.03)


@pytest.mark.parametrize(("frm", "to"), [(24_000, 48_000), (44_100, 48_000), (48_000, 44_100), (96_000, 48_000)])
def test_resampling_keeps_a_sine_in_place(tmp_path: Path, frm: int, to: int) -> None:
    path = tmp_path / "a.wav"
    sine = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(frm) / frm)
    soundfile.write(path, sine, frm, subtype="FLOAT")
    audio, rate = read_audio(path, to)
    assert (rate, audio.shape, audio.dtype) == (to, (1, to), np.float32)
    expected = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(to) / to)
    middle = slice(to // 10, -to // 10)
    error = np.sqrt(np.mean((audio[0, middle] - expected[middle]) ** 2))
    assert 20 * np.log10(error) < -110


def test_resampling_down_does_not_alias(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * 30_000 * np.arange(96_000) / 96_000), 96_000, subtype="FLOAT")
    audio = read_audio(path, 48_000)[0][0, 4800:-4800]
    assert 20 * np.log10(np.abs(audio).max()) < -110


def test_load_track_from_file_and_from_array(tmp_path: Path, noise: np.ndarray) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise.T, RATE, subtype="FLOAT")
    from_file = load_track(Track("a", audio_path=path), RATE)
    from_array = load_track(Track("a", audio=noise.astype(np.float64), sample_rate=RATE), RATE)
    np.testing.assert_array_equal(from_file, noise)
    np.testing.assert_array_equal(from_array, noise)
    assert load_track(Track("a", audio=noise, sample_rate=24_000), RATE).shape == (2, 2 * noise.shape[1])
    assert from_array.dtype == np.float32


def test_load_track_has_the_channels_the_track_says(noise: np.ndarray) -> None:
    mono = load_track(Track("a", audio=noise, channels=1, sample_rate=RATE), RATE)
    np.testing.assert_allclose(mono, noise.mean(axis=0, keepdims=True), atol=1e-7)
    stereo = load_track(Track("a", audio=noise[:1], channels=2, sample_rate=RATE), RATE)
    np.testing.assert_array_equal(stereo, noise[[0, 0]])


def test_threads_read_the_same(tmp_path: Path, noise: np.ndarray, encode: Callable[..., Path]) -> None:
    path = encode(tmp_path / "a.m4a", "aac", noise, RATE)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: read_audio(path)[0], range(6)))
    assert all(np.array_equal(results[0], other) for other in results)


def test_nothing_is_printed_about_a_damaged_mp3(tmp_path: Path, noise: np.ndarray, encode: Callable[..., Path]) -> None:
    data = encode(tmp_path / "a.mp3", "libmp3lame", noise, RATE).read_bytes()
    (tmp_path / "cut.mp3").write_bytes(data[: len(data) // 2])
    code = (
        "import sys\nfrom assistant.audio.reading import AudioError, probe, read_audio\n"
        "for read in (probe, read_audio):\n  try: read(sys.argv[1])\n  except AudioError: code = 7\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "cut.mp3"], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"", b"")


@pytest.mark.data
def test_the_song_s_24_khz_stems_are_as_long_as_the_others(songs: Path) -> None:
    """Apple's encoder puts 2,112 samples of priming before both: 44 ms at 48 kHz, 88 ms at 24 kHz."""
    infos = {path.stem: probe(path) for path in sorted((songs / "sodium").glob("*.m4a"))}
    assert {infos[name].sample_rate for name in ("minilogue_synth", "pluck")} == {24_000}
    assert {info.num_samples * 48_000 // info.sample_rate for info in infos.values()} == {14_633_622}


@pytest.mark.data
def test_a_song_s_stem_is_read_whole(songs: Path) -> None:
    audio, rate = read_audio(songs / "sodium/minilogue_synth.m4a")
    assert (audio.shape, rate) == ((2, 7_316_811), 24_000)
    assert astuple(probe(songs / "sodium/minilogue_synth.m4a")) == (2, 24_000, 7_316_811)
