"""Excerpts of a track: a few seconds here and there, without decoding all of its file.

The numbers are those of :func:`~assistant.audio.reading.load_track`. Where that cannot be had from a part of the file
(see :func:`~assistant.audio.reading.read_pieces`), the file is read whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from assistant.audio.folding import with_channels
from assistant.audio.reading import AudioInfo, check_rate, load_track, probe, read_pieces
from assistant.audio.resampling import resample, resampled_length
from assistant.mix import Track

# Samples, at the lower rate, around what is converted. Measured with noise at 16 pairs of rates: the filter of soxr's
# "VHQ" has died away after 256, what differs from converting everything is the last bit of float32.
MARGIN = 1024
# The smaller number of the ratio of two rates up to which soxr's positions are exact fractions. Measured: 1,600 : 1,471
# and 10,240 : 147 agree to the last bit; at 4,411 : 4,800, where soxr interpolates, pieces are 107 dB off.
LARGEST_RATIO = 2048

Piece = tuple[int, int]


def load_excerpts(track: Track, sample_rate: int, spans: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """The ``count`` samples from ``first`` on, of every ``(first, count)`` in ``spans``.

    Counted at ``sample_rate`` Hz from the track's own first sample; before it and after the last is silence. Each
    excerpt is float32 ``(C, count)``, C is ``track.channels``; none is to be written to. Spans may overlap and come
    in any order. Equal to slices of :func:`~assistant.audio.reading.load_track`; below -120 dB full scale of it where
    the rate is converted. Raises :class:`AudioError` as it does, but for damage possibly only where a span lies.
    """
    for first, count in spans:
        if count < 0:
            raise ValueError(f"span ({first}, {count}): expected (first, count) with count >= 0")
    found = None if track.audio_path is None or track.audio is not None else _parts(track, sample_rate, spans)
    parts = [(0, load_track(track, sample_rate))] if found is None else found
    return [_cut(parts, track.channels, first, count) for first, count in spans]


def _parts(track: Track, sample_rate: int, spans: Iterable[tuple[int, int]]) -> list[tuple[int, np.ndarray]] | None:
    """Where each part of the track that ``spans`` needs begins, and its audio; ``None`` if only the whole will do."""
    check_rate(sample_rate)
    file = Path(track.audio_path or "")
    info = probe(file)
    if not _is_exact_ratio(info.sample_rate, sample_rate):
        return None
    pieces = _pieces(info, sample_rate, spans)
    audio = read_pieces(file, info, pieces)
    if audio is None:
        return None
    return [
        (begin * sample_rate // info.sample_rate, _converted(piece, info.sample_rate, sample_rate, track.channels))
        for (begin, _), piece in zip(pieces, audio, strict=True)
    ]


def _pieces(info: AudioInfo, sample_rate: int, spans: Iterable[tuple[int, int]]) -> list[Piece]:
    """Sorted and apart, the samples of the file that ``spans`` at ``sample_rate`` are made of."""
    length = resampled_length(info.num_samples, info.sample_rate, sample_rate)
    clipped = [(max(0, first), min(first + count, length)) for first, count in spans]
    return _merged(_source(info, sample_rate, begin, end) for begin, end in clipped if begin < end)


def _source(info: AudioInfo, sample_rate: int, begin: int, end: int) -> Piece:
    """The samples of the file that ``begin`` to ``end`` at ``sample_rate`` are made of, with the filter's margin.

    The first lies where a sample at ``sample_rate`` does too, so that converting the piece keeps the phase.
    """
    if info.sample_rate == sample_rate:
        return begin, end
    margin = math.ceil(MARGIN * info.sample_rate / min(info.sample_rate, sample_rate))
    period = info.sample_rate // math.gcd(info.sample_rate, sample_rate)
    first = (begin * info.sample_rate // sample_rate - margin) // period * period
    last = math.ceil(end * info.sample_rate / sample_rate) + margin
    return max(0, first), min(last, info.num_samples)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """``pieces`` in order, those that overlap or touch as one."""
    merged: list[Piece] = []
    for begin, end in sorted(pieces):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _is_exact_ratio(from_rate: int, to_rate: int) -> bool:
    return from_rate == to_rate or min(from_rate, to_rate) // math.gcd(from_rate, to_rate) <= LARGEST_RATIO


def _converted(piece: np.ndarray, from_rate: int, to_rate: int, channels: int) -> np.ndarray:
    return with_channels(resample(piece, from_rate, to_rate), channels)


def _cut(parts: Iterable[tuple[int, np.ndarray]], channels: int, first: int, count: int) -> np.ndarray:
    """The ``count`` samples from ``first`` on, out of the part that has them; silence where none does."""
    out = np.zeros((channels, count), np.float32)
    for begin, audio in parts:
        low, high = max(first, begin), min(first + count, begin + audio.shape[1])
        if low < high:
            out[:, low - first : high - first] = audio[:, low - begin : high - begin]
    return out
