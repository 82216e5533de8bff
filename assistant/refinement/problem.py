"""The goals as functions of the moves inside the trust region: levels, objective and gradients, passage by passage.

Every passage is rendered without gradients first; the goals' derivatives by all levels follow; then each passage is
rendered again, alone in memory, to carry them back to the settings. So the gradient is exact though a goal speaks of
all passages together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from assistant.refinement.descent import Point
from assistant.refinement.goals import Cast, Goal
from assistant.refinement.rendering import Levels, PreparedPassage, join, render
from assistant.refinement.trust import TrustRegion
from assistant.tasks import Cancelled, IsCancelled

#: What a move by a whole radius costs, where being a decibel outside a goal's window costs 1.
TRUST_WEIGHT = 2.0


@dataclass(frozen=True)
class Problem:
    """Passages, what may move, the bus's settings (1, P), the cast and the goals that apply."""

    passages: tuple[PreparedPassage, ...]
    region: TrustRegion
    reverb: Tensor
    cast: Cast
    goals: tuple[Goal, ...]
    is_cancelled: IsCancelled

    def levels(self, settings: Tensor) -> list[Levels]:
        """Levels per passage at ``settings`` (N, P), without gradients; raises :class:`Cancelled`."""
        with torch.no_grad():
            return [self._render(passage, settings) for passage in self.passages]

    def evaluate(self, moves: Tensor) -> Point[list[Levels]]:
        """The objective at ``moves`` (M,): the goals' losses, and the price of moving."""
        levels = self.levels(self.region.settings(moves))
        value = float(self._goals_loss(join(levels))) + TRUST_WEIGHT * float(moves @ moves)
        return Point(moves, value, levels)

    def gradient(self, point: Point[list[Levels]]) -> Tensor:
        """Derivative (M,) of the objective at ``point``."""
        return self._derivatives(point, [self._goals_loss])[0] + 2.0 * TRUST_WEIGHT * point.place

    def goal_gradients(self, point: Point[list[Levels]]) -> Tensor:
        """Derivatives (G, M) of every goal's weighted loss at ``point``."""
        return self._derivatives(point, [partial(_weighted, goal, self.cast) for goal in self.goals])

    def _goals_loss(self, levels: Levels) -> Tensor:
        return torch.stack([_weighted(goal, self.cast, levels) for goal in self.goals]).sum()

    def _derivatives(self, point: Point[list[Levels]], losses: Sequence[Callable[[Levels], Tensor]]) -> Tensor:
        wanted = [_by_levels(loss, point.measured) for loss in losses]
        out = torch.zeros(len(losses), len(point.place), dtype=torch.float64)
        for i, passage in enumerate(self.passages):
            moves = point.place.clone().requires_grad_()
            parts = self._render(passage, self.region.settings(moves)).parts()
            for row, by_level in zip(out, wanted, strict=True):
                (grad,) = torch.autograd.grad(parts, moves, by_level[i], retain_graph=True)
                row += grad
        return out

    def _render(self, passage: PreparedPassage, settings: Tensor) -> Levels:
        if self.is_cancelled():
            raise Cancelled("cancelled while refining")
        return render(passage, settings, self.reverb)


def _weighted(goal: Goal, cast: Cast, levels: Levels) -> Tensor:
    return goal.weight * goal.loss(levels, cast)


def _by_levels(loss: Callable[[Levels], Tensor], measured: Sequence[Levels]) -> list[tuple[Tensor, ...]]:
    """The derivative of ``loss`` by the levels of each passage, zeros where it does not depend on them."""
    leaves = [Levels(*(part.detach().clone().requires_grad_() for part in one.parts())) for one in measured]
    flat = [part for one in leaves for part in one.parts()]
    found = torch.autograd.grad(loss(join(leaves)), flat, allow_unused=True)
    grads = [torch.zeros_like(part) if grad is None else grad for part, grad in zip(flat, found, strict=True)]
    return [(grads[i], grads[i + 1], grads[i + 2]) for i in range(0, len(grads), 3)]
