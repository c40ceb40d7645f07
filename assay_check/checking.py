"""The check itself: configurations, a site and a policy in; every entry with its record and its advice out.

Invariant: the site is asked once for all entries; what a policy says of an entry never depends on its neighbours.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum
from pathlib import Path

from assay_check.configurations.configuration import Configuration
from assay_check.configurations.package_lists import of_purl
from assay_check.errors import BadInput
from assay_check.lookup.hash_prefixes import subject_keys
from assay_check.lookup.record_summary import RecordSummary
from assay_check.lookup.site_lookup import Records
from assay_check.policy import Advice, Policy, Reason, Verdict, judge, stricter
from assay_check.record_match import Match, Sureness, best_match
from assay_check.subjects import Entry


class Exit(IntEnum):
    """What the command answers to a program."""

    ALLOWED = 0
    BAD_INPUT = 2
    DENIED = 4
    ASKED = 5


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry, the record that matches it, if any, and what the policy says. `changed`: modified since the date."""

    entry: Entry
    match: Match | None
    verdict: Verdict
    changed: bool | None = None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    configuration: Configuration
    entries: tuple[CheckedEntry, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer for all files. `site` is where records were looked up, `since` the date of `--since`."""

    files: tuple[CheckedFile, ...]
    policy: Policy
    today: date
    site: str | None = None
    since: date | None = None

    @property
    def entries(self) -> list[CheckedEntry]:
        return [entry for file in self.files for entry in file.entries]

    @property
    def exit_code(self) -> Exit:
        """4 before 2 before 5: a denial is certain, an unread file may hide one."""
        counted = [entry for entry in self.entries if entry.changed is not False]
        advice = stricter(*(entry.verdict.advice for entry in counted))
        if advice is Advice.DENY:
            return Exit.DENIED
        if any(file.configuration.unread for file in self.files):
            return Exit.BAD_INPUT
        return Exit.ASKED if advice is Advice.ASK else Exit.ALLOWED


def check(
    configurations: Sequence[Configuration],
    site: Records | None,
    policy: Policy,
    today: date,
    since: date | None = None,
) -> Checked:
    """Looks up and judges every entry. Without a site no public subject has a record."""
    subjects = [entry.subject for configuration in configurations for entry in configuration.entries]
    beside = [
        of_purl(purl) for configuration in configurations for entry in configuration.entries for purl in entry.also
    ]
    keys = sorted({key for subject in (*subjects, *beside) for key in subject_keys(subject)})
    records = site.lookup(keys) if site is not None and keys else {}

    def checked(entry: Entry) -> CheckedEntry:
        match = best_match(entry.subject, _found(records, subject_keys(entry.subject)))
        verdict = _with_companions(policy, entry, judge(policy, entry, match, today), records, today)
        modified = None if match is None else (match.record.modified or match.record.assessed)
        changed = None if since is None else (match is not None and (modified is None or modified > since))
        return CheckedEntry(entry, match, verdict, changed)

    files = tuple(CheckedFile(c, tuple(checked(entry) for entry in c.entries)) for c in configurations)
    return Checked(files, policy, today, None if site is None else site.place, since)


Assess = Callable[[Entry, Path, Sequence[Path]], RecordSummary]
"""Makes a record of an entry in this file, reading none of these configurations. Raises `BadInput` where it cannot."""


def with_local_records(checked: Checked, assess: Assess) -> tuple[Checked, tuple[str, ...]]:
    """The check with a record made now for each entry that no published one speaks about, and a line about each.

    Nobody reviewed such a record: what it says counts beside what the policy says of the unlisted, never in its place.
    """
    policy, notes = checked.policy, dict[str, None]()
    own = [Path(file.configuration.path) for file in checked.files]
    made: dict[tuple[str, str], RecordSummary | str] = {}

    def completed(path: str, item: CheckedEntry) -> CheckedEntry:
        entry, subject = item.entry, item.entry.subject
        if item.match is not None or (entry.disabled and not policy.disabled.check):
            return item
        public = subject.purl or subject.endpoint
        key = ("", public) if public else (path, f"{subject.value} {subject.digest}")
        if key not in made:
            try:
                made[key] = assess(entry, Path(path), own)
            except BadInput as error:
                made[key] = str(error)
        record = made[key]
        if isinstance(record, str):
            notes[f"line {entry.line}, {entry.name}: no local record: {record}"] = None
            return item
        waits = ": it waits for review" if record.record.startswith("draft:") else ""
        notes[f"line {entry.line}, {entry.name}: {record.record} was made here{waits}"] = None
        match = Match(record, Sureness.LOCAL, note="made here, reviewed by nobody")
        found = judge(policy, entry, match, checked.today)
        reasons = tuple(dict.fromkeys((*item.verdict.reasons, *found.reasons)))
        return replace(item, match=match, verdict=Verdict(stricter(item.verdict.advice, found.advice), reasons))

    files = tuple(
        replace(file, entries=tuple(completed(file.configuration.path, item) for item in file.entries))
        for file in checked.files
    )
    return replace(checked, files=files), tuple(notes)


def _found(records: dict[str, list[RecordSummary]], keys: Sequence[str]) -> list[RecordSummary]:
    return [record for key in keys for record in records.get(key, ())]


def _with_companions(
    policy: Policy, entry: Entry, verdict: Verdict, records: dict[str, list[RecordSummary]], today: date
) -> Verdict:
    """A package that the entry runs beside its subject counts where a record speaks about it, and only against it."""
    if entry.disabled and not policy.disabled.check:
        return verdict
    reasons: list[Reason] = []
    for purl in entry.also:
        subject = of_purl(purl)
        match = best_match(subject, _found(records, subject_keys(subject)))
        if match is not None:
            found = judge(policy, replace(entry, subject=subject), match, today)
            if found.advice is not Advice.ALLOW:
                reasons.append(Reason("also", found.advice, f"it also runs {purl}: {found.because}"))
    advice = stricter(verdict.advice, *(reason.advice for reason in reasons))
    return Verdict(advice, (*verdict.reasons, *reasons)) if reasons else verdict
