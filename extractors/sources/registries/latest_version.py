"""Of several entries of one thing in one source, the one that counts.

Idea: registries list every version, often the oldest first, and say which is the latest. Invariant: an older version
is no evidence; where nothing tells two apart, the first stands.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from extractors.listing import Listing

_VERSION = re.compile(r"\s{0,9}[vV]?(\d{1,18}(?:\.\d{1,18}){0,9})([^+]{0,100})")
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Entry(NamedTuple):
    """One entry, and what its source says of its version."""

    identity: str
    """By which the source itself tells its things apart."""
    listing: Listing
    is_latest: bool | None = None
    published: object = None
    """A date in ISO 8601."""
    version: object = None
    status: str = ""
    """Why the source no longer stands for it (`deleted`); empty while it does."""


class LatestEntries(NamedTuple):
    """The entries that count, and what was left out, by reason."""

    listings: tuple[Listing, ...]
    left_out: Counter[str]


def latest(entries: Iterable[Entry]) -> LatestEntries:
    """The entry marked as the latest, else the newest date, else the highest version; each identity at the place where
    it came first. A thing whose latest entry is withdrawn is withdrawn."""
    best: dict[str, tuple[Any, Entry]] = {}
    versions = 0
    for entry in entries:
        versions += 1
        rank = ({True: 2, None: 1, False: 0}[entry.is_latest], _moment(entry.published), _number(entry.version))
        if entry.identity not in best or rank > best[entry.identity][0]:
            best[entry.identity] = (rank, entry)
    counted = [entry for _, entry in best.values()]
    left_out = Counter(f"its source says that it is {entry.status}" for entry in counted if entry.status)
    left_out["an older version"] += versions - len(counted)
    return LatestEntries(tuple(entry.listing for entry in counted if not entry.status), +left_out)


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
