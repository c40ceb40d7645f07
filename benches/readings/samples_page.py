"""`python -m benches.readings.samples_page`: our records of three sample products beside what a directory published.

Idea: a reader sees both point by point, and each difference above 0.2 with the sentence that ours rests on. Invariants:
the page, which quotes others, is written below `build/`, which git does not keep; what is kept beside this module is
numbers and our own words.
"""

import json
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import NamedTuple

from benches.readings.stored_readings import KEPT, completion, readings, request_of, stale
from benches.shared_data import ROOT, SHARED
from extractors.claims.extraction import extract
from extractors.claims.text_checks import without_quotations
from extractors.lexical import LexicalAssessor
from extractors.model.completion import computed
from scoring.claims import Extraction
from scoring.vocabulary import FACTOR_TITLES, LAYER_TITLES, PUBLISHED_FACTORS, LayerStatus, MaestroLayer

PAGE = ROOT / "build" / "samples" / "index.html"
NUMBERS = Path(__file__).parent / "samples.json"
FAR = Decimal("0.2")
OPENS = "Not certain from the listing"
LAYERS_BEGIN = "MAESTRO 7-layer threat model"


class Published(NamedTuple):
    """A sample page."""

    summary: str
    factors: dict[str, Decimal]
    layers: tuple[str, ...]


def published(text: str) -> Published:
    """The parts of a sample page: title, summary, a row for each factor, an introduction and seven layers."""
    lines = text.splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("|")]
    values = {row[1]: Decimal(row[2]) for row in rows}
    begin = lines.index(LAYERS_BEGIN) + 2
    factors = {str(factor): values[FACTOR_TITLES[factor]] for factor in PUBLISHED_FACTORS}
    return Published(lines[1], factors, tuple(lines[begin : begin + len(MaestroLayer)]))


def record_of(name: str) -> Extraction:
    """By the kept reading where it answers the prompt of today, else by the built-in reader."""
    request = request_of(name)
    stored = [reading for reading in readings(KEPT) if reading.agent == name and not stale([reading])]
    return extract(request, completion(stored[0], request) if stored else computed(LexicalAssessor(), request))


def numbers(ours: Extraction, theirs: Published) -> dict[str, object]:
    """What may be kept: values, flags, and our own words on each difference."""
    rows = {str(factor): ours.factor(factor) for factor in PUBLISHED_FACTORS}
    return {
        "read_by": ours.assessor,
        "factors": {name: [str(row.value), str(theirs.factors[name])] for name, row in rows.items()},
        "mapped": {
            str(layer.layer): [layer.status is LayerStatus.MAPPED, not text.startswith(OPENS)]
            for layer, text in zip(ours.layers, theirs.layers, strict=True)
        },
        "differences": {
            name: row.rationale if without_quotations(row.rationale) == row.rationale else ""
            for name, row in rows.items()
            if abs(row.value - theirs.factors[name]) > FAR
        },
    }


def section(name: str, ours: Extraction, theirs: Published) -> str:
    """One product, both records side by side."""
    rows = []
    for factor in PUBLISHED_FACTORS:
        claim, other = ours.factor(factor), theirs.factors[str(factor)]
        far = abs(claim.value - other) > FAR
        rests = "".join(f"<q>{escape(one.quote)}</q> " for one in claim.evidence) if far else ""
        why = escape(claim.rationale) if far else ""
        rows.append([FACTOR_TITLES[factor], f"{claim.value} ({claim.certainty})", str(other), f"{why} {rests}".strip()])
    for layer, text in zip(ours.layers, theirs.layers, strict=True):
        title = f"{layer.layer} {LAYER_TITLES[layer.layer]}"
        rows.append([title, f"<b>{layer.status}</b> {escape(layer.text)}", escape(text), ""])
    rows.insert(0, ["Summary", escape(ours.summary.text), escape(theirs.summary), ""])
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    head = "<tr><th></th><th>Ours</th><th>Published</th><th>Where they differ by more than 0.2</th></tr>"
    return f"<h2>{escape(ours.name)}</h2><p>Read by {escape(ours.assessor)}.</p><table>{head}{body}</table>"


def pairs() -> dict[str, tuple[Extraction, Published]]:
    """By product our record and the published page."""
    names = ("pezzo", "plexeai", "pexo")
    pages = {name: (SHARED / "samples" / f"{name}.txt").read_text(encoding="utf-8") for name in names}
    return {name: (record_of(name), published(text)) for name, text in pages.items()}


def main() -> None:
    found = pairs()
    stored = {name: numbers(*pair) for name, pair in found.items()}
    sections = [section(name, *pair) for name, pair in found.items()]
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    style = "table{border-collapse:collapse}td,th{border:1px solid;padding:.3em;vertical-align:top;max-width:30em}"
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Samples</title><style>{style}</style>'
    PAGE.write_text(f"{head}<body>{''.join(sections)}</body></html>\n", encoding="utf-8")
    NUMBERS.write_text(json.dumps(stored, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
