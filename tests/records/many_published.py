"""A store of many published agents that hold: one is made, the others are renamed from it."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from extractors.pages.snapshot import sha256
from records.database.event_chain import FIRST_PREVIOUS, UnchainedEvent, event_digest
from records.maintenance.export import export, import_
from records.pages.blobs import Blobs
from records.store import Store
from tests.records.made import Clock, body, fill, page_text, publish, review

_SLUG, _NAME = "a000000", "A000000"
_NUMBERS = {
    "agents": ("review_id", "publication_id", "published_review"),
    "publications": ("id", "review"),
    "amendments": ("review",),
} | dict.fromkeys(("history", "reviews", "completions", "fetches"), ("id",))
"""Columns that hold row numbers: each agent has one row of these tables."""


def fill_store(home: Path, size: int) -> None:
    """A store of so many agents that hold, each assessed, approved and published: one is made, the others are it under
    other names, digests and numbers, written as an export and imported."""
    made = home / "made"
    with Store.open(home / "one.db", clock=Clock()) as store:
        store.reviews.append(review(fill(store, _SLUG)))
        publish(store, _SLUG)
        export(store, made)
    page, text = body(_SLUG).decode(), page_text(_SLUG).text
    rows = {file.stem: file.read_text().splitlines() for file in (made / "tables").iterdir()}
    documents = [page, text, _SLUG]
    for table in ("extractions", "assessments", "reviews", "publications"):
        documents += [json.loads(line)["body"] for line in rows[table]]
    names = [_names(documents, f"a{number:06d}") for number in range(size)]
    for named in names:
        Blobs(made / "blobs").put(_renamed(page, named).encode())
    _write_tables(made, rows, names)
    with Store.open(home / "assay.db", clock=Clock()) as store:
        import_(store, made)


def _names(documents: list[str], slug: str) -> dict[str, str]:
    """What stands in another agent's documents in place of what stands in these."""
    named = {_SLUG: slug, _NAME: slug.title()}
    for document in documents:
        named[sha256(document.encode())] = sha256(_renamed(document, named).encode())
    return named


def _renamed(document: str, named: dict[str, str]) -> str:
    for old, new in named.items():
        document = document.replace(old, new)
    return document


def _write_tables(folder: Path, rows: dict[str, list[str]], names: list[dict[str, str]]) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    previous, sequence = FIRST_PREVIOUS, 0
    for table, lines in rows.items():
        with (folder / "tables" / f"{table}.jsonl").open("w") as file:
            for number, line in _numbered(lines, names):
                row = json.loads(line) | dict.fromkeys(_NUMBERS.get(table, ()), number)
                if table == "events":
                    sequence += 1
                    row |= {"sequence": sequence, "previous": previous}
                    noted = UnchainedEvent(
                        datetime.fromisoformat(row["at"]), *(row[key] for key in UnchainedEvent._fields[1:])
                    )
                    row["digest"] = previous = event_digest(sequence, noted, previous)
                file.write(json.dumps(row) + "\n")
    (folder / "tables" / "event_head.jsonl").write_text(
        json.dumps({"id": 1, "sequence": sequence, "digest": previous}) + "\n"
    )
    files = {name: sha256((folder / "tables" / f"{name}.jsonl").read_bytes()) for name in rows}
    (folder / "manifest.json").write_text(json.dumps(manifest | {"files": files}))


def _numbered(lines: list[str], names: list[dict[str, str]]) -> Iterator[tuple[int, str]]:
    """What names no agent once, the rest once an agent, with the agent's number."""
    for line in lines:
        if _SLUG not in line:
            yield 1, line
    for number, named in enumerate(names, 1):
        for line in lines:
            if _SLUG in line:
                yield number, _renamed(line, named)
