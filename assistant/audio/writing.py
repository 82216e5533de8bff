"""Writing mixes and stems: WAV and FLAC, dithered, whole or not at all.

Contents: :func:`write_audio` and, for reports beside the audio, :func:`write_text_atomically`. The audio is written
in blocks; at no time is a second copy of it in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import soundfile

from assistant.audio.atomic import open_atomically, write_text_atomically
from assistant.audio.formats import HIGHEST_RATE, LOWEST_RATE, AudioError, error_about
from assistant.audio.quantising import Quantiser, packed_little_endian
from assistant.audio.wav_format import wav_header
from assistant.wording import exact_time_text

__all__ = ["BIT_DEPTHS", "ENDINGS", "AudioError", "BitDepth", "write_audio", "write_text_atomically"]

BitDepth = Literal[16, 24, "float"]
BIT_DEPTHS: tuple[BitDepth, ...] = (16, 24, "float")
SAMPLE_BYTES: dict[BitDepth, int] = {16: 2, 24: 3, "float": 4}

BLOCK = 1 << 16
FULL_SCALE = 1.0 + 1e-5  # rounding of a peak normalised to 0 dBFS is no over
FLAC_SHARE = 0.25  # of the PCM size: what is surely needed of the disk before a FLAC is begun


def write_audio(
    path: str | PathLike[str],
    audio: np.ndarray,
    sample_rate: int,
    *,
    bit_depth: BitDepth = 24,
    overs: Literal["refuse", "clamp"] = "refuse",
) -> None:
    """Write ``audio`` float ``(C, T)``, full scale 1.0, as the format that the ending of ``path`` names.

    ``.wav`` holds 16 or 24 bit integers or 32 bit float ("float"), and becomes RF64 beyond 4 GB; ``.flac`` holds 16 or
    24 bit. Integers get triangular dither, the same for the same audio. Integer files cannot hold samples beyond full
    scale: ``overs`` refuses them, or clamps each to full scale. A float WAV keeps them. ``path`` is replaced only once
    the new file is complete. Raises ``ValueError`` for an array that is not float ``(C, T)``, and
    :class:`AudioError` for all else: ending, bit depth, rate, overs, non-finite samples, and what the disk refuses.
    """
    target = Path(path)
    _check_array(audio)
    write = _writer_for(target, bit_depth)
    _check_request(target, audio, sample_rate, bit_depth)
    _check_samples(target, audio, sample_rate, bit_depth != "float" and overs == "refuse")
    with open_atomically(target, least_bytes(target, audio.size, bit_depth)) as file:
        write(file, audio, sample_rate, bit_depth)


def least_bytes(path: Path, num_values: int, bit_depth: BitDepth) -> int:
    """Room that a file of ``num_values`` samples, all channels counted, surely needs; FLAC may come to a quarter."""
    share = FLAC_SHARE if path.suffix.lower() == ".flac" else 1.0
    return int(num_values * SAMPLE_BYTES[bit_depth] * share)


def _write_wav(file: BinaryIO, audio: np.ndarray, sample_rate: int, bit_depth: BitDepth) -> None:
    channels, num_samples = audio.shape
    size = SAMPLE_BYTES[bit_depth]
    file.write(wav_header(num_samples, channels, sample_rate, size, is_float=bit_depth == "float"))
    if bit_depth == "float":
        for block in _blocks(audio):
            file.write(block.T.astype("<f4").tobytes())
    else:
        for codes in _quantised(audio, 8 * size):
            file.write(packed_little_endian(codes, size))
    if audio.size * size % 2:
        file.write(b"\0")


def _write_flac(file: BinaryIO, audio: np.ndarray, sample_rate: int, bit_depth: BitDepth) -> None:
    bits = 16 if bit_depth == 16 else 24
    with (
        _keeping_errors(file) as kept,
        soundfile.SoundFile(kept, "w", sample_rate, audio.shape[0], f"PCM_{bits}", format="FLAC") as sound,
    ):
        for codes in _quantised(audio, bits):
            sound.write(codes << (32 - bits))  # libsndfile takes the upper bits of 32


_WRITERS: dict[str, Callable[[BinaryIO, np.ndarray, int, BitDepth], None]] = {".wav": _write_wav, ".flac": _write_flac}
ENDINGS: tuple[str, ...] = tuple(_WRITERS)


class _KeptErrors:
    """A binary file that keeps the first error of a callback, where libsndfile would lose it."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.error: BaseException | None = None

    def write(self, data: bytes) -> int:
        """Write all of ``data``, or nothing after an error."""
        if self.error is None:
            try:
                return self.file.write(data)
            except BaseException as error:  # noqa: BLE001 - raised again outside the callback, Ctrl-C too
                self.error = error
        return 0

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move as the file does."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """The file's position."""
        return self.file.tell()

    def read(self, count: int = -1) -> bytes:
        """Nothing: the file is written only."""
        return b""


@contextmanager
def _keeping_errors(file: BinaryIO) -> Iterator[_KeptErrors]:
    """Raise what went wrong in a write callback of the block, in place of the encoder's complaint about it."""
    kept = _KeptErrors(file)
    try:
        yield kept
    except (soundfile.SoundFileError, AssertionError) as error:
        if kept.error is None:
            raise OSError(f"FLAC encoder: {error}") from error
    if kept.error is not None:
        raise kept.error


def _blocks(audio: np.ndarray) -> Iterator[np.ndarray]:
    for begin in range(0, audio.shape[1], BLOCK):
        yield audio[:, begin : begin + BLOCK]


def _quantised(audio: np.ndarray, bits: int) -> Iterator[np.ndarray]:
    quantiser = Quantiser(bits, ~np.any(audio, axis=1))
    for block in _blocks(audio):
        yield quantiser.quantise(block)


def _check_array(audio: np.ndarray) -> None:
    is_float = isinstance(audio, np.ndarray) and np.issubdtype(audio.dtype, np.floating)
    if not is_float or audio.ndim != 2:
        found = f"{audio.dtype} {audio.shape}" if isinstance(audio, np.ndarray) else type(audio).__name__
        raise ValueError(f"audio is {found}: expected a float array (C, T)")
    if not 1 <= audio.shape[0] <= 8:
        raise ValueError(f"audio has shape {audio.shape}: expected (C, T) with C from 1 to 8; axes swapped?")


def _writer_for(target: Path, bit_depth: BitDepth) -> Callable[[BinaryIO, np.ndarray, int, BitDepth], None]:
    if bit_depth not in BIT_DEPTHS:
        raise error_about(target, f"bit_depth={bit_depth!r}: expected 16, 24 or 'float'")
    write = _WRITERS.get(target.suffix.lower())
    if write is None:
        raise error_about(target, f"ending {target.suffix!r}: expected {' or '.join(ENDINGS)}")
    if write is _write_flac and bit_depth == "float":
        raise error_about(target, "FLAC holds integers only; choose 16 or 24 bit, or a .wav for float")
    return write


def _check_request(target: Path, audio: np.ndarray, sample_rate: int, bit_depth: BitDepth) -> None:
    highest = 655_350 if target.suffix.lower() == ".flac" else HIGHEST_RATE
    if not LOWEST_RATE <= sample_rate <= highest:
        raise error_about(target, f"sample_rate={sample_rate}: expected {LOWEST_RATE} to {highest} Hz; kHz?")
    if audio.shape[1] == 0:
        raise error_about(target, "there is no audio to write (zero samples)")


def _check_samples(target: Path, audio: np.ndarray, sample_rate: int, refuse_overs: bool) -> None:
    """Raise :class:`AudioError` for samples that are not numbers, and for overs where they are refused."""
    overs, first, peak = 0, -1, 0.0
    for index, block in enumerate(_blocks(audio)):
        if not np.isfinite(block).all():
            time = (index * BLOCK + int(np.argmin(np.isfinite(block).all(axis=0)))) / sample_rate
            raise error_about(
                target, f"the audio is not a number (NaN or infinite) at {exact_time_text(time)}; not written"
            )
        is_over = np.abs(block) > FULL_SCALE
        if is_over.any():
            first = index * BLOCK + int(np.argmax(is_over.any(axis=0))) if first < 0 else first
            overs += int(np.count_nonzero(is_over))
            peak = max(peak, float(np.max(np.abs(block))))
    if overs and refuse_overs:
        where = f"{overs} samples beyond full scale, the first at {exact_time_text(first / sample_rate)}"
        advice = f"lower the level by {20 * np.log10(peak):.1f} dB or write a float WAV"
        raise error_about(target, f"{where}; {advice}")
