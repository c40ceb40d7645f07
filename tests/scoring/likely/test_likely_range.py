"""The likely range: within the possible one, one point where all is known, pointwise higher for a riskier class."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.reference_classes import current
from scoring.factor_estimates import Estimates, estimates
from scoring.formulas.table import HEADLINE, PROFILES, profile_named
from scoring.headline import score_bounds
from scoring.likely import likely_range
from scoring.likely.likely_range import CASES, case_scores, likely
from scoring.likely.reference_class import FEWEST, ReferenceClass, Unknown, values_of
from scoring.vocabulary import EXPOSURE_VALUES, PUBLISHED_FACTORS, AgentKind, ExposureFact, RiskFactor
from tests.examples import examples

Make = Callable[..., Any]
UNKNOWNS: tuple[Unknown, ...] = (*RiskFactor, *ExposureFact)
KINDS = st.sampled_from(list(AgentKind))


@st.composite
def views(draw: st.DrawFn) -> Estimates:
    """What may be known of a product, from nothing to all."""
    share = draw(st.integers(0, 10))

    def hidden() -> bool:
        return draw(st.integers(0, 9)) < share

    facts = {fact: draw(st.sampled_from(EXPOSURE_VALUES[fact])) for fact in ExposureFact if not hidden()}
    unknown = frozenset(factor for factor in RiskFactor if hidden())
    factors = {factor: Decimal(draw(st.integers(0, 10))).scaleb(-1) for factor in RiskFactor}
    return Estimates(draw(KINDS), factors, unknown, facts)


@st.composite
def classes(draw: st.DrawFn) -> ReferenceClass:
    """Counts of a few unknowns; the others are not counted at all."""
    counts: dict[Unknown, dict[AgentKind, dict[str, int]]] = {}
    for unknown in draw(st.sets(st.sampled_from(UNKNOWNS), max_size=8)):
        values = st.dictionaries(st.sampled_from(values_of(unknown)), st.integers(1, 30), max_size=4)
        counts[unknown] = draw(st.dictionaries(KINDS, values, max_size=3))
    return ReferenceClass("made", counts, Fraction(draw(st.integers(0, 10)), 10))


@pytest.mark.slow
@examples(80)
@given(views(), classes(), st.sampled_from(list(PROFILES)))
def test_the_likely_range_lies_within_the_possible_one(view: Estimates, made: ReferenceClass, profile: str) -> None:
    formula = PROFILES[profile]
    ends = likely(view, formula, made)
    low, high = (run(view, formula).figures.aivss for run in (score_bounds.safest, score_bounds.worst))
    assert low <= ends.low <= ends.high <= high
    assert ends == likely(view, formula, made)


@examples(40)
@given(views(), classes(), st.sampled_from(list(PROFILES)))
def test_each_case_is_the_score_of_a_product_that_is_known_to_be_so(
    view: Estimates, made: ReferenceClass, profile: str
) -> None:
    """However sums are kept and shared: every case has the score of its own values."""
    scores = list(case_scores(view, PROFILES[profile], made))
    columns = {unknown: likely_range._values(made, view.kind, unknown) for unknown in UNKNOWNS}
    for case in range(0, CASES, 50):
        facts = {fact: view.facts.get(fact) or columns[fact][case] for fact in ExposureFact}
        factors = {
            factor: Decimal(columns[factor][case]) if factor in view.unknown else view.factors[factor]
            for factor in RiskFactor
        }
        known = view._replace(facts=facts, factors=factors, unknown=frozenset())
        assert scores[case] == 10 * score_bounds.estimated(known, PROFILES[profile]).figures.aivss


@given(views(), classes(), st.sampled_from(list(PROFILES)))
def test_what_is_known_is_one_point(view: Estimates, made: ReferenceClass, profile: str) -> None:
    known = view._replace(facts=view.headline_facts(), unknown=frozenset())
    score = score_bounds.estimated(known, PROFILES[profile]).figures.aivss
    assert likely(known, PROFILES[profile], made) == (score, score)


@pytest.mark.slow
@given(views(), classes(), st.sampled_from(UNKNOWNS), st.integers(FEWEST, 60))
def test_a_riskier_class_gives_no_lower_range(
    view: Estimates, made: ReferenceClass, unknown: Unknown, more: int
) -> None:
    """More products with the worst value of one unknown, and none with a safer one taken away."""
    counted = made.counts.get(unknown, {})
    if not made.speaks_of(unknown):
        counted = {view.kind: dict.fromkeys(values_of(unknown)[:1], FEWEST)}
    before = ReferenceClass("before", {**made.counts, unknown: counted}, made.together)
    mine = Counter(counted.get(view.kind, {})) + Counter({values_of(unknown)[-1]: more})
    after = ReferenceClass("after", {**made.counts, unknown: {**counted, view.kind: mine}}, made.together)
    profile = profile_named(HEADLINE)
    lower, upper = (sorted(case_scores(view, profile, each)) for each in (before, after))
    assert all(a <= b for a, b in zip(lower, upper, strict=True))


@pytest.mark.parametrize("kind", AgentKind)
@pytest.mark.parametrize("together", ["0", "1/3", "1"])
def test_each_value_is_met_as_often_as_its_weight_says(kind: AgentKind, together: str) -> None:
    made = ReferenceClass("made", current().counts, Fraction(together))
    for unknown in UNKNOWNS:
        met = Counter(likely_range._values(made, kind, unknown))
        slack = 1 if together != "1/3" else 0.1 * CASES  # two columns, each stratified, share the cases
        for value, weight in zip(values_of(unknown), made.weights(kind, unknown), strict=True):
            assert abs(met[value] - weight * CASES) <= slack, (unknown, value)


def test_too_few_values_take_the_whole_span() -> None:
    """Nine products that are all alike say nothing; with ten they do, and the span is no longer even."""
    few, enough = (
        ReferenceClass("made", {ExposureFact.CONTROL: {AgentKind.AGENT: {"enforceable": count}}}, Fraction(0))
        for count in (FEWEST - 1, FEWEST)
    )
    assert few.weights(AgentKind.AGENT, ExposureFact.CONTROL) == (Fraction(1, 2),) * 2
    assert enough.weights(AgentKind.AGENT, ExposureFact.CONTROL)[0] > Fraction(9, 10)


@given(classes(), KINDS, st.sampled_from(UNKNOWNS))
def test_weights_sum_to_one_and_exclude_nothing(made: ReferenceClass, kind: AgentKind, unknown: Unknown) -> None:
    weights = made.weights(kind, unknown)
    assert sum(weights) == 1 and min(weights) > 0 and len(weights) == len(values_of(unknown))


def test_a_kind_borrows_from_all_kinds() -> None:
    """Of a kind that was never counted, the share over all kinds is expected; of one often counted, its own."""
    counts: dict[Unknown, dict[AgentKind, dict[str, int]]] = {
        ExposureFact.EXECUTES: {AgentKind.SKILL: {"nothing": 90}, AgentKind.APP: {"arbitrary_code": 30}}
    }
    made = ReferenceClass("made", counts, Fraction(0))
    share = made.weights(AgentKind.TOOL, ExposureFact.EXECUTES)[0]
    assert Fraction(70, 100) < share < Fraction(76, 100)
    assert made.weights(AgentKind.SKILL, ExposureFact.EXECUTES)[0] > Fraction(95, 100)
    assert made.weights(AgentKind.APP, ExposureFact.EXECUTES)[0] < Fraction(10, 100)


def test_the_same_record_gives_the_same_range(make: Make) -> None:
    """Pinned: another lattice, weight or rounding is another method, and needs another name."""
    profile, factors = profile_named(HEADLINE), dict.fromkeys(PUBLISHED_FACTORS, "0.4")
    made = {
        name: likely(estimates(extraction), profile, current())
        for name, extraction in (
            ("nothing known", make(kind="mcp_server")),
            ("factors known", make(factors, kind="skill")),
            ("one fact known", make(facts={"executes": "arbitrary_code"}, kind="agent")),
        )
    }
    assert {name: (str(ends.low), str(ends.high)) for name, ends in made.items()} == PINNED


PINNED = {"nothing known": ("3.5", "8.9"), "factors known": ("4.3", "9.3"), "one fact known": ("4.4", "9.3")}
