"""Ardour's gain curves, evaluated as Ardour 7.3 does: fades, gain envelopes.

Source: libs/evoral/Curve.cc (``get_vector``, ``multipoint_eval``, ``solve``) and libs/pbd/pbd/control_math.h. Ardour
spreads the samples of the stretch that it reads evenly from its first to its *last + 1*: n samples are n - 1 steps
apart. A curve's values so depend a little on where the stretch ends, and so they do here.

Fades are "Curved": a constrained cubic spline (Kruger, *Constrained Cubic Spline Interpolation for Chemical Engineering
Applications*, 2003, eq. 7-16) through 2 to 33 points. Envelopes are "Exponential": even on the fader's travel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from assistant.arrays import FloatArray

Values = NDArray[np.float64]

#: GAIN_COEFF_SMALL: what Ardour's fades end on instead of silence.
SMALLEST_GAIN = 1e-7
#: Ardour's default fades: constant power, this many samples.
DEFAULT_FADE = 64
_FADE_STEPS = 32
_TINY = 1e-7  # TINY_NUMBER: keeps gains of zero on the fader
STYLES = ("Discrete", "Linear", "Curved", "Logarithmic", "Exponential")


@dataclass(frozen=True)
class Curve:
    """Gains through ``points`` (superclock from the curve's beginning, gain), in order; two clocks run at
    ``sample_rate`` and ``per_second``; ``style`` is one of ``STYLES``."""

    points: tuple[tuple[int, float], ...]
    style: str
    sample_rate: int
    per_second: int

    @property
    def length(self) -> int:
        """In samples, to the last point."""
        return self.points[-1][0] * self.sample_rate // self.per_second if self.points else 0

    def gains(self, start: int, stop: int) -> FloatArray:
        """The gains of samples ``start`` to ``stop``, read at one go, float32."""
        count = stop - start
        if count <= 0 or len(self.points) < 2:
            return np.full(max(count, 0), self.points[0][1] if self.points else 1.0, np.float32)
        first, last = self._superclock(start), self._superclock(stop)
        low, high = self.points[0][0], self.points[-1][0]
        if first > high or last < low:
            return np.full(count, self.points[-1 if first > high else 0][1], np.float32)
        out = np.empty(count, np.float32)
        before = int(count * ((low - first) / (last - first))) if first < low else 0
        after = min(int(count * ((last - high) / (last - first))), count - before) if last > high else 0
        out[:before], out[count - after :] = self.points[0][1], self.points[-1][1]
        places = _steps(float(max(low, first)), float(min(high, last)), count - before - after)
        out[before : count - after] = self._values(places)
        return out

    def _superclock(self, sample: int) -> int:
        return (2 * sample * self.per_second + self.sample_rate) // (2 * self.sample_rate)

    def _values(self, places: Values) -> Values:
        """The gains at ``places``, which lie between the first and the last point."""
        if len(self.points) > 2:
            places = np.floor(places)  # many points are looked up by whole superclocks
        times, gains, splines = _solved(self.points)
        right = np.clip(np.searchsorted(times, places), 1, len(times) - 1)
        left = right - 1
        old, new = gains[left], gains[right]
        span = times[right] - times[left]
        share = np.divide(places - times[left], span, out=np.ones_like(places), where=span > 0)
        if self.style == "Curved" and len(self.points) > 2:
            values = _polynomials(splines[right], places)
        elif self.style == "Exponential":
            values = _on_fader(old, new, share)
        elif self.style == "Logarithmic":
            values = _geometric(old, new, share)
        elif self.style == "Discrete":
            values = old
        else:
            values = old + (new - old) * share
        values = np.where((old == new) | ~np.isfinite(values), old + (new - old) * share, values)
        return np.where(places == times[right], new, np.where(places == times[left], old, values))


def _steps(first: float, last: float, count: int) -> Values:
    """``count`` places from ``first`` to ``last``, added up one step at a time, with the rounding that this has."""
    steps = np.full(count, (last - first) / (count - 1) if count > 1 else 0.0)
    if count:
        steps[0] = first
    return np.add.accumulate(steps)


def _polynomials(splines: Values, places: Values) -> Values:
    squares = places * places
    return splines[:, 0] + splines[:, 1] * places + splines[:, 2] * squares + splines[:, 3] * squares * places


def _on_fader(old: Values, new: Values, share: Values) -> Values:
    """Gains at ``share`` of the way between two positions of Ardour's fader, which ends at a gain of 2."""
    low, high = old + _TINY, new + _TINY
    a, b = (((6.0 * np.log2(gain) + 192.0) / 198.0) ** 8 for gain in (low, high))
    travel = a + share * (b - a)
    gains = 2.0 ** ((travel**0.125 * 198.0 - 192.0) / 6.0)
    return np.where(np.abs(high - low) < _TINY, high, gains)


def _geometric(old: Values, new: Values, share: Values) -> Values:
    with np.errstate(all="ignore"):
        return old * (new / old) ** share


@lru_cache(maxsize=256)
def _solved(points: tuple[tuple[int, float], ...]) -> tuple[Values, Values, Values]:
    """Times, gains, and for each point the coefficients of the cubic that leads to it, (points, 4), in powers of x."""
    x, y = np.array(points, np.float64).T
    splines = np.zeros((len(x), 4))
    if len(x) > 2:
        with np.errstate(all="ignore"):
            splines[1:] = _constrained_splines(x, y)
    return x, y, splines


def _constrained_splines(x: Values, y: Values) -> Values:
    width, rise = np.diff(x), np.diff(y)
    inverse = width / rise
    slopes = np.empty(len(x))
    # Between two segments the harmonic mean of their slopes, level where they turn; at the ends what the cubic asks.
    slopes[1:-1] = np.where(inverse[1:] * inverse[:-1] < 0, 0.0, 2.0 / (inverse[1:] + inverse[:-1]))
    slopes[0] = 3.0 * rise[0] / (2.0 * width[0]) - slopes[1] * 0.5
    slopes[-1] = 3.0 * rise[-1] / (2.0 * width[-1]) - slopes[-2] * 0.5
    last, now = slopes[:-1], slopes[1:]
    bend_left = -2.0 * (now + 2.0 * last) / width + 6.0 * rise / width**2
    bend_right = 2.0 * (2.0 * now + last) / width - 6.0 * rise / width**2
    before, at = x[:-1], x[1:]
    d = (bend_right - bend_left) / (6.0 * width)
    c = (at * bend_left - before * bend_right) / (2.0 * width)
    b = (rise - c * (at * at - before * before) - d * (at * at * at - before * before * before)) / width
    a = y[:-1] - b * before - c * (before * before) - d * (before * before * before)
    return np.stack((a, b, c, d), axis=1)


def default_fade_points(is_in: bool, superclock: Callable[[int], int]) -> tuple[tuple[int, float], ...]:
    """The points of a default fade, constant power (AudioRegion::set_fade_in); ``superclock`` is that of a sample."""
    shares = [np.float32(i) / np.float32(_FADE_STEPS + 1) for i in range(1, _FADE_STEPS)]
    turn = math.sin if is_in else math.cos
    inner = [(superclock(int(DEFAULT_FADE * share)), turn(float(share) * math.pi / 2.0)) for share in shares]
    ends = (SMALLEST_GAIN, 1.0) if is_in else (1.0, SMALLEST_GAIN)
    return ((0, ends[0]), *inner, (superclock(DEFAULT_FADE), ends[1]))


def mirrored(points: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    """``points`` in reverse, from the end on."""
    return tuple((points[-1][0] - time, gain) for time, gain in reversed(points))


@dataclass(frozen=True)
class Fade:
    """A fade at one end of a region: what it does to the region, and, the region being opaque, to what lies below."""

    own: Curve
    below: Curve
    is_active: bool

    @property
    def length(self) -> int:
        """In samples."""
        return self.own.length


@dataclass(frozen=True)
class OwnFades:
    """What the fades do to a region of ``length`` samples itself.

    Where they meet, Ardour fades what was faded in out as if it lay below, and adds the region faded out.
    """

    fade_in: Fade
    fade_out: Fade
    length: int
    opaque: bool

    def gains(self, start: int, stop: int) -> FloatArray:
        """As :meth:`protocols.arrangement.GainCurve.gains`."""
        out = np.ones(stop - start, np.float32)
        end = _clipped(self.fade_in.length, start, stop) if self.fade_in.is_active else start
        out[: end - start] = self.fade_in.own.gains(start, end)
        first = self.length - self.fade_out.length
        begin = _clipped(first, start, stop) if self.fade_out.is_active else stop
        tail, met = out[begin - start :], max(end - begin, 0)
        if met and self.opaque:
            tail[:met] *= self.fade_out.below.gains(begin - first, stop - first)[:met]
        tail[met:] = 0.0
        tail += self.fade_out.own.gains(begin - first, stop - first)
        return out


@dataclass(frozen=True)
class LowerFades:
    """What the fades of an opaque region of ``length`` samples do to what lies below: an inactive one covers it."""

    fade_in: Fade
    fade_out: Fade
    length: int

    def gains(self, start: int, stop: int) -> FloatArray:
        """As :meth:`protocols.arrangement.GainCurve.gains`."""
        out = np.ones(stop - start, np.float32)
        end = _clipped(self.fade_in.length, start, stop)
        out[: end - start] = self.fade_in.below.gains(start, end) if self.fade_in.is_active else 0.0
        first = self.length - self.fade_out.length
        begin = _clipped(first, start, stop)
        is_out = self.fade_out.is_active
        out[begin - start :] *= self.fade_out.below.gains(begin - first, stop - first) if is_out else 0.0
        return out


def _clipped(sample: int, start: int, stop: int) -> int:
    return min(max(sample, start), stop)
