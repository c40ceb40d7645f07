"""Published records by generation, and what became of them.

Idea: a publication is one generation: records are put into an open one, then it is switched in at once or held
for a person. Invariants: only an agent whose standing review approves its reviewed assessment can be put; a
record is never changed or deleted, a later one (or a withdrawal) follows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from records.database.engine import StorePart
from records.database.tables import agents, generations, publications, reviews
from scoring.claims import Digest
from scoring.errors import NotFound, Refused, required
from scoring.record import PublishedRecord
from scoring.reviews import Decision
from scoring.scores import Provenance


class Published(NamedTuple):
    """One version of a record as it is kept."""

    id: int
    record: PublishedRecord
    digest: Digest
    generation: int
    review: int | None
    """Number of the review that it publishes."""


class StoredVersion(NamedTuple):
    """One version of a record, its bytes as they are kept."""

    id: int
    body: bytes
    digest: Digest
    generation: int
    review: int | None


class Generation(NamedTuple):
    number: int
    state: Literal["open", "held", "live", "dropped"]
    at: datetime
    digest: Digest | None
    """Of the whole site, when the publisher gave one."""
    reason: str
    summary: dict[str, Any]


class ModifiedRow(NamedTuple):
    """A line of `modified.csv`."""

    record: str
    slug: str
    modified: datetime
    digest: Digest
    withdrawn: datetime | None


_VERSIONS = sa.select(*(publications.c[name] for name in StoredVersion._fields)).order_by(publications.c.id)
_HISTORY = _VERSIONS.where(publications.c.slug == sa.bindparam("of_slug"))
_NAMED = _HISTORY.where(publications.c.digest == sa.bindparam("of_digest")).limit(1)
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
            number = (last.number if last is not None else 0) + 1
            row: dict[str, Any] = {"number": number, "state": "open", "at": self._db.now(), "reason": "", "summary": {}}
            connection.execute(sa.insert(generations).values(**row))
            return number

    def put(self, record: PublishedRecord, *, generation: int, review: int | None) -> bool:
        """Puts a record into an open generation; False when the same record is already current.

        `review` is the number of the standing review; a withdrawal may go without.
        """
        body = canonical_bytes(record)
        digest, slug = sha256(body), record.slug
        with self._db.writing() as connection:
            self._check_open(connection, generation)
            head = sa.select(agents).where(agents.c.slug == slug).with_for_update()
            agent = required(
                connection.execute(head).one_or_none(), NotFound("no such agent", subject=slug, step="publish")
            )
            current = self.current(slug)
            if current is not None and current.digest == digest and current.review == review:
                return False
            if record.id != (current.record.id if current else f"assay:{slug}"):
                raise Refused("a record's id never changes", subject=slug, step="publish")
            if record.withdrawn is None:
                self._check_approved(connection, slug, review, agent)
            row: dict[str, Any] = {
                "record": record.id,
                "slug": slug,
                "generation": generation,
                "digest": digest,
                "review": review,
            }
            times = {"published": record.published, "modified": record.modified, "withdrawn": record.withdrawn}
            insert = sa.insert(publications).values(**row, **times, at=self._db.now(), body=body)
            key = connection.execute(insert).inserted_primary_key
            assert key is not None
            heads = {"publication_id": int(key[0]), "published_at": record.published, "modified_at": record.modified}
            heads |= {"withdrawn_at": record.withdrawn}
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
        with self._db.writing() as connection:
            update = sa.update(generations).where(
                generations.c.number == generation, generations.c.state.in_(("open", "held"))
            )
            columns = {
                "state": state,
                "digest": digest,
                "reason": reason,
                "summary": summary or {},
                "at": self._db.now(),
            }
            if not connection.execute(update.values(**columns)).rowcount:
                raise Refused(f"generation {generation} is not open", subject="site", step="publish")
            self._db.note(f"generation.{state}", payload={"number": generation, "reason": reason}, actor=actor)

    def generation(self) -> Generation | None:
        """The last live one."""
        query = sa.select(*(generations.c[name] for name in Generation._fields)).where(generations.c.state == "live")
        row = self._db.row(query.order_by(generations.c.number.desc()).limit(1))
        return None if row is None else Generation(*row)

    def current(self, slug: str) -> Published | None:
        """The last record of an agent, withdrawn or not; None when it was never published."""
        stored = self.stored(slug)
        return None if stored is None else _read(stored)

    def stored(self, slug: str, digest: Digest | None = None) -> StoredVersion | None:
        """The same as it is kept, without reading it into a model; with a digest the version that has it, which every
        later view holds too."""
        row = self._db.row(_NAMED if digest else _CURRENT, {"of_slug": slug, "of_digest": digest})
        return None if row is None else StoredVersion(*row)

    def versions(self, slug: str) -> tuple[StoredVersion, ...]:
        """Every version of an agent's record as it is kept, oldest first."""
        return tuple(StoredVersion(*row) for row in self._db.rows(_HISTORY, {"of_slug": slug}))

    def all(self) -> tuple[Published, ...]:
        """The last record of every agent, by slug."""
        rows = self._db.rows(_VERSIONS.where(publications.c.id.in_(sa.select(agents.c.publication_id))))
        return tuple(sorted((_read(StoredVersion(*row)) for row in rows), key=lambda p: p.record.slug))

    def provenances(self) -> Iterator[tuple[str, Provenance]]:
        """Slug of each live record, and what made it; the rest of a record is not read into a model."""
        heads = publications.c.id.in_(sa.select(agents.c.publication_id))
        query = sa.select(publications.c.slug, publications.c.body).where(heads, publications.c.withdrawn.is_(None))
        with self._db.reading() as connection:
            for slug, body in connection.execute(query).yield_per(200):
                yield slug, Provenance.model_validate(json.loads(body)["assessment"]["provenance"])

    def modified(self) -> tuple[ModifiedRow, ...]:
        """The last version of every record, newest first."""
        columns = [publications.c[name] for name in ModifiedRow._fields]
        query = sa.select(*columns).where(publications.c.id.in_(sa.select(agents.c.publication_id)))
        newest = query.order_by(publications.c.modified.desc(), publications.c.slug)
        return tuple(ModifiedRow(*row) for row in self._db.rows(newest))

    def set_lost_evidence(self, slug: str, paths: Sequence[str]) -> None:
        """Stores which published claims are no longer on their pages; an empty list clears it. The first loss dates."""
        with self._db.writing() as connection:
            query = sa.select(agents.c.evidence_lost_paths, agents.c.evidence_lost_since)
            row = required(
                connection.execute(query.where(agents.c.slug == slug).with_for_update()).one_or_none(),
                NotFound("no such agent", subject=slug, step="evidence"),
            )
            lost = sorted(set(paths))
            if lost == (row.evidence_lost_paths or []):
                return
            since = (row.evidence_lost_since or self._db.now()) if lost else None
            columns = {"evidence_lost": len(lost), "evidence_lost_paths": lost, "evidence_lost_since": since}
            connection.execute(sa.update(agents).where(agents.c.slug == slug).values(**columns))
            self._db.note("evidence.lost" if lost else "evidence.found", slug, {"paths": lost})


def _read(stored: StoredVersion) -> Published:
    record = PublishedRecord.model_validate_json(stored.body)
    return Published(stored.id, record, stored.digest, stored.generation, stored.review)
