"""Reading audio files of every kind that stems come in.

Contents: :func:`probe` (the header), :func:`read_audio` (a file), :func:`read_pieces` (parts of it),
:func:`load_track` (a track of a session); :mod:`assistant.audio.excerpts` has the parts of a track.
Two libraries share the work: libsndfile (:mod:`assistant.audio.sndfile_decoding`) and FFmpeg
(:mod:`assistant.audio.ffmpeg_decoding`); all they refuse becomes :class:`AudioError`. A file that is cut short, or
holds a value that is not a number, is refused rather than read in part. Functions may run in several threads.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

import numpy as np

from assistant.analysis.levels import HIGHEST_PEAK
from assistant.audio.ffmpeg_decoding import decode_ffmpeg, probe_ffmpeg
from assistant.audio.folding import check_channels, fold_down, with_channels
from assistant.audio.formats import (
    EXTENSIONS,
    HIGHEST_RATE,
    LOWEST_RATE,
    AudioError,
    AudioInfo,
    check_info,
    error_about,
    printable,
)
from assistant.audio.integrity import check_not_cut_short
from assistant.audio.mp4_pieces import decode_mp4_pieces
from assistant.audio.resampling import resample
from assistant.audio.sndfile_decoding import decode_sndfile, decode_sndfile_pieces, probe_sndfile
from assistant.mix import Track
from assistant.wording import exact_time_text

__all__ = ["EXTENSIONS", "AudioError", "AudioInfo", "check_rate", "load_track", "probe", "read_audio", "read_pieces"]

BLOCK = 1 << 18


def probe(path: str | PathLike[str]) -> AudioInfo:
    """Channels as in the file, sample rate in Hz and samples per channel, from the header alone.

    Raises :class:`AudioError` for a file that is missing, not audio, empty, cut short as far as its header shows, or
    that has a number of channels that :func:`read_audio` cannot fold down.
    """
    file = Path(path)
    with _errors_about(file):
        _check_file(file)
        info = probe_sndfile(file) or probe_ffmpeg(file)
    check_channels(file, info.channels)
    return check_info(file, info)


def read_audio(path: str | PathLike[str], sample_rate: int | None = None) -> tuple[np.ndarray, int]:
    """The file's audio as float32 ``(C, T)``, C-contiguous, C 1 or 2, and its sample rate in Hz.

    Surround is folded down to stereo (ITU-R BS.775). With ``sample_rate`` the audio is converted to it. Raises
    :class:`AudioError` as :func:`probe` does, and for damage anywhere in the file and samples that
    are not finite or beyond +120 dBFS, which no meter takes.
    """
    file = Path(path)
    if sample_rate is not None:
        check_rate(sample_rate)
    with _errors_about(file):
        _check_file(file)
        audio, file_rate = _decode(file)
    _check_values(audio, file_rate, printable(file))
    audio = fold_down(audio)
    if sample_rate is None:
        return audio, file_rate
    return resample(audio, file_rate, sample_rate), sample_rate


def read_pieces(file: Path, info: AudioInfo, pieces: Sequence[tuple[int, int]]) -> list[np.ndarray] | None:
    """The samples from ``begin`` to before ``end`` of every piece, as :func:`read_audio` returns them unconverted.

    ``info`` is what :func:`probe` says of ``file``; the pieces are sorted, apart, and within its ``num_samples``.
    Each becomes float32 ``(1 or 2, end - begin)``. ``None`` for a file that can only be read whole. Raises
    :class:`AudioError` as :func:`read_audio` does, but for damage only where a piece lies.
    """
    with _errors_about(file):
        _check_file(file)
        is_sndfile = probe_sndfile(file) is not None
        found = decode_sndfile_pieces(file, pieces) if is_sndfile else decode_mp4_pieces(file, pieces)
    if found is None:
        return None
    for (begin, _), audio in zip(pieces, found, strict=True):
        _check_values(audio, info.sample_rate, printable(file), begin)
    return [fold_down(audio) for audio in found]


def load_track(track: Track, sample_rate: int) -> np.ndarray:
    """The track's audio as float32 ``(C, T)`` at ``sample_rate`` Hz; C is ``track.channels``.

    T counts from the track's own first sample; ``track.start_s`` is not applied. It may be the array ``track.audio``
    itself, and is not to be written to. Mono becomes stereo by copying,
    stereo becomes mono by averaging. Raises :class:`AudioError` as :func:`read_audio` does, and for a track that has
    neither file nor array, or an array that is not float ``(1 or 2, T)``.
    """
    if track.audio is None:
        if track.audio_path is None:
            raise AudioError(f"track {printable(track.name)!r} has neither a file nor audio")
        return with_channels(read_audio(track.audio_path, sample_rate)[0], track.channels)
    check_rate(sample_rate)
    audio = _checked_array(track)
    return with_channels(resample(audio, track.sample_rate, sample_rate), track.channels)


def check_rate(sample_rate: int) -> None:
    """Raise :class:`AudioError` for a rate in Hz that no audio has."""
    if not LOWEST_RATE <= sample_rate <= HIGHEST_RATE:
        raise AudioError(f"sample_rate={sample_rate}: expected {LOWEST_RATE} to {HIGHEST_RATE} Hz; kHz?")


def _decode(file: Path) -> tuple[np.ndarray, int]:
    info = probe_sndfile(file)
    if info is None:
        check = probe_ffmpeg(file)
        check_channels(file, check.channels)
        check_info(file, check)
        return decode_ffmpeg(file)
    check_channels(file, info.channels)
    check_info(file, info)
    return decode_sndfile(file, info), info.sample_rate


def _checked_array(track: Track) -> np.ndarray:
    audio = np.asarray(track.audio)
    name = f"track {printable(track.name)!r}"
    if audio.ndim != 2 or audio.shape[0] not in (1, 2) or not np.issubdtype(audio.dtype, np.floating):
        text = f"audio is {audio.dtype} {audio.shape}: expected float (C, T) with C 1 or 2"
        raise AudioError(f"{name}: {text}; axes swapped?")
    if audio.shape[1] == 0:
        raise AudioError(f"{name} holds no audio (zero samples); leave it out")
    _check_values(audio, track.sample_rate, name)
    return np.ascontiguousarray(audio, np.float32)


def _check_file(file: Path) -> None:
    """Refuse what is not a regular file with something in it, before any library opens it."""
    status = file.stat()
    if stat.S_ISDIR(status.st_mode):
        raise error_about(file, "is a folder; expected an audio file")
    if not stat.S_ISREG(status.st_mode):
        raise error_about(file, "is not a regular file; expected an audio file")
    if status.st_size == 0:
        raise error_about(file, "is an empty file; copy or export it again")
    check_not_cut_short(file)


@contextmanager
def _errors_about(file: Path) -> Iterator[None]:
    """Turn what the operating system refuses into :class:`AudioError` about ``file``."""
    try:
        yield
    except FileNotFoundError as error:
        raise error_about(file, "no such file; was it moved or renamed?") from error
    except PermissionError as error:
        raise error_about(file, "may not be read; check its permissions") from error
    except MemoryError as error:
        raise error_about(file, "too long to fit into memory; cut it or close other programs") from error
    except (OSError, ValueError) as error:
        raise error_about(file, f"cannot be read ({error})") from error


def _check_values(audio: np.ndarray, sample_rate: int, name: str, start: int = 0) -> None:
    """Raise :class:`AudioError` with count and first time of the samples that are NaN, infinite or absurdly loud.

    ``start`` is where in the file ``audio`` begins, in samples.
    """
    count, first = 0, -1
    for begin in range(0, audio.shape[1], BLOCK):
        is_sound = np.abs(audio[:, begin : begin + BLOCK]) <= HIGHEST_PEAK
        if not is_sound.all():
            count += int(is_sound.size - np.count_nonzero(is_sound))
            if first < 0:
                first = begin + int(np.argmin(is_sound.all(axis=0)))
    if count:
        is_finite = bool(np.isfinite(audio[:, first]).all())
        what = "are beyond +120 dBFS" if is_finite else "are not numbers (NaN or infinite)"
        text = f"{count} samples {what}, the first at {exact_time_text((start + first) / sample_rate)}"
        raise AudioError(f"{name}: {text}; a plug-in blew up: render this stem again")
