"""Runs, leases, shards and budgets: one at a time, and nothing a killed process held stays held."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractors.pages.snapshot import Fetched, FetchOutcome
from records.database import leases
from records.database.engine import utc_now
from records.database.leases import new_holder
from records.database.runs import AgentOutcome
from records.database.tables import budget_blocks, shards
from records.database.tables import leases as lease_table
from records.store import Store
from scoring.errors import Refused
from tests.records.made import Clock, fill, listing

FOREIGN = "elsewhere~1|7|8|abcd"
"""A holder on another machine: whether it lives cannot be known here."""


def expire(store: Store, table: sa.Table) -> None:
    with store.database.writing() as connection:
        connection.execute(sa.update(table).values(until=utc_now() - timedelta(seconds=1)))


def test_a_lease_has_one_holder(store: Store) -> None:
    assert store.leases.take("host:a", FOREIGN, 60)
    assert not store.leases.take("host:a", new_holder(), 60)
    assert store.leases.take("host:a", FOREIGN, 60), "one's own is renewed"
    store.leases.release("host:a", new_holder())
    assert [lease.holder for lease in store.leases.all()] == [FOREIGN]
    store.leases.release("host:a", FOREIGN)
    assert store.leases.take("host:a", new_holder(), 60)


def test_a_lease_whose_time_is_up_is_taken_and_its_holder_must_stop(store: Store) -> None:
    store.leases.take("host:a", FOREIGN, 60)
    expire(store, lease_table)
    mine = new_holder()
    assert store.leases.take("host:a", mine, 60)
    with pytest.raises(Refused, match="taken over"):
        store.leases.renew("host:a", FOREIGN, 60)
    store.leases.renew("host:a", mine, 60)


def test_a_lease_does_not_outlive_a_clock_that_goes_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.leases.take("host:a", FOREIGN, 60)
    yesterday = utc_now() - timedelta(days=1)
    monkeypatch.setattr(leases, "utc_now", lambda: yesterday)
    assert store.leases.take("host:a", new_holder(), 60)


def test_a_lease_is_given_back_when_its_work_fails(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.leases.held("site", 60):
        raise ZeroDivisionError
    with store.leases.held("site", 60), pytest.raises(Refused, match="at work"), store.leases.held("site", 60):
        pass


def test_of_two_runs_of_a_kind_one_works(store: Store) -> None:
    run = store.runs.begin("nightly")
    started = time.monotonic()
    with pytest.raises(Refused, match=r"another run is at work.*assay status"):
        store.runs.begin("nightly")
    assert time.monotonic() - started < 5
    store.runs.begin("publish")
    store.runs.finish(run, summary={"new": 3})
    assert store.runs.get(run.id).summary == {"new": 3}
    assert store.runs.begin("nightly").status == "running"


def test_a_finished_run_stays_as_it_ended(store: Store) -> None:
    run = store.runs.begin("nightly")
    assert store.runs.finish(run, "failed", {"why": "no page"}) is True
    assert store.runs.finish(run, "finished") is False, "whoever asks is told that it is not kept"
    assert store.runs.get(run.id).status == "failed"


KILLED = """
import sys, time
from decimal import Decimal
from records.store import Store
store = Store.open(sys.argv[1], blobs=sys.argv[2])
run = store.runs.begin("nightly")
store.shards.add(run.id, {"a": {"hosts": ["a"]}, "b": {}})
store.shards.take(run.id, run.holder, 3600)
store.budget.spend(store.budget.reserve("night", Decimal(10), Decimal(6), holder=run.holder), Decimal(1))
print(run.id, flush=True)
time.sleep(60)
"""


def killed_run(address: str, tmp_path: Path) -> str:
    command = [sys.executable, "-c", KILLED, address, str(tmp_path / "blobs")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    run = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return run


def test_what_a_killed_process_held_is_free_at_once(address: str, tmp_path: Path, store: Store) -> None:
    run = killed_run(address, tmp_path)
    assert store.runs.get(run).status == "running"
    shard = store.shards.take(run, new_holder(), 3600)
    assert shard is not None
    assert (shard.key, shard.tries, shard.work) == ("a", 2, {"hosts": ["a"]})
    store.budget.reserve("night", Decimal(10), Decimal(9), holder=new_holder())
    assert store.budget.gone("night") == 10, "what it had spent stays spent, the rest is free again"
    assert store.runs.reclaim() == (run,)
    assert store.runs.get(run).status == "interrupted"
    assert store.leases.all() == ()


def test_the_next_run_marks_the_killed_one(address: str, tmp_path: Path, store: Store) -> None:
    run = killed_run(address, tmp_path)
    store.runs.begin("nightly")
    assert store.runs.get(run).status == "interrupted"


def test_a_run_at_work_is_not_reclaimed(store: Store) -> None:
    run = store.runs.begin("nightly")
    assert store.runs.reclaim() == ()
    store.runs.renew(run)


def test_how_agents_ended_is_counted(store: Store) -> None:
    for slug in ("otter", "heron", "newt"):
        store.listings.put(listing(slug))
    run = store.runs.begin("nightly")
    store.runs.end_agent(run.id, "otter", AgentOutcome.INTERRUPTED)
    store.runs.end_agent(run.id, "otter", AgentOutcome.ASSESSED)
    store.runs.end_agent(run.id, "heron", AgentOutcome.FORBIDDEN, "robots.txt")
    assert store.runs.counts(run.id) == {AgentOutcome.ASSESSED: 1, AgentOutcome.FORBIDDEN: 1}
    assert [(e.slug, e.reason) for e in store.runs.endings(run.id)] == [("heron", "robots.txt"), ("otter", "")]


def test_the_coverage_tells_the_last_look_and_the_hosts_it_rested_on(store: Store, clock: Clock) -> None:
    for slug in ("otter", "heron"):
        store.listings.put(listing(slug))
    first = clock.now
    store.runs.end_agent(None, "otter", AgentOutcome.UNCHANGED)
    clock.go(days=1)
    urls = ("https://a.example/1", "https://a.example/2", "https://b.example/")
    for url in urls:
        store.pages.keep(Fetched(url=url, outcome=FetchOutcome.NOT_FOUND, at=first))
    store.pages.assign("otter", urls)
    assert store.listings.coverage() == (
        ("heron", None, None, {}, first, False),
        ("otter", first, "unchanged", {"a.example": 2, "b.example": 1}, first, False),
    )


def test_what_a_source_says_anew_counts_until_the_next_look(store: Store, clock: Clock) -> None:
    def changed() -> list[str]:
        return [agent.slug for agent in store.listings.coverage() if agent.changed]

    for slug in ("otter", "heron"):
        store.listings.put(listing(slug))
    store.listings.put(listing("heron", entry="Fishes."))
    assert changed() == [], "one that was never looked at is new"
    for slug in ("otter", "heron"):
        store.runs.end_agent(None, slug, AgentOutcome.ASSESSED)
    clock.go(days=1)
    store.listings.put(listing("otter", entry="Mends nets."))
    store.listings.put(listing("heron", entry="Fishes."))
    clock.go(days=9)
    store.listings.put(listing("otter", entry="Mends nets."))
    assert changed() == ["otter"]
    store.runs.end_agent(None, "otter", AgentOutcome.UNCHANGED)
    assert changed() == []


def test_shards_are_done_once_each_in_order(store: Store) -> None:
    run = store.runs.begin("nightly").id
    store.shards.add(run, {"a": {}, "b": {"slugs": ["otter"]}})
    store.shards.add(run, {"a": {"other": 1}, "c": {}})
    first = store.shards.take(run, FOREIGN, 60)
    second = store.shards.take(run, new_holder(), 60)
    assert first is not None
    assert second is not None
    assert (first.key, second.key, second.work) == ("a", "b", {"slugs": ["otter"]})
    store.shards.finish(second, {"done": 1})
    with pytest.raises(Refused):
        store.shards.finish(second, {"done": 2})
    expire(store, shards)
    again = store.shards.take(run, new_holder(), 60)
    assert again is not None
    assert again.key == "a"
    with pytest.raises(Refused, match="taken it over"):
        store.shards.renew(first, 60)
    store.shards.finish(again, {}, failed=True)
    assert [(s.key, s.state) for s in store.shards.all(run)] == [("a", "failed"), ("b", "done"), ("c", "open")]


def test_a_shard_that_kills_its_workers_ends(store: Store) -> None:
    run = store.runs.begin("nightly").id
    store.shards.add(run, {"a": {}})
    for _ in range(3):
        assert store.shards.take(run, FOREIGN, 60) is not None
        expire(store, shards)
    assert store.shards.take(run, FOREIGN, 60) is None
    assert [(s.state, s.result) for s in store.shards.all(run)] == [("failed", {"error": "its worker died 3 times"})]


TAKER = """
import sys
from records.leases import new_holder
from records.store import Store
store, holder, taken = Store.open(sys.argv[1], blobs=sys.argv[2]), new_holder(), []
while (shard := store.shards.take(sys.argv[3], holder, 60)) is not None:
    store.shards.finish(shard, {"by": holder})
    taken.append(shard.key)
print(" ".join(taken))
"""


@pytest.mark.slow
def test_workers_share_shards_and_none_is_taken_twice(address: str, tmp_path: Path, store: Store) -> None:
    run = store.runs.begin("nightly").id
    store.shards.add(run, {f"{number:03d}": {} for number in range(60)})
    command = [sys.executable, "-c", TAKER, address, str(tmp_path / "blobs"), run]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) for _ in range(3)]
    taken = [key for process in started for key in process.communicate(timeout=120)[0].decode().split()]
    assert sorted(taken) == [f"{number:03d}" for number in range(60)]


def test_a_budget_is_never_overdrawn(store: Store) -> None:
    block = store.budget.reserve("night", Decimal("1"), Decimal("0.6"), holder=FOREIGN)
    with pytest.raises(Refused, match=r"0.4 of 1 are left, 0.5 were asked for"):
        store.budget.reserve("night", Decimal("1"), Decimal("0.5"), holder=FOREIGN)
    store.budget.reserve("other", Decimal("1"), Decimal("1"), holder=FOREIGN)
    store.budget.spend(block, Decimal("0.000001"))
    store.budget.settle(block)
    assert store.budget.gone("night") == Decimal("0.000001")
    store.budget.reserve("night", Decimal("1"), Decimal("0.9"), holder=FOREIGN)
    expire(store, budget_blocks)
    store.budget.reserve("night", Decimal("1"), Decimal("0.9"), holder=FOREIGN)


RESERVER = """
import sys
from decimal import Decimal
from records.leases import new_holder
from records.store import Store
from scoring.errors import Refused
store, got = Store.open(sys.argv[1], blobs=sys.argv[2]), 0
holder = new_holder().replace("|", "~")
for _ in range(20):
    try:
        store.budget.reserve("night", Decimal(25), Decimal(1), holder=holder)
        got += 1
    except Refused:
        pass
print(got)
"""


@pytest.mark.slow
def test_workers_at_once_do_not_overdraw(address: str, tmp_path: Path, store: Store) -> None:
    fill(store)
    command = [sys.executable, "-c", RESERVER, address, str(tmp_path / "blobs")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) for _ in range(3)]
    assert sum(int(process.communicate(timeout=120)[0]) for process in started) == 25
    assert store.budget.gone("night") == 25
