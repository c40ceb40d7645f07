"""The cue tables: which words say which fact, and what a fact means for factors and layers.

Idea: `data/cues/*.toml` holds `[[fact]]` entries (exposure has a stricter table of its own, see `statements`). A
cue is a short pattern over word stems: a space joins words, `/` separates alternatives, `~` lets up to three words
pass, `^` is the beginning of a passage. Invariant: tables are read once, checked on reading, and their digest is
part of the completion key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from extractors.lexical.stemming import stem
from extractors.pages.snapshot import sha256
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind, MaestroLayer, RiskFactor

CUES = Path(__file__).resolve().parents[2] / "data" / "cues"

Slot = frozenset[str]
"""Stems that may stand here. Empty: a gap."""


@dataclass(frozen=True)
class Pattern:
    slots: tuple[Slot, ...]
    at_start: bool = False
    contrary: bool = False
    """These words say that the fact is not so."""


@dataclass(frozen=True)
class Fact:
    """One thing that a page can say about a product."""

    id: str
    says: str
    """In our words, after the product's name: `runs code or shell commands`."""
    patterns: tuple[Pattern, ...]
    negated: str
    """What a negated cue means: `dropped`, or `contrary`."""
    power: float = 0.0
    effects: Mapping[RiskFactor, float] = field(default_factory=dict)
    """In tenths."""
    layer: MaestroLayer | None = None
    maps: float = 1.0
    """How far it counts towards its layer being mapped; 0: it says something of the layer and pins nothing."""
    threats: tuple[str, ...] = ()
    hurts: str = ""
    """Where a compromise would hurt, in our words."""
    anywhere: bool = False
    """Set-up sections and code count in full: a compose file tells more than prose."""
    safety: bool = False
    """A claim of safety: in a product's instructions to its own model it is a wish, and not read."""
    about: bool = False
    """Counts only where the product says what it is: it tells what the product is for."""
    kinds: frozenset[AgentKind] = frozenset()
    """Says something only of these kinds. Empty: of all."""


def pattern(cue: str, contrary: bool = False) -> Pattern:
    """Reads one cue."""
    parts = cue.split()
    at_start = parts[0] == "^"
    slots = tuple(
        frozenset() if part == "~" else frozenset(stem(word) for word in part.split("/")) for part in parts[at_start:]
    )
    if not slots or not slots[0] or not slots[-1]:
        raise BadInput(f"cue {cue!r} must begin and end with a word", subject="data/cues", step="read the cue tables")
    return Pattern(slots, at_start, contrary)


def _fact(entry: dict[str, object]) -> Fact:
    layer = entry.get("layer")
    return Fact(
        id=str(entry["id"]),
        says=str(entry["says"]),
        patterns=tuple(
            pattern(cue, contrary)
            for name, contrary in (("cues", False), ("contrary", True))
            for cue in _strings(entry, name)
        ),
        negated=str(entry.get("negated", "dropped")),
        power=float(str(entry.get("power", 0))),
        effects={RiskFactor(key): float(str(value)) for key, value in _table(entry, "effects").items()},
        layer=MaestroLayer(str(layer)) if layer else None,
        maps=float(str(entry.get("maps", 1))),
        threats=tuple(_strings(entry, "threats")),
        hurts=str(entry.get("hurts", "")),
        anywhere=bool(entry.get("anywhere", False)),
        safety=bool(entry.get("safety", False)),
        about=bool(entry.get("about", False)),
        kinds=frozenset(AgentKind(kind) for kind in _strings(entry, "kinds")),
    )


def _strings(entry: dict[str, object], name: str) -> list[str]:
    value = entry.get(name, [])
    return [str(item) for item in value] if isinstance(value, list) else []


def _table(entry: dict[str, object], name: str) -> dict[str, object]:
    value = entry.get(name, {})
    return value if isinstance(value, dict) else {}


@cache
def facts() -> dict[str, Fact]:
    """Every fact by its id, in the order of the files."""
    read = [
        _fact(entry)
        for path in sorted(CUES.glob("*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("fact", [])
    ]
    by_id = {fact.id: fact for fact in read}
    if len(by_id) != len(read):
        raise BadInput("two facts have one id", subject="data/cues", step="read the cue tables")
    return by_id


@cache
def by_first_word() -> dict[str, tuple[tuple[Fact, Pattern], ...]]:
    """Patterns under each stem that can open them."""
    index: dict[str, list[tuple[Fact, Pattern]]] = {}
    for fact, pattern in _all_patterns():
        for first in pattern.slots[0]:
            index.setdefault(first, []).append((fact, pattern))
    return {first: tuple(found) for first, found in index.items()}


def _all_patterns() -> Iterator[tuple[Fact, Pattern]]:
    for fact in facts().values():
        for pattern in fact.patterns:
            yield fact, pattern


@cache
def cues_digest() -> str:
    """Of every file in `data/cues`, in order of name."""
    files = sorted(path for path in CUES.iterdir() if path.suffix in {".toml", ".json"})
    return sha256(b"\0".join(path.name.encode() + b"\0" + path.read_bytes() for path in files))
