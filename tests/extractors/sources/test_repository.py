"""A repository costs one tree call; open questions lead one link further, within a budget."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest

from extractors.sources import Get
from extractors.sources.folders.folder import Folder
from extractors.sources.folders.repository_folders import RepositoryFolders
from extractors.sources.further_pages import belongs, candidates, links_on, look_further, readable
from extractors.sources.git_forge import Forge, Place
from extractors.sources.listing_entry import Link, listing
from extractors.sources.repository import Repository, pages_of
from extractors.sources.repository_files import agent_files
from scoring.vocabulary import RiskFactor
from tests.extractors.sources.conftest import Served

OTTER = listing(
    "Otter", "test", heading_url="https://github.com/o/otter", links=[Link("website", "https://otter.example")]
)


def tree(paths: list[str], **more: object) -> str:
    entries = [{"path": p, "type": "blob", "mode": "100644", "size": 9} for p in paths]
    return json.dumps({"tree": entries, **more})


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://github.com/o/otter", Place("o", "otter")),
        ("https://www.github.com/o/otter.git/", Place("o", "otter")),
        ("https://github.com/o/otter/tree/main/servers/mail", Place("o", "otter", "main", "servers/mail")),
        ("https://github.com/o/otter/blob/v2/docs/README.md", Place("o", "otter", "v2", "docs")),
        ("https://github.com/o/otter/tree/refs/heads/next/docs", Place("o", "otter", "next", "docs")),
        ("https://github.com/o", None),
        ("https://github.com/o/../etc", None),
        ("https://github.com.evil.example/o/otter", None),
        ("https://evil.example/https://github.com/o/otter", None),
        ("http://[::1", None),
    ],
)
def test_where_a_repository_is(url: str, place: Place | None) -> None:
    assert Forge().place(url) == place


async def test_one_tree_call_finds_any_spelling(site: Served, get: Get) -> None:
    forge = Forge(f"{site.url}/web", f"{site.url}/api", f"{site.url}/raw")
    files = [
        "readme.MD",
        "docs/agent-security.md",
        "SECURITY.md",
        "docker-compose.yml",
        "src/a.py",
        "LICENSE",
        "README.zh-CN.md",
    ]
    site.put("/api/repos/o/otter/git/trees/HEAD?recursive=1", tree(files), "application/json")
    agent = listing("Otter", "test").model_copy(update={"repository": f"{site.url}/web/o/otter"})
    pages = await pages_of(agent, get, [forge])
    raw = f"{site.url}/raw/o/otter/HEAD"
    assert pages.first == (f"{raw}/readme.MD", f"{raw}/SECURITY.md", f"{raw}/docker-compose.yml")
    assert pages.further == (f"{raw}/docs/agent-security.md", f"{raw}/README.zh-CN.md")
    assert site.asked == ["/api/repos/o/otter/git/trees/HEAD?recursive=1"]
    assert not pages.problems and not pages.moved_to


async def test_a_forge_of_ones_own_is_known_by_its_address(site: Served, get: Get) -> None:
    forge = Forge(site.url, f"{site.url}/api", f"{site.url}/raw")
    site.put("/api/repos/o/otter/git/trees/HEAD?recursive=1", tree(["README.md"]), "application/json")
    agent = listing("Otter", "test", heading_url=f"{site.url}/o/otter")
    assert agent.homepage and not agent.repository
    assert (await pages_of(agent, get, [forge])).first == (f"{site.url}/raw/o/otter/HEAD/README.md",)


async def test_a_renamed_repository_and_a_short_tree_are_noticed(site: Served, get: Get) -> None:
    forge = Forge(site.url, f"{site.url}/api", f"{site.url}/raw")
    body = tree(["README.md"], truncated=True, url=f"{site.url}/api/repos/New/Heron/git/trees/abc")
    site.put("/api/repos/o/otter/git/trees/HEAD?recursive=1", body, "application/json")
    found = await forge.documents(Place("o", "otter"), get)
    assert found.moved_to == f"{site.url}/New/Heron"
    folder = Place("o", "otter", inside="src/my mail")
    assert (await forge.documents(folder, get)).moved_to == f"{site.url}/New/Heron/tree/HEAD/src/my%20mail"
    assert "short" in found.problems[0]


async def test_a_forge_that_does_not_answer_is_a_problem_not_an_empty_repository(site: Served, get: Get) -> None:
    forge = Forge(site.url, f"{site.url}/api", f"{site.url}/raw")
    site.put("/api/repos/o/otter/git/trees/HEAD?recursive=1", "{}", "application/json", status=500)
    found = await forge.documents(Place("o", "otter", inside="pkg"), get)
    assert "server_error" in found.problems[0]
    assert found.first[0].endswith("/raw/o/otter/HEAD/pkg/README.md")


@pytest.mark.parametrize(
    ("address", "branch", "inside", "calls"),
    [
        ("tree/feature/x/docs", "feature/x", "docs", 2),
        ("tree/feature/x", "feature/x", "", 2),
        ("blob/ada/fix/it/src/mail/README.md", "ada/fix/it", "src/mail", 3),
        ("tree/refs/heads/feature/x/docs", "feature/x", "docs", 2),
        ("tree/%40scope/tool%401.2/docs", "@scope/tool@1.2", "docs", 2),
        ("tree/next/docs", "next", "docs", 1),
        ("tree/main/docs", "main", "docs", 1),
    ],
)
async def test_a_branch_may_have_slashes(
    address: str, branch: str, inside: str, calls: int, site: Served, get: Get
) -> None:
    forge = Forge(f"{site.url}/web", f"{site.url}/api", f"{site.url}/raw")
    below = f"{inside}/" if inside else ""
    files = tree(["LICENSE", f"{below}README.md", f"{below}skills/a/SKILL.md", f"{below}skills/b/SKILL.md"])
    site.put(f"/api/repos/o/otter/git/trees/{quote(branch, safe='')}?recursive=1", files, "application/json")
    url = f"{site.url}/web/o/otter/{address}"
    pages = await pages_of(listing("Otter", "test", heading_url=url), get, [forge])
    assert f"{site.url}/raw/o/otter/{quote(branch)}/{below}README.md" in pages.first and not pages.problems
    assert len(site.asked) == calls
    walk = await RepositoryFolders("folders", [url], forge=forge).walk(get)
    assert [one.repository for one in walk.listings] == [
        f"{site.url}/web/o/otter/tree/{branch}/{below}skills/{name}" for name in "ab"
    ]


@pytest.mark.parametrize(("address", "calls"), [("tree/main/a/b/c", 1), ("tree/old/a/b/c/d/e", 4), ("tree/old", 1)])
async def test_a_branch_that_is_gone_is_looked_for_a_few_times(
    address: str, calls: int, site: Served, get: Get
) -> None:
    forge = Forge(f"{site.url}/web", f"{site.url}/api", f"{site.url}/raw")
    pages = await pages_of(listing("Otter", "test", heading_url=f"{site.url}/web/o/otter/{address}"), get, [forge])
    assert "not_found" in pages.problems[0] and len(site.asked) == calls


def test_what_is_not_about_the_agent_is_not_asked_for() -> None:
    files = agent_files(
        ["README.md", "node_modules/x/README.md", "CHANGELOG.md", "tests/SKILL.md", "skills/a/SKILL.md"]
    )
    assert files.first == ("README.md", "skills/a/SKILL.md")


def test_an_agent_in_a_monorepo_reads_its_own_folder_first() -> None:
    paths = [
        "README.md",
        "SECURITY.md",
        "servers/mail/README.md",
        "servers/mail/package.json",
        "servers/chat/README.md",
    ]
    files = agent_files(paths, "servers/mail")
    assert files.first == ("servers/mail/README.md", "servers/mail/package.json", "SECURITY.md")
    assert "servers/chat/README.md" not in files.first + files.further


def test_the_trees_of_the_thirty_repositories(shared: Path) -> None:
    """Every repository has a README among the first files, and never more than the limit."""
    for file in sorted((shared / "corpus/agents").glob("*/meta.json")):
        paths = [entry["path"] for entry in json.loads(file.read_bytes())["files"]]
        files = agent_files(paths)
        assert any("readme" in path.lower() for path in files.first), file
        assert len(files.first) <= 12
        assert not set(files.first) & set(files.further)


def test_open_questions_rank_the_links() -> None:
    links = [
        Link("Blog", "https://otter.example/blog/hello"),
        Link("How memory works", "https://docs.otter.example/memory"),
        Link("Security", "https://otter.example/security"),
        Link("Somebody else's security", "https://rival.example/security"),
        Link("Memory of another repository", "https://github.com/x/memory"),
    ]
    best = candidates(OTTER, links, (), {RiskFactor.PERSISTENT_MEMORY})
    assert best == ("https://docs.otter.example/memory", "https://otter.example/security")
    assert candidates(OTTER, links, (), {RiskFactor.DYNAMIC_IDENTITY}, tried=best) == ()


def test_what_belongs_to_an_agent() -> None:
    assert belongs("https://github.com/o/otter/blob/main/docs/a.md", OTTER)
    assert belongs("https://raw.githubusercontent.com/o/otter/HEAD/docs/a.md", OTTER)
    assert not belongs("https://github.com/o/otter/issues/1", OTTER)
    assert not belongs("https://github.com/o/otter-two/blob/main/a.md", OTTER)
    assert not belongs("https://otter.example.evil.example/", OTTER)
    served = listing("Crane", "test").model_copy(update={"repository": "https://list.example/repos/crane/README.md"})
    assert belongs("https://list.example/repos/crane/docs/security.md", served)
    assert not belongs("https://list.example/repos/heron/README.md", served)
    assert (
        readable("https://github.com/o/otter/blob/main/a.md") == "https://raw.githubusercontent.com/o/otter/main/a.md"
    )


def test_links_of_markdown_and_html_pages() -> None:
    page = b"See [Memory](docs/memory.md), ![no](p.png), [top](#top) and <a href='/security'>Security</a>."
    found = links_on(page, "https://otter.example/README.md")
    assert [(link.label, link.url) for link in found] == [
        ("Memory", "https://otter.example/docs/memory.md"),
        ("Security", "https://otter.example/security"),
    ]


async def test_looking_further_keeps_to_both_budgets_and_records_every_try(site: Served, get: Get) -> None:
    agent = listing("Otter", "test", heading_url=site.url)
    for number in range(6):
        site.put(f"/docs/memory-{number}", b"x" * 300)
    links = [Link("memory", f"{site.url}/docs/memory-{number}") for number in range(6)]
    links.insert(1, Link("memory gone", f"{site.url}/docs/memory-gone"))
    unknown = {RiskFactor.PERSISTENT_MEMORY}
    found = await look_further(get, agent, unknown, links=links, pages=4, budget_bytes=10_000)
    assert len(found) == 4 and sum(page.body is not None for page in found) == 3
    small = await look_further(get, agent, unknown, links=links, pages=9, budget_bytes=500)
    assert len(small) < 4, "no further page once the bytes are used up"
    asked = len(site.asked)
    assert (await look_further(get, agent, set(), links=links)) == ()
    assert len(site.asked) == asked


async def test_named_repositories_and_folders(tmp_path: Path, get: Get) -> None:
    walk = await Repository(
        "named", ["https://github.com/o/otter.git", "https://github.com/o/m/tree/main/a/heron", "no"]
    ).walk(get)
    assert [one.slug for one in walk.listings] == ["otter", "heron"]
    assert len(walk.problems) == 1
    for name in ("otter", "heron"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(f"# {name}\n\nIt swims.")
    (tmp_path / "empty").mkdir()
    folders = await Folder("mine", str(tmp_path), each=True).walk(get)
    assert [(one.slug, one.source) for one in folders.listings] == [("heron", "mine"), ("otter", "mine")]
    assert "empty" in folders.problems[0]
