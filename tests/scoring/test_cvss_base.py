"""The rule table from facts to a vector, and the monotone CVSS base that the ranges rest on."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.cvss import base_score, vector_rules
from scoring.cvss.exposure_defaults import DEFAULTS, KIND_DEFAULTS, MEANINGS, default
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact

FACT_SETS = st.fixed_dictionaries({fact: st.sampled_from(values) for fact, values in EXPOSURE_VALUES.items()})


@pytest.mark.slow
def test_cvss_base_is_monotone_over_all_104976_vectors() -> None:
    """Every vector against its neighbours one step worse in one metric; 63 distinct values, no exception."""
    names, orders = list(base_score.METRICS), list(base_score.METRICS.values())
    sizes = [len(order) for order in orders]
    stride = [1] * len(sizes)
    for place in range(len(sizes) - 2, -1, -1):
        stride[place] = stride[place + 1] * sizes[place + 1]
    table = [
        base_score.base.__wrapped__(base_score.vector_of(dict(zip(names, values, strict=True))))
        for values in product(*orders)
    ]
    assert len(table) == 104_976 and set(table) == base_score.REACHABLE_BASES
    for index, score in enumerate(table):
        for place, size in enumerate(sizes):
            if index // stride[place] % size < size - 1:
                assert table[index + stride[place]] >= score


@pytest.mark.slow
@given(st.tuples(*(st.sampled_from(order) for order in base_score.METRICS.values())), st.data())
def test_one_metric_worse_never_lowers_the_base(values: tuple[str, ...], data: st.DataObject) -> None:
    """The same over a sample, for every run of the suite."""
    metrics = dict(zip(base_score.METRICS, values, strict=True))
    name = data.draw(st.sampled_from(list(base_score.METRICS)))
    order = base_score.METRICS[name]
    worse = metrics | {name: order[min(order.index(metrics[name]) + 1, len(order) - 1)]}
    assert base_score.base(base_score.vector_of(metrics)) <= base_score.base(base_score.vector_of(worse))


@pytest.mark.parametrize("rule", vector_rules.RULES, ids=lambda rule: rule.metric)
def test_no_fact_moved_to_worse_lowers_a_metric(rule: vector_rules.Rule) -> None:
    """Every combination of the facts that a rule reads, each against every worse value of each fact."""
    rank = base_score.METRICS[rule.metric].index
    for values in product(*(EXPOSURE_VALUES[fact] for fact in rule.facts)):
        facts = dict(zip(rule.facts, values, strict=True))
        value, reason = rule.choose(facts)
        assert value in base_score.METRICS[rule.metric] and reason
        for fact in rule.facts:
            order = EXPOSURE_VALUES[fact]
            for worse in order[order.index(facts[fact]) :]:
                assert rank(rule.choose(facts | {fact: worse})[0]) >= rank(value)


@given(FACT_SETS)
def test_a_rule_reads_only_the_facts_it_names(facts: dict[ExposureFact, str]) -> None:
    for rule in vector_rules.RULES:
        assert rule.choose({fact: facts[fact] for fact in rule.facts}) == rule.choose(facts)


@given(FACT_SETS, FACT_SETS)
def test_worse_facts_never_lower_the_base(one: dict[ExposureFact, str], other: dict[ExposureFact, str]) -> None:
    def pick(choose: object) -> dict[ExposureFact, str]:
        return {f: order[choose(order.index(one[f]), order.index(other[f]))] for f, order in EXPOSURE_VALUES.items()}  # type: ignore[operator]

    assert base_score.base(vector_rules.vector(pick(min))) <= base_score.base(vector_rules.vector(pick(max)))


def test_every_fact_has_a_meaning_a_value_and_a_default_with_its_reason() -> None:
    for fact, values in EXPOSURE_VALUES.items():
        assert len(MEANINGS[fact]) == len(values)
        assert DEFAULTS[fact].value in values and DEFAULTS[fact].reason
    for (_, fact), chosen in KIND_DEFAULTS.items():
        assert chosen.value in EXPOSURE_VALUES[fact] and chosen.reason


def test_no_account_is_presumed_before_a_local_product() -> None:
    """Learning that something runs locally must not make it look safe: nobody has to sign in to it."""
    for kind in AgentKind:
        local = default(ExposureFact.FED_BY, kind, {ExposureFact.RUNS_AT: "local"})
        hosted = default(ExposureFact.FED_BY, kind, {ExposureFact.RUNS_AT: "hosted"})
        assert (local.value, hosted.value) == ("anyone", "account_holders")
    assert default(ExposureFact.FED_BY, AgentKind.SKILL, {}).value == "anyone"


@pytest.mark.parametrize("kind", AgentKind)
@pytest.mark.parametrize("runs_at", [None, "local", "hosted"])
def test_silence_lands_in_the_middle(kind: AgentKind, runs_at: str | None) -> None:
    """A page that says nothing, or only where it runs, gives a base around 5, whatever the kind."""
    facts = {ExposureFact.RUNS_AT: runs_at} if runs_at else {}
    chosen = {fact: facts.get(fact) or default(fact, kind, facts).value for fact in ExposureFact}
    assert Decimal("4") <= base_score.base(vector_rules.vector(chosen)) <= Decimal("6")


def test_a_sandbox_confines_code_and_nothing_else() -> None:
    facts = {fact: DEFAULTS[fact].value for fact in ExposureFact} | {ExposureFact.EXECUTES: "arbitrary_code"}
    confined = facts | {ExposureFact.ISOLATION: "sandbox"}
    assert [vector_rules.metrics(facts)[m] for m in ("VC", "VI", "VA")] == ["H", "H", "H"]
    assert [vector_rules.metrics(confined)[m] for m in ("VC", "VI", "VA")] == ["L", "L", "L"]
    broad = confined | {ExposureFact.READS: "secrets_or_all"}
    assert vector_rules.metrics(broad)["VC"] == "H"


def test_a_local_agent_that_fetches_foreign_content_is_attacked_by_network() -> None:
    facts = {fact: values[0] for fact, values in EXPOSURE_VALUES.items()} | {ExposureFact.FED_BY: "anyone"}
    assert vector_rules.metrics(facts)["AV"] == "L"
    administered = facts | {ExposureFact.REACHES: "scoped", ExposureFact.FED_BY: "administrators"}
    assert vector_rules.metrics(administered)["AV"] == "L"
    assert vector_rules.metrics(facts | {ExposureFact.REACHES: "scoped"})["AV"] == "N"
