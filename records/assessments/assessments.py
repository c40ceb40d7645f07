"""Extractions and assessments by digest, which is current, and which came before.

Idea: content has one name, its digest; being current is a head on the agent's row. Invariants: putting what is
current already writes nothing; the columns that the queue sorts by are derived here, from the documents alone.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from extractors.support.reason import reason_of
from records.database.store_part import StorePart
from records.database.tables import agents, assessments, claim_reasons, extractions, history
from scoring.claims import Digest, Extraction, claim_count
from scoring.errors import BadInput, NotFound, required
from scoring.scores import Assessment
from scoring.vocabulary import FindingKind, Severity

_BANDS = tuple(Severity)
_BECAME, _REASONS = sa.insert(history), sa.insert(claim_reasons)
_NOW = sa.update(agents).where(agents.c.slug == sa.bindparam("of_slug"))
_NO_REASONS = sa.delete(claim_reasons).where(claim_reasons.c.slug == sa.bindparam("of_slug"))
_PAIRS = (
    sa.select(agents.c.slug, agents.c.extraction_digest, extractions.c.body, assessments.c.body)
    .join(extractions, extractions.c.digest == agents.c.extraction_digest)
    .join(assessments, assessments.c.digest == agents.c.assessment_digest)
)
_PAIR = _PAIRS.where(agents.c.slug == sa.bindparam("of_slug"))
_PAIRS = _PAIRS.where(agents.c.slug > sa.bindparam("of_slug")).order_by(agents.c.slug)


class Current(NamedTuple):
    """The current extraction and assessment of an agent."""

    extraction: Extraction
    assessment: Assessment
    extraction_digest: Digest
    assessment_digest: Digest
    at: datetime


class StoredPair(NamedTuple):
    """The current extraction and assessment of an agent, as the JSON that is stored."""

    slug: str
    extraction_digest: Digest
    extraction: bytes
    assessment: bytes


class HistoryRow(NamedTuple):
    """One assessment that was current, for plots and lists."""

    assessment_digest: Digest
    extraction_digest: Digest
    at: datetime
    score: Decimal | None
    low: Decimal
    high: Decimal
    severity: str | None


_BODIES = {
    table: sa.select(table.c.body).where(table.c.digest == sa.bindparam("of_digest"))
    for table in (extractions, assessments)
}


class Assessments(StorePart):
    """What each agent's pages were found to say, and its scores."""

    def put(
        self,
        extraction: Extraction,
        assessment: Assessment,
        *,
        current: bool = True,
        bodies: tuple[bytes, bytes] | None = None,
    ) -> bool:
        """Keeps both. True when the agent's current assessment changed; False and nothing written when not.

        With `current=False` they are kept without becoming current (an amended assessment for a publication).
        `bodies`: their canonical JSON, where it is made already.
        """
        body, scored = bodies or (canonical_bytes(extraction), canonical_bytes(assessment))
        extraction_digest, assessment_digest = sha256(body), sha256(scored)
        slug = extraction.slug
        if assessment.extraction_digest != extraction_digest or assessment.slug != slug:
            raise BadInput("the assessment is not of this extraction", subject=slug, step="store")
        with self._db.writing() as connection:
            if self._lock_agent(slug, "store").assessment_digest == assessment_digest:
                return False
            now, headline = self._db.now(), assessment.headline
            shared = {"slug": slug, "at": now}
            self._db.put(extractions, {"digest": extraction_digest, **shared, "body": body}, replace=False)
            scores = {name: getattr(headline, name) for name in ("score", "low", "high", "severity")}
            keys = {"digest": assessment_digest, "extraction_digest": extraction_digest}
            self._db.put(assessments, {**keys, **shared, **scores, "body": scored}, replace=False)
            if not current:
                return False
            connection.execute(_BECAME, {"slug": slug, "assessment_digest": assessment_digest, "at": now})
            heads = {"extraction_digest": extraction_digest, "assessment_digest": assessment_digest, "assessed_at": now}
            connection.execute(_NOW, {"of_slug": slug, **heads, **derived_columns(extraction, assessment)})
            self._keep_reasons(connection, extraction)
            digests = {"assessment": assessment_digest, "extraction": extraction_digest}
            self._db.note("assessment.current", slug, digests)
            return True

    def _keep_reasons(self, connection: sa.Connection, extraction: Extraction) -> None:
        """Puts the reasons of this draft in place of those of the one before."""
        carried = ((path, claim) for path, claim in extraction.claims.items() if claim.support)
        reasons = ((path, reason_of(path, claim.model_dump(mode="json"))) for path, claim in carried)
        rows = [{"slug": extraction.slug, "path": path, "reason": reason} for path, reason in reasons if reason]
        connection.execute(_NO_REASONS, {"of_slug": extraction.slug})
        if rows:
            connection.execute(_REASONS, rows)

    def current(self, slug: str) -> Current | None:
        """None when the agent was never assessed."""
        query = (
            sa.select(extractions.c.body, assessments.c.body, agents.c.extraction_digest, agents.c.assessment_digest)
            .add_columns(agents.c.assessed_at)
            .select_from(agents)
            .join(extractions, extractions.c.digest == agents.c.extraction_digest)
            .join(assessments, assessments.c.digest == agents.c.assessment_digest)
            .where(agents.c.slug == slug)
        )
        row = self._db.row(query)
        if row is None:
            return None
        return Current(
            Extraction.model_validate_json(row[0]), Assessment.model_validate_json(row[1]), row[2], row[3], row[4]
        )

    def stored(self, only: str | None = None, *, page: int = 200) -> Iterator[StoredPair]:
        """Stored JSON of every agent's current pair by slug, or of one agent; only a page of agents is ever held."""
        query = _PAIR if only is not None else _PAIRS.limit(page)
        last: str | None = ""
        while last is not None:
            rows = self._db.rows(query, {"of_slug": only or last})
            yield from map(StoredPair._make, rows)
            last = rows[-1].slug if len(rows) == page and only is None else None

    def current_digest(self, slug: str) -> Digest | None:
        """Digest of the current assessment: what a review must name."""
        found: Digest | None = self._db.scalar(sa.select(agents.c.assessment_digest).where(agents.c.slug == slug))
        return found

    def extraction(self, digest: Digest) -> Extraction:
        return Extraction.model_validate_json(self.extraction_body(digest))

    def assessment(self, digest: Digest) -> Assessment:
        return Assessment.model_validate_json(self.assessment_body(digest))

    def extraction_body(self, digest: Digest) -> bytes:
        """Its JSON as it is kept."""
        return self._body(extractions, "extraction", digest)

    def assessment_body(self, digest: Digest) -> bytes:
        return self._body(assessments, "assessment", digest)

    def _body(self, table: sa.Table, name: str, digest: Digest) -> bytes:
        body: bytes = required(
            self._db.scalar(_BODIES[table], {"of_digest": digest}),
            NotFound(f"this {name} is not kept", subject=digest, step="store"),
        )
        return body

    def history(self, slug: str) -> tuple[HistoryRow, ...]:
        """Every assessment that was current, oldest first."""
        query = (
            sa.select(history.c.assessment_digest, assessments.c.extraction_digest, history.c.at)
            .add_columns(*assessments.c["score", "low", "high", "severity"])
            .join(assessments, assessments.c.digest == history.c.assessment_digest)
            .where(history.c.slug == slug)
            .order_by(history.c.id)
        )
        return self._db.read(HistoryRow, query)


def derived_columns(extraction: Extraction, assessment: Assessment) -> dict[str, Any]:
    """The queue's columns of the agent's row."""
    headline = assessment.headline
    count = claim_count(extraction)
    found = Counter(finding.kind for finding in extraction.findings)
    return {
        "kind": extraction.kind.value,
        "assessor": extraction.assessor,
        "score": headline.score,
        "low": headline.low,
        "high": headline.high,
        "severity": headline.severity.value if headline.severity else None,
        "band_stable": headline.band_stable,
        "bands_open": _BANDS.index(headline.high_severity) - _BANDS.index(headline.low_severity),
        "mover": next((f"{m.unknown} {m.low} {m.high}" for m in headline.movers if m.moves_band), ""),
        "not_certain": count.of - count.known,
        "rejected_quotes": sum(len(claim.rejected) for claim in extraction.claims.values()),
        "findings_hidden": found[FindingKind.HIDDEN_TEXT],
        "findings_addressing": found[FindingKind.ADDRESSES_THE_ASSESSOR],
        "findings_own": found[FindingKind.INSTRUCTS_ITS_OWN_MODEL],
        "findings_tools": found[FindingKind.TOOL_CONTRADICTS_ITSELF],
    }
