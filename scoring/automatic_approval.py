"""The rule by which a record may be approved without a person. Off unless an operator turns it on.

Idea: the rule is data, a list of conditions that all have to hold; a refusal names each that does not.
Invariant: without a person's earlier approval there is never an automatic one, and never for the built-in
lexical assessor, a page that hides text or addresses the assessor, a sentence under too many
claims, or a record whose band has moved.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from scoring.claims import Extraction, Finding, on_one_sentence
from scoring.reviews import Review
from scoring.scores import Assessment
from scoring.vocabulary import FindingKind, Severity

LEXICAL = "lexical"


class ApprovalCase(NamedTuple):
    """What the rule looks at."""

    enabled: bool
    """The operator's switch."""
    approved_by_person: bool
    """A person approved this agent, and the approval was not taken back."""
    band_before: Severity | None
    """The band of the record that was approved; None when its score was withheld."""
    band_now: Severity | None
    quotes_standing: bool
    """Every quote of the record is still on its page."""
    findings: int
    """Findings that block, see `blocking`."""
    on_one_sentence: int
    """Claims on words that were offered for more than a sentence carries."""
    assessor: str


RULE: dict[str, Callable[[ApprovalCase], bool]] = {
    "automatic approval is switched on": lambda case: case.enabled,
    "a person approved this agent before": lambda case: case.approved_by_person,
    "the band is unchanged": lambda case: case.band_now is not None and case.band_before is case.band_now,
    "every quote still stands": lambda case: case.quotes_standing,
    "no finding about hidden text or text for the assessor": lambda case: case.findings == 0,
    "no sentence is offered for more claims than one carries": lambda case: case.on_one_sentence == 0,
    "the assessor is not the built-in lexical one": lambda case: case.assessor != LEXICAL,
}
"""The conditions by name; all of them have to hold."""


class Verdict(NamedTuple):
    allowed: bool
    because_not: tuple[str, ...]
    """The conditions that do not hold, in the rule's order."""


def may_approve(case: ApprovalCase) -> Verdict:
    """Whether the rule approves, and if not, each condition that does not hold."""
    failed = tuple(name for name, holds in RULE.items() if not holds(case))
    return Verdict(not failed, failed)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that need a person. What a skill tells its own model is its capability, and what a page shows as an
    example is none of its acts."""
    own = FindingKind.INSTRUCTS_ITS_OWN_MODEL
    return tuple(finding for finding in findings if finding.kind is not own and not finding.example)


def approval_case(
    extraction: Extraction,
    assessment: Assessment,
    approved: Assessment | None,
    last_review: Review | None,
    *,
    quotes_standing: bool,
    enabled: bool = False,
) -> ApprovalCase:
    """The case of a new draft beside the assessment that was last approved, and the review that did it."""
    by_person = last_review is not None and last_review.decision == "approve" and not last_review.automatic
    return ApprovalCase(
        enabled=enabled,
        approved_by_person=by_person and approved is not None,
        band_before=approved.headline.severity if approved else None,
        band_now=assessment.headline.severity,
        quotes_standing=quotes_standing,
        findings=len(blocking(extraction.findings)),
        on_one_sentence=len(on_one_sentence(extraction)),
        assessor=extraction.assessor,
    )
