"""A product is of the kind that it calls itself, whatever stands around those words."""

import pytest

from extractors.lexical.product_kind import kind_of
from extractors.lexical.statements import statements
from extractors.pages.text_extraction import page_text
from extractors.support.passage import stem
from scoring.vocabulary import AgentKind

PRODUCTS = {
    AgentKind.MCP_SERVER: "# Tidebook\n\nAn MCP server that looks up tide tables for small harbours.",
    AgentKind.FRAMEWORK: "# Crewyard\n\nCrewyard is a framework for building multi-agent applications.",
    AgentKind.PLATFORM: "# Pierview\n\nPierview is a platform for teams that run many harbours.",
    AgentKind.AGENT: "# Quayside\n\nQuayside is an autonomous agent that answers the mail of a marina.",
    AgentKind.APP: "# Mooring\n\nMooring is a desktop app for sailors, with a chat window.",
    AgentKind.PLUGIN: "# Ropes\n\nA plugin for your coding agent that adds slash commands.",
    AgentKind.TOOL: "# Sounder\n\nSounder is a command line tool that checks depth data.",
}
SKILL = "---\nname: knots\ndescription: Use when tying up boats.\n---\n\n# Knots\n\nTie twice."
GUIDE = "---\nname: builder\ndescription: Guide for building MCP servers well.\n---\n\n# MCP server guide\n\nStart.\n"
FILLER = "\n\n".join(f"The sea is calm and the quay is quiet on day {day}." for day in range(60))


def kind(markdown: str, url: str = "file:README.md") -> AgentKind:
    page = page_text(markdown.encode(), url=url)
    return kind_of("thing", [page], statements([page])).kind


@pytest.mark.parametrize("expected", PRODUCTS)
def test_a_product_is_of_the_kind_that_it_calls_itself(expected: AgentKind) -> None:
    assert kind(PRODUCTS[expected]) is expected


@pytest.mark.parametrize("text", [SKILL, GUIDE])
def test_a_skill_file_makes_a_skill_whatever_it_is_about(text: str) -> None:
    assert kind(text, "file:SKILL.md") is AgentKind.SKILL


@pytest.mark.parametrize("expected", PRODUCTS)
def test_neither_filler_nor_another_heading_makes_another_kind(expected: AgentKind) -> None:
    title, _, text = PRODUCTS[expected].partition("\n\n")
    for changed in (f"{FILLER}\n\n{title}\n\n{text}", f"{title}\n\n{text}\n\n{FILLER}", f"# Updates\n\n{text}"):
        assert kind(changed) is expected


@pytest.mark.parametrize(
    "forms", ["run runs running", "query queries", "delete deletes deleted deleting", "plan planning"]
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1
