"""A second reader over real HTTP: what it is asked, what it costs, and every way in which it does not answer."""

from decimal import Decimal
from typing import Any

import pytest

from extractors.claims.extraction import second_request
from extractors.model.budget import Budget
from extractors.model.completion import CompletionOutcome as Outcome
from extractors.model.completion import CompletionRequest
from extractors.model.openai_client import OpenAIClient
from extractors.model.prices import PriceTable, Row
from extractors.model.reply_cache_key import completion_key
from extractors.prompting.prompt_files import load
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

PRICES = PriceTable([Row(name="m", prompt=Decimal(1), cached=Decimal("0.1"), completion=Decimal(10))])


@pytest.fixture
def asked(replies: Replies) -> CompletionRequest:
    return second_request(replies.request(), replies.completion(replies.reply()), load("second_reader"))


def client(endpoint: ModelEndpoint, **more: Any) -> OpenAIClient:
    return OpenAIClient("m", api_key="k", base_url=endpoint.url, prices=PRICES, attempts=1, **more)


async def test_it_is_asked_once_by_its_own_schema_and_booked(
    asked: CompletionRequest, model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 300}
    model_endpoint.answers = [Say(replies.verdicts(asked), usage=usage)]
    it = client(model_endpoint, budget=(budget := Budget(Decimal(5))))
    completion = await it.complete(asked)
    assert completion.outcome is Outcome.ANSWERED and completion.reply == replies.verdicts(asked)
    assert completion.key == completion_key(asked, "m", it.settings) and completion.usage.calls == 1
    assert budget.spent == completion.usage.cost > 0
    [body] = model_endpoint.requests
    schema = body["response_format"]["json_schema"]
    assert schema["name"] == "SecondReading" and set(schema["schema"]["properties"]) == {"verdicts"}
    assert body["max_tokens"] == load("second_reader").settings["max_output_tokens"]
    other = asked.model_copy(update={"claims": asked.claims[1:]})
    assert completion_key(other, "m", it.settings) != completion.key, "other claims are another question"


async def test_a_reply_that_lacks_a_claim_is_asked_for_once_more(
    asked: CompletionRequest, model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    less = asked.model_copy(update={"claims": asked.claims[1:]})
    model_endpoint.answers = [Say(replies.verdicts(less)), Say(replies.verdicts(asked))]
    completion = await client(model_endpoint).complete(asked)
    assert completion.outcome is Outcome.ANSWERED and completion.usage.calls == 2
    assert f"from 1 to {len(asked.claims)}" in model_endpoint.requests[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("say", "outcome"),
    [
        (Say("no JSON"), Outcome.UNPARSED),
        (Say('{"verdicts": [{"number": 1, "why": "", "verdict": "carries", "value": 0}]}'), Outcome.UNPARSED),
        (Say(content=None, refusal="no"), Outcome.REFUSED),
        (Say("{", finish_reason="length"), Outcome.TRUNCATED),
        (Say(status=500), Outcome.FAILED),
    ],
)
async def test_whatever_else_comes_is_a_typed_outcome(
    say: Say, outcome: Outcome, asked: CompletionRequest, model_endpoint: ModelEndpoint
) -> None:
    model_endpoint.answers = [say]
    assert (await client(model_endpoint).complete(asked)).outcome is outcome


async def test_a_budget_that_is_spent_sends_nothing(asked: CompletionRequest, model_endpoint: ModelEndpoint) -> None:
    completion = await client(model_endpoint, budget=Budget(Decimal("0.000001"))).complete(asked)
    assert completion.outcome is Outcome.OVER_BUDGET and not model_endpoint.requests
