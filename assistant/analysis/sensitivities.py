"""What small moves of a mix's settings do, as plain values: the quantities, the size of a small move, the figures.

A small move is 1 dB of a level, a third of an octave of a frequency, 10 % of a ratio, a time or a Q, and 0.1 of pan and
width. Switches have none.

Contents: ``QUANTITIES``, :func:`small_step`, :class:`Sensitivities`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.mix import ChannelSettings
from assistant.params import CHANNEL_NAMES, Param

#: The lowest third octave of brightness and the highest of the low end.
BRIGHT_HZ, LOW_HZ = 2_000.0, 200.0
#: What a move acts on, and its unit. Of the track, without its reverb: its loudness; its third octaves from
#: ``BRIGHT_HZ`` up over all of it; those up to ``LOW_HZ`` over all of it; right over left. Of the mix: the lead
#: over the rest; how far the others cover it; its third octaves off those of finished music; those from
#: ``BRIGHT_HZ`` up over all of them.
TRACK_QUANTITIES: dict[str, str] = {"loudness": "LU", "brightness": "dB", "low_end": "dB", "balance": "dB"}
MIX_QUANTITIES: dict[str, str] = {"lead": "LU", "masking": "dB", "tone": "dB", "mix_brightness": "dB"}
QUANTITIES: dict[str, str] = {**TRACK_QUANTITIES, **MIX_QUANTITIES}

_OCTAVES, _SHARE, _PLACE = 1.0 / 3.0, 0.1, 0.1


def small_step(param: Param, value: float) -> float:
    """A small move upwards from ``value``, in the parameter's unit, as wide as it is right there; NaN for a switch."""
    if param.curve == "toggle":
        return math.nan
    if param.unit == "dB":
        return 1.0
    if param.unit == "Hz":
        return value * _OCTAVES * math.log(2.0)
    return value * math.log1p(_SHARE) if param.curve == "log" else _PLACE


@dataclass(frozen=True)
class Sensitivities:
    """By how much a small move upwards changes each quantity: ``changes`` (N, P, Q), in the quantity's unit.

    N tracks in the order of ``settings``, where each stands, by name; P parameters in the order of ``CHANNEL_NAMES``, Q
    as in ``QUANTITIES``. Exact for ever smaller
    moves and scaled up to a whole one. 0 for a parameter that does nothing where it stands; NaN where there is nothing
    to measure: switches, tracks that are silent, parts of the spectrum a track does not reach, a mix without a lead.
    """

    settings: Mapping[str, ChannelSettings]
    changes: NDArray[np.float64] = field(compare=False)

    def of(self, track: str, param: str) -> Mapping[str, float]:
        """What a small move of ``param`` of ``track`` does, by quantity, where it can be measured.

        Raises ``KeyError`` for an unknown track or parameter.
        """
        places = dict(zip(self.settings, self.changes, strict=True))
        columns = dict(zip(CHANNEL_NAMES, places[track], strict=True))
        row = columns[param].tolist()
        return {name: value for name, value in zip(QUANTITIES, row, strict=True) if math.isfinite(value)}
