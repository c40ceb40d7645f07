"""What the scorer gives for one extraction: the headline with its range, the ten risks, attack paths, versions.

Idea: a score carries everything that a reader needs to recompute it by hand. Invariant: a withheld headline is a state
with a reason, never a number; the range is always there.
"""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, PlainSerializer

from scoring.claims import Digest, Framework, Frozen, added
from scoring.vocabulary import CoreRisk, ExposureFact, Severity

Exact = Annotated[Decimal, PlainSerializer(lambda d: format(d, "f"), return_type=str, when_used="json")]
"""An exact decimal; a plain string in JSON."""


class MetricRow(Frozen):
    """One CVSS 4.0 base metric: its value, the rule that gave it, and whether the rule used its default."""

    metric: str
    """AV, AC, AT, PR, UI, VC, VI, VA, SC, SI or SA."""
    value: str
    rule: str
    """The reason, one line."""
    facts: tuple[ExposureFact, ...]
    certain: bool
    """False when an unknown fact made the rule use its default."""
    safest: str
    """The metric with every unknown fact at its safest value."""
    worst: str
    """The metric with every unknown fact at its worst value."""


class Mover(Frozen):
    """An unknown, and what knowing it could do to the score."""

    unknown: str
    """A `RiskFactor` or `ExposureFact` value."""
    low: Exact
    """The score with this unknown at its safest, all else as in the headline."""
    high: Exact
    """The score with this unknown at its worst, all else as in the headline."""
    moves_band: bool


class AivssScore(Frozen):
    """One score by one formula profile, with every intermediate."""

    profile: str
    cvss_vector: str | None
    cvss_base: Exact
    metrics: tuple[MetricRow, ...] = ()
    factor_sum: Exact
    thm: Exact
    thm_reason: str = ""
    mitigation_factor: Exact
    mitigation_reason: str = ""
    aars: Exact
    """Not rounded."""
    raw: Exact
    """Not rounded."""
    score: Exact | None
    """One decimal, half up. None when withheld."""
    withheld: str | None = None
    """Why there is no headline number."""
    severity: Severity | None
    low: Exact
    high: Exact
    low_severity: Severity
    high_severity: Severity
    band_stable: bool
    """True when the whole range lies in the headline's band."""
    movers: tuple[Mover, ...] = ()
    """Largest reach first."""
    conformance: tuple[str, ...] = ()
    """Every departure from the standard, one line each."""
    aivss_vector: str | None = None
    scored: str = ""
    """The sentence that says what was scored."""


class Applicability(StrEnum):
    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    UNKNOWN = "unknown"


class RiskRow(Frozen):
    """One of the ten core risks, scored as its own scenario."""

    risk: CoreRisk
    framework: Framework | None = added()
    """None in records of schema 1.0, which are of AIVSS 0.8."""
    applicability: Applicability
    why: str
    cvss_vector: str
    cvss_base: Exact
    score: Exact | None
    """None when the risk does not apply, or when its scenario has no technical impact."""
    severity: Severity | None
    low: Exact
    high: Exact
    evidence: int = Field(ge=0)
    """The number of grounded quotes that support this row."""


class Chain(Frozen):
    """A cross-layer attack path that the same facts make possible."""

    name: str
    layers: tuple[str, ...]
    why: str
    certain: bool


class Provenance(Frozen):
    """Versions of everything that made an assessment."""

    tool: str
    """Name and version of this program."""
    rubric: str
    formula: str
    prompt: str
    model: str
    prompt_digest: Digest | None = None
    reference: str | None = added()
    """Name and digest of the reference class of the likely range; None before there was one."""


class Assessment(Frozen):
    """The scores of one extraction. A pure function of the extraction, the profile and the versions."""

    slug: str
    extraction_digest: Digest
    headline: AivssScore
    risks: tuple[RiskRow, ...]
    """Ten, in the order of `CoreRisk`."""
    maximum_risk: CoreRisk | None
    chains: tuple[Chain, ...] = ()
    provenance: Provenance
