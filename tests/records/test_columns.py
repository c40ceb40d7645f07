"""Decimals as whole numbers: what is kept is what was given, on either side of nought."""

from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from records.database.column_types import Scaled
from records.store import Store

DIALECT = sqlite.dialect()  # type: ignore[no-untyped-call]
PLACES = st.sampled_from([0, 1, 2, 6, 12])


def kept(value: Decimal, places: int, rounded: bool = False) -> Decimal:
    scaled = Scaled(places, rounded)
    found = scaled.process_result_value(scaled.process_bind_param(value, DIALECT), DIALECT)
    assert found is not None
    return found


@given(PLACES, st.integers(-(2**63), 2**63 - 1))
def test_what_fits_comes_back(places: int, whole: int) -> None:
    value = Decimal(whole).scaleb(-places)
    assert kept(value, places) == value


@given(PLACES, st.decimals(-1_000_000, 1_000_000))
def test_what_is_rounded_is_near_and_the_same_on_both_sides(places: int, value: Decimal) -> None:
    found = kept(value, places, rounded=True)
    assert abs(found - value) <= Decimal("0.5").scaleb(-places)
    assert kept(-value, places, rounded=True) == -found


@given(PLACES, st.one_of(st.decimals(), st.decimals(places=13), st.integers().map(Decimal)), st.booleans())
def test_what_does_not_fit_is_refused_and_never_changed(places: int, value: Decimal, rounded: bool) -> None:
    try:
        found = kept(value, places, rounded)
    except ValueError:
        return
    assert found == value or (rounded and abs(found - value) <= Decimal("0.5").scaleb(-places))


@pytest.mark.parametrize("value", ["-0.5", "-1.5", "-0.1", "0.5", "0", "-12", "922337203685477580.7"])
def test_both_databases_give_it_back(store: Store, value: str) -> None:
    with store.database.reading() as connection:
        assert connection.scalar(sa.select(sa.literal(Decimal(value), Scaled(1)))) == Decimal(value)
