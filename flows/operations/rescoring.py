"""Scores again, from what is stored: a what-if for one agent, a band-change report for all.

Invariant: no network, no model; nothing is kept unless a person gives a reason.
"""

import json
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from typing import Any

from extractors import reference_classes
from extractors.canonical_json import digest
from flows.report.assessment_text import verdict
from flows.report.console import emit, say
from flows.settings import load
from flows.store_access import open_store, operator
from records.assessments.assessments import StoredPair
from records.store import Store
from scoring.amendments import amended
from scoring.assessment import assess
from scoring.band_change import BandChange, band_changes
from scoring.claims import Extraction
from scoring.errors import NotFound, required
from scoring.formulas.table import profile_named
from scoring.reviews import AmendmentReason
from scoring.scores import Assessment, Provenance
from scoring.what_if import as_amendments, what_if

ONE_WRITE = 100
"""Drafts that are stored in one transaction: a commit for each would take an hour for a hundred thousand."""


def current_draft(store: Store, slug: str) -> tuple[Extraction, Assessment]:
    """What stands for an agent now. Raises `NotFound` with the next step."""
    current = required(
        store.assessments.current(store.listings.find(slug)),
        NotFound("it was never assessed", subject=slug, step="rescore", next_step=f"assay agents assess {slug}"),
    )
    return current.extraction, current.assessment


def save_what_if(store: Store, slug: str, profile: str, settings: tuple[str, ...], reason: str) -> Assessment:
    """Stores the changed draft with its reason in the audit trail; a person still has to review it."""
    extraction, assessment = current_draft(store, slug)
    changes = as_amendments(extraction, settings, AmendmentReason.OTHER, reason)
    changed = amended(extraction, changes) if changes else extraction
    formula = profile or assessment.headline.profile
    saved = assess(changed, digest(changed), rescored(assessment.provenance, formula), formula)
    with store.writing():
        store.assessments.put(changed, saved)
        event: dict[str, Any] = {"reason": reason, "settings": list(settings), "profile": formula}
        store.note("rescore.saved", extraction.slug, event, operator())
    return saved


def rescored(provenance: Provenance, formula: str) -> Provenance:
    """The claims keep the rubric, prompt and model that made them; the scores are made by this program, now."""
    tool, reference = f"listing-assay {version('listing-assay')}", reference_classes.current().name
    return provenance.model_copy(update={"tool": tool, "formula": formula, "reference": reference})


def band_rows(store: Store, profile: str, only: str | None = None) -> Iterator[BandChange]:
    """Every agent before and after, by slug, one at a time: memory does not grow with their number."""
    pairs = ((pair.extraction, pair.assessment) for pair in store.assessments.stored(only))
    return band_changes(pairs, profile, moved_only=False)


def print_what_if(
    slug: str, profile: str, settings: tuple[str, ...], *, save: bool, reason: str, as_json: bool
) -> None:
    """Before and after for one agent; without `save` nothing is stored."""
    with open_store(load(), create=False) as store:
        extraction, assessment = current_draft(store, slug)
        before, versions = assessment.headline.profile, assessment.provenance
        result = what_if(extraction, assessment.extraction_digest, versions, settings, profile or before, before)
        saved = save_what_if(store, slug, profile, settings, reason) if save else None
    if as_json:
        emit(
            {
                "slug": result.before.slug,
                "causes": list(result.causes),
                "before": result.before.model_dump(mode="json"),
                "after": result.after.model_dump(mode="json"),
                "saved": saved is not None,
            }
        )
        return
    say(f"{result.before.slug}")
    say(f"  before  {verdict(result.before)}  [{result.before.headline.profile}]")
    say(f"  after   {verdict(result.after)}  [{result.after.headline.profile}]")
    for cause in result.causes or ("nothing differs",):
        say(f"  because {cause}")
    say(f"stored as a draft: {reason}" if saved else "nothing was stored (--save --reason … keeps it)")


def print_band_changes(profile: str, *, save: bool, reason: str, as_json: bool) -> None:
    """The report to read before a formula is adopted, row by row; with `save` the agents that moved get new drafts."""
    settings = load()
    formula = profile_named(profile or settings.profile).id
    agents = moved = 0
    head = f'{{"profile": {json.dumps(formula)}, "moved": [' if as_json else ROW.format(*COLUMNS)
    with open_store(settings, create=False) as store:
        say(head)
        for row in band_rows(store, formula):
            agents += 1
            if row.moved:
                say(("," if moved else "") + json.dumps(row._asdict()) if as_json else ROW.format(*_cells(row)))
                moved += 1
        adopted = adopt(store, formula, reason) if save else 0
    if as_json:
        say(f'], "agents": {agents}, "adopted": {adopted}}}')
        return
    say(f"{moved} of {agents} agents change band under {formula}")
    say(f"{adopted} drafts stored: {reason}" if save else "nothing was stored (--save --reason … adopts it)")


def adopt(store: Store, formula: str, reason: str, only: str | None = None) -> int:
    """Assesses every stored extraction by the formula; gives how many drafts are new."""
    adopted, pairs = 0, store.assessments.stored(only)
    while page := list(islice(pairs, ONE_WRITE)):
        with store.writing():
            adopted += sum(_adopt(store, pair, formula) for pair in page)
    event: dict[str, Any] = {"profile": formula, "reason": reason, "drafts": adopted}
    store.note("rescore.adopted", only or "", event, operator())
    return adopted


def _adopt(store: Store, pair: StoredPair, formula: str) -> bool:
    extraction = Extraction.model_validate_json(pair.extraction)
    versions = rescored(Provenance.model_validate(json.loads(pair.assessment)["provenance"]), formula)
    return store.assessments.put(extraction, assess(extraction, pair.extraction_digest, versions, formula))


COLUMNS = ("agent", "before", "after", "why")
ROW = "{:<40}  {:<13}  {:<13}  {}"


def _cells(row: BandChange) -> tuple[str, ...]:
    return (
        row.slug,
        f"{row.before or '–'} {row.band_before or ''}",
        f"{row.after or '–'} {row.band_after or ''}",
        "; ".join(row.why),
    )
