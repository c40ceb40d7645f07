"""`assay adopt`: shown first, in slices, stopped, taken back; on approved agents that a4eccde wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors.pages.snapshot import sha256
from flows.operations.adoption import Plan, adopt, back, preview, stop
from flows.operations.publication import publish_site
from flows.settings import Settings, load
from flows.store_access import open_store
from records.adoptions import in_renewal
from records.agents.review_queue import IN_QUEUE, AgentStatus
from records.store import Store
from review.roles import Actor
from scoring.errors import NotFound, Refused
from scoring.reviews import Decision
from tests.flows.operations.released_agents import multiply, unpack

ADA = Actor("ada", "publisher")
WHY = "the new reader"


@pytest.fixture(params=[36, pytest.param(1000, marks=pytest.mark.slow)])
def released(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Approved and published agents, as many as the parameter says."""
    monkeypatch.setenv("ASSAY_HOME", str(unpack(tmp_path)))
    monkeypatch.setenv("ASSAY_PUBLISH__BUNDLES", "false")
    monkeypatch.setenv("ASSAY_PUBLISH__MAX_BAND_CHANGES", "0.05")
    with open_store(load(), create=False) as store:
        multiply(store, request.param)
        yield store


def publish(store: Store, released_by: str = "") -> int:
    return publish_site(store, load(), load().site, released_by=released_by).records


def records(store: Store) -> dict[str, str]:
    """Digest of each live record; each is what a standing approval names."""
    found = {}
    for one in store.publications.all():
        assert one.record.withdrawn is None and one.review is not None
        review = store.reviews.get(one.review).review
        assert review.decision is Decision.APPROVE
        if not review.amendments:
            assert one.record.assessment_digest == review.assessment_digest
        found[one.record.slug] = one.digest
    return found


def page(slug: str) -> str:
    return (load().site / "current" / "agents" / f"{slug}.html").read_text()


def slice_of(store: Store, agents: int, settings: Settings | None = None) -> Plan:
    return asyncio.run(adopt(store, settings or load(), agents, ADA, WHY))


def test_a_released_store_is_adopted_in_slices_and_taken_back(released: Store) -> None:
    store, settings = released, load()
    count = store.listings.count()
    publish(store)
    before, scores = records(store), {o.record.slug: o.record.assessment.headline for o in store.publications.all()}
    assert len(before) == count and store.queue.statuses()[AgentStatus.PUBLISHED] == count

    unchanged = sha256(store.dump(without={"texts"}))
    plan = asyncio.run(preview(store, settings))
    assert sha256(store.dump(without={"texts"})) == unchanged, "a preview keeps nothing"
    assert (len(plan.rows), plan.standing, plan.left, plan.calls) == (count, 0, 0, 0)
    assert plan.differ["prompt assess@1 -> assess@5"] == count
    shown = {row.slug: row for row in plan.rows}
    assert {row.approval for row in plan.rows} == {"falls", "stands"} and any(row.lost for row in plan.rows)
    assert all((row.approval == "stands") == (not row.again) for row in plan.rows)
    assert [row.approval for row in plan.rows] == sorted(row.approval for row in plan.rows), "what falls comes first"
    assert not in_renewal(store)

    first = slice_of(store, count // 3)
    assert (len(first.rows), first.left) == (count // 3, count - count // 3)
    assert all(row == shown[row.slug] for row in first.rows), "what was shown is what happens"
    kept = {row.slug for row in first.rows if row.approval == "stands"}
    waiting = {row.slug for row in first.rows} - kept
    assert {slug for slug in before if store.queue.status(slug) in IN_QUEUE} == waiting
    assert set(store.queue.to_publish()) == kept
    assert records(store) == before, "adopting publishes nothing"

    stop(store, ADA, "the weekend")
    rest = slice_of(store, count)
    assert (rest.left, rest.standing) == (0, count // 3)
    assert asyncio.run(preview(store, settings)).rows == ()

    with pytest.raises(Refused, match="change their band"):
        publish(store)
    publish(store, released_by="ada")
    publish(store)  # released once
    now = records(store)
    stands = {slug for slug, row in shown.items() if row.approval == "stands"}
    assert now.keys() == before.keys() and {slug for slug in now if now[slug] != before[slug]} == stands
    assert in_renewal(store) == before.keys() - stands
    old, new = sorted(before.keys() - stands)[0], sorted(stands)[0]
    assert "Under renewal" in page(old) and "Under renewal" not in page(new)

    restored, left = back(store, ADA, "a fault in the reader")
    assert (len(restored), left) == (count, ())
    assert not in_renewal(store)
    with pytest.raises(Refused, match="change their band"):
        publish(store)
    publish(store, released_by="ada")
    assert records(store).keys() == before.keys() and store.queue.statuses()[AgentStatus.PUBLISHED] == count
    assert {o.record.slug: o.record.assessment.headline for o in store.publications.all()} == scores
    assert "Under renewal" not in page(old)
    with pytest.raises(NotFound):
        back(store, ADA, "again")
    assert store.verify().holds
