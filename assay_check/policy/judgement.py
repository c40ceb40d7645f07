"""What a policy says of an entry: a pure function from a match to an advice with its reasons.

Every rule answers *allow*, *ask* or *deny* and the strictest answer is the advice. *Allow* needs the possible high end
within its limit, *ask* the likely one or a withheld score, and all else is *deny*. What is not known counts at its
worst: an unknown power as a power, an unknown age as too old.
Invariant: hiding evidence (a wider range, an unknown fact, a missing date) never turns deny or ask into allow.
"""

from dataclasses import dataclass
from datetime import date

from assay_check.endpoints import is_url
from assay_check.lookup.record_summary import POWERS, RecordSummary
from assay_check.policy.policy_file import POWER_WORDS, Advice, Evidence, Limits, Policy, Unknowns, Versions
from assay_check.purl import version_of, without_version
from assay_check.record_match import Match, Sureness
from assay_check.subjects import Entry, Subject, SubjectKind

_ORDER = {advice: place for place, advice in enumerate(Advice)}
MOST_SCORE = 10.0


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
    kind, missing = record.kind, _required(policy.unknowns, record)
    stale = _stale(policy.evidence, record, today)
    return [
        score_reason(policy.limits, record),
        *([Reason("evidence", policy.evidence.stale, stale)] if stale else []),
        *(
            [Reason("kind", policy.kinds.other, f"its kind is {kind or 'not stated'}")]
            if policy.kinds.allowed is not None and kind not in policy.kinds.allowed
            else []
        ),
        *(
            Reason(f"powers.{power}", answer, f"it {words}" if says else f"whether it {words} is not known")
            for power, words in POWER_WORDS.items()
            if (answer := getattr(policy.powers, power)) is not Advice.ALLOW
            and (says := record.touches.get(power)) is not False
        ),
        *([Reason("unknowns", policy.unknowns.answer, f"not known: {', '.join(missing)}")] if missing else []),
    ]


def _stale(evidence: Evidence, record: RecordSummary, today: date) -> str | None:
    """Why the evidence is too old, or may be."""
    if record.expires is None:
        return "it does not say until when its evidence is good"
    if record.expires < today:
        return f"its evidence expired on {record.expires}"
    age = None if record.assessed is None else (today - record.assessed).days
    most = evidence.max_age_days
    if most is None or (age is not None and age <= most):
        return None
    return f"its evidence is {'of unknown age' if age is None else f'{age} days old'}, {most} days are accepted"


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
