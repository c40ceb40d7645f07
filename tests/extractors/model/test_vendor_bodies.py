"""Answers in bodies that nobody asked for: streams and vendors' own shapes, whole over HTTP, read and counted alike."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.model.completion import CompletionOutcome as Outcome
from extractors.model.endpoint.chat_response import TokenCounts, read_answer
from extractors.model.endpoint.errors import EndpointError, sort_error
from extractors.model.openai_client import OpenAIClient
from extractors.prompting.reply_location import located
from extractors.prompting.reply_parser import parse
from tests.model_replies import Replies

GOOD = Replies().text()
CUTS = [GOOD[n : n + 700] for n in range(0, len(GOOD), 700)]
USAGE = {"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 11_000}
COUNTED = TokenCounts(prompt=9000, completion=2000)


def chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    return {"object": "chat.completion.chunk", "choices": [{"delta": delta, "finish_reason": finish}], **more}


CHUNKS = [chunk({"role": "assistant", "content": ""}), *[chunk({"content": cut}) for cut in CUTS], chunk({}, "stop")]
LAST = {"choices": [], "usage": USAGE}
CALLS = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": cut}}]}) for cut in CUTS]


def stream(events: list[dict[str, Any]], start: str = "data: ", end: str = "\n\n") -> str:
    return "".join(f"{start}{json.dumps(event)}{end}" for event in events) + f"{start}[DONE]{end}"


def anthropic(*parts: Any, reason: str = "end_turn", **usage: int) -> dict[str, Any]:
    used = usage or {"input_tokens": 9000, "output_tokens": 2000}
    return {"type": "message", "role": "assistant", "content": parts, "stop_reason": reason, "usage": used}


def gemini(*parts: Any, reason: str = "STOP", **usage: int) -> dict[str, Any]:
    used = {"promptTokenCount": 9000, **(usage or {"candidatesTokenCount": 2000})}
    return {"candidates": [{"content": {"parts": parts}, "finishReason": reason}], "usageMetadata": used}


def ollama(content: str, **more: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": content}, "done": False, **more}


ENDED = {"done": True, "done_reason": "stop", "prompt_eval_count": 9000, "eval_count": 2000}
TEXT = {"type": "text", "text": GOOD}
ANTHROPIC_EVENTS = [
    {"type": "message_start", "message": anthropic(input_tokens=9000, output_tokens=1, reason="")},
    {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "a {draft}"}},
    *({"type": "content_block_delta", "delta": {"type": "text_delta", "text": cut}} for cut in CUTS),
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2000}},
]
CHOICES = {"choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}]}

BODIES: dict[str, Any] = {
    "a stream": stream([*CHUNKS, LAST]),
    "a stream with comments": f": PROCESSING\n\n{stream([*CHUNKS, LAST], 'data:', chr(13) + chr(10) * 2)}",
    "counted in every chunk": stream(
        [{**one, "usage": {**USAGE, "completion_tokens": n}} for n, one in enumerate(CHUNKS)] + [LAST]
    ),
    "a streamed call": stream([*CALLS, LAST]),
    "thoughts streamed first": stream([chunk({"reasoning_content": "a {draft}"}), *CHUNKS, LAST]),
    "a whole answer in one event": stream([{**CHOICES, "usage": USAGE}]),
    "Anthropic's stream": "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in ANTHROPIC_EVENTS),
    "Ollama's stream": "\n".join(map(json.dumps, [*map(ollama, CUTS), ollama("", **ENDED)])),
    "Gemini's stream": [gemini({"text": cut}) for cut in CUTS],
    "Anthropic's": anthropic({"type": "thinking", "thinking": "a {draft}"}, TEXT),
    "Anthropic's call": anthropic({"type": "tool_use", "name": "Reply", "input": json.loads(GOOD)}),
    "Gemini's": gemini({"text": "a {draft}", "thought": True}, {"text": GOOD}),
    "Gemini's call": gemini({"functionCall": {"name": "Reply", "args": json.loads(GOOD)}}),
    "Ollama's": ollama(GOOD, **ENDED),
    "Ollama's generate": {"response": GOOD, **ENDED},
    "llama.cpp's": {"content": GOOD, "stop": True, "tokens_evaluated": 9000, "tokens_predicted": 2000},
    "Bedrock's": {
        "output": {"message": {"role": "assistant", "content": [{"text": GOOD}]}},
        "usage": {"inputTokens": 9000, "outputTokens": 2000},
    },
    "Cohere's": {
        "message": {"role": "assistant", "content": [TEXT]},
        "usage": {"tokens": {"input_tokens": 9000, "output_tokens": 2000}},
    },
    "the other API's": {
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "content": [{"type": "output_text", "text": GOOD}]},
        ],
        "usage": USAGE,
    },
    "wrapped": {"code": 200, "message": "ok", "data": {**CHOICES, "usage": USAGE}},
    "wrapped, counted outside": {"output": CHOICES, "usage": USAGE},
    "JSON in a string": json.dumps(json.dumps({**CHOICES, "usage": USAGE})),
}


def body(said: Any) -> bytes:
    return (said if isinstance(said, str) else json.dumps(said)).encode()


@pytest.mark.parametrize("shape", BODIES)
def test_an_answer_is_found_and_counted_in_every_shape(shape: str) -> None:
    answer = read_answer(body(BODIES[shape]))
    assert parse(located(answer.content)) == parse(GOOD)
    assert answer.usage._replace(total=0) == COUNTED and answer.finish_reason in ("stop", "end_turn", "")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (stream([*CHUNKS[:3], chunk({}, "length"), LAST]), "length"),
        (stream([*CHUNKS[:3], chunk({}, "content_filter")]), "content_filter"),
        (gemini({"text": "{"}, reason="MAX_TOKENS"), "length"),
        (gemini({"text": "{"}, reason="SAFETY"), "content_filter"),
        (anthropic({"type": "text", "text": "{"}, reason="max_tokens"), "length"),
        (ollama("{", done_reason="length"), "length"),
        ({"output": CHOICES, "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
    ],
)
def test_an_answer_that_was_cut_is_known_as_one_in_every_shape(said: Any, reason: str) -> None:
    assert read_answer(body(said)).finish_reason == reason


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (stream([*CHUNKS[:2], {"error": {"code": 502, "message": "Provider disconnected"}}]), ("load", "")),
        (stream([{"error": {"code": 429, "message": "Rate limit exceeded"}}]), ("load", "limit")),
        (stream([chunk({}, "error")]), ("load", "")),
        (": PROCESSING\n\n: PROCESSING\n\n", ("load", "")),
        (gemini(reason="SAFETY") | {"candidates": [{"finishReason": "SAFETY"}]}, ("page", "filtered")),
        (anthropic(reason="refusal"), ("page", "filtered")),
        ({"message": {"code": 7}}, ("load", "")),
        ([], ("load", "")),
        ("[" * 3_000 + "\n" + "]" * 3_000, ("load", "")),
        (f'{{"choices": [{{"message": {{"content": {"[" * 700}"{{"{"]" * 700}}}}}]}}', ("load", "")),
    ],
)
def test_a_stream_without_an_answer_is_an_error(said: Any, kind: tuple[str, str]) -> None:
    try:
        answer = read_answer(body(said))
    except EndpointError as error:
        assert (error.kind, error.cause) == kind
    else:
        assert kind[1] == "filtered" and answer.finish_reason == "content_filter"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, "<!doctype html><title>Chat</title>"),
        (200, "Ollama is running"),
        (404, "404 page not found"),
        (404, {"detail": "Not Found"}),
        (405, ""),
        (307, ""),
    ],
)
def test_an_address_where_no_api_is_names_the_setting(status: int, said: Any) -> None:
    assert "model.base_url" in sort_error(status, body(said)).problem
    assert "model.base_url" not in sort_error(404, body({"error": {"message": "model 'm' not found"}})).problem


async def test_a_stream_larger_than_any_answer_is_read_over_http(model_endpoint: Any) -> None:
    say = __import__("model_endpoint").Say
    padding = {"id": "c" * 300, "model": "m" * 1000}
    large = stream(
        [{**chunk({"content": char}), **padding} for char in GOOD[:1500]] + [chunk({"content": GOOD[1500:]}), LAST]
    )
    assert len(large) > 1_000_000
    model_endpoint.answers = [say(raw=large.encode(), headers={"content-type": "text/event-stream; charset=utf-8"})]
    done = await OpenAIClient("m", api_key="k", base_url=model_endpoint.url).complete(Replies().request())
    assert done.outcome is Outcome.ANSWERED and done.usage.completion_tokens == 2000, done.reason
    assert parse(done.reply) == parse(GOOD) and len(model_endpoint.requests) == 1


VALUE = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
KEYS = (
    "choices",
    "candidates",
    "message",
    "delta",
    "content",
    "parts",
    "text",
    "usage",
    "output",
    "data",
    "error",
    "type",
)
SHAPE = st.recursive(
    VALUE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=10,
)


@given(st.lists(SHAPE, max_size=3), st.sampled_from(["data: ", "", "["]))
def test_any_body_is_an_answer_or_an_error(values: list[Any], start: str) -> None:
    said = json.dumps(values) if start == "[" else "\n".join(f"{start}{json.dumps(value)}" for value in values)
    try:
        answer = read_answer(said.encode())
    except EndpointError:
        return
    assert isinstance(answer.content, str) and min(answer.usage) >= 0


def test_an_answer_in_many_wrappings_is_written_out_once_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    body: dict[str, Any] = {"content": "a" * 1_000}
    for _ in range(100):
        body = {"content": body}
    sent, written, dumps = json.dumps(body), 0, json.dumps

    def counted(value: Any) -> str:
        nonlocal written
        text = dumps(value)
        written += len(text)
        return text

    monkeypatch.setattr(json, "dumps", counted)
    assert read_answer(sent.encode()).content == "a" * 1_000
    assert written <= len(sent)
