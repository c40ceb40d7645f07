"""What the learned model sees of a claim and its sentence: named numbers, nothing else.

Idea: the topic table says what the sentence speaks of and how far the value is from it, the forms say what sort of
sentence it is, and word stems carry the rest. Invariant: names are our own words, claim ids, legal values and single
English stems, so that a weight can be read and no sentence can be rebuilt from the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from extractors.support.forms import forms
from extractors.support.passage import Passage, folded, stems
from extractors.support.topics import FAR, Said, distance, said, topics
from scoring.vocabulary import MaestroLayer, RiskFactor

_FACTORS, _LAYERS = frozenset(str(f) for f in RiskFactor), frozenset(str(layer) for layer in MaestroLayer)


def kind_of_claim(claim: str) -> str:
    return "factor" if claim in _FACTORS else "layer" if claim in _LAYERS else "fact"


def level(claim: str, value: str) -> str:
    """A factor's value as low, middle or high; any other value as it is."""
    if claim not in _FACTORS:
        return value
    tenths = round(float(value) * 10)
    return "low" if tenths <= 2 else "middle" if tenths <= 5 else "high"


def agreement(claim: str, value: str, text: str) -> tuple[list[Said], list[Said], int]:
    """Cues said that carry the value, cues said that carry another one, and the least distance in tenths."""
    found = [each for each in said(claim, text) if not each.denied]
    agreeing = [each for each in found if distance(each.cue, value) == 0]
    others = [each for each in found if distance(each.cue, value) > 0]
    return agreeing, others, min((distance(each.cue, value) for each in found), default=FAR + 1)


def features(claim: str, value: str, known: str, passage: Passage, product: str) -> dict[str, float]:
    """Sparse, in a fixed order of names. `known` is `stated` or `inferred`; a mapped layer is stated."""
    return dict(_features(claim, value, known, passage, product))


def _features(claim: str, value: str, known: str, passage: Passage, product: str) -> Iterator[tuple[str, float]]:
    kind, rank = kind_of_claim(claim), level(claim, value)
    text = folded(passage.sentence)
    agreeing, others, least = agreement(claim, value, text)
    near = "agrees" if least == 0 else "near" if least <= 2 else "far" if least <= FAR else "silent"
    yield f"kind {kind}", 1.0
    yield f"claim {claim}", 0.7
    yield f"claim {claim} {rank}", 0.7
    yield f"known {kind} {known}", 1.0
    yield f"{near} {kind}", 1.0
    yield f"{near} {kind} {known}", 0.7
    yield f"{near} {claim}", 0.7
    yield f"cues {kind}", min(len(agreeing), 3) / 3
    yield f"against {kind}", min(len(others), 3) / 3
    if kind == "factor":
        centre = min((abs(float(value) * 10 - (s.cue.low + s.cue.high) / 2) for s in (*agreeing, *others)), default=8.0)
        yield "centre factor", centre / 5
    plain = [each for each in agreeing if each.plain]
    outright = "outright" if plain else "not outright"
    yield f"{outright} {kind}", 1.0
    yield f"{outright} {kind} {known}", 0.7
    yield f"{outright} {claim} {rank}", 0.7
    yield f"outright cues {kind}", min(len(plain), 3) / 3
    yield f"outright against {kind}", min(sum(each.plain for each in others), 3) / 3
    for each in agreeing:
        if each.plain:
            yield f"outright {claim}: {each.cue.name}", 0.8
        yield f"cue {claim}: {each.cue.name}", 0.8
        yield f"early {kind}", 1 - each.at / max(len(text), 1)
    for each in others:
        yield f"other {claim} {rank}: {each.cue.name}", 0.8
        if each.plain:
            yield f"outright other {claim} {rank}: {each.cue.name}", 0.8
    if any(each.denied for each in said(claim, text)):
        yield f"denied {kind}", 1.0
    shape = forms(passage, product)
    for form in sorted(shape):
        yield f"form {form}", 0.6
        yield f"form {form} {kind}", 0.6
        yield f"form {form} {claim}", 0.4
    yield f"block {passage.kind} {kind}", 0.6
    if passage.own_instructions:
        yield f"own instructions {kind}", 0.6
    head = folded(passage.heading)
    if any(cue.pattern.search(head) for cue in topics()[claim]):
        yield f"heading speaks of it {kind}", 0.5
    words = stems(text)
    weight = 1 / math.sqrt(4 + len(set(words)))
    for word in sorted(set(words)):
        if not word.isdigit():
            yield f"word {word} {kind}", weight
            yield f"word {word} {claim}", weight
            if kind != "layer":
                yield f"word {word} {claim} {rank}", weight
