"""The AIVSS vector string, and the strict 0.8 report."""

from __future__ import annotations

import copy
import json
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.errors import BadInput
from scoring.factor_estimates import estimates
from scoring.formulas import HEADLINE, profile_named, score_line
from scoring.formulas.profile import FACTORS_0_8
from scoring.headline.aivss_vector import AivssVector, write_vector
from scoring.headline.runs import span
from scoring.risks.aivss_report import report
from scoring.scores import Provenance
from scoring.vocabulary import RiskFactor

REPORT_SCHEMA = json.loads((Path(__file__).parent / "aivss_report_0.8.json").read_text(encoding="utf-8"))
"""AIVSS 0.8 Appendix A, written down as data; fields and limits are the standard's."""

NAMES = dict(zip(("AU", "TO", "LA", "CX", "ND", "OP", "PE", "ID", "MA", "SM"), FACTORS_0_8, strict=True))
UNKNOWN = AivssVector(dict.fromkeys(FACTORS_0_8))


@given(
    st.lists(st.sampled_from(["0.0", "0.5", "1.0", "X"]), min_size=10, max_size=10),
    st.sampled_from([("", None), ("/THM:A", D("1.0")), ("/THM:P", D("0.97")), ("/THM:U", D("0.50"))]),
    st.sampled_from([("", None), ("/MF:N", D("1.0")), ("/MF:P", D("0.83")), ("/MF:S", D("0.67"))]),
)
def test_each_part_of_a_vector_has_its_place(values: list[str], thm: Any, mitigation: Any) -> None:
    factors = {NAMES[key]: None if value == "X" else D(value) for key, value in zip(NAMES, values, strict=True)}
    printed = "/".join(f"{key}:{value}" for key, value in zip(NAMES, values, strict=True))
    written = write_vector(AivssVector(factors, thm[1], mitigation[1]))
    assert written == f"AIVSS:0.8/{printed}{thm[0]}{mitigation[0]}"


def test_the_vector_that_a_scanner_prints_is_written_alike() -> None:
    """A string that a third-party scanner prints; X is not observed."""
    factors = UNKNOWN.factors | {"tools": D(1), "self_mod": D(0)}
    assert write_vector(AivssVector(factors)) == "AIVSS:0.8/AU:X/TO:1.0/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:0.0"


@pytest.mark.parametrize(
    "vector",
    [
        AivssVector({}),
        UNKNOWN._replace(factors=UNKNOWN.factors | {"tools": D("0.3")}),
        UNKNOWN._replace(thm=D("0.91")),
        UNKNOWN._replace(mitigation_factor=D("0.5")),
    ],
)
def test_what_the_grammar_does_not_have_is_not_written(vector: AivssVector) -> None:
    with pytest.raises(BadInput):
        write_vector(vector)


def test_a_record_prints_x_for_what_is_not_certain(make: Any, provenance: Provenance) -> None:
    extraction = make({"autonomy_of_action": "0.7", "self_modification": "1.0", "persistent_memory": "0.2"})
    vector = assess(extraction, "sha256:" + "1" * 64, provenance).headline.aivss_vector
    assert vector == "AIVSS:0.8/AU:0.5/TO:X/LA:X/CX:X/ND:X/OP:X/PE:0.0/ID:X/MA:X/SM:1.0/THM:P/MF:N"


@pytest.mark.parametrize(("executes", "strict"), [("arbitrary_code", D("1.0")), ("fixed_commands", D("0.5"))])
def test_the_strict_profile_reads_self_modification_as_the_standard_does(
    make: Any, provenance: Provenance, executes: str, strict: D
) -> None:
    """Table 2 of AIVSS 0.8: what generates and runs code is 1.0; the headline profile departs, and says so."""
    found = make({"self_modification": "0.3", "autonomy_of_action": "0.5"}, {"executes": executes})
    headline = assess(found, "sha256:" + "1" * 64, provenance, HEADLINE).headline
    assert f"/SM:{strict}/" in headline.aivss_vector
    factors = span(estimates(found), profile_named("owasp-aivss-0.8")).estimated.factors
    assert factors[list(FACTORS_0_8).index("self_mod")] == strict
    assert D("0.3") in span(estimates(found), profile_named(HEADLINE)).estimated.factors
    assert any("1.0 by the standard" in note for note in headline.conformance)


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
