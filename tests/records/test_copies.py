"""Copies are equal: dump, backup while others write, export and import, retention."""

import itertools
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa

from extractors.pages.snapshot import sha256
from records.database import schema
from records.maintenance import retention
from records.maintenance.backup import backup
from records.maintenance.export import export, import_
from records.maintenance.retention import drop_old_pages
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import BadInput, Corrupt, Refused
from tests.records.conftest import Open
from tests.records.made import START, WRITER, Clock, body, extraction, fetched, fill, put, review
from tests.records.store_dump import dump

ROOT = Path(__file__).parents[2]


def test_the_dump_tells_contents_and_not_when_or_by_which_run(tmp_path: Path) -> None:
    dumps = []
    for number, order in enumerate((("otter", "heron"), ("heron", "otter"))):
        with Store.open(tmp_path / str(number) / "a.db", clock=Clock()) as store:
            for _ in range(number + 1):
                run = store.runs.begin("nightly")
                store.runs.finish(run)
            for slug in order:
                fill(store, slug)
            dumps.append(dump(store))
            put(store, extraction(value="0.1"))
            assert dump(store) != dumps[-1]
    assert dumps[0] == dumps[1]


def test_a_backup_opens_as_a_store_of_the_same_contents(full: Store, tmp_path: Path) -> None:
    before = dump(full)
    written = backup(full, tmp_path / "backup")
    if full.database.is_sqlite:
        assert sorted(p.name for p in (tmp_path / "backup").iterdir()) == ["assay.db", "blobs"]
        with Store.open(written, create=False) as copy:
            assert dump(copy) == before
            assert verify(copy).problems == ()
    else:
        listed = subprocess.run(["pg_restore", "--list", str(written)], capture_output=True, text=True, check=True)
        assert "TABLE DATA public events" in listed.stdout
        restored = full.database.url.set(database=f"{full.database.url.database}_restored")
        admin = sa.create_engine(full.database.url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {restored.database}")
            address = restored.set(drivername="postgresql").render_as_string(hide_password=False)
            subprocess.run(["pg_restore", "--no-owner", f"--dbname={address}", str(written)], check=True)
            with Store.open(address, blobs=tmp_path / "backup" / "blobs", create=False) as copy:
                assert dump(copy) == before
                assert verify(copy).problems == ()
            connection.exec_driver_sql(f"DROP DATABASE {restored.database}")
        admin.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("address", ["sqlite"], indirect=True)  # of a server the snapshot is `pg_dump`'s own promise
def test_a_backup_while_others_write_is_whole(address: str, open_store: Open, store: Store, tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, address, str(tmp_path / "blobs")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        for _ in range(5):
            written = backup(store, tmp_path / "backup")
            with Store.open(written, create=False) as copy:
                assert verify(copy).problems == ()
                count = copy.listings.count()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert count > 0


@pytest.mark.parametrize("target", ["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def test_an_export_fills_an_empty_store_of_either_kind(
    full: Store, target: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    counts = export(full, tmp_path / "export")
    if target == "postgres":
        server = sa.make_url(request.getfixturevalue("postgres"))
        admin = sa.create_engine(server.set(drivername="postgresql+psycopg", database="postgres"),
                                 isolation_level="AUTOCOMMIT")  # fmt: skip
        with admin.connect() as connection:
            connection.exec_driver_sql("DROP DATABASE IF EXISTS assay_import")
            connection.exec_driver_sql("CREATE DATABASE assay_import")
        admin.dispose()
        address = f"{request.getfixturevalue('postgres')}/assay_import"
    else:
        address = f"sqlite:///{tmp_path}/other.db"
    with Store.open(address, blobs=tmp_path / "other") as copy:
        assert import_(copy, tmp_path / "export") == counts
        assert dump(copy) == dump(full)
        assert verify(copy).problems == ()
        copy.reviews.append(review(put(copy, extraction("heron", value="0.3"))))  # row numbers go on
        with pytest.raises(Refused, match="not empty"):
            import_(copy, tmp_path / "export")


def test_a_changed_export_is_refused_whole(full: Store, tmp_path: Path) -> None:
    export(full, tmp_path / "export")
    file = tmp_path / "export" / "tables" / "reviews.jsonl"
    file.write_text(file.read_text().replace("ada", "bob"))
    with Store.open(tmp_path / "other.db", blobs=tmp_path / "other") as copy:
        with pytest.raises(Corrupt, match="reviews"):
            import_(copy, tmp_path / "export")
        assert copy.listings.count() == 0
        (tmp_path / "export" / "manifest.json").unlink()
        with pytest.raises(BadInput, match="not a finished export"):
            import_(copy, tmp_path / "export")
    with pytest.raises(BadInput, match="not empty"):
        export(full, tmp_path / "export")


def test_an_export_with_tables_that_are_no_more_is_still_imported(full: Store, tmp_path: Path) -> None:
    export(full, tmp_path / "export")
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    row = b'{"holder":"a|1|2|b","name":"run:nightly","seconds":300,"taken_at":"0","until":"0"}\n'
    for name in schema.DROPPED:
        (tmp_path / "export" / "tables" / f"{name}.jsonl").write_bytes(row)
        manifest["files"][name] = sha256(row)
    (tmp_path / "export" / "manifest.json").write_text(json.dumps(manifest))
    with Store.open(tmp_path / "other.db", blobs=tmp_path / "other") as copy:
        assert not schema.DROPPED & set(import_(copy, tmp_path / "export"))
        assert dump(copy) == dump(full)


@pytest.mark.slow
def test_an_export_of_an_older_schema_is_brought_up(full: Store, tmp_path: Path) -> None:
    """As 0004, the schema of the first released stores, wrote it: without what came since."""
    since = {"agents": {"mover", "findings_tools"}, "reviews": {"act"}, "claim_decisions": {"act", "way", "reason"}}
    export(full, tmp_path / "export")
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    for name in list(manifest["files"]):
        file = tmp_path / "export" / "tables" / f"{name}.jsonl"
        if name in ("claim_reasons", "subjects"):
            del manifest["files"][name]
            file.unlink()
            continue
        rows = [json.loads(line) for line in file.read_bytes().splitlines()]
        lines = [rfc8785.dumps({k: v for k, v in row.items() if k not in since.get(name, ())}) for row in rows]
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        manifest["files"][name] = sha256(file.read_bytes())
    manifest["schema"] = "0004"
    (tmp_path / "export" / "manifest.json").write_text(json.dumps(manifest))
    with Store.open(tmp_path / "other.db", blobs=tmp_path / "other") as copy:
        import_(copy, tmp_path / "export")
        assert verify(copy).holds and copy.listings.slugs() == full.listings.slugs()
        without = {"reviews", "claim_decisions", "subjects"}
        assert dump(copy, without=without) == dump(full, without=without), "reasons of claims are worked out again"
        assert [kept.review for kept in copy.reviews.all("otter")] == [
            kept.review for kept in full.reviews.all("otter")
        ]


def test_retention_never_drops_what_a_published_record_needs(full: Store, clock: Clock) -> None:
    published = fetched().snapshot
    versions = []
    for sentence in ("It mends sails.", "It mends kites.", "It mends tents."):
        clock.go(days=1)
        page = fetched(sentence=sentence)
        full.pages.keep(page)
        versions.append(page.snapshot)
    dropped = drop_old_pages(full, START + timedelta(days=365))
    assert dropped == 2
    assert published is not None
    assert full.blobs.has(published.digest), "the published record quotes it"
    assert [full.blobs.has(v.digest) for v in versions if v] == [False, False, True]
    assert verify(full).problems == ()
    full.pages.keep(fetched(sentence="It mends sails."))
    assert drop_old_pages(full, START - timedelta(days=1)) == 0
    assert verify(full).problems == ()


def test_a_page_that_comes_back_while_its_old_version_is_dropped_keeps_its_bytes(
    full: Store, open_store: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes: one found the bytes there and is about to say so when the other drops them as old."""
    for sentence in ("It mends sails.", "It mends kites."):
        clock.go(days=1)
        full.pages.keep(fetched(sentence=sentence))
    other, put_bytes, dropped = open_store(), full.blobs.put, list[int]()

    def late(data: bytes) -> str:
        digest = put_bytes(data)
        if not dropped:
            dropped.append(drop_old_pages(other, START + timedelta(days=365)))
        return digest

    monkeypatch.setattr(full.blobs, "put", late)
    page = fetched(sentence="It mends sails.")
    full.pages.keep(page)
    assert dropped == [1] and page.snapshot is not None
    assert full.pages.body(page.snapshot.digest) == page.body
    assert verify(full).problems == ()


def test_retention_goes_in_small_units_and_keeps_what_becomes_needed_meanwhile(
    full: Store, open_store: Open, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two batches another process assesses an agent on an old version."""
    sentences = {sha256(body("otter", one)): one for one in (f"It mends {number} nets." for number in range(7))}
    for sentence in sentences.values():
        clock.go(days=1)
        full.pages.keep(fetched(sentence=sentence))
    *old, read = sorted(list(sentences)[:6])
    other, mark, marked = open_store(), retention._mark, list[list[str]]()

    def assessed_then_marked(*given: Any) -> list[str]:
        if len(marked) == 1:
            put(other, extraction(sentence=sentences[read]))
        marked.append(mark(*given))
        return marked[-1]

    monkeypatch.setattr(retention, "BATCH", 2)
    monkeypatch.setattr(retention, "_mark", assessed_then_marked)
    assert drop_old_pages(full, START + timedelta(days=365)) == 5
    assert sorted(itertools.chain(*marked)) == old and max(map(len, marked)) <= 2
    assert [full.blobs.has(digest) for digest in sentences] == [digest not in old for digest in sentences]
    counts = [event.payload["count"] for event in full.events.all() if event.kind == "pages.dropped"]
    assert counts == [len(digests) for digests in marked if digests]
    assert drop_old_pages(full, START + timedelta(days=365)) == 0
