"""Decoding with FFmpeg's libraries (PyAV): AAC and Apple Lossless in MP4, MP3, Ogg, WavPack, unusual WAV.

Alignment. AAC, MP3 and Opus encoders put silence ("priming") before the music, and stems encoded at different rates
get different amounts of it. What the container says is honoured, to the sample: MP4 edit lists, Apple's ``iTunSMPB``
tag (priming, padding and true length), LAME's tag, Opus' pre-skip. FFmpeg drops the priming; the padding at the end
is dropped here, so that stems of equal length stay equal. Raw ADTS (``.aac``) and MP3 without a tag say nothing;
their priming stays (1,024 and 1,105 samples with FFmpeg's encoders).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import av
import numpy as np

from assistant.audio.formats import AudioInfo, error_about
from assistant.audio.integrity import id3_bytes
from assistant.wording import exact_time_text

# Only containers of audio files: playlists, which could make FFmpeg open other files or addresses, are shut out.
FORMATS = "aac,aiff,ape,au,caf,flac,mov,mp3,ogg,tta,w64,wav,wv"
# Samples that may be missing at the end before a file counts as cut short. Measured: 128 with Vorbis from libvorbis
# 1.3.7, whose first short block FFmpeg counts but does not decode. What is missing becomes silence.
TOLERANCE = 2048
AGAIN = "copy or export it again"


class Place(Protocol):
    """Whoever decodes knows where in the file that is."""

    @property
    def seconds(self) -> float:
        """Time from the file's first sample, in seconds."""


@dataclass(frozen=True)
class Timing:
    """Silence to put before the first sample, and the length announced after it (``None`` where nothing is)."""

    lead: int = 0
    length: int | None = None


def probe_ffmpeg(path: Path) -> AudioInfo:
    """What FFmpeg says about the first audio stream of the file at ``path``; :class:`AudioError` if it is none.

    Lengths are those :func:`decode_ffmpeg` returns; streams that announce none are counted packet by packet.
    """
    with opened(path) as (container, stream):
        sample_rate = stream.codec_context.sample_rate
        timing = timing_of(path, container, stream)
        length = timing.length if timing.length is not None else _counted_length(container, stream)
        return AudioInfo(stream.codec_context.channels, sample_rate, timing.lead + length)


def decode_ffmpeg(path: Path) -> tuple[np.ndarray, int]:
    """All of the file's first audio stream as float32 ``(C, T)``, and its sample rate in Hz.

    Raises :class:`AudioError` for damage, a change of format half-way, and fewer samples than announced.
    """
    with opened(path) as (container, stream):
        timing = timing_of(path, container, stream)
        collector = _Collector(path, timing.lead, (timing.length or 0) + 4 * TOLERANCE)
        for frame in frames(path, container, stream, collector):
            collector.add(frame)
    audio = collector.audio()
    return _checked_length(path, audio, timing, collector.sample_rate), collector.sample_rate


def check_end(path: Path, there: int, announced: int, sample_rate: int) -> None:
    """Raise :class:`AudioError` where of ``announced`` samples more are missing than rounding explains."""
    if there < announced - TOLERANCE:
        announced_text, there_text = exact_time_text(announced / sample_rate), exact_time_text(there / sample_rate)
        raise error_about(path, f"the file is cut short: {announced_text} announced, {there_text} there; {AGAIN}")


class _Collector:
    """Gathers decoded frames in one float32 array, grown only where the announced length was too short."""

    def __init__(self, path: Path, lead: int, capacity: int) -> None:
        self.path, self.done, self.sample_rate = path, lead, 0
        self.lead, self.capacity = lead, lead + capacity
        self.buffer = np.empty((0, 0), np.float32)

    @property
    def seconds(self) -> float:
        """How much was gathered so far, in seconds."""
        return self.done / self.sample_rate if self.sample_rate else 0.0

    def add(self, frame: av.AudioFrame) -> None:
        """Append ``frame``; its rate and channels must be those of the first."""
        block = as_float(frame)
        if not self.sample_rate:
            self.sample_rate = frame.sample_rate
            self.buffer = np.empty((block.shape[0], self.capacity), np.float32)
            self.buffer[:, : self.lead] = 0.0
        if (frame.sample_rate, block.shape[0]) != (self.sample_rate, self.buffer.shape[0]):
            where = exact_time_text(self.seconds)
            raise error_about(self.path, f"sample rate or channels change at {where}; export it again as WAV")
        end = self.done + block.shape[1]
        if end > self.buffer.shape[1]:
            grown = np.empty((self.buffer.shape[0], end + end // 2), np.float32)
            grown[:, : self.done] = self.buffer[:, : self.done]
            self.buffer = grown
        self.buffer[:, self.done : end] = block
        self.done = end

    def audio(self) -> np.ndarray:
        """What was gathered, ``(C, T)``."""
        return self.buffer[:, : self.done]


@contextmanager
def opened(path: Path) -> Iterator[tuple[av.container.InputContainer, av.AudioStream]]:
    """The container at ``path`` and its first audio stream; FFmpeg's errors become :class:`AudioError`."""
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    with path.open("rb") as file:
        try:
            with av.open(file, "r", options=options, metadata_errors="replace") as container:
                if not container.streams.audio:
                    raise error_about(path, "holds no audio stream; leave it out")
                stream = container.streams.audio[0]
                if stream.codec_context is None or not stream.codec_context.sample_rate:
                    raise error_about(path, "its audio is in a format that cannot be decoded; export it again as WAV")
                yield container, stream
        except av.FFmpegError as error:
            text = "not audio, damaged, or in a format that is not read"
            raise error_about(path, f"{text}; export it again as WAV or FLAC") from error


def frames(
    path: Path, container: av.container.InputContainer, stream: av.AudioStream, so_far: Place
) -> Iterator[av.AudioFrame]:
    """Decoded frames in order; :class:`AudioError` with the time of the first damaged packet."""
    try:
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise error_about(path, f"damaged or cut short at {exact_time_text(so_far.seconds)}; {AGAIN}")
            yield from packet.decode()
    except av.FFmpegError as error:
        text = f"damaged or cut short at {exact_time_text(so_far.seconds)} ({error.strerror})"
        raise error_about(path, f"{text}; {AGAIN}") from error


def timing_of(path: Path, container: av.container.InputContainer, stream: av.AudioStream) -> Timing:
    """Where the stream begins and how long it is, from what its container says."""
    rate, kind = stream.codec_context.sample_rate, container.format.name
    if kind == "aac" or (kind == "mp3" and not _has_mp3_tag(path)):
        return Timing()
    if stream.duration is None or stream.time_base is None:
        return Timing()
    length = _samples(stream.duration, stream.time_base, rate)
    if "mov" not in kind:
        return Timing(0, length - _opus_pre_skip(stream))
    tagged = _itunes_length(container.metadata.get("iTunSMPB", ""), length)
    if tagged is not None:
        return Timing(0, tagged)
    return Timing(max(0, _samples(stream.start_time or 0, stream.time_base, rate)), length)


def _checked_length(path: Path, audio: np.ndarray, timing: Timing, sample_rate: int) -> np.ndarray:
    """``audio`` with its announced length: padding cut off, the last frame's rounding filled with silence."""
    if audio.shape[1] == 0:
        raise error_about(path, "holds no audio (zero samples); leave it out or export it again")
    if timing.length is None:
        return np.ascontiguousarray(audio)
    end = timing.lead + timing.length
    check_end(path, audio.shape[1], end, sample_rate)
    if audio.shape[1] < end:
        return np.pad(audio, ((0, 0), (0, end - audio.shape[1])))
    return np.ascontiguousarray(audio[:, :end])


def _itunes_length(tag: str, limit: int) -> int | None:
    """The true length in an ``iTunSMPB`` tag: hexadecimal zero, priming, padding, length, zeros."""
    try:
        priming, padding, length = (int(field, 16) for field in tag.split()[1:4])
    except ValueError:
        return None
    return length if 0 < length <= limit and priming + length + padding <= limit + TOLERANCE else None


def _has_mp3_tag(path: Path) -> bool:
    """Whether an MP3 states its length in a Xing, Info or VBRI tag in its first frame, after any ID3v2 tag."""
    with path.open("rb") as file:
        file.seek(id3_bytes(file.read(10)))
        first = file.read(4096)
    return any(tag in first for tag in (b"Xing", b"Info", b"VBRI"))


def _opus_pre_skip(stream: av.AudioStream) -> int:
    """Samples at 48 kHz before the music of an Ogg Opus stream (RFC 7845, section 5.1)."""
    header = bytes(stream.codec_context.extradata or b"")
    return int.from_bytes(header[10:12], "little") if header[:8] == b"OpusHead" else 0


def _counted_length(container: av.container.InputContainer, stream: av.AudioStream) -> int:
    """Samples in a stream that announces none: packets times their length."""
    ticks = sum(packet.duration or 0 for packet in container.demux(stream) if packet.size)
    return _samples(ticks, stream.time_base or Fraction(1), stream.codec_context.sample_rate)


def _samples(ticks: int, time_base: Fraction, sample_rate: int) -> int:
    return round(ticks * time_base * sample_rate)


def as_float(frame: av.AudioFrame) -> np.ndarray:
    """The frame's samples as float ``(C, T)``, full scale 1.0."""
    block = frame.to_ndarray()
    if frame.format.is_packed:
        block = block.reshape(-1, frame.layout.nb_channels).T
    if block.dtype == np.uint8:
        return (block.astype(np.float32) - 128.0) / 128.0
    if np.issubdtype(block.dtype, np.integer):
        return block.astype(np.float32) * np.float32(2.0 ** (1 - 8 * block.dtype.itemsize))
    return np.asarray(block)
