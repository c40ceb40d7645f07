"""Text on a page that talks to its assessor: found, reported, and no evidence."""

from extractors.injection.detection import (
    INJECTION,
    addresses_assessor,
    addressing_spans,
    barred_spans,
    findings,
    stands_only_in_hostile_text,
)

__all__ = [
    "INJECTION",
    "addresses_assessor",
    "addressing_spans",
    "barred_spans",
    "findings",
    "stands_only_in_hostile_text",
]
