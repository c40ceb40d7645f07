"""The records of a folder: a published site, bundles, or any folder of records or extractions; and what they know.

Invariant: a file that is no record is told with its reason and stops nothing.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from extractors.support.features import kind_of_claim
from scoring.claims import ExposureClaim, Extraction, FactorEstimate, LayerAssessment
from scoring.factor_estimates import estimates
from scoring.headline.withheld import too_little_known
from scoring.record import PublishedRecord
from scoring.scores import RiskRow
from scoring.vocabulary import Certainty

VERSIONS = ("1.0", "1.1")
SAME_WITHIN = Decimal("0.2")
"""Two values of a factor that are the same reading."""


class Reading(NamedTuple):
    extraction: Extraction
    risks: tuple[RiskRow, ...]
    """None where an extraction stands alone."""


class Recalled(NamedTuple):
    """One claim that another reading knows."""

    kind: str
    certainty: Certainty
    """There; a layer is stated."""
    found: bool
    same: bool


def read(folder: Path) -> tuple[dict[str, Reading], list[dict[str, str]]]:
    """By slug, and one line for each file that is no record."""
    found: dict[str, Reading] = {}
    left: list[dict[str, str]] = []
    for file in _files(folder):
        try:
            one = _reading(file)
            if one.extraction.slug in found:
                raise ValueError(f"{one.extraction.slug} stands in another file too")
            found[one.extraction.slug] = one
        except (ValueError, LookupError, OSError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            why = " ".join(str(error).split("\n")[:3])  # a type error names its place in the second line
            left.append({"file": str(file.relative_to(folder)), "why": why[:200]})
    return found, left


def _files(folder: Path) -> list[Path]:
    """Each record, and each file that may be one; what stands beside a bundle's `record.json` is part of it."""
    for site in (folder / "current" / "agents", folder / "agents"):
        if site.is_dir():
            return sorted(site.glob("*.json"))
    bundles = {file.parent for file in folder.rglob("record.json")}
    alone = [file for file in folder.rglob("*.json") if bundles.isdisjoint(file.parents)]
    return sorted([*(bundle / "record.json" for bundle in bundles), *folder.rglob("*.zip"), *alone])


def _reading(file: Path) -> Reading:
    body = zipfile.ZipFile(file).read("record.json") if file.suffix == ".zip" else file.read_bytes()
    given = json.loads(body)
    if not isinstance(given, dict) or not {"schema_version", "extraction", "factors"} & given.keys():
        raise ValueError("neither a record nor an extraction")
    if "schema_version" not in given:
        return Reading(Extraction.model_validate(given.get("extraction", given)), ())
    if given["schema_version"] not in VERSIONS:
        raise ValueError(f"record schema {given['schema_version']} is not read, only {' and '.join(VERSIONS)}")
    record = PublishedRecord.model_validate(given)
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


def recalled(here: Extraction, other: Extraction) -> Iterator[Recalled]:
    """What the other reading knows. A record whose headline is withheld has found nothing of it."""
    own = set() if too_little_known(estimates(here)) else carried(here).keys()
    for path, certainty in carried(other).items():
        kind = kind_of_claim(path.partition(".")[2])
        mine, theirs = value_of(here.claims[path]), value_of(other.claims[path])
        close = kind == "factor" and abs(Decimal(mine) - Decimal(theirs)) <= SAME_WITHIN
        yield Recalled(kind, certainty, path in own, path in own and (close or mine == theirs))
