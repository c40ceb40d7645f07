"""What sort of product the documents describe.

Idea: a product is what it calls itself: votes from its name and from the sentences of its main documents that name a
sort of product, and from the files that only one sort has. Invariants: headings, sentences that name none and the
length of a page change nothing; a tie goes to the kind that is first in `kinds.toml`.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from extractors.lexical.statements import Statement
from extractors.pages.page_text import BlockKind, PageText
from extractors.pages.snapshot import sha256
from extractors.support.forms import forms
from extractors.support.passage import stem
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
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?|[;:.()\[\]|—–!?]|\s-\s|\bbut\b")
_NOTHING = re.compile(r"(?!)")


class KindCues(NamedTuple):
    kind: AgentKind
    strong: re.Pattern[str]
    weak: re.Pattern[str]
    never: re.Pattern[str]
    """In these words it stands for something else that the product deals with."""
    files: tuple[re.Pattern[str], ...]
    keys: tuple[str, ...]

    def worth(self, stems: str) -> float:
        """Votes of a text, given as stems."""
        if self.never.search(stems):
            return 0.0
        return STRONG if self.strong.search(stems) else WEAK if self.weak.search(stems) else 0.0


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
    return "".join(
        _GAP if part == "~" else f"(?:{'|'.join(re.escape(stem(word)) for word in part.split('/'))}) "
        for part in phrase.split()
    )


def _stems(text: str) -> str:
    """The stems of a text, each with a blank behind it, clauses parted by `;`."""
    found, clause_ended = "", False
    for token in _TOKEN.finditer(text):
        word, following = token.group(), text[token.end() : token.end() + 1]
        if word[0].isalnum():
            found += "; " * (clause_ended or word == "but") + stem(word) + " "
            clause_ended = False
        elif word not in ".:" or not following or following.isspace():  # not in `v1.2`, `example.com`, `10:30`
            clause_ended = True
    return found


def kind_of(name: str, documents: Sequence[PageText], sentences: Sequence[Statement]) -> NamedKind:
    """Votes for each kind; the winner and the first sentence that says so."""
    names_itself: dict[AgentKind, Statement] = {}
    turns: Counter[int] = Counter()
    called: dict[AgentKind, float] = defaultdict(float)
    for statement in sentences:
        turn = turns[statement.document]
        if not statement.main or statement.passage.kind in _NO_PROSE or turn >= len(BY_TURN):
            continue
        stems = _stems(statement.quote)
        worth = {cues.kind: cues.worth(stems) for cues in kind_cues()}
        if max(worth.values()) < STRONG:
            continue
        shape = forms(statement.passage, name)
        if "plan" in shape:
            continue
        turns[statement.document] += 1
        weight = BY_TURN[turn] * (DEFINES if shape & _DEFINING else ASIDE)
        if _LISTING.search(documents[statement.document].url):
            weight *= LISTED
        for kind, strength in worth.items():
            called[kind] += strength * weight
            if strength >= STRONG:
                names_itself.setdefault(kind, statement)
    by_name, most_called = _stems(name), MOST_CALLED * STRONG
    votes = {
        cues.kind: min(called[cues.kind], most_called) + NAMED * cues.worth(by_name) + _filed(documents, cues)
        for cues in kind_cues()
    }
    kind = max(votes, key=lambda voted: votes[voted])
    return NamedKind(kind if votes[kind] > 0 else AgentKind.AGENT, names_itself.get(kind))


def _filed(documents: Sequence[PageText], cues: KindCues) -> float:
    if any(key in document.text for document in documents for key in cues.keys):
        return ONLY_FILE
    has = [any(file.search(document.url) for file in cues.files) for document in documents]
    if cues.kind is AgentKind.SKILL and has and not has[0]:
        return 0.0  # anybody adds such a file, and a skill is taken for the least risky sort of product
    return ONLY_FILE if has and has[0] else FILE if any(has) else 0.0
