"""Replies in JSON as models write it by habit: read where they can mean one thing only."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.prompting.near_json import rewritten
from extractors.prompting.reply_location import located
from extractors.prompting.reply_parser import InvalidReply, parse
from tests.model_replies import Replies

GOOD = Replies().text()
PRETTY = json.dumps(json.loads(GOOD), indent=2)
FACT = '"kind": "agent",'

HABITS = {
    "trailing commas": re.sub(r'(?<=[\]}"\d])\n(\s*[\]}])', r",\n\1", PRETTY),
    "line comments": PRETTY.replace(FACT, f'{FACT} // it acts: {{"a": [\n # and "plans"\n'),
    "block comments": PRETTY.replace('"factors": [', '/* ten *: {[" */ "factors": ['),
    "Python's own": repr(json.loads(GOOD)),
    "bare keys": re.sub(r'"(\w+)":', r"\1:", PRETTY),
    "curly quotes": re.sub(r'"(kind|agent|factors|layers)"', "“\\1”", PRETTY),
    "full-width marks": PRETTY.replace(FACT, '"kind"：“agent”，'),
    "among words": f"I read {{d1}}.\n```json5\n{GOOD[:-1]},}}\n```<|im_end|> Done {{ok}}.",
    "after thoughts": f"<think>{{draft: 1,}}</think>{GOOD[:-1]},\n}}",
    "in a call": json.dumps({"name": "Reply", "arguments": f"{GOOD[:-1]},}}"}),
    "in a call of Python": repr({"name": "Reply", "arguments": GOOD}),
}
DOUBTFUL = {
    "cut off": GOOD[:-40],
    "a comma left out": GOOD.replace('"agent", "kind_known"', '"agent" "kind_known"'),
    "two commas": GOOD.replace('"agent", "kind_known"', '"agent",, "kind_known"'),
    "a bracket left out": GOOD.replace("]", "", 1),
    "not a number": GOOD.replace('"value": 2', '"value": NaN', 1),
    "left out": PRETTY.replace('"layers": [', '"layers": [ ...'),
    "a value without quotes": GOOD.replace('"agent"', "agent", 1),
    "a key with two values": GOOD.replace('"kind": "agent"', "\"kind\": \"agent\", 'kind': 'skill'"),
    "quotes in a string": GOOD.replace("A person agrees", 'A "person" agrees'),
    "an apostrophe in a string": repr(json.loads(GOOD)).replace("A person", "A person's act: 'a'", 1),
}


@pytest.mark.parametrize("habit", HABITS)
def test_a_habit_that_means_one_thing_is_read(habit: str) -> None:
    assert parse(located(HABITS[habit])) == parse(GOOD)


@pytest.mark.parametrize("fault", DOUBTFUL)
def test_what_could_mean_two_things_is_asked_for_again(fault: str) -> None:
    with pytest.raises(InvalidReply):
        parse(located(DOUBTFUL[fault]))


LEAF = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
TREE = st.recursive(
    LEAF, lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_'/#{,:\\\"“”"), inner), max_leaves=20
)


@pytest.mark.slow
@given(st.dictionaries(st.text("ab{}[]'#/,\\\"\n"), TREE), st.booleans())
def test_any_object_is_rewritten_as_the_same_object(value: dict[str, object], indented: bool) -> None:
    text = json.dumps(value, indent=2 if indented else None, ensure_ascii=indented)
    commas = re.sub(r'(?<=[\]}"\dle])\n(\s*[\]}])', r",\n\1", text) if indented else text
    for said in (text, commas):
        plain, end = rewritten(f"{said} and more")
        assert json.loads(plain) == value and end == len(said)


@given(st.text("{}[]'\"“”,:/*#\\ \na1T", max_size=60))
def test_any_text_is_rewritten_as_json_or_not_at_all(text: str) -> None:
    plain, end = rewritten(text)
    assert 0 <= end <= len(text)
    if plain:
        assert plain.count("{") + plain.count("[") and text[end - 1] in "}]"


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["{'a':", "{a: [", "/*", "{'", "{“", "{ // x\n", "{a:'\\", "{'a':1,},", "/**", "[,"])
def test_a_reply_made_to_be_slow_is_not(piece: str) -> None:
    """Bounded by the length of the text: a quadratic reader would hit the time limit."""
    located('"factors" "layers" ' + piece * (60_000 // len(piece)))
