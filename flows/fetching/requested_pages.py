"""What the desk asked for: a page to look at again, or the page that a vendor's correction names.

Invariant: the desk fetches nothing; it asks, and the next flow fetches like any other page.
"""

from __future__ import annotations

from extractors.pages.deadline import SECONDS
from extractors.pages.page_text import PageText
from flows.fetching.page_fetcher import Fetcher
from flows.night.agent_steps import text_aside
from records.store import Store


async def answer_requests(store: Store, fetcher: Fetcher, seconds: float = SECONDS) -> int:
    """Fetches every open request and says how it ended; gives how many there were."""
    asked = store.requests.open()
    for request in asked:
        fetched = await fetcher.get(request.url, request.slug)
        state = store.pages.state(request.url)
        text = await text_aside(store, state, seconds) if state is not None else None
        kept = "text kept" if isinstance(text, PageText) else "no readable text"
        store.requests.finish(request.id, f"{fetched.outcome.value}: {kept}")
    return len(asked)
