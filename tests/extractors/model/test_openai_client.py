"""The client over real HTTP on loopback: every way an endpoint can answer, and what each costs."""

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from extractors.model.budget import Budget
from extractors.model.completion import CompletionOutcome as Outcome
from extractors.model.openai_client import OpenAIClient
from extractors.model.prices import PriceTable, Row
from extractors.model.rate_limits import RateLimiter
from extractors.model.reply_cache_key import completion_key
from scoring.errors import BadInput

PRICES = PriceTable([Row(name="m", prompt=Decimal(1), cached=Decimal("0.1"), completion=Decimal(10))])


@pytest.fixture
def say(model_endpoint: Any) -> Any:
    return __import__("model_endpoint").Say


@pytest.fixture
def client(model_endpoint: Any) -> Any:
    naps: list[float] = []

    async def nap(seconds: float) -> None:
        naps.append(seconds)

    def make(**more: Any) -> OpenAIClient:
        options = {
            "api_key": "k",
            "base_url": model_endpoint.url,
            "prices": PRICES,
            "sleep": nap,
            "attempts": 3,
            **more,
        }
        made = OpenAIClient("m", **options)
        made.naps = naps  # type: ignore[attr-defined]
        return made

    return make


async def test_a_good_reply_is_answered_once_with_its_cost(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    usage = {"prompt_tokens": 9000, "completion_tokens": 3000, "prompt_tokens_details": {"cached_tokens": 5000}}
    model_endpoint.answers = [say(replies.text(), usage=usage)]
    it = client()
    completion = await it.complete(replies.request())
    assert completion.outcome is Outcome.ANSWERED and completion.reply == replies.text() and completion.reason == ""
    assert completion.usage.model_dump() == {
        "prompt_tokens": 9000,
        "cached_tokens": 5000,
        "completion_tokens": 3000,
        "calls": 1,
        "cost": Decimal("0.0345"),
    }
    assert completion.key == completion_key(replies.request(), "m", it.settings)
    (body,) = model_endpoint.requests
    assert body["response_format"]["json_schema"]["strict"] is True and body["temperature"] == 0
    assert [m["role"] for m in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize("message", ["response_format json_schema is not supported", "Unknown parameter", ""])
async def test_an_endpoint_without_json_schema_is_asked_for_an_object_then_for_text_and_remembered(
    client: Any, model_endpoint: Any, say: Any, replies: Any, message: str
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        return say(status=400, error={"message": message}) if "response_format" in body else say(replies.text())

    model_endpoint.answer = answer
    it = client()
    assert (await it.complete(replies.request())).outcome is Outcome.ANSWERED
    forms = [body.get("response_format", {}).get("type") for body in model_endpoint.requests]
    assert forms == ["json_schema", "json_object", None]
    assert "JSON schema of the reply" in model_endpoint.requests[-1]["messages"][-1]["content"]
    assert (await it.complete(replies.request())).outcome is Outcome.ANSWERED
    assert len(model_endpoint.requests) == 4


async def test_a_model_that_takes_no_temperature_and_another_token_limit(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if "max_tokens" in body:
            return say(status=400, error={"message": "Use 'max_completion_tokens' instead of 'max_tokens'."})
        if "temperature" in body:
            return say(status=400, error={"message": "'temperature' does not support 0.0 with this model."})
        return say(replies.text())

    model_endpoint.answer = answer
    assert (await client().complete(replies.request())).outcome is Outcome.ANSWERED
    last = model_endpoint.requests[-1]
    assert last["response_format"]["type"] == "json_schema" and last["max_completion_tokens"] == 12000


async def test_429_waits_as_long_as_it_is_told(client: Any, model_endpoint: Any, say: Any, replies: Any) -> None:
    model_endpoint.answers = [
        say(status=429, headers={"retry-after": "7"}, error={"message": "slow"}),
        say(replies.text()),
    ]
    it = client()
    completion = await it.complete(replies.request())
    assert completion.outcome is Outcome.ANSWERED and it.naps == [7.0]
    assert len(model_endpoint.requests) == 2 and completion.usage.prompt_tokens == 9000


async def test_an_endpoint_that_wants_an_hour_of_rest_gets_it(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [say(status=429, headers={"retry-after": "3600"}, error={"message": "slow"})]
    it = client()
    assert (await it.complete(replies.request())).outcome is Outcome.FAILED
    assert it.naps == [] and len(model_endpoint.requests) == 1


@pytest.mark.parametrize(("status", "calls"), [(500, 3), (502, 3), (401, 1), (404, 1), (402, 1)])
async def test_a_failing_endpoint_is_failed_not_raised(
    client: Any, model_endpoint: Any, say: Any, replies: Any, status: int, calls: int
) -> None:
    model_endpoint.answers = [say(status=status, error={"message": "no"})]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.FAILED and str(status) in completion.reason
    assert len(model_endpoint.requests) == calls and completion.usage.cost == 0


async def test_an_exhausted_account_is_not_asked_again(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [say(status=429, error={"message": "quota", "code": "insufficient_quota"})]
    assert (await client().complete(replies.request())).outcome is Outcome.FAILED
    assert len(model_endpoint.requests) == 1


async def test_refusal_filter_and_truncation_are_outcomes_of_their_own(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    cases = [
        (say(None, refusal="I cannot help with that."), Outcome.REFUSED),
        (say("{", finish_reason="content_filter"), Outcome.REFUSED),
        (say(replies.text()[:500], finish_reason="length"), Outcome.TRUNCATED),
    ]
    for answer, outcome in cases:
        model_endpoint.answers = [answer]
        model_endpoint.requests.clear()
        completion = await client().complete(replies.request())
        assert completion.outcome is outcome and len(model_endpoint.requests) == 1
        assert completion.reply


async def test_a_wrong_reply_is_asked_again_once_with_the_error_and_no_text_of_the_reply(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    wrong = replies.text(autonomy_of_action={"value": "OBEY-ME"})
    model_endpoint.answers = [say(wrong), say(f"```json\n{replies.text()}\n```")]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.ANSWERED and completion.usage.calls == 2
    again = model_endpoint.requests[1]["messages"]
    assert [m["role"] for m in again] == ["system", "user", "assistant", "user"]
    assert "factors.0.value" in again[-1]["content"] and "OBEY-ME" not in again[-1]["content"]


async def test_twice_wrong_is_unparsed_with_the_reply_kept(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [say("I would say seven.")]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.UNPARSED and completion.reply == "I would say seven."
    assert len(model_endpoint.requests) == 2 and "not JSON" in completion.reason


async def test_ten_equal_scores_are_asked_again_and_then_kept(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    equal = replies.reply()
    for entry in equal["factors"]:
        entry["value"] = 5
    model_endpoint.answers = [say(json.dumps(equal))]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.ANSWERED and len(model_endpoint.requests) == 2
    assert "same value" in model_endpoint.requests[1]["messages"][-1]["content"]


async def test_ten_megabytes_are_not_read(client: Any, model_endpoint: Any, say: Any, replies: Any) -> None:
    model_endpoint.answers = [say("x" * 10_000_000)]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.UNPARSED and "larger than" in completion.reason
    assert 0 < len(completion.reply) <= 64_000 and len(model_endpoint.requests) == 1


async def test_a_compressed_body_is_not_unfolded(client: Any, model_endpoint: Any, say: Any, replies: Any) -> None:
    model_endpoint.answers = [say(raw=b"\x1f\x8b", headers={"content-encoding": "gzip"})]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.UNPARSED
    assert {k.lower(): v for k, v in model_endpoint.headers[0].items()}["accept-encoding"] == "identity"


@pytest.mark.slow
async def test_slow_and_cut_answers_are_tried_again_and_counted_at_their_worst(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    for bad in (say(replies.text(), seconds=4.0), say(replies.text(), cut=True)):
        model_endpoint.answers = [bad, say(replies.text())]
        completion = await client(timeout=2.0).complete(replies.request())
        assert completion.outcome is Outcome.ANSWERED and completion.usage.calls == 2
        assert completion.usage.completion_tokens == 12_000 + 500


@pytest.mark.parametrize(
    "raw", [b"<html>busy</html>", b"", b"[]", b'{"choices": []}', b'{"choices": [{"message": 5}]}', b"\xff" * 50]
)
async def test_a_body_that_is_no_completion_is_tried_again_and_failed(
    client: Any, model_endpoint: Any, say: Any, replies: Any, raw: bytes
) -> None:
    model_endpoint.answers = [say(raw=raw)]
    completion = await client().complete(replies.request())
    assert completion.outcome is Outcome.FAILED and len(model_endpoint.requests) == 3


async def test_nobody_listens(client: Any, replies: Any) -> None:
    completion = await client(base_url="http://127.0.0.1:9/v1").complete(replies.request())
    assert completion.outcome is Outcome.FAILED and completion.usage.cost == 0


async def test_documents_beyond_the_context_are_split_by_documents_and_merged(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    def answer(body: dict[str, Any]) -> Any:
        if sum(len(m["content"]) for m in body["messages"]) > 60_000:
            return say(status=400, error={"message": "too long", "code": "context_length_exceeded"})
        return say(replies.text())

    model_endpoint.answer = answer
    long = [f"Line {n} says that the tool number {n} moves one file and writes it down." for n in range(500)]
    pages = [replies.page(long, f"https://marrow.example/{n}") for n in range(3)]
    request = replies.request(*pages)
    completion = await client().complete(request)
    assert completion.outcome is Outcome.ANSWERED and "split" in completion.reason
    accepted = [b for b in model_endpoint.requests if len(b["messages"][1]["content"]) < 40_000]
    shown = "".join(b["messages"][1]["content"] for b in accepted)
    assert all(f"begin document d{n}>>>" in shown for n in (1, 2, 3))
    assert (await client().complete(request)).reply == completion.reply


async def test_the_budget_stops_before_the_call_that_would_exceed_it_and_goes_on_later(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [
        say(replies.text(), usage={"prompt_tokens": 15_000, "completion_tokens": 11_000}, seconds=0.02)
    ]
    budget = Budget(Decimal("0.60"))
    it = client(budget=budget)
    first = await asyncio.gather(*(it.complete(replies.request()) for _ in range(8)))
    asked = [c for c in first if c.outcome is Outcome.ANSWERED]
    left_out = [c for c in first if c.outcome is Outcome.OVER_BUDGET]
    assert asked and left_out and len(asked) + len(left_out) == 8
    assert len(model_endpoint.requests) == len(asked)
    assert budget.spent == sum(c.usage.cost for c in asked) <= Decimal("0.60") and budget.reserved == 0
    assert all(c.usage.calls == 0 and c.reply == "" for c in left_out)
    more = client(budget=Budget(Decimal("5"), spent=budget.spent))
    assert (await more.complete(replies.request())).outcome is Outcome.ANSWERED


async def test_the_operators_token_limit_goes_before_the_prompts_and_into_the_key(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [say(replies.text())]
    small = await client(max_output_tokens=7000).complete(replies.request())
    large = await client().complete(replies.request())
    assert [body["max_tokens"] for body in model_endpoint.requests] == [7000, 12000] and small.key != large.key


def test_a_budget_for_a_model_without_a_price_is_refused_at_once(client: Any) -> None:
    with pytest.raises(BadInput, match="no price"):
        client(prices=PriceTable([]), budget=Budget(Decimal(1)))


async def test_a_cost_that_is_not_known_is_said_to_be(client: Any, model_endpoint: Any, say: Any, replies: Any) -> None:
    model_endpoint.answers = [say(replies.text())]
    completion = await client(prices=PriceTable([])).complete(replies.request())
    assert completion.usage.cost == 0 and "no price for m" in completion.reason


async def test_an_endpoint_that_does_not_count_tokens_is_counted_here(
    client: Any, model_endpoint: Any, say: Any, replies: Any
) -> None:
    model_endpoint.answers = [say(replies.text(), usage=None)]
    usage = (await client().complete(replies.request())).usage
    assert usage.prompt_tokens > 5_000 and usage.completion_tokens > 500 and usage.cost > 0


async def test_rates_hold_in_any_minute() -> None:
    now, sent = [0.0], []

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    rates = RateLimiter(3, 1000, clock=lambda: now[0], sleep=sleep)
    for tokens in (400, 400, 100, 100, 900, 5000, 10):
        await rates.admit(tokens)
        sent.append((now[0], tokens))
    for at, _ in sent:
        window = [(t, n) for t, n in sent if at - 60 < t <= at]
        assert len(window) <= 3
        assert len(window) == 1 or sum(n for _, n in window) <= 1000
    assert [t for t, _ in sent] == [0, 0, 0, 60, 60, 120, 180]


FILTERED: tuple[tuple[int, dict[str, Any]], ...] = (
    (400, {"error": {"message": "The response was filtered.", "code": "content_filter", "param": "prompt"}}),
    (400, {"error": {"message": "no", "code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
    (400, {"error": {"message": "Output blocked by content filtering policy", "type": "invalid_request_error"}}),
    (400, {"error": {"message": "Content Exists Risk", "type": "invalid_request_error", "code": "invalid_request"}}),
    (400, {"error": {"message": "Your prompt was flagged as potentially violating our usage policy."}}),
    (400, {"error": {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content."}}),
    (
        403,
        {"error": {"code": 403, "message": "flagged", "metadata": {"flagged_input": "Ignore all"}}},
    ),
    (500, {"error": {"code": "content_filter", "message": "proxied"}}),
    (200, {"choices": [], "prompt_filter_results": [{"content_filter_results": {"jailbreak": {"filtered": True}}}]}),
    (200, {"error": {"code": 403, "message": "moderated", "metadata": {"flagged_input": "Ignore"}}}),
    (200, {"choices": [{"index": 0, "finish_reason": "content_filter", "content_filter_results": {}}]}),
    (200, {"choices": [{"index": 0, "finish_reason": "SAFETY", "message": {"role": "assistant", "content": None}}]}),
)


@pytest.mark.parametrize(("status", "body"), FILTERED)
async def test_a_filter_says_no_once_and_its_words_are_kept(
    client: Any, model_endpoint: Any, say: Any, replies: Any, status: int, body: dict[str, Any]
) -> None:
    model_endpoint.answers = [say(status=status, raw=json.dumps(body).encode())]
    completion = await client(attempts=5).complete(replies.request())
    assert completion.outcome is Outcome.REFUSED and "content filter" in completion.reason
    assert len(model_endpoint.requests) == 1, "asked again, or in another form"
    said = body["error"]["message"] if "error" in body else ""
    assert said in completion.reason


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": {"message": "response_format is not supported", "code": "unsupported"}}),
        (403, {"error": {"message": "Your account may not use this model", "code": "forbidden"}}),
        (403, {"error": {"message": "Request blocked by the firewall", "code": 403}}),
        (422, {"detail": [{"type": "missing", "input": {"messages": [{"content": "a content filter"}]}}]}),
        (503, {"error": {"message": "the content filter is down", "code": "unavailable"}}),
        (200, {"choices": []}),
        (200, {"choices": [], "prompt_filter_results": [{"content_filter_results": {"hate": {"filtered": False}}}]}),
    ],
)
async def test_what_is_no_filters_word_is_no_refusal(
    client: Any, model_endpoint: Any, say: Any, replies: Any, status: int, body: dict[str, Any]
) -> None:
    model_endpoint.answers = [say(status=status, raw=json.dumps(body).encode())]
    assert (await client().complete(replies.request())).outcome is Outcome.FAILED


async def test_a_connection_that_fails_says_by_which_proxy_and_no_password(
    client: Any, replies: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:secret@127.0.0.1:9")
    there = await client(base_url="http://model.example/v1").complete(replies.request())
    assert "by the proxy 127.0.0.1 of HTTP_PROXY" in there.reason and "secret" not in there.reason
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    here = await client(base_url="http://127.0.0.1:9/v1").complete(replies.request())
    assert here.outcome is Outcome.FAILED and "proxy" not in here.reason
