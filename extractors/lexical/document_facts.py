"""What the documents say, fact by fact: how strongly, and where best.

Idea: `strength = w / (w + 1 + min(4, weight of all passages / 100))` with w the summed weight of a fact's hits, so that
one clear sentence of a short listing counts as much as many of a long README, and a passing mention in a long
one counts little; what a product is for stands in few places, and there the length does not count. Invariant: a
fact with a strength has a passage that can be quoted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.lexical.cue_matching import Hit, Polarity, hits
from extractors.lexical.cue_tables import Fact, facts
from extractors.lexical.passages import Passage
from extractors.pages.page_text import BlockKind
from scoring.vocabulary import AgentKind

LENGTH_COUNTS, LENGTH_COUNTS_MOST = 0.01, 4.0
CONTRARY_COUNTS = 0.5
"""That something is said to be absent counts half as much as its presence: claims of absence are cheap."""
NOT_OFTEN_QUOTED = frozenset({BlockKind.HEADING, BlockKind.CODE})


@dataclass(frozen=True)
class Stated:
    """One fact as the documents state it."""

    fact: Fact
    strength: float
    """0 to 1; below 0 when the documents say the contrary."""
    hit: Hit

    @property
    def plain(self) -> bool:
        """The sentence says it in prose, where the product describes itself."""
        return self.hit.passage.weight >= 1 and self.hit.passage.kind not in NOT_OFTEN_QUOTED


Reading = Mapping[str, Stated]
"""Facts by id, in the order of the tables."""


def read(kind: AgentKind, passages: Sequence[Passage]) -> Reading:
    """Everything stated of a product of this kind."""
    weights: dict[tuple[str, Polarity], float] = {}
    best: dict[tuple[str, Polarity], Hit] = {}
    for hit in hits(passages):
        if hit.fact.kinds and kind not in hit.fact.kinds:
            continue
        key = hit.fact.id, hit.polarity
        weights[key] = weights.get(key, 0.0) + hit.weight
        if hit.passage.quotable and (key not in best or _better(hit) > _better(best[key])):
            best[key] = hit
    length = 1 + min(LENGTH_COUNTS * sum(passage.weight for passage in passages), LENGTH_COUNTS_MOST)
    found: dict[str, Stated] = {}
    for fact in facts().values():
        so, not_so = (weights.get((fact.id, polarity), 0.0) for polarity in Polarity)
        half = 1.0 if fact.about else length
        polarity = Polarity.SO if so >= not_so else Polarity.NOT_SO
        said = best.get((fact.id, polarity))
        if said is not None:
            strength = so / (so + half) if so >= not_so else -CONTRARY_COUNTS * not_so / (not_so + half)
            found[fact.id] = Stated(fact, strength, said)
    return found


def _better(hit: Hit) -> tuple[bool, float, bool, int]:
    """Prose before headings and code, the product's own words first, then a length that can be read at a glance."""
    passage = hit.passage
    length = len(passage.text)
    return (
        passage.kind not in NOT_OFTEN_QUOTED,
        passage.weight,
        40 <= length <= 260,
        -passage.document * 1_000_000 - passage.start,
    )
