"""`python -m tests.pin_versions`: writes what each versioned part gives today, as digests, to `versions.json`.

Idea: a version names what a part gives, not how it is written. Each part runs over the same inputs; its outputs and its
inputs are kept as digests beside its version. Invariant: other outputs of the same inputs need another version; this
program refuses to keep them under the old one. When the inputs themselves differ (an earlier part gives the later one
another text), only the digests are written anew.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from extractors.canonical_json import canonical_bytes
from extractors.claims.extraction import page_findings
from extractors.injection import INJECTION, barred_spans
from extractors.lexical.assessor import READER, LexicalAssessor
from extractors.listing import Listing
from extractors.model.completion import CompletionRequest
from extractors.model.declared import DECLARED
from extractors.pages.local_folder import FolderRead, documents_in, read_folder
from extractors.pages.text_extraction import PARSER, NoText, page_text
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.stated_subjects import SUBJECTS, Page, read_subjects
from extractors.support import SUPPORT, Passage, support
from flows.assessment.assessment import request_for
from flows.fetching.agent_pages import VISIT
from flows.settings import REPOSITORY, load
from scoring.rubric import ANCHOR_VALUES, GENERAL_RULES, LAYER_RULES, RUBRIC, RUBRIC_VERSION
from scoring.vocabulary import Certainty
from tests.extractors.sources.answering import walked

FILE = Path(__file__).parent / "versions.json"
SHARED = Path(os.environ.get("ASSAY_SHARED", REPOSITORY.parent / "shared"))
SAMPLES = REPOSITORY / "data" / "samples"


class Part(NamedTuple):
    """One versioned part: its version, where that is written, and pairs of input and output."""

    version: str
    place: str
    runs: Callable[[], Iterator[tuple[bytes, bytes]]]


class Pin(NamedTuple):
    version: str
    inputs: str
    outputs: str


def _folders() -> list[Path]:
    """The seventy folders of documents that two sets of agents publish."""
    agreement = [path for path in sorted((SHARED / "agreement").iterdir()) if path.is_dir()]
    return [*agreement, *sorted((SHARED / "corpus" / "agents").glob("*/files"))]


@cache
def _read() -> tuple[FolderRead, ...]:
    return tuple(read_folder(folder) for folder in _folders())


@cache
def _requests() -> tuple[CompletionRequest, ...]:
    return tuple(request_for(read.listing, read.pages, load(), LexicalAssessor()) for read in _read())


def _texts(request: CompletionRequest) -> bytes:
    return b"\n".join(canonical_bytes(page) for page in request.documents)


def _parsed() -> Iterator[tuple[bytes, bytes]]:
    cases = [path for path in sorted((SHARED / "cases").rglob("*")) if path.suffix in (".html", ".md", ".json")]
    files = [(path.name, path.read_bytes()) for path in [*cases, *sorted((SAMPLES / "site").rglob("*.html"))]]
    for folder in _folders():
        files += [(item.path, item.body) for item in documents_in(folder) if item.body is not None]
    for name, body in files:
        try:
            text = canonical_bytes(page_text(body, url="file:" + name))
        except NoText as nothing:
            text = str(nothing).encode()
        yield body, text


def _replied() -> Iterator[tuple[bytes, bytes]]:
    reader = LexicalAssessor()
    tables = {name: value for name, value in reader.settings.items() if name != "tables"}
    for request in _requests():
        yield canonical_bytes([tables, request.name]) + _texts(request), canonical_bytes(reader.reply(request))


def _found() -> Iterator[tuple[bytes, bytes]]:
    for request in _requests():
        beside = {finding for page in request.documents for finding in page.findings}
        found = [finding.model_dump(mode="json") for finding in page_findings(request) if finding not in beside]
        barred = [barred_spans(page) for page in request.documents]
        yield _texts(request), canonical_bytes([found, barred])


def _judged() -> Iterator[tuple[bytes, bytes]]:
    for line in (SHARED / "support" / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        value, known = str(row["value"]), row["known"]
        certainty = Certainty.INFERRED if known == "inferred" else Certainty.STATED
        claimed = Decimal(value) if value.replace(".", "").isdigit() else value
        verdicts = [
            support(row["claim"], claimed, certainty, Passage(quote), row["product"]) for quote in row["quotes"]
        ]
        yield line.encode(), repr([(item.verdict.value, item.rule, item.why) for item in verdicts]).encode()


def _declared() -> Iterator[tuple[bytes, bytes]]:
    for read in _read():
        yield b"\n".join(canonical_bytes(page) for page in read.pages), canonical_bytes(read.declared)


def _named() -> Iterator[tuple[bytes, bytes]]:
    pages: list[tuple[Listing, list[Page]]] = [
        (read.listing, [Page(item.path, item.body) for item in documents_in(folder) if item.body is not None])
        for folder, read in zip(_folders(), _read(), strict=True)
    ]
    entries = (SHARED / "corpus/listings/mcp-registry/seed_2025_05_16.json").read_bytes()
    pages += [
        (listing, []) for listing in walked(McpRegistry("registry", "https://registry.example/"), entries).listings
    ]
    for listing, read in pages:
        subjects = [subject.model_dump(mode="json") for subject in read_subjects(listing, read)]
        yield b"\n".join((listing.entry.encode(), *(page.body for page in read))), canonical_bytes(subjects)


def _ruled() -> Iterator[tuple[bytes, bytes]]:
    yield b"", repr((ANCHOR_VALUES, GENERAL_RULES, sorted(RUBRIC.items()), LAYER_RULES)).encode()


def _visited() -> Iterator[tuple[bytes, bytes]]:
    """The sample directory, crawled: each agent's listing and pages."""
    from flows.night.night import run_night
    from flows.operations.sample_site import serve
    from flows.store_access import open_store

    site = b"".join(path.read_bytes() for path in sorted((SAMPLES / "site").rglob("*")) if path.is_file())
    versions = canonical_bytes([PARSER, LexicalAssessor().settings])
    with tempfile.TemporaryDirectory() as home, serve(SAMPLES / "site", SAMPLES / "redirects.toml") as base:
        host = base.removeprefix("http://")
        crawl = load().crawl.model_copy(update={"allow_private": (host,), "pace": 0.0, "latency_factor": 0.0})
        settings = load().model_copy(update={"home": Path(home), "crawl": crawl})
        with open_store(settings) as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
            asyncio.run(run_night(store, settings))
            for slug in store.listings.slugs():
                asked = {"listing": store.listings.get(slug).model_dump(mode="json"), "pages": store.pages.urls(slug)}
                yield site + versions, canonical_bytes(asked).replace(host.encode(), b"sample.example")


WITHIN = ("rubric", "visit")
"""Parts whose inputs all are in this repository."""

PARTS: dict[str, Part] = {
    "parser": Part(PARSER, "extractors/pages/text_extraction.py: PARSER", _parsed),
    "built-in reader": Part(str(READER), "extractors/lexical/assessor.py: READER", _replied),
    "injection": Part(INJECTION, "extractors/injection/detection.py: INJECTION", _found),
    "support": Part(SUPPORT, "extractors/support/support.py: SUPPORT", _judged),
    "declared": Part(DECLARED, "extractors/model/declared.py: DECLARED", _declared),
    "subjects": Part(SUBJECTS, "extractors/stated_subjects.py: SUBJECTS", _named),
    "rubric": Part(RUBRIC_VERSION, "scoring/rubric.py: RUBRIC_VERSION", _ruled),
    "visit": Part(VISIT, "flows/fetching/agent_pages.py: VISIT", _visited),
}


def pin(part: Part) -> Pin:
    """What a part gives today."""
    inputs, outputs = hashlib.sha256(), hashlib.sha256()
    for given, made in part.runs():
        inputs.update(hashlib.sha256(given).digest())
        outputs.update(hashlib.sha256(made).digest())
    return Pin(part.version, inputs.hexdigest(), outputs.hexdigest())


def kept() -> dict[str, Pin]:
    """The pins of the file."""
    return {name: Pin(**values) for name, values in json.loads(FILE.read_text(encoding="utf-8")).items()}


def problem(name: str, before: Pin, now: Pin) -> str:
    """Why a part may not be published as it is; empty when it may."""
    if now.inputs == before.inputs and now.outputs != before.outputs and now.version == before.version:
        return f"{name} gives other outputs than {before.version} gave: raise the version in {PARTS[name].place}"
    return ""


def main() -> int:
    """Writes the pins; 1 when a part needs another version first."""
    before = kept() if FILE.exists() else {}
    pins = {name: pin(part) for name, part in PARTS.items()}
    problems = [told for name, now in pins.items() if name in before and (told := problem(name, before[name], now))]
    if problems:
        sys.stdout.write("\n".join(problems) + "\n")
        return 1
    FILE.write_text(json.dumps({name: now._asdict() for name, now in pins.items()}, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
