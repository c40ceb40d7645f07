"""The table of known marks: `data/not_the_page.toml`, read once."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from extractors.crawl.wrong_page.page_shape import PageOutline, plain

TABLE = Path(__file__).resolve().parents[3] / "data" / "not_the_page.toml"
MOST_WORDS = {"markup": 200, "whole": 600, "word": 200, "part": 200, "sentence": 120}
"""Words that a page with such a mark may show. `word` is a `whole` of a single word."""
_WITHOUT_SPACES = re.compile(r"[\u2e80-\uffdc]")
_SHOWN = 120


class Kind(NamedTuple):
    """One sort of page that takes another's place."""

    name: str
    gone: bool
    header: tuple[str, ...]
    markup: tuple[str, ...]
    whole: frozenset[str]
    part: tuple[str, ...]
    sentence: tuple[str, ...]


class Mark(NamedTuple):
    """What was found, and of which sort it is."""

    kind: Kind
    shown: str
    """For a person: the words, or the mark."""


@cache
def table() -> tuple[tuple[Kind, ...], Mapping[str, frozenset[str]]]:
    """The kinds, and where redirects end."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))
    return tuple(map(_kind, rows["kind"])), {name: frozenset(values) for name, values in rows["address"].items()}


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(
        row["name"],
        row.get("gone", False),
        tuple(row.get("header", ())),
        tuple(row.get("markup", ())),
        frozenset(map(plain, row.get("whole", ()))),
        tuple(map(plain, row.get("part", ()))),
        tuple(map(plain, row.get("sentence", ()))),
    )


def in_headers(headers: Mapping[str, str]) -> Mark | None:
    """A check that says so in the answer's headers (names in lower case)."""
    for kind in table()[0]:
        for mark in kind.header:
            name, _, value = mark.partition(": ")
            if name in headers and headers[name].lower().startswith(value):
                return Mark(kind, mark.strip(" :"))
    return None


def in_page(page: PageOutline, name: str, path: str, room: float, is_same: bool) -> Mark | None:
    """The first mark of the page. `name` is what the agent is called and `path` the words of the address, neither
    of which is a mark; with `is_same` the page holds most of what it held before; `room` times as many
    words as usual may be beside a mark."""
    if not page.is_html:
        return _bare(page)
    shown = page.length / room
    parts = [rest for part in page.title_parts if (rest := _without(part, name))]
    for kind in table()[0]:
        if not is_same and shown <= MOST_WORDS["markup"]:
            for mark in kind.markup:
                if mark in page.markup:
                    return Mark(kind, mark)
        for part in parts:
            most = MOST_WORDS["whole" if " " in part or part.isdigit() else "word"]
            if part in kind.whole and shown <= most and not _asked_for(part, path):
                return Mark(kind, part)
            if shown <= MOST_WORDS["part"]:
                for words in kind.part:
                    if _holds(part, words) and not _asked_for(words, path):
                        return Mark(kind, part)
        if not is_same and shown <= MOST_WORDS["sentence"]:
            for words in kind.sentence:
                for sentence in page.sentences:
                    if _begins(sentence, words):
                        return Mark(kind, sentence[:_SHOWN])
    return None


_KEYS = frozenset(
    re.findall(r"\w+", "message error errors detail details status code title msg reason success false statuscode")
)


def _bare(page: PageOutline) -> Mark | None:
    """A text of a few words that is nothing but the mark: `404: Not Found`, `{"message": "Not Found"}`."""
    if page.length > 12:
        return None
    whole_text = " ".join(page.words)
    bare = " ".join(word for word in page.words if word not in _KEYS and not (word.isdigit() and word != "404"))
    for kind in table()[0]:
        if whole_text in kind.whole or bare in kind.whole or any(_begins(whole_text, words) for words in kind.sentence):
            return Mark(kind, whole_text)
    return None


def _asked_for(words: str, path: str) -> bool:
    """True when the address itself says the mark: a manual's page on logging in."""
    return all(word in path for word in words.split() if len(word) > 3 or len(words) < 8)


def _without(part: str, name: str) -> str:
    own = plain(name)
    return " ".join(f" {part} ".replace(f" {own} ", " ").split()) if own else part


def _holds(text: str, words: str) -> bool:
    return words in text and (f" {words} " in f" {text} " or bool(_WITHOUT_SPACES.search(words)))


def _begins(text: str, words: str) -> bool:
    return text.startswith(words) and (f"{text} ".startswith(f"{words} ") or bool(_WITHOUT_SPACES.search(words)))
