"""OWASP AIVSS 0.8 (March 2026), sections 3.3 to 3.5, strictly.

    B          CVSS v4.0 base score, from its vector                  section 3.1.1
    f[1..10]   each 0.0, 0.5 or 1.0                                   table 2
    ThM        Attacked 1.00, Proof-of-Concept 0.97, Unreported 0.50  table 4a, default 0.97
    MF         No/Weak 1.00, Partial 0.83, Strong 0.67                table 4b, default 1.00

    Factor_Sum = f[1] + ... + f[10]
    Risk_Gap   = 10 - B
    AARS       = Risk_Gap x (Factor_Sum / 10) x ThM                   not rounded
    raw        = (B + AARS) x MF                                      not rounded
    AIVSS      = round_half_up(raw, 1)                                the only rounding

Table 2 gives self-modification 1.0 to whatever generates and runs code; so does this, by the fact that it runs any.

MF 0.85 and the like: the report schema allows any MF from 0.67 to 1.0, table 4b three values. We take the
table and refuse the rest.
"""

from collections.abc import Sequence
from decimal import Decimal

from scoring.formulas.profile import FACTORS_0_8, Figures, Profile
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8
from scoring.headline.severity import half_up

TEN = Decimal(10)


def equation(cvss_base: Decimal, factors: Sequence[Decimal], thm: Decimal, mitigation_factor: Decimal) -> Figures:
    """`AIVSS = round_half_up((B + (10 - B) x (Factor_Sum / 10) x ThM) x MF, 1)`."""
    factor_sum = sum(factors, Decimal(0))
    aars = (TEN - cvss_base) * (factor_sum / TEN) * thm
    raw = (cvss_base + aars) * mitigation_factor
    return Figures(factor_sum, aars, raw, half_up(raw))


PROFILE = Profile(
    id="owasp-aivss-0.8",
    title="OWASP AIVSS 0.8",
    source="OWASP AIVSS Scoring System For OWASP Agentic AI Core Security Risks, v0.8, March 2026, sections 3.3 to 3.5",
    equation=equation,
    factors=FACTORS_0_8,
    thm=THM_0_8,
    mitigation=MITIGATION_0_8,
    strict=True,
    code_modifies=True,
    needs_vector=True,
)
