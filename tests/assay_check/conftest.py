"""Summaries of records, a site that holds them, and a buyer's file, for the tests of Assay Check."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assay_check.lookup.hash_prefixes import FOLDER, statement_key
from assay_check.lookup.record_summary import POWERS, RecordSummary, Statement, summary_text
from publishing.formats.lookup import index_plan

TODAY = date(2026, 11, 27)


def summary(slug: str, *subjects: Statement, **changes: Any) -> RecordSummary:
    """A record that the default policy allows, with changes."""
    fields: dict[str, Any] = {
        "record": f"records/{slug}.json",
        "slug": slug,
        "name": slug.title(),
        "kind": "mcp_server",
        "subjects": subjects,
        "score": 5.0,
        "band": "Medium",
        "possible": {"low": 4.0, "high": 6.0},
        "likely": {"low": 4.5, "high": 5.5},
        "touches": dict.fromkeys(POWERS, False),
        "assessed": date(2026, 11, 1),
        "modified": date(2026, 11, 1),
        "expires": date(2027, 3, 1),
        "digest": "sha256:" + "0" * 64,
    }
    return RecordSummary.model_validate(fields | changes)


def index_files(summaries: Iterable[RecordSummary]) -> dict[str, bytes]:
    """The files of the index that a site with these records has, by their paths."""
    rows = [
        (
            tuple({key: None for said in one.subjects if (key := statement_key(said)) is not None}),
            (one.record, one.digest or "", summary_text(one)),
        )
        for one in summaries
    ]
    return {path: made() for path, _, made in index_plan(rows)}


def write_index(site: Path, summaries: Iterable[RecordSummary]) -> None:
    """Writes the index below a site's folder."""
    (site / FOLDER).mkdir(parents=True, exist_ok=True)
    for name, body in index_files(summaries).items():
        (site / name).write_bytes(body)


RECORDS = (
    summary("weather", Statement(purl="pkg:npm/%40example/weather-mcp@1.4.2")),
    summary(
        "scraper",
        Statement(purl="pkg:pypi/example-scraper-mcp@0.9.0"),
        possible={"low": 7.1, "high": 9.3},
        likely={"low": 7.5, "high": 9.1},
        score=8.1,
        band="High",
        only_if=("its token may only read where it need not change",),
    ),
    summary(
        "docs",
        Statement(url="https://mcp.example.com/mcp"),
        possible={"low": 3.0, "high": 8.0},
        expires=date(2027, 2, 1),
    ),
)
BUYER = """{
  "mcpServers": {
    // pinned
    "weather": {
      "command": "npx",
      "args": ["-y", "@example/weather-mcp@1.4.2"],
      "env": { "WEATHER_API_KEY": "${WEATHER_API_KEY}" },
    },
    "docs": { "type": "http", "url": "https://mcp.example.com/mcp?key=hunter2" },
    "scraper": { "command": "uvx", "args": ["example-scraper-mcp"] }
  }
}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the lookup index of `RECORDS`."""
    folder = tmp_path / "site"
    write_index(folder, RECORDS)
    return folder


@pytest.fixture
def buyer(tmp_path: Path) -> Path:
    """A configuration with one entry that is allowed, one asked about and one denied."""
    path = tmp_path / ".mcp.json"
    path.write_text(BUYER)
    return path
