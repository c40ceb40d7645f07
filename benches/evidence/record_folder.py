"""The records of a folder: a published site, bundles, or any folder of records or extractions; and what they know.

Invariant: a file that is no record is named with its reason and stops nothing.
"""

import json
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from scoring.claims import ExposureClaim, Extraction, FactorEstimate, LayerAssessment
from scoring.record import PublishedRecord
from scoring.scores import RiskRow
from scoring.vocabulary import Certainty

VERSIONS = ("1.0", "1.1")


class Reading(NamedTuple):
    extraction: Extraction
    risks: tuple[RiskRow, ...]
    """None where an extraction is given alone."""


def read(folder: Path) -> tuple[dict[str, Reading], list[dict[str, str]]]:
    """By slug, and one line for each file that is no record."""
    found: dict[str, Reading] = {}
    left: list[dict[str, str]] = []
    for file in _files(folder):
        try:
            reading = _reading(file)
            if reading.extraction.slug in found:
                raise ValueError(f"{reading.extraction.slug} stands in another file too")
            found[reading.extraction.slug] = reading
        except (ValueError, LookupError, OSError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            why = " ".join(str(error).split("\n")[:3])  # a type error names its place in the second line
            left.append({"file": str(file.relative_to(folder)), "why": why[:200]})
    return found, left


def _files(folder: Path) -> list[Path]:
    """Each record, and each file that may be one; what lies beside a bundle's `record.json` is part of it."""
    for site in (folder / "current" / "agents", folder / "agents"):
        if site.is_dir():
            return sorted(site.glob("*.json"))
    bundles = {file.parent for file in folder.rglob("record.json")}
    alone = [file for file in folder.rglob("*.json") if bundles.isdisjoint(file.parents)]
    return sorted([*(bundle / "record.json" for bundle in bundles), *folder.rglob("*.zip"), *alone])


def _reading(file: Path) -> Reading:
    body = zipfile.ZipFile(file).read("record.json") if file.suffix == ".zip" else file.read_bytes()
    content = json.loads(body)
    if not isinstance(content, dict) or not {"schema_version", "extraction", "factors"} & content.keys():
        raise ValueError("neither a record nor an extraction")
    if "schema_version" not in content:
        return Reading(Extraction.model_validate(content.get("extraction", content)), ())
    if content["schema_version"] not in VERSIONS:
        raise ValueError(f"record schema {content['schema_version']} is not read, only {' and '.join(VERSIONS)}")
    record = PublishedRecord.model_validate(content)
    return Reading(record.extraction, record.assessment.risks)


def value_of(claim: FactorEstimate | LayerAssessment | ExposureClaim) -> str:
    return str(claim.status if isinstance(claim, LayerAssessment) else claim.value)


def carried(extraction: Extraction) -> dict[str, Certainty]:
    """The known claims by path; a layer is stated."""
    return {
        path: Certainty.STATED if isinstance(claim, LayerAssessment) else claim.certainty
        for path, claim in extraction.claims.items()
        if claim.reason is None
    }
