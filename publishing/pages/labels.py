"""The plain words of the pages for what the record says in codes.

Invariant: every closed set that a page prints has its words here, so that no code reaches a reader bare.
"""

from __future__ import annotations

from scoring.outcomes import Applicability, Change, ChangeCause, CorrectionState
from scoring.vocabulary import (
    FACTOR_TITLES,
    LAYER_TITLES,
    AgentKind,
    Certainty,
    ExposureFact,
    FindingKind,
    LayerStatus,
    MaestroLayer,
    RiskFactor,
)

KINDS: dict[AgentKind, str] = {
    AgentKind.AGENT: "Agent",
    AgentKind.APP: "App",
    AgentKind.FRAMEWORK: "Framework",
    AgentKind.PLATFORM: "Platform",
    AgentKind.MCP_SERVER: "MCP server",
    AgentKind.PLUGIN: "Plugin",
    AgentKind.SKILL: "Skill",
    AgentKind.TOOL: "Tool",
}

CERTAINTIES: dict[Certainty, str] = {
    Certainty.STATED: "stated",
    Certainty.INFERRED: "inferred",
    Certainty.NOT_CERTAIN: "not certain",
}

STATUSES: dict[LayerStatus, str] = {
    LayerStatus.MAPPED: "mapped",
    LayerStatus.NOT_CERTAIN: "not certain from the listing",
    LayerStatus.NOT_APPLICABLE: "not applicable",
}

APPLICABILITIES: dict[Applicability, str] = {
    Applicability.APPLIES: "applies",
    Applicability.DOES_NOT_APPLY: "does not apply",
    Applicability.UNKNOWN: "unknown, counted at its worst in the range",
}

METRICS: dict[str, tuple[str, dict[str, str]]] = {
    "AV": ("Attack vector", {"N": "Network", "A": "Adjacent", "L": "Local", "P": "Physical"}),
    "AC": ("Attack complexity", {"L": "Low", "H": "High"}),
    "AT": ("Attack requirements", {"N": "None", "P": "Present"}),
    "PR": ("Privileges required", {"N": "None", "L": "Low", "H": "High"}),
    "UI": ("User interaction", {"N": "None", "P": "Passive", "A": "Active"}),
    "VC": ("Confidentiality, own data", {"H": "High", "L": "Low", "N": "None"}),
    "VI": ("Integrity, own data", {"H": "High", "L": "Low", "N": "None"}),
    "VA": ("Availability, itself", {"H": "High", "L": "Low", "N": "None"}),
    "SC": ("Confidentiality, other systems", {"H": "High", "L": "Low", "N": "None"}),
    "SI": ("Integrity, other systems", {"H": "High", "L": "Low", "N": "None"}),
    "SA": ("Availability, other systems", {"H": "High", "L": "Low", "N": "None"}),
}

FACTS: dict[ExposureFact, str] = {
    ExposureFact.RUNS_AT: "Where it runs",
    ExposureFact.INPUT_BARRIER: "Barrier against foreign text",
    ExposureFact.SET_UP_BY: "Set up by",
    ExposureFact.FED_BY: "Who can feed it text",
    ExposureFact.APPROVAL: "Approval of its acts",
    ExposureFact.READS: "Reads of its user's data",
    ExposureFact.WRITES: "Changes of its user's state",
    ExposureFact.EXECUTES: "Runs commands or code",
    ExposureFact.ISOLATION: "Isolation of what it runs",
    ExposureFact.REACHES: "Reads in other systems",
    ExposureFact.CHANGES: "Changes in other systems",
    ExposureFact.SPENDS: "Money and quota it can use",
    ExposureFact.INCIDENT: "Known incidents",
    ExposureFact.CONTROL: "Enforceable controls",
}

CAUSES: dict[ChangeCause, str] = {
    ChangeCause.FIRST: "First publication",
    ChangeCause.SOURCE: "The source changed",
    ChangeCause.MODEL: "Another model read it",
    ChangeCause.PROMPT: "The prompt changed",
    ChangeCause.RUBRIC: "The rubric changed",
    ChangeCause.FORMULA: "The formula changed",
    ChangeCause.PERSON: "A reviewer decided",
    ChangeCause.VENDOR: "The vendor corrected",
}

FINDINGS: dict[FindingKind, str] = {
    FindingKind.HIDDEN_TEXT: "Hidden text",
    FindingKind.ADDRESSES_THE_ASSESSOR: "Text that addresses the assessor",
    FindingKind.INSTRUCTS_ITS_OWN_MODEL: "Instructions to its own model",
}

CORRECTIONS: dict[CorrectionState, str] = {
    CorrectionState.RECEIVED: "received",
    CorrectionState.UNDER_REVIEW: "under review",
    CorrectionState.ACCEPTED: "accepted",
    CorrectionState.DECLINED: "declined",
}

OUTCOMES: dict[str, str] = {
    "not_found": "not found",
    "gone": "gone for good",
    "forbidden": "the server said no",
    "robots_forbidden": "not allowed by robots.txt",
    "opted_out": "the owner asked not to be read",
    "deferred": "put off to a later night",
    "rate_limited": "asked to slow down",
    "server_error": "server error",
    "unreachable": "unreachable",
    "timeout": "took too long",
    "too_large": "too large",
    "blocked_address": "not a public address",
    "bad_url": "not a usable address",
    "bad_redirect": "redirect that leads nowhere",
    "damaged": "damaged",
    "unsupported_type": "not a text",
    "not_the_page": "another page in its place",
    "not_reached": "not reached before the run ended",
    "no_text": "no readable text",
    "too_costly": "too costly to read",
}


PLAIN_NOTES = ("disputed", "sources", "review", "versions")
"""Paths of change notes that say all in their words."""


def cause(change: Change) -> str:
    """Why a change note is there."""
    if change.path == "disputed" and change.cause is ChangeCause.VENDOR:
        return "The vendor disputes"
    return CAUSES[change.cause]


def outcome(code: str) -> str:
    return OUTCOMES.get(code, code.replace("_", " "))


def path_title(path: str) -> str:
    """`factors.autonomy_of_action` is `Autonomy of Action`; an unknown path is printed as it is."""
    room, _, name = path.partition(".")
    if room == "factors" and name in set(RiskFactor):
        return FACTOR_TITLES[RiskFactor(name)]
    if room == "layers" and name in set(MaestroLayer):
        return f"{name} {LAYER_TITLES[MaestroLayer(name)]}"
    if room == "exposure" and name in set(ExposureFact):
        return FACTS[ExposureFact(name)]
    return {"score": "Score", "summary": "Verdict"}.get(path, path.replace("_", " ").capitalize())


def path_anchor(path: str) -> str | None:
    """The anchor on the agent page of a claim's path."""
    room, _, name = path.partition(".")
    prefix = {"factors": "factor-", "layers": "layer-", "exposure": "fact-"}.get(room)
    if prefix and path_title(path) != path.replace("_", " ").capitalize():
        return prefix + name
    return {"score": "verdict", "summary": "verdict"}.get(path)


def unknown_title(unknown: str) -> str:
    """The title of a `RiskFactor` or `ExposureFact` value."""
    return FACTOR_TITLES[RiskFactor(unknown)] if unknown in set(RiskFactor) else FACTS[ExposureFact(unknown)]
