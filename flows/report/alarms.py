"""What should wake somebody: a night that failed or was too incomplete, none for too long, a source that failed."""

import asyncio
from datetime import datetime, timedelta

from flows.night.interrupted_nights import ended_nights
from flows.report.announcements import post
from flows.settings import Settings
from flows.store_access import now, open_store
from records.store import Store
from scoring.errors import AssayError

WATCH = 600.0
"""Seconds between two looks for alarms."""


def alarms(store: Store, settings: Settings, at: datetime) -> list[str]:
    """One line each; empty when all is well."""
    raised: list[str] = []
    ended = ended_nights(store)
    full = next((run for run in ended if run.status == "finished"), None)
    limit = timedelta(hours=settings.alarm.silence_hours)
    if full is None:
        raised.append("no full night yet; next: assay night run")
    elif full.finished_at is not None and at - full.finished_at > limit:
        hours = int((at - full.finished_at).total_seconds() // 3600)
        raised.append(f"silence: the last full night ended {hours} hours ago (limit {settings.alarm.silence_hours:g})")
    if ended and ended[0].status == "failed":
        raised.append(f"the last night failed: {ended[0].summary.get('problem', 'no summary')}")
    for source in ended[0].summary.get("sources", ()) if ended else ():
        if source["problem"]:
            behind = f" ({source['behind']} agents behind it)" if source.get("behind") else ""
            raised.append(f"source {source['name']}: {source['problem']}{behind}")
    return raised


async def watch(settings: Settings) -> None:
    """Posts each alarm to the webhook once while it holds, and once more when all is well again."""
    posted: set[str] = set()
    while settings.alarm.webhook.get_secret_value():
        await asyncio.sleep(WATCH)
        posted = await post_new_alarms(settings, posted)


async def post_new_alarms(settings: Settings, posted: set[str]) -> set[str]:
    """One look. An alarm is known by its first words, since its numbers change."""
    try:
        with open_store(settings) as store:
            raised = {line.split(":")[0]: line for line in alarms(store, settings, now())}
    except AssayError as error:
        raised = {"store": str(error)}
    new = [line for name, line in raised.items() if name not in posted]
    if new:
        await post(settings, {"event": "alarm", "text": "\n".join(new), "alarms": new})
    elif posted and not raised:
        await post(settings, {"event": "all clear", "text": "no alarm holds any more", "alarms": []})
    return set(raised)
