"""The decision: hiding evidence never gains an allow, questions settle claims, conditions rest on what is known."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_check.lookup.record_summary import RecordSummary, Span
from assay_check.policy import Limits as PolicyLimits
from assay_check.policy import Policy, score_reason
from extractors.claims.approved_claims import claims_standing
from extractors.record_decision import limits_of
from extractors.reference_classes import current
from scoring.assessment import assess
from scoring.claims import Evidence, Extraction
from scoring.factor_estimates import estimates
from scoring.formulas.table import HEADLINE, PROFILES, profile_named
from scoring.likely.advice import Limits, advise, decide
from scoring.likely.conditions import FACT_RULES, conditions
from scoring.likely.decision import Decision
from scoring.likely.likely_range import likely
from scoring.likely.reference_class import values_of
from scoring.likely.vendor_questions import QUESTIONS, path_of
from scoring.scores import Provenance
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, Certainty, ExposureFact, RiskFactor
from scoring.what_if import with_settings
from tests.examples import examples

Make = Callable[..., Extraction]
DIGEST = "sha256:" + "1" * 64
PROVENANCE = Provenance(tool="assay 0", rubric="1", formula="any", prompt="assess@1", model="scripted")
NAMES = [*RiskFactor, *ExposureFact]
LIMITS = limits_of()
TENTHS = st.integers(0, 10).map(lambda n: f"{n / 10:.1f}")
SCORES = st.integers(0, 100).map(lambda n: Decimal(n).scaleb(-1))


def decided(extraction: Extraction, limits: Limits = LIMITS, profile: str = HEADLINE) -> Decision:
    headline = assess(extraction, DIGEST, PROVENANCE, profile).headline
    return decide(extraction, headline, current(), limits)


@st.composite
def known(draw: st.DrawFn) -> tuple[dict[RiskFactor, str], dict[ExposureFact, str]]:
    """Known factors and facts; mild ones often, so that some records are allowed."""
    share, mild = draw(st.integers(0, 10)), draw(st.booleans())
    factors = {f: "0.0" if mild else draw(TENTHS) for f in RiskFactor if draw(st.integers(0, 9)) >= share}
    facts = {
        f: EXPOSURE_VALUES[f][0] if mild else draw(st.sampled_from(EXPOSURE_VALUES[f]))
        for f in ExposureFact
        if draw(st.integers(0, 9)) >= share
    }
    return factors, facts


@pytest.mark.slow
@examples(120)
@given(
    known(),
    st.sets(st.sampled_from(NAMES), min_size=1, max_size=8),
    st.sampled_from(list(AgentKind)),
    st.builds(Limits, SCORES, SCORES),
    st.sampled_from(list(PROFILES)),
)
def test_hiding_evidence_never_gains_an_allow(
    make: Make, claims: Any, hidden: set[str], kind: str, limits: Limits, profile: str
) -> None:
    """Nor does it stand for an approval: a draft with less than what was approved goes to a person."""
    factors, facts = claims
    full = make(factors, facts, kind=kind)
    less = make(
        {f: v for f, v in factors.items() if f not in hidden},
        {f: v for f, v in facts.items() if f not in hidden},
        kind=kind,
    )
    before, after = decided(full, limits, profile), decided(less, limits, profile)
    assert before.advice.word == "allow" or after.advice.word != "allow"
    assert not {condition.claim.split(".")[1] for condition in after.conditions} & hidden
    if less != full:
        assert not claims_standing(less, full, ())


@given(SCORES, SCORES, SCORES, SCORES, st.booleans())
def test_a_record_and_a_policy_give_the_same_advice(
    possible: Decimal, likely_high: Decimal, most: Decimal, asked: Decimal, withheld: bool
) -> None:
    said = advise(possible, min(likely_high, possible), Limits(most, asked), withheld=withheld)
    policy = Policy(limits=PolicyLimits(possible=float(most), likely=float(asked)))
    summary = RecordSummary(
        record="agents/x.json",
        slug="x",
        name="X",
        score=None if withheld else 0,
        possible=Span(low=0, high=float(possible)),
        likely=Span(low=0, high=float(min(likely_high, possible))),
    )
    assert score_reason(policy.limits, summary).advice.value == said.word
    assert (said.possible_limit, said.likely_limit) == (most, asked)


def test_the_three_words() -> None:
    limits = Limits(Decimal("6.9"), Decimal("8.9"))
    assert limits == LIMITS
    for possible, likely_high, word in (("6.9", "6.9", "allow"), ("7.0", "8.9", "ask"), ("9.5", "9.0", "deny")):
        said = advise(Decimal(possible), Decimal(likely_high), limits)
        assert said.word == word and (possible in said.reason or likely_high in said.reason)


@pytest.mark.slow
@given(known(), st.sampled_from(list(AgentKind)))
def test_questions_settle_unknown_claims_and_say_what_each_answer_does(make: Make, claims: Any, kind: str) -> None:
    factors, facts = claims
    extraction = make(factors, facts, kind=kind)
    made = decided(extraction)
    profile, given_view = profile_named(HEADLINE), estimates(extraction)
    reaches = []
    for question in made.questions:
        room, _, name = question.settles.partition(".")
        claim = extraction.fact(ExposureFact(name)) if room == "exposure" else extraction.factor(RiskFactor(name))
        assert claim.certainty is Certainty.NOT_CERTAIN
        unknown = ExposureFact(name) if room == "exposure" else RiskFactor(name)
        assert {answer.value for answer in question.answers} <= set(values_of(unknown))
        for answer in question.answers:
            settled, _ = with_settings(given_view, {name: answer.value}, profile)
            assert (answer.low, answer.high) == likely(settled, profile, current())
        lows, highs = [a.low for a in question.answers], [a.high for a in question.answers]
        reaches.append(max(lows) - min(lows) + max(highs) - min(highs))
        assert lows == sorted(lows) and highs == sorted(highs), "the safest first"
    assert reaches == sorted(reaches, reverse=True) and all(reaches)
    assert len({question.id for question in made.questions}) == len(made.questions)


def test_every_unknown_has_its_question_and_an_open_record_asks_all_that_matter(make: Make) -> None:
    assert set(QUESTIONS) == set(NAMES) and len(set(QUESTIONS.values())) == len(NAMES)
    assert all(text.endswith("?") and len(text) <= 100 for text in QUESTIONS.values())
    asked = {question.settles for question in decided(make(kind="mcp_server")).questions}
    moved = set(ExposureFact) - {ExposureFact.RUNS_AT, ExposureFact.INCIDENT}  # what it fetches comes by network anyway
    assert {path_of(fact) for fact in moved} <= asked
    assert "factors.natural_language_interface" not in asked, "the headline's formula does not read it"


def test_a_record_of_which_all_is_known_asks_nothing_and_is_firm(make: Make) -> None:
    facts = {fact: values[-1] for fact, values in EXPOSURE_VALUES.items()}
    made = decided(make(dict.fromkeys(RiskFactor, "0.5"), facts))
    assert made.questions == () and made.firm and made.likely.low == made.likely.high
    assert made.likely.reference == current().name


@pytest.mark.parametrize("kind", AgentKind)
def test_a_record_of_which_too_little_is_known_is_asked_about_and_not_firm(make: Make, kind: str) -> None:
    """As is a product without a record: a denial rests on something that is known."""
    made = decided(make(kind=kind))
    assert not made.firm and made.advice.word == "ask"
    dangerous = {"executes": "arbitrary_code", "approval": "unattended", "reads": "secrets_or_all", "spends": "broad"}
    assert decided(make(dict.fromkeys(RiskFactor, "0.8"), dangerous, kind=kind)).advice.word == "deny"


@pytest.mark.parametrize("rule", FACT_RULES, ids=lambda rule: rule.id)
def test_a_condition_holds_where_its_fact_is_known(make: Make, rule: Any, quote: Evidence) -> None:
    for value in EXPOSURE_VALUES[rule.fact]:
        found = conditions(estimates(make(facts={rule.fact: value})))
        assert (rule.id in {condition.id for condition in found}) == (value in rule.values)
    assert rule.id not in {condition.id for condition in conditions(estimates(make()))}
    assert set(rule.values) < set(EXPOSURE_VALUES[rule.fact])


def test_a_protection_that_is_merely_inferred_is_no_condition(make: Make) -> None:
    facts = {"isolation": "sandbox", "approval": "each_action", "control": "enforceable"}
    assert {c.id for c in conditions(estimates(make(facts=facts)))} == {"sandboxed", "approval-on", "control-on"}
    assert conditions(estimates(make(facts=facts, certainty="inferred"))) == ()


@pytest.mark.parametrize(
    ("facts", "own"),
    [
        ({"executes": "arbitrary_code"}, True),
        ({"executes": "arbitrary_code", "isolation": "none"}, True),
        ({"executes": "arbitrary_code", "isolation": "sandbox"}, False),
        ({"executes": "fixed_commands"}, False),
        ({}, False),
    ],
)
def test_code_without_a_sandbox_needs_one_of_the_buyer(make: Make, facts: dict[str, str], own: bool) -> None:
    assert ("own-sandbox" in {c.id for c in conditions(estimates(make(facts=facts)))}) == own


@given(known())
def test_a_condition_rests_on_a_claim_that_is_known(make: Make, claims: Any) -> None:
    extraction = make(*claims)
    for condition in conditions(estimates(extraction)):
        room, _, name = condition.claim.partition(".")
        claim = extraction.fact(ExposureFact(name)) if room == "exposure" else extraction.factor(RiskFactor(name))
        assert claim.certainty is not Certainty.NOT_CERTAIN and claim.evidence
