"""The dated badge of one agent, and its short summary.

Invariants: a badge says the number, the band and the day it was reviewed, so that an old copy shows its age. A summary
calls risk *risk*: readers that gate on `score >= N`, where high is good, find no `score` to be wrong about.
"""

from html import escape
from typing import Any

from publishing.catalogue import Names
from publishing.formats.json_text import json_bytes, number
from publishing.pages.escaping import clip, day, plain, stamp
from publishing.pages.index_rows import Row
from scoring import labels
from scoring.claims import claim_count
from scoring.record import PublishedRecord
from scoring.vocabulary import FACTOR_TITLES, LAYER_TITLES

_COLOURS = {"None": "#4f5b66", "Low": "#2c6e49", "Medium": "#7a5000", "High": "#9d3a10", "Critical": "#9b1c31"}
_NARROW = set("iljt.,:;'|!()[] fr1I-")


def _width(text: str) -> int:
    """Pixels at 11 px, near enough; `textLength` holds the text to it."""
    return round(sum(4.2 if c in _NARROW else 7.0 for c in text))


def badge(row: Row, names: Names) -> bytes:
    """`Assay | 8.3 High (6.5 to 10.0, likely 7.0 to 9.1, ask) · 2026-11-21` as SVG."""
    left = clip(plain(names.title), 40)
    if not row.live:
        right, colour = "withdrawn", _COLOURS["None"]
    else:
        right = f"{row.verdict} ({row.outlook}) · {row.reviewed[:10]}"
        colour = _COLOURS[row.band or "None"]
    first, second = _width(left) + 16, _width(right) + 16
    whole = first + second
    label = escape(f"{left}: {right}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="22" role="img" aria-label="{label}">\n'
        f"<title>{label}</title>\n"
        f'<rect width="{whole}" height="22" rx="4" fill="{colour}"/>\n'
        f'<path d="M4 0h{first - 4}v22H4a4 4 0 0 1-4-4V4a4 4 0 0 1 4-4z" fill="#2a3238"/>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f'<text x="8" y="15" textLength="{first - 16}" lengthAdjust="spacingAndGlyphs">{escape(left)}</text>\n'
        f'<text x="{first + 8}" y="15" textLength="{second - 16}" lengthAdjust="spacingAndGlyphs">'
        f"{escape(right)}</text>\n"
        "</g>\n</svg>\n"
    ).encode()


def summary(record: PublishedRecord, row: Row, names: Names) -> bytes:
    """`{date, subject, tool, risk, possible, likely, firm, advice, checks, …}`; null where nothing is known."""
    headline = record.assessment.headline
    method = f"{names.base_url}/methodology.html"
    factors: list[dict[str, Any]] = [
        {
            "name": FACTOR_TITLES[claim.factor],
            "risk": number(claim.value * 10),
            "reason": labels.known(claim),
            "details": [evidence.quote for evidence in claim.evidence],
            "documentation": {"short": "AIVSS risk factor, 0 to 10", "url": f"{method}#{claim.factor}"},
        }
        for claim in record.extraction.factors
    ]
    layers: list[dict[str, Any]] = [
        {
            "name": f"{layer.layer} {LAYER_TITLES[layer.layer]}",
            "reason": labels.known(layer),
            "details": [evidence.quote for evidence in layer.evidence],
            "documentation": {"short": "MAESTRO layer, described and not scored", "url": f"{method}#layers"},
        }
        for layer in record.extraction.layers
    ]
    return json_bytes(
        {
            "date": day(record.reviewed_at),
            "subject": {
                "id": record.id,
                "name": record.extraction.name,
                "url": f"{names.base_url}/agents/{record.slug}.html",
                "record": row.digest,
                "repository": record.repository,
                "modified": stamp(record.modified),
            },
            "tool": {"name": "assay", "version": record.assessment.provenance.tool},
            "risk": None if headline.score is None else number(headline.score),
            "withheld": headline.withheld,
            "band": row.band,
            "possible": [number(headline.low), number(headline.high)],
            "likely": [number(record.likely.low), number(record.likely.high)] if record.likely else None,
            "firm": record.firm,
            "advice": row.advice or None,
            "claims": claim_count(record.extraction).model_dump(),
            "state": list(row.marks),
            "direction": "higher is riskier",
            "checks": [*factors, *layers],
        }
    )
