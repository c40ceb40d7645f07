"""How the words that speak to an assessor were weighed, and how many addresses that were left out they tell.

    python -m benches.evidence.fit_addresses [--write]   measure by cross-validation; or write the weights

Addresses are the texts of `addresses.toml`, in our own words; what is none are the sentences of the
documents in `../shared`. A new way to speak to an assessor is added there as a text, in its words, and the weights are
fitted anew. Logistic regression (ridge, AdaGrad, fixed order) in plain arithmetic.
"""

from __future__ import annotations

import json
import math
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from extractors.injection.addresses import BARS, LEADS, SURELY
from extractors.injection.assessor_words import (
    DRAG,
    LIGHTEST,
    WEIGHTS,
    columns_of,
    features,
    runs,
    sentences,
    total,
    word_columns,
)
from extractors.injection.obfuscation import bare, decoded_texts
from extractors.pages.local_folder import documents_in
from extractors.pages.text_extraction import NoText, page_text
from tests.extractors.injection.changed_readmes import ATTACKS, SAFE, SAFE_LIST, folders

TEXTS = tomllib.loads((Path(__file__).with_name("addresses.toml")).read_text(encoding="utf-8"))
FOLDS = 5
ROUNDS = 30
STEP = 0.3
RIDGE = 0.3
WORTH, AN_ADDRESS = 10.0, 30.0
"""How much a plain text of ours, and an address, counts against a sentence of a page."""
LEAST = -1.5
"""What a word takes away at most, in log odds."""
FEWEST = 8
"""Sentences in which a word must stand to be weighed; of addresses, two."""
NAME = "Quay"
_WITHOUT = rf"\b{NAME}\b|\{{[A-Z]+\}}|\|"
SAFE_SENTENCES = tuple(line.removeprefix("- ").rstrip(".") for line in SAFE_LIST.splitlines())
Row = tuple[str, ...]


def rows(text: str, ends: Sequence[int] = ()) -> Iterator[Row]:
    """What is weighed of a text."""
    plain = next(decoded_texts(text)).text
    for one in sentences(plain, ends):
        if one.weight != LIGHTEST:
            yield row_of([word for word, *_ in word_columns().apart(bare(plain)[one.start : one.end])])


def row_of(words: Sequence[str]) -> Row:
    """What is weighed of the words."""
    return tuple(sorted(features(words, columns_of(words))))


def addresses() -> list[tuple[Row, ...]]:
    """Of each text in English the runs of its words, without the safe sentences beside it."""
    texts = [text for kind in (*TEXTS["speaks"].values(), ATTACKS.values()) for text in kind]
    without = re.compile("|".join([*map(re.escape, SAFE_SENTENCES), _WITHOUT]))
    found = [_runs(without.sub(_unnamed, text)) for text in texts]
    return [one for one in found if one]


def _runs(text: str) -> tuple[Row, ...]:
    plain = next(decoded_texts(text)).text
    if any(one.foreign for one in sentences(plain)):
        return ()
    words = [word for word, *_ in word_columns().apart(bare(plain))]
    return tuple(row_of(words[first:last]) for first, last in runs(len(words)))


def _unnamed(found: re.Match[str]) -> str:
    """A product's name says nothing of who is spoken to; safe sentences stand beside an address only."""
    return "it" if found[0] == NAME else ""


def own_plain() -> dict[Row, None]:
    """Ours; among them what stands beside each address, or its words would be taken for the address."""
    return dict.fromkeys(row for text in (*TEXTS["plain"]["sentences"], SAFE, SAFE_LIST) for row in rows(text))


def plain_rows() -> list[Row]:
    """Sentences that are no address: our own, which are hard to tell, and those of the documents in `../shared`."""
    found = own_plain()
    for folder in folders():
        for item in documents_in(folder):
            try:
                page = page_text(item.body or b"", url=f"file:{item.path}")
            except NoText:
                continue
            found |= dict.fromkeys(rows(page.text, [block.end for block in page.blocks]))
    return list(found)


def fit(spoken: Sequence[Row], plain: Sequence[Row]) -> tuple[dict[str, float], float]:
    """Weights by feature, and the bias."""
    told = Counter(name for row in spoken for name in row)
    seen = told + Counter(name for row in plain for name in row)
    kept = {name for name, count in seen.items() if told[name] > 1 or count >= FEWEST}
    weights, squares = dict.fromkeys(kept, 0.0), dict.fromkeys(kept, 1e-2)
    bias, bias_square = -3.0, 1e-2
    labelled = [(tuple(name for name in row if name in kept), 1.0, AN_ADDRESS) for row in spoken]
    every = max(1, len(plain) // len(spoken))
    ours = set(own_plain())
    mixed: list[tuple[Row, float, float]] = []
    for number, row in enumerate(plain):
        mixed.append((tuple(name for name in row if name in kept), 0.0, WORTH if row in ours else 1.0))
        if number % every == 0 and number // every < len(labelled):
            mixed.append(labelled[number // every])
    for turn in range(ROUNDS):
        for row, label, worth in mixed if turn % 2 == 0 else reversed(mixed):
            odds = bias + sum(weights[name] for name in row)
            error = worth * (1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - label)
            bias_square += error * error
            bias -= STEP * error / math.sqrt(bias_square)
            for name in row:
                slope = error + RIDGE / seen[name] * weights[name]
                squares[name] += slope * slope
                weights[name] = max(LEAST, weights[name] - STEP * slope / math.sqrt(squares[name]))
    return weights, bias


def weight(row: Row, weights: dict[str, float], bias: float) -> float:
    return total(bias, (weights.get(name, 0.0) for name in row), DRAG / 100)


def left_out(texts: Sequence[tuple[Row, ...]], plain: Sequence[Row]) -> tuple[list[float], list[float]]:
    """The weight of each address, and of each other sentence, by weights that never saw it."""
    spoken, other = [0.0] * len(texts), [0.0] * len(plain)
    for part in range(FOLDS):
        fitted = fit(
            [row for n, text in enumerate(texts) if n % FOLDS != part for row in text],
            [row for n, row in enumerate(plain) if n % FOLDS != part],
        )
        for n in range(part, len(texts), FOLDS):
            spoken[n] = max(weight(row, *fitted) for row in texts[n])
        for n in range(part, len(plain), FOLDS):
            other[n] = weight(plain[n], *fitted)
    return spoken, other


def main() -> None:
    texts, plain = addresses(), plain_rows()
    print(f"{len(texts)} addresses, {len(plain)} other sentences")
    if "--write" not in sys.argv:
        spoken, other = left_out(texts, plain)
        for name, least in (("bars", BARS), ("leads", LEADS), ("surely", SURELY)):
            told = sum(100 * one >= least for one in spoken) / len(spoken)
            wrong = sum(100 * one >= least for one in other) / len(other)
            print(f"  {name} from {least}: {100 * told:.1f} % of addresses left out, {100 * wrong:.2f} % of the others")
        return
    weights, bias = fit([row for text in texts for row in text], plain)
    whole = {name: round(100 * one) for name, one in sorted(weights.items()) if abs(one) >= 0.05}
    given = {"bias": round(100 * bias), "features": whole}
    WEIGHTS.write_text(json.dumps(given, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {len(whole)} weights")


if __name__ == "__main__":
    main()
