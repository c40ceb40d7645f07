"""No record of the agreement agents contradicts itself; one that does is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benches.evidence.bench_contradictions import EXCLUDED, contradictions, records
from flows.night.assessment import Assessed
from scoring.vocabulary import Certainty

EVERY = 4
"""The bench reads them all."""


@pytest.mark.slow
def test_no_record_contradicts_itself(shared: Path) -> None:
    folders = [path for path in sorted((shared / "agreement").iterdir()) if path.is_dir()]
    for folder in folders[::EVERY]:
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
