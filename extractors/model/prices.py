"""What tokens cost: the prices of a package, the operator's own table over them, and no guess for any other model.

Idea: `genai-prices` carries the prices of the endpoints that sell tokens, as data in its wheel, and reckons with them;
its update over the network is never called. A table names what is not in it, or costs something else. An endpoint is
known by its address; at another one, such as a proxy, only names that nobody but one vendor sells have a price.
Invariant: an unknown model has no price; with a budget that is an error before the first call.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from extractors.model.endpoint.chat_response import TokenCounts
from scoring.errors import BadInput
from scoring.evidence import Frozen

if TYPE_CHECKING:
    from genai_prices.types import ModelPrice

PRICES_FILE = Path(__file__).resolve().parents[2] / "data" / "prices.toml"
PUBLISHED = {"0.2.3": "2026-11-10"}
"""Day of each version of the package, which names none itself."""
BATCH = Decimal("0.5")
"""What a call costs in a batch, of its price, where no other price of batches is known."""
_SOLD_BY_ONE = re.compile(r"(?:gpt-\d|chatgpt-|o[134](?![a-z\d])|claude-|gemini-)[\w.@:-]*")
_OWN_ADDRESS = "https://api.openai.com/v1"
"""Where the `openai` client goes without one."""

Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
"""US dollars for a million tokens."""
PricesAt = Callable[[datetime, bool], "ModelPrice"]
"""The prices at a moment, in a batch or not."""


class Row(Frozen):
    """What a table says of a model; the columns with the names that the package gives them."""

    name: str
    prompt: Amount = Field(serialization_alias="input_mtok")
    completion: Amount = Field(serialization_alias="output_mtok")
    cached: Amount | None = Field(None, serialization_alias="cache_read_mtok")
    audio_prompt: Amount | None = Field(None, serialization_alias="input_audio_mtok")
    audio_completion: Amount | None = Field(None, serialization_alias="output_audio_mtok")


class Price:
    """What the tokens of one model cost, in US dollars."""

    def __init__(self, prices_at: PricesAt | None, source: str) -> None:
        self._prices_at = prices_at
        """None where nothing is to be reckoned."""
        self.source = source
        """Where it comes from, with its date where it has one."""

    @classmethod
    def fixed(cls, row: Row, source: str = "") -> Price:
        def prices_at(moment: datetime, batch: bool) -> ModelPrice:
            from genai_prices.types import ModelPrice

            audio_read = row.prompt if row.audio_prompt is None else row.audio_prompt
            read = {"cache_read_mtok": row.prompt, "input_audio_mtok": audio_read, "cache_audio_read_mtok": audio_read}
            return ModelPrice(**{**read, **row.model_dump(exclude={"name"}, exclude_none=True, by_alias=True)})

        return cls(prices_at, source)

    def cost(self, used: TokenCounts, *, batch: bool = False) -> Decimal:
        """Of one call. Cached and audio tokens and thoughts are a part of those of prompt and completion."""
        if self._prices_at is None:
            return Decimal(0)
        from genai_prices import Usage

        now = datetime.now(UTC)
        prices = self._prices_at(now, batch)
        cached = min(used.cached, used.prompt)
        written = min(used.written, used.prompt - cached)
        spoken = min(used.audio_completion, used.completion)
        usage = Usage(
            input_tokens=used.prompt,
            cache_read_tokens=cached,
            cache_write_tokens=written,
            input_audio_tokens=min(used.audio_prompt, used.prompt - cached - written),
            cache_audio_read_tokens=0,
            cache_audio_write_tokens=0,
            output_tokens=used.completion,
            output_audio_tokens=spoken,
            output_reasoning_tokens=min(used.thoughts, used.completion - spoken),
            output_audio_reasoning_tokens=0,
        )
        exact = prices.calc_price(usage)["total_price"]
        if batch and prices == self._prices_at(now, False):
            exact *= BATCH
        return exact.normalize() + Decimal(0)

    def worst(self, prompt: int, completion: int, *, batch: bool = False) -> Decimal:
        """Of a call with at most so many tokens: what a cache reads or writes can cost more than it saves."""
        fresh = TokenCounts(prompt, 0, completion)
        ways = (fresh, fresh._replace(cached=prompt), fresh._replace(written=prompt))
        return max(self.cost(way, batch=batch) for way in ways)


FREE = Price(None, "")


class PriceTable:
    """Prices by model name."""

    def __init__(self, rows: Iterable[Row], source: str = "") -> None:
        self._prices = {row.name: Price.fixed(row, source) for row in rows}

    def price(self, model: str, address: str | None = None) -> Price | None:
        """The exact name, else the longest `name*` that fits, else the package's for the endpoint's address, else
        None."""
        fitting = [name for name in self._prices if name.endswith("*") and model.startswith(name[:-1])]
        if model in self._prices or fitting:
            return self._prices[model if model in self._prices else max(fitting, key=len)]
        return _listed(model, address or os.environ.get("OPENAI_BASE_URL") or _OWN_ADDRESS)


def _listed(model: str, address: str) -> Price | None:
    """The package's price."""
    from genai_prices.data_snapshot import get_snapshot

    snapshot, endpoint = get_snapshot(), None
    try:
        with suppress(LookupError):
            endpoint = snapshot.find_provider(None, None, address)
        sold = _SOLD_BY_ONE.fullmatch(model.lower().rpartition("/")[2])
        name = model if endpoint is not None else sold[0] if sold else ""
        found = snapshot.find_provider_model(name, endpoint, None, None)[1]
    except LookupError:
        return None
    usual = found.get_prices(datetime.now(UTC))
    if usual.input_mtok is None or usual.output_mtok is None:
        return None
    number = version("genai-prices")
    source = f"genai-prices {number} of {PUBLISHED.get(number, 'an unknown day')}"
    return Price(lambda at, batch: found.get_prices(at, {"processing": "batch"} if batch else None), source)


def load_prices(path: Path | str | None = None) -> PriceTable:
    """The operator's own table, or the bundled one, over the package's."""
    file = Path(path).expanduser() if path else PRICES_FILE
    try:
        rows = [Row.model_validate(row) for row in tomllib.loads(file.read_text(encoding="utf-8"))["model"]]
        if len({row.name for row in rows}) != len(rows):
            raise ValueError("a model stands twice")
    except OSError as error:
        raise _bad(file, f"cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        problem = (
            f"{error.errors()[0]['loc'][-1]}: {error.errors()[0]['msg']}"
            if isinstance(error, ValidationError)
            else error
        )
        raise _bad(file, f"is no price table: {problem!s:.80}") from error
    return PriceTable(rows, file.name)


def _bad(file: Path, problem: str) -> BadInput:
    return BadInput(problem, subject=file.name, step="prices", next_step="compare it with the bundled data/prices.toml")
