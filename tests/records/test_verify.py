"""Damage and tampering show: in the chain of events, in documents, in heads."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from records.database import tables
from records.maintenance.verify import verify
from records.store import Store
from tests.records.made import extraction, fetched, fill, listing, page_text
from tests.records.store_dump import dump

ROOT = Path(__file__).parents[2]


def change(store: Store, statement: str) -> None:
    with store.database.writing() as connection:
        assert connection.exec_driver_sql(statement).rowcount > 0


def mutations(count: int) -> list[tuple[str, int]]:
    kinds = ("delete", "edit", "reorder", "re-date", "actor", "re-hash")
    return [(kind, number) for kind in kinds for number in range(1, count + 1)]


def test_each_way_to_tamper_with_each_event_shows(full: Store) -> None:
    from records.database.event_chain import Event, UnchainedEvent, broken_links, event_digest

    count = len(full.events.all())
    assert count >= 6
    for kind, number in mutations(count):
        here = tables.events.c.sequence == number
        with pytest.raises(InterruptedError), full.database.writing() as connection:
            event = Event(*connection.execute(sa.select(tables.events).where(here)).one())
            if kind == "delete":
                connection.execute(sa.delete(tables.events).where(here))
            elif kind == "reorder":
                other = number - 1 or 2
                for now, then in ((number, 999), (other, number), (999, other)):
                    row = tables.events.c.sequence == now
                    connection.execute(sa.update(tables.events).where(row).values(sequence=then))
            else:
                told = {
                    "edit": {"payload": {"nothing": "happened"}},
                    "re-date": {"at": event.at - timedelta(days=1)},
                    "actor": {"actor": "nobody"},
                }.get(kind, {})
                if kind == "re-hash":  # a careful forger makes the digest fit
                    told = {"payload": {"forged": True}}
                    forged = UnchainedEvent(*event[1:5], told["payload"])
                    told["digest"] = event_digest(number, forged, event.previous)  # type: ignore[assignment]
                connection.execute(sa.update(tables.events).where(here).values(**told))
            assert broken_links(connection), f"{kind} of event {number} was not seen"
            raise InterruptedError  # takes the tampering back
    assert verify(full).problems == ()


def test_the_chain_is_not_broken_by_a_unit_that_fails(store: Store) -> None:
    before = dump(store)
    with pytest.raises(ZeroDivisionError), store.writing():
        fill(store)
        raise ZeroDivisionError
    assert (dump(store), store.events.all()) == (before, ())
    fill(store)
    assert verify(store).problems == ()


def test_verify_counts_what_it_checked(full: Store) -> None:
    found = verify(full)
    assert found.holds
    assert found.checked["quotes"] == 4
    names = ("blobs", "texts", "extractions", "assessments", "scores", "completions", "reviews", "publications")
    assert [found.checked[name] for name in names] == [2, 2, 2, 2, 2, 2, 1, 1]


def test_what_was_not_found_is_counted_as_none(full: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.maintenance.row_checks.RUBRIC_VERSION", "99")
    found = verify(full)
    assert found.checked.get("scores") == 0 and "2 scores of an earlier rubric" in found.not_made_again


OTTERS = "WHERE url = 'https://otter.example/'"
TAMPERED = {
    "a text moved to another page": (
        f"UPDATE texts SET page_digest = 'x' {OTTERS}",
        "another page",
    ),
    "a text with another digest": (
        f"UPDATE texts SET text_digest = 'x' {OTTERS}",
        "its digest",
    ),
    "a text that is gone": (f"DELETE FROM texts {OTTERS}", "page text is not kept"),
    "an extraction's agent": ("UPDATE extractions SET slug = 'heron' WHERE slug = 'otter'", "its digest"),
    "a body that was cut": ("UPDATE extractions SET body = substr(body, 1, 40) WHERE slug = 'otter'", "damaged"),
    "another's body": (
        "UPDATE assessments SET body = (SELECT body FROM assessments WHERE slug = 'heron') WHERE slug = 'otter'",
        "its digest",
    ),
    "a score in the list": ("UPDATE agents SET score = 1 WHERE slug = 'otter'", "its columns"),
    "a reviewer's name": ("UPDATE reviews SET reviewer = 'bo'", "its digest"),
    "a review that is gone": ("UPDATE reviews SET digest = 'sha256:x'", "no event tells"),
    "a standing review": ("UPDATE agents SET reviewed_digest = NULL WHERE slug = 'otter'", "standing review"),
    "a publication that is gone": ("DELETE FROM publications", "which is not kept"),
    "a publication's digest": ("UPDATE publications SET digest = 'sha256:x'", "its digest"),
    "a completion's key": ("UPDATE completions SET key = 'x' WHERE slug = 'otter'", "another key"),
    "an event chain's end": ("DELETE FROM events WHERE sequence = (SELECT max(sequence) FROM events)", "its end"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_verify_sees_tampering(full: Store, what: str) -> None:
    statement, told = TAMPERED[what]
    change(full, statement)
    problems = verify(full).problems
    assert any(told in problem for problem in problems), problems


def test_verify_sees_damaged_and_missing_pages(full: Store) -> None:
    digests = list(full.blobs.all())
    Path(full.blobs.path(digests[0])).write_bytes(b"junk")
    full.blobs.drop(digests[1])
    problems = verify(full).problems
    assert len(problems) == 2
    assert any("do not match" in problem for problem in problems)
    assert any("not kept" in problem for problem in problems)


def test_verify_sees_a_quote_that_is_not_at_its_place(full: Store) -> None:
    moved = page_text().model_copy(update={"text": "Otter\n\n" + "It mends nets on their own, day and night. 🦦"})
    from extractors.canonical_json import canonical_bytes

    here = tables.texts.c.url == "https://otter.example/"
    with full.database.writing() as connection:
        connection.execute(sa.update(tables.texts).where(here).values(body=canonical_bytes(moved)))
    problems = verify(full).problems
    assert any("does not stand at its offsets" in problem for problem in problems)


def test_verify_sees_a_score_that_the_formula_does_not_give(store: Store) -> None:
    store.listings.put(listing())
    found = extraction()
    store.pages.keep(fetched())
    store.texts.keep(page_text())
    from tests.records.made import assessed

    honest = assessed(found)
    better = honest.headline.model_copy(update={"aars": honest.headline.aars / 2})
    store.assessments.put(found, honest.model_copy(update={"headline": better}))
    assert any("scores are not what" in problem for problem in verify(store).problems)
