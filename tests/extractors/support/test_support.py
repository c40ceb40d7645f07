"""Verdicts on sentences of every clear kind, in words that the topic table was not written from."""

from decimal import Decimal
from typing import Any

import pytest

from extractors.pages.page_text import BlockKind
from extractors.support import Passage, Support, Verdict, support
from extractors.support.forms import forms
from extractors.support.hint_rules import protects
from scoring.vocabulary import Certainty

STATED, INFERRED = Certainty.STATED, Certainty.INFERRED


def judge(claim: str, value: str, sentence: str, certainty: Certainty = STATED, **place: Any) -> Support:
    number = value.replace(".", "").isdigit()
    return support(claim, Decimal(value) if number else value, certainty, Passage(sentence, **place), "Tidewright")


CARRIED = [
    ("autonomy_of_action", "0.9", "Commands are executed without asking unless you start it with a plan."),
    ("autonomy_of_action", "0.1", "Each write requires your explicit approval before it is executed."),
    ("goal_driven_planning", "0.7", "Tidewright plans the work, runs the tests and repeats until the tests pass."),
    ("self_modification", "0.3", "It generates and executes Python code for each task."),
    ("dynamic_tool_use", "0.9", "It runs shell commands and deploys to your cloud account."),
    ("persistent_memory", "0.7", "It remembers your preferences across sessions."),
    ("persistent_memory", "0.0", "The server is stateless and keeps no history between calls."),
    ("contextual_awareness", "0.9", "Tidewright browses the web and reads web pages before it acts."),
    ("dynamic_identity", "0.3", "Set your personal access token in the API_TOKEN variable."),
    ("multi_agent_interactions", "0.7", "An orchestrator coordinates a team of specialized agents."),
    ("opacity_reflexivity", "0.2", "Every tool call is recorded in an append-only audit log."),
    ("natural_language_interface", "0.9", "Simply describe what you need in plain English."),
    ("L1", "mapped", "It works with GPT-4o and Claude models from Anthropic."),
    ("L2", "mapped", "Embeddings are stored in a local vector database."),
    ("L4", "mapped", "The server runs in a Docker container and listens on port 8080."),
    ("runs_at", "hosted", "This is a hosted remote MCP server."),
    ("fed_by", "anyone", "It reads your inbox and replies to emails."),
    ("executes", "arbitrary_code", "It executes shell commands of its own choice."),
    ("approval", "each_action", "Each command requires confirmation from the user."),
    ("control", "enforceable", "Read-only mode disables all write tools and blocks any other call."),
]


@pytest.mark.parametrize(("claim", "value", "sentence"), CARRIED)
def test_a_plain_statement_carries_its_claim(claim: str, value: str, sentence: str) -> None:
    verdict = judge(claim, value, sentence)
    assert verdict.verdict is Verdict.CARRIES, verdict


@pytest.mark.parametrize(
    ("claim", "value", "sentence"),
    [
        ("autonomy_of_action", "0.1", "It no longer requires approval."),
        ("autonomy_of_action", "0.1", "The agent refuses to wait for confirmation."),
        ("dynamic_tool_use", "0.9", "It never runs shell commands."),
        ("self_modification", "0.3", "It cannot execute generated code."),
        ("self_modification", "1.0", "It cannot execute generated code."),
        ("persistent_memory", "0.8", "The bot does not remember anything across sessions."),
        ("executes", "arbitrary_code", "None of its tools executes shell commands."),
        ("writes", "limited", "The server never creates, edits or deletes files."),
        ("isolation", "sandbox", "Code is run without any sandbox."),
        ("approval", "each_action", "Commands don't require confirmation."),
        ("multi_agent_interactions", "0.8", "Tidewright does not orchestrate a team of agents."),
    ],
)
def test_what_is_denied_says_the_contrary(claim: str, value: str, sentence: str) -> None:
    verdict = judge(claim, value, sentence)
    assert verdict.verdict is not Verdict.CARRIES, verdict


@pytest.mark.parametrize(
    ("claim", "value", "sentence", "rule"),
    [
        ("persistent_memory", "0.7", "Does it remember my preferences across sessions?", "question"),
        ("runs_at", "hosted", "A hosted remote MCP server is coming soon.", "plan"),
        ("autonomy_of_action", "0.9", "Fully autonomous deployments are on the roadmap.", "plan"),
        ("persistent_memory", "0.7", "- [ ] Long-term memory: it remembers conversations across sessions.", "plan"),
        ("persistent_memory", "0.7", "☐ It remembers conversations across sessions.", "plan"),
        ("opacity_reflexivity", "0.3", "This project is licensed under the MIT License.", "licence"),
        ("L6", "mapped", "Licensed under the Apache License, Version 2.0.", "licence"),
        ("persistent_memory", "0.8", "Unlike other frameworks, memory is persistent across sessions.", "somebody else"),
        ("dynamic_tool_use", "0.8", "Attackers may run shell commands.", "somebody else"),
        ("L7", "mapped", "Join our Discord community of agents.", "badge or menu"),
        ("control", "enforceable", "readonly | true/false | start in read-only mode", "option"),
        ("approval", "each_action", "Confirmation prompts can be enabled with --confirm.", "switched on"),
        ("autonomy_of_action", "0.9", "Auto-approve can be enabled with --yolo.", "switched on"),
        ("changes", "nothing", "All tools but one are read-only.", "a part"),
        ("writes", "nothing", "Nine of ten tools are read-only.", "a part"),
        ("approval", "each_action", "Most commands require explicit confirmation.", "a part"),
        ("dynamic_tool_use", "0.1", "The listing tools are read-only.", "a part"),
        ("incident", "searched_none_found", "No incident is known.", "not for a page"),
        ("dynamic_identity", "0.5", "Blue whales sing.", "another topic"),
    ],
)
def test_clear_cases_name_their_rule(claim: str, value: str, sentence: str, rule: str) -> None:
    verdict = judge(claim, value, sentence)
    assert (verdict.verdict is Verdict.CARRIES, verdict.rule) == (False, rule), verdict


def test_a_heading_alone_carries_no_claim() -> None:
    for claim, value, sentence in CARRIED:
        assert judge(claim, value, sentence, kind=BlockKind.HEADING).verdict is not Verdict.CARRIES, sentence


def test_what_stands_around_a_sentence_counts() -> None:
    sentence = "It remembers your preferences across sessions."
    assert judge("persistent_memory", "0.7", sentence).verdict is Verdict.CARRIES
    assert judge("persistent_memory", "0.7", sentence, before="Coming soon:").verdict is not Verdict.CARRIES
    denied = judge("persistent_memory", "0.7", "remembers your preferences across sessions", before="It does not:")
    assert denied.verdict is not Verdict.CARRIES


@pytest.mark.parametrize(
    ("before", "rule"),
    [
        ("It does not do any of these:", "denied"),
        ("Never (by design: see below): -", "denied"),
        ("It is not a crawler. What it does:", ""),
        ("It does not: nothing of this.", ""),
        ("not " * 100, ""),
    ],
)
def test_a_lead_denies_within_the_clause_before_its_colon_only(before: str, rule: str) -> None:
    found = judge("persistent_memory", "0.7", "remembers your preferences across sessions", before=before)
    assert (found.rule == "denied") is (rule == "denied"), found


@pytest.mark.parametrize("heading", ["Roadmap", "Contributing", "Updates", "Changelog"])
def test_a_heading_takes_weight_from_what_protects_and_never_from_what_raises_the_risk(heading: str) -> None:
    for claim, value, sentence in CARRIED:
        verdict = judge(claim, value, sentence, heading=heading)
        assert (verdict.verdict is Verdict.CARRIES) is not protects(claim, value), (claim, verdict)


def test_what_a_product_tells_its_own_model_is_no_control() -> None:
    sentence = "Each command requires confirmation from the user."
    verdict = judge("approval", "each_action", sentence, own_instructions=True)
    assert (verdict.verdict, verdict.rule) == (Verdict.HINTS, "wish")


def test_another_value_is_a_hint_at_most() -> None:
    verdict = judge("persistent_memory", "0.0", "It remembers your preferences across sessions.")
    assert verdict.verdict is not Verdict.CARRIES
    assert "rather than" in verdict.why


def test_a_claim_is_never_made_surer() -> None:
    for claim, value, sentence in CARRIED:
        assert judge(claim, value, sentence, INFERRED).certainty in (INFERRED, Certainty.NOT_CERTAIN)
        verdict = judge(claim, value, sentence)
        assert (verdict.certainty is Certainty.NOT_CERTAIN) is (verdict.verdict is not Verdict.CARRIES)


@pytest.mark.parametrize(
    ("claim", "value", "sentence", "place", "rule"),
    [
        ("L3", "mapped", "Call the search tool and read the result.", {"own_instructions": True}, "instruction"),
        ("L5", "mapped", "After building the harbour, write evaluations to test it.", {}, "in time"),
        ("isolation", "sandbox", "You can run Tidewright in a Docker container.", {}, "switched on"),
    ],
)
def test_what_is_told_to_a_model_or_only_possible_is_no_part_of_the_product(
    claim: str, value: str, sentence: str, place: dict[str, Any], rule: str
) -> None:
    verdict = judge(claim, value, sentence, **place)
    assert (verdict.verdict, verdict.rule) == (Verdict.HINTS, rule)


def test_what_a_page_for_a_model_says_of_the_product_itself_is_no_instruction() -> None:
    for sentence in ("Tidewright plans the route with two tools for tides.", "This plugin routes to a tide skill."):
        assert judge("L3", "mapped", sentence, own_instructions=True).verdict is Verdict.CARRIES, sentence
    usage = judge(
        "L3", "mapped", "This skill should be used when the user asks for a tide tool.", own_instructions=True
    )
    assert usage.rule == "instruction"


def test_a_few_words_from_which_a_value_follows_are_no_label() -> None:
    verdict = judge("goal_driven_planning", "0.1", "Buoy lookup by ID", INFERRED)
    assert (verdict.verdict, verdict.certainty) == (Verdict.CARRIES, INFERRED)
    heading = judge("goal_driven_planning", "0.1", "Buoy lookup by ID", INFERRED, kind=BlockKind.HEADING)
    assert heading.rule == "heading"
    assert judge("goal_driven_planning", "0.1", "Buoys by ID", INFERRED).verdict is not Verdict.CARRIES


def test_a_layer_that_is_not_said_outright_is_inferred() -> None:
    assert judge("L4", "mapped", "It runs in a Docker container on port 8080.").certainty is STATED
    verdict = judge("L4", "mapped", "The bridge needs Node.js 22.")
    assert (verdict.verdict, verdict.rule, verdict.certainty) == (Verdict.CARRIES, "follows", INFERRED)


@pytest.mark.parametrize("sentence", ["Loads a new tool", "Tool that invokes sampling", "Plan the best harbour"])
def test_few_words_that_tell_an_act_are_no_heading(sentence: str) -> None:
    assert "heading" not in forms(Passage(sentence), "Tidewright")
    assert "heading" in forms(Passage(sentence, kind=BlockKind.HEADING), "Tidewright")


def test_users_of_the_product_are_no_others() -> None:
    assert "another" not in forms(Passage("Users can upload charts to look things up."), "Tidewright")
    assert "another" in forms(Passage("Users of other tools upload charts."), "Tidewright")
