"""What a writer hands out: files by name, and for each entry what it will do in the client and until when."""

import json
from dataclasses import dataclass
from typing import Any

from assay_check.checking import CheckedEntry
from assay_check.outputs.table import named
from assay_check.redaction import printable


@dataclass(frozen=True, slots=True)
class Effect:
    """One entry in one client: whether it will run there, why, and until when the record behind it is good."""

    checked: CheckedEntry
    runs: bool
    why: str

    def __str__(self) -> str:
        entry, match = self.checked.entry, self.checked.match
        expires = match.record.expires if match is not None and self.runs else None
        until = f"; its record expires on {expires}" if expires else ""
        return f"{entry.name} ({named(entry.subject)}): {'runs' if self.runs else 'blocked'}, {self.why}{until}"


@dataclass(frozen=True, slots=True)
class AllowList:
    """`files` by path, in the order of their importance; `effects` by entry; `notes` about the whole."""

    files: dict[str, bytes]
    effects: tuple[Effect, ...]
    notes: tuple[str, ...] = ()

    @property
    def explanation(self) -> str:
        return "".join(f"{printable(line, 2_000)}\n" for line in (*map(str, self.effects), *self.notes))


def json_bytes(value: Any) -> bytes:
    """JSON as a file that people read too."""
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()
