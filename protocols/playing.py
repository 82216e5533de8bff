"""Plays the tracks of an arrangement, sample by sample as their DAW does, in blocks of bounded memory.

Layers as in Ardour 7.3 (AudioPlaylist::read, AudioRegion::read_at): clips are gone through from the highest layer down,
each leaving to those below what its body does not cover, then mixed from the lowest up.

Curves are asked for stretches that end where blocks do, since Ardour's depend on it: with the blocks of its bounce, its
bounce is met to the bit. Its export and its playback read longer stretches. Measured with blocks of 524,288 samples:
-152 dB to an export of 17 s, with these, -92 dB for fades of 0.1 to 0.5 s and -72 dB for an envelope with a step of
100 samples; the default fades of 64 samples rarely lie across the end of a block.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from assistant.arrays import FloatArray
from protocols.arrangement import ArrangedTrack, Clip, NestedChannel
from protocols.sources import Sources

#: Blocks begin at multiples of this many samples, as those of Ardour's bounce of a session from its beginning do.
BLOCK = 8192


def play(track: ArrangedTrack, sample_rate: int, start: int, stop: int) -> FloatArray:
    """Samples ``start`` to ``stop`` of ``track`` at ``sample_rate`` Hz, float32 (C, stop - start).

    Fader, pan and mute of the track are not applied. Any stretch is equal to that part of the whole. Raises
    :class:`~assistant.audio.formats.AudioError` for a source that cannot be read.
    """
    blocks = list(Player(track, sample_rate).blocks(start, stop))
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((track.channels, 0), np.float32)


def end_of(track: ArrangedTrack) -> int:
    """Where the last clip of ``track`` that sounds ends, in samples; 0 without any."""
    return max((clip.position + clip.length for clip in track.clips if not clip.muted), default=0)


class Player:
    """Plays one track; keeps what it read of the files, so that playing on is quick. For one thread at a time."""

    def __init__(self, track: ArrangedTrack, sample_rate: int, sources: Sources | None = None) -> None:
        heard = [clip for clip in track.clips if not clip.muted and clip.length > 0 and clip.channels]
        self._clips = sorted(heard, key=lambda clip: (-clip.layer, clip.position))
        self._starts = np.array([clip.position for clip in self._clips], np.int64)
        self._stops = np.array([clip.position + clip.length for clip in self._clips], np.int64)
        self._channels = track.channels
        self._sources = sources or Sources(sample_rate)
        inside = (s.track for c in self._clips for s in c.channels if isinstance(s, NestedChannel))
        self._nested = {id(nested): Player(nested, sample_rate, self._sources) for nested in inside}

    def blocks(self, start: int, stop: int) -> Iterator[FloatArray]:
        """Samples ``start`` to ``stop``, float32 (C, up to ``BLOCK``) at a time."""
        for begin in range(start // BLOCK * BLOCK, stop, BLOCK):
            block = self.at_one_go(begin, begin + BLOCK)
            yield block[:, max(start - begin, 0) : stop - begin]

    def at_one_go(self, begin: int, end: int) -> FloatArray:
        """Samples ``begin`` to ``end`` as one block, float32 (C, end - begin)."""
        out = np.zeros((self._channels, end - begin), np.float32)
        for clip, first, last in reversed(self._segments(begin, end)):
            self._mix(out[:, first - begin : last - begin], clip, first - clip.position, last - clip.position)
        return out

    def _segments(self, begin: int, end: int) -> list[tuple[Clip, int, int]]:
        """The stretches of clips to be read between ``begin`` and ``end``, the highest layer first."""
        covered: list[tuple[int, int]] = []
        segments = []
        for index in np.flatnonzero((self._starts < end) & (self._stops > begin)):
            clip = self._clips[index]
            clip_end = clip.position + clip.length
            left = _without((max(begin, clip.position), min(end, clip_end)), covered)
            segments += [(clip, first, last) for first, last in left]
            if clip.opaque:
                # One sample late, as Ardour has it: the first sample is read below and covered when mixing.
                body = (clip.position + clip.fade_in + 1, clip_end - clip.fade_out)
                cut = [(max(first, body[0]), min(last, body[1])) for first, last in left]
                covered += [(first, last) for first, last in cut if first < last]
        return segments

    def _mix(self, out: FloatArray, clip: Clip, start: int, stop: int) -> None:
        """Mix samples ``start`` to ``stop`` of ``clip`` over what ``out`` holds of lower layers."""
        audio = self._read(clip, start, stop)
        for curve in clip.curves:
            audio *= curve.gains(start, stop)
        if clip.opaque:
            if clip.under is not None:
                out *= clip.under.gains(start, stop)
            out[:, max(clip.fade_in - start, 0) : max(clip.length - clip.fade_out - start, 0)] = 0.0
        out += audio

    def _read(self, clip: Clip, start: int, stop: int) -> FloatArray:
        audio = np.empty((self._channels, stop - start), np.float32)
        for channel, row in enumerate(audio):
            source = clip.channels[channel % len(clip.channels)]
            first, last = clip.offset + start, clip.offset + stop
            if isinstance(source, NestedChannel):
                row[:] = self._read_nested(source, first, last)
            else:
                row[:] = self._sources.read(source, clip.file_rate, first, last)
        if clip.gain != 1.0:
            audio *= np.float32(clip.gain)
        return audio

    def _read_nested(self, source: NestedChannel, start: int, stop: int) -> FloatArray:
        out = np.zeros(stop - start, np.float32)
        begin, end = max(start, 0), min(stop, source.length)
        if begin < end:
            played = self._nested[id(source.track)].at_one_go(source.start + begin, source.start + end)
            out[begin - start : end - start] = played[source.channel]
        return out


def _without(span: tuple[int, int], covered: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of ``span`` where nothing of ``covered`` lies; ends are exclusive."""
    left = [span] if span[0] < span[1] else []
    for begin, end in covered:
        cut = [((first, min(last, begin)), (max(first, end), last)) for first, last in left]
        left = [part for pair in cut for part in pair if part[0] < part[1]]
    return left
