"""What the bundle.json of a replay bundle says, and where what is made again differs from a bundle.

Invariant: what is no bundle is bad input, said in one line.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from assay_check.bundles import FORMAT
from scoring.claims import Digest, Finding, Frozen, SecondReading, SourceNotRead
from scoring.errors import AssayError, BadInput
from scoring.record import PublishedRecord
from scoring.scores import Provenance


class Page(Frozen):
    """What bundle.json says of a page."""

    url: str
    text_digest: Digest
    page_digest: Digest
    media_type: str
    charset: str | None


class Contents(Frozen):
    """bundle.json."""

    format: str
    slug: str
    provenance: Provenance
    profile: str
    pages: tuple[Page, ...]
    not_read: tuple[SourceNotRead, ...]
    findings: tuple[Finding, ...]
    second_reading: SecondReading | None = None
    files: dict[str, str]


def contents(members: Mapping[str, bytes]) -> Contents:
    """bundle.json. Raises `BadInput` where it is none, or one of another format."""
    try:
        known = json.loads(members["bundle.json"])["format"]
        if known == FORMAT:
            return Contents.model_validate_json(members["bundle.json"])
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"is damaged: {'.'.join(map(str, first['loc']))[:100]}: {first['msg']}"
        raise BadInput(problem, subject="bundle.json", step="verify") from error
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise BadInput("is a zip, but not a bundle", subject="bundle.json", step="verify") from error
    raise BadInput(f"has format {str(known)[:40]}; this program reads {FORMAT}", subject="bundle.json", step="verify")


class ReplayMismatch(AssayError):
    """A step gave something else than the bundle says."""


def check_same(what: str, made: PublishedRecord, published: PublishedRecord) -> None:
    """Raises with the first place in which two records differ."""
    ours, theirs = made.model_dump(mode="json"), published.model_dump(mode="json")
    if ours != theirs:
        place, here, there = _first_difference(ours, theirs)
        raise ReplayMismatch(
            f"{what}: {place or 'the record'} comes out as {here!r:.120}, the bundle says {there!r:.120}"
        )


def _first_difference(ours: Any, theirs: Any, place: str = "") -> tuple[str, Any, Any]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        pairs = [(key, ours.get(key), theirs.get(key)) for key in sorted(ours.keys() | theirs.keys())]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(str(n), a, b) for n, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    else:
        return place, ours, theirs
    for key, here, there in pairs:
        if here != there:
            return _first_difference(here, there, f"{place}.{key}" if place else key)
    return place, ours, theirs
