"""Phrases that decide what a tool does, runs code, spends, sends, changes, only reads: `data/tools/phrases.toml`.

Invariant: each is a phrase with its object; a word alone decides nothing.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parents[2] / "data/tools/phrases.toml"
WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_GROUP = re.compile(r"\{([a-z]+)\}")


@cache
def phrases() -> Mapping[str, re.Pattern[str]]:
    """The table, its named groups filled in."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))

    def filled(pattern: str) -> str:
        return _GROUP.sub(lambda group: filled(table["groups"][group[1]]), pattern.replace("\n", ""))

    return {kind: re.compile(filled(pattern), re.IGNORECASE) for kind, pattern in table["phrases"].items()}


def says(kind: str, text: str) -> re.Match[str] | None:
    """The first place where a text has a phrase of a kind of the table."""
    return phrases()[kind].search(text)


@cache
def plain_changes() -> frozenset[str]:
    """First words of a description that change something, whatever the name says."""
    return frozenset(tomllib.loads(TABLE.read_text(encoding="utf-8"))["words"]["plain_changes"].split())
