"""Score cards as a public agent directory prints them, reproduced digit for digit in order to audit them.

    factor_sum = round(f[1] + ... + f[10], 1)
    AARS       = (10 - B) x (factor_sum / 10) x ThM      shown as round(AARS, 2)
    AIVSS      = round((B + AARS) x MF, 1)               the band is read off this

All in binary floating point with the language's built-in rounding, as the cards were made. This is the only
profile that is not exact, on purpose. It refuses nothing that a card prints and lists every departure.

Source: recomputation of 45 published cards. The equation is that of AIVSS 0.8, section 3.4.
"""

from collections.abc import Sequence
from decimal import Decimal

from scoring.formulas.profile import FACTORS_PUBLISHED, Figures, Profile
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8


def equation(cvss_base: Decimal, factors: Sequence[Decimal], thm: Decimal, mitigation_factor: Decimal) -> Figures:
    """`AIVSS = round((B + (10 - B) x (factor_sum / 10) x ThM) x MF, 1)` in binary floating point."""
    base, multiplier, mitigation = float(cvss_base), float(thm), float(mitigation_factor)
    factor_sum = round(sum(float(factor) for factor in factors), 1)
    aars = (10 - base) * (factor_sum / 10) * multiplier
    raw = (base + aars) * mitigation
    return Figures(*(Decimal(repr(number)) for number in (factor_sum, round(aars, 2), raw, round(raw, 1))))


PROFILE = Profile(
    id="directory-card",
    title="Score card of a public agent directory",
    source="recomputation of published score cards; equation of OWASP AIVSS 0.8 section 3.4",
    equation=equation,
    factors=FACTORS_PUBLISHED,
    thm=THM_0_8,
    mitigation=MITIGATION_0_8,
    permissive=True,
    conformance=(
        "factor set of AIVSS 0.5 under the equation of AIVSS 0.8",
        "binary floating point with built-in rounding; AARS is shown to two decimals",
    ),
)
