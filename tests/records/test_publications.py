"""Publications, corrections, requests, tokens: nothing goes out that nobody approved."""

import pytest

from extractors.canonical_json import digest
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import Refused
from scoring.reviews import Correction, CorrectionState
from tests.records.made import (
    START,
    Clock,
    extraction,
    fill,
    listing,
    publish,
    put,
    record,
    review,
)
from tests.records.store_dump import dump


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
    assert len(store.publications.versions("otter")) == 3
    assert verify(store).problems == ()


def test_putting_the_same_record_again_writes_nothing(store: Store) -> None:
    store.reviews.append(review(fill(store)))
    publish(store)
    again = record(store)
    generation = store.publications.begin()
    assert not store.publications.put(again, generation=generation, review=1)
    assert len(store.publications.versions("otter")) == 1


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


def test_the_last_version_of_each_record_is_named_by_its_digest(store: Store, clock: Clock) -> None:
    for slug in ("otter", "heron"):
        store.reviews.append(review(fill(store, slug)))
        publish(store, slug)
        clock.go(days=1)
    digests = store.publications.digests()
    assert digests.keys() == {"heron", "otter"}
    current = store.publications.current("heron")
    assert current is not None
    assert digests["heron"] == digest(current.record) == current.digest
    assert [published.record.slug for published in store.publications.all()] == ["heron", "otter"]


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


def test_another_role_ends_what_lets_a_person_in(store: Store) -> None:
    def held() -> list[bool]:
        return [store.people.token(purpose, token) is not None for purpose, token in given]

    store.people.put("ada", "administrator", secret="hash")
    given = [(purpose, store.people.issue(purpose, "ada", 60)) for purpose in ("session", "setup", "vendor")]
    given.append(("session", store.people.issue("session", "bo", 60)))
    store.people.put("ada", "administrator", secret="other")
    assert held() == [True, True, True, True], "the same role ends nothing"
    store.people.put("ada", "reader", secret="other")
    assert held() == [False, False, True, True]


def test_what_expired_or_was_used_does_not_stay_for_ever(store: Store, clock: Clock) -> None:
    def count() -> int:
        with store.database.reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM tokens").scalar_one())

    for number in range(5):
        store.people.issue("session", f"p{number}", 60)
    store.people.issue("vendor", "otter", 30 * 86_400)
    used = store.people.issue("setup", "p0", 7 * 86_400)
    assert store.people.use("setup", used) is not None
    assert store.people.prune_expired() == 0 and count() == 7
    clock.go(days=2)
    assert store.people.issue("session", "ada", 60) and count() == 2, "signing in drops them"
    clock.go(days=40)
    assert store.people.prune_expired() == 2 and count() == 0


def test_a_token_is_told_once_and_used_once(store: Store, clock: Clock) -> None:
    store.people.put("ada", "reviewer", secret="hash")
    token = store.people.issue("setup", "ada", 60)
    assert token.encode() not in dump(store)
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
