"""Sentences that may settle what is unknown: those that say something of a claim outright, else those on its topic.

Idea: the topic table knows the words of each claim; what is below the bar of the reader can still be read by a person.
Invariant: what addresses an assessor is no candidate; the same documents give the same candidates.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from extractors.grounding.sentences import sentences
from extractors.lexical.statements import FEWEST_WORDS, LONGEST_QUOTED
from extractors.pages.page_text import PageText
from extractors.support.passage import folded
from extractors.support.topics import claims_in, cue_matches, topic_words
from scoring.claims import Finding
from scoring.vocabulary import FindingKind

MOST = 3
"""Sentences a claim."""
READ, READ_ON_TOPIC = 100_000, 12_000
"""Characters of a document that are looked through: for what is said outright, and for words of the topic."""


class Candidate(NamedTuple):
    """A sentence of a document that speaks of a claim."""

    document: int
    start: int
    end: int
    words: str
    says: str
    """What it says outright, in our words; empty when it only touches on the topic."""


def plain_candidates(documents: Sequence[PageText], findings: Sequence[Finding]) -> Mapping[str, tuple[Candidate, ...]]:
    """By claim (`memory_use`, `L3`, `executes`) at most `MOST` sentences that say something of it."""
    found: dict[str, list[Candidate]] = defaultdict(list)
    for candidate in _sentences(documents, findings, READ):
        text = folded(candidate.words)
        for claim in claims_in(text):
            match = next((each for each in cue_matches(claim, text) if each.plain), None)
            if match is not None and len(found[claim]) < MOST:
                found[claim].append(candidate._replace(says=f"{'not: ' if match.denied else ''}{match.cue.name}"))
    return {claim: tuple(candidates) for claim, candidates in found.items()}


def topic_candidates(documents: Sequence[PageText], findings: Sequence[Finding], claim: str) -> tuple[Candidate, ...]:
    """At most `MOST` sentences with most words of a claim's topic, two at least."""
    counted = [
        (len(topic_words(claim, folded(candidate.words))), candidate)
        for candidate in _sentences(documents, findings, READ_ON_TOPIC)
    ]
    near = sorted((each for each in counted if each[0] > 1), key=lambda each: -each[0])
    return tuple(candidate for _, candidate in near[:MOST])


def _sentences(documents: Sequence[PageText], findings: Sequence[Finding], read: int) -> Iterator[Candidate]:
    kind = FindingKind.ADDRESSES_THE_ASSESSOR
    for number, page in enumerate(documents):
        barred = [(f.start or 0, f.end or 0) for f in findings if f.kind is kind and f.text_digest == page.digest]
        blocks = [block for block in page.blocks if block.end <= read]
        known = set[str]()
        for start, end in sentences(page.text if blocks else page.text[:read], blocks):
            words = page.text[start:end]
            short = end - start <= LONGEST_QUOTED and len(words.split()) >= FEWEST_WORDS
            if short and words not in known and not any(first < end and start < last for first, last in barred):
                known.add(words)
                yield Candidate(number, start, end, words, "")
