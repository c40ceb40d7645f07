"""The habits of real endpoints: those of the shared cases, each played over HTTP, and others of the same kinds."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors.model.completion import Completion
from extractors.model.completion import CompletionOutcome as Outcome
from extractors.model.openai_client import OpenAIClient
from extractors.model.prices import Price, PriceTable

PRICES = PriceTable({"m": Price(Decimal("0.20"), Decimal("0.05"), Decimal("0.80"))})
SMALL, LARGE = 2, 2500
"""Paragraphs of the documents."""


class Played:
    """The rules of a case (see its folder) behind the endpoint on loopback, in a time that passes by waiting alone."""

    def __init__(self, endpoint: Any, rules: list[dict[str, Any]], good: str) -> None:
        self.endpoint, self.rules, self.good = endpoint, rules, good
        self.now, self.waits = 1_800_000_000.0, list[float]()
        self.began = self.now
        self.say = __import__("model_endpoint").Say
        endpoint.answer = self.answer

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def client(self, **more: Any) -> OpenAIClient:
        options = {"prices": PRICES, "clock": lambda: self.now, "sleep": self.sleep, **more}
        return OpenAIClient("m", api_key="k", base_url=self.endpoint.url, **options)

    def answer(self, body: dict[str, Any]) -> Any:
        rule = next((rule for rule in self.rules if self.fits(rule.get("when", {}), body)), {})
        if "raw" in rule or "body" in rule:
            raw = rule["raw"] if "raw" in rule else json.dumps(rule["body"])
            return self.say(status=rule.get("status", 200), headers=rule.get("headers", {}), raw=raw.encode())
        content = rule.get("content", "{GOOD}").replace("{GOOD}", self.good)
        message = {"role": "assistant", "content": content, **rule.get("message", {})}
        message = {key: self.filled(value) for key, value in message.items()}
        usage = rule.get("usage", {"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 11000})
        choice = {"index": 0, "message": message, "finish_reason": rule.get("finish", "stop")}
        raw = json.dumps({"id": "c", "choices": [choice], "usage": usage}).replace("{HALF}", "\\ud83d")
        return self.say(raw=raw.encode())

    def filled(self, value: Any) -> Any:
        if isinstance(value, list | dict):
            return json.loads(json.dumps(value).replace("{GOOD}", json.dumps(self.good)[1:-1]))
        return value.replace("{GOOD}", self.good) if isinstance(value, str) else value

    def fits(self, when: dict[str, Any], body: dict[str, Any]) -> bool:
        turns = body["messages"]
        text = "".join(turn["content"] or "" for turn in turns)
        user = "".join(turn["content"] or "" for turn in turns if turn["role"] == "user")
        wanted = len(text) // 4 + (body.get("max_tokens") or body.get("max_completion_tokens") or 0)
        empty = any(turn["role"] == "assistant" and not turn["content"] for turn in turns)
        return (
            len(self.endpoint.requests) <= when.get("upto", 10**9)
            and self.now - self.began <= when.get("within", 1e9)
            and len(text) >= when.get("longer", 0)
            and when.get("holds", "") in user
            and when.get("form", form_of(body)) == form_of(body)
            and (not when.get("empty_turn") or empty)
            and wanted > when.get("wants", -1)
            and all(key in body for key in when.get("has", ()))
        )


def form_of(body: dict[str, Any]) -> str:
    return str((body.get("response_format") or {}).get("type", "text"))


@pytest.fixture
def played(model_endpoint: Any, replies: Any) -> Any:
    return lambda rules: Played(model_endpoint, rules, replies.text())


@pytest.fixture
def request_of(replies: Any) -> Any:
    def made(paragraphs: int = SMALL, *more: str) -> Any:
        lines = [*more, *(f"Part {n} of the handbook lists berth {n} and who may use it." for n in range(paragraphs))]
        return replies.request(
            replies.page([*replies.readme, *lines]), replies.page(replies.docs, "https://marrow.example/d")
        )

    return made


def requests(played: Played) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = played.endpoint.requests
    return found


def refused_once(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.REFUSED and "content filter" in done.reason and len(requests(played)) == 1


def split_up(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.ANSWERED and "split over" in done.reason
    sent = [json.dumps(body) for body in requests(played)]
    assert len(set(sent)) == len(sent), "sent again unchanged"


def answered(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.ANSWERED, done.reason
    assert not any(
        turn["role"] == "assistant" and not turn["content"] for b in requests(played) for turn in b["messages"]
    )


def answered_at_once(done: Completion, played: Played) -> None:
    answered(done, played)
    assert len(requests(played)) == 1 and json.loads(done.reply) == json.loads(played.good)


def answered_in_another_form(done: Completion, played: Played) -> None:
    answered(done, played)
    assert [form_of(body) for body in requests(played)] == ["json_schema", "json_object"] and not played.waits


def answered_with_less_room(done: Completion, played: Played) -> None:
    answered(done, played)
    assert len(requests(played)) == 2 and requests(played)[1]["max_tokens"] < requests(played)[0]["max_tokens"]


def names_the_window(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.FAILED and "num_ctx" in done.reason and "model.context_tokens" in done.reason
    assert len(requests(played)) == 1


def costs(amount: str) -> Any:
    def check(done: Completion, played: Played) -> None:
        answered(done, played)
        assert done.usage.cost == Decimal(amount)

    return check


def costs_our_own_count(done: Completion, played: Played) -> None:
    answered(done, played)
    assert (
        done.usage.prompt_tokens > 7_000 and done.usage.completion_tokens > 1_500 and done.usage.cost > Decimal("0.003")
    )


def unparsed_and_clean(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.ANSWERED and len(requests(played)) == 2
    assert "�" in requests(played)[1]["messages"][2]["content"] and done.usage.completion_tokens == 4000


def truncated_and_booked(done: Completion, played: Played) -> None:
    assert done.outcome is Outcome.TRUNCATED and "�" in done.reply and done.usage.cost == Decimal("0.0034")
    done.model_dump_json().encode()


CASES: dict[str, tuple[int, Any]] = {
    "B-3-one-filtered-page": (SMALL, refused_once),
    "B-3-one-filtered-page/six-in-a-row": (SMALL, refused_once),
    "B-4-half-an-emoji": (SMALL, unparsed_and_clean),
    "B-4-half-an-emoji/cut-off": (SMALL, truncated_and_booked),
    "B-5-a-minute-of-429": (SMALL, answered),
    "B-5-a-minute-of-429/retry-61": (SMALL, answered),
    "B-5-a-minute-of-429/retry-0": (SMALL, answered),
    **{f"B-7-other-words-for-too-long{of}": (LARGE, split_up) for of in (
        "", "/openai", "/gemini", "/anthropic", "/groq", "/llama-500", "/lm-studio"
    )},
    "B-8-thoughts-not-counted": (SMALL, costs("0.0114")),
    "B-8-thoughts-not-counted/nothing-counted": (SMALL, costs_our_own_count),
    **{f"B-9-an-error-in-a-200{of}": (SMALL, answered) for of in (
        "", "/rate-limit", "/in-the-choice", "/no-choices", "/only-blank-lines"
    )},
    "B-11-form-refused-with-a-500": (SMALL, answered_in_another_form),
    "B-11-form-refused-with-a-500/not-found": (SMALL, answered_in_another_form),
    "B-13-only-the-closing-think-tag": (SMALL, answered_at_once),
    "B-13-only-the-closing-think-tag/fenced": (SMALL, answered_at_once),
    "B-14-prompt-cut-in-silence": (SMALL, names_the_window),
    "B-14-prompt-cut-in-silence/nothing-left": (SMALL, names_the_window),
    "B-17-answer-room-larger-than-the-window": (SMALL, answered_with_less_room),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
async def test_a_shared_case_ends_as_it_should(case: str, shared: Path, played: Any, request_of: Any) -> None:
    rules = json.loads((shared / "cases" / case / "endpoint.json").read_text(encoding="utf-8"))
    paragraphs, check = CASES[case]
    it = played(rules)
    more = ("What to do about a jailbreak.",) if case.startswith("B-3") else ()
    check(await it.client().complete(request_of(paragraphs, *more)), it)
