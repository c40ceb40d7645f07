"""The proposed repair of AIVSS 0.8 that keeps CVSS as a floor. Contributed text, never a standard.

    AARS  = (10 - B) x (Factor_Sum / 10) x ThM      as in 0.8
    raw   = B + AARS x MF                           mitigation shrinks the agentic part only
    AIVSS = clamp(round_half_up(raw, 1), B, 10)

Source: MindXO, contribution to OWASP AIVSS, April 2026; informative annex B of a candidate repository.
In 0.8 a mitigated score can fall below its own CVSS base; here it cannot.
"""

from collections.abc import Sequence
from decimal import Decimal

from scoring.formulas.profile import FACTORS_0_8, FACTORS_PUBLISHED, Figures, Profile
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8
from scoring.headline.severity import half_up

TEN = Decimal(10)


def equation(cvss_base: Decimal, factors: Sequence[Decimal], thm: Decimal, mitigation_factor: Decimal) -> Figures:
    """`AIVSS = clamp(round_half_up(B + (10 - B) x (Factor_Sum / 10) x ThM x MF, 1), B, 10)`."""
    factor_sum = sum(factors, Decimal(0))
    aars = (TEN - cvss_base) * (factor_sum / TEN) * thm
    raw = cvss_base + aars * mitigation_factor
    return Figures(factor_sum, aars, raw, min(max(half_up(raw), cvss_base), TEN))


PROFILE = Profile(
    id="aivss-1.0-proposal",
    title="AIVSS 1.0 proposal",
    source="MindXO, contribution to OWASP AIVSS, April 2026",
    equation=equation,
    factors=FACTORS_PUBLISHED,
    also_accepts=FACTORS_0_8,
    thm=THM_0_8,
    mitigation=MITIGATION_0_8,
    conformance=("a proposal that OWASP has not published",),
)
