"""Prices as data, exact cost, and a budget that concurrent calls cannot overrun."""

import json
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice
from hypothesis import given
from hypothesis import strategies as st

from extractors.model.budget import Budget, CostAccount
from extractors.model.endpoint.chat_response import TokenCounts, read_answer
from extractors.model.prices import PUBLISHED, Price, Row, load_prices
from extractors.prompting.token_estimates import tokens_in
from scoring.errors import BadInput


def test_cost_by_hand() -> None:
    price = Price.fixed(
        Row(name="m", prompt=Decimal("3"), cached=Decimal("0.3"), completion=Decimal("12"), audio_prompt=Decimal(30))
    )
    # (8,000 − 5,000) × 3 + 5,000 × 0.3 + 2,000 × 12 = 9,000 + 1,500 + 24,000 millionths
    used = TokenCounts(8_000, 5_000, 2_000)
    assert price.cost(used) == Decimal("0.0345") == 2 * price.cost(used, batch=True)
    assert price.cost(used._replace(audio_prompt=1_000, audio_completion=9, thoughts=1_500)) == Decimal("0.0615")
    assert price.cost(TokenCounts()) == 0 and "E" not in str(price.cost(TokenCounts(1_000_000, 0, 10_000_000)))


def test_the_bundled_table_knows_local_models_and_no_stranger() -> None:
    table = load_prices()
    for name in ("lexical", "local/anything"):
        free = table.price(name)
        assert free is not None and free.cost(TokenCounts(9, 0, 9)) == 0 and free.source == "prices.toml"
    assert table.price("some-new-model") is None


def test_the_package_knows_who_sells_at_an_address_and_what_only_one_sells() -> None:
    used, table = TokenCounts(1_000_000, 400_000, 100_000), load_prices()

    def cost(model: str, address: str = "") -> Decimal | None:
        price = table.price(model, address)
        return None if price is None else price.cost(used)

    assert cost("gpt-4o") == cost("gpt-4o", "https://api.openai.com/v1") == Decimal("3.0")  # 0.6 × 2.5 + 0.4 × 1.25 + 1
    assert cost("openai/gpt-4o", "http://127.0.0.1:4000/v1") == cost("gpt-4o-2024-08-06", "https://proxy.example/")
    assert cost("llama-3.3-70b-versatile", "https://api.groq.com/openai/v1") is not None
    for model in ("llama-3.3-70b-versatile", "deepseek-r1:8b", "openai/gpt-oss-20b", "google/gemma-3-27b-it", "m"):
        assert cost(model, "http://127.0.0.1:11434/v1") is None
    assert cost("text-embedding-3-small") is None and cost("gpt-99") is None


SHOWN, SAID = "The clerk writes a line about the berth. " * 80, "The reply has a few words. " * 40
OWN = (tokens_in(SHOWN), 0, 0, tokens_in(SAID))


@pytest.mark.parametrize(
    ("usage", "booked"),  # prompt neither read from a cache nor written to one, read, written, completion
    [
        ({"promptTokenCount": 9000, "candidatesTokenCount": 2000, "thoughtsTokenCount": 900}, (9000, 0, 0, 2900)),
        (
            {
                "promptTokenCount": 9000,
                "toolUsePromptTokenCount": 500,
                "candidatesTokenCount": 20,
                "totalTokenCount": 9520,
            },
            (9000, 0, 0, 520),
        ),
        (
            {
                "prompt_tokens": 9000,
                "completion_tokens": 2000,
                "total_tokens": 11_500,
                "completion_tokens_details": {"reasoning_tokens": 500},
            },
            (9000, 0, 0, 2500),
        ),
        (
            {
                "prompt_tokens": 9000,
                "completion_tokens": 2000,
                "total_tokens": 11_000,
                "completion_tokens_details": {"reasoning_tokens": 500},
            },
            (9000, 0, 0, 2000),
        ),
        ({"prompt_tokens": 9000, "completion_tokens": 100, "reasoning_tokens": 900}, (9000, 0, 0, 1000)),
        (
            {
                "input_tokens": 1000,
                "cache_read_input_tokens": 7000,
                "cache_creation_input_tokens": 1000,
                "output_tokens": 2000,
            },
            (1000, 7000, 1000, 2000),
        ),
        (
            {
                "input_tokens": 1000,
                "cache_creation": {"ephemeral_5m_input_tokens": 3000, "ephemeral_1h_input_tokens": 500},
                "output_tokens": 2000,
            },
            (1000, 0, 3500, 2000),
        ),
        (
            {"inputTokens": 1000, "cacheReadInputTokens": 7000, "cacheWriteInputTokens": 1000, "outputTokens": 2000},
            (1000, 7000, 1000, 2000),
        ),
        (
            {
                "prompt_tokens": 9000,
                "prompt_tokens_details": {"cached_tokens": 6000, "cache_creation_tokens": 2000},
                "cache_read_input_tokens": 6000,
                "cache_creation_input_tokens": 2000,
                "completion_tokens": 200,
            },
            (1000, 6000, 2000, 200),
        ),
        (
            {"prompt_tokens": 1000, "cache_read_input_tokens": 8000, "completion_tokens": 200, "total_tokens": 9200},
            (1000, 8000, 0, 200),
        ),
        (
            {"prompt_cache_hit_tokens": 6000, "prompt_cache_miss_tokens": 3000, "completion_tokens": 200},
            (3000, 6000, 0, 200),
        ),
        ({"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 10_000}, (9000, 0, 0, 2000)),
        ({"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 14_000}, (9000, 0, 0, 5000)),
        ({"prompt_tokens": "9000", "completion_tokens": 2000.0, "total_tokens": None}, (9000, 0, 0, 2000)),
        ({"prompt_tokens": 9000, "total_tokens": 11_000}, (9000, 0, 0, 2000)),
        ({"total_tokens": 11_000}, (OWN[0], 0, 0, 11_000 - OWN[0])),
        ({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}, OWN),
        ({"prompt_tokens": -9, "completion_tokens": -1, "total_tokens": -10}, OWN),
        ({"prompt_tokens": "1e400", "completion_tokens": 10**30, "total_tokens": True}, OWN),
        (None, OWN),
    ],
)
def test_what_is_billed_is_booked_however_an_endpoint_counts(usage: Any, booked: tuple[int, ...]) -> None:
    each = (Decimal(1), Decimal("0.1"), Decimal("1.25"), Decimal(10))
    prices = ModelPrice(
        **dict(zip(("input_mtok", "cache_read_mtok", "cache_write_mtok", "output_mtok"), each, strict=True))
    )
    budget = Budget()
    account = CostAccount(budget, Price(lambda at, batch: prices, ""))
    assert account.reserve(20_000, 20_000)
    body = {"choices": [{"message": {"content": SAID}, "finish_reason": "stop"}], "usage": usage}
    account.paid(read_answer(json.dumps(body).encode()), SHOWN)
    assert budget.spent * 1_000_000 == sum(count * price for count, price in zip(booked, each, strict=True))
    assert budget.reserved == 0 and account.usage.prompt_tokens == sum(booked[:3])


def test_a_table_stands_over_the_package_and_the_package_has_its_own_price_of_batches(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[model]]\nname = "gpt-4o"\nprompt = "1"\ncompletion = "1"\n', encoding="utf-8")
    mine, other = load_prices(file).price("gpt-4o"), load_prices(file).price("gpt-4o-mini")
    assert mine is not None and mine.cost(TokenCounts(10, 0, 10)) == Decimal("0.00002") and mine.source == "mine.toml"
    assert other is not None and other.cost(TokenCounts(1_000_000), batch=True) == Decimal("0.075")
    assert other.source == f"genai-prices {version('genai-prices')} of {PUBLISHED[version('genai-prices')]}"


@given(st.data())
def test_every_price_of_the_package_reckons_with_any_counts_and_never_above_its_worst(data: st.DataObject) -> None:
    provider = data.draw(st.sampled_from([one for one in get_snapshot().providers if one.models]))
    model = data.draw(st.sampled_from(provider.models))
    count = st.integers(0, 400_000)
    used = TokenCounts(*(data.draw(count) for _ in TokenCounts._fields))
    price = Price(lambda at, batch: model.get_prices(at, {"processing": "batch"} if batch else None), "")
    for batch in (False, True):
        exact, worst = price.cost(used, batch=batch), price.worst(used.prompt, used.completion, batch=batch)
        assert exact >= 0
        if not (used.audio_prompt or used.audio_completion):
            assert exact <= worst


def test_the_longest_name_that_fits_wins(tmp_path: Path) -> None:
    file = tmp_path / "prices.toml"
    rows = [("a*", 1), ("ab*", 2), ("abc", 3)]
    file.write_text(
        "".join(f'[[model]]\nname = "{n}"\nprompt = "{p}"\ncompletion = "9"\n' for n, p in rows), encoding="utf-8"
    )
    table = load_prices(file)
    prices = [table.price(name) for name in ("ax", "abx", "abc", "b")]
    assert [price and price.cost(TokenCounts(1_000_000, 7)) for price in prices] == [1, 2, 3, None]


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
        assert budget.limit is not None and budget.spent + budget.reserved <= budget.limit
    for worst_case, real in under_way:
        budget.settle(worst_case, real)
    assert budget.reserved == 0 and budget.spent <= limit


@pytest.mark.parametrize("limit", [Decimal(-1), Decimal("NaN"), Decimal("Infinity")])
def test_a_budget_is_an_amount(limit: Decimal) -> None:
    with pytest.raises(BadInput):
        Budget(limit)
