"""Readings are kept without a foreign word, replay to the same claims, and are stale by name under another prompt."""

import json
from pathlib import Path

import pytest

from benches.readings.samples_page import NUMBERS, numbers, pairs, section
from benches.readings.stored_readings import (
    KEPT,
    completion,
    reading_of,
    readings,
    request_of,
    second_completion,
    stale,
)
from extractors.claims.extraction import extract, second_request
from extractors.claims.text_checks import folded
from extractors.model.completion import CompletionRequest
from extractors.prompting.prompt_files import load
from scoring.claims import Extraction
from scoring.errors import BadInput
from tests.model_replies import Replies
from tests.model_replies import replies as replies


def claims(extraction: Extraction) -> list[tuple[object, ...]]:
    return [
        *((f.factor, f.value, f.certainty, f.evidence) for f in extraction.factors),
        *((e.fact, e.value, e.certainty, e.evidence) for e in extraction.exposure),
        *((layer.layer, layer.status, layer.evidence) for layer in extraction.layers),
    ]


def words_of(request: CompletionRequest) -> list[str]:
    return [page.text[block.start : block.end] for page in request.documents for block in page.blocks]


def test_a_kept_reading_holds_no_sentence_of_a_page_and_gives_the_same_claims(replies: Replies) -> None:
    request = replies.request()
    text = replies.text(L3={"text": f'It says "{replies.readme[2]}" and more.'}, writes={"quote": "it is not there"})
    first = replies.completion(text)
    asked = second_request(request, first, load("second_reader"))
    reading = reading_of(request, "m", text, replies.verdicts(asked, "hints"))
    written = folded(reading.model_dump_json())
    assert not [words for words in words_of(request) if len(words.split()) > 4 and folded(words) in written]
    assert reading.refused == 2, "one that stands nowhere, one that leaves a limit out"
    assert claims(extract(request, completion(reading, request))) == claims(extract(request, first))
    second = second_completion(reading, request)
    assert second is not None and second.completion is not None
    twice = extract(request, completion(reading, request), second=second)
    assert twice.second_reading is not None and twice.second_reading.lowered == len(asked.claims)


def test_other_words_at_the_place_stop_the_replay(replies: Replies) -> None:
    reading = reading_of(replies.request(), "m", replies.text())
    changed = [line.replace("you confirm", "it starts") for line in replies.readme]
    request = replies.request(replies.page(changed), replies.page(replies.docs, "https://marrow.example/docs"))
    with pytest.raises(BadInput, match="other words than were read"):
        completion(reading, request)


def test_a_changed_prompt_makes_readings_stale_by_name(replies: Replies, monkeypatch: pytest.MonkeyPatch) -> None:
    reading = reading_of(replies.request(), "m", replies.text())
    assert stale([reading]) == ()
    changed = load("assess").model_copy(update={"version": 99, "digest": "sha256:" + "0" * 64})
    monkeypatch.setattr("benches.readings.stored_readings.load", lambda name: changed)
    assert stale([reading]) == ("marrow: read with another prompt than assess@99",)


def test_another_claim_or_other_words_are_not_what_the_second_reader_read(replies: Replies) -> None:
    request = replies.request()
    asked = second_request(request, replies.completion(replies.reply()), load("second_reader"))
    reading = reading_of(request, "m", replies.text(), replies.verdicts(asked))
    less = second_completion(reading.model_copy(update={"second": reading.second[1:]}), request)
    assert less is not None and less.request.claims == asked.claims[1:], "it stays as it was first read"
    assert second_completion(reading.model_copy(update={"second": ()}), request) is None
    assert second_completion(reading.model_copy(update={"second_prompt": reading.prompt}), request) is None


@pytest.mark.slow
def test_the_readings_that_are_kept_are_found_on_their_pages(shared: Path) -> None:
    """They lie in the repository; their words do not."""
    found = readings(KEPT)
    assert found
    for reading in found:
        request = request_of(reading.agent)
        assert len(json.loads(completion(reading, request).reply)["factors"]) >= 11
        written = folded(reading.model_dump_json())
        assert not [words for words in words_of(request) if len(words.split()) > 7 and folded(words) in written]


@pytest.mark.slow
def test_the_numbers_beside_the_samples_are_those_of_today(shared: Path) -> None:
    assert json.loads(NUMBERS.read_text("utf-8")) == {name: numbers(*pair) for name, pair in pairs().items()}


def test_a_sample_page_is_read_into_its_parts_and_no_foreign_word_is_kept(shared: Path) -> None:
    for ours, theirs in pairs().values():
        assert len(theirs.layers) == 7 and len(theirs.factors) == 10
        said = folded(json.dumps(numbers(ours, theirs)))
        assert not [quote for claim in ours.factors for one in claim.evidence if (quote := folded(one.quote)) in said]
        assert all(folded(line) not in said for line in theirs.layers)
        assert theirs.summary[:20] in section("a sample", ours, theirs)
