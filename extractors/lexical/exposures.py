"""Exposure facts that the documents state, with their sentence; the rest is unknown.

Idea: a fact of the cue tables names the values that follow from it, the first one directly, the others by
inference. Invariant: where several values are stated clearly the worse one is taken, except where only one can
hold (where it runs, who approves, who sets it up): there the clearest one is.
"""

from __future__ import annotations

from extractors.lexical.estimate import cited
from extractors.lexical.reading import NOT_OFTEN_QUOTED, Reading, Stated
from extractors.reply import ExposureReply, Known
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact

CLEAR = 0.4
"""Strength from which a statement counts."""
UNLIKELY = 0.2
_CHANGING = ("changes_records", "destroys", "moves_money", "manages_infrastructure", "writes_files", "runs_code")
"""A product that does one of these has no "nothing", whatever a mode of it allows."""
_ONE_HOLDS = frozenset({ExposureFact.RUNS_AT, ExposureFact.APPROVAL, ExposureFact.SET_UP_BY, ExposureFact.ISOLATION})


def exposures(reading: Reading, name: str) -> list[ExposureReply]:
    return [_exposure(fact, reading, name) for fact in ExposureFact]


def _changes_something(reading: Reading) -> bool:
    return any(i in reading and reading[i].strength > UNLIKELY for i in _CHANGING)


def _exposure(fact: ExposureFact, reading: Reading, name: str) -> ExposureReply:
    best: tuple[float, int, Stated] | None = None
    for stated in reading.values():
        values = stated.fact.exposure if stated.strength > 0 else stated.fact.contrary_exposure
        value = values.get(fact)
        if value == "nothing" and _changes_something(reading):
            continue
        clarity = abs(stated.strength) * (2 if stated.strength < 0 else 1)
        if value is None or clarity < CLEAR or stated.hit.passage.kind in NOT_OFTEN_QUOTED:
            continue
        severity = EXPOSURE_VALUES[fact].index(value)
        rank = (clarity, severity) if fact in _ONE_HOLDS else (severity, clarity)
        if best is None or rank > best[:2]:
            best = (*rank, stated)
    if best is None:
        return ExposureReply(fact=fact, value="", known=Known.UNKNOWN, rationale="", document="", quote="")
    stated = best[2]
    values = stated.fact.exposure if stated.strength > 0 else stated.fact.contrary_exposure
    directly = next(iter(values)) is fact and stated.plain
    says = stated.fact.says if stated.strength > 0 else f"says of itself that it is not so that it {stated.fact.says}"
    return ExposureReply(
        fact=fact,
        value=values[fact],
        known=Known.STATED if directly else Known.INFERRED,
        rationale=f"{name} {says}.",
        **cited(stated.hit.passage),
    )
