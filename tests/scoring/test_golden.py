"""Printed and recomputed numbers of the standards, the cards and the archetypes; each set names its origin.

The numbers stand in `golden.json` and `cards.json` beside this file, each set with where it was printed.
"""

import json
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from scoring.cvss import base_score, vector_rules
from scoring.errors import BadInput
from scoring.formulas.aivss_10_proposal import equation as proposal
from scoring.formulas.owasp_aivss_05 import with_aars
from scoring.formulas.owasp_aivss_08 import equation
from scoring.formulas.profile import three_point
from scoring.formulas.score_line import score_line
from scoring.formulas.table import PROFILES
from scoring.headline.severity import half_up, severity

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))
CARDS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cards.json").read_text("utf-8"))["cards"]


def _id(case: Any) -> str:
    return str(case.get("id") or case.get("slug") or case.get("archetype")) if isinstance(case, dict) else str(case[0])


@pytest.mark.parametrize("case", GOLDEN["v0_8_examples"], ids=_id)
def test_worked_examples_of_0_8_as_printed(case: dict[str, Any]) -> None:
    """AIVSS 0.8 section 3.6, all ten, from the vector."""
    printed = case["printed"]
    line = score_line({"profile": "owasp-aivss-0.8", **case["input"]})
    assert D(line["cvss_base"]) == D(printed["cvss_base"])
    assert D(line["factor_sum"]) == D(printed["factor_sum"])
    assert D(line["aars"]) == D(printed["aars"])
    assert D(line["raw"]) == D(printed["aivss_raw"])
    assert (line["aivss"], line["severity"]) == (printed["aivss"], printed["severity"])
    assert half_up(D(line["aars"])) == D(printed["aars_table5_rounded"])


@pytest.mark.parametrize("case", GOLDEN["v0_8_variants"], ids=lambda c: "-".join(c[:1] + c[3:5]))
def test_every_thm_and_mf_over_the_examples(case: list[str]) -> None:
    """Computed from the printed formulas of 0.8 and of the proposal."""
    _, base, factor_sum, thm, mf, aars, raw, aivss, band, raw_1, aivss_1, band_1 = case
    figures = equation(D(base), (D(factor_sum),), D(thm), D(mf))
    assert figures == (D(factor_sum), D(aars), D(raw), D(aivss)) and severity(figures.aivss) == band
    repaired = proposal(D(base), (D(factor_sum),), D(thm), D(mf))
    assert (repaired.raw, repaired.aivss) == (D(raw_1), D(aivss_1)) and severity(repaired.aivss) == band_1


@pytest.mark.parametrize("case", GOLDEN["v0_5_examples"], ids=_id)
def test_worked_examples_of_0_5(case: dict[str, Any]) -> None:
    """AIVSS 0.5 section 4.2: from the factors, against recomputed sums; from the printed sum, against the print."""
    line = score_line({"profile": "owasp-aivss-0.5", **case["input"]})
    ours = case["from_factors"]
    assert D(line["aars"]) == D(ours["aars"]) and D(line["raw"]) == D(ours["raw"])
    assert (line["aivss"], line["severity"]) == (ours["aivss"], ours["severity"])
    printed = case["printed"]
    figures = with_aars(D(printed["cvss_base"]), D(printed["aars"]), D(case["input"]["thm"]))
    assert figures.aivss == D(printed["aivss"]) and severity(figures.aivss) == printed["severity"]
    assert f"(CVSS:{printed['cvss_base']}/AARS:{printed['aars']})" == printed["vector_string"]


def test_appendix_of_0_5() -> None:
    """AIVSS 0.5 appendix A.2: states AARS 6.5 and scores with 7.5; both numbers are reproduced."""
    misuse, supply = GOLDEN["v0_5_appendix"]
    base, thm = D(misuse["input"]["cvss_base"]), D(misuse["input"]["thm"])
    factor_sum = sum(map(D, misuse["input"]["factors"].values()))
    assert factor_sum == D(misuse["recomputed"]["factor_sum"])
    assert with_aars(base, D("7.5"), thm).aivss == D(misuse["printed"]["aivss"])
    assert with_aars(base, factor_sum, thm).aivss == D(misuse["recomputed"]["with_aars_6.5"])
    figures = with_aars(*(D(supply["input"][key]) for key in ("cvss_base", "aars", "thm")))
    assert (figures.raw, figures.aivss) == (D(supply["recomputed"]["raw"]), D(supply["printed"]["aivss"]))


@pytest.mark.parametrize("case", GOLDEN["rounding_traps"], ids=lambda c: "/".join(c[:4]))
def test_rounding_traps(case: list[str]) -> None:
    """Exact halves at the second decimal; binary rounding is wrong on most of them."""
    base, factor_sum, thm, mf, raw, expected, _ = case
    figures = equation(D(base), (D(factor_sum),), D(thm), D(mf))
    assert (figures.raw, figures.aivss) == (D(raw), D(expected))


def test_the_standards_own_rounding_examples() -> None:
    """AIVSS 0.8 section 3.4: 8.64 -> 8.6 and 8.65 -> 8.7."""
    assert [str(half_up(D(given))) for given, _ in GOLDEN["v0_8_rounding"]] == [e for _, e in GOLDEN["v0_8_rounding"]]


@pytest.mark.parametrize("case", GOLDEN["edge_cases"], ids=_id)
def test_edge_cases(case: dict[str, str]) -> None:
    inputs = D(case["cvss_base"]), (D(case["factor_sum"]),), D(case["thm"]), D(case["mitigation_factor"])
    figures = equation(*inputs)
    assert (figures.aars, figures.raw, figures.aivss) == (D(case["aars"]), D(case["raw"]), D(case["aivss"]))
    assert severity(figures.aivss) == case["severity"]
    assert proposal(*inputs).aivss == D(case["v1_proposal_aivss"])


@pytest.mark.parametrize("case", GOLDEN["third_party"], ids=_id)
def test_printed_results_of_another_calculator(case: dict[str, Any]) -> None:
    given = case["input"]
    factors = [D(v) for v in given["factors"].values()] if "factors" in given else [D(given["factor_sum"])]
    figures = equation(D(given["cvss_base"]), factors, D(given["thm"]), D(given["mitigation_factor"]))
    assert (figures.raw, figures.aivss) == (D(case["raw"]), D(case["printed"]["aivss"]))
    assert severity(figures.aivss) == case["printed"]["severity"]


@pytest.mark.parametrize("card", CARDS, ids=_id)
def test_every_published_card_digit_for_digit(card: dict[str, Any]) -> None:
    """Score, band, factor sum and AARS as a public directory displays them."""
    keys = ("cvss_base", "factors", "thm", "mitigation_factor")
    line = score_line({"profile": "directory-card"} | {key: card[key] for key in keys})
    assert (D(line["aivss"]), line["severity"]) == (D(str(card["aivss"])), card["band"])
    assert card["factor_sum"] is None or D(line["factor_sum"]) == D(str(card["factor_sum"]))
    assert card["aars"] is None or D(line["aars"]) == D(str(card["aars"]))
    departures = " ".join(line["conformance"])
    assert "no CVSS vector" in departures and "three-point" in departures
    assert ("off the table" in departures) == (
        D(str(card["thm"])) not in PROFILES["directory-card"].thm.values()
        or D(str(card["mitigation_factor"])) not in PROFILES["directory-card"].mitigation.values()
    )


@pytest.mark.parametrize("case", GOLDEN["cvss4_vectors"], ids=_id)
def test_cvss_bases_of_printed_vectors(case: list[str]) -> None:
    """A vector with exploit maturity (E) is refused: ThM carries that, and E as well would count it twice."""
    if "/E:" in case[0]:
        with pytest.raises(BadInput, match="not a CVSS"):
            base_score.base(case[0])
        return
    assert base_score.base(case[0]) == D(case[1])
    assert base_score.vector_of(base_score.metrics_of(case[0])) == case[0]


def test_reachable_bases() -> None:
    assert sorted(base_score.REACHABLE_BASES) == [D(value) for value in GOLDEN["cvss4_base_values"]]


ARCHETYPE_FACTS: dict[str, str] = {
    # runs_at input_barrier set_up_by fed_by approval reads writes executes isolation reaches changes spends
    "prompt store / observability SaaS": "hosted no_barrier vendor account_holders unattended secrets_or_all limited"
    " nothing none scoped nothing nothing",
    "media agent in chat channels": "hosted no_barrier vendor anyone user_starts limited limited"
    " fixed_commands none scoped scoped nothing",
    "model builder running generated code": "hosted no_barrier vendor account_holders unattended limited limited"
    " arbitrary_code none scoped scoped nothing",
    "autonomous coding agent, shell and repository write": "local no_barrier vendor anyone user_starts secrets_or_all"
    " broad arbitrary_code none broad broad broad",
    "instruction-only skill": "local no_barrier integrator anyone user_starts nothing_private limited"
    " nothing none nothing nothing nothing",
    "read-only public lookup tool": "hosted no_barrier vendor anyone user_starts nothing_private limited"
    " nothing none nothing nothing nothing",
}


@pytest.mark.parametrize("case", GOLDEN["archetypes"], ids=_id)
def test_whole_agent_archetypes(case: dict[str, str]) -> None:
    """Our own archetypes, by the rule table from their facts (nothing is published on whole agents)."""
    facts = dict(zip(vector_rules.BASE_FACTS, ARCHETYPE_FACTS[case["archetype"]].split(), strict=True))
    assert vector_rules.vector(facts) == case["cvss_vector"]
    base = base_score.base(case["cvss_vector"])
    figures = equation(base, (D(case["factor_sum"]),), D(case["thm"]), D(case["mitigation_factor"]))
    assert (base, figures.aivss) == (D(case["cvss_base"]), D(case["aivss"]))
    assert severity(figures.aivss) == case["severity"]


@pytest.mark.parametrize("case", GOLDEN["sample_sums"], ids=lambda c: c["agent"])
def test_tenths_move_to_the_three_point_scale(case: dict[str, Any]) -> None:
    """Factors printed in published records; sums computed."""
    values = [D(v) for v in case["factors"].values()]
    assert sum(values) == D(case["factor_sum"])
    assert sum(three_point(v) for v in values) == D(case["factor_sum_quantised"])


EXAMPLE = GOLDEN["v0_8_examples"][0]["input"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"factors": EXAMPLE["factors"] | {"tools": "0.3"}}, "tools is 0.0, 0.5 or 1.0"),
        ({"factors": {k: v for k, v in EXAMPLE["factors"].items() if k != "tools"}}, "missing factor tools"),
        ({"factors": EXAMPLE["factors"] | {"goal_driven_planning": "0.5"}}, "unknown factor"),
        ({"factors": EXAMPLE["factors"] | {"natural_language_interface": "0.5"}}, "unknown factor"),
        ({"thm": "0.91"}, "not in the table"),
        ({"thm": 0.95}, "not in the table"),
        ({"thm": "1.05"}, "not in the table"),
        ({"thm": "1.1"}, "not in the table"),
        ({"mitigation_factor": "0.6"}, "not in the table"),
        ({"mitigation_factor": "0.85"}, "not in the table"),
        ({"cvss_vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, "CVSS:4.0 vector"),
        ({"cvss_vector": EXAMPLE["cvss_vector"].replace("UI:A", "UI:R")}, "UI is one of A, P, N"),
        ({"cvss_vector": EXAMPLE["cvss_vector"].replace("/AT:N", "")}, "lacks AT"),
        ({"cvss_vector": EXAMPLE["cvss_vector"] + "/AV:N"}, "stands twice"),
        ({"cvss_vector": EXAMPLE["cvss_vector"] + "/E:P"}, "not a CVSS v4.0 base metric"),
        ({"cvss_base": "9.3"}, "not what the vector gives"),
        ({"cvss_vector": None, "cvss_base": "9.4"}, "needs cvss_vector"),
        ({"factors": EXAMPLE["factors"] | {"tools": "NaN"}}, "finite"),
        ({"factors": EXAMPLE["factors"] | {"tools": True}}, "is a number"),
        ({"factors": EXAMPLE["factors"] | {"tools": "1e999999"}}, "digits|from 0.0"),
        ({"factors": EXAMPLE["factors"] | {"tools": 10**5000}}, "digits"),
        ({"factors": [1, 2]}, "factors is an object"),
        ({"typo": 1}, "unknown key"),
        ({"profile": "aivss-9"}, "no formula profile"),
    ],
)
def test_strict_must_reject(change: dict[str, Any], words: str) -> None:
    """The must-reject list, and what a person can mistype; always one line."""
    with pytest.raises(BadInput, match=words) as error:
        score_line({"profile": "owasp-aivss-0.8", **EXAMPLE} | change)
    assert "\n" not in str(error.value)


def test_a_made_up_base_is_refused_or_listed() -> None:
    """3.3 is no value that CVSS v4.0 can give: an error, and a listed departure in the permissive profile."""
    line = {"cvss_base": 3.3, "factors": CARDS[0]["factors"]}
    with pytest.raises(BadInput, match="no value that CVSS"):
        score_line({"profile": "aivss-0.8-listing"} | line)
    assert any("3.3" in note for note in score_line({"profile": "directory-card"} | line)["conformance"])


def test_zero_impact_is_flagged() -> None:
    factors = dict.fromkeys(PROFILES["aivss-0.8-listing"].factors, "0.5")
    line = score_line({"cvss_base": "0.0", "factors": factors, "thm": "0.97"})
    assert line["aivss"] == "4.9" and any(note.startswith("zero impact") for note in line["conformance"])


def test_the_eleventh_factor_may_stand_there_and_is_not_summed() -> None:
    factors = dict.fromkeys(PROFILES["aivss-0.8-listing"].factors, "0.1")
    line = score_line({"cvss_base": 5.3, "factors": factors | {"natural_language_interface": 1}})
    assert line["factor_sum"] == "1.0" and any("not summed" in note for note in line["conformance"])
    assert list(line) == [
        "profile", "cvss_vector", "cvss_base", "factor_sum", "thm", "mitigation_factor",
        "aars", "raw", "aivss", "severity", "conformance",
    ]  # fmt: skip


def test_numbers_of_more_digits_than_an_exact_product_can_hold_are_refused() -> None:
    """28 digits of Decimal hold a base, a sum of tenths and two multipliers of ten digits; cards have more."""
    line = {"cvss_base": 5.3, "factors": dict.fromkeys(PROFILES["aivss-0.8-listing"].factors, "0.1")}
    multipliers = {"thm": "0.9999999999", "mitigation_factor": "0.8888888888"}
    raw = D(score_line(line | multipliers)["raw"])
    assert raw == (D("5.3") + D("4.7") * D("0.1") * D("0.9999999999")) * D("0.8888888888")
    with pytest.raises(BadInput, match="digits"):
        score_line(line | {"thm": "0.99999999999"})
    assert score_line(line | {"profile": "directory-card", "thm": 0.8500000000000001})["thm"] == "0.8500000000000001"
