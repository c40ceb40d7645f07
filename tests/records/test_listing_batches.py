"""A list is taken in short units of work: of any size they give one store; a kill in between makes nobody missing."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from extractors.listing import Listing
from records.agents import listing_merge
from records.maintenance.export import export
from records.maintenance.verify import verify
from records.store import Store
from tests.examples import examples
from tests.records.conftest import Open
from tests.records.made import Clock, listed_slugs, listing

ANY = Decimal(0)
ROOT = Path(__file__).parents[2]
_NAMES = st.sampled_from(("otter", "heron", "newt"))
_REPOSITORIES = st.none() | st.sampled_from(
    tuple(f"https://github.com/{owner}/{name}" for owner in ("ada", "bo") for name in ("otter", "heron", "sail"))
)
_PAGES = st.none() | st.sampled_from(("https://list.example/1", "https://list.example/2"))
_LISTINGS = st.builds(
    lambda name, repository, page, known_as, source: listing(
        name, repository=repository, listing_url=page, identity=known_as, source=source
    ),
    _NAMES, _REPOSITORIES, _PAGES, st.none() | st.sampled_from(("one", "two")), st.just("directory"),
)  # fmt: skip
_LISTS = st.lists(st.tuples(st.sampled_from(("directory", "registry")), st.lists(_LISTINGS, max_size=7)), max_size=4)
Lists = list[tuple[str, list[Listing]]]


@contextmanager
def batches_of(size: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(listing_merge, "BATCH", size)
        yield


def taken(empty: Path, folder: Path, lists: Lists, size: int, stop_after: int | None = None) -> list[Any]:
    """All that a store holds after these lists, as the bytes of its export, and what each taking said. `stop_after`:
    units of work after which each taking ends as by a kill, to be begun again."""
    folder.mkdir()
    shutil.copy(empty, folder / "assay.db")
    clock, said = Clock(), []
    with batches_of(size), Store.open(folder / "assay.db", blobs="memory://batches", clock=clock) as store:
        for name in ("directory", "registry"):
            store.sources.add(name, "html", f"https://{name}.example/")
        for source, found in lists:
            given_out = [one.model_copy(update={"source": source}) for one in found]
            if stop_after is not None:
                listed = listed_slugs(store)
                steps = store.listings.taking(source, given_out, minimum_share=ANY).steps()
                for _ in range(min(stop_after, (len(found) - 1) // size)):
                    next(steps)
                assert set(listed) <= set(listed_slugs(store)), "nobody is missing before all is read"
            said.append(store.listings.take(source, given_out, minimum_share=0))  # type: ignore[arg-type]
            clock.go(days=1)
        export(store, folder / "export")
        assert verify(store).problems == ()
        return [*said, *(file.read_bytes() for file in sorted((folder / "export" / "tables").iterdir()))]


@pytest.mark.slow
@examples(40)
@given(_LISTS, st.integers(1, 6))
def test_batches_of_any_size_give_the_same_store(empty_file: Path, lists: Lists, size: int) -> None:
    with TemporaryDirectory() as folder:
        whole = taken(empty_file, Path(folder) / "whole", lists, 1000)
        assert taken(empty_file, Path(folder) / "batches", lists, size) == whole


@pytest.mark.slow
@examples(25)
@given(_LISTS, st.integers(1, 3), st.integers(1, 3))
def test_a_taking_that_stops_between_two_batches_makes_nobody_missing(
    empty_file: Path, lists: Lists, size: int, units: int
) -> None:
    with TemporaryDirectory() as folder:
        taken(empty_file, Path(folder) / "stopped", lists, size, stop_after=units)


def many(count: int) -> list[Listing]:
    return [listing(f"agent-{number}") for number in range(count)]


_KILLED = """
import os, signal, sys
from records.agents import listing_merge
from records.store import Store
from tests.records.made import Clock
from tests.records.test_listing_batches import many
listing_merge.BATCH = 4
clock = Clock()
clock.go(days=1)
with Store.open(sys.argv[1], blobs="memory://killed", clock=clock) as store:
    for number, _ in enumerate(store.listings.taking("directory", many(23)[3:]).steps()):
        if number == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 2, 3])
def test_a_process_that_is_killed_between_batches_loses_nothing(
    address: str, store: Store, clock: Clock, after: int
) -> None:
    store.sources.add("directory", "html", "https://directory.example/")
    store.listings.take("directory", many(10))
    ended = subprocess.run([sys.executable, "-c", _KILLED, address, str(after)], cwd=ROOT)
    assert ended.returncode == -signal.SIGKILL
    kept = 10 + max(0, (after + 1) * 4 - 7)
    assert len(listed_slugs(store)) == kept, "whole batches are kept and nobody is missing"
    assert store.sources.get("directory").last_count == 10
    assert verify(store).problems == ()
    clock.go(days=1)
    again = store.listings.take("directory", many(23)[3:])
    assert again.missing == ("agent-0", "agent-1", "agent-2") and len(again.new) == 23 - kept
    assert store.sources.get("directory").last_count == 20


def test_no_unit_of_work_writes_more_than_a_batch_and_others_write_in_between(store: Store, open_store: Open) -> None:
    """Also of what vanished: a list of which nearly all is gone is no long write either."""
    other, units = open_store(), list[int]()
    engine = store.database.engine

    def count(connection: sa.Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(('INSERT INTO "sightings"', "UPDATE sightings")):
            units[-1] += cursor.rowcount

    sa.event.listen(engine, "begin", lambda connection: units.append(0))
    sa.event.listen(engine, "after_cursor_execute", count)
    store.sources.add("directory", "html", "https://directory.example/")
    for found, written in ((many(11), [4, 4, 3]), (many(11), [4, 4, 3]), (many(2), [2, 4, 4, 1])):
        units.clear()
        with batches_of(4):
            taking = store.listings.taking("directory", found, minimum_share=ANY)
            for number, _ in enumerate(taking.steps()):
                other.note("other.writes", payload={"number": number})
        assert [rows for rows in units if rows] == written
    assert len(taking.taken.missing) == 9 and verify(store).problems == ()


def test_an_agent_that_moves_between_two_batches_stays_the_one_it_became(store: Store, open_store: Open) -> None:
    """The forge tells another process meanwhile that two entries are one: the list's next batch knows it."""
    other = open_store()
    store.sources.add("directory", "html", "https://directory.example/")
    found = [listing(name) for name in ("otter", "heron", "newt")]
    store.listings.take("directory", found)
    with batches_of(1):
        for number, _ in enumerate(store.listings.taking("directory", found).steps()):
            if number == 0:
                assert other.listings.moved("newt", "https://code.example/otter/otter") == "otter"
    assert listed_slugs(store) == ("heron", "otter")
    store.listings.take("directory", found)
    assert store.events.all(kind="agent.returned") == ()
