"""What the bundle.json of a replay bundle says.

Invariant: what is no bundle is bad input, said in one line.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from assay_check.bundles import FORMAT
from scoring.claims import Digest, Finding, Frozen, SecondReading, SourceNotRead
from scoring.errors import BadInput
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
        told = f"is damaged: {'.'.join(map(str, first['loc']))[:100]}: {first['msg']}"
        raise BadInput(told, subject="bundle.json", step="verify") from error
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise BadInput("is a zip, but not a bundle", subject="bundle.json", step="verify") from error
    raise BadInput(f"has format {str(known)[:40]}; this program reads {FORMAT}", subject="bundle.json", step="verify")
