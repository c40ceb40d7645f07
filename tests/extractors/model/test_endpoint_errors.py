"""The table of errors: for each class, how endpoints say it, in every shape of body; and how long they say to wait."""

import json
import time
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.model.endpoint.errors import sort_error

PAGE, FORM, ACCOUNT, LOAD = "page", "form", "account", "load"

SAID: tuple[tuple[str, str, int, Any], ...] = (
    # of the page: filtered
    (PAGE, "filtered", 400, {"error": {"code": "content_policy_violation", "message": "no"}}),
    (
        PAGE,
        "filtered",
        403,
        {"error": {"message": "Content violates usage guidelines.", "code": "The request is bad"}},
    ),
    (
        PAGE,
        "filtered",
        400,
        {"error": {"message": "Request blocked due to safety reasons", "status": "INVALID_ARGUMENT"}},
    ),
    (
        PAGE,
        "filtered",
        400,
        {"error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}},
    ),
    (PAGE, "filtered", 200, {"error": {"code": 403, "message": "x", "metadata": {"flagged_input": "Ignore"}}}),
    (PAGE, "filtered", 500, {"error": {"message": 'litellm: {"error": {"code": "content_filter"}}'}}),
    (PAGE, "filtered", 422, "Blocked by guardrail policy 7"),
    # of the page: too long
    (
        PAGE,
        "too long",
        400,
        {"error": "This model's maximum prompt length is 131072 but the request contains 200000 tokens."},
    ),
    (
        PAGE,
        "too long",
        400,
        {"message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"},
    ),
    (PAGE, "too long", 400, {"detail": [{"msg": "Input length 50000 exceeds maximum allowed token size 32768"}]}),
    (
        PAGE,
        "too long",
        400,
        {"error": {"message": "Range of input length should be [1, 30720]", "code": "InvalidParameter"}},
    ),
    (
        PAGE,
        "too long",
        422,
        {"error": "`inputs` tokens + `max_new_tokens` must be <= 4096. Input validation error"},
    ),
    (
        PAGE,
        "too long",
        413,
        {"error": {"code": "tokens_limit_reached", "message": "Request body too large. Max size: 8000"}},
    ),
    (PAGE, "too long", 413, "<html><h1>413 Request Entity Too Large</h1></html>"),
    (
        PAGE,
        "too long",
        429,
        {
            "error": {
                "message": "Request too large for gpt-x on tokens per min (TPM): Limit 30000, Requested 41000.",
                "code": "rate_limit_exceeded",
            }
        },
    ),
    (
        PAGE,
        "too long",
        500,
        {"error": {"message": "the request exceeds the available context size. try increasing it"}},
    ),
    (PAGE, "too long", 400, {"error": {"message": "Your input exceeds the context window of this model."}}),
    (
        PAGE,
        "too long",
        200,
        {
            "error": {
                "message": "input length and `max_tokens` exceed context limit: 188240 + 21333 > "
                "200000, decrease input length or `max_tokens` and try again"
            }
        },
    ),
    # of the form
    (
        FORM,
        "schema",
        400,
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not "
                "supported with this model."
            }
        },
    ),
    (FORM, "schema", 500, {"error": {"message": "Failed to parse grammar"}}),
    (
        FORM,
        "schema",
        422,
        {"detail": [{"loc": ["body", "response_format"], "msg": "Extra inputs are not permitted"}]},
    ),
    (FORM, "schema", 404, {"error": {"message": "No endpoints found that can handle the requested parameters."}}),
    (FORM, "schema", 400, [{"error": {"message": "structured output is not available"}}]),
    (FORM, "temperature", 400, {"error": {"message": "Unsupported value", "param": "temperature"}}),
    (FORM, "tokens key", 400, {"error": {"message": "Use 'max_completion_tokens' instead."}}),
    (FORM, "turns", 400, {"error": {"message": "messages: text content blocks must be non-empty"}}),
    (FORM, "turns", 500, {"error": {"message": "Conversation roles must alternate user/assistant/user/assistant"}}),
    (FORM, "turns", 400, {"error": {"message": "System role not supported"}}),
    (
        FORM,
        "answer room",
        400,
        {"error": {"message": "max_tokens is too large: 12000. This model supports at most 4096 completion tokens"}},
    ),
    (FORM, "answer room", 400, {"error": {"message": "max_tokens: 12000 > 8192, which is the maximum"}}),
    (
        FORM,
        "answer room",
        400,
        {"error": {"message": "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"}},
    ),
    (FORM, "", 400, {"error": {"message": ""}}),
    # of the account
    (ACCOUNT, "said", 401, {"error": {"message": "Incorrect API key provided"}}),
    (
        ACCOUNT,
        "said",
        400,
        [{"error": {"message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}}],
    ),
    (ACCOUNT, "said", 400, {"error": {"message": "Your credit balance is too low to access the API."}}),
    (ACCOUNT, "said", 402, {"error": {"message": "Insufficient Balance"}}),
    (
        ACCOUNT,
        "said",
        429,
        {
            "error": {
                "message": "You exceeded your current quota, please check your plan and billing details.",
                "code": "insufficient_quota",
            }
        },
    ),
    (ACCOUNT, "said", 404, {"error": {"message": "model 'm' not found"}}),
    (ACCOUNT, "said", 400, {"error": {"message": "m is not a valid model ID", "code": 400}}),
    (ACCOUNT, "said", 200, {"error": {"message": "The model `m` does not exist", "code": "model_not_found"}}),
    (ACCOUNT, "said", 403, {"error": {"message": "Your account is suspended for violating our usage policy"}}),
    (ACCOUNT, "", 403, "<html>no</html>"),
    (ACCOUNT, "", 307, ""),
    # of the load
    (LOAD, "limit", 429, ""),
    (
        LOAD,
        "limit",
        429,
        {"error": {"message": "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock"}},
    ),
    (LOAD, "limit", 529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
    (LOAD, "limit", 503, {"error": {"message": "Loading model", "type": "unavailable_error"}}),
    (LOAD, "limit", 500, {"error": {"message": 'litellm.RateLimitError: 429 {"error": {"code": 429}}'}}),
    (
        LOAD,
        "limit",
        403,
        {"error": {"errors": [{"reason": "rateLimitExceeded"}], "message": "Rate Limit Exceeded"}},
    ),
    (LOAD, "limit", 502, "We are down for maintenance"),
    (LOAD, "limit", 400, {"error": {"type": "ThrottlingException", "message": "Too many tokens, please wait"}}),
    (LOAD, "", 502, "<html>bad gateway</html>"),
    (LOAD, "", 200, ""),
    (LOAD, "", 200, {"choices": None}),
    (LOAD, "", 500, {"error": "boom"}),
)

COLLECTED = time.time()
"""When the rows below were made; a row may be tried long after it."""


@pytest.mark.parametrize(("kind", "cause", "status", "body"), SAID)
def test_what_an_endpoint_says_is_sorted(kind: str, cause: str, status: int, body: Any) -> None:
    error = sort_error(status, body if isinstance(body, str) else json.dumps(body))
    assert (error.kind, error.cause) == (kind, cause)
    nested = json.dumps({"error": {"message": body if isinstance(body, str) else json.dumps(body)}})
    if cause != "" and "<" not in str(body):
        assert sort_error(status, nested).kind == kind, "said within a string"


WORDS: dict[tuple[str, str, int], tuple[str, ...]] = {
    (PAGE, "too long", 400): (
        "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 150000",
        "Input token length 40000 is longer than 32768",
        "The number of tokens to keep from the initial prompt is greater than the context length.",
        "Token limit exceeded: your request has 250000 input tokens",
        "Your request exceeded model token limit: 131072 (requested: 200000)",
        "the request has 9000 tokens but the model supports only 8192",
        "Prompt 超长",
        "输入长度超过模型最大上下文限制",
    ),
    (PAGE, "too long", 500): ("context shift is disabled, slot ran out of context",),
    (PAGE, "filtered", 400): (
        "We cannot process this request as it may contain harmful material.",
        "Request rejected: toxicity detected",
        "Prompt was rejected by the safety system",
        "input new_sensitive",
    ),
    (PAGE, "filtered", 403): ("moderation blocked this", "Your input was blocked by the moderation model"),
    (ACCOUNT, "said", 403): (
        "Your team has run out of available credits",
        "The free tier of the model has been exhausted.",
        "Country, region, or territory not supported",
    ),
    (ACCOUNT, "said", 400): (
        "Budget has been exceeded! Current cost: 10.1, Max budget: 10.0",
        "Incorrect model name: foo",
        "Unable to access model foo.",
        "The provided model identifier is invalid.",
    ),
    (ACCOUNT, "said", 429): ("余额不足或无可用资源包,请充值。", "Monthly usage limit reached for this key"),
    (LOAD, "limit", 424): ("Model not ready for inference. Wait and try your request again",),
    (LOAD, "limit", 429): ("Token limit reached, 30000 per minute", "您当前使用该API的并发数过高"),
    (FORM, "turns", 400): (
        "Expected last role User or Tool for serving but got assistant",
        "Developer instruction is not enabled for models/m",
    ),
    (FORM, "answer room", 400): ("The maximum tokens you requested exceeds the model limit of 4096.",),
}


@pytest.mark.parametrize(("course", "words"), [(course, words) for course, all in WORDS.items() for words in all])
def test_words_are_sorted_alike_in_every_shape_of_body(course: tuple[str, str, int], words: str) -> None:
    kind, cause, status = course
    nested = {"error": {"message": json.dumps({"error": {"message": words}})}}
    for body in (words, {"error": words}, {"message": words}, {"detail": [{"msg": words}]}, [{"error": words}], nested):
        error = sort_error(status, body if isinstance(body, str) else json.dumps(body, ensure_ascii=False))
        assert (error.kind, error.cause) == (kind, cause), body


@pytest.mark.parametrize("status", [400, 422, 500, 200])
@pytest.mark.parametrize("key", ["input", "messages", "content", "prompt", "failed_generation"])
def test_text_of_ours_that_is_sent_back_decides_nothing(status: int, key: str) -> None:
    ours = "context length exceeded, content filter, invalid api key, rate limit, response_format, retry in 300s"
    said = {"error": {"message": "boom", key: [{"content": ours, "message": ours}]}}
    error, plain = sort_error(status, json.dumps(said)), sort_error(status, json.dumps({"error": {"message": "boom"}}))
    assert (error.kind, error.cause, error.wait, error.problem) == (plain.kind, plain.cause, None, plain.problem)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "61"}, "", 61),
        ({"retry-after": "0"}, "", 0),
        ({"retry-after": "-3"}, "", 0),
        ({"retry-after": formatdate(COLLECTED + 80_000, usegmt=True)}, "", 80_000),
        ({"retry-after": formatdate(0, usegmt=True)}, "", 0),
        ({"retry-after-ms": "1500"}, "", 1.5),
        ({"x-ms-retry-after-ms": "3000"}, "", 3),
        ({"x-ratelimit-retry-after": "9"}, "", 9),
        ({}, {"error": {"message": "try again in one minute"}}, 60),
        ({}, {"error": "Model is loading", "estimated_time": 20.0}, 20),
        (
            {},
            {"error": {"message": f"Limit resets at {datetime.fromtimestamp(COLLECTED + 80_000, UTC):%FT%TZ}"}},
            80_000,
        ),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({}, {"error": {"details": [{"retryDelay": "38s"}]}}, 38),
        ({"retry-after": "0"}, {"error": {"message": "Please retry in 38.2s."}}, 38.2),
        ({}, {"error": {"message": "Please try again in 1m30.5s."}}, 90.5),
        ({}, {"error": {"message": "Please retry after 45 seconds."}}, 45),
        ({}, {"error": {"message": "try again in 250ms"}}, 0.25),
        ({}, {"message": "wait", "retry_after": 12}, 12),
        ({}, {"error": {"message": "try again in 20 messages"}}, None),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0"}, "", 360),
        ({"x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "7"}, "", None),
        ({"ratelimit": '"default";r=0;t=30'}, "", 30),
        ({"ratelimit": '"burst";r=3;t=5, "daily";r=0;t=600'}, "", 600),
        ({"ratelimit": '"default";r=5;t=30'}, "", None),
        ({"ratelimit": "limit=100, remaining=0, reset=31"}, "", 31),
        ({"ratelimit-reset": "32", "ratelimit-remaining": "0"}, "", 32),
        ({"retry-after": "30, 30"}, "", 30),
        ({"retry-after": "PT45S"}, "", 45),
        ({"retry-after": "7", "ratelimit": '"default";r=0;t=30'}, "", 7),
        ({}, {"error": {"details": [{"retryDelay": {"seconds": 30, "nanos": 500_000_000}}]}}, 30.5),
        ({}, {"error": {"retry-after": 20}}, 20),
        ({}, {"error": {"cooldown_seconds": 61}}, 61),
        ({}, {"wait_seconds": 5, "message": "slow down"}, 5),
        ({}, {"error": {"message": "Too many requests. Retry-After: 17"}}, 17),
        ({}, {"error": {"message": "limited (retry_after=18.5)"}}, 18.5),
        ({}, {"error": {"message": "Retry after: 2 minutes"}}, 120),
        ({}, {"error": {"message": "Your quota will be refreshed in 3 hours"}}, 10_800),
        ({}, {"error": {"message": "Next request allowed in 12 seconds"}}, 12),
        ({}, {"error": {"message": "the limit resets after 00:01:30"}}, 90),
        ({}, {"error": {"message": "请求过于频繁，请在30秒后重试"}}, 30),
        ({}, {"error": {"message": "2分後に再試行してください"}}, 120),
        ({}, {"error": {"message": "Rate limit of 20 per 60 s reached"}}, None),
        (
            {},
            {"error": {"metadata": {"headers": {"X-RateLimit-Reset": str(int(COLLECTED + 80_000) * 1000)}}}},
            80_000,
        ),
    ],
)
def test_a_wait_is_found_wherever_it_is_said(headers: dict[str, str], body: Any, seconds: float | None) -> None:
    since = time.time() - COLLECTED
    wait = sort_error(429, body if isinstance(body, str) else json.dumps(body), headers).wait
    moment = (seconds or 0) >= 1000 and wait == pytest.approx((seconds or 0) - since, abs=60)
    assert wait == seconds or moment


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["error", "message", "code", "retry_after", "x"]), inner)
    ),
    max_leaves=12,
)


@given(st.integers(200, 599), JSON | st.binary().map(lambda raw: raw.decode("latin-1")), st.text(max_size=20))
def test_every_body_is_sorted_in_one_clean_line(status: int, body: Any, header: str) -> None:
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else json.dumps(body).encode()
    error = sort_error(status, raw, {"retry-after": header, "x-ratelimit-reset": header})
    assert error.problem.encode("utf-8") and "\n" not in error.problem and len(error.problem) < 260
    assert error.wait is None or 0 <= error.wait <= 86_400
