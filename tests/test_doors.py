"""A toy of each kind of thing that people add, added as a contributor would: a class or function and one table entry.

The toys then go the whole way together, by the commands: a source of a new kind lists an agent, its page is in a new
format, a new assessor assesses it, a new formula scores it, and it is published and reported in new forms. So nothing
else in the house knows the built-in ones by name.
"""

import csv
import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from extractors.lexical import LexicalAssessor
from extractors.listing import Listing
from extractors.model.completion import Completion, CompletionClient, CompletionRequest
from extractors.model.providers import PROVIDERS, Provider
from extractors.model.reply_cache_key import completion_key
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.page_formats import FORMATS, PageFormat
from extractors.pages.page_text import BlockKind
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.listing_entry import listing
from extractors.sources.source_kinds import KINDS, SourceKind
from flows.cli import app
from flows.operations.sample_site import serve
from flows.reading.time_limited_pool import READERS
from flows.report.night_summary import NightSummary
from flows.report.report_formats import REPORTS
from publishing.catalogue import Names
from publishing.formats.published_formats import AGENT_FORMATS, SITE_FORMATS, AgentFormat
from publishing.pages.index_rows import Row
from scoring.errors import BadInput
from scoring.formulas.profile import FACTORS_PUBLISHED, Figures, Profile
from scoring.formulas.table import PROFILES
from scoring.formulas.threat_and_mitigation import MITIGATION_0_8, THM_0_8
from scoring.record import PublishedRecord


class Outline:
    """A source: a line `name = address` an agent."""

    def __init__(self, name: str, location: str) -> None:
        self.name, self.location = name, location

    def parse(self, body: bytes, url: str) -> tuple[Listing, ...]:
        pairs = (line.split(" = ") for line in body.decode().splitlines() if " = " in line)
        return tuple(listing(name, self.name).model_copy(update={"homepage": address}) for name, address in pairs)

    async def walk(self, get: Get) -> Walk:
        fetched = await get(self.location)
        body = body_of(fetched)
        return (
            Walk([*self.parse(body, self.location)], [fetched]) if body else Walk([], [fetched], [problem_of(fetched)])
        )


def read_signs(text: str, writer: Writer) -> None:
    """A page format: `== heading`, `## remark that is not shown`, else a paragraph."""
    for line in filter(None, text.split("\n")):
        if line.startswith("## "):
            writer.drop("remark")
        else:
            writer.add(line.removeprefix("== "), BlockKind.HEADING if line.startswith("== ") else BlockKind.PARAGRAPH)


class Distant(CompletionClient):
    """An assessor that waits: it is given what fits a budget, and many requests at once."""

    model = "distant-1"
    settings: ClassVar[dict[str, Any]] = {"voice": "calm"}
    happened: ClassVar[list[str]] = []

    async def complete(self, request: CompletionRequest) -> Completion:
        self.happened.append("complete")
        answer = await LexicalAssessor().complete(request)
        key = completion_key(request, self.model, self.settings)
        return answer.model_copy(update={"model": self.model, "key": key})

    def warm(self) -> None:
        self.happened.append("warm")

    async def aclose(self) -> None:
        self.happened.append("aclose")


class Near(Distant):
    """An assessor that computes here."""

    model = "near-1"
    waits = False
    reads_all = True


def half(cvss_base: Decimal, factors: Sequence[Decimal], thm: Decimal, mitigation_factor: Decimal) -> Figures:
    """A formula: half of the base."""
    return Figures(sum(factors, Decimal(0)), Decimal(0), cvss_base / 2, round(cvss_base / 2, 1))


def one_line(record: PublishedRecord, row: Row, names: Names) -> bytes:
    return f"{names.title}: {record.extraction.name} {row.score}\n".encode()


def names_only(rows: Collection[Row], names: Names) -> bytes:
    return "\n".join(sorted(row.name for row in rows)).encode()


def as_csv(summary: NightSummary) -> str:
    return f"run,due\n{summary.run},{summary.due}\n"


def entry(table: dict[str, Any], name: str, value: Any) -> tuple[dict[str, Any], str, Any]:
    return table, name, value


PROFILE = Profile("toy-half", "Half", "nowhere", half, FACTORS_PUBLISHED, THM_0_8, MITIGATION_0_8)
ENTRIES = (
    entry(KINDS, "outline", SourceKind(lambda name, location, options: Outline(name, location))),
    entry(FORMATS, "signs", PageFormat("signs", read_signs, frozenset({"signs"}), hides=True)),
    entry(PROVIDERS, "distant", Provider(lambda options: Distant())),
    entry(PROVIDERS, "near", Provider(lambda options: Near(), connects=False)),
    entry(PROFILES, "toy-half", PROFILE),
    entry(AGENT_FORMATS, "line", AgentFormat("lines/{slug}.txt", one_line)),
    entry(SITE_FORMATS, "names.txt", names_only),
    entry(REPORTS, ".csv", as_csv),
)
PAGE = """== Otter

Otter is an autonomous agent that reads your mail and answers it without asking.

## It needs a person for everything.

It runs shell commands on your machine and keeps every conversation for two years.
"""


def assay(*arguments: str) -> None:
    app(list(arguments), standalone_mode=False)


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Every toy, and a web site on which the toys' agent is; gives the site's address."""
    for table, name, value in ENTRIES:
        monkeypatch.setitem(table, name, value)
    monkeypatch.setattr(Distant, "happened", [])
    pages = tmp_path / "pages"
    pages.mkdir()
    with serve(pages) as base:
        (pages / "otter.signs").write_text(PAGE)
        (pages / "list.txt").write_text(f"Otter = {base}/otter.signs\n")
        for name, value in {
            "HOME": str(tmp_path / "home"),
            "CRAWL__ALLOW_PRIVATE": json.dumps([base.removeprefix("http://")]),
            "CRAWL__PACE": "0",
            "CRAWL__LATENCY_FACTOR": "0",
            "PROFILE": "toy-half",
        }.items():
            monkeypatch.setenv(f"ASSAY_{name}", value)
        monkeypatch.chdir(tmp_path)
        yield base


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["distant", "near"])
def test_a_toy_of_each_goes_the_whole_way(
    added: str,
    provider: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASSAY_MODEL__PROVIDER", provider)
    monkeypatch.setattr(READERS, "share", lambda: False)  # another process does not know the toys
    assay("sources", "add", "toys", "--kind", "outline", "--location", f"{added}/list.txt")
    assay("night", "run", "--report", "night.csv")
    assert next(csv.DictReader((tmp_path / "night.csv").open()))["due"] == "1"
    assert Distant.happened == (["warm", "complete", "aclose"] if provider == "distant" else ["complete", "aclose"])
    capsys.readouterr()

    assay("review", "show", "otter", "--json")
    draft = json.loads(capsys.readouterr().out)
    claims = json.dumps(draft["extraction"]["factors"])
    assert "without asking" in claims and "needs a person" not in claims
    assert draft["assessment"]["provenance"]["model"] == f"{provider}-1"
    headline = draft["assessment"]["headline"]
    assert draft["assessment"]["provenance"]["formula"] == "toy-half" and Decimal(headline["score"]) <= 5

    assay("review", "approve", "otter", "--digest", draft["digest"])
    assay("site", "publish")
    site = tmp_path / "home" / "site" / "current"
    assert (site / "names.txt").read_text() == "Otter"
    assert (site / "lines" / "otter.txt").read_text() == f"Assay: Otter {headline['score']}\n"
    assay("record", "bundle", "otter", "--out", "otter.zip")
    assay("record", "verify", "otter.zip")
    assay("store", "verify")


REFUSALS: dict[str, Callable[[], Any]] = {
    "outline": lambda: assay("sources", "add", "x", "--kind", "none", "--location", "https://x.example/"),
    "near": lambda: assay("lab", "eval", "agreement", ".", "--reference", "README.md", "--assessor", "none"),
    "toy-half": lambda: assay("agents", "rescore", "--all", "--profile", "none"),
    ".csv": lambda: assay("night", "run", "--report", "night.none"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_an_unknown_name_is_refused_with_those_that_there_are(added: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "README.md").write_text("")
    assay("sources", "list")
    with pytest.raises(BadInput, match=re.escape(name)):
        REFUSALS[name]()
