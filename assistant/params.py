"""The one parameter table of the console.

Everything that has to know a console parameter (the Faust controls, the tensor layout of the differentiable
console, sliders, OSC rows, LV2 symbols, report labels) derives it from the rows below. A parameter stands here once;
a second range or a hand-written index anywhere else is a defect.

Conventions: the unit is the suffix of the name (``_db``, ``_hz``, ``_ms``, ``_s``, ``_dbtp``); ``pan`` runs from
-1 (left) to +1 (right); ``width`` from 0 (mono) over 1 (as recorded) to 2 (side doubled). Defaults are neutral: a
channel at its defaults changes nothing but the constant-power pan of a mono track.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Curve = Literal["linear", "log", "toggle"]

_SLIPS = {
    "ms": "seconds?",
    "s": "milliseconds?",
    "Hz": "kHz?",
    "dB": "an amplitude factor?",
}


@dataclass(frozen=True)
class Param:
    """One console parameter.

    ``low`` and ``high`` bound the value in ``unit``; ``curve`` says how a control travels between them: evenly
    ("linear"), evenly per octave ("log") or in two positions ("toggle"). ``off_at_low`` marks gains whose lowest
    position is silence rather than a level.
    """

    name: str
    label: str
    section: str
    unit: str
    low: float
    high: float
    default: float
    curve: Curve = "linear"
    off_at_low: bool = False

    def check(self, value: object) -> float:
        """Return ``value`` as a float; raise ``ValueError`` with name, value, range and likely slip otherwise."""
        if isinstance(value, bool) and self.curve == "toggle":
            return float(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{self.name}={value!r}: expected a number in {self.range_text}")
        try:
            number = float(value)
        except OverflowError:  # an integer beyond 1e308
            number = math.inf
        if not math.isfinite(number):
            raise ValueError(f"{self.name}={value!r}: expected a finite number in {self.range_text}")
        if self.curve == "toggle" and number not in (0.0, 1.0):
            raise ValueError(f"{self.name}={value!r}: expected 0 (off) or 1 (on)")
        if not self.low <= number <= self.high:
            slip = _SLIPS.get(self.unit)
            hint = f"; {slip}" if slip else ""
            raise ValueError(f"{self.name}={value!r}: expected {self.range_text}{hint}")
        return number

    def clamp(self, value: float) -> float:
        """The nearest value inside the range; a toggle rounds to off or on."""
        inside = min(max(float(value), self.low), self.high)
        return float(inside >= 0.5) if self.curve == "toggle" else inside

    def to_unit(self, value: float) -> float:
        """Position 0..1 of ``value`` on the control's travel."""
        if self.curve == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def from_unit(self, position: float) -> float:
        """Value at ``position`` 0..1 of the control's travel; the inverse of :meth:`to_unit`."""
        if self.curve == "log":
            return self.low * (self.high / self.low) ** position
        return self.low + position * (self.high - self.low)

    @property
    def range_text(self) -> str:
        """The allowed range in words, such as ``0.1-200 ms``."""
        if self.curve == "toggle":
            return "0 or 1"
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


def _band(name: str, label: str, default_hz: float, default_q: float) -> tuple[Param, Param, Param]:
    return (
        Param(f"{name}_hz", f"{label} frequency", "eq", "Hz", 20.0, 20_000.0, default_hz, "log"),
        Param(f"{name}_gain_db", f"{label} gain", "eq", "dB", -15.0, 15.0, 0.0),
        Param(f"{name}_q", f"{label} Q", "eq", "", 0.3, 8.0, default_q, "log"),
    )


#: Q of a second-order Butterworth section; the neutral slope of high-pass and shelves.
BUTTERWORTH_Q = math.sqrt(0.5)

#: The EQ's bands in signal order: (prefix of the parameter names, filter shape).
EQ_BANDS: tuple[tuple[str, Literal["low_shelf", "peak", "high_shelf"]], ...] = (
    ("low_shelf", "low_shelf"),
    ("peak1", "peak"),
    ("peak2", "peak"),
    ("peak3", "peak"),
    ("high_shelf", "high_shelf"),
)

#: Laws of a mono track's panner, by name: constant power (-3 dB centre; the console's own), linear (-6 dB centre),
#: Ardour's ``panner_1in2out`` (-3 dB centre, another curve), balance (0 dB centre, the far side falls; REAPER's as
#: installed), and Live's (constant power, 0 dB centre, +3 dB at the ends; its stereo tracks', too). Not a parameter:
#: the DAW at hand decides it.
PAN_LAWS: tuple[str, ...] = ("constant_power", "linear", "ardour", "balance", "live")

CHANNEL_PARAMS: tuple[Param, ...] = (
    Param("trim_db", "Trim", "input", "dB", -48.0, 48.0, 0.0),
    Param("polarity_inverted", "Polarity", "input", "", 0.0, 1.0, 0.0, "toggle"),
    Param("highpass_on", "High-pass", "highpass", "", 0.0, 1.0, 0.0, "toggle"),
    Param("highpass_hz", "High-pass cutoff", "highpass", "Hz", 20.0, 400.0, 20.0, "log"),
    *_band("low_shelf", "Low shelf", 100.0, BUTTERWORTH_Q),
    *_band("peak1", "Low-mid", 300.0, 1.0),
    *_band("peak2", "Mid", 1_000.0, 1.0),
    *_band("peak3", "High-mid", 3_500.0, 1.0),
    *_band("high_shelf", "High shelf", 9_000.0, BUTTERWORTH_Q),
    Param("comp_threshold_db", "Threshold", "compressor", "dB", -60.0, 0.0, 0.0),
    Param("comp_ratio", "Ratio", "compressor", "", 1.0, 20.0, 1.0, "log"),
    Param("comp_attack_ms", "Attack", "compressor", "ms", 0.1, 200.0, 10.0, "log"),
    Param("comp_release_ms", "Release", "compressor", "ms", 10.0, 2_000.0, 120.0, "log"),
    Param("comp_knee_db", "Knee", "compressor", "dB", 0.0, 24.0, 6.0),
    Param("comp_makeup_db", "Make-up gain", "compressor", "dB", 0.0, 24.0, 0.0),
    Param("fader_db", "Fader", "fader", "dB", -60.0, 12.0, 0.0),
    Param("width", "Stereo width", "pan", "", 0.0, 2.0, 1.0),
    Param("pan", "Pan", "pan", "", -1.0, 1.0, 0.0),
    Param("send_db", "Reverb send", "send", "dB", -60.0, 6.0, -60.0, off_at_low=True),
)

REVERB_PARAMS: tuple[Param, ...] = (
    Param("reverb_predelay_ms", "Pre-delay", "reverb", "ms", 0.0, 150.0, 20.0),
    Param("reverb_decay_s", "Decay", "reverb", "s", 0.2, 8.0, 1.8, "log"),
    Param("reverb_damping_hz", "Damping", "reverb", "Hz", 1_000.0, 16_000.0, 6_000.0, "log"),
    Param("reverb_low_cut_hz", "Low cut", "reverb", "Hz", 20.0, 1_000.0, 150.0, "log"),
    Param("reverb_return_db", "Return", "reverb", "dB", -60.0, 12.0, 0.0, off_at_low=True),
)

MASTER_PARAMS: tuple[Param, ...] = (
    Param("master_gain_db", "Master gain", "master", "dB", -60.0, 60.0, 0.0),
    Param("limiter_ceiling_dbtp", "Ceiling", "master", "dBTP", -20.0, 0.0, -1.0),
    Param("limiter_release_ms", "Limiter release", "master", "ms", 10.0, 1_000.0, 100.0, "log"),
)

CHANNEL_NAMES: tuple[str, ...] = tuple(p.name for p in CHANNEL_PARAMS)
REVERB_NAMES: tuple[str, ...] = tuple(p.name for p in REVERB_PARAMS)

BY_NAME: dict[str, Param] = {p.name: p for p in (*CHANNEL_PARAMS, *REVERB_PARAMS, *MASTER_PARAMS)}


def db_to_amplitude(gain_db: float, param: Param | None = None) -> float:
    """10^(dB/20); 0 where ``param`` is off at its lowest position and ``gain_db`` stands there."""
    if param is not None and param.off_at_low and gain_db <= param.low:
        return 0.0
    return float(10.0 ** (gain_db / 20.0))
