"""Lines of a README that say how the product is used or what it can be kept from.

Idea: a few things are said in so many words and by no manifest: that a person asks, that an option disables writing.
Invariants: a line counts by its own words alone; the patterns are linear in a line, which is cut.
"""

import re
import tomllib
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from extractors.declarations.facts import Declarations, Statement, place
from extractors.declarations.located import Document

TABLE = Path(__file__).parents[3] / "data/tools/statements.toml"
ACCOUNT = "account"
"""What a statement claims that is no fact about exposure: that it works with an account at a service."""
LONGEST = 500
"""Characters of a line that are looked at."""
MOST_LINES = 3
"""Lines of one row that are kept."""


class _Row(NamedTuple):
    claims: dict[str, str]
    why: str
    words: tuple[str, ...]
    """In small letters: the line holds one of them."""
    needed: tuple[re.Pattern[str], ...]
    never: re.Pattern[str]
    follows: bool


@cache
def _rows() -> tuple[_Row, ...]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]
    return tuple(
        _Row(
            row["claims"],
            row["why"],
            tuple(row["words"]),
            tuple(map(re.compile, row["all"])),
            re.compile(row["never"]),
            row.get("follows", False),
        )
        for row in table
    )


def applies(document: Document) -> bool:
    return document.name.startswith("readme")


def read(document: Document) -> Declarations:
    found: list[Statement] = []
    lines = [(match.start(), match.group(), match.group().lower()) for match in re.finditer(r"\S[^\n]*", document.text)]
    for row in _rows():
        fits = (
            place(document.file, start, start + len(line[:LONGEST]))
            for start, line, small in lines
            if any(word in small for word in row.words)
            and all(needed.search(line[:LONGEST]) for needed in row.needed)
            and not row.never.search(line[:LONGEST])
        )
        found += [
            Statement(claim=claim, value=value, why=row.why, follows=row.follows, place=where)
            for where in islice(fits, MOST_LINES)
            for claim, value in row.claims.items()
        ]
    return Declarations(statements=tuple(found))
