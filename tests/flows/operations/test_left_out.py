"""One agent that cannot be published is named and left out; the others go out, and what stood of it stays."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from flows.operations.publication import publish_site
from flows.operations.record_lifecycle import opt_out, reinstate_record, supersede_record, withdraw_record
from flows.settings import load
from flows.store_access import open_store
from records.database import tables
from records.store import Store
from scoring.errors import Refused
from tests.flows.test_command import assay  # type: ignore[import-not-found]
from tests.records.made import Clock, extraction, fill, put, review
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow


BAD = "heron"


def garbage(table: sa.Table, column: str = "body") -> Callable[[Store], None]:
    """Bytes that are no document, in the last row of the agent."""

    def damage(store: Store) -> None:
        key = table.c.id if "id" in table.c else table.c.slug
        last = sa.select(sa.func.max(key)).where(table.c.slug == BAD).scalar_subquery()
        update = sa.update(table).where(table.c.slug == BAD, key == last)
        with store.database.writing() as connection:
            connection.execute(update.values({column: sa.literal(b"not a document", sa.LargeBinary)}))

    return damage


def other_document(store: Store) -> None:
    """A whole document of the wrong kind."""
    with store.database.writing() as connection:
        update = sa.update(tables.reviews).where(tables.reviews.c.slug == BAD)
        connection.execute(update.values(body=b'{"slug": "heron"}'))


DAMAGES: dict[str, Callable[[Store], None]] = {
    "assessment": garbage(tables.assessments),
    "extraction": garbage(tables.extractions),
    "review": garbage(tables.reviews),
    "listing": garbage(tables.agents, "listing"),
    "review of another kind": other_document,
}


@pytest.fixture
def three(own_home: Path) -> Store:
    """Three approved agents."""
    store = open_store(load(), clock=Clock())
    for slug in ("otter", BAD, "newt"):
        store.reviews.append(review(fill(store, slug)))
    return store


def served(home: Path) -> set[str]:
    return {file.stem for file in (home / "site" / "current" / "agents").glob("*.json")}


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_others_are_published(three: Store, own_home: Path, damage: str) -> None:
    DAMAGES[damage](three)
    told = publish_site(three, load(), load().site)
    assert told.records == 2 and len(told.skipped) == 1 and told.skipped[0].startswith(f"{BAD}: ")
    assert "1 agents skipped" in told.line and served(own_home) >= {"otter", "newt"} and BAD not in served(own_home)
    [run] = three.runs.recent("publish")
    assert run.status == "finished" and run.summary["skipped"] == list(told.skipped)
    again = publish_site(three, load(), load().site)
    assert again.skipped == told.skipped and again.records == 0 and again.written == 0


@pytest.mark.parametrize("damage", ["assessment", "publication"])
def test_what_was_published_of_it_stays(three: Store, own_home: Path, damage: str) -> None:
    publish_site(three, load(), load().site)
    before = (own_home / "site" / "current" / "agents" / f"{BAD}.json").read_bytes()
    for slug in ("otter", BAD):
        three.reviews.append(review(put(three, extraction(slug, value="0.2"))))
    if damage == "publication":
        withdraw_record(three, BAD, "wrong")
        garbage(tables.publications)(three)
    else:
        garbage(tables.assessments)(three)
        with three.database.writing() as connection:  # both of its assessments
            update = sa.update(tables.assessments).where(tables.assessments.c.slug == BAD)
            connection.execute(update.values(body=sa.literal(b"not a document", sa.LargeBinary)))
    told = publish_site(three, load(), load().site)
    assert told.records == 1 and [line.split(":")[0] for line in told.skipped] == [BAD]
    assert (own_home / "site" / "current" / "agents" / f"{BAD}.json").read_bytes() == before
    record = json.loads((own_home / "site" / "current" / "agents" / "otter.json").read_text())
    assert record["extraction"]["factors"][0]["value"] == "0.2"


def test_the_command_says_so(three: Store, own_home: Path) -> None:
    DAMAGES["review"](three)
    told = assay("site", "publish")
    assert told.returncode == 4 and f"SKIPPED: {BAD}: " in told.stdout, told.stderr
    told = assay("site", "publish", "--json")
    assert told.returncode == 4 and json.loads(told.stdout)["skipped"][0].startswith(BAD)


def test_nothing_enters_a_generation_while_it_is_published(three: Store) -> None:
    publish_site(three, load(), load().site)
    before = dump(three)
    run = three.runs.begin("publish")
    for change in (
        lambda: withdraw_record(three, BAD, "wrong"),
        lambda: opt_out(three, BAD, "asked"),
        lambda: supersede_record(three, "otter", BAD),
        lambda: reinstate_record(three, BAD, "right"),
    ):
        with pytest.raises(Refused, match="at work"):
            change()
    three.runs.finish(run)
    assert [event for event in dump(three).splitlines() if b'"run.' not in event] == before.splitlines()
    withdraw_record(three, BAD, "wrong")
    assert publish_site(three, load(), load().site).records == 0
    current = three.publications.current(BAD)
    assert current is not None and current.record.withdrawn is not None
