"""How well probabilities foretell: logistic regression, left-out folds, calibration curves, and scores.

Conventions: ``numbers`` (n, F) what the model goes by, ``is_right`` (n,) bool; a fold (a song, a quarter of the
sessions) is predicted by a model that was fitted on all others.

Contents: :class:`Fitted`, :func:`fit_logistic`, :func:`predict_left_out`, :func:`curve`, :func:`calibration_error`,
:func:`brier`, :func:`is_better`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Pulls the weights, of numbers with deviation 1, towards 0, in cases: worth about this many on either side.
RIDGE = 2.0
STEPS = 50
#: Bins of a curve hold at least this many cases.
LEAST_IN_BIN = 12
BINS = 5


@dataclass(frozen=True)
class Fitted:
    """Log odds ``bias + numbers @ weights``, and between which values each number was seen, (F, 2)."""

    bias: float
    weights: np.ndarray
    ranges: np.ndarray

    def predict(self, numbers: np.ndarray) -> np.ndarray:
        """Probabilities (n,) for (n, F); a number outside its range stands at its end."""
        held = np.clip(numbers, self.ranges[:, 0], self.ranges[:, 1])
        return 1.0 / (1.0 + np.exp(-(self.bias + held @ self.weights)))


def fit_logistic(numbers: np.ndarray, is_right: np.ndarray) -> Fitted:
    """Logistic regression by Newton's method with a ridge; half a case of either kind is added, as after Jeffreys.

    Without numbers (n, 0) it is the plain share.
    """
    middle, deviation = numbers.mean(0), np.maximum(numbers.std(0), 1e-9)
    rows = np.column_stack([np.ones(len(numbers)), (numbers - middle) / deviation])
    rows = np.vstack([rows, np.eye(1, rows.shape[1]), np.eye(1, rows.shape[1])])
    targets = np.concatenate([is_right.astype(float), [1.0, 0.0]])
    counts = np.concatenate([np.ones(len(numbers)), [0.5, 0.5]])
    pull = np.diag([0.0] + [RIDGE] * numbers.shape[1])
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        shares = 1.0 / (1.0 + np.exp(-rows @ weights))
        slope = rows.T @ (counts * (targets - shares)) - pull @ weights
        bend = (rows * (counts * shares * (1.0 - shares))[:, None]).T @ rows + pull
        weights += np.linalg.solve(bend, slope)
    scaled = weights[1:] / deviation
    ranges = np.stack([numbers.min(0), numbers.max(0)], axis=1)
    return Fitted(float(weights[0] - scaled @ middle), scaled, ranges)


def predict_left_out(numbers: np.ndarray, is_right: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Probabilities (n,), those of each fold by the model of all other folds."""
    predicted = np.empty(len(numbers))
    for fold in np.unique(folds):
        out = folds == fold
        predicted[out] = fit_logistic(numbers[~out], is_right[~out]).predict(numbers[out])
    return predicted


def curve(predicted: np.ndarray, is_right: np.ndarray, bins: int = BINS) -> list[tuple[float, float, int]]:
    """(mean predicted, share observed, count) of up to ``bins`` groups of equal size, from doubtful to sure."""
    bins = max(1, min(bins, len(predicted) // LEAST_IN_BIN))
    groups = np.array_split(np.argsort(predicted, kind="stable"), bins)
    return [(float(predicted[g].mean()), float(is_right[g].mean()), len(g)) for g in groups]


def calibration_error(points: list[tuple[float, float, int]]) -> float:
    """Expected calibration error: mean |predicted - observed| over the bins, weighted by their counts."""
    counts = [count for _, _, count in points]
    return float(np.average([abs(said - seen) for said, seen, _ in points], weights=counts))


def brier(predicted: np.ndarray, is_right: np.ndarray) -> float:
    """Mean squared error of the probabilities: 0.25 for ever saying one half."""
    return float(np.mean(np.square(predicted - is_right)))


def is_better(predicted: np.ndarray, other: np.ndarray, is_right: np.ndarray) -> bool:
    """Whether ``predicted`` has a Brier score less than ``other``'s by more than one standard error, case by case.

    The rule of one standard error: Breiman et al., *Classification and Regression Trees*, 1984, section 3.4.3.
    """
    gains = np.square(other - is_right) - np.square(predicted - is_right)
    return bool(gains.mean() > gains.std() / np.sqrt(len(gains)))
