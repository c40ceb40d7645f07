"""From documents to a reply, through the same seam as any model.

Idea: `complete` is a pure function of the documents, the cue tables and the priors. Invariant: it always
answers with a valid `Reply`; what no cue supports is `unknown`, never invented.
"""

from __future__ import annotations

from typing import Any

from extractors.completion import Completion, CompletionOutcome, CompletionRequest, Usage, completion_key
from extractors.lexical.priors import prior, priors_digest
from extractors.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from scoring.vocabulary import NOT_CERTAIN_OPENING, AgentKind, ExposureFact, LayerStatus, MaestroLayer, RiskFactor


class LexicalAssessor:
    """Implements `CompletionClient`. Costs nothing, reaches nothing."""

    @property
    def model(self) -> str:
        return "lexical"

    @property
    def settings(self) -> dict[str, Any]:
        return {"priors": priors_digest()}

    async def complete(self, request: CompletionRequest) -> Completion:
        reply = self.reply(request)
        return Completion(
            key=completion_key(request, self.model, self.settings, Reply.model_json_schema()),
            model=self.model,
            outcome=CompletionOutcome.ANSWERED,
            reply=reply.model_dump_json(),
            usage=Usage(),
        )

    def reply(self, request: CompletionRequest) -> Reply:
        kind = request.kind or AgentKind.AGENT
        return Reply(
            kind=kind,
            kind_known="inferred",
            summary=f"{request.name} is described too thinly to say what it does.",
            summary_document="",
            summary_quote="",
            factors=[
                FactorReply(
                    factor=factor,
                    value=int(prior(kind, factor) * 10),
                    known=Known.UNKNOWN,
                    rationale="No cue; the prior of its kind.",
                    document="",
                    quote="",
                )
                for factor in RiskFactor
            ],
            layers=[
                LayerReply(
                    layer=layer,
                    status=LayerStatus.NOT_CERTAIN,
                    text=f"{NOT_CERTAIN_OPENING} — the documents name nothing for this layer.",
                    threats=[],
                    document="",
                    quote="",
                )
                for layer in MaestroLayer
            ],
            exposure=[
                ExposureReply(fact=fact, value="", known=Known.UNKNOWN, rationale="", document="", quote="")
                for fact in ExposureFact
            ],
        )
