"""Every given case of lists and sources, read in place by a whole night: what should come of it does.

The cases are small inputs in a folder each, with the answers of a site in one or two nights.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from extractors.listing import Listing
from extractors.pages.local_folder import read_folder
from flows.night.night import begun
from flows.report.completeness import SourceCount
from flows.report.night_summary import NightSummary
from flows.settings import Settings
from flows.store_access import open_store
from records.store import Store
from scoring.vocabulary import AgentKind
from tests.flows.answering_site import Answer, Site, answering
from tests.flows.conftest import settings_for
from tests.records.made import listed_slugs

pytestmark = pytest.mark.slow


class Seen(NamedTuple):
    """What is there after a night."""

    base: str
    store: Store
    listed: list[Listing]
    summary: NightSummary
    ends: list[SourceCount]
    asked: list[str]

    @property
    def names(self) -> list[str]:
        return sorted(one.name for one in self.listed)

    @property
    def repositories(self) -> list[str]:
        return sorted(one.repository or "" for one in self.listed)

    @property
    def problems(self) -> str:
        return " / ".join(end.problem for end in self.ends)

    def text(self, slug: str) -> str:
        """All that an agent's current draft was made from."""
        from flows.assessment.stored_pages import agent_pages

        return " ".join(" ".join(page.text for page in agent_pages(self.store, slug).texts).split())

    def pages(self, slug: str) -> list[str]:
        return [url.removeprefix(self.base) for url in self.store.pages.urls(slug)]


def answers_of(folder: Path, night: int) -> dict[str, Answer]:
    told = json.loads((folder / "answers.json").read_text()) if (folder / "answers.json").is_file() else {}
    found: dict[str, Answer] = {}
    for key, (status, headers, file) in sorted(told.items()):
        path, at, of_night = key.partition("@")
        if not at or int(of_night) == night:
            body = (folder / file).read_text() if file else ""
            media_type = headers.get("Content-Type", "text/html")
            found[path] = Answer(status, body, {k: v for k, v in headers.items() if k != "Content-Type"}, media_type)
    return found


Sources = Callable[[str, Path], list[tuple[str, str, str, dict[str, object]]]]
"""(base, folder) to sources: name, kind, location, options."""


@contextmanager
def opened_case(folder: Path) -> Iterator[tuple[Site, Settings, Store]]:
    with answering() as site:
        settings = settings_for(site.base)
        forge = {"github_api": f"{site.base}/api", "github_raw": f"{site.base}/raw"}
        crawl = settings.crawl.model_copy(update={"tries": 1})
        night = settings.night.model_copy(update=forge)
        settings = settings.model_copy(update={"night": night, "crawl": crawl})
        with open_store(settings) as store:
            yield site, settings, store


def of(kind: str, location: str, **options: object) -> Sources:
    def made(base: str, folder: Path) -> list[tuple[str, str, str, dict[str, object]]]:
        told = {
            k: v.replace("{B}", base).replace("{F}", str(folder)) if isinstance(v, str) else v
            for k, v in options.items()
        }
        return [("x", kind, location.replace("{B}", base).replace("{F}", str(folder)), told)]

    return made


SITE = of("directory_site", "{B}/", selectors="{F}/site.toml")


def challenge_page(first: Seen, second: Seen) -> None:
    _stands(first, second, "not_the_page")


def redirect_to_home(first: Seen, second: Seen) -> None:
    _stands(first, second, "not_found")


def _stands(first: Seen, second: Seen, outcome: str) -> None:
    assert second.listed == first.listed and second.names == ["Otter"]
    assert len(second.store.assessments.history("otter")) == 1, "nothing is scored anew"
    url = f"{second.base}/agents/otter"
    state = second.store.pages.state(url)
    assert state is not None and state.outcome == outcome and second.asked.count("/agents/otter") == 2


def by_line(seen: Seen) -> None:
    assert seen.names == ["Crab", "Heron", "Otter", "Seal", "Tern"]
    assert seen.repositories == [
        f"https://github.com/{p}" for p in ("c/crab", "h/heron", "o/otter", "s/seal", "t/tern")
    ]
    assert not seen.problems


def array_of_records(seen: Seen) -> None:
    assert seen.names == ["heron", "otter", "tern"] and not any(one.aliases for one in seen.listed)
    assert "Pays bills" in seen.text("tern") and "Runs shell" not in seen.text("tern")


def older_version(seen: Seen) -> None:
    assert len(seen.listed) == 1
    assert "no cloud service" in seen.text("io-github-o-otter") and "Sends your mail" not in seen.text(
        "io-github-o-otter"
    )


def deleted_server(seen: Seen) -> None:
    assert seen.names == ["io.github.h/here"] and not seen.problems


def card_below_a_path(seen: Seen) -> None:
    assert seen.names == ["Heron", "Otter"] and not seen.problems
    assert [one.listing_url for one in seen.listed] == [
        f"{seen.base}/agents/{slug}/.well-known/agent-card.json" for slug in ("heron", "otter")
    ]


def tab_panels(seen: Seen) -> None:
    text = seen.text("otter")
    assert "approves every message" in text and "on the host without asking anybody" in text
    assert "hidden text" not in str(seen.store.assessments.current("otter"))


def relative_links(seen: Seen) -> None:
    assert seen.repositories == [
        "https://github.com/o/awesome/tree/HEAD/changelog-writer",
        "https://github.com/o/awesome/tree/HEAD/skills/mail-sorter",
    ]
    assert not any(one.homepage for one in seen.listed)


def category_headings(seen: Seen) -> None:
    assert seen.names == ["api-designer", "backend", "rust"]


def heading_names(seen: Seen) -> None:
    assert seen.names == ["Azure Kit", "Mail Kit"]
    assert seen.repositories == ["https://github.com/acme/azure-kit", "https://github.com/acme/mail-kit"]


def plugin_marketplace(seen: Seen) -> None:
    assert not seen.listed
    assert "no registry page" in seen.problems and "plugin_marketplace" in seen.problems
    assert not seen.summary.complete


def as_a_marketplace(seen: Seen) -> None:
    assert seen.names == ["heron", "otter", "tern"]
    assert {one.kind for one in seen.listed} == {AgentKind.PLUGIN}
    places = {one.name: one.repository or one.homepage for one in seen.listed}
    assert places["otter"] == "https://github.com/o/otter"
    assert places["heron"] == "https://github.com/acme/kit/tree/main/plugins/heron"


def silent_zero(seen: Seen) -> None:
    assert not seen.listed and not seen.summary.complete
    assert "web page" in seen.problems and "README" in seen.problems


def after_redirect(seen: Seen) -> None:
    assert [one.listing_url for one in seen.listed] == [f"{seen.base}/agents/otter"]


def prefixed_sitemap(seen: Seen) -> None:
    assert seen.names == ["Otter"]


def sitemap_of_www(seen: Seen) -> None:
    assert "www.dir.example" in seen.problems and not seen.summary.complete


def other_paging(seen: Seen) -> None:
    assert seen.names == ["heron", "otter", "tern"]
    assert seen.repositories == [f"https://github.com/o/{name}" for name in ("heron", "otter", "tern")]


def two_of_one_repository(seen: Seen) -> None:
    assert seen.names == ["io.github.m/mono-mail", "io.github.m/mono-shell"]


def readme_elsewhere(seen: Seen) -> None:
    assert any(page.endswith("/docs/README.md") for page in seen.pages("otter"))
    assert "runs shell commands" in seen.text("otter")


def query_on_a_repository(seen: Seen) -> None:
    assert seen.names == ["Otter"] and set(seen.listed[0].aliases) >= {"Otter again", "Otter third"}


def two_spellings(first: Seen, second: Seen) -> None:
    assert [one.slug for one in second.listed] == ["otter"]
    assert not second.ends[0].new and not second.ends[0].missing


def meta_refresh(seen: Seen) -> None:
    assert "runs shell commands" in seen.text("otter") and "/en/latest/" in seen.asked


def shadow_root(seen: Seen) -> None:
    assert "in a container without network access" in seen.text("otter")
    assert "hidden text" not in str(seen.store.assessments.current("otter"))


def kind_of_a_record(seen: Seen) -> None:
    assert [(one.name, one.kind) for one in seen.listed] == [
        ("code-review-server", AgentKind.MCP_SERVER),
        ("sqlite", AgentKind.MCP_SERVER),
    ]


def records_and_folders(base: str, folder: Path) -> list[tuple[str, str, str, dict[str, object]]]:
    return [
        ("x", "oasf", f"{base}/records.json", {}),
        ("folders", "folder", str(folder / "agents"), {"each": "true"}),
    ]


CASES: dict[str, tuple[str, Sources, Callable[..., None]]] = {
    "A-1": ("A-1-challenge-page", SITE, challenge_page),
    "A-2": ("A-2-redirect-to-home", SITE, redirect_to_home),
    "A-3": ("A-3-by-line", of("markdown_list", "{B}/list.md"), by_line),
    "A-4": ("A-4-array-of-records", of("oasf", "{B}/records.json"), array_of_records),
    "A-5": ("A-5-older-version-wins", of("mcp_registry", "{B}/v0.1/servers"), older_version),
    "A-6": ("A-6-deleted-server", of("mcp_registry", "{B}/v0.1/servers"), deleted_server),
    "A-7": (
        "A-7-card-below-a-path",
        of("agent_cards", "{B}/agents/otter/", locations="{B}/agents/heron/"),
        card_below_a_path,
    ),
    "A-8": ("A-8-tab-panels", of("url_table", "{B}/agents.csv"), tab_panels),
    "A-10": (
        "A-10-relative-links-in-a-readme",
        of("markdown_list", "{B}/raw/o/awesome/HEAD/README.md"),
        relative_links,
    ),
    "A-11": ("A-11-category-headings-are-links", of("markdown_list", "{B}/list.md"), category_headings),
    "A-12": ("A-12-heading-is-the-name", of("markdown_list", "{B}/list.md"), heading_names),
    "A-14": ("A-14-plugin-marketplace", of("mcp_registry", "{B}/marketplace.json"), plugin_marketplace),
    "A-14-named": ("A-14-plugin-marketplace", of("plugin_marketplace", "{B}/marketplace.json"), as_a_marketplace),
    "A-15": ("A-15-silent-zero", of("markdown_list", "{B}/o/awesome"), silent_zero),
    "A-16": ("A-16-relative-link-after-redirect", SITE, after_redirect),
    "A-18": ("A-18-sitemap-with-a-prefix", SITE, prefixed_sitemap),
    "A-20": ("A-20-sitemap-names-www", SITE, sitemap_of_www),
    "A-21": ("A-21-other-paging", of("mcp_registry", "{B}/v0beta/servers"), other_paging),
    "A-22": ("A-22-two-servers-of-one-repository", of("mcp_registry", "{B}/v0.1/servers"), two_of_one_repository),
    "A-23": ("A-23-readme-not-at-the-root", of("markdown_list", "{B}/list.md"), readme_elsewhere),
    "A-25": ("A-25-query-on-a-repository", of("markdown_list", "{B}/list.md"), query_on_a_repository),
    "A-27": ("A-27-kind-of-a-record", records_and_folders, kind_of_a_record),
    "A-30": ("A-30-link-spelled-in-two-ways", SITE, two_spellings),
    "A-31": ("A-31-meta-refresh", of("url_table", "{B}/agents.csv"), meta_refresh),
    "A-33": ("A-33-declarative-shadow-root", of("url_table", "{B}/agents.csv"), shadow_root),
}


@pytest.mark.parametrize("case", CASES)
async def test_what_should_come_comes(case: str, shared: Path) -> None:
    folder = shared / "cases" / CASES[case][0]
    _, sources, check = CASES[case]
    two_nights = "@2" in (folder / "answers.json").read_text()
    seen: list[Seen] = []
    with opened_case(folder) as (site, settings, store):
        for name, kind, location, options in sources(site.base, folder):
            store.sources.add(name, kind, location, options)
        for number in (1, 2) if two_nights else (1,):
            site.answers = answers_of(folder, number)
            async with begun(store, settings, again=number > 1) as night:
                await night.list_sources()
                due = night.due(again=number > 1)
                await night.look_at_all(due)
                summary = night.finish(due)
            listed = [store.listings.get(slug) for slug in listed_slugs(store)]
            seen.append(Seen(site.base, store, listed, summary, night.sources, site.asked))
        check(*seen)


def test_front_matter_with_one_bad_line_is_text(shared: Path) -> None:
    folder = shared / "cases/A-26-front-matter-with-one-bad-line"
    read = read_folder(folder)
    text = " ".join(" ".join(page.text for page in read.pages).split())
    for said in ("Runs shell commands on the host without asking", "Bash", "may delete the letter afterwards", "Write"):
        assert said in text


def test_every_given_case_is_held_against_what_should_come(shared: Path) -> None:
    given = {folder.name for folder in (shared / "cases").glob("A-*/")}
    assert given == {folder for folder, _, _ in CASES.values()} | {"A-26-front-matter-with-one-bad-line"}
