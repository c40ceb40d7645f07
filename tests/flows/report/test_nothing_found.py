"""A command that finds nothing says so in words: neither silence nor the header of a table without rows."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.commands import adopt
from flows.operations.adoption import AssessedState, RenewalPlan, RenewedAgent
from flows.settings import load
from flows.store_access import open_store


@pytest.mark.parametrize(
    "command",
    [
        "record notice",
        "record notice otter",
        "review list",
        "review measure",
        "store log --person nobody",
        "people list",
        "people token list",
        "agents list",
        "sources list",
    ],
)
def test_nothing_is_said_in_words(own_home: Path, command: str) -> None:
    with open_store(load()):
        pass
    done = CliRunner().invoke(app, command.split())
    assert done.exit_code == 0, done.output
    last = done.output.splitlines()[-1:]
    assert any(word in " ".join(last).lower() for word in ("no ", "nobody", "nothing", "0 ", "none")), done.output
    assert "  " not in done.output, "no header stands alone"


@pytest.mark.parametrize(
    ("after", "told", "row"),
    [
        (AssessedState("7.7", "High", "ask"), "0 scores or advices change, 0 bands move", False),
        (AssessedState("7.9", "High", "ask"), "1 scores or advices change, 0 bands move", True),
        (AssessedState("7.7", "High", "deny"), "1 scores or advices change, 0 bands move", True),
        (AssessedState("9.1", "Critical", "ask"), "1 scores or advices change, 1 bands move", True),
    ],
)
def test_an_adoption_shows_each_agent_whose_score_moves(
    capsys: pytest.CaptureFixture[str], after: AssessedState, told: str, row: bool
) -> None:
    before = AssessedState("7.7", "High", "ask")
    adopt._print(RenewalPlan({}, {}, 0, (RenewedAgent("otter", before, after),)), None, as_json=False)
    said = capsys.readouterr().out
    assert told in said and ("otter" in said) == row and said.startswith("agent ") == row
