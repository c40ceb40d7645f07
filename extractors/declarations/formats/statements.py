"""Lines of a README that say how the product is used or what it can be kept from.

Idea: a few things are said in so many words and by no manifest: that a person asks, that an option disables writing.
Invariants: a line counts by its own words alone; the patterns are linear in a line, which is cut.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extractors.declarations.document import Document
from extractors.declarations.facts import Declarations, Statement
from extractors.declarations.place import place

TABLE = Path(__file__).parents[3] / "data/tools/statements.toml"
LONGEST = 500
"""Characters of a line that are looked at."""
MOST_LINES = 3
"""Lines of one row that are kept."""


class _Row(NamedTuple):
    claims: dict[str, str]
    why: str
    needed: tuple[re.Pattern[str], ...]
    never: re.Pattern[str]


@cache
def _rows() -> tuple[_Row, ...]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]
    return tuple(
        _Row(row["claims"], row["why"], tuple(map(re.compile, row["all"])), re.compile(row["never"])) for row in table
    )


def applies(document: Document) -> bool:
    return document.name.startswith("readme")


def read(document: Document) -> Declarations:
    found: list[Statement] = []
    lines = [(match.start(), match.group()) for match in re.finditer(r"\S[^\n]*", document.text)]
    for row in _rows():
        kept = 0
        for start, line in lines:
            text = line[:LONGEST]
            if all(needed.search(text) for needed in row.needed) and not row.never.search(text):
                where = place(document.file, start, start + len(text))
                found += [Statement(claim=c, value=v, why=row.why, place=where) for c, v in row.claims.items()]
                kept += 1
                if kept == MOST_LINES:
                    break
    return Declarations(statements=tuple(found))
