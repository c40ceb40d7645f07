"""Runs: one of a kind at a time, and nothing a killed process held stays held."""

from pathlib import Path

import pytest

from extractors.pages.snapshot import Fetched, FetchOutcome
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.errors import Refused
from tests.records.conftest import Open
from tests.records.made import Clock, is_held, listing
from tests.records.test_locks import killed, lose, process


def test_of_two_runs_of_a_kind_one_works(store: Store) -> None:
    run = store.runs.begin("nightly")
    with pytest.raises(Refused, match=r"another run is at work.*assay status"):
        store.runs.begin("nightly")  # and does not wait for the end of the first, which does not come
    store.runs.begin("publish")
    store.runs.finish(run, summary={"new": 3})
    assert store.runs.get(run.id).summary == {"new": 3}
    assert store.runs.begin("nightly").status == "running"


def test_a_finished_run_stays_as_it_ended(store: Store) -> None:
    run = store.runs.begin("nightly")
    assert store.runs.finish(run, "failed", {"why": "no page"}) is True
    assert store.runs.finish(run, "finished") is False, "whoever asks is told that it is not kept"
    assert store.runs.get(run.id).status == "failed"


BEGIN = 'run = store.runs.begin("nightly"); print(run.id, flush=True); time.sleep(60)'


def killed_run(address: str, tmp_path: Path, store: Store) -> str:
    with process(address, tmp_path, BEGIN) as begun:
        assert begun.stdout is not None
        run = begun.stdout.readline().strip()
        killed(begun, store)
    return run


@pytest.mark.slow
def test_what_a_killed_process_held_is_free_at_once(address: str, tmp_path: Path, store: Store) -> None:
    run = killed_run(address, tmp_path, store)
    assert store.runs.get(run).status == "running"
    assert store.runs.reclaim() == (run,)
    assert store.runs.get(run).status == "interrupted"
    assert not is_held(store, "run:nightly")


@pytest.mark.slow
def test_the_next_run_marks_the_killed_one(address: str, tmp_path: Path, store: Store) -> None:
    run = killed_run(address, tmp_path, store)
    store.runs.begin("nightly")
    assert store.runs.get(run).status == "interrupted"


def test_a_run_at_work_is_not_reclaimed(store: Store, open_store: Open) -> None:
    run = store.runs.begin("nightly")
    assert store.runs.reclaim() == open_store().runs.reclaim() == ()
    assert store.runs.is_ours(run)


def test_a_run_whose_lock_was_lost_goes_on_unless_another_took_its_place(store: Store, open_store: Open) -> None:
    run = store.runs.begin("nightly")
    lose(store)
    assert store.runs.is_ours(run) and is_held(store, "run:nightly"), "nobody took its place"
    lose(store)
    other = open_store()
    taken = other.runs.begin("nightly")
    assert not store.runs.is_ours(run)
    assert not store.runs.finish(run, "finished", {"due": 1})
    other.runs.finish(taken)
    assert not store.runs.is_ours(run), "its row is marked, though the lock is free again"
    assert (store.runs.get(run.id).status, store.runs.get(run.id).summary) == ("interrupted", {})


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
        ("heron", None, None, {}, first, False, "directory", listing("heron")),
        ("otter", first, "unchanged", {"a.example": 2, "b.example": 1}, first, False, "directory", None),
    )
    hosts = [("directory", "a.example", 2), ("directory", "b.example", 1)]
    counts = [("directory", "", 1, 0), *((source, host, 1, pages) for source, host, pages in hosts)]
    assert list(store.listings.measured(("deferred",))) == counts and store.listings.measured(("unchanged",)) == ()
    assert sorted(store.listings.rests_on()) == hosts
    assert list(store.listings.bare(())) == [("directory", listing("heron"))]
    store.runs.end_agent(None, "heron", AgentOutcome.DEFERRED)
    assert not list(store.listings.bare(())) and list(store.listings.bare(("deferred",)))


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
