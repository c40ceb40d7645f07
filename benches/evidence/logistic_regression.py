"""Logistic regression (ridge, AdaGrad) in plain arithmetic, as `fit_support` and `fit_addresses` use it.

Invariant: the same rows in the same order give the same bits.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

Weights = dict[str, float]


class Row(NamedTuple):
    """One labelled example: its features with their values, and how much it counts."""

    features: Sequence[tuple[str, float]]
    label: bool
    worth: float = 1.0


class Descent(NamedTuple):
    """How the weights are fitted. `least`: no weight falls below it. `damping`: of the bias, how slowly it begins."""

    rounds: int
    step: float
    ridge: float
    bias: float = 0.0
    damping: float = 1e-6
    least: float = -math.inf


def fit(rows: Sequence[Row], descent: Descent) -> tuple[Weights, float]:
    """Weights by feature, and the bias. Rows are taken forwards and backwards in turn."""
    visits = Counter(name for row in rows for name, value in row.features if value)
    weights, squares = dict.fromkeys(visits, 0.0), dict.fromkeys(visits, 1e-2)
    bias, bias_square = descent.bias, descent.damping
    for turn in range(descent.rounds):
        for row in rows if turn % 2 == 0 else reversed(rows):
            odds = bias + sum(weights[name] * value for name, value in row.features if value)
            error = row.worth * (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - row.label)
            bias_square += error * error
            bias -= descent.step * error / math.sqrt(bias_square)
            for name, value in row.features:
                if value:
                    slope = error * value + descent.ridge / visits[name] * weights[name]
                    squares[name] += slope * slope
                    moved = weights[name] - descent.step * slope / math.sqrt(squares[name])
                    weights[name] = max(descent.least, moved)
    return weights, bias
