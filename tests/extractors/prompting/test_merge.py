"""Replies about parts of one agent become one, without losing a claim and without choosing sides."""

from typing import Any

import pytest

from extractors.claims.extraction import extract
from extractors.prompting.reply_parser import parse
from extractors.prompting.splitting_and_merging import merge
from scoring.vocabulary import ExposureFact, LayerStatus, NotCertainReason, RiskFactor


@pytest.fixture
def two(replies: Any) -> Any:
    def make(first: dict[str, Any], second: dict[str, Any]) -> Any:
        return merge([parse(replies.text(**first)), parse(replies.text(**second))])

    return make


UNKNOWN = {"known": "unknown", "quote": "", "document": ""}


def test_one_reply_is_itself_and_order_decides_nothing_but_ties(replies: Any, two: Any) -> None:
    reply = parse(replies.text())
    assert merge([reply]) == reply and merge([reply, reply]) == reply
    change = {
        "autonomy_of_action": {**UNKNOWN, "value": 9},
        "L3": {"status": "not_certain", "quote": "", "document": ""},
    }
    assert two({}, change) == two(change, {})


def test_the_known_beats_the_unknown_and_the_dangerous_the_harmless(replies: Any, two: Any) -> None:
    assert two({"autonomy_of_action": {**UNKNOWN, "value": 9}}, {}).factors[0].value == 2
    merged = two({}, {"autonomy_of_action": {"value": 5, "document": "d2", "quote": replies.docs[1]}})
    assert merged.factors[0].value == 5 and {entry.factor for entry in merged.factors} == set(RiskFactor)
    fact = {"known": "stated", "document": "d2", "quote": replies.docs[1]}
    merged = two({"reads": {**fact, "value": "limited"}}, {"reads": {**fact, "value": "secrets_or_all"}})
    assert next(e.value for e in merged.exposure if e.fact == "reads") == "secrets_or_all"


def test_a_layer_that_one_part_maps_is_mapped(replies: Any, two: Any) -> None:
    quote = {"status": "mapped", "document": "d2", "quote": replies.docs[3], "text": "x"}
    assert [entry.status for entry in two({}, {"L4": quote}).layers][3] is LayerStatus.MAPPED
    assert two({"L3": {"status": "not_certain"}}, {}).layers[2].status is LayerStatus.MAPPED


def test_opposite_statements_of_two_parts_both_stay_and_are_seen_as_a_contradiction(replies: Any, two: Any) -> None:
    night = {"document": "d2", "quote": replies.docs[1], "known": "stated"}
    merged = two({}, {"autonomy_of_action": {**night, "value": 9}, "approval": {**night, "value": "unattended"}})
    extraction = extract(replies.request(), replies.completion(merged.model_dump_json()))
    assert extraction.factor(RiskFactor.AUTONOMY_OF_ACTION).reason is NotCertainReason.SOURCES_CONTRADICT
    assert extraction.fact(ExposureFact.APPROVAL).reason is NotCertainReason.SOURCES_CONTRADICT
