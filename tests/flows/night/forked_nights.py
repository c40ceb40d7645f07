"""Nights in forked processes: imports are paid for once, and each night can be traced and killed.

Reads one JSON line a night on standard input, `{"what", "home", "base", "model", "hold", "alone"}`; writes
`{"pid"}` when it is forked and `{"pid", "code"}` when it has ended. With `hold` it waits for that file to appear.
`alone`: in one thread, so that the calls of the night come in one order and each of them can be hit.
`what` is `night`, `batch` (a night with batches) or `publish`; the key that the model is shown is the process's id.
The first night runs in the process itself, so that everything is loaded and compiled before it is forked.
"""

import asyncio
import contextlib
import ctypes
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from extractors.model.openai_client import OpenAIClient
from flows.assessment import agent_assessment, answer_threads, completion_cache
from flows.night import agent_work
from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.reading.time_limited_pool import READERS
from flows.store_access import open_store
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)


class Still:
    """A clock that stands, and nobody waits."""

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


async def in_turn(_: object, work: Callable[..., Any], *arguments: object) -> Any:
    return work(*arguments)


def night(order: dict[str, Any]) -> None:
    os.environ["ASSAY_HOME"] = order["home"]
    agent_work.in_worker_thread = agent_assessment.in_worker_thread = (
        in_turn if order["alone"] else answer_threads.in_worker_thread
    )
    completion_cache.in_priority_thread = in_turn if order["alone"] else answer_threads.in_priority_thread
    settings = settings_for(order["base"])
    setattr(READERS, "share", lambda: False)  # noqa: B010 - the order of writes hangs on no other process
    with open_store(settings, clock=lambda: NOW, actor="night") as store:
        if order["what"] == "publish":
            publish_site(store, settings, settings.site, released_by="ada")
            return
        store.sources.add("made", "directory_site", f"{order['base']}/", {"selectors": "harbour"})
        if order["what"] == "batch":
            settings = settings.model_copy(update={"model": settings.model.model_copy(update={"batch": True})})
        client = OpenAIClient("scripted", base_url=order["model"], api_key=str(os.getpid()), sleep=Still().sleep)
        asyncio.run(run_night(store, settings, client=client, clock=Still()))


def forked(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(0x59616D61, -1)  # any process of ours may trace this one
        while order.get("hold") and not Path(order["hold"]).exists():
            time.sleep(0.002)
        night(order)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def warm(order: dict[str, Any]) -> None:
    """A whole night and a publication; the threads that they left are not forked, so new ones are begun."""
    night(order)
    night(order | {"what": "publish"})
    for name in ("WORKING", "STORING"):
        getattr(answer_threads, name).shutdown()
        setattr(answer_threads, name, ThreadPoolExecutor(1, name))
    print(json.dumps({"pid": 0, "code": 0}), flush=True)


def main() -> None:
    warm(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        child = forked(json.loads(line))
        print(json.dumps({"pid": child}), flush=True)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"pid": child, "code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
