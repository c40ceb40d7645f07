"""Catalogue, everyday words, chains."""

from typing import Any

import pytest

from scoring.assessment import assess
from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.maestro.threat_recognition import threats_named_in
from scoring.scores import Applicability, Provenance
from scoring.vocabulary import CoreRisk, MaestroLayer, RiskFactor

DIGEST = "sha256:" + "1" * 64


def test_catalogue_has_fifty_and_five_with_stable_ids() -> None:
    """Counts per layer as in two transcriptions of the catalogue; ids are layer and place."""
    counts = [sum(threat.layer == layer for threat in CATALOGUE.values()) for layer in MaestroLayer]
    assert counts == [7, 5, 6, 6, 6, 7, 13]
    assert sum(threat.layer is None for threat in CATALOGUE.values()) == 5
    assert (CATALOGUE["L1.1"].name, CATALOGUE["L3.3"].name) == ("Adversarial Examples", "Input Validation Attacks")
    assert (CATALOGUE["L7.13"].name, CATALOGUE["X.5"].name) == (
        "Inaccurate Agent Capability Description",
        "Goal Misalignment Cascades",
    )
    assert all(key == threat.id for key, threat in CATALOGUE.items())


@pytest.mark.parametrize("threat", CATALOGUE.values(), ids=lambda threat: threat.id)
def test_every_catalogue_name_and_id_is_found_in_text(threat: Any) -> None:
    assert threat.id in threats_named_in(f"Among the threats: {threat.name.lower()}.")
    assert threats_named_in(f"See {threat.id}, and no more") == (threat.id,)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Prompt injection through tickets", ("L3.3", "L7.5")),
        ("leaked API keys", ("L7.3",)),
        ("Exfiltration of customer records", ("L2.2",)),
        ("memory poisoning", ("L2.1",)),
        ("a rogue MCP server", ("L7.1",)),
        ("runaway costs", ("L4.5",)),
        ("excessive permissions", ("X.3",)),
        ("supply\nchain attacks", ("L3.4", "X.1")),
        ("secrets in logs", ("L5.5",)),
        ("We do data mining and pivot tables; L3.14 is a version", ()),
        ("", ()),
    ],
)
def test_everyday_words(text: str, ids: tuple[str, ...]) -> None:
    assert threats_named_in(text) == ids


def test_threats_of_one_layer_only() -> None:
    text = "supply chain attacks, lateral movement and prompt injection"
    assert threats_named_in(text, MaestroLayer.L3) == ("L3.3", "L3.4", "X.1", "X.2")


@pytest.mark.parametrize(
    ("name", "factors", "facts", "shut_by"),
    [
        ("hallucination to retrieval to tool misuse", {"persistent_memory": "0.5"}, {"changes": "scoped"}, None),
        (
            "framework exploit to infrastructure to compliance bypass",
            {},
            {"executes": "arbitrary_code", "isolation": "none"},
            {"isolation": "sandbox"},
        ),
        (
            "data poisoning to action to ecosystem",
            {},
            {"fed_by": "anyone", "changes": "scoped"},
            {"changes": "nothing"},
        ),
        (
            "log manipulation to evasion to undetected fraud",
            {"opacity_reflexivity": "0.7"},
            {"spends": "scoped"},
            {"spends": "nothing", "changes": "scoped"},
        ),
        (
            "cascading trust failure",
            {"multi_agent_interactions": "0.5"},
            {"approval": "unattended"},
            {"approval": "each_action"},
        ),
        (
            "confused deputy",
            {"dynamic_identity": "0.3"},
            {"fed_by": "anyone", "reaches": "scoped"},
            {"fed_by": "account_holders"},
        ),
        (
            "overwhelmed approver and misplaced trust",
            {},
            {"approval": "each_action", "fed_by": "anyone"},
            {"approval": "unattended"},
        ),
    ],
)
def test_what_opens_and_shuts_each_chain(
    make: Any,
    provenance: Provenance,
    name: str,
    factors: dict[str, str],
    facts: dict[str, str],
    shut_by: dict[str, str] | None,
) -> None:
    def certain(factors: dict[str, str], facts: dict[str, str]) -> bool | None:
        return {chain.name: chain.certain for chain in assess(make(factors, facts), DIGEST, provenance).chains}.get(
            name
        )

    assert certain(factors, facts) is True
    for lost in facts:
        assert not certain(factors, {fact: value for fact, value in facts.items() if fact != lost})
    assert certain(factors, facts | shut_by) is None if shut_by else True
    for factor in factors:
        assert certain(factors | {factor: "0.2"}, facts) is None


def test_a_chain_is_certain_only_on_quotes(make: Any, provenance: Provenance) -> None:
    facts = {"executes": "arbitrary_code", "isolation": "none"}
    stated = {c.name: c for c in assess(make({}, facts), DIGEST, provenance).chains}
    presumed = {c.name: c for c in assess(make({}, {"executes": "arbitrary_code"}), DIGEST, provenance).chains}
    confined = {c.name for c in assess(make({}, facts | {"isolation": "sandbox"}), DIGEST, provenance).chains}
    name = "framework exploit to infrastructure to compliance bypass"
    assert stated[name].certain and stated[name].layers == ("L3", "L4", "L6")
    assert not presumed[name].certain
    assert name not in confined


def test_ten_rows_in_order_each_with_its_reason(make: Any, provenance: Provenance) -> None:
    rows = assess(make(), DIGEST, provenance).risks
    assert [row.risk for row in rows] == list(CoreRisk)
    for row in rows:
        assert row.why and row.evidence == 0
        supply = row.risk is CoreRisk.SUPPLY_CHAIN
        assert row.applicability is (Applicability.APPLIES if supply else Applicability.UNKNOWN)
        assert supply or row.low == 0


def test_rows_follow_the_facts(make: Any, provenance: Provenance) -> None:
    """From the reference vectors of AIVSS 0.8 section 3.6; UI is read as CVSS v4.0 defines it."""
    tame = make(
        dict.fromkeys(RiskFactor, "0.0"),
        {
            "runs_at": "hosted", "fed_by": "administrators", "approval": "each_action", "reads": "nothing_private",
            "writes": "nothing", "executes": "nothing", "isolation": "sandbox", "reaches": "nothing",
            "changes": "nothing", "spends": "nothing",
        },
    )  # fmt: skip
    rows = {row.risk: row for row in assess(tame, DIGEST, provenance).risks}
    applying = {risk for risk, row in rows.items() if row.applicability is Applicability.APPLIES}
    assert applying == {CoreRisk.SUPPLY_CHAIN}
    assert rows[CoreRisk.SUPPLY_CHAIN].cvss_vector.endswith("UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N")
    assert rows[CoreRisk.TOOL_MISUSE].score is None and rows[CoreRisk.TOOL_MISUSE].high == 0

    wild = make({}, {"executes": "arbitrary_code", "isolation": "none", "approval": "unattended", "reaches": "scoped"})
    rows = {row.risk: row for row in assess(wild, DIGEST, provenance).risks}
    misuse = rows[CoreRisk.TOOL_MISUSE]
    assert misuse.cvss_vector.endswith("UI:N/VC:H/VI:H/VA:H/SC:L/SI:H/SA:H") and misuse.evidence == 4


def test_a_row_says_which_metrics_stay_at_the_printed_example(make: Any, provenance: Provenance) -> None:
    """AIVSS 0.8 section 3.6.1 prints VC:H/VI:H/VA:H/SC:H/SI:H/SA:H; what no page settles is named in the reason."""

    def misuse(facts: dict[str, str]) -> Any:
        return assess(make({}, facts), DIGEST, provenance).risks[0]

    known = {"executes": "nothing", "reads": "limited", "reaches": "scoped", "changes": "scoped", "spends": "nothing"}
    assert misuse({}).why.endswith("; VC, VI, VA, SC, SI, SA not known, as in the standard's example")
    assert misuse(known).why.endswith("; VI not known, as in the standard's example")
    assert misuse(known | {"writes": "limited"}).why == "it has tools beyond text output"
    assert misuse(known | {"writes": "limited"}).cvss_vector.endswith("VC:L/VI:L/VA:N/SC:L/SI:L/SA:N")


def test_no_barrier_is_presumed_against_goal_manipulation(make: Any, provenance: Provenance) -> None:
    """AIVSS 0.8 section 3.6.10 prints AC:H; a barrier that is not stated is not counted."""
    for facts, complexity in (({}, "AC:L"), ({"input_barrier": "validated_barrier"}, "AC:H")):
        assert complexity in assess(make({}, facts), DIGEST, provenance).risks[9].cvss_vector


def test_live_context_alone_is_no_retrieval_chain(make: Any, provenance: Provenance) -> None:
    facts = {"changes": "scoped"}
    for factor, shown in (("contextual_awareness", False), ("persistent_memory", True)):
        factors = {"persistent_memory": "0.1"} | {factor: "0.7"}
        names = {chain.name for chain in assess(make(factors, facts), DIGEST, provenance).chains}
        assert ("hallucination to retrieval to tool misuse" in names) is shown


def test_the_maximum_is_named_among_risks_that_apply(make: Any, provenance: Provenance) -> None:
    assessment = assess(make({}, {"executes": "arbitrary_code", "isolation": "none"}), DIGEST, provenance)
    best = {row.risk: row.score for row in assessment.risks if row.applicability is Applicability.APPLIES}
    assert assessment.maximum_risk is not None
    assert best[assessment.maximum_risk] == max(score for score in best.values() if score is not None)


def test_untraceability_applies_unless_logging_is_evidenced(make: Any, provenance: Provenance) -> None:
    for value, applicability in (
        ("0.0", Applicability.DOES_NOT_APPLY),
        ("0.1", Applicability.UNKNOWN),
        ("0.5", Applicability.APPLIES),
    ):
        rows = assess(make({"opacity_reflexivity": value}), DIGEST, provenance).risks
        assert rows[list(CoreRisk).index(CoreRisk.UNTRACEABILITY)].applicability is applicability
