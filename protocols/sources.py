"""Samples of audio files by the channel, from anywhere in them, without holding whole files in memory.

Files are read in pieces, of which the latest used are kept. Before a file's first sample and after its last is silence.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from pathlib import Path

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.formats import AudioInfo, error_about
from assistant.audio.reading import probe, read_audio, read_pieces
from assistant.audio.resampling import resample
from assistant.audio.sndfile_decoding import decode_sndfile_pieces
from protocols.arrangement import SourceChannel

PIECE = 1 << 17
KEPT_PIECES = 16
KEPT_FILES = 2  # of those that can only be decoded whole
# Samples around what is converted: soxr's filter has died away after 256 (see assistant.audio.excerpts).
MARGIN = 1024


class Sources:
    """The audio files that clips play, at ``sample_rate`` Hz; for one thread at a time."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._infos: dict[Path, AudioInfo] = {}
        self._pieces: OrderedDict[tuple[Path, int, int], FloatArray] = OrderedDict()
        self._whole: OrderedDict[Path, FloatArray] = OrderedDict()

    def read(self, source: SourceChannel, file_rate: int | None, start: int, stop: int) -> FloatArray:
        """Samples ``start`` to ``stop`` of ``source``, float32 (stop - start,), not to be written to.

        They count at the session's rate in a file that plays at ``file_rate`` Hz, or, None, one by one. Raises
        :class:`~assistant.audio.formats.AudioError` for a file that cannot be read, or has no such channel.
        """
        rate = self._rate if file_rate is None else file_rate
        parts = []
        for index in range(start // PIECE, (stop - 1) // PIECE + 1):
            piece = self._piece(source.file, rate, index)
            if source.channel >= len(piece):
                wanted = f"the session plays channel {source.channel + 1}"
                raise error_about(source.file, f"has {len(piece)} channels, and {wanted}; was it replaced?")
            begin = index * PIECE
            parts.append(piece[source.channel, max(start - begin, 0) : stop - begin])
        return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.zeros(0, np.float32)])

    def _piece(self, file: Path, rate: int, index: int) -> FloatArray:
        """The samples from ``index * PIECE`` on of a file that plays at ``rate`` Hz; float32 (C, PIECE)."""
        key = (file, rate, index)
        if key not in self._pieces:
            self._pieces[key] = self._converted(file, rate, index * PIECE)
            if len(self._pieces) > KEPT_PIECES:
                self._pieces.popitem(last=False)
        self._pieces.move_to_end(key)
        return self._pieces[key]

    def _converted(self, file: Path, rate: int, start: int) -> FloatArray:
        if rate == self._rate:
            return self._raw(file, start, start + PIECE)
        margin = math.ceil(MARGIN * rate / min(rate, self._rate))
        period = rate // math.gcd(rate, self._rate)
        # Where a sample of the file and one of the session meet, so that converting a piece keeps the phase.
        # The file's own beginning is one, as where the whole file is converted.
        first = (start * rate // self._rate - margin) // period * period
        first = max(first, 0) if start >= 0 else first
        last = math.ceil((start + PIECE) * rate / self._rate) + margin
        audio = resample(self._raw(file, first, last), rate, self._rate)
        begin = start - first * self._rate // rate
        return audio[:, begin : begin + PIECE]

    def _raw(self, file: Path, start: int, stop: int) -> FloatArray:
        """Samples ``start`` to ``stop`` of the file as it is, float32 (C, stop - start)."""
        if file not in self._infos:
            self._infos[file] = probe(file)
        info = self._infos[file]
        begin, end = max(start, 0), min(stop, info.num_samples)
        if (begin, end) == (start, stop):
            return self._decoded(file, info, begin, end)
        out = np.zeros((info.channels, stop - start), np.float32)
        if begin < end:
            out[:, begin - start : end - start] = self._decoded(file, info, begin, end)
        return out

    def _decoded(self, file: Path, info: AudioInfo, begin: int, end: int) -> FloatArray:
        if file not in self._whole:
            found = _surround(file, begin, end) if info.channels > 2 else read_pieces(file, info, [(begin, end)])
            if found is not None:
                return found[0]
            self._whole[file] = read_audio(file)[0]
            if len(self._whole) > KEPT_FILES:
                self._whole.popitem(last=False)
        self._whole.move_to_end(file)
        return self._whole[file][:, begin:end]


def _surround(file: Path, begin: int, end: int) -> list[FloatArray]:
    """As :func:`~assistant.audio.reading.read_pieces`, without folding channels down."""
    try:
        found = decode_sndfile_pieces(file, [(begin, end)])
    except OSError as error:
        raise error_about(file, f"cannot be read ({error})") from error
    if found is None:
        raise error_about(file, "more than two channels in a packed format; export it as WAV")
    return [np.asarray(found[0])]
