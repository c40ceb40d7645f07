"""From an exact number to one decimal and a band.

AIVSS 0.8 section 3.4: round half up to one decimal, once, at the end (8.64 -> 8.6, 8.65 -> 8.7).
AIVSS 0.8 section 3.5.2: Low 0.1-3.9, Medium 4.0-6.9, High 7.0-8.9, Critical 9.0-10.0.
0.0 has no band in the standard; `None` for it is our addition.
"""

from decimal import ROUND_HALF_UP, Decimal

from scoring.vocabulary import Severity

TENTH = Decimal("0.1")

BANDS: tuple[tuple[Decimal, Severity], ...] = (
    (Decimal("9.0"), Severity.CRITICAL),
    (Decimal("7.0"), Severity.HIGH),
    (Decimal("4.0"), Severity.MEDIUM),
    (Decimal("0.1"), Severity.LOW),
    (Decimal("0.0"), Severity.NONE),
)
"""Lowest score of each band, highest band first."""


def half_up(raw: Decimal) -> Decimal:
    """`round_half_up(raw, 1)`: the only rounding."""
    return raw.quantize(TENTH, rounding=ROUND_HALF_UP)


def severity(score: Decimal) -> Severity:
    """The band of a score that is already rounded to one decimal."""
    for lowest, band in BANDS:
        if score >= lowest:
            return band
    raise ValueError(f"a score is never below 0: {score}")


def plain(number: Decimal, places: int = 1) -> Decimal:
    """The same number written without an exponent and without idle zeros, with at least `places` decimals.

    Equal numbers are then written equally, so equal records have equal bytes.
    """
    if number == 0:
        return Decimal(0).quantize(Decimal(1).scaleb(-places))
    exponent = number.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return number.quantize(Decimal(1).scaleb(min(exponent, -places)))
