"""A record as CycloneDX: valid by the official schema, and what is read back is the record."""

import json
from pathlib import Path
from typing import Any

import made_records as made
import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.pages.index_rows import row_of
from publishing.site import build
from scoring.record import PublishedRecord, StatedSubject
from scoring.vocabulary import SubjectKind
from tests.publishing.made_records import of_records, record_of

SUBJECTS = tuple(
    StatedSubject(kind=kind, value=value, version=version, stated_by="x", url="https://code.example/x")
    for kind, value, version in (
        (SubjectKind.PACKAGE, "pkg:npm/%40example/weather@1.4.2", "1.4.2"),
        (SubjectKind.REPOSITORY, "https://github.com/example/weather", None),
        (SubjectKind.ENDPOINT, "https://mcp.example.com/mcp", None),
    )
)


@pytest.fixture(scope="module")
def validator(shared: Path) -> Draft7Validator:
    folder = shared / "conformance/use/schemas/cyclonedx"
    schemas = [json.loads(path.read_text()) for path in folder.glob("*.schema.json")]
    registry: Registry[Any] = Registry().with_resources([(s["$id"], Resource.from_contents(s)) for s in schemas])
    whole = next(schema for schema in schemas if "bom-1.7" in schema["$id"])
    return Draft7Validator(whole, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER)


def read_back(document: dict[str, Any]) -> dict[str, Any]:
    """What the file says, by nothing but its own fields."""
    properties = document["metadata"]["properties"]
    evidence = {one["bom-ref"]: one for one in document["declarations"]["evidence"]}
    return {
        "subjects": [one["value"] for one in properties if one["name"] == "assay:subject"],
        **{one["name"]: one["value"] for one in properties if one["name"] != "assay:subject"},
        "claims": {
            claim["bom-ref"]: (
                claim["predicate"].rpartition(": ")[2],
                [(evidence[ref]["description"], evidence[ref]["data"][1]["name"]) for ref in claim["evidence"]],
            )
            for claim in document["declarations"]["claims"]
        },
        "expires": {one.get("expires") for one in evidence.values()},
    }


def as_it_is(record: PublishedRecord, digest: str) -> dict[str, Any]:
    headline, extraction = record.assessment.headline, record.extraction
    claims = {f"factors.{c.factor}": (str(c.value), c.evidence) for c in extraction.factors}
    claims |= {f"layers.{c.layer}": (c.status.value.replace("_", " "), c.evidence) for c in extraction.layers}
    claims |= {f"exposure.{c.fact}": (c.value or "unknown", c.evidence) for c in extraction.exposure}
    told = {
        "assay:record": record.id,
        "assay:digest": digest,
        "assay:previous": record.previous,
        "assay:score": None if headline.score is None else str(headline.score),
        "assay:band": headline.severity and headline.severity.value,
        "assay:withheld": headline.withheld,
        "assay:low": str(headline.low),
        "assay:high": str(headline.high),
        "assay:likely_low": str(record.likely.low) if record.likely else None,
        "assay:likely_high": str(record.likely.high) if record.likely else None,
        "assay:firm": "yes" if record.firm else None,
        "assay:advice": record.advice.word if record.advice else None,
        "assay:vector": headline.cvss_vector,
        "assay:withdrawn": record.withdrawn_reason,
        "assay:expires": record.expires and record.expires.isoformat().replace("+00:00", "Z"),
        "assay:state": " / ".join(row_of(record, digest).marks),
    }
    return {
        **{name: value for name, value in told.items() if value},
        "subjects": [subject.value for subject in record.subjects],
        "claims": {
            path: (value, [(sha256(one.quote.encode()), one.text_digest) for one in evidence])
            for path, (value, evidence) in claims.items()
        },
        "expires": {record.expires.isoformat().replace("+00:00", "Z") if record.expires else None},
    }


@pytest.mark.slow
def test_every_record_of_a_site_is_valid_and_reads_back(
    catalogue: Catalogue, site: Path, validator: Draft7Validator
) -> None:
    assert len(catalogue.digests) > 30
    for slug, digest in catalogue.digests.items():
        document = json.loads((site / "cyclonedx" / f"{slug}.cdx.json").read_bytes())
        assert not [error.message for error in validator.iter_errors(document)]
        told, wanted = read_back(document), as_it_is(record_of(catalogue, slug), digest)
        if not document["declarations"]["evidence"]:
            wanted["expires"] = set()
        assert told == wanted


def test_a_record_with_subjects_is_the_component_of_its_package(tmp_path: Path, validator: Draft7Validator) -> None:
    record = made.publish(made.world("weather"), subjects=SUBJECTS, expires=made.START.replace(year=2027))
    catalogue = of_records([record])
    document = json.loads((build(catalogue, tmp_path).path / "cyclonedx/weather.cdx.json").read_bytes())
    assert not list(validator.iter_errors(document))
    assert read_back(document) == as_it_is(record, catalogue.digests["weather"])
    component = document["metadata"]["component"]
    assert (component["purl"], component["version"], component["group"]) == (SUBJECTS[0].value, "1.4.2", "@example")
    assert {(one["type"], one["url"]) for one in component["externalReferences"][1:]} == {
        ("vcs", SUBJECTS[1].value),
        ("distribution", SUBJECTS[2].value),
    }
