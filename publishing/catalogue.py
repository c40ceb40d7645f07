"""What a publication is made from: canonical record bodies, page texts for context, facts about the crawl.

Idea: publishing gets one plain value, so that it needs no database to be built or tested. Invariant: a body
is the canonical JSON that is published, byte for byte; its digest is the record's name for mirrors. No wall
clock: everything is dated by the records and the facts themselves.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import AwareDatetime, Field, ValidationError

from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.pages.page_text import PageText
from scoring.claims import Digest, Frozen
from scoring.reviews import Correction
from scoring.scores import Exact


class Coverage(Frozen):
    """The crawl's ledger in numbers, each with its denominator."""

    listed: int = 0
    """Agents that any source lists: the denominator."""
    reviewed: int = 0
    """With a live published record."""
    waiting: int = 0
    """Assessed, waiting for a person."""
    not_reached: tuple[tuple[str, int], ...] = ()
    """Typed outcome and count of agents of which no page could be read."""
    opted_out: tuple[str, ...] = ()
    """Names or addresses of those who asked not to be listed."""
    sources: tuple[tuple[str, int, AwareDatetime | None], ...] = ()
    """Name, agents, last complete reading."""


class Run(Frozen):
    """The last full run."""

    finished: AwareDatetime
    due: int = 0
    """Agents that were due."""
    completeness: Exact = Decimal(1)
    """Agents that ended in a terminal outcome, of those due."""
    failed: tuple[tuple[str, int], ...] = ()
    """Outcome and count."""
    pages: CrawlLedger = CrawlLedger()
    """What the run asked for, page by page."""


class Names(Frozen):
    """What the directory calls itself and where it lives."""

    title: str = "Assay"
    tagline: str = "Threat assessments of AI agents, each number beside the sentence it rests on."
    base_url: str = "http://127.0.0.1:8000"
    """Where the site is served, for the feed, the sitemap and canonical links. Without a slash at the end."""
    corrections_url: str = ""
    """Where a vendor sends a correction: an http(s) or mailto address. Empty: named as not set up."""
    decide_within_days: int = Field(default=14, ge=1)
    """The visible clock of a correction."""
    bundles: bool = False
    """Each page has a replay bundle beside it."""


@dataclass(frozen=True)
class Catalogue:
    """Everything that a site is a function of."""

    digests: Mapping[str, Digest]
    """Slug to digest of the canonical body, of every record that was ever published."""
    body: Callable[[str], bytes]
    """Canonical JSON of one record."""
    text: Callable[[Digest], bytes | None]
    """JSON of a page text by its digest, for the sentences around a quote."""
    reading: Callable[[], AbstractContextManager[object]] = nullcontext
    """One view for all that is read within, in the same thread."""
    bundle: Callable[[str], dict[str, bytes]] | None = None
    """What is in the replay bundle of one record, by name; used where the names say that there are bundles."""
    trail: Callable[[], bytes] | None = None
    """The head of the audit trail, as it is published."""
    in_renewal: frozenset[str] = frozenset()
    """Slugs of records that earlier versions made, while newer ones are being adopted."""
    corrections: tuple[Correction, ...] = ()
    coverage: Coverage = field(default_factory=Coverage)
    run: Run | None = None
    names: Names = field(default_factory=Names)

    def text_of(self, digest: Digest) -> PageText | None:
        """A page text; None where it is not kept or cannot be read."""
        body = self.text(digest)
        with suppress(ValidationError):
            return PageText.model_validate_json(body) if body is not None else None
        return None

    def of_agent(self, slug: str) -> tuple[Correction, ...]:
        """Corrections of one agent, newest first."""
        mine = (c for c in self.corrections if c.slug == slug)
        return tuple(sorted(mine, key=lambda c: (c.received, c.id), reverse=True))
