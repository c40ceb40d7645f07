"""A night in several processes, on one machine or many: each looks at the agents of its hosts, in the night's steps.

Idea: the coordinator cuts the due agents by their slowest host, keeps the cut with the run, and is the first slice
itself. A slice at work holds a lock; the coordinator takes one that nobody holds whenever it is idle, and all of them
once the others had their time to come, so a night ends with any number of processes, none besides it included.
Invariants: a slice that runs twice changes nothing; the agents of a process that was killed, or never came, are looked
at in the same night.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256

from extractors.crawl.politeness.clock import Clock
from flows.assessment.assessment import completion_client
from flows.database_retry import retry_database
from flows.night.concurrency import run_bounded
from flows.night.due_agents import slowest_hosts
from flows.night.interrupted_nights import spent_since
from flows.night.night import Night
from flows.night.slice_limits import host_locks, share
from flows.report.event_log import log_event
from flows.settings import Settings
from records.database.locks import Lock
from records.database.runs import AgentOutcome, Run
from records.store import Store
from scoring.claims import Frozen

PATIENCE = 60.0
"""Seconds for the other processes to come, while the coordinator has work."""
POLL = 1.0
"""Seconds between two looks whether another slice has ended."""


class SlicePlan(Frozen):
    """How a night is cut; kept with its run while it works."""

    since: datetime
    spent: Decimal
    """What the night had cost when it was cut."""
    slices: tuple[tuple[str, ...], ...]
    """Agents of each slice, most urgent first."""


def slices_by_host(due: Sequence[str], host_of: Mapping[str, str], slices: int) -> tuple[tuple[str, ...], ...]:
    """The due agents by slice, in their order; all agents of a host are in one, whatever else is due."""

    def slice_of(slug: str) -> int:
        return int.from_bytes(sha256(host_of.get(slug, slug).encode()).digest()[:8]) % slices

    return tuple(tuple(slug for slug in due if slice_of(slug) == part) for part in range(slices))


async def crawl_slice(store: Store, settings: Settings, run: str, part: int, clock: Clock | None = None) -> int:
    """One slice of the night `run`, in a process of its own; gives how many agents were looked at. None where the
    slice is in other hands or the night is over."""
    lock = store.locks.try_acquire(_lock_name(run, part))
    if lock is None or not store.runs.is_running(run):
        log_event("slice.left", run=run, part=part)
        return 0
    with lock:
        night_run = store.runs.get(run)
        plan = SlicePlan.model_validate(night_run.summary)
        slugs = _left(store, night_run, plan.slices[part])
        limits = share(settings, len(plan.slices), plan.spent)
        spent = sum((store.completions.usage(run=run, slug=slug).cost for slug in plan.slices[part]), Decimal(0))
        night = Night(
            store,
            settings,
            night_run,
            plan.since,
            completion_client(limits, spent=spent),  # a slice begun anew goes on with its share
            clock,
            hold=host_locks(store),
            has_its_place=lambda: store.runs.is_running(run),
            slices=len(plan.slices),
        )
        async with night:
            await night.look_at_all(slugs)
    return len(slugs)


async def crawl_in_slices(
    night: Night, due: Sequence[str], slices: int, call: Callable[[int], Awaitable[None]]
) -> None:
    """All due agents, as the coordinator; `call(part)` asks for another process and may ask in vain."""
    store, run = night.store, night.run
    parts = slices_by_host(due, slowest_hosts(store, night.settings, due), slices)
    plan = SlicePlan(since=night.since, spent=spent_since(store, night.since), slices=parts)
    store.runs.plan(run, plan.model_dump(mode="json"))
    idle = asyncio.Semaphore(1)

    async def take_slice(part: int) -> None:
        async with AsyncExitStack() as at_work:
            with suppress(TimeoutError):
                await asyncio.wait_for(at_work.enter_async_context(idle), PATIENCE)
            while (lock := await retry_database(partial(_try, store, run, part), run=run.id)) is None:
                await at_work.aclose()  # it is in other hands
                night.check_place()
                await asyncio.sleep(POLL)
            taken.enter_context(lock)
            left = _left(store, run, parts[part])
            log_event("slice.taken", run=run.id, part=part, agents=len(left))
            await night.look_at_all(left)

    with ExitStack() as taken:  # to the end: who comes late finds nothing to do
        for part in range(1, slices):
            await call(part)
        await run_bounded(take_slice, range(slices), slices)
        left = _left(store, run, due, again=(AgentOutcome.QUEUED,))
        if left and night.settings.model.name:  # nobody else spends anything now
            night.ask_by(completion_client(night.settings, spent=spent_since(store, night.since)))
            await night.look_at_all(left)


async def _try(store: Store, run: Run, part: int) -> Lock | None:
    return store.locks.try_acquire(_lock_name(run.id, part))


def _lock_name(run: str, part: int) -> str:
    return f"slice:{run}:{part}"


def _left(store: Store, run: Run, slugs: Sequence[str], again: Sequence[AgentOutcome] = ()) -> tuple[str, ...]:
    """Those that the run has not ended yet, or ended as one of `again`."""
    ended = {ending.slug for ending in store.runs.endings(run.id) if ending.outcome not in again}
    return tuple(slug for slug in slugs if slug not in ended)
