"""The README says what is there: every command it names exists and explains itself."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from flows.cli import app
from flows.settings import REPOSITORY


def commands() -> set[str]:
    """`assess`, `sources add`, … as the command line knows them."""
    found: set[str] = set()
    root = typer.main.get_command(app)
    for name, command in getattr(root, "commands").items():  # noqa: B009
        found.add(name)
        found |= {f"{name} {inner}" for inner in getattr(command, "commands", {})}
    return found


def test_every_command_of_the_readme_exists() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    known = commands()
    named = re.findall(r"(?:^|`|\bbin/)assay ([a-z][a-z-]+)(?: ([a-z][a-z-]+)\b)?", text, re.MULTILINE)
    assert len(named) >= 15
    for first, second in named:
        assert first in known, first
        groups = {name.split()[0] for name in known if " " in name}
        if second and first in groups - {"review"}:
            assert f"{first} {second}" in known, f"{first} {second}"


def test_every_room_of_the_readme_exists() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `([a-z]+)/` \|", text, re.MULTILINE)
    assert len(rooms) == 8 and all((REPOSITORY / room).is_dir() for room in rooms)


def test_every_file_of_the_readme_exists() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:extractors|scoring|data|prompts|flows)/[\w./-]+\.(?:py|toml|md|json))`", text):
        assert Path(REPOSITORY, name).is_file(), name
