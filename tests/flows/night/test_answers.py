"""An answer that was paid for is stored, however its night ends."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, Usage
from extractors.model.reply_cache_key import completion_key
from extractors.pages.text_extraction import page_text
from extractors.prompting.prompt_files import load
from flows import database_retry
from flows.assessment import completion_cache
from flows.night.concurrency import run_bounded
from records.store import Store
from scoring.errors import TransientError


class Paid(CompletionClient):
    """Answers after a moment and counts what it answered."""

    model = "scripted"
    settings: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.calls = 0

    async def complete(self, request: CompletionRequest) -> Completion:
        await asyncio.sleep(0.05)
        self.calls += 1
        key = completion_key(request, self.model, self.settings)
        return Completion(
            key=key, model=self.model, outcome=CompletionOutcome.ANSWERED, reply="{}", usage=Usage(calls=1)
        )


def request(n: int) -> CompletionRequest:
    url = f"https://otter.example/{n}"
    page = page_text(f"<p>Otter number {n} reads mail and answers it.</p>".encode(), url=url, media_type="text/html")
    return CompletionRequest(prompt=load("assess"), slug=f"otter-{n}", name="Otter", documents=(page,))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "assay.db", blobs=tmp_path / "blobs") as opened:
        yield opened


async def test_a_night_that_stops_keeps_every_answer_that_came(store: Store, tmp_path: Path) -> None:
    client, requests = Paid(), [request(n) for n in range(12)]
    release = threading.Event()

    def hold() -> None:
        """Another process writes meanwhile, so that answers wait to be stored when the night stops."""
        other = sqlite3.connect(tmp_path / "assay.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        release.wait(60)
        other.execute("ROLLBACK")
        other.close()

    async def one(n: int) -> None:
        if n == 11:
            while client.calls < 11:
                await asyncio.sleep(0.01)
            asyncio.get_running_loop().call_later(0.1, release.set)
            raise RuntimeError("the night stops")
        await completion_cache.complete(store, requests[n], client)

    writer = threading.Thread(target=hold)
    writer.start()
    with pytest.raises(RuntimeError, match="the night stops"):
        await run_bounded(one, range(12), 12)
    writer.join()
    keys = [completion_key(asked, client.model, client.settings) for asked in requests[:11]]
    assert client.calls == 11 and all(store.completions.answered(key) for key in keys)


async def test_a_database_that_is_away_for_a_moment_costs_no_second_call(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, keep, away = Paid(), store.completions.keep, iter((True, True))

    def shaky(*arguments: Any, **named: Any) -> Any:
        if next(away, False):
            raise TransientError("the server is away", subject="database", step="store")
        return keep(*arguments, **named)

    monkeypatch.setattr(database_retry, "PATIENCE", (0.01, 0.01))
    monkeypatch.setattr(store.completions, "keep", shaky)
    first = await completion_cache.complete(store, request(1), client)
    assert await completion_cache.complete(store, request(1), client) == first and client.calls == 1
