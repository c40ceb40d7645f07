"""Batches of a model: what waits, what came, and what is let go, on both databases."""

from collections.abc import Callable

from extractors.model.endpoint.batch_files import BatchAnswer, Question
from records.database.runs import AgentOutcome
from records.store import Store
from tests.records.made import completion, fill

Open = Callable[..., Store]


def asked(slug: str, key: str) -> Question:
    return Question(slug.ljust(64, "0"), slug, key, {"model": "scripted"})


def test_an_answer_is_kept_until_it_is_used_or_nobody_asks_for_it(open_store: Open) -> None:
    used, left, again = (completion(slug) for slug in ("heron", "otter", "stork"))
    with open_store() as store:
        questions = []
        for slug, made in (("heron", used), ("otter", left), ("stork", again)):
            fill(store, slug)
            questions.append(asked(slug, f"sha256:{slug.ljust(64, '1')}"))
            store.runs.end_agent(None, slug, AgentOutcome.WAITING)
            assert made.key
        store.batches.begin("t", "http://127.0.0.1/v1", "scripted", questions)
        numbers = [question.id for question in questions]
        assert store.batches.waiting() == set(numbers) and store.batches.waits(numbers[0])
        store.batches.name("t", file="f")
        store.batches.name("t", batch="b", done=1)
        [batch] = store.batches.under_way()
        assert (batch.file, batch.batch, batch.done, batch.total) == ("f", "b", 1, 3)
        store.batches.end("t", {numbers[0]: BatchAnswer(200, b"{}"), numbers[1]: BatchAnswer(200, b"[]")})
        assert not store.batches.under_way() and not store.batches.waiting()
        assert store.batches.answer(numbers[1]) == BatchAnswer(200, b"[]")
        assert store.batches.answer(numbers[2]) == BatchAnswer(0, b"")
        assert not store.batches.take_unused("scripted"), "agents that wait will ask"
        store.completions.keep(used.model_copy(update={"key": questions[0].key}), slug="heron")
        store.runs.end_agent(None, "otter", AgentOutcome.ASSESSED)
        [unused] = store.batches.take_unused("scripted")
        assert (unused.slug, unused.body) == ("otter", b"[]")
        assert store.batches.answer(numbers[0]) is None and store.batches.answer(numbers[2]) is not None
        store.batches.drop("t")
        assert store.batches.answer(numbers[2]) is None
