"""Assessments, reviews, drafts, publications, corrections: nothing is decided unread, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractors.canonical import digest
from extractors.snapshot import sha256
from records.drafts import ClaimDecision
from records.queue import AgentStatus
from records.reviews import Stale
from records.runs import AgentOutcome
from records.store import Store
from scoring.errors import BadInput, NotFound, Refused
from scoring.outcomes import Correction, CorrectionState
from tests.records.made import (
    START,
    Clock,
    amendment,
    assessed,
    extraction,
    fill,
    listing,
    publish,
    put,
    record,
    review,
)


def test_putting_what_is_current_writes_nothing(store: Store, clock: Clock) -> None:
    fill(store)
    before = (store.dump(), store.events.all(), store.assessments.history("otter"))
    clock.go(days=1)
    assert not store.assessments.put(extraction(), assessed(extraction()))
    assert (store.dump(), store.events.all(), store.assessments.history("otter")) == before


def test_what_is_current_comes_back_equal(store: Store) -> None:
    fill(store)
    current = store.assessments.current("otter")
    assert current is not None
    assert current.extraction == extraction()
    assert current.assessment == assessed(extraction())
    assert current.extraction_digest == digest(extraction())


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
    with pytest.raises(Stale) as told:
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
    assert store.verify().problems == ()


WRITER = """
import sys
from extractors.canonical import digest
from records.store import Store
from scoring.claims import Extraction
from tests.records.made import assessed, extraction, put
store = Store.open(sys.argv[1], blobs=sys.argv[2])
with store.database.writing() as connection:
    pass
for turn in range(40):
    with store.writing():
        import sqlalchemy as sa
        from records.tables import agents
        with store.database.writing() as connection:
            lost = connection.scalar(sa.select(agents.c.evidence_lost).where(agents.c.slug == "otter").with_for_update())
            connection.execute(sa.update(agents).where(agents.c.slug == "otter").values(evidence_lost=lost + 1))
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
from extractors.canonical import digest
from records.reviews import Stale
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
    except Stale:
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
    assert store.verify().problems == ()


def decide(store: Store, path: str = "layers.L3", **more: object) -> ClaimDecision:
    told: dict[str, object] = {
        "assessment_digest": store.assessments.current_digest("otter"),
        "source_digest": sha256(b"source"),
        "claim_digest": sha256(b"claim"),
        "reviewer": "ada",
        "after": None,
    }
    verdict = more.pop("verdict", "accepted")
    return store.drafts.decide("otter", path, verdict, **(told | more))  # type: ignore[arg-type]


def test_an_acceptance_is_reset_only_if_source_and_claim_changed(store: Store) -> None:
    fill(store)
    decide(store)
    same, other = (sha256(b"source"), sha256(b"claim")), (sha256(b"new"), sha256(b"new"))
    for source in (same[0], other[0]):
        for claim in (same[1], other[1]):
            kept = "layers.L3" in store.drafts.standing("otter", {"layers.L3": (source, claim)})
            assert kept == (source == same[0] or claim == same[1])


def test_of_two_reviewers_of_one_claim_the_second_sees_the_first(store: Store) -> None:
    fill(store)
    first = decide(store)
    with pytest.raises(Stale, match="decided by ada"):
        decide(store, reviewer="bo", verdict="rejected")
    assert decide(store, reviewer="bo", verdict="rejected", after=first.id).reviewer == "bo"
    assert [d.verdict for d in store.drafts.log("otter")] == ["accepted", "rejected"]


def test_a_claim_of_an_older_assessment_is_not_decided(store: Store) -> None:
    old = digest(fill(store))
    now = digest(put(store, extraction(value="0.3")))
    with pytest.raises(Stale) as told:
        decide(store, assessment_digest=old)
    assert told.value.current == now


def test_undo_and_redo_without_limit_and_only_ones_own(store: Store) -> None:
    fill(store)
    paths = [f"layers.L{number}" for number in range(1, 5)]
    for path in paths:
        decide(store, path, amendments=(amendment(),))
    decide(store, "summary", reviewer="bo")
    undone = [store.drafts.undo("otter", "ada") for _ in paths]
    assert [d.path for d in undone if d] == paths[::-1]
    assert store.drafts.undo("otter", "ada") is None
    assert list(store.drafts.last("otter")) == ["summary"]
    redone = [store.drafts.redo("otter", "ada") for _ in paths]
    assert [d.path for d in redone if d] == paths
    assert store.drafts.last("otter")["layers.L1"].amendments == (amendment(),)
    store.drafts.undo("otter", "ada")
    decide(store, "exposure.spends")
    assert store.drafts.redo("otter", "ada") is None, "a new decision ends what could be redone"


def test_notes_are_kept_in_order(store: Store) -> None:
    store.listings.put(listing())
    for words in ("first", "second"):
        store.drafts.add_note("otter", words, author="ada", path="layers.L1")
    assert [note.text for note in store.drafts.notes("otter")] == ["first", "second"]


def test_nothing_is_published_that_nobody_approved(store: Store) -> None:
    read = fill(store)
    generation = store.publications.begin()
    for standing in (None, 1, 999):
        with pytest.raises(Refused, match="nobody approved"):
            store.publications.put(record(store), generation=generation, review=standing)
    number = store.reviews.append(review(read, "reject"))
    with pytest.raises(Refused, match="nobody approved"):
        store.publications.put(record(store), generation=generation, review=number)
    assert store.publications.all() == ()


def test_the_life_of_a_record_in_states(store: Store, clock: Clock) -> None:
    states = []

    def look() -> None:
        states.append(store.queue.status("otter").value)

    store.listings.put(listing())
    look()
    store.runs.end_agent(None, "otter", AgentOutcome.NO_TEXT)
    look()
    store.runs.end_agent(None, "otter", AgentOutcome.UNREACHABLE)
    look()
    read = fill(store)
    look()
    store.reviews.append(review(read))
    look()
    assert store.queue.to_publish() == ("otter",)
    publish(store)
    look()
    clock.go(days=1)
    read = put(store, extraction(value="0.2"))
    look()
    store.reviews.append(review(read, "reject"))
    look()
    store.reviews.append(review(read))
    look()
    publish(store)
    look()
    publish(store, withdrawn=clock.now, withdrawn_reason="the product is gone")
    look()
    assert states == [
        "listed", "no_text", "unreachable", "draft", "approved", "published", "changed", "rejected", "approved",
        "published", "withdrawn",
    ]  # fmt: skip
    assert len(store.publications.history("otter")) == 3
    assert store.verify().problems == ()


def test_putting_the_same_record_again_writes_nothing(store: Store) -> None:
    store.reviews.append(review(fill(store)))
    publish(store)
    again = record(store)
    generation = store.publications.begin()
    assert not store.publications.put(again, generation=generation, review=1)
    assert len(store.publications.history("otter")) == 1


def test_a_generation_left_open_is_taken_up_again_and_a_held_one_can_go_live(store: Store) -> None:
    assert store.publications.begin() == store.publications.begin() == 1
    store.publications.finish(1, "held", reason="a third of the bands changed")
    assert store.publications.generation() is None
    assert store.publications.begin() == 2
    store.publications.finish(2, "dropped")
    store.publications.finish(1, "live")
    live = store.publications.generation()
    assert live is not None
    assert live.number == 1
    with pytest.raises(Refused, match="not open"):
        store.publications.finish(1, "held")
    with pytest.raises(Refused, match="not open"):
        store.publications.put(record_of(store), generation=1, review=None)


def record_of(store: Store):  # type: ignore[no-untyped-def]
    fill(store)
    return record(store)


def test_mirrors_see_what_changed_newest_first(store: Store, clock: Clock) -> None:
    for slug in ("otter", "heron"):
        store.reviews.append(review(fill(store, slug)))
        publish(store, slug)
        clock.go(days=1)
    rows = store.publications.modified()
    assert [row.slug for row in rows] == ["heron", "otter"]
    current = store.publications.current("heron")
    assert current is not None
    assert rows[0].digest == digest(current.record) == current.digest
    assert [published.record.slug for published in store.publications.all(since=1)] == ["heron"]


def test_lost_evidence_is_dated_by_its_first_loss(store: Store, clock: Clock) -> None:
    fill(store)
    store.publications.set_lost_evidence("otter", ["layers.L3"])
    clock.go(days=5)
    store.publications.set_lost_evidence("otter", ["layers.L3", "summary"])
    row = store.queue.get("otter")
    assert (row.evidence_lost, row.evidence_lost_since) == (2, START)
    store.publications.set_lost_evidence("otter", [])
    assert store.queue.get("otter").evidence_lost_since is None


def correction(**more: object) -> Correction:
    told: dict[str, object] = {"path": "layers.L3", "field": "text", "proposed": "It asks first.", "quote": "We ask."}
    more = {
        "id": "c1",
        "slug": "otter",
        "url": "https://otter.example/faq",
        "vendor": "Otter Inc",
        "received": START,
    } | more
    return Correction.model_validate(told | more)


def test_a_correction_goes_through_its_states_and_no_others(store: Store) -> None:
    store.listings.put(listing())
    with pytest.raises(Refused, match="starts as received"):
        store.corrections.append(correction(state=CorrectionState.ACCEPTED), actor="ada")
    store.corrections.append(correction(), actor="vendor")
    store.corrections.append(correction(), actor="vendor")
    store.corrections.append(correction(state=CorrectionState.UNDER_REVIEW), actor="ada")
    done = correction(state=CorrectionState.DECLINED, decided=START, reason="not on the page")
    store.corrections.append(done, actor="ada")
    with pytest.raises(Refused, match="declined and cannot become received"):
        store.corrections.append(correction(), actor="vendor")
    assert [c.state for c in store.corrections.states("c1")] == ["received", "under_review", "declined"]
    assert store.corrections.all() == (done,)
    assert store.corrections.all(states=(CorrectionState.RECEIVED,)) == ()


def test_a_request_is_asked_once_and_done_once(store: Store) -> None:
    store.listings.put(listing())
    number = store.requests.add("otter", "correction", "https://otter.example/faq", actor="ada")
    assert store.requests.add("otter", "correction", "https://otter.example/faq", actor="bo") == number
    assert [request.actor for request in store.requests.open()] == ["ada"]
    store.requests.finish(number, "fetched")
    assert store.requests.open() == ()


def test_a_token_is_told_once_and_used_once(store: Store, clock: Clock) -> None:
    store.people.put("ada", "reviewer", secret="hash")
    token = store.people.issue("setup", "ada", 60)
    assert token.encode() not in store.dump()
    assert store.people.use("session", token) is None
    used = store.people.use("setup", token)
    assert used is not None
    assert used.subject == "ada"
    assert store.people.use("setup", token) is None
    late = store.people.issue("session", "ada", 60)
    assert store.people.token("session", late) is not None
    clock.go(seconds=61)
    assert store.people.token("session", late) is None
    fresh = store.people.issue("session", "ada", 60)
    store.people.disable("ada")
    assert store.people.token("session", fresh) is None
