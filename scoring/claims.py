"""What one agent's pages were found to say: estimates, layers, exposure, each with its sentence.

Idea: an `Extraction` is everything a score may rest on, and nothing else. Invariants held by the types:
a value that is `stated` or `inferred` carries at least one grounded quote; eleven factors, seven layers
and every exposure fact are always there, in order; numbers are tenths in `Decimal`.
"""

from collections import defaultdict
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from scoring.evidence import Digest, Evidence, Finding, Frozen, RejectedQuote, SourceNotRead, SourceRead, added
from scoring.tools.inventory import Inventory
from scoring.vocabulary import (
    EXPOSURE_VALUES,
    AgentKind,
    Basis,
    Certainty,
    ExposureFact,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
    Support,
)

__all__ = ["Digest", "Evidence", "Finding", "Frozen", "RejectedQuote", "SourceNotRead", "SourceRead", "added"]

TENTH = Decimal("0.1")
_FACTORS, _FACTS = tuple(RiskFactor), tuple(ExposureFact)
CLAIMS = len(RiskFactor) + len(MaestroLayer) + len(ExposureFact)
"""Factors, layers and exposure facts of an extraction: 32."""


def _tenths(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"a factor is a tenth from 0.0 to 1.0, not {str(value)[:40]!r}") from None
    if not number.is_finite() or not 0 <= number <= 1 or number % TENTH:
        raise ValueError(f"a factor is a tenth from 0.0 to 1.0, not {value}")
    return number.quantize(TENTH)


Tenths = Annotated[Decimal, BeforeValidator(_tenths), PlainSerializer(str, return_type=str, when_used="json")]
"""0.0 to 1.0 in steps of 0.1; a string in JSON."""


class SecondOutcome(StrEnum):
    READ = "read"
    NOT_READ = "not_read"
    """It gave no usable answer: every claim stays as the first reading left it."""
    NO_CLAIMS = "no_claims"
    """Nothing rests on a sentence, so there was nothing to ask."""


class SupportVerdict(Frozen):
    """What the support check found of the quoted words."""

    verdict: Support
    rule: str
    """Id of the rule that decided."""
    why: str
    """One line for a person."""
    reader: str | None = added()
    """Who gave it where it was a second reader: model and prompt. None for the support check's own rules."""


class Framework(Frozen):
    """A standard and its version, such as MAESTRO 1."""

    name: str
    version: str


class Claim(Frozen):
    """What every claim carries: how it is known, why not, and the sentences it rests on."""

    certainty: Certainty
    reason: NotCertainReason | None = None
    """Set if and only if the certainty is `not_certain`."""
    detail: str | None = added()
    """A finer reason, see `Detail`."""
    basis: Basis | None = added()
    """What the claim rests on; None in records of schema 1.0."""
    support: SupportVerdict | None = added()
    """Whether the first quote means the claim; None where nothing was quoted."""
    rationale: str = ""
    evidence: tuple[Evidence, ...] = ()
    """At least one for `stated` and `inferred`. For `not_certain` the quotes of contradicting sources, or one that only
    hints."""
    rejected: tuple[RejectedQuote, ...] = ()

    @model_validator(mode="after")
    def _grounded(self) -> Self:
        if self.certainty is Certainty.NOT_CERTAIN:
            if self.reason is None:
                raise ValueError("a claim that is not certain needs its reason")
            if self.evidence and not _may_be_shown(self.reason, self.support):
                raise ValueError("beside a claim that is not certain stand contradicting sources or a hint only")
        else:
            if not self.evidence:
                raise ValueError(f"a claim that is {self.certainty} needs a grounded quote")
            if self.support is not None and self.support.verdict is not Support.CARRIES:
                raise ValueError(f"a claim that is {self.certainty} needs a quote that carries it")
            if self.reason is not None:
                raise ValueError(f"a claim that is {self.certainty} has no not-certain reason")
        return self


def _may_be_shown(reason: NotCertainReason | None, support: SupportVerdict | None) -> bool:
    hints = support is not None and support.verdict is Support.HINTS
    return hints or reason is NotCertainReason.SOURCES_CONTRADICT


class FactorEstimate(Claim):
    """One risk factor. `value` is always there: the best estimate, even when it is not certain."""

    factor: RiskFactor
    value: Tenths


class ExposureClaim(Claim):
    """One exposure fact. `value` is None when it is not certain; the rule table then names its default."""

    fact: ExposureFact
    value: str | None = None

    @model_validator(mode="after")
    def _legal(self) -> Self:
        if self.certainty is Certainty.NOT_CERTAIN:
            if self.value is not None:
                raise ValueError("an exposure fact that is not certain has no value")
        elif self.value not in EXPOSURE_VALUES[self.fact]:
            raise ValueError(f"{self.fact} is one of {', '.join(EXPOSURE_VALUES[self.fact])}, not {self.value}")
        return self


MAESTRO_1 = Framework(name="MAESTRO", version="1")
LAYER_SETS: dict[Framework, tuple[str, ...]] = {MAESTRO_1: tuple(MaestroLayer)}
"""The layers of each framework version, in order. An extraction is complete against the version that it names."""


class LayerAssessment(Frozen):
    """One layer of a threat model. `mapped` needs a grounded quote that states a fact about this agent's own thing."""

    layer: MaestroLayer
    status: LayerStatus
    framework: Framework | None = added()
    """None in records of schema 1.0, which are of MAESTRO 1."""
    reason: NotCertainReason | None = None
    """Set if and only if the status is `not_certain`."""
    detail: str | None = added()
    basis: Basis | None = added()
    support: SupportVerdict | None = added()
    text: str = Field(min_length=1)
    threats: tuple[str, ...] = ()
    """Ids of MAESTRO's catalogue, such as `L3.3` or `X.2`."""
    evidence: tuple[Evidence, ...] = ()
    rejected: tuple[RejectedQuote, ...] = ()

    @model_validator(mode="after")
    def _grounded(self) -> Self:
        if (self.status is LayerStatus.NOT_CERTAIN) != (self.reason is not None):
            raise ValueError("a layer has a reason if and only if it is not certain")
        if self.status is LayerStatus.MAPPED and not self.evidence:
            raise ValueError("a mapped layer needs a grounded quote")
        uncertain = self.status is LayerStatus.NOT_CERTAIN
        if uncertain and self.evidence and not _may_be_shown(self.reason, self.support):
            raise ValueError("beside a layer that is not certain stand contradicting sources or a hint only")
        return self


class Summary(Frozen):
    """What it is, how risky and why, where a compromise would hurt: 38 to 60 words."""

    text: str = Field(min_length=1)
    evidence: tuple[Evidence, ...] = ()


class SecondReading(Frozen):
    """What became of having the claims read a second time."""

    model: str
    prompt: str
    """Name and version, `second_reader@1`."""
    prompt_digest: Digest
    outcome: SecondOutcome
    why: str = ""
    """Why it was not read."""
    completion_key: Digest | None = None
    claims: int = 0
    """So many were put before it."""
    lowered: int = 0
    """So many of them it lowered."""


class Extraction(Frozen):
    """One agent's claims, what was read, and what was not. It holds no time: same input, same bytes."""

    slug: str
    name: str
    kind: AgentKind
    kind_stated: bool = False
    """True when a page states the kind; False when it was inferred from the documents."""
    summary: Summary
    factors: tuple[FactorEstimate, ...]
    """Eleven, in the order of `RiskFactor`."""
    layers: tuple[LayerAssessment, ...]
    """Seven, in the order of `MaestroLayer`."""
    exposure: tuple[ExposureClaim, ...]
    """One for each `ExposureFact`, in order."""
    read: tuple[SourceRead, ...] = ()
    not_read: tuple[SourceNotRead, ...] = ()
    findings: tuple[Finding, ...] = ()
    inventory: Inventory | None = added()
    """The tools that its files declare; None where none was found."""
    assessor: str
    """`lexical` or the model's name."""
    prompt: str
    """Name and version of the prompt or cue table, `assess@1`."""
    completion_key: Digest | None = None
    """Key of the completion this was read from."""
    second_reading: SecondReading | None = added()
    """None where no second reader was asked for."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if tuple(f.factor for f in self.factors) != _FACTORS:
            raise ValueError("an extraction has eleven distinct factors, in order")
        frameworks = {layer.framework or MAESTRO_1 for layer in self.layers}
        if len(frameworks) != 1 or tuple(layer.layer for layer in self.layers) != LAYER_SETS.get(
            min(frameworks, key=str)
        ):
            raise ValueError("an extraction has every layer of one framework version once, in order")
        if tuple(e.fact for e in self.exposure) != _FACTS:
            raise ValueError("an extraction has every exposure fact once, in order")
        return self

    @property
    def claims(self) -> dict[str, FactorEstimate | LayerAssessment | ExposureClaim]:
        """Factors, layers and exposure facts by path: `factors.autonomy_of_action`, `layers.L3`, `exposure.runs_at`."""
        return {
            **{f"factors.{claim.factor}": claim for claim in self.factors},
            **{f"layers.{layer.layer}": layer for layer in self.layers},
            **{f"exposure.{claim.fact}": claim for claim in self.exposure},
        }

    def factor(self, factor: RiskFactor) -> FactorEstimate:
        return self.factors[_FACTORS.index(factor)]

    def fact(self, fact: ExposureFact) -> ExposureClaim:
        return self.exposure[_FACTS.index(fact)]


MOST_CLAIMS_A_SENTENCE = 6
"""A sentence of prose that carries more is a slogan, or a reader that did not look further."""


def on_one_sentence(extraction: Extraction) -> tuple[str, ...]:
    """Paths of the claims that were offered on words on which more than a sentence may carry were offered, whether or
    not they are carried: who hangs so many on one sentence has not looked for the others, or was told not to."""
    offered: dict[str, set[str]] = defaultdict(set)
    for path, claim in extraction.claims.items():
        quotes = [each.quote for each in claim.evidence] + [each.quote for each in claim.rejected]
        for quote in quotes:
            offered[quote].add(path)
    used = set[str]().union(*(paths for paths in offered.values() if len(paths) > MOST_CLAIMS_A_SENTENCE))
    return tuple(path for path in extraction.claims if path in used)


class ClaimCount(Frozen):
    """How many claims are known: the count that page, desk, command line and files give of one agent."""

    known: int
    """Each rests on a quote, but for a layer that does not apply."""
    of: int


def claim_count(extraction: Extraction) -> ClaimCount:
    """Over all claims of an extraction."""
    claims = extraction.claims.values()
    return ClaimCount(known=sum(claim.reason is None for claim in claims), of=len(claims))
