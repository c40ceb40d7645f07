"""One request, one typed outcome, whatever the server does."""

import asyncio
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pydantic import SecretStr

from extractors.crawl.crawler import Crawler
from extractors.crawl.http.fetch_outcome import forward_of
from extractors.pages.snapshot import FetchOutcome, PageRequest, sha256
from tests.examples import examples
from tests.extractors.crawl.web import Asked, Server, encoded, page, quick, redirect, simulate
from tests.extractors.crawl.world import World

BODY = b"<p>Hello</p>"


async def ended(server: Server, path: str = "/page", **changes: Any) -> Any:
    request = {name: changes.pop(name) for name in list(changes) if name in PageRequest.model_fields}
    async with Crawler(quick("127.0.0.1", "localhost", **changes)) as crawler:
        return await crawler.get(PageRequest(url=server.url(path), **request))


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, FetchOutcome.FETCHED),
        (204, FetchOutcome.FETCHED),
        (206, FetchOutcome.DAMAGED),
        (300, FetchOutcome.BAD_REDIRECT),
        (302, FetchOutcome.BAD_REDIRECT),
        (304, FetchOutcome.SERVER_ERROR),
        (400, FetchOutcome.FORBIDDEN),
        (401, FetchOutcome.FORBIDDEN),
        (403, FetchOutcome.FORBIDDEN),
        (404, FetchOutcome.NOT_FOUND),
        (408, FetchOutcome.TIMEOUT),
        (410, FetchOutcome.GONE),
        (418, FetchOutcome.FORBIDDEN),
        (429, FetchOutcome.RATE_LIMITED),
        (451, FetchOutcome.FORBIDDEN),
        (500, FetchOutcome.SERVER_ERROR),
        (503, FetchOutcome.SERVER_ERROR),
        (599, FetchOutcome.SERVER_ERROR),
        (999, FetchOutcome.SERVER_ERROR),
    ],
)
async def test_statuses(server: Server, status: int, outcome: FetchOutcome) -> None:
    server.pages["/page"] = (status, {}, b"" if status in (204, 304) else BODY)
    end = await ended(server)
    assert end.outcome is outcome
    assert end.sent
    assert (end.snapshot is not None) is (outcome is FetchOutcome.FETCHED)
    if outcome is not FetchOutcome.FETCHED:
        assert str(status) in end.reason


async def test_what_is_kept_of_a_page(server: Server) -> None:
    headers = {"ETag": '"v1"', "Last-Modified": "Sun, 01 Mar 2026 01:05:00 GMT"}
    server.pages |= {
        "/page": redirect("/there#part"),
        "/there": (200, headers | {"Content-Type": 'Text/HTML; Charset="KOI8-R"'}, BODY),
    }
    end = await ended(server)
    kept = end.snapshot
    assert (kept.url, kept.final_url) == (server.url("/page"), server.url("/there"))
    assert (kept.media_type, kept.charset, kept.etag) == ("text/html", "koi8-r", '"v1"')
    assert (kept.digest, kept.length, end.body) == (sha256(BODY), len(BODY), BODY)
    agent = server.log[-1].headers["user-agent"]
    assert agent == "AssayBot/0.1 (+https://example.org/assay)"


async def test_a_revisit_is_conditional_and_validators_stay_with_their_url(server: Server) -> None:
    def answer(asked: Asked) -> Any:
        return (304, {}, b"") if asked.headers.get("if-none-match") == '"v1"' else page(ETag='"v1"')

    server.pages |= {"/page": answer, "/old": redirect("/page")}
    known = {"etag": '"v1"', "last_modified": "Sun, 01 Mar 2026 01:05:00 GMT"}
    assert (await ended(server, **known)).outcome is FetchOutcome.UNCHANGED
    assert server.log[-1].headers["if-modified-since"] == known["last_modified"]
    assert (await ended(server, "/old", **known)).outcome is FetchOutcome.FETCHED
    assert (await ended(server, "/old", validated_url=server.url("/page"), **known)).outcome is FetchOutcome.UNCHANGED
    assert "if-none-match" not in server.log[-2].headers
    server.pages["/"] = answer
    assert (await ended(server, "", **known)).outcome is FetchOutcome.UNCHANGED


async def test_the_same_bytes_again_are_unchanged(server: Server) -> None:
    server.pages["/page"] = page(BODY, ETag='"v2"')
    end = await ended(server, previous_digest=sha256(BODY))
    assert (end.outcome, end.body) == (FetchOutcome.UNCHANGED, None)
    assert end.snapshot.etag == '"v2"'


@pytest.mark.parametrize(
    ("location", "outcome"),
    [
        ("/page", FetchOutcome.BAD_REDIRECT),
        ("file:///etc/passwd", FetchOutcome.BAD_REDIRECT),
        ("http://u:p@127.0.0.1/", FetchOutcome.BAD_REDIRECT),
        ("http://[::1%25lo]/", FetchOutcome.BAD_REDIRECT),
        ("data:text/html,hello", FetchOutcome.BAD_REDIRECT),
        ("/forbidden", FetchOutcome.ROBOTS_FORBIDDEN),
        ("http://opted-out.example/", FetchOutcome.OPTED_OUT),
        ("http://10.0.0.1/", FetchOutcome.BLOCKED_ADDRESS),
        ("/5", FetchOutcome.FETCHED),
        ("/4", FetchOutcome.BAD_REDIRECT),
    ],
)
async def test_every_hop_is_checked(server: Server, location: str, outcome: FetchOutcome) -> None:
    server.pages |= {f"/{hop}": redirect(f"/{hop + 1}") for hop in range(4, 9)}
    server.pages |= {
        "/9": page(),
        "/page": redirect(location),
        "/robots.txt": page(b"User-agent: *\nDisallow: /forbidden"),
    }
    server.pages["/forbidden"] = page()
    end = await ended(server, opt_out=("opted-out.example",))
    assert end.outcome is outcome, end.reason
    assert "/forbidden" not in server.paths
    assert end.sent


async def test_a_token_goes_to_its_own_host_only(server: Server) -> None:
    server.pages |= {"/page": redirect(server.url("/there", "localhost")), "/there": page()}
    tokens = {"127.0.0.1": SecretStr("Bearer secret")}
    assert (await ended(server, authorization=tokens)).outcome is FetchOutcome.FETCHED
    sent = {asked.headers["host"].split(":")[0]: "authorization" in asked.headers for asked in server.log}
    assert sent == {"127.0.0.1": True, "localhost": False}


@pytest.mark.parametrize(
    ("headers", "body", "outcome"),
    [
        ({"Content-Type": "image/png"}, BODY, FetchOutcome.UNSUPPORTED_TYPE),
        ({"Content-Type": "application/zip"}, BODY, FetchOutcome.UNSUPPORTED_TYPE),
        ({"Content-Type": "text/html"}, b"PK\x03\x04\x00\x00", FetchOutcome.UNSUPPORTED_TYPE),
        ({}, b"PK\x03\x04\x00\x00", FetchOutcome.UNSUPPORTED_TYPE),
        ({"Content-Type": "text/html; charset=utf-16"}, "hi".encode("utf-16-le"), FetchOutcome.FETCHED),
        ({"Content-Type": "text/html"}, "hi".encode("utf-16"), FetchOutcome.FETCHED),
        ({"Content-Type": "application/octet-stream"}, BODY, FetchOutcome.FETCHED),
        ({"Content-Type": "application/json"}, b"{}", FetchOutcome.FETCHED),
        ({"Content-Encoding": "gzip"}, BODY, FetchOutcome.DAMAGED),
        ({"Content-Encoding": "sdch"}, BODY, FetchOutcome.DAMAGED),
        ({"X-Long": "x" * 70_000}, BODY, FetchOutcome.TOO_LARGE),
    ],
)
async def test_what_is_not_a_text_page(
    server: Server, headers: dict[str, str], body: bytes, outcome: FetchOutcome
) -> None:
    server.pages["/page"] = (200, headers, body)
    assert (await ended(server)).outcome is outcome


async def endless(asked: Asked) -> None:
    asked.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        asked.writer.write(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
        await asked.writer.drain()


async def trickle(asked: Asked) -> None:
    asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        asked.writer.write(b"x")
        await asyncio.sleep(0.05)
        await asked.writer.drain()


async def slow_headers(asked: Asked) -> None:
    asked.writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        asked.writer.write(b"X-A: b\r\n")
        await asyncio.sleep(0.05)
        await asked.writer.drain()


async def header_flood(asked: Asked) -> None:
    asked.writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        asked.writer.write(b"X-Flood: " + b"x" * 1000 + b"\r\n")
        await asked.writer.drain()


async def informational_flood(asked: Asked) -> None:
    while True:
        asked.writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await asked.writer.drain()


async def short(asked: Asked) -> None:
    asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhello")


def abort(asked: Asked) -> None:
    asked.writer.transport.abort()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("behaviour", "outcomes"),
    [
        (endless, {FetchOutcome.TOO_LARGE}),
        (trickle, {FetchOutcome.TIMEOUT}),
        (slow_headers, {FetchOutcome.TIMEOUT}),
        (header_flood, {FetchOutcome.UNREACHABLE, FetchOutcome.TOO_LARGE}),
        (informational_flood, {FetchOutcome.TIMEOUT, FetchOutcome.UNREACHABLE}),
        (short, {FetchOutcome.DAMAGED}),
        (abort, {FetchOutcome.UNREACHABLE}),
        (b"not HTTP at all\r\n\r\n", {FetchOutcome.UNREACHABLE}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", {FetchOutcome.UNREACHABLE}),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", {FetchOutcome.UNREACHABLE}),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", {FetchOutcome.DAMAGED}),
        (b"HTTP/1.1 302 X\r\nLocation: \xff\xfe\x80\r\nContent-Length: 0\r\n\r\n", {FetchOutcome.NOT_FOUND}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_hostile_servers(server: Server, behaviour: Any, outcomes: set[FetchOutcome]) -> None:
    server.pages["/page"] = behaviour
    seconds = 1.0 if FetchOutcome.TIMEOUT in outcomes else 60.0
    async with asyncio.timeout(120):  # endless is endless: what ends at all ends by the crawler's own clock
        end = await ended(server, timeout=seconds, largest_page=1_000_000)
    assert end.outcome in outcomes, end.reason
    assert end.reason


@pytest.mark.parametrize(
    ("name", "coding", "outcome"),
    [
        ("bomb-br.bin", "br", FetchOutcome.DAMAGED),
        ("bomb-deflate.bin", "deflate", FetchOutcome.TOO_LARGE),
        ("bomb-gzip.bin", "gzip", FetchOutcome.TOO_LARGE),
        ("bomb-zstd.bin", "zstd", FetchOutcome.TOO_LARGE),
        ("truncated-crc-error.gz", "gzip", FetchOutcome.DAMAGED),
        ("unexpected-eof.gz", "gzip", FetchOutcome.DAMAGED),
        ("html-gzip-deflate-gzip.bin", "gzip, deflate, gzip", FetchOutcome.FETCHED),
    ],
)
async def test_bombs_over_http(server: Server, shared: Path, name: str, coding: str, outcome: FetchOutcome) -> None:
    body = (shared / "conformance/bombs" / name).read_bytes()
    server.pages["/page"] = (200, {"Content-Encoding": coding}, body)
    assert (await ended(server, largest_page=1 << 20)).outcome is outcome


def test_what_may_pass_is_tried_again_and_what_stays_is_not() -> None:
    answers: dict[str, list[Any]] = {
        "/robots.txt": [(404, {}, b"")],
        "/page": [(503, {}, b""), (500, {}, b""), page()],
        "/gone": [(410, {}, b"")],
        "/never": [(503, {}, b"")] * 9,
    }
    world = World(lambda visit: answers[visit.path].pop(0))

    async def run() -> list[Any]:
        crawler = Crawler(quick(tries=3), clock=world.clock, transport=world)
        return [await crawler.get(f"https://a.example{path}") for path in ("/page", "/gone", "/never")]

    good, gone, never = simulate(run())
    assert (good.outcome, gone.outcome) == (FetchOutcome.FETCHED, FetchOutcome.GONE)
    assert (never.outcome, never.reason) == (FetchOutcome.SERVER_ERROR, "HTTP 503")
    assert never.not_before is not None
    assert [visit.path for visit in world.log[1:]] == ["/page"] * 3 + ["/gone"] + ["/never"] * 3


@pytest.mark.parametrize("behaviour", [endless, header_flood, informational_flood, trickle])
async def test_memory_under_hostile_servers(server: Server, behaviour: Any) -> None:
    """Traced allocations of this process, the server's own included; the cap is 4 MiB."""
    server.pages["/page"] = behaviour
    tracemalloc.start()
    end = await ended(server, timeout=0.4, largest_page=4 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert end.outcome is not FetchOutcome.FETCHED
    assert peak <= (4 + 8) << 20


async def test_a_closed_port_is_unreachable_and_nothing_was_sent() -> None:
    server = Server()
    await server.start()
    await server.stop()
    end = await ended(server)
    assert (end.outcome, end.sent) == (FetchOutcome.DEFERRED, False)
    assert "robots.txt cannot be had" in end.reason


@pytest.mark.slow
@examples(100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    status=st.integers(200, 599),
    headers=st.dictionaries(
        st.sampled_from(["Location", "Content-Type", "Content-Encoding", "Retry-After", "ETag", "Date", "X-Other"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
    ),
    body=st.binary(max_size=200),
)
def test_any_answer_has_an_outcome(status: int, headers: dict[str, str], body: bytes) -> None:
    async def one() -> None:
        server = Server({"/page": encoded(status, headers, body)})
        await server.start()
        end = await ended(server, timeout=0.3, longest_wait=0.2)
        assert end.outcome in FetchOutcome
        assert (end.body is not None) is (end.outcome is FetchOutcome.FETCHED)
        await server.stop()

    asyncio.run(one())


@examples(80)
@given(st.text(" .07\u0663\u00b2-", max_size=3), st.sampled_from([";", ";url=", ", URL = "]))
def test_whatever_a_page_says_of_its_refresh_has_an_outcome(wait: str, told: str) -> None:
    body = f'<meta http-equiv=refresh content="{wait}{told}/x">'.encode()
    world = World(lambda asked: (200, {"content-type": "text/html"}, b"" if asked.path == "/robots.txt" else body))

    async def outcome() -> FetchOutcome:
        return (await Crawler(quick(), clock=world.clock, transport=world).get("https://a.example/p")).outcome

    assert simulate(outcome()) in (FetchOutcome.FETCHED, FetchOutcome.BAD_REDIRECT)


@pytest.mark.parametrize("wait", ["", "0", "1.5", "9.", ".5"])
def test_a_page_leads_on_after_a_short_wait(wait: str) -> None:
    assert forward_of(f'<meta http-equiv="refresh" content="{wait};url=/x">'.encode(), "text/html") == "/x"


@pytest.mark.parametrize("wait", ["11", ".", "1.2.3", "-1", "²", "٣"])
def test_a_page_that_stays_leads_nowhere(wait: str) -> None:
    assert not forward_of(f'<meta http-equiv="refresh" content="{wait};url=/x">'.encode(), "text/html")
