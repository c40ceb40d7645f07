"""The plain words of the desk for what records say in codes. Invariant: no code reaches a person bare."""

from __future__ import annotations

from records.agents.review_queue import AgentStatus
from scoring.cvss.exposure_defaults import MEANINGS
from scoring.maestro.layers import CATALOGUE
from scoring.outcomes import AmendmentReason, CorrectionState
from scoring.vocabulary import (
    EXPOSURE_QUESTIONS,
    EXPOSURE_VALUES,
    FACTOR_TITLES,
    LAYER_TITLES,
    ExposureFact,
    FindingKind,
    MaestroLayer,
    RiskFactor,
)

FACT_TITLES: dict[ExposureFact, str] = {
    ExposureFact.RUNS_AT: "Where it runs",
    ExposureFact.INPUT_BARRIER: "Barrier before its actions",
    ExposureFact.SET_UP_BY: "Who sets it up",
    ExposureFact.FED_BY: "Who can feed it text",
    ExposureFact.APPROVAL: "Approval of its acts",
    ExposureFact.READS: "Reads of its user's data",
    ExposureFact.WRITES: "Changes of its user's data",
    ExposureFact.EXECUTES: "Runs commands or code",
    ExposureFact.ISOLATION: "Confinement of what it runs",
    ExposureFact.REACHES: "Other systems it reads",
    ExposureFact.CHANGES: "Other systems it changes",
    ExposureFact.SPENDS: "What it can use up",
    ExposureFact.INCIDENT: "Incidents",
    ExposureFact.CONTROL: "Enforced control",
}
GROUPS = {"summary": "Summary", "factors": "Risk factors", "layers": "MAESTRO layers", "exposure": "Exposure facts"}
REASONS: dict[AmendmentReason, str] = {
    AmendmentReason.MISREAD: "the sentence was misread",
    AmendmentReason.QUOTE_DOES_NOT_SUPPORT: "the quote does not support it",
    AmendmentReason.BETTER_EVIDENCE: "there is better evidence",
    AmendmentReason.WRONG_AGENT: "the words are about another product",
    AmendmentReason.OUTDATED: "the words are outdated",
    AmendmentReason.MARKETING_CLAIM: "it is a marketing claim",
    AmendmentReason.VENDOR_CORRECTION: "the vendor corrected it",
    AmendmentReason.OTHER: "another reason (say it in the note)",
}
FINDINGS: dict[FindingKind, str] = {
    FindingKind.HIDDEN_TEXT: "hidden text",
    FindingKind.ADDRESSES_THE_ASSESSOR: "addresses the assessor",
    FindingKind.INSTRUCTS_ITS_OWN_MODEL: "instructs its own model",
}
STATUSES: dict[AgentStatus, str] = {status: status.value.replace("_", " ") for status in AgentStatus}
VERDICTS = {
    "accepted": "accepted",
    "amended": "amended",
    "not_certain": "not certain",
    "not_applicable": "not applicable",
    "rejected": "rejected",
    "skipped": "skipped",
}
STATES: dict[CorrectionState, str] = {
    CorrectionState.RECEIVED: "received",
    CorrectionState.UNDER_REVIEW: "under review",
    CorrectionState.ACCEPTED: "accepted",
    CorrectionState.DECLINED: "declined",
}


def plain(code: object) -> str:
    """`not_certain` → `not certain`."""
    return str(code).replace("_", " ")


def title(path: str) -> str:
    """What a claim is called."""
    room, _, name = path.partition(".")
    if room == "factors" and name in tuple(RiskFactor):
        return FACTOR_TITLES[RiskFactor(name)]
    if room == "layers" and name in tuple(MaestroLayer):
        return f"{name} {LAYER_TITLES[MaestroLayer(name)]}"
    if room == "exposure" and name in tuple(ExposureFact):
        return FACT_TITLES[ExposureFact(name)]
    return "Summary" if room == "summary" else path


def question(path: str) -> str:
    """What a claim answers; empty where the title says it."""
    from scoring.rubric import RUBRIC

    room, _, name = path.partition(".")
    if room == "factors":
        return RUBRIC[RiskFactor(name)].question
    if room == "exposure":
        return EXPOSURE_QUESTIONS[ExposureFact(name)]
    return "What it is, how risky and why, where a compromise would hurt." if room == "summary" else ""


def choices(path: str) -> tuple[tuple[str, str], ...]:
    """The values that a claim can take, with what each means; none for layers and the summary."""
    from scoring.rubric import RUBRIC

    room, _, name = path.partition(".")
    if room == "exposure":
        fact = ExposureFact(name)
        told = zip(EXPOSURE_VALUES[fact], MEANINGS[fact], strict=True)
        return tuple((value, f"{plain(value)}: {meaning}") for value, meaning in told)
    if room == "factors":
        anchors = {str(value): told for value, told in RUBRIC[RiskFactor(name)].anchors.items()}
        tenths = [f"{tenth / 10:.1f}" for tenth in range(11)]
        return tuple((tenth, f"{tenth}: {anchors[tenth]}" if tenth in anchors else tenth) for tenth in tenths)
    return ()


def threat(identifier: str) -> str:
    """`L3.1` with its name in MAESTRO's catalogue."""
    known = CATALOGUE.get(identifier)
    return f"{identifier} {known.name}" if known else identifier
