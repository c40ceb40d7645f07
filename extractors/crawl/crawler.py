"""Asking for pages, one host's turn at a time, each URL ending in exactly one typed outcome.

    async with Crawler(settings, hosts, night="2026-11-21", ends_at=dawn) as crawler:
        fetched = await crawler.get(PageRequest(url=...))          # from any coroutine
    hosts = crawler.hosts                                          # hand in next time

Invariant: no exception leaves `get` for anything a server says or does; every hop of a redirect passes the same
opt-out list, address rule, robots rules and pace as a first request.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.address_guard import Resolve, system_resolve
from extractors.crawl.http.exchange import Bounds, Failure, PinnedTransport, Reply, deferral, exchange
from extractors.crawl.http.fetch_outcome import REDIRECTS, fetched_result, forward_of, headers_for, is_temporary
from extractors.crawl.http.url import Address, parse
from extractors.crawl.politeness.clock import Clock
from extractors.crawl.politeness.delay_and_backoff import HostLock, HostThrottle, Remember, RequestSlot
from extractors.crawl.politeness.host_state import HostState
from extractors.crawl.politeness.opt_out import OptOut
from extractors.crawl.politeness.retry_after import rate_limit_reset, retry_after
from extractors.crawl.politeness.robots_cache import RobotsCache
from extractors.crawl.politeness.robots_rules import LONGEST_PARSED
from extractors.pages.snapshot import Fetched, FetchOutcome, PageRequest
from scoring.errors import BadInput

Answer = Reply | Failure


class Crawler:
    """One run of asking. `transport`, `resolve` and `clock` are seams for tests."""

    def __init__(
        self,
        settings: CrawlSettings,
        hosts: Mapping[str, HostState] | None = None,
        *,
        night: str = "",
        ends_at: datetime | None = None,
        remember: Remember | None = None,
        hold: HostLock | None = None,
        clock: Clock | None = None,
        resolve: Resolve = system_resolve,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """`night` names the night that page and byte budgets belong to; a run that goes on with a killed one
        gives the same name. `remember` is called with a host's memory before a request leaves and after it;
        `hold` gives a host to this process alone where several ask."""
        self._settings = settings
        self._clock = clock or Clock()
        self._transport = transport or PinnedTransport(settings, resolve)
        self._throttle = HostThrottle(
            settings, hosts or {}, self._clock, night=night, ends_at=ends_at, remember=remember, hold=hold
        )
        self._opt_out = OptOut(settings.opt_out)
        self._robots_cache = RobotsCache(settings, self._throttle, self._clock, self._ask_rules)

    @property
    def hosts(self) -> dict[str, HostState]:
        """What must be remembered of every host, as of now."""
        return self._throttle.memories()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.aclose()

    async def get(self, request: PageRequest | str) -> Fetched:
        """The outcome of one URL; waits for its host's turn."""
        if isinstance(request, str):
            request = PageRequest(url=request)
        try:
            address = parse(request.url)
        except BadInput as problem:
            return self._without_page(request, Failure(FetchOutcome.BAD_URL, problem.problem))
        if request.etag or request.last_modified:  # the URL that they belong to, in its one spelling
            request = request.model_copy(update={"validated_url": _validated(request, address)})
        sent, received = False, 0
        for _ in range(self._settings.redirects + 1):
            answer: Answer | None = self._opt_out.refusal(address) or await self._robots_cache.refusal(address)
            if answer is None:
                answer = await self._ask(address, request, False)
                sent = sent or isinstance(answer, Reply) or answer.sent
                received += answer.wire
            if not isinstance(answer, Reply):
                return self._without_page(request, answer, sent, received)
            forward = self._forward(address, answer)
            if answer.status not in REDIRECTS and forward is None:
                page = fetched_result(request, address, answer, self._clock.now())
                return page.model_copy(
                    update={"bytes_received": received, "not_before": self._not_before(page, address)}
                )
            target = forward or await self._redirected(address, answer)
            if not isinstance(target, Address):
                return self._without_page(request, target, sent, received)
            address = target
        reason = f"more than {self._settings.redirects} redirects"
        return self._without_page(request, Failure(FetchOutcome.BAD_REDIRECT, reason), sent, received)

    async def _ask_rules(self, address: Address, request: PageRequest, cut: bool) -> Answer:
        """A robots.txt may send us on; not to those who opted out."""
        return self._opt_out.refusal(address) or await self._ask(address, request, cut)

    async def _ask(self, address: Address, request: PageRequest, cut: bool) -> Answer:
        """One URL, without redirects. The one place of the crawl where a request is repeated."""
        last: Answer | None = None
        for _ in range(self._settings.tries):  # the host's pace waits
            answer = await self._in_turn(address, request, cut)
            if last is not None and isinstance(answer, Failure) and answer.is_deferral:
                # What stopped the first tries is the outcome; when to come back is what stopped the last.
                if isinstance(last, Failure):
                    return replace(last, not_before=answer.not_before, is_deferral=True)
                return last
            last = answer
            if not _again(answer):
                break
        assert last is not None
        return last

    async def _in_turn(self, address: Address, request: PageRequest, cut: bool) -> Answer:
        settings = self._settings
        async with self._throttle.turn(address.host) as turn:
            if isinstance(turn, Failure):
                return turn
            bounds = Bounds(
                body=LONGEST_PARSED if cut else settings.largest_page,
                wire=turn.bytes_left,
                seconds=settings.timeout,
                connect_seconds=settings.connect_timeout,
                headers=settings.largest_headers,
                text_only=not cut,
                cut=cut,
            )
            headers = headers_for(address, settings, request)
            answer = await exchange(self._transport, address, headers, bounds)
            self._note(turn, address, answer)
            return answer

    def _note(self, turn: RequestSlot, address: Address, answer: Reply | Failure) -> None:
        turn.received = answer.wire
        if isinstance(answer, Failure):
            turn.answered, turn.troubled = answer.answered, answer.may_pass
            return
        turn.answered, turn.troubled = True, is_temporary(answer)
        now = self._clock.now()
        turn.wait_until = retry_after(answer.headers, now)
        turn.wait_reason = f"HTTP {answer.status}, Retry-After {answer.headers.get('retry-after', '')[:60]}"
        if address.host in self._settings.api_hosts and (reset := rate_limit_reset(answer.headers, now)):
            turn.wait_until = max(reset, turn.wait_until or reset)
            turn.wait_reason = "the API's rate limit is used up"

    @staticmethod
    def _forward(address: Address, reply: Reply) -> Address | None:
        """Where a page that only leads on leads on its own host; None for a page, and for one that leads to itself."""
        if reply.status != 200 or not (
            target_url := forward_of(reply.body, reply.headers.get("content-type", "").lower())
        ):
            return None
        try:
            target = parse(target_url, address.href)
        except BadInput:
            return None
        is_here = urlsplit(target.href)[:2] == urlsplit(address.href)[:2]  # nothing in a page makes us ask elsewhere
        return target if is_here and target.href != address.href else None

    async def _redirected(self, address: Address, reply: Reply) -> Address | Failure:
        location = reply.headers.get("location", "")
        if not location:
            return Failure(FetchOutcome.BAD_REDIRECT, f"HTTP {reply.status} without a Location")
        try:
            target = parse(location, address.href)
        except BadInput as problem:
            return Failure(FetchOutcome.BAD_REDIRECT, f"redirected, but {problem.problem}")
        until = retry_after(reply.headers, self._clock.now())
        if until is not None and target.host != address.host:
            # The pause was asked for by a host that does not speak for the other one: it binds this request only.
            wait = (until - self._clock.now()).total_seconds()
            if wait > self._settings.longest_wait:
                return deferral(FetchOutcome.DEFERRED, "redirected with a long Retry-After", until)
            await self._clock.sleep(wait)
        return target

    def _not_before(self, page: Fetched, address: Address) -> datetime | None:
        if page.outcome in (FetchOutcome.RATE_LIMITED, FetchOutcome.SERVER_ERROR):
            return self._throttle.memory(address.host).not_before
        return None

    def _without_page(self, request: PageRequest, answer: Failure, sent: bool = False, received: int = 0) -> Fetched:
        return Fetched(
            url=request.url,
            outcome=answer.outcome,
            reason="".join(c if c.isprintable() else " " for c in answer.reason)[:500],
            at=self._clock.now(),
            not_before=answer.not_before,
            sent=sent,
            bytes_received=received,
        )


def _validated(request: PageRequest, address: Address) -> str:
    try:
        return parse(request.validated_url).href if request.validated_url else address.href
    except BadInput:
        return address.href


def _again(answer: Answer) -> bool:
    if isinstance(answer, Failure):
        return answer.may_pass
    return is_temporary(answer)
