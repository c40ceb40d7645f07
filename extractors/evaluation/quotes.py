"""How well grounding tells true quotes from falsified ones, on a file of both.

Idea: each row says which document it is about, how the quote was made, and whether it is genuine. Invariant: the
same `page_text` and `ground` as in the product; the index of a page counts into the time.
"""

import json
from pathlib import Path
from time import perf_counter
from typing import Any

from extractors.grounding.quote_check import ground
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import page_text
from scoring.claims import Evidence
from scoring.errors import BadInput


def evaluate_quotes(file: Path, documents_folder: Path) -> dict[str, Any]:
    """Counts over rows `{"document", "kind", "stands", "quote"}`; `document` is relative to the folder."""
    pages: dict[str, PageText] = {}
    rows: list[tuple[str, bool, bool]] = []
    seconds = 0.0
    for number, row in enumerate(_rows(file), start=1):
        try:
            document, kind, genuine, quote = row["document"], row["kind"], bool(row["stands"]), row["quote"]
        except (KeyError, TypeError) as error:
            raise BadInput(f"line {number} has no {error}", subject=str(file), step="eval quotes") from error
        if document not in pages:
            place = documents_folder / document
            pages[document] = page_text(_body(place), url=place.resolve().as_uri())
        begin = perf_counter()
        rows.append((kind, genuine, isinstance(ground(quote, pages[document]), Evidence)))
        seconds += perf_counter() - begin
    true, falsified = ([accepted for _, genuine, accepted in rows if genuine is wanted] for wanted in (True, False))
    kinds = {
        name: [accepted for kind, _, accepted in rows if kind == name] for name in sorted({row[0] for row in rows})
    }
    return {
        "falsified": len(falsified),
        "falsified_accepted": sum(falsified),
        "true": len(true),
        "true_accepted": sum(true),
        "true_accepted_share": round(sum(true) / len(true), 6) if true else None,
        "per_kind": {kind: {"rows": len(some), "accepted": sum(some)} for kind, some in kinds.items()},
        "milliseconds_per_quote": round(1000 * seconds / len(rows), 4) if rows else None,
    }


def _rows(file: Path) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in _body(file).decode().splitlines() if line.strip()]
    except ValueError as error:
        raise BadInput(f"is not JSON lines: {error}", subject=str(file), step="eval quotes") from error


def _body(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", subject=str(file), step="eval quotes") from error
