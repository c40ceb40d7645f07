"""How the words that speak to an assessor were weighed, and how many addresses that were left out they tell.

    python -m benches.evidence.fit_addresses [--write]   measure by cross-validation; or write the weights

Addresses are the texts of `addresses.toml`, in our own words; what is none are the sentences of the
documents in `../shared`. A new way to speak to an assessor is added there as a text, in its words, and the weights are
fitted anew.
"""

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from benches.evidence import logistic_regression as logistic
from benches.evidence.logistic_regression import Weights
from benches.shared_data import document_folders
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
from tests.extractors.injection.changed_readmes import ATTACKS, SAFE, SAFE_LIST

TEXTS = tomllib.loads((Path(__file__).with_name("addresses.toml")).read_text(encoding="utf-8"))
FOLDS = 5
WORTH, AN_ADDRESS = 10.0, 30.0
"""How much a plain text of ours, and an address, counts against a sentence of a page."""
DESCENT = logistic.Descent(rounds=30, step=0.3, ridge=0.3, bias=-3.0, damping=1e-2, least=-1.5)
"""A word takes away at most one and a half, in log odds."""
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
    """Ours; among them the words beside each address, or they would be taken for the address."""
    return dict.fromkeys(row for text in (*TEXTS["plain"]["sentences"], SAFE, SAFE_LIST) for row in rows(text))


def plain_rows() -> list[Row]:
    """Sentences that are no address: our own, which are hard to tell, and those of the documents in `../shared`."""
    found = own_plain()
    for folder in document_folders():
        for item in documents_in(folder):
            try:
                page = page_text(item.body or b"", url=f"file:{item.path}")
            except NoText:
                continue
            found |= dict.fromkeys(rows(page.text, [block.end for block in page.blocks]))
    return list(found)


def fit(spoken: Sequence[Row], plain: Sequence[Row]) -> tuple[Weights, float]:
    """Weights by feature, and the bias; the addresses are spread evenly among the other sentences."""
    of_addresses = Counter(name for row in spoken for name in row)
    counts = of_addresses + Counter(name for row in plain for name in row)
    weighed = {name for name, count in counts.items() if of_addresses[name] > 1 or count >= FEWEST}
    labelled = [logistic.Row(_values(row, weighed), True, AN_ADDRESS) for row in spoken]
    every = max(1, len(plain) // len(spoken))
    ours = own_plain()
    mixed: list[logistic.Row] = []
    for number, row in enumerate(plain):
        mixed.append(logistic.Row(_values(row, weighed), False, WORTH if row in ours else 1.0))
        if number % every == 0:
            mixed += labelled[number // every : number // every + 1]
    return logistic.fit(mixed, DESCENT)


def _values(row: Row, weighed: Collection[str]) -> tuple[tuple[str, float], ...]:
    return tuple((name, 1.0) for name in row if name in weighed)


def weight(row: Row, weights: Weights, bias: float) -> float:
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
            right = sum(100 * one >= least for one in spoken) / len(spoken)
            wrong = sum(100 * one >= least for one in other) / len(other)
            print(
                f"  {name} from {least}: {100 * right:.1f} % of addresses left out, {100 * wrong:.2f} % of the others"
            )
        return
    weights, bias = fit([row for text in texts for row in text], plain)
    whole = {name: round(100 * one) for name, one in sorted(weights.items()) if abs(one) >= 0.05}
    content = {"bias": round(100 * bias), "features": whole}
    WEIGHTS.write_text(json.dumps(content, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"wrote {len(whole)} weights")


if __name__ == "__main__":
    main()
