"""A check as JSON: every entry with its subject, the record that matches, what the policy says and why."""

from typing import Any

from assay_check.checking import Checked, CheckedEntry
from assay_check.record_match import Match
from assay_check.redaction import shown, shown_address
from assay_check.subjects import Subject

FORMAT = "assay-check-1"


def json_report(checked: Checked) -> dict[str, Any]:
    """A JSON object; the order of entries is that of the files."""
    return {
        "format": FORMAT,
        "today": checked.today.isoformat(),
        "since": None if checked.since is None else checked.since.isoformat(),
        "records": checked.site,
        "exit": int(checked.exit_code),
        "files": [
            {
                "path": shown(file.configuration.path, 400),
                "form": file.configuration.form,
                "sha256": file.configuration.sha256,
                "problems": [
                    {"line": problem.line, "problem": problem.what} for problem in file.configuration.problems
                ],
                "entries": [_entry(entry) for entry in file.entries],
            }
            for file in checked.files
        ],
    }


def _entry(checked: CheckedEntry) -> dict[str, Any]:
    entry, verdict = checked.entry, checked.verdict
    return {
        "entry": entry.name,
        "line": entry.line,
        "place": shown(entry.path, 400),
        "transport": entry.transport,
        "runner": entry.runner,
        "subject": subject_fields(entry.subject),
        "also": list(entry.also),
        "disabled": entry.disabled,
        "credentials": list(entry.credentials),
        "literal_secret": entry.literal_secret,
        "match": None if checked.match is None else _match(checked.match),
        "changed": checked.changed,
        "advice": str(verdict.advice),
        "because": verdict.because,
        "reasons": [
            {"rule": reason.rule, "advice": str(reason.advice), "text": reason.text} for reason in verdict.reasons
        ],
    }


def subject_fields(subject: Subject) -> dict[str, Any]:
    """A subject as JSON; the path of an address is masked where it looks like a token."""
    return {
        "kind": str(subject.kind),
        "matchable": subject.matchable,
        "why": subject.why,
        "purl": subject.purl,
        "version": subject.version,
        "tag": subject.tag,
        "range": subject.range,
        "image": None if subject.image is None else subject.image._asdict(),
        "endpoint": None if subject.endpoint is None else shown_address(subject.endpoint),
        "value": subject.value,
        "digest": subject.digest,
    }


def _match(match: Match) -> dict[str, Any]:
    record = match.record.model_dump(mode="json", exclude={"subjects"})
    return {
        "sureness": str(match.sureness),
        "version": match.version,
        "tag": match.tag,
        "note": match.note,
        "rivals": list(match.rivals),
        "record": record,
    }
