"""Files written: what is in them, and that they are whole or not there."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.audio import atomic
from assistant.audio.quantising import Quantiser
from assistant.audio.reading import AudioError, probe, read_audio
from assistant.audio.wav_format import wav_header
from assistant.audio.writing import BitDepth, write_audio, write_text_atomically

RATE = 48_000
INTEGERS: list[tuple[str, BitDepth, int]] = [
    ("a.wav", 16, 15),
    ("a.wav", 24, 23),
    ("a.flac", 16, 15),
    ("A.FLAC", 24, 23),
]


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("name", "bit_depth", "exponent"), INTEGERS)
def test_integers_come_back_within_their_dither(
    tmp_path: Path, noise: np.ndarray, name: str, bit_depth: BitDepth, exponent: int, channels: int
) -> None:
    path = tmp_path / name
    write_audio(path, noise[:channels], RATE, bit_depth=bit_depth)
    audio, rate = read_audio(path)
    assert rate == RATE
    assert soundfile.info(path).subtype == f"PCM_{bit_depth}"
    steps = (audio.astype(np.float64) - noise[:channels]) * 2**exponent
    assert np.abs(steps).max() <= 1.5
    assert abs(steps.mean()) < 0.02
    assert steps.std() == pytest.approx(0.5, rel=0.03)  # 1/12 from rounding and 2/12 from the dither: 1/4


def test_float_wav_is_exact_and_keeps_overs(tmp_path: Path, noise: np.ndarray) -> None:
    write_audio(tmp_path / "a.wav", 8 * noise, RATE, bit_depth="float")
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav")[0], 8 * noise)
    assert soundfile.info(tmp_path / "a.wav").subtype == "FLOAT"


@pytest.mark.parametrize("num_samples", [1, 2, 3, 65_536, 65_537])
@pytest.mark.parametrize("bit_depth", [16, 24, "float"])
def test_every_length_is_kept(tmp_path: Path, num_samples: int, bit_depth: BitDepth) -> None:
    audio = np.linspace(-0.9, 0.9, num_samples, dtype=np.float32)[None]
    write_audio(tmp_path / "a.wav", audio, RATE, bit_depth=bit_depth)
    assert (tmp_path / "a.wav").stat().st_size % 2 == 0
    assert soundfile.info(tmp_path / "a.wav").frames == num_samples
    np.testing.assert_allclose(read_audio(tmp_path / "a.wav")[0], audio, rtol=0, atol=1.6 / 2**15)


def test_the_dither_is_triangular_and_does_not_know_the_signal() -> None:
    """Mean and variance of the error are the same for every value between two codes (Lipshitz et al. 1992)."""
    for offset in (0.0, 0.25, 0.5, 0.9):
        signal = np.full((1, 200_000), (10 + offset) / 2**15)
        error = Quantiser(16, np.array([False])).quantise(signal)[:, 0] - (10 + offset)
        assert error.mean() == pytest.approx(0.0, abs=0.01)
        assert error.var() == pytest.approx(0.25, rel=0.03)


def test_dither_saves_a_tone_below_one_step(tmp_path: Path) -> None:
    tone = (0.4 / 2**15) * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)[None]
    write_audio(tmp_path / "a.wav", tone, RATE, bit_depth=16)
    spectrum = np.abs(np.fft.rfft(read_audio(tmp_path / "a.wav")[0][0])) * 2 / RATE * 2**15
    assert spectrum[1000] == pytest.approx(0.4, rel=0.05)
    assert spectrum[[2000, 3000, 5000]].max() < 0.02


def test_digital_silence_stays_silent(tmp_path: Path, noise: np.ndarray) -> None:
    audio = np.stack([noise[0], np.zeros_like(noise[0])])
    write_audio(tmp_path / "a.wav", audio, RATE, bit_depth=16)
    assert not read_audio(tmp_path / "a.wav")[0][1].any()


@pytest.mark.parametrize("name", ["wav", "flac"])
@pytest.mark.parametrize("bit_depth", [16, 24])
def test_equal_audio_gives_equal_bytes(tmp_path: Path, noise: np.ndarray, name: str, bit_depth: BitDepth) -> None:
    write_audio(tmp_path / f"a.{name}", noise, RATE, bit_depth=bit_depth)
    write_audio(tmp_path / f"b.{name}", noise.copy(order="F"), RATE, bit_depth=bit_depth)
    assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


def test_the_audio_is_not_changed(tmp_path: Path, noise: np.ndarray) -> None:
    audio = noise.copy()
    audio.setflags(write=False)
    write_audio(tmp_path / "a.flac", audio, RATE)
    np.testing.assert_array_equal(audio, noise)


def test_full_scale_does_not_wrap(tmp_path: Path) -> None:
    audio = np.repeat(np.array([[1.0], [-1.0]]), 1000, axis=1)
    write_audio(tmp_path / "a.wav", audio, RATE, bit_depth=16)
    np.testing.assert_allclose(read_audio(tmp_path / "a.wav")[0], audio, atol=2.6 / 2**15)


def test_overs_are_refused_or_clamped(tmp_path: Path) -> None:
    audio = np.zeros((2, 2 * RATE))
    audio[1, RATE + 48] = -2.0
    audio[0, RATE + 480] = 1.5
    with pytest.raises(AudioError, match=r"2 samples beyond full scale, the first at 0:01\.001; lower .* 6\.0 dB or"):
        write_audio(tmp_path / "a.wav", audio, RATE)
    assert list(tmp_path.iterdir()) == []
    write_audio(tmp_path / "a.wav", audio, RATE, overs="clamp")
    clamped = read_audio(tmp_path / "a.wav")[0]
    assert (clamped.min(), clamped.max()) == (-1.0, 1 - 2**-23)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.mp3", {}, r"ending '\.mp3': expected \.wav or \.flac"),
        ("a", {}, r"ending '': expected \.wav or \.flac"),
        ("a.flac", {"bit_depth": "float"}, "FLAC holds integers only; choose 16 or 24 bit, or a .wav"),
        ("a.wav", {"bit_depth": 32}, "bit_depth=32: expected 16, 24 or 'float'"),
        ("a.wav", {"sample_rate": 48}, "sample_rate=48: expected 4000 to 768000 Hz; kHz"),
        ("a.wav", {"audio": np.zeros((2, 0))}, "no audio to write"),
        ("a.wav", {"audio": np.array([[0.0, np.nan]])}, r"not a number \(NaN or infinite\) at 0:00\.000"),
        ("gone/a.wav", {}, "the folder does not exist; create it first"),
    ],
)
def test_requests_that_cannot_be_met(tmp_path: Path, name: str, options: dict[str, object], message: str) -> None:
    request = {"audio": np.zeros((2, 100)), "sample_rate": RATE, **options}
    with pytest.raises(AudioError, match=message):
        write_audio(tmp_path / name, **request)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("audio", [np.zeros(10), np.zeros((2, 10), np.int16), np.zeros((48_000, 2)), [[0.0]]])
def test_arrays_that_are_no_audio(tmp_path: Path, audio: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"expected .*\(C, T\)"):
        write_audio(tmp_path / "a.wav", audio, RATE)


def test_a_wav_beyond_4_gb_is_rf64() -> None:
    """The header alone, held against libsndfile's own reading of the sizes, since 4 GB would be slow."""
    small = wav_header(1000, 2, RATE, 4, is_float=True)
    large = wav_header(600_000_000, 2, RATE, 4, is_float=True)
    assert (small[:4], large[:4], large[12:16]) == (b"RIFF", b"RF64", b"ds64")
    assert int.from_bytes(large[28:36], "little") == 600_000_000 * 8
    assert int.from_bytes(large[20:28], "little") == len(large) - 8 + 600_000_000 * 8


def test_a_sparse_rf64_of_more_than_4_gb_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    header = wav_header(600_000_000, 2, RATE, 4, is_float=True)
    path.write_bytes(header)
    os.truncate(path, len(header) + 600_000_000 * 8)
    assert probe(path).num_samples == 600_000_000


class TestWholeOrAbsent:
    """After any failure the folder is as it was: an old file untouched, nothing beside it."""

    OLD = b"the old file"

    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        """An existing file in a folder of its own."""
        path = tmp_path / "mix.wav"
        path.write_bytes(self.OLD)
        return path

    def assert_untouched(self, target: Path) -> None:
        """The old file is there, alone."""
        assert [p.name for p in target.parent.iterdir()] == [target.name]
        assert target.read_bytes() == self.OLD

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), RuntimeError("bug")])
    @pytest.mark.parametrize("ending", ["wav", "flac"])
    def test_any_exception_half_way(
        self, target: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, ending: str
    ) -> None:
        target = target.rename(target.with_suffix(f".{ending}"))
        real, calls = Quantiser.quantise, []

        def fail_later(self: Quantiser, block: np.ndarray) -> np.ndarray:
            calls.append(1)
            if len(calls) == 2:
                raise error
            return real(self, block)

        monkeypatch.setattr(Quantiser, "quantise", fail_later)
        with pytest.raises(type(error)):
            write_audio(target, np.full((2, 200_000), 0.1), RATE)
        self.assert_untouched(target)

    @pytest.mark.parametrize("step", ["fsync", "replace"])
    def test_a_failing_flush_or_rename(self, target: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
        def fail(*_: object) -> None:
            raise OSError(errno.EIO, "Input/output error")

        owner = atomic.os if step == "fsync" else Path
        monkeypatch.setattr(owner, step, fail)
        with pytest.raises(AudioError, match=r"mix\.wav: cannot be written: the system refused \(Input/output"):
            write_audio(target, np.zeros((1, 100)), RATE)
        monkeypatch.undo()
        self.assert_untouched(target)

    def test_too_little_space_is_seen_beforehand(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(atomic.shutil, "disk_usage", lambda _: _Usage())
        with pytest.raises(AudioError, match=r"the disk is full: 0\.3 MB needed, 0\.0 MB free"):
            write_audio(target, np.zeros((2, 50_000)), RATE)
        self.assert_untouched(target)

    @pytest.mark.parametrize("ending", ["wav", "flac"])
    def test_a_disk_that_fills_up_half_way(self, target: Path, ending: str) -> None:
        """A limit on the size of files stands for the full disk; the kernel refuses the bytes in the same place."""
        target = target.rename(target.with_suffix(f".{ending}"))
        code = (
            "import resource, sys, numpy as np\nfrom assistant.audio.writing import AudioError, write_audio\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
            "audio = np.random.default_rng(0).uniform(-1, 1, (2, 200_000))\n"
            "try: write_audio(sys.argv[1], audio, 48_000)\nexcept AudioError as error: print(error); sys.exit(7)"
        )
        done = subprocess.run([sys.executable, "-c", code, target], capture_output=True, check=False, text=True)
        assert done.returncode == 7, done.stderr
        assert "cannot be written: the file would exceed the largest size allowed here" in done.stdout
        self.assert_untouched(target)

    def test_full_disk_while_a_flac_is_written(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        target = target.rename(target.with_suffix(".flac"))
        monkeypatch.setattr("assistant.audio.writing._KeptErrors.write", _full)
        with pytest.raises(AudioError, match="the disk is full; free some space or write elsewhere"):
            write_audio(target, np.full((2, 200_000), 0.1), RATE)
        self.assert_untouched(target)

    def test_a_read_only_file_is_left(self, target: Path) -> None:
        target.chmod(0o444)
        with pytest.raises(AudioError, match="is read-only and was left as it is"):
            write_audio(target, np.zeros((1, 100)), RATE)
        self.assert_untouched(target)

    def test_a_folder_of_that_name_is_left(self, target: Path) -> None:
        target.unlink()
        target.mkdir()
        with pytest.raises(AudioError, match="it is a folder; choose another name"):
            write_audio(target, np.zeros((1, 100)), RATE)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_folder_that_may_not_be_written(self, target: Path) -> None:
        target.parent.chmod(0o555)
        with pytest.raises(AudioError, match="no permission to write into this folder"):
            write_audio(target.with_name("new.wav"), np.zeros((1, 100)), RATE)
        target.parent.chmod(0o755)

    def test_no_permission_is_said(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)
        with pytest.raises(AudioError, match="no permission to write into this folder"):
            write_audio(target, np.zeros((1, 100)), RATE)

    def test_success_replaces_and_follows_links(self, target: Path, noise: np.ndarray) -> None:
        link = target.with_name("link.wav")
        link.symlink_to(target)
        write_audio(link, noise, RATE)
        assert link.is_symlink()
        assert probe(target).num_samples == noise.shape[1]
        assert target.stat().st_mode & 0o777 == 0o666 & ~_umask()


def test_text_is_written_whole_as_utf_8(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "r.html", "näive 🎚\nline")
    assert (tmp_path / "r.html").read_bytes() == "näive 🎚\nline".encode()
    write_text_atomically(tmp_path / "r.html", "st\udcffem")
    assert (tmp_path / "r.html").read_bytes() == b"st\\udcffem"
    with pytest.raises(AudioError, match=r"r\.html: cannot be written: the folder does not exist"):
        write_text_atomically(tmp_path / "gone" / "r.html", "")


class _Usage:
    free = 10


def _full(self: object, data: bytes) -> int:
    self.error = OSError(errno.ENOSPC, "No space left on device")  # type: ignore[attr-defined]
    return 0


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
