"""Entries that a registry no longer stands for: deleted, deprecated, revoked.

Invariant: an entry counts as there unless its source says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

_GONE = frozenset(
    (
        "deleted",
        "deprecated",
        "withdrawn",
        "removed",
        "yanked",
        "archived",
        "disabled",
        "inactive",
        "suspended",
        "revoked",
    )
)


def withdrawn(about: Iterable[object]) -> str:
    """What a source says of an entry that it no longer stands for; empty for one that is there."""
    for said in about:
        if not isinstance(said, dict):
            continue
        for key in ("status", "state", "lifecycle", "lifecycleStatus"):
            value = said.get(key)
            value = value.get("status", value.get("state")) if isinstance(value, dict) else value
            if isinstance(value, str) and value.strip().lower() in _GONE:
                return value.strip().lower()
        for word in _GONE:
            if said.get(word) is True or (isinstance(said.get(word), str) and said[word] and word in _DATED):
                return word
        if any(said.get(key) for key in ("deletedAt", "deleted_at", "deprecatedAt", "deprecated_at")):
            return "deleted" if said.get("deletedAt") or said.get("deleted_at") else "deprecated"
    return ""


_DATED = frozenset(("deprecated", "yanked", "withdrawn"))
"""These may carry a reason or a date in place of `true`."""
