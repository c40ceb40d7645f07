"""Asking for pages in a night, with what the store remembers: validators, bytes, and what was asked already.

Idea: sources and agents ask through the same `get`. Invariants: every answer is kept before anything is made
of it; what is not the page that was asked for is kept as a failure; a URL that was asked for in this night is not
asked for again, also after a kill; a page that stands unchanged comes with its stored bytes.
"""

import asyncio
from collections import defaultdict
from datetime import datetime

from extractors.crawl.crawler import Crawler
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import Fetched, FetchOutcome, PageRequest, PageSnapshot
from flows.assessment.page_texts import text_in_process
from flows.fetching.known_page_comparison import KnownPageComparison
from records.pages.pages import PageState
from records.store import Store
from scoring.errors import NotFound


class Fetcher:
    """`await fetcher.get(url)`; implements the `Get` that sources are handed."""

    def __init__(self, store: Store, crawler: Crawler, run: str | None, since: datetime) -> None:
        self.store = store
        self._crawler = crawler
        self.run = run
        self._since = since
        self._asking: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._answers: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._check = KnownPageComparison(store)
        self._refused: set[str] = set()
        """What was not the page: asked for again another night, not a second time in this one."""

    async def __call__(self, url: str) -> Fetched:
        return await self.get(url)

    async def get(self, url: str, slug: str | None = None, *, is_page: bool = True) -> Fetched:
        """The page's outcome of this night, with its body where there is one. What says only which pages an agent has
        is none of them: it is kept with the agent, whose next look does not ask for it first."""
        state, fetched = await self._tonight(url, slug, is_page)
        if fetched is None:
            assert state is not None
            return self._remembered(state)
        if fetched.outcome is FetchOutcome.UNCHANGED and state is not None and state.digest is not None:
            snapshot = self._snapshot(state)
            if fetched.snapshot is not None and fetched.snapshot.link != snapshot.link:
                snapshot = snapshot.model_copy(update={"link": fetched.snapshot.link})
                self.store.pages.keep_link(snapshot)
            link = fetched.link or snapshot.link or ""
            return fetched.model_copy(update={"body": self._body(state), "snapshot": snapshot, "link": link})
        return fetched

    async def answer(self, url: str, slug: str) -> str:
        """The digest of the page as it is tonight, or the outcome where there is none; no bytes are read."""
        await self._tonight(url, slug)
        return self._answers[slug][url]

    def asked_for(self, slug: str) -> tuple[tuple[str, str], ...]:
        """Every URL asked for in the name of this agent, in order, with its `answer`; forgotten when given."""
        return tuple(self._answers.pop(slug, {}).items())

    async def _tonight(
        self, url: str, slug: str | None, is_page: bool = True
    ) -> tuple[PageState | None, Fetched | None]:
        """What was known of the page, and what came now; None when it was asked for tonight already."""
        try:
            async with self._asking[url]:
                fetched = None
                with self.store.reading():
                    state = self.store.pages.state(url)
                    is_due = state is None or state.at < self._since
                    if state is not None and url not in self._refused:
                        is_due = is_due or not state.outcome.is_terminal
                    request = self._request(url, state) if is_due else None
                if request is not None:
                    fetched = _with_a_page(await self._crawler.get(request))
                    fetched = await self._check.checked(fetched, state, slug if is_page else None, self.get)
                    if fetched.outcome is FetchOutcome.NOT_THE_PAGE:
                        self._refused.add(url)
                    if len(url.encode()) <= 2000:
                        self.store.pages.keep(fetched, slug=slug, run=self.run)
        finally:
            self._asking.pop(url, None)
        if slug is not None and is_page:
            self._answers[slug][url] = _answer(state, fetched)
        return state, fetched

    def last_good(self, url: str) -> Fetched | None:
        """The page as it was when it was there last; None when it never was, or its bytes are not kept."""
        state = self.store.pages.state(url)
        body = self._body(state) if state is not None else None
        if state is None or body is None:
            return None
        unchanged = FetchOutcome.UNCHANGED
        return Fetched(url=url, outcome=unchanged, at=state.at, body=body, snapshot=self._snapshot(state))

    def _request(self, url: str, state: PageState | None) -> PageRequest:
        if state is None or state.digest is None or not self.store.blobs.has(state.digest):
            return PageRequest(url=url)
        snapshot = self.store.pages.snapshot(url, state.digest)
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
        link = (snapshot.link if snapshot is not None else None) or ""
        return Fetched(
            url=state.url, outcome=outcome, reason=state.reason, at=state.at, body=body, snapshot=snapshot, link=link
        )

    def _snapshot(self, state: PageState) -> PageSnapshot:
        return self.store.pages.snapshot(state.url, state.digest)

    def _body(self, state: PageState) -> bytes | None:
        if state.digest is None:
            return None
        try:
            return self.store.pages.body(state.digest)
        except NotFound:
            return None


def _with_a_page(fetched: Fetched) -> Fetched:
    """An answer without a body is no page: it never takes the place of one that was."""
    if fetched.outcome is not FetchOutcome.FETCHED or (fetched.body or b"").strip():
        return fetched
    return fetched.model_copy(
        update={"outcome": FetchOutcome.DAMAGED, "reason": "an empty body", "snapshot": None, "body": None}
    )


def _answer(state: PageState | None, fetched: Fetched | None) -> str:
    """What an agent's look rests on: the page's digest, or the outcome where no page came."""
    if fetched is not None and fetched.outcome is FetchOutcome.FETCHED and fetched.snapshot is not None:
        return fetched.snapshot.digest
    outcome = fetched.outcome if fetched is not None else state.outcome if state is not None else None
    there = outcome in (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED)
    return state.digest if there and state is not None and state.digest is not None else str(outcome)


async def answer_requests(store: Store, fetcher: Fetcher, seconds: float) -> int:
    """Fetches every open request and says how it ended; gives how many there were. `seconds`: to read one page."""
    requests = store.requests.open()
    for request in requests:
        fetched = await fetcher.get(request.url, request.slug)
        state = store.pages.state(request.url)
        text = await text_in_process(store, state, seconds) if state is not None else None
        outcome_of_text = "text kept" if isinstance(text, PageText) else "no readable text"
        store.requests.finish(request.id, f"{fetched.outcome.value}: {outcome_of_text}")
    return len(requests)
