"""Telling an operator's endpoint something, under the same address rule as every fetch.

Invariant: one request, no redirect followed, no body of the answer kept; a failure is a value. Trying again
is the caller's decision, since only it knows whether the message is still true.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, BaseModel

from extractors.canonical_json import canonical_bytes
from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.exchange import Bounds, Failure, PinnedTransport, exchange
from extractors.crawl.http.fetch_outcome import headers_for, outcome_of
from extractors.crawl.http.url import parse
from extractors.crawl.politeness.clock import SystemClock
from scoring.claims import Frozen
from scoring.errors import BadInput

_ANSWER = 64 * 1024
_SLOWEST = 30.0


class Delivery(Frozen):
    """How one message ended."""

    url: str
    delivered: bool
    """True for a 2xx answer."""
    status: int | None = None
    reason: str = ""
    at: AwareDatetime


async def post_json(
    url: str,
    payload: BaseModel | dict[str, Any],
    settings: CrawlSettings,
    *,
    headers: Mapping[str, str] | None = None,
) -> Delivery:
    """Posts canonical JSON. A private endpoint needs its entry in `allow_private`."""
    clock = SystemClock()
    try:
        address = parse(url)
    except BadInput as problem:
        return Delivery(url=url, delivered=False, reason=problem.problem, at=clock.now())
    sending = headers_for(address, settings) | {"Content-Type": "application/json"} | dict(headers or {})
    seconds = min(settings.timeout, _SLOWEST)
    bounds = Bounds(_ANSWER, 16 * _ANSWER, seconds, settings.connect_timeout, settings.largest_headers, False, True)
    pinned = PinnedTransport(settings)
    try:
        content = canonical_bytes(payload)
        answer = await exchange(pinned, address, sending, bounds, method="POST", content=content)
    finally:
        await pinned.aclose()
    if isinstance(answer, Failure):
        return Delivery(url=url, delivered=False, reason=answer.reason, at=clock.now())
    delivered = 200 <= answer.status < 300
    return Delivery(
        url=url,
        delivered=delivered,
        status=answer.status,
        reason="" if delivered else f"HTTP {answer.status} ({outcome_of(answer.status, answer.headers)})",
        at=clock.now(),
    )
