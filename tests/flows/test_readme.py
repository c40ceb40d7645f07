"""What the README, the docs and the messages say is there: commands, folders, files, settings."""

import re
import subprocess
from pathlib import Path

import pytest

from extractors.sources.source_kinds import KINDS
from flows.settings import REPOSITORY
from scoring.vocabulary import AgentKind
from tests.flows.test_command import commands  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


PLACES = ("*.py", "*.html", "*.md", "*.yaml", "*.toml", "Makefile")
WORDS = re.compile(r"\bassay ((?:[a-z][a-z-]+)(?: [a-z][a-z-]+)*)")


def texts() -> dict[str, str]:
    """Every file that may tell a person what to type."""
    named = subprocess.run(
        ["git", "ls-files", *PLACES], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
    here = [name for name in named if not name.startswith("tests/")]
    return {name: Path(REPOSITORY, name).read_text(encoding="utf-8") for name in here}


def test_every_command_that_is_named_anywhere_has_a_name_that_help_shows() -> None:
    known, old = set(commands()), {name for name in commands(hidden=True) if name not in commands()}
    groups = {name.partition(" ")[0] for name in known if " " in name}
    found = 0
    for file, text in texts().items():
        for words in WORDS.findall(text):
            first, second, *_ = [*words.split(), ""]
            if first in groups and second:
                assert any(f"{first} {second}" in name for name in known), f"{file}: assay {words}"
            assert first not in {name.partition(" ")[0] for name in old} - groups, f"{file}: assay {words}"
            found += first in groups or first in known
    assert found > 60


def test_the_readme_names_every_room() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `([a-z]+)/` \|", text, re.MULTILINE)
    assert len(rooms) >= 8 and all((REPOSITORY / room).is_dir() for room in rooms)


def test_every_file_and_folder_of_the_readme_and_the_docs_exists() -> None:
    rooms = "extractors|scoring|records|review|publishing|data|prompts|flows|docs|benches|tests"
    for page in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))):
        for name in re.findall(rf"`((?:{rooms})/[\w./-]*)`", page.read_text(encoding="utf-8")):
            assert name.startswith("data/run") or Path(REPOSITORY, name).exists(), f"{page.name}: {name}"


def test_every_kind_of_source_is_on_its_page_with_its_options() -> None:
    page = (REPOSITORY / "docs" / "sources.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE))
    assert rows.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        named = set(re.findall(r"`(\w+)(?:=\w+)?`", rows[name].rpartition(" | ")[2]))
        assert kind.options <= named, name
    assert {str(kind) for kind in AgentKind} <= set(re.findall(r"`(\w+)`", page))
