"""Telling an operator's endpoint something, under the same address rule as every fetch.

Invariant: one request, no redirect followed, no body of the answer kept; a failure is a value. Trying again
is the caller's decision, since only it knows whether the message is still true.
"""

from typing import Any, NamedTuple

from extractors.canonical_json import canonical_bytes
from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.exchange import Bounds, Failure, PinnedTransport, exchange
from extractors.crawl.http.fetch_outcome import headers_for, outcome_of
from extractors.crawl.http.url import parse
from scoring.errors import BadInput

_ANSWER = 64 * 1024
_SLOWEST = 30.0


class Delivery(NamedTuple):
    """How one message ended."""

    delivered: bool
    """True for a 2xx answer."""
    status: int | None = None
    reason: str = ""


async def post_json(url: str, payload: dict[str, Any], settings: CrawlSettings) -> Delivery:
    """Posts canonical JSON. A private endpoint needs its entry in `allow_private`."""
    try:
        address = parse(url)
    except BadInput as problem:
        return Delivery(False, reason=problem.problem)
    sending = headers_for(address, settings) | {"Content-Type": "application/json"}
    seconds = min(settings.timeout, _SLOWEST)
    bounds = Bounds(_ANSWER, 16 * _ANSWER, seconds, settings.connect_timeout, settings.largest_headers, False, True)
    async with PinnedTransport(settings) as pinned:
        answer = await exchange(pinned, address, sending, bounds, method="POST", content=canonical_bytes(payload))
    if isinstance(answer, Failure):
        return Delivery(False, reason=answer.reason)
    if 200 <= answer.status < 300:
        return Delivery(True, answer.status)
    return Delivery(False, answer.status, f"HTTP {answer.status} ({outcome_of(answer.status, answer.headers)})")
