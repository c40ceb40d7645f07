"""`python -m benches.likely.reference_class`: counts the class of likely ranges and writes it to `data/reference/`.

Idea: counts by kind and one fitted number, the share of cases in which all unknowns go together; it is the smallest, in
steps of a twentieth, with which the ranges of the counted products keep 80 of 100 scores when each of them is left out
with its twins and masked as real readings leave things unknown. Invariant: facts and figures only, no word of a page.
"""

from __future__ import annotations

import json
import statistics
import sys
from fractions import Fraction

from benches.likely.reference_products import (
    Product,
    agents,
    class_without,
    counts_of,
    hidings,
    servers,
    tenths,
    unknowns,
)
from extractors.reference_classes import CURRENT, FOLDER
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline import score_bounds
from scoring.likely.likely_range import likely

ABOUT = (
    "How often products of each kind were found to have each value: a reference class, neither a census nor the truth. "
    "Facts and figures only. Read by extractors/reference_classes.py, written by benches/reference_class.py."
)
STEPS = 20


def main() -> None:
    counted = [product for product in agents() if product.counted]
    tools = [product for product in servers() if product.counted]
    table = {
        "about": ABOUT,
        "origins": [
            {
                "products": len(counted),
                "of": "every second of 40 agents of a public directory, by name",
                "gives": "the factors and facts that a strong reader could quote, and the ten factors that the "
                "directory published",
            },
            {
                "products": len(tools),
                "of": "every second of 40 MCP servers whose tools catalogues list, by name",
                "gives": "where it runs; whether its tools execute, change and spend, in the grade of the built-in "
                "reading",
            },
        ],
        "together": str(fitted(counted, tools)),
        "counts": {
            str(unknown): {str(kind): dict(sorted(found.items())) for kind, found in sorted(by_kind.items())}
            for unknown, by_kind in sorted(counts_of((*counted, *tools)).items())
        },
    }
    text = json.dumps(table, indent=1, ensure_ascii=False) + "\n"
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{CURRENT}.json").write_text(text, encoding="utf-8")
    sys.stdout.write(f"{CURRENT}: together in {table['together']} of the cases\n")


def fitted(counted: list[Product], tools: list[Product]) -> Fraction:
    """The smallest share that keeps 80 of 100."""
    return next(
        share
        for share in (Fraction(step, STEPS) for step in range(STEPS + 1))
        if share == 1 or coverage(counted, tools, share) >= 0.8
    )


def coverage(counted: list[Product], tools: list[Product], share: Fraction) -> float:
    """The mean over masks like strong and like built-in readings."""
    profile = profile_named(HEADLINE)
    kept = []
    for patterns in (
        [unknowns(product.reading) for product in counted],
        [unknowns(product.built_in) for product in counted],
    ):
        inside = []
        for product in counted:
            reference = class_without(product, (*counted, *tools), share)
            for hidden in hidings(product, patterns):
                ends = likely(hidden.given, profile, reference)
                score = tenths(score_bounds.estimated(hidden.whole, profile).figures.aivss)
                inside.append(tenths(ends.low) <= score <= tenths(ends.high))
        kept.append(statistics.mean(inside))
    return statistics.mean(kept)


if __name__ == "__main__":
    main()
