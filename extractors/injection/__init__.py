"""Text on a page that talks to its assessor: found, reported, and no evidence."""

from extractors.injection.detection import (
    INJECTION,
    assessor_spans,
    findings,
    is_spoken,
    spoken_spans,
    stands_only_in_hostile_text,
)

__all__ = ["INJECTION", "assessor_spans", "findings", "is_spoken", "spoken_spans", "stands_only_in_hostile_text"]
