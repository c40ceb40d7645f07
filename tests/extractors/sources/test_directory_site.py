"""A directory site is read by selectors alone."""

import gzip
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from extractors.sources import Get
from extractors.sources.directory_site import SITES, DirectorySite, Selectors, locations_in, selectors_of
from extractors.sources.folders.folder import Folder
from extractors.sources.source_kinds import KINDS, open_source
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind
from tests.extractors.sources.conftest import Served

Page = Callable[[list[str], str], str]


async def test_pages_are_followed_to_the_end(site: Served, get: Get, agents_page: Page) -> None:
    site.put("/index.html", agents_page(["Otter", "Heron"], "/page2.html"))
    site.put("/page2.html", agents_page(["Crane", "Otter"], "/page3.html"))
    site.put("/page3.html", agents_page(["Swan"], "/index.html"))  # in a circle
    walk = await DirectorySite("harbour", site.url, selectors_of("harbour")).walk(get)
    assert [one.name for one in walk.listings] == ["Otter", "Heron", "Crane", "Swan"]
    assert walk.listings[0].listing_url == f"{site.url}/agents/otter.html"
    assert walk.listings[0].kind is AgentKind.MCP_SERVER
    assert walk.listings[0].entry == "Otter does one thing."
    assert walk.complete
    assert site.asked == ["/index.html", "/page2.html", "/page3.html"]


async def test_a_missing_index_page_makes_the_walk_incomplete(site: Served, get: Get, agents_page: Page) -> None:
    site.put("/index.html", agents_page(["Otter"], "/page2.html"))
    site.put("/page2.html", "down", status=503)
    walk = await DirectorySite("harbour", site.url, selectors_of("harbour")).walk(get)
    assert [one.name for one in walk.listings] == ["Otter"]
    assert not walk.complete and "server_error" in walk.problems[0]


async def test_a_page_under_maintenance_is_no_end_of_the_list(site: Served, get: Get, agents_page: Page) -> None:
    site.put("/index.html", agents_page(["Otter", "Heron", "Crane"], "/page2.html"))
    site.put("/page2.html", "<h1>We will be back soon</h1>")
    walk = await DirectorySite("harbour", site.url, selectors_of("harbour")).walk(get)
    assert len(walk.listings) == 3
    assert walk.problems == [f"{site.url}/page2.html: no agent on this index page"]


async def test_a_sitemap_that_is_none_makes_the_walk_incomplete(site: Served, get: Get) -> None:
    site.put("/sitemap.xml", f"<sitemapindex><loc>{site.url}/1.xml</loc><loc>{site.url}/2.xml</loc></sitemapindex>")
    site.put("/1.xml", f"<urlset><url><loc>{site.url}/agents/otter</loc></url></urlset>")
    site.put("/2.xml", "<html><p>Please sign in</html>")
    walk = await DirectorySite("map", site.url, Selectors(sitemap="/sitemap.xml", listing_path="^/agents/")).walk(get)
    assert len(walk.listings) == 1
    assert walk.problems == [f"{site.url}/2.xml: this is no sitemap"]


@pytest.mark.slow
async def test_a_sitemap_of_very_many_sitemaps_ends_at_the_page_limit(site: Served, get: Get) -> None:
    places = "".join(f"<loc>{site.url}/{number}.xml</loc>" for number in range(2_000))
    for name in ("/sitemap.xml", *(f"/{number}.xml" for number in range(20))):
        site.put(name, f"<sitemapindex>{places}</sitemapindex>")
    selectors = Selectors(sitemap="/sitemap.xml", listing_path="^/agents/", max_pages=10)
    walk = await DirectorySite("map", site.url, selectors).walk(get)
    assert walk.listings == [] and walk.problems == ["map: more than 10 sitemaps"]
    assert len(site.asked) == 10


async def test_the_encoding_of_the_header_holds(site: Served, get: Get, agents_page: Page) -> None:
    page = agents_page(["Рысь"], "").replace("<body>", "<meta charset=utf-8><body>")
    site.put("/index.html", page.encode("koi8-r"), "text/html; charset=koi8-r")
    walk = await DirectorySite("harbour", site.url, selectors_of("harbour")).walk(get)
    assert [one.name for one in walk.listings] == ["Рысь"]


async def test_sitemaps_lead_to_listing_pages_of_this_site_only(site: Served, get: Get) -> None:
    site.put("/sitemap.xml", f"<sitemapindex><sitemap><loc>{site.url}/s1.xml</loc></sitemap></sitemapindex>")
    places = ["/agents/otter", "/about", "/agents/heron?a=1&amp;b=2"]
    urls = "".join(f"<url><loc> {site.url}{p} </loc></url>" for p in places)
    site.put("/s1.xml", f"<urlset>{urls}<url><loc>https://elsewhere.example/agents/x</loc></url></urlset>")
    selectors = Selectors(sitemap="/sitemap.xml", listing_path="^/agents/", name="h1", repository="a.code")
    source = DirectorySite("map", site.url, selectors)
    walk = await source.walk(get)
    assert [one.listing_url for one in walk.listings] == [
        f"{site.url}/agents/otter",
        f"{site.url}/agents/heron?a=1&b=2",
    ]
    page = b"<h1>The Otter</h1><a class=code href='https://github.com/o/otter'>code</a><a href='https://github.com/x/y'>y</a>"
    full = source.refined(walk.listings[0], page)
    assert (full.name, full.repository, full.aliases) == ("The Otter", "https://github.com/o/otter", ("otter",))
    assert full.slug == walk.listings[0].slug


@pytest.mark.parametrize("way", ["a gzip file", "unpacked by the server", "a gzip file under a content coding"])
async def test_a_packed_sitemap_index_leads_to_packed_sitemaps(way: str, site: Served, get: Get) -> None:
    def packed(text: str) -> tuple[int, str, bytes]:
        body, again = gzip.compress(text.encode()), {"Content-Encoding": "gzip"}
        if way == "unpacked by the server":
            return 200, "application/xml", text.encode()
        site.headers = again if way != "a gzip file" else {}
        return 200, "application/gzip", gzip.compress(body) if site.headers else body

    places = f"<!-- <loc>{site.url}/old.xml.gz</loc> --><sm:loc>{site.url}/1.xml.gz</sm:loc>"
    site.pages["/sitemap.xml.gz"] = packed(f"<sm:sitemapindex>{places}</sm:sitemapindex>")
    site.pages["/1.xml.gz"] = packed(f"<urlset><url><loc><![CDATA[{site.url}/agents/a?b=1&c=2]]></loc></url></urlset>")
    selectors = Selectors(sitemap="/sitemap.xml.gz", listing_path="^/agents/")
    walk = await DirectorySite("map", site.url, selectors).walk(get)
    assert walk.problems == []
    assert [one.listing_url for one in walk.listings] == [f"{site.url}/agents/a?b=1&c=2"]
    assert site.asked == ["/sitemap.xml.gz", "/1.xml.gz"]


async def test_a_packed_sitemap_that_is_a_bomb_or_damaged_is_a_problem(site: Served, get: Get) -> None:
    site.pages["/sitemap.xml.gz"] = (200, "application/gzip", gzip.compress(bytes(9 << 20)))
    selectors = Selectors(sitemap="/sitemap.xml.gz", listing_path="^/agents/")
    walk = await DirectorySite("map", site.url, selectors).walk(get)
    assert not walk.complete and "too_large" in walk.problems[0]
    site.pages["/sitemap.xml.gz"] = (200, "application/gzip", gzip.compress(b"<urlset>" * 99)[:-9])
    walk = await DirectorySite("map", site.url, selectors).walk(get)
    assert not walk.complete and "damaged" in walk.problems[0]


async def test_robots_txt_may_name_the_sitemaps(site: Served, get: Get) -> None:
    site.put(
        "/robots.txt",
        f"User-agent: *\nDisallow: /x\nsitemap: {site.url}/a.xml\nSitemap: {site.url}/b.xml\n",
        "text/plain",
    )
    for name in ("a", "b"):
        site.put(f"/{name}.xml", f"<urlset><loc>{site.url}/agents/{name}</loc></urlset>")
    walk = await DirectorySite("map", site.url, Selectors(sitemap="/robots.txt", listing_path="^/agents/")).walk(get)
    assert [one.name for one in walk.listings] == ["a", "b"] and walk.complete


async def test_the_bundled_sample_directory(site: Served, get: Get) -> None:
    root = SITES.parent / "samples/site"
    assert (root / "index.html").is_file()
    for file in root.rglob("*.html"):
        site.put("/" + file.relative_to(root).as_posix(), file.read_bytes())
    source = DirectorySite("harbour", site.url, selectors_of("harbour"))
    walk = await source.walk(get)
    moved = tomllib.loads((root.parent / "redirects.toml").read_text())
    places = {(one.listing_url or "").removeprefix(site.url): one for one in walk.listings}
    assert len(walk.listings) == len(list((root / "agents").glob("*.html")))
    for path, one in places.items():
        full = source.refined(one, site.pages[moved.get(path, path)][2])
        assert full.slug == one.slug and one.name in (full.name, *full.aliases)
        assert full.kind is not None


@pytest.mark.parametrize("cost", [b"<!--" * 500_000, b"<loc>" + b" " * 2_000_000, b"<loc> " * 300_000])
def test_a_sitemap_made_to_cost_ends(cost: bytes) -> None:
    """What would take the square of these lengths would take an hour."""
    named = b"<urlset><url><loc>\n  https://a.example/otter </loc></url>"
    assert locations_in(named + cost) == (["https://a.example/otter"], [])


def test_a_site_file_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="known sites"):
        selectors_of("nowhere")
    file = tmp_path / "bad.toml"
    file.write_text('cards = "div"\n')
    with pytest.raises(BadInput, match="cards"):
        selectors_of(str(file))


def test_every_kind_opens_and_odd_options_are_refused(tmp_path: Path) -> None:
    for kind in KINDS:
        options = {"selectors": "harbour"} if kind == "directory_site" else {}
        assert open_source("n", kind, str(tmp_path), options).name == "n"
    with pytest.raises(BadInput, match="markdown_list"):
        open_source("n", "rss", "https://x.example")
    with pytest.raises(BadInput, match="no option colour"):
        open_source("n", "markdown_list", "https://x.example", {"colour": "red"})
    with pytest.raises(BadInput, match="robot"):
        open_source("n", "markdown_list", "https://x.example", {"kind": "robot"})


@pytest.mark.parametrize(("given", "each"), [(True, True), ("true", True), ("false", False), (False, False)])
def test_a_switch_is_read_as_it_is_written(tmp_path: Path, given: object, each: bool) -> None:
    source = open_source("n", "folder", str(tmp_path), {"each": given})
    assert isinstance(source, Folder) and source.each is each


def test_a_switch_that_is_neither_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="true or false"):
        open_source("n", "folder", str(tmp_path), {"each": "perhaps"})
