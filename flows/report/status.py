"""How things stand: the counts behind `assay status`."""

from typing import Any

from flows.night.interrupted_nights import KIND, ended_nights
from flows.report.crawl_plan import whole_passes
from flows.report.morning_report import morning_lines
from flows.report.night_summary import NightSummary
from flows.settings import Settings
from records.agents.agent_lists import Filter
from records.agents.review_queue import IN_QUEUE
from records.database.runs import Run
from records.store import Store


def report(store: Store, settings: Settings) -> dict[str, Any]:
    """Counts by status, the last night, the trend of each source, what waits, what a whole pass of each source needs;
    `lines` for a person: first what somebody has to look at."""
    statuses = {status.value: count for status, count in store.queue.statuses().items() if count}
    if removed := len(store.listings.removed()):  # kept as opted out; the events say which
        statuses |= {"opted_out": statuses["opted_out"] - removed, "removed": removed}
        statuses = {name: count for name, count in statuses.items() if count}
    nights = store.runs.recent(KIND, limit=14)
    last = next(iter(ended_nights(store)), None)
    waiting = store.queue.page(Filter(statuses=IN_QUEUE), limit=5)
    open_nights = [run for run in nights[:1] if run.status in ("running", "interrupted")]
    lines = [f"night {run.id} is {run.status} since {run.started_at:%Y-%m-%d %H:%M}" for run in open_nights]
    if last is None:
        lines.append("no night has run yet. Next: assay sources add …, then assay night run")
    else:
        now = sum(statuses.get(status, 0) for status in IN_QUEUE)
        lines += morning_lines(NightSummary.model_validate(last.summary).model_copy(update={"queue": now}))
    passes = whole_passes(store, settings)
    lines += [f"pass     {name}: {whole_pass.text}" for name, whole_pass in passes.items() if whole_pass.nights > 1]
    for batch in store.batches.under_way():
        hours = (store.now() - batch.sent_at).total_seconds() / 3600
        lines.append(f"batch    {batch.done} of {batch.total} questions to {batch.model} answered, {hours:.1f} h old")
    lines += [f"review   {row.slug}: {'; '.join(row.why)}" for row in waiting.rows]
    lines.append(f"agents   {', '.join(f'{count} {status}' for status, count in statuses.items()) or 'none yet'}")
    generation = store.publications.generation()
    if generation is not None:
        lines.append(f"site     generation {generation.number} of {generation.at:%Y-%m-%d %H:%M}")
    head = store.events.head()
    lines.append(f"audit    {head.sequence} events, head {head.digest}")
    return {
        "statuses": statuses,
        "last_night": last.summary if last else None,
        "last_night_status": last.status if last else None,
        "trends": trends(nights),
        "whole_passes": {name: whole_pass._asdict() for name, whole_pass in passes.items()},
        "waiting": [row.slug for row in waiting.rows],
        "generation": generation.number if generation else None,
        "audit": head.model_dump(include={"sequence", "digest"}),
        "lines": lines,
    }


def last_night(store: Store) -> NightSummary | None:
    """The summary of the night that ended last."""
    return next((NightSummary.model_validate(run.summary) for run in ended_nights(store)), None)


def trends(nights: tuple[Run, ...]) -> dict[str, list[int]]:
    """Listings a night and source, oldest first."""
    found: dict[str, list[int]] = {}
    for run in reversed(nights):
        for source in run.summary.get("sources", ()):
            found.setdefault(source["name"], []).append(source["listings"])
    return found
