"""Scale laws: how DAWs write the values of the parameter table. Each with its source and calibration points.

``to_wire`` takes a value of the table (dB, Hz, -1..1), ``from_wire`` gives it back; ``low`` and ``high`` say which
values of the table the DAW can hold, None where it holds all. Level laws meet silence: at or below ``low`` of a
parameter that is off there, and for -inf, both ways. No wire value raises, whatever a datagram says.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from assistant.params import Param
from assistant.plugins import PLUGINS


@dataclass(frozen=True)
class Law:
    """One scale law; ``points`` are (table value, wire value) pairs that its source states, ``tolerance`` in wire units
    is how far those were rounded there."""

    name: str
    to_wire: Callable[[float], float]
    from_wire: Callable[[float], float]
    source: str
    low: float | None = None
    high: float | None = None
    points: tuple[tuple[float, float], ...] = ()
    tolerance: float = 0.0


def slider(param: str) -> str:
    """The name of the law that writes ``param`` as 0..1, evenly over the table's range."""
    return f"slider {param}"


def _same(value: float) -> float:
    return value


def _slider(param: Param) -> Law:
    span = param.high - param.low
    return Law(
        slider(param.name),
        lambda value: (value - param.low) / span,
        lambda wire: param.low + wire * span,
        "evenly over the range that our plug-ins give the slider, whatever its curve here",
        param.low,
        param.high,
        ((param.low, 0.0), (param.high, 1.0)),
    )


# REAPER's level for silence: its own conversion of an amplitude of 0 to dB stops there.
_REAPER_SILENCE_DB = -150.0
_REAPER_OSC = "REAPER SDK, reaper-plugins/reaper_csurf/csurf_osc.cpp (J. Frankel, 2026)"


def _to_reaper_db(level_db: float) -> float:
    return max(level_db, _REAPER_SILENCE_DB)


def _from_reaper_db(wire: float) -> float:
    return wire if wire > _REAPER_SILENCE_DB else -math.inf


def _octaves(q: float) -> float:
    """Bandwidth of a peak filter, of the analogue one (R. Bristow-Johnson, "Cookbook formulae for audio EQ")."""
    return 2.0 / math.log(2.0) * math.asinh(0.5 / q)


def _q_of_octaves(octaves: float) -> float:
    exponent = min(max(octaves, 1e-6), 1_000.0) * math.log(2.0) / 2.0
    return 0.5 / math.sinh(exponent)


# Ardour's faders end where its setting "max-gain" puts them, at an amplitude of 2; below -192 dB it takes silence.
_ARDOUR_TOP_DB = 20.0 * math.log10(2.0)
_ARDOUR_SILENCE_DB = -200.0
_ARDOUR_SILENT_BELOW_DB = -192.0
_ARDOUR_OSC = "Ardour 7.3, libs/surfaces/osc/osc.cc"


def _to_ardour_db(level_db: float) -> float:
    return level_db if level_db >= _ARDOUR_SILENT_BELOW_DB else _ARDOUR_SILENCE_DB


def _from_ardour_db(wire: float) -> float:
    return wire if wire >= _ARDOUR_SILENT_BELOW_DB else -math.inf


def _to_ardour_position(level_db: float) -> float:
    return max(0.0, (6.0 * level_db / _ARDOUR_TOP_DB + 192.0) / 198.0) ** 8


def _from_ardour_position(wire: float) -> float:
    return (198.0 * wire**0.125 - 192.0) / 6.0 * _ARDOUR_TOP_DB if wire > 0.0 else -math.inf


def _to_quick_db(level_db: float) -> float:
    if level_db < _ARDOUR_SILENT_BELOW_DB:
        return _ARDOUR_SILENCE_DB
    octave = math.floor(level_db / _ARDOUR_TOP_DB)
    mantissa = 2.0 ** (level_db / _ARDOUR_TOP_DB - octave)
    return 20.0 / 3.3125 * (octave - 1.0 + (2.0 - mantissa / 3.0) * mantissa - 2.0 / 3.0)


def _from_quick_db(wire: float) -> float:
    if not wire >= _ARDOUR_SILENT_BELOW_DB:
        return -math.inf
    logarithm = min(wire, 1_000.0) * 3.3125 / 20.0
    octave = math.floor(logarithm)
    mantissa = 3.0 - math.sqrt(4.0 - 3.0 * (logarithm - octave))
    return (octave + math.log2(mantissa)) * _ARDOUR_TOP_DB


# One comb that decays as Ardour's a-Reverb does: its length, and its gain at a room size of 1.
_A_REVERB_COMB_S = 0.0828
_A_REVERB_GAIN = 0.7985


def _decay_of_size(size: float) -> float:
    gain = min(max(_A_REVERB_GAIN * size, 1e-6), 0.999)
    return -3.0 * _A_REVERB_COMB_S / math.log10(gain)


# Live's fader: straight above -18 dB, then a parabola, then what its display shows for the last stretch to silence.
_LIVE_MIXER = "Live 12's mixer, read off its display in steps of 3 dB (mantisbikr/fadebender, volume_utils, 2025)"
_LIVE_KNEE, _LIVE_KNEE_DB = 0.4, -18.0
_LIVE_SLOPE_DB, _LIVE_BEND_DB = 42.0, 200.0
_LIVE_TAIL = (
    (-60.0, 0.4 - (math.sqrt(42.0**2 + 800.0 * 42.0) - 42.0) / 400.0),
    (-63.0, 0.021345632),
    (-69.5, 0.001154),
)
_LIVE_SEND_DB = -6.0  # a send's knob is the fader's, 6 dB lower: it ends at 0 dB


def _to_live_fader(level_db: float) -> float:
    if level_db >= _LIVE_KNEE_DB:
        return 0.85 + level_db / 40.0
    if level_db >= _LIVE_TAIL[0][0]:
        root = math.sqrt(_LIVE_SLOPE_DB**2 + 4.0 * _LIVE_BEND_DB * (_LIVE_KNEE_DB - level_db))
        return _LIVE_KNEE - (root - _LIVE_SLOPE_DB) / (2.0 * _LIVE_BEND_DB)
    for (high_db, high), (low_db, low) in pairwise(_LIVE_TAIL):
        if level_db >= low_db:
            return low + (level_db - low_db) / (high_db - low_db) * (high - low)
    return 0.0


def _from_live_fader(wire: float) -> float:
    if wire >= _LIVE_KNEE:
        return 40.0 * (wire - 0.85)
    if wire >= _LIVE_TAIL[0][1]:
        below = _LIVE_KNEE - wire
        return _LIVE_KNEE_DB - _LIVE_SLOPE_DB * below - _LIVE_BEND_DB * below**2
    for (high_db, high), (low_db, low) in pairwise(_LIVE_TAIL):
        if wire >= low:
            return low_db + (wire - low) / (high - low) * (high_db - low_db)
    return -math.inf


def _log_scale(name: str, low: float, high: float, source: str) -> Law:
    octaves = math.log(high / low)
    return Law(
        name,
        lambda value: math.log(value / low) / octaves,
        lambda wire: low * math.exp(min(max(wire, -1.0), 2.0) * octaves),
        source,
        low,
        high,
        ((low, 0.0), (high, 1.0)),
    )


LAWS: dict[str, Law] = {
    law.name: law
    for law in (
        Law("identity", _same, _same, "the table's own unit"),
        *(_slider(param) for param in dict.fromkeys(p for plugin in PLUGINS for p in plugin.params)),
        Law(
            "reaper level",
            _to_reaper_db,
            _from_reaper_db,
            f"{_REAPER_OSC}: dB, -150 for silence; its faders end at +12 dB",
            low=-math.inf,
            high=12.0,
            points=((0.0, 0.0), (-6.0, -6.0), (12.0, 12.0), (-math.inf, _REAPER_SILENCE_DB)),
        ),
        Law(
            "pan from 0",
            lambda pan: 0.5 * (pan + 1.0),
            lambda wire: 2.0 * wire - 1.0,
            f"{_REAPER_OSC}: 0 is left, 0.5 the centre, 1 right",
            -1.0,
            1.0,
            ((-1.0, 0.0), (0.0, 0.5), (1.0, 1.0)),
        ),
        Law(
            "octaves",
            _octaves,
            _q_of_octaves,
            "R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients, 1/Q = 2 sinh(ln(2)/2 BW)",
            points=((1.414, 1.0), (0.667, 2.0), (math.sqrt(0.5), 1.9)),
            tolerance=5e-3,
        ),
        Law(
            "ardour level",
            _to_ardour_db,
            _from_ardour_db,
            f"{_ARDOUR_OSC}: dB, silence below -192; rc_configuration_vars.h: faders end at max-gain, 2.0",
            low=-math.inf,
            high=_ARDOUR_TOP_DB,
            points=((0.0, 0.0), (-6.0, -6.0), (-math.inf, _ARDOUR_SILENCE_DB)),
        ),
        Law(
            "ardour position",
            _to_ardour_position,
            _from_ardour_position,
            "Ardour 7.3, libs/pbd/pbd/control_math.h, gain_to_position: ((6 log2 g + 192) / 198)^8",
            low=-math.inf,
            high=_ARDOUR_TOP_DB,
            points=((_ARDOUR_TOP_DB, 1.0), (0.0, 0.781787), (-math.inf, 0.0)),
            tolerance=1e-6,
        ),
        Law(
            "ardour trim",
            _same,
            _same,
            "Ardour 7.3, libs/ardour/parameter_descriptor.cc, TrimAutomation: amplitudes of 0.1 to 10",
            low=-20.0,
            high=20.0,
        ),
        Law(
            "ardour quick level",
            _to_quick_db,
            _from_quick_db,
            f"{_ARDOUR_OSC} answers questions through libs/pbd/pbd/fastlog.h: a parabola per octave, over 3.3125",
            points=((0.0, 0.0), (_ARDOUR_TOP_DB, 20.0 / 3.3125), (-math.inf, _ARDOUR_SILENCE_DB)),
        ),
        Law(
            "pan from 1",
            lambda pan: 0.5 * (1.0 - pan),
            lambda wire: 1.0 - 2.0 * wire,
            "Ardour 7.3, libs/ardour/parameter_descriptor.cc: 1 is left, 0.5 the centre, 0 right",
            -1.0,
            1.0,
            ((-1.0, 1.0), (0.0, 0.5), (1.0, 0.0)),
        ),
        Law(
            "a-comp knee",
            lambda knee_db: knee_db / 6.0,
            lambda wire: 6.0 * wire,
            "Ardour 7.3, libs/plugins/a-comp.lv2/a-comp.c: the knee is 6 dB wide for each of its units, and 0.01 dB",
            points=((0.0, 0.0), (6.0, 1.0), (24.0, 4.0)),
        ),
        Law(
            "a-comp attack",
            _same,
            _same,
            "Ardour 7.3, libs/plugins/a-comp.lv2/a-comp.ttl: the same time constant as ours, 0.1 to 100 ms",
            low=0.1,
            high=100.0,
        ),
        Law(
            "a-reverb size",
            lambda decay_s: 10.0 ** (-_A_REVERB_COMB_S * 3.0 / decay_s) / _A_REVERB_GAIN,
            _decay_of_size,
            "Measured, a-Reverb of Ardour 7.3 at 44.1 and 48 kHz: decay from -5 to -35 dB, as of one comb, within 8 %",
            low=0.624,
            high=2.54,
            points=((0.671, 0.5), (0.788, 0.6), (0.983, 0.7), (1.218, 0.8), (1.661, 0.9), (2.73, 1.0)),
            tolerance=0.035,
        ),
        Law(
            "live fader",
            _to_live_fader,
            _from_live_fader,
            _LIVE_MIXER,
            low=-math.inf,
            high=6.0,
            points=(
                *((6.0, 1.0), (3.0, 0.92494243), (0.0, 0.85), (-6.0, 0.7), (-12.0, 0.54999989), (-18.0, 0.4)),
                *((-21.0, 0.34366381), (-24.0, 0.30241421), (-30.0, 0.23843887), (-36.0, 0.18703696)),
                *(
                    (-42.0, 0.1428816),
                    (-48.0, 0.10353591),
                    (-54.0, 0.06778648),
                    (-60.0, 0.03462363),
                    (-63.0, 0.02134563),
                ),
                (-math.inf, 0.0),
            ),
            tolerance=5e-4,
        ),
        Law(
            "live send",
            lambda level_db: _to_live_fader(level_db - _LIVE_SEND_DB),
            lambda wire: _from_live_fader(wire) + _LIVE_SEND_DB,
            f"{_LIVE_MIXER}: the fader's, 6 dB lower; 0 dB at 1 as measured by leico (TechnicalNote, Live/dbfs, 2017)",
            low=-math.inf,
            high=0.0,
            points=((0.0, 1.0), (-6.0, 0.85), (-math.inf, 0.0)),
        ),
        _log_scale(
            "eq eight frequency",
            10.0,
            22_000.0,
            "supposed: even per octave over the range that the device shows; what it shows is read back",
        ),
        _log_scale(
            "eq eight q",
            0.1,
            18.0,
            "supposed: even per octave over the range that the device shows; read back likewise",
        ),
    )
}
