"""The key under which a model's reply is kept, so that the same question is never asked twice.

Idea: the key is the digest of everything that a reply depends on, by name. Invariants: same documents, prompt, model,
reply schema and settings give the same key, and a key that is stored is never asked again; the parts are kept beside
the reply, so that a replay makes the key again.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from extractors.canonical_json import digest
from extractors.model.completion import CompletionRequest
from extractors.prompting.reply import REPLIES
from scoring.claims import Digest


def completion_key(
    request: CompletionRequest, model: str, settings: Mapping[str, Any], schema: Mapping[str, Any] | None = None
) -> Digest:
    """`sha256` of the canonical JSON (RFC 8785) of `completion_key_parts`."""
    return digest(completion_key_parts(request, model, settings, schema))


def completion_key_parts(
    request: CompletionRequest, model: str, settings: Mapping[str, Any], schema: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the reply depends on. `schema`: by default that of the reply that the prompt asks for."""
    parts: dict[str, Any] = {
        "documents": [document.digest for document in request.documents],
        "urls": [document.url for document in request.documents],
        "name": request.name,
        "kind": request.kind,
        "prompt": request.prompt.digest,
        "model": model,
        "settings": dict(settings),
        "schema": _whole_schema(request.prompt.reply) if schema is None else schema,
    }
    if request.truncated:
        parts["truncated"] = list(request.truncated)
        parts["shown"] = [[[b.start, b.end] for b in d.blocks] for d in request.documents if d.url in request.truncated]
    if request.declared is not None:
        parts["declared"] = digest(request.declared)
        parts["made_from"] = request.declared.made_from.model_dump(mode="json")
    if request.claims:
        parts["claims"] = [digest(claim) for claim in request.claims]
    return parts


@cache
def _whole_schema(reply: str) -> dict[str, Any]:
    """Making it takes longer than everything else of a key."""
    return REPLIES[reply].model_json_schema()
