"""Which sentences state which fact, with negation and scope."""

from __future__ import annotations

import pytest

from extractors.lexical.cue_matching import Polarity, hits
from extractors.lexical.cue_tables import facts
from extractors.lexical.passages import passages
from extractors.lexical.product_kind import kind_of
from extractors.lexical.stemming import stem
from extractors.pages.text_extraction import page_text
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind


def stated(markdown: str, url: str = "file:README.md") -> dict[str, Polarity]:
    said = passages([page_text(markdown.encode(), url=url)])
    return {hit.fact.id: hit.polarity for hit in hits(said)}


@pytest.mark.parametrize(
    ("sentence", "fact", "polarity"),
    [
        ("The agent executes shell commands on your server.", "runs_code", Polarity.SO),
        ("The agent does not execute code.", "runs_code", Polarity.NOT_SO),
        ("It never runs arbitrary code on the host.", "runs_code", Polarity.NOT_SO),
        ("It not only executes code but also tests it.", "runs_code", Polarity.SO),
        ("Code execution is disabled.", "runs_code", Polarity.NOT_SO),
        ("It asks for approval before every booking is moved.", "asks_approval", Polarity.SO),
        ("Bookings are moved without user approval.", "asks_approval", Polarity.NOT_SO),
        ("Conversations are kept in long-term memory.", "remembers", Polarity.SO),
        ("The server is stateless.", "remembers", Polarity.NOT_SO),
        ("It has no memory of earlier talks.", "remembers", Polarity.NOT_SO),
        ("No API key is needed.", "holds_keys", Polarity.NOT_SO),
        ("All commands run in a sandbox.", "is_sandboxed", Polarity.SO),
        ("There is no sandbox in this edition.", "is_sandboxed", Polarity.NOT_SO),
        ("Agents collaborate on a plan and hand tasks to sub-agents.", "many_agents", Polarity.SO),
        ("It is fully autonomous.", "acts_alone", Polarity.SO),
        ("It creates and updates tickets in your tracker.", "changes_records", Polarity.SO),
    ],
)
def test_a_sentence_states_a_fact_or_its_contrary(sentence: str, fact: str, polarity: Polarity) -> None:
    assert stated(f"# Quayside\n\nQuayside serves harbours of every size.\n\n{sentence}\n").get(fact) is polarity


@pytest.mark.parametrize(
    ("markdown", "fact"),
    [
        ("Quayside is an alternative to tools that execute shell commands.", "runs_code"),
        ("Unlike agents that run shell commands, Quayside only reads.", "runs_code"),
        ("Quayside is fast.\n\n## Contributing\n\nWe run shell commands in CI.", "runs_code"),
        ("Quayside is fast.\n\n## Roadmap\n\nMulti-agent crews and long-term memory.", "many_agents"),
        ("Quayside is fast.\n\nFeel free to create issues and tasks on the board.", "changes_records"),
    ],
)
def test_words_about_something_else_state_nothing(markdown: str, fact: str) -> None:
    assert fact not in stated(f"# Quayside\n\n{markdown}\n")


def test_where_a_sentence_stands_decides_how_much_it_counts() -> None:
    page = page_text(
        b"# Quayside\n\nQuayside is an agent that plans the day of a harbour office.\n\n## Tools\n\n- Moves boats.\n\n"
        b"## Installation\n\nRun the installer as usual.\n\n```sh\nmake install\n```\n\n## License\n\nMIT, as ever.\n",
        url="file:README.md",
    )
    weights = {passage.text: passage.weight for passage in passages([page])}
    order = [
        "Quayside is an agent that plans the day of a harbour office.",
        "Moves boats.",
        "Run the installer as usual.",
        "make install",
        "MIT, as ever.",
    ]
    assert sorted(order, key=lambda text: -weights[text]) == order
    assert weights["MIT, as ever."] == 0


@pytest.mark.parametrize(
    "forms", ["run runs running", "query queries", "delete deletes deleted deleting", "plan planning"]
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


def test_every_fact_is_told_in_words_and_its_threats_lie_in_its_layer() -> None:
    for fact in facts().values():
        assert fact.says and not fact.says.endswith(".") and fact.patterns
        assert -1 <= fact.power <= 1
        if fact.layer:
            assert all(threat[:2] == fact.layer or threat.startswith("X.") for threat in fact.threats), fact.id
        if abs(fact.power) >= 0.3:
            assert fact.hurts or fact.power < 0 or fact.id == "acts_alone", fact.id


def test_a_cue_that_ends_in_a_gap_is_refused() -> None:
    from extractors.lexical.cue_tables import pattern

    with pytest.raises(BadInput, match="must begin and end with a word"):
        pattern("run ~")


@pytest.mark.parametrize(
    ("url", "markdown", "kind"),
    [
        (
            "file:README.md",
            "# Tidebook\n\nAn MCP server that looks up tide tables for small harbours.",
            AgentKind.MCP_SERVER,
        ),
        (
            "file:SKILL.md",
            "---\nname: knots\ndescription: Use when tying up boats.\n---\n\n# Knots\n\nTie twice.",
            AgentKind.SKILL,
        ),
        (
            "file:README.md",
            "# Crewyard\n\nCrewyard is a framework for building multi-agent applications.",
            AgentKind.FRAMEWORK,
        ),
        (
            "file:README.md",
            "# Pierview\n\nPierview is a platform for teams that run many harbours.",
            AgentKind.PLATFORM,
        ),
        (
            "file:README.md",
            "# Quayside\n\nQuayside is an autonomous agent that answers the mail of a marina.",
            AgentKind.AGENT,
        ),
        ("file:README.md", "# Mooring\n\nMooring is a desktop app for sailors, with a chat window.", AgentKind.APP),
        ("file:README.md", "# Ropes\n\nA plugin for your coding agent that adds slash commands.", AgentKind.PLUGIN),
        ("file:README.md", "# Sounder\n\nSounder is a command line tool that checks depth data.", AgentKind.TOOL),
    ],
)
def test_a_product_is_of_the_kind_that_it_calls_itself(url: str, markdown: str, kind: AgentKind) -> None:
    page = page_text(markdown.encode(), url=url)
    assert kind_of("thing", [page], passages([page])).kind is kind


def test_a_skill_about_mcp_servers_is_still_a_skill() -> None:
    page = page_text(
        b"---\nname: builder\ndescription: Guide for building MCP servers well.\n---\n\n# MCP server guide\n\nStart.\n",
        url="file:SKILL.md",
    )
    assert kind_of("builder", [page], passages([page])).kind is AgentKind.SKILL
