"""WHATWG's own cases: what must fail is never fetched, and one URL has one spelling."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.crawler import Crawler
from extractors.crawl.http.url import parse
from extractors.pages.snapshot import FetchOutcome
from scoring.errors import BadInput
from tests.extractors.crawl.web import Server, quick


def cases(shared: Path) -> list[dict[str, Any]]:
    listed = json.loads(
        (shared / "conformance/url/urltestdata.json").read_text(encoding="utf-8", errors="surrogatepass")
    )
    return [case for case in listed if isinstance(case, dict)]


async def test_no_url_that_must_fail_is_fetched(shared: Path) -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return []

    failing = [case for case in cases(shared) if case.get("failure")]
    assert len(failing) > 250
    async with Crawler(quick(), resolve=resolve) as crawler:
        for case in failing:
            base = case["base"] if (case["base"] or "").startswith("http") else None
            with pytest.raises(BadInput):
                parse(case["input"], base)
            if base is None:
                end = await crawler.get(case["input"])
                assert (end.outcome, end.sent) == (FetchOutcome.BAD_URL, False), case["input"]
    assert asked == []


def test_hosts_are_read_as_whatwg_reads_them_and_canonical_is_idempotent(shared: Path) -> None:
    agreed = 0
    for case in cases(shared):
        if case.get("failure") or case.get("protocol") not in ("http:", "https:"):
            continue
        base = case["base"] if case["base"] != "about:blank" else None
        try:
            address = parse(case["input"], base)
        except BadInput as problem:
            assert "user name" in problem.problem, case["input"]
            continue
        assert address.host == case["hostname"], case["input"]
        assert address.href == case["href"].split("#")[0], case["input"]
        assert parse(address.href).href == address.href
        agreed += 1
    assert agreed > 190


@given(st.text(max_size=60))
def test_any_text_is_refused_or_has_one_spelling(text: str) -> None:
    for url in (text, f"http://{text}", f"https://example.org/{text}"):
        try:
            once = parse(url).href
        except BadInput:
            continue
        assert parse(once).href == once
        assert once.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://u:p@example.org/",
        "http://u@example.org",
        "http:",
        "http://",
        "https://exa mple.org/",
        "//example.org/x",
        "",
        "http://example.org:99999/",
        "http://a" + "b" * 9000,
    ],
)
def test_only_plain_http_urls(url: str) -> None:
    with pytest.raises(BadInput):
        parse(url)


@pytest.mark.slow
async def test_naughty_strings_have_an_outcome(shared: Path, server: Server) -> None:
    strings = json.loads((shared / "conformance/naughty/blns.json").read_text())

    async def resolve(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async with Crawler(quick(f"127.0.0.1:{server.port}"), resolve=resolve) as crawler:
        for text in strings:
            assert (await crawler.get(text)).body is None
            assert (await crawler.get(f"{server.url()}{text}")).outcome in (
                FetchOutcome.NOT_FOUND,
                FetchOutcome.BAD_URL,
                FetchOutcome.BLOCKED_ADDRESS,
                FetchOutcome.DEFERRED,
            )
