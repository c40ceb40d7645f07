"""How the weights of the support stage were fitted, and how well verdicts hold on products left out.

    python -m benches.evidence.fit_support SHARED LABELS…          measure: cross-validated, and on the report half
    python -m benches.evidence.fit_support SHARED LABELS… --write  and write data/support/weights.json

LABELS are JSON lines: `product`, `claim`, `value`, `known` (stated, inferred, mapped), `made_by` (model, built-in or
another word), `quotes` or `quote`, `label` (supports, weak, off), and what is known of the place: `heading`,
`before`, `block`, `own`; `unseen` if its sentence was not in sight when the topic table was written. To label more:
one line a claim, judged by reading the words, the claim and the definitions in prompts/assess.md, never by a program;
take claims from products of the tuning half or from other collections.

Idea: the agreement agents are split by name: every second one, from the first, may be tuned to; the others are only
reported on. Weights are a logistic regression (ridge, AdaGrad, fixed order) in plain arithmetic. Cross-validation
leaves products out, but the topic table was written with carried sentences in sight, so on these its cues are found
more often than on a page that nobody saw. Hence part of their cues is withheld in fitting (see `WITHHELD`); figures
of the tuning half still flatter, those of the report half do not.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import product
from pathlib import Path

from benches.evidence.support_labels import Example, Row, halves, read
from extractors.support import Support, Verdict, support
from extractors.support.model import WEIGHTS, fitted, kind_of_claim
from extractors.support.passage import folded
from extractors.support.steps import step
from scoring.vocabulary import Certainty

RIDGE = 8.0
ROUNDS = 40
STEP = 0.4
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


def fit(examples: Sequence[Example]) -> tuple[dict[str, float], float]:
    """Weights by feature and the bias: ridge logistic regression by AdaGrad, the same bits for the same order."""
    weights: dict[str, float] = {}
    squares: dict[str, float] = {}
    bias, bias_square = 0.0, 1e-6
    rows = [
        (
            share * WORTH.get(each.made_by, 1.0),
            (*row, (f"{MADE_BY}{each.made_by} {kind_of_claim(each.claim)}", 1.0)),
            each.label == "supports",
        )
        for each in examples
        for share, row in each.variants
    ]
    visits = Counter(name for _, row, _ in rows for name, x in row if x)
    for turn in range(ROUNDS):
        for worth, row, carried in rows if turn % 2 == 0 else reversed(rows):
            total = score(weights, bias, row)
            error = worth * (1 / (1 + math.exp(-max(-30.0, min(30.0, total)))) - carried)
            bias_square += error * error
            bias -= STEP * error / math.sqrt(bias_square)
            for name, x in row:
                if x == 0.0:
                    continue
                weight = weights.get(name, 0.0)
                slope = error * x + RIDGE / visits[name] * weight
                square = squares.get(name, 1e-2) + slope * slope
                squares[name] = square
                weights[name] = weight - STEP * slope / math.sqrt(square)
    return {name: weight for name, weight in weights.items() if not name.startswith(MADE_BY)}, bias


def score(weights: dict[str, float], bias: float, row: Row) -> float:
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
    for bar, kept in KEPT.items():
        kind, known = bar.split()
        carried = sorted(
            s
            for each, s in scored
            if each.label == "supports"
            and kind_of_claim(each.claim) == kind
            and each.made_by in STRONG
            and (kind == "layer" or str(each.certainty) == known)
        )
        found[bar] = carried[int((1 - kept) * len(carried))]
    return found


def auc(pairs: Iterable[tuple[float, bool]]) -> float:
    """Share of pairs of a carried and another claim in which the carried one scores higher."""
    ranked = sorted(pairs)
    good = sum(label for _, label in ranked)
    if not 0 < good < len(ranked):
        return math.nan
    ranks = sum(rank for rank, (_, label) in enumerate(ranked, start=1) if label)
    return (ranks - good * (good + 1) / 2) / (good * (len(ranked) - good))


def judged(each: Example) -> Support:
    value: Decimal | str = Decimal(each.value) if kind_of_claim(each.claim) == "factor" else each.value
    return support(each.claim, value, each.certainty, each.passage, each.product)


def table(examples: Sequence[Example], title: str) -> None:
    """Of each group: claims before, share carried before; after the stage share carried and off, and what is lost."""
    verdicts = [(each, judged(each)) for each in examples]
    print(f"\n{title}: claims, carried %  ->  kept, carried %, off %; carried claims lost %")
    sorts = ("", "factor", "layer", "fact", *map(str, (Certainty.STATED, Certainty.INFERRED)))
    for maker, sort in product(("model", "built-in"), sorts):
        name, made = ", ".join(filter(None, (maker, sort))), [pair for pair in verdicts if pair[0].made_by == maker]
        mine = [(e, v) for e, v in made if sort in ("", kind_of_claim(e.claim), str(e.certainty))]
        good = [verdict for each, verdict in mine if each.label == "supports"]
        kept = [each for each, verdict in mine if verdict.verdict is Verdict.CARRIES]
        lost = sum(verdict.verdict is not Verdict.CARRIES for verdict in good)
        if not mine or not good:
            continue
        share = sum(each.label == "supports" for each in kept) / max(1, len(kept))
        off = sum(each.label == "off" for each in kept) / max(1, len(kept))
        print(
            f"  {name:20} {len(mine):4} {100 * len(good) / len(mine):3.0f}  ->  {len(kept):4} {100 * share:3.0f} "
            f"{100 * off:3.0f};  {100 * lost / len(good):3.0f}"
        )
    for known in Certainty.STATED, Certainty.INFERRED:
        after = [
            each
            for each, v in verdicts
            if v.verdict is Verdict.CARRIES and v.certainty is known and each.made_by == "model"
        ]
        share = sum(each.label == "supports" for each in after) / max(1, len(after))
        print(f"  model, {known} after the stage: {len(after)}, carried {100 * share:.0f} %")
    lowered = [each.label for each, v in verdicts if v.verdict is Verdict.CARRIES and v.certainty is not each.certainty]
    print(
        f"  stated lowered to inferred: {len(lowered)}, of which not carried as stated: "
        f"{sum(label != 'supports' for label in lowered)}"
    )


def steps_table(examples: Sequence[Example]) -> None:
    """Of each step of reasoning: claims to which it applies, and how many of them a reader calls carried."""
    applied: dict[tuple[str, str], dict[tuple[str, str], bool]] = {}
    for each in examples:
        text = folded(each.passage.sentence)
        found = step(each.claim, each.value, text)
        if found is not None:
            applied.setdefault((each.claim, found[0]), {})[each.value, text] = each.label == "supports"
    print("\nsteps: claims that they apply to, carried")
    for (claim, name), labels in sorted(applied.items()):
        print(f"  {claim}: {name}: {len(labels)}, {sum(labels.values())}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("shared", type=Path)
    parser.add_argument("labels", type=Path, nargs="+")
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    tuned, reported = halves(arguments.shared)
    everything = [each for file in arguments.labels for each in read(file, reported)]
    training = [each for each in everything if each.product not in reported]
    report = [each for each in everything if each.product in reported]
    print(f"{len(training)} labels to fit, {len(report)} to report on")
    scores = left_out(training)
    for maker in sorted({each.made_by for each in training}):
        pairs = [(s, e.label == "supports") for e, s in zip(training, scores, strict=True) if e.made_by == maker]
        print(f"  left-out products, {maker}: AUC {auc(pairs):.3f} of {len(pairs)}")
    weights, bias = fit(training)
    for maker in ("model", "built-in"):
        pairs = [(score(weights, bias, e.row), e.label == "supports") for e in report if e.made_by == maker]
        print(f"  report half, {maker}: AUC {auc(pairs):.3f} of {len(pairs)}")
    if arguments.write:
        kept = {name: round(w, 2) for name, w in sorted(weights.items()) if abs(w) >= SMALLEST}
        limits = {name: round(limit, 2) for name, limit in thresholds(training, scores).items()}
        WEIGHTS.write_text(
            json.dumps({"bias": round(bias, 3), "carries": limits, "weights": kept}, indent=0, ensure_ascii=False)
            + "\n",
            encoding="utf-8",
        )
        fitted.cache_clear()
        print(f"wrote {len(kept)} weights, thresholds {limits}")
    table([each for each in training if each.product in tuned], "tuning half (fitted to)")
    steps_table(training)
    table(report, "report half")


if __name__ == "__main__":
    main()
