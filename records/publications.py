"""Published records by generation, and what became of them.

Idea: a publication is one generation: records are put into an open one, then it is switched in at once or held
for a person. Invariants: only an agent whose standing review approves its reviewed assessment can be put; a
record is never changed or deleted, a later one (or a withdrawal) follows it.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from records.database.store_part import StorePart
from records.database.tables import agents, generations, publications, reviews
from scoring.claims import Digest
from scoring.errors import Refused
from scoring.record import PublishedRecord
from scoring.reviews import Decision
from scoring.scores import Provenance


@dataclass(frozen=True)
class Published:
    """One version of a record, its bytes as they are kept."""

    id: int
    body: bytes
    digest: Digest
    generation: int
    review: int | None
    """Number of the review that it publishes."""

    @cached_property
    def record(self) -> PublishedRecord:
        return PublishedRecord.model_validate_json(self.body)


class Generation(NamedTuple):
    number: int
    state: Literal["open", "held", "live", "dropped"]
    at: datetime
    digest: Digest | None
    """Of the whole site, when the publisher gave one."""
    reason: str
    summary: dict[str, Any]


_VERSIONS = sa.select(*publications.c["id", "body", "digest", "generation", "review"]).order_by(publications.c.id)
_HISTORY = _VERSIONS.where(publications.c.slug == sa.bindparam("of_slug"))
_NAMED = _HISTORY.where(publications.c.digest == sa.bindparam("of_digest")).limit(1)
_HEADS = publications.c.id.in_(sa.select(agents.c.publication_id))
_CURRENT = _VERSIONS.join(agents, agents.c.publication_id == publications.c.id).where(
    agents.c.slug == sa.bindparam("of_slug")
)


class Publications(StorePart):
    """What was published, and when."""

    def begin(self) -> int:
        """Opens a generation and gives its number; an open one that a killed publisher left is taken up again."""
        with self._db.writing() as connection:
            last = connection.execute(sa.select(generations).order_by(generations.c.number.desc()).limit(1)).first()
            if last is not None and last.state == "open":
                return int(last.number)
            number = last.number + 1 if last is not None else 1
            empty = {"state": "open", "at": self._db.now(), "reason": "", "summary": {}}
            connection.execute(sa.insert(generations).values(number=number, **empty))
            return number

    def put(self, record: PublishedRecord, *, generation: int, review: int | None) -> bool:
        """Puts a record into an open generation; False when the same record is already current.

        `review` is the number of the standing review; a withdrawal may go without.
        """
        body = canonical_bytes(record)
        digest, slug = sha256(body), record.slug
        with self._db.writing() as connection:
            self._check_open(connection, generation)
            agent = self._lock_agent(slug, "publish")
            current = self.current(slug)
            if current is not None and current.digest == digest and current.review == review:
                return False
            if record.id != (current.record.id if current else f"assay:{slug}"):
                raise Refused("a record's id never changes", subject=slug, step="publish")
            if record.withdrawn is None:
                self._check_approved(connection, slug, review, agent)
            times = {"published": record.published, "modified": record.modified, "withdrawn": record.withdrawn}
            names = {"record": record.id, "slug": slug, "generation": generation, "digest": digest, "review": review}
            number = self._db.add(publications, **names, **times, at=self._db.now(), body=body)
            heads = {"publication_id": number, **{f"{name}_at": moment for name, moment in times.items()}}
            if record.withdrawn is None:
                heads["published_review"] = review
            connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**heads))
            kind = "publication.withdrawn" if record.withdrawn else "publication.put"
            self._db.note(kind, slug, {"record": digest, "generation": generation})
            return True

    @staticmethod
    def _check_open(connection: sa.Connection, generation: int) -> None:
        state = connection.scalar(sa.select(generations.c.state).where(generations.c.number == generation))
        if state != "open":
            raise Refused(f"generation {generation} is {state or 'unknown'}, not open", subject="site", step="publish")

    @staticmethod
    def _check_approved(connection: sa.Connection, slug: str, review: int | None, agent: Any) -> None:
        """Nothing is published that nobody approved."""
        approved = sa.select(reviews.c.id).where(
            reviews.c.id == review, reviews.c.slug == slug, reviews.c.decision == Decision.APPROVE.value
        )
        is_current = review is not None and (review in (agent.review_id, agent.published_review))
        if not is_current or connection.scalar(approved) is None:
            raise Refused("nobody approved this", subject=slug, step="publish", next_step=f"`assay review show {slug}`")

    def finish(
        self,
        generation: int,
        state: Literal["held", "live", "dropped"],
        *,
        digest: Digest | None = None,
        reason: str = "",
        summary: dict[str, Any] | None = None,
        actor: str | None = None,
    ) -> None:
        """Switches a generation in, or holds or drops it with the reason. A held one can be made live later."""
        columns = {"state": state, "digest": digest, "reason": reason, "summary": summary or {}, "at": self._db.now()}
        unfinished = (generations.c.number == generation) & generations.c.state.in_(("open", "held"))
        with self._db.writing():
            if not self._db.write(sa.update(generations).where(unfinished).values(**columns)):
                raise Refused(f"generation {generation} is not open", subject="site", step="publish")
            self._db.note(f"generation.{state}", payload={"number": generation, "reason": reason}, actor=actor)

    def generation(self) -> Generation | None:
        """The last live one."""
        newest = sa.select(*generations.c[Generation._fields]).order_by(generations.c.number.desc()).limit(1)
        return self._db.first(Generation, newest.where(generations.c.state == "live"))

    def current(self, slug: str) -> Published | None:
        """The last record of an agent, withdrawn or not; None when it was never published."""
        return self._db.first(Published, _CURRENT, {"of_slug": slug})

    def version(self, slug: str, digest: Digest) -> Published | None:
        """The version that has this digest, which every later view holds too."""
        return self._db.first(Published, _NAMED, {"of_slug": slug, "of_digest": digest})

    def versions(self, slug: str) -> tuple[Published, ...]:
        """Every version of an agent's record, oldest first."""
        return self._db.read(Published, _HISTORY, {"of_slug": slug})

    def all(self) -> tuple[Published, ...]:
        """The last record of every agent, by slug."""
        return tuple(sorted(self._db.read(Published, _VERSIONS.where(_HEADS)), key=lambda p: p.record.slug))

    def provenances(self) -> Iterator[tuple[str, Provenance]]:
        """Slug of each live record, and what made it; the rest of a record is not read into a model."""
        query = sa.select(publications.c.slug, publications.c.body).where(_HEADS, publications.c.withdrawn.is_(None))
        with self._db.reading() as connection:
            for slug, body in connection.execute(query).yield_per(200):
                yield slug, Provenance.model_validate(json.loads(body)["assessment"]["provenance"])

    def digests(self) -> dict[str, Digest]:
        """Of the last version of every record, by slug."""
        rows = self._db.rows(sa.select(publications.c.slug, publications.c.digest).where(_HEADS))
        return {row.slug: row.digest for row in rows}

    def set_lost_evidence(self, slug: str, paths: Sequence[str]) -> None:
        """Stores which published claims are no longer on their pages; an empty list clears it. The first loss dates."""
        with self._db.writing() as connection:
            row = self._lock_agent(slug, "evidence")
            lost = sorted(set(paths))
            if lost == (row.evidence_lost_paths or []):
                return
            since = (row.evidence_lost_since or self._db.now()) if lost else None
            columns = {"evidence_lost": len(lost), "evidence_lost_paths": lost, "evidence_lost_since": since}
            connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**columns))
            self._db.note("evidence.lost" if lost else "evidence.found", slug, {"paths": lost})
