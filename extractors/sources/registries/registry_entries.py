"""What a registry's entries say of their versions, and which of them count.

Idea: registries list every version, often the oldest first, and say which is the latest and which they no longer stand
for. Invariants: an older version is no evidence; where nothing distinguishes two, the first counts; an entry counts as
there unless its source says otherwise.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from extractors.listing import Listing
from extractors.sources.registries.record_kinds import KEYS

_VERSION = re.compile(r"\s{0,9}[vV]?(\d{1,18}(?:\.\d{1,18}){0,9})([^+]{0,100})")
_NEVER = datetime(1, 1, 1, tzinfo=UTC)
_GONE = (
    "deleted", "deprecated", "withdrawn", "removed", "yanked",
    "archived", "disabled", "inactive", "suspended", "revoked",
)  # fmt: skip
_WITH_REASON = ("deprecated", "yanked", "withdrawn")
"""These may carry a reason or a date in place of `true`."""
_MOMENTS = {
    "deletedAt": "deleted",
    "deleted_at": "deleted",
    "deprecatedAt": "deprecated",
    "deprecated_at": "deprecated",
}


class Entry(NamedTuple):
    """One entry, and what its source says of its version."""

    identity: str
    """What identifies the thing in its source."""
    listing: Listing
    is_latest: bool | None = None
    published: object = None
    """A date in ISO 8601."""
    version: object = None
    status: str = ""
    """Why the source no longer stands for it (`deleted`); empty while it does."""


def latest(entries: Iterable[Entry]) -> tuple[list[Listing], Counter[str]]:
    """The listings that count, and what was left out, by reason: the entry marked as the latest, else the newest date,
    else the highest version; each identity at the place where it came first. A thing whose latest entry is withdrawn is
    withdrawn."""
    versions: dict[str, list[Entry]] = {}
    for entry in entries:
        versions.setdefault(entry.identity, []).append(entry)
    best = [max(several, key=_rank) for several in versions.values()]
    left_out = Counter(f"its source says that it is {entry.status}" for entry in best if entry.status)
    left_out["an older version"] += sum(map(len, versions.values())) - len(best)
    return [entry.listing for entry in best if not entry.status], +left_out


def _rank(entry: Entry) -> Any:
    return {True: 2, None: 1, False: 0}[entry.is_latest], _moment(entry.published), _number(entry.version)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _number(value: object) -> tuple[tuple[int, ...], bool, tuple[tuple[int, str], ...]]:
    """Numbers in order; a release is higher than what came before it (`1.0.0-rc.1`)."""
    match = _VERSION.match(str(value)) if isinstance(value, str | int | float) else None
    if match is None:
        return ((), False, ())
    numbers = [int(part) for part in match[1].split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    before = tuple((int(part), "") if part.isdecimal() else (-1, part) for part in re.findall(r"[^\W_]+", match[2]))
    return tuple(numbers), not before, before


def withdrawn(about: Iterable[object]) -> str:
    """What a source says of an entry that it no longer stands for; empty for one that is there."""
    for record in about:
        if not isinstance(record, dict):
            continue
        for key in KEYS["status"]:
            value = record.get(key)
            value = value.get("status", value.get("state")) if isinstance(value, dict) else value
            if isinstance(value, str) and value.strip().lower() in _GONE:
                return value.strip().lower()
        for word in _GONE:
            reason = record.get(word)
            if reason is True or (reason and isinstance(reason, str) and word in _WITH_REASON):
                return word
        if moments := [status for key, status in _MOMENTS.items() if record.get(key)]:
            return moments[0]
    return ""
