"""Whether an answer is the page that was asked for, as far as a night knows: the last good page, the agent's name,
and what other addresses of the host answered.

Invariant: what is not the page replaces nothing: it ends as a failure that says what it was, and brings no bytes.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import urlsplit

from extractors.crawl.wrong_page.detection import Refusal, RequestedPage, find_wrong_page, may_be_the_front, same_as
from extractors.crawl.wrong_page.page_shape import PageOutline, outline_of
from extractors.listing import Listing
from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources.identity import place_key
from records.pages.pages import PageState
from records.store import Store
from scoring.errors import AssayError, NotFound

FrontPage = Callable[[str], Awaitable[Fetched]]
"""Asks for the front page of a host; once in a night."""


class KnownPageComparison:
    """One night's check of answers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._shown: dict[tuple[str, str], str] = {}
        """Host and fingerprint to the first address that answered so."""

    async def checked(self, fetched: Fetched, state: PageState | None, slug: str | None, front: FrontPage) -> Fetched:
        """The answer itself, or the failure that it is. Only a page with new bytes is looked at."""
        if fetched.outcome is not FetchOutcome.FETCHED or fetched.body is None or fetched.snapshot is None:
            return fetched
        agent: Listing | None = None
        with self._store.reading():
            if slug is not None:
                with suppress(NotFound):
                    agent = self._store.listings.get(slug)
            request = self._request_for(fetched.url, agent)
            page = _shape(fetched)
            good = self._good(state)
            refusal = self._led_to_another(fetched, request, agent)
            refusal = refusal or find_wrong_page(request, fetched.snapshot.final_url, page, good)
            refusal = refusal or self._answered_alike(fetched, request, page)
        if refusal is None and agent is not None and may_be_the_front(request, page, good):
            refusal = await self._front_alike(fetched, page, front)
        if refusal is None:
            return fetched
        outcome = FetchOutcome.NOT_FOUND if refusal.gone else FetchOutcome.NOT_THE_PAGE
        return fetched.model_copy(update={"outcome": outcome, "reason": refusal.reason, "snapshot": None, "body": None})

    @staticmethod
    def _request_for(url: str, agent: Listing | None) -> RequestedPage:
        if agent is None:
            return RequestedPage(url)
        return RequestedPage(url, agent.name, agent.listing_url == url and agent.source != "by hand")

    def _good(self, state: PageState | None) -> PageOutline | None:
        if state is None or state.digest is None:
            return None
        try:
            snapshot = self._store.pages.snapshot(state.url, state.digest)
            body = self._store.pages.body(state.digest)
        except AssayError:  # dropped by retention
            return None
        return outline_of(body, snapshot.url, snapshot.media_type, snapshot.charset)

    def _led_to_another(self, fetched: Fetched, request: RequestedPage, agent: Listing | None) -> Refusal | None:
        """A directory's page that leads to where another listing already leads."""
        assert fetched.snapshot is not None
        final = fetched.snapshot.final_url
        if agent is None or not request.is_listing or place_key(final) == place_key(request.url):
            return None
        other = self._store.listings.at(final)
        if other is None or other.slug == agent.slug:
            return None
        return Refusal(f"it leads to the page of another listing, {final}"[:300], gone=True)

    def _answered_alike(self, fetched: Fetched, request: RequestedPage, page: PageOutline) -> Refusal | None:
        """One same page for many addresses: by its bytes ever, by its words tonight."""
        assert fetched.snapshot is not None
        if not page.is_html or not page.words:
            return None
        host = urlsplit(fetched.url).hostname or ""
        others = [*self._store.pages.with_bytes(fetched.snapshot.digest, host)]
        if page.whole:
            others.append(self._shown.setdefault((host, page.fingerprint), fetched.url))
        same = next((other for other in others if other != fetched.url and same_as(request, page, other)), None)
        return None if same is None else Refusal(f"one same page for several addresses, as for {same}"[:300])

    async def _front_alike(self, fetched: Fetched, page: PageOutline, front: FrontPage) -> Refusal | None:
        parts = urlsplit(fetched.url)
        url = f"{parts.scheme}://{parts.netloc}/"
        if not page.whole or not page.words:
            return None
        there = await front(url)
        if there.body is None or _shape(there).fingerprint != page.fingerprint:
            return None
        return Refusal(f"the same page as the front page, {url}"[:300])


def _shape(fetched: Fetched) -> PageOutline:
    assert fetched.body is not None
    media_type, charset = (s.media_type, s.charset) if (s := fetched.snapshot) is not None else ("", None)
    return outline_of(fetched.body, fetched.url, media_type, charset)
