"""Grounding: what it accepts, and its processor time."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from benches.figure import Figure, process_ms
from benches.shared_data import SHARED
from extractors.evaluation.quotes import evaluate_quotes
from extractors.grounding.quote_check import ground
from extractors.injection import findings
from extractors.pages.text_extraction import page_text

EVERY = 8
"""Each eighth row is asked of the longest page."""


def run() -> list[Figure]:
    file, documents = SHARED / "conformance/quotes.jsonl", SHARED / "corpus/agents"
    if not file.is_file():
        return []
    found = evaluate_quotes(file, documents)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()][::EVERY]
    share = found["true_accepted_share"]
    slowest, size = _slowest(documents, rows)
    return [
        Figure(
            "falsified quotes accepted",
            f"{found['falsified_accepted']} of {found['falsified']}",
            "0",
            found["falsified_accepted"] == 0,
            "conformance/quotes.jsonl through page_text and ground",
        ),
        Figure(
            "true quotes accepted",
            f"{share:.2%} of {found['true']}",
            "≥ 99.8 %",
            share >= 0.998,
            "the same; the four refused elide an `only` or a `w/o` of their sentence",
        ),
        Figure(
            "slowest quote, page already indexed",
            f"{slowest:.2f} ms",
            "≤ 5 ms",
            slowest <= 5,
            f"99th percentile on the longest README of the corpus, {size:,} characters",
        ),
        _hostile(documents),
    ]


def _page(file: Path) -> Any:
    return page_text(file.read_bytes(), url=file.resolve().as_uri())


def _slowest(documents: Path, rows: list[dict[str, Any]]) -> tuple[float, int]:
    """A long page, and on it every quote of the sample: nearly all are rejected, which is the slow path."""
    page = max((_page(file) for file in documents.glob("*/files/README.md")), key=lambda page: len(page.text))
    ground("the first quote builds the index", page)
    times = [process_ms(partial(ground, row["quote"], page)) for row in rows]
    return sorted(times)[int(0.99 * len(times))], len(page.text)


def _hostile(documents: Path) -> Figure:
    pages = [_page(file) for file in sorted(documents.glob("*/files/README.md"))]
    findings("warm up", (), "", None, False)
    searches = [
        partial(findings, page.text, page.blocks, page.url, page.digest, page.own_instructions) for page in pages
    ]
    each = sum(map(process_ms, searches)) / len(pages)
    mean = sum(len(page.text) for page in pages) // len(pages)
    how = f"{len(pages)} real pages, mean {mean:,} characters"
    return Figure("search for hostile text", f"{each:.0f} ms a page", "≤ 100 ms", each <= 100, how)
