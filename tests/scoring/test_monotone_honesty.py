"""Taking evidence away never lowers the high end of a range, and never raises a certainty.

The low end never rises either, so a range that was given before bounds every range given after.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.formulas.table import PROFILES
from scoring.scores import Applicability, Provenance
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, RiskFactor
from tests.examples import examples

DIGEST = "sha256:" + "1" * 64
TENTHS = st.integers(0, 10).map(lambda n: f"{n / 10:.1f}")
PROVENANCE = Provenance(tool="assay 0", rubric="1", formula="any", prompt="assess@1", model="scripted")
NAMES = [*RiskFactor, *ExposureFact]


@st.composite
def known(draw: st.DrawFn) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Known factors, known facts, and an estimate for every factor; from bare to fully stated."""
    share = draw(st.integers(0, 10))
    factors = {f: draw(TENTHS) for f in RiskFactor if draw(st.integers(0, 10)) >= share}
    facts = {f: draw(st.sampled_from(EXPOSURE_VALUES[f])) for f in ExposureFact if draw(st.integers(0, 10)) >= share}
    return factors, facts, {f: draw(TENTHS) for f in RiskFactor}


@pytest.mark.slow
@examples(150)
@given(
    known(),
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=6),
    TENTHS,
    st.sampled_from(list(AgentKind)),
    st.sampled_from(list(PROFILES)),
    st.sampled_from(["stated", "inferred"]),
)
def test_taking_evidence_away(
    make: Any,
    claims: tuple[dict[str, str], dict[str, str], dict[str, str]],
    taken: set[str],
    estimate: str,
    kind: str,
    profile: str,
    certainty: str,
) -> None:
    """Over whole extractions, every kind, every profile: headline, metrics, ten risks, chains.

    A factor that loses its quote may get any other estimate; a fact that loses it has no value.
    """
    factors, facts, values = claims
    before = make(factors, facts, values=values, kind=kind, certainty=certainty)
    after = make(
        {f: v for f, v in factors.items() if f not in taken},
        {f: v for f, v in facts.items() if f not in taken},
        values=values | dict.fromkeys(taken & set(RiskFactor), estimate),
        kind=kind,
        certainty=certainty,
    )
    _never_less_open(before, after, profile)


@pytest.mark.slow
@examples(100)
@given(known(), st.sampled_from(list(AgentKind)), st.sampled_from(list(PROFILES)))
def test_a_weaker_certainty_never_looks_safer(make: Any, claims: Any, kind: str, profile: str) -> None:
    """The same claims, each merely inferred where it was stated."""
    factors, facts, values = claims
    stated, inferred = (make(factors, facts, values=values, kind=kind, certainty=c) for c in ("stated", "inferred"))
    _never_less_open(stated, inferred, profile)


def _never_less_open(before: Extraction, after: Extraction, profile: str) -> None:
    full, bare = (assess(extraction, DIGEST, PROVENANCE, profile) for extraction in (before, after))
    assert bare.headline.high >= full.headline.high
    assert bare.headline.low <= full.headline.low
    for old, new in zip(full.headline.metrics, bare.headline.metrics, strict=True):
        assert old.certain or not new.certain
    for old_row, new_row in zip(full.risks, bare.risks, strict=True):
        assert new_row.high >= old_row.high and new_row.low <= old_row.low
        assert new_row.evidence <= old_row.evidence
        assert new_row.applicability in (old_row.applicability, Applicability.UNKNOWN)
    certain = {chain.name for chain in full.chains if chain.certain}
    assert {chain.name for chain in bare.chains if chain.certain} <= certain


@given(known(), st.sampled_from(list(AgentKind)), st.sampled_from(list(PROFILES)), st.data())
def test_the_range_holds_whatever_the_unknowns_turn_out_to_be(
    make: Any, claims: Any, kind: str, profile: str, data: st.DataObject
) -> None:
    """Fill every unknown with anything: the score that comes out lies in the range given before."""
    factors, facts, values = claims
    open_score = assess(make(factors, facts, values=values, kind=kind), DIGEST, PROVENANCE, profile).headline
    full = make(
        {f: factors.get(f) or data.draw(TENTHS) for f in RiskFactor},
        {f: facts.get(f) or data.draw(st.sampled_from(EXPOSURE_VALUES[f])) for f in ExposureFact},
        kind=kind,
    )
    score = assess(full, DIGEST, PROVENANCE, profile).headline.score
    assert score is None or open_score.low <= score <= open_score.high


def test_an_incident_search_and_a_control_that_lose_their_quote(make: Any) -> None:
    """The two facts that lower `high`: without their quotes ThM is 1.00 and MF 1.00 at the high end."""
    facts = {fact: values[0] for fact, values in EXPOSURE_VALUES.items()} | {ExposureFact.READS: "limited"}
    factors = dict.fromkeys(RiskFactor, "0.9")
    facts |= {"incident": "searched_none_found", "control": "enforceable"}
    full = assess(make(factors, facts), DIGEST, PROVENANCE).headline
    for lost in ("incident", "control"):
        left = {fact: value for fact, value in facts.items() if fact != lost}
        assert assess(make(factors, left), DIGEST, PROVENANCE).headline.high > full.high
