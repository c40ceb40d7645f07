"""The products of which a reference class is counted, and those on which it is measured.

Idea: every second agent of the agreement set and every second server of the tool set is counted, by place in the sorted
order of names; ranges are measured on the others. Invariant: products of one repository or of one first name are twins,
and none is measured by a class in which its twin was counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from benches.evidence.bench_tools import extraction_of, read_product
from benches.shared_data import SHARED
from extractors.claims.extraction import extract
from extractors.evaluation.agreement import read_reference, reply_of_file, request_of
from extractors.lexical import LexicalAssessor
from extractors.pages.local_folder import read_folder
from scoring.claims import Extraction
from scoring.factor_estimates import Estimates, estimates
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline import score_bounds
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import ReferenceClass, Unknown
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, RiskFactor

PROFILE = profile_named(HEADLINE)
MISS = 10
"""What a score outside an 80 % range costs in its interval score, for each point that it lies outside: 2 / 0.2."""
Counts = dict[Unknown, dict[AgentKind, Counter[str]]]


class Product(NamedTuple):
    """One product, as it was read and as it is counted."""

    slug: str
    repository: str
    counted: bool
    """At an even place of its set: it makes the class. The others measure it."""
    reading: Extraction
    """A strong reader's; of a server of the tool set the built-in reader's."""
    built_in: Extraction
    values: tuple[tuple[Unknown, str], ...]
    """What is known of it."""

    def is_twin(self, other: Product) -> bool:
        same = bool(self.repository) and self.repository == other.repository
        return same or self.slug.split("-")[0] == other.slug.split("-")[0]


def agents() -> Iterator[Product]:
    """The agreement set: what a strong reader quoted, and the factors that a directory published."""
    published = read_reference(SHARED / "agreement/reference.jsonl")
    for place, slug in enumerate(sorted(published)):
        read = read_folder(SHARED / "agreement" / slug)
        request = request_of(slug, read)
        answers = (
            reply_of_file(request, SHARED / "agreement-replies" / f"{slug}.json"),
            LexicalAssessor().answer(request),
        )
        reading, built_in = (extract(request, answer, read.not_read, read.findings) for answer in answers)
        directory = tuple((factor, f"{value:.1f}") for factor, value in published[slug]["factors"].items())
        meta = json.loads((SHARED / "agreement" / slug / "meta.json").read_text("utf-8"))
        values = (*known(estimates(reading)), *directory)
        yield Product(slug, (meta.get("repository") or "").lower(), place % 2 == 0, reading, built_in, values)


def servers() -> Iterator[Product]:
    """The servers of the tool set: whether their tools execute, change and spend, and where they run."""
    folders = [folder for folder in sorted((SHARED / "tools").iterdir()) if (folder / "truth.json").is_file()]
    products = [product for product in map(read_product, folders) if product.meta["kind"] == "mcp_server"]
    for place, product in enumerate(products):
        reading = extraction_of(product)[0]
        facts = product.truth["facts"]
        values: list[tuple[Unknown, str]] = [(ExposureFact.RUNS_AT, facts["runs_at"][0])]
        for fact in (ExposureFact.EXECUTES, ExposureFact.CHANGES, ExposureFact.SPENDS):
            graded = reading.fact(fact).value if facts[fact] else "nothing"
            if graded and (graded == "nothing") != facts[fact]:
                values.append((fact, graded))
        repository = product.meta["repository"].lower()
        yield Product(product.meta["slug"], repository, place % 2 == 0, reading, reading, tuple(values))


def known(estimated: Estimates) -> tuple[tuple[Unknown, str], ...]:
    """Factors and facts that a sentence carries."""
    factors = ((factor, str(value)) for factor, value in estimated.factors.items() if factor not in estimated.unknown)
    return (*factors, *estimated.facts.items())


def counts_of(products: Iterable[Product]) -> Counts:
    """How often each value was found, by unknown and kind."""
    counts: Counts = {}
    for product in products:
        for unknown, value in product.values:
            counts.setdefault(unknown, {}).setdefault(product.reading.kind, Counter())[value] += 1
    return counts


def class_without(product: Product, products: Iterable[Product], together: Fraction) -> ReferenceClass:
    """The class of the counted products that are neither this one nor a twin of it."""
    others = (other for other in products if other.counted and other.slug != product.slug)
    return ReferenceClass("left-out", counts_of(o for o in others if not product.is_twin(o)), together)


class Draw(NamedTuple):
    """One hiding, the range that was given for it, and the score that it hid."""

    kind: AgentKind
    hidden: frozenset[Unknown]
    ends: Range
    score: Decimal

    @property
    def inside(self) -> bool:
        return self.ends.low <= self.score <= self.ends.high

    @property
    def cost(self) -> float:
        outside = max(self.ends.low - self.score, self.score - self.ends.high, Decimal(0))
        return float(self.ends.high - self.ends.low + MISS * outside)


def draws(
    measured: Iterable[Product], products: Sequence[Product], patterns: Sequence[frozenset[Unknown]], together: Fraction
) -> Iterator[Draw]:
    """Hides of each product what another one leaves unknown, for each pattern that hides anything of it; all else is
    settled as its headline has it, and neither the product nor a twin of it is in the class."""
    for product in measured:
        reference = class_without(product, products, together)
        estimated = estimates(product.reading)
        whole = estimated._replace(facts=estimated.headline_facts(), unknown=frozenset())
        score = score_bounds.estimated(whole, PROFILE).figures.aivss
        for pattern in patterns:
            hidden = pattern & {unknown for unknown, _ in known(estimated)}
            if hidden:
                facts = {fact: value for fact, value in whole.facts.items() if fact not in hidden}
                masked = whole._replace(facts=facts, unknown=frozenset(f for f in hidden if isinstance(f, RiskFactor)))
                yield Draw(product.reading.kind, hidden, likely(masked, PROFILE, reference), score)


def unknowns(extraction: Extraction) -> frozenset[Unknown]:
    """What a reading leaves open."""
    estimated = estimates(extraction)
    return frozenset((*estimated.unknown, *(EXPOSURE_VALUES.keys() - estimated.facts.keys())))
