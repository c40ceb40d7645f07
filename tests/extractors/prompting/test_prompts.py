"""Prompt files as data: pinned, strict, in step with the rubric, and with examples that ground."""

import json
import re
from typing import Any

import pytest

from extractors.claims.text_checks import every_fact_quoted, of_absence, of_threats, quoted_passages, split, words
from extractors.grounding.quote_check import ground
from extractors.prompting.prompt_files import PROMPTS, load, parse
from extractors.prompting.reply import ExposureReply, FactorReply, LayerReply
from extractors.prompting.reply_parser import parse as parse_reply
from extractors.prompting.token_estimates import tokens_in
from scoring.claims import Evidence
from scoring.errors import BadInput
from scoring.rubric import GENERAL_RULES, LAYER_RULES, RUBRIC
from scoring.vocabulary import (
    EXPOSURE_QUESTIONS,
    EXPOSURE_VALUES,
    LAYER_TITLES,
    NOT_CERTAIN_OPENING,
    ExposureFact,
    MaestroLayer,
    RiskFactor,
)

PINNED = {
    "ask_again@1": "sha256:ff6c87cc4f033ef4e8c85ca9aeb33f6e244441a0415c227db555b5f0587ff77f",
    "assess@1": "sha256:61f3a1b4b667b164e8b1610074c5864cce9bb232cf7deff317c88082e3f259aa",
    "assess@2": "sha256:f13039bbe9e2e7e737189eb4749d4df8cbf269ce0a43421d07f1c95471a9e6b7",
    "assess@3": "sha256:4f55f39e47954fc6beab2dadcbc5b22ca180727689da32edb45d81cc71f80051",
    "assess@4": "sha256:23d892b4270fe576a6914b53ccffe73c97c4cbb695dd2a176d5f644e8e8c0785",
    "assess@5": "sha256:72a7b304cb941e469690da7f0785e8ce9b9ee8cc8195d847a1e6f6560c156baa",
    "second_reader@1": "sha256:6cc15860e7f2d383a11d960c20174b3eba60786a3720adab4dec7a0cebb8494e",
}
"""Every version that was ever used. A changed text is a new version: its line is added, none is edited."""


def test_a_changed_prompt_needs_a_new_version() -> None:
    current = {load(path.stem).label: load(path.stem).digest for path in PROMPTS.glob("*.md")}
    assert {label: PINNED.get(label) for label in current} == current


GOOD = b'---\nname: a\nversion: 1\nreply: Reply\nsettings:\n  temperature: "0"\n---\n\nText.\n'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"reply: Reply", b"reply: Reply\nmodel: x", "model: Extra inputs are not permitted"),
        (b"version: 1\n", b"", "version: Field required"),
        (b"version: 1", b'version: "1"', "version: Input should be a valid integer"),
        (b"version: 1", b"version: true", "version: Input should be a valid integer"),
        (b'temperature: "0"', b'top_k: "0"', "settings.top_k: Extra inputs are not permitted"),
        (b'temperature: "0"', b"temperature: 0.0", "settings.temperature: Input should be a valid string"),
        (b"Text.", b"  ", "no text"),
        (b"---\n\n", b"\n\n", "without an end"),
        (b"---\nname", b"name", "does not begin"),
        (b"name: a", b"name: [a", "prompt"),
        (GOOD, b"---\n\n---\n\nText.\n", "has front matter that is no mapping"),
        (GOOD, b"---\n- name\n---\n\nText.\n", "has front matter that is no mapping"),
        (b"Text.", b"\xff", "prompt"),
        (b"settings:\n  temp", b"settings:\n    temp", "not written as prompts are"),
    ],
)
def test_a_prompt_that_is_not_written_right_is_refused(old: bytes, new: bytes, says: str) -> None:
    assert parse(GOOD, "a.md").settings == {"temperature": "0"}
    with pytest.raises(BadInput) as error:
        parse(GOOD.replace(old, new, 1), "a.md")
    assert says in str(error.value) and "\n" not in str(error.value)


def test_an_unknown_prompt_names_those_that_exist() -> None:
    with pytest.raises(BadInput, match="ask_again, assess"):
        load("nothing")


def test_the_prompt_says_the_rubric_in_the_rubrics_own_words() -> None:
    text = load("assess").text
    assert [rule for rule in GENERAL_RULES if rule not in text] == []
    at = -1
    for factor in RiskFactor:
        rubric = RUBRIC[factor]
        for words_of_it in (
            rubric.question,
            rubric.definition,
            *rubric.anchors.values(),
            rubric.counts,
            rubric.does_not_count,
            rubric.with_host,
        ):
            assert words_of_it in text, f"{factor}: {words_of_it}"
        assert all(f"- {value}: {anchor}" in text for value, anchor in rubric.anchors.items())
        assert text.index(f"## {factor.value}:") > at, "in the order of the vocabulary"
        at = text.index(f"## {factor.value}:")


def test_the_prompt_says_what_maps_each_layer_in_the_rubrics_own_words() -> None:
    lines = [f"- {layer} {LAYER_TITLES[layer]}: {rule}" for layer, rule in LAYER_RULES.items()]
    assert tuple(LAYER_RULES) == tuple(MaestroLayer) and all(line in load("assess").text for line in lines)


def test_a_static_part_stays_within_its_tokens() -> None:
    """Four letters a token is what English takes with the tokenizers of today."""
    assert all(len(load(path.stem).text) / 4 <= 9_000 for path in PROMPTS.glob("*.md"))


def test_the_prompt_asks_every_exposure_question_with_its_legal_values() -> None:
    text = load("assess").text
    for fact in ExposureFact:
        assert f"`{fact.value}` ({', '.join(EXPOSURE_VALUES[fact])}): {EXPOSURE_QUESTIONS[fact]}" in text
    assert f'opens with exactly "{NOT_CERTAIN_OPENING} — "' in text


def test_the_static_part_is_long_enough_for_prompt_caches() -> None:
    assert tokens_in(load("assess").text) >= 1024 * 2, "the estimate is generous, so twice"


def _examples(replies: Any) -> list[tuple[list[Any], dict[str, Any]]]:
    found: list[tuple[list[Any], dict[str, Any]]] = []
    documents: list[Any] = []
    for language, body in re.findall(r"```(document d\d|json)\n(.*?)\n```", load("assess").text, re.DOTALL):
        if language == "json":
            found.append((documents, json.loads(body)))
            documents = []
        else:
            documents.append(
                replies.page([line for line in body.split("\n") if line], f"https://example.org/{language[-1]}")
            )
    return found


def test_every_quote_of_the_examples_grounds_in_its_document(replies: Any) -> None:
    examples = _examples(replies)
    assert len(examples) == 3 and len(examples[2][0]) == 2
    quotes = 0
    for documents, reply in examples:
        for entry in (*reply["factors"], *reply["layers"], *reply["exposure"]):
            if entry["quote"]:
                page = documents[int(entry["document"][1:]) - 1]
                assert isinstance(ground(entry["quote"], page), Evidence), entry["quote"]
                quotes += 1
            else:
                assert (
                    entry.get("known", "unknown") == "unknown" and entry.get("status", "not_certain") == "not_certain"
                )
    assert quotes >= 12


def test_the_examples_are_legal_replies_and_write_as_they_are_told_to(replies: Any) -> None:
    for documents, reply in _examples(replies):
        for entry in reply["factors"]:
            FactorReply.model_validate_json(json.dumps(entry), strict=True)
        for entry in reply["exposure"]:
            ExposureReply.model_validate_json(json.dumps(entry), strict=True)
            assert entry["value"] in (*EXPOSURE_VALUES[ExposureFact(entry["fact"])], "")
        for entry in reply["layers"]:
            layer = LayerReply.model_validate_json(json.dumps(entry), strict=True)
            if layer.status == "mapped":
                assert every_fact_quoted(layer.text, [page.text for page in documents]), layer.text
                assert 23 <= words(layer.text) <= 43, layer.text
            else:
                first, *rest = split(layer.text.removeprefix(f"{NOT_CERTAIN_OPENING} — "))
                assert first != layer.text and not quoted_passages(layer.text), layer.text
                assert of_absence(first) and rest and all(map(of_threats, rest)), layer.text


def test_the_wrong_examples_are_really_refused(replies: Any) -> None:
    (page,), _ = _examples(replies)[1]
    for wrong in ("Commands are executed without asking", "runs shell commands"):
        assert wrong in load("assess").text
        assert not isinstance(ground(wrong, page), Evidence)


def test_the_schema_of_a_reply_uses_only_what_endpoints_respect(replies: Any) -> None:
    from jsonschema import Draft202012Validator

    from extractors.prompting.reply import reply_schema

    schema = reply_schema()
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(replies.reply())
    seen: set[str] = set()

    def walk(node: Any, names: bool = False) -> None:
        for key, value in node.items() if isinstance(node, dict) else ():
            if not names:
                seen.add(key)
            if not names and key == "properties":
                assert sorted(node["required"]) == sorted(value) and node["additionalProperties"] is False
            walk(value, names=not names and key == "properties")

    walk(schema)
    assert seen <= {"type", "properties", "required", "additionalProperties", "items", "enum", "minimum", "maximum"}
    reply_schema()["properties"].clear()
    assert reply_schema()["properties"], "each caller has its own copy"


def test_a_reply_survives_its_own_round_trip(replies: Any) -> None:
    assert parse_reply(parse_reply(replies.text()).model_dump_json()) == parse_reply(replies.text())
