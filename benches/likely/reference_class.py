"""`python -m benches.likely.reference_class`: counts the class of likely ranges and writes it to `data/reference/`.

Idea: counts by kind and one fitted number, the share of cases in which all unknowns go together; it is the smallest, in
steps of a twentieth, with which the ranges of the counted products keep 80 of 100 scores when each of them is left out
with its twins and masked as real readings leave things unknown. Invariant: facts and figures only, no word of a page.
"""

import json
import statistics
import sys
from fractions import Fraction

from benches.likely.reference_products import Product, agents, counts_of, draws, servers, unknowns
from extractors.reference_classes import CURRENT, FOLDER

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
    every = (*counted, *tools)
    strong, built_in = ([unknowns(p.reading) for p in counted], [unknowns(p.built_in) for p in counted])
    return statistics.mean(
        statistics.mean(draw.inside for draw in draws(counted, every, masks, share)) for masks in (strong, built_in)
    )


if __name__ == "__main__":
    main()
