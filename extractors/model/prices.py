"""What tokens cost: a table as data, exact decimals, and no guess for a model that is not in it.

Idea: cost is `(fresh × prompt + cached × cached_price + completion × completion_price) / 1,000,000` in USD; tokens of
audio, which are a part of prompt and completion, have prices of their own. Thoughts are completion.
Invariant: an unknown model has no price; whoever set a budget is told so before the first call.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NamedTuple

from scoring.errors import BadInput

PRICES_FILE = Path(__file__).resolve().parents[2] / "data" / "prices.toml"
_PER = Decimal(1_000_000)


class Price(NamedTuple):
    """USD for a million tokens."""

    prompt: Decimal
    cached: Decimal
    completion: Decimal
    audio_prompt: Decimal | None = None
    """None: as text."""
    audio_completion: Decimal | None = None

    def cost(
        self,
        prompt_tokens: int,
        cached_tokens: int,
        completion_tokens: int,
        *,
        audio_prompt: int = 0,
        audio_completion: int = 0,
    ) -> Decimal:
        """Cached and audio tokens are a part of those of prompt and completion."""
        cached = min(cached_tokens, prompt_tokens)
        heard, spoken = min(audio_prompt, prompt_tokens - cached), min(audio_completion, completion_tokens)
        exact = (
            (prompt_tokens - cached - heard) * self.prompt
            + cached * self.cached
            + heard * (self.prompt if self.audio_prompt is None else self.audio_prompt)
            + (completion_tokens - spoken) * self.completion
            + spoken * (self.completion if self.audio_completion is None else self.audio_completion)
        ) / _PER
        return exact.normalize() + Decimal(0)


class PriceTable:
    """Prices by model name."""

    def __init__(self, prices: dict[str, Price]) -> None:
        self._prices = prices

    def price(self, model: str) -> Price | None:
        """The exact name, else the longest `name*` that fits, else None."""
        if model in self._prices:
            return self._prices[model]
        fitting = [name for name in self._prices if name.endswith("*") and model.startswith(name[:-1])]
        return self._prices[max(fitting, key=len)] if fitting else None


def load_prices(path: Path | str | None = None) -> PriceTable:
    """The bundled table, or the operator's own file."""
    file = Path(path).expanduser() if path else PRICES_FILE
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        prices = dict(_row(row) for row in table["model"])
        if len(prices) != len(table["model"]):
            raise ValueError("a model stands twice")
    except OSError as error:
        raise _bad(file, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise _bad(file, f"is no price table: {error!s:.80}") from error
    return PriceTable(prices)


def _row(row: dict[str, Any]) -> tuple[str, Price]:
    unknown = set(row) - {"name", *Price._fields}
    if unknown:
        raise ValueError(f"unknown key {sorted(unknown)[0]}")
    amounts = {key: _amount(value) for key, value in row.items() if key != "name"}
    return str(row["name"]), Price(**{"cached": amounts["prompt"], **amounts})


def _amount(value: Any) -> Decimal:
    amount = Decimal(str(value))
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{value} is no price")
    return amount


def _bad(file: Path, problem: str) -> BadInput:
    return BadInput(problem, subject=file.name, step="prices", next_step="compare it with the bundled data/prices.toml")
