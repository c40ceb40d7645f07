"""Entries made from records alone, for a buyer who names no configuration: addresses, and the usual commands.

Invariant: a command is made only for an exact version, since one without a version admits every version.
"""

from collections.abc import Iterable

from packageurl import PackageURL

from assay_check.command_lines.commands import read_command
from assay_check.configurations.configuration import Configuration
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary, Statement
from assay_check.purl import looked_up
from assay_check.redaction import shown
from assay_check.subjects import Entry, of_url


def configuration_of(records: Iterable[RecordSummary]) -> Configuration:
    """What buyers usually write for the subjects of these records, as if it were one file."""
    entries: list[Entry] = []
    for record in sorted(records, key=lambda record: record.record):
        name = shown(record.slug)
        for statement in record.subjects:
            if statement.url:
                entries.append(Entry(name, 0, "http", of_url(statement.url), url=statement.url, path=name))
            for words in spellings(statement):
                found = read_command(words)
                entries.append(Entry(name, 0, "stdio", found.subject, found.runner, argv=tuple(words), path=name))
    return Configuration("published records", "published records", tuple(entries))


def spellings(statement: Statement) -> list[list[str]]:
    """The usual commands of a package in an exact version."""
    if not statement.purl:
        return []
    try:
        parsed = PackageURL.from_string(looked_up(statement.purl))
    except (BadInput, ValueError):
        return []
    name = f"{parsed.namespace}/{parsed.name}" if parsed.namespace else parsed.name
    if not parsed.version:
        return []
    pinned = f"{name}@{parsed.version}"
    if parsed.type == "npm":
        return [["npx", "-y", pinned], ["npx", pinned], ["cmd", "/c", "npx", "-y", pinned]]
    if parsed.type == "pypi":
        exact = f"{name}=={parsed.version}"
        return [["uvx", pinned], ["uvx", exact], ["pipx", "run", exact]]
    return []
