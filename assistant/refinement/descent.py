"""Projected gradient descent in a box, with few and costly evaluations.

Spectral projected gradient (Birgin, Martinez, Raydan, "Nonmonotone spectral projected gradient methods on convex sets",
SIAM J. Optim. 10, 2000): steps of Barzilai and Borwein's length, projected on the box. Here monotone: a point that is
not better is left for a shorter step from the best one, and its gradient, the costly half, is never asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

_FIRST_MOVE, _SHORTER = 0.4, 0.3
#: Moves smaller than this, and improvements by a smaller share of the objective, are not worth a step.
_WORTH_MOVE, _WORTH_SHARE = 1e-3, 1e-3

S = TypeVar("S")


class Point(Generic[S]):
    """A point (M,), the objective there, and what was measured on the way, from which the gradient follows."""

    def __init__(self, place: Tensor, value: float, measured: S) -> None:
        self.place, self.value, self.measured = place, value, measured


def descend(
    evaluate: Callable[[Tensor], Point[S]],
    gradient: Callable[[Point[S]], Tensor],
    start: Point[S],
    slope: Tensor,
    box: tuple[Tensor, Tensor],
    steps: int,
) -> Point[S]:
    """The best point found from ``start``, whose gradient is ``slope``, within ``box``, by ``steps`` evaluations.

    Each objective is asked for once and each gradient at most once. The first step moves the most pressing coordinate
    by 0.4.
    """
    best, length = start, _FIRST_MOVE / max(float(slope.abs().max()), 1e-12)
    for step in range(steps):
        place = torch.clamp(best.place - length * slope, *box)
        if float((place - best.place).abs().max()) < _WORTH_MOVE:
            break
        point = evaluate(place)
        if point.value >= best.value:
            length *= _SHORTER
            continue
        before, gain = best, best.value - point.value
        best = point
        if gain < _WORTH_SHARE * before.value or step == steps - 1:
            break
        old_slope, slope = slope, gradient(best)
        moved = best.place - before.place
        curvature = float(moved @ (slope - old_slope))
        length = float(moved @ moved) / curvature if curvature > 0.0 else 2.0 * length
    return best
