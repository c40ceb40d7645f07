"""From documents to a reply, through the same seam as any model.

Idea: `complete` is a pure function of the documents, the topic table with its weights, the kinds and the priors.
Invariant: it always answers with a valid `Reply`; what no sentence carries is `unknown`, never invented, and its value
is the prior of the kind.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from extractors.lexical.priors import prior, priors_digest
from extractors.lexical.product_kind import kind_of, kinds_digest
from extractors.lexical.sentence_weighing import CarriedClaim, carried_claims
from extractors.lexical.statements import Statement, statements
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, Usage
from extractors.model.reply_cache_key import completion_key
from extractors.pages.page_text import BlockKind
from extractors.pages.snapshot import sha256
from extractors.prompting.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from extractors.support.forms import forms
from extractors.support.passage import DATA
from scoring.vocabulary import ExposureFact, LayerStatus, MaestroLayer, RiskFactor

READER = 13
"""Version of how the tables are read; raised when the same tables would give another reply."""
_INFERRED = frozenset({"limited", "scoped", "broad", "integrator", "local", "anyone", "user_starts"})
"""Values of facts that a sentence hardly ever says outright: it names one thing that is read, not that there is no
more; how to install or wire in the product, not where it runs or who answers for its exposure; what it opens, not that
strangers wrote it."""
_INTRODUCES = frozenset({"definition", "description", "named first"})


@cache
def _topics_digest() -> str:
    """Of the topic table, the forms and the weights, in order of name."""
    return sha256(b"\0".join(file.name.encode() + b"\0" + file.read_bytes() for file in sorted(DATA.iterdir())))


class LexicalAssessor(CompletionClient):
    """Costs nothing, reaches nothing."""

    waits = False
    reads_all = True

    @property
    def model(self) -> str:
        return "lexical"

    @property
    def settings(self) -> dict[str, Any]:
        return {"reader": READER, "topics": _topics_digest(), "kinds": kinds_digest(), "priors": priors_digest()}

    async def complete(self, request: CompletionRequest) -> Completion:
        return self.answer(request)

    def answer(self, request: CompletionRequest) -> Completion:
        """The same for who does not wait."""
        return Completion(
            key=completion_key(request, self.model, self.settings),
            model=self.model,
            outcome=CompletionOutcome.ANSWERED,
            reply=self.reply(request).model_dump_json(),
            usage=Usage(),
        )

    def reply(self, request: CompletionRequest) -> Reply:
        """The reply before it is written as JSON. Its texts are empty: a record's are written from decided claims."""
        sentences = statements(request.documents)
        called = kind_of(request.name, request.documents, sentences)
        kind = request.kind or called.kind
        found = carried_claims(request.name, sentences)
        named = called.statement if kind is called.kind else None
        about = named or next((each for each in sentences if _introduces(each, request.name)), None)
        summary = _cited(about)
        return Reply(
            kind=kind,
            kind_known="stated" if named is not None else "inferred",
            summary="",
            summary_document=summary["document"],
            summary_quote=summary["quote"],
            factors=[_factor(factor, found, int(10 * prior(kind, factor))) for factor in RiskFactor],
            layers=[_layer(layer, found) for layer in MaestroLayer],
            exposure=[_fact(fact, found) for fact in ExposureFact],
        )


def _introduces(statement: Statement, name: str) -> bool:
    prose = statement.passage.kind not in (BlockKind.HEADING, BlockKind.CODE)
    return prose and statement.main and bool(_INTRODUCES & forms(statement.passage, name))


def _cited(statement: Statement | None) -> dict[str, str]:
    """The document and the words relied on: a whole sentence, so that no cut can flip it."""
    if statement is None:
        return {"document": "", "quote": ""}
    return {"document": f"d{statement.document + 1}", "quote": statement.quote}


def _factor(factor: RiskFactor, found: Mapping[str, CarriedClaim], usual: int) -> FactorReply:
    claim = found.get(factor)
    return FactorReply(
        factor=factor,
        value=round(10 * float(claim.value)) if claim else usual,
        known=Known.INFERRED if claim else Known.UNKNOWN,
        rationale="",
        **_cited(claim.statement if claim else None),
    )


def _layer(layer: MaestroLayer, found: Mapping[str, CarriedClaim]) -> LayerReply:
    claim = found.get(layer)
    status = LayerStatus(claim.value) if claim else LayerStatus.NOT_CERTAIN
    return LayerReply(layer=layer, status=status, text="", threats=[], **_cited(claim.statement if claim else None))


def _fact(fact: ExposureFact, found: Mapping[str, CarriedClaim]) -> ExposureReply:
    claim = found.get(fact)
    value = claim.value if claim else ""
    known = Known.UNKNOWN if claim is None else Known.INFERRED if value in _INFERRED else Known.STATED
    return ExposureReply(
        fact=fact, value=value, known=known, rationale="", **_cited(claim.statement if claim else None)
    )
