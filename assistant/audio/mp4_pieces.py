"""Pieces of AAC and Apple Lossless in MP4, decoded from a few packets before each instead of from the file's start.

Exactness. Every packet of these codecs holds the same number of samples, so the index of an MP4 file says where each
packet's sound lies, and decoding from ``PRE_ROLL`` packets earlier gives the very numbers that decoding everything
gives: a frame of AAC (Low Complexity) needs the one before it and no other. One thing runs on through the whole
stream: the pseudo-random numbers of perceptual noise substitution (ISO/IEC 14496-3, 4.6.13), which FFmpeg's encoder
uses and Apple's does not. Whether a decoder has drawn any is seen by letting it draw some more, see
:func:`_noise_packet`. Such a file, other kinds of AAC (spectral band replication keeps state for longer), and one
whose time stamps do not count its samples, have to be decoded whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np

from assistant.audio.ffmpeg_decoding import Timing, as_float, check_end, frames, opened, timing_of

PRE_ROLL = 4  # packets; one suffices, measured
NOISE_CODEBOOK = 13


class _NotExact(Exception):
    """Where a packet's sound lies, or what it depends on, cannot be known without decoding all before it."""


def decode_mp4_pieces(path: Path, pieces: Sequence[tuple[int, int]]) -> list[np.ndarray] | None:
    """The samples from ``begin`` to before ``end`` of every piece, float32 ``(C, end - begin)``.

    Equal to the same samples of :func:`~assistant.audio.ffmpeg_decoding.decode_ffmpeg`. ``pieces`` are sorted and lie
    apart. ``None`` for a file that has to be decoded whole. Raises :class:`AudioError` for damage on the way.
    """
    with opened(path) as (container, stream):
        timing = timing_of(path, container, stream)
        if "mov" not in container.format.name or not _has_exact_packets(stream, timing):
            return None
        try:
            reader = _Reader(path, container, stream, timing)
            return [reader.piece(begin, end) for begin, end in pieces]
        except _NotExact:
            return None


def _has_exact_packets(stream: av.AudioStream, timing: Timing) -> bool:
    """Whether packets of the stream's codec stand alone but for the one before, and are timed in samples."""
    context = stream.codec_context
    is_simple = context.name == "alac" or (context.name == "aac" and context.profile == "LC" and context.channels <= 2)
    is_timed = stream.time_base is not None and stream.time_base * context.sample_rate == 1
    return is_simple and is_timed and timing.length is not None and len(stream.index_entries) > 1


class _Reader:
    """Decodes pieces of one open stream."""

    def __init__(
        self, path: Path, container: av.container.InputContainer, stream: av.AudioStream, timing: Timing
    ) -> None:
        self.path, self.container, self.stream = path, container, stream
        self.sample_rate, self.channels = stream.codec_context.sample_rate, stream.codec_context.channels
        self.end = timing.lead + (timing.length or 0)
        first, second = (stream.index_entries[k].timestamp for k in (0, 1))
        self.first, self.step, self.at = first, second - first, 0
        self.noise = _NoiseWatch(stream.codec_context) if stream.codec_context.name == "aac" else None
        frame = next(frames(path, container, stream, self), None)
        if frame is None or frame.pts is None:
            raise _NotExact
        self.lead, self.offset = timing.lead, timing.lead - frame.pts  # offset: from time stamps to samples
        # A flushed decoder still has the last window's shape: what it gives first is to be priming.
        self.can_restart = self.noise is None or frame.pts >= first + self.step

    @property
    def seconds(self) -> float:
        """Time of the next sample, in seconds."""
        return self.at / self.sample_rate

    def piece(self, begin: int, end: int) -> np.ndarray:
        """The samples from ``begin`` to before ``end``, float32 ``(C, end - begin)``."""
        out = np.zeros((self.channels, end - begin), np.float32)
        self._seek(begin)
        for frame in frames(self.path, self.container, self.stream, self):
            self._check_place(frame)
            here = self.at
            self.at += frame.samples
            low, high = max(here, begin), min(self.at, end)
            if low < high:
                out[:, low - begin : high - begin] = as_float(frame)[:, low - here : high - here]
            if self.at >= end:
                break
        else:
            check_end(self.path, self.at, self.end, self.sample_rate)
        if self.noise is not None and self.noise.was_drawn():
            raise _NotExact
        return out

    def _seek(self, begin: int) -> None:
        """Go to ``PRE_ROLL`` packets before the one that holds sample ``begin``, or to the first packet."""
        entries = self.stream.index_entries
        number = max(0, entries.search_timestamp(begin - self.offset, backward=True) - PRE_ROLL)
        timestamp = entries[number].timestamp
        if timestamp != self.first + number * self.step or (number == 0 and not self.can_restart):
            raise _NotExact
        self.at = max(timestamp + self.offset, self.lead)
        self.container.seek(timestamp, stream=self.stream, backward=True)

    def _check_place(self, frame: av.AudioFrame) -> None:
        """``frame`` must lie ``at`` where it is awaited."""
        kind = (frame.sample_rate, frame.layout.nb_channels)
        if frame.pts is None or frame.pts + self.offset != self.at or kind != (self.sample_rate, self.channels):
            raise _NotExact


class _NoiseWatch:
    """Tells whether an AAC decoder has drawn pseudo-random numbers, by drawing from it and from a fresh one."""

    def __init__(self, context: av.AudioCodecContext) -> None:
        self.context = context
        self.fresh = av.CodecContext.create("aac", "r")
        self.fresh.extradata = context.extradata
        self.packet = _noise_packet(context.channels)

    def was_drawn(self) -> bool:
        """Whether the decoder is anywhere but where the fresh one is; whatever it held back is flushed."""
        try:
            here, fresh = self._draw(self.context), self._draw(self.fresh)
        except av.FFmpegError:
            return True
        return here.size == 0 or not np.array_equal(here, fresh)

    def _draw(self, context: av.AudioCodecContext) -> np.ndarray:
        """The second of two frames of noise: the first still has the window of what was decoded before."""
        context.flush_buffers()
        drawn = [frame.to_ndarray() for _ in range(2) for frame in context.decode(av.Packet(self.packet))]
        return drawn[1] if len(drawn) == 2 else np.empty(0)


def _noise_packet(channels: int) -> bytes:
    """An AAC frame of ``channels`` (1 or 2) whose lowest band is noise; syntax of ISO/IEC 14496-3, 4.4.2."""
    info = "0" + "00" + "0" + f"{1:06b}" + "0"  # one long window, one scale factor band, no prediction
    section = f"{NOISE_CODEBOOK:04b}" + f"{1:05b}"
    gain, energy = f"{100:08b}", f"{306:09b}"
    stream = gain + info + section + energy + "000"  # no pulses, no noise shaping, no gain control
    element = "000" + "0000" + stream if channels == 1 else "001" + "0000" + "0" + stream + stream
    bits = element + "111"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")
