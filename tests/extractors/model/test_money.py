"""Prices as data, exact cost, and a budget that concurrent calls cannot overrun."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.model.budget import Budget
from extractors.model.prices import Price, load_prices
from scoring.errors import BadInput


def test_cost_by_hand() -> None:
    price = Price(Decimal("3"), Decimal("0.3"), Decimal("12"))
    # (8,000 − 5,000) × 3 + 5,000 × 0.3 + 2,000 × 12 = 9,000 + 1,500 + 24,000 millionths
    assert price.cost(8_000, 5_000, 2_000) == Decimal("0.0345")
    assert price.cost(0, 0, 0) == 0 and "E" not in str(price.cost(1_000_000, 0, 10_000_000))


def test_the_bundled_table_knows_local_models_and_no_stranger() -> None:
    table = load_prices()
    assert table.price("lexical") == Price(Decimal(0), Decimal(0), Decimal(0)) == table.price("local/anything")
    assert table.price("some-new-model") is None


def test_the_longest_name_that_fits_wins(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    rows = [("a*", 1), ("ab*", 2), ("abc", 3)]
    file.write_text(
        "".join(f'[[model]]\nname = "{n}"\nprompt = "{p}"\ncompletion = "9"\n' for n, p in rows), encoding="utf-8"
    )
    table = load_prices(file)
    prices = [table.price(name) for name in ("ax", "abx", "abc", "b")]
    assert [price and price.prompt for price in prices] == [1, 2, 3, None]
    assert prices[0] is not None and prices[0].cached == prices[0].prompt


@pytest.mark.parametrize(
    "text",
    [
        "no",
        "model = 1",
        '[[model]]\nname = "a"\nprompt = "1"',
        '[[model]]\nname = "a"\nprompt = "-1"\ncompletion = "1"',
        '[[model]]\nname = "a"\nprompt = "NaN"\ncompletion = "1"',
        '[[model]]\nname = "a"\nprompt = "x"\ncompletion = "1"',
        '[[model]]\nname = "a"\nprompt = "1"\ncompletion = "1"\nper = 1000',
        '[[model]]\nname = "a"\nprompt = "1"\ncompletion = "1"\n' * 2,
    ],
)
def test_a_price_table_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "prices.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        load_prices(file)
    assert "\n" not in str(error.value) and "prices.toml" in str(error.value)


@given(st.integers(0, 100), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 100), st.booleans()), max_size=30))
def test_spent_and_reserved_never_exceed_the_limit(limit: int, calls: list[tuple[int, int, bool]]) -> None:
    budget = Budget(Decimal(limit))
    under_way: list[tuple[Decimal, Decimal]] = []
    for worst, share, settle_first in calls:
        if settle_first and under_way:
            budget.settle(*under_way.pop(0))
        if budget.reserve(Decimal(worst)):
            under_way.append((Decimal(worst), Decimal(worst) * share / 100))
        assert budget.spent + budget.reserved <= limit
        assert budget.left is not None and budget.left >= 0
    for worst_case, real in under_way:
        budget.settle(worst_case, real)
    assert budget.reserved == 0 and budget.spent <= limit


@pytest.mark.parametrize("limit", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_a_budget_is_an_amount(limit: Decimal) -> None:
    with pytest.raises(BadInput):
        Budget(limit)
