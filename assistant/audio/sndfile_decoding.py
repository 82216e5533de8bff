"""Decoding with libsndfile: PCM, FLAC and ADPCM in WAV, AIFF, CAF, Wave64, RF64, FLAC, AU.

MP3 and Ogg are left to :mod:`assistant.audio.ffmpeg_decoding`: libsndfile skips their damaged parts without an error,
warns on the terminal, and keeps Vorbis' own channel order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import soundfile

from assistant.audio.formats import AudioInfo, error_about
from assistant.wording import exact_time_text

BLOCK = 1 << 16
MAGIC = (b"RIFF", b"RF64", b"RIFX", b"FORM", b"riff", b"caff", b"fLaC", b".snd")
# Every sample stands for itself, or, in FLAC, every frame: the position after a seek is the one asked for.
SEEKABLE = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW")
UNKNOWN_LENGTH = 1 << 40


def probe_sndfile(path: Path) -> AudioInfo | None:
    """What libsndfile says about the file at ``path``, or ``None`` for one it does not read or is not to read."""
    with path.open("rb", buffering=0) as file:
        if file.read(4) not in MAGIC:
            return None
        file.seek(0)
        try:
            with soundfile.SoundFile(file.fileno(), closefd=False) as sound:
                if sound.frames >= UNKNOWN_LENGTH:
                    return None
                return AudioInfo(sound.channels, sound.samplerate, sound.frames)
        except soundfile.SoundFileError:
            return None


def decode_sndfile(path: Path, info: AudioInfo) -> np.ndarray:
    """All of the file at ``path``, described by ``info``, as float32 ``(C, T)``.

    Raises :class:`AudioError` for damage and for fewer samples than announced.
    """
    with _opened(path) as sound:
        return _piece(path, sound, 0, info.num_samples)


def decode_sndfile_pieces(path: Path, pieces: Sequence[tuple[int, int]]) -> list[np.ndarray] | None:
    """The samples from ``begin`` to before ``end`` of every piece as float32 ``(C, end - begin)``.

    ``None`` where libsndfile's position after a seek is not exact: formats that predict from sample to sample.
    Raises :class:`AudioError` as :func:`decode_sndfile` does, for what the pieces touch.
    """
    with _opened(path) as sound:
        if sound.subtype not in SEEKABLE or not sound.seekable():
            return None
        return [_piece(path, sound, begin, end) for begin, end in pieces]


@contextmanager
def _opened(path: Path) -> Iterator[soundfile.SoundFile]:
    """The sound file at ``path``; libsndfile's errors become :class:`AudioError`."""
    with path.open("rb", buffering=0) as file:
        try:
            with soundfile.SoundFile(file.fileno(), closefd=False) as sound:
                yield sound
        except soundfile.SoundFileError as error:
            raise error_about(path, f"damaged or cut short ({error}); copy or export it again") from error


def _piece(path: Path, sound: soundfile.SoundFile, begin: int, end: int) -> np.ndarray:
    out = np.empty((sound.channels, end - begin), np.float32)
    if begin:
        sound.seek(begin)
    done = begin + _fill(out, sound)
    if done < end:
        there, announced = exact_time_text(done / sound.samplerate), exact_time_text(end / sound.samplerate)
        text = f"the file is cut short: {announced} announced, {there} there"
        raise error_about(path, f"{text}; copy or export it again")
    return out


def _fill(out: np.ndarray, sound: soundfile.SoundFile) -> int:
    """Read ``sound`` into ``out`` ``(C, T)`` block by block; the number of samples got."""
    channels, num_samples = out.shape
    block = np.empty((min(BLOCK, num_samples), channels), np.float32)
    done = 0
    while done < num_samples:
        got = sound.read(out=block[: min(BLOCK, num_samples - done)])
        if len(got) == 0:
            break
        out[:, done : done + len(got)] = got.T
        done += len(got)
    return done
