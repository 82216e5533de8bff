"""Mixes summed and read passage by passage, where anything in the passage has changed.

Sums are taken anew each time, in the order of the names, so that no rounding gathers and the tracks' order does not
count. Kept are the reverb's returns and the readings, of two mixes.

Contents: :class:`Summing`, :class:`Reading`; the gains of a channel: :func:`fader_gain`, :func:`send_gain`;
:func:`strip_key`, :func:`keep`, :func:`kept`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.loudness import weighted_powers
from assistant.analysis.measure import Evidence, gather
from assistant.arrays import FloatArray
from assistant.mix import BusSettings, ChannelMix, ChannelSettings, Mix
from assistant.params import BY_NAME, db_to_amplitude
from render.engine import FaustProgram
from render.material import Material
from render.placing import Placed
from render.reverberation import reverb_response_powers
from render.workers import Crew

V = TypeVar("V")
#: How many values of one thing are kept: of the mix before and of the one after.
_KEPT = 2


@dataclass(frozen=True)
class Reading:
    """One passage of a mix: its evidence, and the K-weighted powers per 10 ms of its mono fold on both channels."""

    evidence: Evidence
    folded: NDArray[np.float64]


@dataclass(frozen=True)
class _Passage:
    """One passage of one mix: the channels whose tracks sound in it."""

    number: int
    channels: Sequence[ChannelMix]
    reverb: BusSettings

    @property
    def feed(self) -> Hashable:
        """All that the reverb's return depends on; None where nothing is sent to it, or it is closed."""
        feeding = [c for c in self.channels if fader_gain(c) * send_gain(c)]
        if not feeding or not _return_gain(self.reverb):
            return None
        return self.reverb, frozenset((c.name, fader_gain(c) * send_gain(c), strip_key(c.settings)) for c in feeding)

    @property
    def key(self) -> Hashable:
        """All that its sum depends on."""
        return self.feed, frozenset((c.name, fader_gain(c), strip_key(c.settings)) for c in self.channels)


class Summing:
    """Sums and reads mixes of the tracks in ``material`` on ``num_threads`` threads; one mix at a time."""

    def __init__(self, material: Material, num_threads: int) -> None:
        rate, passages = material.sample_rate, material.plan.spans
        self._material = material
        self._buses = Crew([FaustProgram("reverb.dsp", "process", 2, rate) for _ in range(num_threads)])
        self._returns: list[OrderedDict[Hashable, FloatArray]] = [OrderedDict() for _ in passages]
        self._readings: list[OrderedDict[Hashable, Reading]] = [OrderedDict() for _ in passages]
        self._responses: OrderedDict[Hashable, NDArray[np.float64]] = OrderedDict()

    def read(self, mix: Mix, placed: Mapping[str, Placed]) -> list[Reading]:
        """Every passage of ``mix``, whose tracks are ``placed``, without its lead-in."""
        passages = self._passages(mix)
        missing = [p for p in passages if p.key not in self._readings[p.number]]

        def read(program: FaustProgram, passage: _Passage) -> Reading:
            audio = self._render(program, passage, placed)
            powers = weighted_powers(audio.mean(axis=0, keepdims=True), self._material.sample_rate)
            return Reading(gather(audio, self._material.sample_rate, is_excerpt=True), 2.0 * powers)

        for passage, reading in zip(missing, self._buses.run(read, missing), strict=True):
            keep(self._readings[passage.number], passage.key, reading)
        return [kept(self._readings[p.number], p.key) for p in passages]

    def sums(self, mix: Mix, placed: Mapping[str, Placed], numbers: Sequence[int]) -> list[FloatArray]:
        """The passages ``numbers`` of ``mix`` before the master, ``(2, T)`` each, without the lead-in."""
        passages = self._passages(mix)
        wanted = [passages[number] for number in numbers]
        return list(self._buses.run(lambda program, passage: self._render(program, passage, placed), wanted))

    def response(self, settings: BusSettings) -> NDArray[np.float64]:
        """How much of the power in each third octave the bus gives back."""
        if settings not in self._responses:
            rate = self._material.sample_rate
            (found,) = self._buses.run(lambda bus, _: reverb_response_powers(bus, settings, rate), [None])
            keep(self._responses, settings, found)
        return kept(self._responses, settings)

    def _passages(self, mix: Mix) -> list[_Passage]:
        pieces = self._material.pieces
        return [
            _Passage(i, [c for c in mix.channels if pieces[c.name][i] is not None], mix.reverb)
            for i in range(len(self._material.plan.spans))
        ]

    def _render(self, program: FaustProgram, passage: _Passage, placed: Mapping[str, Placed]) -> FloatArray:
        gains = {c.name: fader_gain(c) for c in passage.channels}
        total = self._sum(passage.number, placed, gains)
        feed, returns = passage.feed, self._returns[passage.number]
        if feed is not None:
            if feed not in returns:
                sends = {c.name: fader_gain(c) * send_gain(c) for c in passage.channels}
                program.set_controls(passage.reverb)
                send = self._sum(passage.number, placed, sends)
                keep(returns, feed, program.render(send, send.shape[1]))
            total += kept(returns, feed)
        return total[:, self._material.lead_in :]

    def _sum(self, number: int, placed: Mapping[str, Placed], gains: Mapping[str, float]) -> FloatArray:
        """Tracks at their gains, with the lead-in."""
        total = np.zeros((2, self._material.lead_in + self._material.lengths[number]), np.float32)
        scaled = np.empty_like(total)
        for name in sorted(gains):
            audio = placed[name].audio[number]
            if audio is not None and gains[name]:
                total += np.multiply(audio, np.float32(gains[name]), out=scaled)
        return total


def fader_gain(channel: ChannelMix) -> float:
    """The fader as an amplitude factor."""
    return db_to_amplitude(channel.settings["fader_db"])


def send_gain(channel: ChannelMix) -> float:
    """The post-fader send as an amplitude factor; 0 where it is off."""
    return db_to_amplitude(channel.settings["send_db"], BY_NAME["send_db"])


def _return_gain(settings: BusSettings) -> float:
    return db_to_amplitude(settings["reverb_return_db"], BY_NAME["reverb_return_db"])


def strip_key(settings: ChannelSettings) -> ChannelSettings:
    """What of ``settings`` changes the strip's output at 0 dB of its fader."""
    return settings.with_values(fader_db=0.0, send_db=BY_NAME["send_db"].low)


def keep(store: OrderedDict[Hashable, V], key: Hashable, value: V) -> None:
    """Put ``value`` into ``store``, and the one longest unused out of it where there are too many."""
    store[key] = value
    if len(store) > _KEPT:
        store.popitem(last=False)


def kept(store: OrderedDict[Hashable, V], key: Hashable) -> V:
    """The value at ``key``, which counts as used."""
    store.move_to_end(key)
    return store[key]
