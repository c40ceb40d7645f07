"""The plain words for every code of a record: one table for the site, the desk and the command line.

Idea: a reader who moves from a page to the desk or the terminal meets the same word for the same thing. Invariant:
each closed set that is shown to a person has all of its members in `data/labels.toml` or in `vocabulary`, so that no
code is shown bare.
"""

import tomllib
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from scoring.claims import Claim, ClaimCount, LayerAssessment, SecondOutcome, SecondReading
from scoring.cvss.exposure_defaults import MEANINGS
from scoring.likely.decision import LikelyRange
from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.record import Change, ChangeCause
from scoring.reviews import LONGEST_SITTING, AmendmentReason, CorrectionState, Decision, HowDecided
from scoring.rubric import RUBRIC
from scoring.scores import AivssScore, Applicability
from scoring.tools.inventory import Verb
from scoring.vocabulary import (
    DETAIL_TITLES,
    EXPOSURE_QUESTIONS,
    EXPOSURE_VALUES,
    FACTOR_TITLES,
    LAYER_TITLES,
    REASON_TITLES,
    AgentKind,
    Certainty,
    Detail,
    ExposureFact,
    FindingKind,
    LayerStatus,
    MaestroLayer,
    RiskFactor,
    SubjectKind,
    Support,
)

Code = TypeVar("Code", bound=StrEnum)
TABLES = Path(__file__).resolve().parents[1] / "data" / "labels.toml"
_TABLES = tomllib.loads(TABLES.read_text(encoding="utf-8"))


def _words(table: str, codes: type[Code]) -> dict[Code, str]:
    """A table of `data/labels.toml`: the words of every member of a closed set, in the order of the file."""
    return {codes(code): words for code, words in _TABLES[table].items()}


DECISIONS = {Decision.APPROVE: ("approval", "approved"), Decision.REJECT: ("rejection", "rejected")}
"""The noun, and the verb of who did it."""
GROUPS = {"summary": "Summary", "factors": "Risk factors", "layers": "MAESTRO layers", "exposure": "Exposure facts"}
"""The parts of an extraction, by the first word of a claim's path."""

FACTS = _words("facts", ExposureFact)

SHORT_VALUES: dict[ExposureFact, tuple[str, ...]] = {
    ExposureFact(fact): tuple(words) for fact, words in _TABLES["short_values"].items()
}
"""Short words for the values of each fact, in their order."""

KINDS = _words("kinds", AgentKind)
CERTAINTIES = _words("certainties", Certainty)
LAYER_STATUSES = _words("layer_statuses", LayerStatus)
APPLICABILITIES = _words("applicabilities", Applicability)

SUPPORTS: dict[Support, str] = {
    Support.CARRIES: "carried",
    Support.HINTS: DETAIL_TITLES[Detail.ONLY_HINTED],
    Support.OFF: DETAIL_TITLES[Detail.QUOTE_DOES_NOT_CARRY],
}

METRICS: dict[str, tuple[str, dict[str, str]]] = {
    metric: (row["title"], row["values"]) for metric, row in _TABLES["metrics"].items()
}
"""Title of each CVSS metric, and of its values."""

HOW_DECIDED = _words("how_decided", HowDecided)


def bands(span: AivssScore | LikelyRange) -> str:
    """`Medium`, or `Medium to High`."""
    low, high = span.low_severity, span.high_severity
    return low.value if low is high else f"{low} to {high}"


def likely_bands(likely: LikelyRange, firm: bool | None) -> str:
    """`firm: it stays Medium`, or `Medium to High`."""
    return f"{'firm: it stays ' if firm else ''}{bands(likely)}"


NO_DECISION = "no likely range and no advice: it was made before there was a reference class"


def how_decided(counts: Mapping[HowDecided, int]) -> str:
    """`9 one by one, 22 unknowns together, 2 by rule`; empty where it was not kept."""
    return ", ".join(f"{counts[how]} {words}" for how, words in HOW_DECIDED.items() if counts.get(how))


def confirmed(counts: Mapping[HowDecided, int], seconds: int | None = None) -> str:
    """`9 of 31 claims, summary included, confirmed one by one, 22 unknowns together`, `approved as a whole in 4 s`,
    else as `how_decided`."""
    total, one_by_one = sum(counts.values()), counts.get(HowDecided.ONE_BY_ONE, 0)
    if total and counts.get(HowDecided.AS_A_WHOLE) == total:
        time = "an hour or more" if seconds and seconds >= LONGEST_SITTING else f"{seconds} s"
        return "approved as a whole" + ("" if seconds is None else f" in {time}")
    if not one_by_one:
        return how_decided(counts)
    rest = how_decided({how: count for how, count in counts.items() if how is not HowDecided.ONE_BY_ONE})
    return f"{one_by_one} of {total} claims, summary included, confirmed one by one{', ' * bool(rest)}{rest}"


CAUSES = _words("causes", ChangeCause)
AMENDMENT_REASONS = _words("amendment_reasons", AmendmentReason)
VERBS = _words("verbs", Verb)
CALLS = _words("calls", Verb)
"""What a call of each class does, as an infinitive; gravest first."""

FINDINGS = _words("findings", FindingKind)
SUBJECTS = _words("subjects", SubjectKind)
CORRECTIONS = _words("corrections", CorrectionState)

OUTCOMES: dict[str, str] = _TABLES["outcomes"]


def plain(code: object) -> str:
    """`not_certain` → `not certain`."""
    return str(code).replace("_", " ")


def outcome(code: str) -> str:
    """Why a page or an agent was not read. An unknown code is printed with spaces."""
    return OUTCOMES.get(code, plain(code))


def cause(change: Change) -> str:
    """Why a change note is there."""
    disputed = change.path == "disputed" and change.cause is ChangeCause.VENDOR
    return "The vendor disputes" if disputed else CAUSES[change.cause]


def known(claim: Claim | LayerAssessment) -> str:
    """`stated`, `mapped`, or `not certain: page not reached`."""
    title = LAYER_STATUSES[claim.status] if isinstance(claim, LayerAssessment) else CERTAINTIES[claim.certainty]
    return title if claim.reason is None else f"{title}: {REASON_TITLES[claim.reason]}"


def claims_known(count: ClaimCount) -> str:
    """`22 of 32 claims known`."""
    return f"{count.known} of {count.of} claims known"


def grounds(claim: Claim | LayerAssessment) -> str:
    """One line: what the quoted words do for the claim, or why none are quoted; empty when neither is recorded."""
    found = claim.support
    if found is None:
        return support_line(claim.detail, None)
    return support_line(claim.detail, found.verdict, found.why, found.reader)


def support_line(detail: str | None, verdict: Support | str | None, why: str = "", reader: str | None = None) -> str:
    """`carried: …`, `the quote only hints: …`, or `not recognised by the built-in reader`. Details are open words."""
    if verdict is None:
        return DETAIL_TITLES.get(detail, plain(detail)) if detail else ""
    title = SUPPORTS[Support(verdict)]
    by = f" (second reader: {reader})" if reader else ""
    return (f"{title}: {why}" if why else title) + by


def second_reading_line(reading: SecondReading) -> str:
    """Who read the claims a second time, and what came of it."""
    read = {
        SecondOutcome.READ: f"{reading.claims} claims read, {reading.lowered} lowered",
        SecondOutcome.NOT_READ: f"not read a second time: {reading.why}",
        SecondOutcome.NO_CLAIMS: "no claim rests on a sentence, so there was nothing to read",
    }
    return f"{reading.model}, {reading.prompt}: {read[reading.outcome]}"


@lru_cache(maxsize=1024)
def path_title(path: str) -> str:
    """`factors.autonomy_of_action` → `Autonomy of Action`. An unknown path is printed with spaces."""
    room, _, name = path.partition(".")
    if room == "factors" and name in set(RiskFactor):
        return FACTOR_TITLES[RiskFactor(name)]
    if room == "layers" and name in set(MaestroLayer):
        return f"{name} {LAYER_TITLES[MaestroLayer(name)]}"
    if room == "exposure" and name in set(ExposureFact):
        return FACTS[ExposureFact(name)]
    if room == "inventory":
        return f"Tool {name}" if name else "What it can touch"
    return plain(path).capitalize()


@lru_cache(maxsize=1024)
def unknown_title(unknown: str) -> str:
    """The title of a `RiskFactor` or `ExposureFact` value."""
    return FACTOR_TITLES[RiskFactor(unknown)] if unknown in set(RiskFactor) else FACTS[ExposureFact(unknown)]


def question(path: str) -> str:
    """What a claim answers; empty where the title says it."""
    room, _, name = path.partition(".")
    if room == "factors":
        return RUBRIC[RiskFactor(name)].question
    if room == "exposure":
        return EXPOSURE_QUESTIONS[ExposureFact(name)]
    return "What it is, how risky and why, where a compromise would hurt." if room == "summary" else ""


def meanings(fact: ExposureFact) -> Iterator[tuple[str, str]]:
    """Each value of a fact with what it means, safest first."""
    return zip(EXPOSURE_VALUES[fact], MEANINGS[fact], strict=True)


def choices(path: str) -> tuple[tuple[str, str], ...]:
    """The values that a claim can take, with what each means; none for layers and the summary."""
    room, _, name = path.partition(".")
    if room == "exposure":
        return tuple((value, f"{plain(value)}: {meaning}") for value, meaning in meanings(ExposureFact(name)))
    if room == "factors":
        anchors = {str(value): text for value, text in RUBRIC[RiskFactor(name)].anchors.items()}
        tenths = [f"{tenth / 10:.1f}" for tenth in range(11)]
        return tuple((tenth, f"{tenth}: {anchors[tenth]}" if tenth in anchors else tenth) for tenth in tenths)
    return ()


def threat_name(identifier: str) -> str:
    """The name of a MAESTRO threat; empty for an id that the catalogue does not know."""
    threat = CATALOGUE.get(identifier)
    return threat.name if threat else ""
