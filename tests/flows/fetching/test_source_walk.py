"""A source that yields nothing it should is a failure of the night; one that says it is empty, or shrank, is none."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.fetching.source_walk import preview
from flows.night.night import begun
from flows.report.completeness import SourceCount
from flows.settings import Settings
from flows.store_access import open_store
from records.agents import listing_merge
from records.store import Store
from tests.flows.answering_site import Answer, Site, answering
from tests.flows.conftest import settings_for
from tests.records.made import listed_slugs

pytestmark = pytest.mark.slow

World = tuple[Site, Settings, Store]
SELECTORS = 'start = ["/"]\ncard = "li.card"\nname = "h1"\n'
KINDS = ("markdown_list", "mcp_registry", "agent_cards", "oasf", "plugin_marketplace", "url_table", "directory_site")
FRONT = "<!doctype html><title>Best agents</title><h1>Best agents</h1><p>All agents that people like.</p>"
NOTHING = {
    "a web page": FRONT,
    "a list that moved": "# Agents\n\nThe list has moved to another place.\n",
    "a check": "<!doctype html><title>Just a moment...</title><div id=challenge-running></div><p>Checking your browser",
    "a login": "<!doctype html><title>Sign in</title><form><input type=password name=password></form><h1>Sign in</h1>",
    "an error in a 200": '{"error": "not found"}',
    "numbers": "[1, 2, 3]",
    "nothing of its kind": '{"name": "x", "things": [{"name": "y"}]}',
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with answering() as site:
        settings = settings_for(site.base)
        with open_store(settings) as store:
            (tmp_path / "site.toml").write_text(SELECTORS)
            yield site, settings, store


def add(world: World, tmp_path: Path, kind: str) -> None:
    options = {"selectors": str(tmp_path / "site.toml")} if kind == "directory_site" else {}
    path = "/" if kind == "directory_site" else "/it.json" if kind == "agent_cards" else "/it"
    world[2].sources.add("s", kind, f"{world[0].base}{path}", options)


async def walked(world: World) -> tuple[SourceCount, bool]:
    async with begun(world[2], world[1], again=True) as night:
        await night.list_sources()
        due = night.due(again=True)
        summary = night.finish(due)
    return night.sources[0], summary.with_failures


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", NOTHING)
async def test_nothing_found_is_a_failure(kind: str, what: str, world: World, tmp_path: Path) -> None:
    world[0].otherwise = lambda path: Answer(200, NOTHING[what])
    add(world, tmp_path, kind)
    end, with_failures = await walked(world)
    assert end.problem and not end.listings and with_failures
    async with begun(world[2], world[1]) as night:
        seen = await preview(world[2].sources.get("s"), world[1], night.fetcher)
    assert seen.problem and seen.summary.startswith(("0 entries", "nothing"))


EMPTY = {
    "mcp_registry": '{"servers": [], "metadata": {"count": 0}}',
    "plugin_marketplace": '{"name": "m", "plugins": []}',
    "url_table": "url,name\n",
}


@pytest.mark.parametrize("kind", EMPTY)
async def test_a_source_that_says_it_is_empty_is_none(kind: str, world: World, tmp_path: Path) -> None:
    world[0].otherwise = lambda path: Answer(200, EMPTY[kind])
    add(world, tmp_path, kind)
    assert await walked(world) == (SourceCount(name="s"), False)


def bullets(count: int) -> str:
    return "# Agents\n\n" + "".join(f"- [Made {n}](https://github.com/o/made-{n}) - sorts mail\n" for n in range(count))


async def test_a_list_that_shrank_by_a_tenth_passes_and_one_that_is_no_list_any_more_changes_nothing(
    world: World, tmp_path: Path
) -> None:
    site, _, store = world
    site.answers["/it"] = Answer(200, bullets(20), {}, "text/plain")
    add(world, tmp_path, "markdown_list")
    assert (await walked(world))[0].new == 20
    site.answers["/it"] = Answer(200, bullets(18), {}, "text/plain")
    end, with_failures = await walked(world)
    assert (end.listings, end.missing, with_failures) == (18, 2, False)
    for text in NOTHING.values():
        site.answers["/it"] = Answer(200, text)
        end, with_failures = await walked(world)
        assert end.problem and with_failures
        assert len(listed_slugs(store)) == 18, "its listings stay"
    site.answers["/it"] = Answer(302, "", {"Location": "/"})
    site.answers["/"] = Answer(200, FRONT)
    assert (await walked(world))[1] and len(listed_slugs(store)) == 18


async def test_a_preview_says_how_many_the_first_and_what_is_left_out(world: World, tmp_path: Path) -> None:
    site, settings, store = world
    listed = (
        "## Agents\n"
        + bullets(5)
        + "\n## Articles\n"
        + "".join(f"- [How {n} works](https://blog.example/{n}) - a post\n" for n in range(5))
    )
    site.answers["/it"] = Answer(200, listed + "- see [more](https://more.example)\n", {}, "text/plain")
    add(world, tmp_path, "markdown_list")
    async with begun(store, settings) as night:
        seen = await preview(store.sources.get("s"), settings, night.fetcher)
    assert seen.summary.startswith("10 entries under 2 headings; first: Made 0 (https://github.com/o/made-0), Made 1")
    assert seen.summary.endswith("1 left out: 1 a sentence on something else")
    assert seen.proposals == ("--option 'sections=Agents': 5 entries are under headings of articles",)
    assert store.listings.count() == 0, "nothing is listed by a look"


async def test_a_parent_folder_asks_whether_each_folder_was_meant(world: World, tmp_path: Path) -> None:
    """Also where records lie in it; not for one agent's own folder, nor where it was said."""
    _, settings, store = world
    parent, records, own = (tmp_path / name for name in ("parent", "records", "own"))
    for n in range(30):
        (parent / f"agent-{n}").mkdir(parents=True)
        (parent / f"agent-{n}" / "README.md").write_text(f"# Agent {n}\n\nIt reads mail.\n")
    records.mkdir()
    for n in range(3):
        (records / f"made-{n}.yaml").write_text(f"name: made {n}\n")
    (own / "src").mkdir(parents=True)
    (own / "docs").mkdir()
    (own / "README.md").write_text("# Otter\n\nIt reads mail.\n")
    listed = Path(shutil.copytree(own, tmp_path / "listed"))
    for n in range(4):
        shutil.copytree(parent / f"agent-{n}", listed / f"agent-{n}")
    asked = {}
    async with begun(store, settings) as night:
        for name, place, options in (
            ("parent", parent, {}),
            ("records", records, {}),
            ("own", own, {}),
            ("list", listed, {}),
            ("each", parent, {"each": "true"}),
        ):
            store.sources.add(name, "folder", str(place), options)
            asked[name] = (await preview(store.sources.get(name), settings, night.fetcher)).proposals
    assert asked == {
        "parent": ("--option each=true: 30 folders: did you mean each=true?",),
        "records": ("--option each=true: 3 records: did you mean each=true?",),
        "own": (),
        "list": ("--option each=true: 6 folders: did you mean each=true?",),
        "each": (),
    }


async def test_a_long_registry_is_looked_at_for_its_first_pages(world: World, tmp_path: Path) -> None:
    site, settings, store = world

    def page(path: str) -> Answer:
        number = int(path.partition("cursor=")[2] or 0)
        servers = [{"name": f"io.example/{number}", "packages": []}]
        return Answer(200, json.dumps({"servers": servers, "metadata": {"nextCursor": str(number + 1)}}))

    site.otherwise = page
    add(world, tmp_path, "mcp_registry")
    async with begun(store, settings) as night:
        seen = await preview(store.sources.get("s"), settings, night.fetcher)
    assert seen.problem == "" and seen.summary.startswith("at least 25 entries")


async def test_others_have_their_turn_between_two_batches_of_a_list(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another writer of the same store, and whatever else runs in the loop."""
    monkeypatch.setattr(listing_merge, "BATCH", 2)
    rows = "".join(f"https://agent-{number}.example/,Agent {number}\n" for number in range(9))
    world[0].otherwise = lambda path: Answer(200, "url,name\n" + rows)
    add(world, tmp_path, "url_table")
    listed: list[int] = []

    async def watch() -> None:
        with open_store(world[1]) as other:
            while len(listed) < 9:
                other.note("other.writes")
                if listed[-1:] != [other.listings.count()]:
                    listed.append(other.listings.count())
                await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    end, with_failures = await walked(world)
    watching.cancel()
    assert end.listings == 9 and not with_failures
    assert listed[:5] == [0, 2, 4, 6, 8]


@pytest.mark.parametrize("kind", ["mcp_registry", "agent_cards", "oasf"])
@pytest.mark.parametrize("etag", ['"1"', ""])
async def test_pages_that_stand_unchanged_lead_on_by_the_link_header_that_they_came_with(
    kind: str, etag: str, world: World, tmp_path: Path
) -> None:
    """304 need not repeat the header; the same bytes, sent again, may come with another one."""
    site, _, store = world
    add(world, tmp_path, kind)

    def page(number: int, last: int, stands: str = etag) -> None:
        name = f"agent {number}"
        entry = {
            "mcp_registry": {"servers": [{"name": f"io.example/{number}", "packages": []}]},
            "agent_cards": {"agents": [{"name": name, "url": f"https://{number}.example", "skills": []}]},
            "oasf": {"records": [{"name": name, "schema_version": "0.7.0", "version": "1", "skills": []}]},
        }[kind]
        path = ("/it.json" if kind == "agent_cards" else "/it") + (f"?page={number}" if number > 1 else "")
        headers = {"Link": f'<?page={number + 1}>; rel="next"'} if number < last else {}
        site.answers[path] = Answer(200, json.dumps(entry), headers | ({"ETag": stands} if stands else {}))

    for number in (1, 2, 3):
        page(number, last=3)
    for _ in range(3):
        end, failed = await walked(world)
        assert (end.listings, failed) == (3, False), end
    for number in (3, 4):
        page(number, last=4, stands=etag and '"2"')
    for _ in range(2):
        assert (await walked(world))[0].listings == 4
    assert store.listings.count() == 4
