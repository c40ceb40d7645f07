"""One night may be several runs: what was killed and what went on with it, as one.

Invariant: a night is identified by the start of its first run; its budget, its counts and its endings are those of
all of its runs.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from flows.settings import Settings
from records.database.runs import Run
from records.store import Store

KIND = "nightly"
_LATEST = 50


def ended_nights(store: Store) -> list[Run]:
    """Nights that came to an end, the last one first."""
    return [run for run in store.runs.recent(KIND, limit=_LATEST) if run.status in ("finished", "failed")]


def interrupted_night_start(store: Store, settings: Settings) -> datetime | None:
    """Start of the night that was killed and is young enough to go on."""
    store.runs.reclaim()
    start: datetime | None = None
    for run in store.runs.recent(KIND, limit=_LATEST):
        young = store.now() - run.started_at < timedelta(hours=settings.night.hours)
        if run.status != "interrupted" or not young:
            break
        start = run.started_at
    return start


def spent_since(store: Store, since: datetime) -> Decimal:
    """What this night has cost so far, its killed runs included: the budget is a night's."""
    tonight = (run for run in store.runs.recent(KIND, limit=_LATEST) if run.started_at >= since)
    return sum((store.completions.usage(run=run.id).cost for run in tonight), Decimal(0))


def runs_since(store: Store, run: Run, since: datetime) -> list[str]:
    """The runs of one night: those that were killed, oldest first, then the one that ends it."""
    nights = store.runs.recent(run.kind, limit=_LATEST)
    killed = [r for r in nights if r.status == "interrupted" and since <= r.started_at and r.id != run.id]
    return [r.id for r in sorted(killed, key=lambda r: r.started_at)] + [run.id]
