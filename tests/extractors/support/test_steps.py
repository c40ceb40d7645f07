"""One step of reasoning: it holds for what it names, not for its neighbours, and never makes a statement."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.pages.page_text import BlockKind
from extractors.support import Passage, Support, Verdict, support
from extractors.support.steps import step, steps
from scoring.vocabulary import Certainty

STEPS = [
    ("autonomy_of_action", "0.2", "Lists the tide tables of a harbour"),
    ("autonomy_of_action", "0.1", "Tidewright offers access to the chart collection of a port."),
    ("autonomy_of_action", "0.6", "update_buoy: Updates the position of a buoy"),
    ("autonomy_of_action", "0.7", "delete_chart: Permanently deletes a chart of the harbour"),
    ("autonomy_of_action", "0.3", "Ask your assistant to look at the harbour chart."),
    ("autonomy_of_action", "0.3", "An assistant can call the harbour_depth tool."),
    ("autonomy_of_action", "0.2", "Unit conversion between fathoms and metres"),
    ("autonomy_of_action", "0.3", "Runs depth queries on the harbour database."),
    ("goal_driven_planning", "0.0", "Renames a chart"),
    ("goal_driven_planning", "0.1", "A small server that converts one chart format."),
    ("goal_driven_planning", "0.1", "It can compare two depth readings."),
    ("goal_driven_planning", "0.5", "The server offers tools for charts, tides and berths."),
    ("goal_driven_planning", "0.1", "Unit conversion between fathoms and metres"),
    ("goal_driven_planning", "0.3", "Your assistant will call the right harbour tool."),
    ("self_modification", "0.0", "The server offers the following tools."),
    ("non_determinism", "0.5", "Your assistant can use the harbour tools of this server."),
    ("non_determinism", "0.6", "It turns your requests into harbour calls."),
    ("non_determinism", "0.1", "Fetches one buoy by its number"),
    ("non_determinism", "0.1", "Tides come from a harmonic algorithm"),
    ("non_determinism", "0.7", "An AI assistant words the harbour notes."),
    ("non_determinism", "0.7", "Each chart gets a confidence score."),
    ("dynamic_tool_use", "0.1", "Looks up the depth at a position"),
    ("dynamic_tool_use", "0.7", "Harbour systems are reached through function calling."),
    ("multi_agent_interactions", "0.3", "The harbour pages reach you over MCP."),
    ("multi_agent_interactions", "0.8", "One worker hands over to the next."),
    ("natural_language_interface", "0.2", "depth (number, default: 5): how deep the keel is"),
    ("natural_language_interface", "0.7", '"Show me every buoy that drifted since Monday"'),
    ("natural_language_interface", "0.2", "shape: form of the keel (round|flat, default: round)"),
    ("natural_language_interface", "0.8", "Book the berth that I used last summer"),
    ("natural_language_interface", "0.8", "Try it by asking your assistant for a berth."),
    ("opacity_reflexivity", "0.4", "Get insights into your agents at sea."),
    ("approval", "user_starts", "Ask your assistant to look at the harbour chart."),
    ("approval", "user_starts", "Book the berth that I used last summer"),
    ("reads", "limited", "Inspects the buoys of a harbour"),
    ("executes", "fixed_commands", "Executes the migration of a chart table"),
    ("runs_at", "local", "Then npm install the harbour bridge."),
    ("runs_at", "local", "Node 22 or newer, for the harbour bridge to start."),
]


def judge(claim: str, value: str, sentence: str, certainty: Certainty = Certainty.INFERRED) -> Support:
    number = value.replace(".", "").isdigit()
    return support(claim, Decimal(value) if number else value, certainty, Passage(sentence), "Tidewright")


@pytest.mark.parametrize(("claim", "value", "sentence"), STEPS)
@pytest.mark.parametrize("certainty", [Certainty.STATED, Certainty.INFERRED])
def test_a_step_carries_an_inference_and_no_statement(
    claim: str, value: str, sentence: str, certainty: Certainty
) -> None:
    assert step(claim, value, sentence.casefold()) is not None
    verdict = judge(claim, value, sentence, certainty)
    assert verdict.verdict is Verdict.CARRIES, verdict
    if verdict.rule == "one step":
        assert verdict.certainty is Certainty.INFERRED


def test_the_record_names_the_step_and_the_words() -> None:
    verdict = judge("goal_driven_planning", "0.1", "Inspects each buoy")
    assert verdict.rule == "one step"
    assert verdict.why == "“inspects”: one operation a call, so nothing is broken down"


@pytest.mark.parametrize(
    ("claim", "value", "sentence"),
    [
        ("goal_driven_planning", "0.1", "Searches charts and plans a route until it is safe."),
        ("goal_driven_planning", "0.1", "Runs a workflow of many agents"),
        ("goal_driven_planning", "0.6", "Renames a chart"),
        ("autonomy_of_action", "0.2", "Checks the harbour every night on a schedule"),
        ("autonomy_of_action", "0.2", "Reads the orders and executes them"),
        ("autonomy_of_action", "0.2", "Tidewright never lists tide tables"),
        ("autonomy_of_action", "0.6", "Updates a buoy once you confirm the change"),
        ("autonomy_of_action", "0.2", "update_buoy: Updates the position of a buoy"),
        ("autonomy_of_action", "0.7", "Deletes nothing, it only lists charts"),
        ("goal_driven_planning", "0.5", "One tool to read a chart, read-only."),
        ("non_determinism", "0.1", "Reads the chart with a language model"),
        ("dynamic_tool_use", "0.1", "Finds a chart and deletes it"),
        ("dynamic_tool_use", "0.7", "There is no function calling."),
        ("multi_agent_interactions", "0.8", "Tidewright knows the next on-call hand-off."),
        ("natural_language_interface", "0.2", "prompt (string): what you would like to ask"),
        ("approval", "user_starts", "Ask your admin to schedule it in the background."),
        ("executes", "fixed_commands", "Runs a test of arbitrary code"),
        ("runs_at", "local", "Tidewright is hosted, so nothing runs on your machine."),
        ("multi_agent_interactions", "0.3", "MCP is an open standard."),
        ("non_determinism", "0.1", "An algorithm asks a model for the tide."),
        ("runs_at", "local", "A paid account is required"),
        ("self_modification", "0.0", "It adds a tool to the following tools."),
        ("self_modification", "0.0", "An MCP server for harbours."),
        ("natural_language_interface", "0.8", "Book your berth that I recommend"),
        ("autonomy_of_action", "0.2", "Unit conversion that deletes the old chart"),
        ("opacity_reflexivity", "0.4", "There are no insights into your agents."),
    ],
)
def test_a_step_does_not_hold_beside_its_words(claim: str, value: str, sentence: str) -> None:
    assert step(claim, value, sentence.casefold()) is None
    assert judge(claim, value, sentence).rule != "one step"


@given(st.sampled_from(["never", "no longer", "does not", "cannot", "refuses to"]), st.sampled_from(["list", "search"]))
def test_what_is_denied_is_no_start(denial: str, verb: str) -> None:
    assert step("goal_driven_planning", "0.1", f"{verb} the tide tables") is not None
    for subject in ("it", "tidewright", "charts:"):
        assert step("goal_driven_planning", "0.1", f"{subject} {denial} {verb} the tide tables") is None


@given(st.sampled_from(STEPS), st.sampled_from([Certainty.STATED, Certainty.INFERRED]))
def test_a_heading_carries_nothing_by_a_step_either(step: tuple[str, str, str], certainty: Certainty) -> None:
    claim, value, sentence = step
    for words in (sentence, sentence.rstrip(".").title()):
        passage = Passage(words, kind=BlockKind.HEADING)
        assert support(claim, value, certainty, passage, "Tidewright").verdict is not Verdict.CARRIES


def test_every_step_has_a_test() -> None:
    found = ((claim, step(claim, value, sentence.casefold())) for claim, value, sentence in STEPS)
    shown = {(claim, each[0]) for claim, each in found if each is not None}
    assert shown == {(claim, each.cue.name) for claim, rows in steps().items() for each in rows}
