"""How the weights of the support stage were fitted, and how well verdicts hold on products left out.

    python -m benches.evidence.fit_support LABELS…          measure the stage on both halves
    python -m benches.evidence.fit_support LABELS… --write  and write data/support/weights.json

LABELS are JSON lines: `product`, `claim`, `value`, `known` (stated, inferred, mapped), `made_by` (model, built-in or
another word), `quotes` or `quote`, `label` (supports, weak, off), and what is known of the place: `heading`,
`before`, `block`, `own`; `unseen` if its sentence was not in sight when the topic table was written. To label more:
one line a claim, judged by reading the words, the claim and the definitions in prompts/assess.md, never by a program;
take claims from products of the tuning half or from other collections.

Idea: the agreement agents are split by name: every second one, from the first, may be tuned to; the others are only
reported on. Limits are set by cross-validation, which leaves products out, but the topic table was written with
carried sentences in sight, so on these its cues are found more often than on a page that nobody saw. Hence part of
their cues is withheld in fitting (see `WITHHELD`); figures of the tuning half still flatter, those of the report half
do not.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path

from benches.evidence import logistic_regression as logistic
from benches.evidence.logistic_regression import Weights
from benches.evidence.support_labels import Example, Row, read
from benches.shared_data import agreement_folders
from extractors.support import Support, Verdict, support
from extractors.support.model import WEIGHTS, fitted, kind_of_claim
from scoring.vocabulary import Certainty

DESCENT = logistic.Descent(rounds=40, step=0.4, ridge=8.0)
SMALLEST = 0.01
"""Weights below it are left out."""
FOLDS = 8
WORTH = {
    "reading": 3.0,
    "model": 1.5,
    "authored": 1.5,
    "fresh": 1.5,
    "synthetic": 0.8,
    "built-in": 0.3,
    "chosen": 0.3,
    "sampled": 0.3,
}
"""How much a label counts, by where its claim came from: what the stage judges most is what a strong reader offers, and
`reading` is one by the rubric of today, `model` by the first."""
STRONG = ("reading", "authored", "fresh")
"""Claims as a strong reader offers them: of the agreement agents, and of other products by hand."""
MADE_BY = "made by "
"""Each maker is right with another share of its claims, whatever their words. In fitting each has a number of its own
for that by kind of claim, which is left out of the weights that are written: a bar makes up for it."""
KEPT = {
    "factor stated": 0.95,
    "factor inferred": 0.9,
    "layer stated": 0.99,
    "layer inferred": 0.99,
    "fact stated": 0.975,
    "fact inferred": 0.985,
}
"""Share of carried claims of strong readings whose cross-validated score has to pass. A statement that does not pass
is tried as an inference, so its bar may be high without losing it; a layer is mapped or not, nothing lower is tried.
With the share of inferred factors, of claims of readings whose products were left out, 87 % of what passes are carried
and 0.3 % off."""


def fit(examples: Sequence[Example]) -> tuple[Weights, float]:
    """Weights by feature and the bias."""
    rows = [
        logistic.Row(
            (*row, (f"{MADE_BY}{each.made_by} {kind_of_claim(each.claim)}", 1.0)),
            each.label == "supports",
            share * WORTH.get(each.made_by, 1.0),
        )
        for each in examples
        for share, row in each.variants
    ]
    weights, bias = logistic.fit(rows, DESCENT)
    return {name: weight for name, weight in weights.items() if not name.startswith(MADE_BY)}, bias


def score(weights: Weights, bias: float, row: Row) -> float:
    return bias + sum(weights.get(name, 0.0) * x for name, x in row)


def left_out(examples: Sequence[Example]) -> list[float]:
    """The score of each example by weights that never saw its product."""
    products = sorted({each.product for each in examples})
    fold = {product: number % FOLDS for number, product in enumerate(products)}
    scores = [0.0] * len(examples)
    for part in range(FOLDS):
        weights, bias = fit([each for each in examples if fold[each.product] != part])
        for number, each in enumerate(examples):
            if fold[each.product] == part:
                scores[number] = score(weights, bias, each.row)
    return scores


def thresholds(examples: Sequence[Example], scores: Sequence[float]) -> dict[str, float]:
    """By kind of claim: where enough of what strong readings carry passes."""
    found: dict[str, float] = {}
    scored = [*zip(examples, scores, strict=True)]
    for bar, passing in KEPT.items():
        kind, known = bar.split()
        carried = sorted(
            s
            for each, s in scored
            if each.label == "supports"
            and kind_of_claim(each.claim) == kind
            and each.made_by in STRONG
            and (kind == "layer" or str(each.certainty) == known)
        )
        found[bar] = carried[int((1 - passing) * len(carried))]
    return found


def judged(each: Example) -> Support:
    value: Decimal | str = Decimal(each.value) if kind_of_claim(each.claim) == "factor" else each.value
    return support(each.claim, value, each.certainty, each.passage, each.product)


def table(examples: Sequence[Example], title: str) -> None:
    """Of each group: claims before, share carried before; after the stage share carried and off, and what is lost."""
    verdicts = [(each, judged(each)) for each in examples]
    print(f"\n{title}: claims, carried %  ->  kept, carried %, off %; carried claims lost %")
    sorts = ("", "factor", "layer", "fact", *map(str, (Certainty.STATED, Certainty.INFERRED)))
    for maker, sort in product(("model", "built-in"), sorts):
        group = [
            (each.label, verdict.verdict is Verdict.CARRIES)
            for each, verdict in verdicts
            if each.made_by == maker and sort in ("", kind_of_claim(each.claim), str(each.certainty))
        ]
        counts = Counter(group)
        good, passing = Counter(label for label, _ in group)["supports"], sum(passes for _, passes in group)
        if good:
            shares = [
                good / len(group),
                counts["supports", True] / max(1, passing),
                counts["off", True] / max(1, passing),
                counts["supports", False] / good,
            ]
            carried, after, off, lost = (f"{100 * share:3.0f}" for share in shares)
            name = ", ".join(filter(None, (maker, sort)))
            print(f"  {name:20} {len(group):4} {carried}  ->  {passing:4} {after} {off};  {lost}")
    lowered = [each.label for each, v in verdicts if v.verdict is Verdict.CARRIES and v.certainty is not each.certainty]
    print(f"  stated lowered to inferred: {len(lowered)}, of which carried as stated: {lowered.count('supports')}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    tuned, reported = ({folder.name for folder in agreement_folders()[first::2]} for first in (0, 1))
    everything = [each for file in arguments.labels for each in read(file, reported)]
    training = [each for each in everything if each.product not in reported]
    report = [each for each in everything if each.product in reported]
    print(f"{len(training)} labels to fit, {len(report)} to report on")
    if arguments.write:
        weights, bias = fit(training)
        passing = {name: round(w, 2) for name, w in sorted(weights.items()) if abs(w) >= SMALLEST}
        limits = {name: round(limit, 2) for name, limit in thresholds(training, left_out(training)).items()}
        WEIGHTS.write_text(
            json.dumps({"bias": round(bias, 3), "carries": limits, "weights": passing}, indent=0, ensure_ascii=False)
            + "\n",
            encoding="utf-8",
        )
        fitted.cache_clear()
        print(f"wrote {len(passing)} weights, thresholds {limits}")
    table([each for each in training if each.product in tuned], "tuning half (fitted to)")
    table(report, "report half")


if __name__ == "__main__":
    main()
