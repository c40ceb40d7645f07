"""A robots.txt of any size and with any number in it is read in bounded work, and decides as the parsers do."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego
from robots import RobotsParser

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.politeness.clock import Clock
from extractors.crawl.politeness.delay_and_backoff import HostThrottle
from extractors.crawl.politeness.host_state import HostState
from extractors.crawl.politeness.robots_cache import _rules
from extractors.crawl.politeness.robots_rules import LONGEST_DELAY, LONGEST_PARSED, Robots, decoded

URL = "https://a.example/agents/otter"
HUGE = (
    "99999999999999999999",
    "1e308",
    "1e18",
    "1e12",
    "1e10",
    "1e400",
    "inf",
    "nan",
    "-1",
    "0x10",
    "9" * 5000,
    "1" * 309,
)


@pytest.mark.parametrize("delay", HUGE)
@pytest.mark.parametrize(
    "line", ["Crawl-delay: {}", "Request-rate: 1/{}", "Request-rate: 1/{}d", "Request-rate: {}/1s"]
)
def test_any_pause_is_one_that_a_clock_can_count(line: str, delay: str) -> None:
    asked_for = Robots(decoded(f"User-agent: *\n{line.format(delay)}\n".encode()), "AssayBot").crawl_delay
    assert 0 <= asked_for <= LONGEST_DELAY
    memory = HostState(host="a.example", crawl_delay=asked_for, last_asked_at=datetime.now(UTC))
    assert HostThrottle(CrawlSettings(), {"a.example": memory}, Clock()).pause(memory) >= asked_for


@pytest.mark.parametrize("kept", [1e20, 1e308])
async def test_a_pause_that_an_earlier_version_kept_stops_nothing(kept: float) -> None:
    memory = HostState(host="a.example", crawl_delay=kept, last_asked_at=datetime.now(UTC))
    async with HostThrottle(CrawlSettings(), {"a.example": memory}, Clock()).turn("a.example") as turn:
        assert "too long for tonight" in getattr(turn, "reason", "")


def filled(line: Callable[[int], str]) -> str:
    size, lines = 0, []
    while size < LONGEST_PARSED:
        lines.append(line(len(lines)))
        size += len(lines[-1])
    return "".join(lines)


SHAPES = {
    "groups": lambda: filled(lambda n: f"User-agent: bot{n}\nDisallow: /\n\n"),
    "groups of ours": lambda: filled(lambda n: f"User-agent: AssayBot/{n}\nDisallow: /{n}\n\n"),
    "names, then rules": lambda: (
        filled(lambda n: f"User-agent: {'abcdefghij'[n % 10]}{n}\nUser-agent x{n}\n")[:250_000]
        + "\n"
        + filled(lambda n: f"Disallow: /{n}\n")[:250_000]
    ),
    "stars": lambda: "User-agent: *\n" + filled(lambda n: f"Disallow:*{n}x\n"),
    "stars in a row": lambda: "User-agent: *\n" + filled(lambda n: "Disallow: /" + "*a" * 300 + f"{n}$\n"),
    "blanks": lambda: "User-agent: *\n" + filled(lambda n: "disallow" + " " * 15_000 + "x y\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_parsers_keep_few_names_and_every_rule(shape: Callable[[], str]) -> None:
    """What took time without end was each rule for each name, and merging what was merged."""
    robots = Robots(decoded(shape().encode() + b"\nUser-agent: AssayBot\nDisallow: /agents\n"), "AssayBot")
    assert len(robots._protego._user_agents) < 12 and len(robots._robotspy.agents_rules) < 12
    assert robots.allows("https://a.example/other") in (True, False)


LINES = st.sampled_from(
    [
        "User-agent: *", "User-agent: AssayBot", "User-agent: assay", "User-agent: otherbot", "User-agent otherbot",
        "User-agent: Assaybot/2.1", "User-Agent: bot7", "User-agent:", "Disallow: /agents", "Disallow: /", "Disallow:",
        "Allow: /agents/otter", "Allow: /*.html$",
        "Disallow: /*otter", "Disallow: /agents/*/x", "Allow: /agents/otter$",
        "Crawl-delay: 3", "Sitemap: https://a.example/s.xml", "", "# a remark", "Disallow: /a*o*r$", "Allow: *",
    ]
)  # fmt: skip
PATHS = st.sampled_from(["/", "/agents", "/agents/otter", "/agents/otter.html", "/agents/heron/x", "/about"])


@given(st.lists(LINES, max_size=12), PATHS)
def test_the_decision_is_what_both_parsers_allow(lines: list[str], path: str) -> None:
    text = decoded("\n".join(lines).encode())
    url = f"https://a.example{path}"
    kept: list[str] = []
    names = {
        line.partition(":")[2].strip().lower() for line in text.split("\n") if line.lower().startswith("user-agent")
    }
    if len(names) < sum(line.lower().startswith("user-agent") for line in text.split("\n")):
        return  # robotspy hands the rules of one name in a group to the next, in the order of a hash
    kept = text.split("\n")
    both = Protego.parse("\n".join(kept)).can_fetch(url, "AssayBot") and RobotsParser.from_string(
        "\n".join(kept)
    ).can_fetch("AssayBot", url)
    assert Robots(text, "AssayBot").allows(url) is both


def test_parsed_files_of_any_size_fill_no_memory() -> None:
    """A night meets thousands of hosts, and each may send the longest file that is read."""
    kept = _rules.cache_info().maxsize
    assert kept is not None and kept * LONGEST_PARSED <= 64 * 1024 * 1024
