"""The AIVSS vector string, and the strict 0.8 report."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal as D
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.equation.aivss_vector import AivssVector, read_vector, write_vector
from scoring.errors import BadInput
from scoring.profiles import score_line
from scoring.risks.aivss_report import REPORT_SCHEMA, report
from scoring.scores import Provenance
from scoring.vocabulary import RiskFactor

KEYS = ("AU", "TO", "LA", "CX", "ND", "OP", "PE", "ID", "MA", "SM")
TEXTS = st.builds(
    lambda values, thm, mf: "/".join(
        ["AIVSS:0.8", *(f"{key}:{value}" for key, value in zip(KEYS, values, strict=True)), *thm, *mf]
    ),
    st.lists(st.sampled_from(["0.0", "0.5", "1.0", "X"]), min_size=10, max_size=10),
    st.sampled_from([[], ["THM:A"], ["THM:P"], ["THM:U"]]),
    st.sampled_from([[], ["MF:N"], ["MF:P"], ["MF:S"]]),
)


@given(TEXTS)
def test_round_trip(text: str) -> None:
    assert write_vector(read_vector(text)) == text


def test_a_scanners_printed_vector_is_read() -> None:
    """A string that a third-party scanner prints; X is not observed."""
    read = read_vector("AIVSS:0.8/AU:X/TO:1.0/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:0.0")
    assert (read.factors["tools"], read.factors["self_mod"], read.factors["autonomy"]) == (D(1), D(0), None)
    assert read.thm is None and read.mitigation_factor is None


GOOD = "AIVSS:0.8/AU:X/TO:1.0/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:0.0"


@pytest.mark.parametrize(
    "text",
    [
        "", "AIVSS:0.8", GOOD.replace("0.8", "0.5", 1), GOOD.replace("/AU:X", ""), GOOD.replace("TO:1.0", "TO:0.3"),
        GOOD.replace("AU:X/TO:1.0", "TO:1.0/AU:X"), GOOD + "/THM:X", GOOD + "/MF:N/THM:A", GOOD + "/", GOOD + "/E:P",
    ],
)  # fmt: skip
def test_what_the_grammar_does_not_have(text: str) -> None:
    with pytest.raises(BadInput):
        read_vector(text)


def test_a_value_off_the_grammar_is_not_written() -> None:
    with pytest.raises(BadInput):
        write_vector(AivssVector(read_vector(GOOD).factors | {"tools": D("0.3")}))


def test_a_record_prints_x_for_what_is_not_certain(make: Any, provenance: Provenance) -> None:
    extraction = make({"autonomy_of_action": "0.7", "self_modification": "1.0", "persistent_memory": "0.2"})
    vector = assess(extraction, "sha256:" + "1" * 64, provenance).headline.aivss_vector
    assert vector == "AIVSS:0.8/AU:0.5/TO:X/LA:X/CX:X/ND:X/OP:X/PE:0.0/ID:X/MA:X/SM:1.0/THM:P/MF:N"


def _report(make: Any, **more: Any) -> dict[str, Any]:
    facts = {"executes": "arbitrary_code", "isolation": "none", "fed_by": "anyone", "control": "enforceable"}
    return report(make({str(f): "0.6" for f in RiskFactor}, facts, **more), date(2026, 3, 1), "assay")


def test_the_report_is_valid_against_the_schema_of_0_8(make: Any) -> None:
    """Schema: AIVSS 0.8 Appendix A, draft-07."""
    jsonschema.Draft7Validator.check_schema(REPORT_SCHEMA)
    validator = jsonschema.Draft7Validator(REPORT_SCHEMA, format_checker=jsonschema.FormatChecker())
    for document in (_report(make), report(make(), date(2026, 3, 1), "assay")):
        assert not list(validator.iter_errors(document))
        assert document["vulnerabilities"]


def test_every_number_of_the_report_follows_by_the_strict_profile(make: Any) -> None:
    for finding in _report(make)["vulnerabilities"]:
        line = score_line(
            {
                "profile": "owasp-aivss-0.8",
                "cvss_vector": finding["cvss_base"]["vector_string"],
                "cvss_base": finding["cvss_base"]["score"],
                "factors": finding["amplification_factors"],
                "thm": finding["threat_multiplier"],
                "mitigation_factor": finding["scores"]["mitigation_factor"],
            }
        )
        scores = finding["scores"]
        assert (float(line["factor_sum"]), float(line["aars"])) == (scores["factor_sum"], scores["aars"])
        assert (float(line["aivss"]), line["severity"]) == (scores["aivss"], scores["severity"])
        assert scores["mitigation_factor"] == 0.83


def test_a_finding_whose_score_is_withheld_is_not_exported(make: Any, provenance: Provenance) -> None:
    """Zero-impact guard: the equation alone would give such a finding a number."""
    harmless = make(
        dict.fromkeys(map(str, RiskFactor), "0.6"),
        {
            "reads": "nothing_private", "writes": "nothing", "executes": "nothing", "isolation": "none",
            "reaches": "nothing", "changes": "nothing", "spends": "nothing",
        },
    )  # fmt: skip
    withheld = {
        row.risk
        for row in assess(harmless, "sha256:" + "1" * 64, provenance, "owasp-aivss-0.8").risks
        if row.applicability == "applies" and row.score is None
    }
    exported = {
        finding["id"].split("/")[1] for finding in report(harmless, date(2026, 3, 1), "assay")["vulnerabilities"]
    }
    assert withheld and not withheld & exported and "supply_chain" in exported


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("vulnerabilities", 0, "owasp_category"), "Agent Memory and Context Manipulation"),
        (("vulnerabilities", 0, "amplification_factors", "tools"), 0.3),
        (("vulnerabilities", 0, "threat_multiplier"), 0.91),
        (("vulnerabilities", 0, "scores", "severity"), "None"),
        (("vulnerabilities", 0, "scores", "mitigation_factor"), 0.5),
        (("vulnerabilities", 0, "cvss_base", "score"), 10.1),
        (("metadata", "assessment_date"), "tomorrow"),
    ],
)
def test_the_schema_refuses_what_0_8_does_not_have(make: Any, path: tuple[Any, ...], value: Any) -> None:
    document = copy.deepcopy(_report(make))
    place: Any = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    validator = jsonschema.Draft7Validator(REPORT_SCHEMA, format_checker=jsonschema.FormatChecker())
    assert list(validator.iter_errors(document))
