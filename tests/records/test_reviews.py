"""Assessments and reviews: nothing is decided unread, no update is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from extractors.canonical_json import digest
from extractors.pages.snapshot import sha256
from records.agents.review_queue import AgentStatus
from records.assessments.reviews import StaleState
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import BadInput, NotFound, Refused
from tests.records.made import (
    Clock,
    amendment,
    assessed,
    extraction,
    fill,
    listing,
    put,
    review,
)
from tests.records.store_dump import dump


def test_putting_what_is_current_writes_nothing(store: Store, clock: Clock) -> None:
    fill(store)
    before = (dump(store), store.events.all(), store.assessments.history("otter"))
    clock.go(days=1)
    assert not store.assessments.put(extraction(), assessed(extraction()))
    assert (dump(store), store.events.all(), store.assessments.history("otter")) == before


def test_what_is_current_comes_back_equal(store: Store) -> None:
    fill(store)
    current = store.assessments.current("otter")
    assert current is not None
    assert current.extraction == extraction()
    assert current.assessment == assessed(extraction())
    assert current.extraction_digest == digest(extraction())


def test_all_that_is_current_comes_page_by_page(store: Store) -> None:
    for slug in ("otter", "heron", "newt"):
        fill(store, slug)
    put(store, extraction("newt", value="0.2"))
    pairs = list(store.assessments.stored(page=1))
    assert [pair.slug for pair in pairs] == ["heron", "newt", "otter"]
    assert sha256(pairs[1].extraction) == pairs[1].extraction_digest == digest(extraction("newt", value="0.2"))
    assert [pair.slug for pair in store.assessments.stored("otter")] == ["otter"]
    assert list(store.assessments.stored("nobody")) == []


def test_the_history_knows_what_came_back(store: Store, clock: Clock) -> None:
    digests = [digest(fill(store))]
    for value in ("0.3", "0.7"):
        clock.go(days=1)
        digests.append(digest(put(store, extraction(value=value))))
    assert digests[0] == digests[2] != digests[1]
    assert [row.assessment_digest for row in store.assessments.history("otter")] == digests
    assert store.assessments.current_digest("otter") == digests[0]


def test_an_amended_assessment_is_kept_without_becoming_current(store: Store) -> None:
    current = digest(fill(store))
    amended = extraction(value="0.1")
    store.assessments.put(amended, assessed(amended), current=False)
    assert store.assessments.extraction(digest(amended)) == amended
    assert store.assessments.current_digest("otter") == current
    assert len(store.assessments.history("otter")) == 1


def test_an_assessment_of_another_extraction_is_refused(store: Store) -> None:
    store.listings.put(listing())
    with pytest.raises(BadInput):
        store.assessments.put(extraction(), assessed(extraction(value="0.1")))
    with pytest.raises(NotFound):
        put(store, extraction("heron"))


def test_a_review_of_what_was_read_is_kept(store: Store) -> None:
    read = fill(store)
    number = store.reviews.append(review(read, amendments=(amendment(),)), seconds=42)
    assert store.reviews.get(number).review == review(read, amendments=(amendment(),))
    assert store.queue.status("otter") is AgentStatus.APPROVED
    effort = store.reviews.effort()
    assert (effort.reviews, effort.seconds, effort.overridden) == (1, 42, {"factors.self_modification": 1})


def test_a_review_of_something_older_is_refused_and_names_what_is_current(store: Store) -> None:
    read = fill(store)
    now = put(store, extraction(value="0.3"))
    events = store.events.all()
    with pytest.raises(StaleState) as told:
        store.reviews.append(review(read))
    assert (told.value.current, told.value.read) == (digest(now), digest(read))
    assert store.reviews.all("otter") == ()
    assert store.events.all() == events


def test_a_reversal_takes_back_the_last_decision_and_deletes_nothing(store: Store) -> None:
    read = fill(store)
    store.reviews.append(review(read, "reject"))
    store.reviews.append(review(read))
    store.reviews.append(review(read, "reverse"))
    assert store.queue.status("otter") is AgentStatus.REJECTED
    store.reviews.append(review(read, "reverse"))
    assert store.queue.status("otter") is AgentStatus.DRAFT
    assert len(store.reviews.all("otter")) == 4
    with pytest.raises(Refused, match="no decision"):
        store.reviews.append(review(read, "reverse"))
    assert verify(store).problems == ()


WRITER = """
import sys
import sqlalchemy as sa
from records.store import Store
from records.database.tables import agents
store = Store.open(sys.argv[1], blobs=sys.argv[2])
lost = sa.select(agents.c.evidence_lost).where(agents.c.slug == "otter").with_for_update()
for turn in range(40):
    with store.database.writing() as connection:
        more = connection.scalar(lost) + 1
        connection.execute(sa.update(agents).where(agents.c.slug == "otter").values(evidence_lost=more))
        store.database.note("test.turn", "otter", {"turn": turn, "who": sys.argv[3]})
"""


@pytest.mark.slow
def test_four_processes_lose_no_update(address: str, tmp_path: Path, store: Store) -> None:
    fill(store)
    places = [sys.executable, "-c", WRITER, address, str(tmp_path / "blobs")]
    started = [
        subprocess.Popen([*places, str(who)], cwd=Path(__file__).parents[2], stderr=subprocess.PIPE) for who in range(4)
    ]
    for process in started:
        _, errors = process.communicate(timeout=200)
        assert process.returncode == 0, errors.decode()
    assert store.queue.get("otter").evidence_lost == 160
    assert len(store.events.all(kind="test.")) == 160
    assert [event.sequence for event in store.events.all()] == list(range(1, len(store.events.all()) + 1))


REVIEWER = """
import sys
from extractors.canonical_json import digest
from records.assessments.reviews import StaleState
from records.store import Store
from tests.records.made import extraction, put, review
store = Store.open(sys.argv[1], blobs=sys.argv[2])
done = 0
for turn in range(15):
    read = store.assessments.current("otter").assessment
    try:
        with store.writing():
            store.reviews.append(review(read, reviewer=sys.argv[3]))
            put(store, extraction(value="0.%d" % ((int(read.headline.factor_sum * 10) + turn) % 10)))
        done += 1
    except StaleState:
        pass
print(done)
"""


@pytest.mark.slow
def test_reviewers_at_once_never_decide_on_what_they_did_not_read(address: str, tmp_path: Path, store: Store) -> None:
    fill(store)
    places = [sys.executable, "-c", REVIEWER, address, str(tmp_path / "blobs")]
    started = [
        subprocess.Popen([*places, f"r{who}"], cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
        for who in range(4)
    ]
    done = sum(int(process.communicate(timeout=200)[0]) for process in started)
    kept = store.reviews.all("otter")
    assert len(kept) == done >= 15
    assert verify(store).problems == ()
