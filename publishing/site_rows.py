"""The records of a catalogue as rows: those that changed are read, the others stay as they were published.

Invariants: a record that was ever published stays; one that cannot be read is named, and what is served of it stays.
"""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from pydantic import ValidationError

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.generation import Folders, Manifest
from publishing.pages.index_rows import Row, renewed, row_of
from publishing.processes import Processes
from publishing.record_versions.lifecycle import withdraw
from scoring.claims import Digest
from scoring.errors import Corrupt
from scoring.record import PublishedRecord

VANISHED = "no longer in the catalogue"


class Snapshot(NamedTuple):
    """The catalogue as rows, and where its bodies come from."""

    rows: dict[str, Row]
    body: Callable[[str], bytes]
    as_of: str
    """The newest change of all: the site's only clock."""


def snapshot(
    catalogue: Catalogue,
    folders: Folders,
    processes: Processes,
    served: Manifest,
    before: dict[str, Row],
    skipped: dict[str, str] | None = None,
) -> Snapshot:
    rows: dict[str, Row] = {}
    bodies: dict[str, bytes] = {}

    def given(slugs: Sequence[str]) -> list[_Given]:
        found: list[_Given] = []
        for slug in slugs:
            with contextlib.suppress(Corrupt):
                found.append((slug, catalogue.digests[slug], catalogue.body(slug)))
        return found

    def is_unchanged(slug: str) -> bool:
        old = before.get(slug)
        return old is not None and old.digest == catalogue.digests[slug] and bool(old.counted)

    changed = [slug for slug in sorted(catalogue.digests) if not is_unchanged(slug)]
    made: dict[str, Row] = {}
    for batch in processes.each(changed, given, _rows):
        made |= batch
    for slug in sorted(catalogue.digests):
        if slug in made or is_unchanged(slug):
            rows[slug] = made.get(slug) or before[slug]
            continue
        try:
            rows[slug] = _row(slug, catalogue.digests[slug], catalogue.body(slug))
        except Corrupt as damage:
            if skipped is None:
                raise
            skipped[slug] = damage.problem
            if slug in before:  # what is served of it stays
                rows[slug] = before[slug]
                bodies[slug] = _of_served(folders, served, slug)
    newest = max((row.modified for row in rows.values()), default="", key=lambda m: m.removesuffix("Z"))
    for slug in sorted(before.keys() - rows.keys()):
        body = _of_served(folders, served, slug)
        record = PublishedRecord.model_validate_json(body)
        if not record.withdrawn:
            record = withdraw(record, VANISHED, now=record.modified)
            body = canonical_bytes(record)
        bodies[slug] = body
        rows[slug] = row_of(record, sha256(body))

    def body_of(slug: str) -> bytes:
        if slug in bodies:
            return bodies[slug]
        try:
            return catalogue.body(slug)
        except Corrupt as damage:  # it was read before, and is served
            if skipped is None:
                raise
            skipped[slug] = damage.problem
            bodies[slug] = _of_served(folders, served, slug)
            return bodies[slug]

    rows = {slug: renewed(row, slug in catalogue.in_renewal) for slug, row in rows.items()}
    return Snapshot(rows, body_of, newest or "no records yet")


_Given = tuple[str, Digest, bytes]
"""Slug, digest and body of a record."""


def _rows(records: Iterable[_Given]) -> dict[str, Row]:
    """The rows of those that can be read."""
    found: dict[str, Row] = {}
    for record in records:
        with contextlib.suppress(Corrupt):
            found[record[0]] = _row(*record)
    return found


def _row(slug: str, digest: Digest, body: bytes) -> Row:
    if sha256(body) != digest:
        raise Corrupt(
            "the record does not match its digest", subject=slug, step="publish", next_step="assay store verify"
        )
    try:
        record = PublishedRecord.model_validate_json(body)
    except ValidationError as error:
        raise Corrupt("its record is damaged", subject=slug, step="publish", next_step="assay store verify") from error
    if record.slug != slug:
        raise Corrupt(f"the record is of {record.slug}", subject=slug, step="publish", next_step="assay store verify")
    return row_of(record, digest)


def _of_served(folders: Folders, served: Manifest, slug: str) -> bytes:
    return (folders.folder(served.number) / "agents" / f"{slug}.json").read_bytes()
