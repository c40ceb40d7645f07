"""Registries, catalogues, marketplaces and collections over real HTTP: every page, every kind, nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Source, Walk
from extractors.sources.directory_site import DirectorySite, Selectors
from extractors.sources.folders.folder import Folder
from extractors.sources.folders.repository_folders import RepositoryFolders
from extractors.sources.git_forge import Forge
from extractors.sources.registries import agent_cards, paging
from extractors.sources.registries.agent_cards import AgentCards
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from extractors.sources.registries.plugin_marketplace import PluginMarketplace
from scoring.vocabulary import AgentKind
from tests.extractors.sources.answering import fetched, walked
from tests.extractors.sources.conftest import Served


def server(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "A server.", "repository": {"url": f"https://github.com/o/{name}"}, **more}


def put(site: Served, path: str, page: Any) -> None:
    site.put(path, json.dumps(page).replace("{B}", site.url), "application/json")


def names(walk: Walk) -> list[str]:
    return [one.name for one in walk.listings]


ONE, TWO = [server("a"), server("b")], [server("c")]
PAGING: dict[str, tuple[Any, str, Any]] = {
    "nextCursor": (
        {"servers": ONE, "metadata": {"nextCursor": "x:1", "count": 2}},
        "/servers?cursor=x%3A1",
        {"servers": TWO, "metadata": {"count": 1}},
    ),
    "next_cursor at the top": ({"servers": ONE, "next_cursor": "2"}, "/servers?cursor=2", {"servers": TWO}),
    "next as an address": ({"servers": ONE, "next": "{B}/more"}, "/more", {"servers": TWO, "next": None}),
    "next as a relative address": ({"data": ONE, "links": {"next": "/servers?p=2"}}, "/servers?p=2", {"data": TWO}),
    "next as a link object": ({"items": ONE, "_links": {"next": {"href": "?p=2"}}}, "/servers?p=2", {"items": TWO}),
    "pageInfo": (
        {"servers": ONE, "pageInfo": {"hasNextPage": True, "endCursor": "e"}},
        "/servers?after=e",
        {"servers": TWO, "pageInfo": {"hasNextPage": False, "endCursor": "f"}},
    ),
    "a page's number": (
        {"servers": ONE, "pagination": {"currentPage": 1, "totalPages": 2}},
        "/servers?page=2",
        {"servers": TWO, "pagination": {"currentPage": 2, "totalPages": 2}},
    ),
    "an offset": ({"servers": ONE, "offset": 0, "total": 3}, "/servers?offset=2", {"servers": TWO, "total": 3}),
    "a page token": ({"servers": ONE, "nextPageToken": "t"}, "/servers?pageToken=t", {"servers": TWO}),
}


@pytest.mark.parametrize("way", PAGING)
async def test_every_page_of_a_registry_is_read(way: str, site: Served, get: Get) -> None:
    first, path, second = PAGING[way]
    put(site, "/servers", first)
    put(site, path, second)
    walk = await McpRegistry("r", f"{site.url}/servers").walk(get)
    assert (names(walk), walk.problems) == (["a", "b", "c"], [])


async def test_a_link_header_leads_on(site: Served, get: Get) -> None:
    put(site, "/servers", ONE)
    put(site, "/servers?page=2", {"servers": TWO, "next": None})
    site.headers = {"Link": '<https://r.example/first>; rel="first", </servers?page=2>; rel="next"'}
    walk = await McpRegistry("r", f"{site.url}/servers").walk(get)
    assert names(walk) == ["a", "b", "c"]
    assert "again" in walk.problems[0], "the header stands on the last page, too: a page that comes again is no end"


@pytest.mark.parametrize(
    "page",
    [
        {"servers": ONE, "total_count": 9},
        {"servers": ONE, "hasMore": True},
        {"servers": ONE, "next": "https://elsewhere.example/2"},
        {"servers": [], "total": 3},
    ],
)
async def test_a_page_that_says_that_there_is_more_is_not_the_whole(page: Any, site: Served, get: Get) -> None:
    put(site, "/servers", page)
    assert (await McpRegistry("r", f"{site.url}/servers").walk(get)).problems


@pytest.mark.parametrize("page", [{"servers": []}, {"servers": [], "metadata": {"count": 0}}, []])
async def test_a_registry_may_say_that_it_is_empty(page: Any, site: Served, get: Get) -> None:
    put(site, "/servers", page)
    walk = await McpRegistry("r", f"{site.url}/servers").walk(get)
    assert walk.complete and not walk.listings


OTHERS = {
    "plugin_marketplace": {"name": "m", "owner": {"name": "o"}, "plugins": [{"name": "p", "source": "./p"}]},
    "mcp_registry": {"servers": [server("a")]},
    "oasf": {"name": "r", "schema_version": "1.0.0", "skills": [], "locators": [], "modules": []},
    "agent_cards": {"name": "c", "url": "https://c.example/a2a", "capabilities": {}, "skills": []},
}


@pytest.mark.parametrize("kind", OTHERS)
async def test_no_kind_takes_what_another_reads(kind: str, site: Served, get: Get) -> None:
    put(site, "/it.json", OTHERS[kind])
    url = f"{site.url}/it.json"
    readers: dict[str, Source] = {
        "plugin_marketplace": PluginMarketplace("s", url),
        "mcp_registry": McpRegistry("s", url),
        "oasf": OasfRecords("s", [url]),
        "agent_cards": AgentCards("s", [url]),
    }
    for name, reader in readers.items():
        walk = await reader.walk(get)
        if name == kind:
            assert walk.listings and walk.complete, name
        elif not (name == "oasf" and kind == "agent_cards"):  # cards stand among records
            assert not walk.listings and kind in walk.problems[0], name
    site.put("/it.json", "<!doctype html><title>Sign in</title>")
    for reader in readers.values():
        assert "web page" in (await reader.walk(get)).problems[0]


GONE = [
    {"_meta": {"x/official": {"status": "deleted"}}},
    {"_meta": {"x/official": {"status": "deprecated", "statusMessage": "moved"}}},
    {"server": server("a", status="deprecated")},
    {"server": server("a", deprecated=True)},
    {"server": server("a", deletedAt="2026-01-01T00:00:00Z")},
    {"x-registry": {"status": "Withdrawn"}},
]


@pytest.mark.parametrize("said", GONE)
async def test_what_a_registry_has_withdrawn_is_counted_and_not_listed(said: Any, site: Served, get: Get) -> None:
    put(site, "/servers", {"servers": [{"server": server("a"), **said}, {"server": server("b", status="active")}]})
    walk = await McpRegistry("r", f"{site.url}/servers").walk(get)
    assert names(walk) == ["b"] and walk.complete
    assert [reason.split()[:5] for reason in walk.left_out] == [["its", "source", "says", "that", "it"]]


async def test_a_withdrawn_latest_version_is_not_replaced_by_an_older_one(site: Served, get: Get) -> None:
    older = {"server": server("a", version="1.0"), "_meta": {"x": {"status": "active", "isLatest": False}}}
    latest = {"server": server("a", version="2.0"), "_meta": {"x": {"status": "deleted", "isLatest": True}}}
    put(site, "/servers", {"servers": [older, latest]})
    walk = await McpRegistry("r", f"{site.url}/servers").walk(get)
    assert not walk.listings and walk.left_out["its source says that it is deleted"] == 1


def card(name: str) -> dict[str, Any]:
    return {"name": name, "url": f"https://{name}.example/a2a", "capabilities": {}, "skills": [], "version": "1"}


async def test_cards_below_paths_in_catalogues_and_of_one_name(site: Served, get: Get) -> None:
    put(site, "/agents/otter/.well-known/agent.json", card("Otter"))
    put(site, "/.well-known/agent-card.json", card("Front desk"))
    put(site, "/cards/heron.json", card("Heron"))
    catalogue = [
        {"card": card("Tern")},
        {"name": "Heron", "url": "cards/heron.json"},
        "/cards/gone.json",
        {**card("Old"), "status": "deprecated"},
        {**card("Tern"), "url": "https://other.example/a2a"},
    ]
    put(site, "/agents.json", {"agents": catalogue})
    walk = await AgentCards("c", [f"{site.url}/agents/otter", f"{site.url}/agents.json"]).walk(get)
    assert sorted(names(walk)) == ["Heron", "Otter", "Tern", "Tern"]
    assert len({one.identity for one in walk.listings if one.name == "Tern"}) == 2
    assert [problem.split(": ")[1] for problem in walk.problems] == ["not_found (HTTP 404)"]
    assert walk.left_out == {"its source says that it is deprecated": 1}
    missing = await AgentCards("c", [f"{site.url}/agents/nobody/"]).walk(get)
    assert not missing.listings and missing.problems, "the host's own card is not this agent's"


@pytest.mark.parametrize("last", [None, "<html>oops", {"agents": 3}, {"agents": [{"url": "cards/b.json"}], "total": 9}])
@pytest.mark.parametrize("older", [None, "z"])
async def test_a_catalogue_that_breaks_off_is_not_whole(last: Any, older: str | None, site: Served, get: Get) -> None:
    """Whatever the older place of the same host says: what was listed stands, and what was not read is told."""
    first = {"agents": [card("a"), {"name": "b", "cardUrl": "/cards/b.json"}], "next": "/p2"}
    put(site, "/.well-known/agent-card.json", first)
    if last is not None:
        site.put("/p2", last if isinstance(last, str) else json.dumps(last), "application/json")
    if older is not None:
        put(site, "/.well-known/agent.json", card(older))
    walk = await AgentCards("c", [site.url]).walk(get)
    assert names(walk) == ["a"] and not walk.complete
    assert any("cards/b.json: not_found" in told for told in walk.problems)
    assert any("/p2" in told for told in walk.problems)


@pytest.mark.parametrize("step", [0, 1])
async def test_a_catalogue_without_an_end_is_not_whole(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MAX_PAGES", 5)

    async def get(url: str) -> Fetched:
        number = int(url.partition("=")[2] or 0)
        page = {"agents": [card(f"a{number}")], "next": f"?n={number + step}"}
        return fetched(url, json.dumps(page).encode())

    walk = await AgentCards("c", ["https://c.example/all.json?n=0"]).walk(get)
    assert len(walk.answers) == (5 if step else 1) and len(walk.listings) == len(walk.answers)
    assert not walk.complete


async def test_more_cards_than_are_asked_for_are_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_cards, "MAX_CARDS", 3)
    named = {"agents": [f"https://c.example/{number}.json" for number in range(9)]}

    async def get(url: str) -> Fetched:
        return fetched(url, json.dumps(named if url.endswith("all.json") else card(url[-6:-5])).encode())

    walk = await AgentCards("c", ["https://c.example/all.json"]).walk(get)
    assert names(walk) == ["0", "1"] and len(walk.answers) == 3 and len(walk.problems) == 1


def test_a_marketplace_says_where_each_plugin_is() -> None:
    base = "https://raw.githubusercontent.com/m/shop/main/.claude-plugin/marketplace.json"
    given = {
        "./plugins/a": "https://github.com/m/shop/tree/main/plugins/a",
        "plugins/a/": "https://github.com/m/shop/tree/main/plugins/a",
    }
    sources: list[tuple[Any, str]] = [
        *given.items(),
        ({"source": "github", "repo": "o/r"}, "https://github.com/o/r"),
        ({"source": "github", "repo": "o/r", "ref": "v1", "path": "x"}, "https://github.com/o/r/tree/v1/x"),
        ({"source": "url", "url": "https://gitlab.com/o/r.git", "sha": "0" * 40}, "https://gitlab.com/o/r"),
        (
            {"source": "github", "repo": "o/r", "path": "x", "ref": "v1", "sha": "0" * 40},
            f"https://github.com/o/r/tree/{'0' * 40}/x",
        ),
        ({"source": "git", "url": "git@github.com:o/r.git"}, "https://github.com/o/r"),
        (
            {"source": "git-subdir", "url": "https://github.com/o/r.git", "path": "./x/"},
            "https://github.com/o/r/tree/HEAD/x",
        ),
        ({"source": "npm", "package": "@o/r"}, "https://www.npmjs.com/package/@o/r"),
    ]
    plugins: list[dict[str, Any]] = [{"name": f"p{n}", "source": source} for n, (source, _) in enumerate(sources)]
    plugins += [{"name": "gone", "source": "./x", "deprecated": True}, {"source": "./no-name"}]
    page = {"name": "shop", "plugins": plugins}
    walk = walked(PluginMarketplace("m", base), json.dumps(page).encode())
    found = walk.listings
    assert [one.repository or one.homepage for one in found] == [place for _, place in sources]
    assert {one.kind for one in found} == {AgentKind.PLUGIN}
    assert sum(walk.left_out.values()) == 2


def record(name: str, *modules: str, **more: Any) -> dict[str, Any]:
    parts = [{"name": module} for module in modules]
    return {"name": name, "schema_version": "1.0.0", "version": "1", "locators": [], "modules": parts, **more}


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (record("a", "integration/mcp"), AgentKind.MCP_SERVER),
        (record("a", "core/language_model/agentskills"), AgentKind.SKILL),
        (record("a", "integration/mcp", "integration/a2a"), AgentKind.AGENT),
        (record("a", "integration/mcp", type="agent"), AgentKind.AGENT),
        (record("a"), AgentKind.AGENT),
    ],
)
async def test_the_record_says_what_it_is(one: Any, kind: AgentKind, site: Served, get: Get) -> None:
    put(site, "/r.json", {"records": [one, record("other")]})
    walk = await OasfRecords("o", [f"{site.url}/r.json"]).walk(get)
    assert [(found.name, found.kind) for found in walk.listings] == [("a", kind), ("other", AgentKind.AGENT)]
    assert not any(found.listing_url for found in walk.listings), "a file of several is nobody's page"


FOLDERS = {
    "skill": ("SKILL.md", "---\nname: x\n---\nSorts mail.", AgentKind.SKILL),
    "plugin": (".claude-plugin/plugin.json", '{"name": "x"}', AgentKind.PLUGIN),
    "server": ("server.json", '{"name": "x", "packages": []}', AgentKind.MCP_SERVER),
    "yaml": ("server.yaml", "name: x\nimage: mcp/x\ntype: server\n", AgentKind.MCP_SERVER),
    "card": ("agent-card.json", '{"name": "x", "url": "https://x.example"}', AgentKind.AGENT),
    "bundle": ("manifest.json", '{"manifest_version": "0.2", "server": {"type": "node"}}', AgentKind.MCP_SERVER),
    "package": ("package.json", '{"name": "x", "mcpName": "io.github.o/x"}', AgentKind.MCP_SERVER),
    "silent": ("notes.md", "It sorts mail.", None),
}


async def test_a_folder_is_what_its_files_state(tmp_path: Path, get: Get) -> None:
    for name, (path, text, _) in FOLDERS.items():
        (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name / path).write_text(text)
        (tmp_path / name / "README.md").write_text(f"# {name}\n\nIt sorts mail.\n")
    walk = await Folder("f", str(tmp_path), each=True).walk(get)
    assert {one.name: one.kind for one in walk.listings} == {name: kind for name, (*_, kind) in FOLDERS.items()}
    given = await Folder("f", str(tmp_path), each=True, kind=AgentKind.TOOL).walk(get)
    assert {one.kind for one in given.listings} == {AgentKind.TOOL}


async def test_a_registry_of_files_lists_each_record(tmp_path: Path, get: Get) -> None:
    (tmp_path / "README.md").write_text("# Registry\n")
    for name in ("otter", "heron"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ntype: mcp_server\ndescription: It sorts mail.\n")
    source = Folder("f", str(tmp_path), each=True)
    walk = await source.walk(get)
    assert [(one.name, one.kind) for one in walk.listings] == [
        ("heron", AgentKind.MCP_SERVER),
        ("otter", AgentKind.MCP_SERVER),
    ]
    assert source.folder_of(walk.listings[0]) == tmp_path / "heron.yaml"
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.bin").write_bytes(b"\0")
    assert (await Folder("f", str(tmp_path / "empty"), each=True).walk(get)).problems


async def test_a_repository_of_skills_plugins_and_servers(site: Served, get: Get) -> None:
    paths = [
        "README.md",
        "skills/mail/SKILL.md",
        "skills/mail/scripts/SKILL.md",
        "plugins/heron/.claude-plugin/plugin.json",
        "plugins/heron/skills/x/SKILL.md",
        "servers/tern/server.yaml",
        "docs/how.md",
    ]
    put(site, "/api/repos/o/all/git/trees/HEAD?recursive=1", {"tree": [{"path": p, "type": "blob"} for p in paths]})
    forge = Forge(api=f"{site.url}/api")
    walk = await RepositoryFolders("r", ["https://github.com/o/all"], forge=forge).walk(get)
    assert [(one.name, one.kind, one.repository) for one in walk.listings] == [
        ("heron", AgentKind.PLUGIN, "https://github.com/o/all/tree/HEAD/plugins/heron"),
        ("tern", AgentKind.MCP_SERVER, "https://github.com/o/all/tree/HEAD/servers/tern"),
        ("mail", AgentKind.SKILL, "https://github.com/o/all/tree/HEAD/skills/mail"),
    ]
    put(site, "/api/repos/o/none/git/trees/HEAD?recursive=1", {"tree": [{"path": "README.md", "type": "blob"}]})
    assert (
        "each=true" in (await RepositoryFolders("r", ["https://github.com/o/none"], forge=forge).walk(get)).problems[0]
    )


async def test_a_folder_whose_statement_is_a_link_is_listed_and_an_entry_without_a_path_is_told(
    site: Served, get: Get
) -> None:
    entries = [
        {"path": "skills/mail/SKILL.md", "type": "blob", "mode": "120000"},
        {"path": "skills/tern/SKILL.md", "type": "blob", "mode": "100644"},
    ]
    put(site, "/api/repos/o/all/git/trees/HEAD?recursive=1", {"tree": entries})
    source = RepositoryFolders("r", ["https://github.com/o/all"], forge=Forge(api=f"{site.url}/api"))
    walk = await source.walk(get)
    assert ([one.name for one in walk.listings], walk.problems) == (["mail", "tern"], [])
    for entry in ({"type": "blob"}, {"path": 7, "type": "blob"}, None):
        put(site, "/api/repos/o/all/git/trees/HEAD?recursive=1", {"tree": [*entries, entry]})
        walk = await source.walk(get)
        assert ([one.name for one in walk.listings], len(walk.problems)) == (["mail", "tern"], 1)


SITEMAPS = {
    "another prefix": '<sit:urlset xmlns:sit="x"><sit:url><sit:loc>{B}/agents/otter</sit:loc></sit:url></sit:urlset>',
    "relative": "<urlset><url><loc>/agents/otter</loc></url></urlset>",
    "attributes": "<urlset><url><loc lang='en'>{B}/agents/otter</loc></url></urlset>",
    "plain lines": "{B}/agents/otter\n{B}/about\n",
    "pictures beside": "<urlset><url><loc>{B}/agents/otter</loc><image:image><image:loc>{B}/agents/p.png</image:loc>"
    "</image:image></url></urlset>",
    "spelled in two ways": "<urlset><url><loc>{B}/agents/otter</loc></url><url><loc>{B}/agents/otter?utm_source=x</loc>"
    "</url><url><loc>{B}/agents/otter/</loc></url></urlset>",
}


@pytest.mark.parametrize("way", SITEMAPS)
async def test_sitemaps_as_sites_write_them(way: str, site: Served, get: Get) -> None:
    site.put("/sitemap.xml", SITEMAPS[way].replace("{B}", site.url), "text/plain")
    walk = await DirectorySite("d", site.url, Selectors(sitemap="/sitemap.xml", listing_path="^/agents/.")).walk(get)
    assert [one.listing_url for one in walk.listings] == [f"{site.url}/agents/otter"]
    assert walk.complete


@pytest.mark.parametrize(
    ("place", "reason"),
    [("https://other.example/agents/x", "another site, other.example"), ("{B}/about", "path is no agent's")],
)
async def test_a_sitemap_of_which_nothing_is_used_is_a_problem(place: str, reason: str, site: Served, get: Get) -> None:
    site.put("/sitemap.xml", f"<urlset><url><loc>{place}</loc></url></urlset>".replace("{B}", site.url))
    walk = await DirectorySite("d", site.url, Selectors(sitemap="/sitemap.xml", listing_path="^/agents/.")).walk(get)
    assert reason in walk.problems[0] and sum(walk.left_out.values()) == 1


async def test_a_base_element_and_a_redirect_lead_relative_links(site: Served, get: Get) -> None:
    site.put("/index", "<base href='/all/'><li class=card><a href=otter>Otter</a></li>")
    site.put(
        "/forward", "<meta http-equiv=Refresh content=\"0; url='/deep/index'\"><p>Moved. <a href=/deep/index>Go</a>"
    )
    site.put("/deep/index", "<li class=card><a href=heron>Heron</a></li>")
    selectors = Selectors(start=("/index", "/forward"), card="li.card")
    walk = await DirectorySite("d", site.url, selectors).walk(get)
    assert [one.listing_url for one in walk.listings] == [f"{site.url}/all/otter", f"{site.url}/deep/heron"]
