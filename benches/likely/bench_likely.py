"""How well the likely range is calibrated, how wide it is, and what the default policy makes of it.

Idea: of an agent that was not counted, what another product leaves unknown is hidden, all else is settled as its
headline has it, and the score with everything shown is looked for in the range. Invariant: neither the agent
nor a twin of it is in the class that measures it.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from benches.figure import Figure, process_ms
from benches.likely.reference_products import PROFILE, Draw, Product, agents, draws, known, servers, unknowns
from benches.shared_data import SHARED as SHARED
from extractors.record_decision import limits_of
from extractors.reference_classes import current
from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.factor_estimates import Estimates, estimates
from scoring.headline import score_bounds
from scoring.headline.severity import severity
from scoring.headline.withheld import too_little_known
from scoring.likely.advice import advise, decide
from scoring.likely.likely_range import Range, likely
from scoring.likely.reference_class import FEWEST
from scoring.scores import Provenance
from scoring.vocabulary import Basis, ExposureFact

LIMITS = limits_of()
VERSIONS = Provenance(tool="bench", rubric="", formula="", prompt="", model="")
DIGEST = "sha256:" + "0" * 64
SILENT = (ExposureFact.INPUT_BARRIER, ExposureFact.ISOLATION, ExposureFact.INCIDENT, ExposureFact.CONTROL)
"""Protections and incidents: of none of them ten values were found."""


def run() -> list[Figure]:
    products, tools = list(agents()), list(servers())
    measured, every = [product for product in products if not product.counted], (*products, *tools)
    patterns = {
        "strong": [unknowns(product.reading) for product in products],
        "built-in": [unknowns(product.built_in) for product in products],
    }
    figures = []
    for name, masks in patterns.items():
        figures += _calibration(name, list(draws(measured, every, masks, current().together)), products)
    figures += _widths(products, [tool for tool in tools if not tool.counted])
    return [*figures, _time([product.built_in for product in products])]


def _calibration(name: str, made: Sequence[Draw], products: Sequence[Product]) -> list[Figure]:
    found = Counter(unknown for product in products for unknown, _ in known(estimates(product.reading)))
    facts: dict[str, list[bool]] = defaultdict(list)
    kinds: dict[str, list[bool]] = defaultdict(list)
    for draw in made:
        kinds[draw.kind].append(draw.inside)
        for unknown in draw.hidden:
            if found[unknown] >= FEWEST:
                facts[unknown].append(draw.inside)
    share = statistics.mean(draw.inside for draw in made)
    width = statistics.mean(float(draw.ends.high - draw.ends.low) for draw in made)
    cost = statistics.mean(draw.cost for draw in made)
    firm = [draw for draw in made if _firm(draw.ends)]
    right = statistics.mean(severity(draw.score) is severity(draw.ends.low) for draw in firm)
    masks = f"{len(made)} hidings as {name} readings leave unknown, of 20 agents that are not counted, without twins"
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
    by_group = ", ".join(f"{group} {share:.0%}" for group, share in sorted(shares.items(), key=lambda pair: pair[1]))
    return Figure(
        name, f"{within} of {len(shares)} within", "75–85 % each", within == len(shares), f"{how}: {by_group}"
    )


def _widths(products: Sequence[Product], tools: Sequence[Product]) -> list[Figure]:
    views = {
        "strong readings": [estimates(product.reading) for product in products],
        "built-in readings": [estimates(product.built_in) for product in products],
        "servers with their tools' facts": [estimates(tool.reading) for tool in tools],
        "servers without them": [_without_tools(tool.reading) for tool in tools],
    }
    figures = []
    for name, estimated in views.items():
        ends = [likely(view, PROFILE, current()) for view in estimated]
        width = statistics.median(end.high - end.low for end in ends)
        settled = [view._replace(facts=_unprotected(view)) for view in estimated]
        bare = statistics.median(e.high - e.low for e in (likely(view, PROFILE, current()) for view in settled))
        worst = [score_bounds.worst(view, PROFILE).figures.aivss for view in estimated]
        possible = statistics.median(
            high - score_bounds.safest(view, PROFILE).figures.aivss for view, high in zip(estimated, worst, strict=True)
        )
        words = Counter(
            advise(high, end.high, LIMITS, withheld=too_little_known(view)).word
            for view, high, end in zip(estimated, worst, ends, strict=True)
        )
        firm = sum(map(_firm, ends))
        how = (
            f"{len(estimated)} records; possible {possible}; {bare} with the headline's barrier, sandbox, incidents "
            f"and control, which no class can weigh; advice by default: {dict(sorted(words.items()))}"
        )
        value = f"{width}, firm {firm} of {len(estimated)}"
        figures.append(Figure(f"median width, {name}", value, "≤ 2.0", width <= Decimal("2.0"), how))
    return figures


def _unprotected(view: Estimates) -> dict[ExposureFact, str]:
    """Its facts, with the silent ones as its headline takes them."""
    headline = view.headline_facts()
    return {**{fact: headline[fact] for fact in SILENT}, **view.facts}


def _without_tools(extraction: Extraction) -> Estimates:
    """The view without what files and lists of tools declare."""
    estimated = estimates(extraction)
    prose = {claim.fact for claim in extraction.exposure if claim.basis in (None, Basis.SENTENCE)}
    declared = frozenset(c.factor for c in extraction.factors if c.basis not in (None, Basis.SENTENCE))
    facts = {fact: value for fact, value in estimated.facts.items() if fact in prose}
    return estimated._replace(facts=facts, unknown=estimated.unknown | declared)


def _firm(ends: Range) -> bool:
    return severity(ends.low) is severity(ends.high)


def _time(extractions: Sequence[Extraction]) -> Figure:
    scored = [(extraction, assess(extraction, DIGEST, VERSIONS).headline) for extraction in extractions]
    empty, filled = (
        sum(process_ms(partial(decide, *pair, current(), LIMITS)) for pair in scored) / len(scored) for _ in range(2)
    )
    how = f"range, advice, questions with each answer's range, once a publication; {empty:.0f} ms with empty caches"
    return Figure("a record's whole decision", f"{filled:.1f} ms", "told", True, how)
