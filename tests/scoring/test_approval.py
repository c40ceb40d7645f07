"""The automatic-approval rule: every condition on its own stops it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from scoring.assessment import assess
from scoring.automatic_approval import RULE, ApprovalCase, approval_case, blocking, may_approve
from scoring.claims import Finding
from scoring.reviews import Decision, Review
from scoring.scores import Provenance
from scoring.vocabulary import FindingKind, Severity

DIGEST = "sha256:" + "1" * 64
GOOD = ApprovalCase(True, True, Severity.HIGH, Severity.HIGH, True, 0, 0, "some-model")


def test_all_conditions_together_approve() -> None:
    assert may_approve(GOOD) == (True, ())


@pytest.mark.parametrize(
    "change",
    [
        {"enabled": False},
        {"approved_by_person": False},
        {"band_now": Severity.MEDIUM},
        {"quotes_standing": False},
        {"findings": 1},
        {"on_one_sentence": 1},
        {"assessor": "lexical"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_condition_stops_it_and_is_named(change: dict[str, Any]) -> None:
    verdict = may_approve(GOOD._replace(**change))
    assert not verdict.allowed and len(verdict.because_not) == 1
    assert verdict.because_not[0] in RULE


def test_a_withheld_score_is_never_approved_by_rule() -> None:
    assert not may_approve(GOOD._replace(band_before=None, band_now=None)).allowed


def _review(**more: Any) -> Review:
    return Review(
        slug="pathfinder",
        assessment_digest=DIGEST,
        decision=Decision.APPROVE,
        reviewer="r",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        **more,
    )


def _finding(kind: FindingKind) -> Finding:
    return Finding(kind=kind, url="https://example.org/", excerpt="…")


def test_the_case_of_a_draft(make: Any, provenance: Provenance) -> None:
    known = {"runs_at": "hosted", "reads": "limited", "executes": "fixed_commands"}
    extraction = make({}, known, findings=(_finding(FindingKind.INSTRUCTS_ITS_OWN_MODEL),))
    draft = assess(extraction, DIGEST, provenance)
    case = approval_case(extraction, draft, draft, _review(), quotes_standing=True, enabled=True)
    assert may_approve(case).allowed
    assert not may_approve(approval_case(extraction, draft, draft, _review(), quotes_standing=True)).allowed
    for approved, review in ((None, _review()), (draft, None), (draft, _review(automatic=True))):
        case = approval_case(extraction, draft, approved, review, quotes_standing=True, enabled=True)
        assert not may_approve(case).allowed


def test_only_a_skills_own_instructions_do_not_block() -> None:
    assert {f.kind for f in blocking(_finding(kind) for kind in FindingKind)} == {
        FindingKind.HIDDEN_TEXT,
        FindingKind.ADDRESSES_THE_ASSESSOR,
        FindingKind.TOOL_CONTRADICTS_ITSELF,
    }
