"""Gains along REAPER's items: fades, and the envelopes of take volumes.

Not compared with REAPER itself, which is not at hand; what others measured of version 7.82 is taken, as said where it
stands. The seven shapes of fades and how long fades are: the AAADAW project's notes on item fades (2026; sample by
sample, within 5e-7). Shapes between the points of an envelope: measurements in a converter of projects for Cubase
(2026; within 0.0002 of a step, Bezier curves on the fader's scale within 0.004 dB). Of fades that REAPER before 7.81
bent by hand, no formula is known: ``FadeWords.is_certain``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from assistant.arrays import FloatArray
from protocols.reaper.project_text import Block, Words, number, whole_number

#: No envelope of REAPER's reaches higher.
HIGHEST_GAIN = 10 ** (24 / 20)
#: The top of REAPER's fader.
_FADER_TOP = 10 ** (12 / 20)
_BISECTIONS = 40
_HOLD, _BEZIER = 1, 5


@dataclass(frozen=True)
class FadeShape:
    """How a fade rises: bent by ``curvature`` (-1 late, 0 straight, 1 early), then into an S by ``bend`` -1 to 1.

    ``smooth`` instead is 3x^2 - 2x^3, ``sine`` a quarter of a sine wave.
    """

    curvature: float = 0.0
    bend: float = 0.0
    smooth: bool = False
    sine: bool = False

    def at(self, position: FloatArray) -> FloatArray:
        """Gains at ``position``, 0 where the fade is silent to 1 where it is over."""
        if self.smooth:
            return position * position * (3.0 - 2.0 * position)
        if self.sine:
            return np.sin(0.5 * math.pi * position)
        bent = _bent(position, self.curvature)
        if self.bend == 0.0:
            return bent
        first_half = bent < 0.5
        half = _bent(2.0 * np.where(first_half, bent, 1.0 - bent), -self.bend)
        return np.where(first_half, 0.5 * half, 1.0 - 0.5 * half)


#: REAPER's menu of shapes, by number; 6 is written 5.1 in files, 1.1 is its crossfade of equal power.
SHAPES: dict[float, FadeShape] = {
    0.0: FadeShape(0.0),
    1.0: FadeShape(0.5),
    2.0: FadeShape(-0.5),
    3.0: FadeShape(1.0),
    4.0: FadeShape(-1.0),
    5.0: FadeShape(smooth=True),
    6.0: FadeShape(bend=1.0),
    5.1: FadeShape(bend=1.0),
    1.1: FadeShape(sine=True),
}
#: Shapes that files say to be bent fully, in a fade-in (and the other way in a fade-out): so are they by themselves.
_OWN_BEND = {2.0: 1.0, 3.0: -1.0, 4.0: 1.0}


@dataclass(frozen=True)
class FadeWords:
    """What a ``FADEIN`` or ``FADEOUT`` line says; a fade of ``length_s`` 0 is none."""

    length_s: float
    shape: FadeShape
    is_certain: bool = True


def read_fade(words: Words, is_in: bool) -> FadeWords:
    """The fade in the words after ``FADEIN`` or ``FADEOUT``.

    They are: shape, length, length of the automatic crossfade (which counts where it is not 0), shape again, flag,
    curvature twice; since 7.81 also whether these count (0: the next two do), curvature, bend.
    """
    automatic_s = number(words, 2)
    length_s = max(automatic_s if automatic_s > 0.0 else number(words, 1), 0.0)
    if len(words) >= 10 and whole_number(words, 7, 1) == 0:
        curvature, bend = (max(-1.0, min(1.0, number(words, i))) for i in (8, 9))
        return FadeWords(length_s, FadeShape(curvature, bend))
    key = number(words, 0)
    is_known = key in SHAPES and key != 1.1
    own_bend = _OWN_BEND.get(key, 0.0) * (1.0 if is_in else -1.0)
    is_plain = number(words, 5) in (0.0, own_bend)
    return FadeWords(length_s, SHAPES.get(key, SHAPES[0.0]), length_s == 0.0 or (is_known and is_plain))


@dataclass(frozen=True)
class Fade:
    """A fade along a clip: its sample n lies at ``first + n * step`` of the fade's way from silence."""

    shape: FadeShape
    first: float
    step: float

    def gains(self, start: int, stop: int) -> FloatArray:
        """See :class:`protocols.arrangement.GainCurve`."""
        position = np.clip(self.first + self.step * np.arange(start, stop), 0.0, 1.0)
        return self.shape.at(position).astype(np.float32)


def fades_along(fade_in: FadeWords, fade_out: FadeWords, length: float, rate: int, lead: int) -> tuple[Fade, ...]:
    """The fades of an item of ``length`` samples at ``rate`` Hz, for a clip that begins ``lead`` samples into it.

    A fade-in is at most as long as the item, a fade-out has what is left of it; lengths are not rounded to samples.
    """
    length_in = min(fade_in.length_s * rate, length)
    length_out = min(fade_out.length_s * rate, length - length_in)
    fades = []
    if length_in > 0.0:
        fades.append(Fade(fade_in.shape, lead / length_in, 1.0 / length_in))
    if length_out > 0.0:
        fades.append(Fade(fade_out.shape, (length - lead) / length_out, -1.0 / length_out))
    return tuple(fades)


@dataclass(frozen=True)
class Point:
    """A point of an envelope: seconds, amplitude factor, and how it goes on from there."""

    time_s: float
    gain: float
    shape: int = 0
    tension: float = 0.0


@dataclass(frozen=True)
class Envelope:
    """A volume envelope along a clip that begins ``lead`` samples into its item, at ``rate`` Hz.

    With ``on_fader`` it goes from point to point on the scale of REAPER's fader, else in amplitude.
    """

    points: tuple[Point, ...]
    on_fader: bool
    rate: int
    lead: int = 0

    def gains(self, start: int, stop: int) -> FloatArray:
        """See :class:`protocols.arrangement.GainCurve`."""
        times, values = self._knots
        now = (np.arange(start, stop) + self.lead) / self.rate
        index = np.searchsorted(times, now, side="right") - 1
        heights = values[np.clip(index, 0, None)].copy()
        for segment in range(max(index[0], 0), min(index[-1], len(times) - 2) + 1):
            inside = index == segment
            way = (now[inside] - times[segment]) / (times[segment + 1] - times[segment])
            share = _way(self.points[segment], way, self.on_fader)
            heights[inside] += share * (values[segment + 1] - values[segment])
        return (fader_gain(heights) if self.on_fader else heights).astype(np.float32)

    @cached_property
    def _knots(self) -> tuple[FloatArray, FloatArray]:
        gains = np.array([point.gain for point in self.points])
        return np.array([point.time_s for point in self.points]), fader_height(gains) if self.on_fader else gains


def read_envelope(block: Block, rate: int) -> Envelope | None:
    """The envelope in a ``VOLENV`` block; None where it is switched off or has no points."""
    if whole_number(block.line("ACT"), 0, 1) == 0:
        return None
    points = [
        Point(
            number(words, 0),
            max(0.0, min(HIGHEST_GAIN, number(words, 1, 1.0))),
            whole_number(words, 2),
            max(-1.0, min(1.0, number(words, 6))),
        )
        for words in block.lines("PT")
    ]
    points.sort(key=lambda point: point.time_s)
    return Envelope(tuple(points), whole_number(block.line("VOLTYPE"), 0) == 1, rate) if points else None


def fader_gain(height: FloatArray) -> FloatArray:
    """The amplitude factor at ``height`` 0 to 1 of REAPER's fader, whose top is +12 dB.

    Derived from what REAPER's own DB2SLIDER answers (0 dB 716.2179, -6 dB 592.8483, -24 dB 313.2987, -60 dB 79.4823,
    -72 dB 50.1563 of 1000): half the top's gain times h^3 + h^6 meets all of them within the digits given.
    """
    cubed = height**3
    return 0.5 * _FADER_TOP * (cubed + cubed * cubed)


def fader_height(gain: FloatArray) -> FloatArray:
    """Where REAPER's fader stands for an amplitude factor; the inverse of :func:`fader_gain`."""
    return np.cbrt(0.5 * (np.sqrt(1.0 + 8.0 / _FADER_TOP * gain) - 1.0))


def _bent(position: FloatArray, curvature: float) -> FloatArray:
    """``position`` bent: below a half of ``curvature`` between x and x^2, above between x^2 and x^4."""
    if curvature > 0.0:
        return 1.0 - _bent(1.0 - position, -curvature)
    amount = -2.0 * curvature
    square = position * position
    if amount <= 1.0:
        return position + amount * (square - position)
    return square + (amount - 1.0) * (square * square - square)


def _way(point: Point, way: FloatArray, on_fader: bool) -> FloatArray:
    """How much of the step to the next point is done after ``way`` 0 to 1 of the time."""
    if point.shape == _HOLD:
        return np.zeros_like(way)
    if point.shape == 2:
        return way * way * (3.0 - 2.0 * way)
    if point.shape == 3:
        return 1.0 - (1.0 - way) ** 3
    if point.shape == 4:
        return way**3
    return _bezier(way, point.tension, on_fader) if point.shape == _BEZIER and point.tension else way


def _bezier(way: FloatArray, tension: float, on_fader: bool) -> FloatArray:
    """A cubic Bezier curve from (0, 0) to (1, 1): early for a negative ``tension``, late for a positive one."""
    if tension > 0.0:
        return 1.0 - _bezier(1.0 - way, -tension, on_fader)
    slack = 1.0 + tension
    x1, x2 = (0.25 * slack, 0.75 * slack) if slack else (0.0, 0.0)
    drop1, drop2 = (0.875, 0.125) if on_fader else (0.75, 0.25)
    low, high = np.zeros_like(way), np.ones_like(way)
    for _ in range(_BISECTIONS):
        middle = 0.5 * (low + high)
        is_before = _cubic(middle, x1, x2) < way
        low, high = np.where(is_before, middle, low), np.where(is_before, high, middle)
    return _cubic(0.5 * (low + high), 1.0 - drop1 * slack, 1.0 - drop2 * slack)


def _cubic(time: FloatArray, first: float, second: float) -> FloatArray:
    rest = 1.0 - time
    return 3.0 * rest * rest * time * first + 3.0 * rest * time * time * second + time**3
