"""Excerpts are what the whole track holds there, however the file has to be read for them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from assistant.audio import excerpts, mp4_pieces
from assistant.audio.excerpts import load_excerpts
from assistant.audio.reading import EXTENSIONS, AudioError, load_track, probe
from assistant.mix import Track

RATE = 48_000
LENGTH = 96_011
BELOW_100_DB = 1e-5

WRITTEN = [
    # format, subtype, ending, whether pieces of it can be read
    ("WAV", "PCM_U8", "wav", True),
    ("WAV", "PCM_16", "wav", True),
    ("WAV", "PCM_24", "wave", True),
    ("WAV", "FLOAT", "bwf", True),
    ("WAV", "DOUBLE", "wav", True),
    ("WAV", "ULAW", "wav", True),
    ("WAV", "MS_ADPCM", "wav", False),
    ("WAV", "IMA_ADPCM", "wav", False),
    ("RF64", "PCM_24", "rf64", True),
    ("W64", "PCM_16", "w64", True),
    ("AIFF", "PCM_24", "aif", True),
    ("AIFF", "PCM_16", "aiff", True),
    ("AIFF", "FLOAT", "aifc", True),
    ("CAF", "PCM_24", "caf", True),
    ("CAF", "ALAC_16", "caf", False),
    ("FLAC", "PCM_16", "flac", True),
    ("FLAC", "PCM_24", "flac", True),
    ("AU", "PCM_16", "au", True),
    ("AU", "FLOAT", "snd", True),
    ("OGG", "VORBIS", "ogg", False),
    ("OGG", "VORBIS", "oga", False),
    ("OGG", "OPUS", "opus", False),
]
ENCODED = [
    # codec, options, ending, whether pieces of it can be read
    ("aac", {"aac_pns": "0"}, "m4a", True),
    ("aac", {"aac_pns": "0"}, "mp4", True),
    ("aac", {"aac_pns": "0"}, "mov", True),
    ("aac", {"aac_pns": "1"}, "m4a", False),
    ("alac", {}, "m4a", True),
    ("pcm_s16le", {}, "mov", False),
    ("aac", {}, "aac", False),
    ("libmp3lame", {}, "mp3", False),
    ("wavpack", {}, "wv", False),
]
SPANS = [
    (0, 1_000),
    (500, 3_000),
    (70_000, 4_000),
    (40_000, 9_000),
    (72_000, 1),
    (73_999, 5_000),
    (-2_000, 2_500),
    (-300, 200),
    (LENGTH - 700, 3_000),
    (LENGTH + 50, 400),
    (60_000, 0),
]


def silence_around(track: Track, sample_rate: int, spans: list[tuple[int, int]]) -> list[np.ndarray]:
    """What ``load_excerpts`` must give, from all of the track."""
    whole = load_track(track, sample_rate)
    ahead = max(0, -min(first for first, _ in spans))
    behind = max(0, max(first + count for first, count in spans) - whole.shape[1])
    padded = np.pad(whole, ((0, 0), (ahead, behind)))
    return [padded[:, ahead + first : ahead + first + count] for first, count in spans]


def largest_error(track: Track, sample_rate: int, spans: list[tuple[int, int]]) -> float:
    found, expected = load_excerpts(track, sample_rate, spans), silence_around(track, sample_rate, spans)
    errors = [0.0]
    for excerpt, reference in zip(found, expected, strict=True):
        assert (excerpt.dtype, excerpt.shape) == (np.float32, reference.shape)
        errors.append(float(np.abs(excerpt - reference).max(initial=0.0)))
    return max(errors)


@pytest.fixture(scope="module")
def music() -> np.ndarray:
    """Two seconds of a note, hits and noise in every channel, ``(6, LENGTH)``."""
    time = np.arange(LENGTH) / RATE
    noise = np.random.default_rng(3).uniform(-0.2, 0.2, (6, LENGTH)) * (0.1 + np.exp(-((time * 4) % 1) * 8))
    notes = 0.3 * np.sin(2 * np.pi * np.outer([110, 220, 330, 440, 550, 660], time))
    return (noise + notes).astype(np.float32)


@pytest.fixture
def read_whole(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the tracks that ``load_excerpts`` reads whole, as it does."""
    names: list[str] = []

    def noting(track: Track, sample_rate: int) -> np.ndarray:
        names.append(track.name)
        return load_track(track, sample_rate)

    monkeypatch.setattr(excerpts, "load_track", noting)
    return names


def encoded(path: Path, codec: str, options: dict[str, str], audio: np.ndarray, sample_rate: int) -> Path:
    """``audio`` as the encoder ``codec`` leaves it with ``options``."""
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[audio.shape[0]]
    with av.open(str(path), "w") as container:
        fast = {"aac_coder": "fast"} if codec == "aac" else {}
        stream = container.add_stream(codec, rate=sample_rate, layout=layout, options=options | fast)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(audio), format="fltp", layout=layout)
        frame.sample_rate, frame.pts = sample_rate, 0
        size = stream.codec_context.frame_size or 1024
        wanted = stream.codec_context.format.name
        to_codec = av.AudioResampler(format=wanted, layout=layout, rate=sample_rate, frame_size=size)
        for converted in [*to_codec.resample(frame), *to_codec.resample(None)]:
            container.mux(stream.encode(converted))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("kind", "subtype", "ending", "in_pieces"), WRITTEN)
def test_files_of_libsndfile(
    tmp_path: Path,
    music: np.ndarray,
    read_whole: list[str],
    kind: str,
    subtype: str,
    ending: str,
    in_pieces: bool,
    channels: int,
) -> None:
    path = tmp_path / f"a.{ending}"
    soundfile.write(path, music[:channels].T, RATE, format=kind, subtype=subtype)
    assert largest_error(Track("a", path, channels=channels), RATE, SPANS) == 0.0
    assert read_whole == ([] if in_pieces else ["a"])


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("codec", "options", "ending", "in_pieces"), ENCODED)
def test_files_of_ffmpeg(
    tmp_path: Path,
    music: np.ndarray,
    read_whole: list[str],
    codec: str,
    options: dict[str, str],
    ending: str,
    in_pieces: bool,
    channels: int,
) -> None:
    path = encoded(tmp_path / f"a.{ending}", codec, options, music[:channels], RATE)
    assert largest_error(Track("a", path, channels=channels), RATE, SPANS) == 0.0
    assert read_whole == ([] if in_pieces else ["a"])


def test_every_kind_of_file_is_tried() -> None:
    assert {f".{row[2]}" for row in WRITTEN + ENCODED} == set(EXTENSIONS)


@pytest.mark.parametrize("rate", [24_000, 32_000, 44_100, 96_000])
@pytest.mark.parametrize("codec", ["aac", "alac"])
def test_other_rates_in_mp4(tmp_path: Path, music: np.ndarray, read_whole: list[str], codec: str, rate: int) -> None:
    options = {"aac_pns": "0"} if codec == "aac" else {}
    track = Track("a", encoded(tmp_path / "a.m4a", codec, options, music[:2], rate))
    assert largest_error(track, rate, SPANS) == 0.0
    assert largest_error(track, RATE, SPANS) < BELOW_100_DB
    assert read_whole == []


@pytest.mark.parametrize("to_rate", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100, 48_000, 88_200])
def test_converted_pieces_keep_their_phase(
    tmp_path: Path, music: np.ndarray, read_whole: list[str], rate: int, to_rate: int
) -> None:
    """Starts from 10,000 on, few of which fall on a sample of the file."""
    soundfile.write(tmp_path / "a.wav", music[:1].T, rate, subtype="FLOAT")
    end = LENGTH * to_rate // rate
    spans = [(10_000 + k, 50) for k in range(13)] + [(end - 90, 200), (-20, 90), (end // 2, 3_000)]
    error = largest_error(Track("a", tmp_path / "a.wav", channels=1), to_rate, spans)
    assert error == 0.0 if rate == to_rate else error < BELOW_100_DB
    assert read_whole == []


def test_rates_without_a_common_measure_read_the_whole(
    tmp_path: Path, music: np.ndarray, read_whole: list[str]
) -> None:
    soundfile.write(tmp_path / "a.wav", music[:1].T, 44_099, subtype="FLOAT")
    assert largest_error(Track("a", tmp_path / "a.wav"), RATE, SPANS) == 0.0
    assert read_whole == ["a"]


@pytest.mark.parametrize(("codec", "ending"), [("", "wav"), ("alac", "m4a"), ("aac", "m4a")])
@pytest.mark.parametrize("channels", [1, 2])
def test_surround_is_folded_down(tmp_path: Path, music: np.ndarray, codec: str, ending: str, channels: int) -> None:
    path = tmp_path / f"a.{ending}"
    if codec:
        encoded(path, codec, {}, music, RATE)
    else:
        soundfile.write(path, music.T, RATE, subtype="PCM_24")
    track = Track("a", path, channels=channels)
    assert largest_error(track, RATE, SPANS) < 1e-6  # the order of a sum of six
    assert largest_error(track, 44_100, SPANS) < BELOW_100_DB


def test_channels_are_the_track_s(tmp_path: Path, music: np.ndarray) -> None:
    path = encoded(tmp_path / "a.m4a", "aac", {"aac_pns": "0"}, music[:2], RATE)
    assert largest_error(Track("a", path, channels=1), RATE, SPANS) == 0.0
    soundfile.write(tmp_path / "b.flac", music[:1].T, RATE)
    assert largest_error(Track("b", tmp_path / "b.flac", channels=2), RATE, SPANS) == 0.0


@pytest.mark.parametrize("to_rate", [RATE, 44_100])
def test_arrays(music: np.ndarray, to_rate: int) -> None:
    track = Track("a", audio=music[:2], sample_rate=RATE)
    before = music.copy()
    assert largest_error(track, to_rate, SPANS) == 0.0
    np.testing.assert_array_equal(music, before)


def test_only_a_few_packets_around_a_span_are_decoded(
    tmp_path: Path, music: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three spans of a packet's length, two of which overlap: 2 and 3 packets, and the few before."""
    path = encoded(tmp_path / "a.m4a", "aac", {"aac_pns": "0"}, music[:2], RATE)
    decoded = []
    frames = mp4_pieces.frames

    def counted(*args: object) -> object:
        for frame in frames(*args):  # type: ignore[arg-type]
            decoded.append(frame.pts)
            yield frame

    monkeypatch.setattr(mp4_pieces, "frames", counted)
    load_excerpts(Track("a", path), RATE, [(80_000, 1_024), (30_000, 1_024), (30_512, 1_024)])
    assert len(set(decoded)) == len(decoded)
    assert len(decoded) <= 1 + 2 + 3 + 2 * mp4_pieces.PRE_ROLL


def test_noise_that_the_decoder_makes_up_is_noticed(tmp_path: Path, music: np.ndarray) -> None:
    """Without the check, an excerpt of such a file would hold other noise than the whole file does."""
    path = encoded(tmp_path / "a.m4a", "aac", {"aac_pns": "1"}, music[:2], RATE)
    assert mp4_pieces.decode_mp4_pieces(path, [(50_000, 80_000)]) is None
    plain = encoded(tmp_path / "b.m4a", "aac", {"aac_pns": "0"}, music[:2], RATE)
    pieces = mp4_pieces.decode_mp4_pieces(plain, [(50_000, 80_000), (90_000, 90_001)])
    assert [piece.shape for piece in pieces or []] == [(2, 30_000), (2, 1)]


@pytest.mark.parametrize(("ending", "word"), [("m4a", "damaged"), ("flac", "damaged|cut"), ("wav", "not numbers")])
def test_damage_on_the_way(tmp_path: Path, music: np.ndarray, ending: str, word: str) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "m4a":
        encoded(path, "aac", {"aac_pns": "0"}, music[:2], RATE)
    else:
        soundfile.write(path, music[:2].T, RATE, subtype="FLOAT" if ending == "wav" else None)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4_096] = b"\xff" * 4_096
    path.write_bytes(data)
    with pytest.raises(AudioError, match=rf"a\.{ending}: .*({word}).*(0:01|again)"):
        load_excerpts(Track("a", path), RATE, [(30_000, 60_000)])
    assert load_excerpts(Track("a", path), RATE, [(90_000, 500)])[0].any()


def test_the_time_of_a_bad_value_is_the_file_s(tmp_path: Path, music: np.ndarray) -> None:
    audio = music[:1].T.copy()
    audio[72_480] = np.nan
    soundfile.write(tmp_path / "a.wav", audio, RATE, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"1 samples are not numbers .* first at 0:01\.510"):
        load_excerpts(Track("a", tmp_path / "a.wav"), RATE, [(70_000, 10_000)])


@pytest.mark.parametrize("spans", [[], [(5_000, 100)]])
def test_what_cannot_be_read_is_refused(tmp_path: Path, spans: list[tuple[int, int]]) -> None:
    with pytest.raises(AudioError, match=r"gone\.wav: no such file"):
        load_excerpts(Track("a", tmp_path / "gone.wav"), RATE, spans)
    with pytest.raises(AudioError, match="neither a file nor audio"):
        load_excerpts(Track("a"), RATE, spans)
    (tmp_path / "text.m4a").write_text("not audio at all")
    with pytest.raises(AudioError, match=r"text\.m4a: not audio"):
        load_excerpts(Track("a", tmp_path / "text.m4a"), RATE, spans)


def test_arguments_out_of_range(tmp_path: Path, music: np.ndarray) -> None:
    soundfile.write(tmp_path / "a.wav", music[:1].T, RATE)
    track = Track("a", tmp_path / "a.wav")
    with pytest.raises(ValueError, match=r"span \(5, -1\): expected \(first, count\) with count >= 0"):
        load_excerpts(track, RATE, [(5, -1)])
    with pytest.raises(AudioError, match="sample_rate=48: expected 4000 to 768000 Hz"):
        load_excerpts(track, 48, [(0, 10)])


@pytest.mark.data
def test_a_song_s_stem(songs: Path, read_whole: list[str]) -> None:
    """Apple's encoder: no noise made up by the decoder, so nothing has to be read whole."""
    path = songs / "sodium/minilogue_synth.m4a"
    length = probe(path).num_samples
    spans = [(0, 5_000), (length // 3, 40_000), (length - 3_000, 5_000)]
    assert largest_error(Track("a", path), 24_000, spans) == 0.0
    assert read_whole == []
