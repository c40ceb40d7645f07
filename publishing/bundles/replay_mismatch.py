"""Where a record that was made again differs from the one in its bundle."""

from __future__ import annotations

from typing import Any

from scoring.errors import AssayError
from scoring.record import PublishedRecord


class ReplayMismatch(AssayError):
    """A step gave something else than the bundle says."""


def check_same(what: str, made: PublishedRecord, published: PublishedRecord) -> None:
    """Raises with the first place in which two records differ."""
    ours, theirs = made.model_dump(mode="json"), published.model_dump(mode="json")
    if ours != theirs:
        place, here, there = _first_difference(ours, theirs)
        raise ReplayMismatch(
            f"{what}: {place or 'the record'} comes out as {here!r:.120}, the bundle says {there!r:.120}"
        )


def _first_difference(ours: Any, theirs: Any, place: str = "") -> tuple[str, Any, Any]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        pairs = [(key, ours.get(key), theirs.get(key)) for key in sorted(ours.keys() | theirs.keys())]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(str(n), a, b) for n, (a, b) in enumerate(zip(ours, theirs, strict=True))]
    else:
        return place, ours, theirs
    for key, here, there in pairs:
        if here != there:
            return _first_difference(here, there, f"{place}.{key}" if place else key)
    return place, ours, theirs
