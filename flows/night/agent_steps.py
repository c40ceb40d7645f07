"""The stations of a night for one agent, as plain functions over the store: text → claims → scores → draft.

Idea: what a night, a slice of one, a command and a test do with one agent is this code. Invariants: an answer that
was stored is never paid for again; an unchanged agent writes nothing; every agent ends in one outcome.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from extractors.claims.extraction import SecondCompletion
from extractors.listing import Listing
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, computed
from extractors.pages.deadline import SECONDS, TOO_COSTLY, TooCostly, within
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import FetchOutcome, sha256
from extractors.pages.text_extraction import PARSER
from extractors.prompting.messages import request_key, request_parts
from extractors.sources.listing_entry import entry_page, entry_url
from extractors.stated_subjects import Page, read_subjects
from flows.night.answer_threads import in_priority_thread, in_worker_thread
from flows.night.assessment import Assessed, request_for
from flows.night.database_retry import retry_database
from flows.reading.declarations import declared_of, path_of
from flows.reading.tasks import WithoutText, assessed_or_why, second_reader_request, text_of
from flows.reading.time_limited_pool import read_in_process
from flows.settings import Settings
from records.database.runs import AgentOutcome
from records.pages.page_texts import NoTextKept
from records.pages.pages import PageState
from records.store import Store
from scoring.claims import Digest, Finding, SourceNotRead
from scoring.errors import Corrupt, NotFound

_TOO_COSTLY = "too costly to read"
_HAS_PAGE = (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED)
_AGENT_OUTCOME = {
    FetchOutcome.NOT_FOUND: AgentOutcome.NOT_FOUND,
    FetchOutcome.GONE: AgentOutcome.GONE,
    FetchOutcome.FORBIDDEN: AgentOutcome.FORBIDDEN,
    FetchOutcome.ROBOTS_FORBIDDEN: AgentOutcome.FORBIDDEN,
    FetchOutcome.OPTED_OUT: AgentOutcome.OPTED_OUT,
    FetchOutcome.DEFERRED: AgentOutcome.DEFERRED,
    FetchOutcome.RATE_LIMITED: AgentOutcome.DEFERRED,
    FetchOutcome.NOT_REACHED: AgentOutcome.NOT_REACHED,
    FetchOutcome.NOT_THE_PAGE: AgentOutcome.NOT_THE_PAGE,
}
_WORST_FIRST = (
    AgentOutcome.DEFERRED,
    AgentOutcome.NOT_REACHED,
    AgentOutcome.UNREACHABLE,
    AgentOutcome.NOT_THE_PAGE,
    AgentOutcome.FORBIDDEN,
    AgentOutcome.OPTED_OUT,
    AgentOutcome.GONE,
    AgentOutcome.NOT_FOUND,
)
"""When no page of an agent gave text: the outcome that leaves most hope is the agent's."""


Answer = Callable[[CompletionRequest, CompletionClient], Awaitable[Completion]]
"""Gives a client's completion of a request."""


class AgentPages(NamedTuple):
    """What is kept of an agent's pages, as an assessor would read it."""

    listing: Listing
    texts: tuple[PageText, ...]
    not_read: tuple[SourceNotRead, ...]
    outcomes: tuple[FetchOutcome, ...]
    """How the last try of each page ended."""
    findings: tuple[Finding, ...] = ()
    """Of the pages that gave no text; the texts carry their own."""
    states: tuple[PageState, ...] = ()
    """What is known of each page that was ever asked for."""


class AgentResult(NamedTuple):
    """How looking at one agent ended."""

    outcome: AgentOutcome
    reason: str = ""
    assessed: Assessed | None = None
    owed: bool = False
    """The next look has to make a draft, also when no page has changed."""


def agent_pages(store: Store, slug: str) -> AgentPages:
    """The agent's page texts, made from the stored bytes where they are not yet; its failures beside them."""
    with store.reading():
        return read_pages(store, store.listings.get(slug), store.pages.urls(slug))


def read_pages(store: Store, listing: Listing, urls: Sequence[str]) -> AgentPages:
    """The same for a listing that need not be kept, and the pages found for it."""
    states = store.pages.states(urls)
    texts: list[PageText] = []
    not_read: list[SourceNotRead] = []
    findings: list[Finding] = []
    for url in urls:
        state = states.get(url)
        text = stored_text(store, state) if state is not None else None
        if isinstance(text, PageText):
            texts.append(text)
        elif text is not None:
            costly = text.reason.startswith(_TOO_COSTLY)
            not_read.append(SourceNotRead(url=url, outcome=TOO_COSTLY if costly else "no_text"))
            findings += text.findings
        if state is None:
            not_read.append(SourceNotRead(url=url, outcome=FetchOutcome.NOT_REACHED.value))
        elif state.outcome not in _HAS_PAGE and not isinstance(text, PageText):
            not_read.append(SourceNotRead(url=url, outcome=state.outcome.value))
    entry = _entry_text(store, listing)
    if entry is not None:
        texts.append(entry)
    outcomes = tuple(states[url].outcome if url in states else FetchOutcome.NOT_REACHED for url in urls)
    return AgentPages(listing, tuple(texts), tuple(not_read), outcomes, tuple(findings), tuple(states.values()))


def _entry_text(store: Store, listing: Listing) -> PageText | None:
    """The listing's own text as it is kept, else made and kept now."""
    digest = sha256(listing.entry.encode("utf-8", "replace"))
    known = store.texts.derived(entry_url(listing), digest, parser=PARSER) if listing.entry else None
    if isinstance(known, PageText):
        return known
    made = entry_page(listing)
    if made is not None:
        store.texts.keep(made, parser=PARSER)
    return made


def stored_text(store: Store, state: PageState) -> PageText | NoTextKept | None:
    """The text of the last good version of a page, as it is kept or made here; None when there never was one."""
    if state.digest is None:
        return None
    known = store.texts.derived(state.url, state.digest, parser=PARSER)
    if known is not None:
        return known
    page = _page_as_kept(store, state.url, state.digest)
    try:
        with within(SECONDS, state.url):
            text = text_of(*page)
    except TooCostly as error:
        text = WithoutText(error.problem)
    return keep_text(store, state.url, state.digest, text)


async def text_in_process(store: Store, state: PageState, seconds: float) -> PageText | NoTextKept | None:
    """The same, made aside from the loop."""
    if state.digest is None or store.texts.derived(state.url, state.digest, parser=PARSER) is not None:
        return stored_text(store, state)
    page = _page_as_kept(store, state.url, state.digest)
    try:
        text = await read_in_process(seconds, len(page[0]), text_of, *page)
    except TooCostly as error:
        text = WithoutText(error.problem)
    return keep_text(store, state.url, state.digest, text)


async def make_texts(store: Store, slug: str, seconds: float) -> None:
    """Makes the texts of the agent's pages that are not made yet."""
    with store.reading():
        states = store.pages.states(store.pages.urls(slug)).values()
        missing = [s for s in states if s.digest and store.texts.derived(s.url, s.digest, parser=PARSER) is None]
    for state in missing:
        await text_in_process(store, state, seconds)


async def keep_subjects(store: Store, slug: str, settings: Settings) -> None:
    """Reads from the agent's stored pages by what a machine matches it. A page that is away is read as it was last;
    what cannot be read, or costs too much, leaves all that stands."""
    with suppress(TooCostly, NotFound, Corrupt):
        pages = []
        with store.reading():
            listing, urls = store.listings.get(slug), store.pages.urls(slug)
            states = store.pages.states(urls)
            for url in urls:
                if url in states and (digest := states[url].digest) is not None:
                    body, _, media_type, charset = _page_as_kept(store, url, digest)
                    pages.append(Page(url, body, media_type, charset, path_of(store, listing, url, settings)))
        size = sum(len(page.body) for page in pages) + len(listing.entry)
        seconds = settings.night.read_seconds
        store.subjects.keep(slug, await read_in_process(seconds, size, read_subjects, listing, pages))


def _page_as_kept(store: Store, url: str, digest: Digest) -> tuple[bytes, str, str, str | None]:
    snapshot = store.pages.snapshot(url, digest)
    return store.pages.body(digest), snapshot.url, snapshot.media_type, snapshot.charset


def keep_text(store: Store, url: str, digest: Digest, text: PageText | WithoutText) -> PageText | NoTextKept:
    """Keeps what a page gave; it is read again when it or the parser changes."""
    if isinstance(text, PageText):
        store.texts.keep(text, parser=PARSER)
        return text
    store.texts.keep_none(url, digest, text.reason, text.findings, parser=PARSER)
    return NoTextKept(text.reason, text.findings)


def findings_beside(pages: AgentPages, request: CompletionRequest) -> tuple[Finding, ...]:
    """What is hidden on pages that the assessor is not shown: those without text, and those beyond its budget."""
    shown = {document.url for document in request.documents}
    left_out = (finding for text in pages.texts if text.url not in shown for finding in text.findings)
    return tuple(dict.fromkeys((*pages.findings, *left_out)))


def without_text(pages: AgentPages) -> AgentResult:
    """Why there is nothing to assess."""
    named = {_agent_outcome(outcome) for outcome in pages.outcomes if outcome not in _HAS_PAGE}
    if (worst := next((outcome for outcome in _WORST_FIRST if outcome in named), None)) is not None:
        return AgentResult(worst, "no page could be read")
    if any(source.outcome == TOO_COSTLY for source in pages.not_read):
        return AgentResult(AgentOutcome.TOO_COSTLY, "its pages cost more to read than a page may")
    ways = ", ".join(dict.fromkeys(finding.how for finding in pages.findings))
    hidden = f", only hidden text ({ways})" if ways else ""
    return AgentResult(AgentOutcome.NO_TEXT, f"its pages hold no readable text{hidden}")


def pages_away(pages: AgentPages, ended: AgentResult) -> AgentResult:
    """How the look ends when a draft stands, but none of the pages that it rests on was there: as the pages did."""
    if ended.outcome not in (AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD):
        return ended
    states = pages.states
    if not states or any(state.outcome in _HAS_PAGE for state in states):
        return ended
    failed_state = min(states, key=lambda state: _WORST_FIRST.index(_agent_outcome(state.outcome)))
    why = f"what was read last stands; {failed_state.url}: {failed_state.reason or failed_state.outcome.value}"
    return AgentResult(_agent_outcome(failed_state.outcome), why[:500])


def _agent_outcome(outcome: FetchOutcome) -> AgentOutcome:
    return _AGENT_OUTCOME.get(outcome, AgentOutcome.UNREACHABLE)


async def complete(
    store: Store,
    request: CompletionRequest,
    client: CompletionClient,
    run: str | None = None,
    seconds: float = SECONDS,
) -> Completion:
    """The stored answer or refusal, else the client's; what came is stored at once. One that computes does so
    aside; raises `TooCostly` when it takes longer than it may."""
    key = request_key(request, client.model, client.settings)
    with store.reading():
        known = store.completions.answered(key) or store.completions.refused(key)
    if known is not None:
        return known
    if not client.waits:
        completion = await read_in_process(seconds, _size(request), computed, client, request)
    else:
        completion = await client.complete(request)
    # while the database is away: asking again would cost again
    await retry_database(
        lambda: in_priority_thread(client, _keep, store, request, client, completion, key, run), slug=request.slug
    )
    return completion


async def read_again(
    store: Store,
    request: CompletionRequest,
    completion: Completion,
    client: CompletionClient,
    answer: Answer,
    seconds: float = SECONDS,
) -> SecondCompletion | None:
    """What the second reader says, if there is one. It may fail: then the first reading stands and says so."""
    if client.second is None:
        return None
    asked = await read_in_process(seconds, _size(request), second_reader_request, request, completion)
    if asked is None:
        return None
    store.completions.keep_prompt(asked.prompt)
    said = await answer(asked, client.second) if asked.claims else None
    return SecondCompletion(asked, client.second.model, said)


def _keep(
    store: Store,
    request: CompletionRequest,
    client: CompletionClient,
    completion: Completion,
    key: str,
    run: str | None,
) -> None:
    parts = request_parts(request, client.model, client.settings) if completion.key == key else None
    store.completions.keep_prompt(request.prompt)
    with store.writing(quick=_is_quick(store, client)):
        store.completions.keep(completion, slug=request.slug, run=run, parts=parts)


def _is_quick(store: Store, client: CompletionClient) -> bool:
    """Whether what is kept can be computed again, should the power fail."""
    return store.database.is_sqlite and not client.waits


_MODEL_ENDINGS = {
    CompletionOutcome.REFUSED: AgentOutcome.REFUSED,
    CompletionOutcome.TRUNCATED: AgentOutcome.UNPARSED,
    CompletionOutcome.UNPARSED: AgentOutcome.UNPARSED,
    CompletionOutcome.FAILED: AgentOutcome.QUEUED,
    CompletionOutcome.OVER_BUDGET: AgentOutcome.QUEUED,
}


def ending_of(completion: Completion) -> AgentResult | None:
    """How the agent ends when its completion holds no answer; None when there is one."""
    if completion.outcome is CompletionOutcome.ANSWERED:
        return None
    return AgentResult(_MODEL_ENDINGS[completion.outcome], completion.reason or completion.outcome.value)


async def assess_agent(
    store: Store,
    slug: str,
    client: CompletionClient,
    settings: Settings,
    run: str | None = None,
    pages: AgentPages | None = None,
) -> AgentResult:
    """From stored pages, which the caller may have read already, to a stored draft."""
    answer = partial(complete, store, run=run, seconds=settings.night.read_seconds)
    assessed = await worked_out(store, pages or agent_pages(store, slug), client, settings, answer)
    if isinstance(assessed, AgentResult):
        return assessed
    return await in_worker_thread(client, keep_assessed, store, assessed, _is_quick(store, client))


async def worked_out(
    store: Store, pages: AgentPages, client: CompletionClient, settings: Settings, answer: Answer
) -> Assessed | str | AgentResult:
    """From stored pages to a draft that is not kept: what `keep_assessed` takes, or how the agent ends without one."""
    if not pages.texts:
        return without_text(pages)
    seconds = settings.night.read_seconds
    try:
        request = await request_of(store, pages, settings, client)
        completion = await answer(request, client)
        if (ended := ending_of(completion)) is not None:
            return ended
        second = await read_again(store, request, completion, client, answer, seconds)
        beside = pages.not_read, findings_beside(pages, request)
        return await read_in_process(
            seconds, _size(request), assessed_or_why, request, completion, settings.profile, *beside, second
        )
    except TooCostly as error:
        return AgentResult(AgentOutcome.TOO_COSTLY, error.problem)


async def request_of(
    store: Store, pages: AgentPages, settings: Settings, client: CompletionClient
) -> CompletionRequest:
    """What the assessor is asked of an agent with stored pages."""
    declared = await declared_of(store, pages.listing, pages.texts, pages.not_read, settings)
    return request_for(pages.listing, pages.texts, settings, client, declared)


def _size(request: CompletionRequest) -> int:
    return sum(len(document.text) for document in request.documents)


def keep_assessed(store: Store, assessed: Assessed | str, quick: bool = False) -> AgentResult:
    """What was worked out, stored when it differs from what stands."""
    if isinstance(assessed, str):
        return AgentResult(AgentOutcome.UNPARSED, assessed)
    with store.writing(quick=quick):
        changed = store.assessments.put(assessed.extraction, assessed.assessment, bodies=assessed.bodies)
    if assessed.assessment.headline.score is None:
        outcome = AgentOutcome.WITHHELD
    else:
        outcome = AgentOutcome.ASSESSED if changed else AgentOutcome.UNCHANGED
    return AgentResult(outcome, assessed.assessment.headline.withheld or "", assessed)
