"""Politeness, judged by the servers' own log on a simulated clock."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.crawler import Crawler
from extractors.crawl.politeness.host_state import HostState
from extractors.crawl.politeness.retry_after import rate_limit_reset, retry_after
from extractors.pages.snapshot import Fetched, FetchOutcome, PageRequest
from tests.extractors.crawl.web import SimulatedClock, simulate
from tests.extractors.crawl.world import Visit, World, crawl, early, random_latency

START = datetime(2026, 3, 1, 1, tzinfo=UTC)


def polite_world(seed: int, hosts: list[str]) -> tuple[World, dict[str, float]]:
    """Hosts with crawl delays, slow answers, errors and rate limits."""
    source = random.Random(seed)
    delays = {host: source.choice((0.0, 0.0, 0.5, 2.0, 5.0)) for host in hosts}
    trouble = random.Random(seed + 1)

    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        if visit.path == "/robots.txt":
            return 200, {}, f"User-agent: *\nCrawl-delay: {delays[visit.host]}\n".encode()
        match trouble.randrange(40):
            case 0:
                return 429, {"Retry-After": str(trouble.choice((3, 20, 90)))}, b""
            case 1:
                return 503, {"Retry-After": "7"}, b""
            case 2:
                return 500, {}, b""
            case 3:
                return 404, {}, b""
        return 200, {"Content-Type": "text/html"}, b"<p>page</p>"

    return World(answer, random_latency(seed + 2)), delays


async def one_run(
    world: World,
    settings: CrawlSettings,
    store: dict[str, HostState],
    due: list[PageRequest],
    stop_after: float | None,
) -> list[Fetched]:
    """A run that writes down what it is handed, and is killed at a moment of its own."""
    ends: list[Fetched] = []
    killed = False

    def remember(memory: HostState) -> None:
        if not killed:  # a killed process writes nothing more
            store[memory.host] = memory

    async def run() -> None:
        crawler = Crawler(settings, dict(store), night="n", clock=world.clock, transport=world, remember=remember)
        async for end in crawl(crawler, due):
            ends.append(end)

    task = asyncio.ensure_future(run())
    await asyncio.wait([task], timeout=stop_after)
    if not task.done():
        killed = True
        task.cancel()
        await asyncio.wait([task])
    elif task.exception():
        raise task.exception()  # type: ignore[misc]
    world.began += asyncio.get_running_loop().time()
    return ends


def run_with_crashes(seed: int, count: int, pages: int) -> tuple[World, dict[str, float], list[Fetched], CrawlSettings]:
    hosts = [f"h{number}.example" for number in range(count)]
    world, delays = polite_world(seed, hosts)
    settings = CrawlSettings(pace=1.0, latency_factor=2.0, in_flight=30, pages_per_host=pages * 3)
    due = [PageRequest(url=f"https://{host}/{page}") for page in range(pages) for host in hosts]
    store: dict[str, HostState] = {}
    ends: list[Fetched] = []
    source = random.Random(seed)
    for run in range(6):
        stop_after = None if run == 5 else source.uniform(1, 60)
        world.clock = SimulatedClock(START + timedelta(seconds=world.began))
        done = simulate(one_run(world, settings, store, due, stop_after))
        ends += done
        known = {end.url for end in done}
        due = [request for request in due if request.url not in known]
        world.began += source.choice((0.0, 0.3, 4.0))
    return world, delays, ends, settings


def judged(seed: int, hosts: int, pages: int) -> World:
    world, delays, ends, settings = run_with_crashes(seed, hosts, pages)
    assert early(world, settings.pace, settings.latency_factor, delays) == []
    assert world.most_active == 1
    assert world.most_at_once <= settings.in_flight
    assert sorted(end.url for end in ends) == sorted(
        f"https://h{h}.example/{p}" for h in range(hosts) for p in range(pages)
    )
    assert max(len(world.visits(f"h{h}.example")) for h in range(hosts)) <= settings.pages_per_host
    return world


@pytest.mark.parametrize("seed", range(3))
def test_no_early_request_over_crashes(seed: int) -> None:
    judged(seed, hosts=20, pages=15)


@pytest.mark.slow
def test_no_early_request_to_200_hosts_over_crashes() -> None:
    world = judged(7, hosts=200, pages=48)
    assert len(world.log) > 10_000


def test_the_judge_sees_an_early_request() -> None:
    """The proof above would be worth nothing if it could not fail."""
    world = World(lambda visit: (200, {}, b""))
    world.log = [Visit("h", "/1", 0.0, 0.1, True), Visit("h", "/2", 0.9, 1.0, True), Visit("h", "/3", 2.0, 2.1, True)]
    assert early(world, 1.0, 2.0, {}) == ["h/2: 0.200 s early"]
    world.log = [Visit("h", "/1", 0.0, 2.0, True), Visit("h", "/2", 5.0, 5.1, True)]
    assert early(world, 1.0, 2.0, {}) == ["h/2: 1.000 s early"]
    world.log = [Visit("h", "/robots.txt", 0.0, 0.1, True), Visit("h", "/2", 5.0, 5.1, True)]
    assert early(world, 1.0, 2.0, {"h": 10.0}) == ["h/2: 5.100 s early"]


FORMS: list[tuple[str, float]] = [
    ("120", 120),
    ("0", 0),
    (format_datetime(START + timedelta(seconds=300), usegmt=True), 300),
    ("Sunday, 01-Mar-26 01:05:00 GMT", 300),
    ("Sun Mar  1 01:05:00 2026", 300),
    (format_datetime(START - timedelta(days=3), usegmt=True), 0),
    ("-30", 0),
    ("soon", 0),
    ("1.5", 0),
    ("٣٠", 0),
    ("", 0),
    ("9" * 30, 3660 * 86400),
    ("315360000", 315360000),
]


@pytest.mark.parametrize(("value", "seconds"), FORMS)
def test_retry_after_in_all_its_forms(value: str, seconds: float) -> None:
    until = retry_after({"retry-after": value}, START)
    assert until == (START + timedelta(seconds=seconds) if seconds else None)


def test_a_server_whose_clock_is_behind_is_still_given_its_whole_pause() -> None:
    headers = {
        "retry-after": format_datetime(START - timedelta(hours=1) + timedelta(seconds=60), usegmt=True),
        "date": format_datetime(START - timedelta(hours=1), usegmt=True),
    }
    assert retry_after(headers, START) == START + timedelta(seconds=60)


@pytest.mark.parametrize("status", [429, 503, 301, 403, 200])
@pytest.mark.parametrize(("value", "seconds"), FORMS)
def test_retry_after_holds_over_nights(status: int, value: str, seconds: float) -> None:
    """Three nights of ten minutes, an hour apart; nothing comes before the pause is over."""

    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        if visit.path != "/first":
            return (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page")
        return status, {"Retry-After": value, "Location": "/moved"}, b""

    world = World(answer)
    store: dict[str, HostState] = {}
    settings = CrawlSettings(tries=2)

    async def night(number: int) -> list[Fetched]:
        crawler = Crawler(
            settings,
            store,
            night=str(number),
            clock=world.clock,
            transport=world,
            ends_at=world.clock.now() + timedelta(minutes=10),
        )
        pages = [PageRequest(url=f"https://one.example/{path}") for path in ("first", f"more{number}")]
        ends = [end async for end in crawl(crawler, pages)]
        store.update(crawler.hosts)
        return ends

    for number in range(3):
        world.began = number * 3600.0
        world.clock = SimulatedClock(START + timedelta(seconds=world.began))
        ends = simulate(night(number))
        assert len(ends) == 2
        if seconds > 4 * 3600:
            outcomes = {end.outcome for end in ends}
            assert outcomes <= {FetchOutcome.DEFERRED, FetchOutcome.RATE_LIMITED, FetchOutcome.SERVER_ERROR,
                                FetchOutcome.FETCHED, FetchOutcome.FORBIDDEN}  # fmt: skip
            assert store["one.example"].not_before == START + timedelta(seconds=seconds + world.log[1].ended)
    first = next(visit for visit in world.log if visit.path == "/first")
    later = [visit for visit in world.log if visit.arrived > first.arrived]
    exact = min((visit.arrived - first.ended for visit in later), default=None)
    if seconds > 4 * 3600:
        assert later == []
    else:
        assert exact is not None
        # An HTTP date names a time of day, seconds count from the answer.
        dated = not value.isdigit() and seconds
        assert exact >= (seconds - first.ended if dated else seconds) - 1e-6


def test_one_hosts_long_wait_holds_nobody_up() -> None:
    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        if visit.host == "slow.example" and len(world.visits("slow.example")) == 2:
            return 429, {"Retry-After": "600"}, b""
        return (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page")

    world = World(answer)

    async def run() -> tuple[dict[str, float], list[Fetched]]:
        crawler = Crawler(CrawlSettings(in_flight=1), clock=world.clock, transport=world)
        hosts = ["slow.example", *(f"h{n}.example" for n in range(30))]
        pages = [PageRequest(url=f"https://{host}/{page}") for host in hosts for page in range(3)]
        ended: dict[str, float] = {}
        ends = []
        async for end in crawl(crawler, pages):
            ended[end.url] = world.time()
            ends.append(end)
        return ended, ends

    ended, ends = simulate(run())
    assert {end.outcome for end in ends} == {FetchOutcome.FETCHED}
    assert max(when for url, when in ended.items() if "slow" not in url) < 30
    assert min(when for url, when in ended.items() if "slow" in url) >= 600


def test_the_budgets_of_a_host_hold_over_a_restart() -> None:
    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        return (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"x" * 1000)

    async def run(settings: CrawlSettings, store: dict[str, HostState], world: World, night: str) -> list[Fetched]:
        crawler = Crawler(settings, store, night=night, clock=world.clock, transport=world)
        ends = [end async for end in crawl(crawler, [PageRequest(url=f"https://a.example/{n}") for n in range(10)])]
        store.update(crawler.hosts)
        return ends

    world, store = World(answer), {}
    settings = CrawlSettings(pages_per_host=6)
    outcomes = [end.outcome for end in simulate(run(settings, store, world, "one"))]
    assert outcomes == [FetchOutcome.FETCHED] * 5 + [FetchOutcome.DEFERRED] * 5
    simulate(run(settings, store, world, "one"))
    assert len(world.log) == 6
    simulate(run(settings, store, world, "two"))
    assert len(world.log) == 12

    world, store = World(answer), {}
    outcomes = [end.outcome for end in simulate(run(CrawlSettings(bytes_per_host=3500), store, world, "one"))]
    assert outcomes == [FetchOutcome.FETCHED] * 3 + [FetchOutcome.DEFERRED] * 7
    assert store["a.example"].received <= 4000


def test_what_the_night_does_not_reach_is_said() -> None:
    world = World(lambda visit: (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page"))

    async def run() -> list[Fetched]:
        ends_at = world.clock.now() + timedelta(seconds=60)
        crawler = Crawler(CrawlSettings(pace=10), clock=world.clock, transport=world, ends_at=ends_at)
        return [end async for end in crawl(crawler, [PageRequest(url=f"https://a.example/{n}") for n in range(20)])]

    ends = simulate(run())
    outcomes = [end.outcome for end in ends]
    assert outcomes == [FetchOutcome.FETCHED] * 5 + [FetchOutcome.NOT_REACHED] * 15
    assert not any(end.sent for end in ends[5:])


def test_a_dead_host_is_left_alone_and_comes_back() -> None:
    dead = True

    def latency(visit: Visit) -> float:
        return 1000.0 if dead and visit.path != "/robots.txt" else 0.1

    world = World(lambda visit: (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page"), latency)
    store: dict[str, HostState] = {}

    async def run() -> list[Fetched]:
        crawler = Crawler(CrawlSettings(), store, clock=world.clock, transport=world)
        ends = [end async for end in crawl(crawler, [PageRequest(url=f"https://a.example/{n}") for n in range(50)])]
        store.update(crawler.hosts)
        return ends

    ends = simulate(run())
    assert [end.outcome for end in ends[:2]] == [FetchOutcome.TIMEOUT] * 2
    assert {end.outcome for end in ends[2:]} == {FetchOutcome.DEFERRED}
    assert len(world.log) == 7
    dead = False
    world.clock = SimulatedClock(START + timedelta(hours=24))
    assert {end.outcome for end in simulate(run())} == {FetchOutcome.FETCHED}


@pytest.mark.parametrize("remaining", ["0", "1"])
def test_an_api_is_asked_by_its_own_limits(remaining: str) -> None:
    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        reset = str(int((START + timedelta(seconds=200)).timestamp()))
        return 200, {"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset}, b"{}"

    world = World(answer)

    async def run() -> list[Fetched]:
        settings = CrawlSettings(api_hosts=("api.example",), api_pace=0.1, pace=60)
        crawler = Crawler(settings, clock=world.clock, transport=world)
        return [end async for end in crawl(crawler, [PageRequest(url=f"https://api.example/{n}") for n in range(3)])]

    assert {end.outcome for end in simulate(run())} == {FetchOutcome.FETCHED}
    assert [visit.path for visit in world.log] == ["/0", "/1", "/2"]  # an API has no robots.txt
    assert (world.log[1].arrived >= 200) is (remaining == "0")
    assert world.log[2].arrived < 201


@pytest.mark.parametrize(
    ("remaining", "reset"), [("", ""), ("0", ""), ("0", "later"), ("0", "12"), ("7", "99999999999")]
)
def test_nonsense_rate_limits_say_nothing(remaining: str, reset: str) -> None:
    assert rate_limit_reset({"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}, START) is None


def test_concurrent_callers_share_a_hosts_turn() -> None:
    answer = lambda visit: (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page")  # noqa: E731
    world = World(answer, latency=lambda visit: 3.0)

    async def run() -> list[Any]:
        crawler = Crawler(CrawlSettings(latency_factor=0), clock=world.clock, transport=world)
        return await asyncio.gather(*(crawler.get(f"https://a.example/{n}") for n in range(8)))

    simulate(run())
    assert [visit.path for visit in world.log].count("/robots.txt") == 1
    assert world.most_active == 1
    assert early(world, 1.0, 0.0, {}) == []


def test_a_clock_that_moves_while_it_is_read_does_not_make_a_host_wait() -> None:
    class Fine(SimulatedClock):
        reads, sleeps = 0, 0

        def now(self) -> datetime:
            self.reads += 1
            return super().now() + timedelta(microseconds=self.reads)

        async def sleep(self, seconds: float) -> None:
            self.sleeps += 1
            await super().sleep(seconds)

    world = World(lambda visit: (404, {}, b"") if visit.path == "/robots.txt" else (200, {}, b"page"))
    clock = Fine()

    async def run() -> Fetched:
        settings = CrawlSettings(pace=0, latency_factor=0, longest_wait=0)
        return await Crawler(settings, clock=clock, transport=world).get("https://a.example/")

    assert simulate(run()).outcome is FetchOutcome.FETCHED
    assert clock.sleeps == 0


def test_tries_that_end_with_a_pause_too_long_for_tonight_were_sent_and_keep_their_own_reason() -> None:
    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        if visit.path == "/robots.txt":
            return 404, {}, b""
        raise httpx.ReadError("the line broke")

    async def ask() -> Fetched:
        settings = CrawlSettings(pace=0, latency_factor=0, longest_wait=0.5)
        async with Crawler(settings, clock=world.clock, transport=world) as crawler:
            return await crawler.get("https://a.example/page")

    world = World(answer)
    end = simulate(ask())
    assert (end.outcome, end.reason, end.sent) == (FetchOutcome.UNREACHABLE, "the line broke", True)
    assert end.not_before is not None and [visit.path for visit in world.log] == ["/robots.txt", "/page"]


@pytest.mark.parametrize("limit", ["the night's end", "the host's budget"])
@pytest.mark.parametrize("broken", ["/robots.txt", "/page"])
def test_tries_that_the_nights_limits_cut_off_keep_their_own_reason(broken: str, limit: str) -> None:
    """Nothing is known of the host's rules then, so nothing is kept of them: the next night asks again at once."""

    def answer(visit: Visit) -> tuple[int, dict[str, str], bytes]:
        if visit.path == broken:
            raise httpx.ReadTimeout("too slow")
        return 404, {}, b""

    earlier = 0 if broken == "/robots.txt" else 1
    world = World(answer)

    async def ask() -> tuple[Fetched, HostState]:
        pages = earlier + 1 if limit == "the host's budget" else 100
        ends_at = world.clock.now() + timedelta(seconds=100 if pages < 100 else 5 + 10 * earlier)
        settings = CrawlSettings(pace=10, latency_factor=0, pages_per_host=pages)
        async with Crawler(settings, clock=world.clock, transport=world, ends_at=ends_at) as crawler:
            return await crawler.get("https://a.example/page"), crawler.hosts["a.example"]

    end, memory = simulate(ask())
    assert (end.outcome, end.sent) == (FetchOutcome.TIMEOUT, broken == "/page")
    assert [visit.path for visit in world.log] == ["/robots.txt", "/page"][: earlier + 1]
    assert len(memory.robots) == earlier
