"""Laws of the equations, and the whole legal grid against a second implementation in rational numbers."""

from decimal import Decimal as D
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.cvss.base_score import REACHABLE_BASES
from scoring.formulas.owasp_aivss_08 import equation
from scoring.formulas.profile import three_point
from scoring.formulas.table import PROFILES
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8
from scoring.headline.severity import half_up, plain, severity

BASES = sorted(REACHABLE_BASES)
EXACT = [profile for profile in PROFILES.values() if profile.id != "directory-card"]
base = st.sampled_from(BASES)
tenth = st.integers(0, 10).map(lambda n: D(n).scaleb(-1))
factors = st.lists(tenth, min_size=10, max_size=10)


def oracle(base: Fraction, factor_sum: Fraction, thm: Fraction, mf: Fraction) -> Fraction:
    """The text of AIVSS 0.8 section 3.4 once more, in rationals: half up is floor(10 x + 1/2) / 10."""
    raw = (base + (10 - base) * factor_sum / 10 * thm) * mf
    return Fraction((raw * 10 + Fraction(1, 2)).__floor__(), 10)


@pytest.mark.slow
def test_the_whole_legal_grid() -> None:
    """63 bases x 21 factor sums x 3 ThM x 3 MF = 11,907 scores, with the 237 exact ties among them."""
    ties = seen = 0
    for b, halves, thm, mf in product(BASES, range(21), THM_0_8.values(), MITIGATION_0_8.values()):
        factor_sum = D(halves) / 2
        figures = equation(b, (factor_sum,), thm, mf)
        assert Fraction(figures.aivss) == oracle(*(Fraction(x) for x in (b, factor_sum, thm, mf)))
        seen += 1
        ties += (figures.raw * 100) % 10 == 5
    assert (seen, ties) == (63 * 21 * 3 * 3, 237)


def test_the_tables_of_both_versions() -> None:
    """AIVSS 0.8 tables 4a and 4b; AIVSS 0.5 section 4, which has no mitigation factor."""
    tables = {
        profile.id: (
            {level: str(number) for level, number in profile.thm.items()},
            [str(number) for number in profile.mitigation.values()],
        )
        for profile in PROFILES.values()
    }
    newer = ({"attacked": "1.00", "proof_of_concept": "0.97", "unreported": "0.50"}, ["1.00", "0.83", "0.67"])
    older = ({"attacked": "1.0", "proof_of_concept": "0.97", "unreported": "0.91"}, ["1.00"] * 3)
    assert tables.pop("owasp-aivss-0.5") == older
    assert all(table == newer for table in tables.values()) and len(tables) == 4


@given(base, factors, st.sampled_from(EXACT), st.data())
def test_range_permutation_and_floor(b: D, values: list[D], profile, data) -> None:  # type: ignore[no-untyped-def]
    thm = data.draw(st.sampled_from(sorted(profile.thm.values())))
    mf = data.draw(st.sampled_from(sorted(set(profile.mitigation.values()))))
    figures = profile.equation(b, values, thm, mf)
    assert 0 <= figures.aivss <= 10
    assert profile.equation(b, data.draw(st.permutations(values)), thm, mf) == figures
    if profile.id != "owasp-aivss-0.5":
        if mf == 1 or profile.id == "aivss-1.0-proposal":
            assert figures.aivss >= b
        if b == 10:
            assert figures.aars == 0


@given(base, base, factors, factors, st.sampled_from(list(PROFILES.values())), st.data())
def test_never_decreases_in_any_input(b1: D, b2: D, f1: list[D], f2: list[D], profile, data) -> None:  # type: ignore[no-untyped-def]
    thms = sorted(data.draw(st.lists(st.sampled_from(list(profile.thm.values())), min_size=2, max_size=2)))
    mfs = sorted(data.draw(st.lists(st.sampled_from(list(profile.mitigation.values())), min_size=2, max_size=2)))
    low = profile.equation(min(b1, b2), [min(p) for p in zip(f1, f2, strict=True)], thms[0], mfs[0])
    high = profile.equation(max(b1, b2), [max(p) for p in zip(f1, f2, strict=True)], thms[1], mfs[1])
    assert low.aivss <= high.aivss


@given(base, factors, st.sampled_from([D("0.83"), D("0.67")]), st.sampled_from(sorted(THM_0_8.values())))
def test_when_mitigation_takes_0_8_below_its_base(b: D, values: list[D], mf: D, thm: D) -> None:
    """Below the base if and only if B > 10ab/(1+ab), a = MF/(1-MF), b = (FS/10) ThM (before rounding)."""
    figures = equation(b, values, thm, mf)
    ab = Fraction(mf) / (1 - Fraction(mf)) * Fraction(figures.factor_sum) / 10 * Fraction(thm)
    assert (figures.raw < b) == (Fraction(b) > 10 * ab / (1 + ab))


def test_closing_the_gap_completely() -> None:
    for b in BASES:
        assert equation(b, [D(1)] * 10, D(1), D(1)).aivss == 10


@given(tenth)
def test_three_point_scale_keeps_order_and_its_own_points(value: D) -> None:
    assert three_point(value) in (D("0.0"), D("0.5"), D("1.0"))
    assert three_point(three_point(value)) == three_point(value)
    assert value >= 1 or three_point(value) <= three_point(value + D("0.1"))


@pytest.mark.parametrize(
    ("score", "band"),
    [
        ("0.0", "None"), ("0.1", "Low"), ("3.9", "Low"), ("4.0", "Medium"), ("6.9", "Medium"),
        ("7.0", "High"), ("8.9", "High"), ("9.0", "Critical"), ("10.0", "Critical"),
    ],
)  # fmt: skip
def test_bands(score: str, band: str) -> None:
    """AIVSS 0.8 section 3.5.2; None for 0.0 is our addition."""
    assert severity(D(score)) == band


@given(st.decimals(0, 10, places=6))
def test_equal_numbers_are_written_equally(number: D) -> None:
    assert plain(number) == number and str(plain(number)) == str(plain(number * D("1.000")))
    assert "E" not in str(plain(number)) and half_up(number) == half_up(plain(number))
