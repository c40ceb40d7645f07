"""What the assessor was asked, made again from the parts of its reply's key, and the second reading of its reply."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from extractors.claims.extraction import SecondCompletion, second_request
from extractors.inventory.from_pages import declared_in
from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest, Prompt
from extractors.model.declared import Declared, DeclaringFile, ReadFrom, not_read
from extractors.model.reply_cache_key import completion_key
from extractors.pages.charset import decode
from extractors.pages.page_text import PageText
from publishing.bundles.contents import Contents, ReplayMismatch
from scoring.claims import SecondOutcome

Members = Mapping[str, bytes]
"""The files of a bundle."""
Texts = Mapping[tuple[str, str], PageText]
"""By address and digest."""


def request_of(about: Contents, members: Members, texts: Texts) -> CompletionRequest:
    """The request that the reply answers."""
    parts = json.loads(members["key.json"])
    bodies = {
        page.page_digest: decode(members[f"pages/{number:02}.bin"], page.charset)
        for number, page in enumerate(about.pages)
    }
    documents = [texts[place] for place in zip(parts["urls"], parts["documents"], strict=True)]
    return CompletionRequest(
        prompt=Prompt.model_validate_json(members["prompt.json"]),
        slug=about.slug,
        name=parts["name"],
        kind=parts["kind"],
        documents=_shown(documents, parts),
        truncated=tuple(parts.get("truncated", ())),
        declared=_declared(parts, texts, bodies),
    )


def second_reading_of(
    about: Contents, members: Members, request: CompletionRequest, completion: Completion
) -> SecondCompletion | None:
    """The second reading as it was kept; its request is made again, and has to have the key of its reply."""
    reading = about.second_reading
    if reading is None:
        return None
    prompt = Prompt.model_validate_json(members["second/prompt.json"])
    second = second_request(request, completion, prompt)
    if reading.outcome is SecondOutcome.NO_CLAIMS:
        return SecondCompletion(second, reading.model, None)
    if reading.outcome is SecondOutcome.NOT_READ:
        failed = Completion(
            key=str(reading.completion_key),
            model=reading.model,
            outcome=CompletionOutcome.FAILED,
            reply="",
            reason=reading.why,
        )
        return SecondCompletion(second, reading.model, failed)
    parts = json.loads(members["second/key.json"])
    made = completion_key(second, reading.model, parts["settings"], parts["schema"])
    if made != reading.completion_key or not prompt.is_whole or prompt.digest != reading.prompt_digest:
        raise ReplayMismatch(f"what the second reader was asked has the key {made}, not {reading.completion_key}")
    reply = Completion.model_validate_json(members["second/completion.json"])
    return SecondCompletion(second, reading.model, reply)


def _declared(
    parts: Mapping[str, Any], texts: Mapping[tuple[str, str], PageText], bodies: Mapping[str, str]
) -> Declared | None:
    """What the files declared, made again as the parts of the reply's key say. `bodies`: decoded, by their digest."""
    if "made_from" not in parts:
        return None
    made_from = ReadFrom.model_validate(parts["made_from"])
    if not made_from.files:
        return not_read("; ".join(made_from.unread or ()))
    files = [DeclaringFile(path, bodies[raw], texts[url, text]) for url, path, text, raw in made_from.files]
    return declared_in(files, made_from.repository, made_from.unread, made_from.missing)


def _shown(documents: Sequence[PageText], parts: Mapping[str, Any]) -> tuple[PageText, ...]:
    """The documents with the blocks that the assessor was shown, as the parts of its reply's key name them."""
    shown = iter(parts.get("shown", ()))
    cut: list[PageText] = []
    for page in documents:
        if page.url in parts.get("truncated", ()):
            spans = {tuple(span) for span in next(shown)}
            page = page.model_copy(
                update={"blocks": tuple(block for block in page.blocks if (block.start, block.end) in spans)}
            )
        cut.append(page)
    return tuple(cut)
