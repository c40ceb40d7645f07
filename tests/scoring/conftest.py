"""Made-up extractions for the scoring tests."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from scoring.claims import Evidence, ExposureClaim, Extraction, FactorEstimate, LayerAssessment, Summary
from scoring.scores import Provenance
from scoring.vocabulary import AgentKind, ExposureFact, LayerStatus, MaestroLayer, NotCertainReason, RiskFactor

QUOTE = Evidence(text_digest="sha256:" + "0" * 64, url="https://example.org/", start=0, end=8, quote="It does.")

Make = Callable[..., Extraction]


def make_extraction(
    factors: Mapping[str, str] | None = None,
    facts: Mapping[str, str] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    kind: str = "agent",
    certainty: str = "stated",
    **more: Any,
) -> Extraction:
    """`factors` and `facts` are known, each with a quote; all else is not certain. `values`: estimates of unknowns."""
    factors, facts, values = factors or {}, facts or {}, values or {}

    def claim(known: bool) -> dict[str, Any]:
        if known:
            return {"certainty": certainty, "evidence": (QUOTE,)}
        return {"certainty": "not_certain", "reason": "not_stated"}

    return Extraction(
        slug="pathfinder",
        name="Pathfinder",
        kind=AgentKind(kind),
        summary=Summary(text="Pathfinder finds paths."),
        factors=tuple(
            FactorEstimate(factor=f, value=factors.get(f) or values.get(f) or "0.4", **claim(f in factors))
            for f in RiskFactor
        ),
        layers=tuple(
            LayerAssessment(
                layer=layer,
                status=LayerStatus.NOT_CERTAIN,
                reason=NotCertainReason.NOT_STATED,
                text="Not certain from the listing: not stated.",
            )
            for layer in MaestroLayer
        ),
        exposure=tuple(ExposureClaim(fact=f, value=facts.get(f), **claim(f in facts)) for f in ExposureFact),
        assessor="scripted",
        prompt="assess@1",
        **more,
    )


@pytest.fixture(scope="session")
def make() -> Make:
    return make_extraction


@pytest.fixture(scope="session")
def quote() -> Evidence:
    return QUOTE


@pytest.fixture(scope="session")
def provenance() -> Provenance:
    return Provenance(tool="assay 0", rubric="1", formula="aivss-0.8-listing", prompt="assess@1", model="scripted")
