"""The ten-risk profile held against the standard's own vectors and against a table of when each risk applies."""

import json
from pathlib import Path
from typing import Any

import pytest

from scoring.assessment import assess
from scoring.risks.core_risks import RULES
from scoring.scores import Provenance, RiskRow
from scoring.vocabulary import CoreRisk, RiskFactor

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
DIGEST = "sha256:" + "1" * 64
HALVES = dict.fromkeys(map(str, RiskFactor), "0.5")
KNOWN = {
    "runs_at": "internal_network", "input_barrier": "no_barrier", "set_up_by": "vendor", "fed_by": "account_holders",
    "approval": "unattended", "reads": "limited", "writes": "limited", "executes": "fixed_commands",
    "isolation": "none", "reaches": "scoped", "changes": "broad", "spends": "scoped",
}  # fmt: skip


def rows(make: Any, provenance: Provenance, factors: dict[str, str], facts: dict[str, str]) -> dict[str, RiskRow]:
    return {str(row.risk): row for row in assess(make(factors, facts), DIGEST, provenance).risks}


def test_each_reference_is_the_vector_that_the_standard_prints() -> None:
    """AIVSS 0.8 section 3.6, in its order."""
    printed = [example["input"]["cvss_vector"] for example in GOLDEN["v0_8_examples"]]
    assert ["CVSS:4.0/" + rule.reference for rule in RULES] == printed
    assert [rule.risk for rule in RULES] == list(CoreRisk)


@pytest.mark.parametrize(
    ("risk", "vector"),
    [
        # moved by evidence: tool reach and code in 1; rights in 2; reach in 3; place and reach in 4; data in 5;
        # who writes the source in 6; state, code and reach in 7; hosting and isolation in 8; state in 9; all in 10
        ("tool_misuse", "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:L/SI:H/SA:L"),
        ("access_control", "AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N"),
        ("cascading_failures", "AV:N/AC:H/AT:N/PR:L/UI:N/VC:N/VI:N/VA:H/SC:N/SI:H/SA:L"),
        ("orchestration", "AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:L/SI:H/SA:L"),
        ("identity_impersonation", "AV:N/AC:H/AT:N/PR:N/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"),
        ("memory_manipulation", "AV:A/AC:H/AT:N/PR:L/UI:N/VC:L/VI:H/VA:L/SC:N/SI:N/SA:N"),
        ("critical_systems", "AV:A/AC:L/AT:N/PR:H/UI:N/VC:N/VI:L/VA:L/SC:N/SI:H/SA:L"),
        ("supply_chain", "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        ("untraceability", "AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N"),
        ("goal_manipulation", "AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N"),
    ],
)
def test_one_known_agent_moves_each_reference_by_hand(
    make: Any, provenance: Provenance, risk: str, vector: str
) -> None:
    """Option A: the reference vector, changed only where a fact of this agent speaks. Worked out by hand."""
    row = rows(make, provenance, HALVES, KNOWN)[risk]
    assert row.cvss_vector == "CVSS:4.0/" + vector
    assert "not known" not in row.why


QUIET_FACTS = KNOWN | {
    "fed_by": "administrators", "approval": "each_action", "reads": "nothing_private", "writes": "nothing",
    "executes": "nothing", "reaches": "nothing", "changes": "nothing", "spends": "nothing",
}  # fmt: skip
QUIET = dict.fromkeys(map(str, RiskFactor), "0.0")


@pytest.mark.parametrize(
    ("risk", "factors", "facts"),
    [
        ("tool_misuse", {"dynamic_tool_use": "0.3"}, {}),
        ("tool_misuse", {}, {"executes": "fixed_commands"}),
        ("tool_misuse", {}, {"writes": "limited"}),
        ("access_control", {"dynamic_identity": "0.3"}, {}),
        ("access_control", {}, {"reads": "limited"}),
        ("access_control", {}, {"reaches": "scoped"}),
        ("cascading_failures", {"multi_agent_interactions": "0.3"}, {}),
        ("cascading_failures", {}, {"approval": "unattended"}),
        ("orchestration", {"multi_agent_interactions": "0.5"}, {}),
        ("identity_impersonation", {"natural_language_interface": "0.5"}, {}),
        ("identity_impersonation", {"dynamic_identity": "0.3"}, {}),
        ("memory_manipulation", {"persistent_memory": "0.3"}, {}),
        ("memory_manipulation", {"contextual_awareness": "0.5"}, {}),
        ("memory_manipulation", {}, {"fed_by": "anyone"}),
        ("critical_systems", {}, {"changes": "broad"}),
        ("critical_systems", {}, {"spends": "scoped"}),
        ("critical_systems", {}, {"executes": "arbitrary_code"}),
        ("untraceability", {"opacity_reflexivity": "0.3"}, {}),
        ("goal_manipulation", {"natural_language_interface": "0.3"}, {}),
        ("goal_manipulation", {}, {"fed_by": "anyone"}),
    ],
)
def test_what_makes_a_risk_apply(
    make: Any, provenance: Provenance, risk: str, factors: dict[str, str], facts: dict[str, str]
) -> None:
    """A quiet agent has none of them but supply chain; each single cue brings its risk in, its loss leaves it open."""
    assert rows(make, provenance, QUIET, QUIET_FACTS)[risk].applicability == "does_not_apply"
    assert rows(make, provenance, QUIET | factors, QUIET_FACTS | facts)[risk].applicability == "applies"
    open_factors = {name: value for name, value in QUIET.items() if name not in factors}
    open_facts = {name: value for name, value in QUIET_FACTS.items() if name not in facts}
    row = rows(make, provenance, open_factors, open_facts)[risk]
    assert row.applicability == "unknown" and row.low == 0


def test_a_low_value_is_no_sentence_that_says_so(make: Any, provenance: Provenance) -> None:
    low = dict.fromkeys(map(str, RiskFactor), "0.2")
    said = {risk: row.applicability for risk, row in rows(make, provenance, low, QUIET_FACTS).items()}
    assert said["orchestration"] == "unknown" and said["tool_misuse"] == "unknown"


def test_one_cue_does_not_bring_in_what_it_does_not_concern(make: Any, provenance: Provenance) -> None:
    def applying(factors: dict[str, str], facts: dict[str, str]) -> set[str]:
        every = rows(make, provenance, QUIET | factors, QUIET_FACTS | facts)
        return {risk for risk, row in every.items() if row.applicability == "applies"} - {"supply_chain"}

    assert applying({}, {}) == set()
    assert applying({"multi_agent_interactions": "0.3"}, {}) == {"cascading_failures"}
    assert applying({}, {"changes": "scoped"}) == {"tool_misuse", "access_control"}
    assert applying({}, {"approval": "user_starts"}) == set()
    assert applying({"goal_driven_planning": "1.0", "self_modification": "1.0"}, {}) == set()


@pytest.mark.parametrize(
    ("runs_at", "isolation", "own"), [("hosted", "sandbox", "L"), ("hosted", "none", "H"), ("local", "sandbox", "H")]
)
def test_supply_chain_goes_down_only_if_hosted_and_isolated(
    make: Any, provenance: Provenance, runs_at: str, isolation: str, own: str
) -> None:
    row = rows(make, provenance, HALVES, {"runs_at": runs_at, "isolation": isolation})["supply_chain"]
    assert f"VC:{own}/VI:{own}/VA:{own}" in row.cvss_vector


def test_a_row_counts_only_the_quotes_that_count(make: Any, provenance: Provenance) -> None:
    """A sandbox that is merely inferred protects nothing, so its quote stands behind no row."""
    facts = {"executes": "arbitrary_code", "isolation": "sandbox"}
    counts = [
        assess(make({}, facts, certainty=certainty), DIGEST, provenance).risks[0].evidence
        for certainty in ("stated", "inferred")
    ]
    assert counts == [2, 1]
