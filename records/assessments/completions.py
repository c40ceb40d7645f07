"""Replies of models, by key; what they cost; the prompts they were given.

Idea: only an answer is ever given back as an answer, and only a refusal as a refusal. Invariant: a key holds at most
one answer, and everything else that came for it (refusals, truncated and unparsable replies) is kept as an attempt
with its cost.
"""

from typing import Any

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion, CompletionOutcome, Prompt, Usage
from extractors.pages.snapshot import sha256
from records.database.engine import Database
from records.database.store_part import StorePart
from records.database.tables import completions, prompts
from scoring.claims import Digest
from scoring.errors import BadInput, Corrupt, NotFound, required

_ANSWERED = sa.select(completions.c.body).where(completions.c.answered == sa.bindparam("of_key"))
_REFUSED = (
    sa.select(completions.c.body)
    .where(completions.c.key == sa.bindparam("of_key"))
    .where(completions.c.outcome == CompletionOutcome.REFUSED.value)
    .order_by(completions.c.id.desc())
    .limit(1)
)
_PARTS = sa.select(completions.c.parts).where(completions.c.key == sa.bindparam("of_key"))
_PARTS = _PARTS.where(completions.c.parts.is_not(None)).limit(1)
_PROMPT = sa.select(prompts.c.body).where(prompts.c.digest == sa.bindparam("of_digest"))


class Completions(StorePart):
    """The model's answers and their price."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._kept_prompts: set[Digest] = set()
        self._read_prompts: dict[Digest, bytes] = {}

    def answered(self, key: Digest) -> Completion | None:
        """The stored answer; None means the model has to be asked."""
        body = self._db.scalar(_ANSWERED, {"of_key": key})
        return None if body is None else Completion.model_validate_json(body)

    def refused(self, key: Digest) -> Completion | None:
        """The refusal that is kept for this key: the same question meets the same no."""
        body = self._db.scalar(_REFUSED, {"of_key": key})
        return None if body is None else Completion.model_validate_json(body)

    def keep(
        self, completion: Completion, *, slug: str, run: str | None = None, parts: dict[str, Any] | None = None
    ) -> bool:
        """Keeps one reply. False when this key has an answer already: the first answer is kept.

        `parts` is what the key is the digest of; with it `verify` can derive the key again.
        """
        parts_body = None if parts is None else canonical_bytes(parts)
        if parts_body is not None and sha256(parts_body) != completion.key:
            raise BadInput("the key is not the digest of its parts", subject=slug, step="completion")
        row = {
            "key": completion.key,
            "slug": slug,
            "run": run,
            "at": self._db.now(),
            "model": completion.model,
            "outcome": completion.outcome.value,
            "answered": completion.key if completion.outcome is CompletionOutcome.ANSWERED else None,
            **completion.usage.model_dump(),
            "body": canonical_bytes(completion),
            "parts": parts_body,
        }
        with self._db.writing() as connection:
            is_kept = self._db.put(completions, row, replace=False, key=("answered",))
            if not is_kept and self.answered(completion.key) != completion:
                # asked twice at once: the second reply was paid for too
                connection.execute(sa.insert(completions), row | {"answered": None})
            return is_kept

    def body(self, key: Digest) -> bytes:
        """The answer of a key as the JSON that is kept; `NotFound` without one."""
        found: bytes = required(
            self._db.scalar(_ANSWERED, {"of_key": key}),
            NotFound("no answer is kept under this key", subject=key, step="completion"),
        )
        return found

    def parts(self, key: Digest) -> bytes | None:
        """Canonical JSON that the key is the digest of, when it was kept."""
        found: bytes | None = self._db.scalar(_PARTS, {"of_key": key})
        return found

    def usage(self, *, run: str | None = None, slug: str | None = None) -> Usage:
        """Tokens, calls and cost of a run, of an agent, or of all."""
        names = ("prompt_tokens", "cached_tokens", "completion_tokens", "calls", "cost")
        query = sa.select(
            *(sa.func.coalesce(sa.func.sum(completions.c[name]), 0) for name in names[:4]),
            sa.cast(
                sa.func.coalesce(sa.func.sum(completions.c.cost), sa.literal(0, sa.BigInteger)), completions.c.cost.type
            ),
        )
        named = ((completions.c.run, run), (completions.c.slug, slug))
        chosen = query.where(*(column == name for column, name in named if name is not None))
        return Usage(**dict(zip(names, self._db.rows(chosen)[0], strict=True)))

    def keep_prompt(self, prompt: Prompt) -> None:
        """Keeps a prompt's text, so that a record can be replayed after the file has changed."""
        if prompt.digest in self._kept_prompts:
            return
        self._db.put(prompts, {"digest": prompt.digest, "body": canonical_bytes(prompt)}, replace=False)
        if not self._db.in_unit:  # a unit may yet be rolled back
            self._kept_prompts.add(prompt.digest)

    def prompt_body(self, digest: Digest) -> bytes:
        """A prompt as the JSON that is kept; read and checked once, since most records were made by the same one."""
        if digest not in self._read_prompts:
            body: bytes | None = self._db.scalar(_PROMPT, {"of_digest": digest})
            if body is None:
                raise NotFound("this prompt is not kept", subject=digest, step="prompt")
            prompt = Prompt.model_validate_json(body)
            if prompt.digest != digest or not prompt.is_whole:
                raise Corrupt("this prompt is damaged", subject=digest, step="prompt", next_step="assay store verify")
            self._read_prompts[digest] = body
        return self._read_prompts[digest]
