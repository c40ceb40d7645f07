"""Claims and their quotes as they are put before a reader who does not see the maker, and what such readers said.

Invariant: a judgement counts for a claim only where value, first quote and certainty are those that were judged.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from benches.evidence.record_folder import value_of
from extractors.support.model import kind_of_claim
from scoring.claims import Extraction, LayerAssessment

LABELS = ("supports", "weak", "off")
NOT_JUDGED = "not judged"


class Quoted(NamedTuple):
    """A known claim that rests on a quote."""

    slug: str
    claim: str
    value: str
    known: str
    quotes: tuple[str, ...]


def quoted_claims(extraction: Extraction) -> Iterator[Quoted]:
    for path, claim in extraction.claims.items():
        if claim.reason is None and claim.evidence:
            known = str(claim.status if isinstance(claim, LayerAssessment) else claim.certainty)
            quotes = tuple(each.quote for each in claim.evidence)
            yield Quoted(extraction.slug, path.partition(".")[2], value_of(claim), known, quotes)


def write_questions(file: Path, extractions: Iterable[Extraction]) -> Path:
    """One line a claim, in an order that tells no maker; product and makers go into the key beside it."""
    makers: dict[Quoted, list[str]] = {}
    for extraction in extractions:
        for claim in quoted_claims(extraction):
            makers.setdefault(claim, []).append(f"{extraction.assessor}, {extraction.prompt}")
    questions = sorted(makers, key=lambda claim: sha256(repr(claim).encode()).digest())
    shown = [{"id": n} | {k: v for k, v in claim._asdict().items() if k != "slug"} for n, claim in enumerate(questions)]
    hidden = [{"id": n, "slug": claim.slug, "made_by": makers[claim]} for n, claim in enumerate(questions)]
    key = file.with_suffix(".key.jsonl")
    for path, rows in ((file, shown), (key, hidden)):
        path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")
    return key


def judged(claims: Iterable[Quoted], labels: Path, key: Path | None) -> list[dict[str, Any]]:
    """By kind and certainty: how many of the claims were judged, and what was said of those."""
    judgements = _labels(labels, {row["id"]: row for row in _lines(key)} if key else {})
    groups: dict[tuple[str, str], Counter[str]] = {}
    for claim in claims:
        group = groups.setdefault((kind_of_claim(claim.claim), claim.known), Counter())
        place = claim.slug, claim.claim, claim.value
        label, known = judgements.get((*place, claim.quotes[0])) or judgements.get((*place, "")) or ("", "")
        group.update(["claims", *([label] if label and known in ("", claim.known) else [])])
    return [_row(*of, group) for of, group in sorted(groups.items())]


def _row(kind: str, certainty: str, group: Counter[str]) -> dict[str, Any]:
    counts = {label: group[label] for label in LABELS}
    total = sum(counts.values())
    share = f"{100 * counts['supports'] / total:.0f} %" if total else NOT_JUDGED
    row = {"kind": kind, "certainty": certainty, "claims": group["claims"], "judged": total}
    return row | counts | {"share carried": share}


def _labels(file: Path, key: dict[int, dict[str, Any]]) -> dict[tuple[str, str, str, str], tuple[str, str]]:
    """Label, and the certainty it was given for, by slug, claim, value and first quote; empty where none is named."""
    found = {}
    for row in _lines(file):
        slug = row.get("slug") or row.get("product") or key.get(row.get("id", -1), {}).get("slug")
        if not slug or row.get("label") not in LABELS:
            why = f"its label is {', '.join(LABELS)}, its slug its own or by --key"
            raise SystemExit(f"{file}: {why}: {json.dumps(row, ensure_ascii=False)[:200]}")
        place = slug, str(row["claim"]).rpartition(".")[2], str(row["value"]), next(iter(row.get("quotes", ())), "")
        found[place] = row["label"], str(row.get("known", ""))
    return found


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
