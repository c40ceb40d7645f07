"""No record of the agreement agents contradicts itself, by the built-in reader or by its recorded strong reading."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benches.evidence.contradictions import EXCLUDED, contradictions
from flows.assessment.assessment import Assessed
from flows.operations.local_record import assess_folder
from flows.settings import load
from scoring.vocabulary import Certainty


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
            assert not list(contradictions(record.extraction, record.assessment.risks)), folder.name


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
        found = list(contradictions(extraction, record.assessment.risks))
        assert any(str(fact) in each.claim and str(factor) in each.against for each in found), fact
