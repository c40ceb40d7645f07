"""The learned part: weights by feature name, read from data, summed at run time.

Idea: a logistic model, so that a verdict is a sum that can be shown. `benches/evidence/fit_support.py` fits it; this
module only adds. Invariant: the same weights and features give the same bits, since sums run in the order of the
features.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extractors.support.passage import DATA
from scoring.errors import BadInput

WEIGHTS = DATA / "weights.json"
READER_WEIGHTS = DATA / "built_in_reader_weights.json"
"""For the built-in reader, which goes through every sentence: the bars and words of `built_in_reader_cues.toml` were
chosen by these, which an earlier table of features gave, so they change together only."""


class Model(NamedTuple):
    """Weights, and the thresholds of log odds above which a sentence carries a claim."""

    weights: Mapping[str, float]
    bias: float
    carries: Mapping[str, float]
    """By kind of claim and what has to be carried: `factor stated`, `fact inferred`, …"""

    def score(self, features: Iterable[tuple[str, float]]) -> float:
        """Log odds that a reader would say: these words carry the claim."""
        weights, total = self.weights, self.bias
        for name, number in features:
            total += weights.get(name, 0.0) * number
        return total


@cache
def fitted(file: Path = WEIGHTS) -> Model:
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
        return Model(given["weights"], float(given["bias"]), {k: float(v) for k, v in given["carries"].items()})
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"no usable weights: {error}", subject=file.name, step="read the support model") from error
