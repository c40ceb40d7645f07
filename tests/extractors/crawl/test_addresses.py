"""No packet may leave for an address that is not public; the canary counts connections, not exceptions."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import httpcore
import pytest

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.crawler import Crawler
from extractors.crawl.http.address_guard import is_allowed, is_public
from extractors.crawl.http.webhook import post_json
from extractors.crawl.politeness.clock import Clock
from extractors.pages.snapshot import FetchOutcome
from tests.extractors.crawl.web import Server, page, quick, redirect

PUBLIC = "93.184.215.14"


def test_all_36_dangerous_addresses_are_refused(shared: Path) -> None:
    listed = json.loads((shared / "conformance/ssrf/addresses.json").read_text())["addresses"]
    assert len(listed) == 36
    assert [address for address in listed if is_public(address)] == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "185.199.108.133", "2606:4700::1111", "2a00:1450:4001::1"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["", "localhost", "127.1", "fe80::1%eth0", "2001:db8::1", "168.63.129.16", "1.2.3"])
def test_what_is_not_surely_public_is_not(address: str) -> None:
    assert not is_public(address)


async def test_no_spelling_of_loopback_reaches_the_canary(canary: Server, shared: Path) -> None:
    named = json.loads((shared / "conformance/ssrf/addresses.json").read_text())
    hosts = [f"[{a}]" if ":" in a else a for a in named["addresses"]] + named["spellings"]
    hosts += ["localhost", "localhost.", "LOCALHOST", "127.0.0.1", "[::ffff:7f00:1]", "127.0.0.1%00.example.org"]
    urls = [f"http://{host}:{canary.port}/" for host in hosts]
    urls += [f"http://example.org@127.0.0.1:{canary.port}/", f"http://127.0.0.1:{canary.port}\\@example.org/"]
    async with Crawler(quick()) as crawler:
        ends = [await crawler.get(url) for url in urls]
    assert canary.connections == 0
    assert {end.outcome for end in ends} <= {
        FetchOutcome.BLOCKED_ADDRESS,
        FetchOutcome.BAD_URL,
        FetchOutcome.DEFERRED,  # a name that does not resolve has no robots.txt to be had
    }
    assert [end.url for end in ends if end.sent] == []


async def test_one_private_answer_among_public_ones_refuses_the_name(canary: Server) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return [PUBLIC, "127.0.0.1"]

    async with Crawler(quick(), resolve=resolve) as crawler:
        end = await crawler.get(canary.url(host="rebinding.example"))
    assert end.outcome is FetchOutcome.BLOCKED_ADDRESS
    assert "127.0.0.1" in end.reason
    assert canary.connections == 0


class Impatient(Clock):
    """Goes ahead by what it should wait, so that the pause after a failure costs the test nothing."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead

    async def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


async def test_a_flipping_resolver_cannot_move_the_connection(canary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    connected: list[str] = []

    async def resolve(host: object, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    async def connect(self: object, host: str, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        connected.append(host)
        raise httpcore.ConnectError("nobody there")

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    async with Crawler(quick(), resolve=resolve, clock=Impatient()) as crawler:
        await crawler.get(canary.url(host="flipping.example"))
        again = await crawler.get(canary.url("/2", host="flipping.example", scheme="https"))
    assert connected == [PUBLIC]
    assert asked == ["flipping.example"] * 2
    assert again.outcome is FetchOutcome.BLOCKED_ADDRESS
    assert canary.connections == 0


async def test_redirects_of_pages_and_of_robots_do_not_reach_private_services(server: Server, canary: Server) -> None:
    for path in ("/to", "/loop"):
        server.pages[path] = redirect(canary.url())
    server.pages["/name"] = redirect(f"http://localhost:{canary.port}/")
    allowed = f"127.0.0.1:{server.port}"
    async with Crawler(quick(allowed)) as crawler:
        ends = [await crawler.get(server.url(path)) for path in ("/to", "/name")]
    assert [end.outcome for end in ends] == [FetchOutcome.BLOCKED_ADDRESS] * 2
    server.pages["/robots.txt"] = redirect(canary.url("/robots.txt"))
    async with Crawler(quick(allowed)) as crawler:
        end = await crawler.get(server.url("/to"))
    assert end.outcome is FetchOutcome.DEFERRED
    assert canary.connections == 0


async def test_nothing_in_a_page_makes_us_ask_elsewhere(server: Server, canary: Server) -> None:
    body = f"""<meta http-equiv=refresh content="0;url={canary.url()}"><base href="{canary.url()}">
        <img src="{canary.url()}"><link rel=preload href="{canary.url()}"><iframe src="{canary.url()}"></iframe>"""
    server.pages["/"] = page(body.encode(), Refresh=f"0;url={canary.url()}", Link=f"<{canary.url()}>; rel=preload")
    server.pages["/robots.txt"] = page(f"User-agent: *\nSitemap: {canary.url()}\n".encode())
    async with Crawler(quick(f"127.0.0.1:{server.port}")) as crawler:
        end = await crawler.get(server.url())
        await asyncio.sleep(0.05)
    assert end.outcome is FetchOutcome.FETCHED
    assert canary.connections == 0


async def test_proxy_variables_are_not_read(server: Server, canary: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, canary.url())
    monkeypatch.setenv("NO_PROXY", "")
    server.pages["/"] = page()
    async with Crawler(quick(f"127.0.0.1:{server.port}")) as crawler:
        end = await crawler.get(server.url())
        await crawler.get(f"http://{PUBLIC.replace('.', '-')}.invalid/")
    delivery = await post_json(server.url("/hook"), {}, quick(f"127.0.0.1:{server.port}"))
    assert end.outcome is FetchOutcome.FETCHED
    assert delivery.status == 404
    assert canary.connections == 0


async def test_an_allowed_host_and_port_allows_no_other_port(server: Server, canary: Server) -> None:
    server.pages["/"] = page()
    async with Crawler(quick(f"127.0.0.1:{server.port}")) as crawler:
        assert (await crawler.get(server.url())).outcome is FetchOutcome.FETCHED
        assert (await crawler.get(canary.url())).outcome is FetchOutcome.BLOCKED_ADDRESS
        assert (await crawler.get(server.url(host="localhost"))).outcome is FetchOutcome.BLOCKED_ADDRESS
    assert canary.connections == 0


async def test_the_host_header_keeps_the_name_when_the_address_is_pinned(server: Server) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server.pages["/"] = page()
    async with Crawler(quick("agents.example"), resolve=resolve) as crawler:
        end = await crawler.get(server.url(host="agents.example"))
    assert end.outcome is FetchOutcome.FETCHED
    assert server.log[-1].headers["host"] == f"agents.example:{server.port}"


def test_allow_list_spellings() -> None:
    assert is_allowed("localhost", 80, ["LOCALHOST"])
    assert is_allowed("[::1]", 8080, ["[::1]:8080"])
    assert is_allowed("::1", 8080, ["::1"])
    assert not is_allowed("127.0.0.1", 8080, ["127.0.0.1:80", "127.0.0.10", "0.0.1"])


def test_no_setting_switches_certificates_off() -> None:
    names = " ".join(CrawlSettings.model_fields)
    assert not any(word in names for word in ("verify", "insecure", "ssl", "tls"))
