"""MAESTRO for listings: catalogue, everyday words to catalogue ids, names of layers, core risks per layer.

Idea: pages speak of "prompt injection" and "leaked keys", the catalogue does not; a small table carries one
to the other, and both are kept. Invariant: nothing here changes a score (AIVSS 0.8, Appendix C); MAESTRO and
AIVSS only share evidence. L6 of the catalogue is about security agents; everyday words of compliance stay
words.
"""

from __future__ import annotations

import re

from scoring.maestro.everyday_terms import EVERYDAY
from scoring.maestro.threat_catalogue import CATALOGUE, Threat
from scoring.vocabulary import CoreRisk, MaestroLayer

__all__ = ["CATALOGUE", "LAYER_RISKS", "Threat", "layer_named", "threats_named_in"]

LAYER_RISKS: dict[MaestroLayer, tuple[CoreRisk, ...]] = {
    MaestroLayer.L1: (CoreRisk.GOAL_MANIPULATION, CoreRisk.UNTRACEABILITY),
    MaestroLayer.L2: (CoreRisk.MEMORY_MANIPULATION, CoreRisk.SUPPLY_CHAIN),
    MaestroLayer.L3: (CoreRisk.ORCHESTRATION, CoreRisk.CASCADING_FAILURES),
    MaestroLayer.L4: (CoreRisk.CRITICAL_SYSTEMS, CoreRisk.ACCESS_CONTROL),
    MaestroLayer.L5: (CoreRisk.UNTRACEABILITY, CoreRisk.CASCADING_FAILURES),
    MaestroLayer.L6: (CoreRisk.IDENTITY_IMPERSONATION, CoreRisk.ACCESS_CONTROL),
    MaestroLayer.L7: (CoreRisk.TOOL_MISUSE, CoreRisk.SUPPLY_CHAIN),
}
"""Primary core risks of each layer, AIVSS 0.8 Appendix C (not exhaustive there either)."""

_EVERYDAY = tuple((re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE), ids) for ids, words in EVERYDAY)
_ID = re.compile(r"(?<![\w.])(?:L[1-7]|X)\.\d{1,2}(?![\w.]*\d)")
_NAMED: dict[str, tuple[str, ...]] = {}
for _threat in CATALOGUE.values():
    _NAMED[_threat.name.lower()] = (*_NAMED.get(_threat.name.lower(), ()), _threat.id)
_NAMES = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(name) for name in sorted(_NAMED, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)

_LAYER_WORDS: tuple[tuple[str, MaestroLayer], ...] = (
    ("foundation", MaestroLayer.L1),
    ("data", MaestroLayer.L2),
    ("framework", MaestroLayer.L3),
    ("deployment", MaestroLayer.L4),
    ("infrastructure", MaestroLayer.L4),
    ("observability", MaestroLayer.L5),
    ("evaluation", MaestroLayer.L5),
    ("compliance", MaestroLayer.L6),
    ("security", MaestroLayer.L6),
    ("ecosystem", MaestroLayer.L7),
)


def threats_named_in(text: str, layer: MaestroLayer | None = None) -> tuple[str, ...]:
    """Ids of the threats that a text names, in catalogue order; with `layer`, its own and the cross-layer ones."""
    text = " ".join(text.split())
    found = {match.group() for match in _ID.finditer(text)} & CATALOGUE.keys()
    for match in _NAMES.finditer(text):
        found.update(_NAMED[match.group().lower()])
    for words, ids in _EVERYDAY:
        if words.search(text):
            found.update(ids)
    return tuple(
        threat.id
        for threat in CATALOGUE.values()
        if threat.id in found and (layer is None or threat.layer in (layer, None))
    )


def layer_named(text: str) -> MaestroLayer | None:
    """The layer meant by `L4`, `L4 · Deployment & Infrastructure`, `Foundation Model` and the like."""
    words = text.strip().lower()
    number = re.match(r"(?:layer\s*|l)([1-7])(?!\d)", words)
    if number:
        return MaestroLayer(f"L{number.group(1)}")
    return next((layer for word, layer in _LAYER_WORDS if word in words), None)
