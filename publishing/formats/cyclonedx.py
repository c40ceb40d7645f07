"""A record as CycloneDX 1.7: the product as a component, each claim with its quotes, the assessment as an attestation.

Idea: what fits no field of the standard stands in properties named `assay:…`, so that all can be read back.
Invariants: every value is the record's own; a withheld score has no conformance; same record, same bytes.
"""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from packageurl import PackageURL

from extractors.pages.snapshot import sha256
from publishing.catalogue import Names
from publishing.formats.json_text import json_bytes
from publishing.pages.escaping import stamp
from publishing.pages.index_rows import Row
from scoring import labels
from scoring.claims import Evidence, Extraction, claim_count
from scoring.record import PublishedRecord, StatedSubject
from scoring.vocabulary import LayerStatus, SubjectKind

_PRODUCT, _ASSESSOR, _REQUIREMENT = "product", "assessor", "requirement"


def cyclonedx(record: PublishedRecord, row: Row, names: Names) -> bytes:
    """The file of one agent."""
    numbers: dict[Evidence, str] = {}
    claims = [
        {
            "bom-ref": path,
            "target": _PRODUCT,
            "predicate": f"{labels.path_title(path)}: {value}",
            "reasoning": reasoning,
            "evidence": [
                numbers.setdefault(evidence_item, f"evidence-{len(numbers) + 1}") for evidence_item in evidence
            ],
        }
        for path, value, reasoning, evidence in _claims(record.extraction)
    ]
    headline = record.assessment.headline
    count = claim_count(record.extraction)
    result: dict[str, Any] = {
        "requirement": _REQUIREMENT,
        "claims": [claim["bom-ref"] for claim in claims],
        "confidence": {"score": round(count.known / count.of, 4), "rationale": labels.claims_known(count)},
    }
    if headline.score is not None:
        risk = f"risk {headline.score} of 10 ({row.band}), from {headline.low} to {headline.high}"
        conformance = round(1 - float(headline.score) / 10, 4)
        result["conformance"] = {"score": conformance, "rationale": f"{risk}; the share that is left to 10"}
    return json_bytes(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.7",
            "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, row.digest)}",
            "version": 1,
            "metadata": {
                "timestamp": stamp(record.modified),
                "tools": {"components": [{"type": "application", "name": record.assessment.provenance.tool}]},
                "component": _component(record, names),
                "properties": _properties(record, row),
            },
            "declarations": {
                "assessors": [{"bom-ref": _ASSESSOR, "thirdParty": True, "organization": {"name": names.title}}],
                "claims": claims,
                "evidence": [
                    _evidence(record, evidence_item, reference) for evidence_item, reference in numbers.items()
                ],
                "attestations": [{"summary": record.disclaimer, "assessor": _ASSESSOR, "map": [result]}],
            },
            "definitions": {
                "standards": [
                    {
                        "bom-ref": "standard",
                        "name": "OWASP AIVSS",
                        "version": record.assessment.provenance.formula,
                        "requirements": [
                            {
                                "bom-ref": _REQUIREMENT,
                                "identifier": "AIVSS",
                                "title": "Risk, estimated from public pages",
                            }
                        ],
                    }
                ]
            },
        }
    )


def _claims(extraction: Extraction) -> Iterator[tuple[str, str, str, tuple[Evidence, ...]]]:
    """Path, value, why, and quotes of every claim."""
    for factor in extraction.factors:
        yield f"factors.{factor.factor}", str(factor.value), f"{factor.certainty}. {factor.rationale}", factor.evidence
    for layer in extraction.layers:
        status = layer.status.value if layer.status is not LayerStatus.NOT_CERTAIN else "not certain"
        yield f"layers.{layer.layer}", status, layer.text, layer.evidence
    for fact in extraction.exposure:
        yield f"exposure.{fact.fact}", fact.value or "unknown", f"{fact.certainty}. {fact.rationale}", fact.evidence


def _evidence(record: PublishedRecord, evidence: Evidence, reference: str) -> dict[str, Any]:
    """The quote, its digest, and the place in the text that the digest of the page's text names."""
    fetched = next((source.fetched_at for source in record.sources if source.url == evidence.url), record.reviewed_at)
    place = f"{quote(evidence.url, safe=':/?&=%~+,;@!$()*')}#char={evidence.start},{evidence.end}"
    found: dict[str, Any] = {
        "bom-ref": reference,
        "propertyName": "quote",
        "description": sha256(evidence.quote.encode()),
        "data": [
            {"name": "quote", "contents": {"attachment": {"contentType": "text/plain", "content": evidence.quote}}},
            {"name": evidence.text_digest, "contents": {"url": place}},
        ],
        "created": stamp(fetched),
    }
    return found | ({"expires": stamp(record.expires)} if record.expires else {})


def _component(record: PublishedRecord, names: Names) -> dict[str, Any]:
    """The product under its first package, with its other subjects beside it."""
    package = next((s for s in record.subjects if s.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE)), None)
    references = [{"type": "threat-model", "url": f"{names.base_url}/agents/{record.slug}.html"}]
    for kind, reference in ((SubjectKind.REPOSITORY, "vcs"), (SubjectKind.ENDPOINT, "distribution")):
        references += [{"type": reference, "url": s.value} for s in record.subjects if s.kind is kind]
    component: dict[str, Any] = {
        "type": "application",
        "bom-ref": _PRODUCT,
        "name": record.extraction.name,
        "externalReferences": references,
    }
    return component | (_packaged(package) if package else {})


def _packaged(package: StatedSubject) -> dict[str, Any]:
    parsed = PackageURL.from_string(package.value)
    found = {"purl": package.value, "name": parsed.name, "group": parsed.namespace, "version": package.version}
    return {key: value for key, value in found.items() if value}


def _properties(record: PublishedRecord, row: Row) -> list[dict[str, str]]:
    headline = record.assessment.headline
    found = [
        ("record", record.id),
        ("digest", row.digest),
        ("previous", record.previous),
        ("score", row.score),
        ("band", row.band),
        ("withheld", headline.withheld),
        ("low", row.low),
        ("high", row.high),
        ("likely_low", row.likely_low),
        ("likely_high", row.likely_high),
        ("firm", "yes" if row.firm else ""),
        ("advice", row.advice),
        ("vector", headline.cvss_vector),
        ("withdrawn", record.withdrawn_reason),
        ("expires", stamp(record.expires) if record.expires else ""),
        ("state", " / ".join(row.marks)),
        *(("subject", subject.value) for subject in record.subjects),
    ]
    return [{"name": f"assay:{name}", "value": value} for name, value in found if value]
