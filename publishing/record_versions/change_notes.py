"""Change notes: what differs between two versions of a record, by which cause, with both quotes.

Idea: the cause is computed from what stands in the two versions (pages read, model, prompt, rubric, formula,
amendments), never written by hand. The score's way from old to new is walked cause by cause over hybrid
extractions, so that each step of the number has one cause and the steps add up.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from extractors.canonical_json import digest
from scoring.assessment import assess
from scoring.claims import Evidence, ExposureClaim, Extraction, FactorEstimate, LayerAssessment
from scoring.labels import plain
from scoring.record import Change, ChangeCause, PublishedRecord
from scoring.reviews import AmendmentReason, Review
from scoring.scores import AivssScore, Assessment, Provenance
from scoring.tools.changes import changes as tool_changes
from scoring.tools.changes import note
from scoring.tools.inventory import tools_of
from scoring.vocabulary import LayerStatus

SCORE = "score"
MOST_TOOLS = 12
"""Tools that a version's notes name; all of them stand in the two versions."""
PLAIN_NOTES = ("disputed", "sources", "review", "versions")
"""Paths of change notes that say all in their words."""
_WALK = (
    ChangeCause.SOURCE,
    ChangeCause.PROMPT,
    ChangeCause.MODEL,
    ChangeCause.VENDOR,
    ChangeCause.PERSON,
)
_SCORE_TEXT = re.compile(r"(?:(\d{1,2}\.\d) \w+|withheld), (\d{1,2}\.\d) to (\d{1,2}\.\d)")


class ClaimState(NamedTuple):
    """One claim as a note shows it."""

    text: str
    evidence: tuple[Evidence, ...]

    @property
    def quote(self) -> Evidence | None:
        return self.evidence[0] if self.evidence else None


def score_text(score: AivssScore) -> str:
    """`8.3 High, 6.9 to 9.6`; `withheld, 2.0 to 9.0`."""
    head = "withheld" if score.score is None else f"{score.score} {score.severity}"
    return f"{head}, {score.low} to {score.high}"


def read_score(text: str) -> tuple[Decimal | None, Decimal, Decimal] | None:
    """Score, low and high of a `score_text`; None for anything else."""
    found = _SCORE_TEXT.fullmatch(text)
    if not found:
        return None
    return Decimal(found[1]) if found[1] else None, Decimal(found[2]), Decimal(found[3])


def claim_states(extraction: Extraction) -> dict[str, ClaimState]:
    """Every claim by its path."""
    found = {"summary": ClaimState(extraction.summary.text, extraction.summary.evidence)}
    return found | {path: ClaimState(_text(claim), claim.evidence) for path, claim in extraction.claims.items()}


def _text(claim: FactorEstimate | LayerAssessment | ExposureClaim) -> str:
    if isinstance(claim, LayerAssessment):
        return f"{plain(claim.status)}: {claim.text}" if claim.status is LayerStatus.MAPPED else claim.text
    if isinstance(claim, ExposureClaim):
        return f"{plain(claim.value or 'unknown')}, {plain(claim.certainty)}"
    return f"{claim.value} {plain(claim.certainty)}"


def first(assessment: Assessment, at: datetime) -> tuple[Change, ...]:
    """The note of a first publication."""
    return (Change(at=at, cause=ChangeCause.FIRST, path=SCORE, after=score_text(assessment.headline)),)


def changes(
    previous: PublishedRecord, extraction: Extraction, assessment: Assessment, review: Review | None, at: datetime
) -> tuple[Change, ...]:
    """Notes from `previous` to the reviewed extraction and its assessment: score steps first, then claims."""
    causes: dict[str, ChangeCause] = {}
    notes: list[Change] = []
    before, after = claim_states(previous.extraction), claim_states(extraction)
    for path, old in before.items():
        new = after[path]
        same_words = [e.quote for e in old.evidence] == [e.quote for e in new.evidence]
        if old.text == new.text and same_words:
            continue
        causes[path] = cause_of(path, previous, extraction, assessment.provenance, review)
        notes.append(
            Change(
                at=at,
                cause=causes[path],
                path=path,
                before=old.text,
                after=new.text,
                quote_before=old.quote,
                quote_after=new.quote,
            )
        )
    notes += _tools(previous.extraction, extraction, at)
    return (*_score_steps(previous, extraction, assessment, causes, at), *notes)


def _tools(old: Extraction, new: Extraction, at: datetime) -> list[Change]:
    """`3 tools came, 1 description changed`, then each tool that reads otherwise, with both texts."""
    before, after = ({tool.name: tool for tool in each} for each in (tools_of(old.inventory), tools_of(new.inventory)))
    found = tool_changes(tools_of(old.inventory), tools_of(new.inventory))
    if not found:
        return []
    cause = ChangeCause.SOURCE if changed_pages(old, new) else ChangeCause.RUBRIC
    notes = [Change(at=at, cause=cause, path="inventory", before=f"{len(before)} tools", after=note(found))]
    for change in found[:MOST_TOOLS]:
        was, now = before.get(change.name), after.get(change.name)
        notes.append(
            Change(
                at=at,
                cause=cause,
                path=f"inventory.{change.name}",
                before=change.before,
                after=f"{change.kind}: {change.after}" if change.after else change.kind.value,
                quote_before=was.evidence if was else None,
                quote_after=now.evidence if now else None,
            )
        )
    return notes


def cause_of(
    path: str, previous: PublishedRecord, extraction: Extraction, versions: Provenance, review: Review | None
) -> ChangeCause:
    """Why one claim differs: an amendment; else its own page changed; else model, prompt, rubric; else any page."""
    for amendment in review.amendments if review else ():
        if amendment.path == path:
            vendor = amendment.reason is AmendmentReason.VENDOR_CORRECTION
            return ChangeCause.VENDOR if vendor else ChangeCause.PERSON
    old, new = claim_states(previous.extraction)[path], claim_states(extraction)[path]
    changed = changed_pages(previous.extraction, extraction)
    own_pages = {e.url for e in (*old.evidence, *new.evidence)}
    other_words = [e.quote for e in old.evidence] != [e.quote for e in new.evidence]
    if own_pages & changed and other_words:
        return ChangeCause.SOURCE
    was = previous.assessment.provenance
    differences = (
        (was.model != versions.model, ChangeCause.MODEL),
        ((was.prompt, was.prompt_digest) != (versions.prompt, versions.prompt_digest), ChangeCause.PROMPT),
        (bool(changed), ChangeCause.SOURCE),
        (was.rubric != versions.rubric, ChangeCause.RUBRIC),
        (was.formula != versions.formula, ChangeCause.FORMULA),
        (was.tool != versions.tool, ChangeCause.RUBRIC),
    )  # where nothing that a machine does differs, a person's decision did it
    return next((cause for differs, cause in differences if differs), ChangeCause.PERSON)


def changed_pages(old: Extraction, new: Extraction) -> frozenset[str]:
    """URLs whose text differs, that are read no more, or that are read for the first time."""
    before = {page.url: page.text_digest for page in old.read}
    after = {page.url: page.text_digest for page in new.read}
    return frozenset(url for url in before.keys() | after.keys() if before.get(url) != after.get(url))


def _score_steps(
    previous: PublishedRecord,
    extraction: Extraction,
    assessment: Assessment,
    causes: dict[str, ChangeCause],
    at: datetime,
) -> Iterable[Change]:
    """The score's steps, one a cause: first the program's (rubric, formula) on the old claims, then the claims'."""
    was, versions = previous.assessment.provenance, assessment.provenance
    here = score_text(previous.assessment.headline)
    goal = score_text(assessment.headline)
    steps: list[tuple[ChangeCause, Extraction]] = []
    if (was.rubric, was.formula, was.tool) != (versions.rubric, versions.formula, versions.tool):
        cause = ChangeCause.RUBRIC if was.rubric != versions.rubric else ChangeCause.FORMULA
        steps.append((cause, previous.extraction))
    hybrid = previous.extraction
    for cause in _WALK:
        paths = {path for path, why in causes.items() if why is cause}
        if paths:
            hybrid = _with(hybrid, extraction, paths)
            steps.append((cause, hybrid))
    notes = []
    for number, (cause, claims) in enumerate(steps, 1):
        last = number == len(steps)
        there = (
            goal if last else score_text(assess(claims, digest(claims), versions, assessment.headline.profile).headline)
        )
        if there != here:
            notes.append(Change(at=at, cause=cause, path=SCORE, before=here, after=there))
        here = there
    if here != goal:
        notes.append(Change(at=at, cause=ChangeCause.FORMULA, path=SCORE, before=here, after=goal))
    return reversed(notes)


def _with(old: Extraction, new: Extraction, paths: set[str]) -> Extraction:
    """`old` with the claims at `paths` taken from `new`."""
    return old.model_copy(
        update={
            "kind": new.kind,
            "factors": tuple(
                n if f"factors.{n.factor}" in paths else o for o, n in zip(old.factors, new.factors, strict=True)
            ),
            "layers": tuple(
                n if f"layers.{n.layer}" in paths else o for o, n in zip(old.layers, new.layers, strict=True)
            ),
            "exposure": tuple(
                n if f"exposure.{n.fact}" in paths else o for o, n in zip(old.exposure, new.exposure, strict=True)
            ),
        }
    )
