"""One line an agent: what lists, index, feed and spreadsheets need of a record.

Idea: rows are kept beside the published files, so that a publication reads only the records that changed.
Invariant: a row is a function of the record's body alone, but for the mark `RENEWED`.
"""

from typing import Any, NamedTuple

from assay_check.lookup.record_summary import summary_text
from publishing.formats import lookup
from publishing.pages.capabilities import touches
from publishing.pages.core_risks import core_risks
from publishing.pages.escaping import clip, plain, stamp
from publishing.pages.verdict import verdict
from publishing.record_versions.change_notes import PLAIN_NOTES
from scoring import labels
from scoring.claims import CLAIMS, Extraction, claim_count
from scoring.factor_estimates import estimates
from scoring.headline.withheld import too_little_known
from scoring.record import PublishedRecord
from scoring.risks import crosswalk
from scoring.tools.inventory import tools_of
from scoring.vocabulary import FindingKind


class Row(NamedTuple):
    slug: str
    id: str
    digest: str
    """`sha256:…` of the record's body."""
    name: str
    kind: str
    score: str | None
    band: str | None
    """None when the score is withheld."""
    low: str
    high: str
    stable: bool
    published: str
    modified: str
    reviewed: str
    marks: tuple[str, ...]
    """What a reader should know before opening the page: `withdrawn`, `disputed`, `stale`, …"""
    note: str
    """The newest change in one line."""
    homepage: str
    repository: str
    aliases: tuple[str, ...]
    supersedes: tuple[str, ...]
    summary: str
    keys: tuple[str, ...] = ()
    """Under which a lookup finds it."""
    claims: tuple[str, ...] = ()
    """What it states that belongs to one product only."""
    found: str = ""
    """What a lookup answers about it, as JSON."""
    likely_low: str = ""
    """Empty, as the two after it, in records without a likely range."""
    likely_high: str = ""
    advice: str = ""
    """allow, ask or deny."""
    firm: bool = False
    unknowns: int = CLAIMS
    """Claims that are not known."""
    too_little: bool = False
    """Too little is known for a headline."""
    reason: str = ""
    """What a hijack of it could do, in one line."""
    touches: tuple[str, ...] = ()
    """Of `capabilities.FILTERS`."""
    risks: tuple[str, ...] = ()
    """Ids of the core risks that apply by a sentence."""
    counted: tuple[int, ...] = ()
    """Exposure facts that are known, tools, pages read, pages not read; empty when an earlier version made the row."""

    @property
    def live(self) -> bool:
        return "withdrawn" not in self.marks

    @property
    def verdict(self) -> str:
        """`8.3 High`, or `withheld`."""
        return f"{self.score} {self.band}" if self.score else "withheld"

    @property
    def outlook(self) -> str:
        """`6.5 to 10.0, likely 7.0 to 7.6 (firm), ask`."""
        firm = " (firm)" if self.firm else ""
        likely = f", likely {self.likely_low} to {self.likely_high}{firm}" if self.likely_low else ""
        return f"{self.low} to {self.high}{likely}{f', {self.advice}' if self.advice else ''}"


RENEWED = "under renewal"
"""Mark of a live record that earlier versions made, while newer ones are being adopted."""
COUNTED = 4
"""Numbers of `Row.counted`."""
_TUPLES = tuple(Row._fields.index(name) for name, kind in Row.__annotations__.items() if "tuple" in str(kind))


def row_of(record: PublishedRecord, digest: str) -> Row:
    extraction, headline = record.extraction, record.assessment.headline
    count, keys = claim_count(extraction), lookup.keys_of(record)
    marks = [
        label
        for label, holds in (
            ("withdrawn", record.withdrawn is not None),
            ("disputed", record.disputed),
            ("stale", record.stale_since is not None),
            ("nothing quoted", nothing_quoted(extraction)),
            ("hostile text", any(f.kind is FindingKind.ADDRESSES_THE_ASSESSOR for f in extraction.findings)),
        )
        if holds
    ]
    return Row(
        slug=record.slug,
        id=record.id,
        digest=digest,
        name=plain(extraction.name) or record.slug,
        kind=extraction.kind.value,
        score=None if headline.score is None else str(headline.score),
        band=None if headline.severity is None else headline.severity.value,
        low=str(headline.low),
        high=str(headline.high),
        stable=headline.band_stable,
        published=stamp(record.published),
        modified=stamp(record.modified),
        reviewed=stamp(record.reviewed_at),
        marks=tuple(marks),
        note=_note(record),
        homepage=record.homepage or "",
        repository=record.repository or "",
        aliases=record.aliases,
        supersedes=record.supersedes,
        summary=clip(plain(extraction.summary.text), 300),
        keys=keys,
        claims=lookup.claims_of(record),
        found=summary_text(lookup.summary_of(record, digest)) if keys else "",
        likely_low=str(record.likely.low) if record.likely else "",
        likely_high=str(record.likely.high) if record.likely else "",
        advice=record.advice.word if record.advice else "",
        firm=bool(record.firm),
        unknowns=count.of - count.known,
        too_little=too_little_known(estimates(extraction)),
        reason=verdict(record).reason,
        touches=touches(extraction),
        risks=tuple(name for risk, _ in core_risks(record).stated for name in crosswalk.ids(risk)),
        counted=(
            sum(claim.value is not None for claim in extraction.exposure),
            len(tools_of(extraction.inventory)),
            len(extraction.read),
            len(extraction.not_read),
        ),
    )


def renewed(row: Row, under_way: bool) -> Row:
    """The row with its mark `RENEWED` as it is now."""
    marks = tuple(mark for mark in row.marks if mark != RENEWED) + (RENEWED,) * (under_way and row.live)
    return row if marks == row.marks else row._replace(marks=marks)


def nothing_quoted(extraction: Extraction) -> bool:
    """No claim that is known rests on a quote."""
    return not any(claim.evidence and claim.reason is None for claim in extraction.claims.values())


def _note(record: PublishedRecord) -> str:
    """`The source changed: Score 7.9 High → 8.3 High; 2 more changes`."""
    if not record.changes:
        return ""
    newest = record.changes[0]
    together = sum(1 for change in record.changes if change.at == newest.at) - 1
    way = " → ".join(clip(plain(part), 80) for part in (newest.before, newest.after) if part)
    more = f"; {together} more change{'s' if together > 1 else ''}" if together else ""
    title = labels.path_title(newest.path)
    comma = "," if newest.path in ("withdrawn", "stale") else ""
    change = way if newest.path in PLAIN_NOTES else f"{title}{comma} {way}"
    return f"{labels.cause(newest)}: {change}{more}"


def restored(columns: list[Any]) -> Row:
    """A row read back from the manifest; one of an earlier version ends before the fields that it does not know, and
    its counts are not of all claims."""
    for place in _TUPLES:
        if place < len(columns):
            columns[place] = tuple(columns[place])
    row = Row(*columns)
    return row if len(row.counted) == COUNTED else row._replace(unknowns=CLAIMS, counted=())
