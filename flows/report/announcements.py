"""The morning after: the night's summary as a file and to the operator's webhook; alarms to the webhook.

Invariants: the file is there in full or not at all; announcing never fails a night; an alarm is posted once while it
holds. A private webhook needs its host in `crawl.allow_private`, like every other private address.
"""

import os
from pathlib import Path
from typing import Any

from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_exponential

from extractors.crawl.http.webhook import Delivery, post_json
from flows.report.event_log import log_event
from flows.report.morning_report import morning_lines, morning_markdown
from flows.report.night_summary import NightSummary
from flows.settings import Settings


async def announce(summary: NightSummary, settings: Settings) -> None:
    """File first, then the webhook."""
    try:
        write_morning(summary, settings)
    except OSError as error:
        log_event("morning.not_written", run=summary.run, why=error.strerror or str(error))
    if settings.alarm.webhook.get_secret_value():
        text = "\n".join(morning_lines(summary)[:40])
        await post(settings, {"event": "night", "text": text, "summary": summary.model_dump(mode="json")})


def write_morning(summary: NightSummary, settings: Settings) -> Path:
    """`<home>/mornings/2026-11-22T0214-<run>.md`."""
    folder = settings.home / "mornings"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{summary.finished_at:%Y-%m-%dT%H%M}-{summary.run}.md"
    temporary = file.with_suffix(".new")
    with temporary.open("w", encoding="utf-8") as out:
        out.write(morning_markdown(summary))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(file)
    return file


async def post(settings: Settings, payload: dict[str, Any]) -> Delivery:
    """Three tries; an endpoint that refuses all is named in the log, without its address' secrets."""
    url = settings.alarm.webhook.get_secret_value()
    retrying = AsyncRetrying(
        stop=stop_after_attempt(3),
        wait=wait_exponential(multiplier=0.5, max=5),
        retry=retry_if_result(lambda delivery: not delivery.delivered),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
    )
    delivery: Delivery = await retrying(post_json, url, payload, settings.crawl_settings())
    log_event("webhook.told", what=payload["event"], delivered=delivery.delivered, why=delivery.reason)
    return delivery
