"""OWASP AIVSS 0.5 (July 2025), section 4: the averaging form, superseded.

    AARS  = f[1] + ... + f[10]                      each 0.0, 0.5 or 1.0; 0 to 10
    raw   = ((B + AARS) / 2) x ThM                  B: CVSS v4.0 base score
    AIVSS = round_half_up(raw, 1)

ThM: Attacked 1.0, PoC 0.97 (default), Unreported 0.91. There is no mitigation factor. The rounding mode is
not stated; half up reproduces every printed final. Vector: `(CVSS:<B>/AARS:<AARS>)`.
"""

from collections.abc import Sequence
from decimal import Decimal

from scoring.formulas.profile import FACTORS_0_5, Figures, Profile
from scoring.formulas.threat_and_mitigation import NO_MITIGATION
from scoring.headline.severity import half_up


def equation(cvss_base: Decimal, factors: Sequence[Decimal], thm: Decimal, mitigation_factor: Decimal) -> Figures:
    """`AIVSS = round_half_up(((B + AARS) / 2) x ThM, 1)`, AARS the plain sum. MF does not exist and is not used."""
    return with_aars(cvss_base, sum(factors, Decimal(0)), thm)


def with_aars(cvss_base: Decimal, aars: Decimal, thm: Decimal) -> Figures:
    """The same from a stated AARS, to check printed records whose sum is wrong."""
    raw = ((cvss_base + aars) / 2) * thm
    return Figures(aars, aars, raw, half_up(raw))


PROFILE = Profile(
    id="owasp-aivss-0.5",
    title="OWASP AIVSS 0.5",
    source="OWASP AIVSS v0.5, July 2025, sections 4 and 7",
    equation=equation,
    factors=FACTORS_0_5,
    thm={"attacked": Decimal("1.0"), "proof_of_concept": Decimal("0.97"), "unreported": Decimal("0.91")},
    mitigation=NO_MITIGATION,
    strict=True,
    conformance=("AIVSS 0.5 is superseded by AIVSS 0.8",),
)
