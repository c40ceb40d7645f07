"""What a night did, in numbers and in words: the first thing an operator reads in the morning.

Invariant: counted from the rows the night left, so that a night that was killed and went on counts right.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from pydantic import AwareDatetime, Field, model_validator

from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.model.prices import load_prices
from extractors.pages.snapshot import FetchOutcome
from flows.night.interrupted_nights import runs_since
from flows.report.completeness import SourceCount, completeness, problem_of, without_pages
from flows.settings import Settings
from records.agents.agent_lists import Filter
from records.agents.review_queue import IN_QUEUE
from records.database.runs import AgentOutcome, Run
from records.store import Store
from scoring.claims import Frozen
from scoring.scores import Exact


class Failure(Frozen):
    """One agent that did not end well."""

    slug: str
    outcome: AgentOutcome
    reason: str


class HostEnd(Frozen):
    """A host that gave no page this night, or none any more."""

    host: str
    pages: int
    reason: str
    agents: tuple[str, ...]
    """Slugs of the agents whose pages stand there."""


class BandMove(Frozen):
    """One agent whose assessment changed."""

    slug: str
    before: str
    after: str
    cause: str


class NightSummary(Frozen):
    """The morning's page."""

    run: str
    started_at: AwareDatetime
    finished_at: AwareDatetime
    due: int = Field(ge=0)
    outcomes: dict[AgentOutcome, int]
    completeness: Exact
    complete: bool
    """True when the completeness is at least that of the settings and some listing yielded a page."""
    problem: str = ""
    """Why it is not complete."""
    sources: tuple[SourceCount, ...]
    left_over: int = Field(0, ge=0)
    """Agents that wait for another night, since the page budget of a host of theirs is planned for others."""
    full_hosts: dict[str, int] = Field({})
    """These by that host, most first; empty in summaries of earlier versions."""
    crawl: CrawlLedger
    """What asking for pages came to, one outcome a page."""
    new: tuple[str, ...]
    """Agents assessed for the first time."""
    moved: tuple[BandMove, ...]
    failures: tuple[Failure, ...]
    hosts: tuple[HostEnd, ...] = ()
    """Hosts that failed, those with most agents first; empty in summaries of earlier versions."""
    evidence_lost: tuple[str, ...]
    """Published agents of which a quote no longer stands."""
    queue: int
    calls: int
    tokens: int
    cost: Exact
    unpriced: str = ""
    """The model that was asked without a price, so that its calls count as 0 USD."""
    prices: str = ""
    """Where the price comes from, with its date."""

    @model_validator(mode="before")
    @classmethod
    def _before_ledgers(cls, fields: Any) -> Any:
        """Summaries of earlier versions, which stay in the store, hold outcomes of pages and no more."""
        if not isinstance(fields, dict) or "crawl" in fields or "pages" not in fields:
            return fields
        outcomes = Counter({FetchOutcome(name): int(count) for name, count in fields["pages"].items()})
        rest = {name: value for name, value in fields.items() if name != "pages"}
        return rest | {"crawl": CrawlLedger.counted(outcomes, outcomes.total(), 0)}

    @property
    def with_failures(self) -> bool:
        """Whether a source failed, in whole or in part: an alarm, also where the night is complete."""
        return any(source.problem for source in self.sources)

    @property
    def verdict(self) -> str:
        """`complete`, `complete, with failures: …` or `FAILED: …`."""
        if not self.complete:
            return f"FAILED: {self.problem}"
        named = ", ".join(f"source {source.name}" for source in self.sources if source.problem)
        return f"complete, with failures: {named}" if named else "complete"

    @property
    def facts(self) -> dict[str, Any]:
        """The numbers for a log line: no text that came from outside."""
        counts = {outcome.value: count for outcome, count in self.outcomes.items()}
        logged = {"run": self.run, "complete": self.complete, "due": self.due, "completeness": str(self.completeness)}
        return {**logged, **counts, "calls": self.calls, "cost_usd": str(self.cost), "queue": self.queue}


_NOT_WELL = tuple(
    outcome
    for outcome in AgentOutcome
    if outcome not in (AgentOutcome.ASSESSED, AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD, AgentOutcome.WAITING)
)


def summarise(
    store: Store,
    settings: Settings,
    run: Run,
    due: Sequence[str],
    sources: Iterable[SourceCount],
    evidence_lost: Sequence[str] = (),
    since: datetime | None = None,
    full_hosts: Mapping[str, int] = MappingProxyType({}),
) -> NightSummary:
    """Counts a night. `since` is when it began, which is before the run when it goes on with one that was killed."""
    behind = store.queue.groups("source")
    walked = tuple(source.model_copy(update={"behind": behind.get(source.name, 0)}) for source in sources)
    since = since or run.started_at
    parts = runs_since(store, run, since)
    endings = sorted({ending.slug: ending for part in parts for ending in store.runs.endings(part)}.values())
    outcomes = Counter(ending.outcome for ending in endings)
    unreached = sorted(set(due) - {ending.slug for ending in endings})
    if unreached:
        outcomes[AgentOutcome.NOT_REACHED] += len(unreached)
    share = completeness(outcomes, len(walked), sum(source.failed for source in walked))
    problem = problem_of(share, settings.alarm.completeness, walked, outcomes)
    problem = problem or without_pages(store, [ending.slug for ending in endings])
    usage = [store.completions.usage(run=part) for part in parts]
    assessed = [ending.slug for ending in endings if ending.outcome in (AgentOutcome.ASSESSED, AgentOutcome.WITHHELD)]
    new, moved = _changes(store, assessed, since)
    model = settings.model
    price = load_prices(model.prices).price(model.name, model.base_url) if model.name else None
    return NightSummary(
        run=run.id,
        started_at=since,
        finished_at=store.now(),
        due=sum(outcomes.values()),
        outcomes={outcome: outcomes[outcome] for outcome in AgentOutcome if outcomes[outcome]},
        completeness=share,
        complete=not problem,
        problem=problem,
        sources=walked,
        left_over=sum(full_hosts.values()),
        full_hosts=dict(sorted(full_hosts.items(), key=lambda pair: (-pair[1], pair[0]))),
        crawl=store.pages.ledger(parts, unreached),
        new=new,
        moved=moved,
        failures=tuple(
            Failure(slug=ending.slug, outcome=ending.outcome, reason=ending.reason)
            for ending in endings
            if ending.outcome in _NOT_WELL
        ),
        hosts=tuple(
            HostEnd(host=host.host, pages=host.pages, reason=host.reason or host.outcome.value, agents=host.agents)
            for host in store.pages.failed_hosts(parts)
        ),
        evidence_lost=tuple(evidence_lost),
        queue=store.queue.count(Filter(statuses=IN_QUEUE)),
        calls=sum(used.calls for used in usage),
        tokens=sum(used.prompt_tokens + used.completion_tokens for used in usage),
        cost=sum((used.cost for used in usage), Decimal(0)),
        unpriced=model.name if model.name and price is None else "",
        prices=price.source if price is not None else "",
    )


def _changes(store: Store, slugs: Sequence[str], since: datetime) -> tuple[tuple[str, ...], tuple[BandMove, ...]]:
    new: list[str] = []
    moved: list[BandMove] = []
    for slug in slugs:
        history = store.assessments.history(slug)
        if len(history) < 2:
            if history and history[-1].at >= since:
                new.append(slug)
            continue
        old, now = history[-2:]
        if now.at < since:
            continue
        before, after = (store.assessments.assessment(row.assessment_digest) for row in (old, now))
        cause = _cause(before.provenance.model_dump(), after.provenance.model_dump())
        shown = [f"{a.headline.score or '–'} {a.headline.severity or 'withheld'}" for a in (before, after)]
        moved.append(BandMove(slug=slug, before=shown[0], after=shown[1], cause=cause))
    return tuple(new), tuple(moved)


def _cause(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Which version differs; the source when none does."""
    versions = ("formula", "rubric", "prompt", "model", "reference")
    return next((name for name in versions if before.get(name) != after.get(name)), "source")
