"""Which facts the passages state, with polarity.

Idea: a cue counts by where it stands, and a negation of its own clause turns or drops it. Invariant: a hit
names the passage that it was read from, so that every fact has its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from extractors.lexical.cue_tables import Fact, Pattern, by_first_word
from extractors.lexical.passages import Passage
from extractors.lexical.stemming import Word
from extractors.pages.page_text import BlockKind

NEGATIONS = frozenset(
    re.findall(
        r"\S+",
        """not no never without cannot can't don't doesn't isn't aren't won't didn't neither nor none avoid prevent
        block disallow forbid refuse eliminat unlike""",
    )
)
_NOT_A_NEGATION = frozenset({("not", "only"), ("not", "just"), ("no", "matter"), ("no", "longer"), ("not", "limit")})
_AFTERWARDS = frozenset({"not", "disabl", "unsupport", "soon", "isn't", "aren't", "cannot"})
_OTHERS = (
    ("alternativ", "to"),
    ("compar", "to"),
    ("compar", "with"),
    ("inspir", "by"),
    ("bas", "on", "ideas"),
    ("adapt", "from"),
    ("similar", "to"),
    ("instead", "of"),
    ("rather", "than"),
    ("unlik",),
)
_OTHERS_OPEN = frozenset(other[0] for other in _OTHERS)
BEFORE = 5
AFTER = 4
CONFIGURED = 4.0
"""A line of a compose file or manifest is the fact itself, and stands there once."""
GAP = 3
_ENDS_A_GAP = frozenset(re.findall(r"\S+", "for with from about around against when if that which to via than"))
"""What comes after one of these is another thing: `run the linter for code quality` runs no code."""


class Polarity(StrEnum):
    SO = "so"
    NOT_SO = "not_so"


@dataclass(frozen=True)
class Hit:
    fact: Fact
    polarity: Polarity
    passage: Passage
    start: int
    """Of the cue's words, within the passage."""
    end: int

    @property
    def weight(self) -> float:
        if self.fact.anywhere and self.passage.weight:
            return CONFIGURED if self.passage.kind is BlockKind.FACT else max(1.0, self.passage.weight)
        return self.passage.weight


def hits(passages: Iterable[Passage]) -> list[Hit]:
    return [hit for passage in passages if passage.weight > 0 for hit in _hits_of(passage)]


def _hits_of(passage: Passage) -> Iterable[Hit]:
    index = by_first_word()
    said = passage.words
    beginning, of_others = _beginning(said), of_another_from(said)
    seen: set[tuple[str, Polarity]] = set()
    for at, word in enumerate(said):
        for fact, pattern in index.get(word.stem, ()):
            if (fact.about and passage.weight <= 1) or (fact.safety and passage.own_instructions):
                continue
            if pattern.at_start and at > beginning:
                continue
            last = found_at(said, at, pattern)
            if last is None or at >= of_others:
                continue
            polarity = _polarity(fact, pattern, negated(said, at, last))
            if polarity is not None and (fact.id, polarity) not in seen:
                seen.add((fact.id, polarity))
                yield Hit(fact, polarity, passage, word.start, said[last].end)


def _polarity(fact: Fact, pattern: Pattern, negated: bool) -> Polarity | None:
    if pattern.contrary:
        return None if negated else Polarity.NOT_SO
    if not negated:
        return Polarity.SO
    return Polarity.NOT_SO if fact.negated == "contrary" else None


def matches(said: Sequence[Word], patterns: Iterable[Pattern]) -> bool:
    """Whether any of the patterns stands in these words, whatever their polarity."""
    stems = {word.stem for word in said}
    return any(
        word.stem in pattern.slots[0] and found_at(said, at, pattern) is not None
        for pattern in patterns
        if not pattern.slots[0].isdisjoint(stems)
        for at, word in enumerate(said)
    )


def found_at(said: Sequence[Word], at: int, pattern: Pattern) -> int | None:
    """Index of the last word of the match, or None."""
    clause = said[at].clause
    place = at + 1
    gap = 0
    for slot in pattern.slots[1:]:
        if not slot:
            gap = GAP
            continue
        for candidate in range(place, min(place + gap + 1, len(said))):
            if said[candidate].clause != clause:
                return None
            if candidate > place and said[candidate - 1].stem in _ENDS_A_GAP:
                return None
            if said[candidate].stem in slot:
                place, gap = candidate + 1, 0
                break
        else:
            return None
    return place - 1


def _beginning(said: Sequence[Word]) -> int:
    """A list item may open with its name (`create_issue: Create …`); so a beginning is the first of any clause."""
    return 0 if not said else next((i for i, word in enumerate(said) if word.clause != said[0].clause), 0)


def negated(said: Sequence[Word], first: int, last: int) -> bool:
    clause = said[first].clause
    for i in range(max(0, first - BEFORE), first):
        if said[i].clause == clause and said[i].stem in NEGATIONS:
            following = said[i + 1].stem if i + 1 < len(said) else ""
            if (said[i].stem, following) not in _NOT_A_NEGATION:
                return True
    return any(
        said[i].clause == clause and said[i].stem in _AFTERWARDS
        and not (said[i].stem == "not" and i + 1 < len(said) and said[i + 1].stem in {"only", "just"})
        for i in range(last + 1, min(last + 1 + AFTER, len(said)))
    )  # fmt: skip


def of_another_from(said: Sequence[Word]) -> int:
    """From which word on these words speak of another product (`an alternative to …`); past the last if they do not."""
    for at, word in enumerate(said):
        if word.stem in _OTHERS_OPEN:
            ends = [at + len(other) for other in _OTHERS if tuple(w.stem for w in said[at : at + len(other)]) == other]
            if ends:
                return min(ends)
    return len(said) + 1
