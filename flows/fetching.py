"""Asking for pages in a night, with what the store remembers: validators, bytes, and what was asked already.

Idea: sources and agents ask through the same `get`. Invariants: every answer is kept before anything is made
of it; a URL that was asked for in this night is not asked for again, also after a kill; a page that stands
unchanged comes with its stored bytes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime

from extractors.crawl.crawl import Crawler
from extractors.crawl.request import PageRequest
from extractors.snapshot import Fetched, FetchOutcome, PageSnapshot
from records.pages import PageState
from records.store import Store
from scoring.errors import NotFound


class Fetcher:
    """`await fetcher.get(url)`; implements the `Get` that sources are handed."""

    def __init__(self, store: Store, crawler: Crawler, run: str | None, since: datetime) -> None:
        self._store = store
        self._crawler = crawler
        self._run = run
        self._since = since
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __call__(self, url: str) -> Fetched:
        return await self.get(url)

    async def get(self, url: str, slug: str | None = None) -> Fetched:
        """The page's outcome of this night, with its body where there is one."""
        try:
            return await self._one_at_a_time(url, slug)
        finally:
            self._asking.pop(url, None)

    async def _one_at_a_time(self, url: str, slug: str | None) -> Fetched:
        async with self._asking[url]:
            state = self._store.pages.state(url)
            if state is not None and state.at >= self._since and state.outcome.is_terminal:
                return self._remembered(state)
            fetched = _with_a_page(await self._crawler.get(self._request(url, state)))
            if len(url.encode()) <= 2000:
                self._store.pages.keep(fetched, slug=slug, run=self._run)
        if fetched.outcome is FetchOutcome.UNCHANGED and state is not None and state.digest is not None:
            return fetched.model_copy(update={"body": self._body(state), "snapshot": self._snapshot(state)})
        return fetched

    def _request(self, url: str, state: PageState | None) -> PageRequest:
        if state is None or state.digest is None or not self._store.blobs.has(state.digest):
            return PageRequest(url=url)
        snapshot = self._store.pages.snapshot(url, state.digest)
        return PageRequest(
            url=url,
            etag=state.etag,
            last_modified=state.last_modified,
            validated_url=snapshot.final_url,
            previous_digest=state.digest,
        )

    def _remembered(self, state: PageState) -> Fetched:
        body = self._body(state) if state.outcome in (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED) else None
        outcome = FetchOutcome.UNCHANGED if body is not None else state.outcome
        snapshot = self._snapshot(state) if body is not None else None
        return Fetched(url=state.url, outcome=outcome, reason=state.reason, at=state.at, body=body, snapshot=snapshot)

    def _snapshot(self, state: PageState) -> PageSnapshot:
        return self._store.pages.snapshot(state.url, state.digest)

    def _body(self, state: PageState) -> bytes | None:
        if state.digest is None:
            return None
        try:
            return self._store.pages.body(state.digest)
        except NotFound:
            return None


def _with_a_page(fetched: Fetched) -> Fetched:
    """An answer without a body is no page: it never takes the place of one that was."""
    if fetched.outcome is not FetchOutcome.FETCHED or (fetched.body or b"").strip():
        return fetched
    return fetched.model_copy(
        update={"outcome": FetchOutcome.DAMAGED, "reason": "an empty body", "snapshot": None, "body": None}
    )
