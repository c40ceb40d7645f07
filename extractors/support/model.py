"""The learned part: what it sees of a claim and its sentence, as named numbers, and the weights that are summed.

Idea: a logistic model, so that a verdict is a sum that can be shown. `benches/evidence/fit_support.py` fits it; this
module only adds. The topic table says what the sentence speaks of, how plainly, and how far that is from the claimed
value; the forms say what sort of sentence it is. Invariants: the same weights and features give the same bits, since
sums run in the order of the features; a name is made of our own words, claim ids and legal values, so that each weight
can be read, and no sentence can be rebuilt from the weights.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extractors.support.passage import DATA
from extractors.support.topics import FAR, Cue, CueMatch, distance
from scoring.errors import BadInput
from scoring.vocabulary import MaestroLayer, RiskFactor

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
        table = json.loads(file.read_text(encoding="utf-8"))
        return Model(table["weights"], float(table["bias"]), {k: float(v) for k, v in table["carries"].items()})
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"no usable weights: {error}", subject=file.name, step="read the support model") from error


_FACTORS, _LAYERS = frozenset(str(f) for f in RiskFactor), frozenset(str(layer) for layer in MaestroLayer)
NEAR = 2
"""Tenths within which two values of a factor count as the same reading."""


def kind_of_claim(claim: str) -> str:
    """`factor`, `layer` or `fact`."""
    return "factor" if claim in _FACTORS else "layer" if claim in _LAYERS else "fact"


def level(claim: str, value: str) -> str:
    """A factor's value as low, middle or high; any other value as it is."""
    if claim not in _FACTORS:
        return value
    tenths = round(float(value) * 10)
    return "low" if tenths <= 2 else "middle" if tenths <= 5 else "high"


def features(
    claim: str,
    value: str,
    known: str,
    found: Iterable[CueMatch],
    touched: Sequence[str],
    taken: Iterable[tuple[Cue, str]],
    shape: Iterable[str],
) -> list[tuple[str, float]]:
    """Named numbers. `known` is `stated` or `inferred`; a layer's status counts as stated. `taken`: the steps of
    reasoning that the sentence allows, to whatever value."""
    kind, rank = kind_of_claim(claim), level(claim, value)
    spoken = [(each, distance(each.cue, value)) for each in found if not each.denied]
    agreeing = [each for each, apart in spoken if apart == 0]
    others = [each for each, apart in spoken if apart > 0]
    plain = [each for each in agreeing if each.plain]
    least = min((apart for _, apart in spoken), default=FAR + 1)
    near = "agrees" if least == 0 else "near" if least <= NEAR else "far" if least <= FAR else "silent"
    step = min((distance(each, value) for each, _ in taken), default=None)
    numbers = [
        (f"kind {kind}", 1.0),
        (f"known {kind} {known}", 1.0),
        (f"claim {claim}", 0.7),
        (f"claim {claim} {rank}", 0.7),
    ]
    for reading in (near, "outright" if plain else "not outright"):
        numbers += [
            (f"{reading} {kind}", 1.0),
            (f"{reading} {kind} {known}", 0.7),
            (f"{reading} {claim}", 0.7),
            (f"{reading} {claim} {rank}", 0.7),
        ]
    numbers += [(f"touched {kind}", len(touched) / 4), (f"touched {claim}", len(touched) / 4)]
    if least > FAR and touched:
        numbers += [(f"only touched {kind} {known}", 1.0), (f"only touched {claim} {rank}", 0.7)]
    numbers += [
        (f"cues {kind}", min(len(agreeing), 3) / 3),
        (f"against {kind}", min(len(others), 3) / 3),
        (f"outright cues {kind}", min(len(plain), 3) / 3),
        (f"outright against {kind}", min(sum(each.plain for each in others), 3) / 3),
    ]
    if kind == "factor":
        tenths = float(value) * 10
        numbers.append(("centre factor", min((abs(tenths - each.cue.centre) for each, _ in spoken), default=8.0) / 5))
    for each in agreeing:
        numbers += [(f"{sort} {claim}: {each.cue.name}", 0.8) for sort in ("cue", "outright")[: 1 + each.plain]]
    for each in others:
        sorts = ("other", "outright other")[: 1 + each.plain]
        numbers += [(f"{sort} {claim} {rank}: {each.cue.name}", 0.8) for sort in sorts]
    if step is not None:
        reach = "agrees" if step == 0 else "near" if step <= NEAR else "other"
        numbers += [(f"step {reach} {kind}", 1.0), (f"step {reach} {claim}", 0.7)]
    for form in shape:
        numbers += [(f"form {form}", 0.6), (f"form {form} {kind}", 0.6), (f"form {form} {claim}", 0.4)]
    return numbers
