"""Whether an agent's draft still stands: same texts, same question, same versions give the same draft.

Idea: the completion key covers texts, prompt, model and settings; the provenance covers rubric, formula and tool;
what was not read is compared beside them. Invariant: what is skipped would have been stored as what stands.
"""

import json
from collections.abc import Callable
from typing import Any

from extractors.model.completion import CompletionClient, CompletionRequest
from extractors.model.reply_cache_key import completion_key
from extractors.prompting.prompt_files import load
from flows.assessment.agent_assessment import request_of
from flows.assessment.agent_outcomes import AgentResult
from flows.assessment.assessment import PROMPT, SECOND, provenance
from flows.assessment.stored_pages import AgentPages, findings_beside
from flows.report.event_log import log_event
from flows.settings import Settings
from records.adoptions import last_adoption
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.claims import SecondOutcome
from scoring.tools.changes import changes, note
from scoring.tools.inventory import Inventory, tools_of


async def unchanged_draft(
    store: Store,
    pages: AgentPages,
    client: CompletionClient,
    settings: Settings,
    may_renew: Callable[[], bool] = lambda: True,
) -> AgentResult | None:
    """How the agent ends when its current draft stands; None when it has to be assessed. `may_renew` is asked whether
    one that stands but for the versions that made it is made anew now."""
    slug = pages.listing.slug
    pair = next(store.assessments.stored(slug), None)
    if pair is None:
        return None
    assessment = json.loads(pair.assessment)
    versions = provenance(load(PROMPT), client.model, settings.profile)
    extraction = json.loads(pair.extraction)
    if not pages.texts:
        return None
    if assessment["provenance"] != versions.model_dump(mode="json"):
        if not _same_pages(store, slug, extraction, pages) or may_renew():
            return None
        return AgentResult(AgentOutcome.UNCHANGED, "its draft is of earlier versions (`assay adopt`)", owed=True)
    request = await request_of(store, pages, settings, client)
    _log_changed_tools(slug, extraction.get("inventory"), request.declared.inventory if request.declared else None)
    if _beside(pages, request) != _beside_of_draft(extraction):
        return None
    if extraction["completion_key"] != completion_key(request, client.model, client.settings):
        return None
    if not _read_again(extraction.get("second_reading"), client.second):
        return None
    headline = assessment["headline"]
    if headline["score"] is None:
        return AgentResult(AgentOutcome.WITHHELD, headline["withheld"] or "")
    return AgentResult(AgentOutcome.UNCHANGED)


def renewals(store: Store, client: CompletionClient, settings: Settings, slices: int = 1) -> int | None:
    """How many drafts one of so many slices of a night may make anew only because versions changed; None for any
    number, as long as nobody said otherwise of the versions in force."""
    adoption = last_adoption(store)
    in_force = provenance(load(PROMPT), client.model, settings.profile).model_dump(mode="json")
    if adoption is None or adoption.versions != in_force:
        return None
    return max(1, adoption.a_night // slices) if adoption.a_night else 0


def _same_pages(store: Store, slug: str, extraction: dict[str, Any], pages: AgentPages) -> bool:
    """Whether no page of the agent came, went or changed since its draft was made."""
    with store.reading():
        assessed = store.queue.get(slug).assessed_at
        came = [store.pages.snapshot(s.url, s.digest).fetched_at for s in pages.states if s.digest is not None]
    shown = {(text.url, text.page_digest) for text in pages.texts}
    not_read = sorted({source.url for source in pages.not_read}), sorted({s["url"] for s in extraction["not_read"]})
    return (
        assessed is not None
        and all(at <= assessed for at in came)
        and all((source["url"], source["page_digest"]) in shown for source in extraction["read"])
        and not_read[0] == not_read[1]
    )


def _read_again(reading: dict[str, Any] | None, reader: CompletionClient | None) -> bool:
    """Whether the draft was read a second time as it would be now. One that should have been and was not has to be."""
    if reading is None or reader is None:
        return reading is None and reader is None
    now = (reader.model, load(SECOND).digest)
    return (reading["model"], reading["prompt_digest"]) == now and reading["outcome"] != SecondOutcome.NOT_READ


def _log_changed_tools(slug: str, before: dict[str, Any] | None, after: Inventory | None) -> None:
    """Logs at once that a list of tools has changed, whatever a model will say."""
    was = Inventory.model_validate(before) if before else None
    if was and after and was.digest == after.digest:
        return
    found = changes(tools_of(was), tools_of(after))
    if found:
        log_event("tools.changed", slug=slug, note=note(found), reopens=any(change.reopens_review for change in found))


def _beside(pages: AgentPages, request: CompletionRequest) -> tuple[list[Any], list[Any]]:
    """What an extraction would say now of pages that the assessor is not shown."""
    not_read = sorted(pages.not_read, key=lambda source: (source.url, source.outcome))
    findings = findings_beside(pages, request)
    return [s.model_dump(mode="json") for s in not_read], [f.model_dump(mode="json") for f in findings]


def _beside_of_draft(extraction: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    read = {source["url"] for source in extraction["read"]}
    return extraction["not_read"], [finding for finding in extraction["findings"] if finding["url"] not in read]
