"""The built-in assessor answers for any documents, always the same, and quotes only what stands there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from extractors.lexical.priors import prior
from scoring.vocabulary import AgentKind, RiskFactor


@pytest.mark.parametrize("kind", list(AgentKind))
def test_every_kind_has_a_prior_in_tenths_for_every_factor(kind: AgentKind) -> None:
    for factor in RiskFactor:
        assert Decimal(0) <= prior(kind, factor) <= 1
        assert prior(kind, factor) * 10 % 1 == 0
