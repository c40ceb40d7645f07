"""Where on an agent's page a claim is found. Invariant: one place makes the anchor and the links to it."""

from __future__ import annotations

from scoring.vocabulary import ExposureFact, MaestroLayer, RiskFactor

_PREFIXES: dict[str, tuple[str, frozenset[str]]] = {
    "factors": ("factor-", frozenset(RiskFactor)),
    "layers": ("layer-", frozenset(MaestroLayer)),
    "exposure": ("fact-", frozenset(ExposureFact)),
}


def path_anchor(path: str) -> str | None:
    """The anchor of a claim's path; None for a path that is no claim."""
    room, _, name = path.partition(".")
    prefix, names = _PREFIXES.get(room, ("", frozenset()))
    if name in names:
        return prefix + name
    return "touches" if room == "inventory" else {"score": "verdict", "summary": "verdict"}.get(path)


def unknown_anchor(unknown: str) -> str:
    """The anchor of a `RiskFactor` or `ExposureFact` value."""
    return ("factor-" if unknown in set(RiskFactor) else "fact-") + unknown
