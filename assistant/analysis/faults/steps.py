"""The pass over a track's samples: what every 10 ms holds.

Contents: :class:`Steps`, :func:`take_steps`; :func:`grouped` brings 10 ms to longer windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from assistant.analysis.loudness import STEPS_PER_S, k_weighting

#: Filter memory below this amplitude is forgotten, before it decays into slow denormals.
_SETTLED = 1e-15

FloatMatrix = NDArray[np.float64]


@dataclass(frozen=True)
class Steps:
    """Mean, power and K-weighted power ``(C, S)`` of each whole 10 ms of a track; ``edges`` ``(S + 1,)`` in samples."""

    edges: NDArray[np.int64]
    means: FloatMatrix
    powers: FloatMatrix
    weighted: FloatMatrix


def take_steps(audio: NDArray[np.float32], sample_rate: int) -> Steps:
    """:class:`Steps` of ``audio`` ``(C, T)`` at ``sample_rate`` Hz; a last piece shorter than 10 ms is left out."""
    count = audio.shape[1] * STEPS_PER_S // sample_rate
    edges = np.arange(count + 1) * sample_rate // STEPS_PER_S
    sums = _sums(audio, edges) / np.diff(edges)
    weighted = _weighted(audio[0], audio[-1], edges, *k_weighting(sample_rate)) / np.diff(edges)
    return Steps(edges, sums[:, 0], sums[:, 1], weighted[: len(audio)])


def grouped(rows: FloatMatrix, steps: int) -> FloatMatrix:
    """Means of ``rows`` ``(C, S)`` over every ``steps`` successive steps: ``(C, S // steps)``."""
    whole = rows.shape[1] // steps
    return rows[:, : whole * steps].reshape(len(rows), whole, steps).mean(axis=2)


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _sums(audio: NDArray[np.float32], edges: NDArray[np.int64]) -> FloatMatrix:
    """Sum and sum of squares ``(C, 2, S)``; float32 is exact enough for the few hundred samples of a step."""
    rows = np.zeros((len(audio), 2, len(edges) - 1))
    for c in range(len(audio)):
        for s in range(len(edges) - 1):
            total = square = np.float32(0.0)
            for sample in audio[c, edges[s] : edges[s + 1]]:
                total += sample
                square += sample * sample
            rows[c, 0, s], rows[c, 1, s] = total, square
    return rows


@numba.njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract", "reassoc", "nsz"})
def _weighted(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    edges: NDArray[np.int64],
    shelf: FloatMatrix,
    cut: FloatMatrix,
) -> FloatMatrix:
    """K-weighted energies ``(2, S)``; both channels in one loop, because each waits for its own last sample."""
    b0, b1, b2, a1, a2 = shelf[0], shelf[1], shelf[2], shelf[4], shelf[5]
    c1, c2 = cut[4], cut[5]
    rows = np.zeros((2, len(edges) - 1))
    pl = ql = ul = vl = pr = qr = ur = vr = 0.0
    for s in range(len(edges) - 1):
        energy_l = energy_r = 0.0
        if abs(pl) + abs(ql) + abs(ul) + abs(vl) + abs(pr) + abs(qr) + abs(ur) + abs(vr) < _SETTLED:
            pl = ql = ul = vl = pr = qr = ur = vr = 0.0
        piece_l, piece_r = left[edges[s] : edges[s + 1]], right[edges[s] : edges[s + 1]]
        for t in range(len(piece_l)):
            x, y = float(piece_l[t]), float(piece_r[t])
            lifted_l, lifted_r = b0 * x + pl, b0 * y + pr
            pl, pr = b1 * x - a1 * lifted_l + ql, b1 * y - a1 * lifted_r + qr
            ql, qr = b2 * x - a2 * lifted_l, b2 * y - a2 * lifted_r
            heard_l, heard_r = lifted_l + ul, lifted_r + ur
            ul, ur = vl - 2.0 * lifted_l - c1 * heard_l, vr - 2.0 * lifted_r - c1 * heard_r
            vl, vr = lifted_l - c2 * heard_l, lifted_r - c2 * heard_r
            energy_l += heard_l * heard_l
            energy_r += heard_r * heard_r
        rows[0, s], rows[1, s] = energy_l, energy_r
    return rows
