"""A night's questions go out as batches: answered at half the price, or asked directly when a batch does not answer."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from extractors.model.budget import Budget
from extractors.model.endpoint.chat_response import TokenCounts
from extractors.model.openai_client import OpenAIClient
from extractors.model.prices import Price, PriceTable, Row
from flows.night import batches
from flows.night.night import run_night
from flows.report.night_summary import NightSummary
from flows.report.status import report
from flows.settings import Settings
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from tests.batch_endpoint import BatchEndpoint
from tests.batch_endpoint import batch_endpoint as batch_endpoint
from tests.flows.night.test_second_reader import Readers
from tests.model_endpoint import Say
from tests.model_replies import Replies

pytestmark = pytest.mark.slow

World = tuple[str, Settings]
AGENTS = 9
DONE = AgentOutcome.WITHHELD
"""How they end: the scripted reply is grounded in none of their pages."""
ROW = Row(name="scripted", prompt=Decimal(2), completion=Decimal(8))
ONE = Price.fixed(ROW).cost(TokenCounts(9_000, 0, 500))
"""USD for an answer at the full price."""


@pytest.fixture(autouse=True)
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "POLL", 1200.0)


class Passing:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self._waited = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._waited

    async def sleep(self, seconds: float) -> None:
        self._waited += timedelta(seconds=seconds)
        await asyncio.sleep(0)


class Nights:
    """Nights of the sample directory whose model is the batch endpoint."""

    def __init__(self, settings: Settings, store: Store, endpoint: BatchEndpoint) -> None:
        self.settings, self.store, self.endpoint = settings, store, endpoint
        self.client = self.made()
        self.set(batch=True)

    def set(self, **model: object) -> None:
        self.settings = self.settings.model_copy(update={"model": self.settings.model.model_copy(update=model)})

    def made(self, budget: str | None = None, context_tokens: int = 100_000) -> OpenAIClient:
        limit = None if budget is None else Decimal(budget)
        prices = PriceTable([ROW])
        return OpenAIClient(
            "scripted",
            base_url=self.endpoint.url,
            api_key="none",
            prices=prices,
            budget=Budget(limit),
            context_tokens=context_tokens,
        )

    async def night(self, *, client: OpenAIClient | None = None) -> NightSummary:
        summary = await run_night(self.store, self.settings, client=client or self.made(), clock=Passing())
        assert verify(self.store).holds
        return summary

    @property
    def status(self) -> str:
        return "\n".join(report(self.store, self.settings)["lines"])


@pytest.fixture
def world(harbour: World, opened: Callable[[], Store], batch_endpoint: BatchEndpoint, replies: Replies) -> Nights:
    batch_endpoint.say = Say(content=replies.text())
    return Nights(harbour[1], opened(), batch_endpoint)


async def test_a_night_is_one_batch_at_half_the_price(world: Nights) -> None:
    world.endpoint.looks = 3
    summary = await world.night()
    assert summary.complete and summary.outcomes == {DONE: AGENTS}
    assert len(world.endpoint.batches) == 1 and len(world.endpoint.batched) == AGENTS
    assert not world.endpoint.direct
    assert summary.calls == AGENTS and summary.cost == AGENTS * ONE / 2
    assert not world.store.batches.under_way() and not world.store.batches.waiting()
    again = await world.night()
    assert again.calls == 0 and len(world.endpoint.batched) == AGENTS, "asked again about what is kept"


async def test_answers_that_come_after_the_night_are_collected_by_the_next(world: Nights) -> None:
    world.endpoint.looks = 1_000_000
    first = await world.night()
    assert first.complete and first.outcomes == {AgentOutcome.WAITING: AGENTS}
    assert not first.failures and first.calls == 0
    assert "9 waiting for batch" in world.status
    assert f"0 of {AGENTS} questions to scripted answered, 0.0 h old" in world.status
    second = await world.night()
    assert second.outcomes == {AgentOutcome.WAITING: AGENTS} and len(world.endpoint.batched) == AGENTS
    world.endpoint.looks = 1
    world.set(batch=False)
    third = await world.night()
    assert third.outcomes == {DONE: AGENTS} and third.cost == AGENTS * ONE / 2
    assert len(world.endpoint.batched) == AGENTS and not world.endpoint.direct, "a question was paid for twice"
    assert "questions to" not in world.status


async def test_what_a_batch_did_not_answer_is_asked_directly(world: Nights) -> None:
    world.endpoint.ends, world.endpoint.answered = "expired", 4
    summary = await world.night()
    assert summary.outcomes == {DONE: AGENTS}
    assert len(world.endpoint.batched) == AGENTS and len(world.endpoint.direct) == AGENTS - 4
    assert summary.cost == 4 * ONE / 2 + (AGENTS - 4) * ONE


@pytest.mark.parametrize("how", ["failed", "no files", "no batches", "gone"])
async def test_an_endpoint_that_makes_no_batch_is_asked_directly(world: Nights, how: str) -> None:
    refused = Say(status=404, error={"message": "Not Found"})
    if how == "failed":
        world.endpoint.ends = "failed"
    else:
        path = {"no files": "/files", "no batches": "/batches", "gone": "/batches/batch_0"}[how]
        world.endpoint.refuses[path] = refused
    summary = await world.night()
    assert summary.outcomes == {DONE: AGENTS} and summary.cost == AGENTS * ONE
    assert len(world.endpoint.direct) == AGENTS


async def test_an_overloaded_endpoint_is_tried_again_and_then_asked_directly(world: Nights) -> None:
    world.endpoint.refuses["/files"] = Say(status=503, error={"message": "overloaded"})
    summary = await world.night()
    assert summary.outcomes == {DONE: AGENTS} and len(world.endpoint.direct) == AGENTS
    assert not world.endpoint.files


async def test_a_batch_that_takes_too_long_is_cancelled_and_the_rest_asked_directly(world: Nights) -> None:
    world.endpoint.looks, world.endpoint.answered = 1_000_000, 2
    world.set(batch_hours=1e-9)
    summary = await world.night()
    assert world.endpoint.batches["batch_0"]["status"] == "cancelled"
    assert summary.outcomes == {DONE: AGENTS}
    assert len(world.endpoint.batched) == AGENTS and len(world.endpoint.direct) == AGENTS - 2


async def test_a_filtered_page_is_refused_and_an_unreadable_reply_asked_again_directly(world: Nights) -> None:
    filtered = Say(status=400, error={"code": "content_filter", "message": "The prompt was filtered"})
    world.endpoint.odd = {2: filtered, 5: Say(content="I cannot say.")}
    summary = await world.night()
    assert summary.outcomes == {AgentOutcome.REFUSED: 1, DONE: AGENTS - 1}
    assert len(world.endpoint.batched) == AGENTS
    [again] = world.endpoint.direct
    assert [turn["role"] for turn in again["messages"]][-2:] == ["assistant", "user"]
    assert (AGENTS - 1) * ONE / 2 + ONE < summary.cost < (AGENTS - 1) * ONE / 2 + 2 * ONE


async def test_the_budget_holds_for_what_is_in_batches(world: Nights) -> None:
    summary = await world.night(client=world.made(budget="0.2"))
    assert 0 < len(world.endpoint.batched) < AGENTS
    assert summary.cost <= Decimal("0.2")
    assert summary.outcomes[DONE] == len(world.endpoint.batched)


async def test_documents_beyond_the_context_are_several_questions_of_one_batch(world: Nights) -> None:
    summary = await world.night(client=world.made(context_tokens=22_000))
    assert summary.outcomes == {DONE: AGENTS}
    assert len(world.endpoint.batched) >= AGENTS and len(world.endpoint.batches) == 1
    assert summary.calls == len(world.endpoint.batched)


async def test_an_answer_that_nobody_asks_for_any_more_is_booked(world: Nights) -> None:
    world.endpoint.looks = 1_000_000
    await world.night()
    world.endpoint.looks = 1
    later = OpenAIClient(
        "scripted",
        base_url=world.endpoint.url,
        api_key="none",
        prices=PriceTable([ROW]),
        max_output_tokens=5_000,
    )
    summary = await world.night(client=later)
    assert summary.outcomes == {DONE: AGENTS}
    assert len(world.endpoint.batched) == 2 * AGENTS
    assert world.store.completions.usage().calls == 2 * AGENTS
    assert not world.store.batches.under_way()
    with world.store.writing():
        assert not world.store.batches.take_unused("scripted")


async def test_a_second_reader_is_asked_in_a_batch_of_its_own(world: Nights, replies: Replies) -> None:
    Readers(world.endpoint, replies)  # type: ignore[arg-type]
    first = world.made()
    first.second = OpenAIClient("second", base_url=world.endpoint.url, api_key="none")
    summary = await world.night(client=first)
    models = [body["model"] for body in world.endpoint.batched]
    assert models.count("scripted") == AGENTS and models.count("second") > 0
    assert not world.endpoint.direct and summary.calls == len(models)
    assert sum(summary.outcomes.values()) == AGENTS and not summary.failures
    for batch in world.endpoint.batches.values():
        lines = world.endpoint.files[batch["input_file_id"]].splitlines()
        assert len({json.loads(line)["body"]["model"] for line in lines}) == 1
    assert not world.store.batches.under_way() and not world.store.batches.waiting()
