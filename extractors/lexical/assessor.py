"""From documents to a reply, through the same seam as any model.

Idea: `complete` is a pure function of the documents, the cue tables and the priors. Invariant: it always
answers with a valid `Reply`; what no cue supports is `unknown`, never invented.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from extractors.lexical.cue_tables import cues_digest
from extractors.lexical.document_facts import read
from extractors.lexical.exposure_facts import exposures
from extractors.lexical.factor_values import cited, estimate, fitted
from extractors.lexical.layers import layers
from extractors.lexical.passages import Passage, passages
from extractors.lexical.phrasing import cutting, short, summary
from extractors.lexical.priors import exact_prior, priors_digest
from extractors.lexical.product_kind import kind_of
from extractors.model.completion import (
    Completion,
    CompletionClient,
    CompletionOutcome,
    CompletionRequest,
    Usage,
    completion_key,
)
from extractors.pages.page_text import BlockKind
from extractors.prompting.reply import FactorReply, Reply
from scoring.vocabulary import PUBLISHED_FACTORS, RiskFactor

CUE_TABLES = 3
"""Version of how the cue tables are read, raised when the same tables and documents give another reply."""

MOST_TRIED = 8
SHORTEST_QUOTED = 4
"""Blanks between the words in which a product says what it is."""


@cache
def _schema() -> dict[str, Any]:
    return Reply.model_json_schema()


class LexicalAssessor(CompletionClient):
    """Costs nothing, reaches nothing."""

    waits = False
    reads_all = True

    @property
    def model(self) -> str:
        return "lexical"

    @property
    def settings(self) -> dict[str, Any]:
        return {"tables": CUE_TABLES, "cues": cues_digest(), "priors": priors_digest()}

    async def complete(self, request: CompletionRequest) -> Completion:
        return self.answer(request)

    def answer(self, request: CompletionRequest) -> Completion:
        """The same for who does not wait."""
        return Completion(
            key=completion_key(request, self.model, self.settings, _schema()),
            model=self.model,
            outcome=CompletionOutcome.ANSWERED,
            reply=self.reply(request).model_dump_json(),
            usage=Usage(),
        )

    def reply(self, request: CompletionRequest) -> Reply:
        """The reply before it is written as JSON."""
        said = passages(request.documents)
        called = kind_of(request.name, request.documents, said)
        kind = request.kind or called.kind
        reading = read(kind, said)
        name = short(request.name)
        factors = [estimate(kind, reading, factor, name, fitted(), exact_prior(kind, factor)) for factor in RiskFactor]
        about, words_of_page = _about(name, called.passage if kind is called.kind else None, said)
        return Reply(
            kind=kind,
            kind_known="stated" if called.passage is not None and kind is called.kind else "inferred",
            summary=summary(
                name, kind if request.kind or called.votes else None, words_of_page, _level(factors), reading
            ),
            summary_document=cited(about)["document"] if about else "",
            summary_quote=cited(about)["quote"] if about else "",
            factors=factors,
            layers=layers(kind, reading, name),
            exposure=exposures(kind, reading, name, request.documents, said),
        )


def _about(name: str, called: Passage | None, said: tuple[Passage, ...]) -> tuple[Passage | None, str]:
    """The sentence in which the product says what it is, and the words of it that can be quoted."""
    prose = [p for p in said if p.quotable and p.kind not in (BlockKind.HEADING, BlockKind.CODE)]
    introducing = sorted(prose, key=lambda p: (-p.weight, not _names(p, name), p.document, p.start))[:MOST_TRIED]
    for passage in (*((called,) if called else ()), *introducing):
        after = passage.text.find(":") if passage.key else -1
        for word in passage.words:
            quoted = cutting(passage, word.start, word.end, 24) if word.start > after else ""
            if quoted.count(" ") >= SHORTEST_QUOTED:
                return passage, quoted
    return (introducing[0] if introducing else None), ""


def _names(passage: Passage, name: str) -> bool:
    """The product is the subject: its name stands there, or the sentence opens as a definition does."""
    first = next(iter(name.replace("-", " ").lower().split()), "")
    return (bool(first) and first in passage.text.lower()) or passage.text.startswith(("A ", "An ", "The "))


def _level(factors: list[FactorReply]) -> str:
    total = sum(entry.value for entry in factors if entry.factor in PUBLISHED_FACTORS)
    return "low" if total < 30 else "moderate" if total < 50 else "high"
