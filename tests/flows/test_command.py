"""The command as a person uses it: one line for each mistake, exit codes, JSON where a program reads it."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli import app
from flows.night.night import run_night
from flows.settings import Settings
from flows.store_access import open_store

pytestmark = pytest.mark.slow


World = tuple[str, Settings]
README = (
    "# Kettle\n\nKettle is an MCP server that runs shell commands on the user's machine without asking. "
    "Kettle remembers earlier conversations across sessions.\n"
)


IMPATIENT = "import records.database.engine as e; e.BUSY_MILLISECONDS = 300; from flows.cli import main; main()"


def assay(
    *arguments: str, home: Path | None = None, impatient: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own; an `impatient` one waits less long for another writer."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASSAY_", "OPENAI_"))}
    environment |= {"ASSAY_HOME": str(home or os.environ["ASSAY_HOME"]), **variables}
    command = [sys.executable, "-c", IMPATIENT] if impatient else [sys.executable, "-m", "flows.cli"]
    return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, timeout=120)


def one_line(process: subprocess.CompletedProcess[str], code: int) -> str:
    """The single line of an error; a trace or a second line fails the test."""
    assert process.returncode == code, process.stderr
    lines = process.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("assay: "), process.stderr
    return lines[0]


@pytest.fixture
def kettle(tmp_path: Path) -> Path:
    folder = tmp_path / "kettle"
    folder.mkdir()
    (folder / "README.md").write_text(README)
    return folder


def test_local_documents_as_json(kettle: Path) -> None:
    process = assay("agents", "assess", "--documents", str(kettle), "--json")
    assert process.returncode == 0, process.stderr
    record = json.loads(process.stdout)
    assert len(record["extraction"]["factors"]) == 11 and len(record["extraction"]["layers"]) == 7
    claims = [*record["extraction"]["factors"], *record["extraction"]["exposure"], *record["extraction"]["layers"]]
    quotes = [evidence["quote"] for claim in claims for evidence in claim["evidence"]]
    assert quotes and all(quote in README for quote in quotes)
    assert not (Path(os.environ["ASSAY_HOME"])).exists()


def test_the_folder_of_documents_is_judged_by_its_documents_only(kettle: Path) -> None:
    before = assay("agents", "assess", "--documents", str(kettle), "--json").stdout
    (kettle / "meta.json").write_text('{"kind": "skill", "name": "Other", "autonomy": "runs without a person"}')
    assert assay("agents", "assess", "--documents", str(kettle), "--json").stdout == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["agents", "assess"], 2, "which agent?"),
        (["agents", "assess", "--documents", "absent"], 2, "no such folder"),
        (["agents", "assess", "nobody"], 2, "there is no store yet"),
        (["agents", "show", "nobody"], 2, "there is no store yet"),
        (["agents", "rescore", "nobody"], 2, "there is no store yet"),
        (["agents", "rescore"], 2, "one agent or --all"),
        (["site", "publish"], 2, "there is no store yet"),
        (["record", "verify", "absent.zip"], 2, "absent.zip"),
        (["sources", "add", "x", "--kind", "gopher", "--location", "https://x.example"], 2, "directory_site"),
        (["night", "run", "--budget", "much"], 2, "no amount"),
        (["night", "run", "--nope"], 2, "Next: assay night run --help"),
        (["agents", "delete", "x"], 2, "No such command 'delete'"),
        (["agents", "remove", "x"], 2, "Missing option '--reason'"),
        (["agents", "show"], 2, "Missing argument 'slug'"),
        (["record", "withdraw", "x"], 2, "Missing option '--reason'"),
        (["record", "reinstate", "x"], 2, "Missing option '--reason'"),
        (["record", "verify"], 2, "Missing argument 'file'"),
        (["review", "approve", "x"], 2, "Missing option '--digest'"),
        (["review", "reject", "x", "--digest", "00000000"], 2, "Missing option '--reason'"),
        (["store", "prune", "--days", "0"], 2, "--days"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, said: str) -> None:
    assert said in one_line(assay(*arguments), code)


def test_an_empty_and_a_binary_document_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "blank"
    folder.mkdir()
    (folder / "README.md").write_text("  \n")
    (folder / "listing.txt").write_bytes(bytes(range(256)) * 20)
    assert "no document with readable text" in one_line(assay("agents", "assess", "--documents", str(folder)), 2)


def test_a_broken_settings_file_stops_everything_at_once(tmp_path: Path) -> None:
    file = tmp_path / "assay.toml"
    file.write_text("[crawl]\ncontact = 7")
    assert "assay.toml:2" in one_line(assay("status", ASSAY_CONFIG=str(file)), 2)


def test_a_reply_that_is_no_reply_is_named(kettle: Path, tmp_path: Path) -> None:
    (tmp_path / "reply.json").write_text('{"kind": "agent"}')
    line = one_line(assay("agents", "assess", "--documents", str(kettle), "--reply", str(tmp_path / "reply.json")), 1)
    assert "kettle" in line


def commands(hidden: bool = False) -> dict[str, Any]:
    """`agents remove`, `lab eval quotes`, `demo`, … as the command line knows them."""

    def inside(group: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hidden or not command.hidden:
                if hasattr(command, "commands"):
                    yield from inside(command, f"{prefix}{name} ")
                else:
                    yield prefix + name, command

    return dict(inside(typer.main.get_command(app), ""))


def test_a_command_is_a_noun_and_a_verb_and_explains_itself() -> None:
    alone = {name for name in commands() if " " not in name}
    assert alone == {"check", "policy", "demo", "status", "doctor"}
    listing = assay("--help").stdout
    assert "Exit codes" in listing and "crawl " not in listing.split("Commands:")[1]
    for name, command in commands().items():
        assert command.help and all(getattr(option, "help", None) for option in command.params if not option.hidden), (
            name
        )


def test_help_is_shown_for_a_group_alone() -> None:
    shown = assay("store")
    assert shown.returncode == 2 and "backup" in shown.stderr


OLD = """crawl assess show rescore score prompt publish withdraw reinstate supersede opt-out bundle verify serve-api
backup restore prune export import"""


def test_the_names_before_the_groups_do_the_same() -> None:
    new, every = commands(), commands(hidden=True)
    assert {name for name in every if name not in new} == {
        *OLD.split(),
        *(f"eval {n}" for n in ("agreement", "quotes")),
    }
    functions = [command.callback.__wrapped__ for command in new.values()]
    for name in OLD.split():
        if name != "verify":
            assert every[name].callback.__wrapped__ in functions, name
    assert one_line(assay("verify"), 2) == one_line(assay("store", "verify"), 2)
    assert one_line(assay("verify", "absent.zip"), 2) == one_line(assay("record", "verify", "absent.zip"), 2)
    assert one_line(assay("publish", "--back"), 2) == one_line(assay("site", "back"), 2)


def test_the_version_and_the_completion_of_a_shell() -> None:
    assert assay("--version").stdout == f"assay {version('listing-assay')}\n"
    shown = assay(_ASSAY_COMPLETE="complete_bash", COMP_WORDS="assay record with", COMP_CWORD="2")
    assert shown.stdout.split() == ["withdraw"]


@pytest.mark.slow
async def test_an_unknown_slug_names_near_ones_and_a_locked_store_loses_nothing(harbour: World) -> None:
    with open_store(harbour[1]) as store:
        await run_night(store, harbour[1])
    home = harbour[1].home
    assert "pezzo" in one_line(assay("agents", "show", "pezo", home=home), 2)
    before = assay("agents", "show", "pezzo", "--json", home=home)
    assert json.loads(before.stdout)["agent"]["slug"] == "pezzo"
    lock = sqlite3.connect(home / "assay.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        line = one_line(assay("review", "reverse", "pezzo", home=home, impatient=True), 3)
        assert "another process has been writing" in line
    finally:
        lock.rollback()
        lock.close()
    assert assay("agents", "show", "pezzo", "--json", home=home).stdout == before.stdout


@pytest.mark.slow
async def test_from_draft_to_site_on_the_terminal(harbour: World) -> None:
    with open_store(harbour[1]) as store:
        await run_night(store, harbour[1])
    home = harbour[1].home
    assert "crewyard" in assay("review", "list", home=home).stdout
    changed = assay(
        "review", "amend", "crewyard", "factors.non_determinism", "value=0.7", "--reason", "misread", home=home
    )
    assert changed.returncode == 0, changed.stderr
    shown = json.loads(assay("review", "show", "crewyard", "--json", home=home).stdout)["digest"]
    approved = assay("review", "approve", "crewyard", "--by", "ada", "--digest", shown, home=home)
    assert approved.returncode == 0, approved.stderr
    published = assay("site", "publish", "--json", home=home)
    assert published.returncode == 0, published.stderr
    record = json.loads((home / "site" / "current" / "agents" / "crewyard.json").read_text())
    values = {factor["factor"]: factor["value"] for factor in record["extraction"]["factors"]}
    assert values["non_determinism"] == "0.7"
    again = json.loads(assay("site", "publish", "--json", home=home).stdout)
    assert again["written"] == 0 and again["records"] == 0
    assert assay("store", "verify", home=home).returncode == 0
    what_if = json.loads(
        assay("agents", "rescore", "crewyard", "--set", "executes=arbitrary_code", "--json", home=home).stdout
    )
    assert what_if["after"]["headline"]["score"] > what_if["before"]["headline"]["score"] and not what_if["saved"]
