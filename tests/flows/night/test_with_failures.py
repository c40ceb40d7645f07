"""A source that failed, or was silent, is an alarm: in the exit code, the morning, Prefect and the completeness."""

import ast
import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.exit_codes import MEANING, ExitCode, code_of
from flows.night.night import run_night
from flows.operations.sample_site import serve
from flows.report.completeness import completeness
from flows.report.morning_report import morning_lines, morning_markdown
from flows.report.night_summary import NightSummary
from flows.settings import REPOSITORY, Settings
from records.database.runs import AgentOutcome
from records.store import Store
from scoring import errors
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


World = tuple[str, Settings]
PAGE = "<!doctype html><title>Agents</title><main><h1>Agents</h1><p>Our list has moved to another place.</p></main>"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "lists"
    folder.mkdir()
    with serve(folder) as base:
        yield base, folder


async def night(site: tuple[str, Path], store: Store, again: bool = True) -> NightSummary:
    return await run_night(store, settings_for(site[0]), again=again)


SILENT = {
    "markdown_list": ("list.md", "# Agents\n\nThe list has moved to another place.\n"),
    "directory_site": ("index.html", PAGE),
    "mcp_registry": ("servers.json", "{}"),
    "url_table": ("agents.csv", PAGE),
    "oasf": ("records.json", "[]"),
    "agent_cards": ("card.json", "{}"),
}
EMPTY = {
    "mcp_registry": ("servers.json", '{"servers": [], "metadata": {"count": 0}}'),
    "url_table": ("agents.csv", "name,url\n"),
}


@pytest.mark.parametrize("kind", SILENT)
async def test_a_source_that_gives_nothing_it_should_is_a_failure_on_its_first_night(
    kind: str, site: tuple[str, Path], opened: Callable[[], Store]
) -> None:
    name, text = SILENT[kind]
    (site[1] / name).write_text(text)
    options = {"selectors": "harbour"} if kind == "directory_site" else {}
    opened().sources.remove("harbour")
    opened().sources.add("odd", kind, f"{site[0]}/{name}", options)
    summary = await night(site, opened())
    assert summary.sources[0].problem and summary.with_failures and summary.completeness == 0
    assert "FAILED" in morning_lines(summary)[0]


@pytest.mark.parametrize("kind", EMPTY)
async def test_a_source_that_says_that_it_is_empty_passes(
    kind: str, site: tuple[str, Path], opened: Callable[[], Store]
) -> None:
    name, text = EMPTY[kind]
    (site[1] / name).write_text(text)
    opened().sources.remove("harbour")
    opened().sources.add("new", kind, f"{site[0]}/{name}", {})
    summary = await night(site, opened())
    assert summary.complete and not summary.with_failures and summary.sources[0].listings == 0


async def test_a_source_that_shrank_by_a_tenth_passes(site: tuple[str, Path], opened: Callable[[], Store]) -> None:
    table = site[1] / "agents.csv"
    rows = [f"Otter {n},{site[0]}/{n}.html" for n in range(10)]
    for number in range(10):
        (site[1] / f"{number}.html").write_text(f"<main><h1>Otter {number}</h1><p>It sorts mail {number}.</p></main>")
    opened().sources.remove("harbour")
    opened().sources.add("table", "url_table", f"{site[0]}/agents.csv", {})
    for kept in (10, 9):
        table.write_text("\n".join(["name,url", *rows[:kept]]))
        summary = await night(site, opened())
        assert summary.complete and not summary.with_failures
    assert summary.sources[0].missing == 1


async def test_a_defect_that_one_source_brings_out_is_that_sources_end(
    harbour: World, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    from extractors.sources.url_table import UrlTable

    async def broken(*_: Any) -> None:
        raise KeyError("page text that must not be told")

    monkeypatch.setattr(UrlTable, "walk", broken)
    opened().sources.add("other", "url_table", f"{harbour[0]}/agents.csv", {})
    summary = await run_night(opened(), harbour[1])
    assert sum(summary.outcomes.values()) == 9 and set(summary.outcomes) <= {
        AgentOutcome.ASSESSED,
        AgentOutcome.WITHHELD,
    }
    assert {s.name: s.problem for s in summary.sources} == {"harbour": "", "other": "defect: KeyError"}


@given(
    st.dictionaries(st.sampled_from(list(AgentOutcome)), st.integers(1, 500)),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_completeness_counts_sources_beside_agents(counts: dict[AgentOutcome, int], good: int, failed: int) -> None:
    share = completeness(Counter(counts), good + failed, failed)
    assert 0 <= share <= 1
    assert completeness(Counter(counts), good + failed + 1, failed + 1) <= share
    if failed or any(not outcome.is_terminal for outcome in counts):
        assert share < 1


def of(problem: str, listings: int = 3, **told: Any) -> NightSummary:
    source = {"name": "odd", "listings": listings, "new": 0, "changed": 0, "missing": 0, "problem": problem}
    good = {"name": "good", "listings": 3, "new": 0, "changed": 0, "missing": 0}
    return NightSummary.model_validate(
        {
            "run": "r1",
            "started_at": "2026-03-01T01:00:00Z",
            "finished_at": "2026-03-01T02:00:00Z",
            "due": 3,
            "outcomes": {"assessed": 3},
            "completeness": "1",
            "complete": True,
            "sources": [good, source],
            "pages": {"fetched": 3},
            "new": [],
            "moved": [],
            "failures": [],
            "evidence_lost": [],
            "queue": 0,
            "calls": 0,
            "tokens": 0,
            "cost": "0",
            **told,
        }
    )


def test_the_morning_says_which_source_failed_though_the_night_is_complete() -> None:
    summary = of("page 7: timeout")
    assert "complete, with failures: source odd" in morning_lines(summary)[0]
    assert "with failures: source odd" in morning_markdown(summary).splitlines()[0]
    assert "failures" not in morning_lines(of(""))[0]


async def test_prefect_is_told_by_state_and_artifact(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from flows.prefect import nightly_flow

    drawn: dict[str, Any] = {}

    async def draw(content: Any, key: str) -> None:
        drawn[key] = content

    monkeypatch.setattr(nightly_flow, "acreate_markdown_artifact", draw)
    monkeypatch.setattr(nightly_flow, "acreate_table_artifact", draw)
    with pytest.raises(RuntimeError, match="with failures: source odd"):
        await nightly_flow.show(of("page 7: timeout"))
    assert {"slug": "source odd", "outcome": "source", "reason": "page 7: timeout"} in drawn["failures"]
    assert (await nightly_flow.show(of("")))["complete"] is True


def test_a_night_with_a_failed_source_ends_with_the_alarms_code(
    harbour: World, opened: Callable[[], Store], site: tuple[str, Path]
) -> None:
    base, settings = harbour
    private = json.dumps([one.removeprefix("http://") for one in (base, site[0])])
    good = assay("night", "run", home=settings.home, ASSAY_CRAWL__ALLOW_PRIVATE=private, ASSAY_CRAWL__PACE="0")
    assert good.returncode == ExitCode.DONE, good.stderr
    (site[1] / "list.md").write_text("# Agents\n\nNothing.\n")
    opened().sources.add("odd", "markdown_list", f"{site[0]}/list.md", {})
    bad = assay(
        "night", "run", "--again", home=settings.home, ASSAY_CRAWL__ALLOW_PRIVATE=private, ASSAY_CRAWL__PACE="0"
    )
    assert bad.returncode == ExitCode.ALARM and "source   odd:" in bad.stdout
    assert assay("status", "--check", home=settings.home).returncode == ExitCode.ALARM


# The table of exit codes.


def test_every_error_and_every_exit_has_a_code_of_the_table() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AssayError)]
    assert {code_of(kind("x")) for kind in kinds} == {
        ExitCode.FAILED,
        ExitCode.BAD_INPUT,
        ExitCode.TRY_AGAIN,
        ExitCode.NOT_KNOWN,
    }
    for file in (REPOSITORY / "flows").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("typer.Exit", "Exit", "sys.exit"):
                assert isinstance(node, ast.Call)
                [given] = node.args
                assert re.match(r"ExitCode[.(]|code_of\(", ast.unparse(given)), f"{file.name}: {ast.unparse(node)}"


def test_the_readme_shows_the_table_as_it_is() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", (REPOSITORY / "README.md").read_text(), flags=re.MULTILINE)
    assert rows == [(str(code.value), meaning) for code, meaning in MEANING.items()]


def test_what_is_not_known_is_told_apart_from_who_is_not_there(harbour: World, opened: Callable[[], Store]) -> None:
    async def listed_only() -> None:
        from extractors.sources.listing_entry import listing

        opened().listings.put(listing("Pezzo", "by hand", heading_url="https://pezzo.example/"))

    asyncio.run(listed_only())
    home = harbour[1].home
    assert assay("agents", "show", "pezzo", home=home).returncode == ExitCode.NOT_KNOWN
    assert assay("lab", "prompt", "pezzo", home=home).returncode == ExitCode.NOT_KNOWN
    assert assay("agents", "show", "pezo", home=home).returncode == ExitCode.BAD_INPUT
