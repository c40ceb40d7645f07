"""`assay check` on a file of twenty entries, start to end, against 100,000 records: a site's folder and a store."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from assay_check.lookup.hash_prefixes import FOLDER
from assay_check.lookup.record_summary import Statement, summary_text
from benches.figure import Figure
from extractors.canonical_json import canonical_bytes
from extractors.listing import Listing
from extractors.pages.snapshot import sha256
from extractors.stated_subjects import subject_key
from publishing.formats.lookup import Found, index_plan, summary_of
from records.database.tables import agents, generations, publications, subjects
from records.store import Store
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind
from tests.publishing.made_records import record

RECORDS = 100_000
ENTRIES = 20
_BATCH = 2_000


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        buyer = home / ".mcp.json"
        servers = {
            f"s{n}": {"command": "npx", "args": ["-y", f"p{n * (RECORDS // ENTRIES)}@1.0.0"]} for n in range(ENTRIES)
        }
        buyer.write_text(json.dumps({"mcpServers": servers}))
        _fill(home)
        return [
            _figure("a site's folder", home, buyer, "--records", str(home / "site")),
            _figure("the store", home, buyer),
        ]


def _figure(where: str, home: Path, buyer: Path, *more: str) -> Figure:
    command = [sys.executable, "-m", "flows.cli", "check", str(buyer), "--json", *more]
    walls, processor = [], []
    for _ in range(7):
        began, used = time.perf_counter(), os.times()
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "ASSAY_HOME": str(home)})
        walls.append(time.perf_counter() - began)
        now = os.times()
        processor.append(now.children_user + now.children_system - used.children_user - used.children_system)
        entries = json.loads(done.stdout)["files"][0]["entries"]
        assert len(entries) == ENTRIES and all(entry["match"] for entry in entries), done.stderr
    best = min(walls)
    how = f"best of 7 processes, {ENTRIES} entries, each with its record; {min(processor):.2f} s of processor time"
    return Figure(f"`assay check` against {RECORDS:,} records: {where}", f"{best:.2f} s", "≤ 1 s", best <= 1, how)


def _fill(home: Path) -> None:
    """Published records of which all but those that are asked for are the same bytes."""
    published = record("p0")
    listed: list[tuple[tuple[str, ...], Found]] = []
    with Store.open(home / "assay.db") as store, store.database.writing() as connection:
        now = store.now()
        connection.execute(
            sa.insert(generations).values(number=1, state="live", at=now, digest=None, reason="", summary={})
        )
        for start in range(0, RECORDS, _BATCH):
            rows: dict[sa.Table, list[dict[str, Any]]] = {agents: [], publications: [], subjects: []}
            for number in range(start, start + _BATCH):
                slug = f"p{number}"
                subject = StatedSubject(
                    kind=SubjectKind.PACKAGE, value=f"pkg:npm/{slug}@1.0.0", version="1.0.0", stated_by="x", url="x"
                )
                is_looked_up = number % (RECORDS // ENTRIES) == 0
                changed = {"id": f"assay:{slug}", "slug": slug, "subjects": (subject,)}
                body = canonical_bytes(published.model_copy(update=changed)) if is_looked_up else b"{}"
                summary = summary_of(published, sha256(b"x"))
                place = f"agents/{slug}.json"
                changes = {"slug": slug, "record": place, "subjects": (Statement(purl=subject.value),)}
                text = summary_text(summary.model_copy(update=changes))
                listed.append(((f"pkg:npm/{slug}",), (place, sha256(b"x"), text)))
                times = {"published": now, "modified": now, "at": now}
                rows[publications].append(
                    {"id": number + 1, "record": f"assay:{slug}", "slug": slug, "generation": 1, "digest": sha256(body)}
                    | times
                    | {"body": body}
                )
                listing = canonical_bytes(Listing(slug=slug, name=slug, source="x"))
                since = {"first_seen": now, "last_seen": now, "publication_id": number + 1}
                rows[agents].append(
                    {"slug": slug, "name": slug, "name_folded": slug, "source": "x", "listing": listing} | since
                )
                rows[subjects].append(
                    {"slug": slug, "kind": "package", "key": subject_key(subject), "value": subject.value}
                    | {"is_unique": True, "since": now, "body": subject.model_dump(mode="json")}
                )
            for table, several in rows.items():
                connection.execute(sa.insert(table), several)
    (home / "site" / FOLDER).mkdir(parents=True)
    for path, _, file in index_plan(listed):
        (home / "site" / path).write_bytes(file())
