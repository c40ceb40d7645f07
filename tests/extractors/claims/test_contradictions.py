"""No record of the agreement agents contradicts itself, by the built-in reader or by its recorded strong reading.

Idea: what is known of one thing excludes what may be known of another; a risk that does not apply rests on something
known; a text says of its claim what was decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from flows.night.assessment import Assessed
from flows.operations.local_record import assess_folder
from flows.settings import load
from scoring.risks.core_risks import RULES
from scoring.scores import Applicability
from scoring.vocabulary import Certainty, ExposureFact, LayerStatus, RiskFactor

HIGH, LOW = Decimal("0.7"), Decimal("0.2")
OPENS = "Not certain from the listing"
EXCLUDED: tuple[tuple[ExposureFact, str, RiskFactor, bool], ...] = (
    (ExposureFact.APPROVAL, "each_action", RiskFactor.AUTONOMY_OF_ACTION, True),
    (ExposureFact.APPROVAL, "unattended", RiskFactor.AUTONOMY_OF_ACTION, False),
    (ExposureFact.CHANGES, "nothing", RiskFactor.DYNAMIC_TOOL_USE, True),
    (ExposureFact.CHANGES, "broad", RiskFactor.DYNAMIC_TOOL_USE, False),
    (ExposureFact.EXECUTES, "nothing", RiskFactor.SELF_MODIFICATION, True),
    (ExposureFact.EXECUTES, "arbitrary_code", RiskFactor.DYNAMIC_TOOL_USE, False),
)
"""A known fact with the known factor that it excludes: a high value where true, a low one where not."""


def contradictions(assessed: Assessed) -> Iterator[str]:
    """Each contradiction within one record, in words."""
    extraction = assessed.extraction
    facts = {claim.fact: claim.value for claim in extraction.exposure if claim.certainty is not Certainty.NOT_CERTAIN}
    factors = {
        claim.factor: claim.value for claim in extraction.factors if claim.certainty is not Certainty.NOT_CERTAIN
    }
    for fact, value, factor, high in EXCLUDED:
        known = factors.get(factor)
        if facts.get(fact) == value and known is not None and (known >= HIGH if high else known <= LOW):
            yield f"{fact} is {value} and {factor} is {known}"
    autonomy = extraction.factor(RiskFactor.AUTONOMY_OF_ACTION)
    asks = autonomy.support is not None and "asks first" in autonomy.support.why
    if asks and factors.get(autonomy.factor, HIGH) <= LOW and ExposureFact.APPROVAL not in facts:
        yield "it asks a person, and whether one approves is not known"
    rules = {rule.risk: rule for rule in RULES}
    for row in assessed.assessment.risks:
        rests_on = {*rules[row.risk].facts, *rules[row.risk].factors}
        if row.applicability is Applicability.DOES_NOT_APPLY and not rests_on & {*facts, *factors}:
            yield f"{row.risk} does not apply, and nothing that decides it is known"
    for layer in extraction.layers:
        if (layer.status is LayerStatus.NOT_CERTAIN) != layer.text.startswith(OPENS):
            yield f"{layer.layer} is {layer.status} and its text says otherwise"


def records(folder: Path) -> Iterator[Assessed]:
    """The record of an agent by the built-in reader, and by its recorded reading."""
    yield assess_folder(folder, load())
    reading = folder.parents[1] / "agreement-replies" / f"{folder.name}.json"
    if reading.exists():
        yield assess_folder(folder, load(), reply=reading)


@pytest.mark.slow
def test_no_record_contradicts_itself(shared: Path) -> None:
    folders = [path for path in sorted((shared / "agreement").iterdir()) if path.is_dir()]
    for folder in folders:
        for record in records(folder):
            assert not list(contradictions(record)), folder.name


def test_a_record_that_contradicts_itself_is_told(shared: Path) -> None:
    record = next(records(shared / "agreement" / "plexeai"))
    for fact, value, factor, high in EXCLUDED:

        def opposed(claim: Any, own: Any, known: Any) -> Any:
            update = {"value": known, "certainty": Certainty.INFERRED}
            return claim.model_copy(update=update) if own else claim

        extraction = record.extraction.model_copy(
            update={
                "exposure": tuple(opposed(c, c.fact is fact, value) for c in record.extraction.exposure),
                "factors": tuple(opposed(c, c.factor is factor, 1 if high else 0) for c in record.extraction.factors),
            }
        )
        found = list(contradictions(Assessed(*record)._replace(extraction=extraction)))
        assert any(str(fact) in each and str(factor) in each for each in found), fact
