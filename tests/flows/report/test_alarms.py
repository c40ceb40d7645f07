"""What a night counts as complete, what a failed one stops, and who is told."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from extractors.model.openai_client import OpenAIClient
from extractors.pages.snapshot import FetchOutcome
from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.operations.sample_site import serve
from flows.report.alarms import alarms, post_new_alarms
from flows.report.announcements import write_morning
from flows.report.completeness import completeness
from flows.report.morning_report import morning_lines, morning_markdown
from flows.report.night_summary import NightSummary
from flows.report.status import report
from flows.settings import Settings
from flows.store_access import now
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.errors import Refused
from tests.flows.conftest import served_copy, settings_for  # type: ignore[import-not-found]
from tests.flows.test_command import assay  # type: ignore[import-not-found]
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

World = tuple[str, Settings]
GOOD = {
    *("assessed", "unchanged", "withheld", "not_found", "gone", "forbidden", "opted_out", "no_text", "refused"),
    *("too_costly", "waiting_for_batch"),
}


@given(st.dictionaries(st.sampled_from(list(AgentOutcome)), st.integers(1, 2000), min_size=1))
def test_completeness_is_terminal_outcomes_of_all_due(counts: dict[AgentOutcome, int]) -> None:
    terminal = sum(count for outcome, count in counts.items() if outcome.value in GOOD)
    exact = Decimal(terminal) / sum(counts.values())
    assert abs(completeness(Counter(counts)) - exact) <= Decimal("0.00005")


class Listener:
    """An operator's endpoint."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.status = 204
        listener = self

        class Hear(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                listener.heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(listener.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Hear)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def told(self, settings: Settings, *, allowed: bool = True) -> Settings:
        url = SecretStr(f"http://{self.host}/hooks/very-secret")
        private = (*settings.crawl.allow_private, *([self.host] if allowed else []))
        crawl = settings.crawl.model_copy(update={"allow_private": private})
        return settings.model_copy(update={"alarm": settings.alarm.model_copy(update={"webhook": url}), "crawl": crawl})


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.server.shutdown()
    one.server.server_close()


async def test_a_night_without_pages_has_failed_and_publishes_nothing(
    tmp_path: Path, harbour: World, opened: Callable[[], Store]
) -> None:
    store = opened()
    with served_copy(tmp_path / "gone") as base:
        store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
        settings = settings_for(base)
        for page in (tmp_path / "gone" / "agents").iterdir():
            page.unlink()
        for page in (tmp_path / "gone" / "repos").rglob("*.*"):
            page.unlink()
        summary = await run_night(store, settings)
    assert not summary.complete and summary.problem == "no listing yielded a page"
    with pytest.raises(Refused, match=r"no listing yielded a page.*assay night run"):
        publish_site(store, settings, settings.site)
    assert not settings.site.exists() and store.publications.generation() is None
    assert publish_site(store, settings, settings.site, released_by="ada").records == 0


@pytest.mark.slow
async def test_below_the_threshold_a_night_has_failed(
    harbour: World, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, settings = opened(), harbour[1]
    narrow = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"pages_per_host": 9})})
    summary = await run_night(store, narrow)
    assert not summary.complete and "below 0.99" in summary.problem and summary.outcomes[AgentOutcome.DEFERRED]
    assert store.runs.recent("nightly")[0].status == "failed"
    lenient = settings.alarm.model_copy(update={"completeness": 0.0})
    assert (await run_night(opened(), settings.model_copy(update={"alarm": lenient}))).complete


@pytest.mark.slow
async def test_the_model_away_all_night_leaves_agents_queued_and_the_next_night_heals(
    harbour: World, opened: Callable[[], Store], model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    async def soon(_: float) -> None:
        return None

    def client(url: str) -> OpenAIClient:
        return OpenAIClient("scripted", base_url=url, api_key="none", sleep=soon)

    summary = await run_night(opened(), harbour[1], client=client("http://127.0.0.1:9/v1"))
    assert summary.outcomes == {AgentOutcome.QUEUED: 9} and not summary.complete
    assert summary.crawl.outcomes[FetchOutcome.FETCHED] > 9, "the crawl is done all the same"
    model_endpoint.answers = [Say(content=replies.text())]
    healed = await run_night(opened(), harbour[1], client=client(model_endpoint.url))
    assert healed.complete and healed.outcomes == {AgentOutcome.WITHHELD: 9} and healed.calls == 9
    assert set(healed.crawl.outcomes) == {FetchOutcome.UNCHANGED}


@pytest.mark.slow
def test_status_check_is_an_exit_code(harbour: World, opened: Callable[[], Store]) -> None:
    home, store = harbour[1].home, opened()
    silent = assay("status", "--check", home=home)
    assert silent.returncode == 4 and "ALARM: no full night yet" in silent.stdout
    run = store.runs.begin("nightly")
    store.runs.finish(run, "finished", {})
    assert alarms(store, harbour[1], now()) == []
    later = now() + timedelta(hours=37)
    assert "silence: the last full night ended 37 hours ago (limit 36)" in alarms(store, harbour[1], later)
    run = store.runs.begin("nightly")
    store.runs.finish(run, "failed", {"problem": "completeness 0.5 is below 0.99", "sources": []})
    assert alarms(store, harbour[1], now()) == ["the last night failed: completeness 0.5 is below 0.99"]


async def test_the_trend_of_a_source_and_its_fall(
    tmp_path: Path, looked_at: World, opened: Callable[[], Store]
) -> None:
    store = opened()
    with serve(tmp_path) as empty:
        store.sources.add("harbour", "directory_site", f"{empty}/", {"selectors": "harbour"})
        await run_night(store, settings_for(empty), again=True)
    told = report(store, looked_at[1])
    assert told["trends"]["harbour"] == [9, 0]
    raised = alarms(store, looked_at[1], now())
    assert any(line.startswith("source harbour:") for line in raised), raised


@pytest.mark.slow
async def test_the_morning_is_a_file_and_a_message(
    harbour: World, opened: Callable[[], Store], listener: Listener
) -> None:
    settings = listener.told(harbour[1])
    summary = await run_night(opened(), settings)
    [file] = (settings.home / "mornings").glob("*.md")
    assert f"# Night {summary.run}: complete" in file.read_text() and "| agents due | 9 |" in file.read_text()
    [message] = listener.heard
    assert message["event"] == "night" and message["summary"]["outcomes"] == {"assessed": 4, "withheld": 5}
    assert "4 assessed, 5 withheld" in message["text"]
    before = file.read_bytes()
    write_morning(summary, settings)
    assert file.read_bytes() == before


@pytest.mark.slow
async def test_a_private_webhook_needs_its_place_in_the_list_and_fails_no_night(
    harbour: World, opened: Callable[[], Store], listener: Listener
) -> None:
    summary = await run_night(opened(), listener.told(harbour[1], allowed=False))
    assert summary.complete and listener.heard == []


async def test_an_alarm_is_told_once_while_it_holds(
    harbour: World, opened: Callable[[], Store], listener: Listener
) -> None:
    settings = listener.told(harbour[1])
    told = await post_new_alarms(settings, set())
    told = await post_new_alarms(settings, told)
    assert [message["event"] for message in listener.heard] == ["alarm"]
    store = opened()
    store.runs.finish(store.runs.begin("nightly"), "finished", {})
    assert await post_new_alarms(settings, told) == set()
    assert [message["event"] for message in listener.heard] == ["alarm", "all clear"]


@pytest.mark.slow
async def test_a_defect_that_one_agent_brings_out_is_that_agents_end(
    harbour: World, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.night import agent_work

    assess = agent_work.assess_agent

    async def broken(store: Store, slug: str, *arguments: Any) -> Any:
        if slug == "pexo":
            raise ZeroDivisionError
        return await assess(store, slug, *arguments)

    monkeypatch.setattr(agent_work, "assess_agent", broken)
    summary = await run_night(opened(), harbour[1])
    assert (
        summary.outcomes == {AgentOutcome.ASSESSED: 4, AgentOutcome.WITHHELD: 4, AgentOutcome.FAILED: 1}
        and not summary.complete
    )
    assert [failure.slug for failure in summary.failures] == ["pexo"]


def _summary(**told: Any) -> NightSummary:
    base = {
        "run": "r1",
        "started_at": "2026-11-21T02:00:00Z",
        "finished_at": "2026-11-21T09:40:00Z",
        "due": 3,
        "outcomes": {"assessed": 3},
        "completeness": "1.0000",
        "complete": True,
        "sources": [],
        "crawl": {},
        "new": [],
        "moved": [],
        "failures": [],
        "evidence_lost": [],
        "queue": 0,
        "calls": 0,
        "tokens": 0,
        "cost": "0",
    }
    return NightSummary.model_validate(base | told)


def test_ten_thousand_that_failed_alike_are_one_line_of_the_morning() -> None:
    away = [{"slug": f"made-{n}", "outcome": "queued", "reason": "the model is away"} for n in range(10_000)]
    one = {"slug": "odd", "outcome": "failed", "reason": "defect | in `it`"}
    summary = _summary(failures=[one, *away], outcomes={"queued": 10_000, "failed": 1}, due=10_001)
    lines = morning_lines(summary)
    assert lines[0].endswith("7 h 40 min") and len(lines) < 10
    assert "  queued   10000 agents, made-0, made-1, made-2 and 9997 more: the model is away" in lines
    page = morning_markdown(summary)
    assert "| queued | 10000 agents, made-0, made-1, made-2 and 9997 more | the model is away |" in page
    assert "| failed | odd | defect   in  it  |" in page, "a cell holds no Markdown of its own"


def test_the_summary_of_a_night_of_an_earlier_version_is_still_read() -> None:
    old = _summary().model_dump(mode="json")
    del old["crawl"], old["left_over"], old["full_hosts"]
    summary = NightSummary.model_validate(old | {"pages": {"fetched": 41, "not_found": 2}})
    assert summary.crawl.due == 43 and summary.crawl.outcomes == {FetchOutcome.FETCHED: 41, FetchOutcome.NOT_FOUND: 2}


def test_the_morning_leads_with_what_needs_a_person_and_says_nothing_twice() -> None:
    away = [{"slug": f"a{n}", "outcome": "unreachable", "reason": f"https://x.example/{n}: refused"} for n in range(40)]
    summary = _summary(
        due=60,
        outcomes={"assessed": 20, "unreachable": 40},
        failures=[*away, {"slug": "odd", "outcome": "failed", "reason": "defect"}],
        hosts=[{"host": "x.example", "pages": 41, "reason": "refused", "agents": [f"a{n}" for n in range(40)]}],
        sources=[
            {"name": "good", "listings": 20, "new": 2, "changed": 0, "missing": 0},
            {"name": "bad", "listings": 0, "new": 0, "changed": 0, "missing": 0, "problem": "410", "behind": 1506},
        ],
        new=["gull", "tern"],
        moved=[
            {"slug": "otter", "before": "4.1 Medium", "after": "7.2 High", "cause": "source"},
            {"slug": "heron", "before": "3.0 Low", "after": "3.0 Low", "cause": "prompt"},
        ],
        evidence_lost=["crane"],
        queue=7,
        calls=3,
        tokens=900,
        cost="0.12",
        crawl={"due": 41, "asked": 41, "failed": 41},
    )
    lines = morning_lines(summary)
    assert [line.split()[0] for line in lines] == [
        *("night", "source", "host", "failed", "lost", "queue"),
        *("new", "moved", "moved", "model", "agents", "pages", "source"),
    ]
    assert lines[1] == "  source   bad: 410 (1506 agents behind it)"
    assert lines[2] == "  host     x.example: refused; 41 pages (40 agents behind it)"
    assert lines[6:9] == [
        "  new      2: gull, tern",
        "  moved    otter: 4.1 Medium → 7.2 High (source)",
        "  moved    1 changed without moving: heron",
    ]
    assert len(set(lines)) == len(lines) and not any("0 bytes" in line or " 0 " in line for line in lines)
    page = morning_markdown(summary)
    places = [
        page.index(part) for part in ("## Needs a person", "| host | x.example", "## New", "## Moved", "## Counts")
    ]
    assert places == sorted(places) and "otter: 4.1 Medium → 7.2 High" in page


@pytest.mark.slow
async def test_a_failed_source_says_how_many_agents_stand_behind_it_and_once(
    tmp_path: Path, harbour: World, opened: Callable[[], Store]
) -> None:
    store = opened()
    await run_night(store, harbour[1])
    with serve(tmp_path) as empty:
        store.sources.add("harbour", "directory_site", f"{empty}/", {"selectors": "harbour"})
        summary = await run_night(store, settings_for(empty), again=True)
    assert [source.behind for source in summary.sources if source.problem] == [9]
    printed = assay("status", home=harbour[1].home).stdout
    assert "(9 agents behind it)" in printed and printed.count(summary.sources[0].problem[:60]) == 1
    assert "trend" not in printed and printed.index("ALARM") < printed.index("night ") < printed.index("\nagents")
