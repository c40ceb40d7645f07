"""CVSS v4.0 base metrics and base score; the arithmetic is the `cvss` library's, kept by vector.

Idea: a base is never stated, it is computed from its vector. Invariant: `base(vector)` is one of the 63
values that a CVSS v4.0 base vector can take, and never decreases when one metric moves from safest to worst.

Source: FIRST, CVSS v4.0 specification, section 2 (base metrics). Threat metrics (E) are not accepted:
AIVSS carries exploit maturity in ThM, and E as well would count it twice.
"""

from decimal import Decimal
from functools import lru_cache

from cvss import CVSS4
from cvss.exceptions import CVSS4Error

from scoring.errors import BadInput, shown

PREFIX = "CVSS:4.0/"

METRICS: dict[str, str] = {
    "AV": "PLAN",
    "AC": "HL",
    "AT": "PN",
    "PR": "HLN",
    "UI": "APN",
    "VC": "NLH",
    "VI": "NLH",
    "VA": "NLH",
    "SC": "NLH",
    "SI": "NLH",
    "SA": "NLH",
}
"""The eleven base metrics in the order of the vector, each with its values, safest first."""

_GAPS = ((1, 9), (11, 17), (19, 19), (22, 22), (25, 39), (66, 66), (80, 80), (96, 98))
"""Tenths that no base vector gives, first and last of each gap."""

REACHABLE_BASES: frozenset[Decimal] = frozenset(
    Decimal(tenths).scaleb(-1) for tenths in range(101) if not any(first <= tenths <= last for first, last in _GAPS)
)
"""The 63 base scores that the 104,976 base vectors can give."""


def vector_of(metrics: dict[str, str]) -> str:
    """The vector string of eleven metric values."""
    return PREFIX + "/".join(f"{name}:{metrics[name]}" for name in METRICS)


def metrics_of(vector: str) -> dict[str, str]:
    """The eleven metric values of a base vector; `BadInput` says which part does not belong."""
    if not vector.startswith(PREFIX):
        raise BadInput(f"a base is a {PREFIX[:-1]} vector, not {shown(vector.split('/')[0])}")
    found: dict[str, str] = {}
    for part in vector.removeprefix(PREFIX).split("/"):
        name, _, value = part.partition(":")
        if name not in METRICS:
            raise BadInput(f"{shown(part)} is not a CVSS v4.0 base metric")
        if name in found:
            raise BadInput(f"metric {name} stands twice in the vector")
        if len(value) != 1 or value not in METRICS[name]:
            raise BadInput(f"{name} is one of {', '.join(METRICS[name])}, not {shown(value)}")
        found[name] = value
    missing = [name for name in METRICS if name not in found]
    if missing:
        raise BadInput(f"the vector lacks {', '.join(missing)}; all eleven base metrics are mandatory")
    return found


@lru_cache(maxsize=131_072)
def base(vector: str) -> Decimal:
    """The CVSS v4.0 base score of a vector, 0.0 to 10.0."""
    metrics_of(vector)
    try:
        return Decimal(str(CVSS4(vector).base_score)).quantize(Decimal("0.1"))
    except CVSS4Error as error:
        raise BadInput(f"not a CVSS v4.0 base vector: {error}") from error
