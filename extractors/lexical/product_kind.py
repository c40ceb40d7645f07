"""What sort of product the documents describe.

Idea: a product is what it calls itself: votes from its name and from the sentences of its main documents that name a
sort of product, and from the files that only one sort has. Invariants: headings, sentences that name none and the
length of a page change nothing; a tie goes to the kind that stands first in `kinds.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extractors.lexical.statements import Statement
from extractors.pages.page_text import BlockKind, PageText
from extractors.pages.snapshot import sha256
from extractors.support.forms import forms
from extractors.support.stemming import stem, words
from scoring.vocabulary import AgentKind

KINDS_FILE = Path(__file__).resolve().parents[2] / "data" / "kinds.toml"
STRONG, WEAK = 2.0, 0.5
FILE, ONLY_FILE = 3.0, 6.0
"""A file that one sort of product has; the same when there is neither README nor listing entry, or as its place."""
BY_TURN = (1.0, 0.8, 0.6, 0.4)
"""Worth of the first, second, … sentence that names a sort of product."""
DEFINES, ASIDE, LISTED, NAMED = 1.5, 0.7, 3.0, 4.0
"""A sentence that says what the product is, and any other; its listing entry; its name."""
MOST_CALLED = 3
"""A name repeated more often tells no more."""
_DEFINING = frozenset({"definition", "description", "named first"})
_LISTING = re.compile(r"^file:listing\.txt$")
_NO_PROSE = frozenset({BlockKind.HEADING, BlockKind.CODE})
_GAP = r"(?:(?!(?:for|with|from|about|around|against|when|if|that|which|to|via|than) )[^\s;]+ ){0,3}?"
_NOTHING = re.compile(r"(?!)")


class KindCues(NamedTuple):
    kind: AgentKind
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    never: re.Pattern[str]
    """In these words it stands for something else that the product deals with."""
    files: tuple[re.Pattern[str], ...]
    keys: tuple[str, ...]

    def worth(self, said: str) -> float:
        """Votes of a text, given as stems."""
        if self.never.search(said):
            return 0.0
        return STRONG if self.strong.search(said) else WEAK if self.weak.search(said) else 0.0


class NamedKind(NamedTuple):
    """The kind and the sentence in which the product names itself so."""

    kind: AgentKind
    statement: Statement | None


@cache
def kinds_digest() -> str:
    return sha256(KINDS_FILE.read_bytes())


@cache
def kind_cues() -> tuple[KindCues, ...]:
    """The table. A space joins words, `/` separates alternatives, `~` lets up to three words pass."""
    entries = tomllib.loads(KINDS_FILE.read_text(encoding="utf-8"))["kind"]
    return tuple(
        KindCues(
            AgentKind(entry["id"]),
            _any(entry["strong"]),
            _any(entry["weak"]),
            _any(entry.get("never", ())),
            tuple(re.compile(file, re.IGNORECASE) for file in entry.get("files", ())),
            tuple(entry.get("keys", ())),
        )
        for entry in entries
    )


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"(?:^| )(?:" + "|".join(map(_phrase, phrases)) + ")") if phrases else _NOTHING


def _phrase(phrase: str) -> str:
    def part(word: str) -> str:
        return _GAP if word == "~" else f"(?:{'|'.join(re.escape(stem(one)) for one in word.split('/'))}) "

    return "".join(map(part, phrase.split()))


def _stems(text: str) -> str:
    """The stems of a text, each with a blank behind it, clauses parted by `;`."""
    found, clause = "", 0
    for word in words(text):
        found += "; " * (word.clause != clause) + word.stem + " "
        clause = word.clause
    return found


def kind_of(name: str, documents: Sequence[PageText], said: Sequence[Statement]) -> NamedKind:
    """Votes for each kind; the winner and the first sentence that says so."""
    votes, says = {cues.kind: 0.0 for cues in kind_cues()}, dict[AgentKind, Statement]()
    turns: dict[int, int] = {}
    called = dict.fromkeys(votes, 0.0)
    for statement in said:
        turn = turns.get(statement.document, 0)
        if not statement.main or statement.passage.kind in _NO_PROSE or turn >= len(BY_TURN):
            continue
        stems = _stems(statement.quote)
        worth = {cues.kind: cues.worth(stems) for cues in kind_cues()}
        if max(worth.values()) < STRONG:
            continue
        shape = forms(statement.passage, name)
        if "plan" in shape:
            continue
        turns[statement.document] = turn + 1
        weight = BY_TURN[turn] * (DEFINES if shape & _DEFINING else ASIDE)
        if _LISTING.search(documents[statement.document].url):
            weight *= LISTED
        for kind, strength in worth.items():
            called[kind] += strength * weight
            if strength >= STRONG:
                says.setdefault(kind, statement)
    for cues in kind_cues():
        votes[cues.kind] += min(called[cues.kind], MOST_CALLED * STRONG) + NAMED * cues.worth(_stems(name))
        votes[cues.kind] += _filed(documents, cues)
    kind = max(votes, key=lambda voted: votes[voted])
    return NamedKind(kind if votes[kind] > 0 else AgentKind.AGENT, says.get(kind))


def _filed(documents: Sequence[PageText], cues: KindCues) -> float:
    if any(key in document.text for document in documents for key in cues.keys):
        return ONLY_FILE
    has = [any(file.search(document.url) for file in cues.files) for document in documents]
    if cues.kind is AgentKind.SKILL and has and not has[0]:
        return 0.0  # anybody adds such a file, and a skill is taken for the least risky sort of product
    return ONLY_FILE if has and has[0] else FILE if any(has) else 0.0
