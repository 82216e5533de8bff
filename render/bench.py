"""The measuring bench: mixes of one session rendered on its passages, in DawDreamer, and measured, again and again.

What a strip put out is kept with all that was measured of it, at 0 dB of its fader: moving a fader renders nothing but
the reverb, if the track feeds it; changing a strip renders that strip; passages in which the track is silent stay.

Several threads may use a bench: each of its measurements is made alone, in the order in which they were asked for.
"""

from __future__ import annotations

import math
import os
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import MixFacts, Span, TrackFacts
from assistant.analysis.levels import power_to_db
from assistant.analysis.loudness import gated_loudness
from assistant.analysis.masking import CELL_S, Masking, mask, playback_gain_db
from assistant.analysis.measure import Evidence, Measurement, gather, join_evidence, measurement_of
from assistant.analysis.reference import tone_deviations_db
from assistant.arrays import FloatArray
from assistant.mix import ChannelMix, ChannelSettings, Mix
from render.material import Material
from render.metering import MeteredStrip
from render.placing import Placed, place
from render.summing import Summing, fader_gain, keep, kept, send_gain, strip_key
from render.turns import Turns
from render.workers import Crew

#: A track plays in the 10 ms steps that are at most this far under its mean.
_PLAYING_LU = 10.0
_ROUNDING = 1e-9


class Bench:
    """Measures mixes of the tracks in ``material``; safe to use from several threads."""

    def __init__(self, material: Material, num_threads: int = os.cpu_count() or 1) -> None:
        self.material = material
        self._strips = Crew([MeteredStrip(material.sample_rate, material.pan_law) for _ in range(num_threads)])
        self._summing = Summing(material, num_threads)
        self._turns = Turns()
        self._placed: dict[str, OrderedDict[Hashable, Placed]] = {}
        self._measurements: dict[str, OrderedDict[Hashable, Measurement]] = {}

    @property
    def spans(self) -> tuple[Span, ...]:
        """The passages, on the session's time line."""
        return self.material.plan.spans

    def measure(self, mix: Mix) -> MixFacts:
        """All that is measured of ``mix``, whose channels must be the material's tracks."""
        self._check(mix)
        with self._turns:
            return self._measured(mix)

    def sums(self, mix: Mix, passages: Sequence[int] | None = None) -> list[FloatArray]:
        """The mix before the master in ``passages``, by number, or in all; ``(2, T)`` each, without the lead-in."""
        numbers = range(len(self.spans)) if passages is None else passages
        with self._turns:
            return self._summing.sums(mix, self._place(mix.channels), numbers)

    def piece(self, name: str, settings: ChannelSettings, passage: int) -> FloatArray:
        """One track's output ``(2, T)`` in one passage in which it sounds, without the lead-in; nothing is kept."""
        audio = self.material.pieces[name][passage]
        assert audio is not None
        with self._turns:
            (output,) = self._strips.run(lambda strip, _: strip.render(audio, settings)[0], [None])
        return output[:, self.material.lead_in :]

    def loudest(self, channel: ChannelMix) -> int | None:
        """The passage in which the track is loudest; None where it is silent in all."""
        with self._turns:
            return self._place([channel])[channel.name].loudest

    def placed(self, mix: Mix) -> dict[str, Placed]:
        """Every track of ``mix`` behind its strip, by name."""
        with self._turns:
            return self._place(mix.channels)

    def heard(self, mix: Mix) -> list[Evidence]:
        """What the measurement of ``mix`` comes from, passage by passage."""
        with self._turns:
            return [reading.evidence for reading in self._summing.read(mix, self._place(mix.channels))]

    def _measured(self, mix: Mix) -> MixFacts:
        placed = self._place(mix.channels)
        readings = self._summing.read(mix, placed)
        heard = [reading.evidence for reading in readings] or [_silence(self.material)]
        measurement = measurement_of(join_evidence(heard))
        folded_lufs = gated_loudness(np.concatenate([np.zeros(0), *(reading.folded for reading in readings)]))
        return MixFacts(
            mix=mix,
            measurement=measurement,
            tone_db=tone_deviations_db(measurement),
            mono_lu=_difference(folded_lufs, measurement.integrated_lufs),
            tracks=self._track_facts(mix, placed),
            masking=self._mask(mix, placed, measurement),
        )

    def _check(self, mix: Mix) -> None:
        if {channel.name for channel in mix.channels} != self.material.pieces.keys():
            raise ValueError("the mix is not of the session on the bench: their tracks differ")

    def _place(self, channels: Sequence[ChannelMix]) -> dict[str, Placed]:
        """Every channel's track behind its strip, rendered where it is not kept."""
        keys = {channel.name: strip_key(channel.settings) for channel in channels}
        missing = [c for c in channels if keys[c.name] not in self._placed.setdefault(c.name, OrderedDict())]

        def render(strip: MeteredStrip, channel: ChannelMix) -> Placed:
            return place(strip, self.material, channel.name, channel.settings)

        for channel, placed in zip(missing, self._strips.run(render, missing), strict=True):
            keep(self._placed[channel.name], keys[channel.name], placed)
        return {name: kept(self._placed[name], key) for name, key in keys.items()}

    def _track_facts(self, mix: Mix, placed: Mapping[str, Placed]) -> tuple[TrackFacts, ...]:
        powers = {c.name: fader_gain(c) ** 2 * placed[c.name].powers for c in mix.channels}
        everything = np.sum([powers[name] for name in sorted(powers)], axis=0) if powers else np.zeros(0)
        response = self._summing.response(mix.reverb)
        facts = []
        for channel in mix.channels:
            of_track, passage = placed[channel.name], placed[channel.name].loudest
            facts.append(
                TrackFacts(
                    name=channel.name,
                    measurement=self._measurement(channel, of_track),
                    over_rest_lu=_over_rest_lu(powers[channel.name], everything),
                    reverb_db=_reverb_db(of_track.heard, response, send_gain(channel)),
                    reduction=of_track.reduction if channel.settings["comp_ratio"] > 1.0 else None,
                    loudest=None if passage is None else self.spans[passage],
                    is_stereo=self.material.is_stereo(channel.name),
                )
            )
        return tuple(facts)

    def _measurement(self, channel: ChannelMix, placed: Placed) -> Measurement:
        """What the track measures at its fader."""
        store = self._measurements.setdefault(channel.name, OrderedDict())
        key = (strip_key(channel.settings), channel.settings["fader_db"])
        if key not in store:
            evidence = join_evidence(placed.heard) if placed.heard else _silence(self.material)
            keep(store, key, measurement_of(evidence.scaled(fader_gain(channel))))
        return kept(store, key)

    def _mask(self, mix: Mix, placed: Mapping[str, Placed], measurement: Measurement) -> Masking:
        scaled = [placed[c.name].excitation * np.float32(fader_gain(c) ** 2) for c in mix.channels]
        cells = np.concatenate([_cells_s(span) for span in self.spans] or [np.zeros(0)])
        gain_db = playback_gain_db(measurement.integrated_lufs)
        return mask([c.name for c in mix.channels], np.stack(scaled), cells, gain_db)


def _cells_s(span: Span) -> FloatArray:
    count = math.ceil((span.end_s - span.start_s) / CELL_S - _ROUNDING)
    return span.start_s + CELL_S * np.arange(count)


def _silence(material: Material) -> Evidence:
    return gather(np.zeros((2, 0), np.float32), material.sample_rate)


def _over_rest_lu(own: NDArray[np.float64], everything: NDArray[np.float64]) -> float:
    """Power of a track over that of the others in the steps in which it plays; ``-inf`` for silence, ``inf`` alone."""
    if not own.any():
        return -math.inf
    plays = own > own[own > own.max() * 1e-5].mean() * 10.0 ** (-_PLAYING_LU / 10.0)
    rest = float((everything - own)[plays].sum())
    total = float(own[plays].sum())
    return math.inf if rest <= _ROUNDING * total else power_to_db(total / rest)


def _reverb_db(heard: Sequence[Evidence], response: NDArray[np.float64], gain: float) -> float:
    """Power of a track's reverb over its own, wherever its fader stands; ``gain`` is its send's."""
    if not heard or not gain:
        return -math.inf
    powers = join_evidence(heard).band_powers
    return power_to_db(gain * gain * float(response @ powers) / float(powers.sum()))


def _difference(a_db: float, b_db: float) -> float:
    return a_db - b_db if math.isfinite(a_db) and math.isfinite(b_db) else 0.0
