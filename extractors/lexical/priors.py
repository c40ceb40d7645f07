"""What is known of a product before a word of it is read: its kind.

Idea: `(n × kind mean + 3 × overall mean) / (n + 3)`, with the kind means of the agreement agents and the overall means
of 235 published records. Invariant: a prior is there for every kind and every factor.
"""

import json
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

from extractors.pages.snapshot import sha256
from scoring.claims import TENTH
from scoring.vocabulary import AgentKind, RiskFactor

PRIORS_FILE = Path(__file__).resolve().parents[2] / "data" / "priors.json"


@cache
def _table() -> dict[AgentKind, dict[RiskFactor, Decimal]]:
    kinds = json.loads(PRIORS_FILE.read_bytes())["kinds"]
    return {kind: {factor: Decimal(kinds[kind][factor]) for factor in RiskFactor} for kind in AgentKind}


@cache
def priors_digest() -> str:
    """Goes into the completion key, so that new priors give new replies."""
    return sha256(PRIORS_FILE.read_bytes())


def prior(kind: AgentKind, factor: RiskFactor) -> Decimal:
    """In tenths, half up."""
    return _table()[kind][factor].quantize(TENTH, ROUND_HALF_UP)
