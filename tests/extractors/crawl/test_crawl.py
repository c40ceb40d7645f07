"""Many pages: every URL ends in exactly one outcome, and the ledger tells them apart."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.crawl.crawler import Crawler
from extractors.crawl.http.webhook import post_json
from extractors.pages.snapshot import FetchOutcome, PageRequest
from scoring.errors import BadInput
from tests.extractors.crawl.web import Asked, Server, page, quick, redirect
from tests.extractors.crawl.world import crawl

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_every_url_ends_once_and_the_ledger_adds_up(server: Server, canary: Server) -> None:
    server.pages |= {
        "/robots.txt": page(b"User-agent: *\nDisallow: /no\n"),
        "/a": page(),
        "/same": (304, {}, b""),
        "/moved": redirect("/a"),
        "/gone": (410, {}, b""),
        "/broken": (500, {}, b""),
        "/busy": (429, {"Retry-After": "0"}, b""),
        "/mine/1": page(),
    }
    urls = [server.url(path) for path in ("/a", "/same", "/moved", "/gone", "/missing", "/no", "/mine/1")]
    urls += ["http://opted.example/x", "http://sub.opted.example/", "nonsense", canary.url()]
    urls += [server.url("/broken"), server.url("/busy")]  # last: after an error the host is given a pause
    requests = [PageRequest(url=url, etag='"e"' if url.endswith("/same") else None) for url in urls]
    settings = quick(f"127.0.0.1:{server.port}", opt_out=("opted.example", server.url("/mine/")), longest_wait=0)
    async with Crawler(settings) as crawler:
        ends = [end async for end in crawl(crawler, requests)]
    assert sorted(end.url for end in ends) == sorted(urls)
    told = {end.url.removeprefix(server.url("")): end.outcome for end in ends}
    assert told == {
        "/a": FetchOutcome.FETCHED,
        "/same": FetchOutcome.UNCHANGED,
        "/moved": FetchOutcome.FETCHED,
        "/gone": FetchOutcome.GONE,
        "/missing": FetchOutcome.NOT_FOUND,
        "/broken": FetchOutcome.SERVER_ERROR,
        "/busy": FetchOutcome.DEFERRED,
        "/no": FetchOutcome.ROBOTS_FORBIDDEN,
        "/mine/1": FetchOutcome.OPTED_OUT,
        "http://opted.example/x": FetchOutcome.OPTED_OUT,
        "http://sub.opted.example/": FetchOutcome.OPTED_OUT,
        "nonsense": FetchOutcome.BAD_URL,
        canary.url(): FetchOutcome.BLOCKED_ADDRESS,
    }
    ledger = CrawlLedger.counted(Counter(end.outcome for end in ends), sum(end.sent for end in ends), 0)
    assert (ledger.due, ledger.fetched, ledger.not_modified, ledger.not_found) == (13, 2, 1, 2)
    assert (ledger.forbidden, ledger.deferred, ledger.failed, ledger.opted_out, ledger.not_reached) == (1, 1, 3, 3, 0)
    assert ledger.sent == 6


@given(st.lists(st.sampled_from(list(FetchOutcome))))
def test_a_ledger_counts_everything_once(outcomes: list[FetchOutcome]) -> None:
    told = CrawlLedger.counted(Counter(outcomes), 0, 0)
    classes = (told.fetched, told.not_modified, told.not_found, told.forbidden, told.deferred, told.failed)
    assert sum(classes) + told.opted_out + told.not_reached == told.due == sum(told.outcomes.values()) == len(outcomes)
    assert CrawlLedger.model_validate_json(told.model_dump_json()) == told


async def test_sources_discover_pages_while_others_are_crawled(server: Server) -> None:
    """`get` obeys the same rules from any number of coroutines."""
    server.pages |= {f"/{number}": page(b"%d" % number) for number in range(30)}
    async with Crawler(quick("127.0.0.1", pages_per_host=21)) as crawler:
        ends = await asyncio.gather(*(crawler.get(server.url(f"/{number}")) for number in range(30)))
    outcomes = [end.outcome for end in ends]
    assert (outcomes.count(FetchOutcome.FETCHED), outcomes.count(FetchOutcome.DEFERRED)) == (20, 10)
    assert len(server.log) == 21


@pytest.mark.parametrize("entry", ["not a host", "http://", "exa mple.org"])
def test_an_opt_out_that_cannot_be_read_is_said(entry: str) -> None:
    with pytest.raises(BadInput, match="neither a host nor a URL"):
        Crawler(CrawlSettings(opt_out=(entry,)))


async def test_webhooks_under_the_address_rule(server: Server, canary: Server) -> None:
    def answer(asked: Asked) -> Any:
        return (201, {}, b"") if asked.body == b'{"a":1,"b":"x"}' else (400, {}, b"")

    server.pages |= {"/hook": answer, "/away": redirect(canary.url(), 307), "/large": page(b"x" * 500_000)}
    allowed = quick(f"127.0.0.1:{server.port}")
    sent = await post_json(server.url("/hook"), {"b": "x", "a": 1}, allowed)
    assert (sent.delivered, sent.status) == (True, 201)
    assert server.log[-1].headers["content-type"] == "application/json"
    assert (await post_json(server.url("/large"), {}, allowed)).delivered
    away = await post_json(server.url("/away"), {}, allowed)
    assert (away.delivered, away.status) == (False, 307)
    for url in (canary.url(), "http://169.254.169.254/latest/", "file:///etc/passwd"):
        refused = await post_json(url, {}, allowed)
        assert not refused.delivered
        assert refused.reason
    assert canary.connections == 0
