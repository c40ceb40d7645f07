"""The reference classes that are bundled: counts of what comparable products were found to be.

Idea: a class is a file that never changes once records name it; a new one is another file and another name, and is
adopted as a formula is: drafts made from then on name it, records made before keep theirs. Invariant: a name holds the
digest of its file, so that it can mean no other counts.
"""

import json
from fractions import Fraction
from functools import cache
from pathlib import Path

from extractors.pages.snapshot import sha256
from scoring.likely.reference_class import ReferenceClass
from scoring.vocabulary import AgentKind, ExposureFact, RiskFactor

FOLDER = Path(__file__).resolve().parents[1] / "data" / "reference"
CURRENT = "reference-1"
"""The file whose class new drafts name."""


def current() -> ReferenceClass:
    """The class of new drafts."""
    return _bundled()[CURRENT]


def named(name: str | None) -> ReferenceClass | None:
    """The class that a record names; None where it names none, or one that this version does not hold."""
    return next((bundled for bundled in _bundled().values() if bundled.name == name), None)


@cache
def _bundled() -> dict[str, ReferenceClass]:
    return {path.stem: read(path.stem, path.read_bytes()) for path in sorted(FOLDER.glob("*.json"))}


def read(stem: str, content: bytes) -> ReferenceClass:
    """A class from the bytes of its file."""
    table = json.loads(content)
    unknowns = {str(unknown): unknown for unknown in (*RiskFactor, *ExposureFact)}
    return ReferenceClass(
        name=f"{stem} {sha256(content).removeprefix('sha256:')[:12]}",
        counts={
            unknowns[unknown]: {AgentKind(kind): counts for kind, counts in by_kind.items()}
            for unknown, by_kind in table["counts"].items()
        },
        together=Fraction(table["together"]),
    )
