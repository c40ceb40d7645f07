"""A check as SARIF 2.1.0: one result a finding, on the line of the entry in the buyer's file.

Invariant: a fingerprint is made of rule, file, place in the file's structure and subject, never of a line, so that an
entry that moves stays one alert; addresses of files are relative; same check, same bytes.
"""

import hashlib
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from assay_check import __version__
from assay_check.checking import Checked, CheckedEntry, CheckedFile
from assay_check.outputs.table import named
from assay_check.policy import Advice
from assay_check.record_match import Sureness
from assay_check.redaction import printable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_BASE = "%SRCROOT%"


class Rule(NamedTuple):
    """A kind of finding."""

    id: str
    name: str
    text: str
    level: str


RULES = (
    Rule("assay/denied", "PolicyDenies", "The policy does not allow this entry", "error"),
    Rule("assay/ask", "PolicyAsks", "The policy asks before this entry is used", "warning"),
    Rule("assay/no-record", "NoRecord", "No published record matches this entry", "warning"),
    Rule("assay/unpinned", "NoExactVersion", "The entry names no exact version", "note"),
    Rule("assay/other-version", "OtherVersion", "The record speaks about another version", "note"),
    Rule("assay/literal-secret", "LiteralSecret", "A credential stands in the file itself", "warning"),
    Rule("assay/unread", "NotRead", "A part of the file could not be read", "error"),
)
_PLACES = {rule.id: place for place, rule in enumerate(RULES)}


def sarif(checked: Checked, folder: Path) -> dict[str, Any]:
    """A SARIF log with one run. `folder` is what the addresses of files are relative to."""
    artifacts, results = [], []
    for file in checked.files:
        uri = _uri(file.configuration.path, folder)
        artifact: dict[str, Any] = {"location": {"uri": uri, "uriBaseId": _BASE}}
        if file.configuration.sha256:
            artifact["hashes"] = {"sha-256": file.configuration.sha256}
        artifacts.append(artifact)
        results += _results(file, uri)
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "assay-check", "version": __version__, "rules": [_rule(rule) for rule in RULES]}
                },
                "automationDetails": {"id": "assay-check/"},
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {_BASE: {"description": {"text": "the folder in which the check ran"}}},
                "artifacts": artifacts,
                "results": results,
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.text},
        "defaultConfiguration": {"level": rule.level},
    }


def _uri(path: str, folder: Path) -> str:
    relative = os.path.relpath(path, folder)
    inside = Path(path).name if relative.startswith("..") else Path(relative).as_posix()
    return quote(inside)


def _results(file: CheckedFile, uri: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    counts: Counter[str] = Counter()
    unread = (problem for problem in file.configuration.problems if not problem.harmless)
    found += [_result("assay/unread", each.what, uri, each.line, (uri, each.what), counts) for each in unread]
    for checked in file.entries:
        if checked.changed is False:
            continue
        for rule, text in _findings(checked):
            entry = checked.entry
            made = _result(rule, text, uri, entry.line, (uri, entry.path or entry.name, named(entry.subject)), counts)
            made["locations"][0]["logicalLocations"] = [{"name": entry.name, "kind": "member"}]
            made["properties"] = {"subject": named(entry.subject), "advice": str(checked.verdict.advice)}
            found.append(made)
    return found


def _findings(checked: CheckedEntry) -> list[tuple[str, str]]:
    entry, verdict, match = checked.entry, checked.verdict, checked.match
    about = named(entry.subject)
    record = "" if match is None else f" Record: {match.record.record}."
    found = []
    if verdict.advice is Advice.DENY:
        found.append(("assay/denied", f"{about}: {verdict.because}.{record}"))
    elif verdict.advice is Advice.ASK:
        rule = "assay/no-record" if match is None else "assay/ask"
        found.append((rule, f"{about}: {verdict.because}.{record}"))
    if match is not None and match.sureness is Sureness.OTHER_VERSION:
        found.append(("assay/other-version", f"{about}: the record speaks about {match.version or match.tag}."))
    elif match is not None and match.sureness is Sureness.PACKAGE and not entry.subject.version:
        spoken = f"; the record speaks about {match.version or match.tag}" if match.version or match.tag else ""
        found.append(("assay/unpinned", f"{about}: no exact version{spoken}."))
    if entry.literal_secret:
        found.append(
            ("assay/literal-secret", f"{entry.name}: a credential stands in the file; move it to the environment.")
        )
    return found


def _result(
    rule: str, text: str, uri: str, line: int, identity: tuple[str, ...], counts: Counter[str]
) -> dict[str, Any]:
    place = _PLACES[rule]
    key = json.dumps([rule, *identity])
    counts[key] += 1
    fingerprint = hashlib.sha256(f"{key}{counts[key] if counts[key] > 1 else ''}".encode()).hexdigest()
    return {
        "ruleId": rule,
        "ruleIndex": place,
        "level": RULES[place].level,
        "message": {"text": printable(text, 2_000)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": uri, "uriBaseId": _BASE},
                    "region": {"startLine": max(line, 1)},
                }
            }
        ],
        "partialFingerprints": {"assayEntry/v1": fingerprint},
    }
