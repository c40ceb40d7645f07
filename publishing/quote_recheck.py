"""Evidence shelf life: do the published quotes still stand on the pages as they are now? No model is asked.

    standing   the page's text is the one that was quoted
    moved      the page changed, the same words stand on it
    reworded   only small words or word endings changed; every other word, number, sign and negation stands,
               in order; the new sentence takes the old one's place, and both are shown in the change notes
    lost       none of these: the agent goes to a person
    unseen     the page was not read: nothing is lost by not looking

Invariant: a record is re-anchored as a whole or not at all; a lost quote never disappears silently.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from extractors.canonical_json import digest
from extractors.grounding.quote_check import ground
from extractors.grounding.sentences import sentences
from extractors.grounding.tokens import words
from extractors.pages.page_text import PageText
from publishing.record_versions.change_notes import claim_states
from scoring.assessment import assess
from scoring.claims import Evidence, Extraction
from scoring.record import Change, ChangeCause, PublishedRecord
from scoring.tools.inventory import ListedTool

_SMALL = frozenset(
    "a an the this that these those of is are be been was were which also then so".split()  # noqa: SIM905
)
"""Words that may come and go without changing what a sentence says. No negation, limit or modal is among them."""

_ENDING = re.compile(r"(?<=\w{4})(?:ing|ed|es|s|e)$")


class QuoteState(StrEnum):
    STANDING = "standing"
    MOVED = "moved"
    REWORDED = "reworded"
    LOST = "lost"
    UNSEEN = "unseen"


class RecheckedQuote(NamedTuple):
    """One quote of one claim, looked up again."""

    path: str
    """The claim: `factors.autonomy_of_action`, …"""
    before: Evidence
    state: QuoteState
    after: Evidence | None = None
    """Where it stands now; for a lost one the nearest passage, as a suggestion."""
    why: str = ""


class Recheck(NamedTuple):
    """Every quote of a record."""

    checks: tuple[RecheckedQuote, ...]

    def of(self, *states: QuoteState) -> tuple[RecheckedQuote, ...]:
        return tuple(check for check in self.checks if check.state in states)

    @property
    def lost_paths(self) -> tuple[str, ...]:
        """Claims that lost a quote, in the record's order."""
        return tuple(dict.fromkeys(check.path for check in self.of(QuoteState.LOST)))


def recheck(record: PublishedRecord, pages: Mapping[str, PageText]) -> Recheck:
    """Looks every quote up in the pages as they are now, by URL. A page that is not among them is unseen."""
    return Recheck(
        tuple(
            _check(path, evidence, pages.get(evidence.url))
            for path, claim in claim_states(record.extraction).items()
            for evidence in claim.evidence
        )
    )


def _check(path: str, evidence: Evidence, page: PageText | None) -> RecheckedQuote:
    if page is None:
        return RecheckedQuote(path, evidence, QuoteState.UNSEEN)
    if page.digest == evidence.text_digest:
        return RecheckedQuote(path, evidence, QuoteState.STANDING, evidence)
    found = ground(evidence.quote, page)
    if isinstance(found, Evidence):
        return RecheckedQuote(path, evidence, QuoteState.MOVED, found)
    if line := _line(evidence, page):
        return RecheckedQuote(path, evidence, QuoteState.MOVED, line)
    again = _reworded(evidence.quote, page)
    if again:
        return RecheckedQuote(path, evidence, QuoteState.REWORDED, again)
    return RecheckedQuote(path, evidence, QuoteState.LOST, found.nearest, found.why)


def _line(evidence: Evidence, page: PageText) -> Evidence | None:
    """The same line of a file, which may be too short for a sentence."""
    if page.digest == evidence.text_digest:
        return evidence
    start = f"\n{page.text}\n".find(f"\n{evidence.quote}\n")
    place = {"text_digest": page.digest, "start": start, "end": start + len(evidence.quote)}
    return evidence.model_copy(update=place) if start >= 0 else None


def _reworded(quote: str, page: PageText) -> Evidence | None:
    """The one to three sentences that say the same with other small words or endings."""
    wanted = _gist(quote)
    if len(wanted) < 3:
        return None
    spans = sentences(page.text, page.blocks)
    for many in (1, 2, 3):
        for first, last in zip(spans, spans[many - 1 :], strict=False):
            text = page.text[first[0] : last[1]]
            if _gist(text) == wanted:
                return Evidence(text_digest=page.digest, url=page.url, start=first[0], end=last[1], quote=text)
    return None


def _gist(text: str) -> tuple[str, ...]:
    return tuple(_ENDING.sub("", word) for word in words(text).words if word not in _SMALL)


def reanchor(
    record: PublishedRecord, found: Recheck, pages: Mapping[str, PageText], *, now: datetime
) -> PublishedRecord:
    """The record with its quotes at their new places. Unchanged when nothing moved, or when anything was lost."""
    changed = found.of(QuoteState.MOVED, QuoteState.REWORDED)
    if not changed or found.of(QuoteState.LOST) or record.withdrawn:
        return record
    places = {check.before: check.after for check in changed if check.after}
    extraction = _with_evidence(record.extraction, places, pages)
    assessed = assess(extraction, digest(extraction), record.assessment.provenance, record.assessment.headline.profile)
    at = max(now, record.modified + timedelta(microseconds=1))
    notes = [
        Change(
            at=at,
            cause=ChangeCause.SOURCE,
            path=check.path,
            before="reworded on its page",
            after="found again",
            quote_before=check.before,
            quote_after=check.after,
        )
        for check in found.of(QuoteState.REWORDED)
    ]
    moved = len(found.of(QuoteState.MOVED))
    if moved:
        note = f"{moved} quote{'s' if moved > 1 else ''} found again, word for word, on changed pages"
        notes.append(Change(at=at, cause=ChangeCause.SOURCE, path="sources", after=note))
    return record.model_copy(
        update={
            "modified": at,
            "extraction": extraction,
            "extraction_digest": digest(extraction),
            "assessment": assessed,
            "assessment_digest": digest(assessed),
            "stale_since": None,
            "changes": (*notes, *record.changes),
        }
    )


def _with_evidence(
    extraction: Extraction, places: Mapping[Evidence, Evidence], pages: Mapping[str, PageText]
) -> Extraction:
    def placed(claim: Any) -> Any:
        return claim.model_copy(update={"evidence": tuple(dict.fromkeys(places.get(e, e) for e in claim.evidence))})

    def read(source: Any) -> Any:
        page = pages.get(source.url)
        return (
            source.model_copy(update={"text_digest": page.digest, "page_digest": page.page_digest}) if page else source
        )

    def listed(tool: ListedTool) -> ListedTool:
        """A tool whose line went keeps its row and loses its place."""
        page = pages.get(tool.evidence.url) if tool.evidence else None
        return tool.model_copy(update={"evidence": _line(tool.evidence, page)}) if page and tool.evidence else tool

    inventory = extraction.inventory
    return extraction.model_copy(
        update={
            "inventory": inventory and inventory.model_copy(update={"tools": tuple(map(listed, inventory.tools))}),
            "summary": placed(extraction.summary),
            "factors": tuple(placed(claim) for claim in extraction.factors),
            "layers": tuple(placed(layer) for layer in extraction.layers),
            "exposure": tuple(placed(claim) for claim in extraction.exposure),
            "read": tuple(read(source) for source in extraction.read),
        }
    )


def is_stale(lost_since: datetime, now: datetime, days: int) -> bool:
    """The policy: a quote that has been lost for so long makes the record stale."""
    return now - lost_since >= timedelta(days=days)
