"""What fetching robots.txt can give (RFC 9309 section 2.3), each with a page behind it."""

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme

from extractors.crawl.crawler import Crawler
from extractors.crawl.politeness.host_state import HostState, RobotsState
from extractors.pages.snapshot import FetchOutcome
from tests.extractors.crawl.web import Asked, Server, SimulatedClock, page, quick, redirect, simulate
from tests.extractors.crawl.world import Visit, World

RULES = b"User-agent: *\nDisallow: /no\n"
HTML = b"<!DOCTYPE html><html><head><title>Home</title></head><body>Disallow us: never\n</body></html>"
RULED, ABSENT, UNREACHABLE = RobotsState.RULES, RobotsState.ABSENT, RobotsState.UNREACHABLE


def reset(asked: Asked) -> None:
    asked.writer.transport.abort()


async def never(asked: Asked) -> None:
    await asyncio.sleep(60)


TABLE: list[tuple[str, Any, RobotsState, bool]] = [
    # name, answer, state, is /no allowed (when the state lets anything be asked)
    ("200", page(RULES), RULED, False),
    ("204", (204, {}, b""), RULED, True),
    ("empty", page(b""), RULED, True),
    ("401", (401, {}, RULES), ABSENT, True),
    ("403", (403, {}, RULES), ABSENT, True),
    ("404", (404, {}, RULES), ABSENT, True),
    ("410", (410, {}, RULES), ABSENT, True),
    ("429", (429, {}, RULES), UNREACHABLE, False),
    ("500", (500, {}, RULES), UNREACHABLE, False),
    ("503", (503, {}, RULES), UNREACHABLE, False),
    ("999", (999, {}, RULES), UNREACHABLE, False),
    ("timeout", never, UNREACHABLE, False),
    ("reset", reset, UNREACHABLE, False),
    ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n", UNREACHABLE, False),
    ("damaged", (200, {"Content-Encoding": "gzip"}, RULES), UNREACHABLE, False),
    ("600 KiB", page(RULES + b"# padding\n" * 61_440), RULED, False),
    ("600 KiB, rule at the end", page(b"# padding\n" * 61_440 + RULES), RULED, True),
    ("UTF-8 mark", page(RULES.decode().encode("utf-8-sig")), RULED, False),
    ("UTF-16 mark", page(RULES.decode().encode("utf-16")), RULED, False),
    ("HTML", (200, {"Content-Type": "text/html"}, HTML), RULED, True),
    ("image type", (200, {"Content-Type": "image/png"}, RULES), RULED, False),
    ("redirect without target", (302, {}, b""), UNREACHABLE, False),
    ("redirect to a file", redirect("file:///etc/passwd"), UNREACHABLE, False),
]


@pytest.mark.parametrize(("name", "answer", "state", "allowed"), TABLE, ids=[row[0] for row in TABLE])
async def test_fetch_table(server: Server, name: str, answer: Any, state: RobotsState, allowed: bool) -> None:
    server.pages |= {"/robots.txt": answer, "/no": page(), "/yes": page()}
    async with Crawler(quick("127.0.0.1", timeout=0.5 if answer is never else 60)) as crawler:
        no, yes = await crawler.get(server.url("/no")), await crawler.get(server.url("/yes"))
        copy = crawler.hosts["127.0.0.1"].robots[0]
    assert copy.state is state, copy.reason
    if state is UNREACHABLE:
        assert (no.outcome, yes.outcome) == (FetchOutcome.DEFERRED, FetchOutcome.DEFERRED)
        assert no.not_before is not None and no.not_before > datetime.now(UTC)
        assert server.paths == []
        assert len(server.log) == 1
    else:
        assert no.outcome is (FetchOutcome.FETCHED if allowed else FetchOutcome.ROBOTS_FORBIDDEN)
        assert yes.outcome is FetchOutcome.FETCHED
        assert server.paths == (["/no", "/yes"] if allowed else ["/yes"])


@pytest.mark.parametrize(("hops", "state", "no"), [(5, RULED, False), (6, ABSENT, True)])
async def test_five_redirects_are_followed(server: Server, hops: int, state: RobotsState, no: bool) -> None:
    server.pages |= {"/no": page(), "/robots.txt": redirect("/1", 301), f"/{hops}": page(RULES)}
    server.pages |= {f"/{hop}": redirect(f"/{hop + 1}", 301) for hop in range(1, hops)}
    async with Crawler(quick("127.0.0.1")) as crawler:
        end = await crawler.get(server.url("/no"))
        assert crawler.hosts["127.0.0.1"].robots[0].state is state
    assert (end.outcome is FetchOutcome.FETCHED) is no


async def test_a_redirect_to_another_host_gives_the_first_hosts_rules(server: Server) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    def robots(asked: Asked) -> Any:
        return (
            page(RULES) if asked.headers["host"].startswith("b.") else redirect(server.url("/robots.txt", "b.example"))
        )

    server.pages |= {"/robots.txt": robots, "/no": page()}
    async with Crawler(quick("a.example", "b.example"), resolve=resolve) as crawler:
        end = await crawler.get(server.url("/no", "a.example"))
    assert end.outcome is FetchOutcome.ROBOTS_FORBIDDEN


async def test_rules_that_lead_to_a_host_that_opted_out_are_not_asked_for(server: Server) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server.pages |= {"/robots.txt": redirect(server.url("/rules.txt", "b.example")), "/rules.txt": page(b"")}
    async with Crawler(quick("a.example", "b.example", opt_out=("b.example",)), resolve=resolve) as crawler:
        end = await crawler.get(server.url("/page", "a.example"))
    assert (end.outcome, server.paths) == (FetchOutcome.DEFERRED, [])
    assert "opted out" in end.reason


async def test_a_host_of_many_ports_is_remembered_in_little(server: Server) -> None:
    others = [Server() for _ in range(10)]
    for other in others:
        await other.start()
    try:
        async with Crawler(quick("127.0.0.1")) as crawler:
            for one in (*others, server):
                await crawler.get(one.url("/page"))
        copies = crawler.hosts["127.0.0.1"].robots
        assert len(copies) == 8 and copies[-1].origin == server.url("")
    finally:
        for other in others:
            await other.stop()


async def test_a_certificate_that_nobody_vouches_for_defers_the_host(tmp_path: Any) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    other = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(other)
    trusted = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(trusted))
    for tls, settings, outcome in (
        (context, quick("127.0.0.1"), FetchOutcome.DEFERRED),
        (other, quick("127.0.0.1", authority_file=trusted), FetchOutcome.DEFERRED),
        (context, quick("127.0.0.1", authority_file=trusted), FetchOutcome.FETCHED),
    ):
        server = Server({"/": page()})
        await server.start(tls)
        async with Crawler(settings) as crawler:
            end = await crawler.get(server.url(scheme="https"))
        await server.stop()
        assert end.outcome is outcome, end.reason
        assert (server.paths == []) is (outcome is FetchOutcome.DEFERRED)


def test_a_copy_is_kept_for_a_day_and_never_used_longer() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    down = False
    world = World(lambda visit: (503, {}, b"") if down else (200, {"ETag": '"r1"'}, RULES))
    store: dict[str, HostState] = {}

    async def ask(path: str) -> Any:
        crawler = Crawler(quick(), store, clock=world.clock, transport=world)
        end = await crawler.get(f"https://a.example{path}")
        store.update(crawler.hosts)
        return end

    def asked(hours: float, path: str) -> Any:
        world.clock = SimulatedClock(start + timedelta(hours=hours))
        before = len([visit for visit in world.log if visit.path == "/robots.txt"])
        end = simulate(ask(path))
        return end.outcome, len([visit for visit in world.log if visit.path == "/robots.txt"]) - before

    assert asked(0, "/yes") == (FetchOutcome.FETCHED, 1)
    assert asked(23, "/no") == (FetchOutcome.ROBOTS_FORBIDDEN, 0)
    down = True
    assert asked(23.5, "/yes") == (FetchOutcome.SERVER_ERROR, 0)
    assert asked(24.1, "/yes") == (FetchOutcome.DEFERRED, 1)
    assert asked(24.2, "/yes") == (FetchOutcome.DEFERRED, 0)
    down = False
    assert asked(25.3, "/no") == (FetchOutcome.ROBOTS_FORBIDDEN, 1)


def test_a_days_old_copy_is_revalidated() -> None:
    def answer(visit: Visit) -> Any:
        return (200, {"ETag": '"r1"'}, RULES)

    world = World(answer)
    store: dict[str, HostState] = {}

    async def ask(path: str) -> Any:
        crawler = Crawler(quick(), store, clock=world.clock, transport=world)
        end = await crawler.get(f"https://a.example{path}")
        store.update(crawler.hosts)
        return end.outcome

    simulate(ask("/no"))
    world.clock = SimulatedClock(world.clock.start + timedelta(hours=30))
    world.answer = lambda visit: (304, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"")
    assert simulate(ask("/no")) is FetchOutcome.ROBOTS_FORBIDDEN
    world.clock = SimulatedClock(world.clock.start + timedelta(minutes=1))
    assert simulate(ask("/yes")) is FetchOutcome.FETCHED
    assert [visit.path for visit in world.log] == ["/robots.txt", "/robots.txt", "/yes"]
