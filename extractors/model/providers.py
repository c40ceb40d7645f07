"""Who can assess: the door through which a new assessor or model provider comes in.

A provider is a class that implements `extractors.model.completion.CompletionClient`, in a file of its own, and an entry
of `PROVIDERS`; `model.provider` names it. Invariant: a provider is imported when it is opened, so that a command that
asks no model loads none.
"""

from collections.abc import Callable
from typing import NamedTuple

from extractors.lexical import LexicalAssessor
from extractors.model.budget import Budget
from extractors.model.completion import CompletionClient
from extractors.model.rate_limits import RateLimiter
from scoring.errors import BadInput


class ModelOptions(NamedTuple):
    """What the settings say of a model."""

    name: str = ""
    api_key: str = ""
    base_url: str = ""
    """Empty: the provider's own."""
    prices: str = ""
    """A file with prices; empty: the bundled one."""
    budget: Budget | None = None
    rates: RateLimiter | None = None
    context_tokens: int = 100_000
    max_output_tokens: int | None = None
    timeout: float = 120.0
    """Seconds."""


class Provider(NamedTuple):
    open: Callable[[ModelOptions], CompletionClient]
    connects: bool = True
    """True: it needs the network, so proxy and certificate variables are checked first."""


def _openai(options: ModelOptions) -> CompletionClient:
    from extractors.model.openai_client import OpenAIClient
    from extractors.model.prices import load_prices

    return OpenAIClient(
        options.name,
        api_key=options.api_key,
        base_url=options.base_url or None,
        budget=options.budget,
        prices=load_prices(options.prices),
        rates=options.rates,
        context_tokens=options.context_tokens,
        max_output_tokens=options.max_output_tokens,
        timeout=options.timeout,
    )


PROVIDERS: dict[str, Provider] = {
    "lexical": Provider(lambda options: LexicalAssessor(), connects=False),
    "openai": Provider(_openai),
}


def provider_named(name: str) -> Provider:
    """The provider of this name; `BadInput` lists the ones there are."""
    if name not in PROVIDERS:
        raise BadInput(f"no assessor {name!r}", step="model", next_step=f"use one of {', '.join(PROVIDERS)}")
    return PROVIDERS[name]
