"""The words for codes: every member of every closed set has its own, and each output takes them from here."""

import ast
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from scoring import claims, labels, record, reviews, scores, vocabulary
from scoring.claims import SupportVerdict
from scoring.vocabulary import Detail, Support

ROOT = Path(__file__).parents[2]
TABLES: dict[str, dict[Any, Any]] = {
    name: table
    for module in (vocabulary, labels)
    for name, table in vars(module).items()
    if isinstance(table, dict)
    and table
    and all(isinstance(pair, StrEnum | str) for item in table.items() for pair in item)
    and isinstance(next(iter(table)), StrEnum)
}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_member_has_words_and_no_two_share_them(name: str) -> None:
    table = TABLES[name]
    assert set(table) == set(type(next(iter(table)))), "a member without words would be shown as its code"
    assert len(set(table.values())) == len(table), "two codes in one word cannot be told apart"
    assert not any("_" in str(words) for words in table.values())


@pytest.mark.parametrize(
    ("detail", "support", "line"),
    [
        (None, None, ""),
        (Detail.NOT_RECOGNISED, None, "not recognised by the built-in reader"),
        ("a_later_detail", None, "a later detail"),
        (None, SupportVerdict(verdict=Support.CARRIES, rule="r", why="“x” speaks of: y"), "carried: “x” speaks of: y"),
        (
            Detail.ONLY_HINTED,
            SupportVerdict(verdict=Support.HINTS, rule="r", why="“x” speaks of: y"),
            "the quote only hints: “x” speaks of: y",
        ),
        (
            Detail.QUOTE_DOES_NOT_CARRY,
            SupportVerdict(verdict=Support.OFF, rule="r", why=""),
            "quote does not carry the claim",
        ),
    ],
)
def test_one_line_says_what_the_quote_does(make: Any, detail: str | None, support: Any, line: str) -> None:
    uncertain = make().factors[0].model_copy(update={"detail": detail, "support": support})
    assert labels.grounds(uncertain) == line


@pytest.mark.slow
@pytest.mark.parametrize("room", ["publishing", "review", "flows"])
def test_no_other_room_has_a_table_of_words(room: str) -> None:
    """A second table is how desk and site came to call one fact by two names."""
    sets = {
        name
        for module in (vocabulary, claims, scores, reviews, record)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, StrEnum)
    }
    for file in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict) and len(node.keys) > 1:
                members = [key.value.id for key in node.keys if _is_member(key, sets)]
                words = [
                    value for value in node.values if isinstance(value, ast.Constant) and isinstance(value.value, str)
                ]
                assert not (members and words), f"{file.relative_to(ROOT)}:{node.lineno} has words for {members[0]}"


def _is_member(key: ast.expr | None, sets: set[str]) -> bool:
    return isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.value.id in sets
