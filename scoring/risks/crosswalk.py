"""Ids beside the ten core risks: the number in OWASP AIVSS 0.8, and the OWASP agentic top ten of 2026 (ASI).

Idea: published mappings differ, so an id is shown with the name of the mapping that gave it. Invariant: a risk has the
ids whose primary risk it is; where it is none's, those that name it among others.
"""

from functools import cache

from scoring.vocabulary import CoreRisk

MAPPING = "assay-aivss-asi-1"
"""Name of this mapping; OWASP's own bridge of February 2026 differs from it on ASI05, ASI07, ASI09 and ASI10."""

_ASI: tuple[tuple[int, ...], ...] = (
    (10, 6, 7),
    (1, 4, 7),
    (2, 5, 9),
    (8, 1, 4),
    (1, 2, 7),
    (6, 10, 3),
    (4, 2, 5),
    (3, 4, 6),
    (5, 10, 2),
    (2, 9, 10),
)
"""ASI01 to ASI10: the core risks by number, the primary one first."""


@cache
def ids(risk: CoreRisk) -> tuple[str, ...]:
    """`AIVSS-1`, `ASI02`, `ASI05`."""
    number = tuple(CoreRisk).index(risk) + 1
    primary = [place for place, risks in enumerate(_ASI, 1) if risks[0] == number]
    others = [place for place, risks in enumerate(_ASI, 1) if number in risks]
    return (f"AIVSS-{number}", *(f"ASI{place:02}" for place in primary or others))
