"""No host idles while an agent of its own is due, whatever the others do, and what waits stays bounded."""

import asyncio
import contextlib
import math
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.politeness.delay_and_backoff import HostThrottle, RequestSlot
from flows.night import slices
from flows.night.due_agents import slowest_hosts
from flows.night.host_turns import HostQueues, run_by_host
from flows.night.night import begun, run_night
from flows.settings import Settings
from flows.store_access import open_store
from records.store import Store
from tests.extractors.crawl.web import SimulatedClock, simulate
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

pytestmark = pytest.mark.slow


PACE = 1.0


class Asked:
    """When each host was asked for which agent, on simulated time; how many agents were under way."""

    def __init__(self) -> None:
        self.of_host: defaultdict[str, list[str]] = defaultdict(list)
        self.under_way: Counter[str] = Counter()
        self.most = self.most_of_a_host = 0
        self.seconds = 0.0


def night(pages: Mapping[str, Sequence[str]], host_of: Mapping[str, str], most: int, width: int) -> Asked:
    """Agents ask the hosts of their pages, one after the other, at the crawl's own pace."""
    asked = Asked()

    async def run() -> None:
        clock = SimulatedClock()
        pace = HostThrottle(CrawlSettings(pace=PACE, latency_factor=0), {}, clock)

        async def look_at(slug: str) -> None:
            host = host_of[slug]
            asked.under_way[host] += 1
            asked.most = max(asked.most, asked.under_way.total())
            asked.most_of_a_host = max(asked.most_of_a_host, asked.under_way[host])
            for page in pages[slug]:
                async with pace.turn(page) as turn:
                    assert isinstance(turn, RequestSlot)
                    asked.of_host[page].append(slug)
            asked.under_way[host] -= 1

        start = asyncio.get_running_loop().time()
        await run_by_host(look_at, HostQueues(list(pages), host_of, most), width)
        asked.seconds = asyncio.get_running_loop().time() - start

    simulate(run())
    return asked


@given(st.lists(st.integers(0, 5), min_size=1, max_size=60), st.integers(1, 4))
def test_a_night_takes_as_long_as_its_longest_line_and_keeps_the_order_of_each(places: list[int], most: int) -> None:
    host_of = {f"a{number:03}": f"h{place}" for number, place in enumerate(places)}
    asked = night({slug: [host] for slug, host in host_of.items()}, host_of, most, 6)
    lines = {host: [slug for slug in host_of if host_of[slug] == host] for host in set(host_of.values())}
    assert asked.of_host == lines
    assert math.isclose(asked.seconds, PACE * (max(map(len, lines.values())) - 1), abs_tol=1e-6)
    assert asked.most_of_a_host <= most and asked.most <= 6


def test_forty_hosts_in_order_are_all_asked_at_once() -> None:
    host_of = {f"a{number:03}": f"h{number // 10}" for number in range(400)}
    asked = night({slug: [host] for slug, host in host_of.items()}, host_of, 12, 256)
    assert math.isclose(asked.seconds, 9 * PACE, abs_tol=1e-6)


def test_those_who_wait_for_a_shared_host_keep_no_other_host_idle() -> None:
    """Half of the agents need the same host first, and then many turns of their own; another host has its own line."""
    shared = {f"a{number:03}": ["shared", *[f"own{number}"] * 4] for number in range(60)}
    alone = {f"b{number:03}": ["alone"] for number in range(60)}
    pages = shared | alone
    asked = night(pages, {slug: "shared" if slug in shared else "alone" for slug in pages}, 12, 24)
    assert len(asked.of_host["shared"]) == len(asked.of_host["alone"]) == 60
    assert asked.seconds < 59 * PACE + 4 * PACE + 1


async def test_the_first_error_stops_the_others_and_leaves_as_itself() -> None:
    begun: list[str] = []

    async def work(slug: str) -> None:
        begun.append(slug)
        await asyncio.sleep(0)
        if slug == "a1":
            raise ZeroDivisionError(slug)
        await asyncio.sleep(60)

    with pytest.raises(ZeroDivisionError, match="a1"):
        await run_by_host(work, HostQueues([f"a{n}" for n in range(50)], {}, 2), 4)
    assert begun == ["a0", "a1"]


# Over real HTTP: a host holds its answers until what must be under way at the same time is under way.


class Hosts:
    """Loopback hosts; what is asked of one may have to wait until `enough` says that enough was asked for."""

    def __init__(self, hosts: int, agents: int) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.hosts = [f"127.0.2.{number}" for number in range(1, hosts + 1)]
        self.agents = agents
        self.port = 0
        self.enough = asyncio.Event()
        self.stuck = False

    def wanted(self) -> bool:
        """Whether every host has been asked for a page."""
        return {host for host, path in self.asked if path != "/robots.txt"} == set(self.hosts)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
                host = writer.get_extra_info("sockname")[0]
                kind, text = "text/plain", "User-agent: *\nDisallow:\n"
                if path.endswith(".html"):
                    self.asked.add((host, path))
                    kind, text = (
                        "text/html",
                        f"<main><h1>{host}{path}</h1><p>It sorts the mail of a port.</p></main>",
                    )
                    await self._hold()
                head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(text)}\r\n\r\n"
                writer.write((head + text).encode())
                await writer.drain()
        writer.close()

    async def _hold(self) -> None:
        if self.wanted():
            self.enough.set()
        try:
            await asyncio.wait_for(self.enough.wait(), 60)
        except TimeoutError:
            self.stuck = True
            self.enough.set()

    @asynccontextmanager
    async def served(self) -> AsyncIterator[Settings]:
        first = await asyncio.start_server(self._answer, self.hosts[0], 0)
        self.port = first.sockets[0].getsockname()[1]
        rest = await asyncio.start_server(self._answer, self.hosts[1:], self.port) if self.hosts[1:] else None
        settings = settings_for("http://127.0.0.1")
        longer = {"allow_private": tuple(self.hosts), "timeout": 90.0}  # than an answer is held
        crawl = settings.crawl.model_copy(update=longer)
        yield settings.model_copy(update={"crawl": crawl})
        for server in filter(None, (first, rest)):
            server.close()

    def list_in(self, store: Store) -> None:
        """The agents, those of one host after those of another."""
        from extractors.sources.listing_entry import listing

        for place, host in enumerate(self.hosts):
            for number in range(self.agents):
                name = f"made-{place:02}-{number:03}"
                store.listings.put(listing(name, "by hand", heading_url=f"http://{host}:{self.port}/{number}.html"))


async def nobody(_: int) -> None:
    """No other process comes."""


@pytest.fixture(params=["whole", "slices"])
def way(request: pytest.FixtureRequest) -> Iterator[str]:
    yield request.param


async def go(way: str, store: Store, settings: Settings) -> Any:
    if way == "whole":
        return await run_night(store, settings)
    async with begun(store, settings, slices=2) as night:
        due = night.due()
        await slices.crawl_in_slices(night, due, 2, nobody)
        return night.finish(due)


async def test_every_host_is_asked_while_the_first_ones_have_agents_waiting(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "PATIENCE", 0.0)
    world = Hosts(12, 5)
    async with world.served() as settings:
        with open_store(settings) as store:
            world.list_in(store)
            summary = await go(way, store, settings)
    assert not world.stuck, "a host idled while its agents waited for another host"
    assert summary.complete and summary.due == 60


async def test_pages_are_asked_for_while_the_model_keeps_everybody_waiting(
    model_endpoint: ModelEndpoint, replies: Replies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Hosts(1, 60)
    world.enough.set()
    loop = asyncio.get_running_loop()
    all_asked = asyncio.Event()
    stuck: list[bool] = []

    async def asked() -> None:
        while len(world.asked) < 60:
            await asyncio.sleep(0.01)
        all_asked.set()

    def answer(_: dict[str, Any]) -> Say:
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(asyncio.wait_for(all_asked.wait(), 60), loop).result()
        stuck.append(not all_asked.is_set())
        return Say(content=replies.text())

    model_endpoint.answer = answer
    for name, value in {"NAME": "scripted", "BASE_URL": model_endpoint.url, "API_KEY": "x"}.items():
        monkeypatch.setenv(f"ASSAY_MODEL__{name}", value)
    async with world.served() as settings:
        with open_store(settings) as store:
            world.list_in(store)
            watching = asyncio.create_task(asked())
            summary = await run_night(store, settings)
            watching.cancel()
    assert stuck and not any(stuck), "pages waited for the model"
    assert summary.complete and summary.due == 60


async def test_an_agent_waits_in_the_line_of_its_busiest_host(tmp_path: Path) -> None:
    from extractors.sources.listing_entry import Link, listing

    with Store.open(tmp_path / "a.db", blobs=tmp_path / "blobs") as store:
        for number in range(3):
            link = Link("homepage", f"https://own{number}.example/")
            store.listings.put(
                listing(f"Otter {number}", "by hand", heading_url=f"https://list.example/{number}", links=[link])
            )
        hosts = slowest_hosts(store, settings_for("http://127.0.0.1"), store.listings.slugs())
    assert set(hosts.values()) == {"list.example"} and len(hosts) == 3
