"""The command as a person uses it: one line for each mistake, exit codes, JSON where a program reads it."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flows.night.night import run_night
from flows.settings import Settings
from flows.store_access import open_store

World = tuple[str, Settings]
README = "# Kettle\n\nKettle is an MCP server. It runs shell commands on the user's machine without asking.\n"


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
    process = assay("assess", "--documents", str(kettle), "--json")
    assert process.returncode == 0, process.stderr
    record = json.loads(process.stdout)
    assert len(record["extraction"]["factors"]) == 11 and len(record["extraction"]["layers"]) == 7
    executes = next(fact for fact in record["extraction"]["exposure"] if fact["fact"] == "executes")
    assert executes["value"] == "arbitrary_code"
    assert "shell commands" in executes["evidence"][0]["quote"]
    assert not (Path(os.environ["ASSAY_HOME"])).exists()


def test_the_folder_of_documents_is_judged_by_its_documents_only(kettle: Path) -> None:
    before = assay("assess", "--documents", str(kettle), "--json").stdout
    (kettle / "meta.json").write_text('{"kind": "skill", "name": "Other", "autonomy": "runs without a person"}')
    assert assay("assess", "--documents", str(kettle), "--json").stdout == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["assess"], 2, "which agent?"),
        (["assess", "--documents", "absent"], 2, "no such folder"),
        (["assess", "nobody"], 2, "there is no store yet"),
        (["show", "nobody"], 2, "there is no store yet"),
        (["rescore", "nobody"], 2, "there is no store yet"),
        (["rescore"], 2, "one agent or --all"),
        (["publish"], 2, "there is no store yet"),
        (["verify", "absent.zip"], 2, "absent.zip"),
        (["sources", "add", "x", "--kind", "gopher", "--location", "https://x.example"], 2, "directory_site"),
        (["crawl", "--budget", "much"], 2, "no amount"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], code: int, said: str) -> None:
    assert said in one_line(assay(*arguments), code)


def test_an_empty_and_a_binary_document_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "blank"
    folder.mkdir()
    (folder / "README.md").write_text("  \n")
    (folder / "listing.txt").write_bytes(bytes(range(256)) * 20)
    assert "no document with readable text" in one_line(assay("assess", "--documents", str(folder)), 2)


def test_a_broken_settings_file_stops_everything_at_once(tmp_path: Path) -> None:
    file = tmp_path / "assay.toml"
    file.write_text("[crawl]\ncontact = 7")
    assert "assay.toml:2" in one_line(assay("status", ASSAY_CONFIG=str(file)), 2)


def test_a_reply_that_is_no_reply_is_named(kettle: Path, tmp_path: Path) -> None:
    (tmp_path / "reply.json").write_text('{"kind": "agent"}')
    line = one_line(assay("assess", "--documents", str(kettle), "--reply", str(tmp_path / "reply.json")), 1)
    assert "kettle" in line


def test_every_command_explains_itself() -> None:
    listing = assay("--help").stdout
    names = [
        line.split()[0]
        for line in listing.split("Commands:")[1].splitlines()
        if line.startswith("  ") and line[2] != " "
    ]
    assert {"assess", "crawl", "demo", "eval", "publish", "rescore", "review", "score", "show", "verify"} <= set(names)
    assert "Exit codes" in listing


@pytest.mark.slow
async def test_an_unknown_slug_names_near_ones_and_a_locked_store_loses_nothing(harbour: World) -> None:
    with open_store(harbour[1]) as store:
        await run_night(store, harbour[1])
    home = harbour[1].home
    assert "pezzo" in one_line(assay("show", "pezo", home=home), 2)
    before = assay("show", "pezzo", "--json", home=home)
    assert json.loads(before.stdout)["agent"]["slug"] == "pezzo"
    lock = sqlite3.connect(home / "assay.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        line = one_line(assay("review", "reverse", "pezzo", home=home, impatient=True), 3)
        assert "another process has been writing" in line
    finally:
        lock.rollback()
        lock.close()
    assert assay("show", "pezzo", "--json", home=home).stdout == before.stdout


@pytest.mark.slow
async def test_from_draft_to_site_on_the_terminal(harbour: World) -> None:
    with open_store(harbour[1]) as store:
        await run_night(store, harbour[1])
    home = harbour[1].home
    assert "pexo" in assay("review", "list", home=home).stdout
    changed = assay("review", "amend", "pexo", "factors.non_determinism", "value=0.7", "--reason", "misread", home=home)
    assert changed.returncode == 0, changed.stderr
    shown = json.loads(assay("review", "show", "pexo", "--json", home=home).stdout)["digest"]
    approved = assay("review", "approve", "pexo", "--by", "ada", "--digest", shown, home=home)
    assert approved.returncode == 0, approved.stderr
    published = assay("publish", "--json", home=home)
    assert published.returncode == 0, published.stderr
    record = json.loads((home / "site" / "current" / "agents" / "pexo.json").read_text())
    values = {factor["factor"]: factor["value"] for factor in record["extraction"]["factors"]}
    assert values["non_determinism"] == "0.7"
    again = json.loads(assay("publish", "--json", home=home).stdout)
    assert again["written"] == 0 and again["records"] == 0
    assert assay("verify", home=home).returncode == 0
    what_if = json.loads(assay("rescore", "pexo", "--set", "executes=arbitrary_code", "--json", home=home).stdout)
    assert what_if["after"]["headline"]["score"] > what_if["before"]["headline"]["score"] and not what_if["saved"]
