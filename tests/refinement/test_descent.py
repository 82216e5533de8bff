"""The descent: on a quadratic it finds the constrained minimum, and never a worse point."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from assistant.refinement.descent import Point, descend

CURVATURE = torch.tensor([1.0, 4.0, 2.0], dtype=torch.float64)
MINIMUM = torch.tensor([0.5, -0.3, 3.0], dtype=torch.float64)
BOX = (-torch.ones(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64))


def evaluate(place: Tensor) -> Point[Tensor]:
    distance = place - MINIMUM
    return Point(place, float((CURVATURE * distance * distance).sum()), distance)


def gradient(point: Point[Tensor]) -> Tensor:
    return 2.0 * CURVATURE * point.measured


def descended(steps: int) -> Point[Tensor]:
    start = evaluate(torch.zeros(3, dtype=torch.float64))
    return descend(evaluate, gradient, start, gradient(start), BOX, steps)


def test_the_minimum_in_the_box() -> None:
    expected = torch.tensor([0.5, -0.3, 1.0], dtype=torch.float64)
    torch.testing.assert_close(descended(40).place, expected, atol=0.1, rtol=0.0)


def test_more_steps_are_never_worse() -> None:
    values = [descended(steps).value for steps in range(10)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(evaluate(torch.zeros(3, dtype=torch.float64)).value)
    assert values[-1] < 0.5 * values[0]


def test_no_step_leaves_the_box() -> None:
    for steps in range(6):
        place = descended(steps).place
        assert bool(((place >= BOX[0]) & (place <= BOX[1])).all())
