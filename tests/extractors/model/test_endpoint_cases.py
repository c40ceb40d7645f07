"""The habits of real endpoints: those of the shared cases, each played over HTTP, and others of the same kinds."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from extractors.model.budget import Budget
from extractors.model.completion import Completion
from extractors.model.completion import CompletionOutcome as Outcome
from extractors.model.openai_client import OpenAIClient
from extractors.model.prices import PriceTable, Row
from extractors.prompting.reply_parser import parse
from tests.model_replies import Replies

PRICES = PriceTable([Row(name="m", prompt=Decimal("0.20"), cached=Decimal("0.05"), completion=Decimal("0.80"))])
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
            and len({turn["role"] for turn in turns}) >= when.get("roles", 0)
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
    assert len(requests(played)) == 1 and parse(done.reply) == parse(played.good)


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
    **{
        f"B-7-other-words-for-too-long{of}": (LARGE, split_up)
        for of in ("", "/openai", "/gemini", "/anthropic", "/groq", "/llama-500", "/lm-studio")
    },
    "B-8-thoughts-not-counted": (SMALL, costs("0.0114")),
    "B-8-thoughts-not-counted/nothing-counted": (SMALL, costs_our_own_count),
    **{
        f"B-9-an-error-in-a-200{of}": (SMALL, answered)
        for of in ("", "/rate-limit", "/in-the-choice", "/no-choices", "/only-blank-lines")
    },
    "B-11-form-refused-with-a-500": (SMALL, answered_in_another_form),
    "B-11-form-refused-with-a-500/not-found": (SMALL, answered_in_another_form),
    "B-13-only-the-closing-think-tag": (SMALL, answered_at_once),
    "B-13-only-the-closing-think-tag/fenced": (SMALL, answered_at_once),
    "B-14-prompt-cut-in-silence": (SMALL, names_the_window),
    "B-14-prompt-cut-in-silence/nothing-left": (SMALL, names_the_window),
    "B-17-answer-room-larger-than-the-window": (SMALL, answered_with_less_room),
}


@pytest.mark.parametrize("case", CASES)
async def test_a_shared_case_ends_as_it_should(case: str, shared: Path, played: Any, request_of: Any) -> None:
    rules = json.loads((shared / "cases" / case / "endpoint.json").read_text(encoding="utf-8"))
    paragraphs, check = CASES[case]
    it = played(rules)
    more = ("What to do about a jailbreak.",) if case.startswith("B-3") else ()
    check(await it.client().complete(request_of(paragraphs, *more)), it)


def refusing(body: Any, status: int = 400, **when: Any) -> dict[str, Any]:
    return {"when": when, "status": status, "body": body}


def reply_in(**message: Any) -> list[dict[str, Any]]:
    return [{"message": message}]


COURSES: dict[str, tuple[list[dict[str, Any]], int, Any]] = {
    "moderated by a proxy": (
        [refusing({"error": {"message": "x", "metadata": {"flagged_input": "y"}}}, 403)],
        SMALL,
        refused_once,
    ),
    "filtered in a 200": ([refusing({"promptFeedback": {"blockReason": "SAFETY"}}, 200)], SMALL, refused_once),
    "ended by the filter": ([refusing({"choices": [{"finish_reason": "RECITATION"}]}, 200)], SMALL, refused_once),
    "too long in a string": (
        [
            refusing(
                {"error": {"message": json.dumps({"error": {"code": "context_length_exceeded"}})}}, 500, longer=90_000
            )
        ],
        LARGE,
        split_up,
    ),
    "too long in a 200": (
        [refusing({"error": {"message": "Input is too long for requested model."}}, 200, longer=90_000)],
        LARGE,
        split_up,
    ),
    "too long without words": ([refusing({"error": "boom"}, 400, longer=150_000), {"usage": None}], LARGE, answered),
    "overloaded for minutes": ([refusing({"error": {"type": "overloaded_error"}}, 529, within=300)], SMALL, answered),
    "maintenance without words": ([refusing({}, 503, within=600)], SMALL, answered),
    "a bad gateway": ([{"when": {"within": 40}, "status": 502, "raw": "<html>bad gateway</html>"}], SMALL, answered),
    "a limit by date": (
        [refusing({}, 429, within=30) | {"headers": {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}}],
        SMALL,
        answered,
    ),
    "busy in a 200": (
        [refusing({"error": {"code": 503, "message": "Model is busy"}}, 200, within=90)],
        SMALL,
        answered,
    ),
    "half a stream": (
        [refusing({"choices": [{"finish_reason": "error", "message": {"content": "{"}}]}, 200, upto=2)],
        SMALL,
        answered,
    ),
    "a grammar": (
        [refusing({"error": "failed to initialize grammar"}, 500, form="json_schema")],
        SMALL,
        answered_in_another_form,
    ),
    "a list": (
        [refusing([{"error": {"message": "json_schema: unsupported"}}], 422, form="json_schema")],
        SMALL,
        answered_in_another_form,
    ),
    "one turn": ([refusing({"error": {"message": "System role not supported"}}, 500, roles=2)], SMALL, answered),
    "no temperature": (
        [refusing({"error": {"message": "x", "param": "temperature"}}, has=["temperature"])],
        SMALL,
        answered,
    ),
    "a shorter answer": (
        [refusing({"error": {"message": "max_tokens: 12000 > 8192, which is the maximum allowed"}}, wants=17_000)],
        SMALL,
        answered_with_less_room,
    ),
    "room for less": (
        [
            refusing(
                {"error": {"message": "input length and `max_tokens` exceed context limit: 6900 + 12000 > 16000"}},
                wants=16_000,
            )
        ],
        SMALL,
        answered_with_less_room,
    ),
    "window full": (
        [{"content": '{"kind"', "finish": "length", "usage": {"prompt_tokens": 8000, "completion_tokens": 192}}],
        SMALL,
        names_the_window,
    ),
    "parts": (reply_in(content=[{"type": "text", "text": "{GOOD}"}]), SMALL, answered_at_once),
    "reasoning": (reply_in(content=None, reasoning_content="{GOOD}"), SMALL, answered_at_once),
    "reasoning beside": (reply_in(content="", reasoning="I think {a}.\n{GOOD}"), SMALL, answered_at_once),
    "a tool call": (
        reply_in(content=None, tool_calls=[{"type": "function", "function": {"name": "Reply", "arguments": "{GOOD}"}}]),
        SMALL,
        answered_at_once,
    ),
    "words and a tool call": (
        reply_in(content="Here {it} is.", tool_calls=[{"function": {"name": "Reply", "arguments": "{GOOD}"}}]),
        SMALL,
        answered_at_once,
    ),
    "thinking": (reply_in(content='<thinking>{"kind": 1}</thinking>{GOOD}'), SMALL, answered_at_once),
    "channels": (
        reply_in(content="<|channel|>analysis<|message|>a {draft}<|channel|>final<|message|>{GOOD}"),
        SMALL,
        answered_at_once,
    ),
    "draft first": (
        reply_in(content='[THINK]{"factors": [], "layers": []}[/THINK]\n```\n{GOOD}\n```\nDone {ok}.'),
        SMALL,
        answered_at_once,
    ),
    "arguments as an object": (
        reply_in(content=None, tool_calls=[{"function": {"name": "Reply", "arguments": json.loads(Replies().text())}}]),
        SMALL,
        answered_at_once,
    ),
    "an object for a text": (reply_in(content=json.loads(Replies().text())), SMALL, answered_at_once),
    "JSON in a string": ([{"content": json.dumps(Replies().text())}], SMALL, answered_at_once),
    "a call written out": (
        [{"content": json.dumps({"name": "Reply", "arguments": Replies().text()})}],
        SMALL,
        answered_at_once,
    ),
    "wrapped": (reply_in(content='{"reply": {GOOD}, "done": true}'), SMALL, answered_at_once),
}


@pytest.mark.parametrize("habit", COURSES)
async def test_other_endpoints_have_the_same_habits_in_other_forms(habit: str, played: Any, request_of: Any) -> None:
    rules, paragraphs, check = COURSES[habit]
    it = played(rules)
    check(await it.client().complete(request_of(paragraphs)), it)


async def test_a_reply_with_small_faults_is_read(played: Any, request_of: Any) -> None:
    it = played([])
    good = it.good
    faulty = {
        "raw newlines": good.replace("A person agrees", "A person\nagrees"),
        "a key twice with one value": good.replace('{"kind": "agent",', '{"kind": "agent", "kind": "agent",'),
        "half a character, escaped": good.replace("A person agrees", "A person \\ud83d agrees"),
        "half a character": good.replace("A person agrees", "A person {HALF} agrees"),
    }
    for fault, text in faulty.items():
        assert text != good
        it.rules, before = [{"content": text}], len(requests(it))
        done = await it.client().complete(request_of())
        assert done.outcome is Outcome.ANSWERED and len(requests(it)) == before + 1, fault
        done.reply.encode("utf-8")


async def test_a_key_with_two_values_is_asked_about_again(played: Any, request_of: Any) -> None:
    it = played([])
    it.rules = [
        {"when": {"upto": 1}, "content": it.good.replace('{"kind": "agent",', '{"kind": "skill", "kind": "agent",')}
    ]
    assert (await it.client().complete(request_of())).outcome is Outcome.ANSWERED and len(requests(it)) == 2


async def test_an_account_that_is_refused_ends_the_asking_with_its_sentence(played: Any, request_of: Any) -> None:
    it = played([refusing({"error": {"message": "Your credit balance is too low."}})])
    client = it.client()
    for number in range(3):
        done = await client.complete(request_of(SMALL + number))
        assert done.outcome is Outcome.FAILED and "Your credit balance is too low." in done.reason
    assert len(requests(it)) == 1


async def test_a_403_after_good_answers_is_about_the_page(played: Any, request_of: Any) -> None:
    it = played([{"when": {"holds": "curl"}, "status": 403, "raw": "<html>blocked by the firewall</html>"}])
    client = it.client()
    ends = [(await client.complete(request_of(SMALL, line))).outcome for line in ("a", "curl", "b")]
    assert ends == [Outcome.ANSWERED, Outcome.REFUSED, Outcome.ANSWERED]


async def test_a_wait_is_shared_told_and_kept(played: Any, request_of: Any) -> None:
    it = played([refusing({}, 429, within=100) | {"headers": {"Retry-After": "110"}}])
    client, kept = it.client(), list[tuple[float, str]]()
    client.share_pause(3600, it.now + 20, lambda until, reason: kept.append((until, reason)))
    done = [await client.complete(request_of(SMALL + number)) for number in range(3)]
    assert {one.outcome for one in done} == {Outcome.ANSWERED} and it.waits[0] == 20
    assert len(requests(it)) == 4, "one met the limit, and all waited for it"
    assert [until for until, _ in kept] == [it.began + 20 + 110] and "429" in kept[0][1]


async def test_a_wait_beyond_the_end_of_the_night_is_not_begun(played: Any, request_of: Any) -> None:
    it = played([refusing({}, 429) | {"headers": {"Retry-After": "110"}}])
    client = it.client()
    client.share_pause(60, 0.0, lambda until, reason: None)
    done = [await client.complete(request_of(SMALL + number)) for number in range(3)]
    assert {one.outcome for one in done} == {Outcome.FAILED} and not it.waits and len(requests(it)) == 1


async def test_a_window_that_was_learned_is_kept_in_mind(played: Any, request_of: Any) -> None:
    message = "This model's maximum context length is 17000 tokens."
    it = played([refusing({"error": {"message": message}}, wants=17_000)])
    client = it.client()
    for number in range(3):
        assert (await client.complete(request_of(SMALL + number))).outcome is Outcome.ANSWERED
    assert len(requests(it)) == 4


async def test_what_fits_in_no_part_names_both_settings_and_is_asked_once(played: Any, request_of: Any) -> None:
    it = played([refusing({"error": {"message": "This model's maximum context length is 6000 tokens."}})])
    done = await it.client().complete(request_of())
    assert done.outcome is Outcome.FAILED and len(requests(it)) == 1
    assert "model.context_tokens" in done.reason and "model.max_output_tokens" in done.reason


USAGES: tuple[tuple[dict[str, Any] | None, str], ...] = (
    ({"prompt_tokens": 9000, "completion_tokens": 2000}, "0.0034"),
    ({"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 11000}, "0.0034"),
    (
        {"prompt_tokens": 9000, "completion_tokens": 2000, "completion_tokens_details": {"reasoning_tokens": 1500}},
        "0.0034",
    ),
    (
        {"prompt_tokens": 9000, "completion_tokens": 2000, "completion_tokens_details": {"reasoning_tokens": 3000}},
        "0.0058",
    ),
    ({"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 12500}, "0.0046"),
    ({"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 10}, "0.0034"),
    ({"input_tokens": 9000, "output_tokens": 2000}, "0.0034"),
    ({"input_tokens": 1000, "output_tokens": 2000, "cache_read_input_tokens": 8000}, "0.0022"),
    ({"prompt_tokens": 9000, "completion_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 8000}}, "0.0022"),
    (
        {
            "prompt_tokens": 9000,
            "completion_tokens": 2000,
            "prompt_cache_hit_tokens": 8000,
            "prompt_cache_miss_tokens": 1000,
        },
        "0.0022",
    ),
    ({"prompt_tokens": 1000, "completion_tokens": 2000, "prompt_tokens_details": {"cached_tokens": 8000}}, "0.0022"),
    ({"prompt_tokens": "9000", "completion_tokens": 2000.0}, "0.0034"),
    ({"prompt_tokens": 9000, "completion_tokens": 100, "thoughts_token_count": 1900}, "0.0034"),
)


@pytest.mark.parametrize(("usage", "cost"), USAGES)
async def test_what_is_booked_is_what_is_billed(usage: dict[str, Any], cost: str, played: Any, request_of: Any) -> None:
    it = played([{"usage": usage}])
    budget = Budget(Decimal(1))
    done = await it.client(budget=budget).complete(request_of())
    assert done.usage.cost == Decimal(cost) == budget.spent and budget.reserved == 0


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": -1, "completion_tokens": "many"},
        "none",
        [1],
    ],
)
async def test_what_is_not_counted_is_counted_here(usage: Any, played: Any, request_of: Any) -> None:
    it = played([{"usage": usage}])
    costs_our_own_count(await it.client().complete(request_of()), it)


async def test_thoughts_beyond_what_was_asked_for_are_reserved_from_then_on(played: Any, request_of: Any) -> None:
    it = played([{"usage": {"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 59_000}}])
    client = it.client(budget=Budget(Decimal("0.09")))
    ends = [(await client.complete(request_of(SMALL + number))).outcome for number in range(3)]
    assert ends == [Outcome.ANSWERED, Outcome.ANSWERED, Outcome.OVER_BUDGET] and client.budget.spent < Decimal("0.09")


async def test_a_missing_price_is_said_whichever_answer_comes_first(played: Any, request_of: Any) -> None:
    it = played([])
    client = it.client(prices=PriceTable([]))
    reasons = [(await client.complete(request_of(SMALL + number))).reason for number in range(3)]
    assert "model.prices" in reasons[0] and len(set(reasons)) == 1


async def test_a_reply_that_thoughts_quote_is_no_reply(played: Any, request_of: Any) -> None:
    it = played([])
    it.rules = [{"when": {"upto": 1}, "content": f"The page says {it.good}, I do not.</think>\nI am not sure."}]
    done = await it.client().complete(request_of())
    assert done.outcome is Outcome.ANSWERED and len(requests(it)) == 2
    it.rules = [{"content": "I am not sure.", "message": {"reasoning": f"The page says {it.good}"}}]
    assert (await it.client().complete(request_of())).outcome is Outcome.UNPARSED


async def test_a_reply_full_of_braces_is_looked_through_in_bounded_work(played: Any, request_of: Any) -> None:
    it = played([])
    it.rules = [{"content": '{"a":' * 60_000}, {"content": "{" * 300_000}]
    done = await it.client().complete(request_of())
    assert done.outcome is Outcome.UNPARSED
