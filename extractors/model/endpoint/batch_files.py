"""Batches of an OpenAI-compatible endpoint: a file of questions goes up, files of answers come down.

Idea: `upload`, `create` and `retrieve` are one call each, so that whoever stores what they give can be killed between
any two of them; `find` gives a batch whose number never arrived, by the file that it was made from. Invariants: nothing
here is tried again or kept; what an endpoint sends is read with no trust in its shape.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from extractors.model.endpoint.errors import EndpointError, clean, parsed
from extractors.model.endpoint.http_call import Endpoint

PATH = "/v1/chat/completions"
SECONDS = 900.0
"""Wall time of sending or fetching a file."""
_ENDED = ("completed", "expired", "cancelled", "failed")
_PAGES = 20
"""Of 100 batches each, newest first, that are looked through for one."""


class Question(NamedTuple):
    """One call of an agent's completion, as it goes into a batch."""

    id: str
    """Digest of the call before the endpoint's dialect, in hexadecimal: the same question has the same."""
    slug: str
    key: str
    """Completion key."""
    body: dict[str, Any]


class BatchAnswer(NamedTuple):
    status: int
    """Of HTTP; 0 where the batch ended without an answer."""
    body: bytes


class RemoteBatch(NamedTuple):
    """What an endpoint says of a batch."""

    id: str
    ended: bool = False
    done: int = 0
    """Questions that are answered or failed."""
    files: tuple[str, ...] = ()
    """Ids of the files with answers and errors."""
    problem: str = ""


class BatchFiles:
    """The batches of one endpoint. Each call raises `EndpointError` when it gives nothing, `TooLarge` when too much."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self.address = endpoint.address

    async def upload(self, name: str, questions: Sequence[Question]) -> str:
        """Id of the file."""
        lines = [line_of(question) for question in questions]
        file = (f"{name}.jsonl", b"".join(lines), "application/jsonl")
        return _id(await self._endpoint.call(lambda c: c.files.create(file=file, purpose="batch"), SECONDS))

    async def create(self, file: str) -> RemoteBatch:
        return _batch(
            await self._endpoint.call(
                lambda c: c.batches.create(input_file_id=file, endpoint=PATH, completion_window="24h")
            )
        )

    async def retrieve(self, batch: str) -> RemoteBatch:
        return _batch(await self._endpoint.call(lambda c: c.batches.retrieve(batch)))

    async def cancel(self, batch: str) -> None:
        await self._endpoint.call(lambda c: c.batches.cancel(batch))

    async def find(self, file: str) -> RemoteBatch | None:
        """The batch that was made from a file; None when none was."""
        more: dict[str, str] = {}
        for _ in range(_PAGES):
            value = parsed(await self._endpoint.call(partial(_listed, more)))
            page: dict[str, Any] = value if isinstance(value, dict) else {}
            batches = [entry for entry in page.get("data") or () if isinstance(entry, dict) and entry.get("id")]
            for entry in batches:
                if entry.get("input_file_id") == file:
                    return _batch(json.dumps(entry))
            if not batches or not page.get("has_more"):
                break
            more = {"after": str(batches[-1]["id"])}
        return None

    async def answers(self, batch: RemoteBatch) -> dict[str, BatchAnswer]:
        """By the id of the question; a line that cannot be read answers none."""
        found: dict[str, BatchAnswer] = {}
        for file in batch.files:
            text = await self._endpoint.call(partial(_content, file), SECONDS)
            for line in text.split("\n"):
                value = parsed(line) if line.strip() else None
                answer: dict[str, Any] = value if isinstance(value, dict) else {}
                response = answer.get("response")
                if isinstance(response, dict) and isinstance(status := response.get("status_code"), int):
                    body = clean(json.dumps(response.get("body"), ensure_ascii=False))
                    found.setdefault(str(answer.get("custom_id")), BatchAnswer(status, body.encode()))
        return found


async def _listed(more: dict[str, str], client: Any) -> Any:
    return await client.batches.list(limit=100, **more)


async def _content(file: str, client: Any) -> Any:
    return await client.files.content(file)


def line_of(question: Question) -> bytes:
    """Its line in the file that goes up."""
    line = {"custom_id": question.id, "method": "POST", "url": PATH, "body": question.body}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def _id(text: str) -> str:
    value = parsed(text)
    found = value.get("id") if isinstance(value, dict) else None
    if not isinstance(found, str) or not 0 < len(found) <= 200:
        raise EndpointError("the endpoint's answer names no file or batch", "form")
    return found


def _batch(text: str) -> RemoteBatch:
    identifier, value = _id(text), parsed(text)
    counts = value.get("request_counts")
    done = [counts.get(name) for name in ("completed", "failed")] if isinstance(counts, dict) else []
    errors = value.get("errors") or {}
    details = errors.get("data") if isinstance(errors, dict) else errors
    words = [str(entry.get("message", "")) for entry in details or () if isinstance(entry, dict)]
    files = (value.get("output_file_id"), value.get("error_file_id"))
    return RemoteBatch(
        identifier,
        value.get("status") in _ENDED,
        sum(count for count in done if isinstance(count, int)),
        tuple(file for file in files if isinstance(file, str) and file),
        " ".join(clean("; ".join(dict.fromkeys(words)) or str(value.get("status"))).split())[:200],
    )
