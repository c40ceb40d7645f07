"""Registries, cards, OASF records and plain tables, on the real documents and on small ones of our own."""

import json
from pathlib import Path

import pytest

from extractors.pages.page_text import BlockKind
from extractors.sources import Get
from extractors.sources.listing_entry import entry_page
from extractors.sources.registries.agent_cards import AgentCards
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from extractors.sources.url_table import UrlTable
from scoring.vocabulary import AgentKind
from tests.extractors.sources.answering import walked
from tests.extractors.sources.conftest import Served

LISTINGS = "corpus/listings"


@pytest.mark.slow
def test_the_seed_of_the_registry(shared: Path) -> None:
    """471 records: 464 name a server, 7 are empty templates (no name, no link), counted by a JSON reader."""
    body = (shared / LISTINGS / "mcp-registry/seed_2025_05_16.json").read_bytes()
    records = json.loads(body)
    found = walked(McpRegistry("registry", "https://registry.example"), body).listings
    assert [x.aliases[0] if x.aliases else x.name for x in found] == [r["name"] for r in records if r["name"]]
    assert [x.repository for x in found] == [r["repository"]["url"] for r in records if r["name"]]
    assert len(found) == 464
    assert sum(entry_page(one) is not None for one in found) == 464


@pytest.mark.slow
def test_environment_variables_and_arguments_are_evidence(shared: Path) -> None:
    body = (shared / LISTINGS / "mcp-registry/seed_2025_05_16.json").read_bytes()
    asked = [
        r for r in json.loads(body) if r["name"] and any(p.get("environment_variables") for p in r.get("packages", ()))
    ]
    entries = {one.name: one for one in walked(McpRegistry("registry", "https://registry.example"), body).listings}
    for record in asked[::10]:
        page = entry_page(entries[record["name"]])
        assert page is not None
        facts = [page.text[b.start : b.end] for b in page.blocks if b.kind is BlockKind.FACT]
        for package in record["packages"]:
            for variable in package.get("environment_variables", ()):
                assert any(variable["name"] in fact for fact in facts)


async def test_the_registry_is_read_page_by_page(site: Served, get: Get) -> None:
    def page(names: list[str], cursor: str) -> str:
        servers = [{"server": {"name": f"io.example/{name}", "websiteUrl": "https://a.example"}} for name in names]
        return json.dumps({"servers": servers, "metadata": {"nextCursor": cursor}})

    site.put("/v0/servers?limit=2", page(["a", "b"], "k2"), "application/json")
    site.put("/v0/servers?limit=2&cursor=k2", page(["c"], ""), "application/json")
    walk = await McpRegistry("registry", f"{site.url}/v0/servers?limit=2").walk(get)
    assert [one.name for one in walk.listings] == ["io.example/a", "io.example/b", "io.example/c"]
    assert walk.complete and len(walk.answers) == 2


async def test_a_registry_that_runs_in_circles_or_breaks_is_incomplete(site: Served, get: Get) -> None:
    body = json.dumps({"servers": [{"name": "io.example/a"}], "metadata": {"next_cursor": "again"}})
    site.put("/v0", body, "application/json")
    site.put("/v0?cursor=again", body, "application/json")
    walk = await McpRegistry("registry", f"{site.url}/v0").walk(get)
    assert not walk.complete and "again" in walk.problems[0]
    gone = await McpRegistry("registry", f"{site.url}/nowhere").walk(get)
    assert gone.listings == [] and "not_found" in gone.problems[0]


def test_real_agent_cards(shared: Path) -> None:
    for file in sorted((shared / LISTINGS / "a2a-agent-cards").glob("*.json")):
        card = json.loads(file.read_bytes())
        (one,) = walked(AgentCards("cards", [f"https://cards.example/{file.name}"]), file.read_bytes()).listings
        assert (one.name, one.kind) == (card["name"], AgentKind.AGENT)
        assert one.homepage is None or one.homepage != card.get("url")
        page = entry_page(one)
        assert page is not None and card["description"] in page.text


async def test_the_older_place_of_a_card_is_tried_second(site: Served, get: Get) -> None:
    site.put(
        "/.well-known/agent.json", '{"name": "Otter", "url": "http://localhost:1/", "skills": []}', "application/json"
    )
    walk = await AgentCards("cards", [site.url]).walk(get)
    assert [one.name for one in walk.listings] == ["Otter"] and walk.complete
    assert site.asked == ["/.well-known/agent-card.json", "/.well-known/agent.json"]


def test_real_oasf_records(shared: Path) -> None:
    for file in sorted((shared / LISTINGS / "oasf-records").glob("*.json")):
        found = walked(OasfRecords("oasf", ["https://oasf.example/record"]), file.read_bytes()).listings
        assert [one.name for one in found] == [json.loads(file.read_bytes())["name"]]


def test_a_document_inside_a_record_is_evidence(shared: Path) -> None:
    """`directory-record.json` holds a guide in base64; its headings must stand in the text, the code must not."""
    body = (shared / LISTINGS / "oasf-records/directory-record.json").read_bytes()
    (one,) = walked(OasfRecords("oasf", ["https://oasf.example/record"]), body).listings
    page = entry_page(one)
    assert page is not None
    assert sum(block.kind is BlockKind.HEADING for block in page.blocks) >= 5
    assert "LS0tCm5hbW" not in page.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/a.csv", "name,url,kind\nOtter,https://github.com/o/otter,MCP server\n,https://heron.example/,agent\n"),
        ("/a.csv", "https://github.com/o/otter\nhttps://heron.example/\n"),
        ("/a.toml", '[[agent]]\nurl = "https://github.com/o/otter"\n[[agent]]\nurl = "https://heron.example/"\n'),
        ("/a.jsonl", '{"url": "https://github.com/o/otter"}\n"https://heron.example/"\n'),
    ],
)
def test_plain_tables(path: str, body: str) -> None:
    otter, heron = walked(UrlTable("table", f"https://t.example{path}"), body.encode()).listings
    assert (otter.slug, otter.repository) == ("otter", "https://github.com/o/otter")
    assert (heron.name, heron.homepage) == ("heron.example", "https://heron.example/")


async def test_a_row_without_an_address_is_named(site: Served, get: Get) -> None:
    site.put("/a.csv", "name,url\nOtter,https://o.example/\nHeron,file:///etc/passwd\n", "text/csv")
    walk = await UrlTable("table", f"{site.url}/a.csv").walk(get)
    assert [one.name for one in walk.listings] == ["Otter"]
    assert walk.problems == ["table: line 3: no usable http(s) address"]


async def test_the_line_of_a_row_is_its_line_in_the_file(site: Served, get: Get) -> None:
    site.put("/a.csv", "# ours\n\nname,url\n\n# birds\nHeron,ftp://h.example/\nOtter,https://o.example/\n", "text/csv")
    walk = await UrlTable("table", f"{site.url}/a.csv").walk(get)
    assert [one.name for one in walk.listings] == ["Otter"]
    assert walk.problems == ["table: line 6: no usable http(s) address"]


async def test_a_cursor_that_is_a_number_is_followed(site: Served, get: Get) -> None:
    page = '{"servers": [{"name": "a/%s"}], "metadata": {"nextCursor": %s}}'
    site.put("/v0/servers", page % ("one", 2), "application/json")
    site.put("/v0/servers?cursor=2", page % ("two", "null"), "application/json")
    walk = await McpRegistry("registry", f"{site.url}/v0/servers").walk(get)
    assert [one.name for one in walk.listings] == ["a/one", "a/two"] and walk.complete


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1,2]", b'{"servers": 3}', b"\xff\xfe", b"[" * 5_000, b'[{"name": 4}]', b"null"]
)
def test_what_is_no_record_is_refused_in_one_line(body: bytes) -> None:
    at = "https://x.example/a.json"
    for source in (McpRegistry("s", at), AgentCards("s", [at]), OasfRecords("s", [at])):
        walk = walked(source, body)
        assert not walk.listings and len(walk.problems) == 1 and "\n" not in walk.problems[0]
