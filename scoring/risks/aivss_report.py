"""The strict export: core risks of a record as an OWASP AIVSS 0.8 report, valid against that report's schema.

Idea: the standard's own report knows findings under the ten core risks, so the export holds one finding for
each core risk that applies, scored strictly: its ten factors on the three-point scale, table ThM and MF, a
CVSS v4.0 vector. What the schema has no place for (unknowns, range, evidence, formula version) is said in
words. Invariant: each number follows from the others in the same finding by the 0.8 equation. A finding whose
score is withheld (no technical impact) is no finding; 0.0 has no band, so `severity` is then left out. The
export is the only place where numbers leave as JSON numbers.

Source: OWASP AIVSS 0.8, Appendix A (JSON Schema draft-07).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from scoring.claims import Extraction
from scoring.cvss import base_score
from scoring.factor_estimates import estimates
from scoring.formulas import owasp_aivss_08
from scoring.formulas.profile import FACTORS_0_8
from scoring.headline.runs import Inputs, span
from scoring.headline.severity import severity
from scoring.risks.risk_profile import risk_rows
from scoring.scores import Applicability, RiskRow
from scoring.vocabulary import CORE_RISK_TITLES, CoreRisk, Severity

CATEGORIES: dict[CoreRisk, str] = {
    risk: title.replace("Orchestration and", "Orchestration &")
    .replace("Memory and", "Memory &")
    .replace("Supply Chain and", "Supply Chain &")
    .replace("Goal and", "Goal &")
    for risk, title in CORE_RISK_TITLES.items()
}
"""The schema's category names: `&` where the headings of the text have `and`."""


def report(extraction: Extraction, assessment_date: date, assessor_id: str) -> dict[str, Any]:
    """The 0.8 report of an extraction: one finding for each core risk that applies."""
    given, profile = estimates(extraction), owasp_aivss_08.PROFILE
    inputs = span(given, profile).estimated
    unknown = [key for key, factor in FACTORS_0_8.items() if factor in given.unknown]
    rows = [
        row
        for row in risk_rows(extraction, given, profile)
        if row.applicability is Applicability.APPLIES and row.score is not None
    ]
    notes = (
        "Estimated from public information by the AIVSS 0.8 equation. CVSS vectors start from the standard's "
        "reference vectors and follow listing facts. Factors are judged once for the whole agent."
    )
    if unknown:
        notes += f" Not certain from the listing, entered as estimates: {', '.join(unknown)}."
    return {
        "metadata": {
            "system_name": extraction.name,
            "assessment_date": assessment_date.isoformat(),
            "assessor_id": assessor_id,
            "notes": notes,
        },
        "vulnerabilities": [_finding(extraction, row, inputs) for row in rows],
    }


def _finding(extraction: Extraction, row: RiskRow, inputs: Inputs) -> dict[str, Any]:
    base = base_score.base(row.cvss_vector)
    figures = owasp_aivss_08.equation(base, *inputs)
    band = severity(figures.aivss)
    scores: dict[str, Any] = {
        "factor_sum": _number(figures.factor_sum),
        "aars": _number(figures.aars),
        "mitigation_factor": _number(inputs.mitigation),
        "aivss": _number(figures.aivss),
    }
    if band is not Severity.NONE:
        scores["severity"] = str(band)
    return {
        "id": f"assay:{extraction.slug}/{row.risk}",
        "title": CORE_RISK_TITLES[row.risk],
        "description": f"{extraction.name}: {row.why}. Quotes behind it: {row.evidence}. "
        f"With every unknown at its safest and worst: {row.low} to {row.high}.",
        "owasp_category": CATEGORIES[row.risk],
        "cvss_base": {"vector_string": row.cvss_vector, "score": _number(base)},
        "amplification_factors": {key: _number(value) for key, value in zip(FACTORS_0_8, inputs.factors, strict=True)},
        "threat_multiplier": _number(inputs.thm),
        "scores": scores,
    }


def _number(value: Decimal) -> float:
    return float(value)
