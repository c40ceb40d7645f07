"""A model's answer is paid for once: the stored one is taken, else the model is asked and what came is stored at once.

Invariant: nothing is asked again while its answer or refusal is kept, also after a kill.
"""

from collections.abc import Awaitable, Callable

from extractors.claims.extraction import SecondCompletion
from extractors.model.completion import Completion, CompletionClient, CompletionRequest, computed
from extractors.model.reply_cache_key import completion_key, completion_key_parts
from extractors.pages.deadline import SECONDS
from flows.assessment.answer_threads import in_priority_thread
from flows.database_retry import retry_database
from flows.reading.tasks import second_reader_request
from flows.reading.time_limited_pool import read_in_process
from records.store import Store

Answer = Callable[[CompletionRequest, CompletionClient], Awaitable[Completion]]
"""Gives a client's completion of a request."""


async def complete(
    store: Store,
    request: CompletionRequest,
    client: CompletionClient,
    run: str | None = None,
    seconds: float = SECONDS,
) -> Completion:
    """The stored answer or refusal, else the client's; what came is stored at once. One that computes does so
    aside; raises `TooCostly` when it takes longer than it may."""
    key = completion_key(request, client.model, client.settings)
    with store.reading():
        known = store.completions.answered(key) or store.completions.refused(key)
    if known is not None:
        return known
    if not client.waits:
        completion = await read_in_process(seconds, size_of(request), computed, client, request)
    else:
        completion = await client.complete(request)
    # while the database is away: asking again would cost again
    await retry_database(
        lambda: in_priority_thread(client, _keep, store, request, client, completion, key, run), slug=request.slug
    )
    return completion


async def read_again(
    store: Store,
    request: CompletionRequest,
    completion: Completion,
    client: CompletionClient,
    answer: Answer,
    seconds: float = SECONDS,
) -> SecondCompletion | None:
    """What the second reader says, if there is one. It may fail: then the first reading stands and says so."""
    if client.second is None:
        return None
    second_request = await read_in_process(seconds, size_of(request), second_reader_request, request, completion)
    if second_request is None:
        return None
    store.completions.keep_prompt(second_request.prompt)
    reading = await answer(second_request, client.second) if second_request.claims else None
    return SecondCompletion(second_request, client.second.model, reading)


def _keep(
    store: Store,
    request: CompletionRequest,
    client: CompletionClient,
    completion: Completion,
    key: str,
    run: str | None,
) -> None:
    parts = completion_key_parts(request, client.model, client.settings) if completion.key == key else None
    store.completions.keep_prompt(request.prompt)
    with store.writing(quick=may_be_lost(store, client)):
        store.completions.keep(completion, slug=request.slug, run=run, parts=parts)


def may_be_lost(store: Store, client: CompletionClient) -> bool:
    """Whether what is kept can be computed again, should the power fail."""
    return store.database.is_sqlite and not client.waits


def size_of(request: CompletionRequest) -> int:
    return sum(len(document.text) for document in request.documents)
