"""A buyer's policy: a small file, a pure function from a match to an advice with its reasons, and the same as prose.

Every rule answers *allow*, *ask* or *deny* and the strictest answer is the advice. *Allow* needs the possible high end
within its limit, *ask* the likely one or a withheld score, and all else is *deny*. What is not known counts at its
worst: an unknown power as a power, an unknown age as too old.
Invariant: hiding evidence (a wider range, an unknown fact, a missing date) never turns deny or ask into allow.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from assay_check.endpoints import endpoint, is_url
from assay_check.errors import BadInput
from assay_check.matching import Match, Sureness
from assay_check.purl import looked_up, version_of, without_version
from assay_check.records import POWERS, RecordSummary
from assay_check.subjects import Entry, Subject, SubjectKind


class Advice(StrEnum):
    """What to do with an entry, mildest first."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


_ORDER = {advice: place for place, advice in enumerate(Advice)}
MOST_SCORE = 10.0


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Section):
    possible: float = Field(6.9, ge=0, le=10)
    likely: float = Field(8.9, ge=0, le=10)


class Evidence(_Section):
    max_age_days: int | None = Field(180, gt=0)
    stale: Advice = Advice.ASK


class Kinds(_Section):
    allowed: tuple[str, ...] | None = None
    other: Advice = Advice.DENY


class Powers(_Section):
    reads: Advice = Advice.ALLOW
    writes: Advice = Advice.ALLOW
    writes_outside: Advice = Advice.ALLOW
    runs_code: Advice = Advice.ALLOW
    sends: Advice = Advice.ALLOW
    spends: Advice = Advice.ASK


class Unknowns(_Section):
    required: tuple[str, ...] = ()
    tolerated: tuple[str, ...] = ()
    answer: Literal[Advice.ASK, Advice.DENY] = Advice.ASK


class Versions(_Section):
    unpinned: Advice = Advice.ALLOW
    other: Advice = Advice.ALLOW


class Unlisted(_Section):
    public: Advice = Advice.ASK
    local: Advice = Advice.ALLOW
    unnamed: Advice = Advice.ASK


class Disabled(_Section):
    check: bool = False


class PolicyException(_Section):
    """One subject for which a person decided, why and until when."""

    subject: str
    advice: Advice
    reason: str = Field(min_length=1)
    until: date

    @field_validator("subject")
    @classmethod
    def _is_subject(cls, value: str) -> str:
        if is_url(value):
            address = endpoint(value).address
            if address is None:
                raise ValueError("no address")
            return address
        try:
            without_version(value)
            return looked_up(value)
        except BadInput as error:
            raise ValueError("a subject is a package URL or an address, never a name") from error


class Policy(_Section):
    """What a buyer accepts. Every section may be left out."""

    format: Literal["assay-policy-1"] = "assay-policy-1"
    limits: Limits = Limits()
    evidence: Evidence = Evidence()
    kinds: Kinds = Kinds()
    powers: Powers = Powers()
    unknowns: Unknowns = Unknowns()
    versions: Versions = Versions()
    unlisted: Unlisted = Unlisted()
    disabled: Disabled = Disabled()
    exceptions: tuple[PolicyException, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule's answer, in a sentence."""

    rule: str
    advice: Advice
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The advice for an entry: the strictest of its reasons."""

    advice: Advice
    reasons: tuple[Reason, ...]

    @property
    def because(self) -> str:
        """The reasons that decide, as one sentence each."""
        return "; ".join(reason.text for reason in self.reasons if reason.advice is self.advice)


def read_policy(path: Path | None) -> Policy:
    """A policy file, or the default. Raises `BadInput` with the key that is wrong."""
    name = "the default policy" if path is None else str(path)
    try:
        text = default_text() if path is None else path.read_text("utf-8")
        return Policy.model_validate(tomllib.loads(text))
    except OSError as error:
        raise BadInput(error.strerror or "cannot be read", subject=name, next_step="name a policy file") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadInput(
            f"{where}: {first['msg']}", subject=name, next_step="see the comments of the default policy"
        ) from None
    except ValueError as error:
        raise BadInput(f"this is no TOML: {error}", subject=name, next_step="see the default policy") from None


def default_text() -> str:
    """The default policy file with its comments."""
    return resources.files("assay_check").joinpath("data/policy.toml").read_text("utf-8")


def judge(policy: Policy, entry: Entry, match: Match | None, today: date) -> Verdict:
    """The advice for one entry, with every rule's answer."""
    if entry.disabled and not policy.disabled.check:
        return Verdict(Advice.ALLOW, (Reason("disabled", Advice.ALLOW, "switched off in the file"),))
    ended: list[Reason] = []
    for exception in policy.exceptions:
        if _names(exception.subject, entry.subject):
            if today <= exception.until:
                text = f"an exception until {exception.until}: {exception.reason}"
                return Verdict(exception.advice, (Reason("exception", exception.advice, text),))
            ended.append(Reason("exception", Advice.ALLOW, f"an exception ended on {exception.until}"))
    if match is None or match.record.withdrawn is not None:
        reason = _unlisted(policy, entry.subject, match)
        return Verdict(reason.advice, (reason, *ended))
    versions = _version_reason(policy.versions, entry.subject, match)
    reasons = (*_record_reasons(policy, match.record, today), *([versions] if versions else ()), *ended)
    if match.rivals:
        others = ", ".join(match.rivals)
        reasons += (Reason("rivals", Advice.ASK, f"more than one record speaks about it, also {others}"),)
    return Verdict(stricter(*(reason.advice for reason in reasons)), reasons)


def stricter(*advice: Advice) -> Advice:
    """The strictest of these; allow when there is none."""
    return max(advice, key=_ORDER.__getitem__, default=Advice.ALLOW)


_LOCAL = (SubjectKind.LOCAL, SubjectKind.LOCAL_URL)


def _names(exception: str, subject: Subject) -> bool:
    if is_url(exception):
        return subject.endpoint == exception
    if subject.purl is None:
        return False
    if version_of(exception) is None and "tag=" not in exception:
        return without_version(subject.purl) == without_version(exception)
    return subject.purl == exception


def _unlisted(policy: Policy, subject: Subject, match: Match | None) -> Reason:
    if match is not None:
        advice = stricter(policy.unlisted.public, Advice.ASK)
        return Reason("withdrawn", advice, f"its record is withdrawn: {match.record.withdrawn}")
    if subject.matchable:
        return Reason("unlisted", policy.unlisted.public, "no published record speaks about it")
    if subject.kind in _LOCAL:
        return Reason("local", policy.unlisted.local, f"no public subject: {subject.why}")
    return Reason("unnamed", policy.unlisted.unnamed, f"no subject that a record could match: {subject.why}")


def _record_reasons(policy: Policy, record: RecordSummary, today: date) -> list[Reason]:
    reasons = [score_reason(policy.limits, record)]
    evidence = policy.evidence
    if record.expires is None:
        reasons.append(Reason("evidence", evidence.stale, "it does not say until when its evidence is good"))
    elif record.expires < today:
        reasons.append(Reason("evidence", evidence.stale, f"its evidence expired on {record.expires}"))
    elif evidence.max_age_days is not None:
        age = None if record.assessed is None else (today - record.assessed).days
        if age is None or age > evidence.max_age_days:
            shown = "of unknown age" if age is None else f"{age} days old"
            reasons.append(
                Reason(
                    "evidence", evidence.stale, f"its evidence is {shown}, {evidence.max_age_days} days are accepted"
                )
            )
    if policy.kinds.allowed is not None and record.kind not in policy.kinds.allowed:
        reasons.append(Reason("kind", policy.kinds.other, f"its kind is {record.kind or 'not stated'}"))
    for power in POWERS:
        says = record.touches.get(power)
        answer = getattr(policy.powers, power)
        if says is not False and answer is not Advice.ALLOW:
            words = _POWER_WORDS[power]
            reasons.append(
                Reason(f"powers.{power}", answer, f"it {words}" if says else f"whether it {words} is not known")
            )
    asked = _required(policy.unknowns, record)
    if asked:
        reasons.append(Reason("unknowns", policy.unknowns.answer, f"not known: {', '.join(asked)}"))
    return reasons


_POWER_WORDS = {
    "reads": "reads data",
    "writes": "writes data",
    "writes_outside": "writes to systems outside",
    "runs_code": "runs code",
    "sends": "sends messages or data",
    "spends": "spends money",
}


def _required(unknowns: Unknowns, record: RecordSummary) -> list[str]:
    """The facts that must be known and are not. A power that is absent from `touches` is unknown too."""
    missing = {*record.unknowns, *(power for power in POWERS if power not in record.touches)}
    wanted = missing if "*" in unknowns.required else missing & set(unknowns.required)
    return sorted(wanted - set(unknowns.tolerated))


def score_reason(limits: Limits, record: RecordSummary) -> Reason:
    high = MOST_SCORE if record.possible is None else record.possible.high
    if high <= limits.possible:
        return Reason(
            "limits.possible", Advice.ALLOW, f"its possible range ends at {high:g}, {limits.possible:g} is accepted"
        )
    if record.likely is not None and record.likely.high <= limits.likely:
        text = f"likely at most {record.likely.high:g}, possible up to {high:g}, {limits.possible:g} is accepted"
        return Reason("limits.likely", Advice.ASK, text)
    if record.possible is None or record.score is None:
        return Reason("limits.withheld", Advice.ASK, "its score is withheld")
    likely = "of unknown likely range" if record.likely is None else f"likely up to {record.likely.high:g}"
    return Reason("limits", Advice.DENY, f"possible up to {high:g}, {likely}; {limits.possible:g} is accepted")


def _version_reason(versions: Versions, subject: Subject, match: Match) -> Reason | None:
    """What follows from the version. Where it is not known which of two cases it is, the stricter answer counts."""
    stated = match.version or match.tag
    if match.sureness is Sureness.OTHER_VERSION:
        return Reason("versions.other", versions.other, f"the record speaks about another version, {stated}")
    if match.sureness is not Sureness.PACKAGE:
        return None
    if subject.version or (subject.kind is SubjectKind.IMAGE and subject.tag and not stated):
        answer = stricter(versions.other, versions.unpinned)
        return Reason(
            "versions.unknown",
            answer,
            f"the record names no exact version, the entry names {subject.version or subject.tag}",
        )
    return Reason(
        "versions.unpinned", versions.unpinned, f"no exact version; the record speaks about {stated or 'none either'}"
    )


def prose(policy: Policy) -> str:
    """The policy as sentences for people, one rule a line."""
    limits, evidence, unlisted = policy.limits, policy.evidence, policy.unlisted
    lines = [
        f"Allow what can be at most {limits.possible:g} of 10, whatever is not known about it.",
        f"Ask about what is likely at most {limits.likely:g}, and where the score is withheld. Deny the rest.",
    ]
    if evidence.max_age_days is not None:
        lines.append(
            f"{_when(evidence.stale)} where evidence is older than {evidence.max_age_days} days or past its expiry."
        )
    else:
        lines.append(f"{_when(evidence.stale)} where evidence is past its expiry; its age does not matter.")
    if policy.kinds.allowed is not None:
        lines.append(f"{_verb(policy.kinds.other)} every kind but {', '.join(policy.kinds.allowed) or 'none'}.")
    for power in POWERS:
        answer: Advice = getattr(policy.powers, power)
        if answer is not Advice.ALLOW:
            lines.append(f"{_verb(answer)} what {_POWER_WORDS[power]}, or may do so for all that is known.")
    unknowns = policy.unknowns
    if unknowns.required:
        required = "every fact" if "*" in unknowns.required else ", ".join(unknowns.required)
        but = f", except {', '.join(unknowns.tolerated)}" if unknowns.tolerated else ""
        lines.append(f"{_when(unknowns.answer)} unless {required} is known{but}.")
    lines.append(f"{_when(policy.versions.other)} where the record speaks about another version.")
    lines.append(f"{_when(policy.versions.unpinned)} where no exact version is named.")
    lines.append(f"{_verb(unlisted.public)} public subjects without a record.")
    lines.append(f"{_verb(unlisted.local)} the buyer's own programs, files and addresses.")
    lines.append(f"{_verb(unlisted.unnamed)} entries that name no subject.")
    lines.append(
        "Check entries that are switched off too."
        if policy.disabled.check
        else "Pass over entries that are switched off."
    )
    for exception in policy.exceptions:
        lines.append(f"{_verb(exception.advice)} {exception.subject} until {exception.until}: {exception.reason}.")
    return "\n".join(lines) + "\n"


def _verb(advice: Advice) -> str:
    return {Advice.ALLOW: "Allow", Advice.ASK: "Ask about", Advice.DENY: "Deny"}[advice]


def _when(advice: Advice) -> str:
    return advice.value.capitalize()
