"""Stretches of any mix of a session, rendered when somebody wants to hear them.

A stretch is put together from tiles, ``TILE_S`` long, of every track behind its strip with its fader at 0 dB. Each is
rendered on its own after a lead-in in which its filters and its compressor settle, and is kept: moving a fader or a
send, muting and soloing cost no more than adding up, and the reverb where what feeds it has changed.

Lead-ins are measured (``benchmarks/quality_audition.py``): at slow releases and a long reverb behind a sudden
quiet, a tile differs from the same stretch of :func:`~render.mixdown.render_premaster` by -80 dB of the mix or less.

Contents: :class:`Audition`; :func:`strip_lead_in`, :func:`reverb_lead_in`; ``TILE_S``, ``OVERLAP_S``, ``LEVEL_STEP_S``.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from assistant.arrays import FloatArray
from assistant.audio.excerpts import load_excerpts
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix, Session
from assistant.params import BY_NAME, db_to_amplitude
from assistant.tasks import Cancelled, IsCancelled
from render.engine import FaustProgram, RenderError
from render.material import Excerpts
from render.strips import STRIP_LINKS, StripPrograms, passes_through, ring_out_samples
from render.summing import fader_gain, send_gain, strip_key
from render.workers import Crew

#: What a player asks for at once begins at a multiple of ``TILE_S`` and is this much longer, to fade to the next.
TILE_S, OVERLAP_S = 4.0, 0.010
#: Levels are peaks over so long.
LEVEL_STEP_S = 0.05
#: Lead-in of a strip: so many releases of its compressor, and this share of its filters' ringing to -140 dB.
_RELEASES, _RINGING = 6.0, 0.35
#: Lead-in of the reverb, in decays by 60 dB.
_DECAYS = 1.0
#: Audio is read in blocks of a second, and kept within these bounds.
_BLOCK_S = 1.0
_STRIP_BYTES, _RAW_BYTES, _WET_BYTES = 256_000_000, 128_000_000, 32_000_000

#: Stereo audio of a tile, or None for silence.
_Sound = FloatArray | None
#: A track's tile: its name, what its strip stands at, the tile's number.
_Place = tuple[str, ChannelSettings, int]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class _Piece:
    """A part of one tile: ``number``, and where it lies on the time line."""

    number: int
    first: int
    last: int


class _Shelf(Generic[K]):
    """Sounds by key, the ones longest unused dropped where they take more than ``most_bytes``; for any thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._num_bytes = 0
        self._sounds: OrderedDict[K, _Sound] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, keys: Iterable[K]) -> dict[K, _Sound]:
        """What is there of ``keys``."""
        with self._lock:
            found = {key: self._sounds[key] for key in keys if key in self._sounds}
            for key in found:
                self._sounds.move_to_end(key)
        return found

    def put(self, key: K, sound: _Sound) -> None:
        """Keep ``sound``, in place of one that another thread made meanwhile."""
        with self._lock:
            self._num_bytes += _num_bytes(sound) - _num_bytes(self._sounds.pop(key, None))
            self._sounds[key] = sound
            while self._num_bytes > self._most_bytes and len(self._sounds) > 1:
                self._num_bytes -= _num_bytes(self._sounds.popitem(last=False)[1])


def _num_bytes(sound: _Sound) -> int:
    return 0 if sound is None else sound.nbytes


class Audition:
    """Renders stretches of mixes of ``session`` on ``num_threads`` threads, for any number of threads.

    ``excerpts`` brings pieces of a track, as :func:`~assistant.audio.excerpts.load_excerpts` does.
    """

    def __init__(self, session: Session, excerpts: Excerpts = load_excerpts, num_threads: int = 1) -> None:
        self._session, self._excerpts, self._rate = session, excerpts, session.sample_rate
        self._tile = round(TILE_S * self._rate)
        self._overlap = round(OVERLAP_S * self._rate)
        self._block = round(_BLOCK_S * self._rate)
        self._strips = Crew([StripPrograms("strip", self._rate, session.pan_law) for _ in range(num_threads)])
        self._bus: FaustProgram | None = None
        self._at_bus = threading.Lock()
        self._placed: _Shelf[_Place] = _Shelf(_STRIP_BYTES)
        self._raw: _Shelf[tuple[str, int]] = _Shelf(_RAW_BYTES)
        self._wet: _Shelf[Hashable] = _Shelf(_WET_BYTES)

    def tile(
        self,
        mix: Mix,
        audible: Collection[str] | None,
        start: int,
        length: int,
        is_cancelled: IsCancelled = lambda: False,
    ) -> tuple[FloatArray, FloatArray]:
        """Samples ``start`` to ``start + length`` of the time line, and every channel's level in them.

        Audio is float32 ``(2, length)`` before the master with the reverb; only the tracks ``audible`` sound, all
        where that is None. Levels, float32 ``(N, F)`` dBFS in the order of the mix, are peaks behind the fader over
        ``LEVEL_STEP_S``, the last step possibly shorter; ``-inf`` for silence. Raises ``ValueError`` when the mix is
        not of this session, :class:`RenderError`, :class:`Cancelled`, and what reading the files raises.
        """
        self._check(mix, start, length)
        channels = [c for c in mix.channels if (audible is None or c.name in audible) and fader_gain(c)]
        total = np.zeros((2, length), np.float32)
        levels = {c.name: np.zeros(math.ceil(length / self._level_step), np.float32) for c in mix.channels}
        for channel, sound, at in self._sounds(channels, start, start + length, is_cancelled):
            gain = np.float32(fader_gain(channel))
            total[:, at : at + sound.shape[1]] += gain * sound
            _raise_levels(levels[channel.name], gain, sound, at, self._level_step)
        wet = self._return(mix.reverb, channels, start, length, is_cancelled)
        if wet is not None:
            total += wet
        with np.errstate(divide="ignore"):
            levels_db = 20.0 * np.log10([levels[c.name] for c in mix.channels], dtype=np.float32)
        return total, np.asarray(levels_db, np.float32).reshape(len(mix.channels), -1)

    @property
    def _level_step(self) -> int:
        return round(LEVEL_STEP_S * self._rate)

    def _check(self, mix: Mix, start: int, length: int) -> None:
        if {t.name for t in self._session.tracks} != {c.name for c in mix.channels}:
            raise ValueError("the mix is not of this session: their tracks differ")
        if start < 0 or length < 0:
            raise ValueError(f"start={start}, length={length}: expected samples of the time line, from 0 on")

    def _return(
        self,
        bus: BusSettings,
        channels: Sequence[ChannelMix],
        start: int,
        length: int,
        is_cancelled: IsCancelled,
    ) -> _Sound:
        """What the reverb gives back to ``channels`` in a stretch; None where nothing."""
        feeding = [c for c in channels if send_gain(c)]
        if not feeding or not db_to_amplitude(bus["reverb_return_db"], BY_NAME["reverb_return_db"]):
            return None
        sends = {c.name: fader_gain(c) * send_gain(c) for c in feeding}
        key = (bus, frozenset((c.name, sends[c.name], strip_key(c.settings)) for c in feeding), start, length)
        found = self._wet.find([key])
        if key not in found:
            begin = max(0, start - reverb_lead_in(bus, self._rate))
            send = np.zeros((2, start + length - begin), np.float32)
            for first, last in ((begin, start), (start, start + length)):
                for channel, sound, at in self._sounds(feeding, first, last, is_cancelled):
                    at += first - begin
                    send[:, at : at + sound.shape[1]] += np.float32(sends[channel.name]) * sound
            found[key] = self._reverberate(send, bus, start - begin)
            self._wet.put(key, found[key])
        return found[key]

    def _reverberate(self, send: FloatArray, bus: BusSettings, lead_in: int) -> _Sound:
        if not np.any(send):
            return None
        with self._at_bus:
            if self._bus is None:
                self._bus = FaustProgram("reverb.dsp", "process", 2, self._rate)
            self._bus.set_controls(bus)
            return self._bus.render(send, send.shape[1])[:, lead_in:].copy()

    def _sounds(
        self, channels: Sequence[ChannelMix], begin: int, end: int, is_cancelled: IsCancelled
    ) -> Iterator[tuple[ChannelMix, FloatArray, int]]:
        """What of ``channels`` sounds between two samples of the time line, behind the strips, faders at 0 dB: piece
        by piece, with the place counted from ``begin``; by name, so that the tracks' order does not count."""
        ordered = sorted(channels, key=lambda c: c.name)
        for piece in _pieces(begin, end, self._tile, self._overlap):
            offset = piece.number * self._tile
            for channel, sound in zip(ordered, self._place(ordered, piece.number, is_cancelled), strict=True):
                if sound is not None:
                    yield channel, sound[:, piece.first - offset : piece.last - offset], piece.first - begin

    def _place(self, channels: Sequence[ChannelMix], number: int, is_cancelled: IsCancelled) -> list[_Sound]:
        """A tile of every channel, with its overlap."""
        keys = [(c.name, strip_key(c.settings), number) for c in channels]
        found = self._placed.find(keys)
        missing = [key for key in keys if key not in found]

        def render(strips: StripPrograms, key: _Place) -> _Sound:
            if is_cancelled():
                raise Cancelled("cancelled while rendering to listen")
            return self._behind_strip(strips, *key)

        for key, sound in zip(missing, self._strips.run(render, missing), strict=True):
            self._placed.put(key, sound)
            found[key] = sound
        return [found[key] for key in keys]

    def _behind_strip(self, strips: StripPrograms, name: str, settings: ChannelSettings, number: int) -> _Sound:
        start = number * self._tile
        begin = max(0, start - strip_lead_in(settings, self._rate))
        audio = self._read(name, begin, start + self._tile + self._overlap)
        if not np.any(audio):
            return None
        if passes_through(len(audio), settings):
            return audio[:, start - begin :]
        try:
            output = strips.set_up(len(audio), settings).render(audio, STRIP_LINKS + audio.shape[1])
        except RenderError as error:
            raise RenderError(f"track {name!r}: {error}") from error
        return output[:, STRIP_LINKS + start - begin :].copy()

    def _read(self, name: str, begin: int, end: int) -> FloatArray:
        """The track's own audio ``(C, end - begin)`` between two samples of the time line."""
        numbers = range(begin // self._block, math.ceil(end / self._block))
        found = self._raw.find((name, number) for number in numbers)
        missing = [number for number in numbers if (name, number) not in found]
        if missing:
            track = self._session.track(name)
            offset = round(track.start_s * self._rate)
            spans = [(number * self._block - offset, self._block) for number in missing]
            for number, audio in zip(missing, self._excerpts(track, self._rate, spans), strict=True):
                found[name, number] = audio
                self._raw.put((name, number), audio)
        joined = np.concatenate([found[name, number] for number in numbers], axis=1)
        first = begin - numbers[0] * self._block
        return np.ascontiguousarray(joined[:, first : first + end - begin])


def strip_lead_in(settings: ChannelSettings, sample_rate: int) -> int:
    """Samples until a strip that was started afresh does what it would do had it run all along."""
    release_s = settings["comp_release_ms"] / 1000.0 if settings["comp_ratio"] > 1.0 else 0.0
    return math.ceil(_RELEASES * release_s * sample_rate + _RINGING * ring_out_samples(settings, sample_rate))


def reverb_lead_in(bus: BusSettings, sample_rate: int) -> int:
    """Samples of the sends before a stretch that are still heard in it."""
    return math.ceil((bus["reverb_predelay_ms"] / 1000.0 + _DECAYS * bus["reverb_decay_s"]) * sample_rate)


def _pieces(begin: int, end: int, tile: int, overlap: int) -> Iterator[_Piece]:
    """The tiles that samples ``begin`` to ``end`` lie in; a tile's overlap is used where that spares the next."""
    while begin < end:
        number = begin // tile
        last = end if end <= (number + 1) * tile + overlap else (number + 1) * tile
        yield _Piece(number, begin, last)
        begin = last


def _raise_levels(levels: FloatArray, gain: np.float32, sound: FloatArray, at: int, step: int) -> None:
    """Raise the peaks ``levels`` (F,) of a stretch to those of ``sound`` at ``gain``, ``at`` samples into it."""
    cuts = np.arange(step - at % step, sound.shape[1], step)
    starts = np.concatenate(([0], cuts))
    peaks = np.maximum(np.maximum.reduceat(sound, starts, axis=1), -np.minimum.reduceat(sound, starts, axis=1))
    reached = levels[at // step : at // step + len(starts)]
    np.maximum(reached, gain * peaks.max(axis=0), out=reached)
