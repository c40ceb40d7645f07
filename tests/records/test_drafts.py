"""Claim by claim: acceptance survives noise, two reviewers see each other, undo and redo."""

import pytest

from extractors.canonical_json import digest
from extractors.pages.snapshot import sha256
from records.assessments.review_drafts import ClaimDecision, standing
from records.assessments.reviews import StaleState
from records.store import Store
from tests.records.made import (
    amendment,
    extraction,
    fill,
    listing,
    put,
)


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
            kept = "layers.L3" in standing(store.drafts.last("otter"), {"layers.L3": (source, claim)})
            assert kept == (source == same[0] or claim == same[1])


def test_of_two_reviewers_of_one_claim_the_second_sees_the_first(store: Store) -> None:
    fill(store)
    first = decide(store)
    with pytest.raises(StaleState, match="decided by ada"):
        decide(store, reviewer="bo", verdict="rejected")
    assert decide(store, reviewer="bo", verdict="rejected", after=first.id).reviewer == "bo"
    assert [d.verdict for d in store.drafts.log("otter")] == ["accepted", "rejected"]


def test_a_claim_of_an_older_assessment_is_not_decided(store: Store) -> None:
    old = digest(fill(store))
    now = digest(put(store, extraction(value="0.3")))
    with pytest.raises(StaleState) as told:
        decide(store, assessment_digest=old)
    assert told.value.current == now


def test_redo_without_limit_and_only_of_ones_own(store: Store) -> None:
    fill(store)
    paths = [f"layers.L{number}" for number in range(1, 5)]
    for path in paths:
        decide(store, path, amendments=(amendment(),))
    decide(store, "summary", reviewer="bo")
    for path in reversed(paths):
        store.drafts.flip(store.drafts.last("otter")[path].act, undone=True)
    assert list(store.drafts.last("otter")) == ["summary"]
    redone = [store.drafts.redo("otter", "ada") for _ in paths]
    assert [d.path for d in redone if d] == paths
    assert store.drafts.last("otter")["layers.L1"].amendments == (amendment(),)
    store.drafts.flip(store.drafts.last("otter")[paths[-1]].act, undone=True)
    decide(store, "exposure.spends")
    assert store.drafts.redo("otter", "ada") is None, "a new decision ends what could be redone"


def test_notes_are_kept_in_order(store: Store) -> None:
    store.listings.put(listing())
    for words in ("first", "second"):
        store.drafts.add_note("otter", words, author="ada", path="layers.L1")
    assert [note.text for note in store.drafts.notes("otter")] == ["first", "second"]
