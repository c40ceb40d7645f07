"""What sort of product the documents describe.

Idea: a product is what it calls itself: votes from its title, description, listing entry and first sentences,
and from the files that only one sort of product has. Invariant: the same documents give the same kind; a tie
goes to the kind that stands first in `kinds.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from extractors.lexical.cue_matching import matches
from extractors.lexical.cue_tables import CUES, Pattern, pattern
from extractors.lexical.passages import MAIN_DOCUMENTS, Passage
from extractors.lexical.stemming import Word, words
from extractors.pages.page_text import BlockKind, PageText
from scoring.vocabulary import AgentKind

STRONG, WEAK, TITLE = 2.0, 0.5, 2.0
FILE, ONLY_FILE = 3.0, 6.0
"""A file that one sort of product has; the same when there is neither README nor listing entry, or as its place."""
_IS_A = re.compile(r"\bis an?\b", re.IGNORECASE)
CALLED_ENOUGH = 3
"""A name repeated more often tells no more."""


@dataclass(frozen=True)
class KindCues:
    kind: AgentKind
    strong: tuple[Pattern, ...]
    weak: tuple[Pattern, ...]
    never: tuple[Pattern, ...]
    """In these words it stands for something else that the product deals with."""
    files: tuple[re.Pattern[str], ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Called:
    """The kind and the passage in which the product names itself so."""

    kind: AgentKind
    passage: Passage | None
    votes: float = 0.0
    """0 when no word and no file told the kind."""


@cache
def kind_cues() -> tuple[KindCues, ...]:
    entries = tomllib.loads((CUES / "kinds.toml").read_text(encoding="utf-8"))["kind"]
    return tuple(
        KindCues(
            AgentKind(entry["id"]),
            tuple(pattern(cue) for cue in entry["strong"]),
            tuple(pattern(cue) for cue in entry["weak"]),
            tuple(pattern(cue) for cue in entry.get("never", ())),
            tuple(re.compile(file, re.IGNORECASE) for file in entry.get("files", ())),
            tuple(entry.get("keys", ())),
        )
        for entry in entries
    )


def kind_of(name: str, documents: Sequence[PageText], passages: Sequence[Passage]) -> Called:
    """Votes for each kind; the winner and the first passage that says so."""
    votes = {cues.kind: 0.0 for cues in kind_cues()}
    says: dict[AgentKind, Passage] = {}
    naming = _naming(documents, passages)
    for cues in kind_cues():
        called = 0.0
        for passage, weight in naming:
            worth = _worth(passage.words, cues) * weight
            called += worth
            if worth >= STRONG and passage.quotable:
                before = says.get(cues.kind)
                if before is None or (before.kind is BlockKind.HEADING and passage.kind is not BlockKind.HEADING):
                    says[cues.kind] = passage
        votes[cues.kind] += min(called, CALLED_ENOUGH * STRONG) + _worth(words(name), cues) / 2
        votes[cues.kind] += _filed(documents, cues)
    kind = max(votes, key=lambda one: votes[one])
    return Called(kind if votes[kind] > 0 else AgentKind.AGENT, says.get(kind), votes[kind])


def _worth(said: Sequence[Word], cues: KindCues) -> float:
    if matches(said, cues.never):
        return 0.0
    if matches(said, cues.strong):
        return STRONG
    return WEAK if matches(said, cues.weak) else 0.0


def _filed(documents: Sequence[PageText], cues: KindCues) -> float:
    if any(key in document.text for document in documents for key in cues.keys):
        return ONLY_FILE
    has = [any(file.search(document.url) for file in cues.files) for document in documents]
    return ONLY_FILE if has and has[0] else FILE if any(has) else 0.0


def _naming(documents: Sequence[PageText], passages: Sequence[Passage]) -> list[tuple[Passage, float]]:
    """Passages in which a product says what it is, with their weight: the title, then ever less by the line."""
    found: list[tuple[Passage, float]] = []
    lines: dict[int, int] = {}
    for passage in passages:
        if passage.document >= MAIN_DOCUMENTS and not documents[passage.document].own_instructions:
            continue
        if passage.kind is BlockKind.HEADING:
            if passage.document not in lines:
                lines[passage.document] = 0
                found.append((passage, TITLE))
        elif passage.weight > 1:
            line = lines.get(passage.document, 0)
            lines[passage.document] = line + 1
            says = 1.5 if _IS_A.search(passage.text) else 1.0
            found.append((passage, says * (1.0, 0.8, 0.6, 0.4)[min(line, 3)]))
    return found
