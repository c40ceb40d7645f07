"""A check for people: a block a file, a few lines an entry, and what to do next."""

from collections.abc import Iterator

from assay_check.checking import Checked, CheckedEntry
from assay_check.endpoints import is_url
from assay_check.lookup.record_summary import POWERS, RecordSummary, Span
from assay_check.policy import Advice
from assay_check.redaction import printable, shown, shown_address
from assay_check.subjects import Subject

_WORDS = {Advice.ALLOW: "allow", Advice.ASK: "ASK", Advice.DENY: "DENY"}


def table(checked: Checked) -> str:
    """Plain text, without colour or control characters."""
    return "".join(f"{printable(line, 2_000)}\n" for line in _lines(checked))


def _lines(checked: Checked) -> Iterator[str]:
    for file in checked.files:
        configuration = file.configuration
        count = len(file.entries)
        yield f"{shown(configuration.path, 200)} ({configuration.form}, {count} {'entry' if count == 1 else 'entries'})"
        for problem in configuration.problems:
            yield f"  {'note' if problem.harmless else 'NOT READ'}, line {problem.line}: {problem.what}"
        for entry in file.entries:
            if entry.changed is not False:
                yield from _entry(entry, checked)
        yield ""
    yield _summary(checked)


def _entry(checked: CheckedEntry, whole: Checked) -> Iterator[str]:
    entry, verdict = checked.entry, checked.verdict
    off = " (off)" if entry.disabled else ""
    yield f"  {entry.line:>4}  {_WORDS[verdict.advice]:<5}  {entry.name}{off}: {named(entry.subject)}"
    if checked.match is not None:
        record, match = checked.match.record, checked.match
        about = f" of {match.version or match.tag}" if match.version or match.tag else ""
        note = f" ({match.note})" if match.note else ""
        how = f"by {match.sureness}{about}{note}"
        yield f"               {_score(record)}; {how}; {_age(record, whole)}; {_where(record, whole)}"
        yield f"               touches: {_touches(record)}"
        if record.only_if and verdict.advice is not Advice.ALLOW:
            yield f"               allow only if {'; '.join(record.only_if)}"
    yield f"               {verdict.because}"
    if entry.literal_secret:
        yield "               a credential stands in the file itself: move it to the environment"


def named(subject: Subject) -> str:
    """The subject in one word, or what the file has in its place."""
    if subject.endpoint is not None:
        return shown_address(subject.endpoint)
    return subject.purl or subject.value or str(subject.kind)


def _where(record: RecordSummary, whole: Checked) -> str:
    """The address of the record, below the site where it is relative."""
    elsewhere = not whole.site or is_url(record.record) or record.record.startswith(("draft:", "local:"))
    return record.record if elsewhere else f"{(whole.site or '').rstrip('/')}/{record.record}"


def _score(record: RecordSummary) -> str:
    if record.score is None and record.possible is None:
        return "score withheld"
    score = "no score" if record.score is None else f"{record.score:g} {record.band or ''}".strip()
    return f"{score}, possible {_span(record.possible)}, likely {_span(record.likely)}"


def _span(span: Span | None) -> str:
    return "not known" if span is None else f"{span.low:g} to {span.high:g}"


def _age(record: RecordSummary, whole: Checked) -> str:
    if record.assessed is None:
        return "of unknown age"
    until = f", good until {record.expires}" if record.expires else ""
    return f"{(whole.today - record.assessed).days} days old{until}"


def _touches(record: RecordSummary) -> str:
    yes = [power for power in POWERS if record.touches.get(power)]
    unknown = [power for power in POWERS if power not in record.touches]
    text = ", ".join(power.replace("_", " ") for power in yes) or "nothing that is stated"
    return text + (f"; not known: {', '.join(power.replace('_', ' ') for power in unknown)}" if unknown else "")


def _summary(checked: Checked) -> str:
    entries = [entry for entry in checked.entries if entry.changed is not False]
    counts = {advice: sum(entry.verdict.advice is advice for entry in entries) for advice in Advice}
    advised = ", ".join(f"{count} {advice}" for advice, count in counts.items())
    changed = f" changed since {checked.since}" if checked.since else ""
    missing = "" if checked.site else "; no records were asked (name a site with --records)"
    return f"{len(entries)} entries{changed}: {advised}{missing}"
