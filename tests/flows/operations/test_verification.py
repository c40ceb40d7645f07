"""`assay store verify` has the store checked by the processes that read pages: they find what one process finds."""

from functools import partial
from pathlib import Path

import pytest

from flows.reading.time_limited_pool import READERS
from records.maintenance import row_checks, verify
from records.store import Store
from tests.records.many_published import fill_store

TAMPERED = (
    "UPDATE texts SET page_digest = 'x' WHERE url LIKE '%a000001%'",
    "UPDATE texts SET body = substr(body, 1, 40) WHERE url LIKE '%a000002%'",
    "DELETE FROM texts WHERE url LIKE '%a000003%'",
    "UPDATE extractions SET slug = 'a000001' WHERE slug = 'a000004'",
    "UPDATE assessments SET body = (SELECT body FROM assessments WHERE slug = 'a000006') WHERE slug = 'a000005'",
    "UPDATE agents SET score = 1 WHERE slug = 'a000007'",
    "UPDATE agents SET reviewed_digest = NULL WHERE slug = 'a000008'",
    "UPDATE reviews SET reviewer = 'bo' WHERE slug = 'a000009'",
    "UPDATE publications SET digest = 'sha256:x' WHERE slug = 'a000010'",
    "UPDATE completions SET key = 'x' WHERE slug = 'a000011'",
    "DELETE FROM events WHERE sequence = 7",
)


@pytest.mark.slow
def test_other_processes_find_what_this_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_BATCH", 3)
    monkeypatch.setattr(row_checks, "HEADS", 3)
    fill_store(tmp_path, 12)
    with Store.open(tmp_path / "assay.db") as store:
        with store.database.writing() as connection:
            for statement in TAMPERED:
                assert connection.exec_driver_sql(statement).rowcount > 0, statement
        store.blobs.drop(next(store.blobs.all()))
        here, elsewhere = verify.verify(store), verify.verify(store, ask=partial(READERS.ask, 60.0))
    assert here == elsewhere
    assert len(here.problems) >= len(TAMPERED) + 1
