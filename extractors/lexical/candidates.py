"""Sentences that may settle what is unknown: those that say something of a claim outright, else those on its topic.

Idea: the topic table knows the words of each claim; what is below the bar of the reader can still be read by a person.
Invariant: what addresses an assessor is no candidate; the same documents give the same candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from extractors.grounding.sentences import sentences
from extractors.lexical.cue_index import claims_in
from extractors.lexical.statements import FEWEST_WORDS, LONGEST_QUOTED
from extractors.pages.page_text import PageText
from extractors.support.passage import folded
from extractors.support.topics import said, touches
from scoring.claims import Finding
from scoring.vocabulary import FindingKind

MOST = 3
"""Sentences a claim."""
READ = 100_000
"""Characters of a document that are looked through."""


class Candidate(NamedTuple):
    """A sentence of a document that speaks of a claim."""

    document: int
    start: int
    end: int
    words: str
    says: str
    """What it says outright, in our words; empty when it only touches on the topic."""


def candidates(
    documents: Sequence[PageText], findings: Sequence[Finding], claims: Collection[str]
) -> Mapping[str, tuple[Candidate, ...]]:
    """By claim (`memory_use`, `L3`, `executes`) at most `MOST` sentences: outright ones first, then by topic words."""
    read = [one for number, page in enumerate(documents) for one in _sentences(number, page, findings)]
    outright: dict[str, list[Candidate]] = defaultdict(list)
    for one in read:
        for claim in claims_in(folded(one.words)):
            told = next((each for each in said(claim, folded(one.words)) if each.plain), None)
            if told is not None and len(outright[claim]) < MOST:
                outright[claim].append(one._replace(says=f"{'not: ' if told.denied else ''}{told.cue.name}"))
    found = {}
    for claim in claims:
        plain = outright.get(claim, [])
        counted = [] if plain else [(len(touches(claim, folded(one.words))), one) for one in read]
        near = sorted((each for each in counted if each[0] > 1), key=lambda each: -each[0])
        found[claim] = tuple(plain) or tuple(one for _, one in near[:MOST])
    return {claim: given for claim, given in found.items() if given}


def _sentences(number: int, page: PageText, findings: Sequence[Finding]) -> list[Candidate]:
    kind = FindingKind.ADDRESSES_THE_ASSESSOR
    barred = [(f.start or 0, f.end or 0) for f in findings if f.kind is kind and f.text_digest == page.digest]
    found, known = [], set[str]()
    blocks = [block for block in page.blocks if block.end <= READ]
    for start, end in sentences(page.text if blocks else page.text[:READ], blocks):
        words = page.text[start:end]
        short = end - start <= LONGEST_QUOTED and len(words.split()) >= FEWEST_WORDS
        if short and words not in known and not any(first < end and start < last for first, last in barred):
            known.add(words)
            found.append(Candidate(number, start, end, words, ""))
    return found
