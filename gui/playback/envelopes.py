"""What a waveform shows: the envelope of a mix out of its tracks', brought to so many columns; and a ruler's marks.

Contents: :func:`mix_envelope`, :func:`in_columns`, :func:`ruler_step_s`, :func:`ruler_text`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gui.workshop.values import Overview

Floats = NDArray[np.float32]

#: Distances of a ruler's marks, in seconds.
_STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)


def mix_envelope(overview: Overview, gains: Mapping[str, float]) -> Floats:
    """The amplitude (F,) of all tracks together at ``gains`` (factors, 1 where none is named): their powers added."""
    factors = np.array([gains.get(name, 1.0) for name in overview.names], np.float32)
    return np.sqrt((factors**2) @ np.square(overview.rms)).astype(np.float32)


def in_columns(envelope: Floats, step_s: float, first_s: float, last_s: float, count: int) -> Floats:
    """The largest values (count,) of ``envelope`` between two times in ``count`` columns; 0 outside of it."""
    edges = (first_s + (last_s - first_s) / count * np.arange(count + 1)) / step_s
    starts = np.floor(edges[:-1] + 1e-9).astype(int)
    stops = np.maximum(np.ceil(edges[1:] - 1e-9).astype(int), starts + 1)
    inside = (starts >= 0) & (starts < len(envelope))
    columns = np.zeros(count, np.float32)
    if inside.any():
        pairs = np.column_stack([starts[inside], np.minimum(stops[inside], len(envelope))]).ravel()
        columns[inside] = np.maximum.reduceat(np.append(envelope, np.float32(0.0)), pairs)[::2]
    return columns


def ruler_step_s(span_s: float, most_marks: float) -> float:
    """The distance of a ruler's marks so that ``span_s`` has no more than ``most_marks``."""
    return next((step for step in _STEPS_S if span_s / step <= most_marks), _STEPS_S[-1])


def ruler_text(seconds: float, step_s: float) -> str:
    """``m:ss`` with as many decimals as marks ``step_s`` apart need."""
    decimals = max(0, math.ceil(-math.log10(step_s) - 1e-9))
    units = round(seconds * 10**decimals)
    minutes, rest = divmod(units, 60 * 10**decimals)
    whole, part = divmod(rest, 10**decimals)
    return f"{minutes}:{whole:02d}" + (f".{part:0{decimals}d}" if decimals else "")
