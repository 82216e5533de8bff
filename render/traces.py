"""Readings over time, thinned to what a picture shows, and laid out on the session's time line.

Contents: :class:`Trace`, :func:`thin_peaks`, :func:`line_up`, :func:`runs`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.analysis.facts import Span
from assistant.arrays import FloatArray

#: Points that a passage has at most.
MOST_POINTS = 400
#: Passages that are less apart than this follow on one another.
_GAP_S = 1e-6


@dataclass(frozen=True)
class Trace:
    """Readings ``values`` (R,) in one passage: the first ``first_s`` after its start, then one every ``step_s``."""

    first_s: float
    step_s: float
    values: NDArray[np.float32]


def thin_peaks(readings: FloatArray, step_s: float, most: int = MOST_POINTS) -> Trace:
    """The highest of each stretch of ``readings`` (R,), one every ``step_s``, at its middle; ``most`` at most."""
    stretch = max(1, math.ceil(len(readings) / most))
    starts = np.arange(0, len(readings), stretch)
    peaks = np.maximum.reduceat(readings, starts) if len(starts) else readings
    return Trace(0.5 * (stretch - 1) * step_s, stretch * step_s, peaks.astype(np.float32))


def line_up(traces: Sequence[Trace | None], spans: Sequence[Span]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Times in seconds and values (R,) of one trace per passage of ``spans``.

    A NaN parts passages that do not follow on one another, and stands for a passage without a trace.
    """
    times: list[FloatArray] = [np.zeros(0)]
    values: list[FloatArray] = [np.zeros(0)]
    for number, (trace, span) in enumerate(zip(traces, spans, strict=True)):
        if trace is None or (number and not _follows(spans[number - 1], span)):
            times.append(np.array([span.start_s]))
            values.append(np.array([math.nan]))
        if trace is not None:
            times.append(span.start_s + trace.first_s + trace.step_s * np.arange(len(trace.values)))
            values.append(trace.values)
    return np.concatenate(times).astype(np.float32), np.concatenate(values).astype(np.float32)


def runs(spans: Sequence[Span]) -> Iterator[range]:
    """The numbers of passages that follow on one another, run by run."""
    first = 0
    for number in range(1, len(spans) + 1):
        if number == len(spans) or not _follows(spans[number - 1], spans[number]):
            yield range(first, number)
            first = number


def _follows(one: Span, other: Span) -> bool:
    """Whether ``other`` begins where ``one`` ends."""
    return abs(other.start_s - one.end_s) < _GAP_S
