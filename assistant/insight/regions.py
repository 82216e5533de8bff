"""Where on the frequency axis a filter works, and what a measured third-octave spectrum holds there.

Contents: :class:`Region`, :func:`filter_region`, :func:`region_level_db`, :func:`region_share`,
:func:`region_change_db`, :func:`weighted_level_db`, :func:`neighbourhood`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.levels import power_to_db
from assistant.analysis.measure import Measurement
from assistant.analysis.sections import Section
from assistant.engineers.filtering import response_db
from assistant.mix import ChannelSettings
from assistant.params import EQ_BANDS
from assistant.wording import frequency_text

_LOWEST_HZ, _HIGHEST_HZ = 20.0, 20_000.0
#: A bell is looked at over at least this many octaves to either side.
_LEAST_OCTAVES = 1.0 / 6.0
_SHAPES = dict(EQ_BANDS)


@dataclass(frozen=True)
class Region:
    """A stretch of frequencies in Hz, and in words: ``around 300 Hz``."""

    low_hz: float
    high_hz: float
    text: str


def filter_region(section: Section, settings: ChannelSettings) -> Region:
    """Where a high-pass or a band of the equaliser works: a bell between its half-gain points, a shelf on its side."""
    if section.name == "highpass":
        cutoff_hz = settings["highpass_hz"]
        return Region(_LOWEST_HZ, cutoff_hz, f"below {frequency_text(cutoff_hz)}")
    centre_hz, shape = settings[f"{section.name}_hz"], _SHAPES[section.name]
    if shape == "low_shelf":
        return Region(_LOWEST_HZ, centre_hz, f"below {frequency_text(centre_hz)}")
    if shape == "high_shelf":
        return Region(centre_hz, _HIGHEST_HZ, f"above {frequency_text(centre_hz)}")
    octaves = max(_LEAST_OCTAVES, math.asinh(0.5 / settings[f"{section.name}_q"]) / math.log(2.0))
    return Region(centre_hz * 2.0**-octaves, centre_hz * 2.0**octaves, f"around {frequency_text(centre_hz)}")


def region_level_db(measurement: Measurement, region: Region) -> float:
    """The level in the third octaves of ``region``, of the nearest one at least; ``-inf`` where nothing sounds."""
    return power_to_db(float(_powers(measurement)[_bands(measurement, region)].sum()))


def region_share(measurement: Measurement, region: Region) -> float:
    """The share of all power that lies in ``region``, 0..1; 0 where nothing sounds."""
    powers = _powers(measurement)
    total = float(powers.sum())
    return float(powers[_bands(measurement, region)].sum()) / total if total > 0.0 else 0.0


def region_change_db(measurement: Measurement, region: Region, old: ChannelSettings, new: ChannelSettings) -> float:
    """What going from the filters of ``old`` to those of ``new`` does to the power in ``region``, by calculation."""
    bands = _bands(measurement, region)
    powers, frequencies = _powers(measurement)[bands], np.array(measurement.third_octave_hz)[bands]
    if not powers.any():
        return 0.0
    gain_db = response_db(new, frequencies) - response_db(old, frequencies)
    return power_to_db(float((powers * 10.0 ** (gain_db / 10.0)).sum() / powers.sum()))


def weighted_level_db(mix: Measurement, track: Measurement) -> float:
    """The level of ``mix`` per third octave, the mean by how much of ``track``'s power lies in each; in dB."""
    shares, levels_db = _powers(track), np.array(mix.third_octave_db)
    counts = (shares > 0.0) & np.isfinite(levels_db)
    return float((shares[counts] * levels_db[counts]).sum() / shares[counts].sum()) if counts.any() else -math.inf


def neighbourhood(region: Region) -> tuple[Region, Region]:
    """The octave below a region, and that above."""
    return Region(region.low_hz / 2.0, region.low_hz, ""), Region(region.high_hz, region.high_hz * 2.0, "")


def _powers(measurement: Measurement) -> NDArray[np.float64]:
    return np.power(10.0, np.array(measurement.third_octave_db) / 10.0)


def _bands(measurement: Measurement, region: Region) -> NDArray[np.bool_]:
    frequencies = np.array(measurement.third_octave_hz)
    inside = (frequencies >= region.low_hz) & (frequencies <= region.high_hz)
    if not inside.any():
        inside[np.argmin(np.abs(np.log(frequencies / math.sqrt(region.low_hz * region.high_hz))))] = True
    return inside
