"""Judged claims as rows of features, as `fit_support` reads them: one JSON line a claim.

Invariant: which cues of a carried sentence are withheld is decided by a hash, so that the same labels give the same
rows.
"""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple

from extractors.pages.page_text import BlockKind
from extractors.support import Passage
from extractors.support.forms import forms
from extractors.support.model import features
from extractors.support.passage import folded
from extractors.support.steps import matching_steps
from extractors.support.topics import CueMatch, cue_matches, distance, topic_words
from scoring.vocabulary import Certainty

WITHHELD = {"outright": 0.25, "all": 0.2}
"""Of carried sentences that a cue of the right value meets: share taken for touching on it only, and for not met at
all. Measured on 113 carried claims of products that the table had not seen: 50 % were met outright, 24 % not at all."""

Row = tuple[tuple[str, float], ...]


class Example(NamedTuple):
    product: str
    claim: str
    value: str
    certainty: Certainty
    made_by: str
    passage: Passage
    label: str
    row: Row
    """As a page that nobody saw may show it: a hash decides what is withheld."""
    variants: tuple[tuple[float, Row], ...]
    """What is fitted to: shares and rows, with the cues as they are and with part of them withheld."""


def read(file: Path, reported: Collection[str]) -> list[Example]:
    return [
        _example(json.loads(line), reported) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
    ]


def _example(line: dict[str, Any], reported: Collection[str]) -> Example:
    quote = str(line.get("quote") or line["quotes"][0])
    passage = Passage(
        quote,
        heading=str(line.get("heading", "")),
        before=str(line.get("before", "")),
        kind=BlockKind(line.get("block", "paragraph")),
        own_instructions=bool(line.get("own")),
    )
    certainty = Certainty.INFERRED if line["known"] == "inferred" else Certainty.STATED
    claim, value = str(line["claim"]), str(line["value"])
    shape = sorted(forms(passage, str(line["product"])))
    found = cue_matches(claim, folded(quote))
    touched = topic_words(claim, folded(quote))
    steps = matching_steps(claim, folded(quote))

    def row(withheld: str) -> Row:
        left = _withheld(found, value, withheld)
        return tuple(features(claim, value, str(certainty), left, touched, steps, shape))

    variants: tuple[tuple[float, Row], ...] = ((1.0, row("")),)
    shown = variants[0][1]
    if line["label"] == "supports" and line["product"] not in reported and not line.get("unseen"):
        shares = {"": 1 - sum(WITHHELD.values()), **WITHHELD}
        variants = tuple((share, row(withheld)) for withheld, share in shares.items())
        shown = row(_drawn(f"{claim} {value} {quote}"))
    return Example(
        str(line["product"]),
        claim,
        value,
        certainty,
        str(line["made_by"]),
        passage,
        str(line["label"]),
        shown,
        variants,
    )


def _drawn(key: str) -> str:
    """By a hash, so that every run withholds the same."""
    place = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") / 2**32
    for withheld, share in WITHHELD.items():
        if place < share:
            return withheld
        place -= share
    return ""


def _withheld(found: tuple[CueMatch, ...], value: str, withheld: str) -> tuple[CueMatch, ...]:
    """What is said, with the cues that carry the value taken out or taken for touching on it only."""
    if withheld == "all":
        return tuple(each for each in found if distance(each.cue, value) > 0)
    if withheld == "outright":
        return tuple(each._replace(plain=False) if distance(each.cue, value) == 0 else each for each in found)
    return found
