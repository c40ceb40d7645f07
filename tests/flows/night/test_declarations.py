"""A repository's declaring files, over HTTP: the tree says which, an unchanged night asks nothing new."""

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.operations.sample_site import serve
from flows.reading.time_limited_pool import SMALL
from flows.settings import Settings
from flows.store_access import open_store
from publishing.bundles.bundle import write_bundle
from publishing.bundles.replay import verify_bundle
from records.agents.review_queue import AgentStatus
from records.database.runs import AgentOutcome
from records.store import Store
from review.services import decisions, draft
from scoring.claims import Extraction
from scoring.record import PublishedRecord
from scoring.reviews import Decision
from scoring.tools.inventory import Verb
from scoring.vocabulary import ExposureFact
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.night.test_forge import forge  # type: ignore[import-not-found]
from tests.records.made import listed_slugs

SERVER = """import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { more } from "./more.js";
const server = new McpServer({ name: "plover", version: "1.0.0" });
server.tool("list_eggs", "Lists all eggs of a nest", {}, async () => ({ content: [] }));
more(server);
await server.connect(new StdioServerTransport());
"""
MORE = """export function more(server: McpServer) {
  server.tool("count_eggs", "Counts the eggs", {}, async () => ({ content: [] }));
}
"""
FILES = {
    "README.md": "# Plover\n\nPlover is an MCP server for nests.\n\n```json\n"
    '{"mcpServers": {"plover": {"command": "npx", "args": ["-y", "plover"]}}}\n```\n',
    "package.json": json.dumps(
        {"name": "plover", "version": "1.0.0", "dependencies": {"@modelcontextprotocol/sdk": "1", "zod": "3"}}, indent=1
    ),
    "src/index.ts": SERVER,
    "src/more.ts": MORE,
    "src/index.test.ts": 'server.tool("never", "Of a test", {}, run);\n',
}


@contextmanager
def night(root: Path, files: dict[str, str], **options: int) -> Iterator[tuple[Store, Settings]]:
    forge(root, "acme/plover", files)
    with serve(root) as base:
        settings = settings_for(base)
        places = {"github_web": base, "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
        settings = settings.model_copy(update={"night": settings.night.model_copy(update={**places, **options})})
        with open_store(settings) as store:
            store.sources.add("mine", "repository", f"{base}/acme/plover")
            yield store, settings


def assessed(store: Store) -> Extraction:
    current = store.assessments.current("plover")
    assert current is not None
    return current.extraction


@pytest.mark.slow
async def test_the_tree_decides_and_an_unchanged_night_works_nothing_out(tmp_path: Path) -> None:
    with night(tmp_path, FILES) as (store, settings):
        await run_night(store, settings)
        urls = {url.split("/HEAD/")[-1] for url in store.pages.urls("plover")}
        assert {"README.md", "package.json", "src/index.ts", "src/more.ts"} <= urls and "src/index.test.ts" not in urls
        found = assessed(store)
        assert found.inventory is not None and found.inventory.complete, found.inventory
        assert [tool.name for tool in found.inventory.tools] == ["count_eggs", "list_eggs"]
        assert found.fact(ExposureFact.RUNS_AT).value == "local"
        assert {found.fact(fact).value for fact in (ExposureFact.EXECUTES, ExposureFact.SPENDS)} == {"nothing"}
        read = {source.url.split("/HEAD/")[-1] for source in found.read}
        assert "src/index.ts" in read
        before = {state.at for state in store.pages.states(store.pages.urls("plover")).values()}
        again = await run_night(store, settings, again=True)
        assert again.outcomes == {AgentOutcome.UNCHANGED: 1} and before
        assert assessed(store) == found and len(store.assessments.history("plover")) == 1


async def test_a_branch_with_slashes_declares_what_any_branch_declares(tmp_path: Path) -> None:
    whole = []
    with night(tmp_path, {f"pkg/{path}": text for path, text in FILES.items()}) as (store, settings):
        trees, raw = tmp_path / "api/repos/acme/plover/git/trees", tmp_path / "raw/acme/plover"
        for branch in ("next", "feature/x"):
            for place in (trees, raw):
                (place / branch).parent.mkdir(exist_ok=True)
                (place / branch).symlink_to(place / "HEAD")
            store.sources.add("mine", "repository", f"{settings.night.github_web}/acme/plover/tree/{branch}/pkg")
            await run_night(store, settings, again=True)
            [slug] = listed_slugs(store)
            current = store.assessments.current(slug)
            assert current is not None and current.extraction.inventory is not None
            assert current.extraction.inventory.complete and current.extraction.fact(ExposureFact.RUNS_AT).value
            tools = [tool.name for tool in current.extraction.inventory.tools]
            whole.append((tools, {url.partition(f"/{branch}/")[2] for url in store.pages.urls(slug)}))
    assert whole[0] == whole[1] and whole[0][0] == ["count_eggs", "list_eggs"]


async def test_a_file_that_is_not_there_leaves_the_list_open(tmp_path: Path) -> None:
    """The tree names it and the raw host does not give it: nothing is taken for absent."""
    with night(tmp_path, FILES) as (store, settings):
        (tmp_path / "raw/acme/plover/HEAD/src/more.ts").unlink()
        await run_night(store, settings)
        found = assessed(store)
        assert found.inventory is not None and not found.inventory.complete
        assert "1 program file was not read" in found.inventory.open_ends
        assert found.fact(ExposureFact.EXECUTES).value is None


async def test_settings_bound_what_is_asked_for(tmp_path: Path) -> None:
    with night(tmp_path, FILES, pages_declaring=0) as (store, settings):
        await run_night(store, settings)
        assert not any(url.endswith(".ts") for url in store.pages.urls("plover"))
        inventory = assessed(store).inventory
        assert inventory is None or not inventory.complete


def endless(*_: object) -> None:
    """A file that no waiting reads."""
    re.match(r"(a+)+$", "a" * 60 + "b")


@pytest.mark.slow
@pytest.mark.parametrize("size", [100, 3 * SMALL])
async def test_files_that_cost_too_much_leave_the_list_open_and_delay_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("flows.reading.declarations.declared", endless)
    files = {"README.md": f"{FILES['README.md']}\n{'Plover counts eggs. ' * (size // 20)}\n"}
    with night(tmp_path, files) as (store, settings):
        settings = settings.model_copy(update={"night": settings.night.model_copy(update={"read_seconds": 1.0})})
        looked = asyncio.create_task(run_night(store, settings))
        beats = 0
        while not looked.done():
            await asyncio.sleep(0.05)
            beats += 1
        summary = await looked
        assert set(summary.outcomes) <= {AgentOutcome.ASSESSED, AgentOutcome.WITHHELD}, summary.outcomes
        found = assessed(store).inventory
        assert found is not None and not found.complete and "too costly to read" in found.why
        assert beats > 5 or size < SMALL, "the loop waits for no file that is read aside"


async def test_a_changed_tool_is_seen_without_a_model(tmp_path: Path) -> None:
    with night(tmp_path, FILES) as (store, settings):
        await run_night(store, settings)
        first = assessed(store).inventory
        changed = MORE.replace('"Counts the eggs"', '"Deletes the eggs"').replace("count_eggs", "delete_eggs")
        (tmp_path / "raw/acme/plover/HEAD/src/more.ts").write_text(changed)
        await run_night(store, settings, again=True)
        second = assessed(store).inventory
        assert first is not None and second is not None and first.digest != second.digest
        assert second.counts[Verb.WRITE] == 1


@pytest.mark.slow
async def test_a_bundle_makes_the_record_again(tmp_path: Path) -> None:
    with night(tmp_path, FILES) as (store, settings):
        await run_night(store, settings)
        decisions.conclude(store, draft.read(store, "plover"), Decision.APPROVE, reviewer="ada")
        publish_site(store, settings, tmp_path / "site")
        published = store.publications.current("plover")
        assert published is not None and published.record.extraction.inventory is not None
        surface = published.record.control_surface
        assert surface is not None and (str(surface.low), surface.facts[ExposureFact.EXECUTES]) == ("0.5", "nothing")
        page = next((tmp_path / "site").rglob("plover.html")).read_text("utf-8")
        assert 'id="control-surface"' in page and "OWASP" in page and 'href="#fact-executes"' in page
        write_bundle(store, published.record.slug, tmp_path / "bundle.zip")
        replayed = verify_bundle(tmp_path / "bundle.zip")
        assert replayed.holds, replayed.problems


async def published_twice(root: Path, store: Store, settings: Settings, more: str) -> PublishedRecord:
    """Published, then read again with another file, approved and published again."""
    await run_night(store, settings)
    decisions.conclude(store, draft.read(store, "plover"), Decision.APPROVE, reviewer="ada")
    publish_site(store, settings, root / "site")
    (root / "raw/acme/plover/HEAD/src/more.ts").write_text(more)
    await run_night(store, settings, again=True)
    if store.queue.get("plover").status is not AgentStatus.PUBLISHED:
        decisions.conclude(store, draft.read(store, "plover"), Decision.APPROVE, reviewer="ada")
    publish_site(store, settings, root / "site")
    current = store.publications.current("plover")
    assert current is not None
    return current.record


@pytest.mark.slow
async def test_a_tool_that_reads_otherwise_is_a_change_note_with_both_texts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    told = MORE.replace('"Counts the eggs"', '"Counts the eggs of every nest"')
    with night(tmp_path, FILES) as (store, settings):
        record = await published_twice(tmp_path, store, settings, told)
        notes = {change.path: change for change in record.changes if change.path.startswith("inventory")}
        assert notes["inventory"].after == "1 description changed"
        note = notes["inventory.count_eggs"]
        assert note.before == "Counts the eggs" and note.after.endswith("Counts the eggs of every nest")
        assert note.quote_before and note.quote_after and note.quote_before.quote != note.quote_after.quote
        page = (tmp_path / "site" / "current" / "agents" / "plover.html").read_text()
        assert "What it can touch" in page and "1 description changed" in page
        told_at_night = [vars(row)["facts"] for row in caplog.records if row.getMessage() == "tools.changed"]
        assert told_at_night == [{"slug": "plover", "note": "1 description changed", "reopens": False}]


async def test_a_graver_class_opens_the_review_again(tmp_path: Path) -> None:
    """Every claim may be as it was approved: the tool is not."""
    graver = FILES | {"src/more.ts": MORE.replace('"count_eggs"', '"set_egg"').replace("Counts the", "Sets one of the")}
    with night(tmp_path, graver) as (store, settings):
        await run_night(store, settings)
        decisions.conclude(store, draft.read(store, "plover"), Decision.APPROVE, reviewer="ada")
        publish_site(store, settings, tmp_path / "site")
        rises = graver["src/more.ts"].replace('"set_egg"', '"send_egg"').replace("Sets one of the eggs", "Sends mail")
        (tmp_path / "raw/acme/plover/HEAD/src/more.ts").write_text(rises)
        await run_night(store, settings, again=True)
        assert store.queue.get("plover").status is AgentStatus.CHANGED
