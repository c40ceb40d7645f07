"""A reviewer's changes put into an extraction; what comes out is checked like any extraction.

Idea: an amendment names a claim, what it read there, and what should stand there. Invariants: an amendment
whose `old` is no longer the current value is refused, never merged; the original is never changed; a result that
the claim types do not allow (a stated value without a quote) is refused as a whole; the support check's verdict
goes with the words that it is about.

    path        fields
    factors.F   value, certainty, text (its rationale), evidence
    exposure.F  value, certainty, text (its rationale), evidence
    layers.L    status, text, evidence
    summary     text, evidence
"""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from scoring.claims import Extraction
from scoring.errors import Refused
from scoring.reviews import Amendment, AmendmentReason
from scoring.vocabulary import (
    NOT_CERTAIN_OPENING,
    REASON_TITLES,
    Certainty,
    ExposureFact,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
)

Claim = dict[str, Any]
NOT_CERTAIN = str(Certainty.NOT_CERTAIN)


def amended(extraction: Extraction, amendments: Iterable[Amendment]) -> Extraction:
    """The extraction with every amendment in it. `Refused` if one is stale or the result is not valid."""
    changes = tuple(amendments)
    document = extraction.model_dump(mode="json")
    for change in changes:
        claim = _claim(document, change, extraction.slug)
        current = read_field(claim, change.path, change.field)
        if not _same(change.field, current, change.old):
            raise Refused(
                f"{change.path} {change.field} is {current or 'empty'} now, the review read {change.old or 'empty'}",
                subject=extraction.slug,
                step="amend",
                next_step=f"assay agents show {extraction.slug}, then review what stands there now",
            )
        _write(claim, change, extraction.slug)
    for change in changes:
        _settle(_claim(document, change, extraction.slug), change.path, changes)
    try:
        return Extraction.model_validate(document)
    except ValidationError as error:
        problem = error.errors()[0]
        raise Refused(
            f"the amended record is not valid: {str(problem['msg']).removeprefix('Value error, ')}",
            subject=extraction.slug,
            step="amend",
            next_step="amend certainty, value and evidence of one claim together",
        ) from error


def read_field(claim: Claim, path: str, field: str) -> str:
    """The current value of a claim's field, as the text that an amendment's `old` must equal; "" when absent."""
    if field == "evidence":
        return json.dumps(claim["evidence"], sort_keys=True, ensure_ascii=False)
    value = claim.get(_key(path, field))
    return "" if value is None else str(value)


def _key(path: str, field: str) -> str:
    return "rationale" if field == "text" and path.startswith(("factors.", "exposure.")) else field


def _claim(document: Claim, change: Amendment, slug: str) -> Claim:
    room, _, name = change.path.partition(".")
    places: dict[str, tuple[str, ...]] = {
        "factors": tuple(RiskFactor),
        "exposure": tuple(ExposureFact),
        "layers": tuple(MaestroLayer),
    }
    claim: Claim | None = None
    if change.path == "summary":
        claim = document["summary"]
    elif name in places.get(room, ()):
        claim = document[room][places[room].index(name)]
    if claim is None or (change.field != "evidence" and _key(change.path, change.field) not in claim):
        raise Refused(f"there is no {change.field} at {change.path}", subject=slug, step="amend")
    return claim


def _same(field: str, current: str, old: str) -> bool:
    if field != "evidence":
        return current == old
    try:
        return bool(json.loads(current) == json.loads(old or "[]"))
    except ValueError:
        return False


def _write(claim: Claim, change: Amendment, slug: str) -> None:
    if change.field == "evidence":
        try:
            claim["evidence"] = json.loads(change.new or "[]")
        except ValueError as error:
            raise Refused(f"evidence of {change.path} is not JSON: {error}", subject=slug, step="amend") from error
    elif change.field == "value" and change.path.startswith("exposure."):
        claim["value"] = change.new or None
    else:
        claim[_key(change.path, change.field)] = change.new


def _settle(claim: Claim, path: str, changes: tuple[Amendment, ...]) -> None:
    """What follows from a change: a verdict on other words goes, and a claim made uncertain loses its quotes."""
    mine = [change for change in changes if change.path == path]
    amended_fields = {change.field for change in mine}
    uncertain = claim.get("certainty", claim.get("status")) == NOT_CERTAIN
    if amended_fields & {"certainty", "status", "evidence"} or ("value" in amended_fields and not uncertain):
        claim.pop("support", None)
        claim.pop("detail", None)
    turned = [change for change in mine if change.field in ("certainty", "status")]
    if not turned:
        return
    if turned[-1].new != NOT_CERTAIN:
        claim["reason"] = None
        return
    rejected = turned[-1].reason is AmendmentReason.QUOTE_DOES_NOT_SUPPORT
    reason = NotCertainReason.QUOTE_REJECTED if rejected else NotCertainReason.NOT_STATED
    claim["reason"] = str(reason)
    if "evidence" not in amended_fields:
        claim["evidence"] = []
    if path.startswith("exposure."):
        claim["value"] = None
    if path.startswith("layers.") and "text" not in amended_fields:
        claim["text"] = f"{NOT_CERTAIN_OPENING}: {REASON_TITLES[reason]}."
