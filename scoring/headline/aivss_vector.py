"""The AIVSS vector string: the ten factors of 0.8 in one line, X for what is not known.

    vector = "AIVSS:0.8" 10( "/" key ":" val ) [ "/THM:" thm ] [ "/MF:" mf ]
    key    = AU | TO | LA | CX | ND | OP | PE | ID | MA | SM       fixed order
    val    = "0.0" | "0.5" | "1.0" | "X"
    thm    = "A" | "P" | "U"        mf = "N" | "P" | "S"

AIVSS 0.8 defines no string, only the order of "the calculation vector" (section 3.3); the grammar is ours and
agrees with one that a scanner already prints. The CVSS vector is kept beside it. Invariant: a string determines its
vector, and a vector its string.
"""

from collections.abc import Mapping
from decimal import Decimal

from scoring.errors import BadInput
from scoring.factor_estimates import ONE, Estimates, runs_code
from scoring.formulas.profile import FACTORS_0_8, three_point
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8

PREFIX = "AIVSS:0.8"
_SELF_MODIFICATION = "self_mod"
KEYS: dict[str, str] = dict(zip(("AU", "TO", "LA", "CX", "ND", "OP", "PE", "ID", "MA", "SM"), FACTORS_0_8, strict=True))
"""Key to factor of the 0.8 schema, in order."""
VALUES: dict[str, Decimal | None] = {"0.0": Decimal("0.0"), "0.5": Decimal("0.5"), "1.0": Decimal("1.0"), "X": None}
THM = dict(zip("APU", THM_0_8.values(), strict=True))
MF = dict(zip("NPS", MITIGATION_0_8.values(), strict=True))


def write_vector(factors: Mapping[str, Decimal | None], thm: Decimal | None, mitigation: Decimal | None) -> str:
    """The string of ten factors, None for X, and of ThM and MF where they are known; `BadInput` if a value is none that
    the grammar has."""
    missing = [factor for factor in FACTORS_0_8 if factor not in factors]
    if missing:
        raise BadInput(f"the vector lacks {missing[0]}")
    parts = [f"{key}:{_letter(VALUES, factors[factor], factor)}" for key, factor in KEYS.items()]
    parts += [] if thm is None else [f"THM:{_letter(THM, thm, 'ThM')}"]
    parts += [] if mitigation is None else [f"MF:{_letter(MF, mitigation, 'MF')}"]
    return "/".join([PREFIX, *parts])


def aivss_vector(agent: Estimates, thm: Decimal, mitigation: Decimal) -> str:
    """The vector of an agent: known factors on the three-point scale, X for each that is not certain."""
    factors = {
        key: None if factor in agent.unknown else three_point(agent.factors[factor])
        for key, factor in FACTORS_0_8.items()
    }
    if runs_code(agent.facts):
        factors[_SELF_MODIFICATION] = ONE
    return write_vector(
        factors, thm if thm in THM.values() else None, mitigation if mitigation in MF.values() else None
    )


def _letter(table: Mapping[str, Decimal | None], value: Decimal | None, what: str) -> str:
    for letter, number in table.items():
        if number == value:
            return letter
    raise BadInput(f"{what} {value} has no place in the vector; it is one of {', '.join(map(str, table.values()))}")
