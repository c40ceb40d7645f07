"""From an agent's stored pages to a stored draft: text → claims → scores → draft, as plain functions over the store.

Idea: what a night, a slice of one, a command and a test do with one agent is this code. Invariants: an unchanged agent
writes nothing; every agent ends in one outcome.
"""

from functools import partial

from extractors.model.completion import CompletionClient, CompletionRequest
from extractors.pages.deadline import TooCostly
from flows.assessment.agent_outcomes import AgentResult, ending_of, without_text
from flows.assessment.answer_threads import in_worker_thread
from flows.assessment.assessment import Assessed, request_for
from flows.assessment.completion_cache import Answer, complete, may_be_lost, read_again, size_of
from flows.assessment.stored_pages import AgentPages, agent_pages, findings_beside
from flows.reading.declarations import declared_of
from flows.reading.tasks import assessed_or_why
from flows.reading.time_limited_pool import read_in_process
from flows.settings import Settings
from records.database.runs import AgentOutcome
from records.store import Store


async def assess_agent(
    store: Store,
    slug: str,
    client: CompletionClient,
    settings: Settings,
    run: str | None = None,
    pages: AgentPages | None = None,
) -> AgentResult:
    """From stored pages, which the caller may have read already, to a stored draft."""
    answer = partial(complete, store, run=run, seconds=settings.night.read_seconds)
    assessed = await worked_out(store, pages or agent_pages(store, slug), client, settings, answer)
    if isinstance(assessed, AgentResult):
        return assessed
    return await in_worker_thread(client, keep_assessed, store, assessed, may_be_lost(store, client))


async def worked_out(
    store: Store, pages: AgentPages, client: CompletionClient, settings: Settings, answer: Answer
) -> Assessed | str | AgentResult:
    """From stored pages to a draft that is not kept: what `keep_assessed` takes, or how the agent ends without one."""
    if not pages.texts:
        return without_text(pages)
    seconds = settings.night.read_seconds
    try:
        request = await request_of(store, pages, settings, client)
        completion = await answer(request, client)
        if (ended := ending_of(completion)) is not None:
            return ended
        second = await read_again(store, request, completion, client, answer, seconds)
        beside = pages.not_read, findings_beside(pages, request)
        return await read_in_process(
            seconds, size_of(request), assessed_or_why, request, completion, settings.profile, *beside, second
        )
    except TooCostly as error:
        return AgentResult(AgentOutcome.TOO_COSTLY, error.problem)


async def request_of(
    store: Store, pages: AgentPages, settings: Settings, client: CompletionClient
) -> CompletionRequest:
    """What the assessor is asked of an agent with stored pages."""
    declared = await declared_of(store, pages.listing, pages.texts, pages.not_read, settings)
    return request_for(pages.listing, pages.texts, settings, client, declared)


def keep_assessed(store: Store, assessed: Assessed | str, quick: bool = False) -> AgentResult:
    """What was worked out, stored when it differs from what stands."""
    if isinstance(assessed, str):
        return AgentResult(AgentOutcome.UNPARSED, assessed)
    with store.writing(quick=quick):
        changed = store.assessments.put(assessed.extraction, assessed.assessment, bodies=assessed.bodies)
    if assessed.assessment.headline.score is None:
        outcome = AgentOutcome.WITHHELD
    else:
        outcome = AgentOutcome.ASSESSED if changed else AgentOutcome.UNCHANGED
    return AgentResult(outcome, assessed.assessment.headline.withheld or "", assessed)
