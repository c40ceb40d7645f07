"""Whether an agent's draft still stands: same texts, same question, same versions give the same draft.

Idea: the completion key covers texts, prompt, model and settings; the provenance covers rubric, formula and tool;
what was not read is compared beside them. Invariant: what is skipped would have been stored as what stands.
"""

from __future__ import annotations

import json

from extractors.completion import CompletionClient
from extractors.messages import request_key
from flows.assessing import provenance, request_for
from flows.settings import Settings
from flows.stages import AgentPages, Ended, agent_pages
from records.runs import AgentOutcome
from records.store import Store


def standing_draft(store: Store, slug: str, client: CompletionClient, settings: Settings) -> Ended | None:
    """How the agent ends when its current draft stands; None when it has to be assessed."""
    pair = next(store.assessments.stored(slug), None)
    if pair is None:
        return None
    extraction, assessment = json.loads(pair.extraction), json.loads(pair.assessment)
    pages = agent_pages(store, slug)
    if not pages.texts or extraction["not_read"] != [source.model_dump(mode="json") for source in pages.not_read]:
        return None
    if not _same_question(pages, extraction, assessment, client, settings):
        return None
    headline = assessment["headline"]
    if headline["score"] is None:
        return Ended(AgentOutcome.WITHHELD, headline.get("withheld") or "")
    return Ended(AgentOutcome.UNCHANGED)


def _same_question(
    pages: AgentPages,
    extraction: dict[str, object],
    assessment: dict[str, object],
    client: CompletionClient,
    settings: Settings,
) -> bool:
    request = request_for(pages.listing, pages.texts, settings, client)
    versions = provenance(request.prompt, client.model, settings.profile).model_dump(mode="json")
    if assessment["provenance"] != versions or extraction["slug"] != pages.listing.slug:
        return False
    return bool(extraction["completion_key"] == request_key(request, client.model, client.settings))
