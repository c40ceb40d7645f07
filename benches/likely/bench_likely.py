"""How well the likely range is calibrated, how wide it is, and what the default policy makes of it.

Idea: of an agent that was not counted, what another product leaves unknown is hidden, all else is settled as its
headline has it, and the score with everything shown is looked for in the range. Invariant: neither the agent
nor a twin of it is in the class that measures it.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from benches.figure import Figure
from benches.likely.reference_products import Product, agents, class_without, hidings, known, servers, unknowns
from benches.shared_data import SHARED as SHARED
from extractors.record_decision import limits_of
from extractors.reference_classes import current
from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.factor_estimates import Estimates, estimates
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline import score_bounds
from scoring.headline.severity import severity
from scoring.headline.withheld import too_little_known
from scoring.likely.advice import advise, decide
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import FEWEST, Unknown
from scoring.scores import Provenance
from scoring.vocabulary import Basis, ExposureFact

PROFILE = profile_named(HEADLINE)
LIMITS = limits_of()
VERSIONS = Provenance(tool="bench", rubric="", formula="", prompt="", model="")
DIGEST = "sha256:" + "0" * 64
SILENT = (ExposureFact.INPUT_BARRIER, ExposureFact.ISOLATION, ExposureFact.INCIDENT, ExposureFact.CONTROL)
"""Protections and incidents: of none of them ten values were found."""
MISS = 10
"""What a score outside an 80 % range costs in its interval score, for each point that it lies outside: 2 / 0.2."""


class Draw(NamedTuple):
    """One hiding, the range that was given for it, and the score that it hid."""

    kind: str
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


def run() -> list[Figure]:
    products, tools = list(agents()), list(servers())
    draws = {
        "strong": list(_draws(products, tools, [unknowns(product.reading) for product in products])),
        "built-in": list(_draws(products, tools, [unknowns(product.built_in) for product in products])),
    }
    figures = [figure for name, made in draws.items() for figure in _calibration(name, made, products)]
    figures += _widths(products, [tool for tool in tools if not tool.counted])
    return [*figures, _time([product.built_in for product in products])]


def _draws(
    products: Sequence[Product], tools: Sequence[Product], patterns: Sequence[frozenset[Unknown]]
) -> Iterable[Draw]:
    for product in products:
        if not product.counted:
            reference = class_without(product, (*products, *tools), current().together)
            for hidden in hidings(product, patterns):
                score = score_bounds.estimated(hidden.whole, PROFILE).figures.aivss
                yield Draw(product.reading.kind, hidden.unknown, likely(hidden.given, PROFILE, reference), score)


def _calibration(name: str, draws: Sequence[Draw], products: Sequence[Product]) -> list[Figure]:
    found = Counter(unknown for product in products for unknown, _ in known(estimates(product.reading)))
    facts: dict[str, list[bool]] = defaultdict(list)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for draw in draws:
        kinds[draw.kind].append(draw.inside)
        for unknown in draw.hidden:
            if found[unknown] >= FEWEST:
                facts[unknown].append(draw.inside)
    share = statistics.mean(draw.inside for draw in draws)
    width = statistics.mean(float(draw.ends.high - draw.ends.low) for draw in draws)
    cost = statistics.mean(draw.cost for draw in draws)
    firm = [draw for draw in draws if _firm(draw.ends)]
    right = statistics.mean(severity(draw.score) is severity(draw.ends.low) for draw in firm)
    masks = f"{len(draws)} hidings as {name} readings leave unknown, of 20 agents that are not counted, without twins"
    return [
        Figure(
            f"coverage, masks of {name} readings",
            f"{share:.1%}, mean width {width:.2f}, interval score {cost:.2f}",
            "75–85 %",
            0.75 <= share <= 0.85,
            masks,
        ),
        _spread(f"coverage by fact, masks of {name} readings", facts, "known of at least ten of the 40"),
        _spread(f"coverage by kind, masks of {name} readings", kinds, "of one to eleven agents each"),
        Figure(
            f"firm bands that are right, masks of {name} readings",
            f"{right:.1%} of {len(firm)}",
            "≥ 90 %",
            right >= 0.9,
            masks,
        ),
    ]


def _spread(name: str, groups: dict[str, list[bool]], how: str) -> Figure:
    shares = {group: statistics.mean(inside) for group, inside in groups.items()}
    within = sum(0.75 <= share <= 0.85 for share in shares.values())
    told = ", ".join(f"{group} {share:.0%}" for group, share in sorted(shares.items(), key=lambda pair: pair[1]))
    return Figure(name, f"{within} of {len(shares)} within", "75–85 % each", within == len(shares), f"{how}: {told}")


def _widths(products: Sequence[Product], tools: Sequence[Product]) -> list[Figure]:
    views = {
        "strong readings": [estimates(product.reading) for product in products],
        "built-in readings": [estimates(product.built_in) for product in products],
        "servers with their tools' facts": [estimates(tool.reading) for tool in tools],
        "servers without them": [_without_tools(tool.reading) for tool in tools],
    }
    figures = []
    for name, given in views.items():
        ends = [likely(view, PROFILE, current()) for view in given]
        width = statistics.median(end.high - end.low for end in ends)
        settled = [view._replace(facts=_unprotected(view)) for view in given]
        bare = statistics.median(e.high - e.low for e in (likely(view, PROFILE, current()) for view in settled))
        worst = [score_bounds.worst(view, PROFILE).figures.aivss for view in given]
        possible = statistics.median(
            high - score_bounds.safest(view, PROFILE).figures.aivss for view, high in zip(given, worst, strict=True)
        )
        words = Counter(
            advise(high, end.high, LIMITS, withheld=too_little_known(view)).word
            for view, high, end in zip(given, worst, ends, strict=True)
        )
        firm = sum(map(_firm, ends))
        how = (
            f"{len(given)} records; possible {possible}; {bare} with the headline's barrier, sandbox, incidents and "
            f"control, which no class can weigh; advice by default: {dict(sorted(words.items()))}"
        )
        value = f"{width}, firm {firm} of {len(given)}"
        figures.append(Figure(f"median width, {name}", value, "≤ 2.0", width <= Decimal("2.0"), how))
    return figures


def _unprotected(view: Estimates) -> dict[ExposureFact, str]:
    """Its facts, with the silent ones as its headline takes them."""
    headline = view.headline_facts()
    return {**{fact: headline[fact] for fact in SILENT}, **view.facts}


def _without_tools(extraction: Extraction) -> Estimates:
    """The view without what files and lists of tools declare."""
    given = estimates(extraction)
    prose = {claim.fact for claim in extraction.exposure if claim.basis in (None, Basis.SENTENCE)}
    declared = frozenset(c.factor for c in extraction.factors if c.basis not in (None, Basis.SENTENCE))
    facts = {fact: value for fact, value in given.facts.items() if fact in prose}
    return given._replace(facts=facts, unknown=given.unknown | declared)


def _firm(ends: Range) -> bool:
    return severity(ends.low) is severity(ends.high)


def _time(extractions: Sequence[Extraction]) -> Figure:
    scored = [(extraction, assess(extraction, DIGEST, VERSIONS).headline) for extraction in extractions]
    times = []
    for _ in range(2):
        begin = time.process_time()
        for extraction, headline in scored:
            decide(extraction, headline, current(), LIMITS)
        times.append((time.process_time() - begin) / len(scored) * 1000)
    how = f"range, advice, questions with each answer's range, once a publication; {times[0]:.0f} ms with empty caches"
    return Figure("a record's whole decision", f"{times[1]:.1f} ms", "told", True, how)
