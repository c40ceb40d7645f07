"""An exposure fact rests on a sentence that states it of the product itself; anything less leaves it unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from extractors.lexical import LexicalAssessor
from extractors.lexical.exposure_statements import entries
from extractors.model.completion import CompletionRequest
from extractors.prompting.reply import Reply
from scoring.vocabulary import AgentKind, ExposureFact

Ask = Callable[..., CompletionRequest]
F = ExposureFact

OPENINGS = {
    AgentKind.AGENT: "Quayside is an autonomous agent that plans the day of a harbour office.",
    AgentKind.APP: "Quayside is an application with a chat window for the staff of a harbour office.",
    AgentKind.FRAMEWORK: "Quayside is a framework for building agents that serve harbour offices.",
    AgentKind.MCP_SERVER: "Quayside is an MCP server for the berth plan of a harbour office.",
    AgentKind.PLATFORM: "Quayside is a platform for the teams that run several harbour offices.",
    AgentKind.TOOL: "Quayside is a tool for people who keep an eye on a harbour.",
}


def told(ask: Ask, kind: AgentKind, *sentences: str) -> dict[ExposureFact, tuple[str, str]]:
    """Value and quote of each fact of a product of this kind whose README goes on with these sentences."""
    opening = "Some words of greeting to the reader of this page, who may be new to harbours."
    paragraphs = "\n\n".join((OPENINGS[kind], opening, "## What it does", *sentences))
    return given(ask(f"# Quayside\n\n{paragraphs}\n"), kind)


def given(request: CompletionRequest, kind: AgentKind) -> dict[ExposureFact, tuple[str, str]]:
    asked = request.model_copy(update={"kind": kind})
    reply = Reply.model_validate_json(asyncio.run(LexicalAssessor().complete(asked)).reply)
    return {entry.fact: (entry.value, entry.quote) for entry in reply.exposure}


@pytest.mark.parametrize(
    ("kind", "sentence", "fact", "value"),
    [
        (AgentKind.APP, "Quayside runs locally and keeps the plan on the office computer.", F.RUNS_AT, "local"),
        (AgentKind.MCP_SERVER, "The server talks to its client over stdio and opens no port.", F.RUNS_AT, "local"),
        (AgentKind.APP, "We offer a hosted version for offices without a computer.", F.RUNS_AT, "hosted"),
        (AgentKind.FRAMEWORK, "Boats are welcome.", F.SET_UP_BY, "integrator"),
        (AgentKind.APP, "It asks for approval before it moves a boat.", F.APPROVAL, "each_action"),
        (AgentKind.AGENT, "It works through the night without human intervention.", F.APPROVAL, "unattended"),
        (AgentKind.AGENT, "It executes shell commands on the office server.", F.EXECUTES, "arbitrary_code"),
        (AgentKind.AGENT, "Every script runs in an isolated container.", F.ISOLATION, "sandbox"),
        (AgentKind.AGENT, "Searches the web for the weather of the next days.", F.FED_BY, "anyone"),
        (AgentKind.APP, "Only registered users can write to Quayside.", F.FED_BY, "account_holders"),
        (AgentKind.MCP_SERVER, "- move_boat: Updates events in the calendar of the harbour.", F.CHANGES, "scoped"),
        (AgentKind.MCP_SERVER, "All tools are read-only.", F.CHANGES, "nothing"),
        (AgentKind.AGENT, "Charges deposits and sends invoices to skippers.", F.SPENDS, "broad"),
        (AgentKind.MCP_SERVER, "Start the server in read-only mode to forbid changes.", F.CONTROL, "enforceable"),
    ],
)
def test_a_sentence_about_the_product_itself_states_the_fact(
    ask: Ask, kind: AgentKind, sentence: str, fact: ExposureFact, value: str
) -> None:
    found, quote = told(ask, kind, sentence)[fact]
    assert found == value
    assert quote in (sentence.removeprefix("- "), OPENINGS[kind])


@pytest.mark.parametrize(
    ("kind", "sentence", "fact"),
    [
        # of a model, a dependency, another product, the reader
        (AgentKind.AGENT, "Many providers can be used, local models that run offline among them.", F.RUNS_AT),
        (AgentKind.APP, "Your own models run locally with the inference server of your choice.", F.RUNS_AT),
        (AgentKind.APP, "Harbourmaster is a command line tool that we recommend for backups.", F.RUNS_AT),
        (AgentKind.TOOL, "Tidegate is a Python library that draws the charts.", F.SET_UP_BY),
        (AgentKind.APP, "You can run the container in a sandbox.", F.ISOLATION),
        # a container is a way to run it, not a product that is built into another
        (AgentKind.APP, "Run the office with Docker Compose or self-host it on Kubernetes.", F.SET_UP_BY),
        (AgentKind.PLATFORM, "A Docker image is published with every release.", F.SET_UP_BY),
        # one option among several, a condition, a wish
        (AgentKind.FRAMEWORK, "Supports human-in-the-loop workflows that ask for approval before a step.", F.APPROVAL),
        (AgentKind.APP, "Optionally it asks for approval before it moves a boat.", F.APPROVAL),
        (AgentKind.AGENT, "If you are careful, it runs scripts in a sandbox.", F.ISOLATION),
        (AgentKind.AGENT, "Commands can be run in a sandboxed environment.", F.ISOLATION),
        # the past and a personal story
        (AgentKind.APP, "Quayside started as a script that ran locally on your machine.", F.RUNS_AT),
        (AgentKind.TOOL, "As a student I built crawlers that searched the web for boats.", F.FED_BY),
        # words that only sound alike
        (AgentKind.AGENT, "Read the companion piece on a mostly autonomous harbour office.", F.APPROVAL),
        (AgentKind.FRAMEWORK, "Create discrete tasks with a clear result.", F.CHANGES),
        (AgentKind.MCP_SERVER, "Use the payment sandbox to try a deposit.", F.ISOLATION),
        (AgentKind.TOOL, "Ready-made settings for the large cloud platforms are included.", F.RUNS_AT),
        (AgentKind.APP, "Please run the following command in a shell.", F.EXECUTES),
        (AgentKind.TOOL, "It detects malicious code execution in uploaded files.", F.EXECUTES),
        (AgentKind.MCP_SERVER, "Add the addresses of the office to your allowlist.", F.CONTROL),
    ],
)
def test_a_sentence_that_does_not_carry_the_claim_leaves_it_unknown(
    ask: Ask, kind: AgentKind, sentence: str, fact: ExposureFact
) -> None:
    assert told(ask, kind, sentence)[fact] == ("", "")


def test_what_is_also_hosted_is_never_called_local(ask: Ask) -> None:
    local = "Quayside runs locally on your machine."
    assert told(ask, AgentKind.APP, local)[F.RUNS_AT] == ("local", local)
    hosted = "We offer a hosted version of Quayside as well."
    assert told(ask, AgentKind.APP, local, hosted)[F.RUNS_AT] == ("hosted", hosted)


def test_only_what_is_built_into_others_is_set_up_by_an_integrator(ask: Ask) -> None:
    sentence = "Quayside is a Python library that reads tide tables."
    assert told(ask, AgentKind.TOOL, sentence)[F.SET_UP_BY][0] == "integrator"
    for kind in (AgentKind.APP, AgentKind.PLATFORM, AgentKind.MCP_SERVER):
        assert told(ask, kind, sentence)[F.SET_UP_BY][0] != "integrator"


def test_sample_data_beside_the_readme_is_no_description(ask: Ask) -> None:
    readme = "# Quayside\n\nQuayside is an agent that answers questions about the rules of a harbour.\n"
    rules = "Quayside skippers send invoices and deposits. It runs locally. It executes shell commands on servers.\n"
    for name in ("file:rules.txt", "file:samples/rules.md", "file:SECURITY.md"):
        request = ask(readme, (name, rules))
        assert not any(value for value, _ in given(request, AgentKind.AGENT).values()), name


def test_a_page_about_a_part_may_raise_a_score_but_not_lower_it(ask: Ask) -> None:
    readme = "# Quayside\n\nQuayside is an agent that answers questions about the rules of a harbour.\n"
    part = (
        "# Scripts\n\nQuayside executes shell commands. Quayside runs locally and asks for approval before each one.\n"
    )
    found = given(ask(readme, ("file:docs/scripts.md", part)), AgentKind.AGENT)
    assert found[F.EXECUTES][0] == "arbitrary_code"
    assert found[F.RUNS_AT][0] == ""
    assert found[F.APPROVAL][0] == ""


def test_the_worst_statement_about_a_capability_is_taken(ask: Ask) -> None:
    found = told(ask, AgentKind.AGENT, "Updates events in the calendar.", "It controls the browser of its user.")
    assert found[F.CHANGES][0] == "broad"


def test_every_value_that_lowers_a_score_asks_for_the_product_as_subject() -> None:
    for entry in entries():
        assert entry.gives and entry.patterns and not entry.says.endswith(".")
        assert entry.itself or not entry.lowers, entry.id
