"""What an endpoint can do, found out by one tiny question and two looks.

Invariant: nothing is waited for and nothing is tried twice but in another form; what is wrong is said in the provider's
words.
"""

from typing import NamedTuple

from extractors.model.endpoint.context_window import window_named_in
from extractors.model.endpoint.errors import EndpointError
from extractors.model.openai_client import OpenAIClient

_QUESTION = {
    "messages": [
        {"role": "system", "content": "You answer with one JSON object and nothing else."},
        {"role": "user", "content": 'Answer with {"ready": true}.'},
    ],
    "temperature": 0.0,
    "max_tokens": 1_000,
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "Ready",
            "strict": True,
            "schema": {
                "type": "object",
                "properties": {"ready": {"type": "boolean"}},
                "required": ["ready"],
                "additionalProperties": False,
            },
        },
    },
}


class EndpointReport(NamedTuple):
    problem: str = ""
    """In the provider's words; empty when it answered."""
    form: str = ""
    """The most that it understands: `json_schema`, `json_object` or `text`."""
    counts: bool = False
    """Whether it says how many tokens a call took."""
    window: int | None = None
    """Tokens, where it names them."""
    batches: bool = False


async def probe(client: OpenAIClient) -> EndpointReport:
    """Costs one call of a few hundred tokens."""
    try:
        answer, form = await client.tiny({"model": client.model, **_QUESTION})
        if '"ready"' not in answer.content:
            return EndpointReport(f"its answer to a tiny question is {(answer.content or answer.refusal)[:80]!r}", form)
        models, batches = await client.endpoint.get("/models"), await client.endpoint.get("/batches?limit=1")
    except EndpointError as error:
        return EndpointReport(error.problem)
    finally:
        await client.aclose()
    listed = models.get("data") if isinstance(models, dict) else None
    entries = listed if isinstance(listed, list) else []
    own = [entry for entry in entries if isinstance(entry, dict) and entry.get("id") == client.model]
    own = own or entries * (len(entries) == 1)  # a server with one model takes any name
    return EndpointReport("", form, answer.usage.prompt > 0, window_named_in(own), isinstance(batches, dict))
