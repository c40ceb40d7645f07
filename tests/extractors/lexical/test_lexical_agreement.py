"""The floor holds on agents that were left out of the fit, and the stored numbers are those of the fit."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from benches import fit_lexical
from extractors.lexical.factor_values import fitted
from extractors.lexical.priors import exact_prior
from scoring.vocabulary import AgentKind, RiskFactor

ALWAYS_THE_MEAN, RIGHT_KIND_ALONE, BAR = 0.183, 0.165, 0.155
"""Mean absolute errors on the agreement set, as stated with it."""


@pytest.fixture(scope="module")
def every(shared: Path) -> list[fit_lexical.Agent]:
    return fit_lexical.agents(shared / "agreement")


def test_the_cross_validated_error_is_under_the_bar_and_under_knowing_the_kind(every: list[fit_lexical.Agent]) -> None:
    measured = fit_lexical.measured(every)
    assert measured["agents"] == 40
    assert measured["mae_train"] <= measured["mae_cross_validated"] <= 0.14 < BAR < RIGHT_KIND_ALONE < ALWAYS_THE_MEAN
    right, shown = measured["layers_right"]
    assert shown == 169
    assert right / shown >= 0.82


def test_the_stored_numbers_are_those_of_the_fit(every: list[fit_lexical.Agent]) -> None:
    model = fit_lexical.fit(every)
    assert json.loads(json.dumps(asdict(model.by))) == asdict(fitted())
    for kind in AgentKind:
        for factor in RiskFactor:
            assert float(exact_prior(kind, factor)) == pytest.approx(model.priors[kind][factor], abs=0.0051)
