"""A replay bundle's members, and what its bundle.json says of them.

Invariant: nothing is unpacked to a disk; what is no bundle is bad input, said in one line.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from assay_check.bundles import FORMAT, MOST_BYTES
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


def read(path: Path) -> dict[str, bytes]:
    """The members of the zip by name."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise BadInput("unpacks to too many bytes", subject=str(path), step="verify")
            return {member.filename: archive.read(member) for member in archive.infolist()}
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise BadInput(
            f"is not a bundle ({error})", subject=str(path), step="verify", next_step="assay record bundle SLUG"
        ) from error


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
